//! Steps: what they name is known, fits the subject, and stands where it can.

mod ask;
mod call;
mod change;
mod order;
mod people;

use crate::check::name::Kind;
use crate::check::words::folded;
use crate::check::{About, Cx, template};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Ignored, Step, StepKind, Webhook};
use crate::syntax::ast::{self, NameRef};
use crate::text::{Span, Spanned, fold};
use crate::time::Length;
use std::sync::Arc;

/// The steps of a policy.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) all: Vec<Step>,
    /// How many of them, from the first, are the review.
    pub(super) length: usize,
    pub(super) if_ignored: Ignored,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind `then`.
    Then,
    /// Behind `if kept`.
    Kept,
    /// Behind `if failed`.
    Failed,
    /// In the parentheses of `all of`.
    AllOf,
}

impl Place {
    /// The template that a `notify` there says without words of its own. Behind `if failed`
    /// its words are those that the admin gets.
    fn told(self) -> Option<&'static str> {
        match self {
            Self::Then | Self::AllOf => Some(template::NOTICE),
            Self::Kept => Some("kept"),
            Self::Failed => None,
        }
    }
}

/// The steps of an `if kept`, and how long the keep holds.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) steps: Vec<Step>,
    pub(super) snooze: Option<Spanned<Length>>,
}

impl Cx<'_> {
    /// The steps behind a `then`.
    pub(super) fn steps(
        &mut self,
        steps: &[ast::Step],
        about: About<'_>,
    ) -> Option<Steps> {
        let mut checked = Steps {
            all: Vec::new(),
            length: 0,
            if_ignored: Ignored::Remove,
        };
        let mut ignored: Option<Span> = None;
        let mut last = None;
        let (mut asked, mut broken) = (false, false);
        let mut remind: &[Spanned<Length>] = &[];
        for (at, step) in steps.iter().enumerate() {
            let next = steps.get(at + 1).and_then(ask::escalation);
            let previous = at.checked_sub(1).and_then(|at| steps.get(at));
            if let Some(word) = question(step, next.is_some()) {
                self.no_skip(step, word);
            }
            self.time_to_answer(step);
            let kind = match &step.kind {
                ast::StepKind::Ask { who, message, window, remind: before } => {
                    asked = true;
                    remind = before;
                    let given = self.window(window.as_ref().map(|it| it.value), next);
                    let good = self.reminders(step, remind, given);
                    self.ask(who, (message.as_ref(), step.span), (given, remind), about)
                        .filter(|_| good)
                }
                ast::StepKind::Notify { who, message } if next.is_some() => {
                    asked = true;
                    remind = &[];
                    let window = self.window(None, next);
                    self.ask(who, (message.as_ref(), step.span), (window, remind), about)
                }
                ast::StepKind::Escalate { who, after, window } => {
                    self.escalate(step, previous);
                    let window = (window.map(|window| window.value), after.value);
                    let window = self.escalation_window(window, next);
                    self.escalated((who, step.span), (window, remind), about)
                }
                ast::StepKind::IfIgnored(outcome) => {
                    self.if_ignored(step.span, asked, broken, ignored);
                    if asked && ignored.is_none() {
                        checked.if_ignored = *outcome;
                        checked.length = checked.all.len();
                        last = Some(step);
                    }
                    ignored = ignored.or(Some(step.span));
                    continue;
                }
                _ => self.effect(step, Place::Then, about),
            };
            let Some(kind) = kind else {
                broken = true;
                continue;
            };
            let review = matches!(kind, StepKind::Ask { .. });
            checked.all.push(self.finished(step, kind));
            if review {
                checked.length = checked.all.len();
                last = Some(step);
            }
        }
        let made = self.made;
        // Where nobody is asked there is no review; what is wrong then has been said.
        if let Some(last) = last.filter(|_| asked) {
            let review = checked.all.get(..checked.length).unwrap_or_default();
            self.inside_review(review, last);
        }
        // What has to move is in no order yet.
        if self.made == made {
            self.order(steps, about);
        }
        (!broken).then_some(checked)
    }

    /// The steps behind an `if kept`.
    pub(super) fn if_kept(
        &mut self,
        steps: &[ast::Step],
        about: About<'_>,
    ) -> Option<Kept> {
        let mut snooze: Option<Spanned<Length>> = None;
        let mut first: Option<Span> = None;
        let mut rest = Vec::new();
        for step in steps {
            let ast::StepKind::Snooze(length) = &step.kind else {
                rest.push(step);
                continue;
            };
            self.no_skip(step, "snooze");
            if let Some(first) = first {
                self.report(
                    Diagnostic::error(
                        Code::DuplicateClause,
                        step.span,
                        "`snooze` stands twice",
                    )
                    .label("the second one")
                    .and(first, "the first")
                    .help("keep one of them"),
                );
                continue;
            }
            first = Some(step.span);
            snooze = Some(*length);
        }
        let steps = self.plain_steps(rest, Place::Kept, about)?;
        Some(Kept { steps, snooze })
    }

    /// Refuses an `if kept` where nobody can say that they keep anything.
    pub(super) fn keeps(&mut self, keyword: Span, steps: &[Step]) {
        let asks = |step: &Step| matches!(step.kind, StepKind::Ask { .. });
        if steps.iter().any(asks) {
            return;
        }
        self.report(
            Diagnostic::error(
                Code::NothingToKeep,
                keyword,
                "nobody is asked in this policy",
            )
            .label("nothing can be kept")
            .help("write `ask owner` among the steps, or take it out"),
        );
    }

    /// The steps behind an `if failed`.
    pub(super) fn if_failed(
        &mut self,
        steps: &[ast::Step],
        about: About<'_>,
    ) -> Option<Vec<Step>> {
        let checked = self.plain_steps(steps, Place::Failed, about);
        self.order(steps, about);
        checked
    }

    /// Steps of a place that has no review.
    fn plain_steps<'s>(
        &mut self,
        steps: impl IntoIterator<Item = &'s ast::Step>,
        place: Place,
        about: About<'_>,
    ) -> Option<Vec<Step>> {
        let checked: Vec<Option<Step>> =
            steps.into_iter().map(|step| self.step(step, place, about)).collect();
        checked.into_iter().collect()
    }

    /// One step that asks nobody.
    pub(super) fn step(
        &mut self,
        step: &ast::Step,
        place: Place,
        about: About<'_>,
    ) -> Option<Step> {
        let kind = self.effect(step, place, about)?;
        let checked = self.finished(step, kind);
        if place == Place::Kept && checked.kind.takes() {
            self.takes_though_kept(&checked);
            return None;
        }
        Some(checked)
    }

    fn finished(&self, step: &ast::Step, kind: StepKind) -> Step {
        let text = folded(self.snippet(step.span));
        Step { kind, or_skip: step.or_skip, text, span: step.span }
    }

    /// What a step does that asks nobody.
    fn effect(
        &mut self,
        step: &ast::Step,
        place: Place,
        about: About<'_>,
    ) -> Option<StepKind> {
        match &step.kind {
            ast::StepKind::Notify { who, message } => {
                let who = self.people(who, about);
                let occasion = place.told().map(|name| (name, step.span));
                let message = self.message(message.as_ref(), occasion, about);
                Some(StepKind::Notify { who: who?, message: message? })
            }
            ast::StepKind::Task { who, message, window } => {
                if place == Place::AllOf {
                    return self.misplaced(step, "task", place);
                }
                let who = self.people(who, about);
                let message = self.message(message.as_ref(), None, about);
                let window = window.map(|window| window.value);
                Some(StepKind::Task { who: who?, message: message?, window })
            }
            ast::StepKind::Wait(length) if place != Place::AllOf => {
                Some(StepKind::Wait(length.value))
            }
            ast::StepKind::Wait(_) => self.misplaced(step, "wait", place),
            ast::StepKind::RunWebhook(name) => self.run_webhook(step, name, about),
            ast::StepKind::RunFlow { flow, with } => self.run_flow(flow, with, about),
            ast::StepKind::Call(call) => self.call(call, about).map(StepKind::Call),
            ast::StepKind::RemoveAccess => {
                self.on_account(step, StepKind::RemoveAccess, about)
            }
            ast::StepKind::UnassignFromApp => {
                self.on_account(step, StepKind::UnassignFromApp, about)
            }
            ast::StepKind::DisableAccount => {
                self.on_account(step, StepKind::DisableAccount, about)
            }
            ast::StepKind::DeleteAccount => {
                self.on_account(step, StepKind::DeleteAccount, about)
            }
            ast::StepKind::RevokePermission(names) => {
                let permissions = self.permissions(names, about)?;
                self.on_account(step, StepKind::RevokePermission(permissions), about)
            }
            ast::StepKind::DisableUser => Some(StepKind::DisableUser),
            ast::StepKind::SuspendUser => Some(StepKind::SuspendUser),
            ast::StepKind::DeleteUser => Some(StepKind::DeleteUser),
            ast::StepKind::RequirePasswordChange => Some(StepKind::RequirePasswordChange),
            ast::StepKind::EndSessions => Some(StepKind::EndSessions),
            ast::StepKind::AddToGroup(names) => {
                self.groups(names).map(StepKind::AddToGroup)
            }
            ast::StepKind::RemoveFromGroup(names) => {
                self.groups(names).map(StepKind::RemoveFromGroup)
            }
            ast::StepKind::AssignRole(names) => {
                self.one_role(step, names).map(StepKind::AssignRole)
            }
            ast::StepKind::UnassignRole(names) => {
                self.one_role(step, names).map(StepKind::UnassignRole)
            }
            ast::StepKind::Set { attribute, value } => self.set(attribute, value, about),
            ast::StepKind::Verify { condition, message } => {
                if place == Place::AllOf {
                    return self.misplaced(step, "verify", place);
                }
                let condition = self.condition(condition, about)?;
                let message = message.as_ref().map(|message| message.value.clone());
                Some(StepKind::Verify { condition, message })
            }
            ast::StepKind::AllOf(_) if place == Place::AllOf => {
                self.misplaced(step, "all of", place)
            }
            ast::StepKind::AllOf(steps) => {
                let steps = self.plain_steps(steps, Place::AllOf, about);
                steps.map(StepKind::AllOf)
            }
            ast::StepKind::Ask { .. } => self.misplaced(step, "ask", place),
            ast::StepKind::Escalate { .. } => self.misplaced(step, "escalate", place),
            ast::StepKind::IfIgnored(_) => self.misplaced(step, "if ignored", place),
            ast::StepKind::Snooze(_) => self.misplaced(step, "snooze", place),
            ast::StepKind::Damaged => None,
        }
    }

    /// Says that a step cannot stand where it stands.
    fn misplaced(
        &mut self,
        step: &ast::Step,
        word: &str,
        place: Place,
    ) -> Option<StepKind> {
        let (whole, label) = match place {
            Place::Then => ("`then`", "behind `then`"),
            Place::Kept => ("`if kept`", "behind `if kept`"),
            Place::Failed => ("`if failed`", "behind `if failed`"),
            Place::AllOf => ("`all of`", "in `all of`"),
        };
        let message = format!("`{word}` cannot stand in {whole}");
        let help = match (place, word) {
            (_, "snooze") => {
                "a keep is what `snooze` lengthens: write `if kept snooze 90d` behind the steps"
            }
            (Place::Kept, _) => {
                "it was decided: `if kept` tells people, and sets `snooze`"
            }
            (Place::Failed, _) => "nobody is asked any more: tell somebody with `notify`",
            (_, "all of") => "take the inner parentheses away: each step is tried anyway",
            _ => {
                "only steps that do something at once stand in it: write it before or behind"
            }
        };
        self.report(
            Diagnostic::error(Code::MisplacedStep, step.span, message)
                .label(label)
                .help(help),
        );
        None
    }

    fn takes_though_kept(&mut self, step: &Step) {
        let message = format!("`{}` would take access away that was kept", step.text);
        self.report(
            Diagnostic::error(Code::MisplacedStep, step.span, message)
                .label("behind `if kept`")
                .help(
                    "move it behind `then`, which goes on when the answer is to remove",
                ),
        );
    }

    /// `or skip` behind a step that has no failure to skip.
    fn no_skip(&mut self, step: &ast::Step, word: &str) {
        if !step.or_skip {
            return;
        }
        let text = self.snippet(step.span);
        let Some(before) = text.rfind("or").and_then(|at| text.get(..at)) else { return };
        let start = step.span.start as usize + before.len();
        let skip = Span::new(step.span.file, start, step.span.end as usize);
        let blanks = before.len() - before.trim_end().len();
        let gone = Span::new(step.span.file, start - blanks, step.span.end as usize);
        let message = format!("`{word}` cannot be skipped");
        self.report(
            Diagnostic::error(Code::MisplacedSkip, skip, message)
                .label("a question does not fail")
                .help("take `or skip` out: it is for steps that do something")
                .fix(gone, ""),
        );
    }

    /// A webhook tells of one account.
    fn run_webhook(
        &mut self,
        step: &ast::Step,
        name: &NameRef,
        about: About<'_>,
    ) -> Option<StepKind> {
        let webhook = self.webhook_named(name)?;
        self.on_account(step, StepKind::RunWebhook(webhook), about)
    }

    pub(super) fn webhook_named(&mut self, name: &NameRef) -> Option<Arc<Webhook>> {
        self.one_name(name, Kind::Webhook)?;
        let known = self.webhooks.get(&fold(&name.name.value));
        let Some((_, webhook)) = known else {
            self.unknown(&name.name, Kind::Webhook);
            return None;
        };
        webhook.clone()
    }
}

/// The first words of a step that waits for an answer.
fn question(step: &ast::Step, escalates: bool) -> Option<&'static str> {
    match &step.kind {
        ast::StepKind::Ask { .. } => Some("ask"),
        ast::StepKind::Notify { .. } => escalates.then_some("notify"),
        ast::StepKind::Escalate { .. } => Some("escalate"),
        ast::StepKind::IfIgnored(_) => Some("if ignored"),
        ast::StepKind::Snooze(_)
        | ast::StepKind::Task { .. }
        | ast::StepKind::Wait(_)
        | ast::StepKind::RunWebhook(_)
        | ast::StepKind::RunFlow { .. }
        | ast::StepKind::Call(_)
        | ast::StepKind::RemoveAccess
        | ast::StepKind::UnassignFromApp
        | ast::StepKind::DisableAccount
        | ast::StepKind::DeleteAccount
        | ast::StepKind::RevokePermission(_)
        | ast::StepKind::DisableUser
        | ast::StepKind::SuspendUser
        | ast::StepKind::DeleteUser
        | ast::StepKind::RequirePasswordChange
        | ast::StepKind::EndSessions
        | ast::StepKind::AddToGroup(_)
        | ast::StepKind::RemoveFromGroup(_)
        | ast::StepKind::AssignRole(_)
        | ast::StepKind::UnassignRole(_)
        | ast::StepKind::Set { .. }
        | ast::StepKind::Verify { .. }
        | ast::StepKind::AllOf(_)
        | ast::StepKind::Damaged => None,
    }
}
