//! The store's own facts, changed by a step where the store is the authority for them.
//!
//! What is deleted is marked as gone, as by an import: what refers to it stays readable, and
//! another import can bring it back.

use crate::facts::readings;
use crate::ir::{Field, GroupId, PermissionId, RoleId};
use crate::store::{Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::{Params, params};

impl Store {
    /// Makes a user a direct member of a group.
    pub(crate) fn join_group(
        &self,
        user: i64,
        group: GroupId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO membership(group_id, identity_id, joined_at, direct)
             VALUES (?1, ?2, ?3, 1)
             ON CONFLICT(group_id, identity_id) DO UPDATE SET direct = 1",
            params![group.0, user, at.0],
        )
    }

    /// Ends a user's membership.
    pub(crate) fn leave_group(
        &self,
        user: i64,
        group: GroupId,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM membership WHERE group_id = ?1 AND identity_id = ?2";
        self.change(sql, params![group.0, user])
    }

    /// Gives a user a role.
    pub(crate) fn give_role(
        &self,
        user: i64,
        role: RoleId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO role_member(role_id, identity_id, granted_at) VALUES (?1, ?2, ?3)
             ON CONFLICT(role_id, identity_id) DO NOTHING",
            params![role.0, user, at.0],
        )
    }

    /// Takes a role from a user.
    pub(crate) fn take_role(&self, user: i64, role: RoleId) -> Result<(), StoreError> {
        let sql = "DELETE FROM role_member WHERE role_id = ?1 AND identity_id = ?2";
        self.change(sql, params![role.0, user])
    }

    /// Sets an account's status.
    pub(crate) fn set_account_status(
        &self,
        account: i64,
        status: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE account SET status = ?2 WHERE id = ?1";
        self.change(sql, params![account, status])
    }

    /// Marks an account as gone.
    pub(crate) fn drop_account(&self, account: i64) -> Result<(), StoreError> {
        self.change("UPDATE account SET gone = 1 WHERE id = ?1", [account])
    }

    /// Sets a user's status.
    pub(crate) fn set_user_status(
        &self,
        user: i64,
        status: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE identity SET status = ?2 WHERE id = ?1";
        self.change(sql, params![user, status])
    }

    /// Marks a user as gone.
    pub(crate) fn drop_user(&self, user: i64) -> Result<(), StoreError> {
        self.change("UPDATE identity SET gone = 1 WHERE id = ?1", [user])
    }

    /// Takes a permission from an account.
    pub(crate) fn revoke(
        &self,
        account: i64,
        permission: PermissionId,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM access_grant WHERE permission_id = ?2 AND account_id = ?1";
        self.change(sql, params![account, permission.0])
    }

    /// Ends the sessions of an account.
    pub(crate) fn end_account_sessions(&self, account: i64) -> Result<(), StoreError> {
        self.change("DELETE FROM session WHERE account_id = ?1", [account])
    }

    /// Ends the sessions of a user, whichever account they are open on.
    pub(crate) fn end_user_sessions(&self, user: i64) -> Result<(), StoreError> {
        self.change(
            "DELETE FROM session WHERE account_id IN
               (SELECT id FROM account WHERE identity_id = ?1)",
            [user],
        )
    }

    /// Says when a user's password expires.
    pub(crate) fn expire_password(
        &self,
        user: i64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE identity SET password_expires_at = ?2 WHERE id = ?1";
        self.change(sql, params![user, at.0])
    }

    /// Sets a user's attribute.
    pub(crate) fn set_attribute(
        &self,
        user: i64,
        field: &Field,
        text: &str,
    ) -> Result<(), StoreError> {
        let key = fold(text);
        let sql = match field {
            Field::Custom { name, .. } => return self.set_custom(user, name, text),
            Field::Username => "UPDATE identity SET username = ?2 WHERE id = ?1",
            Field::GivenName => "UPDATE identity SET given_name = ?2 WHERE id = ?1",
            Field::FamilyName => "UPDATE identity SET family_name = ?2 WHERE id = ?1",
            Field::Locale => "UPDATE identity SET locale = ?2 WHERE id = ?1",
            Field::Department => {
                let sql = "UPDATE identity SET department = ?2, department_key = ?3
                           WHERE id = ?1";
                return self.change(sql, params![user, text, key]);
            }
            Field::Title => {
                let sql = "UPDATE identity SET title = ?2, title_key = ?3 WHERE id = ?1";
                return self.change(sql, params![user, text, key]);
            }
            Field::Manager => {
                let sql = "UPDATE identity SET manager_email = ?2, manager_key = ?3
                           WHERE id = ?1";
                return self.change(sql, params![user, text, key]);
            }
            // The checker lets none of these be set.
            Field::Owner
            | Field::LastSeen
            | Field::LastLogin
            | Field::LastActivity
            | Field::ExpiresAt
            | Field::Permission
            | Field::GrantedAt
            | Field::Status
            | Field::CreatedAt
            | Field::Email
            | Field::Lifecycle
            | Field::LifecycleChangedAt
            | Field::IdentityState
            | Field::PasswordChangedAt
            | Field::PasswordExpiresAt => return Ok(()),
        };
        self.change(sql, params![user, text])
    }

    /// An attribute that is declared, and that no data has, is made at its first value.
    fn set_custom(&self, user: i64, name: &str, text: &str) -> Result<(), StoreError> {
        let key = fold(name);
        self.change(
            "INSERT INTO attribute(level, name, name_key) VALUES ('user', ?1, ?2)
             ON CONFLICT(level, name_key) DO NOTHING",
            params![name, key],
        )?;
        let (at, number) = readings(text);
        self.change(
            "INSERT OR REPLACE INTO
               identity_attribute(attribute_id, identity_id, value, value_key, at, number)
             SELECT id, ?2, ?3, ?4, ?5, ?6 FROM attribute
             WHERE level = 'user' AND name_key = ?1",
            params![key, user, text, fold(text), at.map(|at| at.0), number],
        )
    }

    fn change(&self, sql: &str, params: impl Params) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }
}
