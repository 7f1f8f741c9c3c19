//! Steps that people see: whom, in which words, and how long they have.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::{Message, Path, StepKind, Who, WhoKind};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned};
use crate::time::Length;
use pest::iterators::Pair;

impl Cx<'_> {
    pub(super) fn ask(&mut self, pair: Pair<'_, Rule>) -> StepKind {
        let (mut who, mut message, mut window) = (Vec::new(), None, None);
        let mut remind: Option<Vec<Spanned<Length>>> = None;
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::people => who = self.people(inner),
                Rule::message if message.is_none() => message = self.message(inner),
                Rule::window if window.is_none() => window = self.window(inner),
                Rule::remind if remind.is_none() => {
                    let lengths =
                        inner.into_inner().filter(|it| it.as_rule() == Rule::length);
                    remind = Some(
                        lengths.filter_map(|length| self.step_length(length)).collect(),
                    );
                }
                Rule::message | Rule::window | Rule::remind => self.twice(span),
                _ => {}
            }
        }
        StepKind::Ask {
            who,
            message,
            window,
            remind: remind.unwrap_or_default(),
        }
    }

    pub(super) fn notify(&mut self, pair: Pair<'_, Rule>) -> StepKind {
        let (mut who, mut message) = (Vec::new(), None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::people => who = self.people(inner),
                Rule::message => message = self.message(inner),
                _ => {}
            }
        }
        StepKind::Notify { who, message }
    }

    pub(super) fn task(&mut self, pair: Pair<'_, Rule>, span: Span) -> StepKind {
        let (mut who, mut message, mut window) = (Vec::new(), None, None);
        let mut worded = false;
        for inner in pair.into_inner() {
            let part = self.span(&inner);
            match inner.as_rule() {
                Rule::people => who = self.people(inner),
                Rule::message if !worded => {
                    worded = true;
                    message = self.message(inner);
                }
                Rule::window if window.is_none() => window = self.window(inner),
                Rule::message | Rule::window => self.twice(part),
                _ => {}
            }
        }
        if !worded {
            let written = self.snippet(span);
            let message = "a task needs words that say what is to be done";
            self.report(
                Diagnostic::error(Code::MissingClause, span, message)
                    .label("no words")
                    .help(format!(
                        "write `{written} \"Collect the laptop.\"`, for example"
                    )),
            );
        }
        StepKind::Task { who, message, window }
    }

    pub(super) fn escalate(
        &mut self,
        pair: Pair<'_, Rule>,
        span: Span,
    ) -> Option<StepKind> {
        let (mut who, mut after, mut window) = (Vec::new(), None, None);
        let mut broken = false;
        for inner in pair.into_inner() {
            let part = self.span(&inner);
            match inner.as_rule() {
                Rule::people => who = self.people(inner),
                Rule::after if after.is_none() => {
                    after = self.window(inner);
                    broken |= after.is_none();
                }
                Rule::window if window.is_none() => window = self.window(inner),
                Rule::after | Rule::window => self.twice(part),
                _ => {}
            }
        }
        if after.is_none() && !broken {
            let message = "`escalate` needs to know after which time";
            self.report(
                Diagnostic::error(Code::ExpectedDuration, span, message)
                    .label("no `after`")
                    .help("write `escalate after 7d`")
                    .maybe(
                        Span::new(self.file, span.end as usize, span.end as usize),
                        " after 7d",
                    ),
            );
        }
        Some(StepKind::Escalate { who, after: after?, window })
    }

    /// The length behind `for`, `after`, `wait` or `snooze`.
    pub(super) fn window(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<Length>> {
        self.step_length(pair.into_inner().nth(1)?)
    }

    fn message(&mut self, pair: Pair<'_, Rule>) -> Option<Message> {
        let mut message = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_with => {}
                Rule::name_ref => message = Some(Message::Template(self.name_ref(inner))),
                _ => message = Some(Message::Text(self.text(&inner))),
            }
        }
        message
    }

    fn people(&mut self, pair: Pair<'_, Rule>) -> Vec<Who> {
        let people = pair.into_inner().filter(|inner| inner.as_rule() == Rule::who);
        people.filter_map(|who| self.who(who)).collect()
    }

    pub(in crate::syntax::build) fn who(&mut self, pair: Pair<'_, Rule>) -> Option<Who> {
        let span = self.span(&pair);
        let inner = pair.into_inner().next()?;
        let kind = match inner.as_rule() {
            Rule::app_owner => WhoKind::AppOwner,
            Rule::group_members => WhoKind::Group(self.names(inner).into_iter().next()?),
            Rule::email => WhoKind::Email(inner.as_str().to_owned()),
            _ => {
                let parts = inner.as_str().split('.').map(str::to_owned).collect();
                WhoKind::Word(Path { parts, span })
            }
        };
        Some(Who { kind, span })
    }
}
