//! Runs that stand still, are over or undone: what the commands say of them.

use crate::site::{NOON, Site, after};

const ASKS: &str = "policy seats\n  for accounts in app Salesforce\n  \
    when user.email in (\"zoe@acme.example\", \"olga@acme.example\") and has permission \"Sales Cloud\"\n  \
    then ask owner for 3d, disable account\n";

/// Where the version of a run names what is gone, that version and its runs are named, and what
/// is at work is not blamed.
#[test]
fn a_version_that_cannot_be_followed_is_named_with_its_runs() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.publish("seats", ASKS);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    site.write("seats.tenure", &ASKS.replace(" and has permission \"Sales Cloud\"", ""));
    site.ok(&["publish", "seats.tenure", "--now", NOON]);
    site.ok(&["activate", "seats", "--now", NOON]);
    sql(&site, "UPDATE permission SET gone = 1 WHERE label = 'Sales Cloud'");
    let why =
        "policy seats version 1 cannot be followed: no permission named `Sales Cloud`; ";
    let both = format!("{why}runs 1, 2 stand still");
    let later = after("5d");

    let said = site.call(&["run", "--now", &later]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains(&both), "{said:?}");
    assert!(!said.out.contains("policy seats cannot"), "{said:?}");
    assert!(said.err.contains("tenure cancel RUN"), "{said:?}");
    let said = site.ok(&["policies", "--now", &later]).out;
    assert!(said.contains("version 2 is active") && said.contains(&both), "{said}");
    let said = site.ok(&["runs", "--now", &later]);
    assert_eq!(said.out.matches("(stands still)").count(), 2, "{said:?}");
    assert!(said.err.contains(&both), "{said:?}");
    let said = site.ok(&["show", "1", "--now", &later]).out;
    assert!(said.contains(&both) && !said.contains("until"), "{said}");

    let answer = ["decide", "1", "keep", "--as", "zoe@acme.example", "--now", &later];
    let said = site.ok(&answer);
    assert!(said.err.contains("it is on record, and waits: policy seats"), "{said:?}");
    let refused = site.no(1, &["retry", "2", "--now", &later]);
    assert!(refused.contains("run 2 stands still; bring back"), "{refused}");
    assert!(refused.contains("tenure cancel 2"), "{refused}");
    site.ok(&["cancel", "2", "--now", &later]);
    let said = site.ok(&["show", "2", "--now", &later]).out;
    assert!(said.contains("\ncancelled\n"), "{said}");
}

/// A run that fails and is over in one go is told of once, as it is.
#[test]
fn a_run_that_failed_and_is_over_is_named_once() {
    let site = Site::acme();
    let scope = "for accounts in app Salesforce\n  every day at 12:00\n  when account.username = \"svc-sync\"\n";
    site.activate("out", &format!("policy out\n  {scope}  then disable user\n"));
    site.activate("rival", &format!("policy rival\n  {scope}  then delete account\n"));
    let said = site.call(&["run", "--now", &after("1d")]).out;
    assert!(said.contains("run 1 for salesforce/svc-sync no longer applies: "), "{said}");
    assert_eq!(said.matches("run 1 for ").count(), 1, "{said}");
    let said = site.ok(&["show", "1"]).out;
    assert!(said.contains("FAILED: disable user"), "{said}");
}

/// While everything is paused nothing is due, whatever was.
#[test]
fn nothing_is_due_while_everything_is_paused() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    let review = [
        "review",
        "start",
        "--app",
        "Salesforce",
        "--reviewers",
        "it@acme.example",
        "--for",
        "3d",
        "--now",
        NOON,
    ];
    site.ok(&review);
    site.ok(&["pause", "--reason", "no", "--now", NOON]);
    let said = site.ok(&["run", "--now", &after("9d")]);
    assert!(!said.err.contains("next due"), "{said:?}");
    assert!(said.err.contains("nothing is due before `tenure resume`"), "{said:?}");
    assert!(site.json(&["run", "--now", &after("9d")])["next_due"].is_null());
}

fn sql(site: &Site, statement: &str) {
    let store = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
    store.execute_batch(statement).unwrap();
}

/// Whoever stops a run that stands still has its subject rest as long as its policy says.
#[test]
fn a_run_that_stands_still_and_is_stopped_rests_as_its_policy_says() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    let text = "policy seats\n  for accounts in app Salesforce\n  every day at 12:00\n  \
                when inactive > 30d and user.email = \"zoe@acme.example\"\n  \
                except in group Contractors\n  then ask owner for 20d, disable account\n";
    site.publish("seats", text);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    sql(&site, "UPDATE grp SET gone = 1 WHERE name = 'Contractors'");
    assert!(site.no(1, &["retry", "1"]).contains("cannot be followed"));
    site.ok(&["cancel", "1", "--now", NOON]);
    sql(&site, "UPDATE grp SET gone = 0 WHERE name = 'Contractors'");
    site.tick(&after("29d"));
    assert_eq!(site.states().len(), 1);
    site.tick(&after("31d"));
    assert_eq!(site.states().len(), 2);
}
