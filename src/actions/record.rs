//! Hands that only write down: for simulations and tests.

use crate::engine::{Delivery, Effect, Hands, Outcome};
use crate::time::Timestamp;

/// Accepts everything at once, and remembers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorder {
    /// What was to be carried out, in order.
    pub records: Vec<Record>,
}

/// One thing that was to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The idempotency key.
    pub key: String,
    /// What it was.
    pub effect: Effect,
    /// When.
    pub at: Timestamp,
}

impl Hands for Recorder {
    fn deliver(&mut self, batch: &[Delivery<'_>], now: Timestamp) -> Vec<Outcome> {
        self.records.extend(batch.iter().map(|delivery| Record {
            key: delivery.key.to_owned(),
            effect: delivery.effect.clone(),
            at: now,
        }));
        batch.iter().map(|_| Outcome::Delivered { message: None }).collect()
    }
}
