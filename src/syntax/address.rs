//! The addresses of people in a file: those that conditions and steps name.

use crate::syntax::scan::{self, Token};
use crate::text::{FileId, Sources, Span, Spanned};
use std::ops::Range;

/// The items that speak of people of the store. A test holds only what it says itself, and
/// what stands in webhooks, flows and templates is sent as it is.
const ITEMS: [&str; 4] = ["policy", "when", "define", "never"];

/// An address in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub written: Spanned<String>,
    /// Whether something is compared with it; else somebody is to be asked or told there.
    pub compared: bool,
}

/// Every address that is written bare, and every text that something is compared with and
/// that is nothing but an address. Some may stand in stretches that cannot be read.
pub fn addresses(sources: &Sources, file: FileId) -> Vec<Address> {
    let text = sources.get(file).map_or("", |source| source.text.as_str());
    if !text.contains('@') {
        return Vec::new();
    }
    let (items, _) = scan::scan(file, text);
    let items = items.iter().filter(|item| ITEMS.contains(&item.keyword));
    let mut found = Vec::new();
    for item in items {
        for (range, compared) in within(text, item.start..item.end) {
            let address = text.get(range.clone()).unwrap_or_default();
            let span = Span::new(file, range.start, range.end);
            let written = Spanned::new(address.to_owned(), span);
            found.push(Address { written, compared });
        }
    }
    found
}

fn within(text: &str, item: Range<usize>) -> Vec<(Range<usize>, bool)> {
    let mut found = Vec::new();
    // What stands without blanks around the present place.
    let mut run: Option<Range<usize>> = None;
    // The last sign or word, and whether a list of values is open.
    let (mut last, mut list) = ("", false);
    let mut at = item.start;
    while let Some((token, length)) = scan::next(text, at).filter(|_| at < item.end) {
        let here = at..at + length;
        let word = text.get(here.clone()).unwrap_or_default();
        at += length;
        let part = match token {
            Token::Word => true,
            Token::Other => matches!(word, "." | "+" | "%" | "@"),
            _ => false,
        };
        if part {
            let start = run.as_ref().map_or(here.start, |run| run.start);
            run = Some(start..here.end);
            continue;
        }
        if let Some(run) = run.take() {
            let whole = text.get(run.clone()).unwrap_or_default();
            if is_address(whole) {
                found.push((run, list || last == "="));
            }
            last = whole;
        }
        match token {
            Token::Open => list = last == "in",
            Token::Close => list = false,
            Token::Text if list || last == "=" => {
                let inner = here.start + 1..here.end - 1;
                if text.get(inner.clone()).is_some_and(may_be_address) {
                    found.push((inner, true));
                }
            }
            _ => {}
        }
        if !matches!(token, Token::Blank | Token::Newline) {
            last = word;
        }
    }
    if let Some(run) = run.filter(|run| text.get(run.clone()).is_some_and(is_address)) {
        found.push((run, list || last == "="));
    }
    found
}

/// Whether a text may be an e-mail address at all: it may be one of a kind that is not written
/// bare.
pub(crate) fn may_be_address(text: &str) -> bool {
    let apart = |letter: char| letter.is_whitespace() || letter.is_control();
    !text.contains(apart)
        && text
            .split_once('@')
            .is_some_and(|(person, host)| !person.is_empty() && !host.is_empty())
}

fn is_address(text: &str) -> bool {
    let Some((person, host)) = text.split_once('@') else { return false };
    let letter = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    !person.is_empty()
        && person.chars().all(|it| letter(it) || ".+%".contains(it))
        && host
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(letter))
}
