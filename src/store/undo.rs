//! What steps changed of the store's own facts, put back: each only where it is still as it was
//! left. Every method says whether it was.

use crate::facts::Permission;
use crate::ir::{Field, GroupId, PermissionId, RoleId};
use crate::store::{RunRow, Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Params, params};

impl Store {
    /// The runs that an evaluation opened, the oldest first; of one that was held those that
    /// were opened when it was released.
    pub(crate) fn runs_opened_by(
        &self,
        evaluation: i64,
    ) -> Result<Vec<RunRow>, StoreError> {
        let sql = "SELECT id FROM run WHERE evaluation_id = ?1 OR evaluation_id IN (
                     SELECT later.id FROM evaluation e
                     JOIN evaluation later ON later.held_id = e.held_id AND later.held = 0
                     WHERE e.id = ?1 AND e.held = 1) ORDER BY id";
        let ids: Vec<i64> = {
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([evaluation], |row| row.get(0))?;
            rows.collect::<Result<_, _>>()?
        };
        let mut runs = Vec::with_capacity(ids.len());
        for id in ids {
            runs.extend(self.run(id)?);
        }
        Ok(runs)
    }

    /// Notes which evaluation opened the runs of a policy from a number on.
    pub(crate) fn opened_by(
        &self,
        evaluation: i64,
        (policy_id, first): (i64, i64),
    ) -> Result<(), StoreError> {
        let sql = "UPDATE run SET evaluation_id = ?1 WHERE id >= ?3 AND policy_id = ?2";
        self.touched(sql, params![evaluation, policy_id, first]).map(drop)
    }

    /// Notes that a run has changed something, behind all that was changed before.
    pub(crate) fn note_made(&self, run: i64, about: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO made(run_id, about) VALUES (?1, ?2)";
        self.touched(sql, params![run, about]).map(drop)
    }

    /// It was put back.
    pub(crate) fn unmade(&self, id: i64) -> Result<(), StoreError> {
        self.touched("DELETE FROM made WHERE id = ?1", [id]).map(drop)
    }

    /// What a run has changed, and the numbers of these records, in order.
    pub(crate) fn made_by(&self, run: i64) -> Result<Vec<(i64, String)>, StoreError> {
        let sql = "SELECT id, about FROM made WHERE run_id = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The last of other runs that has changed one of these behind a record, and which.
    pub(crate) fn made_since(
        &self,
        (run, id): (i64, i64),
        about: &[&str],
    ) -> Result<Option<(i64, String)>, StoreError> {
        let sql =
            "SELECT id, run_id FROM made WHERE about = ?1 AND id > ?2 AND run_id <> ?3
                   ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut last: Option<(i64, i64, &str)> = None;
        for about in about {
            let found = statement.query_row(params![about, id, run], |row| {
                Ok((row.get(0)?, row.get(1)?, *about))
            });
            last = last.max(found.optional()?);
        }
        Ok(last.map(|(_, run, about)| (run, about.to_owned())))
    }

    /// What of a thing says whether it is still the one that it was.
    pub(crate) fn thing(&self, thing: Thing) -> Result<ThingNow, StoreError> {
        let (sql, id) = match thing {
            Thing::Account(id) => {
                ("SELECT gone, created_at, status FROM account WHERE id = ?1", id)
            }
            Thing::User(id) => {
                ("SELECT gone, created_at, status FROM identity WHERE id = ?1", id)
            }
            Thing::Group(id) => ("SELECT gone, NULL, NULL FROM grp WHERE id = ?1", id),
            Thing::Role(id) => ("SELECT gone, NULL, NULL FROM role WHERE id = ?1", id),
            Thing::Permission(id) => {
                ("SELECT gone, NULL, NULL FROM permission WHERE id = ?1", id)
            }
        };
        let found = self.connection.prepare_cached(sql)?.query_row([id], |row| {
            let since: Option<i64> = row.get(1)?;
            let since = since.map(Timestamp);
            Ok(ThingNow { gone: row.get(0)?, since, status: row.get(2)? })
        });
        let nowhere = ThingNow { gone: true, since: None, status: None };
        Ok(found.optional()?.unwrap_or(nowhere))
    }

    /// An account is back in its app: its expiry and those of what it holds are due again where
    /// all that came of them came to nothing since it was taken.
    pub(crate) fn expire_again(
        &self,
        account: i64,
        taken_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let of_account = ("account", "id = ?1", "account_id", 0);
        let of_grants = ("access_grant", "account_id = ?1", "grant_id", 2);
        for (table, which, column, kind) in [of_account, of_grants] {
            let run = format!(
                "EXISTS (SELECT 1 FROM run r WHERE r.subject_kind = {kind}
                   AND r.subject_id = {table}.id AND r.observed = 0"
            );
            let told_at = format!(
                "(SELECT max(e.received_at) FROM event e
                  WHERE e.kind = 'access expired' AND e.{column} = {table}.id)"
            );
            let sql = format!(
                "UPDATE {table} SET expiry_told = NULL
                 WHERE {which} AND expiry_told = expires_at AND expires_at <= ?3
                   AND NOT {run} AND r.state <> 'no longer applies'
                     AND r.opened_at >= {told_at})
                   AND ({told_at} >= ?2 OR {run} AND r.ended_at >= ?2
                     AND r.opened_at >= {told_at}))"
            );
            self.touched(&sql, params![account, taken_at.0, now.0])?;
        }
        Ok(())
    }

    /// Ends a direct membership.
    pub(crate) fn unjoin(&self, user: i64, group: GroupId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM membership WHERE identity_id = ?1 AND group_id = ?2
                   AND direct = 1";
        self.touched(sql, params![user, group.0])
    }

    /// Makes somebody the member that they were.
    pub(crate) fn rejoin(
        &self,
        (user, group): (i64, GroupId),
        joined_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO membership(group_id, identity_id, joined_at, direct)
                   SELECT id, ?1, ?3, 1 FROM grp WHERE id = ?2 AND gone = 0
                     AND EXISTS (SELECT 1 FROM identity WHERE id = ?1 AND gone = 0)
                   ON CONFLICT(group_id, identity_id) DO NOTHING";
        self.touched(sql, params![user, group.0, joined_at.map(|at| at.0)])
    }

    /// Takes a role that was given.
    pub(crate) fn ungive(&self, user: i64, role: RoleId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM role_member WHERE identity_id = ?1 AND role_id = ?2";
        self.touched(sql, params![user, role.0])
    }

    /// Gives back a role that was taken.
    pub(crate) fn regive(
        &self,
        (user, role): (i64, RoleId),
        granted_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO role_member(role_id, identity_id, granted_at)
                   SELECT id, ?1, ?3 FROM role WHERE id = ?2 AND gone = 0
                     AND EXISTS (SELECT 1 FROM identity WHERE id = ?1 AND gone = 0)
                   ON CONFLICT(role_id, identity_id) DO NOTHING";
        self.touched(sql, params![user, role.0, granted_at.map(|at| at.0)])
    }

    /// Gives an account the status that it had.
    pub(crate) fn restore_account_status(
        &self,
        account: i64,
        (made, before): (&str, Option<&str>),
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET status = ?3 WHERE id = ?1 AND gone = 0
                   AND lower(status) = ?2";
        self.touched(sql, params![account, made, before])
    }

    /// Puts an account back into its app.
    pub(crate) fn reassign(&self, account: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE account SET gone = 0 WHERE id = ?1 AND gone = 1";
        self.touched(sql, [account])
    }

    /// Gives an account back a permission that has not expired since, as the same grant.
    pub(crate) fn regrant(
        &self,
        (account, grant): (i64, Option<i64>),
        held: &Permission,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO access_grant(id, permission_id, account_id, source_id,
                     granted_at, expires_at, requested_by, request_comment)
                   SELECT ifnull((SELECT f.id FROM former_grant f
                       WHERE f.permission_id = p.id AND f.account_id = a.id),
                       iif(EXISTS (SELECT 1 FROM access_grant WHERE id = ?1), NULL, ?1)),
                     p.id, a.id, a.source_id, ?4, ?5, ?6, ?7
                   FROM permission p JOIN account a
                   WHERE p.id = ?2 AND a.id = ?3 AND p.gone = 0 AND a.gone = 0
                     AND (?5 IS NULL OR ?5 > ?8)
                   ON CONFLICT(permission_id, account_id) DO NOTHING";
        let PermissionId(permission) = held.id;
        self.touched(
            sql,
            params![
                grant,
                permission,
                account,
                held.granted_at.map(|at| at.0),
                held.expires_at.map(|at| at.0),
                held.requested_by,
                held.request_comment,
                now.0
            ],
        )
    }

    /// Gives a user the status that they had.
    pub(crate) fn restore_user_status(
        &self,
        user: i64,
        (made, before): (&str, Option<&str>),
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE identity SET status = ?3 WHERE id = ?1 AND gone = 0
                   AND lower(status) = ?2";
        self.touched(sql, params![user, fold(made), before])
    }

    /// Moves a user back to the lifecycle state that they were in, with what follows from that
    /// state now.
    pub(crate) fn restore_lifecycle(
        &self,
        user: i64,
        (made, before): (&str, Option<&str>),
        changed_at: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE identity SET lifecycle_changed_at = ?4,
               lifecycle_id = (SELECT id FROM lifecycle_state WHERE name_key = ?3),
               identity_state = ifnull((SELECT iif(enabled, ifnull(identity_state, 0), 0)
                 FROM lifecycle_state WHERE name_key = ?3), 0)
             WHERE id = ?1 AND gone = 0
               AND lifecycle_id = (SELECT id FROM lifecycle_state WHERE name_key = ?2)";
        let changed_at = changed_at.map(|at| at.0);
        self.touched(sql, params![user, fold(made), before.map(fold), changed_at])
    }

    /// Takes away an attribute that had no value before.
    pub(crate) fn clear_attribute(
        &self,
        user: i64,
        field: &Field,
    ) -> Result<(), StoreError> {
        let column = match field {
            Field::Custom { name, .. } => {
                let sql = "DELETE FROM identity_attribute WHERE identity_id = ?1
                           AND attribute_id IN (SELECT id FROM attribute
                             WHERE level = 'user' AND name_key = ?2)";
                return self.touched(sql, params![user, fold(name)]).map(drop);
            }
            Field::Username => "username = NULL",
            Field::GivenName => "given_name = NULL",
            Field::FamilyName => "family_name = NULL",
            Field::Locale => "locale = NULL",
            Field::Department => "department = NULL, department_key = NULL",
            Field::Title => "title = NULL, title_key = NULL",
            Field::Manager => "manager_email = NULL, manager_key = NULL",
            // No other can be set.
            _ => return Ok(()),
        };
        let sql = format!("UPDATE identity SET {column} WHERE id = ?1");
        self.touched(&sql, [user]).map(drop)
    }

    /// What a row is called, for people.
    pub(crate) fn called(&self, what: Called) -> Result<String, StoreError> {
        let (sql, id) = match what {
            Called::User(id) => ("SELECT email FROM identity WHERE id = ?1", id),
            Called::Group(id) => ("SELECT name FROM grp WHERE id = ?1", id),
            Called::Role(id) => ("SELECT name FROM role WHERE id = ?1", id),
            Called::Account(id) => (
                "SELECT app.name || '/' || username FROM account
                 JOIN app ON app.id = app_id WHERE account.id = ?1",
                id,
            ),
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let name = statement.query_row([id], |row| row.get(0)).optional()?;
        Ok(name.unwrap_or_else(|| format!("number {id}")))
    }

    fn touched(&self, sql: &str, params: impl Params) -> Result<bool, StoreError> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)? > 0)
    }
}

/// What has a name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Called {
    /// A user.
    User(i64),
    /// An account.
    Account(i64),
    /// A group.
    Group(i64),
    /// A role.
    Role(i64),
}

/// What may have become another one since.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Thing {
    /// An account.
    Account(i64),
    /// A user.
    User(i64),
    /// A group.
    Group(i64),
    /// A role.
    Role(i64),
    /// A permission.
    Permission(i64),
}

/// How it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ThingNow {
    /// Whether it is there no more.
    pub(crate) gone: bool,
    /// When it was made.
    pub(crate) since: Option<Timestamp>,
    /// What status it has.
    pub(crate) status: Option<String>,
}
