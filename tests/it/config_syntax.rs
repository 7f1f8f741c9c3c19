//! `tenure.toml` that is no TOML: each mistake says what was found and what to write.

use std::path::Path;
use tenure::session::config::Config;

const FORM: &str = "write `KEY = VALUE` on a line of its own, texts in double quotes, and \
                    sections as `[NAME]`";

/// A file, the line and column, what is said of it, and what to write.
const WRONG: &[(&str, (u32, u32), &str, &str)] = &[
    ("zone = ", (1, 8), "nothing stands behind the `=`", "write `zone = \"…\"`"),
    ("zone = # Oslo", (1, 8), "nothing stands behind the `=`", "write `zone = \"…\"`"),
    ("zone \"UTC\"", (1, 6), "a `=` is missing behind the key", "write `KEY = VALUE`"),
    ("zone: \"UTC\"", (1, 7), "a `=` is missing behind the key", "write `KEY = VALUE`"),
    (
        "# remark\nzone",
        (2, 5),
        "a key without a value",
        "write `NAME = VALUE`; a section is `[NAME]`",
    ),
    (
        "zone = Europe/Oslo",
        (1, 8),
        "this is neither a number nor a text in quotes",
        "write `zone = \"…\"`",
    ),
    (
        "[server]\nproxy = True",
        (2, 9),
        "this is no value",
        "write `proxy = true` or `proxy = false`",
    ),
    (
        "zone = \"UTC\nadmin = \"x\"",
        (1, 12),
        "the quote behind a text is missing",
        "write `zone = \"…\"`, in one line",
    ),
    (
        "zone = 'UTC",
        (1, 12),
        "the quote behind a text is missing",
        "write `zone = \"…\"`, in one line",
    ),
    (
        "[store\npath = \"x\"",
        (1, 7),
        "the `]` behind a section's name is missing",
        "write `[NAME]`",
    ),
    (
        "[hosts]\nallow = [\"a:1\"",
        (2, 15),
        "the `]` behind a list is missing",
        "write `allow = [\"…\", \"…\"]`",
    ),
    (
        "[hosts]\nallow = [\"a:1\" \"b:2\"]",
        (2, 16),
        "a comma too few or too many",
        "write one comma between two values",
    ),
    (
        "limits = { store = 5",
        (1, 21),
        "the `}` behind a section in one line is missing",
        "write the section as `[NAME]`, and each key on a line below",
    ),
    (
        "zone = \"UTC\"\nzone = \"UTC\"",
        (2, 1),
        "`zone` is there already",
        "leave one of them",
    ),
    (
        "[store]\n[smtp]\n[store]",
        (3, 2),
        "`store` is there already",
        "write what belongs to it in one section",
    ),
    (
        "zone = \"UTC\" edition = 1",
        (1, 14),
        "something follows behind the value",
        "write each key on a line of its own; `#` begins a remark",
    ),
    (
        "[notify.people]\nolga@acme.example = \"ops\"",
        (2, 5),
        "a name with other signs than letters, digits, `-` and `_` stands in quotes",
        "write `\"olga@acme.example\" = …`",
    ),
    ("= 3", (1, 1), "a name is missing here", FORM),
    ("[]", (1, 2), "a name is missing here", FORM),
    (
        "[store]\npath = \"C:\\data\\q\"",
        (2, 12),
        "a backslash in double quotes means something else",
        "write `\\\\` for it, or the text in single quotes",
    ),
    (
        "[calendar]\nholidays = 2026-13-01",
        (2, 12),
        "this is neither a date nor a text in quotes",
        "write `holidays = \"2026-12-25\"`",
    ),
    (
        "[server]\nlisten = 127.0.0.1:7080",
        (2, 15),
        "this is no number",
        "a text stands in quotes: `listen = \"…\"`; a number is digits alone: `50`",
    ),
    (
        "# \u{1}",
        (1, 3),
        "a sign that nobody sees stands here",
        "take it out; lines end with a line break",
    ),
    ("{\"zone\": \"UTC\"}", (1, 1), "this is no TOML", FORM),
];

#[test]
fn what_is_no_toml_is_said_in_our_words() {
    let mut others = Vec::new();
    for (text, place, message, help) in WRONG {
        let found = Config::parse(text, Path::new("")).unwrap_err();
        let first = &found[0];
        let at = (first.position.line, first.position.column);
        let said = (at, first.message.as_str(), first.help.as_deref());
        if said != (*place, *message, Some(*help)) {
            others.push(format!("{text:?}: {said:?}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}
