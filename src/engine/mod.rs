//! Durable runs: decide, commit, then act.
//!
//! [`step`](step::step) decides. [`tick`](tick::tick) loads what it needs, commits what it
//! says, and hands the effects to the [`Hands`] only then.

mod compose;
mod effect;
mod people;
mod run;
pub mod step;

pub use crate::engine::effect::{Delivery, Effect, Hands, Mail, Outcome, Request};
pub use crate::engine::people::Cast;
pub use crate::engine::run::{
    Asked, Because, Change, Decision, Entry, Run, RunId, State, Verdict,
};
