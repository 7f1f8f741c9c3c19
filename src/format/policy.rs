//! The order of a policy's clauses.

use crate::format::mark::Mark;
use crate::format::page::{Page, STEP};
use crate::syntax::ast::{Clause, ClauseKind, Policy};
use std::ops::Range;

/// Clauses that stay together, in the order written.
struct Part {
    rank: usize,
    /// What stands on each line, if it can.
    lines: Vec<Vec<Range<usize>>>,
}

/// Writes a policy.
pub(super) fn write(page: &mut Page<'_, '_>, policy: &Policy, words: Range<usize>) {
    let is_bare = policy.name.is_none();
    let kinds: Vec<&ClauseKind> =
        policy.clauses.iter().map(|clause| &clause.kind).collect();
    if is_bare
        && matches!(kinds.as_slice(), [ClauseKind::When(_), ClauseKind::Then(_)])
        && page.fits(&words)
    {
        return page.flat(words);
    }
    let start = |clause: &Clause| page.source.index(clause.span.start);
    let starts: Vec<usize> = policy.clauses.iter().map(start).collect();
    let head = starts.first().copied().unwrap_or(words.end);
    let ends = starts.iter().skip(1).copied().chain([words.end]);
    let places = starts.iter().zip(ends).map(|(start, end)| *start..end);
    let mut parts = parts(policy, places.collect());
    if let Some(first) = parts.iter_mut().find(|part| is_bare && holds(part, head)) {
        first.rank = 0;
    }
    parts.sort_by_key(|part| part.rank);
    page.flow(words.start..head);
    for line in parts.into_iter().flat_map(|part| part.lines) {
        if !is_bare || line.iter().all(|clause| clause.start > head) {
            page.begin(STEP, 2 * STEP);
        }
        // `always` and `otherwise` are too short for a line of their own.
        let is_when = line
            .first()
            .is_some_and(|first| page.source.written(first.start) == "when");
        let breaks = is_when && !page.fit_together(&line);
        for (at, clause) in line.into_iter().enumerate() {
            if at > 0 && breaks {
                page.begin(STEP, 2 * STEP);
            }
            write_clause(page, clause);
        }
    }
}

fn holds(part: &Part, start: usize) -> bool {
    part.lines.iter().flatten().any(|clause| clause.start == start)
}

fn write_clause(page: &mut Page<'_, '_>, words: Range<usize>) {
    let step = page.starts(&words, Mark::Step).first().copied();
    match step {
        Some(step) => {
            page.flow(words.start..step);
            page.steps(step..words.end);
        }
        None if page.starts(&words, Mark::Join).is_empty() => page.term(words),
        None => page.condition(words),
    }
}

/// The clauses with their ranks. A `then` belongs to the nearest arm before it: where there
/// is one arm, other clauses may stand between them; several stay together as they are.
fn parts(policy: &Policy, places: Vec<Range<usize>>) -> Vec<Part> {
    let position = |wanted: fn(&ClauseKind) -> bool| {
        policy.clauses.iter().position(|clause| wanted(&clause.kind))
    };
    let count = |wanted: fn(&ClauseKind) -> bool| {
        policy.clauses.iter().filter(|clause| wanted(&clause.kind)).count()
    };
    let one_arm = count(is_arm) == 1
        && count(is_then) <= 1
        && count(|kind| matches!(kind, ClauseKind::When(_))) == 1
        && position(is_then).is_none_or(|then| position(is_arm) < Some(then));
    let mut parts: Vec<Part> = Vec::new();
    let mut arms = Part {
        rank: rank(&ClauseKind::Then(Vec::new())),
        lines: Vec::new(),
    };
    let mut armed = false;
    for (clause, place) in policy.clauses.iter().zip(places) {
        let kind = &clause.kind;
        if one_arm || !(is_arm(kind) || is_then(kind)) {
            parts.push(Part { rank: rank(kind), lines: vec![vec![place]] });
            continue;
        }
        // An arm and its steps are one line, if they can be.
        match arms.lines.last_mut() {
            Some(line) if armed && is_then(kind) => line.push(place),
            Some(_) | None => arms.lines.push(vec![place]),
        }
        armed = is_arm(kind);
    }
    parts.push(arms);
    parts
}

fn is_arm(kind: &ClauseKind) -> bool {
    matches!(kind, ClauseKind::When(_) | ClauseKind::Always | ClauseKind::Otherwise)
}

fn is_then(kind: &ClauseKind) -> bool {
    matches!(kind, ClauseKind::Then(_))
}

fn rank(kind: &ClauseKind) -> usize {
    match kind {
        ClauseKind::Accounts(_) | ClauseKind::Users | ClauseKind::Grants(_) => 1,
        ClauseKind::Every(_) | ClauseKind::On(_) | ClauseKind::Before(_) => 2,
        ClauseKind::Activity(_) => 3,
        ClauseKind::Require { .. } => 4,
        ClauseKind::When(_) | ClauseKind::Always | ClauseKind::Otherwise => 5,
        ClauseKind::Except(_) => 6,
        ClauseKind::Reviewers(_) => 7,
        ClauseKind::Limit(_) => 8,
        ClauseKind::CountFromActivation => 9,
        ClauseKind::Rank { .. } => 10,
        ClauseKind::CancelOn(_) => 11,
        ClauseKind::RestartOn(_) => 12,
        ClauseKind::Then(_) => 13,
        ClauseKind::IfKept(_) => 14,
        ClauseKind::IfFailed(_) => 15,
        ClauseKind::Report { .. } => 16,
        ClauseKind::Damaged => 17,
    }
}
