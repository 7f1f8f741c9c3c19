//! An explanation for a subject of the store, by its printed name.

use crate::engine::Run;
use crate::engine::step::UNTIL_UNMATCHED;
use crate::explain::{Explanation, Question, explain};
use crate::facts::SubjectId;
use crate::query::Moment;
use crate::store::{RunRow, Store, StoreError};
use crate::time::Timestamp;

/// What came of asking about a subject.
#[derive(Clone, Debug, PartialEq)]
pub enum Inquiry {
    /// The answer.
    Explained(Box<Explanation>),
    /// The store never heard of it.
    Unknown,
    /// It was there once: how it went.
    Gone(String),
    /// It is a user where accounts are asked about, or of another kind than asked about.
    OtherKind(SubjectId),
}

/// Why a question comes out as it does for the subject that is printed so, with what the
/// store has under way for it.
pub fn inquire(
    store: &Store,
    question: &Question<'_>,
    subject: &str,
    at: impl Into<Moment>,
) -> Result<Inquiry, StoreError> {
    let at = at.into();
    let Some(id) = store.find_subject(subject)? else {
        let gone = gone(store, subject, None)?;
        return Ok(gone.map_or(Inquiry::Unknown, Inquiry::Gone));
    };
    if id.kind() != question.scope.kind {
        return Ok(Inquiry::OtherKind(id));
    }
    let Some(facts) = store.facts_by(id, question.activity)? else {
        let gone = gone(store, subject, Some(id))?;
        return Ok(gone.map_or(Inquiry::Unknown, Inquiry::Gone));
    };
    let mut explanation = explain(question, &facts, at);
    explanation.out_of_scope = store.outside(question.scope, id)?;
    let known = question.policy.map(|name| store.policy(name)).transpose()?.flatten();
    if let Some(policy) = known {
        let runs = store.runs_of(id)?;
        let own = runs.iter().filter(|run| run.policy_id == policy.id);
        explanation.pending = own.filter_map(|run| pending(run, at.now)).collect();
        let waiting = store.awaiting_subject(policy.id, id)?.into_iter();
        let waiting =
            waiting.map(|(event, why)| format!("event {event} waits for {why}"));
        explanation.pending.extend(waiting);
    }
    Ok(Inquiry::Explained(Box::new(explanation)))
}

/// How the subject that is printed so went, where it was there once; `id` is what the store has
/// of it still.
pub fn gone(
    store: &Store,
    subject: &str,
    id: Option<SubjectId>,
) -> Result<Option<String>, StoreError> {
    let taken = match id {
        Some(id) => store.gone_by(id)?,
        None => store.printed_taken_by(subject)?,
    };
    Ok(match (taken, id) {
        (Some((run, at)), _) => Some(format!("run {run} took it at {at}")),
        (None, Some(_)) => Some("the last import did not list it".to_owned()),
        (None, None) => None,
    })
}

fn pending(run: &RunRow, now: Timestamp) -> Option<String> {
    let RunRow { id, .. } = run;
    let observed = if run.observed { " (only observed)" } else { "" };
    let state = format!("{}{observed}", run.state);
    match run.ended_at {
        None => {
            // Until when it stays there: not when it is looked at next.
            let known = serde_json::from_str::<Run>(&run.body).ok();
            let until = known.and_then(|run| run.deadline()).map(|it| it.words());
            Some(format!("run {id} is {state}{}", until.unwrap_or_default()))
        }
        Some(ended) if run.blocks_until > now => {
            // Some rest until they have not matched in between; that has no date.
            let far = run.blocks_until >= UNTIL_UNMATCHED;
            let until = if far {
                "as long as it goes on matching".to_owned()
            } else {
                format!("before {}", run.blocks_until)
            };
            Some(format!("run {id} ended at {ended}: {state}; none is opened {until}"))
        }
        Some(_) => None,
    }
}
