//! What was on record about a subject when a step failed.

use crate::engine::library::Library;
use crate::engine::trail::Entry;
use crate::facts::{Facts, Known, known};
use serde::{Deserialize, Serialize};

/// The facts of one moment, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Each fact that was on record.
    pub facts: Vec<Known>,
}

impl Library {
    /// Adds to a trail what was known, where a step has failed.
    pub(super) fn picture(&self, facts: &Facts, trail: &mut Vec<Entry>) {
        let failed = trail.iter().rposition(|entry| {
            matches!(entry, Entry::StepFailed { .. } | Entry::FailureSkipped { .. })
        });
        if let Some(failed) = failed {
            let facts = known(facts, self.catalog());
            trail.insert(failed + 1, Entry::Known(Snapshot { facts }));
        }
    }
}
