//! Evaluations that would pass their limit: held with their list until a person releases or
//! discards them.

use crate::check::quoted;
use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::hear::Reached;
use crate::engine::survey::Survey;
use crate::engine::tick::{Engine, TickReport};
use crate::facts::{Subject, SubjectId};
use crate::store::{HeldEvaluation, PolicyRow, Store};
use crate::text::{counted, one_line};
use crate::time::Timestamp;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// So many names stand in a message; a list in a mail may be longer.
const NAMED: usize = 5;
const LISTED: usize = 500;

impl Engine<'_> {
    /// What an evaluation on record means for those that are held, and whether it is one.
    pub(super) fn settle(
        &self,
        (row, cause): (&PolicyRow, Cause<'_>),
        (evaluation, version): (i64, u32),
        (survey, now): (&Survey, Timestamp),
    ) -> Result<(), EngineError> {
        match cause {
            // There is nothing to release.
            _ if row.mode.observe => Ok(()),
            Cause::Users(users) if survey.limit.held => {
                self.refuse_users((row, users), survey, now)
            }
            Cause::Review => Ok(self.store.campaign_opened(row.id)?),
            Cause::Event { meant, .. } if survey.limit.held => {
                let of = (row, &meant.reached);
                self.hold_events(of, (evaluation, version), (survey, now))
            }
            _ if survey.limit.held => {
                self.hold(row, (evaluation, version), (survey, now))
            }
            // What others are held for is not done with.
            Cause::Event { .. } => Ok(()),
            Cause::Release { held, by, reason, .. } => {
                let released = (held.evaluation, "released");
                self.store.settle_held(released, (by, reason), now)?;
                Ok(self.store.belongs_to_held(evaluation, held.evaluation)?)
            }
            // They have another list.
            Cause::Users(_) => Ok(()),
            Cause::Schedule | Cause::Activation | Cause::Demand => {
                self.replace_held(row.id, evaluation, now)
            }
        }
    }

    /// Puts an evaluation that would pass its limit on record, and tells the admin. One that
    /// would open the same as one that is held already is that one still, so that the number
    /// of which somebody was told stays good.
    fn hold(
        &self,
        row: &PolicyRow,
        (evaluation, version): (i64, u32),
        (survey, now): (&Survey, Timestamp),
    ) -> Result<(), EngineError> {
        let store = self.store;
        let subjects = listed(store, survey)?;
        let same = told_of(store, (row.id, version), &subjects)?;
        if let Some(same) = &same
            && same.state == "held"
        {
            store.belongs_to_held(evaluation, same.evaluation)?;
            return Ok(store.still_held(same.evaluation, evaluation)?);
        }
        self.replace_held(row.id, evaluation, now)?;
        let held = empty((row, false), (evaluation, version), (survey, now));
        store.hold(&held)?;
        for subject in &subjects {
            store.hold_subject(evaluation, (subject, None))?;
        }
        store.belongs_to_held(evaluation, evaluation)?;
        // Whoever discarded the list knows it.
        if same.is_some() {
            return Ok(());
        }
        self.tell_held(row, (&held, &subjects), (survey, now))
    }

    /// Holds those whom events reach. What is held already stays, and these come to it: no
    /// event happens again.
    fn hold_events(
        &self,
        (row, reached): (&PolicyRow, &Reached),
        (evaluation, version): (i64, u32),
        (survey, now): (&Survey, Timestamp),
    ) -> Result<(), EngineError> {
        let store = self.store;
        let last = store.last_held(row.id, true)?;
        let held = match last.filter(|it| it.state == "held" && it.version == version) {
            Some(last) => {
                store.still_held(last.evaluation, evaluation)?;
                last
            }
            None => {
                let held = empty((row, true), (evaluation, version), (survey, now));
                store.hold(&held)?;
                held
            }
        };
        store.belongs_to_held(evaluation, held.evaluation)?;
        let subjects = listed(store, survey)?;
        for subject in &subjects {
            if let Some(heard) = reached.get(&subject.id) {
                let heard = serde_json::to_string(heard)?;
                store.hold_subject(held.evaluation, (subject, Some(&heard)))?;
            }
        }
        if held.evaluation != evaluation {
            return Ok(());
        }
        self.tell_held(row, (&held, &subjects), (survey, now))
    }

    fn tell_held(
        &self,
        row: &PolicyRow,
        (held, subjects): (&HeldEvaluation, &[Subject]),
        (survey, now): (&Survey, Timestamp),
    ) -> Result<(), EngineError> {
        let (subject, body) = letter(&row.name, (held, subjects), survey.limit.of_store);
        let about = format!("held/{}", held.evaluation);
        self.tell_admin((&about, now), (subject, body))
    }

    /// A later evaluation puts an end to one that is held.
    fn replace_held(
        &self,
        policy_id: i64,
        by: i64,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if let Some(last) = self.store.last_held(policy_id, false)?
            && last.state == "held"
        {
            let by = format!("evaluation {by}");
            let settled = (last.evaluation, "replaced");
            self.store.settle_held(settled, (&by, ""), now)?;
        }
        Ok(())
    }

    /// Opens the runs of a held evaluation, all of them, if it would still open just these.
    pub fn release(
        &mut self,
        evaluation: i64,
        (by, reason): (&str, &str),
        now: Timestamp,
    ) -> Result<TickReport, EngineError> {
        let held = held(self.store, evaluation)?;
        self.library.refresh(self.store, now)?;
        let rows = self.store.policies()?;
        let row = rows.into_iter().find(|row| row.id == held.policy_id);
        let Some(row) = row else {
            return Err(EngineError::Refused("its policy is gone".to_owned()));
        };
        if row.active != Some(held.version) {
            return Err(EngineError::Refused(self.why_not_released(&row, &held)?));
        }
        let reached = match held.for_events {
            true => {
                let mut reached = reached(self.store, evaluation)?;
                self.note_over(&row, &mut reached, now)?;
                Some(reached)
            }
            false => None,
        };
        let reached = reached.as_ref();
        self.evaluate(&row, Cause::Release { held: &held, reached, by, reason }, now)?;
        if let Some(why) = self.report.blocked.get(&row.name) {
            return Err(EngineError::Refused(format!(
                "policy `{}` cannot be followed: {why}",
                row.name
            )));
        }
        self.work(now)
    }
}

impl Engine<'_> {
    /// That another version is at work than the one that was evaluated, and what to do.
    fn why_not_released(
        &self,
        row: &PolicyRow,
        held: &HeldEvaluation,
    ) -> Result<String, EngineError> {
        let HeldEvaluation { evaluation, version, .. } = held;
        let now = match row.active {
            Some(active) => format!("version {active} is active now"),
            None => "it is not active now".to_owned(),
        };
        if row.active.is_none() && !held.for_events {
            return Ok(format!(
                "version {version} of policy `{}` was evaluated, and {now}",
                row.name
            ));
        }
        let waiting = self.store.awaited(row.id, None)?;
        let help = if waiting.iter().any(|it| it.held == Some(*evaluation)) {
            "the next `tenure run` evaluates anew what it holds".to_owned()
        } else if held.for_events {
            format!(
                "`tenure activate {} --version {version}` first, or `tenure discard \
                 {evaluation}`",
                quoted(&row.name)
            )
        } else {
            "the next evaluation finds again whom it held".to_owned()
        };
        Ok(format!(
            "version {version} of policy `{}` was evaluated, and {now}: {help}",
            row.name
        ))
    }
}

/// Whether somebody was told of just this list, as held or discarded since.
pub(super) fn is_known(
    store: &Store,
    policy: (i64, u32),
    survey: &Survey,
) -> Result<bool, EngineError> {
    let subjects = listed(store, survey)?;
    Ok(told_of(store, policy, &subjects)?.is_some())
}

/// The last held evaluation of that policy and version, where it is of these.
fn told_of(
    store: &Store,
    (policy, version): (i64, u32),
    subjects: &[Subject],
) -> Result<Option<HeldEvaluation>, EngineError> {
    let last = store.last_held(policy, false)?;
    let Some(last) = last.filter(|last| last.version == version) else {
        return Ok(None);
    };
    let known = store.held_subjects(last.evaluation)?;
    Ok((known == subjects).then_some(last))
}

/// For whom it would open a run, as it is kept.
fn listed(store: &Store, survey: &Survey) -> Result<Vec<Subject>, EngineError> {
    let mut subjects = Vec::with_capacity(survey.opens.len());
    for id in &survey.opens {
        subjects.extend(subject(store, *id)?);
    }
    Ok(subjects)
}

/// A held evaluation, for events or for all in scope, of nobody yet.
fn empty(
    (row, for_events): (&PolicyRow, bool),
    (evaluation, version): (i64, u32),
    (survey, now): (&Survey, Timestamp),
) -> HeldEvaluation {
    HeldEvaluation {
        evaluation,
        policy_id: row.id,
        version,
        at: now,
        for_events,
        opened: survey.limit.opened,
        allowed: survey.limit.allowed.unwrap_or_default(),
        state: "held".to_owned(),
        settled_at: None,
        settled_by: None,
        reason: None,
    }
}

/// Whom the events of a held evaluation reach, and why.
fn reached(store: &Store, held: i64) -> Result<Reached, EngineError> {
    let mut reached = Reached::new();
    for (subject, heard) in store.held_for(held)? {
        reached.insert(subject, serde_json::from_str(&heard)?);
    }
    Ok(reached)
}

/// Drops a held evaluation: nothing is opened.
pub fn discard(
    store: &Store,
    evaluation: i64,
    (by, reason): (&str, &str),
    now: Timestamp,
) -> Result<HeldEvaluation, EngineError> {
    store.atomically(|| {
        let held = held(store, evaluation)?;
        store.settle_held((evaluation, "discarded"), (by, reason), now)?;
        // Another version may have been about to evaluate it anew.
        store.is_not_made_anew(evaluation)?;
        Ok(held)
    })
}

/// The evaluation of that number, which must be held.
fn held(store: &Store, evaluation: i64) -> Result<HeldEvaluation, EngineError> {
    let Some(held) = store.held_evaluation(evaluation)? else {
        if store.evaluation(evaluation)?.is_none() {
            return Err(EngineError::NoEvaluation(evaluation));
        }
        return Err(EngineError::Refused(format!(
            "evaluation {evaluation} is not held, and never was: `tenure held` lists those \
             that are"
        )));
    };
    if held.state == "held" {
        return Ok(held);
    }
    let by = held.settled_by.unwrap_or_default();
    let at = held.settled_at.map(|at| format!(" at {at}")).unwrap_or_default();
    Err(EngineError::Refused(format!(
        "evaluation {evaluation} is not held any more: {} by {by}{at}",
        held.state
    )))
}

/// Refuses where an evaluation would no longer open what a held one would have.
pub(super) fn unmoved(
    store: &Store,
    held: &HeldEvaluation,
    opens: &[SubjectId],
) -> Result<(), EngineError> {
    let subjects = store.held_subjects(held.evaluation)?;
    let then: BTreeSet<SubjectId> = subjects.iter().map(|subject| subject.id).collect();
    let now: BTreeSet<SubjectId> = opens.iter().copied().collect();
    if then == now {
        return Ok(());
    }
    let mut more = Vec::new();
    for id in now.difference(&then) {
        more.extend(subject(store, *id)?.map(|subject| subject.name));
    }
    let less: Vec<String> = subjects
        .iter()
        .filter(|subject| !now.contains(&subject.id))
        .map(|subject| subject.name.clone())
        .collect();
    let mut why =
        format!("evaluation {} would no longer open the same:", held.evaluation);
    if !more.is_empty() {
        _ = write!(why, " also {}", names(&more));
    }
    if !less.is_empty() {
        let also = if more.is_empty() { "" } else { ";" };
        _ = write!(why, "{also} not {}", names(&less));
    }
    Err(EngineError::Refused(why))
}

fn names(all: &[String]) -> String {
    let mut names = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if let Some(more) = all.len().checked_sub(NAMED).filter(|more| *more > 0) {
        _ = write!(names, " and {more} more");
    }
    names
}

fn subject(store: &Store, id: SubjectId) -> Result<Option<Subject>, EngineError> {
    Ok(store.facts(id)?.map(|facts| facts.subject))
}

/// A line for each of those for whom a run would be opened, up to so many.
fn lines(subjects: &[Subject]) -> String {
    let lines = subjects.iter().take(LISTED);
    lines
        .map(|subject| format!("  {}\n", one_line(&subject.name)))
        .collect()
}

/// For whom an evaluation would open a run, a line for each.
pub(super) fn listed_runs(store: &Store, survey: &Survey) -> Result<String, EngineError> {
    Ok(lines(&listed(store, survey)?))
}

/// What the admin is told of a held evaluation.
fn letter(
    policy: &str,
    (held, subjects): (&HeldEvaluation, &[Subject]),
    of_store: bool,
) -> (String, String) {
    let HeldEvaluation { evaluation, opened, allowed, .. } = held;
    let runs = counted(subjects.len(), "run", "runs");
    let (to, by) = match of_store {
        true => {
            (" to all policies together, by the limit of the whole store", " by them")
        }
        false => ("", ""),
    };
    let mut body = format!(
        "policy \"{policy}\" would open {runs} and is held: {allowed} are allowed in 24 \
         hours{to}, and {opened} were opened{by}. Nothing was opened.\n\n\
         Open all of them: tenure release {evaluation} --reason ...\n\
         Open none: tenure discard {evaluation} --reason ...\n\n\
         A run would be opened for:\n"
    );
    body += &lines(subjects);
    if let Some(more) = subjects.len().checked_sub(LISTED).filter(|more| *more > 0) {
        _ = writeln!(body, "  and {more} more: tenure held {evaluation}");
    }
    (format!("Evaluation {evaluation} of {policy} is held: {runs}"), body)
}
