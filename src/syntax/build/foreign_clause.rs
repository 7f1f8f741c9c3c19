//! Clauses in the words of other languages.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::{Clause, ClauseKind};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::Span;
use pest::iterators::Pair;

impl<'a> Cx<'a> {
    /// `unless`, `where` and the like are understood, and refused.
    pub(super) fn foreign_keyword(&mut self, keyword: Span, right: &str) {
        let written = self.snippet(keyword);
        if written == right {
            return;
        }
        let message = format!("`{written}` is written `{right}`");
        self.report(
            Diagnostic::error(Code::UnknownClause, keyword, message)
                .label("a word of another language")
                .help(format!("write `{right}`"))
                .fix(keyword, right),
        );
    }

    /// `where` behind a condition goes on with it, as `and` does here.
    pub(super) fn second_where(
        &mut self,
        first: &Pair<'_, Rule>,
        second: &Pair<'_, Rule>,
    ) -> Option<Clause> {
        if second.as_rule() != Rule::when_clause {
            return None;
        }
        let (when, left, loose_left) = self.asked(first)?;
        let (keyword, right, loose_right) = self.asked(second)?;
        let span = self.span(second);
        let written = self.snippet(keyword);
        if self.snippet(when) != "when" {
            // Apart, and each right alone: only a person can say where both go.
            let help = format!("join both in one condition: `when {left} and {right}`");
            let before = self.findings.iter_mut().rev().find(|it| it.span == when)?;
            before.fixes.clear();
            before.help = Some(help);
            return Some(Clause { kind: ClauseKind::Damaged, keyword, span });
        }
        if written == "when" {
            return None;
        }
        let gap = Span {
            start: self.span(first).end,
            end: keyword.start,
            ..span
        };
        let gap = self.snippet(gap).trim();
        if gap.is_empty() && (loose_left || loose_right) {
            // `and` binds as tightly as `or`: each half stays what it is.
            let half = |written: &str, loose: bool| {
                if loose { format!("({written})") } else { written.to_owned() }
            };
            let edit = format!(
                "when {} and {}",
                half(left, loose_left),
                half(right, loose_right)
            );
            let message = format!("`{written}` is written `and` behind a condition");
            self.report(
                Diagnostic::error(Code::UnknownClause, keyword, message)
                    .label("a word of another language")
                    .help(format!("write `{edit}`"))
                    .fix(when.to(span), edit),
            );
        } else {
            self.foreign_keyword(keyword, "and");
        }
        Some(Clause { kind: ClauseKind::Damaged, keyword, span })
    }

    /// The keyword and the condition of a `when`, and whether `and` would take it apart.
    fn asked(&self, pair: &Pair<'_, Rule>) -> Option<(Span, &'a str, bool)> {
        let mut inner = pair.clone().into_inner();
        let keyword = self.span(&inner.next()?);
        let condition = inner.find(|it| it.as_rule() == Rule::condition)?;
        let loose = condition
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::join)
            .any(|join| ["or", "OR", "||", "|"].contains(&join.as_str().trim_end()));
        Some((keyword, self.snippet(self.span(&condition)), loose))
    }

    /// `except when …`, behind a `when` of the policy itself.
    pub(super) fn except_when(
        &mut self,
        pair: &Pair<'_, Rule>,
        asked: bool,
    ) -> Option<Clause> {
        let mut inner = pair.clone().into_inner();
        let keyword = self.span(&inner.next()?);
        let stray = inner.next().filter(|it| it.as_rule() == Rule::stray_when)?;
        let condition = self.span(&inner.next()?);
        let word = self.span(&stray);
        let span = self.span(pair);
        let whole = keyword.to(word);
        if !asked && self.snippet(word) == "when" {
            let message =
                format!("a condition is missing behind `{}`", self.snippet(keyword));
            self.report(
                Diagnostic::error(Code::Syntax, keyword, message)
                    .label("nothing to ask")
                    .help("write `except in group Execs`, for example"),
            );
            return Some(Clause { kind: ClauseKind::Damaged, keyword, span });
        }
        let message = format!("`{}` is written `except`", self.one_line(whole));
        let cut = Span { end: condition.start, ..whole };
        self.report(
            Diagnostic::error(Code::UnknownClause, whole, message)
                .label("one word is enough")
                .help("write `except`")
                .fix(cut, "except "),
        );
        for inner in pair.clone().into_inner() {
            if inner.as_rule() == Rule::condition {
                self.condition(inner);
            }
        }
        Some(Clause { kind: ClauseKind::Damaged, keyword, span })
    }
}
