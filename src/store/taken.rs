//! What runs took away, until the data shows what became of it.

use crate::facts::SubjectId;
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, params};

/// What is looked for in newer data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// An account that is gone from its app.
    Account(i64),
    /// An account that is disabled.
    Disabled(i64),
    /// A permission that an account no longer holds.
    Permission(i64, i64),
    /// A user who is no longer a direct member of a group.
    Membership(i64, i64),
}

/// Something that was taken and that newer data shows still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StillThere {
    /// The number of the record.
    pub(crate) id: i64,
    /// The run that took it.
    pub(crate) run: i64,
    /// When an import showed it.
    pub(crate) shown_at: Timestamp,
    /// How it was taken, as JSON.
    pub(crate) change: String,
}

impl Store {
    /// Notes what a run has taken, to look for it in newer data.
    pub(crate) fn look_out(
        &self,
        (run, gone): (i64, Gone),
        change: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (kind, holder, held, disabled) = match gone {
            Gone::Account(account) => ("account", account, 0, false),
            Gone::Disabled(account) => ("account", account, 0, true),
            Gone::Permission(account, held) => ("permission", account, held, false),
            Gone::Membership(user, group) => ("membership", user, group, false),
        };
        let sql =
            "INSERT INTO taken(run_id, kind, holder, held, disabled, taken_at, change)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![run, kind, holder, held, disabled, now.0, change])?;
        Ok(())
    }

    /// What newer data shows still, the oldest first.
    pub(crate) fn still_there(&self) -> Result<Vec<StillThere>, StoreError> {
        let sql = "SELECT id, run_id, shown_at, change FROM taken
                   WHERE shown_at IS NOT NULL ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(StillThere {
                id: row.get(0)?,
                run: row.get(1)?,
                shown_at: Timestamp(row.get(2)?),
                change: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Looks for it no longer.
    pub(crate) fn found_out(&self, id: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM taken WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([id])?;
        Ok(())
    }

    /// Looks no longer for what a run has taken so.
    pub(crate) fn look_out_no_more(
        &self,
        run: i64,
        change: &str,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM taken WHERE run_id = ?1 AND change = ?2";
        self.connection.prepare_cached(sql)?.execute(params![run, change])?;
        Ok(())
    }

    /// A run made somebody a member: that they are one is no wonder, and that they are none by
    /// older data is said.
    pub(crate) fn made_member(
        &self,
        run: i64,
        (user, group): (i64, i64),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM taken WHERE kind = 'membership' AND holder = ?1 AND held = ?2";
        self.connection.prepare_cached(sql)?.execute([user, group])?;
        let sql = "INSERT OR REPLACE INTO given(holder, held, run_id, given_at)
                   VALUES (?1, ?2, ?3, ?4)";
        self.connection
            .prepare_cached(sql)?
            .execute([user, group, run, now.0])?;
        Ok(())
    }

    /// The run that a subject is gone by, and when that was; a grant is gone with its account.
    /// Nothing where an import did not list it.
    pub(crate) fn gone_by(
        &self,
        subject: SubjectId,
    ) -> Result<Option<(i64, Timestamp)>, StoreError> {
        let (kind, of) = match subject {
            SubjectId::Account(_) => ("account", "?2"),
            SubjectId::User(_) => ("user", "?2"),
            SubjectId::Grant(_) => {
                ("account", "(SELECT account_id FROM access_grant WHERE id = ?2)")
            }
        };
        let sql =
            format!("SELECT run_id, at FROM gone_by WHERE kind = ?1 AND subject = {of}");
        let found =
            self.connection
                .query_row(&sql, params![kind, subject.number()], |row| {
                    Ok((row.get(0)?, Timestamp(row.get(1)?)))
                });
        Ok(found.optional()?)
    }

    /// The last run in earnest that took the account or the grant that is printed so, where none
    /// is left of it.
    pub(crate) fn printed_taken_by(
        &self,
        printed: &str,
    ) -> Result<Option<(i64, Timestamp)>, StoreError> {
        let sql = "SELECT id, ended_at FROM run WHERE subject_kind <> 1 AND observed = 0
                     AND state = 'removed' AND json_extract(body, '$.undone') IS NULL
                     AND subject_name = ?1 COLLATE NOCASE
                   ORDER BY ended_at DESC, id DESC LIMIT 1";
        let found = self
            .connection
            .query_row(sql, [printed], |row| Ok((row.get(0)?, Timestamp(row.get(1)?))));
        Ok(found.optional()?)
    }
}
