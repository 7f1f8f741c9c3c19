//! What other systems tell of users and accounts, written into the store as they tell it.

use crate::facts::readings;
use crate::ir::{Field, IdentityState};
use crate::store::{Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::params;

impl Store {
    /// Makes a user of whom nothing is known but the address, without telling anyone; or takes
    /// one back who was gone.
    pub(crate) fn make_user_unheard(&self, email: &str) -> Result<i64, StoreError> {
        let quiet = "INSERT INTO raising(one, at, quiet) VALUES (1, 0, 2)";
        self.connection.prepare_cached(quiet)?.execute([])?;
        let sql = "INSERT INTO identity(email, email_key) VALUES (?1, ?2)
                   ON CONFLICT(email_key) DO UPDATE SET gone = 0 RETURNING id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let id = statement.query_row(params![email, fold(email)], |row| row.get(0))?;
        self.end_raising()?;
        Ok(id)
    }

    /// Gives a user's attribute a value, or takes it.
    pub(crate) fn set_profile(
        &self,
        user: i64,
        (field, value): (&Field, Option<&str>),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let instant = |column: &str| -> Result<(), StoreError> {
            let at = value.and_then(Timestamp::parse).map(|at| at.0);
            let sql = format!("UPDATE identity SET {column} = ?2 WHERE id = ?1");
            self.connection.prepare_cached(&sql)?.execute(params![user, at])?;
            Ok(())
        };
        match (field, value) {
            (Field::CreatedAt, _) => instant("created_at"),
            (Field::PasswordChangedAt, _) => instant("password_changed_at"),
            (Field::PasswordExpiresAt, _) => instant("password_expires_at"),
            (Field::Status, Some(status)) => self.set_user_status(user, &fold(status)),
            (Field::Lifecycle, Some(state)) => {
                let states = self.lifecycle_states()?;
                let identity = states.get(&fold(state)).copied().unwrap_or_default();
                self.set_lifecycle(user, (state, identity), now)
            }
            (_, Some(text)) => self.set_attribute(user, field, text),
            (_, None) => self.clear(user, field),
        }
    }

    fn clear(&self, user: i64, field: &Field) -> Result<(), StoreError> {
        let sql = match field {
            Field::Custom { id, .. } => {
                let sql = "DELETE FROM identity_attribute
                           WHERE attribute_id = ?1 AND identity_id = ?2";
                self.connection.prepare_cached(sql)?.execute([id.0, user])?;
                return Ok(());
            }
            Field::Username => "UPDATE identity SET username = NULL WHERE id = ?1",
            Field::GivenName => "UPDATE identity SET given_name = NULL WHERE id = ?1",
            Field::FamilyName => "UPDATE identity SET family_name = NULL WHERE id = ?1",
            Field::Status => "UPDATE identity SET status = NULL WHERE id = ?1",
            Field::Locale => "UPDATE identity SET locale = NULL WHERE id = ?1",
            Field::Department => {
                "UPDATE identity SET department = NULL, department_key = NULL WHERE id = ?1"
            }
            Field::Title => {
                "UPDATE identity SET title = NULL, title_key = NULL WHERE id = ?1"
            }
            Field::Manager => {
                "UPDATE identity SET manager_email = NULL, manager_key = NULL WHERE id = ?1"
            }
            Field::Lifecycle => {
                "UPDATE identity SET lifecycle_id = NULL, lifecycle_changed_at = NULL,
                   identity_state = 0 WHERE id = ?1"
            }
            // These are instants, or follow from others.
            Field::Owner
            | Field::LastSeen
            | Field::LastLogin
            | Field::LastActivity
            | Field::ExpiresAt
            | Field::Permission
            | Field::GrantedAt
            | Field::CreatedAt
            | Field::Email
            | Field::LifecycleChangedAt
            | Field::IdentityState
            | Field::PasswordChangedAt
            | Field::PasswordExpiresAt => return Ok(()),
        };
        self.connection.prepare_cached(sql)?.execute([user])?;
        Ok(())
    }

    /// Says when an account ends by itself.
    pub(crate) fn set_account_expiry(
        &self,
        account: i64,
        value: Option<&str>,
    ) -> Result<(), StoreError> {
        let (at, _) = value.map(readings).unwrap_or_default();
        let sql = "UPDATE account SET expires_at = ?2 WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![account, at.map(|at| at.0)])?;
        Ok(())
    }

    /// What a lifecycle state is mapped to.
    pub(crate) fn identity_state_of(
        &self,
        state: &str,
    ) -> Result<Option<IdentityState>, StoreError> {
        Ok(self.lifecycle_states()?.get(&fold(state)).copied())
    }
}
