//! Durable runs: decide, commit, then act.
//!
//! [`step`](step::step) decides. [`Engine`] loads what it needs, commits what it says, and
//! hands the effects to the [`Hands`] only then.

mod advance;
mod breaker;
mod commit;
mod compose;
mod deliver;
mod effect;
mod errors;
mod gaps;
mod library;
mod payload;
mod people;
mod references;
pub mod retry;
mod run;
pub mod step;
mod survey;
mod tick;

pub use crate::engine::breaker::Paused;
pub use crate::engine::commit::imagined_run;
pub use crate::engine::effect::{Delivery, Effect, Hands, Mail, Outcome, Request};
pub use crate::engine::errors::EngineError;
pub use crate::engine::gaps::{Gap, gaps};
pub use crate::engine::library::{Casting, active_policies, parse};
pub use crate::engine::people::Cast;
pub use crate::engine::references::remember_names;
pub use crate::engine::run::{
    Asked, Because, Change, Decision, Entry, Run, RunId, State, Verdict,
};
pub use crate::engine::survey::{Count, LimitState, Survey, because, survey};
pub use crate::engine::tick::{Engine, Evaluated, Settings, TickReport};
