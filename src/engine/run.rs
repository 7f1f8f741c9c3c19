//! A run: one policy, one subject, from the opening to the end.

use crate::engine::Change;
use crate::engine::arms::Chosen;
use crate::engine::hear::Heard;
use crate::facts::Subject;
use crate::ir::{Policy, Step, StepKind};
use crate::time::{Duration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The store's number of a run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct RunId(pub i64);

/// A run as it stands.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that is stored by its name, and no two make a state"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The store's number.
    pub id: RunId,
    /// The policy's name.
    pub policy: String,
    /// The version that opened it, and that it finishes under.
    pub version: u32,
    /// Whose access it is about.
    pub subject: Subject,
    /// What the idempotency keys of its effects begin with.
    pub key: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Everyone who was asked, and so may decide.
    pub asked: Vec<Asked>,
    /// How it was decided, if it was.
    pub decision: Option<Decision>,
    /// What it has changed in the store so far, left out when its condition is checked again.
    pub changed: Vec<Change>,
    /// Whether a step of it took access away.
    pub took: bool,
    /// How many effects it has asked for.
    pub effects: u32,
    /// What the last webhook answered, for later messages.
    pub answer: Option<String>,
    /// The keys of questions that have not arrived yet, whichever stage asked them.
    pub unheard: Vec<String>,
    /// The user whose access it was when the run was opened; nothing for an orphan.
    pub owner: Option<i64>,
    /// The words of whoever rejected the access in a review, where it was opened for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_with: Option<String>,
    /// Whether the review is over: somebody decided, or silence did.
    pub settled: bool,
    /// Until when those whom a question reached have time to answer, whoever of them is still
    /// there.
    pub heard_until: Option<Timestamp>,
    /// Whether a webhook took something away, so that the condition may have ceased to hold
    /// by our own doing.
    pub beyond: bool,
    /// The arms of the policy that it is made of.
    #[serde(default)]
    pub chosen: Chosen,
    /// When the policy had been activated, where its lengths count from then at the earliest.
    #[serde(default)]
    pub activated: Option<Timestamp>,
    /// Whether it was an edge that opened it: the next one may open another.
    #[serde(default)]
    pub edge: bool,
    /// Whether it has begun to take something away, and nobody had to set it going again
    /// since: limits hold it up no more.
    #[serde(default)]
    pub begun: bool,
    /// Whether a person let it through though it passed a limit.
    #[serde(default)]
    pub released: bool,
    /// When a verdict acts, where an access review asks: as it closes, or at once, where that
    /// is in the past.
    #[serde(default)]
    pub acts_at: Option<Timestamp>,
    /// The event that told of its rejection, where an access review asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<i64>,
    /// Whether it was opened for a person who was named: their identity state ends it no more
    /// than it kept it from being opened.
    #[serde(default)]
    pub on_demand: bool,
    /// When it goes on by itself, where it is held by a limit.
    #[serde(default)]
    pub room_at: Option<Timestamp>,
    /// Where it is held because data is too old; or where a verdict waits for a policy that
    /// may take the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Awaits>,
    /// Whether it is only observed: nobody is asked, nothing leaves, and nothing changes but
    /// its own record.
    #[serde(default)]
    pub observed: bool,
    /// The condition of the pilot that it was opened in, as written.
    #[serde(default)]
    pub only: Option<String>,
    /// Which of the policy's lists of steps it follows.
    #[serde(default)]
    pub track: Track,
    /// Which step failed, while the steps of `if failed` are followed.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// What is left to try of an `all of` that was begun.
    #[serde(default)]
    pub together: Option<Together>,
    /// The keys of reminders that have not arrived yet.
    #[serde(default)]
    pub reminding: Vec<String>,
    /// The keys of messages about a task that have not arrived yet.
    #[serde(default)]
    pub tasking: Vec<String>,
    /// When what it changed was put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Timestamp>,
    /// Steps that other systems have done a part of.
    #[serde(default)]
    pub partly: Vec<Partly>,
    /// The event that opened it, where one did: the next one may open another.
    #[serde(default)]
    pub heard: Option<Heard>,
    /// When the access was to end by itself as it was opened: what that asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// It heeds the events behind this one.
    #[serde(default)]
    pub after_event: i64,
    /// Whether an event ended it, and another one may open the next.
    #[serde(default)]
    pub called_off: bool,
    /// How long its policy lets subjects rest, where it says so; known also when that cannot be
    /// followed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<Duration>,
}

/// Something that is awaited: newer data than what there is, or a policy that listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaits {
    /// When it is looked for next.
    pub at: Timestamp,
    /// What was too old when it was held, and how old; or which policy, and what keeps it.
    pub why: String,
    /// Since when a policy is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What to do about it, a line for each way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<String>,
}

impl Awaits {
    /// What is waited for and since when, behind the state of a run; nothing where the state says
    /// it itself.
    pub fn words(&self) -> String {
        match self.since {
            Some(since) => format!(" since {since}: {}", self.why),
            None => String::new(),
        }
    }
}

/// How much of a step other systems have done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partly {
    /// In which list it stands.
    pub track: Track,
    /// The index of the step.
    pub step: usize,
    /// The index in its parentheses, where it is an `all of`.
    pub inner: Option<usize>,
    /// How many requests of it succeeded.
    pub done: usize,
}

/// One of the lists of steps that a policy has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Track {
    /// Behind `then`.
    #[default]
    Then,
    /// Behind `if kept`.
    Kept,
    /// Behind `if failed`.
    Failed,
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The index of the step behind `then`.
    pub step: usize,
    /// Why.
    pub why: String,
    /// What is to be tried again, where that was an `all of`.
    #[serde(default)]
    pub together: Option<Together>,
}

/// How far an `all of` has come; its steps go by their indices in the parentheses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    /// What is still to be tried; the first is at work.
    pub todo: Vec<usize>,
    /// What failed, and why.
    pub failed: Vec<(usize, String)>,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// About to begin a step.
    At {
        /// The index of the step.
        step: usize,
    },
    /// Waiting for a decision.
    Reviewing {
        /// The index of the `ask` or `escalate`.
        step: usize,
        /// When it asked; once a notice was delivered, when that was.
        asked_at: Timestamp,
        /// When its window closes; unknown until a notice was delivered.
        closes_at: Option<Timestamp>,
        /// The keys of notices whose delivery is still open.
        notices: Vec<String>,
        /// When those asked are reminded, the earliest first.
        #[serde(default)]
        reminders: Vec<Timestamp>,
        /// How often it was put off because nothing ran.
        #[serde(default)]
        put_off: u8,
    },
    /// Waiting until another run has asked the same person about the same account.
    InLine {
        /// The index of the `ask` or `escalate`.
        step: usize,
        /// The other run.
        behind: i64,
    },
    /// Waiting until somebody has done something.
    Tasked {
        /// The index of the `task`.
        step: usize,
        /// When they were told.
        asked_at: Timestamp,
        /// When the admin hears that it is not done yet.
        closes_at: Option<Timestamp>,
        /// Whether a message about it arrived.
        delivered: bool,
        /// Whose task it is.
        people: Vec<Asked>,
    },
    /// Pausing.
    Waiting {
        /// The index of the `wait`.
        step: usize,
        /// Until when.
        until: Timestamp,
    },
    /// Waiting for the answer of another system.
    Removing {
        /// The index of the step.
        step: usize,
        /// The key of the effect.
        effect: String,
    },
    /// A step failed; a person must look.
    Failed {
        /// The index of the step.
        step: usize,
        /// Why.
        why: String,
    },
    /// Something is not known, or nobody can be asked; a person must look.
    Held {
        /// The index of the step it stopped before.
        step: usize,
        /// Why.
        why: String,
    },
    /// Somebody decided that the access stays.
    Kept,
    /// The access is gone.
    Removed,
    /// All steps were done; none took anything away.
    Done,
    /// Nobody decided, and the policy keeps.
    Ended,
    /// The condition ceased to hold.
    NoLongerApplies {
        /// What changed.
        why: String,
    },
    /// Somebody stopped it.
    Cancelled,
}

/// Somebody who was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The index of the step that asked them last.
    #[serde(default)]
    pub step: usize,
    /// Until when they have time to answer a question that reached them.
    #[serde(default)]
    pub heard: Option<Timestamp>,
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who decided.
    pub by: String,
    /// On whose behalf it was entered, where that was somebody else.
    pub actor: Option<String>,
    /// Keep or remove.
    pub verdict: Verdict,
    /// The decider's words.
    pub comment: Option<String>,
}

/// That somebody has done a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Who did it.
    pub by: String,
    /// On whose behalf it was entered, where that was somebody else.
    pub actor: Option<String>,
    /// Their words.
    pub comment: Option<String>,
}

/// The two answers to the question whether access is still needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Keep,
    /// It is not.
    Remove,
}

/// That an end gives nothing back.
pub(crate) const STAYS: &str = "what was taken before stays taken";

impl Run {
    /// The keys of what is under way and would be pointless, or wrong, once the run has
    /// ended: questions, and the step that another system was asked to take.
    pub fn under_way(&self) -> Vec<String> {
        let mut keys = self.unheard.clone();
        keys.extend(self.reminding.iter().chain(&self.tasking).cloned());
        if let State::Removing { effect, .. } = &self.state {
            keys.push(effect.clone());
        }
        keys
    }

    /// Whether it is one of an access review, and waits for nothing but that its verdict acts.
    pub(crate) fn is_rejected(&self) -> bool {
        let verdict = self.decision.as_ref().map(|decision| decision.verdict);
        verdict == Some(Verdict::Remove)
            && self.acts_at.is_some()
            && matches!(self.state, State::Waiting { .. })
    }

    /// The steps that it follows now.
    pub fn steps<'p>(&self, policy: &'p Policy) -> &'p [Step] {
        match self.track {
            Track::Then => &policy.steps,
            Track::Kept => &policy.if_kept,
            Track::Failed => &policy.if_failed,
        }
    }

    /// One of these steps; of an `all of` that was begun, the one that is at work in it.
    pub fn step<'p>(&self, policy: &'p Policy, index: usize) -> Option<&'p Step> {
        let step = self.steps(policy).get(index)?;
        let inner = self.together.as_ref().and_then(|it| it.todo.first());
        match (&step.kind, inner) {
            (StepKind::AllOf(steps), Some(inner)) => steps.get(*inner),
            _ => Some(step),
        }
    }

    /// The word for where it stands. A run that follows `if failed` has failed.
    pub fn standing(&self) -> &'static str {
        if self.failure.is_some() && self.state.is_open() {
            return "failed";
        }
        self.state.name()
    }

    /// Why it ended before its last step, with what that leaves of what it took.
    pub fn leaves(&self, mut why: String) -> String {
        if self.took {
            why = format!("{why}; {STAYS}");
        }
        why
    }

    /// Why it waits for a person, if it does.
    pub fn trouble(&self) -> Option<&str> {
        match (&self.failure, &self.state) {
            (Some(failure), state) if state.is_open() => Some(&failure.why),
            (_, State::Failed { why, .. } | State::Held { why, .. }) => Some(why),
            _ => None,
        }
    }
}

impl State {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Removing { .. } => "removing",
            Self::Reviewing { .. } => "reviewing",
            // It is about to begin a step, and a pause keeps it from that.
            Self::At { .. } => "waiting",
            Self::Waiting { .. } | Self::Tasked { .. } | Self::InLine { .. } => "waiting",
            Self::Failed { .. } => "failed",
            Self::Held { .. } => "held",
            Self::Kept => "kept",
            Self::Removed => "removed",
            Self::Done => "done",
            Self::Ended => "ended",
            Self::NoLongerApplies { .. } => "no longer applies",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the run has not ended; one that failed or is held has not.
    pub fn is_open(&self) -> bool {
        match self {
            Self::At { .. }
            | Self::Reviewing { .. }
            | Self::InLine { .. }
            | Self::Tasked { .. }
            | Self::Waiting { .. }
            | Self::Removing { .. }
            | Self::Failed { .. }
            | Self::Held { .. } => true,
            Self::Kept
            | Self::Removed
            | Self::Done
            | Self::Ended
            | Self::NoLongerApplies { .. }
            | Self::Cancelled => false,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
        })
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}
