//! How long it takes to advance many runs that are due, to begin where many sleep, to heed and
//! hear what an import brings of everybody, and to hear events that are told one by one, also
//! where a limit holds them.
//!
//! `cargo bench --bench runs`; `-- --quick` tries it with few. Each prints its time and how much
//! memory the process has taken at most, beside what it is held to.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures, says what it found, and fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::time::{Duration, Instant};
use tenure::actions::Recorder;
use tenure::engine::{Engine, EventMessage, Settings};
use tenure::store::{ImportOptions, Store};
use tenure::time::{Duration as Length, Timestamp};

const POLICY: &str = "policy many\n  for accounts in app crm\n  when inactive > 90d\n  \
                      limit none \"a benchmark\"\n  then wait 1d, disable account\n";

/// Each run of it is called off by what happens to its owner, who opens another.
const HEEDS: &str = "policy heeds\n  for accounts in app crm\n  when inactive > 90d\n  \
                     limit none \"a benchmark\"\n  cancel on department changed to \"Legal\"\n  \
                     then wait 100d, disable account\n";
const HEARS: &str = "policy hears\n  for users\n  on department changed to \"Legal\"\n  \
                     limit none \"a benchmark\"\n  then set title = \"Counsel\"\n";
const ASKS: &str = "policy asks\n  for accounts in app crm\n  on department changed to \"Legal\"\n  \
                    limit 1000000\n  \
                    then ask owner for 3d, disable account\n";

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let count = if quick { 2_000 } else { 100_000 };
    due(count);
    told(count);
    singly(count);
    held(if quick { 200 } else { 2_000 });
    if let Some(memory) = most_memory() {
        println!("memory: {memory} MB at most; held to 500 MB");
    }
}

/// A store in which policies are at work.
fn store(folder: &std::path::Path, policies: &[(&str, &str)], count: u64) -> Store {
    write_world(folder, count, "Sales");
    let mut store = Store::open(&folder.join("tenure.db")).unwrap();
    store.import(folder, &ImportOptions::at(noon()), &mut |_| {}).unwrap();
    for (name, text) in policies {
        let version = store.publish(name, text, noon()).unwrap().version;
        let row = store.policy(name).unwrap().unwrap();
        store.activate(row.id, version, noon()).unwrap();
    }
    store
}

fn noon() -> Timestamp {
    Timestamp::parse("2026-11-20T12:00:00Z").unwrap()
}

/// Runs that sleep, and then are due all at once.
fn due(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let now = noon();
    let open = store(folder.path(), &[("many", POLICY)], count);
    let (mut hands, settings) = (Recorder::default(), Settings::default());
    let (report, took) = timed(|| {
        let mut engine = Engine::new(&open, &mut hands, &settings).unwrap();
        engine.evaluate_now("many", now).unwrap()
    });
    assert_eq!(report.evaluations.iter().map(|it| it.opened).sum::<u64>(), count);
    say(&format!("{count} runs opened"), took, None);
    drop(open);

    let store = Store::open_existing(&folder.path().join("tenure.db")).unwrap();
    let ((), took) = timed(|| {
        let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
        engine.look_back(now.after(Length::HOUR)).unwrap();
        let report = engine.tick(now.after(Length::HOUR)).unwrap();
        assert_eq!(report.transitions, 0);
    });
    say(&format!("begun where {count} runs sleep"), took, Some(2));

    let due = now.after(Length::DAY);
    let (report, took) = timed(|| {
        let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
        engine.tick(due).unwrap()
    });
    assert!(report.transitions >= count, "{}", report.transitions);
    let left = store.runs(true).unwrap().len();
    assert_eq!(left, 0, "{left} are left");
    let what = format!("{count} due runs advanced, {} transitions", report.transitions);
    say(&what, took, Some(10));
}

/// An import that says of everybody that something is otherwise now.
fn told(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let policies = [("heeds", HEEDS), ("hears", HEARS), ("asks", ASKS)];
    let mut store = store(folder.path(), &policies, count);
    let (mut hands, settings) = (Recorder::default(), Settings::default());
    let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
    let report = engine.evaluate_now("heeds", noon()).unwrap();
    assert_eq!(report.evaluations.iter().map(|it| it.opened).sum::<u64>(), count);

    let later = noon().after(Length::HOUR);
    write_world(folder.path(), count, "Legal");
    let (_, took) = timed(|| {
        let options = ImportOptions { accept_large: true, ..ImportOptions::at(later) };
        store.import(folder.path(), &options, &mut |_| {}).unwrap()
    });
    let events = store.last_event().unwrap();
    say(&format!("an import that raises {events} events"), took, None);

    let (report, took) = timed(|| {
        let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
        engine.tick(later).unwrap()
    });
    let opened: u64 = report.evaluations.iter().map(|it| it.opened).sum();
    assert_eq!(opened, 2 * count);
    let what = format!(
        "{count} runs called off and {opened} opened by events, {} transitions",
        report.transitions
    );
    say(&what, took, None);
}

/// Events that are told one by one, each of which opens a run, where many are in scope.
fn singly(count: u64) {
    const EVENTS: u64 = 50;
    for (name, limit) in [("the default limit", ""), ("a share", "  limit 50%\n")] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "policy asks\n  for accounts\n  on department changed to \"Legal\"\n{limit}  \
             then ask owner for 3d, disable account\n"
        );
        let store = store(folder.path(), &[("asks", &text)], count);
        let (mut hands, settings) = (Recorder::default(), Settings::default());
        let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
        let ((), took) = timed(|| {
            for number in 0..EVENTS {
                engine.receive((&moved(number), None), noon()).unwrap();
                engine.tick(noon()).unwrap();
            }
        });
        say(&format!("{EVENTS} events among {count} accounts, {name}"), took, None);
    }
}

/// Events that are told one by one, and that come to one list that a limit holds.
fn held(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    let text = "policy asks\n  for accounts\n  on department changed to \"Legal\"\n  limit 1\n  \
                then ask owner for 3d, disable account\n";
    let store = store(folder.path(), &[("asks", text)], count);
    let (mut hands, settings) = (Recorder::default(), Settings::default());
    let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
    for number in 0..count {
        engine.receive((&moved(number), None), noon()).unwrap();
    }
    let (report, took) = timed(|| engine.tick(noon()).unwrap());
    assert_eq!(report.evaluations.iter().map(|it| it.opened).sum::<u64>(), 1);
    say(&format!("{count} events of which a limit holds all but one"), took, None);
}

/// Somebody goes to another department.
fn moved(number: u64) -> EventMessage {
    EventMessage {
        id: format!("move-{number}"),
        event: "attribute changed".to_owned(),
        subject: format!("p{number}@acme.example"),
        attribute: Some("department".to_owned()),
        old: Some("Sales".into()),
        new: Some("Legal".into()),
        ..EventMessage::default()
    }
}

fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let clock = Instant::now();
    let done = act();
    (done, clock.elapsed())
}

fn say(what: &str, took: Duration, most: Option<u64>) {
    let most = most.map_or(String::new(), |most| format!("; held to {most} s"));
    println!("{what}: {:.2} s{most}", took.as_secs_f64());
}

/// How much memory the process has held at most, in MB, where the system says so.
fn most_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? / 1_024)
}

fn write_world(folder: &std::path::Path, count: u64, department: &str) {
    let mut identities = "email,status,department\n".to_owned();
    let mut accounts = "app,username,email,status\n".to_owned();
    let mut activity = "app,username,source,last_login_at\n".to_owned();
    for number in 0..count {
        writeln!(identities, "p{number}@acme.example,active,{department}").unwrap();
        writeln!(accounts, "crm,u{number},p{number}@acme.example,active").unwrap();
        writeln!(activity, "crm,u{number},crm,2026-01-01T00:00:00Z").unwrap();
    }
    for (name, text) in [
        ("identities", identities),
        ("apps", "app,label,owner_email\ncrm,CRM,\n".to_owned()),
        ("accounts", accounts),
        ("activity", activity),
    ] {
        fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
}
