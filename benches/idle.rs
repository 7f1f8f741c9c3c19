//! What `tenure serve` costs while nothing is due, with many runs that sleep: the time of the
//! processor over a minute, how soon it answers after its start, and its memory.
//!
//! `cargo bench --bench idle`; `-- --quick` tries it with few, and for a moment.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures, says what it found, and fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tenure::actions::Recorder;
use tenure::engine::{Engine, Settings};
use tenure::store::{ImportOptions, Store};
use tenure::time::clock::Clock;

const POLICY: &str = "policy many\n  for accounts in app crm\n  when inactive > 90d\n  \
                      limit none \"a benchmark\"\n  then wait 30d, disable account\n";

const CONFIG: &str = "admin = \"it@acme.example\"\n[server]\nlisten = \"127.0.0.1:0\"\n";

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (count, watched): (u64, u32) = if quick { (2_000, 5) } else { (100_000, 60) };
    let folder = tempfile::tempdir().unwrap();
    sleeping(folder.path(), count);

    let clock = Instant::now();
    let mut server = Command::new(env!("CARGO_BIN_EXE_tenure"))
        .arg("serve")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(server.stderr.take().unwrap());
    said.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    while !is_well(&address) {
        thread::sleep(Duration::from_millis(10));
    }
    let began = clock.elapsed().as_secs_f64();
    println!("{count} runs sleep; at work after {began:.2} s; held to 2 s");

    thread::sleep(Duration::from_secs(2));
    let before = used(&server);
    thread::sleep(Duration::from_secs(watched.into()));
    let share = (used(&server) - before) / f64::from(watched) * 100.0;
    println!("idle for {watched} s: {share:.3}% of a core; held to 1%");
    println!("memory: {} MB at most", memory(&server));

    let clock = Instant::now();
    let id = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
    println!("stopped after {:.2} s; held to 10 s", clock.elapsed().as_secs_f64());
    assert!(quick || share < 1.0, "{share}%");
}

/// A store in which so many runs wait for a day that is far away.
fn sleeping(folder: &Path, count: u64) {
    let data = folder.join("data");
    fs::create_dir(&data).unwrap();
    write_world(&data, count);
    fs::write(folder.join("tenure.toml"), CONFIG).unwrap();
    let now = Clock::Wall.now();
    let mut store = Store::open(&folder.join("tenure.db")).unwrap();
    store.import(&data, &ImportOptions::at(now), &mut |_| {}).unwrap();
    let version = store.publish("many", POLICY, now).unwrap().version;
    let row = store.policy("many").unwrap().unwrap();
    store.activate(row.id, version, now).unwrap();
    let (mut hands, settings) = (Recorder::default(), Settings::default());
    let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
    let report = engine.evaluate_now("many", now).unwrap();
    assert_eq!(report.evaluations.iter().map(|it| it.opened).sum::<u64>(), count);
}

fn is_well(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200")
}

/// How many seconds of a core the process has used so far: fields 14 and 15 of its line, in
/// hundredths.
fn used(server: &Child) -> f64 {
    let line = fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let (_, behind) = line.rsplit_once(") ").unwrap();
    let ticks = behind.split(' ').skip(11).take(2);
    ticks.map(|it| it.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

fn memory(server: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim()
        .strip_suffix(" kB")
        .unwrap()
        .trim()
        .parse::<u64>()
        .unwrap()
        / 1_024
}

fn write_world(folder: &Path, count: u64) {
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
