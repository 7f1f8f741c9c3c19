//! An access review closes, and with it the runs that it opened.

use crate::engine::run::{Awaits, State};
use crate::engine::step::Next;
use crate::engine::trail::Entry;
use crate::time::Duration;

/// How soon it is looked again whether all policies have listened, at the latest.
const AGAIN: Duration = Duration::HOUR;

impl Next<'_> {
    /// What an access review is to take away waits until that was told of: until it closes, or,
    /// where verdicts act at once, for the next moment.
    pub(super) fn decided_to_remove(&mut self) {
        let first = self.scene.policy.review_len;
        let Some(acts_at) = self.run.acts_at else { return self.go(first) };
        if acts_at > self.scene.now {
            self.trail.push(Entry::Waiting { until: acts_at });
        }
        let until = acts_at.max(self.scene.now);
        self.run.state = State::Waiting { step: first.saturating_sub(1), until };
    }

    /// A policy that takes what was rejected does it in its own way.
    pub(super) fn left_to(&mut self, policy: &str) {
        self.run.acts_at = None;
        self.run.awaits = None;
        self.end(State::Done, Some(taken_by(policy)));
    }

    /// A policy that may take what was rejected cannot listen now. Nothing is taken twice: until
    /// it is known who takes it, nobody does.
    pub(super) fn may_be_left(&mut self, why: String, ways: Vec<String>) {
        let State::Waiting { step, .. } = self.run.state else { return };
        let before = self.run.awaits.take().filter(|awaited| awaited.why == why);
        if before.is_none() {
            self.trail.push(Entry::Awaiting { why: why.clone() });
        }
        self.looks_at_policies_again(step);
        let now = self.scene.now;
        let since = before.and_then(|awaited| awaited.since).or(Some(now));
        self.run.awaits = Some(Awaits { at: now.after(AGAIN), why, since, ways });
    }

    pub(super) fn looks_at_policies_again(&mut self, step: usize) {
        let until = self.scene.now.after(AGAIN);
        self.run.state = State::Waiting { step, until };
    }

    /// What was decided to go goes now; who was not decided about is left alone.
    pub(super) fn closed(&mut self) {
        if self.run.acts_at.take().is_none() && self.run.settled {
            return;
        }
        self.run.awaits = None;
        match self.run.state {
            State::Waiting { step, .. } if self.run.settled => self.go(step + 1),
            State::Reviewing { step, .. } => {
                self.trail.push(Entry::Ignored { step: self.step_text(step) });
                self.run.settled = true;
                self.end(State::Ended, None);
            }
            State::InLine { .. } if !self.run.settled => self.closed_unasked(),
            State::Waiting { .. } if !self.run.settled => {
                self.end(State::Ended, Some("the review was closed".to_owned()));
            }
            // Nobody could be asked, and now nobody is.
            State::Held { .. } if !self.run.settled => {
                self.end(State::Ended, Some("the review was closed".to_owned()));
            }
            _ => {}
        }
    }

    /// The review is over, and it was not the turn of this run yet.
    pub(super) fn closed_unasked(&mut self) {
        self.end(
            State::Ended,
            Some("the review ended before anybody was asked".to_owned()),
        );
    }
}

/// Why a run ends that leaves the access to a policy.
pub(crate) fn taken_by(policy: &str) -> String {
    format!("policy {policy} takes it away")
}
