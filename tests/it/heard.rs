//! What comes of events is on record, also where it is nothing: why, and to whom it is left.

use crate::site::{NOON, Site};
use serde_json::json;

const CARRIES: &str = "\
webhook close-seat
  url \"https://hooks.acme.example/close-seat\"

app Salesforce
  deprovision permissions with webhook close-seat

policy carries
  for accounts in app Salesforce
  when inactive > 9000d and not in group Leadership
  then disable account
";

const MINE: &str = "\
policy mine
  for grants in app Salesforce
  on access expired
  when title = \"CEO\"
  then revoke permission \"Service Cloud\"
";

const LEAVERS: &str = "\
policy leavers
  for users
  on user suspended
  when title = \"CEO\"
  then set locale = \"de\"
";

/// A store that does not know what Pat's title is, whose permission has expired.
fn untitled() -> Site {
    let site = Site::acme();
    let raw = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
    raw.execute("UPDATE identity SET title = NULL WHERE email = 'pat@acme.example'", [])
        .unwrap();
    site
}

#[test]
fn an_undecided_expiry_says_to_whom_it_is_left_and_why() {
    let site = untitled();
    site.activate("carries", CARRIES);
    site.activate("mine", MINE);
    let said = site.ok(&["run", "--now", NOON]);
    assert!(
        said.out.contains(
            "policy expired permissions of salesforce: opened 0 runs; 0 in scope, 0 match, \
             0 undecided (left to policies that take what expires: mine, undecided for title (1))\n"
        ),
        "{said:?}"
    );
    let said = site.ok(&["evaluations", "1"]).out;
    let left =
        "  left to policies that take what expires: mine, undecided for title (1)\n";
    assert!(said.contains(left), "{said}");
    let found = site.json(&["evaluations", "1"]);
    let taken = json!([{ "because": "mine, undecided for title", "count": 1 }]);
    assert_eq!(found["found"]["taken"], taken, "{found}");
    let (event, said) = expiry(&site);
    assert!(said.contains(
        "evaluation 1 of policy expired permissions of salesforce opened nothing for it: left \
         to mine, undecided for title\n\
         evaluation 2 of policy mine opened nothing for it: undecided for title\n"
    ), "{said}");
    let event = site.json(&["events", &event]);
    assert!(event.to_string().contains("\"why\":\"undecided for title\""), "{event}");
}

#[test]
fn what_opens_nothing_for_an_event_says_why() {
    let site = untitled();
    site.activate("mine", MINE);
    site.activate("leavers", LEAVERS);
    let event =
        json!({ "id": "a", "event": "user suspended", "subject": "pat@acme.example" });
    site.write("event.json", &event.to_string());
    site.ok(&["event", "event.json", "--now", NOON]);
    site.ok(&["run", "--now", NOON]);
    let said = site.ok(&["events"]).out;
    for number in [1, 2] {
        let why =
            format!("evaluation {number} opened nothing for it: undecided for title");
        assert!(said.contains(&why), "{said}");
    }
    let (_, said) = expiry(&site);
    let why = "of policy mine opened nothing for it: undecided for title\n";
    assert!(said.contains(why), "{said}");
}

/// Two expiries are told of at once, and each policy is evaluated for what is in its scope.
#[test]
fn an_evaluation_is_that_of_the_events_about_whom_it_looked_at() {
    let site = Site::acme();
    let raw = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
    raw.execute(
        "UPDATE account SET expires_at = 1700000000
         WHERE username IN ('max', 'zoe') AND app_id <> 3",
        [],
    )
    .unwrap();
    for (name, app) in [("seats", "Salesforce"), ("code", "GitHub")] {
        let policy = format!(
            "policy {name}\n  for accounts in app {app}\n  on access expired\n  \
             when not in group Execs\n  then disable account\n"
        );
        site.activate(name, &policy);
    }
    site.ok(&["run", "--now", NOON]);
    let events = site.json(&["events"]);
    let mut seen = 0;
    for event in events["events"].as_array().unwrap() {
        let about = event["subject"].as_str().unwrap_or_default();
        if event["event"] != "access expired" || about.matches('/').count() != 1 {
            continue;
        }
        let expected = if about.starts_with("github") { "code" } else { "seats" };
        let heard = event["evaluations"].as_array().unwrap();
        let heard: Vec<_> = heard.iter().map(|it| &it["policy"]).collect();
        assert_eq!(heard, [expected], "{event}");
        seen += 1;
    }
    assert_eq!(seen, 2, "{events}");
}

#[test]
fn where_only_events_start_policies_none_is_evaluated_on_demand() {
    let site = Site::acme();
    let policies = ["process", "--policies", "--now", NOON];
    let said = site.ok(&policies);
    assert!(said.err.starts_with("no policy is active: tenure publish PATH"), "{said:?}");
    site.activate("leavers", LEAVERS);
    site.activate(
        "ours",
        "policy ours\n  before user created by signup\n  \
         require email ends with \"@acme.example\" \"No.\"\n",
    );
    let listen = "no active policy has a schedule: none can be evaluated on demand\n  \
                  policy leavers opens on user suspended\n  \
                  policy ours is asked before user created by signup\n";
    assert_eq!(site.ok(&policies).err, listen);
    let user = ["process", "--user", "zoe@acme.example", "--now", NOON];
    assert_eq!(site.ok(&user).err, listen);
    site.activate("carries", CARRIES);
    assert!(!site.ok(&policies).err.contains("on demand"));
}

#[test]
fn a_schedule_that_is_missed_is_on_record_once() {
    let site = Site::acme();
    let text = "policy engineers\n  for accounts in app GitHub\n  every 12h\n  \
                when in group Engineering\n  then notify admin \"{{ account.username }}\"\n";
    site.publish("engineers", text);
    site.configure(Some(1), &["127.0.0.1:1".to_owned()]);
    site.ok(&["activate", "engineers", "--now", NOON]);
    let group = |gone: u8| {
        let raw = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
        let sql = "UPDATE grp SET gone = ?1 WHERE name = 'Engineering'";
        raw.execute(sql, [gone]).unwrap();
    };
    let made = || {
        let rows = site.store().evaluations(None, u32::MAX).unwrap().into_iter();
        rows.map(|row| row.cause).collect::<Vec<_>>()
    };
    group(1);
    // Nothing is due yet; then it is, however often anybody looks; then it is again, twice.
    for (day, time, missed) in [
        (20, "13:00", 0),
        (21, "00:00", 1),
        (21, "00:01", 1),
        (21, "11:59", 1),
        (22, "01:00", 2),
        (22, "02:00", 2),
    ] {
        let now = format!("2026-11-{day}T{time}:00Z");
        assert_eq!(site.call(&["run", "--now", &now]).code, Some(1));
        assert_eq!(made(), vec!["missed"; missed], "{now}");
    }
    let said = site.ok(&["evaluations", "1"]).out;
    assert_eq!(
        said,
        "evaluation 1 of engineers version 1 at 2026-11-21T00:00:00Z: not evaluated, though due \
         at 2026-11-21T00:00:00Z: no group named `Engineering`\n"
    );
    let due = &site.json(&["evaluations", "2"])["found"]["missed"];
    assert_eq!(
        *due,
        json!({ "due": "2026-11-21T12:00:00Z", "why": "no group named `Engineering`" })
    );
    assert!(site.ok(&["evaluations"]).out.contains("not evaluated"));
    group(0);
    for _ in 0..2 {
        site.call(&["run", "--now", "2026-11-22T03:00:00Z"]);
        assert_eq!(made(), ["missed", "missed", "schedule"]);
    }
}

/// The event that access expired: its number, and what is said of it.
fn expiry(site: &Site) -> (String, String) {
    let events = site.json(&["events"]);
    let mut events = events["events"].as_array().unwrap().iter();
    let event = events.find(|event| event["event"] == "access expired").unwrap();
    let number = event["number"].to_string();
    let said = site.ok(&["events", &number]).out;
    (number, said)
}

#[test]
fn of_several_events_in_one_evaluation_each_says_why_it_opened_nothing() {
    let site = untitled();
    site.activate("leavers", LEAVERS);
    let raw = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
    // As one import raises them.
    raw.execute_batch(
        "INSERT INTO raising(one, at, origin, batch) VALUES (1, 1795176000, 'import', 1);
         UPDATE identity SET status = 'suspended'
         WHERE email IN ('pat@acme.example', 'zoe@acme.example');
         DELETE FROM raising;",
    )
    .unwrap();
    site.ok(&["run", "--now", NOON]);
    let said = site.ok(&["events"]).out;
    for why in ["undecided for title", "it does not match for title = \"CEO\""] {
        let why = format!("evaluation 1 opened nothing for it: {why}\n");
        assert!(said.contains(&why), "{said}");
    }
}
