//! Conditions with a name: found by it, followed, and never in a circle.

use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Condition, ConditionKind, SubjectKind};
use crate::syntax::{self, ast};
use crate::text::{Span, Spanned, fold};
use std::collections::HashMap;

/// Questions that the definitions of one condition may stand for together.
const LONGEST: usize = 10_000;
/// Connectives that may stand within each other: what the syntax allows, and some more.
const DEEPEST: usize = 200;
/// Definitions that may stand within each other.
const DEEPEST_NAMES: usize = 32;

/// The definitions of the files.
#[derive(Debug, Default)]
pub(super) struct Defines<'a> {
    all: Vec<Entry<'a>>,
    by_name: HashMap<String, usize>,
    /// How many questions the present condition may still take from definitions.
    left: usize,
    /// Definitions around the present place.
    within: usize,
    /// All nesting around the present place.
    depth: usize,
    /// Whether any of them was too long or too deep.
    refused: bool,
}

#[derive(Debug)]
struct Entry<'a> {
    name: &'a Spanned<String>,
    /// `None` when it could not be read, or stands in a circle; that has been said.
    condition: Option<&'a ast::Condition>,
    used: bool,
}

impl<'a> Cx<'a> {
    /// Takes in all definitions, and refuses circles.
    pub(super) fn declare_defines(&mut self, files: &'a [ast::File]) {
        for item in files.iter().flat_map(|file| &file.items) {
            let ast::ItemKind::Define(define) = &item.kind else { continue };
            let key = fold(&define.name.value);
            if let Some(first) = self.defines.by_name.get(&key)
                && let Some(first) =
                    self.defines.all.get(*first).map(|entry| entry.name.span)
            {
                self.duplicate(
                    "definitions",
                    &define.name.value,
                    define.name.span,
                    first,
                );
                continue;
            }
            let free = self.is_free(&define.name);
            self.defines.by_name.insert(key, self.defines.all.len());
            let condition = define.condition.as_ref().filter(|_| !item.damaged && free);
            self.defines.all.push(Entry {
                name: &define.name,
                condition,
                used: item.damaged || !free,
            });
        }
        self.refuse_circles();
    }

    /// Whether nothing else has the name of a definition, which then would be asked instead
    /// of it, or be taken for it.
    fn is_free(&mut self, name: &Spanned<String>) -> bool {
        let word = &name.value;
        let label = if !syntax::is_free(word) && syntax::is_free(&format!("{word}_")) {
            "a word of the language: this definition would never be asked"
        } else if self.is_told_of(word) {
            "an attribute has this name"
        } else {
            return true;
        };
        let message = format!("no definition can be called `{word}`");
        self.report(
            Diagnostic::error(Code::ReservedName, name.span, message)
                .label(label)
                .help(format!("call it otherwise, such as `{word}_here`")),
        );
        false
    }

    fn refuse_circles(&mut self) {
        let next: Vec<Vec<usize>> = self
            .defines
            .all
            .iter()
            .map(|entry| {
                let mut names = Vec::new();
                if let Some(condition) = entry.condition {
                    used_names(condition, &mut names);
                }
                let found =
                    names.iter().filter_map(|name| self.defines.by_name.get(name));
                found.copied().collect()
            })
            .collect();
        for circle in circles(&next) {
            let name = |at: &usize| {
                self.defines
                    .all
                    .get(*at)
                    .map_or("", |entry| entry.name.value.as_str())
            };
            let mut way: Vec<&str> = circle.iter().map(name).collect();
            way.extend(circle.first().map(name));
            let first = circle.first().and_then(|first| self.defines.all.get(*first));
            if let Some(first) = first.map(|entry| entry.name) {
                let message = format!("`{}` is defined by itself", first.value);
                let label = if circle.len() == 1 {
                    "refers to itself".to_owned()
                } else {
                    format!(
                        "a circle: {}",
                        way.iter()
                            .map(|name| format!("`{name}`"))
                            .collect::<Vec<_>>()
                            .join(" → ")
                    )
                };
                let finding =
                    Diagnostic::error(Code::CyclicDefinition, first.span, message)
                        .label(label)
                        .help("write one of them without the other");
                self.report(finding);
            }
            for at in circle {
                if let Some(entry) = self.defines.all.get_mut(at) {
                    entry.condition = None;
                    entry.used = true;
                }
            }
        }
    }

    /// Whether a word is the name of a definition.
    pub(super) fn is_defined(&self, word: &str) -> bool {
        self.defines.by_name.contains_key(&fold(word))
    }

    /// All names of definitions, in the order of the files.
    pub(super) fn defined(&self) -> impl Iterator<Item = &'a str> {
        self.defines.all.iter().map(|entry| entry.name.value.as_str())
    }

    /// What a defined name stands for, as if it had been written at the place of its use.
    pub(super) fn expand(
        &mut self,
        name: &str,
        span: Span,
        about: About<'_>,
    ) -> Option<Condition> {
        let at = *self.defines.by_name.get(&fold(name))?;
        let entry = self.defines.all.get_mut(at)?;
        entry.used = true;
        let condition = entry.condition?;
        if self.defines.within == 0 {
            self.defines.left = LONGEST;
        }
        // Once too much has been written out, that has been said.
        if self.defines.left == 0 {
            return None;
        }
        self.defines.within += 1;
        let before = self.findings.len();
        let expanded = self.nested(condition, about);
        self.defines.within -= 1;
        for finding in self.findings.get_mut(before..).unwrap_or_default() {
            if finding.span.file == condition.span.file && finding.span != span {
                finding
                    .others
                    .push(crate::diagnose::Label { span, text: "used here".into() });
            }
        }
        let mut expanded = expanded?;
        respan(&mut expanded, span);
        Some(expanded)
    }

    /// Counts a question; false when definitions have grown beyond reason.
    pub(super) fn count_question(&mut self, span: Span) -> bool {
        if self.defines.within == 0 {
            return true;
        }
        self.defines.left = self.defines.left.saturating_sub(1);
        if self.defines.left > 0 {
            return true;
        }
        self.defines.refused = true;
        let message = "the definitions stand for too many questions";
        self.report(
            Diagnostic::error(Code::TooLong, span, message)
                .label(format!("{LONGEST} and more once written out"))
                .help("write less into each definition"),
        );
        false
    }

    /// Enters a connective; false when that is too deep.
    pub(super) fn enter(&mut self, span: Span) -> bool {
        self.defines.depth += 1;
        if self.defines.depth <= DEEPEST && self.defines.within <= DEEPEST_NAMES {
            return true;
        }
        // Nothing more is written out in this condition.
        self.defines.left = 0;
        self.defines.refused = true;
        let message = "the definitions stand too deep within each other";
        self.report(
            Diagnostic::error(Code::TooDeep, span, message)
                .label("one too many")
                .help("write some of them out"),
        );
        false
    }

    /// Leaves a connective.
    pub(super) fn leave(&mut self) {
        self.defines.depth = self.defines.depth.saturating_sub(1);
    }

    /// Checks the definitions that no policy uses: they must make sense for accounts or
    /// for users.
    pub(super) fn unused_defines(&mut self) {
        for at in 0..self.defines.all.len() {
            // What was too long or too deep once would be again, for each of its parts.
            if self.defines.refused {
                return;
            }
            let Some(entry) = self.defines.all.get(at) else { continue };
            let Some(condition) = entry.condition.filter(|_| !entry.used) else {
                continue;
            };
            let (before, said) = (self.findings.len(), self.said.clone());
            self.defines.left = LONGEST;
            self.defines.within = 1;
            let about = |kind| About { kind, apps: &[] };
            let accounts = self.nested(condition, about(SubjectKind::Account));
            if accounts.is_none() {
                let findings = self.findings.split_off(before);
                let said = std::mem::replace(&mut self.said, said);
                if self.nested(condition, about(SubjectKind::User)).is_none() {
                    self.findings.truncate(before);
                    self.findings.extend(findings);
                    self.said = said;
                }
            }
            self.defines.within = 0;
        }
    }
}

/// Puts every part of a condition at one place.
fn respan(condition: &mut Condition, span: Span) {
    condition.span = span;
    match &mut condition.kind {
        ConditionKind::And(parts) | ConditionKind::Or(parts) => {
            for part in parts {
                respan(part, span);
            }
        }
        ConditionKind::Not(inner) => respan(inner, span),
        ConditionKind::Test(_) => {}
    }
}

/// The single words that stand for conditions.
fn used_names(condition: &ast::Condition, names: &mut Vec<String>) {
    match &condition.kind {
        ast::ConditionKind::And(parts) | ast::ConditionKind::Or(parts) => {
            for part in parts {
                used_names(part, names);
            }
        }
        ast::ConditionKind::Not(inner) => used_names(inner, names),
        ast::ConditionKind::Test(test) => {
            if let ast::TestKind::Name(path) = test.as_ref()
                && let [name] = path.parts.as_slice()
            {
                names.push(fold(name));
            }
        }
        ast::ConditionKind::Damaged => {}
    }
}

/// One circle for each way back, each starting with its first definition. Walks without
/// recursion: definitions may form long chains.
pub(super) fn circles(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; next.len()];
    let mut found = Vec::new();
    for start in 0..next.len() {
        if marks.get(start) != Some(&Mark::New) {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((at, child)) = path.last_mut() {
            if let Some(mark) = marks.get_mut(*at) {
                *mark = Mark::Open;
            }
            let Some(to) = next.get(*at).and_then(|next| next.get(*child)).copied()
            else {
                if let Some(mark) = marks.get_mut(*at) {
                    *mark = Mark::Done;
                }
                path.pop();
                continue;
            };
            *child += 1;
            match marks.get(to) {
                Some(Mark::New) => path.push((to, 0)),
                Some(Mark::Open) => {
                    let from = path.iter().position(|(at, _)| *at == to).unwrap_or(0);
                    let circle: Vec<usize> =
                        path.iter().skip(from).map(|(at, _)| *at).collect();
                    let lowest = circle.iter().enumerate().min_by_key(|(_, at)| **at);
                    let turn = lowest.map_or(0, |(turn, _)| turn);
                    let mut circle = circle;
                    circle.rotate_left(turn);
                    found.push(circle);
                }
                Some(Mark::Done) | None => {}
            }
        }
    }
    found
}
