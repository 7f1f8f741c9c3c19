//! Evaluations that somebody asks for and that may not be: by the limit, or in a pause.

use crate::site::{NOON, Site};
use std::fs;

const IDLE: &str = "policy idle\n  for accounts in app Salesforce\n  every day at 12:00\n  \
    when inactive > 30d\n  limit 1\n  then wait 2d, disable account\n";

/// `process --user` for these people, at noon.
fn process<'a>(users: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [&["process", "--user"], users, &["--now", NOON], more].concat()
}

const TWO: [&str; 2] = ["zoe@acme.example", "olga@acme.example"];
const THREE: [&str; 3] = ["zoe@acme.example", "olga@acme.example", "ceo@acme.example"];

#[test]
fn what_the_limit_refuses_is_said_and_on_record() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.activate("idle", IDLE);
    // In one second, twice with another list, and once more with the first.
    for (users, runs) in
        [(&TWO[..], "2 runs"), (&THREE[..], "3 runs"), (&TWO[..], "2 runs")]
    {
        let said = site.call(&process(users, &[]));
        assert_eq!(said.code, Some(1), "{said:?}");
        let held = format!(
            "policy idle: HELD: would open {runs}, 0 were opened in 24 hours and 1 are allowed"
        );
        assert!(said.out.contains(&held), "{said:?}");
        assert!(!said.out.contains("cannot be followed"), "{said:?}");
        assert!(said.err.contains("ask again when the limit leaves room"), "{said:?}");
        assert!(!said.err.contains("mend"), "{said:?}");
    }
    let found = site.json(&["evaluations"]);
    let found = found["evaluations"].as_array().unwrap();
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().all(|it| it["cause"] == "users"), "{found:#?}");
    assert!(site.states().is_empty());
    let dump = site.dump();
    assert!(!dump.contains("is blocked"), "{dump}");
    // Each list in a letter of its own, and none twice at one instant.
    assert_eq!(
        dump.matches("idle was refused by its limit: 2 runs").count(),
        1,
        "{dump}"
    );
    assert_eq!(
        dump.matches("idle was refused by its limit: 3 runs").count(),
        1,
        "{dump}"
    );
}

#[test]
fn what_is_paused_is_not_called_broken() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.activate("idle", IDLE);
    site.ok(&["pause", "idle", "--reason", "audit", "--now", NOON]);
    for call in [process(&TWO, &[]), vec!["process", "--policies", "--now", NOON]] {
        let said = site.call(&call);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(
            said.out.contains("policy idle is paused, and was not evaluated"),
            "{said:?}"
        );
        assert!(said.err.contains("help: tenure resume first"), "{said:?}");
        assert!(!format!("{said:?}").contains("cannot be followed"), "{said:?}");
    }
    assert!(!site.dump().contains("is blocked"));
}

#[test]
fn a_plan_for_people_says_what_the_call_would() {
    let site = Site::acme();
    site.activate("idle", &IDLE.replace("limit 1", "limit 9"));
    let twice = ["zoe@acme.example", "ZOE@acme.example"];
    let plan = site.ok(&process(&twice, &["--plan"]));
    assert_eq!(plan.out.matches("salesforce/zoe").count(), 1, "{plan:?}");
    // Where the limit on identity states would refuse all of it, so does the plan.
    let toml = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &format!("{toml}[limits]\nstore = 1\n"));
    fs::create_dir_all(site.path("turned")).unwrap();
    let states = "state,identity_state\nactive,inactive short-term\n";
    site.write("turned/lifecycle_states.csv", states);
    site.ok(&["import", "turned", "--partial", "--now", NOON]);
    let plan = site.call(&process(&TWO, &["--plan"]));
    let done = site.call(&process(&TWO, &[]));
    for said in [&plan, &done] {
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.out.contains("HELD: 2 identity states would change"), "{said:?}");
        assert!(!said.out.contains("salesforce/zoe"), "{said:?}");
    }
    let plan = site.call(&process(&TWO, &["--plan", "--reason", "so it is"]));
    assert!(plan.out.contains("2 identity states would change\n"), "{plan:?}");
    assert!(plan.out.contains("salesforce/zoe"), "{plan:?}");
}
