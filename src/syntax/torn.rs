//! Texts whose quotes do not fit: what stands behind the first of them may be text.
//!
//! Nothing there is certain, up to the end of its item: an edit could change what people
//! are told.

use crate::diagnose::{Diagnostic, Severity};
use crate::syntax::scan::{Piece, Token, is_word, next};
use std::ops::Range;

/// Takes the certainty from edits of what may be text; foreign signs in it go without a word
/// where something else is refused there.
pub(super) fn doubt(
    text: &str,
    plain: &str,
    pieces: &[Piece<'_>],
    findings: &mut [Diagnostic],
    signs: &mut Vec<Diagnostic>,
) {
    for torn in stretches(text, plain, pieces) {
        let inside = |it: &Diagnostic| torn.contains(&(it.span.start as usize));
        let refused =
            findings.iter().any(|it| it.severity == Severity::Error && inside(it));
        signs.retain(|it| !(refused && inside(it)));
        for finding in findings.iter_mut().chain(signs.iter_mut()) {
            for fix in &mut finding.fixes {
                fix.certain &= (fix.span.end as usize) <= torn.start
                    || fix.span.start as usize >= torn.end;
            }
        }
    }
}

/// From each quote that does not fit to the end of its item; to the end of the item that has
/// its partner, where a line of the text looks like an item.
fn stretches(text: &str, plain: &str, pieces: &[Piece<'_>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if found.last().is_some_and(|before| piece.start < before.end) {
            continue;
        }
        let tears = tears(plain, piece);
        let Some((first, block)) = tears.first().copied() else { continue };
        let mut end = if block { plain.len() } else { piece.end };
        if tears.len() % 2 == 1 {
            let mut behind = pieces.iter().skip(at + 1);
            let partner = behind.find(|it| !self::tears(text, it).is_empty());
            end = partner.map_or(end, |it| end.max(it.end));
        }
        found.push(first..end);
    }
    found
}

/// Where the quotes of an item stand that do not fit, and whether three of them do.
fn tears(text: &str, piece: &Piece<'_>) -> Vec<(usize, bool)> {
    let (mut tears, mut at) = (Vec::new(), piece.start);
    let quote = |letter: char| "\"'‘’“”„«»".contains(letter);
    while let Some((token, length)) = next(text, at).filter(|_| at < piece.end) {
        let before = text.get(..at).unwrap_or_default().ends_with(is_word);
        let behind = text.get(at + length..).unwrap_or_default();
        let torn = match token {
            Token::UnclosedText | Token::UnclosedBlock => true,
            // `"he said "no""` are two texts, and `'it's` is none.
            Token::Text => {
                before || behind.starts_with(is_word) || behind.starts_with(quote)
            }
            // `user's` has no text in it.
            Token::Other => {
                text.get(at..).unwrap_or_default().starts_with(quote)
                    && !(before && behind.starts_with(is_word))
            }
            _ => false,
        };
        if torn {
            tears.push((at, token == Token::UnclosedBlock));
        }
        at += length;
    }
    tears
}
