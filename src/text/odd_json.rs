//! What is wrong with JSON that holds something else than it should, in words for people.

use crate::text::NotJson;
use crate::text::not_json::place;
use serde_json::Error;
use std::borrow::Cow;

/// Why a text could not be read as the JSON that it should be, and where.
pub fn odd_json(text: &str, error: &Error) -> String {
    if !error.is_data() {
        return NotJson::new(text, error).to_string();
    }
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(&*said, |(said, _)| said);
    let (_, (line, column)) = place(text, error);
    format!("line {line}, column {column}: {}", why(said))
}

/// In our words what the reader says.
fn why(said: &str) -> Cow<'_, str> {
    if let Some(field) = said.strip_prefix("missing field ") {
        return format!("the field {field} is missing").into();
    }
    if let Some(field) = said.strip_prefix("duplicate field ") {
        return format!("the field {field} stands twice").into();
    }
    let variant = said.strip_prefix("unknown variant ");
    if let Some((value, known)) = variant.and_then(|it| it.split_once(", expected ")) {
        let known = known.strip_prefix("one of ").unwrap_or(known);
        return format!("{value} is none of {known}").into();
    }
    // The reader says `invalid type: …`, `invalid value: …` or `invalid length …`.
    let invalid = said.strip_prefix("invalid ");
    if let Some((found, wanted)) = invalid.and_then(|it| it.rsplit_once(", expected ")) {
        return format!("{} should stand here, and not {}", value(wanted), kind(found))
            .into();
    }
    match said.starts_with("data did not match") {
        true => "something else should stand here".into(),
        false => said.into(),
    }
}

/// What should stand somewhere.
fn value(wanted: &str) -> &str {
    match wanted {
        "a string" => "a text in double quotes",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list in `[` and `]`",
        "u64" => "a whole number from 0 on",
        wanted if wanted.starts_with("struct ") => "an object in `{` and `}`",
        other => other,
    }
}

/// What stands there; what a text says is not repeated.
fn kind(found: &str) -> &str {
    let found = found.split_once(": ").map_or(found, |(_, found)| found);
    match found {
        "map" => "an object",
        "sequence" => "a list",
        "null" => "`null`",
        found if found.starts_with("length") => "a list",
        found if found.starts_with("string") => "a text",
        found => found.split_once(' ').map_or(found, |(_, value)| value),
    }
}
