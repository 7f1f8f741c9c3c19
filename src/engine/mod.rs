//! Durable runs: decide, commit, then act.

mod effect;

pub use crate::engine::effect::{Delivery, Effect, Hands, Mail, Outcome, Request};
