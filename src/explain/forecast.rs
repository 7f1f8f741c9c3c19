//! When time alone will change an answer.

use crate::explain::{Question, Turn, Verdict, verdict};
use crate::facts::Facts;
use crate::ir::{Direction, Held, Test, TestKind, Value};
use crate::query::Moment;
use crate::time::{Duration, Timestamp};

/// The first instant from which the subject matches, or no longer matches, if nothing but
/// time goes on.
///
/// Only comparisons of lengths of time turn by themselves, each when the length is reached,
/// or a second later; so looking at these instants is looking at all.
pub(super) fn turn(
    question: &Question<'_>,
    facts: &Facts,
    moment: Moment,
) -> Option<Turn> {
    let now = moment.now;
    let matches = verdict(question, facts, moment) == Verdict::Match;
    let mut instants = Vec::new();
    for condition in [Some(question.when), question.except].into_iter().flatten() {
        for at in condition
            .tests()
            .into_iter()
            .flat_map(|test| crossings(test, facts, moment))
        {
            instants.extend([at, at.after(Duration(1))]);
        }
    }
    instants.retain(|at| *at > now);
    instants.sort_unstable();
    instants.dedup();
    instants.into_iter().find_map(|at| {
        let to = verdict(question, facts, Moment { now: at, ..moment });
        ((to == Verdict::Match) != matches).then_some(Turn { at, to })
    })
}

/// The instants at which a question compares equal lengths.
fn crossings(test: &Test, facts: &Facts, moment: Moment) -> Vec<Timestamp> {
    let held_for = |held: Option<Held>, since: Vec<Option<Timestamp>>| match held {
        None => Vec::new(),
        Some(held) => since
            .into_iter()
            .flatten()
            .map(|since| moment.start(since).after(held.length))
            .collect(),
    };
    let lengths = |instant, direction, lengths: &[Duration]| {
        let Some(Value::Instant(at)) = facts.value(instant) else { return Vec::new() };
        let reached = |length: &Duration| match direction {
            Direction::Since => moment.start(at).after(*length),
            Direction::Until => at.before(*length),
        };
        lengths.iter().map(reached).collect()
    };
    match &test.kind {
        TestKind::Elapsed { instant, direction, length, .. } => {
            lengths(instant, *direction, std::slice::from_ref(length))
        }
        TestKind::Reaches { instant, direction, distances } => {
            lengths(instant, *direction, distances)
        }
        TestKind::InGroup { groups, held } => {
            let since = groups.iter().filter_map(|group| facts.groups.get(&group.id));
            held_for(*held, since.copied().collect())
        }
        TestKind::HasRole { roles, held } => {
            let since = roles.iter().filter_map(|role| facts.roles.get(&role.id));
            held_for(*held, since.copied().collect())
        }
        TestKind::HasPermission { permissions, held } => {
            let wanted = facts.permissions.iter().filter(|permission| {
                permissions.iter().any(|wanted| wanted.ids.contains(&permission.id))
            });
            held_for(*held, wanted.map(|permission| permission.granted_at).collect())
        }
        TestKind::NeverActive
        | TestKind::Known { .. }
        | TestKind::HasSession
        | TestKind::HasAccount { .. }
        | TestKind::Compare { .. }
        | TestKind::Text { .. }
        | TestKind::Matches { .. }
        | TestKind::OneOf { .. } => Vec::new(),
    }
}
