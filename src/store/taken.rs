//! What runs took away, until the data shows what became of it.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::params;

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

    /// Looks no longer for what a run has taken.
    pub(crate) fn look_out_no_more(&self, run: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM taken WHERE run_id = ?1";
        self.connection.prepare_cached(sql)?.execute([run])?;
        Ok(())
    }

    /// Somebody was made a member: that they are one is no wonder.
    pub(crate) fn member_again(&self, user: i64, group: i64) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM taken WHERE kind = 'membership' AND holder = ?1 AND held = ?2";
        self.connection.prepare_cached(sql)?.execute([user, group])?;
        Ok(())
    }
}
