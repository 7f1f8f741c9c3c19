//! Pauses, with real processes: when `pause` returns nothing leaves any more, and everything
//! leaves once after `resume`.

use crate::peers::{Peer, header, wait};
use crate::served::Server;
use crate::site::{NOON, Site, after, said};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Stdio;
use tenure::time::calendar::Calendar;
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

/// So many webhooks are on their way.
const MANY: usize = 40;

/// A store with many accounts that nobody uses, and a policy that has a slow receiver; it is
/// evaluated an hour later.
fn busy(receiver: &Peer, path: &str) -> Site {
    busy_at(receiver, path, NOON)
}

fn busy_at(receiver: &Peer, path: &str, now: &str) -> Site {
    let site = Site::empty();
    site.configure(None, &[receiver.address()]);
    let now = Timestamp::parse(now).unwrap();
    let (long_ago, now) = (now.before(Duration::days(200)), now.to_string());
    let folder = site.path("data");
    fs::create_dir(&folder).unwrap();
    let mut identities = "email,given_name,status\n".to_owned();
    let mut accounts = "app,username,email,status\n".to_owned();
    let mut activity = "app,username,source,last_login_at\n".to_owned();
    for number in 0..MANY {
        writeln!(identities, "p{number}@acme.example,P,active").unwrap();
        writeln!(accounts, "crm,u{number},p{number}@acme.example,active").unwrap();
        writeln!(activity, "crm,u{number},crm,{long_ago}").unwrap();
    }
    for (name, text) in [
        ("identities", identities.as_str()),
        ("apps", "app,label\ncrm,CRM\n"),
        ("accounts", &accounts),
        ("activity", &activity),
    ] {
        fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
    site.ok(&["import", "data", "--now", &now]);
    let url = receiver.url(path);
    site.publish(
        "seats",
        &format!(
            "webhook revoke\n  url \"{url}\"\n\npolicy seats\n  for accounts in app CRM\n  \
             every hour\n  when inactive > 90d\n  limit none \"a test\"\n  \
             then run webhook revoke\n"
        ),
    );
    site.ok(&["activate", "seats", "--now", &now]);
    site
}

fn arrived(receiver: &Peer) -> Vec<String> {
    let journal = receiver.journal();
    let keys = journal.iter().filter_map(|entry| header(entry, "webhook-id"));
    keys.map(str::to_owned).collect()
}

#[test]
fn nothing_leaves_after_a_pause_in_full_flight() {
    let receiver = Peer::receiver(&[]);
    let site = busy(&receiver, "/nap/0.2");
    let one = after("1h");
    let mut run = site.command(&["run", "--now", &one]);
    run.stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = run.spawn().unwrap();
    wait(|| arrived(&receiver).len() >= 5);

    site.ok(&["pause", "seats", "--reason", "wrong data", "--now", &one]);
    let before = arrived(&receiver);
    let run = said(run.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("policy seats is paused since"), "{run:?}");
    assert_eq!(arrived(&receiver), before);
    assert!(before.len() < MANY / 2, "{}", before.len());

    // What had begun to leave was answered, and nothing else moved.
    let removed = |site: &Site| {
        let states = site.states();
        states.iter().filter(|(_, state)| state == "removed").count()
    };
    assert_eq!(removed(&site), 0);
    for later in ["2h", "3d"] {
        let done = site.tick(&after(later));
        assert_eq!(done["pauses"][0]["reason"], "wrong data");
        assert_eq!(done["next_due"], Value::Null);
    }
    assert_eq!(arrived(&receiver), before);

    let later = after("4d");
    let done = site.json(&["resume", "seats", "--now", &later]);
    assert_eq!(done["resumed"]["runs"], MANY);
    let done = site.tick(&later);
    // Three evaluations were missed, and one is made.
    assert_eq!(done["evaluations"].as_array().unwrap().len(), 1);
    let keys = arrived(&receiver);
    let different: BTreeSet<&String> = keys.iter().collect();
    assert_eq!((keys.len(), different.len()), (MANY, MANY));
    assert_eq!(removed(&site), MANY);
}

/// The daemon is told by nobody: it looks before each effect.
#[test]
#[cfg(unix)]
fn nothing_leaves_the_daemon_after_a_pause_in_full_flight() {
    let receiver = Peer::receiver(&[]);
    let begun = Clock::Wall.now().before(Duration(2 * 3_600));
    let site = busy_at(&receiver, "/nap/0.2", &begun.to_string());
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    let listen = "[server]\nlisten = \"127.0.0.1:0\"\n";
    site.write("tenure.toml", &format!("{config}{listen}"));
    let server = Server::start(&site);
    wait(|| arrived(&receiver).len() >= 5);
    site.ok(&["pause", "seats", "--reason", "wrong data"]);
    let before = arrived(&receiver);
    assert!(before.len() < MANY / 2, "{}", before.len());
    nap();
    assert_eq!(arrived(&receiver), before);
    assert_eq!(server.end("-TERM").0, Some(0));
    // Nor does anything leave the one that comes after it, and it says so.
    site.ok(&["pause", "--reason", "all of it"]);
    let server = Server::start(&site);
    wait(|| server.get("/health").status == 200);
    let health: Value = serde_json::from_str(&server.get("/health").body).unwrap();
    assert_eq!(
        (&health["paused"]["everything"], &health["paused"]["policies"]),
        (&true.into(), &1.into())
    );
    assert!(health["paused"]["since"].is_string(), "{health}");
    nap();
    assert_eq!(arrived(&receiver), before);
    assert_eq!(server.end("-TERM").0, Some(0));

    site.ok(&["resume"]);
    site.ok(&["resume", "seats"]);
    let server = Server::start(&site);
    let removed = || {
        let states = site.states();
        states.iter().filter(|(_, state)| state == "removed").count()
    };
    wait(|| removed() == MANY);
    assert_eq!(server.end("-TERM").0, Some(0));
    let keys = arrived(&receiver);
    let different: BTreeSet<&String> = keys.iter().collect();
    assert_eq!((keys.len(), different.len()), (MANY, MANY));
}

#[expect(clippy::disallowed_methods, reason = "what might leave is given time")]
fn nap() {
    std::thread::sleep(std::time::Duration::from_millis(1_500));
}

/// The door is open to whoever comes after a process that was killed while it sent.
#[test]
fn a_killed_process_keeps_nobody_from_pausing() {
    let receiver = Peer::receiver(&[]);
    let site = busy(&receiver, "/hang");
    let one = after("1h");
    let mut run = site.command(&["run", "--now", &one]);
    let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait(|| !arrived(&receiver).is_empty());
    run.kill().unwrap();
    run.wait().unwrap();
    site.ok(&["pause", "--reason", "it died", "--now", &one]);
    let before = arrived(&receiver);
    let done = site.tick(&after("2h"));
    assert_eq!((&done["delivered"], &done["postponed"]), (&0.into(), &0.into()));
    assert_eq!(arrived(&receiver), before);
}

#[test]
fn a_pause_is_seen_everywhere() {
    let site = Site::acme();
    site.publish(
        "seats",
        "policy seats\n  for accounts in app Salesforce\n  every day at 12:00\n  \
         when inactive > 100d\n  limit 5\n  then wait 3d, disable account\n",
    );
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let why = site.no(2, &["pause", "seats"]);
    assert!(why.contains("--reason"), "{why}");
    site.no(2, &["pause", "seats", "--reason", " "]);
    let why = site.no(1, &["pause", "seat", "--reason", "x", "--now", NOON]);
    assert!(why.contains("no policy `seat` was published"), "{why}");
    assert!(why.contains("did you mean `seats`?"), "{why}");
    let why = site.no(1, &["resume", "seat"]);
    assert!(why.contains("did you mean `seats`?"), "{why}");
    let why = site.no(1, &["resume", "seats", "--now", NOON]);
    assert!(why.contains("policy `seats` is not paused"), "{why}");

    let paused = site.json(&["pause", "seats", "--reason", "an audit", "--now", NOON]);
    assert_eq!(paused["schema"], "tenure.paused/1");
    assert_eq!(paused["paused"]["policy"], "seats");
    let why = site.no(1, &["pause", "seats", "--reason", "again", "--now", NOON]);
    assert!(why.contains("is paused already, since 2026-11-20T12:00:00Z"), "{why}");
    assert!(why.contains("an audit"), "{why}");

    let words = ": an audit";
    let said = site.ok(&["policies"]);
    assert!(said.out.contains("version 1 is active; paused since"), "{said:?}");
    assert!(said.out.contains(words), "{said:?}");
    assert_eq!(
        site.json(&["policies"])["policies"][0]["paused"][0]["reason"],
        "an audit"
    );
    let said = site.ok(&["runs"]);
    assert!(said.out.contains("waiting (paused)"), "{said:?}");
    assert!(said.err.contains(words), "{said:?}");
    assert!(said.out.contains("  stands still"), "{said:?}");
    let run = &site.json(&["runs"])["runs"][0];
    assert_eq!([&run["paused"], &run["until"]], [&json!(true), &json!(null)]);
    let said = site.ok(&["show", "1"]);
    assert!(said.out.contains("policy seats is paused since"), "{said:?}");
    assert_eq!(site.json(&["show", "1"])["pauses"][0]["reason"], "an audit");
    assert!(site.ok(&["show", "seats"]).err.contains(words));
    assert!(site.ok(&["run", "--now", NOON]).out.contains(words));

    let why = site.no(1, &["activate", "seats", "--at-once", "--now", NOON]);
    assert!(why.contains("is paused since"), "{why}");
    // A simulation shows what would happen if it went on now.
    let told = site.json(&["simulate", "seats.tenure", "--for", "10d", "--now", NOON]);
    assert!(told.to_string().contains("\"removed\""), "{told}");

    let later = after("10d");
    site.tick(&later);
    let said = site.ok(&["resume", "seats", "--now", &later]);
    assert!(said.out.contains("open runs go on"), "{said:?}");
    assert!(site.ok(&["runs"]).out.contains("waiting "), "three days are left");
    assert!(!site.ok(&["runs"]).out.contains("paused"));
    site.tick(&after("13d"));
    assert!(site.states().iter().any(|(_, state)| state == "removed"));
}

/// What was held before a pause is released after it.
#[test]
fn nothing_is_released_while_it_is_paused() {
    let site = Site::acme();
    site.publish(
        "seats",
        "policy seats\n  for accounts in app Salesforce\n  every day at 12:00\n  \
         when inactive > 80d\n  limit 2\n  then disable account\n",
    );
    site.call(&["activate", "seats", "--at-once", "--now", NOON]);
    site.ok(&["pause", "--reason", "all stop", "--now", NOON]);
    let release = ["release", "1", "--reason", "checked", "--now", NOON];
    let why = site.no(1, &release);
    assert!(why.contains("policy `seats` is paused"), "{why}");
    let why = site.no(1, &["resume", "seats", "--now", NOON]);
    assert!(why.contains("paused: everything"), "{why}");
    site.ok(&["resume", "--now", NOON]);
    site.ok(&release);
    assert!(site.states().iter().all(|(_, state)| state == "removed"));
}

/// A working day counts as 24 hours, wherever in it a pause begins and ends; a day off not.
#[test]
fn business_days_stand_still_by_working_days() {
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let mut calendar = Calendar::default();
    calendar.holidays.insert("2026-11-26".parse().unwrap());
    let cases = [
        // From Friday to Monday one working day, a little more, a little less.
        ("2026-11-20T12:00:00Z", "2026-11-23T12:00:00Z", "2026-11-25T09:00:00Z"),
        ("2026-11-20T12:00:00Z", "2026-11-23T15:00:00Z", "2026-11-25T12:00:00Z"),
        ("2026-11-20T15:00:00Z", "2026-11-23T12:00:00Z", "2026-11-25T06:00:00Z"),
        // Within a day, over midnight, and over the holiday on Thursday.
        ("2026-11-20T12:00:00Z", "2026-11-20T18:00:00Z", "2026-11-24T15:00:00Z"),
        ("2026-11-20T09:00:00Z", "2026-11-20T23:59:59Z", "2026-11-24T23:59:59Z"),
        ("2026-11-19T09:00:00Z", "2026-11-20T23:59:59Z", "2026-11-25T23:59:59Z"),
        ("2026-11-18T09:00:00Z", "2026-11-20T09:00:01Z", "2026-11-27T09:00:01Z"),
        // On the weekend nobody loses anything.
        ("2026-11-21T09:00:00Z", "2026-11-22T21:00:00Z", "2026-11-24T09:00:00Z"),
    ];
    for (from, to, closes) in cases {
        let moved = calendar.stood_still(at("2026-11-24T09:00:00Z"), (at(from), at(to)));
        assert_eq!(moved, at(closes), "{from} to {to}");
    }
    let none = (at("2026-11-24T09:00:00Z"), at("2026-11-24T09:00:00Z"));
    let closes = at("2026-11-25T09:00:00Z").after(Duration(1));
    assert_eq!(calendar.stood_still(closes, none), closes);
}
