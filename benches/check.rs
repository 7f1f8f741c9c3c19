//! How long checking takes: `cargo bench --bench check [-- --store FILE]`.
//!
//! Ten thousand policies in one file, all good, and every fifth broken; the most memory each
//! took, each in a process of its own. With a store, such as one of a million accounts
//! (`--bench generate`, then `tenure import`), the program itself on a file of 200 lines.

#![expect(clippy::print_stdout, reason = "a program: it has someone to speak to")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use tenure::catalog::Catalog;
use tenure::session::Project;
use tenure::text::Sources;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How often each is timed; the median counts.
const ROUNDS: usize = 7;

const BROKEN: [&str; 5] = [
    "inactive > 90 and not in group Execs",
    "title = \"a and inactive",
    "(inactive > 90d",
    "inactive > 90d && not in group Execs",
    "inactive > 90d and in group Execs or has session",
];

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    // This very program, started by itself for one measurement.
    if let Some(case) = after("--one") {
        one(case);
        return Ok(());
    }
    println!(
        "{:<42} {:>9} {:>9} {:>7}",
        "10,000 policies in one file", "ms", "MiB", "errors"
    );
    for case in ["short clean", "short broken", "long clean", "long broken"] {
        let output = Command::new(std::env::current_exe()?)
            .args(["--one", case])
            .output()?;
        print!("{}", String::from_utf8_lossy(&output.stdout));
    }
    if let Some(store) = after("--store") {
        program(Path::new(store))?;
    }
    Ok(())
}

fn one(case: &str) {
    let text = policies(case.starts_with("long"), case.ends_with("broken"));
    let size = text.len();
    let catalog = Catalog { assume: true, ..Catalog::default() };
    let mut errors = 0;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let mut sources = Sources::default();
        sources.add("many.tenure", text.as_str());
        let start = now();
        let project = Project::check(sources, &catalog);
        times.push(start.elapsed().as_secs_f64() * 1e3);
        errors = project.errors();
    }
    let what = format!("{case}, {} kB", size / 1000);
    println!("{what:<42} {:>9.0} {:>9} {errors:>7}", median(times), peak());
}

/// The program from its start to its end.
fn program(store: &Path) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("typical.tenure");
    let mut text = String::new();
    for at in 0..14 {
        text += &policy(at, true, "inactive > 90d and not in group \"group 1\"");
    }
    std::fs::write(&path, &text)?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = now();
        let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_tenure")));
        command.arg("check").arg(&path).arg("--store").arg(store);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    }
    let what = format!("`tenure check`, {} lines, with the store", text.lines().count());
    println!("{what:<42} {:>9.1}", median(times));
    Ok(())
}

fn policies(long: bool, broken: bool) -> String {
    let mut text = String::new();
    for at in 0..10_000 {
        let mistake = BROKEN.get(at / 5 % BROKEN.len()).filter(|_| broken && at % 5 == 4);
        text += &policy(
            at,
            long,
            mistake.unwrap_or(&"inactive > 90d and not in group Execs"),
        );
    }
    text
}

fn policy(at: usize, long: bool, condition: &str) -> String {
    let mut text = format!("policy p{at}\n");
    let mut line = |line: &str| writeln!(text, "  {line}").unwrap_or_default();
    if !long {
        line(&format!("when {condition}"));
        line("then notify owner");
        return text;
    }
    line("for accounts");
    line("every day at 12:00 in America/New_York");
    line(&format!("when {condition}"));
    line(
        "except user.email = \"ceo@acme.example\" or department in (\"Legal\", \"Board\")",
    );
    line("reviewers ana@acme.example, bo@acme.example");
    line("limit the larger of 50 and 5%");
    line("# what owners are asked");
    line("then ask owner \"Do you still need {{ app.label }}?\",");
    line("     escalate after 7d for 3d,");
    line("     if ignored remove,");
    line("     disable account,");
    line("     wait 3d,");
    line("     notify manager");
    text
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The most memory that this process has had, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let words = line.map(|line| line.trim().trim_end_matches(" kB"));
    let size = words.and_then(|size| size.parse::<u64>().ok());
    size.map_or_else(|| "?".into(), |size| (size / 1024).to_string())
}

#[expect(clippy::disallowed_methods, reason = "a stopwatch")]
fn now() -> Instant {
    Instant::now()
}
