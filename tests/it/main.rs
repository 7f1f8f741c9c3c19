//! What only the whole can show, one topic in each file.

mod acts;
mod config;
mod crash;
mod dice;
mod doors;
mod foretold;
mod guard;
mod import;
mod language;
mod mail;
mod open;
mod oracle;
mod oracle_conditions;
mod oracle_world;
mod peers;
mod site;
mod tls;
mod webhook;
