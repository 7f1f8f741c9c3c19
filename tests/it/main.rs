//! What only the whole can show, one topic in each file.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod acts;
mod ahead;
mod allow;
mod asked;
mod at_work;
mod browser;
mod call;
mod calendar;
mod campaign;
mod catalog;
mod clock;
mod config;
mod config_syntax;
mod counts;
mod coverage;
mod crash;
mod dangling;
mod dice;
mod directory;
mod disk;
mod doors;
mod errors;
mod events;
mod editors;
mod explain;
mod fix;
mod follow;
mod foretold;
mod foretold_review;
mod foretold_start;
mod format;
mod format_text;
mod freshness;
mod fuzz_corpus;
mod guard;
mod heard;
mod histories;
mod hook;
mod hostile;
mod import;
mod ingress;
mod language;
mod limit_worlds;
mod limits;
mod mail;
mod many;
mod notify;
mod moment;
mod never;
mod open;
mod outage;
mod oracle;
mod oracle_conditions;
mod oracle_world;
mod pages;
mod pause;
mod peers;
mod plain;
mod plan_event;
mod plan_order;
mod program;
mod record;
mod repl;
#[path = "../rows/mod.rs"]
mod rows;
mod runners;
mod sarif;
mod scim;
mod serve;
mod served;
mod site;
mod slow;
mod statements;
mod states;
mod still;
mod stranded;
mod tidy;
mod tls;
mod told;
mod undo;
mod versions;
mod waiting;
mod webhook;
mod words;
