//! Evaluations that are held, and what the admin was told of.

use crate::facts::Subject;
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
    /// For whom it would have opened a run.
    pub subjects: Vec<Subject>,
    /// Which events these are for, as JSON; nothing where it was for no event.
    pub heard: Option<String>,
    /// How many runs had been opened in the 24 hours before.
    pub opened: u64,
    /// How many are allowed.
    pub allowed: u64,
    /// `held`, `released`, `discarded` or `replaced`.
    pub state: String,
    /// When it ceased to be held.
    pub settled_at: Option<Timestamp>,
    /// By whom, or by what.
    pub settled_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

const HELD: &str =
    "SELECT evaluation_id, policy_id, version, at, subjects, opened, allowed,
    state, settled_at, settled_by, reason, heard FROM held";

impl Store {
    /// Puts a held evaluation on record.
    pub(crate) fn hold(&self, held: &HeldEvaluation) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO held(evaluation_id, last_id, policy_id, version, at, subjects,
                       opened, allowed, state, heard)
                   VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
        let subjects = serde_json::to_string(&held.subjects).unwrap_or_default();
        self.connection.prepare_cached(sql)?.execute(params![
            held.evaluation,
            held.policy_id,
            held.version,
            held.at.0,
            subjects,
            count(held.opened),
            count(held.allowed),
            held.state,
            held.heard,
        ])?;
        Ok(())
    }

    /// Adds to a held evaluation whom a later one would open a run for.
    pub(crate) fn hold_more(
        &self,
        held: &HeldEvaluation,
        later: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE held SET last_id = ?2, subjects = ?3, heard = ?4
                   WHERE evaluation_id = ?1";
        let subjects = serde_json::to_string(&held.subjects).unwrap_or_default();
        self.connection.prepare_cached(sql)?.execute(params![
            held.evaluation,
            later,
            subjects,
            held.heard
        ])?;
        Ok(())
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

    /// Notes that a later evaluation would open the same as one that is held.
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
            "{HELD} WHERE policy_id = ?1 AND (heard IS NOT NULL) = ?2
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
    let subjects: String = row.get(4)?;
    let unreadable = |error: serde_json::Error| {
        rusqlite::Error::FromSqlConversionFailure(
            4,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    };
    Ok(HeldEvaluation {
        evaluation: row.get(0)?,
        policy_id: row.get(1)?,
        version: row.get(2)?,
        at: Timestamp(row.get(3)?),
        subjects: serde_json::from_str(&subjects).map_err(unreadable)?,
        opened: u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
        allowed: u64::try_from(row.get::<_, i64>(6)?).unwrap_or(0),
        state: row.get(7)?,
        settled_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
        settled_by: row.get(9)?,
        reason: row.get(10)?,
        heard: row.get(11)?,
    })
}
