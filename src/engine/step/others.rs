//! Steps that other systems do: each of their requests is answered before the next one goes.

use crate::engine::errand::{errands, told};
use crate::engine::run::{Partly, State};
use crate::engine::step::change::{Due, due};
use crate::engine::step::{Next, Then};
use crate::engine::trail::Entry;
use crate::engine::{Effect, Outcome, REPORTS_FAILURE};
use crate::ir::Step;

impl Next<'_> {
    /// Sends the next request of a step; nothing where none is left, or none is needed.
    pub(super) fn ask_others(&mut self, index: usize, step: &Step) -> Option<Then> {
        let scene = self.scene;
        let done = self.done_of(index);
        let effect = match errands(&step.kind, scene) {
            Ok(errands) => errands.get(done)?.effect(&self.run, scene),
            Err(why) => Err(why),
        };
        match effect {
            Ok(effect) => {
                if done == 0 {
                    self.trail.push(Entry::StepStarted { step: told(step, scene) });
                }
                let effect = self.emit(effect);
                self.run.state = State::Removing { step: index, effect };
            }
            Err(why) => self.fail(index, why),
        }
        Some(Then::Stop)
    }

    /// A request of the step at work came to an end.
    pub(super) fn others_answered(&mut self, key: &str, sent: &Effect, outcome: Outcome) {
        let State::Removing { step: index, effect } = self.run.state.clone() else {
            return;
        };
        if effect != key {
            return;
        }
        let Some(step) = self.run.step(self.scene.policy, index) else { return };
        let webhook = matches!(sent, Effect::Webhook(_));
        match outcome {
            Outcome::Delivered { message } => {
                if step.kind.takes() {
                    self.run.took = true;
                    self.run.begun = true;
                    // What a connected system has confirmed, the store follows; what others
                    // have taken, the data may show at any time.
                    self.run.beyond |= !matches!(sent, Effect::Connector(_));
                }
                if webhook {
                    self.run.answer.clone_from(&message);
                }
                self.one_done(index, step, Ok(message));
            }
            Outcome::AlreadySo { why } => self.one_done(index, step, Err(why)),
            Outcome::Refused { why }
            | Outcome::Failed { why, .. }
            | Outcome::Unready { why } => {
                if webhook {
                    let said = why.strip_prefix(REPORTS_FAILURE).unwrap_or(&why);
                    self.run.answer = Some(said.to_owned());
                    return self.fail(index, why);
                }
                self.fail(index, format!("{}: {why}", sent.target()));
            }
        }
    }

    /// One of its requests is done, or found nothing to do.
    fn one_done(
        &mut self,
        index: usize,
        step: &Step,
        said: Result<Option<String>, String>,
    ) {
        let done = self.one_more(index);
        let all = errands(&step.kind, self.scene).map_or(0, |all| all.len());
        match said {
            _ if done < all => self.run.state = State::At { step: index },
            // Of several one may have changed something.
            Err(_) if all > 1 => self.confirmed(index, step, Ok(None)),
            said => self.confirmed(index, step, said),
        }
    }

    /// Other systems have done a step: what the store holds follows.
    fn confirmed(
        &mut self,
        index: usize,
        step: &Step,
        said: Result<Option<String>, String>,
    ) {
        let scene = self.scene;
        let step_text = told(step, scene);
        if step.kind.in_store()
            && let Due::Changes(changes) =
                due(&step.kind, scene.facts, (scene.cast, scene.now))
        {
            self.makes(changes);
        }
        self.trail.push(match said {
            Ok(message) => Entry::StepDone { step: step_text, message },
            Err(why) => Entry::StepSkipped { step: step_text, why },
        });
        let (track, inner) = (self.run.track, self.inner_of(index));
        self.run
            .partly
            .retain(|it| (it.track, it.step, it.inner) != (track, index, inner));
        self.passed(index);
    }

    /// How many requests of a step have succeeded.
    pub(super) fn done_of(&self, index: usize) -> usize {
        let (track, inner) = (self.run.track, self.inner_of(index));
        let mut partly = self.run.partly.iter();
        let known =
            partly.find(|it| (it.track, it.step, it.inner) == (track, index, inner));
        known.map_or(0, |partly| partly.done)
    }

    fn one_more(&mut self, index: usize) -> usize {
        let done = self.done_of(index) + 1;
        let (track, inner) = (self.run.track, self.inner_of(index));
        self.run
            .partly
            .retain(|it| (it.track, it.step, it.inner) != (track, index, inner));
        self.run.partly.push(Partly { track, step: index, inner, done });
        done
    }
}
