//! The steps, one by one.

use crate::engine::compose::{self, Occasion};
use crate::engine::people;
use crate::engine::run::{State, Track};
use crate::engine::shield::refused;
use crate::engine::step::{Applies, Next, Part, Then};
use crate::engine::survey::text_of;
use crate::engine::trail::Entry;
use crate::engine::{Effect, Mail};
use crate::facts::Person;
use crate::ir::{Condition, Message, Step, StepKind, Who};
use crate::query::{NotKnown, Truth, blame, evaluate, not_known};

/// Why a step behind `if failed` is left out.
const UNDECIDED: &str = "the review is not over";

impl Next<'_> {
    pub(super) fn perform(&mut self, index: usize, step: &Step) -> Then {
        // Those in the parentheses of an `all of` are looked at one by one.
        if step.kind.takes() && !matches!(step.kind, StepKind::AllOf(_)) {
            // What follows a failure in the midst of a review decides nothing in its place.
            if self.run.track == Track::Failed && !self.run.settled {
                let (step, why) = (step.text.clone(), UNDECIDED.to_owned());
                self.trail.push(Entry::StepSkipped { step, why });
                return Then::GoOn;
            }
            match self.still_applies(Part::ArmOf(index)) {
                Applies::Yes => {}
                Applies::No(why) if self.another_arm_holds() => {
                    self.trail.push(Entry::StepSkipped { step: step.text.clone(), why });
                    return Then::GoOn;
                }
                Applies::No(why) => {
                    self.ceases(why);
                    return Then::Stop;
                }
                Applies::Unsure(lack) => return self.hold_unknown(index, lack),
            }
        }
        // What changes the store is refused where something is left to change.
        if !step.kind.in_store()
            && !matches!(step.kind, StepKind::AllOf(_))
            && let Some(why) = refused(step, self.scene, &self.run.changed)
        {
            return self.is_refused(index, why);
        }
        match &step.kind {
            StepKind::Ask { who, message, escalation, .. } => {
                self.ask(index, who, (message, *escalation))
            }
            StepKind::Notify { who, message } => self.notify(index, who, message),
            StepKind::Wait(length) => {
                let until = self.scene.calendar.after(self.scene.now, *length);
                self.trail.push(Entry::Waiting { until });
                self.run.state = State::Waiting { step: index, until };
                Then::Stop
            }
            StepKind::RunWebhook(_) | StepKind::RunFlow { .. } | StepKind::Call(_) => {
                self.ask_others(index, step).unwrap_or(Then::GoOn)
            }
            StepKind::Task { who, message, .. } => self.task(index, who, message),
            StepKind::Verify { condition, message } => {
                self.verify(index, condition, message.as_deref())
            }
            StepKind::AllOf(steps) => self.all_of(index, steps),
            // All that is left changes the store.
            _ => self.change_store(index, step),
        }
    }

    pub(super) fn notify(
        &mut self,
        index: usize,
        who: &[Who],
        message: &Message,
    ) -> Then {
        let scene = self.scene;
        let found = people::find(who, scene.policy, scene.facts, scene.cast);
        for (who, why) in found.passed_over {
            self.trail.push(Entry::PassedOver { who, why });
        }
        for person in &found.people {
            match self.notice(message, person) {
                Ok(mail) => {
                    let (who, name) = (person.email.clone(), person.display_name());
                    self.trail.push(Entry::Told {
                        who,
                        name,
                        step: self.step_text(index),
                    });
                    self.emit(Effect::Mail(mail));
                }
                Err(why) => {
                    self.fail(index, why);
                    return Then::Stop;
                }
            }
        }
        Then::GoOn
    }

    /// Looks at the facts as they are now, with what the run itself has changed.
    fn verify(
        &mut self,
        index: usize,
        condition: &Condition,
        message: Option<&str>,
    ) -> Then {
        let (facts, at) = (self.scene.facts, self.moment());
        let step = self.step_text(index);
        match evaluate(condition, facts, at) {
            Truth::True => {
                self.trail.push(Entry::StepDone { step, message: None });
                Then::GoOn
            }
            Truth::False => {
                let why = message.map_or_else(
                    || format!("not so: {}", text_of(condition)),
                    str::to_owned,
                );
                self.fail(index, why);
                Then::Stop
            }
            Truth::Unknown => {
                let missing = blame(condition, None, facts, at);
                let lack = not_known(&missing, facts);
                let why = format!("`{step}`: {lack}");
                self.hold_unknown(index, NotKnown { why, ..lack })
            }
        }
    }

    /// The words of a step that tells; without any of its own they follow the occasion.
    fn notice(&self, message: &Message, to: &Person) -> Result<Mail, String> {
        let told = (&self.run, self.scene);
        if let (Message::BuiltIn, Track::Failed, Some(failure)) =
            (message, self.run.track, &self.run.failure)
        {
            return Ok(compose::trouble(to, ("failed", &failure.why), told));
        }
        let occasion = match self.run.track {
            Track::Kept => Occasion::Kept,
            Track::Then | Track::Failed => Occasion::Notice,
        };
        compose::mail(occasion, message, to, told)
    }
}
