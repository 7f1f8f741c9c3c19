//! The people of the store, a page at a time.

use crate::ir::IdentityState;
use crate::store::{Store, StoreError};
use rusqlite::{Row, params};

const LISTED: &str = "SELECT id, email, username, given_name, family_name, identity_state
                      FROM identity";

/// A person, as lists show one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The store's number.
    pub id: i64,
    /// The address.
    pub email: String,
    /// The name of the user, where that is another one.
    pub username: Option<String>,
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
            format!("{LISTED} WHERE gone = 0 ORDER BY email_key LIMIT ?1 OFFSET ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([most, skip], listed)?;
        let people = rows.collect::<Result<_, _>>()?;
        Ok((u64::try_from(total).unwrap_or(0), people))
    }

    /// So many of the people with these numbers behind the first `skip`, by address.
    pub fn identities_among(
        &self,
        numbers: &[i64],
        (skip, most): (u32, u32),
    ) -> Result<Vec<Listed>, StoreError> {
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let sql = format!(
            "{LISTED} WHERE id IN (SELECT value FROM json_each(?1)) AND gone = 0
             ORDER BY email_key LIMIT ?2 OFFSET ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let list = format!("[{}]", numbers.join(","));
        let rows = statement.query_map(params![list, most, skip], listed)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        id: row.get(0)?,
        email: row.get(1)?,
        username: row.get(2)?,
        given_name: row.get(3)?,
        family_name: row.get(4)?,
        identity_state: IdentityState::from_number(row.get(5)?),
    })
}
