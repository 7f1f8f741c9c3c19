//! Durable runs: decide, commit, then act.

pub mod retry;

mod effect;

pub use crate::engine::effect::{Delivery, Effect, Hands, Mail, Outcome, Request};
