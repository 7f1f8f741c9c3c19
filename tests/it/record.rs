//! What is on record of events and evaluations, and how it is shown: who told of each, what came
//! of it, and what a held evaluation became.

use crate::site::{NOON, Said, Site, after};
use serde_json::{Value, json};

const LEAVERS: &str = "policy leavers\n  for users\n  on user suspended\n  limit 1\n  \
     then remove from group \"Salesforce Users\"\n";

const MOVED: &str = "policy moved\n  for users\n  on department changed\n  \
     then wait 30d, disable user\n  cancel on department changed to \"Sales\"\n  \
     restart on title changed\n";

/// Tells of an event at noon.
fn tell(site: &Site, event: &Value) -> Said {
    site.write("event.json", &event.to_string());
    site.call(&["event", "event.json", "--now", NOON])
}

fn suspended(id: &str, subject: &str) -> Value {
    json!({ "id": id, "event": "user suspended", "subject": subject })
}

fn changed(id: &str, attribute: &str, new: &str) -> Value {
    json!({
        "id": id, "event": "attribute changed", "subject": "zoe@acme.example",
        "attribute": attribute, "new": new,
    })
}

/// What came of the event that a sender gave this name.
fn record(site: &Site, id: &str) -> Value {
    let all = site.json(&["events"]);
    let events = all["events"].as_array().unwrap();
    events.iter().find(|event| event["id"] == id).unwrap().clone()
}

fn runs(record: &Value) -> Vec<(i64, &str)> {
    let runs = record["runs"].as_array().unwrap().iter();
    runs.map(|run| (run["run"].as_i64().unwrap(), run["what"].as_str().unwrap()))
        .collect()
}

#[test]
fn an_event_says_who_told_of_it_and_what_came_of_it() {
    let site = Site::acme();
    let before = site.ok(&["events", "--person", "zoe@acme.example"]);
    assert_eq!(before.err, "nothing is on record as an event about zoe@acme.example\n");
    site.activate("moved", MOVED);
    tell(&site, &changed("a", "department", "Legal"));
    let told = record(&site, "a");
    let me = tenure::session::actor();
    assert_eq!(
        [&told["told_by"], &told["event"], &told["was"], &told["becomes"]],
        [&json!(me), &json!("department changed"), &json!("Sales"), &json!("Legal")]
    );
    assert_eq!(told["unheard"], json!(["moved"]));
    let line = site.ok(&["events", "--person", "ZOE@acme.example"]).out;
    assert!(line.contains("not heard by all yet"), "{line}");

    site.tick(NOON);
    let heard = record(&site, "a");
    assert_eq!((runs(&heard), &heard["unheard"]), (vec![(1, "opened")], &json!([])));
    assert_eq!(heard["evaluations"][0]["evaluation"], 1);
    let evaluation = site.json(&["evaluations", "1"]);
    assert_eq!(evaluation["events"], json!([heard["number"]]));
    let shown = site.ok(&["evaluations", "1"]).out;
    let number = heard["number"].as_i64().unwrap();
    assert!(
        shown.contains(&format!("by event {number}: opened 1"))
            && shown.contains("department changed: Sales → Legal, zoe@acme.example"),
        "{shown}"
    );

    tell(&site, &changed("b", "title", "Head of Sales"));
    site.tick(NOON);
    assert_eq!(runs(&record(&site, "b")), [(1, "restarted")]);
    let late = json!({
        "id": "c", "event": "attribute changed", "subject": "zoe@acme.example",
        "attribute": "department", "new": "IT", "at": "2026-11-19T00:00:00Z",
    });
    tell(&site, &late);
    tell(&site, &changed("d", "department", "Sales"));
    site.tick(NOON);
    assert_eq!(runs(&record(&site, "c")), []);
    // It ended the run that was open, and opened another.
    assert_eq!(runs(&record(&site, "d")), [(1, "called off"), (2, "opened")]);
    let lines = site.ok(&["events"]).out;
    for part in ["too late", "run 1 called off; run 2 opened", "nobody listens"] {
        assert!(lines.contains(part), "{part}: {lines}");
    }
    let last = site.json(&["events", "--last", "1"]);
    assert_eq!(
        (last["events"].as_array().unwrap().len(), &last["more"]),
        (1, &json!(true))
    );
    let gone = site.no(1, &["events", "99"]);
    assert!(gone.contains("there is no event 99"), "{gone}");
    let nobody = site.no(1, &["events", "--person", "zed@acme.example"]);
    assert!(nobody.contains("there is no user `zed@acme.example`"), "{nobody}");
}

#[test]
fn what_gates_answered_stays_on_record() {
    let site = Site::acme();
    site.activate(
        "ours",
        "policy ours\n  before user created\n  \
         require email ends with \"@acme.example\" \"Sign up at work.\"\n",
    );
    let asked = json!({
        "id": "g", "event": "before user created", "subject": "nel@else.example",
        "by": "signup",
    });
    assert_eq!(tell(&site, &asked).code, Some(1));
    let lines = site.ok(&["events", "--person", "nel@else.example"]).out;
    assert!(lines.contains("refused by ours"), "{lines}");
    let number = record(&site, "g")["number"].to_string();
    let one = site.ok(&["events", &number]).out;
    assert!(one.contains("Sign up at work."), "{one}");
}

#[test]
fn a_released_evaluation_and_the_one_that_was_held_know_of_each_other() {
    let site = Site::acme();
    site.activate("leavers", LEAVERS);
    for (id, who) in [("a", "yan"), ("b", "ned"), ("c", "zoe")] {
        let subject = format!("{who}@acme.example");
        assert_eq!(tell(&site, &suspended(id, &subject)).code, Some(0), "{who}");
    }
    site.call(&["run", "--now", NOON]);
    let list = site.ok(&["evaluations"]).out;
    assert!(list.contains("none, held with evaluation 2"), "{list}");
    site.ok(&["release", "2", "--reason", "they left", "--now", &after("1h")]);

    let held = site.json(&["evaluations", "2"]);
    let later = held["released_as"].as_i64().unwrap();
    assert_eq!((later, &held["runs"]), (4, &json!([])));
    let released = site.json(&["evaluations", "4"]);
    assert_eq!(released["releases"], 2);
    let opened = released["runs"].as_array().unwrap().len();
    assert!(opened > 0, "{released}");
    let more = site.json(&["evaluations", "3"]);
    assert_eq!([&more["held_as"], &more["released_as"]], [&json!(2), &json!(4)]);
    assert!(
        site.ok(&["evaluations", "4"])
            .out
            .contains("by release of evaluation 2")
    );
    assert!(site.ok(&["held", "2"]).out.contains("released as evaluation 4"));
    let of_event = record(&site, "c");
    assert_eq!(of_event["evaluations"][0]["released_as"], 4);

    // Whichever number is named, the runs are found.
    for number in ["2", "3", "4"] {
        let plan = ["undo", "--evaluation", number, "--plan", "--now", &after("2h")];
        let found = site.json(&plan);
        assert_eq!(found["runs"].as_array().unwrap().len(), opened, "{number}");
    }
}
