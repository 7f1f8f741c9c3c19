//! A condition, one subject at a time: for re-checks, events and explanations.
//!
//! INVARIANT: this and the statements of this room say the same of every subject.
//! `tests/it/oracle.rs` holds them to it.

use crate::facts::{Facts, SubjectId};
use crate::ir::{
    AppId, Attribute, Condition, ConditionKind, Direction, Held, Op, Test, TestKind,
    TextTest, Value,
};
use crate::query::doubt::{doubt, one_is_enough, sessions};
use crate::query::{Moment, Truth};
use crate::text::fold;
use crate::time::{Duration, Timestamp};

/// Whether a condition holds for a subject.
pub fn evaluate(condition: &Condition, facts: &Facts, at: impl Into<Moment>) -> Truth {
    truth(condition, facts, at.into())
}

/// Whether a policy fires: `when` is true and `except` is false.
pub fn verdict(
    when: &Condition,
    except: Option<&Condition>,
    facts: &Facts,
    at: impl Into<Moment>,
) -> Truth {
    let at = at.into();
    let excepted = except.map_or(Truth::False, |except| truth(except, facts, at));
    truth(when, facts, at).and(!excepted)
}

/// The distance of a `reaches` that was crossed last since the policy was last evaluated:
/// of several that were crossed at once only that one, the nearest, counts. `None` where
/// none was, for any other question, and in a re-check.
pub fn reached(test: &Test, facts: &Facts, at: impl Into<Moment>) -> Option<Duration> {
    let TestKind::Reaches { instant, direction, distances } = &test.kind else {
        return None;
    };
    let at = at.into();
    if doubt(&test.kind, facts, at).is_some() {
        return None;
    }
    let Some(Value::Instant(of)) = facts.value(instant) else { return None };
    nearest(of, *direction, distances, at)
}

fn truth(condition: &Condition, facts: &Facts, at: Moment) -> Truth {
    match &condition.kind {
        ConditionKind::And(parts) => all(parts.iter().map(|part| truth(part, facts, at))),
        ConditionKind::Or(parts) => any(parts.iter().map(|part| truth(part, facts, at))),
        ConditionKind::Not(inner) => !truth(inner, facts, at),
        ConditionKind::Test(test) => answer(test, facts, at),
    }
}

/// The truth of one question. What only a stale source says is unknown.
pub(crate) fn answer(test: &Test, facts: &Facts, at: Moment) -> Truth {
    let enough = one_is_enough(&test.kind, facts.subject.id.kind());
    match doubt(&test.kind, facts, at) {
        None => believed(test, facts, at),
        Some(_) if enough && believed(test, facts, at) == Truth::True => Truth::True,
        Some(_) => Truth::Unknown,
    }
}

/// The truth of a question about what is believed.
fn believed(test: &Test, facts: &Facts, at: Moment) -> Truth {
    let doubts = facts.doubts.as_deref();
    match &test.kind {
        TestKind::Elapsed { instant, direction, op, length } => {
            decide(facts, instant, |value| match value {
                Value::Instant(of) => {
                    holds(at.elapsed(*of, *direction), *op, *length).into()
                }
                Value::Bool(_) | Value::Number(_) | Value::Text(_) => Truth::Unknown,
            })
        }
        TestKind::Reaches { .. } if at.since.is_none() => Truth::True,
        TestKind::Reaches { instant, direction, distances } => {
            decide(facts, instant, |value| match value {
                Value::Instant(of) => {
                    nearest(*of, *direction, distances, at).is_some().into()
                }
                Value::Bool(_) | Value::Number(_) | Value::Text(_) => Truth::Unknown,
            })
        }
        TestKind::NeverActive => never_active(facts).into(),
        TestKind::Known { attribute, known } => {
            (facts.value(attribute).is_some() == *known).into()
        }
        TestKind::InGroup { groups, held } => of_user(facts, || {
            let believed = groups.iter().filter(|group| {
                doubts.is_none_or(|it| !it.stale.groups.contains_key(&group.id))
            });
            let since = believed.filter_map(|group| facts.groups.get(&group.id));
            any(since.map(|since| held_since(*since, *held, at)))
        }),
        TestKind::HasRole { roles, held } => of_user(facts, || {
            let since = roles.iter().filter_map(|role| facts.roles.get(&role.id));
            any(since.map(|since| held_since(*since, *held, at)))
        }),
        TestKind::HasPermission { permissions, held } => {
            let wanted = facts.permissions.iter().filter(|permission| {
                let held = (permission.id, permission.granted_at);
                permissions.iter().any(|wanted| wanted.ids.contains(&permission.id))
                    && doubts.is_none_or(|it| !it.only_permissions.contains(&held))
            });
            any(wanted.map(|permission| held_since(permission.granted_at, *held, at)))
        }
        TestKind::HasSession => (sessions(facts) > 0).into(),
        TestKind::HasAccount { apps } => {
            let holds = |id: &AppId| {
                facts.apps.contains(id)
                    && doubts.is_none_or(|it| !it.only_apps.contains(id))
            };
            of_user(facts, || apps.iter().any(holds).into())
        }
        TestKind::Compare { attribute, op, value } => {
            let compared = |op: Op| {
                decide(facts, attribute, |actual| match actual.compare(value) {
                    Some(ordering) => op.holds(ordering).into(),
                    None => Truth::Unknown,
                })
            };
            // What goes by two names differs from a third only if both do.
            if *op == Op::Ne { !compared(Op::Eq) } else { compared(*op) }
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

/// The distance that was crossed last since the last evaluation.
fn nearest(
    of: Timestamp,
    direction: Direction,
    distances: &[Duration],
    at: Moment,
) -> Option<Duration> {
    let since = at.since?;
    let crossing = |distance: &Duration| match direction {
        Direction::Since => at.start(of).after(*distance),
        Direction::Until => of.before(*distance),
    };
    let crossed = distances
        .iter()
        .filter(|distance| crossing(distance) > since && crossing(distance) <= at.now);
    crossed.max_by_key(|distance| crossing(distance)).copied()
}

/// No sign of life is on record: on the account, or on any account of the user.
pub(crate) fn never_active(facts: &Facts) -> bool {
    match facts.subject.id {
        SubjectId::Account(_) | SubjectId::Grant(_) => facts.last_seen().is_none(),
        SubjectId::User(_) => facts.user_last_seen.is_none(),
    }
}

/// Whether something that is held has been for as long as is asked.
pub(crate) fn held_since(
    since: Option<Timestamp>,
    held: Option<Held>,
    at: Moment,
) -> Truth {
    match (held, since) {
        (None, _) => Truth::True,
        (Some(_), None) => Truth::Unknown,
        (Some(held), Some(since)) => {
            holds(at.elapsed(since, Direction::Since), held.op, held.length).into()
        }
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

/// An answer about a value, unknown where there is none; about either of two names.
fn decide(
    facts: &Facts,
    attribute: &Attribute,
    answer: impl Fn(&Value) -> Truth,
) -> Truth {
    let found = facts.value(attribute).map_or(Truth::Unknown, |value| answer(&value));
    match facts.alias(attribute) {
        Some(alias) => found.or(answer(&alias)),
        None => found,
    }
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
