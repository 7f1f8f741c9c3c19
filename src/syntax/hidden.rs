//! What a file holds that people do not see as it is: unreadable bytes, conflicts that were
//! left in, and characters that hide or turn what stands beside them.

use crate::diagnose::{Code, Diagnostic};
use crate::text::{FileId, Span, is_bidi, is_invisible};
use unicode_normalization::char::is_combining_mark;

const LARGEST: usize = 16 << 20;

/// What makes a file unreadable as a whole.
pub(super) fn refuse(file: FileId, text: &str) -> Option<Diagnostic> {
    if text.len() > LARGEST {
        let message =
            format!("the file has {} bytes, and 16 MiB is the most", text.len());
        return Some(
            Diagnostic::error(Code::FileTooLarge, Span::new(file, 0, 0), message)
                .help("split it: all files of one call are one project"),
        );
    }
    if let Some(at) = text.find('\0') {
        let span = Span::new(file, at, at + 1);
        return Some(
            Diagnostic::error(Code::NulCharacter, span, "the file holds a NUL character")
                .label("not text")
                .help("save the file as UTF-8"),
        );
    }
    // Bytes that were no text have become this character where the file was read.
    if let Some(at) = text.find('\u{fffd}') {
        let span = Span::new(file, at, at + '\u{fffd}'.len_utf8());
        let message = "the file holds bytes that are no UTF-8";
        return Some(
            Diagnostic::error(Code::NotUtf8, span, message)
                .label("not readable")
                .help("save the file as UTF-8, and write anew what was lost here"),
        );
    }
    if let Some((at, length)) = line_end(text) {
        let span = Span::new(file, at, at + length);
        let message = "a line ends here for some programs, and goes on for others";
        return Some(
            Diagnostic::error(Code::LineEnd, span, message)
                .label("neither a line feed nor a carriage return with one")
                .help("save the file with the line ends of Unix or Windows"),
        );
    }
    let marker = |line: &str| {
        ["<<<<<<<", ">>>>>>>"].iter().any(|marker| {
            line.strip_prefix(marker)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r']))
        })
    };
    let mut at = 0;
    for line in text.split('\n') {
        if marker(line) {
            let span = Span::new(file, at, at + 7);
            let message = "the file holds an unresolved merge conflict";
            return Some(
                Diagnostic::error(Code::MergeConflict, span, message)
                    .label("a conflict marker")
                    .help("decide for one side and delete the lines with the markers"),
            );
        }
        at += line.len() + 1;
    }
    None
}

/// The first line end that is one for editors only: behind it a comment would go on.
fn line_end(text: &str) -> Option<(usize, usize)> {
    let all = ['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut ends = text.match_indices(all);
    let odd = |(at, end): &(usize, &str)| {
        *end != "\r" || !text.get(at + 1..).unwrap_or_default().starts_with('\n')
    };
    ends.find(odd).map(|(at, end)| (at, end.len()))
}

/// Whether there is anything to look for.
pub(super) fn any(text: &str) -> bool {
    text.contains(is_hidden)
}

/// Whether a character says how the sign before it is drawn.
fn is_style(letter: char) -> bool {
    matches!(letter, '\u{fe0e}' | '\u{fe0f}')
}

/// Where the first character stands that nobody sees. One that chooses a style is seen by
/// what it does to an emoji, and by nothing behind a letter.
fn first(word: &str) -> Option<usize> {
    let mut before = '"';
    for (at, letter) in word.char_indices() {
        let of_letter =
            before.is_ascii() || before.is_alphanumeric() || is_combining_mark(before);
        let stray = is_style(letter) && of_letter;
        if stray || is_bidi(letter) || is_invisible(letter) {
            return Some(at);
        }
        before = letter;
    }
    None
}

fn is_hidden(letter: char) -> bool {
    is_bidi(letter) || is_invisible(letter) || is_style(letter)
}

/// In comments people may write what they like, but not make the line read otherwise.
pub(super) fn in_comment(file: FileId, at: usize, comment: &str) -> Option<Diagnostic> {
    let place = comment.find(is_bidi)?;
    let finding = found(file, at, comment, place)?;
    let (span, without) = rest(file, at, comment, place);
    // Who wrote it meant the comment to be seen otherwise than it is read.
    Some(finding.help("take it out").maybe(span, without))
}

/// In texts and everywhere else.
pub(super) fn in_word(file: FileId, at: usize, word: &str) -> Option<Diagnostic> {
    let place = first(word)?;
    let finding = found(file, at, word, place)?;
    let (span, without) = rest(file, at, word, place);
    if !word.starts_with('"') || word.starts_with("\"\"\"") {
        return Some(finding.help("take it out").maybe(span, without));
    }
    let mut spelled = String::new();
    for letter in word.get(place..).unwrap_or_default().chars() {
        if is_hidden(letter) {
            spelled.push_str(&format!("\\u{{{:X}}}", u32::from(letter)));
        } else {
            spelled.push(letter);
        }
    }
    let help = "take it out, or write it as an escape, so that it is seen";
    Some(finding.help(help).maybe(span, without).maybe(span, spelled))
}

fn found(file: FileId, at: usize, word: &str, place: usize) -> Option<Diagnostic> {
    let letter = word.get(place..)?.chars().next()?;
    let span = Span::new(file, at + place, at + place + letter.len_utf8());
    let (code, message) = if is_bidi(letter) {
        let message =
            "a character turns the direction in which the text behind it is shown";
        (Code::BidiControl, message)
    } else {
        (Code::InvisibleCharacter, "a character that nobody sees stands here")
    };
    let label = format!("U+{:04X}", u32::from(letter));
    Some(Diagnostic::error(code, span, message).label(label))
}

/// The rest of a word from a place on, and the same without what is hidden in it.
fn rest(file: FileId, at: usize, word: &str, place: usize) -> (Span, String) {
    let seen = word.get(place..).unwrap_or_default().chars();
    let without = seen.filter(|letter| !is_hidden(*letter));
    (Span::new(file, at + place, at + word.len()), without.collect())
}
