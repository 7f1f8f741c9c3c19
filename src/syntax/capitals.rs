//! Keywords with capital letters.
//!
//! Keywords are lower case, and names may look as they like: a word counts as a keyword
//! with capitals only where the text cannot be read with them.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::scan::{Piece, Token, next};
use crate::syntax::words::is_word_of_language;
use crate::text::{FileId, Span};

/// Words tried in one item.
const MOST_WORDS: usize = 24;
/// Bytes read again, for all of a file.
const MOST_BYTES: usize = 1 << 19;

/// What is wrong with a text, and where: less is better.
pub(super) type Faults = Vec<(Code, Span)>;

/// The text with such words in lower case, at the same offsets, and where they are; `None`
/// where that would not help.
pub(super) fn mend(
    text: &str,
    pieces: &[Piece<'_>],
    faults: &Faults,
    read: impl Fn(&str) -> Faults,
) -> Option<(String, Vec<usize>)> {
    let mut out = text.to_owned();
    let (mut places, mut left) = (Vec::new(), MOST_BYTES);
    for piece in pieces {
        let range = piece.start..piece.end;
        if !faults.iter().any(|(_, span)| range.contains(&(span.start as usize))) {
            continue;
        }
        let Some(inner) = text.get(range) else { continue };
        let words = candidates(inner);
        let cost = inner.len().saturating_mul(words.len() + 2);
        if words.is_empty() || words.len() > MOST_WORDS || cost > left {
            continue;
        }
        left -= cost;
        let Some((mended, lowered)) = mend_piece(inner, &words, &read) else { continue };
        out.replace_range(piece.start..piece.end, &mended);
        places.extend(lowered.into_iter().map(|at| piece.start + at));
    }
    (!places.is_empty()).then_some((out, places))
}

/// The finding for a word at a place.
pub(super) fn finding(file: FileId, text: &str, at: usize) -> Option<Diagnostic> {
    let (_, length) = next(text, at)?;
    let span = Span::new(file, at, at + length);
    let written = text.get(at..at + length)?;
    let right = written.to_ascii_lowercase();
    let message = format!("`{written}` is written `{right}`");
    Some(
        Diagnostic::error(Code::CapitalLetters, span, message)
            .label("keywords are lower case")
            .help(format!("write `{right}`"))
            .fix(span, right),
    )
}

/// All words in lower case, but for those that were no trouble as they stood.
fn mend_piece(
    text: &str,
    words: &[usize],
    read: &impl Fn(&str) -> Faults,
) -> Option<(String, Vec<usize>)> {
    let before = read(text);
    let mut lowered: Vec<usize> = words.to_vec();
    let mut mended = lower(text, &lowered);
    let mut faults = read(&mended);
    for word in words {
        let without: Vec<usize> =
            lowered.iter().copied().filter(|at| at != word).collect();
        let other = lower(text, &without);
        let found = read(&other);
        if found.len() < faults.len() || found == faults {
            (lowered, mended, faults) = (without, other, found);
        }
    }
    (!lowered.is_empty() && faults.len() <= before.len()).then_some((mended, lowered))
}

fn lower(text: &str, words: &[usize]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for at in words {
        let Some((_, length)) = next(text, *at) else { continue };
        out.push_str(text.get(done..*at).unwrap_or_default());
        out.push_str(
            &text.get(*at..at + length).unwrap_or_default().to_ascii_lowercase(),
        );
        done = at + length;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Where words stand that are keywords but for their capitals.
fn candidates(text: &str) -> Vec<usize> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some((token, length)) = next(text, at) {
        let word = text.get(at..at + length).unwrap_or_default();
        if token == Token::Word
            && word.contains(|letter: char| letter.is_ascii_uppercase())
            && is_word_of_language(&word.to_ascii_lowercase())
        {
            found.push(at);
        }
        at += length;
    }
    found
}
