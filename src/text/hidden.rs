//! Characters that nobody sees, and that make a text read otherwise than it is.

use std::borrow::Cow;

/// Whether a character turns the direction in which the text around it is shown.
pub fn is_bidi(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character leaves no trace, or speaks to terminals: two texts that differ in it
/// look the same. Those that join letters belong to some scripts, and are none of them.
pub fn is_invisible(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => false,
        '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => true,
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
            _ => '\u{fffd}',
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

fn is_hidden(letter: char) -> bool {
    is_bidi(letter) || is_invisible(letter)
}
