//! Whether something that happened is what a policy listens for, and in which words.

use crate::engine::errors::EngineError;
use crate::engine::hear::gate::same;
use crate::facts::readings;
use crate::ir::{Event, EventKind, GroupRef, Level, Origin, Value};
use crate::store::{EventRow, Store};
use crate::text::fold;

/// The first of these that an event is.
pub(super) fn heard_as<'e>(
    events: &'e [Event],
    happened: &EventRow,
) -> Option<&'e Event> {
    events.iter().find(|event| is(&event.kind, happened))
}

/// Whether it came about in one of these ways; any is meant where none is named.
pub(super) fn is_one_of(origins: &[Origin], by: Option<&str>) -> bool {
    origins.is_empty() || origins.iter().any(|origin| Some(origin.name()) == by)
}

fn is(kind: &EventKind, happened: &EventRow) -> bool {
    let by = happened.origin.as_deref();
    let named = |name: &str| happened.about.as_deref().is_some_and(|it| same(it, name));
    match (kind, happened.kind.as_str()) {
        (EventKind::UserCreated(origins), "user created")
        | (EventKind::UserUpdated(origins), "user updated")
        | (EventKind::MfaUpdated(origins), "mfa updated") => is_one_of(origins, by),
        (EventKind::UserSuspended, "user suspended")
        | (EventKind::AccessRejected, "access rejected")
        | (EventKind::AccessExpired, "access expired") => true,
        (EventKind::Changed { attribute, from, to }, "attribute changed") => {
            let level = match attribute.level {
                Level::User => happened.identity.is_some(),
                Level::Account => happened.account.is_some(),
                Level::Grant => happened.grant.is_some(),
            };
            level
                && !is_so_already(happened)
                && named(attribute.field.name())
                && one_of(from, happened.was.as_deref())
                && one_of(to, happened.becomes.as_deref())
        }
        (EventKind::Joined(groups), "group joined")
        | (EventKind::Left(groups), "group left") => {
            groups.iter().any(|group| Some(group.id.0) == happened.group)
        }
        (EventKind::Named(name), "event") => happened.about.as_deref() == Some(name),
        (EventKind::Request(path), "request") => {
            happened.about.as_deref().is_some_and(|it| same_path(it, path))
        }
        _ => false,
    }
}

/// Whether it tells of a change in how a value is written, which is none.
fn is_so_already(happened: &EventRow) -> bool {
    match (&happened.was, &happened.becomes) {
        (Some(was), Some(becomes)) => fold(was) == fold(becomes),
        _ => false,
    }
}

/// Whether two paths are one; a stroke before or behind is no part of them.
pub(super) fn same_path(one: &str, other: &str) -> bool {
    one.trim_matches('/') == other.trim_matches('/')
}

/// Whether a value on record is one of these; what is missing is none.
pub(super) fn one_of(values: &[Value], text: Option<&str>) -> bool {
    let is = |value: &Value, text: &str| match value {
        Value::Text(value) => fold(value) == fold(text),
        Value::Bool(value) => fold(text) == value.to_string(),
        Value::Number(value) => readings(text).1 == Some(*value),
        Value::Instant(value) => readings(text).0 == Some(*value),
    };
    values.is_empty() || text.is_some_and(|text| values.iter().any(|it| is(it, text)))
}

/// An event as the language writes it.
pub fn event_words(event: &Event) -> String {
    let by = |what: &str, origins: &[Origin]| {
        let names: Vec<&str> = origins.iter().map(|origin| origin.name()).collect();
        match names.as_slice() {
            [] => what.to_owned(),
            [one] => format!("{what} by {one}"),
            _ => format!("{what} by ({})", names.join(", ")),
        }
    };
    let list = |word: &str, values: &[Value]| {
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        match values.as_slice() {
            [] => String::new(),
            [one] => format!(" {word} {one}"),
            _ => format!(" {word} ({})", values.join(", ")),
        }
    };
    let groups = |what: &str, groups: &[GroupRef]| {
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        format!("{what} {}", names.join(", "))
    };
    match &event.kind {
        EventKind::UserCreated(origins) => by("user created", origins),
        EventKind::UserUpdated(origins) => by("user updated", origins),
        EventKind::MfaUpdated(origins) => by("mfa updated", origins),
        EventKind::UserSuspended => "user suspended".to_owned(),
        EventKind::Changed { attribute, from, to } => {
            let name = attribute.field.name();
            format!("{name} changed{}{}", list("from", from), list("to", to))
        }
        EventKind::Joined(of) => groups("group joined", of),
        EventKind::Left(of) => groups("group left", of),
        EventKind::AccessRejected => "access rejected".to_owned(),
        EventKind::AccessExpired => "access expired".to_owned(),
        EventKind::Named(name) => format!("event \"{name}\""),
        EventKind::Request(path) => format!("request \"{path}\""),
    }
}

/// What happened, in the words of the language, and how: for trails and plans.
pub(super) fn words(
    store: &Store,
    happened: &EventRow,
) -> Result<(String, String), EngineError> {
    let about = happened.about.as_deref().unwrap_or_default();
    let condition = match happened.kind.as_str() {
        "attribute changed" => format!("{about} changed"),
        kind @ ("event" | "request") => format!("{kind} \"{about}\""),
        kind @ ("group joined" | "group left") => {
            let group = happened.group.unwrap_or_default();
            let name = store.group_name(group)?.unwrap_or_default();
            format!("{kind} {name}")
        }
        kind => kind.to_owned(),
    };
    let nothing = "nothing";
    let mut value = match happened.kind.as_str() {
        "attribute changed" => format!(
            "{} → {}",
            happened.was.as_deref().unwrap_or(nothing),
            happened.becomes.as_deref().unwrap_or(nothing)
        ),
        _ => format!("event {}", happened.id),
    };
    if let Some(origin) = &happened.origin {
        value = format!("{value}, by {origin}");
    }
    Ok((condition, value))
}
