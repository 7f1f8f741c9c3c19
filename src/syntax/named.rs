//! The names that a text may refer to, without asking what it means.

use crate::syntax::build::escapes;
use crate::syntax::scan::{Token, is_word, next};
use crate::text::fold;
use std::collections::BTreeSet;

/// Every name that stands in a text, folded, bare or in quotes, and every word within quotes:
/// more than what it refers to, never less.
pub fn names_in(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut bare = String::new();
    let mut at = 0;
    while let Some((token, length)) = next(text, at) {
        let written = text.get(at..at + length).unwrap_or_default();
        at += length;
        // A mark on a letter is a sign of its own to the scanner, and part of the name.
        if token == Token::Word || token == Token::Other && !written.is_ascii() {
            bare.push_str(written);
            continue;
        }
        names.insert(fold(&std::mem::take(&mut bare)));
        if token == Token::Text {
            let (said, _) = escapes(written);
            names.extend(said.split(|letter| !is_word(letter)).map(fold));
            names.insert(fold(&said));
        }
    }
    names.insert(fold(&bare));
    names.remove("");
    names
}
