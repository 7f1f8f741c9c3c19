//! What of the store a connected system speaks of: the rest stays as it is.

use crate::store::StoreError;
use crate::text::fold;
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::HashSet;

/// What an import speaks of, where it is not everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store::import) struct Scope {
    /// The folded name of the source.
    pub(super) source: String,
    /// The folded name of the app whose accounts it has.
    pub(super) app: Option<String>,
    /// Whether it has the word on who the users are.
    pub(super) users: bool,
}

/// The source of a connector, and the app whose accounts it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) source: String,
    pub(super) app: Option<String>,
    /// The app is not there yet.
    pub(super) new: bool,
}

impl Scope {
    /// The numbers of the rows of a table that the import speaks of: what it does not list of
    /// them is gone.
    pub(in crate::store::import) fn rows(
        &self,
        connection: &Connection,
        table: &str,
    ) -> Result<HashSet<u32>, StoreError> {
        let source = self.source.as_str();
        let (sql, params) = match (table, &self.app) {
            ("account", Some(app)) => (
                "SELECT a.id FROM account a JOIN app p ON p.id = a.app_id
                 LEFT JOIN source s ON s.id = a.source_id
                 WHERE p.name_key = ?2 AND a.gone = 0 AND ifnull(s.name_key, ?1) = ?1",
                vec![source, app],
            ),
            ("grp", _) => (
                "SELECT g.id FROM grp g JOIN source s ON s.id = g.source_id
                 WHERE s.name_key = ?1 AND g.gone = 0",
                vec![source],
            ),
            ("access_grant", _) => (
                "SELECT g.id FROM access_grant g JOIN source s ON s.id = g.source_id
                 WHERE s.name_key = ?1",
                vec![source],
            ),
            ("identity", _) if self.users => {
                ("SELECT id FROM identity WHERE gone = 0", Vec::new())
            }
            // Apps and permissions are there, whether or not anybody holds them.
            _ => return Ok(HashSet::new()),
        };
        let mut statement = connection.prepare(sql)?;
        let rows =
            statement.query_map(rusqlite::params_from_iter(params), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The folded names of its source and of the app.
    pub(in crate::store::import) fn names(&self) -> (&str, Option<&str>) {
        (&self.source, self.app.as_deref())
    }

    /// How many memberships it speaks of.
    pub(in crate::store::import) fn members(
        &self,
        connection: &Connection,
    ) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM membership m JOIN grp g ON g.id = m.group_id
                   JOIN source s ON s.id = g.source_id WHERE s.name_key = ? AND m.direct = 1";
        let count: i64 = connection.query_row(sql, [&self.source], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

impl Home {
    /// Where a connector's data belongs: the source that names it, else the one of its name.
    /// Where there is none, both the source and the app are new.
    pub(super) fn find(
        connection: &Connection,
        connector: &str,
        users: bool,
    ) -> Result<Self, StoreError> {
        let mut statement = connection.prepare(
            "SELECT s.name, p.name, ifnull(s.connector, s.name) FROM source s
             LEFT JOIN app p ON p.id = s.app_id AND p.gone_at IS NULL ORDER BY s.id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })?;
        let key = fold(connector);
        let mut named: Vec<(String, Option<String>)> = Vec::new();
        for row in rows {
            let (source, app, of) = row?;
            if fold(&of) == key {
                named.push((source, app));
            }
        }
        let app = |name: &str| {
            let sql = "SELECT name FROM app WHERE name_key = ?1 AND gone_at IS NULL";
            connection
                .query_row(sql, [fold(name)], |row| row.get::<_, String>(0))
                .optional()
        };
        match named.as_slice() {
            [] => {
                let known = app(connector)?;
                let new = known.is_none();
                let app = Some(known.unwrap_or_else(|| connector.to_owned()));
                Ok(Self { source: connector.to_owned(), app, new })
            }
            [(source, its)] => {
                let its = match its {
                    Some(its) => Some(its.clone()),
                    None => app(source)?,
                };
                if its.is_none() && !users {
                    return Err(StoreError::Directory(format!(
                        "the source `{source}` has no app whose accounts these could be: name \
                         it in the column `app` of sources.csv, or, where the system has the \
                         word on users, write `users = true` under [connectors.{connector}]"
                    )));
                }
                Ok(Self { source: source.clone(), app: its, new: false })
            }
            several => {
                let names: Vec<String> =
                    several.iter().map(|(name, _)| format!("`{name}`")).collect();
                let names = names.join(", ");
                Err(StoreError::Directory(format!(
                    "the connector `{connector}` is that of several sources, {names}: whose \
                     accounts and groups these are cannot be told"
                )))
            }
        }
    }
}
