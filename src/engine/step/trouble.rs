//! Steps that cannot be done: the run fails or is held, and somebody hears of it.

use crate::engine::Effect;
use crate::engine::compose;
use crate::engine::people;
use crate::engine::run::{Failure, State, Track};
use crate::engine::step::{Next, Scene, Then};
use crate::engine::trail::Entry;
use crate::facts::Person;
use crate::ir::Who;
use crate::time::Timestamp;

/// Why a run waits that would pass a limit.
const LIMIT_REACHED: &str =
    "the limit of 24 hours is reached; it goes on as soon as it may";

impl Next<'_> {
    pub(super) fn hold(&mut self, step: usize, why: String) -> Then {
        self.trail.push(Entry::Held { why: why.clone() });
        self.tell_admin("is held", &why);
        self.run.awaits = None;
        self.run.state = State::Held { step, why };
        Then::Stop
    }

    /// A limit holds the run up before a step that takes something away. It goes on by
    /// itself, so it is no one's trouble alone: the admin is told once of all that wait.
    pub(super) fn wait_for_room(
        &mut self,
        step: usize,
        room_at: Timestamp,
        waited: bool,
    ) {
        let why = LIMIT_REACHED.to_owned();
        if !waited {
            self.trail.push(Entry::Held { why: why.clone() });
        }
        self.run.room_at = Some(room_at);
        self.run.awaits = None;
        self.run.state = State::Held { step, why };
    }

    /// What was taken, or is being taken, counts once. What was taken before somebody set the
    /// run going again is not taken now.
    pub(super) fn note_taking(&mut self) {
        let took = self.run.took && !self.changes.is_empty();
        let takes = took || matches!(self.run.state, State::Removing { .. });
        self.takes |= takes && !self.run.begun;
        self.run.begun |= took;
    }

    /// A step failed for good; what follows hangs on where it stands.
    pub(super) fn fail(&mut self, index: usize, why: String) {
        let step = self.step_text(index);
        let skipped =
            self.run.step(self.scene.policy, index).is_some_and(|it| it.or_skip);
        self.trail.push(if skipped {
            Entry::FailureSkipped { step, why: why.clone() }
        } else {
            Entry::StepFailed { step, why: why.clone() }
        });
        match (self.inside(index), skipped) {
            (true, true) => self.passed(index),
            (true, false) => self.inner_failed(index, why),
            (false, true) => {
                self.run.together = None;
                self.passed(index);
            }
            (false, false) => self.failed(index, why),
        }
    }

    /// The run cannot go on. What stands behind `if failed` follows; without it the admin
    /// is told.
    pub(super) fn failed(&mut self, step: usize, why: String) {
        match self.run.track {
            Track::Then if !self.scene.policy.if_failed.is_empty() => {
                let together = self.run.together.take();
                self.run.failure = Some(Failure { step, why, together });
                self.run.track = Track::Failed;
                // Begun with facts that know of what was changed before.
                self.run.state = State::At { step: 0 };
            }
            // What was to follow a failure failed too: nobody may have heard of either.
            Track::Failed => {
                if let Some(failure) = &mut self.run.failure {
                    failure.why = format!("{}; then: {why}", failure.why);
                    let why = failure.why.clone();
                    self.tell_admin("failed", &why);
                }
                self.after_failure();
            }
            Track::Then | Track::Kept => {
                self.tell_admin("failed", &why);
                self.run.state = State::Failed { step, why };
            }
        }
    }

    /// What follows a failure is over: the run waits for a person.
    pub(super) fn after_failure(&mut self) {
        self.run.track = Track::Then;
        if let Some(Failure { step, why, together }) = self.run.failure.take() {
            self.run.together = together;
            self.run.state = State::Failed { step, why };
        }
    }

    pub(super) fn admin(&self) -> Vec<Person> {
        let Scene { policy, facts, cast, .. } = *self.scene;
        people::find(&[Who::Admin], policy, facts, cast).people
    }

    /// A run that waits for a person never goes unnoticed; where the admin can't be told, the
    /// trail says that.
    pub(super) fn tell_admin(&mut self, what: &str, why: &str) {
        let Scene { policy, facts, cast, .. } = *self.scene;
        let found = people::find(&[Who::Admin], policy, facts, cast);
        for (who, why) in found.passed_over {
            self.trail.push(Entry::PassedOver { who, why });
        }
        for person in found.people {
            let words = compose::trouble(&person, (what, why), (&self.run, self.scene));
            let (who, name) = (person.email.clone(), person.display_name());
            self.trail
                .push(Entry::Told { who, name, step: format!("run {what}") });
            self.emit(Effect::Mail(words));
        }
    }
}
