//! What templates can do with values: the filters behind `|`.

use crate::time::Timestamp;
use chrono_tz::Tz;
use minijinja::{Environment, State, UndefinedBehavior, Value};

/// What templates are rendered with.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // Names are checked when the policy is; a fact that is missing reads as nothing.
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(100_000));
    environment.add_filter("default", |value: Value, other: String| {
        let missing =
            value.is_undefined() || value.is_none() || value.as_str() == Some("");
        if missing { other.into() } else { value }
    });
    environment.add_filter("date", |state: &State<'_, '_>, at: Value| {
        match local(state, &at) {
            Some((at, zone)) => at.date_in(zone),
            None => head(&at, 10),
        }
    });
    let datetime = |state: &State<'_, '_>, at: Value| match local(state, &at) {
        Some((at, zone)) => at.to_the_minute_in(zone),
        None => head(&at, 16).replace('T', " "),
    };
    environment.add_filter("datetime", datetime);
    environment
}

/// The name of the zone among the values: no template can name it.
pub(super) const ZONE: &str = " zone";

/// An instant, and the zone that it is shown in; nothing of what is none, or is a bare date.
fn local(state: &State<'_, '_>, at: &Value) -> Option<(Timestamp, Tz)> {
    let text = at.as_str().filter(|text| text.contains('T'))?;
    let zone = state.lookup(ZONE);
    let zone = zone.as_ref().and_then(|zone| zone.as_str()?.parse().ok());
    Some((Timestamp::parse(text)?, zone.unwrap_or(Tz::UTC)))
}

/// The first letters of an instant as written; nothing of what is missing.
fn head(at: &Value, length: usize) -> String {
    let text = at.as_str().unwrap_or_default();
    text.get(..length).unwrap_or(text).to_owned()
}
