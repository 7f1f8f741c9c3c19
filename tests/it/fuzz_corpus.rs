//! What the fuzzer has found worth keeping (`fuzz/corpus`), tried again; and texts made of it.
//!
//! `FUZZ_TEXTS=100000` makes more of them; a failure names the seed, and `FUZZ_SEED` repeats it.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

use crate::dice::{Dice, number};
use std::fs;
use std::path::Path;

/// Tries each file of a target's corpus; says how many there were.
fn replay(target: &str, body: impl Fn(&str)) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut tried = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // As the fuzzer does: what is no text is cut there.
        let bytes = fs::read(&path).unwrap();
        let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        body(text);
        tried += 1;
    }
    tried
}

#[test]
fn texts_are_read_without_a_fall() {
    assert!(replay("parse", bodies::parse) > 10);
}

#[test]
fn texts_are_checked_without_a_fall() {
    let catalog = bodies::catalog(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(replay("check", |text| bodies::check(text, &catalog)) > 10);
}

#[test]
fn texts_are_laid_out_without_a_fall() {
    assert!(replay("format", bodies::format) > 10);
}

#[test]
fn made_up_texts_are_taken_without_a_fall() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = bodies::catalog(project);
    let mut texts: Vec<String> = Vec::new();
    for target in ["check", "format", "parse"] {
        let folder = fs::read_dir(project.join("fuzz/corpus").join(target)).unwrap();
        let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        texts.extend(paths.iter().filter_map(|path| fs::read_to_string(path).ok()));
    }
    let words = fs::read_to_string(project.join("fuzz/tenure.dict")).unwrap();
    let word =
        |line: &str| Some(line.strip_prefix('"')?.strip_suffix('"')?.replace('\\', ""));
    let words: Vec<String> = words.lines().filter_map(word).collect();
    assert!(texts.len() > 30 && words.len() > 90);
    let first = number("FUZZ_SEED").unwrap_or(1);
    for seed in first..first + number("FUZZ_TEXTS").unwrap_or(40) {
        let text = made_up(&mut Dice::new(seed), &texts, &words);
        let tried = std::panic::catch_unwind(|| {
            bodies::parse(&text);
            bodies::check(&text, &catalog);
            bodies::format(&text);
        });
        assert!(tried.is_ok(), "FUZZ_SEED={seed} makes\n{text}");
    }
}

/// What upsets readers.
const SIGNS: &[&str] = &["\n", "\"", "(", ")", ",", "#", "\"\"\"", "\r\n", "é", "\t"];

/// One of the texts, with stretches of it, and of another, gone, moved or doubled.
fn made_up(dice: &mut Dice, texts: &[String], words: &[String]) -> String {
    let (text, another) = (dice.pick(texts), dice.pick(texts));
    let (mut pieces, other) = (pieces(&text), pieces(&another));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut below = |limit: usize| usize::try_from(dice.below(limit as u64)).unwrap();
    for _ in 0..=below(6) {
        let at = below(pieces.len() + 1);
        let end = (at + below(5)).min(pieces.len());
        let from = below(other.len());
        let to = (from + below(12)).min(other.len());
        let new: Vec<&str> = match below(6) {
            0 => Vec::new(),
            1 => vec![words[below(words.len())]],
            2 => vec![" ", words[below(words.len())], " "],
            3 => pieces[at..end].repeat(2),
            4 => vec![SIGNS[below(SIGNS.len())]],
            _ => other[from..to].to_vec(),
        };
        pieces.splice(at..end, new);
    }
    pieces.concat()
}

/// A text cut where words, blanks and signs meet.
fn pieces(text: &str) -> Vec<&str> {
    let kind = |letter: char| match letter {
        letter if letter.is_alphanumeric() || "_-".contains(letter) => 0,
        letter if letter.is_whitespace() => 1,
        _ => 2,
    };
    let (mut pieces, mut start, mut last) = (Vec::new(), 0, None);
    for (at, letter) in text.char_indices() {
        if last.is_some_and(|last| last != kind(letter) || last == 2) {
            pieces.extend(text.get(start..at));
            start = at;
        }
        last = Some(kind(letter));
    }
    pieces.extend(text.get(start..));
    pieces
}
