//! What events mean for a run that is open: it ends, or it begins anew.

use crate::engine::run::{State, Track};
use crate::engine::step::{Applies, Next, Part};
use crate::engine::trail::Entry;

impl Next<'_> {
    /// An event of `cancel on` has happened.
    pub(super) fn called_off(&mut self, why: String) {
        if !self.run.state.is_open() {
            return;
        }
        self.let_go();
        // Where an event opened it, the next one opens another: nobody decided anything.
        self.run.called_off = self.run.heard.is_some();
        let why = self.run.leaves(why);
        self.end(State::Cancelled, Some(why));
    }

    /// An event of `restart on` has happened: from the first step, if the subject matches
    /// still. What was done stays done, and nobody's answer counts any more.
    pub(super) fn restarted(&mut self, why: String) {
        if !self.run.state.is_open() {
            return;
        }
        let applies = self.still_applies(Part::Whole);
        self.let_go();
        if let Applies::No(why) = applies {
            return self.ceases(why);
        }
        self.trail.push(Entry::Restarted { why });
        self.withdrawn.append(&mut self.run.unheard);
        self.withdrawn.append(&mut self.run.reminding);
        self.withdrawn.append(&mut self.run.tasking);
        let run = &mut self.run;
        run.track = Track::Then;
        run.failure = None;
        run.together = None;
        run.partly.clear();
        run.asked.clear();
        run.decision = None;
        run.heard_until = None;
        run.room_at = None;
        // What it takes now it takes anew, and that counts when it does.
        run.begun = false;
        run.awaits = None;
        run.settled = self.scene.policy.review_len == 0;
        match applies {
            Applies::Unsure(lack) => drop(self.hold_unknown(0, lack)),
            Applies::Yes | Applies::No(_) => self.go(0),
        }
    }

    /// What is under way is not tried again.
    fn let_go(&mut self) {
        if let State::Removing { step, effect } = self.run.state.clone() {
            self.no_longer_tried(step, effect);
        }
    }
}
