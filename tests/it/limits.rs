//! What limits hold back is released or discarded at the command line.

use crate::site::{NOON, Site, after};
use serde_json::json;
use std::fs;
use tenure::ir::Limit;

const SEATS: &str = "policy seats\n  for accounts in app Salesforce\n  every day at 12:00\n  \
                     when inactive > 80d\n  limit 2\n  then disable account\n";

#[test]
fn a_held_evaluation_is_listed_and_released() {
    let site = Site::acme();
    site.publish("seats", SEATS);
    let said = site.call(&["activate", "seats", "--at-once", "--now", NOON]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("1 evaluation is held: tenure held"), "{said:?}");
    let held = site.json(&["held"]);
    assert_eq!(held["schema"], "tenure.held/1");
    let one = &held["held"][0];
    assert_eq!(
        (&one["evaluation"], &one["policy"], &one["state"], &one["allowed"]),
        (&json!(1), &json!("seats"), &json!("held"), &json!(2))
    );
    assert_eq!(one["subjects"].as_array().unwrap().len(), 4);
    let said = site.ok(&["held", "1"]);
    assert!(
        said.out
            .contains("would open 4 runs; 0 were opened in 24 hours and 2 are allowed")
    );
    assert!(said.out.contains("\n  salesforce/zoe\n"), "{said:?}");

    site.no(2, &["release", "1", "--now", NOON]);
    site.no(2, &["release", "1", "--reason", " ", "--now", NOON]);
    let why = site.no(1, &["release", "2", "--reason", "checked", "--now", NOON]);
    assert!(
        why.contains("there is no evaluation 2\n  help: tenure evaluations"),
        "{why}"
    );
    assert!(site.states().is_empty());
    let later = after("1h");
    let done = site.json(&["release", "1", "--reason", "checked", "--now", &later]);
    assert_eq!(done["evaluations"][0]["opened"], 4);
    assert!(site.states().iter().all(|(_, state)| state == "removed"));
    let why = site.no(1, &["release", "1", "--reason", "checked", "--now", &later]);
    assert!(why.contains("released by"), "{why}");
    assert!(site.ok(&["held"]).err.contains("no evaluation is held"));
    assert!(site.ok(&["held", "1"]).out.contains(": checked\n"));
}

#[test]
fn a_held_evaluation_is_discarded() {
    let site = Site::acme();
    site.publish("seats", SEATS);
    site.call(&["activate", "seats", "--at-once", "--now", NOON]);
    site.no(2, &["discard", "1", "--now", NOON]);
    let done = site.json(&["discard", "1", "--reason", "wrong data", "--now", NOON]);
    assert_eq!((&done["evaluation"], &done["discarded"]), (&json!(1), &json!(4)));
    let why = site.no(1, &["release", "1", "--reason", "after all", "--now", NOON]);
    assert!(why.contains("discarded by"), "{why}");
    assert!(site.states().is_empty());
}

/// The limit of the whole store is one of what is taken: who is only told uses nothing of it.
#[test]
fn policies_that_take_nothing_leave_the_limit_of_the_store_alone() {
    let site = Site::acme();
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &format!("{config}[limits]\nstore = 4\n"));
    let policy = |name: &str, then: &str| {
        format!(
            "policy {name}\n  for accounts in app Salesforce\n  every day at 12:00\n  \
             when inactive > 80d\n  limit none \"a test\"\n  then {then}\n"
        )
    };
    site.publish("tell", &policy("tell", "wait 30d"));
    site.publish("take", &policy("take", "disable account"));
    site.publish("also", &policy("also", "wait 1d, disable account"));
    let told = site.json(&["activate", "tell", "--at-once", "--now", NOON]);
    assert_eq!(told["evaluations"][0]["opened"], 4);
    let took = site.json(&["activate", "take", "--at-once", "--now", NOON]);
    assert_eq!(took["evaluations"][0]["opened"], 4);
    // Now it is used up.
    site.call(&["import", &crate::site::acme(), "--now", NOON]);
    let held = site.call(&["activate", "also", "--at-once", "--now", NOON, "--json"]);
    assert_eq!(held.code, Some(1), "{held:?}");
    let held: serde_json::Value = serde_json::from_str(&held.out).unwrap();
    assert_eq!(
        held["evaluations"][0]["limit"],
        json!({ "allowed": 4, "opened": 4, "held": true, "of_store": true })
    );
}

/// No more of a scope is counted than matters, so what matters must be right.
#[test]
fn a_limit_knows_of_how_many_it_is_how_much() {
    let larger = |one: Limit, other: Limit| Limit::Larger(one.into(), other.into());
    let smaller = |one: Limit, other: Limit| Limit::Smaller(one.into(), other.into());
    let (count, share) = (Limit::Count, Limit::Percent);
    for limit in [
        count(0),
        count(7),
        share(0.0),
        share(5.0),
        share(33.3),
        share(100.0),
        larger(count(5), share(5.0)),
        smaller(count(50), share(5.0)),
        smaller(count(50), share(0.0)),
        larger(smaller(count(9), share(10.0)), count(3)),
        smaller(larger(count(9), share(10.0)), share(12.5)),
        Limit::of_taking(),
    ] {
        for runs in 0..30 {
            let least = (0..2_000).find(|subjects| limit.count(*subjects) > runs);
            assert_eq!(limit.more_than(runs), least, "{limit:?} {runs}");
        }
        let Some(enough) = limit.enough() else {
            let grows = limit.count(1_000_000) > limit.count(10_000);
            let never = limit.count(u64::MAX) == 0;
            assert!(grows || never, "{limit:?}");
            continue;
        };
        assert_eq!(limit.count(enough), limit.count(u64::from(u32::MAX)), "{limit:?}");
        let less = enough.checked_sub(1).map(|less| limit.count(less));
        assert!(less.is_none_or(|less| less < limit.count(enough)), "{limit:?}");
    }
}

/// A limit of the whole store is not told of as the policy's own.
#[test]
fn the_limit_of_the_store_is_named() {
    let site = Site::acme();
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &(config + "[limits]\nstore = 2\n"));
    site.publish("seats", &SEATS.replace("limit 2", "limit 50"));
    let planned = site.call(&["plan", "seats.tenure", "--now", NOON]).out;
    assert!(planned.contains("2 more by the limit of the whole store"), "{planned}");
    let words = "all policies together opened 0 in 24 hours and 2 are allowed to them by the \
                 limit of the whole store";
    let said = site.call(&["activate", "seats", "--at-once", "--now", NOON]);
    assert!(said.out.contains(words), "{said:?}");
    let held = site.ok(&["held"]).out;
    assert!(held.contains(words), "{held}");
    assert_eq!(site.json(&["held"])["held"][0]["of_store"], true);
    let shown = site.ok(&["evaluations", "1"]).out;
    assert!(shown.contains("(limit 2 a day for the whole store)"), "{shown}");
    let letter = site.dump();
    let said =
        "2 are allowed in 24 hours to all policies together, by the limit of the whole";
    assert!(letter.contains(said), "{letter}");
}
