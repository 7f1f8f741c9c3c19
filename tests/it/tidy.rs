//! The repository's own laws.

use std::fs;
use std::path::{Path, PathBuf};

/// Foreign crates, and the rooms that may name them.
const GUESTS: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("pest", &["syntax"]),
    ("pest_derive", &["syntax"]),
    ("axum", &["actions", "server"]),
    ("hyper", &["server"]),
    ("hyper_util", &["server"]),
    ("form_urlencoded", &["check", "server"]),
    ("reqwest", &["actions"]),
    ("lettre", &["actions"]),
    ("rustls", &["actions"]),
    ("tokio", &["actions", "server"]),
    ("secrecy", &["actions"]),
    ("hmac", &["actions"]),
    ("minijinja", &["engine"]),
    ("miette", &["diagnose"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("comfy_table", &["cli", "repl"]),
    ("rustyline", &["repl"]),
    ("toml", &["session"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rooms in the order of `lib.rs`.
fn rooms() -> Vec<String> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let names = text.lines().filter_map(|line| line.strip_prefix("pub mod "));
    names.map(|name| name.trim_end_matches(';').to_owned()).collect()
}

/// Every Rust file of the library: its room, its path, its text.
fn files() -> Vec<(String, PathBuf, String)> {
    let mut found = Vec::new();
    for room in rooms() {
        let mut open = vec![root().join("src").join(&room)];
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(
                    fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()),
                );
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((room.clone(), path, text));
            }
        }
    }
    assert!(found.len() > 50, "the walk found too little to mean anything");
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The code of a file: no comments, so that links in documentation may point anywhere.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn a_room_uses_only_the_rooms_above_it() {
    let rooms = rooms();
    let floor = |room: &str| rooms.iter().position(|known| known == room);
    let mut wrong = Vec::new();
    for (room, path, text) in files() {
        for line in code(&text) {
            for used in line.split("crate::").skip(1) {
                let word = |letter: &char| letter.is_alphanumeric() || *letter == '_';
                let used: String = used.chars().take_while(word).collect();
                if floor(&used) > floor(&room) {
                    wrong.push(format!("{}: {}", name(&path), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn guests_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (room, path, text) in files() {
        for (guest, allowed) in GUESTS {
            let named = format!("{guest}::");
            let used = code(&text).find(|line| {
                line.match_indices(&named).any(|(at, _)| {
                    let before = line.split_at(at).0.chars().next_back();
                    before.is_none_or(|letter| {
                        !letter.is_alphanumeric() && !"_:".contains(letter)
                    })
                })
            });
            if let Some(line) = used
                && !allowed.contains(&room.as_str())
            {
                wrong.push(format!("{}: {}", name(&path), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_captioned_and_finished() {
    let mut wrong = Vec::new();
    for (_, path, text) in files() {
        if !text.starts_with("//! ") {
            wrong.push(format!("{} has no caption", name(&path)));
        }
        if text.lines().count() > 600 {
            wrong.push(format!("{} wants to be two", name(&path)));
        }
        // Put together here, so that this file does not contain them.
        for mark in [["TO", "DO"], ["FIX", "ME"], ["XX", "X"], ["HA", "CK"]] {
            if text.contains(&mark.concat()) {
                wrong.push(format!("{} is not finished: {}", name(&path), mark.concat()));
            }
        }
        if text.contains("mod tests {") {
            wrong.push(format!("{} has its tests inside", name(&path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_readme_and_the_gate_run_the_same_tests() {
    let command = ".ci/setup && cargo test --locked";
    for file in ["README.md", ".ci/run"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(command), "{file} does not run `{command}`");
    }
}
