//! What the Tab key offers: the names that fit where the cursor stands.

use crate::catalog::BUILT_IN;
use crate::check::quoted;
use crate::repl::command::COMMANDS;
use crate::repl::desk::Desk;
use crate::text::fold;
use rustyline::completion::{Completer, Pair};
use rustyline::{Context, Helper, Highlighter, Hinter, Validator};

/// Words of conditions and policies.
const WORDS: &[&str] = &[
    "account",
    "accounts",
    "active",
    "add to group",
    "after",
    "and",
    "app",
    "apps",
    "as",
    "ask",
    "contains",
    "define",
    "disable account",
    "ends with",
    "escalate",
    "every",
    "except",
    "for",
    "from",
    "grants",
    "group",
    "has",
    "if ignored",
    "in",
    "inactive",
    "is known",
    "is unknown",
    "keep",
    "limit",
    "manager",
    "matches",
    "never",
    "not",
    "notify",
    "or",
    "owner",
    "permission",
    "policy",
    "remove",
    "remove from group",
    "reviewers",
    "role",
    "run",
    "session",
    "since",
    "starts with",
    "template",
    "then",
    "until",
    "users",
    "wait",
    "webhook",
    "when",
    "where",
    "with",
];

/// What a word of the language calls for behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Group,
    App,
    Permission,
    Role,
    Webhook,
    Template,
    Lifecycle,
    Status,
    Anything,
}

/// The names that are known.
#[derive(Debug, Default, Helper, Hinter, Highlighter, Validator)]
pub(super) struct Completion {
    names: Vec<(Fit, String)>,
    subjects: Vec<String>,
}

impl Completion {
    /// Learns the names of a session.
    pub(super) fn know(&mut self, desk: &Desk) {
        let catalog = &desk.catalog;
        let mut names = Vec::new();
        let mut add = |fit: Fit, name: &str| names.push((fit, quoted(name)));
        catalog.groups.iter().for_each(|group| add(Fit::Group, &group.name));
        catalog.apps.iter().for_each(|app| add(Fit::App, &app.name));
        catalog
            .permissions
            .iter()
            .for_each(|held| add(Fit::Permission, &held.label));
        catalog.roles.iter().for_each(|role| add(Fit::Role, &role.name));
        catalog.lifecycle.iter().for_each(|state| add(Fit::Lifecycle, state));
        for status in ["staged", "active", "suspended", "disabled", "deleted"] {
            add(Fit::Status, status);
        }
        for item in &desk.items {
            match item.kind {
                "webhook" => add(Fit::Webhook, &item.name),
                "template" => add(Fit::Template, &item.name),
                "define" => add(Fit::Anything, &item.name),
                _ => {}
            }
        }
        // Names with a dot or a blank in them are attributes of the language; no quotes.
        let built_in = BUILT_IN.iter().map(|(_, field, _)| field.name());
        let custom = catalog.custom.iter().map(|custom| custom.name.as_str());
        let words = built_in.chain(custom).chain(WORDS.iter().copied());
        names.extend(words.map(|word| (Fit::Anything, word.to_owned())));
        names.sort_by(|(_, one), (_, other)| one.cmp(other));
        names.dedup();
        self.names = names;
        self.subjects.clone_from(&desk.shown);
    }

    /// Where the word at the end of a text begins, and what it could become.
    fn complete_end(&self, text: &str) -> (usize, Vec<String>) {
        if let Some(command) = text.strip_prefix(':') {
            return self.complete_command(command);
        }
        let start = start_of_word(text);
        let (before, begun) = text.split_at_checked(start).unwrap_or((text, ""));
        let fit = fit(before);
        let names = self.names.iter().filter(|(of, _)| *of == fit);
        (start, matching(names.map(|(_, name)| name.as_str()), begun))
    }

    fn complete_command(&self, command: &str) -> (usize, Vec<String>) {
        match command.split_once(' ') {
            None => (1, matching(COMMANDS.iter().map(|(name, ..)| *name), command)),
            Some((word @ ("explain" | "show"), subject)) => {
                let start = word.len() + 2;
                (start, matching(self.subjects.iter().map(String::as_str), subject))
            }
            Some(("sql", condition)) => {
                let (start, found) = self.complete_end(condition);
                (start + ":sql ".len(), found)
            }
            Some(_) => (command.len() + 1, Vec::new()),
        }
    }
}

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, found) = self.complete_end(line.get(..position).unwrap_or(line));
        let pair = |name: String| Pair { display: name.clone(), replacement: name };
        Ok((start, found.into_iter().map(pair).collect()))
    }
}

/// The names that begin as a word does, with regard to neither case nor quotes.
fn matching<'a>(names: impl Iterator<Item = &'a str>, word: &str) -> Vec<String> {
    let word = fold(word.trim_start_matches('"'));
    let begins = |name: &&str| fold(name.trim_start_matches('"')).starts_with(&word);
    names.filter(begins).map(str::to_owned).collect()
}

/// A word begins behind a blank or a bracket; within quotes, at the quote.
fn start_of_word(text: &str) -> usize {
    if text.matches('"').count() % 2 == 1 {
        return text.rfind('"').unwrap_or_default();
    }
    text.rfind(|letter: char| letter.is_whitespace() || "(),".contains(letter))
        .map_or(0, |at| {
            at + text
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8)
        })
}

/// What fits behind a text: what its last keyword calls for, lists included.
fn fit(before: &str) -> Fit {
    let before = before.trim_end();
    let list = before.ends_with(['(', ',']);
    let start = if list {
        before.rsplit_once('(').map_or(before, |(head, _)| head)
    } else {
        before
    };
    let mut words = start.split_whitespace().rev();
    let (last, second) =
        (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match (second, last) {
        ("lifecycle", "=" | "!=" | "in") => Fit::Lifecycle,
        (word, "=" | "!=" | "in") if word.ends_with("status") => Fit::Status,
        (_, "group" | "groups") => Fit::Group,
        (_, "app" | "apps") => Fit::App,
        (_, "permission" | "permissions") => Fit::Permission,
        (_, "role" | "roles") => Fit::Role,
        (_, "webhook") => Fit::Webhook,
        (_, "with") => Fit::Template,
        _ => Fit::Anything,
    }
}
