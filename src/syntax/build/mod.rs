//! From the pairs of the parser to the tree, with a finding for whatever does not fit.

mod clause;
mod condition;
mod declared;
mod event;
mod foreign;
mod foreign_clause;
mod foreign_joint;
mod foreign_test;
mod item;
mod literal;
mod outcome;
mod schedule;
mod scope;
mod step;
mod test_item;
#[cfg(test)]
mod tests;

pub(super) use crate::syntax::build::item::{Built, item};
pub(super) use crate::syntax::build::literal::escapes;
pub(super) use crate::syntax::build::schedule::SCHEDULES;

use crate::diagnose::{Diagnostic, Severity};
use crate::syntax::ast::{Condition, NameRef};
use crate::syntax::grammar::Rule;
use crate::text::{FileId, Span, Spanned};
use pest::iterators::Pair;

/// Nobody reads more about one file.
const MOST_FINDINGS: usize = 5_000;

/// What is being built, and what was found on the way.
#[derive(Debug)]
pub(super) struct Cx<'a> {
    pub(super) file: FileId,
    /// The whole file.
    pub(super) text: &'a str,
    /// Where the parsed stretch begins in it.
    pub(super) base: usize,
    pub(super) findings: Vec<Diagnostic>,
    /// How many errors there were, those that were not kept included.
    pub(super) made: usize,
    /// Parentheses and `not`s around the present place.
    pub(super) depth: usize,
    /// A comma behind the last step of a `then`, with `if kept` or `if failed` behind it.
    pub(super) loose_comma: Option<Span>,
}

impl<'a> Cx<'a> {
    /// The place of a pair, without the blanks and comments that an optional tail took.
    pub(super) fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let start = pair.as_span().start();
        Span::new(self.file, self.base + start, self.base + end(pair).max(start))
    }

    /// The text of a span.
    pub(super) fn snippet(&self, span: Span) -> &'a str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Notes a finding.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        // What is only warned of has been read.
        self.made += usize::from(finding.severity == Severity::Error);
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn names(&mut self, pair: Pair<'_, Rule>) -> Vec<NameRef> {
        let names = pair.into_inner().filter(|inner| inner.as_rule() == Rule::name_ref);
        names.map(|name| self.name_ref(name)).collect()
    }

    fn name_ref(&mut self, pair: Pair<'_, Rule>) -> NameRef {
        let mut name = Spanned::new(String::new(), self.span(&pair));
        let (mut more, mut from, mut first) = (Vec::new(), None, true);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::more_name => {
                    let word = inner.as_str().trim_end().to_owned();
                    more.push(Spanned::new(word, self.span(&inner)));
                }
                Rule::kw_from => {}
                _ if first => {
                    name = self.name(&inner);
                    first = false;
                }
                _ => from = Some(self.name(&inner)),
            }
        }
        NameRef { name, more, from }
    }

    /// A bare or quoted name.
    fn name(&mut self, pair: &Pair<'_, Rule>) -> Spanned<String> {
        if pair.as_rule() == Rule::bare_name {
            return Spanned::new(pair.as_str().to_owned(), self.span(pair));
        }
        self.text(pair)
    }
}

/// The condition of a line that holds nothing else.
pub(super) fn condition_line(cx: &mut Cx<'_>, pair: Pair<'_, Rule>) -> Option<Condition> {
    let mut condition = None;
    for inner in pair.into_inner() {
        match inner.as_rule() {
            Rule::condition => condition = Some(cx.condition(inner)),
            Rule::leftover => cx.leftover_behind_condition(&inner),
            _ => {}
        }
    }
    condition
}

/// The end of the last word in a pair.
fn end(pair: &Pair<'_, Rule>) -> usize {
    let mut last = pair.clone();
    while let Some(inner) = last.clone().into_inner().next_back() {
        last = inner;
    }
    last.as_span().end()
}
