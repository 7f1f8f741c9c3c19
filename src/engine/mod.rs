//! Durable runs: decide, commit, then act.
//!
//! [`step`](step::step) decides. [`Engine`] loads what it needs, commits what it says, and
//! hands the effects to the [`Hands`] only then.

mod activate;
mod advance;
mod channel;
mod arms;
mod breaker;
mod change;
mod commit;
mod compose;
mod deliver;
mod effect;
mod errors;
mod gaps;
mod held;
mod library;
mod limit;
mod moment;
mod never;
mod observe;
mod outage;
mod notice;
mod payload;
mod people;
mod pilot;
mod question;
mod references;
mod rank;
mod report;
pub mod retry;
mod rivals;
mod run;
mod shield;
pub mod step;
mod survey;
mod tick;

pub use crate::engine::activate::activate;
pub use crate::engine::arms::{Chosen, followed};
pub use crate::engine::breaker::Paused;
pub use crate::engine::change::Change;
pub use crate::engine::channel::{Channel, Channels, Chat};
pub use crate::engine::commit::imagined_run;
pub use crate::engine::compose::Occasion;
pub use crate::engine::effect::{Delivery, Effect, Hands, Mail, Outcome, Request, TOKEN};
pub use crate::engine::errors::EngineError;
pub use crate::engine::gaps::{Gap, gaps};
pub use crate::engine::held::discard;
pub use crate::engine::library::{Casting, active_policies, active_policy, parse};
pub use crate::engine::moment::{Footing, moment};
pub use crate::engine::never::parse_never;
pub use crate::engine::people::Cast;
pub use crate::engine::pilot::{NoPilot, narrow};
pub use crate::engine::question::{Question, stored};
pub use crate::engine::rank::{Rival, outranks};
pub use crate::engine::rivals::rivals;
pub use crate::engine::run::{
    Asked, Because, Completion, Decision, Entry, Failure, Run, RunId, State, Together,
    Track, Verdict,
};
pub use crate::engine::shield::{Protected, Shield};
pub use crate::engine::survey::{Count, LimitState, Reason, Survey, reason, survey};
pub use crate::engine::tick::{Engine, Evaluated, Settings, TickReport};
