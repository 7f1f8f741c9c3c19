//! The tests that need code, in one binary.

mod language;
