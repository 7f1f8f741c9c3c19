//! What of an event is news: the order in which things become known does not matter, and what
//! was told is not told again.
//!
//! An import tells what its data says as of an instant. What is older and says otherwise came
//! too late. What the store says already, and an event on record told, is known; where none did,
//! for it came with the first import, those who listen hear of it now.

use crate::catalog::BUILT_IN;
use crate::engine::errors::EngineError;
use crate::engine::hear::message::EventMessage;
use crate::engine::hear::receive::Values;
use crate::engine::tick::Engine;
use crate::facts::{Facts, SubjectId, readings};
use crate::ir::{Attribute, Field, Level, ValueKind};
use crate::store::EventRow;
use crate::text::fold;
use crate::time::Timestamp;

impl Engine<'_> {
    /// Leaves out what was told otherwise as of a later instant. An event of which nothing is
    /// left came too late to start anything, and one that says nothing new starts nothing.
    pub(super) fn latest(
        &self,
        message: &EventMessage,
        values: Values,
        (event, when): (&mut EventRow, (Timestamp, Timestamp)),
    ) -> Result<Values, EngineError> {
        if message.event == "before user created" {
            return Ok(values);
        }
        let store = self.store;
        let subject = fold(&message.subject);
        let about = match (event.identity, event.account) {
            (Some(user), _) => Some(SubjectId::User(user)),
            (_, account) => account.map(SubjectId::Account),
        };
        let facts = match about.filter(|_| !values.is_empty()) {
            Some(about) => store.facts(about)?,
            None => None,
        };
        let level = event.identity.map_or(Level::Account, |_| Level::User);
        let told = store.told_by_import(event, &subject)?;
        let before = told.is_some_and(|told| when.0 < told);
        let (mut left, mut news) = (Vec::new(), false);
        for (field, value) in values {
            let same = facts.as_ref().is_some_and(|facts| {
                says(facts, (level, &field)) == plain(&field, value.as_deref())
            });
            if (same || !before) && store.speak((&subject, &fold(field.name())), when)? {
                news |= !same;
                left.push((field, value));
            }
        }
        let nothing = left.is_empty();
        match message.event.as_str() {
            "user suspended" | "attribute changed" => {
                event.late = nothing;
                event.known = !nothing && !news && store.is_told(event)?;
            }
            "group joined" | "group left" => {
                let joins = message.event == "group joined";
                let same = store.is_member(event)? == joins;
                let group = format!("group {}", event.group.unwrap_or_default());
                event.late =
                    (before && !same) || !store.speak((&subject, &group), when)?;
                event.known = !event.late && same && store.is_told(event)?;
            }
            "user created" if event.known => {
                event.known = !news && store.is_told(event)?;
            }
            _ => {}
        }
        Ok(left)
    }
}

/// What is known of an attribute.
fn says(facts: &Facts, (level, field): (Level, &Field)) -> Option<String> {
    let attribute = Attribute {
        level,
        field: field.clone(),
        kind: kind(level, field),
    };
    let value = facts.value(&attribute)?.to_string();
    plain(field, Some(&value))
}

fn kind(level: Level, field: &Field) -> ValueKind {
    let found = BUILT_IN.iter().find(|(at, known, _)| *at == level && known == field);
    found.map_or(ValueKind::Text, |(.., kind)| *kind)
}

/// A value as values are compared: in whichever cases, and instants in whichever zone.
fn plain(field: &Field, value: Option<&str>) -> Option<String> {
    let value = value?;
    let instant = matches!(
        field,
        Field::CreatedAt
            | Field::ExpiresAt
            | Field::PasswordChangedAt
            | Field::PasswordExpiresAt
    );
    match readings(value).0.filter(|_| instant) {
        Some(at) => Some(at.to_string()),
        None => Some(fold(value)),
    }
}
