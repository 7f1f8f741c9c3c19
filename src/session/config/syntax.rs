//! What is wrong with a file that is no TOML, in words for people. Nothing of it is quoted but
//! names: what stands elsewhere may be a secret that should not be there.

use crate::session::config::table::Wrong;
use toml::de::Error;

/// What to write where nothing more is known.
const FORM: &str = "write `KEY = VALUE` on a line of its own, texts in double quotes, and \
                    sections as `[NAME]`";

/// How the parser's words begin, what they mean, and what to write; `KEY` in it is the key
/// that stands before.
const WORDS: &[(&str, &str, &str)] = &[
    ("invalid boolean", "this is no value", "write `KEY = true` or `KEY = false`"),
    (
        "string values must be quoted",
        "this is neither a number nor a text in quotes",
        "write `KEY = \"…\"`",
    ),
    ("key with no value", "a `=` is missing behind the key", "write `KEY = VALUE`"),
    (
        "unexpected key or value",
        "something follows behind the value",
        "write each key on a line of its own; `#` begins a remark",
    ),
    ("unclosed table", "the `]` behind a section's name is missing", "write `[NAME]`"),
    (
        "unclosed array table",
        "the `]` behind a section's name is missing",
        "write `[NAME]`",
    ),
    (
        "unclosed array",
        "the `]` behind a list is missing",
        "write `KEY = [\"…\", \"…\"]`",
    ),
    (
        "unclosed inline table",
        "the `}` behind a section in one line is missing",
        "write the section as `[NAME]`, and each key on a line below",
    ),
    ("unquoted keys cannot be empty", "a name is missing here", FORM),
    ("missing key for inline table element", "a name is missing here", FORM),
    (
        "invalid unquoted key",
        "a name with other signs than letters, digits, `-` and `_` stands in quotes",
        "write `\"olga@acme.example\" = …`",
    ),
];

/// What is meant where these words stand anywhere in the parser's.
const HINTS: &[(&[&str], &str, &str)] = &[
    (
        &["escape", "unicode"],
        "a backslash in double quotes means something else",
        "write `\\\\` for it, or the text in single quotes",
    ),
    (&["comma"], "a comma too few or too many", "write one comma between two values"),
    (
        &["date", "time"],
        "this is neither a date nor a text in quotes",
        "write `KEY = \"2026-12-25\"`",
    ),
    (
        &[
            "number", "fraction", "exponent", "integer", "float", "zero", "sign",
            "radix", "`_`",
        ],
        "this is no number",
        "a text stands in quotes: `KEY = \"…\"`; a number is digits alone: `50`",
    ),
    (
        &["string", "comment", "carriage return"],
        "a sign that nobody sees stands here",
        "take it out; lines end with a line break",
    ),
];

/// Where the trouble begins, and what it is.
pub(crate) fn wrong(source: &str, error: &Error) -> (usize, Wrong) {
    let at = error.span().unwrap_or_default().start.min(source.len());
    let (before, behind) = source.split_at_checked(at).unwrap_or((source, ""));
    let behind = behind.lines().next().unwrap_or_default().trim();
    let said = error.message();
    let (what, expected) = said.split_once(", expected ").unwrap_or((said, ""));
    let (message, help) = match what {
        "duplicate key" => duplicate(behind),
        "string values must be quoted"
            if behind.is_empty() || behind.starts_with('#') =>
        {
            ("nothing stands behind the `=`".to_owned(), "write `KEY = \"…\"`")
        }
        "key with no value" if behind.is_empty() => (
            "a key without a value".to_owned(),
            "write `NAME = VALUE`; a section is `[NAME]`",
        ),
        _ if what.contains("string") && quote(expected) => (
            "the quote behind a text is missing".to_owned(),
            "write `KEY = \"…\"`, in one line",
        ),
        _ => {
            let exact = WORDS.iter().find(|(theirs, ..)| *theirs == what);
            let exact = exact.map(|(_, message, help)| (*message, *help));
            let hint = || {
                let fits = |words: &[&str]| words.iter().any(|word| what.contains(word));
                let hint = HINTS.iter().find(|(words, ..)| fits(words));
                hint.map(|(_, message, help)| (*message, *help))
            };
            let (message, help) =
                exact.or_else(hint).unwrap_or(("this is no TOML", FORM));
            (message.to_owned(), help)
        }
    };
    let key = before.lines().last().and_then(|line| line.split_once('='));
    let key = key.map(|(key, _)| key.trim()).filter(|key| bare(key));
    (at, Wrong::new(message).help(help.replace("KEY", key.unwrap_or("KEY"))))
}

/// A name that stands there already, or a section.
fn duplicate(behind: &str) -> (String, &'static str) {
    let name = behind.split(['=', ']', '.']).next().unwrap_or_default().trim();
    let name = if bare(name) { format!("`{name}`") } else { "this name".to_owned() };
    let help = match behind.contains(']') && !behind.contains('=') {
        true => "write what belongs to it in one section",
        false => "leave one of them",
    };
    (format!("{name} is there already"), help)
}

/// Whether a quote is expected, and so missing.
fn quote(expected: &str) -> bool {
    expected.starts_with("`\"") || expected.starts_with("`'")
}

/// Whether it is a name that needs no quotes.
fn bare(name: &str) -> bool {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || "-_.".contains(sign);
    !name.is_empty() && name.chars().all(fits)
}
