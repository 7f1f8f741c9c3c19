//! What the fields of an event may hold, said for people where they hold something else.

use crate::text::{NotJson, nearest};
use crate::time::Timestamp;
use serde_json::{Map, Value};

/// The fields that hold a text.
const TEXTS: [&str; 10] = [
    "schema",
    "id",
    "event",
    "subject",
    "by",
    "attribute",
    "group",
    "source",
    "name",
    "path",
];

/// The fields that hold something else.
const OTHERS: [&str; 5] = ["at", "old", "new", "user", "data"];

/// Those without which there is no event.
const NEEDED: [&str; 3] = ["id", "event", "subject"];

/// Those that say more of a request; what it is asked for stands in its path.
const OF_REQUESTS: [&str; 4] = ["id", "subject", "at", "data"];

/// The fields of a document, which is to be one object.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(Value::Array(_)) => {
            Err("it is a list, and no object; each event is told alone".to_owned())
        }
        Ok(other) => Err(format!("it is {}, and no object", said(&other))),
        Err(error) => Err(NotJson::new(text, &error).to_string()),
    }
}

/// Why fields that are all fit are no event.
pub(super) fn twice(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let name = said
        .strip_prefix("duplicate field `")
        .and_then(|it| it.split('`').next());
    name.map_or(said.clone(), |name| format!("`{name}` stands in it twice"))
}

/// What is wrong with the first field that cannot be read, or is not there.
pub(super) fn unfit(fields: &Map<String, Value>) -> Option<String> {
    let missing = || {
        let name = NEEDED.iter().find(|name| !fields.contains_key(**name))?;
        Some(format!("it has no `{name}`"))
    };
    fields
        .iter()
        .find_map(|(name, value)| of_one(name, value))
        .or_else(missing)
}

/// The field of a request that says nothing there.
pub(super) fn strange(fields: &Map<String, Value>) -> Option<String> {
    let name = fields.keys().find(|name| !OF_REQUESTS.contains(&name.as_str()))?;
    Some(format!("`{name}` says nothing of a request; it has {}", list(&OF_REQUESTS)))
}

fn of_one(name: &str, value: &Value) -> Option<String> {
    if TEXTS.contains(&name) {
        let fine = value.is_string() || (value.is_null() && !NEEDED.contains(&name));
        return (!fine).then(|| format!("`{name}` is a text, not {}", said(value)));
    }
    match name {
        "at" => {
            let fine = match value {
                Value::Null => true,
                Value::Number(number) => number.is_i64(),
                Value::String(text) => Timestamp::parse(text).is_some(),
                Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
            };
            let wanted = "is an instant such as \"2026-11-20T12:00:00Z\"";
            (!fine).then(|| format!("`at` {wanted}, not {}", said(value)))
        }
        "user" => {
            let fine = value.is_object() || value.is_null();
            let wanted = "is an object such as {\"department\": \"IT\"}";
            (!fine).then(|| format!("`user` {wanted}, not {}", said(value)))
        }
        name if OTHERS.contains(&name) => None,
        name => {
            let known = || TEXTS.iter().chain(&OTHERS).copied();
            let help = match nearest(name, known()).first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", list(&known().collect::<Vec<_>>())),
            };
            Some(format!("`{name}` is no field of an event; {help}"))
        }
    }
}

/// A value that is short enough to be shown, or its kind.
fn said(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => "that text".to_owned(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {
            value.to_string()
        }
    }
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
