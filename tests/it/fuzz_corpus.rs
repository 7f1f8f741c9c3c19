//! What the fuzzer has found worth keeping (`fuzz/corpus`), tried again.

#[path = "../../fuzz/bodies.rs"]
mod bodies;

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
