//! What only the whole can show, one topic in each file.

mod dice;
mod foretold;
mod oracle;
mod oracle_conditions;
mod oracle_world;
