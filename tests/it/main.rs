//! What only the whole can show, one topic in each file.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod acts;
mod allow;
mod calendar;
mod catalog;
mod config;
mod counts;
mod crash;
mod dice;
mod doors;
mod errors;
mod editors;
mod explain;
mod fix;
mod foretold;
mod format;
mod format_text;
mod fuzz_corpus;
mod guard;
mod hook;
mod hostile;
mod import;
mod language;
mod limits;
mod mail;
mod notify;
mod moment;
mod never;
mod open;
mod outage;
mod oracle;
mod oracle_conditions;
mod oracle_world;
mod pages;
mod peers;
mod program;
mod repl;
mod sarif;
mod serve;
mod site;
mod statements;
mod tidy;
mod tls;
mod versions;
mod webhook;
