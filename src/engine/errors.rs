//! What can keep the engine from working.

use crate::store::StoreError;
use thiserror::Error;

/// Why the engine stopped. Whatever it was about to do, it did nothing of it.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The store could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run's record cannot be read.
    #[error("a run's record cannot be read: {0}")]
    Record(#[from] serde_json::Error),
    /// No run has that number.
    #[error("there is no run {0}")]
    NoRun(i64),
    /// No evaluation has that number.
    #[error("there is no evaluation {0}")]
    NoEvaluation(i64),
    /// No access review has that number.
    #[error("there is no review {0}")]
    NoReview(i64),
    /// What was asked for cannot be done.
    #[error("{0}")]
    Refused(String),
    /// Another event has the name of this one.
    #[error("another event was received as `{0}` before")]
    Taken(String),
    /// The two evaluators of a condition disagree: nothing is opened on such ground.
    #[error(
        "policy `{policy}` selected {subject}, but its facts say otherwise; nothing was opened"
    )]
    Disagreement {
        /// The policy.
        policy: String,
        /// The subject.
        subject: String,
    },
}
