//! The runs that began to take something away: what the limits count beside the openings.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, params};

const BEGAN: &str = "SELECT count(*) FROM taking
    WHERE policy_id = ?1 AND at > ?2 AND run_id <> ?3";

const BEGAN_BY_ALL: &str = "SELECT count(*) FROM taking WHERE at > ?1 AND run_id <> ?2";

impl Store {
    /// Notes that a run begins to take something away, or does so again.
    pub(crate) fn note_taking(
        &self,
        (run_id, policy_id): (i64, i64),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO taking(run_id, policy_id, at) VALUES (?1, ?2, ?3)
                   ON CONFLICT(run_id) DO UPDATE SET at = max(at, excluded.at)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![run_id, policy_id, now.0])?;
        Ok(())
    }

    /// How many runs of a policy, or without one of all policies, began to take something
    /// away since an instant, without that one.
    pub(crate) fn began_since(
        &self,
        policy_id: Option<i64>,
        (since, but): (Timestamp, i64),
    ) -> Result<u64, StoreError> {
        let count: i64 = match policy_id {
            Some(id) => self
                .connection
                .prepare_cached(BEGAN)?
                .query_row([id, since.0, but], |row| row.get(0))?,
            None => self
                .connection
                .prepare_cached(BEGAN_BY_ALL)?
                .query_row([since.0, but], |row| row.get(0))?,
        };
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// When the one of these runs began that was followed by so many later ones.
    pub(crate) fn began_before(
        &self,
        policy_id: Option<i64>,
        (since, but): (Timestamp, i64),
        later: u64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT at FROM taking
                   WHERE (?1 IS NULL OR policy_id = ?1) AND at > ?2 AND run_id <> ?3
                   ORDER BY at DESC LIMIT 1 OFFSET ?4";
        let later = i64::try_from(later).unwrap_or(i64::MAX);
        let at = self
            .connection
            .prepare_cached(sql)?
            .query_row(params![policy_id, since.0, but, later], |row| row.get(0))
            .optional()?;
        Ok(at.map(Timestamp))
    }
}
