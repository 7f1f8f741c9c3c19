//! Pauses: what leaves nothing for a while, since when, by whom and why.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// A pause that is not over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseRow {
    /// The policy's number; nothing where everything is paused.
    pub policy_id: Option<i64>,
    /// Since when.
    pub since: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

const OPEN: &str =
    "SELECT policy_id, since, paused_by, reason FROM pause WHERE resumed_at IS NULL";

impl Store {
    /// Pauses a policy, or everything; it must not be paused so already.
    pub(crate) fn begin_pause(&self, pause: &PauseRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO pause(policy_id, since, paused_by, reason)
                   VALUES (?1, ?2, ?3, ?4)";
        let PauseRow { policy_id, since, by, reason } = pause;
        self.connection.prepare_cached(sql)?.execute(params![
            policy_id.unwrap_or(0),
            since.0,
            by,
            reason
        ])?;
        Ok(())
    }

    /// Ends a pause.
    pub(crate) fn end_pause(
        &self,
        policy_id: Option<i64>,
        (by, now): (&str, Timestamp),
    ) -> Result<(), StoreError> {
        let sql = "UPDATE pause SET resumed_at = ?2, resumed_by = ?3
                   WHERE policy_id = ?1 AND resumed_at IS NULL";
        self.connection.prepare_cached(sql)?.execute(params![
            policy_id.unwrap_or(0),
            now.0,
            by
        ])?;
        Ok(())
    }

    /// The pauses that are not over; that of everything first.
    pub fn pauses(&self) -> Result<Vec<PauseRow>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("{OPEN} ORDER BY policy_id"))?;
        let rows = statement.query_map([], pause_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The pause of a policy, or of everything, where there is one.
    pub(crate) fn pause_of(
        &self,
        policy_id: Option<i64>,
    ) -> Result<Option<PauseRow>, StoreError> {
        let sql = format!("{OPEN} AND policy_id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([policy_id.unwrap_or(0)], pause_row).optional()?)
    }

    /// Whether nothing of a policy leaves now: it is paused, or everything is.
    pub(crate) fn is_paused(&self, policy_id: i64) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM pause
                   WHERE resumed_at IS NULL AND policy_id IN (0, ?1))";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([policy_id], |row| row.get(0))?)
    }

    /// When a time began that has just ended, in which the policy, or everything, was paused
    /// without a break.
    pub(crate) fn still_since(
        &self,
        policy_id: i64,
        ended: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let sql = "SELECT min(since) FROM pause
                   WHERE policy_id IN (0, ?1) AND since < ?2 AND resumed_at >= ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut since = ended;
        loop {
            let earlier: Option<i64> =
                statement.query_row(params![policy_id, since.0], |row| row.get(0))?;
            match earlier {
                Some(earlier) => since = Timestamp(earlier),
                None => return Ok(since),
            }
        }
    }

    /// The pauses of a policy, or of everything, in a time that has just ended, each with its
    /// end; the earliest first.
    pub(crate) fn pauses_between(
        &self,
        policy_id: i64,
        (since, ended): (Timestamp, Timestamp),
    ) -> Result<Vec<(PauseRow, Timestamp)>, StoreError> {
        let sql = "SELECT policy_id, since, paused_by, reason, resumed_at FROM pause
                   WHERE policy_id IN (0, ?1) AND since >= ?2 AND resumed_at <= ?3
                   ORDER BY since, id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let between = params![policy_id, since.0, ended.0];
        let rows = statement
            .query_map(between, |row| Ok((pause_row(row)?, Timestamp(row.get(4)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether an effect may leave at this moment: it still waits, and is not paused.
    pub(crate) fn may_leave(&self, key: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM outbox
                   WHERE key = ?1 AND next_at IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM pause WHERE resumed_at IS NULL
                         AND pause.policy_id IN (0, outbox.policy_id)))";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([key], |row| row.get(0))?)
    }
}

fn pause_row(row: &Row<'_>) -> rusqlite::Result<PauseRow> {
    let policy: i64 = row.get(0)?;
    Ok(PauseRow {
        policy_id: (policy != 0).then_some(policy),
        since: Timestamp(row.get(1)?),
        by: row.get(2)?,
        reason: row.get(3)?,
    })
}
