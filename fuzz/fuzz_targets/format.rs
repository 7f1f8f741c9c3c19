//! Any text without a mistake can be laid out, and keeps what it says.
#![no_main]

#[expect(dead_code, reason = "shared with the other targets")]
#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|text: &str| bodies::format(text));
