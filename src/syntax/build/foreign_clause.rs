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

    /// A second `when` or `where` before any `then`, where one of them was `where`: both
    /// must hold.
    pub(super) fn second_when(
        &mut self,
        first: &Pair<'_, Rule>,
        second: &Pair<'_, Rule>,
    ) -> Option<Clause> {
        let (one, left, loose_left) = self.asked(first)?;
        let (other, right, loose_right) = self.asked(second)?;
        let (first_word, word) = (self.snippet(one), self.snippet(other));
        if first_word == "when" && word == "when" {
            return None;
        }
        let span = self.span(second);
        let condition =
            second.clone().into_inner().find(|it| it.as_rule() == Rule::condition);
        if let Some(condition) = condition {
            self.condition(condition);
        }
        let left = if loose_left { format!("({left})") } else { left.to_owned() };
        let right = if loose_right { format!("({right})") } else { right.to_owned() };
        let message = if word == "when" {
            "a second `when` stands before any `then`".to_owned()
        } else {
            format!("`{word}` is written `and` behind a condition")
        };
        let gap = Span {
            start: self.span(first).end,
            end: other.start,
            ..span
        };
        let finding = Diagnostic::error(Code::UnknownClause, other, message)
            .label("both must hold")
            .and(one, "the first condition");
        // The first word was refused alone, and is right in the joint edit only.
        self.findings
            .retain(|it| it.span != one || it.code != Code::UnknownClause);
        self.report(if !self.snippet(gap).trim().is_empty() {
            finding.help(format!("join both in one: `when {left} and {right}`"))
        } else if first_word == "when" && !loose_left && !loose_right {
            finding.help("write `and`").fix(other, "and")
        } else {
            let edit = format!("when {left} and {right}");
            finding.help(format!("write `{edit}`")).fix(one.to(span), edit)
        });
        Some(Clause { kind: ClauseKind::Damaged, keyword: other, span })
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

    /// An arrow between two steps.
    pub(super) fn arrow(&mut self, pair: &Pair<'_, Rule>) -> Option<Clause> {
        let keyword = pair.clone().into_inner().next()?;
        let keyword = self.span(&keyword);
        let written = self.snippet(keyword);
        if !["->", "=>", "→"].contains(&written) {
            return None;
        }
        let before = self.text.get(..keyword.start as usize).unwrap_or_default();
        let cut = Span::new(self.file, before.trim_end().len(), keyword.end as usize);
        let message = format!("`{written}` is written `,` between steps");
        self.report(
            Diagnostic::error(Code::UnknownClause, keyword, message)
                .label("a sign of another language")
                .help("write `,`")
                .fix(cut, ","),
        );
        let span = self.span(pair);
        self.steps(pair.clone(), keyword);
        Some(Clause { kind: ClauseKind::Damaged, keyword, span })
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
