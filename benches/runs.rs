//! How long it takes to advance many runs that are due, and to begin where many sleep.
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
use tenure::engine::{Engine, Settings};
use tenure::store::{ImportOptions, Store};
use tenure::time::{Duration as Length, Timestamp};

const POLICY: &str = "policy many\n  for accounts in app crm\n  when inactive > 90d\n  \
                      limit none \"a benchmark\"\n  then wait 1d, disable account\n";

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let count = if quick { 2_000 } else { 100_000 };
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    write_world(folder.path(), count);
    let path = folder.path().join("tenure.db");
    let mut store = Store::open(&path).unwrap();
    store
        .import(folder.path(), &ImportOptions::at(now), &mut |_| {})
        .unwrap();
    let version = store.publish("many", POLICY, now).unwrap().version;
    let row = store.policy("many").unwrap().unwrap();
    store.activate(row.id, version, now).unwrap();
    let (mut hands, settings) = (Recorder::default(), Settings::default());

    let (report, took) = timed(|| {
        let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
        engine.evaluate_now("many", now).unwrap()
    });
    assert_eq!(report.evaluations.iter().map(|it| it.opened).sum::<u64>(), count);
    say(&format!("{count} runs opened"), took, None);
    drop(store);

    let store = Store::open_existing(&path).unwrap();
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
    if let Some(memory) = most_memory() {
        println!("memory: {memory} MB at most; held to 500 MB");
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

fn write_world(folder: &std::path::Path, count: u64) {
    let mut identities = "email,status,department\n".to_owned();
    let mut accounts = "app,username,email,status\n".to_owned();
    let mut activity = "app,username,source,last_login_at\n".to_owned();
    for number in 0..count {
        writeln!(identities, "p{number}@acme.example,active,Sales").unwrap();
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
