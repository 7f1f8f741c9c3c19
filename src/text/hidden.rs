//! Characters that nobody sees, and that make a text read otherwise than it is.

use std::borrow::Cow;

/// Whether a character turns the direction in which the text around it is shown.
pub fn is_bidi(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character leaves no trace, or speaks to terminals: two texts that differ in it
/// look the same. They are Unicode's default ignorable code points; of these, U+200C and
/// U+200D join letters in some scripts, U+FE0E and U+FE0F choose how a sign is drawn, and
/// are let be.
pub fn is_invisible(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => false,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' => true,
        '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' => true,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}'..='\u{2065}' => true,
        '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' => true,
        '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' => true,
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        '\u{e0000}'..='\u{e0fff}' => true,
        letter => letter.is_control(),
    }
}

/// The same text with every such character made visible, and lone carriage returns with
/// them, each in as many bytes as before, so that places in it stay what they are.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(|letter| letter == '\r' || is_hidden(letter)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let lone = letter == '\r' && letters.peek() != Some(&'\n');
        out.push(match letter.len_utf8() {
            _ if !lone && !is_hidden(letter) => letter,
            1 => '?',
            2 => '¿',
            3 => '\u{fffd}',
            _ => '\u{1fbc4}',
        });
    }
    Cow::Owned(out)
}

/// The same text with every such character as its number: `\u{202e}`.
pub fn spelled_out(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hidden(letter) {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// The same text in one line, every such character as its number: what ends a line, and what a
/// terminal moves on for, is a space.
pub fn one_line(text: &str) -> Cow<'_, str> {
    let breaks =
        |letter: char| matches!(letter, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    if !text.contains(breaks) {
        return spelled_out(text);
    }
    let spaced = text.replace("\r\n", "\n").replace(breaks, " ");
    Cow::Owned(spelled_out(&spaced).into_owned())
}

/// Lines below each other, of which each is one, whatever it holds.
pub fn lines(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| one_line(line)).collect();
    lines.join("\n")
}

fn is_hidden(letter: char) -> bool {
    is_bidi(letter) || is_invisible(letter)
}
