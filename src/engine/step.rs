//! The one transition function: a run, what happened, and what is known, to what follows.
//!
//! INVARIANT: [`step`] is a function of its arguments. It reads no clock, no store, no
//! network and no randomness; plans, simulations and real runs differ only in who calls it.

use crate::engine::compose::{self, Occasion};
use crate::engine::people::{self, Cast};
use crate::engine::run::{Asked, Because, Change, Decision, Entry, Run, State, Verdict};
use crate::engine::{Effect, Outcome, Request};
use crate::facts::Facts;
use crate::ir::{GroupRef, Ignored, Message, Policy, Step, StepKind, Webhook, Who};
use crate::query::{Truth, blame, evaluate};
use crate::text::fold;
use crate::time::{Duration, Timestamp};

/// Under which policy, with which facts, among whom, and when.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The version that the run began under.
    pub policy: &'a Policy,
    /// What is known of its subject now.
    pub facts: &'a Facts,
    /// The people that the policy names.
    pub cast: &'a Cast,
    /// The present instant.
    pub now: Timestamp,
}

/// What can happen to a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It has just been opened.
    Opened {
        /// What made its condition true.
        because: Vec<Because>,
    },
    /// An instant that it waits for may have come.
    Due,
    /// Its policy was evaluated again.
    Evaluated,
    /// An effect came to an end.
    Answered {
        /// Its key.
        key: String,
        /// What it was.
        effect: Effect,
        /// How it ended; [`Outcome::Failed`] means that it was given up.
        outcome: Outcome,
    },
    /// Somebody decided.
    Decided(Decision),
    /// Somebody wants a failed or held run to go on from where it stopped.
    Retried {
        /// Who.
        by: String,
    },
    /// Somebody stopped it.
    Cancelled {
        /// Who, and with which words.
        why: String,
    },
}

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The run as it stands now.
    pub run: Run,
    /// What is added to its trail.
    pub trail: Vec<Entry>,
    /// What is to leave, with its idempotency key.
    pub effects: Vec<(String, Effect)>,
    /// What changes in the store, in the same transaction.
    pub changes: Vec<Change>,
    /// When to look again.
    pub wake_at: Option<Timestamp>,
}

/// How long a notice may be under way before its stage counts as asked of nobody.
const UNDELIVERED: Duration = Duration::DAY;

/// What follows from an event. A refusal changes nothing and says why, for people.
pub fn step(run: &Run, event: Event, scene: &Scene<'_>) -> Result<Transition, String> {
    let mut next = Next {
        run: run.clone(),
        scene,
        trail: vec![],
        effects: vec![],
        changes: vec![],
    };
    match event {
        Event::Opened { because } => {
            next.trail.push(Entry::Opened { because });
            next.go(0);
        }
        Event::Due => next.due(),
        Event::Evaluated => next.evaluated(),
        Event::Answered { key, effect, outcome } => next.answered(&key, &effect, outcome),
        Event::Decided(decision) => next.decided(decision)?,
        Event::Retried { by } => next.retried(by)?,
        Event::Cancelled { why } => {
            if !run.state.is_open() {
                return Err(ended(run));
            }
            if let State::Removing { step, .. } = run.state {
                next.trail.push(Entry::StepSkipped {
                    step: next.step_text(step),
                    why: "no longer tried; whether an attempt had arrived is not known"
                        .to_owned(),
                });
            }
            next.end(State::Cancelled, Some(why));
        }
    }
    Ok(next.finish())
}

/// Whether every step of the policy that takes access away would find it gone, so that no
/// run is opened. A webhook is never taken for done.
pub fn already_so(policy: &Policy, facts: &Facts) -> bool {
    let mut taking = policy.steps.iter().filter(|step| step.kind.takes()).peekable();
    taking.peek().is_some()
        && taking.all(|step| match &step.kind {
            StepKind::RemoveFromGroup(groups) => {
                facts.user.is_some() && groups.iter().all(|group| !member(facts, group))
            }
            StepKind::DisableAccount => disabled(facts),
            StepKind::Ask { .. }
            | StepKind::Notify { .. }
            | StepKind::Wait(_)
            | StepKind::RunWebhook(_)
            | StepKind::AddToGroup(_) => false,
        })
}

/// How long no other run opens for the policy and subject of a run in this state.
pub fn blocks_until(state: &State, rest: Duration, now: Timestamp) -> Timestamp {
    match state {
        State::Kept | State::Ended | State::Cancelled => now.after(rest),
        State::NoLongerApplies { .. } => Timestamp(0),
        // After a removal: until the subject was once seen not to match.
        State::Removed | State::Done => UNTIL_UNMATCHED,
        State::At { .. }
        | State::Reviewing { .. }
        | State::Waiting { .. }
        | State::Removing { .. }
        | State::Failed { .. }
        | State::Held { .. } => WHILE_OPEN,
    }
}

/// A run blocks another one while it is open.
pub const WHILE_OPEN: Timestamp = Timestamp(i64::MAX);
/// A run that did what it was for blocks another one until its subject ceased to match.
pub const UNTIL_UNMATCHED: Timestamp = Timestamp(i64::MAX - 1);

/// A transition in the making.
struct Next<'a> {
    run: Run,
    scene: &'a Scene<'a>,
    trail: Vec<Entry>,
    effects: Vec<(String, Effect)>,
    changes: Vec<Change>,
}

/// Whether the next step is begun at once.
#[derive(PartialEq)]
enum Then {
    GoOn,
    Stop,
}

impl Next<'_> {
    fn finish(self) -> Transition {
        let wake_at = match &self.run.state {
            State::At { .. } => Some(self.scene.now),
            State::Reviewing { asked_at, closes_at, .. } => {
                Some(closes_at.unwrap_or_else(|| asked_at.after(UNDELIVERED)))
            }
            State::Waiting { until, .. } => Some(*until),
            State::Removing { .. }
            | State::Failed { .. }
            | State::Held { .. }
            | State::Kept
            | State::Removed
            | State::Done
            | State::Ended
            | State::NoLongerApplies { .. }
            | State::Cancelled => None,
        };
        let Self { run, trail, effects, changes, .. } = self;
        Transition { run, trail, effects, changes, wake_at }
    }

    // What happened.

    fn due(&mut self) {
        let now = self.scene.now;
        match self.run.state.clone() {
            State::At { step } => self.go(step),
            State::Waiting { step, until } if until <= now => self.go(step + 1),
            State::Reviewing { step, closes_at: Some(closes_at), .. }
                if closes_at <= now =>
            {
                self.ignored(step);
            }
            State::Reviewing { step, asked_at, closes_at: None, .. }
                if asked_at.after(UNDELIVERED) <= now =>
            {
                self.undelivered(step, "no notice was delivered within 24 hours");
            }
            State::Reviewing { .. }
            | State::Waiting { .. }
            | State::Removing { .. }
            | State::Failed { .. }
            | State::Held { .. }
            | State::Kept
            | State::Removed
            | State::Done
            | State::Ended
            | State::NoLongerApplies { .. }
            | State::Cancelled => {}
        }
    }

    /// An unknown condition changes nothing here: nothing is being taken. It holds the run
    /// where a step would take access away.
    /// A run that waits for another system's answer goes on with that first.
    fn evaluated(&mut self) {
        let removing = matches!(self.run.state, State::Removing { .. });
        if self.run.state.is_open()
            && !removing
            && let (Truth::False, why) = self.still_applies()
        {
            self.end(State::NoLongerApplies { why: why.clone() }, Some(why));
        }
    }

    fn answered(&mut self, key: &str, effect: &Effect, outcome: Outcome) {
        match effect {
            Effect::Mail(mail) => self.mail_answered(key, &mail.to, outcome),
            Effect::Webhook(_) => {
                let State::Removing { step, effect } = self.run.state.clone() else {
                    return;
                };
                if effect != key {
                    return;
                }
                let text = self.step_text(step);
                match outcome {
                    Outcome::Delivered { message } => {
                        self.run.took = true;
                        self.run.answer.clone_from(&message);
                        self.trail.push(Entry::StepDone { step: text, message });
                        self.run.state = State::At { step: step + 1 };
                    }
                    Outcome::Refused { why } | Outcome::Failed { why, .. } => {
                        self.run.answer = Some(why.clone());
                        self.fail(step, why);
                    }
                }
            }
        }
    }

    fn mail_answered(&mut self, key: &str, to: &str, outcome: Outcome) {
        let delivered = match outcome {
            Outcome::Delivered { .. } => {
                self.trail.push(Entry::Delivered { who: to.to_owned() });
                let asked = self.run.asked.iter_mut().filter(|asked| asked.email == to);
                asked.for_each(|asked| asked.delivered = true);
                true
            }
            Outcome::Refused { why } | Outcome::Failed { why, .. } => {
                self.trail.push(Entry::NotDelivered { who: to.to_owned(), why });
                false
            }
        };
        let State::Reviewing { step, closes_at, notices, .. } = &mut self.run.state
        else {
            return;
        };
        let before = notices.len();
        notices.retain(|notice| notice != key);
        if notices.len() == before {
            return;
        }
        let step = *step;
        // The window counts from the first notice that arrived.
        if delivered && closes_at.is_none() {
            let window = match self.scene.policy.steps.get(step).map(|step| &step.kind) {
                Some(StepKind::Ask { window, .. }) => *window,
                _ => Duration(0),
            };
            *closes_at = Some(self.scene.now.after(window));
        } else if closes_at.is_none() && notices.is_empty() {
            self.undelivered(step, "no notice could be delivered");
        }
    }

    fn decided(&mut self, decision: Decision) -> Result<(), String> {
        let State::Reviewing { .. } = self.run.state else {
            return Err(if self.run.state.is_open() && self.run.decision.is_none() {
                format!("run {} is not asking anybody now", self.run.id)
            } else {
                ended(&self.run)
            });
        };
        let by = fold(&decision.by);
        if !self.run.asked.iter().any(|asked| fold(&asked.email) == by) {
            let asked: Vec<&str> =
                self.run.asked.iter().map(|asked| asked.email.as_str()).collect();
            return Err(format!(
                "{} was not asked about run {}; asked were {}",
                decision.by,
                self.run.id,
                asked.join(", ")
            ));
        }
        self.trail.push(Entry::Decided(decision.clone()));
        let verdict = decision.verdict;
        self.run.decision = Some(decision);
        match verdict {
            Verdict::Keep => self.end(State::Kept, None),
            Verdict::Remove => self.go(self.scene.policy.review_len),
        }
        Ok(())
    }

    fn retried(&mut self, by: String) -> Result<(), String> {
        match self.run.state.clone() {
            State::Failed { step, .. } | State::Held { step, .. } => {
                self.trail.push(Entry::Retried { by });
                self.go(step);
                Ok(())
            }
            state if state.is_open() => Err(format!(
                "run {} is {}; only a failed or held run is retried",
                self.run.id,
                state.name()
            )),
            _ => Err(ended(&self.run)),
        }
    }

    // What follows.

    /// Goes on from a step until something must be waited for. A change of the store stops
    /// it too, so that the next step is taken with facts that know of the change.
    fn go(&mut self, from: usize) {
        let mut index = from;
        loop {
            self.run.state = State::At { step: index };
            let Some(step) = self.scene.policy.steps.get(index) else {
                let state = if self.run.took { State::Removed } else { State::Done };
                return self.end(state, None);
            };
            if self.perform(index, step) == Then::Stop {
                return;
            }
            index += 1;
        }
    }

    fn perform(&mut self, index: usize, step: &Step) -> Then {
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
                let until = self.scene.now.after(*length);
                self.trail.push(Entry::Waiting { until });
                self.run.state = State::Waiting { step: index, until };
                Then::Stop
            }
            StepKind::RunWebhook(webhook) => self.run_webhook(index, webhook),
            StepKind::AddToGroup(groups) => self.change_groups(index, groups, true),
            StepKind::RemoveFromGroup(groups) => self.change_groups(index, groups, false),
            StepKind::DisableAccount => self.disable_account(index),
        }
    }

    fn ask(
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
    fn nobody(&mut self, index: usize) -> Then {
        if index + 1 < self.scene.policy.review_len {
            return Then::GoOn;
        }
        if self.run.asked.is_empty() {
            return self.hold(index, "nobody can be asked".to_owned());
        }
        self.last_ignored();
        Then::Stop
    }

    /// The window of a stage closed undecided.
    fn ignored(&mut self, step: usize) {
        self.trail.push(Entry::Ignored { step: self.step_text(step) });
        self.next_stage(step);
    }

    /// Nobody of a stage got a notice.
    fn undelivered(&mut self, step: usize, why: &str) {
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

    fn next_stage(&mut self, step: usize) {
        if step + 1 < self.scene.policy.review_len {
            self.go(step + 1);
        } else {
            self.last_ignored();
        }
    }

    fn last_ignored(&mut self) {
        match self.scene.policy.if_ignored {
            Ignored::Keep => self.end(State::Ended, None),
            Ignored::Remove => self.go(self.scene.policy.review_len),
        }
    }

    fn notify(&mut self, index: usize, who: &[Who], message: &Message) -> Then {
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

    fn run_webhook(&mut self, index: usize, webhook: &Webhook) -> Then {
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

    fn change_groups(&mut self, index: usize, groups: &[GroupRef], join: bool) -> Then {
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

    fn disable_account(&mut self, index: usize) -> Then {
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

    fn hold(&mut self, step: usize, why: String) -> Then {
        self.trail.push(Entry::Held { why: why.clone() });
        self.tell_admin("is held", &why);
        self.run.state = State::Held { step, why };
        Then::Stop
    }

    fn fail(&mut self, step: usize, why: String) {
        self.trail
            .push(Entry::StepFailed { step: self.step_text(step), why: why.clone() });
        self.tell_admin("failed", &why);
        self.run.state = State::Failed { step, why };
    }

    fn end(&mut self, state: State, why: Option<String>) {
        self.trail.push(Entry::Ended { state: state.name().to_owned(), why });
        self.run.state = state;
    }

    /// A run that waits for a person never goes unnoticed.
    fn tell_admin(&mut self, what: &str, why: &str) {
        let Scene { policy, facts, cast, .. } = *self.scene;
        let found = people::find(&[Who::Admin], policy, facts, cast);
        for person in &found.people {
            let words = compose::trouble(person, (what, why), (&self.run, self.scene));
            let (who, name) = (person.email.clone(), person.display_name());
            self.trail
                .push(Entry::Told { who, name, step: format!("run {what}") });
            self.emit(Effect::Mail(words));
        }
    }

    /// Whether the condition still holds and no exception does, leaving out what this run
    /// itself has changed; and if not, why.
    fn still_applies(&self) -> (Truth, String) {
        let Scene { policy, facts, now, .. } = *self.scene;
        let before = undone(facts, &self.run.changed);
        let when = evaluate(&policy.when, &before, now);
        let except = policy
            .except
            .as_ref()
            .map_or(Truth::False, |except| evaluate(except, &before, now));
        match (when, except) {
            (Truth::True, Truth::False) => (Truth::True, String::new()),
            (Truth::False, _) => {
                (Truth::False, "the condition no longer holds".to_owned())
            }
            (_, Truth::True) => (Truth::False, "an exception holds".to_owned()),
            (Truth::Unknown, _) | (_, Truth::Unknown) => {
                let missing = blame(&policy.when, policy.except.as_ref(), &before, now);
                (Truth::Unknown, format!("{} is not known", missing.join(", ")))
            }
        }
    }

    fn emit(&mut self, effect: Effect) -> String {
        self.run.effects += 1;
        let key = format!("{}_{}", self.run.key, self.run.effects);
        self.effects.push((key.clone(), effect));
        key
    }

    fn step_text(&self, index: usize) -> String {
        let step = self.scene.policy.steps.get(index);
        step.map(|step| step.text.clone()).unwrap_or_default()
    }
}

fn member(facts: &Facts, group: &GroupRef) -> bool {
    facts.groups.contains_key(&group.id)
}

fn disabled(facts: &Facts) -> bool {
    let status = facts.account.as_ref().and_then(|account| account.status.as_deref());
    matches!(status, Some("disabled" | "deleted"))
}

/// The facts as they would be had the run changed nothing.
fn undone(facts: &Facts, changed: &[Change]) -> Facts {
    let mut before = facts.clone();
    for change in changed.iter().rev() {
        match change {
            Change::Join { group, .. } => {
                before.groups.remove(group);
            }
            Change::Leave { group, joined_at, .. } => {
                before.groups.insert(*group, *joined_at);
            }
            Change::Disable { before: status, .. } => {
                if let Some(account) = &mut before.account {
                    account.status.clone_from(status);
                }
            }
        }
    }
    before
}

/// Why an ended run takes no more decisions.
fn ended(run: &Run) -> String {
    match &run.decision {
        Some(Decision { by, verdict, .. }) => {
            format!("run {} was decided already: {verdict}, by {by}", run.id)
        }
        None => format!("run {} is over: {}", run.id, run.state.name()),
    }
}
