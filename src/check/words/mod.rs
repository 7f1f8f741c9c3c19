//! Source words as plans and trails quote them.

/// The words of a text with single blanks between them, comments left out; what stands in
/// quotes keeps its own blanks.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped, mut comment) = (false, false, false);
    for letter in text.chars() {
        if comment {
            comment = letter != '\n';
            continue;
        }
        if quoted {
            quoted = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            out.push(letter);
            continue;
        }
        match letter {
            '#' => comment = true,
            letter if letter.is_whitespace() => {
                if !out.ends_with([' ', '(']) && !out.is_empty() {
                    out.push(' ');
                }
            }
            letter => {
                if matches!(letter, ')' | ',') && out.ends_with(' ') {
                    out.pop();
                }
                quoted = letter == '"';
                out.push(letter);
            }
        }
    }
    while out.ends_with(' ') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests;
