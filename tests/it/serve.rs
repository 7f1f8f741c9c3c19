//! The daemon: it does what is due, people decide by their links, and programs need tokens.
#![cfg(unix)]

use crate::peers::{Peer, wait};
use crate::served::{Answer, Server, TOKEN, ask, bearer};
use crate::site::{Site, TENURE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use tenure::time::Duration;
use tenure::time::clock::Clock;

/// What the button of the page of a link sends.
fn decide(server: &Server, path: &str, answer: &str) -> Answer {
    let form = form(&server.get(path).body);
    server.ask("POST", path, "", &format!("form={form}&answer={answer}"))
}

/// The token of the form on a page.
fn form(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"form\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A store with people whose accounts were last used long ago, whatever the clock says; a
/// policy that asks them, and the mail server.
pub(crate) fn site(people: &[&str]) -> (Site, Peer) {
    let mail = Peer::mail(&[]);
    let site = Site::empty();
    let now = Clock::Wall.now();
    let long_ago = now.before(Duration::days(200));
    let mut identities = "email,given_name,family_name,lifecycle_state\n".to_owned();
    let mut accounts = "app,username,email,status\n".to_owned();
    let mut activity = "app,username,source,last_login_at\n".to_owned();
    for name in people {
        writeln!(identities, "{name}@acme.example,<b>{name},Quist,").unwrap();
        writeln!(accounts, "crm,{name},{name}@acme.example,active").unwrap();
        writeln!(activity, "crm,{name},crm,{long_ago}").unwrap();
    }
    identities += "away@acme.example,Ann,Way,leave\nit@acme.example,Ida,Tran,\n";
    let folder = site.path("data");
    std::fs::create_dir(&folder).unwrap();
    let states = "state,identity_state,enabled\nleave,inactive short-term,true\n";
    for (file, text) in [
        ("lifecycle_states.csv", states),
        ("apps.csv", "app,label\ncrm,Customers & <Co>\n"),
        ("identities.csv", &identities),
        ("accounts.csv", &accounts),
        ("activity.csv", &activity),
    ] {
        std::fs::write(folder.join(file), text).unwrap();
    }
    site.configure(Some(mail.port), &[]);
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    let server = "[server]\nlisten = \"127.0.0.1:0\"\nurl = \"http://127.0.0.1:7080/\"\n\
                  secret = \"file:links\"\n[server.tokens]\nportal = \"env:PORTAL_TOKEN\"\n";
    site.write("tenure.toml", &format!("{config}{server}"));
    site.write("links", "a-secret-for-links-that-only-tests-have\n");
    site.ok(&["import", "data"]);
    site.write(
        "ask.tenure",
        "policy ask \"Unused access\"\n  for accounts in app crm\n  when inactive > 90d\n  \
         limit 1000\n  then ask owner, escalate to it@acme.example after 7d, \
         disable account\n",
    );
    site.ok(&["publish", "ask.tenure"]);
    (site, mail)
}

/// The paths of the links that were mailed, by whom to.
pub(crate) fn links(mail: &Peer) -> BTreeMap<String, String> {
    let mails = mail.events("message").into_iter();
    mails
        .map(|it| {
            let body = it["body"].as_str().unwrap().replace("\r\n", "\n");
            let link = body.lines().find(|line| line.contains("/review/")).unwrap();
            let path = link.strip_prefix("http://127.0.0.1:7080").unwrap();
            (it["envelope_to"][0].as_str().unwrap().to_owned(), path.to_owned())
        })
        .collect()
}

/// How many runs were decided.
pub(crate) fn verdicts(site: &Site) -> usize {
    let runs = site.store().runs(false).unwrap();
    let bodies = runs.iter().map(|run| serde_json::from_str(&run.body).unwrap());
    bodies.filter(|run: &Value| !run["decision"].is_null()).count()
}

/// The page asks in the words of the mail, also where they are the policy's own, and says what is
/// taken; nobody's words become a part of it that is more than text.
#[test]
fn a_page_asks_in_the_words_of_the_policy() {
    let (site, mail) = site(&["zoe"]);
    let server = Server::start(&site);
    site.write(
        "own.tenure",
        "template closing\n  subject \"Close <Zeus> of {{ user.email }}?\"\n  \
         body \"\"\"\n  Project Zeus ends.\n  So <i>may</i> we?\n\n  Answer:\n  \
         {{ review.link }}\n  \"\"\"\n\
         policy text\n  for accounts in app crm\n  when inactive > 90d\n  limit 1000\n  \
         then ask owner \"Project Zeus ends, {{ user.name }}. May we close it?\", disable account\n\
         policy words\n  for users\n  when email = \"zoe@acme.example\"\n  limit 1000\n  \
         then ask owner with closing, end sessions, disable user\n",
    );
    site.ok(&["publish", "own.tenure"]);
    let page = |policy: &str| {
        site.ok(&["activate", policy, "--at-once"]);
        let page = server.get(&links(&mail)["zoe@acme.example"]);
        assert_eq!(page.status, 200, "{page:?}");
        page.body
    };
    let text = page("text");
    for said in [
        "<h1>Do you still need Customers &amp; &lt;Co&gt; (zoe)?</h1>",
        "<p>Project Zeus ends, &lt;b&gt;zoe Quist. May we close it?</p>",
        "<p>If it is no longer needed, this follows: disable account.</p>",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("was last used"), "{text}");
    let words = page("words");
    for said in [
        "<h1>Close &lt;Zeus&gt; of zoe@acme.example?</h1>",
        "<p>Project Zeus ends.<br>\nSo &lt;i&gt;may&lt;/i&gt; we?</p>\n<p>Answer:<br>\nthis page</p>",
        "<p>If it is no longer needed, this follows: end sessions, disable user.</p>",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
}

/// Looking decides nothing; the button does, once, and the page says so ever after.
///
/// rows: L29 L43
#[test]
fn a_link_shows_the_question_and_its_button_decides() {
    let (site, mail) = site(&["zoe", "yan"]);
    let server = Server::start(&site);
    // Beside the server other commands do their work.
    site.ok(&["activate", "ask", "--at-once"]);
    let links = links(&mail);
    let link = links["zoe@acme.example"].as_str();
    assert!(link.len() > 50, "{link}");
    let page = server.get(link);
    assert_eq!(page.status, 200, "{page:?}");
    for header in [
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "frame-ancestors 'none'",
        "default-src 'none'",
        "content-type: text/html; charset=utf-8",
    ] {
        assert!(page.head.contains(header), "{header}: {}", page.head);
    }
    let token = form(&page.body);
    let last_used = Clock::Wall.now().before(Duration::days(200)).to_string();
    let (_, closes) = page.body.split_once("If nobody answers by ").unwrap();
    let closes = closes.split(',').next().unwrap();
    let shown = page.body.replace(&token, "TOKEN").replace(closes, "THEN");
    let shown = shown.replace(last_used.split('T').next().unwrap(), "DAY");
    assert_eq!(shown, include_str!("../cases/pages/asking.html"));

    // Whatever scanners do with it, nothing is decided.
    for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"] {
        for _ in 0..20 {
            server.ask(method, link, "", "");
        }
    }
    let sent = format!("form={token}&answer=remove");
    let cross =
        |headers: &str, body: &str| server.ask("POST", link, headers, body).status;
    assert_eq!(cross("Sec-Fetch-Site: cross-site\r\n", &sent), 403);
    assert_eq!(cross("Sec-Fetch-Site: same-site\r\n", &sent), 403);
    assert_eq!(cross("Origin: https://evil.example\r\n", &sent), 403);
    assert_eq!(cross("", "answer=remove"), 403);
    assert_eq!(cross("", "form=abc&answer=remove"), 403);
    let other = form(&server.get(&links["yan@acme.example"]).body);
    assert_eq!(cross("", &format!("form={other}&answer=remove")), 403);
    assert_eq!(cross("", &format!("form={token}&answer=perhaps")), 422);
    assert_eq!(cross("", &format!("form={token}&answer=keep&answer=remove")), 400);
    assert_eq!(cross("", &format!("form={token}&form={token}&answer=keep")), 400);
    assert_eq!(cross("", &"x".repeat(70_000)), 413);
    assert_eq!(verdicts(&site), 0);

    let taken = server.ask(
        "POST",
        link,
        "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n",
        &sent,
    );
    assert_eq!(taken.status, 200, "{taken:?}");
    assert!(
        taken
            .body
            .contains("<p>Thank you. Your answer has been taken in.</p>")
    );
    assert_eq!(verdicts(&site), 1);
    // What follows, follows at once, and the page says what was decided.
    wait(|| site.states().contains(&("crm/zoe".to_owned(), "removed".to_owned())));
    let after = server.get(link);
    assert_eq!(after.status, 200);
    assert!(after.body.contains("<p>Decided: remove, by zoe@acme.example on 20"));
    assert!(!after.body.contains("<form"));
    let late = server.ask("POST", link, "", &format!("form={token}&answer=keep"));
    assert_eq!(late.status, 409);
    assert!(late.body.contains("This was already decided; nothing has changed."));

    // The command line decides beside it, and a link tells who did.
    site.ok(&["decide", "2", "keep", "--as", "yan@acme.example"]);
    let page = server.get(&links["yan@acme.example"]);
    assert!(page.body.contains("<p>Decided: keep, by yan@acme.example on 20"));

    let (code, said) = server.end("-TERM");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("stopped\n"), "{said}");
    assert!(said.contains(" GET /review/… 200 in "), "{said}");
    // No token lies in the log, nor in the store.
    let tokens = links.values().map(|link| link.split_once('-').unwrap().1);
    let store = ["tenure.db", "tenure.db-wal"].map(|file| std::fs::read(site.path(file)));
    let store: Vec<u8> = store.into_iter().flatten().flatten().collect();
    let store = String::from_utf8_lossy(&store).into_owned();
    for token in tokens.chain([token.as_str(), other.as_str()]) {
        assert!(!said.contains(token) && !store.contains(token));
    }
}

/// Whoever reads along in a chat gets nobody's link; and nobody's name makes one.
///
/// rows: L30
#[test]
fn a_chat_and_a_name_hold_no_link() {
    let chat = Peer::receiver(&[]);
    let (site, mail) = site(&["zoe", "yan\u{e000}"]);
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    let config = config.replace("allow = []", &format!("allow = [{:?}]", chat.address()));
    let notify = "[notify.people]\n\"zoe@acme.example\" = \"ops\"\n[notify.chat]\n\
                  ops = \"file:chat\"\n";
    site.write("tenure.toml", &format!("{config}{notify}"));
    site.write("chat", &chat.url("/204"));
    site.ok(&["activate", "ask", "--at-once"]);
    let said = chat.journal()[0]["body"].as_str().unwrap().to_owned();
    assert!(said.contains("To answer, tell it@acme.example"), "{said}");
    assert!(!said.contains("/review/") && !said.contains('\u{e000}'), "{said}");
    let mails = mail.events("message");
    assert_eq!(mails.len(), 1);
    let body = mails[0]["body"].as_str().unwrap();
    // Her name is in the text, and the token in it once.
    let token = links(&mail).into_values().next().unwrap();
    let token = token.split_once('-').unwrap().1;
    assert_eq!((body.matches(token).count(), token.len()), (1, 43), "{body}");

    // Those who were asked hear nothing of a decision by link.
    let server = Server::start(&site);
    let link = links(&mail).into_values().next().unwrap();
    assert_eq!(decide(&server, &link, "keep").status, 200);
    wait(|| site.states().iter().any(|(_, state)| state == "kept"));
    assert_eq!(server.end("-TERM").0, Some(0));
    assert_eq!((mail.events("message").len(), chat.journal().len()), (1, 1));
}

/// Words of a policy's own show the link where they want it; a chat shows none in them either.
#[test]
fn words_of_ones_own_show_the_link() {
    let chat = Peer::receiver(&[]);
    let (site, mail) = site(&["zoe", "yan"]);
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    let config = config.replace("allow = []", &format!("allow = [{:?}]", chat.address()));
    let notify = "[notify.people]\n\"yan@acme.example\" = \"ops\"\n[notify.chat]\n\
                  ops = \"file:chat\"\n";
    site.write("tenure.toml", &format!("{config}{notify}"));
    site.write("chat", &chat.url("/204"));
    site.write(
        "own.tenure",
        "template review-request\n  subject \"{{ app.label }}\"\n  \
         body \"\"\"Please open\n{{ review.link | default('your mail') }}\n\"\"\"\n\n\
         policy own\n  for accounts in app crm\n  when inactive > 90d\n  limit 1000\n  \
         then ask owner, disable account\n",
    );
    site.ok(&["publish", "own.tenure"]);
    site.ok(&["activate", "own", "--at-once"]);
    let mails = mail.events("message");
    assert_eq!(mails.len(), 1);
    let body = mails[0]["body"].as_str().unwrap().replace("\r\n", "\n");
    let link = links(&mail).into_values().next().unwrap();
    assert!(
        body.starts_with(&format!("Please open\nhttp://127.0.0.1:7080{link}\n")),
        "{body}"
    );
    assert!(body.contains(" The link is yours alone. One answer is enough"), "{body}");
    assert_eq!(body.matches("/review/").count(), 1, "{body}");
    let said = chat.journal()[0]["body"].as_str().unwrap().to_owned();
    assert!(
        said.contains("Please open\\nyour mail") && !said.contains("/review/"),
        "{said}"
    );
    assert!(said.contains("To answer, tell it@acme.example"), "{said}");
    let token = link.split_once('-').unwrap().1;
    let store = ["tenure.db", "tenure.db-wal"].map(|file| std::fs::read(site.path(file)));
    let store: Vec<u8> = store.into_iter().flatten().flatten().collect();
    assert!(!String::from_utf8_lossy(&store).contains(token));
    let server = Server::start(&site);
    assert_eq!(decide(&server, &link, "keep").status, 200);
    assert_eq!(verdicts(&site), 1);
}

#[test]
fn of_a_hundred_decisions_at_once_one_counts() {
    let (site, mail) = site(&["zoe"]);
    let server = Server::start(&site);
    site.ok(&["activate", "ask", "--at-once"]);
    let links = links(&mail);
    let link = links["zoe@acme.example"].as_str();
    let sent = format!("form={}&answer=keep", form(&server.get(link).body));
    let answers: Vec<Answer> = thread::scope(|scope| {
        let ask = || ask(&server.address, "POST", link, ("", &sent));
        let threads: Vec<_> = (0..100).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let count = |status| answers.iter().filter(|it| it.status == status).count();
    assert_eq!((count(200), count(409)), (1, 99), "{answers:?}");
    for answer in answers.iter().filter(|it| it.status == 409) {
        assert!(answer.body.contains("Decided: keep, by zoe@acme.example on 20"));
    }
    assert_eq!(verdicts(&site), 1);
}

/// What is wrong, cut off, or of nobody's run is answered alike, and too much of it not at
/// all; what is right goes on.
#[test]
fn a_wrong_link_tells_nothing() {
    let (site, mail) = site(&["zoe"]);
    let server = Server::start(&site);
    site.ok(&["activate", "ask", "--at-once"]);
    let links = links(&mail);
    let link = links["zoe@acme.example"].as_str();
    let mut cut = link.to_owned();
    cut.pop();
    let cut = cut.as_str();
    let other_run = link.replace("/review/1-", "/review/2-");
    let form = form(&server.get(link).body);
    let as_link = format!("/review/1-{form}");
    let wrong = [cut, &other_run, "/review/x", "/review/1-", "/review/1-AAAA", &as_link];
    let mut bodies: Vec<String> = Vec::new();
    for path in wrong {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let statuses: Vec<u16> = (0..30).map(|_| server.get(cut).status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(server.get(link).status, 200);
    assert_eq!(decide(&server, link, "keep").status, 200);
}

#[test]
fn programs_show_a_token() {
    let (site, _mail) = site(&["zoe", "yan"]);
    let server = Server::start(&site);
    wait(|| server.get("/health").status == 200);
    let health: Value = serde_json::from_str(&server.get("/health").body).unwrap();
    assert_eq!(health["schema"], "tenure.health/1");
    assert_eq!(health["status"], "ok");
    let none = json!({ "everything": false, "since": null, "policies": 0 });
    assert_eq!((&health["paused"], &health["working_since"]), (&none, &Value::Null));
    let refused = server.get("/v1/identities");
    assert_eq!(refused.status, 401);
    assert!(refused.head.contains("www-authenticate: bearer"), "{}", refused.head);
    assert_eq!(
        refused.body,
        "{\"error\":{\"code\":\"unauthorized\",\"message\":\"show a token: \
         `Authorization: Bearer TOKEN`\"}}\n"
    );
    let ask = |path: &str| server.ask("GET", path, &bearer(TOKEN), "");
    assert_eq!(server.ask("GET", "/v1/identities", &bearer("x"), "").status, 401);
    let list: Value = serde_json::from_str(&ask("/v1/identities").body).unwrap();
    assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&4.into(), &4.into()));
    assert_eq!(list["Resources"][0]["userName"], "away@acme.example");
    assert_eq!(list["Resources"][0]["identityState"], "INACTIVE_SHORT_TERM");
    assert_eq!(list["Resources"][1]["identityState"], "ACTIVE");
    let page = ask("/v1/identities?startIndex=4&count=2").body;
    let page: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(page["Resources"][0]["userName"], "zoe@acme.example");
    assert_eq!(page["itemsPerPage"], 1);
    // What is not known is not left out in silence.
    assert_eq!(ask("/v1/identities?sortBy=id").status, 400);
    assert_eq!(ask("/v1/identities?count=x").status, 400);
    assert_eq!(ask("/elsewhere").status, 404);
    let posted = server.ask("POST", "/v1/identities", &bearer(TOKEN), "{}");
    assert_eq!(posted.status, 405);
    assert!(posted.body.starts_with("{\"error\":{\"code\":\"method-not-allowed\""));
    let (code, said) = server.end("-INT");
    assert_eq!(code, Some(0));
    assert!(said.contains("GET /v1/identities 200 in "), "{said}");
    assert!(said.contains(" by portal\n") && !said.contains(TOKEN), "{said}");
}

/// rows: S30
#[test]
fn people_are_found_by_a_filter() {
    let (site, _mail) = site(&["zoe", "yan"]);
    let server = Server::start(&site);
    let ask = |query: &str| {
        let path = format!("/v1/identities?{query}");
        let said = server.ask("GET", &path, &bearer(TOKEN), "");
        let list: Value = serde_json::from_str(&said.body).unwrap();
        (said.status, list)
    };
    let names = |query: &str| {
        let (status, list) = ask(query);
        assert_eq!(status, 200, "{list}");
        let people = list["Resources"].as_array().unwrap().iter();
        let names: Vec<_> = people.map(|it| it["userName"].as_str().unwrap()).collect();
        (
            list["totalResults"].as_u64().unwrap(),
            names.join(" ").replace("@acme.example", ""),
        )
    };
    let active = "filter=identityState%20eq%20%22ACTIVE%22";
    assert_eq!(names(active), (3, "it yan zoe".to_owned()));
    // As forms write it, and in any order.
    assert_eq!(
        names("count=1&filter=identityState+ne+%22active%22"),
        (1, "away".to_owned())
    );
    assert_eq!(names(&format!("{active}&startIndex=2&count=1")), (3, "yan".to_owned()));
    assert_eq!(names(&format!("{active}&startIndex=9")), (3, String::new()));
    assert_eq!(names(&format!("{active}&count=0")), (3, String::new()));
    assert_eq!(names(&format!("{active}&count=-1&startIndex=-1")), (3, String::new()));
    assert_eq!(names("filter=userName%20sw%20%22z%22"), (1, "zoe".to_owned()));
    assert_eq!(names("filter=userName%20ne%20%22zoe@acme.example%22").0, 3);
    let page = ask(&format!("{active}&startIndex=2&count=1")).1;
    assert_eq!(page["Resources"][0]["emails"][0]["value"], "yan@acme.example");
    assert_eq!(page["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    assert_eq!((&page["startIndex"], &page["itemsPerPage"]), (&2.into(), &1.into()));
    for (query, kind, detail) in [
        (
            "filter=identityState%20eq%20%22GONE%22",
            "invalidFilter",
            "the filter, letter 18: \"GONE\" is no identity state; write \"ACTIVE\", \
             \"INACTIVE_SHORT_TERM\" or \"INACTIVE_LONG_TERM\"",
        ),
        (
            "filter=title%20eq%20%22%C3%A9%22%20and%20emial%20pr",
            "invalidFilter",
            "the filter, letter 18: users have no attribute `emial`; did you mean `email`?",
        ),
        ("count=many", "invalidValue", "`count` is not a whole number"),
        ("count=1&count=2", "invalidValue", "`count` is there twice"),
    ] {
        let (status, wrong) = ask(query);
        assert_eq!(status, 400, "{wrong}");
        assert_eq!(wrong["detail"], detail);
        assert_eq!((&wrong["scimType"], &wrong["status"]), (&kind.into(), &"400".into()));
        assert_eq!(wrong["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(wrong["error"]["message"], detail);
    }
}

/// One server is enough; where it dies, the next one goes on.
#[test]
fn one_server_at_a_time_and_the_next_goes_on() {
    let (site, mail) = site(&["zoe"]);
    let server = Server::start(&site);
    let refused = site.command(&["serve"]).env("PORTAL_TOKEN", TOKEN).output().unwrap();
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(
        said,
        format!(
            "error: a server is at work on this store: process {}, listening on {}\n  help: \
             one is enough: it does all that is due\n",
            server.child.id(),
            server.address
        )
    );
    site.ok(&["activate", "ask", "--at-once"]);
    site.ok(&["run"]);
    let links = links(&mail);
    drop(server);
    let server = Server::start(&site);
    assert_eq!(decide(&server, &links["zoe@acme.example"], "remove").status, 200);
    wait(|| site.states() == [("crm/zoe".to_owned(), "removed".to_owned())]);
    assert_eq!(server.end("-TERM").0, Some(0));
}

#[test]
fn what_cannot_be_served_is_said_at_once() {
    let (site, _mail) = site(&["zoe"]);
    let no = |code: i32| {
        let mut command = Command::new(TENURE);
        command.arg("serve").current_dir(site.path("."));
        let output = command.env_remove("PORTAL_TOKEN").output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(no(2).starts_with(
        "error: the token `portal`: the environment variable `PORTAL_TOKEN` is not set\n  help: "
    ));
    site.write("links", "short");
    let all = no(2);
    let (both, help) = all.split_once("\n  help: ").unwrap();
    assert_eq!(
        both,
        "error: nobody could be let in by these:\n  the secret of links: it is shorter than 32 \
         letters\n  the token `portal`: the environment variable `PORTAL_TOKEN` is not set"
    );
    assert!(help.starts_with("set each where `tenure serve` is started"), "{help}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    site.write("tenure.toml", &format!("[server]\nlisten = \"{address}\"\n"));
    assert_eq!(
        no(2),
        format!(
            "error: {address} cannot be listened on: another program does\n  help: end the \
             program that has it, or name another one under [server] listen\n"
        )
    );
    assert!(
        site.no(2, &["serve", "--now", "2026-01-01"])
            .contains("leave --now out")
    );
}

/// Times are those of the configuration's zone, which is named.
#[test]
fn pages_and_mails_show_the_time_in_the_zone() {
    let (site, mail) = site(&["zoe"]);
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &format!("zone = \"Asia/Kolkata\"\n{config}"));
    let at = tenure::time::Timestamp::parse("2026-03-02T20:00:00Z").unwrap();
    assert_eq!(
        at.to_the_minute_in(chrono_tz::Asia::Kolkata),
        "2026-03-03 01:30 Asia/Kolkata"
    );
    assert_eq!(at.date_in(chrono_tz::Asia::Kolkata), "2026-03-03");
    // Where only the date was said, it stays that date.
    let bare = tenure::time::Timestamp::parse("2026-03-02").unwrap();
    assert_eq!(bare.date_in(chrono_tz::America::New_York), "2026-03-02");
    site.write(
        "ask.tenure",
        "policy ask \"Unused access\"\n  for accounts in app crm\n  when inactive > 90d\n  \
         limit 1000\n  then ask owner \"Until {{ run.closes_at | datetime }}.\" \
         for 7d, disable account\n",
    );
    site.ok(&["publish", "ask.tenure"]);
    let server = Server::start(&site);
    site.ok(&["activate", "ask", "--at-once"]);
    let links = links(&mail);
    let page = server.get(&links["zoe@acme.example"]);
    let (_, closes) = page.body.split_once("If nobody answers by ").unwrap();
    let closes = closes.split(',').next().unwrap();
    assert!(closes.ends_with(" Asia/Kolkata"), "{closes}");
    // The mail's window opened at the same minute, give or take one.
    let text = format!("{:?}", mail.journal());
    let (_, until) = text.split_once("Until ").unwrap();
    assert!(until.split(".\\r").next().unwrap().ends_with(" Asia/Kolkata"), "{until}");
    let shown = decide(&server, &links["zoe@acme.example"], "keep");
    assert!(shown.body.contains(" Asia/Kolkata."), "{}", shown.body);
}

/// Who comes by a browser is told where to look; programs get what they can read.
#[test]
fn who_opens_the_bare_address_is_told_where_to_look() {
    let (site, _mail) = site(&["zoe"]);
    let server = Server::start(&site);
    let page = server.ask("GET", "/", "Accept: text/html,*/*;q=0.8\r\n", "");
    assert_eq!(page.status, 404);
    assert!(page.head.contains("content-type: text/html"), "{}", page.head);
    assert!(
        page.body.contains("by the link in the message that asked you"),
        "{}",
        page.body
    );
    assert!(page.body.contains("href=\"review/style.css\""), "{}", page.body);
    let document = server.ask("GET", "/", "", "");
    assert!(document.body.starts_with("{\"error\":{\"code\":\"not-found\""));
}

/// A head or a body that never ends is cut off.
#[test]
fn nobody_waits_for_slow_senders() {
    let (site, _mail) = site(&["zoe"]);
    let server = Server::start(&site);
    let begun = |text: &str| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok();
        answer
    };
    let (head, body) = thread::scope(|scope| {
        let head = scope.spawn(|| begun("GET /health HTTP/1.1\r\nHost: x\r\nX: "));
        let body = scope.spawn(|| {
            let head = "POST /review/1-x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
            begun(&format!("{head}Content-Length: 100\r\n\r\nform="))
        });
        (head.join().unwrap(), body.join().unwrap())
    });
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(body.starts_with("HTTP/1.1 408"), "{body}");
}
