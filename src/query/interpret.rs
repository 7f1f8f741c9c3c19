//! A condition, one subject at a time: for re-checks, events and explanations.
//!
//! INVARIANT: this and the statements of this room say the same of every subject.
//! `tests/it/oracle.rs` holds them to it.

use crate::facts::{Facts, SubjectId};
use crate::ir::{
    Attribute, Condition, ConditionKind, Direction, Held, Op, Test, TestKind, TextTest,
    Value,
};
use crate::query::Truth;
use crate::text::fold;
use crate::time::{Duration, Timestamp};

/// Whether a condition holds for a subject.
pub fn evaluate(condition: &Condition, facts: &Facts, now: Timestamp) -> Truth {
    match &condition.kind {
        ConditionKind::And(parts) => {
            all(parts.iter().map(|part| evaluate(part, facts, now)))
        }
        ConditionKind::Or(parts) => {
            any(parts.iter().map(|part| evaluate(part, facts, now)))
        }
        ConditionKind::Not(inner) => !evaluate(inner, facts, now),
        ConditionKind::Test(test) => answer(test, facts, now),
    }
}

/// Whether a policy fires: `when` is true and `except` is false.
pub fn verdict(
    when: &Condition,
    except: Option<&Condition>,
    facts: &Facts,
    now: Timestamp,
) -> Truth {
    let excepted = except.map_or(Truth::False, |except| evaluate(except, facts, now));
    evaluate(when, facts, now).and(!excepted)
}

/// The truth of one question.
pub(crate) fn answer(test: &Test, facts: &Facts, now: Timestamp) -> Truth {
    match &test.kind {
        TestKind::Elapsed { instant, direction, op, length } => {
            decide(facts, instant, |value| match value {
                Value::Instant(at) => {
                    holds(elapsed(*at, *direction, now), *op, *length).into()
                }
                Value::Bool(_) | Value::Number(_) | Value::Text(_) => Truth::Unknown,
            })
        }
        TestKind::Reaches { .. } => Truth::Unknown,
        TestKind::NeverActive => never_active(facts).into(),
        TestKind::Known { attribute, known } => {
            (facts.value(attribute).is_some() == *known).into()
        }
        TestKind::InGroup { groups, held } => of_user(facts, || {
            let since = groups.iter().filter_map(|group| facts.groups.get(&group.id));
            any(since.map(|since| held_since(*since, *held, now)))
        }),
        TestKind::HasRole { roles, held } => of_user(facts, || {
            let since = roles.iter().filter_map(|role| facts.roles.get(&role.id));
            any(since.map(|since| held_since(*since, *held, now)))
        }),
        TestKind::HasPermission { permissions, held } => {
            let wanted = facts.permissions.iter().filter(|permission| {
                permissions.iter().any(|wanted| wanted.ids.contains(&permission.id))
            });
            any(wanted.map(|permission| held_since(permission.granted_at, *held, now)))
        }
        TestKind::HasSession => (facts.sessions > 0).into(),
        TestKind::HasAccount { apps } => {
            of_user(facts, || apps.iter().any(|id| facts.apps.contains(id)).into())
        }
        TestKind::Compare { attribute, op, value } => {
            decide(facts, attribute, |actual| match actual.compare(value) {
                Some(ordering) => op.holds(ordering).into(),
                None => Truth::Unknown,
            })
        }
        TestKind::Text { attribute, test, words } => decide(facts, attribute, |actual| {
            text_of(actual)
                .map(|text| stands(&fold(text), *test, &fold(words)))
                .into()
        }),
        TestKind::Matches { attribute, pattern } => decide(facts, attribute, |actual| {
            text_of(actual).map(|text| pattern.0.is_match(text)).into()
        }),
        TestKind::OneOf { attribute, values } => decide(facts, attribute, |actual| {
            let mut equal = values.iter().map(|value| actual.compare(value));
            equal
                .any(|ordering| ordering.is_some_and(std::cmp::Ordering::is_eq))
                .into()
        }),
    }
}

/// The time since an instant, or until it.
pub(crate) fn elapsed(at: Timestamp, direction: Direction, now: Timestamp) -> Duration {
    match direction {
        Direction::Since => now.since(at),
        Direction::Until => at.since(now),
    }
}

/// No sign of life is on record: on the account, or on any account of the user.
pub(crate) fn never_active(facts: &Facts) -> bool {
    match facts.subject.id {
        SubjectId::Account(_) => facts.last_seen().is_none(),
        SubjectId::User(_) => facts.user_last_seen.is_none(),
    }
}

/// Whether something that is held has been for as long as is asked.
pub(crate) fn held_since(
    since: Option<Timestamp>,
    held: Option<Held>,
    now: Timestamp,
) -> Truth {
    match (held, since) {
        (None, _) => Truth::True,
        (Some(_), None) => Truth::Unknown,
        (Some(held), Some(since)) => holds(now.since(since), held.op, held.length).into(),
    }
}

fn holds(time: Duration, op: Op, length: Duration) -> bool {
    op.holds(time.cmp(&length))
}

fn all(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut truth = Truth::True;
    for part in parts {
        truth = truth.and(part);
        if truth == Truth::False {
            break;
        }
    }
    truth
}

fn any(parts: impl Iterator<Item = Truth>) -> Truth {
    !all(parts.map(|part| !part))
}

/// An answer about a value, unknown where there is none.
fn decide(
    facts: &Facts,
    attribute: &Attribute,
    answer: impl FnOnce(&Value) -> Truth,
) -> Truth {
    facts.value(attribute).map_or(Truth::Unknown, |value| answer(&value))
}

/// An answer about the user or owner, unknown for an orphan.
fn of_user(facts: &Facts, answer: impl FnOnce() -> Truth) -> Truth {
    if facts.user.is_some() { answer() } else { Truth::Unknown }
}

fn stands(text: &str, place: TextTest, words: &str) -> bool {
    match place {
        TextTest::StartsWith => text.starts_with(words),
        TextTest::EndsWith => text.ends_with(words),
        TextTest::Contains => text.contains(words),
    }
}

fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Bool(_) | Value::Number(_) | Value::Instant(_) => None,
    }
}
