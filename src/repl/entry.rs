//! What an entry is, and where it ends.

use crate::syntax;

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// Blanks and comments.
    Nothing,
    /// What follows the colon.
    Command(&'a str),
    /// Policies and what they refer to.
    Items,
    /// A condition, with or without words before it on whom it is about.
    Condition,
}

/// Words that start items and no condition, each with a word that its item holds when it
/// is whole.
const ITEMS: &[(&str, &str)] = &[
    ("policy", "then"),
    ("when", "then"),
    ("define", "as"),
    ("webhook", "url"),
    ("template", "body"),
    ("edition", ""),
    ("app", ""),
    ("attribute", ""),
    ("flow", "call"),
    ("test", "expect"),
    ("group", "in"),
    ("never", "when"),
    ("lifecycle", "is"),
];

/// What a whole text is.
pub(super) fn classify(text: &str) -> Entry<'_> {
    let trimmed = text.trim();
    if let Some(command) = trimmed.strip_prefix(':') {
        return Entry::Command(command);
    }
    let said = lines_that_say(trimmed).next();
    match said {
        None => Entry::Nothing,
        Some(line) if item(line).is_some() => Entry::Items,
        Some(_) => Entry::Condition,
    }
}

/// Whether a text must go on.
pub(super) fn is_open(text: &str) -> bool {
    if text.trim_start().starts_with(':') {
        return false;
    }
    if syntax::is_incomplete(text) {
        return true;
    }
    let last = lines_that_say(text).filter_map(item).last();
    last.is_some_and(|word| {
        !word.is_empty() && !words(behind_items(text)).any(|it| it == word)
    })
}

/// Whether a text may go on, at a prompt where nobody knows yet: items of several lines end
/// with an empty one.
pub(super) fn may_go_on(text: &str) -> bool {
    is_open(text) || (text.trim_end().contains('\n') && classify(text) == Entry::Items)
}

/// Whether a text stands in a block of text, where an empty line is one like others.
pub(super) fn in_block(text: &str) -> bool {
    text.matches("\"\"\"").count() % 2 == 1
}

/// Whether a line belongs to what stands before it.
pub(super) fn continues(line: &str) -> bool {
    line.starts_with([' ', '\t']) && !line.trim().is_empty()
}

fn lines_that_say(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    })
}

/// The word that the item started by a line holds when it is whole.
fn item(line: &str) -> Option<&'static str> {
    let mut said = words(line);
    let first = said.next()?;
    let found = ITEMS.iter().find(|(start, _)| *start == first)?;
    let second = said.next();
    let asks = match first {
        "never" => second == Some("active"),
        "lifecycle" => {
            let rest = line.trim_start().strip_prefix(first).unwrap_or_default();
            let sign = rest.trim_start().starts_with(['=', '!', '<', '>', '.', '~']);
            sign || matches!(second, Some("is" | "in" | "matches"))
        }
        _ => false,
    };
    (!asks && !line.starts_with([' ', '\t'])).then_some(found.1)
}

/// The text from the line that starts its last item.
fn behind_items(text: &str) -> &str {
    let mut at = 0;
    let mut last = 0;
    for line in text.split_inclusive('\n') {
        if item(line).is_some() {
            last = at;
        }
        at += line.len();
    }
    text.get(last..).unwrap_or_default()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || "_-".contains(letter)))
        .filter(|word| !word.is_empty())
}
