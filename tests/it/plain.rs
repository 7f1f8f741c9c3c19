//! What is on record reaches terminals as plain text, a line of ours as one line.

use crate::site::{NOON, Site, acme, after};
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

/// What takes itself for a line of a trail, speaks to terminals, and turns the text around it.
const FORGED: &str = "x\n2026-11-06T15:00:00Z  removed\r\u{1b}[31mred\u{202e}";

/// Nothing speaks to the terminal, and no line begins as what was forged.
fn check(said: &str) {
    let hidden =
        |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
    assert!(!said.contains(hidden), "{said:?}");
    let forged = |line: &str| {
        line.starts_with("2026-11-06T15") || line.trim_start().starts_with("[31m")
    };
    assert!(!said.lines().any(forged), "{said}");
}

#[test]
fn data_forges_no_line_and_commands_no_terminal() {
    let site = Site::empty();
    site.configure(Some(25), &[]);
    fs::create_dir(site.path("data")).unwrap();
    for file in fs::read_dir(acme()).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        let text = match name.as_str() {
            "identities.csv" => text.replace(",Zoe,", &format!(",\"Zoe {FORGED}\",")),
            "apps.csv" => {
                text.replace(",Salesforce,", &format!(",\"Salesforce {FORGED}\","))
            }
            _ => text,
        };
        site.write(&format!("data/{name}"), &text);
    }
    site.ok(&["import", "data", "--now", NOON]);
    let policy = "policy seats\n  for accounts in app salesforce\n  \
                  when inactive > 100d\n  limit none \"a test\"\n  \
                  then ask owner for 3d, disable account\n";
    site.publish("seats", policy);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let comment = format!("--comment={FORGED}");
    let zoe = "zoe@acme.example";
    site.ok(&["decide", "1", "keep", "--as", zoe, &comment, "--now", NOON]);
    let reason = format!("--reason={FORGED}");
    site.ok(&["cancel", "2", &reason, "--now", &after("1h")]);
    let shown = site.ok(&["show", "1"]).out;
    assert!(shown.contains("decided: keep: x 2026-11-06T15:00:00Z  removed"), "{shown}");
    check(&shown);
    for arguments in [
        ["show", "2"].as_slice(),
        &["show", "salesforce/zoe"],
        &["show", zoe],
        &["runs", "--all"],
        &["events"],
        &["evaluations", "1"],
        &["explain", "seats", "salesforce/zoe"],
        &["simulate", "seats.tenure"],
        &["plan", "seats.tenure"],
        &[
            "find",
            "users where user.given_name = \"Zo\" or user.email = \"zoe@acme.example\"",
        ],
    ] {
        let said = site.call(arguments);
        check(&said.out);
        check(&said.err);
    }
    // A program finds it as it is.
    let run = site.json(&["show", "1"]);
    assert_eq!(run["decision"]["comment"], FORGED);

    let mut repl = site.command(&["repl", "--now", NOON]);
    repl.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut repl = repl.spawn().unwrap();
    let typed = "inactive > 100d\n:show salesforce/zoe\n:explain salesforce/zoe\n";
    repl.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let said = String::from_utf8(repl.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.contains("\\u{1b}[31mred\\u{202e}"), "{said}");
    check(&said);
}
