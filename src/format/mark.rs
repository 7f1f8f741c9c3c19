//! Where lines may break: the tree tells what each word begins.

use crate::format::token::Word;
use crate::syntax::ast::{
    Call, Clause, ClauseKind, Condition, ConditionKind, File, Forbidden, Item, ItemKind,
    Message, Step, StepKind,
};
use crate::text::{Span, Spanned};

/// What a word begins, where a line may break before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing of note.
    #[default]
    None,
    /// The `and` or `or` of a condition.
    Join,
    /// A step, or a call of a flow.
    Step,
    /// A part of a call: on a line of its own where the call is on several.
    Part,
    /// A part of a step: a line may break here where the step is too long.
    Soft,
}

/// The words of a file and what they begin.
#[derive(Debug)]
pub(super) struct Marked<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) marks: Vec<Mark>,
}

impl<'a> Marked<'a> {
    /// Marks the words of a file.
    pub(super) fn new(words: Vec<Word<'a>>, file: &File) -> Self {
        let mut marked = Self { marks: vec![Mark::None; words.len()], words };
        for item in &file.items {
            marked.item(item);
        }
        marked
    }

    /// The first word that begins at a byte or behind it.
    pub(super) fn index(&self, byte: u32) -> usize {
        let byte = byte as usize;
        self.words.partition_point(|word| word.start < byte)
    }

    /// A word as it was written; nothing behind the last.
    pub(super) fn written(&self, at: usize) -> &'a str {
        self.words.get(at).map_or("", |word| word.text)
    }

    /// The nearest such keyword at a place or a few words before it.
    pub(super) fn back(&self, span: Span, keyword: &str) -> Option<usize> {
        let at = self.index(span.start);
        (at.saturating_sub(3)..=at)
            .rev()
            .find(|at| self.written(*at) == keyword)
    }

    fn set(&mut self, at: Option<usize>, mark: Mark) {
        if let Some(place) = at.and_then(|at| self.marks.get_mut(at)) {
            *place = mark;
        }
    }

    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Policy(policy) => {
                for clause in &policy.clauses {
                    self.clause(clause);
                }
            }
            ItemKind::Define(define) => {
                if let Some(condition) = &define.condition {
                    self.condition(condition);
                }
            }
            ItemKind::Flow(flow) => {
                for call in &flow.calls {
                    self.set(Some(self.index(call.span.start)), Mark::Step);
                    self.call(&call.value);
                }
            }
            ItemKind::Never(never) => {
                match &never.forbidden {
                    Forbidden::TakeAccess(_) => {}
                    Forbidden::Steps(steps) => self.steps(steps),
                }
                if let Some(condition) = &never.when {
                    self.condition(condition);
                }
            }
            ItemKind::App(_)
            | ItemKind::Webhook(_)
            | ItemKind::Template(_)
            | ItemKind::Attribute(_)
            | ItemKind::Lifecycle(_)
            | ItemKind::Group(_)
            | ItemKind::Test(_) => {}
        }
    }

    fn clause(&mut self, clause: &Clause) {
        match &clause.kind {
            ClauseKind::When(condition) | ClauseKind::Except(condition) => {
                self.condition(condition);
            }
            ClauseKind::Require { condition, message } => {
                self.condition(condition);
                self.text(message.as_ref());
            }
            ClauseKind::Then(steps)
            | ClauseKind::IfKept(steps)
            | ClauseKind::IfFailed(steps) => self.steps(steps),
            ClauseKind::Accounts(_)
            | ClauseKind::Users
            | ClauseKind::Grants(_)
            | ClauseKind::Every(_)
            | ClauseKind::On(_)
            | ClauseKind::Before(_)
            | ClauseKind::Always
            | ClauseKind::Otherwise
            | ClauseKind::Reviewers(_)
            | ClauseKind::Limit(_)
            | ClauseKind::Activity(_)
            | ClauseKind::CountFromActivation
            | ClauseKind::Rank { .. }
            | ClauseKind::CancelOn(_)
            | ClauseKind::RestartOn(_)
            | ClauseKind::Report { .. }
            | ClauseKind::Damaged => {}
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match &condition.kind {
            ConditionKind::And(parts) | ConditionKind::Or(parts) => {
                for pair in parts.windows(2) {
                    let [one, other] = pair else { continue };
                    let gap = self.index(one.span.end)..self.index(other.span.start);
                    let join = gap
                        .into_iter()
                        .find(|at| matches!(self.written(*at), "and" | "or"));
                    self.set(join, Mark::Join);
                }
                for part in parts {
                    self.condition(part);
                }
            }
            ConditionKind::Not(inner) => self.condition(inner),
            ConditionKind::Test(_) | ConditionKind::Damaged => {}
        }
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            self.set(Some(self.index(step.span.start)), Mark::Step);
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        match &step.kind {
            StepKind::Ask { message, window, remind, .. } => {
                self.message(message.as_ref());
                self.keyword(window.as_ref(), "for", Mark::Soft);
                self.keyword(remind.first(), "remind", Mark::Soft);
            }
            StepKind::Notify { message, .. } => self.message(message.as_ref()),
            StepKind::Escalate { after, window, .. } => {
                self.keyword(Some(after), "after", Mark::Soft);
                self.keyword(window.as_ref(), "for", Mark::Soft);
            }
            StepKind::Task { message, window, .. } => {
                self.message(message.as_ref());
                self.keyword(window.as_ref(), "for", Mark::Soft);
            }
            StepKind::RunFlow { with, .. } => {
                self.keyword(with.first().map(|(name, _)| name), "with", Mark::Soft);
            }
            StepKind::Call(call) => self.call(call),
            StepKind::Verify { condition, message } => {
                self.condition(condition);
                self.text(message.as_ref());
            }
            StepKind::AllOf(steps) => self.steps(steps),
            StepKind::IfIgnored(_)
            | StepKind::Wait(_)
            | StepKind::RunWebhook(_)
            | StepKind::RemoveAccess
            | StepKind::UnassignFromApp
            | StepKind::DisableAccount
            | StepKind::DeleteAccount
            | StepKind::RevokePermission(_)
            | StepKind::DisableUser
            | StepKind::SuspendUser
            | StepKind::DeleteUser
            | StepKind::RequirePasswordChange
            | StepKind::EndSessions
            | StepKind::AddToGroup(_)
            | StepKind::RemoveFromGroup(_)
            | StepKind::AssignRole(_)
            | StepKind::UnassignRole(_)
            | StepKind::Set { .. }
            | StepKind::Snooze(_)
            | StepKind::Damaged => {}
        }
    }

    fn call(&mut self, call: &Call) {
        self.keyword(call.bearer.as_ref(), "with", Mark::Part);
        for header in &call.headers {
            self.keyword(Some(&header.name), "header", Mark::Part);
        }
        self.keyword(call.json.as_ref(), "json", Mark::Part);
        self.keyword(call.accept.first(), "accept", Mark::Part);
        self.keyword(call.timeout.as_ref(), "timeout", Mark::Part);
        self.keyword(call.retry.as_ref(), "retry", Mark::Part);
    }

    fn message(&mut self, message: Option<&Message>) {
        match message {
            Some(Message::Text(text)) => self.text(Some(text)),
            Some(Message::Template(name)) => {
                self.keyword(Some(&name.name), "with", Mark::Soft);
            }
            None => {}
        }
    }

    fn text(&mut self, text: Option<&Spanned<String>>) {
        self.set(text.map(|text| self.index(text.span.start)), Mark::Soft);
    }

    /// Marks the keyword before something.
    fn keyword<T>(&mut self, value: Option<&Spanned<T>>, keyword: &str, mark: Mark) {
        let at = value.and_then(|value| self.back(value.span, keyword));
        self.set(at, mark);
    }
}
