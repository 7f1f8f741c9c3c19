//! What is asked of the store before something is taken: who else could do it.

use crate::ir::{GroupId, RoleId};
use crate::store::{Store, StoreError};
use crate::text::fold;
use std::collections::BTreeMap;

impl Store {
    /// The apps that are there, as people call them, and who owns each.
    pub(crate) fn app_owners(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT ifnull(label, name), owner_email FROM app
             WHERE owner_email IS NOT NULL AND gone_at IS NULL ORDER BY name_key",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The owner of an account; 0 for an orphan's.
    pub(crate) fn owner_of(&self, account: i64) -> Result<i64, StoreError> {
        let sql = "SELECT identity_id FROM account WHERE id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([account], |row| row.get(0))?)
    }

    /// The groups of that name, of whichever source.
    pub(crate) fn groups_named(&self, name: &str) -> Result<Vec<GroupId>, StoreError> {
        let sql = "SELECT id FROM grp WHERE name_key = ? AND gone = 0 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([fold(name)], |row| row.get(0).map(GroupId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The privileged roles that a user holds, and nobody else who could act.
    pub(crate) fn alone_in_roles(
        &self,
        user: i64,
    ) -> Result<BTreeMap<RoleId, String>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT r.id, r.name FROM role_member m JOIN role r ON r.id = m.role_id
             WHERE m.identity_id = ?1 AND r.privileged = 1 AND r.gone = 0
               AND NOT EXISTS (SELECT 1 FROM role_member o
                 JOIN identity i ON i.id = o.identity_id
                 WHERE o.role_id = r.id AND o.identity_id <> ?1 AND i.gone = 0
                   AND ifnull(i.status, '') NOT IN ('suspended', 'disabled', 'deleted'))",
        )?;
        let rows =
            statement.query_map([user], |row| Ok((RoleId(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
