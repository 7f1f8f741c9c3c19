//! Reviews: who is asked, and what follows when nobody decides.

use crate::engine::Effect;
use crate::engine::compose::{self, Occasion};
use crate::engine::people;
use crate::engine::run::{Asked, Entry, State};
use crate::engine::step::{Next, Then};
use crate::ir::{Ignored, Message, Who};

impl Next<'_> {
    pub(super) fn ask(
        &mut self,
        index: usize,
        who: &[Who],
        (message, escalation): (&Message, bool),
    ) -> Then {
        let scene = self.scene;
        let found = people::find(who, scene.policy, scene.facts, scene.cast);
        for (who, why) in found.passed_over {
            self.trail.push(Entry::PassedOver { who, why });
        }
        let occasion = if escalation { Occasion::Escalation } else { Occasion::Review };
        let mut notices = Vec::new();
        for person in &found.people {
            let mail = match compose::mail(occasion, message, person, (&self.run, scene))
            {
                Ok(mail) => mail,
                Err(why) => {
                    self.fail(index, why);
                    return Then::Stop;
                }
            };
            let (who, name) = (person.email.clone(), person.display_name());
            if !self.run.asked.iter().any(|asked| asked.email == who) {
                let (email, name) = (who.clone(), name.clone());
                self.run.asked.push(Asked { email, name, delivered: false });
            }
            self.trail
                .push(Entry::Asked { who, name, step: self.step_text(index) });
            notices.push(self.emit(Effect::Mail(mail)));
        }
        if notices.is_empty() {
            return self.nobody(index);
        }
        self.run.unheard.extend(notices.iter().cloned());
        self.run.state = State::Reviewing {
            step: index,
            asked_at: scene.now,
            closes_at: None,
            notices,
        };
        Then::Stop
    }

    /// A stage with nobody left goes to the next at once; a review in which nobody at all
    /// can be asked is held.
    pub(super) fn nobody(&mut self, index: usize) -> Then {
        if index + 1 < self.scene.policy.review_len {
            return Then::GoOn;
        }
        // Silence decides only where somebody heard the question.
        if !self.run.asked.iter().any(|asked| asked.delivered) {
            return self.hold(index, "nobody can be asked".to_owned());
        }
        self.last_ignored();
        Then::Stop
    }

    /// The window of a stage closed undecided.
    pub(super) fn ignored(&mut self, step: usize) {
        self.trail.push(Entry::Ignored { step: self.step_text(step) });
        self.next_stage(step);
    }

    /// Nobody of a stage got a notice.
    pub(super) fn undelivered(&mut self, step: usize, why: &str) {
        let text = self.step_text(step);
        self.trail
            .push(Entry::StepSkipped { step: text, why: why.to_owned() });
        // Whoever might find the notice late may still decide, but silence decides nothing
        // when nobody is known to have been asked.
        let heard = self.run.asked.iter().any(|asked| asked.delivered);
        if step + 1 >= self.scene.policy.review_len && !heard {
            self.hold(step, why.to_owned());
        } else {
            self.next_stage(step);
        }
    }

    pub(super) fn next_stage(&mut self, step: usize) {
        if step + 1 < self.scene.policy.review_len {
            self.go(step + 1);
        } else {
            self.last_ignored();
        }
    }

    pub(super) fn last_ignored(&mut self) {
        match self.scene.policy.if_ignored {
            Ignored::Keep => self.end(State::Ended, None),
            Ignored::Remove => self.go(self.scene.policy.review_len),
        }
    }
}
