//! The words before a condition that say whom it is about: `users where …`,
//! `accounts in app Salesforce where …`, `grants where …`.

use crate::catalog::Catalog;
use crate::check::quoted;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{AppId, SubjectKind};
use crate::text::{FileId, Span, fold, nearest};

/// Whom a condition is about, and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub(crate) kind: SubjectKind,
    pub(crate) apps: Vec<AppId>,
    /// First byte of the condition.
    pub(crate) end: usize,
}

/// Reads the words before a condition; nothing where there are none.
pub(crate) fn prefix(
    file: FileId,
    text: &str,
    catalog: &Catalog,
) -> Result<Option<Prefix>, Box<Diagnostic>> {
    let mut words = Words { text, at: 0 };
    let kind = match words.next() {
        Some((_, "users")) => SubjectKind::User,
        Some((_, "accounts")) => SubjectKind::Account,
        Some((_, "grants")) => SubjectKind::Grant,
        Some(_) | None => return Ok(None),
    };
    let expected = |at: usize, word: &str, what: &str, help: &str| {
        let span = Span::new(file, at, at + word.len());
        let finding =
            Diagnostic::error(Code::Syntax, span, format!("{what} is expected"))
                .label(if word.is_empty() { "the end" } else { "this" })
                .help(help);
        Box::new(finding)
    };
    let where_help =
        "write `users where …`, `accounts in app NAME where …`, or `grants where …`";
    let mut apps = Vec::new();
    let (mut at, mut word) = words.word();
    if word == "in" && kind != SubjectKind::User {
        (at, word) = words.word();
        if !matches!(word, "app" | "apps") {
            return Err(expected(at, word, "`app`", where_help));
        }
        let listed = words.take_if("(");
        loop {
            (at, word) = words.word();
            if word.is_empty() || "(),".contains(word) {
                return Err(expected(at, word, "the name of an app", where_help));
            }
            apps.extend(apps_named(catalog, word, Span::new(file, at, at + word.len()))?);
            if !(listed && words.take_if(",")) {
                break;
            }
        }
        (at, word) = words.word();
        if listed {
            if word != ")" {
                return Err(expected(at, word, "`)`", "close the list of apps"));
            }
            (at, word) = words.word();
        }
    }
    if word != "where" {
        return Err(expected(at, word, "`where`", where_help));
    }
    Ok(Some(Prefix { kind, apps, end: words.at }))
}

fn apps_named(
    catalog: &Catalog,
    word: &str,
    span: Span,
) -> Result<Vec<AppId>, Box<Diagnostic>> {
    let name = word.trim_matches('"');
    let key = fold(name);
    let found = catalog
        .apps
        .iter()
        .filter(|app| fold(&app.name) == key || fold(&app.label) == key);
    let found: Vec<AppId> = found.map(|app| app.id).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known = catalog
        .apps
        .iter()
        .flat_map(|app| [app.name.as_str(), app.label.as_str()]);
    let unknown =
        Diagnostic::error(Code::UnknownApp, span, format!("no app named `{name}`"))
            .label("not in the store");
    Err(Box::new(match nearest(name, known).first() {
        Some(near) => unknown.help(format!("write `{}`", quoted(near))),
        None => unknown.help("`:names apps` at the prompt (tenure repl) lists them"),
    }))
}

/// Words, quoted names and signs, one after the other.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    /// The next one and where it stands; the end of the text is an empty one.
    fn word(&mut self) -> (usize, &'a str) {
        self.next().unwrap_or((self.text.trim_end().len(), ""))
    }

    fn take_if(&mut self, wanted: &str) -> bool {
        let before = self.at;
        let found = self.next().is_some_and(|(_, word)| word == wanted);
        if !found {
            self.at = before;
        }
        found
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        let start = self.at + (rest.len() - rest.trim_start().len());
        let rest = self.text.get(start..)?;
        let first = rest.chars().next()?;
        let length = if first == '"' {
            rest.char_indices()
                .skip(1)
                .find(|(_, letter)| *letter == '"')
                .map_or(rest.len(), |(at, _)| at + 1)
        } else if "(),".contains(first) {
            1
        } else {
            let end = |letter: char| letter.is_whitespace() || "(),\"".contains(letter);
            rest.find(end).unwrap_or(rest.len())
        };
        self.at = start + length;
        Some((start, rest.get(..length)?))
    }
}
