//! What connected systems list, imported: from a SCIM server that is not our own code, and from
//! bad ones.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail them")]

use crate::peers::{Scim, scim_request as ask};
use crate::scim::{TOKEN, group, puppet};
use crate::site::{NOON, Site};
use serde_json::{Value, json};

const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// More than two pages of them.
const MANY: usize = 230;

pub(crate) fn configure(site: &Site, name: &str, address: &str, more: &str) {
    let text = format!(
        "admin = \"it@acme.example\"\n[hosts]\nallow = [\"{address}\"]\n[connectors.{name}]\n\
         kind = \"scim\"\nurl = \"http://{address}/v2\"\ntoken = \"file:token\"\n{more}"
    );
    site.write("tenure.toml", &text);
    site.write("token", TOKEN.1);
}

pub(crate) fn user(server: &Scim, name: &str, more: &Value) -> String {
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", EXTENSION],
        "userName": name, "active": true,
        "emails": [
            { "value": format!("{name}@old.example"), "type": "home" },
            { "value": format!("{name}@acme.example"), "primary": true, "type": "work" },
        ],
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let made = ask(server, "POST", "/v2/Users", Some(&body));
    made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

pub(crate) fn import(site: &Site, options: &[&str]) -> String {
    let said = site.ok(&[&["import", "scim"], options, &["--now", NOON]].concat());
    let rows = said.out.lines();
    rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ") + "\n")
        .collect()
}

/// What the store says behind the words that a line of its dump begins with.
pub(crate) fn shown(site: &Site, words: &str) -> String {
    let dump = site.dump();
    let mut found = dump.lines().filter(|line| line.starts_with(words));
    found
        .next()
        .unwrap_or_else(|| panic!("no `{words}` in\n{dump}"))
        .to_owned()
}

/// rows: L09
#[test]
fn a_company_is_read_page_by_page_and_only_once() {
    let server = Scim::start(TOKEN.1);
    let boss = user(&server, "boss", &json!({ "title": "Boss" }));
    let mut ids = vec![boss.clone()];
    for number in 1..MANY {
        let mut more =
            json!({ "name": { "givenName": "N", "familyName": number.to_string() } });
        if number == 1 {
            more["active"] = json!(false);
            more[EXTENSION] =
                json!({ "department": "Sales", "manager": { "value": boss } });
            more["entitlements"] = json!([{ "value": "crm.read", "display": "Reads" }]);
            more["roles"] = json!([{ "value": "Agent" }]);
        }
        ids.push(user(&server, &format!("p{number}"), &more));
    }
    let inner = group(&server, "Inner", &[&ids[1], &ids[2]]);
    group(&server, "Outer \"X\"", &[&ids[3]]);
    let outer = group(&server, "Whole", &[&ids[4], &inner]);

    let site = Site::empty();
    configure(&site, "okta", &server.address(), "users = true\n");
    let said = import(&site, &["okta"]);
    let expected = "apps 1 row: 1 new, 0 changed, 0 gone\n\
                    identities 230 rows: 230 new, 0 changed, 0 gone\n\
                    groups 3 rows: 3 new, 0 changed, 0 gone\n\
                    permissions 2 rows: 2 new, 0 changed, 0 gone\n\
                    accounts 230 rows: 230 new, 0 changed, 0 gone\n\
                    memberships 5 rows: 5 new, 0 changed, 0 gone\n\
                    grants 2 rows: 2 new, 0 changed, 0 gone\n";
    assert_eq!(said, expected);
    let person = shown(&site, "user p1@acme.example");
    for part in
        ["status=\"disabled\"", "department=\"Sales\"", "manager=\"boss@acme.example\""]
    {
        assert!(person.contains(part), "{person}");
    }
    let account = shown(&site, "account okta/p1 ");
    assert!(
        account.contains("owner=\"p1@acme.example\" status=\"disabled\""),
        "{account}"
    );
    for (value, kind) in [("crm.read", "ENTITLEMENT"), ("Agent", "ROLE")] {
        let permission = shown(&site, &format!("permission okta/{value}"));
        assert!(permission.contains(&format!("type=\"{kind}\"")), "{permission}");
    }
    shown(&site, "grant okta/p1/Agent");
    let dump = site.dump();
    assert!(
        !dump.contains(TOKEN.1) || !dump.contains("Bearer"),
        "a token is in the store"
    );
    assert_eq!(dump.lines().filter(|line| line.starts_with("account ")).count(), MANY);

    // The same again changes nothing.
    let again = import(&site, &[&server.url("/v2/")]);
    let changes = |said: &str| {
        said.lines()
            .filter(|line| !line.ends_with(": 0 new, 0 changed, 0 gone"))
            .count()
    };
    assert_eq!(changes(&again), 0, "{again}");
    assert_eq!(site.dump(), dump);

    what_is_gone_is_gone(&server, &site, (&ids, &outer));

    // What came from there is changed there.
    let policy = "policy seats\n  for accounts in app okta\n  when user.email = \"p4@acme.example\"\n  \
                  except in group Inner\n  then disable account\n";
    site.publish("seats", policy);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let found = ask(&server, "GET", &format!("/v2/Users/{}", ids[4]), None);
    assert_eq!(found["active"], false, "{found}");
}

/// What is no longer listed is gone; many at once are held.
fn what_is_gone_is_gone(server: &Scim, site: &Site, (ids, outer): (&[String], &str)) {
    ask(server, "DELETE", &format!("/v2/Users/{}", ids[9]), None);
    ask(server, "DELETE", &format!("/v2/Groups/{outer}"), None);
    let said = import(site, &["okta"]);
    for row in ["identities 229", "accounts 229"] {
        assert!(
            said.contains(&format!("{row} rows: 0 new, 0 changed, 1 gone")),
            "{said}"
        );
    }
    assert!(said.contains("groups 2 rows: 0 new, 0 changed, 1 gone"), "{said}");
    for id in &ids[10..40] {
        ask(server, "DELETE", &format!("/v2/Users/{id}"), None);
    }
    let before = site.dump();
    let held = site.no(1, &["import", "scim", "okta", "--now", NOON]);
    assert!(held.contains("the import is held"), "{held}");
    assert!(held.contains("accounts: of 229 rows, 30 would be gone"), "{held}");
    assert_eq!(site.dump(), before, "nothing of it is kept");
    let said = import(site, &["okta", "--partial"]);
    assert!(said.contains("accounts 199 rows: 0 new, 0 changed, 0 gone"), "{said}");
    import(site, &["okta", "--accept-large"]);
}

/// The accounts of one app of several: what is of others, and what SCIM cannot know, stays.
#[test]
fn what_a_system_cannot_know_stays() {
    let server = Scim::start(TOKEN.1);
    let site = Site::acme();
    let names = |dump: &str, app: &str| {
        let start = format!("account {app}/");
        let found = dump.lines().filter_map(|line| line.strip_prefix(&start));
        found
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let before = site.dump();
    let all = names(&before, "salesforce");
    for name in &all {
        let here = name == "zoe";
        let more = match here {
            // The name by which the store knows the account is the other one there.
            true => json!({ "userName": "zoe.q", "externalId": "zoe",
                            "entitlements": [{ "value": "sales_cloud" }] }),
            false => json!({ "emails": [] }),
        };
        user(&server, name, &more);
    }
    configure(&site, "salesforce", &server.address(), "");
    import(&site, &["salesforce"]);
    let after = site.dump();
    let account = shown(&site, "account salesforce/zoe ");
    let old = before
        .lines()
        .find(|line| line.starts_with("account salesforce/zoe "))
        .unwrap();
    for part in old.split(' ').filter(|part| !part.starts_with("created_at")) {
        assert!(account.contains(part), "{part} of\n{old}\nis not in\n{account}");
    }
    assert_eq!(names(&after, "salesforce"), all);
    let others = |dump: &str| {
        let mine = |line: &&str| {
            !["account salesforce/", "source ", "grant salesforce/zoe"]
                .iter()
                .any(|start| line.starts_with(start))
        };
        dump.lines().filter(mine).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(others(&after), others(&before));
    let grant = shown(&site, "grant salesforce/zoe/sales_cloud");
    assert!(grant.contains("granted_at=2022-05-03"), "{grant}");

    // Whom nobody knows is a mistake, unless it is said that there are such.
    user(&server, "stranger", &json!({}));
    let said = site.no(1, &["import", "scim", "salesforce", "--now", NOON]);
    let stranger =
        "nobody in the store has the address of `stranger`: `stranger@acme.example`";
    assert!(said.contains(stranger), "{said}");
    assert_eq!(site.dump(), after);
    import(&site, &["salesforce", "--orphans"]);
    assert!(!shown(&site, "account salesforce/stranger").contains("owner="));
}

/// Who the users are, and groups: since when somebody is in one, that it weighs much, who is in
/// groups of other sources, and whatever else other data says stays.
#[test]
fn groups_stay_what_other_data_says_of_them() {
    let server = Scim::start(TOKEN.1);
    let zoe = user(&server, "zoe", &json!({}));
    let yan = user(&server, "yan", &json!({ "title": "Lead" }));
    group(&server, "execs", &[&zoe]);
    group(&server, "Sales", &[&yan]);
    let site = Site::empty();
    let files = [
        (
            "identities.csv",
            "email,username,status,title,lifecycle_state,created_at,badge\n\
             zoe@acme.example,zq,suspended,Chief,gone,2019-01-01,7\n\
             yan@acme.example,yan,active,,here,2019-01-01,\n",
        ),
        (
            "groups.csv",
            "group,source,kind,privileged\nExecs,okta,idp,true\nSales,okta,idp,\nSales,google,email,\n",
        ),
        (
            "memberships.csv",
            "group,source,email,joined_at\nExecs,okta,zoe@acme.example,2020-02-02\n\
             Sales,okta,zoe@acme.example,2020-02-02\nSales,google,zoe@acme.example,2020-02-02\n",
        ),
        ("sources.csv", "source,kind,connector\nokta,idp,main\n"),
    ];
    std::fs::create_dir(site.path("data")).unwrap();
    for (file, text) in files {
        site.write(&format!("data/{file}"), text);
    }
    configure(&site, "main", &server.address(), "");
    site.ok(&["import", "data", "--now", NOON]);
    // A source without an app has no accounts, so it must have the word on users.
    let said = site.no(1, &["import", "scim", "main", "--now", NOON]);
    assert!(said.contains("the source `okta` has no app"), "{said}");
    configure(&site, "main", &server.address(), "users = true\n");
    let said = import(&site, &["main"]);
    assert!(said.contains("memberships 2 rows: 1 new, 0 changed, 1 gone"), "{said}");
    assert!(!site.dump().contains("\naccount "));
    let zoe = shown(&site, "user zoe@acme.example");
    for part in
        ["username=\"zoe\"", "status=\"active\"", "title=\"Chief\"", "lifecycle=\"gone\""]
    {
        assert!(zoe.contains(part), "{zoe}");
    }
    shown(&site, "user attribute zoe@acme.example badge");
    let dump = site.dump();
    let groups: Vec<_> = dump.lines().filter(|line| line.starts_with("group ")).collect();
    assert!(
        groups
            .iter()
            .any(|it| it.contains("xecs") && it.contains("privileged=1")),
        "{groups:?}"
    );
    let members: Vec<_> =
        dump.lines().filter(|line| line.starts_with("membership ")).collect();
    assert_eq!(members.len(), 3, "{members:?}");
    let since = |it: &&&str| it.contains("joined_at=2020-02-02");
    assert_eq!(members.iter().filter(since).count(), 2, "{members:?}");
}

/// One list of users, with what stands in it.
pub(crate) fn users(total: usize, resources: &str) -> String {
    format!(
        "200 OK\n{{\"schemas\": [\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"], \
         \"totalResults\": {total}, \"Resources\": [{resources}]}}"
    )
}

/// One user, and one group with another member.
fn a_member_beside_the_list(request: &str) -> String {
    match request.contains("Groups") {
        true => users(
            1,
            "{\"id\": \"7\", \"displayName\": \"G\", \"members\": [{\"value\": \"9\"}]}",
        ),
        false => users(1, "{\"id\": \"1\", \"userName\": \"a\"}"),
    }
}

/// What a server answers, by a word of the request; and what is said then.
type Bad = (fn(&str) -> String, &'static str, &'static str);

const BAD: &[Bad] = &[
    (
        |_| "401 Unauthorized\n{}".to_owned(),
        "/Users does not let us in: the receiver answered 401 Unauthorized",
        "see that the token is good; `token` under [connectors.okta] says where it lies",
    ),
    (
        |_| "403 Forbidden\n{}".to_owned(),
        "/Users does not let us in: the receiver answered 403 Forbidden",
        "give the token the right to read users and groups there",
    ),
    (
        |_| "404 Not Found\n".to_owned(),
        "/Users is not there: the receiver answered 404 Not Found",
        "look at `url` under [connectors.okta]: `/Users` follows it",
    ),
    (
        |_| "500 Oh\n{\"detail\": \"the disk is full\"}".to_owned(),
        "the receiver answered 500 Internal Server Error: the disk is full",
        "try again later",
    ),
    (
        |_| "302 Found\n".to_owned(),
        "/Users answered 302 Found; redirects are not followed",
        "write the address that answers itself as `url` under [connectors.okta]",
    ),
    (
        |_| "200 OK\n<html>Sign in</html>".to_owned(),
        "/Users answers with a web page",
        "write where the SCIM service is as `url` under [connectors.okta]",
    ),
    (
        |_| "200 OK\n".to_owned(),
        "/Users answers with nothing",
        "write where the SCIM service is as `url` under [connectors.okta]",
    ),
    (
        |_| "200 OK\n[tru]".to_owned(),
        "/Users answers with what is no JSON (line 1, column 5: only `true`, `false` and `null` \
         are written without quotes)",
        "write where the SCIM service is as `url` under [connectors.okta]",
    ),
    (
        |_| "200 OK\n{\"totalResults\": 0, \"Resources\": []}".to_owned(),
        "/Users, is no SCIM list",
        "write where the SCIM service is as `url`",
    ),
    (
        |_| users(0, "").replace("totalResults", "total"),
        "the list of Users from 1 on has no `totalResults`",
        "",
    ),
    (
        |_| users(1, "{\"userName\": \"a\"}"),
        "the list of Users from 1 on has a resource without an `id`",
        "",
    ),
    (|_| users(1, "{\"id\": \"1\"}"), "user `1` has no `userName`", ""),
    (
        |_| users(1, "{\"id\": \"1\", \"userName\": \"a\", \"active\": \"yes\"}"),
        "`active` of user `a` is neither true nor false: \"yes\"",
        "",
    ),
    (
        // Whatever is asked for, the first page comes.
        |_| users(2, "{\"id\": \"1\", \"userName\": \"a\"}"),
        "Users lists the id `1` twice",
        "where it changed while it was read, try again",
    ),
    (
        |request| match request.contains("startIndex=1&") {
            true => users(9, "{\"id\": \"1\", \"userName\": \"a\"}"),
            false => users(9, ""),
        },
        "Users promises 9 and lists 1",
        "try again",
    ),
    (
        |request| match request.contains("startIndex=1&") {
            true => users(9, "{\"id\": \"1\", \"userName\": \"a\"}"),
            false => users(9_000, "{\"id\": \"2\", \"userName\": \"b\"}"),
        },
        "Users promised 9 at first, and 9000 by now",
        "see what the system counts there",
    ),
    (
        |request| {
            if request.contains("Groups") {
                return "404 Not Found\n".to_owned();
            }
            users(
                2,
                "{\"id\": \"1\", \"userName\": \"a\"}, {\"id\": \"2\", \"userName\": \"A\"}",
            )
        },
        "two users are called `A`: their ids are `1` and `2`",
        "",
    ),
    (
        // The list does not show everybody.
        |request| match request.contains("Users/9") {
            true => "200 OK\n{\"id\": \"9\", \"userName\": \"b\"}".to_owned(),
            false => a_member_beside_the_list(request),
        },
        "group `G` has the member `9`, who is there, and the list of Users leaves it out",
        "give the token the right to read all users and groups",
    ),
    (
        |request| match request.contains("Users/9") {
            true => "404 Not Found\n".to_owned(),
            false => a_member_beside_the_list(request),
        },
        "group `G` has the member `9`, who is there, and the list of Groups leaves it out",
        "give the token the right to read all users and groups",
    ),
    (
        // Nobody knows whether the member is there.
        |request| match request.contains("Users/9") {
            true => "403 Forbidden\n".to_owned(),
            false => a_member_beside_the_list(request),
        },
        "/Users/9 does not let us in: the receiver answered 403 Forbidden",
        "give the token the right to read users and groups there",
    ),
    (
        // Members that are not listed with the group are asked for.
        |request| match (request.contains("Groups/7"), request.contains("Groups")) {
            (true, _) => "404 Not Found\n".to_owned(),
            (_, true) => users(1, "{\"id\": \"7\", \"displayName\": \"G\"}"),
            _ => users(1, "{\"id\": \"1\", \"userName\": \"a\"}"),
        },
        "group `7` is not there any more",
        "try again",
    ),
    (
        |_| users(9_000_000, "{\"id\": \"1\", \"userName\": \"a\"}"),
        "Users promises 9000000; 1000000 are the most",
        "see what the system counts there",
    ),
    (
        // Some repeat the token that they do not like.
        |_| {
            let token = TOKEN.1;
            format!("500 Oh\n{{\"detail\": \"what is\\n\\u001b[31m{token}?\"}}")
        },
        "500 Internal Server Error: what is [31m…?",
        "try again later",
    ),
    (
        |_| format!("200 OK\n\"{}\"", "a".repeat(9 << 20)),
        "Users gave an answer longer than 8 MiB",
        "",
    ),
];

#[test]
fn bad_systems_are_named_and_nothing_is_kept() {
    for (answer, why, help) in BAD {
        let (address, _) = puppet(Some(*answer));
        let site = Site::empty();
        configure(&site, "okta", &address, "");
        let said = site.no(1, &["import", "scim", "okta", "--now", NOON]);
        assert!(
            said.contains(why) && said.contains(help),
            "{why}\n{help}\nis not\n{said}"
        );
        assert!(!site.path("tenure.db").exists(), "a store is left behind: {said}");
        assert!(!said.contains(TOKEN.1) || TOKEN.1 == "tenure", "{said}");
    }
}

/// Nobody waits for ever; and where nothing may be reached, nothing is.
#[test]
fn systems_that_do_not_answer_and_those_that_may_not_be_asked() {
    let (address, heard) = puppet(None);
    let site = Site::empty();
    configure(&site, "okta", &address, "");
    let said = site.no(1, &["import", "scim", "okta", "--now", NOON]);
    assert!(said.contains("Users gave no answer within 30s"), "{said}");
    assert_eq!(heard.lock().unwrap().len(), 1);

    configure(&site, "okta", &address, "");
    let text = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    let closed = text.replace("[hosts]\nallow", "snooze = \"30d\"\n#");
    site.write("tenure.toml", &closed);
    let said = site.no(1, &["import", "scim", "okta", "--now", NOON]);
    assert!(said.contains("is not a public address"), "{said}");
    assert!(
        said.contains("help: or write another `url` under [connectors.okta]"),
        "{said}"
    );

    configure(&site, "okta", &address, "");
    let file = site.path("token");
    for (token, why) in [
        (
            "",
            format!("there is no token: the secret file `{}` is empty\n", file.display()),
        ),
        (
            "a\nb",
            "holds signs that no header can have, such as a line break\n".to_owned(),
        ),
    ] {
        site.write("token", token);
        let said = site.no(1, &["import", "scim", "okta", "--now", NOON]);
        assert!(said.contains(&why), "{said}");
        assert!(said.contains("help: set it where this is called; `token`"), "{said}");
    }
    std::fs::remove_file(site.path("token")).unwrap();
    let said = site.no(1, &["import", "scim", "okta", "--now", NOON]);
    assert!(said.contains("there is no token"), "{said}");
    assert_eq!(heard.lock().unwrap().len(), 1, "it is not asked");

    let said = site.no(2, &["import", "scim", "http://user:pw@elsewhere/v2"]);
    assert!(said.contains("no connector of tenure.toml has that name or URL"), "{said}");
    assert!(said.contains("known are `okta`") && !said.contains("pw"), "{said}");
    let said = site.no(2, &["import", "scim"]);
    assert!(said.contains("`import scim` names no connector"), "{said}");
    let said = site.no(2, &["import", "a", "b"]);
    assert!(said.contains("tenure import scim URL"), "{said}");
}
