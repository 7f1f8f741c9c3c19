//! The steps, one by one.

use crate::engine::compose::{self, Occasion};
use crate::engine::people;
use crate::engine::run::{Entry, State};
use crate::engine::shield::refused;
use crate::engine::step::{Next, Part, Then};
use crate::engine::{Effect, Request};
use crate::ir::{Message, Step, StepKind, Webhook, Who};
use crate::query::Truth;

/// Why a run stops before a step that the engine does not know.
const UNKNOWN_STEP: &str = "this step is not supported yet";

impl Next<'_> {
    pub(super) fn perform(&mut self, index: usize, step: &Step) -> Then {
        if step.kind.takes() {
            match self.still_applies(Part::ArmOf(index)) {
                (Truth::True, _) => {}
                (Truth::False, why) if self.another_arm_holds() => {
                    self.trail.push(Entry::StepSkipped { step: step.text.clone(), why });
                    return Then::GoOn;
                }
                (Truth::False, why) => {
                    self.end(State::NoLongerApplies { why: why.clone() }, Some(why));
                    return Then::Stop;
                }
                (Truth::Unknown, why) => return self.hold(index, why),
            }
        }
        // What changes the store is refused where something is left to change.
        if !step.kind.in_store()
            && let Some(why) = refused(step, self.scene, &self.run.changed)
        {
            self.fail(index, why);
            return Then::Stop;
        }
        match &step.kind {
            StepKind::Ask { who, message, escalation, .. } => {
                self.ask(index, who, (message, *escalation))
            }
            StepKind::Notify { who, message } => self.notify(index, who, message),
            StepKind::Wait(length) => {
                let Some(length) = length.time() else {
                    return self.hold(index, UNKNOWN_STEP.to_owned());
                };
                let until = self.scene.now.after(length);
                self.trail.push(Entry::Waiting { until });
                self.run.state = State::Waiting { step: index, until };
                Then::Stop
            }
            StepKind::RunWebhook(webhook) => self.run_webhook(index, webhook),
            kind if kind.in_store() => self.change_store(index, step),
            // Such a policy is refused before it comes here.
            _ => self.hold(index, UNKNOWN_STEP.to_owned()),
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
            match compose::mail(Occasion::Notice, message, person, (&self.run, scene)) {
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

    pub(super) fn run_webhook(&mut self, index: usize, webhook: &Webhook) -> Then {
        let request = Request {
            webhook: webhook.name.clone(),
            url: webhook.url.clone(),
            headers: webhook.headers.clone(),
            body: compose::webhook_body(&self.run, self.scene),
            secret: webhook.secret.clone(),
            timeout: webhook.timeout,
            retry: webhook.retry,
        };
        self.trail.push(Entry::StepStarted { step: self.step_text(index) });
        let effect = self.emit(Effect::Webhook(request));
        self.run.state = State::Removing { step: index, effect };
        Then::Stop
    }
}
