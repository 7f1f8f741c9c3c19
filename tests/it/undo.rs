//! `undo` at the command line: a preview changes nothing, and what is put back counts for no
//! limit.

use crate::site::{NOON, Site, after};
use serde_json::json;

const SEATS: &str = "policy seats\n  for accounts in app Salesforce\n  every day at 12:00\n  \
                     when inactive > 80d\n  limit 4\n  then disable account\n";

#[test]
fn an_evaluation_is_undone_as_a_whole() {
    let site = Site::acme();
    site.publish("seats", SEATS);
    let before = site.dump();
    let accounts = |dump: &str| {
        let lines = dump.lines().filter(|line| line.starts_with("account "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    assert!(site.states().iter().all(|(_, state)| state == "removed"));
    let taken = site.dump();
    assert_ne!(accounts(&before), accounts(&taken));

    let later = after("1h");
    let plan = ["undo", "--evaluation", "1", "--plan", "--now", &later];
    let shown = site.ok(&plan);
    assert!(shown.out.contains("would be undone: salesforce/zoe became disabled"));
    assert_eq!(site.json(&plan)["runs"].as_array().unwrap().len(), 4);
    assert_eq!(site.dump(), taken);

    let done = site.json(&["undo", "--evaluation", "1", "--now", &later]);
    assert_eq!(
        (&done["schema"], &done["plan"]),
        (&json!("tenure.undone/1"), &json!(false))
    );
    assert_eq!(done["runs"][0]["steps"][0]["why_not"], json!(null));
    assert_eq!(accounts(&site.dump()), accounts(&before));
    let trail = site.ok(&["show", "1"]).out;
    assert!(trail.contains("undone by"), "{trail}");
    let again = site.ok(&["undo", "--evaluation", "1", "--now", &later]);
    assert!(again.err.contains("nothing is left to undo"), "{again:?}");

    // Whoever it was given back to rests: the policy does not take it again the next day.
    let next = site.tick(&after("1d"));
    assert_eq!(next["evaluations"][0]["opened"], 0);
    assert_eq!(accounts(&site.dump()), accounts(&before));
}

#[test]
fn one_run_is_undone_or_the_reason_is_told() {
    let site = Site::acme();
    site.publish("seats", SEATS);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let usage = site.no(2, &["undo"]);
    assert!(
        usage.contains("help: tenure undo RUN, or tenure undo --evaluation"),
        "{usage}"
    );
    site.no(2, &["undo", "1", "--evaluation", "1"]);
    let why = site.no(1, &["undo", "9", "--now", NOON]);
    assert!(why.contains("there is no run 9"), "{why}");
    let why = site.no(1, &["undo", "--evaluation", "9", "--now", NOON]);
    assert!(
        why.contains("there is no evaluation 9\n  help: tenure evaluations"),
        "{why}"
    );
    for command in [&["retry", "9"][..], &["cancel", "9"], &["show", "9"]] {
        let why = site.no(1, command);
        assert!(why.contains("there is no run 9\n  help: tenure runs --all"), "{why}");
    }
    let said = site.ok(&["undo", "1", "--now", NOON]);
    assert!(said.out.contains("  undone: salesforce/"), "{said:?}");
    let said = site.ok(&["undo", "1", "--now", NOON]);
    assert!(said.out.contains("  it was undone already, at"), "{said:?}");
    assert!(said.err.contains("nothing is left to undo"), "{said:?}");
    let said = site.ok(&["runs", "--all", "--now", NOON]).out;
    assert_eq!(said.matches(" (undone) ").count(), 1, "{said}");
    // Of an evaluation each run is named, also the one that is left out.
    let said = site.ok(&["undo", "--evaluation", "1", "--now", NOON]);
    assert!(said.out.contains("  it was undone already, at"), "{said:?}");
    assert_eq!(said.out.matches("  undone: salesforce/").count(), 3, "{said:?}");
    assert_eq!(said.err, "3 changes undone\n");
}

/// What a run did, and then deleted itself, is not laid at somebody's door.
#[test]
fn what_the_run_itself_has_deleted_is_said_to_be() {
    let site = Site::acme();
    let text = SEATS.replace("disable account", "disable account, delete account");
    site.publish("seats", &text);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let said = site.ok(&["undo", "1", "--now", &after("1h")]).out;
    assert!(
        said.contains("became disabled: the run itself has deleted it since"),
        "{said}"
    );
    assert!(!said.contains("somebody"), "{said}");
}

/// That it goes again is said before and after; and under a pause that there is one.
#[test]
fn what_takes_it_again_is_said() {
    let site = Site::acme();
    site.publish("seats", SEATS);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let other = SEATS.replace("policy seats", "policy other").replace("80d", "100d");
    site.publish("other", &other);
    site.ok(&["activate", "other", "--now", NOON]);
    let later = after("1h");
    site.ok(&["pause", "seats", "--reason", "a look", "--now", &later]);
    let subject = |run: &str| site.json(&["show", run])["subject"].clone();
    assert_eq!(subject("1"), json!("salesforce/zoe"));

    let matches = "soon again: salesforce/zoe: it matches, and the next evaluation of other \
                   opens a run";
    let taken = site.dump();
    for plan in
        [&["undo", "1", "--plan", "--now", &later][..], &["undo", "1", "--now", &later]]
    {
        let said = site.ok(plan);
        assert_eq!(said.out.matches("soon again: ").count(), 1, "{said:?}");
        assert!(said.out.contains(matches), "{said:?}");
        let rest = "seats opens no run for salesforce/zoe before 2027-02-08T13:00:00Z";
        assert!(said.out.contains(rest), "{said:?}");
        assert!(said.err.contains("policy seats is paused since"), "{said:?}");
        if plan.contains(&"--plan") {
            assert_eq!(site.dump(), taken);
        }
    }
    let shown = site.ok(&["show", "1", "--now", &later]).out;
    assert!(
        shown.contains("opens no run for salesforce/zoe before 2027-02-08"),
        "{shown}"
    );
    let state = site.json(&["show", "1", "--now", &later]);
    assert_eq!(state["rests_until"], json!("2027-02-08T13:00:00Z"));

    // Whom another policy does not match, nothing takes again.
    let calm = site.json(&["undo", "4", "--plan", "--now", &later]);
    assert_eq!(calm["runs"][0]["subject"], json!("salesforce/pat"));
    assert_eq!(calm["runs"][0]["again"], json!(null));
    // It is the truth.
    let next = site.tick(&after("1d"));
    let opened: Vec<_> = next["evaluations"].as_array().unwrap().iter().collect();
    assert_eq!(opened.len(), 1, "{next}");
    assert_eq!(
        (&opened[0]["policy"], &opened[0]["opened"]),
        (&json!("other"), &json!(1))
    );
}

/// What was deleted does not come back: such a run is undone in part at most.
#[test]
fn a_deletion_is_undone_in_part_at_most() {
    let site = Site::acme();
    let steps = "set title = \"Gone\", delete account";
    site.publish("seats", &SEATS.replace("disable account", steps));
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    site.ok(&["undo", "1", "--now", &after("1h")]);
    let listed = site.ok(&["runs", "--all", "--now", &after("1h")]).out;
    assert_eq!(listed.matches(" (undone in part) ").count(), 1, "{listed}");
    assert_eq!(listed.matches(" (undone) ").count(), 0, "{listed}");
    let state = site.json(&["show", "1", "--now", &after("1h")]);
    assert_eq!(state["undone_in_part"], json!(true));
    let state = site.json(&["show", "2", "--now", &after("1h")]);
    assert_eq!(
        (&state["undone"], &state["undone_in_part"]),
        (&json!(null), &json!(false))
    );
}

/// A verdict that was undone is one no more, whoever looks.
#[test]
fn a_review_says_what_of_its_verdicts_was_undone() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    let start = ["review", "start", "--app", "Salesforce", "--reviewers"];
    let how = ["it@acme.example", "--remove", "disable account", "--at-once"];
    site.ok(&[&start[..], &how, &["--now", NOON]].concat());
    site.ok(&["decide", "1", "remove", "--as", "it@acme.example", "--now", NOON]);
    site.tick(NOON);
    let later = after("1h");
    site.ok(&["undo", "1", "--now", &later]);
    let said = site.ok(&["review", "status", "1"]).out;
    let undone = "run 1 salesforce/zoe: remove by it@acme.example: removed (undone)\n";
    assert!(said.contains(undone), "{said}");
    let subjects = &site.json(&["review", "status", "1"])["reviews"][0]["subjects"];
    assert_eq!(subjects[0]["undone"], json!(later));
    assert_eq!(subjects[1]["undone"], json!(null));
}
