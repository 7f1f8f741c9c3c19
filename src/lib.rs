#![doc = include_str!("../docs/ARCHITECTURE.md")]

// Words everyone uses.
pub mod text;
pub mod time;
pub mod diagnose;

// The language: text in, checked program out.
pub mod ir;
pub mod syntax;
pub mod format;
pub mod catalog;
pub mod check;

// The data: what is known, and which subjects a condition selects.
pub mod facts;
pub mod query;
pub mod store;
pub mod scim_filter;

// The running: decide, commit, act; and the same ahead of time.
pub mod engine;
pub mod actions;
pub mod foresight;
pub mod explain;

// The doors.
pub mod session;
pub mod server;
pub mod repl;
pub mod cli;
