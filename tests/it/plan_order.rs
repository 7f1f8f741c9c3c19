//! A plan shows each evaluation for itself, and counts what it opens for those behind it: as it
//! comes when they run in that order.

use crate::site::{NOON, Site};
use serde_json::{Value, json};
use std::fs;

/// Who is asked, in order: the policy, how many runs it opens, and whether it is held.
type Evaluations = Vec<(String, usize, bool)>;

fn planned(plan: &Value) -> Evaluations {
    let policies = plan["policies"].as_array().unwrap().iter();
    let evaluations = policies.map(|it| {
        let name = it["policy"].as_str().unwrap().to_owned();
        let held = it["limit"]["held"].as_bool().unwrap();
        let opens = if held { 0 } else { it["opens"].as_array().unwrap().len() };
        (name, opens, held)
    });
    evaluations.collect()
}

fn done(run: &Value) -> Evaluations {
    let evaluations = run["evaluations"].as_array().unwrap().iter();
    let evaluations = evaluations.map(|it| {
        let name = it["policy"].as_str().unwrap().to_owned();
        let opened = usize::try_from(it["opened"].as_u64().unwrap()).unwrap();
        (name, opened, it["limit"]["held"].as_bool().unwrap())
    });
    evaluations.collect()
}

const SEATS: &str = "\
policy first
  every day at 12:00
  for accounts in app Salesforce
  when inactive > 1d
  limit 20
  then wait 1d, disable account

policy second
  every day at 12:00
  for accounts in app GitHub
  when inactive > 1d
  limit 20
  then wait 1d, disable account
";

/// It is told of three people, of whom it has a run of one already.
const LEAVERS: &str = "\
policy leavers
  for users
  every day at 12:00
  on user suspended
  when department = \"Engineering\" or department = \"Legal\" or status = \"suspended\"
  except status = \"active\"
  limit 4
  then wait 1d, remove from group \"Salesforce Users\"

policy told
  for users
  on user suspended
  limit 2
  then wait 1d, disable user
";

/// A store in which all policies together open so many runs a day.
fn limited(most: u32) -> Site {
    let site = Site::acme();
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &format!("{config}[limits]\nstore = {most}\n"));
    site
}

/// Publishes the policies of a file, and activates them the day before.
fn activate(site: &Site, text: &str, names: &[&str]) {
    site.write("all.tenure", text);
    let before = ["--now", "2026-11-20T11:00:00Z"];
    site.ok(&[&["publish", "all.tenure"][..], &before].concat());
    for name in names {
        site.ok(&[&["activate", name][..], &before].concat());
    }
}

fn document(site: &Site, arguments: &[&str]) -> Value {
    let said = site.call(&[arguments, &["--json", "--now", NOON]].concat());
    assert!(said.out.starts_with('{'), "{said:?}");
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn policies_of_one_plan_count_against_each_other_under_the_limit_of_the_store() {
    let site = limited(6);
    site.write("both.tenure", SEATS);
    let said = site.call(&["plan", "both.tenure", "--now", NOON]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let second = "policy second: HELD. It would open 2 runs, and may open 1 more by the limit \
                  of the whole store: nothing would happen\n  counted behind 5 runs that this \
                  plan opens before\n";
    assert!(said.out.contains(second), "{}", said.out);
    let plan = document(&site, &["plan", "both.tenure"]);
    let limit = json!({
        "allowed": 6, "opened": 5, "held": true, "of_store": true, "planned": 5
    });
    assert_eq!(plan["policies"][1]["limit"], limit);
    assert_eq!(plan["policies"][0]["limit"].get("planned"), None);

    activate(&site, SEATS, &["first", "second"]);
    let foretold = planned(&document(&site, &["plan", "--active"]));
    assert_eq!(foretold, planned(&plan));
    assert_eq!(foretold, done(&document(&site, &["run"])));
}

#[test]
fn a_plan_shows_each_evaluation_and_what_it_leaves_of_the_limits() {
    let site = limited(30);
    activate(&site, LEAVERS, &["leavers", "told"]);
    for name in ["zoe", "yan", "pat"] {
        let subject = format!("{name}@acme.example");
        let event = json!({ "id": name, "event": "user suspended", "subject": subject });
        site.write("event.json", &event.to_string());
        site.ok(&["event", "event.json", "--now", NOON]);
    }
    let plan = document(&site, &["plan", "--active"]);
    let foretold = planned(&plan);
    let said = site.call(&["plan", "--active", "--now", NOON]);
    assert_eq!(foretold, done(&document(&site, &["run"])), "{}", said.out);
    let held: Vec<bool> = foretold.iter().map(|(_, _, held)| *held).collect();
    assert_eq!(foretold.len(), 1 + 3 + 3, "{foretold:?}");
    assert_eq!(held.iter().filter(|held| **held).count(), 1, "{foretold:?}");
    let last = &plan["policies"][6];
    assert_eq!(last["events"], json!([7]), "{last}");
    let limit = json!({ "allowed": 2, "opened": 2, "held": true, "planned": 2 });
    assert_eq!(last["limit"], limit);
    assert!(
        said.out.contains(
            "  counted behind 2 runs that this plan opens before\n  for event 7\n"
        ),
        "{}",
        said.out
    );
}

const ASKING: &str = "\
policy asks-first
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 90d
  then ask owner, disable account

policy asks-later
  for grants in app Salesforce
  every day at 12:00
  when inactive > 90d
  then ask owner for 2d, remove access

policy asks-others
  for accounts in app Salesforce
  every day at 12:00
  when inactive > 90d
  then ask manager, disable account
";

/// Which runs of a policy wait for those that are opened before, and so ask nobody yet.
#[test]
fn of_two_questions_of_one_plan_the_second_waits_for_the_first() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.write("asking.tenure", ASKING);
    let plan = document(&site, &["plan", "asking.tenure"]);
    let first = |policy: usize| {
        let opens = plan["policies"][policy]["opens"].as_array().unwrap();
        assert!(!opens.is_empty(), "{plan}");
        opens.iter().map(|it| &it["timeline"][0]).collect::<Vec<_>>()
    };
    assert!(first(0).iter().all(|it| it["what"] == "ask"), "{plan}");
    let note =
        "for the run of policy asks-first, which asks first about the same account";
    for moment in first(1) {
        assert_eq!([&moment["what"], &moment["note"]], ["wait", note], "{plan}");
    }
    // Others than the owner are asked at once.
    assert!(first(2).iter().any(|it| it["what"] == "ask"), "{plan}");
    let said = site.call(&["plan", "asking.tenure", "--now", NOON]).out;
    assert!(said.contains(note), "{said}");

    activate(&site, ASKING, &["asks-first", "asks-later", "asks-others"]);
    site.call(&["run", "--now", NOON]);
    let run = site.json(&["runs"])["runs"].clone();
    let of = |name: &str| {
        let runs = run.as_array().unwrap().iter();
        let runs = runs.filter(|it| it["policy"] == name);
        runs.map(|it| it["state"].clone()).collect::<Vec<_>>()
    };
    assert!(of("asks-first").iter().all(|state| state == "reviewing"), "{run}");
    assert_eq!(of("asks-later").len(), first(1).len());
    assert!(of("asks-later").iter().all(|state| state == "waiting"), "{run}");
}
