//! Steps.

mod call;
mod people;

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Ignored;
use crate::syntax::ast::{Condition, Step, StepKind};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned};
use pest::iterators::{Pair, Pairs};

impl Cx<'_> {
    /// The steps of a `then`, and what is wrong between them.
    pub(super) fn steps(&mut self, pair: Pair<'_, Rule>, keyword: Span) -> Vec<Step> {
        self.steps_of(pair.into_inner(), keyword)
    }

    /// The steps of an `if kept` or `if failed`.
    pub(super) fn outcome(&mut self, pair: Pair<'_, Rule>, keyword: Span) -> Vec<Step> {
        let words =
            self.snippet(keyword).split_whitespace().collect::<Vec<_>>().join(" ");
        let mut stray = None;
        for inner in pair.clone().into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_then => stray = Some(span),
                Rule::comma if stray.is_none() => stray = Some(span),
                Rule::step => break,
                _ => {}
            }
        }
        if let Some(stray) = stray {
            let next = self.token_at(stray.end as usize, self.text.len());
            let gap = self.snippet(Span { start: stray.end, end: next.start, ..stray });
            let blanks = gap.chars().all(|letter| letter == ' ');
            let gone = if blanks { Span { end: next.start, ..stray } } else { stray };
            let message = format!("steps stand directly behind `{words}`");
            self.report(
                Diagnostic::error(Code::Syntax, stray, message)
                    .label("too much")
                    .help("take it out")
                    .fix(gone, ""),
            );
        }
        let inner = pair.into_inner();
        self.steps_of(inner, keyword)
    }

    /// The steps among pairs, and what is wrong between them.
    fn steps_of(&mut self, pairs: Pairs<'_, Rule>, keyword: Span) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut comma: Option<Span> = None;
        for inner in pairs {
            if inner.as_rule() == Rule::comma && !steps.is_empty() {
                comma = Some(self.span(&inner));
            }
            if inner.as_rule() != Rule::step {
                continue;
            }
            if comma.is_some()
                && let Some(previous) = steps.last()
                && let Some(finding) = self.one_more_name(previous, &inner)
            {
                self.report(finding);
                comma = None;
                continue;
            }
            let step = self.step(inner);
            // `if ignored notify manager` is no step yet, whatever stands before it.
            let words = self.snippet(step.span).split_whitespace();
            let ignored = matches!(step.kind, StepKind::Damaged)
                && words.clone().take(2).eq(["if", "ignored"])
                && !words
                    .clone()
                    .nth(2)
                    .is_some_and(|it| ["keep", "remove"].contains(&it));
            if let Some(previous) = steps.last()
                && comma.is_none()
                && !ignored
                && !matches!(previous.kind, StepKind::Damaged)
            {
                self.missing_comma(previous.span, &step);
            }
            comma = None;
            steps.push(step);
        }
        if let Some(comma) = comma {
            if self.outcome_behind(comma) {
                // What the clause holds says where the comma belongs.
                self.loose_comma = Some(comma);
            } else {
                self.nothing_behind(comma, "step");
            }
        } else if steps.is_empty() {
            let words = self.snippet(keyword).split_whitespace().collect::<Vec<_>>();
            let words = words.join(" ");
            let message = format!("`{words}` needs a step");
            self.report(
                Diagnostic::error(Code::Syntax, keyword, message)
                    .label("nothing follows")
                    .help(format!("write `{words} notify owner`, for example")),
            );
        }
        steps
    }

    /// Whether `if kept` or `if failed` stands behind a comma.
    fn outcome_behind(&self, comma: Span) -> bool {
        let next = self.token_at(comma.end as usize, self.text.len());
        let second = self.token_at(next.end as usize, self.text.len());
        let words = (self.snippet(next), self.snippet(second));
        matches!(words, ("if", "kept" | "failed"))
    }

    /// Something must follow a comma.
    pub(super) fn nothing_behind(&mut self, comma: Span, what: &str) {
        let message = format!("a {what} is missing behind the comma");
        self.report(
            Diagnostic::error(Code::Syntax, comma, message)
                .label("nothing follows")
                .help(format!("take the comma out, or write one more {what}"))
                .maybe(comma, ""),
        );
    }

    /// `add to group A, B`: the second name is no step.
    fn one_more_name(
        &self,
        previous: &Step,
        pair: &Pair<'_, Rule>,
    ) -> Option<Diagnostic> {
        let (word, first) = match &previous.kind {
            StepKind::AddToGroup(names) | StepKind::RemoveFromGroup(names) => {
                ("groups", names.first()?)
            }
            StepKind::RevokePermission(names) => ("permissions", names.first()?),
            StepKind::AssignRole(names) | StepKind::UnassignRole(names) => {
                ("roles", names.first()?)
            }
            _ => return None,
        };
        let span = self.span(pair);
        let written = self.snippet(span);
        let damaged = pair.clone().into_inner().next()?.as_rule() == Rule::bad_step;
        let quoted = written.starts_with('"');
        let one = written.starts_with(char::is_uppercase)
            && !written.contains(char::is_whitespace);
        if !damaged || !(quoted || one) {
            return None;
        }
        let message = format!("`{written}` is no step");
        let finding =
            Diagnostic::error(Code::UnknownStep, span, message).label("one more name");
        Some(if word == "roles" {
            let head = self.snippet(previous.span);
            let head = head.split_whitespace().next().unwrap_or_default();
            finding
                .help(format!("write one step for each role: `{head} role {written}`"))
                .maybe(span, format!("{head} role {written}"))
        } else {
            let first = self.snippet(first.name.span);
            finding.help(format!(
                "several {word} stand in parentheses: `({first}, {written})`"
            ))
        })
    }

    fn missing_comma(&mut self, previous: Span, step: &Step) {
        let text = self.snippet(step.span);
        let words = if text.starts_with("if") { 2 } else { 1 };
        let length = text
            .split_whitespace()
            .nth(words - 1)
            .and_then(|word| text.find(word).map(|at| at + word.len()))
            .unwrap_or(text.len());
        let start = step.span.start as usize;
        let next = Span::new(self.file, start, start + length);
        self.comma_between(previous, next, "step");
    }

    /// Two of a kind stand in a row without a comma.
    pub(super) fn comma_between(&mut self, previous: Span, next: Span, what: &str) {
        let behind = Span::new(self.file, previous.end as usize, previous.end as usize);
        let before = self.snippet(previous);
        let message = format!("two {what}s need a comma between them");
        self.report(
            Diagnostic::error(Code::MissingComma, next, message)
                .label(format!("the next {what} begins here"))
                .help(format!("write `,` behind `{before}`"))
                .fix(behind, ","),
        );
    }

    pub(in crate::syntax) fn step(&mut self, pair: Pair<'_, Rule>) -> Step {
        let span = self.span(&pair);
        let before = self.made;
        let (mut kind, mut or_skip) = (StepKind::Damaged, false);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::or_skip => or_skip = true,
                Rule::bad_step => self.bad_step(span),
                Rule::bad_never_step => self.bad_forbidden(span),
                _ => kind = self.good_step(inner).unwrap_or(StepKind::Damaged),
            }
        }
        // A step with a finding inside stays, unless that took a part that it needs: the
        // findings alone keep the policy from running.
        if matches!(kind, StepKind::Damaged) && self.made == before {
            self.bad_step(span);
        }
        Step { kind, or_skip, span }
    }

    fn good_step(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        let span = self.span(&pair);
        let kind = pair.as_rule();
        Some(match kind {
            Rule::ask => self.ask(pair),
            Rule::notify => self.notify(pair),
            Rule::escalate => self.escalate(pair, span)?,
            Rule::if_ignored => {
                let keep =
                    pair.into_inner().any(|inner| inner.as_rule() == Rule::kw_keep);
                StepKind::IfIgnored(if keep { Ignored::Keep } else { Ignored::Remove })
            }
            Rule::task => self.task(pair, span),
            Rule::wait => StepKind::Wait(self.window(pair)?),
            Rule::snooze => StepKind::Snooze(self.window(pair)?),
            Rule::run_webhook => {
                StepKind::RunWebhook(self.names(pair).into_iter().next()?)
            }
            Rule::run_flow => self.run_flow(pair)?,
            Rule::call => StepKind::Call(self.call(pair)?),
            Rule::add_to_group | Rule::remove_from_group => {
                self.plural(&pair, Rule::kw_groups, "group");
                let groups = self.names(pair);
                match kind {
                    Rule::add_to_group => StepKind::AddToGroup(groups),
                    _ => StepKind::RemoveFromGroup(groups),
                }
            }
            Rule::assign_role | Rule::unassign_role => {
                self.plural(&pair, Rule::kw_roles, "role");
                let roles = self.names(pair);
                match kind {
                    Rule::assign_role => StepKind::AssignRole(roles),
                    _ => StepKind::UnassignRole(roles),
                }
            }
            Rule::revoke_permission => {
                self.plural(&pair, Rule::kw_permissions, "permission");
                StepKind::RevokePermission(self.names(pair))
            }
            Rule::set => self.set(pair)?,
            Rule::verify => self.verify(pair)?,
            Rule::all_of => {
                let first = pair.clone().into_inner().nth(1);
                let keyword = first.map_or(span, |first| span.to(self.span(&first)));
                let keyword = Span { end: keyword.end.min(span.end), ..keyword };
                StepKind::AllOf(self.steps_of(pair.into_inner(), keyword))
            }
            Rule::remove_access => StepKind::RemoveAccess,
            Rule::unassign_from_app => StepKind::UnassignFromApp,
            Rule::disable_account => StepKind::DisableAccount,
            Rule::delete_account => StepKind::DeleteAccount,
            Rule::disable_user => StepKind::DisableUser,
            Rule::suspend_user => StepKind::SuspendUser,
            Rule::delete_user => StepKind::DeleteUser,
            Rule::require_password_change => StepKind::RequirePasswordChange,
            Rule::end_sessions => StepKind::EndSessions,
            _ => return None,
        })
    }

    /// `run flow F with x = 1`.
    fn run_flow(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        let (mut flow, mut with) = (None, Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::name_ref => flow = Some(self.name_ref(inner)),
                Rule::argument => {
                    let mut parts = inner.into_inner();
                    let name = self.name(&parts.next()?);
                    let op = self.comparison(&parts.next()?);
                    self.only_equals(op);
                    if let Some(value) = self.value(parts.next()?) {
                        with.push((name, value));
                    }
                }
                _ => {}
            }
        }
        Some(StepKind::RunFlow { flow: flow?, with })
    }

    /// What is given is given with `=`.
    fn only_equals(&mut self, op: Spanned<crate::ir::Op>) {
        if op.value == crate::ir::Op::Eq || self.snippet(op.span) != op.value.symbol() {
            return;
        }
        let message = format!("`{}` gives nothing a value", op.value.symbol());
        self.report(
            Diagnostic::error(Code::Syntax, op.span, message)
                .label("a comparison")
                .help("write `=`")
                .maybe(op.span, "="),
        );
    }

    /// `set ATTRIBUTE = VALUE`, `set lifecycle STATE`.
    fn set(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        let (mut attribute, mut value, mut joined) = (None, None, false);
        let mut broken = false;
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::attribute => attribute = self.path(inner),
                Rule::kw_to => {
                    joined = true;
                    self.report(
                        Diagnostic::error(Code::Syntax, span, "`to` is written `=`")
                            .label("a word of another language")
                            .help("write `=`")
                            .fix(span, "="),
                    );
                }
                Rule::comparison => {
                    joined = true;
                    let op = self.comparison(&inner);
                    self.only_equals(op);
                }
                Rule::value => {
                    value = self.value(inner);
                    broken = value.is_none();
                }
                _ => {}
            }
        }
        let attribute = attribute?;
        let bare = attribute.parts.last().is_some_and(|last| last == "lifecycle");
        if let Some(value) = &value
            && !joined
            && !bare
        {
            let before = Span::new(
                self.file,
                value.span.start as usize,
                value.span.start as usize,
            );
            let name = self.snippet(attribute.span);
            let written = self.snippet(value.span);
            self.report(
                Diagnostic::error(
                    Code::MissingOperator,
                    value.span,
                    "a value stands behind `=`",
                )
                .label("no `=` before it")
                .help(format!("write `set {name} = {written}`"))
                .fix(before, "= "),
            );
        }
        if broken {
            return None;
        }
        Some(StepKind::Set { attribute, value: value? })
    }

    /// `verify CONDITION "…"`.
    fn verify(&mut self, pair: Pair<'_, Rule>) -> Option<StepKind> {
        let (mut condition, mut message): (Option<Condition>, _) = (None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_verify => {}
                Rule::verified => condition = Some(self.condition(inner)),
                _ => message = Some(self.text(&inner)),
            }
        }
        Some(StepKind::Verify { condition: condition?, message })
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
