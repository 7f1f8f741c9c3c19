//! Events through the program: taken in once, whatever happens, and heard at the next run; and
//! gates, which answer at once.

use crate::site::{NOON, Said, Site, after, said};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

const LEAVERS: &str = "policy leavers\n  for users\n  on user suspended\n  \
     then remove from group \"Salesforce Users\"\n";

const GATE: &str = "policy ours\n  before user created by signup\n  \
     require email ends with \"@acme.example\" \"Sign up at work, {{ user.email }}.\"\n";

fn suspended(id: &str) -> Value {
    json!({
        "schema": "tenure.event/1", "id": id, "event": "user suspended",
        "subject": "zoe@acme.example", "data": { "ticket": 7 }
    })
}

/// Tells of an event at noon, by a file.
fn tell(site: &Site, event: &Value) -> Said {
    site.write("event.json", &event.to_string());
    site.call(&["event", "event.json", "--now", NOON])
}

fn members(site: &Site) -> usize {
    let dump = site.dump();
    dump.lines()
        .filter(|line| line.starts_with("membership Salesforce Users in okta zoe@"))
        .count()
}

/// rows: O01 O05
#[test]
fn an_event_counts_once_however_often_it_is_told() {
    let site = Site::acme();
    site.activate("leavers", LEAVERS);
    let said = tell(&site, &suspended("a"));
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""));
    assert_eq!(
        said.err,
        "user suspended for zoe@acme.example is on record as event 1; what follows from it \
         happens at the next `tenure run`\n"
    );
    assert_eq!(members(&site), 1);
    let again = tell(&site, &suspended("a"));
    assert_eq!(again.err, "event a was received before\n");
    let report = site.tick(NOON);
    assert_eq!(
        (report["evaluations"][0]["opened"].as_u64(), members(&site)),
        (Some(1), 0)
    );
    assert_eq!(site.store().evaluations(None, u32::MAX).unwrap()[0].cause, "event");
    let before = site.dump();
    assert_eq!(tell(&site, &suspended("a")).code, Some(0));
    assert_eq!(site.tick(NOON)["transitions"], 0);
    assert_eq!(site.dump(), before);
    let mut other = suspended("a");
    other["subject"] = "yan@acme.example".into();
    let said = tell(&site, &other);
    assert_eq!(said.code, Some(1));
    assert_eq!(said.err, "error: another event was received as `a` before\n");
}

#[test]
fn an_event_comes_by_standard_input_and_answers_as_json() {
    let site = Site::acme();
    let mut child = site
        .command(&["event", "-", "--json", "--now", NOON])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let event = suspended("a").to_string();
    child.stdin.take().unwrap().write_all(event.as_bytes()).unwrap();
    let said = said(child.wait_with_output().unwrap());
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(
        document,
        json!({
            "schema": "tenure.received/1",
            "event": { "number": 1, "id": "a", "repeated": false, "late": false }
        })
    );
}

#[test]
fn what_is_no_event_is_refused_and_not_kept() {
    let site = Site::acme();
    let before = site.dump();
    let wrong = [
        (
            json!({ "id": "a", "event": "user susended", "subject": "zoe@acme.example" }),
            2,
            "`user susended` is no event; did you mean `user suspended`?",
        ),
        (
            json!({ "id": "a", "event": "user suspended", "subject": "zed@acme.example" }),
            1,
            "the store knows no `zed@acme.example`",
        ),
        (
            json!({ "id": "", "event": "user suspended", "subject": "zoe@acme.example" }),
            2,
            "it has no `id`, so that it could not be told from others",
        ),
        (
            json!({ "id": "a", "event": "mfa updated", "subject": "zoe@acme.example", "by": "us" }),
            2,
            "`by` is one of signup, self, admin, jit, api, import, not `us`",
        ),
        (
            json!({ "id": "a", "event": "user updated", "subject": "zoe@acme.example",
                 "user": { "departmnt": "IT" } }),
            1,
            "the store knows no attribute `departmnt`; did you mean `department`?",
        ),
        (
            json!({ "id": "a", "event": "user updated", "subject": "zoe@acme.example",
                 "user": { "title": "CEO", "status": "gone" } }),
            1,
            "`status` is one of staged, active, suspended, disabled, deleted, not `gone`",
        ),
        (
            json!({ "id": "a", "event": "group joined", "subject": "zoe@acme.example" }),
            2,
            "`group joined` needs `group`",
        ),
    ];
    for (event, code, why) in wrong {
        let said = tell(&site, &event);
        assert_eq!((said.code, said.err), (Some(code), format!("error: {why}\n")));
    }
    assert_eq!(site.dump(), before);
}

/// rows: M08 M09
#[test]
fn a_gate_answers_at_once_and_starts_nothing() {
    let site = Site::acme();
    site.activate("ours", GATE);
    let ask = |id: &str, subject: &str| {
        json!({
            "id": id, "event": "before user created", "subject": subject, "by": "signup"
        })
    };
    let allowed = tell(&site, &ask("a", "nel@acme.example"));
    assert_eq!((allowed.code, allowed.out.as_str()), (Some(0), "allow\n"));
    let refused = tell(&site, &ask("b", "nel@else.example"));
    assert_eq!(
        (refused.code, refused.out.as_str()),
        (Some(1), "refuse: Sign up at work, nel@else.example.\n")
    );
    assert_eq!(tell(&site, &ask("b", "nel@else.example")), refused);
    assert!(!site.dump().contains("\nuser nel@"));
    assert_eq!(site.tick(NOON)["evaluations"], json!([]));
}

#[test]
fn what_only_events_start_is_not_started_at_once_and_a_plan_says_so() {
    let site = Site::acme();
    site.publish("leavers", LEAVERS);
    assert_eq!(
        site.no(1, &["activate", "leavers", "--at-once"]),
        "error: policy `leavers` is started by events alone; nothing was done\n  \
         help: activate it without `--at-once`\n"
    );
    let said = site.ok(&["plan", "leavers.tenure", "--now", NOON]);
    assert_eq!(said.out, "policy leavers: opens on user suspended\n\n");
    site.ok(&["activate", "leavers", "--now", NOON]);
    assert_eq!(site.tick(&after("1d"))["evaluations"], json!([]));
}

/// What somebody does at the command line says when, and who; what they undo, of which run.
#[test]
fn what_is_processed_or_undone_has_a_time_and_an_author() {
    const CLERKS: &str = "policy clerks\n  for users\n  every day at 12:00\n  \
        when title = \"Account Executive\"\n  then remove from group \"Salesforce Users\"\n";
    const STATES: &str = "lifecycle\n  active is inactive short-term\n\n\
        policy listing\n  for users\n  every day at 09:00\n  \
        when lifecycle = terminated\n  then set title = \"-\"\n";
    let site = Site::acme();
    site.activate("listing", STATES);
    site.ok(&["process", "--user", "zoe@acme.example", "--reason", "t", "--now", NOON]);
    let later = after("1h");
    site.ok(&["process", "--lifecycle", "--reason", "t", "--now", &later]);
    site.publish("clerks", CLERKS);
    site.ok(&["activate", "clerks", "--at-once", "--now", &later]);
    let undone = after("2h");
    let run = site
        .states()
        .iter()
        .position(|(name, _)| name.starts_with("zoe@"))
        .unwrap();
    let run = (run + 1).to_string();
    site.ok(&["undo", &run, "--now", &undone]);

    let me = tenure::session::actor();
    let events = site.json(&["events"])["events"].clone();
    let events = events.as_array().unwrap();
    let told: Vec<_> = events
        .iter()
        .filter(|event| event["subject"] == "zoe@acme.example")
        .map(|event| {
            json!([event["at"], event["told_by"], event["run"], event["policy"]])
        })
        .collect();
    let number: u64 = run.parse().unwrap();
    assert_eq!(
        told,
        [
            json!([NOON, me, null, null]),
            json!([later, null, number, "clerks"]),
            json!([undone, me, number, "clerks"]),
        ]
    );
    let changed = |event: &&Value| event["event"] == "identity state changed";
    assert!(
        events
            .iter()
            .filter(changed)
            .all(|event| event["told_by"] == json!(me))
    );
    assert!(events.iter().filter(changed).any(|event| event["at"] == json!(later)));
    let listed = site.ok(&["events"]).out;
    assert!(listed.contains(&format!("{me}, undoing run {run}")), "{listed}");
    let last = events.last().unwrap()["number"].to_string();
    let whole = site.ok(&["events", &last]).out;
    let who = format!("done by {me}, who undid run {run} of policy clerks");
    assert!(whole.contains(&who), "{whole}");
}

#[test]
fn a_gate_is_asked_and_numbers_are_asked_for_in_words() {
    let site = Site::acme();
    site.write("ours.tenure", GATE);
    let said = site.ok(&["plan", "ours.tenure", "--now", NOON]).out;
    assert!(said.contains("policy ours: asked at "), "{said}");
    let why = site.no(2, &["events", "abc"]);
    assert!(why.contains("write the number of an event"), "{why}");
    let why = site.no(2, &["events", "--last", "0"]);
    assert!(why.contains("write how many of the latest, from 1 on"), "{why}");
}

/// That no run can open is said where somebody asks why.
#[test]
fn an_explanation_names_the_event_or_the_better_rank() {
    let site = Site::acme();
    site.activate("leavers", LEAVERS);
    let said = site
        .ok(&["explain", "leavers", "zoe@acme.example", "--now", NOON])
        .out;
    let only = "matches policy leavers, which opens a run only on user suspended\n";
    assert!(said.contains(only), "{said}");
    let ranked = |name: &str, rank: u8| {
        format!(
            "policy {name}\n  for users\n  every day at 12:00\n  rank {rank} in titles\n  \
             when title is known\n  then set title = \"{name}\"\n"
        )
    };
    site.activate("first", &ranked("first", 1));
    site.activate("second", &ranked("second", 2));
    let explain = ["explain", "second", "zoe@acme.example", "--now", NOON];
    let left =
        "matches policy second, and is left to policy first, whose rank is better\n";
    assert!(site.ok(&explain).out.contains(left));
    // Of files alone, beside what is at work, and against it.
    let of_file = [&explain[..], &["both.tenure"]].concat();
    site.write("both.tenure", &ranked("second", 2));
    assert!(site.ok(&of_file).out.contains(left));
    let mine = ranked("first", 3) + "\n" + &ranked("second", 2);
    site.write("both.tenure", &mine);
    assert!(site.ok(&of_file).out.contains("matches policy second\n"));
    let fresh = Site::acme();
    fresh.write("both.tenure", &(ranked("first", 1) + "\n" + &ranked("second", 2)));
    assert!(fresh.ok(&of_file).out.contains(left));
    let said = site.ok(&["explain", "first", "zoe@acme.example", "--now", NOON]).out;
    assert!(said.contains("matches policy first\n"), "{said}");
}

#[test]
fn the_record_says_what_is_over_by_the_time_that_it_is_heard() {
    const BACK: &str = "policy back\n  for users\n  \
        on (group left Execs, department changed to \"Legal\")\n  \
        then remove from group \"Salesforce Users\"\n";
    let site = Site::acme();
    site.activate("back", BACK);
    let tell = |id: &str, event: Value| {
        let mut whole = json!({ "schema": "tenure.event/1", "id": id });
        whole
            .as_object_mut()
            .unwrap()
            .extend(event.as_object().unwrap().clone());
        assert_eq!(tell(&site, &whole).code, Some(0));
    };
    let of = |event: &str| json!({ "event": event, "subject": "ceo@acme.example", "group": "Execs" });
    tell("a", of("group left"));
    tell("b", of("group joined"));
    let department = |new: &str| {
        json!({
            "event": "attribute changed", "subject": "zoe@acme.example",
            "attribute": "department", "new": new,
        })
    };
    tell("c", department("Legal"));
    tell("d", department("Finance"));
    let said = site.ok(&["run", "--now", NOON]).out;
    assert!(said.contains("opened 0 runs; 1 in scope, 0 match, 0 undecided (over since: a member of `Execs` again (1))"), "{said}");
    let of_ceo = site.ok(&["events", "--person", "ceo@acme.example"]).out;
    assert!(of_ceo.contains("over since: a member of `Execs` again"), "{of_ceo}");
    let of_zoe = site.ok(&["events", "--person", "zoe@acme.example"]).out;
    assert!(of_zoe.contains("over since: department is `Finance`"), "{of_zoe}");
    let found = site.ok(&["evaluations", "1"]).out;
    assert!(found.contains("over since: a member of `Execs` again (1)"), "{found}");
}

#[test]
fn the_record_knows_a_grant_that_is_gone() {
    const ENDS: &str = "policy ends\n  for grants in app Salesforce\n  \
        on access expired\n  then remove access\n";
    let site = Site::acme();
    site.activate("ends", ENDS);
    let later = after("1h");
    site.ok(&["run", "--now", &later]);
    let subject = site.json(&["events"])["events"][0]["subject"].clone();
    assert_eq!(subject, "salesforce/pat/Service Cloud");
    let of_pat = site.ok(&["events", "--person", "pat@acme.example"]).out;
    assert!(of_pat.contains("salesforce/pat/Service Cloud"), "{of_pat}");
    // What an import does not list any more is known as well, though no run was about it.
    let other = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
    let forgets = "UPDATE run SET subject_id = 0";
    other.execute(forgets, []).unwrap();
    assert_eq!(site.json(&["events"])["events"][0]["subject"], subject);
}
