//! What happened, and what came of it, as people are shown it.

use crate::engine::errors::EngineError;
use crate::engine::hear::LONGEST_CHAIN;
use crate::engine::hear::gate::Answer;
use crate::engine::hear::listen::words;
use crate::engine::survey::{Count, Survey};
use crate::store::{Awaiting, EventRecord, Store, Wanted};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// An event on record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Happened {
    /// Its number.
    pub number: i64,
    /// The name that its sender gave it.
    pub id: Option<String>,
    /// What happened, in the words of the language.
    pub event: String,
    /// What an attribute was.
    pub was: Option<String>,
    /// What it became.
    pub becomes: Option<String>,
    /// Whom or what it is about.
    pub subject: Option<String>,
    /// How it came about: `admin`, `import`, …
    pub by: Option<String>,
    /// Who told of it, or did it at the command line, where somebody did.
    pub told_by: Option<String>,
    /// The event that somebody told of, of which this is a part.
    pub part_of: Option<i64>,
    /// The policy whose run raised it, where one did, or was undone.
    pub policy: Option<String>,
    /// That run.
    pub run: Option<i64>,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// When it was received, where somebody told of it.
    pub received_at: Option<Timestamp>,
    /// Whether a later event about the same was known already, so that it starts nothing.
    pub late: bool,
    /// Whether it says what was told already, so that it starts nothing.
    pub known: bool,
    /// Whether so many policies stand before it that none listens any more.
    pub far: bool,
    /// What the gates answered, where they were asked.
    pub answer: Option<Answer>,
    /// The evaluations that heard it.
    pub evaluations: Vec<Listened>,
    /// What became of runs.
    pub runs: Vec<Affected>,
    /// The policies that came to stand otherwise, or not at all, before they could hear it.
    pub passed_over: Vec<String>,
    /// The policies that have not heard of it yet.
    pub unheard: Vec<String>,
    /// The policies that have not decided it yet, and for what it waits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Awaiting>,
}

/// An evaluation that heard an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listened {
    /// Its number.
    pub evaluation: i64,
    /// Its policy.
    pub policy: String,
    /// Whether it was held.
    pub held: bool,
    /// The held evaluation whose list it is on, or that it is.
    pub held_as: Option<i64>,
    /// What became of that: `held`, `released`, `discarded`, `replaced` or `evaluated anew`.
    pub state: Option<String>,
    /// The evaluation that released it.
    pub released_as: Option<i64>,
    /// Where it opened nothing for the event: why.
    pub why: Option<String>,
}

/// A run that an event did something to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// The run.
    pub run: i64,
    /// Its policy.
    pub policy: String,
    /// Whom it is about.
    pub subject: String,
    /// `opened`, `called off`, `restarted` or `ended`.
    pub what: String,
}

/// The last of the events that are meant, the oldest of them first.
pub fn happened(
    store: &Store,
    wanted: Wanted<'_>,
    last: u32,
) -> Result<Vec<Happened>, EngineError> {
    let policies: BTreeMap<i64, String> = store
        .policies()?
        .into_iter()
        .map(|policy| (policy.id, policy.name))
        .collect();
    let records = store.event_records(wanted, last)?;
    records.into_iter().map(|it| shown(store, it, &policies)).collect()
}

fn shown(
    store: &Store,
    record: EventRecord,
    policies: &BTreeMap<i64, String>,
) -> Result<Happened, EngineError> {
    let EventRecord { event, run, received_at, answer, subject, part_of } = record;
    let (condition, _) = words(store, &event)?;
    let mut evaluations = Vec::new();
    let mut runs = Vec::new();
    let mut passed_over = Vec::new();
    for it in store.consequences(event.id)? {
        match (it.evaluation, it.run) {
            (_, Some(run)) => runs.push(Affected {
                run,
                policy: it.policy,
                subject: it.subject.unwrap_or_default(),
                what: it.what,
            }),
            (Some(evaluation), None) => {
                let of = (evaluation, it.why);
                evaluations.push(listened(store, of, it.policy)?);
            }
            (None, None) => passed_over.push(it.policy),
        }
    }
    let asked = event.kind == "before user created";
    let behind = if asked { Vec::new() } else { store.behind(event.id)? };
    let name = |id: i64| policies.get(&id).cloned();
    Ok(Happened {
        number: event.id,
        event: condition,
        subject,
        by: event.origin,
        policy: event.policy.and_then(name),
        unheard: behind.into_iter().filter_map(|it| name(it.policy)).collect(),
        waits: store.awaiting_event(event.id)?,
        id: event.key,
        was: event.was,
        becomes: event.becomes,
        told_by: event.told_by,
        part_of,
        run,
        at: event.at,
        received_at,
        late: event.late,
        known: event.known,
        far: event.depth >= LONGEST_CHAIN,
        answer: answer.map(|it| serde_json::from_str(&it)).transpose()?,
        evaluations,
        runs,
        passed_over,
    })
}

fn listened(
    store: &Store,
    (evaluation, why): (i64, Option<String>),
    policy: String,
) -> Result<Listened, EngineError> {
    let row = store.evaluation(evaluation)?;
    let held_as = row.as_ref().and_then(|row| row.held_id);
    let held = held_as.map(|held| store.held_evaluation(held)).transpose()?.flatten();
    let why = match &row {
        Some(row) if row.opened == 0 && !row.held => {
            why.or(why_nothing(&serde_json::from_str(&row.report)?))
        }
        _ => None,
    };
    Ok(Listened {
        evaluation,
        policy,
        why,
        held: row.is_some_and(|row| row.held),
        held_as,
        state: held.map(|held| held.state),
        released_as: held_as.map(|held| store.released_by(held)).transpose()?.flatten(),
    })
}

/// Why an evaluation opened nothing that looked at one subject, or at none. Of several it is not
/// known which of them the event is about.
fn why_nothing(survey: &Survey) -> Option<String> {
    let Survey {
        out_of_scope,
        outranked,
        taken,
        over,
        not_matched,
        undecided,
        ..
    } = survey;
    let all = out_of_scope.iter().chain(taken).map(|it| it.count).sum::<u64>();
    if survey.in_scope.saturating_add(all) > 1 {
        return None;
    }
    let of = |list: &[Count], words: &str| {
        let first = list.first()?;
        Some(format!("{words} {}", first.because))
    };
    let so = |count: u64, words: &str| (count > 0).then(|| words.to_owned());
    of(taken, "left to")
        .or_else(|| of(over, "over since:"))
        .or_else(|| of(out_of_scope, "out of scope for"))
        .or_else(|| of(not_matched, "it does not match for"))
        .or_else(|| of(undecided, "undecided for"))
        .or_else(|| so(survey.excepted, "it is excepted"))
        .or_else(|| so(survey.busy, "it has a run, or rests after one"))
        .or_else(|| of(outranked, "left to a better rank:"))
        .or_else(|| so(survey.already_so, "it has nothing left to take"))
        .or_else(|| so(u64::from(survey.in_scope == 0), "nobody is in its scope"))
}
