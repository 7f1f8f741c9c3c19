//! Items on lines: the head in column 1, what it says below, further in.

use crate::format::mark::{Mark, Marked};
use crate::format::page::{Page, STEP};
use crate::format::policy;
use crate::format::token::Kind;
use crate::syntax::ast::{
    App, Flow, Item, ItemKind, Lifecycle, Never, Template, Test, Webhook,
};
use crate::text::Spanned;
use std::ops::Range;

/// Fields of a webhook, in the order they are written in.
const WEBHOOK: &[&str] = &["url", "secret", "timeout", "retry", "header"];
/// Fields of a template.
const TEMPLATE: &[&str] = &["subject", "body"];

impl Page<'_, '_> {
    /// An item, its comments above left out.
    pub(super) fn item(&mut self, item: &Item, words: Range<usize>) {
        self.begin(0, 2 * STEP);
        match &item.kind {
            ItemKind::Policy(policy) => policy::write(self, policy, words),
            ItemKind::Define(_) => self.define(words),
            ItemKind::Webhook(Webhook { name, .. }) => self.fields(name, WEBHOOK, words),
            ItemKind::Template(Template { name, .. }) => {
                self.fields(name, TEMPLATE, words);
            }
            ItemKind::App(app) => self.app(app, words),
            ItemKind::Attribute(_) | ItemKind::Group(_) => self.flow(words),
            ItemKind::Lifecycle(lifecycle) => self.lifecycle(lifecycle, words),
            ItemKind::Flow(flow) => self.calls(flow, words),
            ItemKind::Never(never) => self.never(never, words),
            ItemKind::Test(test) => self.test(test, words),
        }
    }

    fn define(&mut self, words: Range<usize>) {
        self.hang = STEP;
        self.condition(words);
    }

    fn fields(&mut self, name: &Spanned<String>, order: &[&str], words: Range<usize>) {
        let source = self.source;
        let mut starts = Vec::new();
        for at in source.index(name.span.end)..words.end {
            let rank = order.iter().position(|field| *field == source.written(at));
            // An environment variable may have the name of a field.
            if let Some(rank) = rank
                && source.written(at - 1) != "env"
            {
                starts.push((rank, at));
            }
        }
        let ends: Vec<usize> =
            starts.iter().skip(1).map(|(_, at)| *at).chain([words.end]).collect();
        self.flow(words.start..starts.first().map_or(words.end, |(_, at)| *at));
        let mut fields: Vec<_> = starts.into_iter().zip(ends).collect();
        fields.sort_by_key(|((rank, _), _)| *rank);
        for ((_, start), end) in fields {
            self.begin(STEP, 2 * STEP);
            self.flow(start..end);
        }
    }

    fn app(&mut self, app: &App, words: Range<usize>) {
        let source = self.source;
        let starts = app
            .fields
            .iter()
            .map(|field| source.index(field.span.start))
            .collect();
        self.lines_of(words, starts, Self::flow);
    }

    fn lifecycle(&mut self, lifecycle: &Lifecycle, words: Range<usize>) {
        let source = self.source;
        let starts: Vec<usize> = lifecycle
            .states
            .iter()
            .map(|state| source.index(state.name.span.start))
            .collect();
        let width = starts.iter().map(|at| source.written(*at).chars().count()).max();
        let column = STEP + width.unwrap_or_default() + 1;
        self.lines_of(words, starts, |page, state| {
            page.word(state.start);
            page.align(column);
            page.flow(state.start + 1..state.end);
        });
    }

    fn calls(&mut self, flow: &Flow, words: Range<usize>) {
        let source = self.source;
        let starts =
            flow.calls.iter().map(|call| source.index(call.span.start)).collect();
        self.lines_of(words, starts, Self::steps);
    }

    fn never(&mut self, never: &Never, words: Range<usize>) {
        let when = never.when.as_ref();
        let when = when.and_then(|condition| self.source.back(condition.span, "when"));
        if self.fits(&words) {
            return self.flat(words);
        }
        let end = when.unwrap_or(words.end);
        let steps = words.start + 1..end;
        self.word(words.start);
        let list = self.kind(steps.start) == Kind::Open;
        if list && self.mark(steps.start + 1) == Mark::Step {
            self.word(steps.start);
            self.steps(steps.start + 1..end - 1);
            self.word(end - 1);
        } else {
            self.flow(steps);
        }
        if when.is_some() {
            self.begin(STEP, 2 * STEP);
            self.condition(end..words.end);
        }
    }

    fn test(&mut self, test: &Test, words: Range<usize>) {
        let source = self.source;
        let policy = test.policy.as_ref();
        let policy = policy.and_then(|policy| source.back(policy.name.span, "policy"));
        let given =
            test.given.iter().filter_map(|given| source.back(given.span, "given"));
        let expects: Vec<usize> = test
            .expects
            .iter()
            .map(|expect| source.index(expect.span.start))
            .collect();
        let delays = expects.iter().filter(|at| source.written(**at) == "after");
        let width = delays.map(|at| source.written(at + 1).chars().count()).max();
        let column = STEP + "after ".len() + width.unwrap_or_default() + 1;
        let mut starts: Vec<usize> =
            policy.into_iter().chain(given).chain(expects).collect();
        starts.sort_unstable();
        self.lines_of(words, starts, |page, line| match source.written(line.start) {
            "given" => {
                page.hang = STEP + "given ".len();
                page.flow(line);
            }
            "after" => {
                page.flow(line.start..line.start + 2);
                page.align(column);
                page.flow(line.start + 2..line.end);
            }
            _ => page.flow(line),
        });
    }

    /// A head, and below it one line for each of what begins at these places.
    fn lines_of(
        &mut self,
        words: Range<usize>,
        starts: Vec<usize>,
        mut write: impl FnMut(&mut Self, Range<usize>),
    ) {
        self.flow(words.start..starts.first().copied().unwrap_or(words.end));
        let ends: Vec<usize> =
            starts.iter().skip(1).copied().chain([words.end]).collect();
        for (start, end) in starts.into_iter().zip(ends) {
            self.begin(STEP, 2 * STEP);
            write(self, start..end);
        }
    }
}

/// Whether an item stays directly below one of its kind, where it was written so.
pub(super) fn may_follow(item: &Item, previous: &Item, source: &Marked<'_>) -> bool {
    let alike = matches!(
        (&previous.kind, &item.kind),
        (ItemKind::Attribute(_), ItemKind::Attribute(_))
            | (ItemKind::Group(_), ItemKind::Group(_))
            | (ItemKind::Define(_), ItemKind::Define(_))
            | (ItemKind::Never(_), ItemKind::Never(_))
    );
    let head = source.words.get(source.index(item.span.start));
    alike && head.is_some_and(|head| !head.blank && head.before.is_empty())
}
