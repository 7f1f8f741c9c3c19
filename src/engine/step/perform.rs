//! The steps, one by one.

use crate::engine::compose::{self, Occasion};
use crate::engine::payload;
use crate::engine::people;
use crate::engine::run::{Change, Entry, State};
use crate::engine::step::{Next, Scene, Then, disabled, member};
use crate::engine::{Effect, Request};
use crate::ir::{GroupRef, Message, Step, StepKind, Webhook, Who};
use crate::query::Truth;

/// Why a run stops before a step that the engine does not know.
const UNKNOWN_STEP: &str = "this step is not supported yet";

impl Next<'_> {
    pub(super) fn perform(&mut self, index: usize, step: &Step) -> Then {
        if step.kind.takes() {
            match self.still_applies() {
                (Truth::True, _) => {}
                (Truth::False, why) => {
                    self.end(State::NoLongerApplies { why: why.clone() }, Some(why));
                    return Then::Stop;
                }
                (Truth::Unknown, why) => return self.hold(index, why),
            }
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
            StepKind::AddToGroup(groups) => self.change_groups(index, groups, true),
            StepKind::RemoveFromGroup(groups) => self.change_groups(index, groups, false),
            StepKind::DisableAccount => self.disable_account(index),
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
        let Scene { facts, cast, .. } = *self.scene;
        let Some(body) = payload::body(&self.run, facts, cast) else {
            self.fail(index, "a webhook needs an account".to_owned());
            return Then::Stop;
        };
        let request = Request {
            webhook: webhook.name.clone(),
            url: webhook.url.clone(),
            headers: webhook.headers.clone(),
            body,
            secret: webhook.secret.clone(),
            timeout: webhook.timeout,
            retry: webhook.retry,
        };
        self.trail.push(Entry::StepStarted { step: self.step_text(index) });
        let effect = self.emit(Effect::Webhook(request));
        self.run.state = State::Removing { step: index, effect };
        Then::Stop
    }

    pub(super) fn change_groups(
        &mut self,
        index: usize,
        groups: &[GroupRef],
        join: bool,
    ) -> Then {
        let step = self.step_text(index);
        let facts = self.scene.facts;
        let Some(user) = &facts.user else {
            self.fail(index, "the account has no owner".to_owned());
            return Then::Stop;
        };
        let due: Vec<&GroupRef> =
            groups.iter().filter(|group| member(facts, group) != join).collect();
        if due.is_empty() {
            let why = if join { "already a member" } else { "not a member" };
            self.trail.push(Entry::StepSkipped { step, why: why.to_owned() });
            return Then::GoOn;
        }
        // The other group would bring it back.
        if !join && let Some(group) = due.iter().find(|it| facts.derived.contains(&it.id))
        {
            let through = "through another group; take them out of that one";
            self.fail(index, format!("a member of `{}` {through}", group.name));
            return Then::Stop;
        }
        for group in due {
            let change = if join {
                Change::Join { user: user.id, group: group.id }
            } else {
                let joined_at = facts.groups.get(&group.id).copied().flatten();
                Change::Leave { user: user.id, group: group.id, joined_at }
            };
            self.run.changed.push(change.clone());
            self.changes.push(change);
        }
        self.run.took |= !join;
        self.trail.push(Entry::StepDone { step, message: None });
        self.run.state = State::At { step: index + 1 };
        Then::Stop
    }

    pub(super) fn disable_account(&mut self, index: usize) -> Then {
        let step = self.step_text(index);
        let facts = self.scene.facts;
        let Some(account) = &facts.account else {
            self.fail(index, "the account is gone".to_owned());
            return Then::Stop;
        };
        if disabled(facts) {
            let why =
                format!("already {}", account.status.as_deref().unwrap_or_default());
            self.trail.push(Entry::StepSkipped { step, why });
            return Then::GoOn;
        }
        let change = Change::Disable {
            account: account.id,
            before: account.status.clone(),
        };
        self.run.changed.push(change.clone());
        self.changes.push(change);
        self.run.took = true;
        self.trail.push(Entry::StepDone { step, message: None });
        self.run.state = State::At { step: index + 1 };
        Then::Stop
    }
}
