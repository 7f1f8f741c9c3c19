//! Whether one subject is looked at.

use crate::facts::SubjectId;
use crate::ir::{AppId, Scope, SubjectKind};
use crate::store::{Store, StoreError, Taken};
use rusqlite::OptionalExtension as _;

impl Store {
    /// Why a subject is not in a scope; nothing where it is. The same reasons as those of
    /// [`Store::out_of_scope`], and those that concern one subject only.
    pub fn outside(
        &self,
        scope: &Scope,
        subject: SubjectId,
    ) -> Result<Option<&'static str>, StoreError> {
        self.outside_beside(scope, subject, &Taken::default())
    }

    /// Why a subject is not in a scope, for another reason than what was taken.
    pub fn outside_beside(
        &self,
        scope: &Scope,
        subject: SubjectId,
        taken: &Taken,
    ) -> Result<Option<&'static str>, StoreError> {
        if subject.kind() != scope.kind {
            return Ok(Some(match scope.kind {
                SubjectKind::Account => "it is about accounts",
                SubjectKind::User => "it is about users",
                SubjectKind::Grant => "it is about grants",
            }));
        }
        let account = taken.grant.as_ref().map(|(account, _)| *account);
        let number = match subject {
            SubjectId::Grant(number) => account.unwrap_or(number),
            SubjectId::Account(number) | SubjectId::User(number) => number,
        };
        let sql = match subject {
            SubjectId::Grant(_) | SubjectId::Account(_)
                if subject.kind() == SubjectKind::Account || account.is_some() =>
            {
                "SELECT a.gone, a.app_id, ifnull(i.gone, 0), ifnull(i.identity_state, 0) \
                 FROM account a LEFT JOIN identity i ON i.id = a.identity_id \
                 WHERE a.id = ?1"
            }
            SubjectId::Account(_) | SubjectId::Grant(_) => {
                "SELECT a.gone, a.app_id, ifnull(i.gone, 0), ifnull(i.identity_state, 0) \
                 FROM access_grant g JOIN account a ON a.id = g.account_id \
                 LEFT JOIN identity i ON i.id = a.identity_id WHERE g.id = ?1"
            }
            SubjectId::User(_) => {
                "SELECT gone, 0, 0, identity_state FROM identity WHERE id = ?1"
            }
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_row([number], |row| {
                let flag = |column| row.get::<_, i64>(column);
                Ok((flag(0)? != 0, AppId(flag(1)?), flag(2)? != 0, flag(3)? == 2))
            })
            .optional()?;
        let Some((gone, app, owner_gone, long_term)) = found else {
            return Ok(Some("gone"));
        };
        let (gone, owner_gone) = match subject {
            SubjectId::User(_) => (gone && !taken.user, false),
            SubjectId::Account(_) | SubjectId::Grant(_) => {
                (gone && !taken.account, owner_gone && !taken.user)
            }
        };
        let long_term = long_term && !taken.place;
        let other_app = !scope.apps.is_empty() && !scope.apps.contains(&app);
        Ok(match () {
            () if gone => Some("gone"),
            () if other_app => Some("another app"),
            () if owner_gone => Some("owner gone"),
            () if long_term && !scope.long_term => Some("inactive long-term"),
            () => None,
        })
    }
}
