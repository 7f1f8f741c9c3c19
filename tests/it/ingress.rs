//! Events and requests over HTTP: on record before the answer, once, and never lost.
#![cfg(unix)]

use crate::peers::{Peer, header, wait};
use crate::served::{Answer, Server, TOKEN, ask, bearer};
use crate::site::{Site, acme};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tenure::time::clock::Clock;

const LEAVERS: &str = "policy leavers\n  for users\n  on user suspended\n  \
     then remove from group \"Salesforce Users\"\n";

const OFFBOARD: &str = "policy offboard\n  for users\n  on request \"/hr/offboard\"\n  \
     then remove from group \"Salesforce Users\"\n";

const GATE: &str = "policy ours\n  before user created by signup\n  \
     require email ends with \"@acme.example\" \"Sign up at work, {{ user.email }}.\"\n";

/// A store that knows the company, since now, with a policy at work.
fn site(policy: (&str, &str)) -> Site {
    site_with(policy, "[hosts]\nallow = []\n")
}

/// The same, with whoever may be reached.
fn site_with((name, text): (&str, &str), hosts: &str) -> Site {
    let site = Site::empty();
    site.configure(None, &[]);
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    let server = "[server]\nlisten = \"127.0.0.1:0\"\n[server.tokens]\n\
                  portal = \"env:PORTAL_TOKEN\"\n";
    let config = config.replace("[hosts]\nallow = []\n", hosts);
    site.write("tenure.toml", &format!("{config}{server}"));
    site.ok(&["import", &acme()]);
    let file = format!("{name}.tenure");
    site.write(&file, text);
    site.ok(&["publish", &file]);
    site.ok(&["activate", name]);
    site
}

fn suspended(id: &str) -> Value {
    json!({
        "schema": "tenure.event/1", "id": id, "event": "user suspended",
        "subject": "zoe@acme.example", "data": { "ticket": 7 }
    })
}

fn post(address: &str, path: &str, more: &str, body: &str) -> Answer {
    let head = format!("{}Content-Type: application/json\r\n{more}", bearer(TOKEN));
    ask(address, "POST", path, (&head, body))
}

/// Tells of an event.
fn tell(server: &Server, event: &Value) -> Answer {
    post(&server.address, "/v1/events", "", &event.to_string())
}

fn document(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

/// How many events somebody told of.
fn received(site: &Site) -> i64 {
    let store = Connection::open(site.path("tenure.db")).unwrap();
    let sql = "SELECT count(*) FROM event WHERE key IS NOT NULL";
    store.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn is_member(site: &Site) -> bool {
    site.dump()
        .lines()
        .any(|line| line.starts_with("membership Salesforce Users in okta zoe@"))
}

/// rows: O01 O05
#[test]
fn an_event_counts_once_and_what_follows_follows_at_once() {
    let site = site(("leavers", LEAVERS));
    let server = Server::start(&site);
    let said = tell(&server, &suspended("a"));
    assert_eq!(said.status, 202, "{said:?}");
    let mut told = document(&said);
    assert!(told["event"]["number"].take().is_i64(), "{told}");
    assert_eq!(
        told,
        json!({
            "schema": "tenure.received/1",
            "event": { "number": null, "id": "a", "repeated": false, "late": false }
        })
    );
    wait(|| !is_member(&site));
    let again = tell(&server, &suspended("a"));
    assert_eq!(
        (again.status, &document(&again)["event"]["repeated"]),
        (202, &true.into())
    );
    let mut other = suspended("a");
    other["subject"] = "yan@acme.example".into();
    let said = tell(&server, &other);
    assert_eq!(said.status, 409);
    assert_eq!(
        document(&said)["error"],
        json!({ "code": "conflict", "message": "another event was received as `a` before" })
    );
    assert_eq!(received(&site), 1);
    let events = site.json(&["events"]);
    let mut events = events["events"].as_array().unwrap().iter();
    let record = events.find(|it| it["id"] == "a").unwrap();
    assert_eq!(record["told_by"], "token portal");
    assert_eq!(record["runs"][0]["what"], "opened");
    let (code, said) = server.end("-TERM");
    assert_eq!(code, Some(0));
    assert!(said.contains(" POST /v1/events 202 in "), "{said}");
    assert!(said.contains(" by portal\n"), "{said}");
}

#[test]
fn what_cannot_be_taken_in_is_refused_with_the_reason() {
    let site = site(("leavers", LEAVERS));
    let server = Server::start(&site);
    let with = |field: &str, value: Value| {
        let mut event = suspended("a");
        event[field] = value;
        event.to_string()
    };
    let form = "it is no event of the form tenure.event/1: ";
    for (body, status, why) in [
        (
            "{".to_owned(),
            400,
            "the body is no JSON: it ends within an object: its `}` is missing"
                .to_owned(),
        ),
        (
            "[]".to_owned(),
            422,
            format!("{form}it is a list, and no object; each event is told alone"),
        ),
        (with("id", 7.into()), 422, format!("{form}`id` is a text, not 7")),
        (
            with("at", "soon".into()),
            422,
            format!(
                "{form}`at` is an instant such as \"2026-11-20T12:00:00Z\", not \"soon\""
            ),
        ),
        (
            with("user", "zoe".into()),
            422,
            format!(
                "{form}`user` is an object such as {{\"department\": \"IT\"}}, not \"zoe\""
            ),
        ),
        (
            with("subjekt", "zoe".into()),
            422,
            format!("{form}`subjekt` is no field of an event; did you mean `subject`?"),
        ),
        (json!({ "id": "a" }).to_string(), 422, format!("{form}it has no `event`")),
        (
            with("event", "user susended".into()),
            422,
            "`user susended` is no event; did you mean `user suspended`?".to_owned(),
        ),
        (
            with("subject", "zed@acme.example".into()),
            422,
            "the store knows no `zed@acme.example`".to_owned(),
        ),
        (
            with("by", "self".into()),
            422,
            "`by` says nothing of `user suspended`".to_owned(),
        ),
        (
            with("data", "x".repeat(70_000).into()),
            413,
            "the body is longer than 64 KiB, or broken off".to_owned(),
        ),
    ] {
        let said = post(&server.address, "/v1/events", "", &body);
        let code = match status {
            400 => "bad-request",
            413 => "too-large",
            _ => "unfit",
        };
        assert_eq!(said.status, status, "{said:?}");
        assert_eq!(document(&said)["error"], json!({ "code": code, "message": why }));
    }
    assert_eq!(received(&site), 0);
}

#[test]
fn who_tells_shows_a_token_and_sends_json() {
    let site = site(("leavers", LEAVERS));
    let server = Server::start(&site);
    let body = suspended("a").to_string();
    let wrong = |headers: &str| server.ask("POST", "/v1/events", headers, &body);
    let token = bearer(TOKEN);
    for (headers, status, code) in [
        (String::new(), 401, "unauthorized"),
        (bearer("x"), 401, "unauthorized"),
        (token.clone(), 415, "unsupported-media-type"),
        (format!("{token}Content-Type: text/plain\r\n"), 415, "unsupported-media-type"),
        (
            format!(
                "{token}Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
            ),
            415,
            "unsupported-media-type",
        ),
    ] {
        let said = wrong(&headers);
        assert_eq!(said.status, status, "{headers}");
        assert_eq!(document(&said)["error"]["code"], code);
    }
    assert_eq!(received(&site), 0);
    let kind = "Content-Type: application/json; charset=utf-8\r\n";
    assert_eq!(wrong(&format!("{token}{kind}")).status, 202);
}

/// rows: M08
#[test]
fn a_gate_answers_over_http() {
    let site = site(("ours", GATE));
    let server = Server::start(&site);
    let question = |id: &str, subject: &str| {
        let event = json!({
            "id": id, "event": "before user created", "subject": subject, "by": "signup"
        });
        let said = tell(&server, &event);
        assert_eq!(said.status, 200, "{said:?}");
        document(&said)["event"]["answer"].clone()
    };
    let fine = json!({ "allowed": true, "refusals": [] });
    assert_eq!(question("a", "nel@acme.example"), fine);
    let refused = question("b", "nel@else.example");
    assert_eq!(
        refused,
        json!({ "allowed": false, "refusals": [{
            "policy": "ours",
            "message": "Sign up at work, nel@else.example.",
            "because": "not so: email ends with \"@acme.example\""
        }] })
    );
    site.ok(&["deactivate", "ours"]);
    assert_eq!(question("b", "nel@else.example"), refused);
    assert_eq!(question("c", "nel@else.example"), fine);
    assert!(!site.dump().contains("\nuser nel@"));
}

/// Whatever was answered with 202 is there, whenever the server is killed.
#[test]
fn nothing_that_was_taken_in_is_lost() {
    let site = site(("leavers", LEAVERS));
    let server = Server::start(&site);
    let address = server.address.clone();
    let count = AtomicUsize::new(0);
    let taken: Vec<String> = thread::scope(|scope| {
        let senders: Vec<_> = (0..8)
            .map(|sender| {
                let (address, count) = (&address, &count);
                scope.spawn(move || {
                    let mut taken = Vec::new();
                    for number in 0..10_000 {
                        let id = format!("{sender}-{number}");
                        let body = suspended(&id).to_string();
                        let Some(said) = attempt(address, &body) else { break };
                        match said {
                            202 => {
                                taken.push(id);
                                count.fetch_add(1, Ordering::Relaxed);
                            }
                            503 => {}
                            _ => panic!("{said}"),
                        }
                    }
                    taken
                })
            })
            .collect();
        wait(|| count.load(Ordering::Relaxed) > 100);
        // Killed without warning.
        drop(server);
        senders.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert!(taken.len() > 100, "{}", taken.len());
    let server = Server::start(&site);
    for id in &taken {
        let said = tell(&server, &suspended(id));
        assert_eq!(
            (said.status, &document(&said)["event"]["repeated"]),
            (202, &true.into())
        );
    }
    wait(|| !is_member(&site));
    assert_eq!(server.end("-TERM").0, Some(0));
}

/// The status of an answer; nothing where nobody answers any more.
fn attempt(address: &str, body: &str) -> Option<u16> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).ok()?;
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nHost: {address}\r\n{}Content-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        bearer(TOKEN),
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split(' ').nth(1)?.parse().ok()
}

/// Those that come together are taken in together, each by itself.
#[test]
fn one_that_is_refused_keeps_none_of_the_others_out() {
    let site = site(("leavers", LEAVERS));
    let server = Server::start(&site);
    let other = Connection::open(site.path("tenure.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answers: Vec<Answer> = thread::scope(|scope| {
        let (server, other) = (&server, &other);
        let senders: Vec<_> = (0..30)
            .map(|number| {
                let mut event = suspended(&format!("e{}", number / 2));
                match number % 3 {
                    0 => {
                        event["id"] = format!("x{number}").into();
                        event["subject"] = "zed@acme.example".into();
                    }
                    _ => event["data"] = (number / 2).into(),
                }
                scope.spawn(move || tell(server, &event))
            })
            .collect();
        // All of them wait by now, or come behind those that do.
        let (_keep, never) = mpsc::channel::<()>();
        assert!(never.recv_timeout(Duration::from_millis(700)).is_err());
        other.execute_batch("COMMIT").unwrap();
        senders.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for (number, said) in answers.iter().enumerate() {
        let status = if number % 3 == 0 { 422 } else { 202 };
        assert_eq!(said.status, status, "{number}: {said:?}");
    }
    let count = |what: &str| {
        let said = answers.iter().filter(|it| it.status == 202);
        said.filter(|it| it.body.contains(what)).count()
    };
    assert_eq!((count("\"repeated\":false"), count("\"repeated\":true")), (15, 5));
    assert_eq!(received(&site), 15);
}

/// Somebody else who writes is waited for, and not for ever.
#[test]
fn a_store_that_is_busy_is_waited_for() {
    let site = site(("leavers", LEAVERS));
    let server = Server::start(&site);
    let other = Connection::open(site.path("tenure.db")).unwrap();
    let begin = "BEGIN IMMEDIATE";
    other.execute_batch(begin).unwrap();
    let said = thread::scope(|scope| {
        let (answers, answer) = mpsc::channel();
        let server = &server;
        scope.spawn(move || answers.send(tell(server, &suspended("a"))).unwrap());
        assert!(answer.recv_timeout(Duration::from_millis(700)).is_err());
        other.execute_batch("COMMIT").unwrap();
        answer.recv().unwrap()
    });
    assert_eq!(said.status, 202, "{said:?}");
    other.execute_batch(begin).unwrap();
    let said = tell(&server, &suspended("b"));
    assert_eq!(said.status, 503, "{said:?}");
    assert!(said.head.contains("retry-after: 1"), "{}", said.head);
    assert_eq!(document(&said)["error"]["code"], "busy");
    other.execute_batch("COMMIT").unwrap();
    let said = tell(&server, &suspended("b"));
    assert_eq!(
        (said.status, &document(&said)["event"]["repeated"]),
        (202, &false.into())
    );
}

/// rows: O03
#[test]
fn a_request_for_a_path_starts_what_listens_to_it() {
    let site = site(("offboard", OFFBOARD));
    let server = Server::start(&site);
    let body =
        json!({ "subject": "zoe@acme.example", "data": { "ticket": 7 } }).to_string();
    let request = |path: &str, key: &str, body: &str| {
        let key = match key {
            "" => String::new(),
            key => format!("Idempotency-Key: {key}\r\n"),
        };
        post(&server.address, &format!("/v1/requests/{path}"), &key, body)
    };
    let message = |said: &Answer| document(said)["error"]["message"].clone();
    let said = request("hr/onboard", "a", &body);
    assert_eq!(said.status, 404);
    assert_eq!(message(&said), "no active policy listens to `request \"hr/onboard\"`");
    let said = request("hr/offboard", "", &body);
    assert_eq!(said.status, 422);
    assert_eq!(
        message(&said),
        "it has no `id`, and no `Idempotency-Key` in its head, so that it could not be told \
         from others"
    );
    let event = r#"{"subject": "zoe@acme.example", "event": "user suspended"}"#;
    let said = request("hr/offboard", "a", event);
    assert_eq!(
        message(&said),
        "`event` says nothing of a request; it has `id`, `subject`, `at`, `data`"
    );
    let said = request("hr/offboard", "a", "[7]");
    assert_eq!(said.status, 422);
    let said = request("hr/offboard", "a", &body.replace("zoe", "zed"));
    assert_eq!(
        (said.status, message(&said)),
        (422, "the store knows no `zed@acme.example`".into())
    );
    assert_eq!(received(&site), 0);
    assert_eq!(server.ask("POST", "/v1/requests/hr/offboard", "", &body).status, 401);

    let said = request("hr/offboard", "\"a\"", &body);
    assert_eq!(said.status, 202, "{said:?}");
    assert_eq!(document(&said)["event"]["repeated"], false);
    wait(|| !is_member(&site));
    let same = request("hr%2Foffboard/", "a", &body);
    assert_eq!((same.status, &document(&same)["event"]["repeated"]), (202, &true.into()));
    let with_id = body.replace("{\"subject\"", "{\"id\":\"a\",\"subject\"");
    assert_eq!(
        document(&request("hr/offboard", "", &with_id))["event"]["repeated"],
        true
    );
    assert_eq!(request("hr/offboard", "b", &with_id).status, 422);
    assert_eq!(request("hr/offboard", "a", &body.replace('7', "8")).status, 409);
    let events = site.json(&["events"]);
    let mut events = events["events"].as_array().unwrap().iter();
    assert!(events.any(|it| it["id"] == "a" && it["told_by"] == "token portal"));
    // What was taken in once is not unknown because nobody listens any more.
    site.ok(&["deactivate", "offboard"]);
    assert_eq!(request("hr/offboard", "a", &body).status, 202);
    assert_eq!(request("hr/offboard", "c", &body).status, 404);
    let (_, said) = server.end("-TERM");
    assert!(said.contains(" POST /v1/requests/… 202 in "), "{said}");
}

/// A receiver that never answers is left alone when the end is wanted, and asked again by the
/// next server, by the same name.
#[test]
fn who_hangs_keeps_nobody_from_ending() {
    let hung = Peer::receiver(&["--any-time"]);
    let url = hung.url("/hang");
    let policy = format!(
        "webhook slow\n  url \"{url}\"\n  secret env REVOKE_SECRET\n\n\
         policy slow\n  for accounts in app Salesforce\n  on request \"slow\"\n  \
         then run webhook slow\n"
    );
    let config = format!("[hosts]\nallow = [{:?}]\n", hung.address());
    let site = site_with(("slow", &policy), &config);
    let server = Server::start(&site);
    let body = json!({ "id": "a", "subject": "salesforce/zoe" }).to_string();
    let said = post(&server.address, "/v1/requests/slow", "", &body);
    assert_eq!(said.status, 202, "{said:?}");
    wait(|| hung.journal().len() == 1);
    // Those who ask are answered meanwhile.
    assert_eq!(post(&server.address, "/v1/requests/slow", "", &body).status, 202);
    let began = Clock::Wall.now();
    let (code, said) = server.end("-TERM");
    let took = Clock::Wall.now().since(began).0;
    assert!(took < 10, "{took} s");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.ends_with("stopped; what was under way goes on with the next one\n"),
        "{said}"
    );
    let server = Server::start(&site);
    wait(|| hung.journal().len() == 2);
    let sent = hung.journal();
    assert_eq!(header(&sent[0], "webhook-id"), header(&sent[1], "webhook-id"));
    drop(server);
}
