//! Any text is read without a fall.
#![no_main]

#[expect(dead_code, reason = "shared with the other targets")]
#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|text: &str| bodies::parse(text));
