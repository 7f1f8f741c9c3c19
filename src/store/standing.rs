//! Whether one subject is looked at.

use crate::facts::SubjectId;
use crate::ir::{AppId, Scope, SubjectKind};
use crate::store::{Store, StoreError};
use rusqlite::OptionalExtension as _;

impl Store {
    /// Why a subject is not in a scope; nothing where it is. The same reasons as those of
    /// [`Store::out_of_scope`], and those that concern one subject only.
    pub fn outside(
        &self,
        scope: &Scope,
        subject: SubjectId,
    ) -> Result<Option<&'static str>, StoreError> {
        if subject.kind() != scope.kind {
            return Ok(Some(match scope.kind {
                SubjectKind::Account => "it is about accounts",
                SubjectKind::User => "it is about users",
                SubjectKind::Grant => "it is about grants",
            }));
        }
        let sql = match subject {
            SubjectId::Account(_) => {
                "SELECT a.gone, a.app_id, ifnull(i.gone, 0), ifnull(i.identity_state, 0) \
                 FROM account a LEFT JOIN identity i ON i.id = a.identity_id \
                 WHERE a.id = ?1"
            }
            SubjectId::Grant(_) => {
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
            .query_row([subject.number()], |row| {
                let flag = |column| row.get::<_, i64>(column);
                Ok((flag(0)? != 0, AppId(flag(1)?), flag(2)? != 0, flag(3)? == 2))
            })
            .optional()?;
        let Some((gone, app, owner_gone, long_term)) = found else {
            return Ok(Some("gone"));
        };
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
