//! Published texts, and which of them are active since when.

use crate::store::{Mode, Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// A policy of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRow {
    /// The store's number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The newest version; 0 where all were deleted.
    pub newest: u32,
    /// The active version, if one is.
    pub active: Option<u32>,
    /// The instant after which its schedule is due next; `None` while inactive.
    pub scheduled_from: Option<Timestamp>,
    /// How the active version was put to work.
    pub mode: Mode,
}

const ROW: &str = "SELECT p.id, p.name,
       (SELECT max(version) FROM policy_version v WHERE v.policy_id = p.id),
       p.active_version, p.scheduled_from, p.observe, p.only_where FROM policy p";

impl Store {
    /// The policy of that name, in any case of its letters.
    pub fn policy(&self, name: &str) -> Result<Option<PolicyRow>, StoreError> {
        let sql = format!("{ROW} WHERE p.name_key = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([fold(name)], policy_row).optional()?)
    }

    /// All policies by name.
    pub fn policies(&self) -> Result<Vec<PolicyRow>, StoreError> {
        let sql = format!("{ROW} ORDER BY p.name_key");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], policy_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The text of a version.
    pub fn policy_text(
        &self,
        id: i64,
        version: u32,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT text FROM policy_version WHERE policy_id = ?1 AND version = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row(params![id, version], |row| row.get(0))
            .optional()?)
    }

    /// What the names of a version stood for when it was put to work, as JSON.
    pub(crate) fn policy_names(
        &self,
        id: i64,
        version: u32,
    ) -> Result<Option<String>, StoreError> {
        let sql =
            "SELECT names FROM policy_version WHERE policy_id = ?1 AND version = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let names = statement.query_row(params![id, version], |row| row.get(0));
        Ok(names.optional()?.flatten())
    }

    /// Puts that on record.
    pub(crate) fn set_policy_names(
        &self,
        id: i64,
        version: u32,
        names: &str,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE policy_version SET names = ?3 WHERE policy_id = ?1 AND version = ?2";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, version, names])?;
        Ok(())
    }

    /// Makes a version the active one, for all in its scope.
    pub fn activate(
        &self,
        id: i64,
        version: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.activate_as((id, version), &Mode::default(), now).map(drop)
    }

    /// Makes a version the active one; its schedule counts from `now`, and its names stand
    /// for what they stand for from now on. Nothing is done where there is no such version.
    pub(crate) fn activate_as(
        &self,
        (id, version): (i64, u32),
        mode: &Mode,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = self.connection.execute(
            "UPDATE policy_version SET activated_at = ?3, names = NULL,
               turn = (SELECT ifnull(max(turn), 0) + 1 FROM policy_version)
             WHERE policy_id = ?1 AND version = ?2",
            params![id, version, now.0],
        )?;
        if found == 0 {
            return Ok(false);
        }
        self.listen_from_now(id)?;
        self.connection.execute(
            "UPDATE policy SET active_version = ?2, scheduled_from = ?3, observe = ?4,
                 only_where = ?5 WHERE id = ?1",
            params![id, version, now.0, mode.observe, mode.only],
        )?;
        self.connection.execute(
            "UPDATE pilot SET names = NULL
             WHERE policy_id = ?1 AND version = ?2 AND condition = ?3",
            params![id, version, mode.only],
        )?;
        // What was only observed stands in the way of nothing from now on.
        self.connection.execute(
            "UPDATE run SET blocks_until = 0
             WHERE policy_id = ?1 AND blocks_until > 0 AND observed = 1",
            [id],
        )?;
        Ok(true)
    }

    /// When a version was last activated.
    pub(crate) fn activated_at(
        &self,
        id: i64,
        version: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT activated_at FROM policy_version
                   WHERE policy_id = ?1 AND version = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at = statement.query_row(params![id, version], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.map(Timestamp))
        });
        Ok(at.optional()?.flatten())
    }

    /// When a policy was last evaluated for all in scope, and not held, by whichever clock
    /// went furthest.
    pub(crate) fn last_evaluated(
        &self,
        id: i64,
    ) -> Result<Option<Timestamp>, StoreError> {
        // What a held one found is not done with, unless somebody discarded it.
        let sql = "SELECT at FROM evaluation
                   WHERE policy_id = ?1 AND cause IN
                       ('schedule', 'activation', 'demand', 'release')
                     AND (held = 0 OR EXISTS (
                         SELECT 1 FROM held WHERE held.policy_id = ?1
                           AND state = 'discarded' AND for_events = 0
                           AND evaluation.id BETWEEN evaluation_id AND last_id))
                   ORDER BY at DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at = statement.query_row([id], |row| Ok(Timestamp(row.get(0)?)));
        Ok(at.optional()?)
    }

    /// When an evaluation of a policy by its schedule was put on record last that was not made.
    pub(crate) fn last_missed(&self, id: i64) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT at FROM evaluation WHERE policy_id = ?1 AND cause = 'missed'
                   ORDER BY at DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement
            .query_row([id], |row| Ok(Timestamp(row.get(0)?)))
            .optional()?)
    }

    /// What the last evaluation of a policy found that was made, as JSON.
    pub(crate) fn last_found(&self, id: i64) -> Result<Option<String>, StoreError> {
        let sql =
            "SELECT report FROM evaluation WHERE policy_id = ?1 AND cause <> 'missed'
                   ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// Ends the evaluations of a policy; its open runs go on.
    pub fn deactivate(&self, id: i64) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE policy SET active_version = NULL, scheduled_from = NULL, observe = 0,
                 only_where = NULL WHERE id = ?1",
            [id],
        )?;
        Ok(())
    }

    /// What the names of a pilot stood for when it was put to work, as JSON.
    pub(crate) fn pilot_names(
        &self,
        (id, version): (i64, u32),
        condition: &str,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT names FROM pilot
                   WHERE policy_id = ?1 AND version = ?2 AND condition = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let names =
            statement.query_row(params![id, version, condition], |row| row.get(0));
        Ok(names.optional()?.flatten())
    }

    /// Puts that on record.
    pub(crate) fn set_pilot_names(
        &self,
        (id, version): (i64, u32),
        condition: &str,
        names: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO pilot(policy_id, version, condition, names)
                   VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT DO UPDATE SET names = excluded.names";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, version, condition, names])?;
        Ok(())
    }

    /// Notes that the schedule was followed up to `now`.
    pub(crate) fn set_scheduled_from(
        &self,
        id: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE policy SET scheduled_from = ?2
                   WHERE id = ?1 AND active_version IS NOT NULL";
        self.connection.prepare_cached(sql)?.execute(params![id, now.0])?;
        Ok(())
    }
}

fn policy_row(row: &Row<'_>) -> rusqlite::Result<PolicyRow> {
    Ok(PolicyRow {
        id: row.get(0)?,
        name: row.get(1)?,
        newest: row.get::<_, Option<u32>>(2)?.unwrap_or(0),
        active: row.get(3)?,
        scheduled_from: row.get::<_, Option<i64>>(4)?.map(Timestamp),
        mode: Mode { observe: row.get(5)?, only: row.get(6)? },
    })
}
