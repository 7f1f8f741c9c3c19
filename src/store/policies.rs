//! Published texts, and which of them are active since when.

use crate::store::{Store, StoreError};
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
    /// The newest version.
    pub newest: u32,
    /// The active version, if one is.
    pub active: Option<u32>,
    /// The instant after which its schedule is due next; `None` while inactive.
    pub scheduled_from: Option<Timestamp>,
}

/// What publishing a text led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The version that holds the text.
    pub version: u32,
    /// Whether that version was there before.
    pub unchanged: bool,
}

const ROW: &str = "SELECT p.id, p.name,
       (SELECT max(version) FROM policy_version v WHERE v.policy_id = p.id),
       p.active_version, p.scheduled_from FROM policy p";

impl Store {
    /// Stores a policy's text as a new version, unless its newest version is that text.
    pub fn publish(
        &self,
        name: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Published, StoreError> {
        let id = match self.policy(name)? {
            Some(policy) => {
                if self.policy_text(policy.id, policy.newest)?.as_deref() == Some(text) {
                    return Ok(Published { version: policy.newest, unchanged: true });
                }
                policy.id
            }
            None => self.connection.query_row(
                "INSERT INTO policy(name, name_key) VALUES (?1, ?2) RETURNING id",
                params![name, fold(name)],
                |row| row.get(0),
            )?,
        };
        let version = self.connection.query_row(
            "INSERT INTO policy_version(policy_id, version, text, published_at)
             SELECT ?1, ifnull(max(version), 0) + 1, ?2, ?3
             FROM policy_version WHERE policy_id = ?1 RETURNING version",
            params![id, text, now.0],
            |row| row.get(0),
        )?;
        Ok(Published { version, unchanged: false })
    }

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

    /// Makes a version the active one; its schedule counts from `now`, and its names stand
    /// for what they stand for from now on.
    pub fn activate(
        &self,
        id: i64,
        version: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE policy SET active_version = ?2, scheduled_from = ?3 WHERE id = ?1",
            params![id, version, now.0],
        )?;
        self.connection.execute(
            "UPDATE policy_version SET activated_at = ?3, names = NULL
             WHERE policy_id = ?1 AND version = ?2",
            params![id, version, now.0],
        )?;
        Ok(())
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

    /// When a policy was last evaluated for all in scope, by whichever clock went furthest.
    pub(crate) fn last_evaluated(
        &self,
        id: i64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT at FROM evaluation
                   WHERE policy_id = ?1 AND cause IN ('schedule', 'activation')
                   ORDER BY at DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at = statement.query_row([id], |row| Ok(Timestamp(row.get(0)?)));
        Ok(at.optional()?)
    }

    /// Ends the evaluations of a policy; its open runs go on.
    pub fn deactivate(&self, id: i64) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE policy SET active_version = NULL, scheduled_from = NULL WHERE id = ?1",
            [id],
        )?;
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
    })
}
