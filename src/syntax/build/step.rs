//! Steps, and the people in them.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Ignored;
use crate::syntax::ast::{Message, Path, Step, StepKind, Who, WhoKind};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned};
use crate::time::Length;
use pest::iterators::Pair;

impl Cx<'_> {
    /// The steps of a `then`, and what is wrong between them.
    pub(super) fn steps(&mut self, pair: Pair<'_, Rule>, keyword: Span) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut comma: Option<Span> = None;
        for inner in pair.into_inner().skip(1) {
            if inner.as_rule() == Rule::comma {
                comma = Some(self.span(&inner));
                continue;
            }
            let step = self.step(inner);
            if let Some(previous) = steps.last()
                && comma.is_none()
                && !matches!(previous.kind, StepKind::Damaged)
            {
                self.missing_comma(previous.span, &step);
            }
            comma = None;
            steps.push(step);
        }
        if let Some(comma) = comma {
            let message = "a step is missing behind the comma";
            self.report(
                Diagnostic::error(Code::Syntax, comma, message)
                    .label("nothing follows")
                    .help("take the comma out, or write one more step")
                    .maybe(comma, ""),
            );
        } else if steps.is_empty() {
            let message = "`then` needs a step";
            self.report(
                Diagnostic::error(Code::Syntax, keyword, message)
                    .label("nothing follows")
                    .help("write `then notify owner`, for example"),
            );
        }
        steps
    }

    fn missing_comma(&mut self, previous: Span, step: &Step) {
        let text = self.snippet(step.span);
        let words = match step.kind {
            StepKind::IfIgnored(_) => 2,
            _ => 1,
        };
        let length = text
            .split_whitespace()
            .nth(words - 1)
            .and_then(|word| text.find(word).map(|at| at + word.len()))
            .unwrap_or(text.len());
        let start = step.span.start as usize;
        let span = Span::new(self.file, start, start + length);
        let behind = Span::new(self.file, previous.end as usize, previous.end as usize);
        let before = self.snippet(previous);
        let message = "two steps need a comma between them";
        self.report(
            Diagnostic::error(Code::MissingComma, span, message)
                .label("the next step begins here")
                .help(format!("write `,` behind `{before}`"))
                .fix(behind, ","),
        );
    }

    pub(super) fn step(&mut self, pair: Pair<'_, Rule>) -> Step {
        let span = self.span(&pair);
        let before = self.made;
        let mut kind = StepKind::Damaged;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::or_skip => {
                    let span = self.span(&inner);
                    self.not_yet(span, "or skip");
                }
                Rule::later_step => {
                    let words = self.later_words(&inner);
                    self.not_yet(span, &words);
                }
                Rule::bad_step | Rule::bad_never_step => self.bad_step(span),
                _ => kind = self.good_step(inner, span).unwrap_or(StepKind::Damaged),
            }
        }
        // A step with a finding inside stays, unless that took a part that it needs: the
        // findings alone keep the policy from running.
        if matches!(kind, StepKind::Damaged) && self.made == before {
            self.bad_step(span);
        }
        Step { kind, or_skip: false, span }
    }

    /// The words of a step that say what it is, such as `end sessions`.
    fn later_words(&self, pair: &Pair<'_, Rule>) -> String {
        let text = self.snippet(self.span(pair));
        let count = match text.split_whitespace().next() {
            Some("require" | "unassign") => 3,
            Some("task" | "call" | "set" | "verify" | "snooze") => 1,
            _ => 2,
        };
        text.split_whitespace().take(count).collect::<Vec<_>>().join(" ")
    }

    fn good_step(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<StepKind> {
        let kind = pair.as_rule();
        match kind {
            Rule::ask => Some(self.ask(pair)),
            Rule::notify => {
                let (mut who, mut message) = (Vec::new(), None);
                for inner in pair.into_inner() {
                    match inner.as_rule() {
                        Rule::people => who = self.people(inner),
                        Rule::message => message = self.message(inner),
                        _ => {}
                    }
                }
                Some(StepKind::Notify { who, message })
            }
            Rule::escalate => self.escalate(pair, span),
            Rule::if_ignored => {
                let keep =
                    pair.into_inner().any(|inner| inner.as_rule() == Rule::kw_keep);
                Some(StepKind::IfIgnored(if keep {
                    Ignored::Keep
                } else {
                    Ignored::Remove
                }))
            }
            Rule::wait => Some(StepKind::Wait(self.window(pair)?)),
            Rule::run_webhook => {
                let name = self.names(pair).into_iter().next()?;
                Some(StepKind::RunWebhook(name))
            }
            Rule::add_to_group | Rule::remove_from_group => {
                self.plural(&pair, Rule::kw_groups, "group");
                let groups = self.names(pair);
                Some(match kind {
                    Rule::add_to_group => StepKind::AddToGroup(groups),
                    _ => StepKind::RemoveFromGroup(groups),
                })
            }
            Rule::disable_account => Some(StepKind::DisableAccount),
            _ => None,
        }
    }

    fn ask(&mut self, pair: Pair<'_, Rule>) -> StepKind {
        let (mut who, mut message, mut window) = (Vec::new(), None, None);
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::people => who = self.people(inner),
                Rule::message if message.is_none() => message = self.message(inner),
                Rule::window if window.is_none() => window = self.window(inner),
                Rule::message | Rule::window => self.twice(span),
                Rule::remind => self.not_yet(span, "remind"),
                _ => {}
            }
        }
        StepKind::Ask { who, message, window, remind: Vec::new() }
    }

    fn escalate(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<StepKind> {
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

    /// The length behind `for` or `after`.
    fn window(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<Length>> {
        let length = self.length(pair.into_inner().nth(1)?)?;
        Some(Spanned::new(Length::Time(length.value), length.span))
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

    pub(super) fn who(&mut self, pair: Pair<'_, Rule>) -> Option<Who> {
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

    /// `groups` where `group` is written.
    pub(super) fn plural(&mut self, pair: &Pair<'_, Rule>, plural: Rule, right: &str) {
        let found = pair.clone().into_inner().find(|inner| inner.as_rule() == plural);
        let Some(found) = found else { return };
        let span = self.span(&found);
        let message = format!("`{}` is written `{right}`", found.as_str());
        self.report(
            Diagnostic::error(Code::Syntax, span, message)
                .label("one word for one and for several")
                .help(format!("write `{right}`, also before `(…, …)`"))
                .fix(span, right),
        );
    }
}
