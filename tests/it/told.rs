//! What people are told at the shell of what runs did, and of what they wait for.

use crate::peers::Peer;
use crate::site::{NOON, Site, acme, after};

const GONE: &str = "\
policy gone
  for accounts in app Salesforce
  when account.username = \"zoe\"
  then delete account
";

/// Who took an account is said where it is asked about, and forgotten once it is back.
#[test]
fn what_a_run_took_is_said_to_be_taken_by_it() {
    let site = Site::acme();
    site.publish("gone", GONE);
    site.ok(&["activate", "gone", "--at-once", "--now", NOON]);
    let how = format!("is gone: run 1 took it at {NOON}\n");
    let asked = [
        &["explain", "gone", "salesforce/zoe"][..],
        &["show", "Salesforce/Zoe"],
        &["explain", "gone", "salesforce/zoe", "--now", &after("9d")],
    ];
    for asked in asked {
        let said = site.no(1, asked);
        assert!(said.contains(&how), "{asked:?}: {said}");
    }
    site.ok(&["import", &acme(), "--now", &after("1d")]);
    site.ok(&["show", "salesforce/zoe"]);
    let csv = std::fs::read_to_string(format!("{}/accounts.csv", acme())).unwrap();
    let without: Vec<&str> = csv
        .lines()
        .filter(|line| !line.starts_with("salesforce,zoe,"))
        .collect();
    std::fs::create_dir(site.path("less")).unwrap();
    site.write("less/accounts.csv", &(without.join("\n") + "\n"));
    site.ok(&["import", "less", "--accept-large", "--now", &after("2d")]);
    let said = site.no(1, &["show", "salesforce/zoe"]);
    assert!(said.contains("is gone: the last import did not list it\n"), "{said}");
}

/// Nothing is left in the store of a permission that was taken, but the run.
#[test]
fn a_permission_that_a_run_took_is_said_to_be_taken_by_it() {
    let site = Site::acme();
    let policy = "policy seats\n  for grants in app Salesforce\n  when permission = \"Sales Cloud\" \
                  and account.username = \"zoe\"\n  then remove access\n";
    site.publish("seats", policy);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let name = "salesforce/zoe/Sales Cloud";
    for asked in [&["explain", "seats", name][..], &["show", name]] {
        let said = site.no(1, asked);
        let how = format!("`{name}` is gone: run 1 took it at {NOON}\n");
        assert!(said.contains(&how), "{asked:?}: {said}");
    }
    let said = site.no(1, &["show", "salesforce/zoe/Nothing"]);
    assert!(said.contains("nothing is known as"), "{said}");
}

/// What holds an evaluation up is named, and of several policies which one a line is of.
#[test]
fn a_simulation_names_the_policy_and_the_limit() {
    let site = Site::acme();
    let policy = |name: &str, app: &str| {
        format!(
            "policy {name}\n  for accounts in app {app}\n  when inactive > 80d\n  \
             limit none \"a test\"\n  then wait 1d, disable account\n"
        )
    };
    let (seats, code) = (policy("seats", "Salesforce"), policy("code", "GitHub"));
    site.write("both.tenure", &(seats + "\n" + &code));
    let both = ["simulate", "both.tenure", "--at-once", "--for", "2d", "--now", NOON];
    let said = site.ok(&both).out;
    assert!(said.contains("  seats  opened because inactive > 80d"), "{said}");
    assert!(said.contains("  code   opened because inactive > 80d"), "{said}");
    site.write("one.tenure", &policy("seats", "Salesforce"));
    let said = site.ok(&["simulate", "one.tenure", "--for", "2d", "--now", NOON]).out;
    assert!(!said.contains("  seats  opened"), "{said}");

    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &(config + "[limits]\nstore = 2\n"));
    let said = site.call(&both);
    assert_eq!(said.code, Some(1), "{said:?}");
    let words = "policy seats HELD: it would open 4 runs, all policies together opened 0 in 24 \
                 hours and 2 are allowed to them by the limit of the whole store";
    assert!(said.out.contains(words), "{said:?}");
    let told = site.call(&[&both[..], &["--json"]].concat()).out;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["held"][0]["of_store"], true, "{told}");
}

#[test]
fn a_question_that_cannot_be_read_is_wrong_usage() {
    let site = Site::acme();
    for wrong in [
        &["find", "--filter", "identityState xx \"ACTIVE\""][..],
        &["find", "--filter", ""],
        &["find", "users where departmant = \"Sales\""],
        &["find", "users where"],
        &["runs", "--person", "nobody"],
        &["events", "--person", "nobody"],
        &["events", "--last", "0"],
        &["evaluations", "--last", "0"],
        &["evaluations", "--last", "-3"],
    ] {
        site.no(2, wrong);
    }
    // What could be there and is not is a no.
    site.no(1, &["runs", "--person", "nobody@acme.example"]);
    site.no(1, &["evaluations", "Nothing"]);
}

/// A slip in the address of a reviewer writes to no stranger; whoever is meant to be one is asked.
#[test]
fn reviewers_are_people_of_the_store_unless_it_is_said() {
    let (mail, site) = (Peer::mail(&[]), Site::acme());
    site.configure(Some(mail.port), &[]);
    let start = ["review", "start", "--app", "Salesforce", "--now", NOON, "--reviewers"];
    let slip = [&start[..], &["olgaa@acme.example"]].concat();
    for more in [&[][..], &["--plan"]] {
        let said = site.no(2, &[&slip, more].concat());
        assert!(said.contains("help: write `olga@acme.example`"), "{said}");
        assert!(said.contains("no review was started"), "{said}");
        assert!(said.contains("--outside"), "{said}");
    }
    assert!(site.states().is_empty());
    let steps = ["olga@acme.example", "--remove", "remove acess"];
    let said = site.no(2, &[&start[..], &steps].concat());
    assert!(said.contains("the words of the options stand in a policy"), "{said}");
    let outside = [&start[..], &["audit@auditors.example", "--outside"]].concat();
    let said = site.ok(&outside);
    assert!(said.err.contains("audit@auditors.example"), "{said:?}");
    assert_eq!(site.states().len(), 7);
}

/// Whom nobody can be asked about is not merely undecided.
#[test]
fn what_a_review_cannot_ask_is_counted_as_held() {
    let (mail, site) = (Peer::mail(&[]), Site::acme());
    site.configure(Some(mail.port), &[]);
    site.ok(&[
        "review",
        "start",
        "--app",
        "Salesforce",
        "--reviewers",
        "manager",
        "--now",
        NOON,
    ]);
    let held = site.states().iter().filter(|(_, state)| state == "held").count();
    assert!(held > 0, "{:?}", site.states());
    let said = site.ok(&["review", "status", "1", "--now", NOON]);
    let undecided = 7 - held;
    let line = format!("0 keep, 0 remove, {undecided} undecided, {held} held\n");
    assert!(said.out.contains(&line), "{said:?}");
    assert!(said.out.contains(": held: nobody can be asked\n"), "{said:?}");
    assert!(said.err.contains("tenure retry RUN"), "{said:?}");
    let status = site.json(&["review", "status", "1", "--now", NOON]);
    let review = &status["reviews"][0];
    assert_eq!(
        [&review["undecided"], &review["held"], &review["failed"]],
        [undecided, held, 0]
    );
}

/// Nobody in New York means a clock that has no summer.
#[test]
fn zones_of_the_configuration_that_are_no_places_are_told_of() {
    let site = Site::acme();
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("gone.tenure", GONE);
    let warned = |zone: &str, calendar: &str| {
        let calendar = format!("[calendar]\nzone = \"{calendar}\"\n");
        site.write("tenure.toml", &format!("zone = \"{zone}\"\n{config}{calendar}"));
        let calls =
            [&["check", "gone.tenure"][..], &["plan", "gone.tenure", "--now", NOON]];
        calls.map(|call| site.call(call).err)
    };
    for said in warned("EST", "MST") {
        assert!(
            said.contains("`zone = \"EST\"` of tenure.toml is a fixed offset"),
            "{said}"
        );
        assert!(said.contains("help: write `America/New_York`"), "{said}");
        assert!(said.contains("`calendar.zone = \"MST\"`"), "{said}");
        assert!(said.contains("help: write `America/Denver`"), "{said}");
    }
    for said in warned("EST5EDT", "HST") {
        assert!(!said.contains("fixed offset"), "{said}");
    }
}

/// While a run stands still its window has no end that is known.
#[test]
fn a_paused_run_says_that_its_window_will_end_later() {
    let site = Site::acme();
    let waits = GONE.replace("delete account", "wait 3d, delete account");
    site.publish("gone", &waits);
    site.ok(&["activate", "gone", "--at-once", "--now", NOON]);
    let until = format!("waiting until {}", after("3d"));
    let shown = site.ok(&["show", "1"]).out;
    assert!(shown.contains(&format!("{until}\n")), "{shown}");
    site.ok(&["pause", "gone", "--reason", "one", "--now", &after("1d")]);
    let shown = site.ok(&["show", "1"]).out;
    let later = format!("{until}, and later by the time that it stays paused\n");
    assert!(shown.contains(&later), "{shown}");
}
