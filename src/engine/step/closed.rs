//! An access review closes, and with it the runs that it opened.

use crate::engine::run::State;
use crate::engine::step::Next;
use crate::engine::trail::Entry;
use crate::time::Timestamp;

impl Next<'_> {
    /// What was decided to go waits until the review closes.
    pub(super) fn decided_to_remove(&mut self) {
        let first = self.scene.policy.review_len;
        match self.run.acts_at.filter(|at| *at > self.scene.now) {
            Some(until) => self.wait_for_the_close(first, until),
            None => self.go(first),
        }
    }

    fn wait_for_the_close(&mut self, first: usize, until: Timestamp) {
        self.trail.push(Entry::Waiting { until });
        self.run.state = State::Waiting { step: first.saturating_sub(1), until };
    }

    /// What was decided to go goes now; who was not decided about is left alone.
    pub(super) fn closed(&mut self) {
        if self.run.acts_at.take().is_none() && self.run.settled {
            return;
        }
        match self.run.state {
            State::Waiting { step, .. } if self.run.settled => self.go(step + 1),
            State::Reviewing { step, .. } => {
                self.trail.push(Entry::Ignored { step: self.step_text(step) });
                self.run.settled = true;
                self.end(State::Ended, None);
            }
            State::InLine { .. } | State::Waiting { .. } if !self.run.settled => {
                self.end(State::Ended, Some("the review was closed".to_owned()));
            }
            // Nobody could be asked, and now nobody is.
            State::Held { .. } if !self.run.settled => {
                self.end(State::Ended, Some("the review was closed".to_owned()));
            }
            _ => {}
        }
    }
}
