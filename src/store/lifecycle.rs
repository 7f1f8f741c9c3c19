//! What lifecycle states mean: who does not stand yet as they say, and each change on record.

use crate::ir::IdentityState;
use crate::store::{Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeMap;

/// The mapping as text: equal where everybody would stand alike.
const MAPPING: &str = "SELECT json_group_object(name_key, state) FROM
    (SELECT name_key, state FROM lifecycle_meaning WHERE state <> 0 ORDER BY name_key)";

/// Everybody, with what the mapping says of them.
const STANDING: &str =
    "SELECT i.id, i.email, l.name, i.identity_state, ifnull(m.state, 0) AS meant
     FROM identity i LEFT JOIN lifecycle_state l ON l.id = i.lifecycle_id
     LEFT JOIN lifecycle_meaning m ON m.id = i.lifecycle_id
     WHERE i.gone = 0 AND i.identity_state <> ifnull(m.state, 0)";

/// Somebody whose identity state is not the one that their lifecycle state stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The user's number.
    pub user: i64,
    /// The user's address.
    pub email: String,
    /// The lifecycle state, where there is one.
    pub lifecycle: Option<String>,
    /// The identity state on record.
    pub before: IdentityState,
    /// What it becomes.
    pub after: IdentityState,
}

/// A change of somebody's identity state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateChange<'a> {
    /// The user's number.
    pub user: i64,
    /// What it was.
    pub before: IdentityState,
    /// What it is.
    pub after: IdentityState,
    /// What it came by: `import`, `step`, `process`.
    pub cause: &'static str,
    /// Who asked for it, and why it may pass the limit.
    pub by: Option<(&'a str, Option<&'a str>)>,
}

/// Puts a change of somebody's identity state on record; the one place that all of them pass.
pub(super) fn identity_state_changed(
    connection: &Connection,
    change: &StateChange<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (by, reason) = change.by.unzip();
    connection
        .prepare_cached(
            "INSERT INTO identity_change(identity_id, at, before, after, cause, by, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            change.user,
            now.0,
            change.before.number(),
            change.after.number(),
            change.cause,
            by,
            reason.flatten(),
        ])?;
    Ok(())
}

/// Gives somebody another identity state.
pub(super) fn change_state(
    connection: &Connection,
    change: &StateChange<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE identity SET identity_state = ?2 WHERE id = ?1")?
        .execute([change.user, change.after.number()])?;
    identity_state_changed(connection, change, now)
}

/// What is pending for one user.
pub(super) fn pending_of(
    connection: &Connection,
    user: i64,
) -> Result<Option<Pending>, StoreError> {
    let sql = format!("{STANDING} AND i.id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([user], pending).optional()?)
}

/// Notes that everybody stands as the mapping says now.
pub(super) fn note_mapping(connection: &Connection) -> Result<(), StoreError> {
    let sql = format!("UPDATE meta SET value = ({MAPPING}) WHERE key = 'lifecycle'");
    connection.execute(&sql, [])?;
    Ok(())
}

impl Store {
    /// The lifecycle states by folded name, and the identity state that each stands for.
    pub(crate) fn lifecycle_states(
        &self,
    ) -> Result<BTreeMap<String, IdentityState>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT name_key, state FROM lifecycle_meaning")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, IdentityState::from_number(row.get(1)?)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether lifecycle states mean something else than when everybody's identity state was
    /// last computed, and that is another one for anybody.
    pub fn mapping_is_pending(&self) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT value <> ({MAPPING}) AND EXISTS ({STANDING}) FROM meta
             WHERE key = 'lifecycle'"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    /// Whose identity state changes when it is computed anew, by address.
    pub fn pending_states(&self) -> Result<Vec<Pending>, StoreError> {
        let sql = format!("{STANDING} ORDER BY i.email_key");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], pending)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is pending for one user.
    pub fn pending_state(&self, user: i64) -> Result<Option<Pending>, StoreError> {
        pending_of(&self.connection, user)
    }

    /// Notes that everybody stands as the mapping says now.
    pub(crate) fn settle_mapping(&self) -> Result<(), StoreError> {
        note_mapping(&self.connection)
    }

    /// Gives somebody another identity state, on record.
    pub(crate) fn change_identity_state(
        &self,
        change: &StateChange<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        change_state(&self.connection, change, now)
    }

    /// How many identity states were changed by that cause since an instant.
    pub(crate) fn states_changed_since(
        &self,
        cause: &str,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let count: i64 = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM identity_change WHERE cause = ?1 AND at > ?2",
            )?
            .query_row(params![cause, since.0], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Says what the `lifecycle` item of a version is, and makes the states that it names.
    pub(crate) fn set_lifecycle_item(
        &self,
        (policy, version): (i64, u32),
        states: &[(String, IdentityState)],
    ) -> Result<(), StoreError> {
        let mut meaning = BTreeMap::new();
        for (name, state) in states {
            self.connection
                .prepare_cached(
                    "INSERT INTO lifecycle_state(name, name_key) VALUES (?1, ?2)
                     ON CONFLICT DO NOTHING",
                )?
                .execute([name, &fold(name)])?;
            meaning.insert(fold(name), state.number());
        }
        let meaning = serde_json::to_string(&meaning).unwrap_or_default();
        self.connection.execute(
            "UPDATE policy_version SET lifecycle = ?3 WHERE policy_id = ?1 AND version = ?2",
            params![policy, version, (!states.is_empty()).then_some(meaning)],
        )?;
        Ok(())
    }

    /// Has lifecycle states mean this from the start, as if the data had said so. For data in
    /// memory, where nothing came before.
    pub fn assume_lifecycle(
        &self,
        states: &[(String, IdentityState)],
    ) -> Result<(), StoreError> {
        for (name, state) in states {
            self.connection.execute(
                "INSERT INTO lifecycle_state(name, name_key, identity_state)
                 VALUES (?1, ?2, ?3) ON CONFLICT(name_key) DO UPDATE SET
                 identity_state = excluded.identity_state, enabled = 1",
                params![name, fold(name), state.number()],
            )?;
        }
        self.connection.execute_batch(
            "UPDATE identity SET identity_state = m.state FROM lifecycle_meaning m
             WHERE m.id = lifecycle_id AND identity_state <> m.state",
        )?;
        note_mapping(&self.connection)
    }

    /// Moves a user to a lifecycle state, and to the identity state that follows from it.
    pub(crate) fn set_lifecycle(
        &self,
        user: i64,
        (state, after): (&str, IdentityState),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT identity_state FROM identity WHERE id = ?1")?;
        let before: Option<i64> =
            statement.query_row([user], |row| row.get(0)).optional()?;
        let Some(before) = before.map(IdentityState::from_number) else { return Ok(()) };
        self.connection
            .prepare_cached(
                "UPDATE identity SET lifecycle_id = s.id, lifecycle_changed_at =
                   iif(lifecycle_id = s.id, ifnull(lifecycle_changed_at, ?3), ?3)
                 FROM (SELECT (SELECT id FROM lifecycle_state WHERE name_key = ?2) AS id) AS s
                 WHERE identity.id = ?1",
            )?
            .execute(params![user, fold(state), now.0])?;
        if before == after {
            return Ok(());
        }
        let change = StateChange { user, before, after, cause: "step", by: None };
        self.change_identity_state(&change, now)
    }
}

fn pending(row: &Row<'_>) -> rusqlite::Result<Pending> {
    Ok(Pending {
        user: row.get(0)?,
        email: row.get(1)?,
        lifecycle: row.get(2)?,
        before: IdentityState::from_number(row.get(3)?),
        after: IdentityState::from_number(row.get(4)?),
    })
}
