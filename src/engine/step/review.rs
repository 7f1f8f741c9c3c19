//! Reviews: who is asked, and what follows when nobody decides.

use crate::engine::Effect;
use crate::engine::compose::{self, Occasion};
use crate::engine::people;
use crate::engine::run::{Asked, Entry, State};
use crate::engine::step::{Next, Scene, Then};
use crate::ir::{Ignored, Message, Step, StepKind, Who};

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
                self.run.asked.push(Asked { email, name });
            }
            self.trail
                .push(Entry::Asked { who, name, step: self.step_text(index) });
            notices.push(self.emit(Effect::Mail(mail)));
        }
        if notices.is_empty() {
            // A stage with nobody left goes to the next at once.
            return Then::GoOn;
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

    /// The window of a stage closed undecided.
    pub(super) fn ignored(&mut self, step: usize) {
        self.trail.push(Entry::Ignored { step: self.step_text(step) });
        self.go(step + 1);
    }

    /// Nobody of a stage got a notice.
    pub(super) fn undelivered(&mut self, step: usize, why: &str) {
        let text = self.step_text(step);
        self.trail
            .push(Entry::StepSkipped { step: text, why: why.to_owned() });
        self.go(step + 1);
    }

    /// All stages are over and nobody decided. Silence decides only where a question
    /// arrived, and when whoever it reached had the time to answer.
    pub(super) fn unanswered(&mut self) {
        let Scene { policy, now, .. } = *self.scene;
        let asks = |step: &Step| matches!(step.kind, StepKind::Ask { .. });
        match self.run.heard_until {
            None => {
                let first = policy.steps.iter().position(asks).unwrap_or(0);
                let why = if self.run.asked.is_empty() {
                    "nobody can be asked"
                } else {
                    "no notice could be delivered"
                };
                self.hold(first, why.to_owned());
            }
            Some(until) if until > now => {
                let step = policy.review_len.saturating_sub(1);
                let (asked_at, closes_at, notices) = (now, Some(until), Vec::new());
                self.run.state = State::Reviewing { step, asked_at, closes_at, notices };
            }
            Some(_) => {
                self.run.settled = true;
                match policy.if_ignored {
                    Ignored::Keep => self.end(State::Ended, None),
                    Ignored::Remove => self.go(policy.review_len),
                }
            }
        }
    }
}
