//! Access reviews: who is asked, and when what they decide is done.

use crate::peers::Peer;
use crate::site::{NOON, SECRET, Site, after};
use serde_json::json;

/// A store whose configuration knows a mail server and a webhook.
fn site(mail: &Peer, receiver: &Peer) -> Site {
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write(
        "tenure.toml",
        &format!("{config}[policies]\npaths = [\"webhooks.tenure\"]\n"),
    );
    let url = receiver.url("/204");
    site.write(
        "webhooks.tenure",
        &format!("webhook revoke\n  url \"{url}\"\n  secret env REVOKE_SECRET\n"),
    );
    site
}

const START: [&str; 9] = [
    "review",
    "start",
    "--app",
    "Salesforce",
    "--reviewers",
    "it@acme.example",
    "--remove",
    "run webhook revoke",
    "--for",
];

fn decide(site: &Site, run: &str, verdict: &str, day: &str) {
    site.ok(&["decide", run, verdict, "--as", "it@acme.example", "--now", &after(day)]);
}

/// rows: W02 W21 W26 W31
#[test]
fn what_is_rejected_goes_when_the_review_ends_and_not_before() {
    let (mail, receiver) =
        (Peer::mail(&[]), Peer::receiver(&["--secret", SECRET, "--any-time"]));
    let site = site(&mail, &receiver);
    let report = site.json(&[&START[..], &["3d", "--now", NOON]].concat());
    assert_eq!([&report["evaluations"][0]["opened"], &report["review"]], [7, 1]);
    assert_eq!(mail.events("message").len(), 7);
    let status = site.ok(&["review", "status", "1"]);
    assert!(
        status
            .out
            .contains("\n  run 1 salesforce/zoe: reviewing, asked it@acme.example\n"),
        "{status:?}"
    );
    decide(&site, "1", "remove", "1d");
    decide(&site, "2", "keep", "1d");
    site.tick(&after("2d"));
    assert_eq!(receiver.journal().len(), 0);
    let refused = site.no(1, &["decide", "1", "keep", "--as", "it@acme.example"]);
    assert!(refused.contains("was decided already"), "{refused}");

    let status = site.json(&["review", "status", "1", "--now", &after("2d")]);
    let review = &status["reviews"][0];
    assert_eq!([&review["keep"], &review["remove"], &review["undecided"]], [1, 1, 5]);
    assert_eq!([&review["state"], &review["ends_at"]], ["open", after("3d").as_str()]);

    site.tick(&after("3d"));
    assert_eq!(receiver.journal().len(), 1);
    let status = site.json(&["review", "status", "1"]);
    let review = &status["reviews"][0];
    assert_eq!(
        [&review["state"], &review["closed_at"]],
        ["closed", after("3d").as_str()]
    );
    assert_eq!(review["closed_by"], json!(null));
    let states: Vec<String> = site.states().into_iter().map(|(_, state)| state).collect();
    assert_eq!(states.iter().filter(|state| *state == "removed").count(), 1);
    assert_eq!(states.iter().filter(|state| *state == "kept").count(), 1);
    assert_eq!(states.iter().filter(|state| *state == "ended").count(), 5);
    // It asks once.
    site.tick(&after("10d"));
    assert_eq!(site.states().len(), 7);
    assert_eq!(receiver.journal().len(), 1);
}

/// rows: W31
#[test]
fn verdicts_act_at_once_where_that_is_said_and_a_review_is_closed_early() {
    let (mail, receiver) =
        (Peer::mail(&[]), Peer::receiver(&["--secret", SECRET, "--any-time"]));
    let site = site(&mail, &receiver);
    site.ok(&[&START[..], &["3d", "--at-once", "--now", NOON]].concat());
    decide(&site, "1", "remove", "1h");
    site.tick(&after("1h"));
    assert_eq!(receiver.journal().len(), 1);
    // The other one is about a permission, and has another way. Where the first still asks
    // about an account, its question waits.
    let start = ["review", "start", "--app", "Salesforce", "--permission", "Sales Cloud"];
    let how = ["--reviewers", "it@acme.example", "--now", &after("1h")];
    site.ok(&[&start[..], &how].concat());
    let status = site.ok(&["review", "status", "2"]);
    let run = status.out.lines().count();
    assert_eq!(run, 6, "{status:?}");
    decide(&site, "8", "remove", "2h");
    let closed = site.json(&["review", "close", "2", "--now", &after("3h")]);
    assert_eq!(
        [&closed["schema"], &closed["review"]],
        [&json!("tenure.run/1"), &json!(2)]
    );
    let status = site.ok(&["review", "status", "2"]).out;
    assert!(
        status.starts_with("review 2 of Salesforce/Sales Cloud, closed at"),
        "{status}"
    );
    assert_eq!(
        status.matches("remove by it@acme.example: removed").count(),
        1,
        "{status}"
    );
    assert_eq!(status.matches(" ended\n").count(), 4, "{status}");
    assert_eq!(receiver.journal().len(), 1);
    let again = site.no(1, &["review", "close", "2", "--now", &after("4h")]);
    assert!(again.contains("review 2 was closed at"), "{again}");
    site.no(1, &["review", "close", "7"]);
}

#[test]
fn a_review_stands_still_while_it_is_paused() {
    let (mail, receiver) =
        (Peer::mail(&[]), Peer::receiver(&["--secret", SECRET, "--any-time"]));
    let site = site(&mail, &receiver);
    site.ok(&[&START[..], &["3d", "--now", NOON]].concat());
    decide(&site, "1", "remove", "1d");
    site.ok(&["pause", "--reason", "a test", "--now", &after("2d")]);
    site.tick(&after("5d"));
    assert_eq!(receiver.journal().len(), 0);
    site.ok(&["resume", "--now", &after("6d")]);
    site.tick(&after("6d"));
    assert_eq!(receiver.journal().len(), 0);
    let status = site.json(&["review", "status", "1"]);
    assert_eq!(status["reviews"][0]["ends_at"], after("7d"));
    site.tick(&after("7d"));
    assert_eq!(receiver.journal().len(), 1);
}

#[test]
fn what_cannot_be_asked_starts_no_review() {
    let (mail, receiver) =
        (Peer::mail(&[]), Peer::receiver(&["--secret", SECRET, "--any-time"]));
    let site = site(&mail, &receiver);
    let start = |app: &str, who: &str, remove: &str| {
        let options = ["review", "start", "--app", app, "--reviewers", who];
        site.no(2, &[&options[..], &["--remove", remove, "--now", NOON]].concat())
    };
    assert!(
        start("Nope", "it@acme.example", "remove access").contains("no app named `Nope`")
    );
    assert!(start("Salesforce", "nobody here", "remove access").contains("nobody"));
    let misspelt = start("Salesforce", "it@acme.example", "disable acount");
    assert!(misspelt.contains("write `disable account`"), "{misspelt}");
    let quoted = start("a\"b", "it@acme.example", "remove access");
    assert!(quoted.contains("no app named `a\"b`"), "{quoted}");
    for (remove, why) in [
        ("ask owner", "asks nobody"),
        ("notify owner", "takes nothing away"),
        ("remove access if kept snooze 3d", "holds steps alone"),
        ("remove access\npolicy evil\n  then disable account", "one line"),
    ] {
        let options = ["review", "start", "--app", "Salesforce", "--reviewers"];
        let options = [&options[..], &["it@acme.example", "--remove", remove]].concat();
        let said = site.no(2, &options);
        assert!(said.contains(why), "{remove}: {said}");
    }
    site.no(2, &["review", "start", "--app", "Salesforce"]);
    let said = site.ok(&["review", "status"]);
    assert_eq!(
        (said.out.as_str(), said.err.trim_end()),
        ("", "there are no access reviews")
    );
    let plan = [&START[..], &["3d", "--plan", "--now", NOON]].concat();
    assert!(
        site.ok(&plan)
            .out
            .starts_with("policy access review 1: would open 7 runs")
    );
    assert_eq!(mail.events("message").len(), 0);
}

/// For what the verdicts of a closed review wait, since when, and what to do.
#[test]
fn a_review_that_waits_for_a_policy_says_so() {
    let site = Site::acme();
    site.activate(
        "takes",
        "policy takes\n  for accounts in app Salesforce\n  on access rejected\n  \
         then unassign from app\n",
    );
    let started = ["review", "start", "--app", "Salesforce", "--reviewers"];
    site.configure(Some(1), &[]);
    site.ok(&[&started[..], &["it@acme.example", "--for", "3d", "--now", NOON]].concat());
    site.ok(&["decide", "1", "remove", "--as", "it@acme.example", "--now", NOON]);
    site.ok(&["pause", "takes", "--reason", "its receiver is down", "--now", NOON]);
    let later = "2026-11-24T12:00:00Z";
    let said = site.ok(&["run", "--now", later]);
    let waits = "review 1: 1 run waits, as policy takes is paused, and may take it away";
    assert!(said.out.contains(waits), "{said:?}");
    let said = site.ok(&["review", "status"]);
    assert!(said.out.contains("; 1 waits for another policy\n"), "{said:?}");
    let said = site.ok(&["review", "status", "1"]);
    let since =
        format!("waiting since {later}: policy takes is paused, and may take it away\n");
    assert!(said.out.contains(&since), "{said:?}");
    assert!(said.err.contains("Let it go on: tenure resume takes\n"), "{said:?}");
    let said = site.ok(&["show", "1"]);
    let shown = format!("{since}Let it go on: tenure resume takes\n");
    assert!(said.out.contains(&shown), "{said:?}");
    site.ok(&["resume", "takes", "--now", later]);
    site.ok(&["run", "--now", later]);
    let said = site.ok(&["review", "status", "1"]);
    assert!(!said.out.contains("waiting") && !said.err.contains("resume"), "{said:?}");
}
