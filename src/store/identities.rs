//! The people of the store, a page at a time.

use crate::ir::IdentityState;
use crate::store::{Store, StoreError};

/// A person, as lists show one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The store's number.
    pub id: i64,
    /// The address.
    pub email: String,
    /// The given name.
    pub given_name: Option<String>,
    /// The family name.
    pub family_name: Option<String>,
    /// Whether they are at work.
    pub identity_state: IdentityState,
}

impl Store {
    /// How many people there are, and so many of them behind the first `skip`, by address.
    pub fn identities(
        &self,
        (skip, most): (u32, u32),
    ) -> Result<(u64, Vec<Listed>), StoreError> {
        let sql = "SELECT count(*) FROM identity WHERE gone = 0";
        let total: i64 =
            self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        let sql =
            "SELECT id, email, given_name, family_name, identity_state FROM identity
                   WHERE gone = 0 ORDER BY email_key LIMIT ?1 OFFSET ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([most, skip], |row| {
            Ok(Listed {
                id: row.get(0)?,
                email: row.get(1)?,
                given_name: row.get(2)?,
                family_name: row.get(3)?,
                identity_state: IdentityState::from_number(row.get(4)?),
            })
        })?;
        let listed = rows.collect::<Result<_, _>>()?;
        Ok((u64::try_from(total).unwrap_or(0), listed))
    }
}
