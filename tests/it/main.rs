//! The tests that need code, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod language;
mod program;
