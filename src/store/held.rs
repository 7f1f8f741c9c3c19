//! Evaluations that are held, and what the admin was told of.

use crate::facts::{Subject, SubjectId};
use crate::store::runs::subject_id;
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// An evaluation that would have passed its limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEvaluation {
    /// The evaluation's number.
    pub evaluation: i64,
    /// The policy's number.
    pub policy_id: i64,
    /// The version that was evaluated.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// Whether it was for events.
    pub for_events: bool,
    /// How many runs had been opened in the 24 hours before.
    pub opened: u64,
    /// How many are allowed.
    pub allowed: u64,
    /// `held`, `released`, `discarded`, `replaced` or `evaluated anew`.
    pub state: String,
    /// When it ceased to be held.
    pub settled_at: Option<Timestamp>,
    /// By whom, or by what.
    pub settled_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

const HELD: &str =
    "SELECT evaluation_id, policy_id, version, at, for_events, opened, allowed,
    state, settled_at, settled_by, reason FROM held";

impl Store {
    /// Puts a held evaluation on record.
    pub(crate) fn hold(&self, held: &HeldEvaluation) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO held(evaluation_id, last_id, policy_id, version, at, for_events,
                       opened, allowed, state)
                   VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
        self.connection.prepare_cached(sql)?.execute(params![
            held.evaluation,
            held.policy_id,
            held.version,
            held.at.0,
            held.for_events,
            count(held.opened),
            count(held.allowed),
            held.state,
        ])?;
        Ok(())
    }

    /// Adds somebody to the list of a held evaluation, who is not on it yet; and for which
    /// event, as JSON, where it is for one.
    pub(crate) fn hold_subject(
        &self,
        held: i64,
        (subject, heard): (&Subject, Option<&str>),
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO held_subject(evaluation_id, subject_kind, subject_id,
                       subject_name, heard)
                   VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT(evaluation_id, subject_kind, subject_id) DO NOTHING";
        let (kind, number) = (subject.id.kind().number(), subject.id.number());
        self.connection.prepare_cached(sql)?.execute(params![
            held,
            kind,
            number,
            subject.name,
            heard
        ])?;
        Ok(())
    }

    /// For whom a held evaluation would have opened a run.
    pub fn held_subjects(&self, held: i64) -> Result<Vec<Subject>, StoreError> {
        let sql = "SELECT subject_kind, subject_id, subject_name FROM held_subject
                   WHERE evaluation_id = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([held], |row| {
            Ok(Subject {
                id: subject_id(row.get(0)?, row.get(1)?),
                name: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// For which event each of them is on the list, as JSON; nobody where it is for none.
    pub(crate) fn held_for(
        &self,
        held: i64,
    ) -> Result<Vec<(SubjectId, String)>, StoreError> {
        let sql = "SELECT subject_kind, subject_id, heard FROM held_subject
                   WHERE evaluation_id = ?1 AND heard IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([held], |row| {
            Ok((subject_id(row.get(0)?, row.get(1)?), row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The same of one of them.
    pub(crate) fn held_for_whom(
        &self,
        held: i64,
        subject: SubjectId,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT heard FROM held_subject WHERE evaluation_id = ?1
                     AND subject_kind = ?2 AND subject_id = ?3 AND heard IS NOT NULL";
        let of = params![held, subject.kind().number(), subject.number()];
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(of, |row| row.get(0)).optional()?)
    }

    /// Notes to which held evaluation one belongs: whose list it is or came to, or which it
    /// released.
    pub(crate) fn belongs_to_held(
        &self,
        evaluation: i64,
        held: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE evaluation SET held_id = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([evaluation, held])?;
        Ok(())
    }

    /// The evaluation that released a held one.
    pub fn released_by(&self, held: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT max(id) FROM evaluation WHERE held_id = ?1 AND held = 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([held], |row| row.get(0))?)
    }

    /// The held evaluations that one was made for anew.
    pub fn made_anew(&self, evaluation: i64) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT evaluation_id FROM held WHERE state = 'evaluated anew'
                     AND settled_by = 'evaluation ' || ?1
                     AND policy_id = (SELECT policy_id FROM evaluation WHERE id = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([evaluation], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that a later evaluation would open the same as one that is held, or came to its
    /// list.
    pub(crate) fn still_held(&self, held: i64, later: i64) -> Result<(), StoreError> {
        let sql = "UPDATE held SET last_id = ?2 WHERE evaluation_id = ?1";
        self.connection.prepare_cached(sql)?.execute([held, later])?;
        Ok(())
    }

    /// The held evaluations, the oldest first; of a policy at most one for all in scope, and
    /// one for events.
    pub fn held(&self) -> Result<Vec<HeldEvaluation>, StoreError> {
        let sql = format!("{HELD} WHERE state = 'held' ORDER BY evaluation_id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], held_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// An evaluation that is or was held.
    pub fn held_evaluation(
        &self,
        evaluation: i64,
    ) -> Result<Option<HeldEvaluation>, StoreError> {
        let sql = format!("{HELD} WHERE evaluation_id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([evaluation], held_row).optional()?)
    }

    /// The evaluation of a policy, for all in scope or for events, that was held last,
    /// whatever became of it.
    pub(crate) fn last_held(
        &self,
        policy_id: i64,
        for_events: bool,
    ) -> Result<Option<HeldEvaluation>, StoreError> {
        let sql = format!(
            "{HELD} WHERE policy_id = ?1 AND for_events = ?2
             ORDER BY evaluation_id DESC LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let of = params![policy_id, for_events];
        Ok(statement.query_row(of, held_row).optional()?)
    }

    /// Says what became of a held evaluation.
    pub(crate) fn settle_held(
        &self,
        (evaluation, state): (i64, &str),
        (by, reason): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE held SET state = ?2, settled_by = ?3, reason = ?4, settled_at = ?5
                   WHERE evaluation_id = ?1 AND state = 'held'";
        self.connection
            .prepare_cached(sql)?
            .execute(params![evaluation, state, by, reason, now.0])?;
        Ok(())
    }

    /// Notes that the admin is told of something; whether that was not so already, since an
    /// instant and in the same words.
    pub(crate) fn tell_once(
        &self,
        (about, what): (&str, &str),
        (since, now): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO told(about, what, at) VALUES (?1, ?2, ?4)
                   ON CONFLICT(about) DO UPDATE SET what = excluded.what, at = excluded.at
                   WHERE what <> excluded.what OR at <= ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.execute(params![about, what, since.0, now.0])? > 0)
    }
}

fn held_row(row: &Row<'_>) -> rusqlite::Result<HeldEvaluation> {
    Ok(HeldEvaluation {
        evaluation: row.get(0)?,
        policy_id: row.get(1)?,
        version: row.get(2)?,
        at: Timestamp(row.get(3)?),
        for_events: row.get(4)?,
        opened: u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
        allowed: u64::try_from(row.get::<_, i64>(6)?).unwrap_or(0),
        state: row.get(7)?,
        settled_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
        settled_by: row.get(9)?,
        reason: row.get(10)?,
    })
}
