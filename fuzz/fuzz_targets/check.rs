//! Any text is checked without a fall.
#![no_main]

#[expect(dead_code, reason = "shared with the other targets")]
#[path = "../bodies.rs"]
mod bodies;

use std::path::Path;
use std::sync::OnceLock;
use tenure::catalog::Catalog;

static CATALOG: OnceLock<Catalog> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|text: &str| {
    let project = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    bodies::check(text, CATALOG.get_or_init(|| bodies::catalog(project)));
});
