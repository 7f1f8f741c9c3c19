//! A test of one value as SQL.

use crate::ir::IdentityState;
use crate::ir::{Attribute, Field, Op, Test, TestKind, TextTest, Value, ValueKind};
use crate::query::Moment;
use crate::query::column::{Column, Home};
use crate::query::sql::{Bind, Params};
use crate::text::fold;
use crate::time::Timestamp;
use std::fmt::Write as _;

/// When a test is true, and when it is false. Neither is where the value is missing.
pub(crate) struct Predicate {
    /// It is true.
    pub(crate) yes: String,
    /// It is false.
    pub(crate) no: String,
    /// One of them always is: the test asks whether the value is missing.
    pub(crate) total: bool,
}

/// A test of the value in a column; `None` where the value is of a type that the test can't
/// be asked of, or the test asks of none.
pub(crate) fn predicate(
    test: &Test,
    (attribute, column): (&Attribute, &Column),
    at: Moment,
    params: &mut Params,
) -> Option<Predicate> {
    let Column { raw, key, .. } = column;
    let (yes, no) = match &test.kind {
        TestKind::Elapsed { direction, op, length, .. } => {
            let (op, cutoff) = at.cutoff(*direction, *op, *length);
            let instant = attribute.kind == ValueKind::Instant;
            instant.then(|| compared(raw, op, &params.bind(Bind::Instant(cutoff))))?
        }
        TestKind::Reaches { direction, distances, .. } => {
            let crossed = distances
                .iter()
                .filter_map(|distance| at.crossed(*direction, *distance));
            let instant = attribute.kind == ValueKind::Instant;
            instant.then(|| within(raw, crossed.collect(), params))?
        }
        TestKind::Known { known, .. } => {
            let (is, is_not) = (format!("{key} IS NOT NULL"), format!("{key} IS NULL"));
            let (yes, no) = if *known { (is, is_not) } else { (is_not, is) };
            return Some(Predicate { yes, no, total: true });
        }
        TestKind::Compare { op, value, .. } => {
            let state = state_numbers(attribute, column, std::slice::from_ref(value));
            match (state, op) {
                (Some((of, numbers)), Op::Eq | Op::Ne) => {
                    let number = params.bind(numbers.into_iter().next()?);
                    compared(&of, *op, &number)
                }
                _ => compared(key, *op, &params.bind(bind_of(value, attribute.kind)?)),
            }
        }
        TestKind::Text { test, words, .. } => {
            let words = params.bind(Bind::Text(fold(words)));
            textual(attribute.kind).then(|| stands(key, *test, &words))?
        }
        TestKind::Matches { pattern, .. } => {
            let pattern = params.bind(Bind::Text(pattern.0.as_str().to_owned()));
            let yes = format!("matches({raw}, {pattern})");
            textual(attribute.kind).then(|| (yes.clone(), format!("NOT {yes}")))?
        }
        TestKind::OneOf { values, .. } => {
            let (of, values) =
                state_numbers(attribute, column, values).unwrap_or_else(|| {
                    let each =
                        values.iter().filter_map(|value| bind_of(value, attribute.kind));
                    (key.clone(), each.collect())
                });
            one_of(&of, &values, params)
        }
        TestKind::NeverActive
        | TestKind::InGroup { .. }
        | TestKind::HasPermission { .. }
        | TestKind::HasRole { .. }
        | TestKind::HasSession
        | TestKind::HasAccount { .. } => return None,
    };
    Some(Predicate { yes, no, total: false })
}

fn textual(kind: ValueKind) -> bool {
    !matches!(kind, ValueKind::Bool | ValueKind::Number | ValueKind::Instant)
}

/// Whether an instant lies in one of some stretches of time, each after its first and not
/// after its last instant. The whole of them stands before the parts, for the sake of an
/// index.
fn within(
    raw: &str,
    mut stretches: Vec<(Timestamp, Timestamp)>,
    params: &mut Params,
) -> (String, String) {
    stretches.retain(|(first, last)| first < last);
    stretches.sort_unstable();
    // Stretches that meet are one.
    let mut apart: Vec<(Timestamp, Timestamp)> = Vec::with_capacity(stretches.len());
    for (first, last) in stretches {
        match apart.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => apart.push((first, last)),
        }
    }
    let (Some((first, _)), Some((_, last))) = (apart.first(), apart.last()) else {
        return ("0".to_owned(), format!("{raw} IS NOT NULL"));
    };
    let mut bind = |at: Timestamp| params.bind(Bind::Instant(at));
    let (first, last) = (bind(*first), bind(*last));
    let mut yes = format!("{raw} > {first} AND {raw} <= {last}");
    let mut no = format!("{raw} <= {first} OR {raw} > {last}");
    // Between two of them lies none: what is after one's last and not after the next's first.
    for ((_, last), (next, _)) in apart.iter().zip(apart.iter().skip(1)) {
        let (last, next) = (bind(*last), bind(*next));
        _ = write!(yes, " AND ({raw} <= {last} OR {raw} > {next})");
        _ = write!(no, " OR ({raw} > {last} AND {raw} <= {next})");
    }
    (format!("({yes})"), format!("({no})"))
}

/// Where words stand in a text; both are folded.
fn stands(key: &str, test: TextTest, words: &str) -> (String, String) {
    match test {
        TextTest::StartsWith => {
            (format!("instr({key}, {words}) = 1"), format!("instr({key}, {words}) <> 1"))
        }
        TextTest::Contains => {
            (format!("instr({key}, {words}) > 0"), format!("instr({key}, {words}) = 0"))
        }
        TextTest::EndsWith => (
            format!("ends_with({key}, {words})"),
            format!("NOT ends_with({key}, {words})"),
        ),
    }
}

fn one_of(of: &str, values: &[Bind], params: &mut Params) -> (String, String) {
    // `IN ()` is false even of what is missing.
    if values.is_empty() {
        return ("0".to_owned(), format!("{of} IS NOT NULL"));
    }
    let list = params.one_of(values);
    let no = match list.strip_prefix("= ") {
        Some(one) => format!("{of} <> {one}"),
        None => format!("{of} NOT {list}"),
    };
    (format!("{of} {list}"), no)
}

/// Both readings of a comparison; both are NULL where a side is.
fn compared(left: &str, op: Op, right: &str) -> (String, String) {
    let negated = match op {
        Op::Eq => Op::Ne,
        Op::Ne => Op::Eq,
        Op::Lt => Op::Ge,
        Op::Le => Op::Gt,
        Op::Gt => Op::Le,
        Op::Ge => Op::Lt,
    };
    let text = |op: Op| format!("{left} {} {right}", op.symbol());
    (text(op), text(negated))
}

/// An identity state is kept as a number: the column, and the numbers of the names; one
/// that is no state's for a name that is none.
fn state_numbers(
    attribute: &Attribute,
    column: &Column,
    values: &[Value],
) -> Option<(String, Vec<Bind>)> {
    let found = matches!(column.home, Home::Subject | Home::Owner { .. });
    if attribute.field != Field::IdentityState || !found {
        return None;
    }
    let numbers = values.iter().filter_map(|value| match value {
        Value::Text(name) => {
            let name = fold(name);
            let states = [
                IdentityState::Active,
                IdentityState::ShortTerm,
                IdentityState::LongTerm,
            ];
            let state = states.into_iter().find(|state| state.name() == name);
            Some(Bind::Integer(state.map_or(-1, IdentityState::number)))
        }
        Value::Bool(_) | Value::Number(_) | Value::Instant(_) => None,
    });
    Some(("i.identity_state".to_owned(), numbers.collect()))
}

/// A value as it compares with a column of that type; `None` where it can't.
pub(crate) fn bind_of(value: &Value, kind: ValueKind) -> Option<Bind> {
    match (value, kind) {
        (Value::Bool(value), ValueKind::Bool) => Some(Bind::Integer((*value).into())),
        (Value::Number(value), ValueKind::Number) => Some(Bind::Real(*value)),
        (Value::Instant(value), ValueKind::Instant) => Some(Bind::Instant(*value)),
        (
            Value::Text(value),
            ValueKind::Text
            | ValueKind::User
            | ValueKind::Status
            | ValueKind::Lifecycle
            | ValueKind::IdentityState
            | ValueKind::Permission,
        ) => Some(Bind::Text(fold(value))),
        _ => None,
    }
}
