//! What an event would open, before anything is enabled: nothing is changed by asking.

use crate::site::{NOON, Said, Site, said};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

const LEAVERS: &str = "\
policy leavers
  for users
  on user suspended
  except in group Execs
  then remove from group \"Salesforce Users\", wait 3d, disable user, end sessions

policy seats
  for accounts in app GitHub
  on (user suspended, department changed)
  then disable account, end sessions

policy movers
  for users
  on department changed to \"Legal\"
  then notify manager

policy idle
  for users
  when inactive > 90d and not in group Execs
  then notify owner
";

const GATE: &str = "\
policy ours
  before user created by signup
  require email ends with \"@acme.example\" \"Sign up at work, {{ user.email }}.\"
policy welcome
  for users
  on user created
  then notify owner \"Hello {{ user.given_name }}.\"
";

fn suspended(email: &str) -> Value {
    json!({ "id": "a", "event": "user suspended", "subject": email })
}

/// Plans an event at noon, by a file, and shows that nothing was changed.
fn plan(site: &Site, event: &Value, more: &[&str]) -> Said {
    site.write("event.json", &event.to_string());
    let before = site.dump();
    let asked = ["plan", "--event", "event.json", "--now", NOON];
    let said = site.call(&[&asked[..], more].concat());
    assert_eq!(site.dump(), before);
    assert_eq!(site.store().last_event().unwrap(), 0);
    said
}

#[test]
fn whoever_an_event_reaches_is_shown_with_what_follows() {
    let site = Site::acme();
    site.write("leavers.tenure", LEAVERS);
    let said = plan(&site, &suspended("max@acme.example"), &["leavers.tenure"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(
        said.out,
        "\
policy leavers: would open 1 run (limit 5 a day)
  opens on user suspended
  in scope 1: 1 match, 0 excepted, 0 do not, 0 undecided

  max@acme.example
    because  user suspended  [event 1]
    day 0    remove from group \"Salesforce Users\": skipped: not a member
    day 0    wait: until 2026-11-23T12:00:00Z
    day 3    disable user
    day 3    end sessions: skipped: no session is open
    day 3    removed

policy seats: would open 1 run (limit 5 a day)
  opens on user suspended, department changed
  in scope 1: 1 match, 0 excepted, 0 do not, 0 undecided

  github/max (max@acme.example)
    because  user suspended  [event 1]
    day 0    disable account
    day 0    end sessions: skipped: no session is open
    day 0    removed

"
    );
    // The exception holds, and there is no account.
    let said = plan(&site, &suspended("ceo@acme.example"), &["leavers.tenure"]);
    assert!(said.out.contains("in scope 1: 0 match, 1 excepted"), "{}", said.out);
    assert!(
        said.out.contains("policy seats: the event reaches nobody\n"),
        "{}",
        said.out
    );
    // What the event itself says is so is so: the department, and where it came from.
    let moved = json!({
        "id": "a", "event": "user updated", "by": "admin", "subject": "max@acme.example",
        "user": { "department": "Legal" }
    });
    let said = plan(&site, &moved, &["leavers.tenure", "--json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(document["schema"], "tenure.plan/1");
    assert_eq!(
        document["event"],
        json!({ "number": 1, "id": "a", "repeated": false, "late": false })
    );
    let names = document["policies"].as_array().unwrap().iter();
    let names = names.map(|policy| policy["policy"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["movers", "seats"]);
    let because = &document["policies"][0]["opens"][0]["because"][0];
    assert_eq!(because["condition"], "department changed");
    assert_eq!(because["value"], "Engineering → Legal, by admin");
}

/// rows: M08
#[test]
fn gates_answer_before_they_are_put_to_work() {
    let site = Site::acme();
    site.write("gate.tenure", GATE);
    let asks = |email: &str| {
        json!({
            "id": "a", "event": "before user created", "subject": email, "by": "signup"
        })
    };
    let said = plan(&site, &asks("eva@else.example"), &["gate.tenure"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (Some(1), "refuse: Sign up at work, eva@else.example.\n")
    );
    assert_eq!(said.err, "policy ours: not so: email ends with \"@acme.example\"\n");
    let said = plan(&site, &asks("eva@acme.example"), &["gate.tenure"]);
    assert_eq!(
        (said.code, said.out.as_str(), said.err.as_str()),
        (Some(0), "allow\n", "")
    );
    // Somebody who is not there yet is not there afterwards either.
    let created = json!({
        "id": "a", "event": "user created", "by": "signup", "subject": "eva@acme.example",
        "user": { "given_name": "Eva" }
    });
    let said = plan(&site, &created, &["gate.tenure"]);
    assert!(said.out.starts_with("policy welcome: would open 1 run\n"), "{}", said.out);
    assert!(
        said.out.contains("because  user created  [event 1, by signup]"),
        "{}",
        said.out
    );
}

#[test]
fn those_at_work_are_asked_by_the_same_way() {
    let site = Site::acme();
    // Nobody is written to.
    site.configure(Some(9), &[]);
    let welcome = GATE.split_once("policy welcome").unwrap().1;
    site.activate("welcome", &format!("policy welcome{welcome}"));
    let said = plan(&site, &suspended("zoe@acme.example"), &["--active"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""));
    assert_eq!(said.err, "no policy listens to user suspended\n");
    let mut child = site
        .command(&["plan", "--active", "--event", "-", "--now", NOON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let event = json!({
        "id": "a", "event": "user created", "by": "api", "subject": "eva@acme.example"
    });
    child
        .stdin
        .take()
        .unwrap()
        .write_all(event.to_string().as_bytes())
        .unwrap();
    let said = said_of(child);
    assert!(said.out.starts_with("policy welcome: would open 1 run\n"), "{said:?}");
}

fn said_of(child: std::process::Child) -> Said {
    said(child.wait_with_output().unwrap())
}

#[test]
fn what_is_no_event_is_said_and_planned_for_nobody() {
    let site = Site::acme();
    site.write("leavers.tenure", LEAVERS);
    let refused = |event: &Value, code: i32| {
        let said = plan(&site, event, &["leavers.tenure"]);
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{}", said.err);
        said.err
    };
    assert_eq!(
        refused(&suspended("nobody@acme.example"), 1),
        "error: the store knows no `nobody@acme.example`\n"
    );
    assert_eq!(
        refused(
            &json!({ "id": "a", "event": "user suspend", "subject": "zoe@acme.example" }),
            2
        ),
        "error: `user suspend` is no event; did you mean `user suspended`?\n"
    );
    assert!(
        refused(&json!(["no event"]), 2).contains("no event of the form tenure.event/1")
    );
    let missing = site.no(2, &["plan", "--event", "missing.json", "leavers.tenure"]);
    assert!(missing.contains("`missing.json` cannot be read"), "{missing}");
    // A file with mistakes is planned for nobody, and none of them is hidden.
    site.write("wrong.tenure", "policy w for users on user suspendd then notify owner\n");
    site.write("event.json", &suspended("zoe@acme.example").to_string());
    let wrong = site.no(1, &["plan", "--event", "event.json", "wrong.tenure"]);
    assert!(wrong.contains("unknown-event"), "{wrong}");
}

const STOPPED: &str = "\
policy sales
  for users
  when department = \"Sales\"
  on request \"anew\"
  cancel on title changed to \"Away\"
  restart on title changed
  then wait 30d, notify owner
";

#[test]
fn runs_that_an_event_would_stop_are_named_and_so_they_are_when_it_does() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.activate("sales", STOPPED);
    let tell = |event: &str| site.write("event.json", event);
    let titled = |id: &str, title: &str| {
        json!({
            "id": id, "event": "attribute changed", "subject": "zoe@acme.example",
            "attribute": "title", "old": "Seller", "new": title
        })
        .to_string()
    };
    tell(
        "{\"id\": \"a\", \"event\": \"request\", \"path\": \"anew\",
           \"subject\": \"zoe@acme.example\"}",
    );
    site.ok(&["event", "event.json", "--now", NOON]);
    assert_eq!(site.tick(NOON)["evaluations"][0]["opened"], 1);
    let plan = ["plan", "--event", "event.json", "--now", NOON];
    let line = |what: &str, title: &str| {
        format!(
            "run 1 of policy sales for zoe@acme.example {what}: title changed (Seller → {title})\n"
        )
    };
    for arguments in [&["--active"][..], &["sales.tenure"]] {
        tell(&titled("b", "Away"));
        let planned = site.ok(&[&plan[..], arguments].concat()).out;
        assert!(planned.starts_with(&line("would be called off", "Away")), "{planned}");
    }
    tell(&titled("b", "Lead"));
    let planned = site.ok(&[&plan[..], &["--active"]].concat()).out;
    assert!(planned.starts_with(&line("would begin anew", "Lead")), "{planned}");
    let planned = site.json(&[&plan[..], &["--active"]].concat());
    let interrupts = json!([{
        "run": 1, "policy": "sales", "subject": "zoe@acme.example", "became": "restarted",
        "why": "title changed (Seller → Lead)"
    }]);
    assert_eq!(planned["interrupts"], interrupts);
    site.ok(&["event", "event.json", "--now", NOON]);
    assert_eq!(site.tick(NOON)["interrupted"], interrupts);
    tell(&titled("c", "Away"));
    site.ok(&["event", "event.json", "--now", NOON]);
    let ran = site.ok(&["run", "--now", NOON]).out;
    assert!(ran.starts_with(&line("is called off", "Away")), "{ran}");
    assert!(
        ran.ends_with("1 transition; 0 delivered, 0 to be tried again, 0 failed\n"),
        "{ran}"
    );
}

/// What an import or a person has told, and nobody has heard of yet.
#[test]
fn what_happened_and_was_not_heard_of_is_foretold_of_those_at_work() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.activate("sales", STOPPED);
    let tell = |event: &Value| {
        site.write("event.json", &event.to_string());
        site.ok(&["event", "event.json", "--now", NOON]);
    };
    let ahead = || {
        let before = site.dump();
        let plan = site.json(&["plan", "--active", "--now", NOON]);
        assert_eq!(site.dump(), before);
        plan
    };
    let nothing = ahead();
    assert_eq!(nothing["policies"][0]["in_scope"], 0, "{nothing}");
    tell(&json!({
        "id": "a", "event": "request", "path": "anew", "subject": "zoe@acme.example"
    }));
    let plan = ahead();
    let policies = plan["policies"].as_array().unwrap();
    let opens = policies[0]["opens"].as_array().unwrap();
    assert_eq!((policies.len(), opens.len()), (1, 1), "{plan}");
    assert_eq!(opens[0]["subject"], "zoe@acme.example");
    assert_eq!(opens[0]["because"][0]["condition"], "request \"anew\"", "{plan}");
    // What was not at work then is not told.
    let fresh = site.json(&["plan", "sales.tenure", "--now", NOON]);
    assert_eq!(fresh["policies"][0]["in_scope"], 0, "{fresh}");

    site.ok(&["pause", "sales", "--reason", "a look at it", "--now", NOON]);
    assert_eq!(ahead(), nothing, "it hears when it goes on");
    site.ok(&["resume", "sales", "--now", NOON]);
    assert_eq!(ahead(), plan);
    assert_eq!(site.tick(NOON)["evaluations"][0]["opened"], 1);
    assert_eq!(ahead(), nothing, "it was heard");

    tell(&json!({
        "id": "b", "event": "attribute changed", "subject": "zoe@acme.example",
        "attribute": "title", "old": "Seller", "new": "Away"
    }));
    let plan = ahead();
    assert_eq!(plan["interrupts"][0]["became"], "called off", "{plan}");
    assert_eq!(site.tick(NOON)["interrupted"], plan["interrupts"]);
    assert_eq!(ahead(), nothing);
}
