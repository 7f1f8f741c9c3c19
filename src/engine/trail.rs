//! What is on record of a run, line by line.

use crate::engine::groups::Made;
use crate::engine::run::{Completion, Decision};
use crate::engine::snapshot::Snapshot;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One line of a run's trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Entry {
    /// The run began.
    Opened {
        /// The tests that were true, with the values that made them so.
        because: Vec<Because>,
    },
    /// A question went out.
    Asked {
        /// The address.
        who: String,
        /// The name.
        name: String,
        /// The step, as written.
        step: String,
    },
    /// Another run asks the same person about the same account first, or takes it away.
    InLine {
        /// That run.
        behind: i64,
        /// Whether it takes the access away.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        takes: bool,
    },
    /// Nothing ran for a while: those who were asked get more time.
    PutOff {
        /// When the window closes now.
        until: Timestamp,
    },
    /// It was paused, and goes on with windows as long as they would have been.
    StoodStill {
        /// Since when.
        since: Timestamp,
        /// What kept it from going on, the earliest first; one begins before another ends.
        pauses: Vec<Stood>,
    },
    /// Somebody was asked again, before the window closes.
    Reminded {
        /// The address.
        who: String,
        /// The name.
        name: String,
        /// The step, as written.
        step: String,
    },
    /// Somebody was given something to do.
    Assigned {
        /// The address.
        who: String,
        /// The name.
        name: String,
        /// The step, as written.
        step: String,
    },
    /// A task was not done in its time.
    NotDoneYet {
        /// The step, as written.
        step: String,
    },
    /// Somebody said that a task is done.
    Completed(Completion),
    /// A message went out.
    Told {
        /// The address.
        who: String,
        /// The name.
        name: String,
        /// The step, as written.
        step: String,
    },
    /// Somebody was left out.
    PassedOver {
        /// Who, as the policy names them.
        who: String,
        /// Why.
        why: String,
    },
    /// A message arrived.
    Delivered {
        /// The address.
        who: String,
    },
    /// A message did not arrive, for good.
    NotDelivered {
        /// The address.
        who: String,
        /// Why.
        why: String,
    },
    /// An attempt failed in a way that may pass.
    AttemptFailed {
        /// To whom or what.
        what: String,
        /// Why.
        why: String,
        /// When it is tried again.
        again_at: Timestamp,
    },
    /// Nothing was attempted: something that it needs is not there.
    HeldBack {
        /// What was to go, or to whom.
        what: String,
        /// What it lacks.
        why: String,
    },
    /// A window closed undecided.
    Ignored {
        /// The step, as written.
        step: String,
    },
    /// Somebody decided.
    Decided(Decision),
    /// A pause began.
    Waiting {
        /// Until when.
        until: Timestamp,
    },
    /// It goes on only after something else.
    Awaiting {
        /// What.
        why: String,
    },
    /// A step was begun that another system must confirm.
    StepStarted {
        /// The step, as written.
        step: String,
    },
    /// A step was done.
    StepDone {
        /// The step, as written.
        step: String,
        /// What the other system said, or what was changed.
        message: Option<String>,
    },
    /// A group that a policy declares was made.
    GroupMade(Made),
    /// What was on record when a step failed.
    Known(Snapshot),
    /// A step had nothing to do.
    StepSkipped {
        /// The step, as written.
        step: String,
        /// Why.
        why: String,
    },
    /// A step failed for good.
    StepFailed {
        /// The step, as written.
        step: String,
        /// Why.
        why: String,
    },
    /// A step failed, and the run goes on all the same.
    FailureSkipped {
        /// The step, as written.
        step: String,
        /// Why it failed.
        why: String,
    },
    /// The run waits for a person.
    Held {
        /// Why.
        why: String,
    },
    /// Somebody set it going again.
    Retried {
        /// Who.
        by: String,
    },
    /// Something that it had done was put back, or could not be.
    Undone {
        /// By whom.
        by: String,
        /// What it had done.
        what: String,
        /// Why it stays.
        why_not: Option<String>,
    },
    /// Something happened, and it began anew.
    Restarted {
        /// What.
        why: String,
    },
    /// The run ended.
    Ended {
        /// In which state.
        state: String,
        /// Why, where that is not plain.
        why: Option<String>,
    },
}

/// A pause that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// Whether everything was paused, and not the policy alone.
    pub everything: bool,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A test that was true, and the value that made it so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The test, as written.
    pub condition: String,
    /// The value.
    pub value: String,
    /// Who reported it, where that is known.
    pub source: Option<String>,
}
