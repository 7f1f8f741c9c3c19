//! How long it takes to fill a store, beside the `sqlite3` shell loading the same accounts and
//! memberships: `cargo bench --bench import -- [--accounts 1000000] [--in FOLDER]`.

mod world;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Instant;
use tenure::store::{ImportOptions, Store};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What the two comparable loads read; the rest is what accounts and memberships refer to.
const COMPARED: [&str; 6] = [
    "lifecycle_states.csv",
    "apps.csv",
    "groups.csv",
    "identities.csv",
    "accounts.csv",
    "memberships.csv",
];

/// The same rows as text, with as many indexes as ours have.
const SHELL: &str = "
CREATE TABLE account(app TEXT, username TEXT, email TEXT, status TEXT, created_at TEXT, expires_at TEXT);
CREATE TABLE membership(grp TEXT, source TEXT, email TEXT, member_group TEXT, joined_at TEXT);
.import --csv --skip 1 accounts.csv account
.import --csv --skip 1 memberships.csv membership
CREATE UNIQUE INDEX account_name ON account(app, username);
CREATE INDEX account_app_seen ON account(app, expires_at, email, status);
CREATE INDEX account_seen ON account(expires_at, app, email, status);
CREATE INDEX account_identity ON account(email);
CREATE INDEX membership_group ON membership(grp, email, member_group);
CREATE INDEX membership_rev ON membership(email, grp);
ANALYZE;
";

#[expect(clippy::print_stdout, reason = "a program: it has someone to speak to")]
fn main() -> Outcome<()> {
    let mut accounts = 100_000;
    let mut given: Option<PathBuf> = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--accounts" => accounts = arguments.next().unwrap_or_default().parse()?,
            "--in" => given = arguments.next().map(PathBuf::from),
            // What cargo adds.
            _ => (),
        }
    }
    let scratch = tempfile::tempdir()?;
    let folder = if let Some(folder) = given {
        folder
    } else {
        let folder = scratch.path().join("world");
        world::World { accounts, seed: 1 }.write(&folder)?;
        folder
    };
    let compared = scratch.path().join("compared");
    fs::create_dir(&compared)?;
    for name in COMPARED {
        fs::copy(folder.join(name), compared.join(name))?;
    }

    let (mut store, ours) = fill(&scratch.path().join("compared.db"), &compared)?;
    println!("accounts and memberships  {ours}   {}", peak());
    match shell(&compared, &scratch.path().join("shell.db"))? {
        Some(other) => {
            println!("the sqlite3 shell         {other}");
            let (wall, cpu) = (ours.wall / other.wall, ours.cpu / other.cpu);
            println!("ours / the shell's        {wall:8.2}   {cpu:8.2}");
        }
        None => println!("the sqlite3 shell          skipped: not on the path"),
    }
    println!("the same again            {}   {}", again(&mut store, &compared)?, peak());
    drop(store);

    let (mut store, ours) = fill(&scratch.path().join("whole.db"), &folder)?;
    println!("the whole world           {ours}   {}", peak());
    println!("the same again            {}   {}", again(&mut store, &folder)?, peak());
    let start = now();
    let names = store.catalog()?.permissions.len();
    println!(
        "catalog ({names} permissions) {:6.2} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let start = now();
    let counts = store.counts()?;
    println!("counts                    {:8.2} ms", start.elapsed().as_secs_f64() * 1e3);
    println!("{counts:?}");
    let start = now();
    let copy = store.copy_to_memory()?;
    println!("copy to memory            {:8.2} s", start.elapsed().as_secs_f64());
    drop(copy);
    Ok(())
}

fn fill(path: &Path, folder: &Path) -> Outcome<(Store, Times)> {
    let mut store = Store::open(path)?;
    let start = Times::now();
    store.import(folder, &ImportOptions::at(world::NOW), &mut |_| ())?;
    Ok((store, start.elapsed()))
}

fn again(store: &mut Store, folder: &Path) -> Outcome<Times> {
    let start = Times::now();
    let report = store.import(folder, &ImportOptions::at(world::NOW), &mut |_| ())?;
    assert_eq!(report.changes(), 0);
    Ok(start.elapsed())
}

fn shell(folder: &Path, database: &Path) -> Outcome<Option<Times>> {
    let script = folder.join("load.sql");
    fs::write(&script, SHELL)?;
    let start = Times::now();
    let status = Command::new("sqlite3")
        .args(["-bail", "-init"])
        .arg(&script)
        .arg(database)
        .arg("SELECT 1")
        .current_dir(folder)
        .output();
    match status {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
        Ok(output) if output.status.success() => Ok(Some(start.elapsed())),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into()),
    }
}

/// Seconds by the wall's clock, and of the processor's work; a busy machine stretches only
/// the first.
#[derive(Clone, Copy)]
struct Times {
    wall: f64,
    cpu: f64,
}

impl Times {
    fn now() -> Self {
        static START: OnceLock<Instant> = OnceLock::new();
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // Behind the name in brackets: user and system time, then the children's, in ticks.
        let behind = stat.rsplit(')').next().unwrap_or_default();
        let ticks = behind.split_whitespace().skip(11).take(4);
        let ticks: u32 = ticks.filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
        let wall = START.get_or_init(now).elapsed().as_secs_f64();
        Self { wall, cpu: f64::from(ticks) / 100.0 }
    }

    fn elapsed(self) -> Self {
        let now = Self::now();
        Self {
            wall: now.wall - self.wall,
            cpu: now.cpu - self.cpu,
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:8.2} s   {:8.2} s of work", self.wall, self.cpu)
    }
}

/// The most memory that this process has had, where the system tells.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map(|line| format!("peak {}", line.trim())).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch")]
fn now() -> Instant {
    Instant::now()
}
