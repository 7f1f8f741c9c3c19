//! The names of the store, for the checker and for completion.

use crate::catalog::{App, Catalog, CustomAttribute, Group, Permission, Role};
use crate::ir::{AppId, AttributeId, GroupId, Level, PermissionId, RoleId};
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::Row;

/// How many there are of everything, without what is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users.
    pub identities: u64,
    /// Accounts.
    pub accounts: u64,
    /// Apps.
    pub apps: u64,
    /// Groups.
    pub groups: u64,
    /// Memberships, nested ones included.
    pub memberships: u64,
    /// Roles.
    pub roles: u64,
    /// Permissions.
    pub permissions: u64,
    /// Permissions that accounts hold.
    pub grants: u64,
}

/// A source, and as of when its data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceAge {
    /// Its name.
    pub(crate) name: String,
    /// Of which kind it is.
    pub(crate) kind: String,
    /// The app that it tells of.
    pub(crate) app: Option<AppId>,
    /// What it says of itself, else when it was last imported.
    pub(crate) as_of: Option<Timestamp>,
}

impl Store {
    /// All names that policies can use, in alphabetical order; what is gone has none.
    pub fn catalog(&self) -> Result<Catalog, StoreError> {
        Ok(Catalog {
            apps: self.list(
                // One look into an index for each app, however many accounts it has.
                "SELECT id, name, ifnull(label, name), accounts,
                   EXISTS (SELECT 1 FROM account INDEXED BY account_app_seen
                           WHERE app_id = app.id AND last_seen IS NOT NULL AND gone = 0)
                 FROM app WHERE gone_at IS NULL ORDER BY name_key",
                |row| {
                    Ok(App {
                        id: AppId(row.get(0)?),
                        name: row.get(1)?,
                        label: row.get(2)?,
                        accounts: count(row, 3)?,
                        seen: row.get(4)?,
                    })
                },
            )?,
            groups: self.groups()?,
            roles: self.roles()?,
            permissions: self.list(
                "SELECT permission.id, app_id, value, permission.label, source, holders
                 FROM permission JOIN app ON app.id = app_id
                 WHERE gone = 0 AND gone_at IS NULL ORDER BY app.name_key, value_key",
                |row| {
                    Ok(Permission {
                        id: PermissionId(row.get(0)?),
                        app: AppId(row.get(1)?),
                        value: row.get(2)?,
                        label: row.get(3)?,
                        source: row.get(4)?,
                        holders: count(row, 5)?,
                    })
                },
            )?,
            custom: self.attributes()?,
            lifecycle: self
                .list("SELECT name FROM lifecycle_state ORDER BY name_key", |row| {
                    row.get(0)
                })?,
            sources: self
                .list("SELECT name FROM source ORDER BY name_key", |row| row.get(0))?,
            sessions: Some(self.any_session()?),
            people: None,
            expiring: None,
            systems: None,
            assume: false,
            as_of: self.imported_at()?,
            away: false,
        })
    }

    /// All sources, and as of when their data is.
    pub(crate) fn source_ages(&self) -> Result<Vec<SourceAge>, StoreError> {
        self.list(
            "SELECT name, kind, app_id, ifnull(as_of, imported_at) FROM source
             ORDER BY name_key",
            |row| {
                Ok(SourceAge {
                    name: row.get(0)?,
                    kind: row.get(1)?,
                    app: row.get::<_, Option<i64>>(2)?.map(AppId),
                    as_of: row.get::<_, Option<i64>>(3)?.map(Timestamp),
                })
            },
        )
    }

    /// The attributes that came with the data.
    fn attributes(&self) -> Result<Vec<CustomAttribute>, StoreError> {
        self.list(
            "SELECT id, level, name FROM attribute ORDER BY level, name_key",
            |row| {
                let level = match row.get_ref(1)?.as_str()? {
                    "account" => Level::Account,
                    _ => Level::User,
                };
                Ok(CustomAttribute {
                    id: AttributeId(row.get(0)?),
                    level,
                    name: row.get(2)?,
                })
            },
        )
    }

    /// Whether any session is on record.
    fn any_session(&self) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM session)";
        Ok(self.connection.query_row(query, [], |row| row.get(0))?)
    }

    /// When the data last came in, where any has.
    fn imported_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let query = "SELECT max(imported_at) FROM source";
        let at: Option<i64> = self.connection.query_row(query, [], |row| row.get(0))?;
        Ok(at.map(Timestamp))
    }

    fn groups(&self) -> Result<Vec<Group>, StoreError> {
        self.list(
            "SELECT grp.id, grp.name, source.name, members, grp.app_id, privileged FROM grp
             JOIN source ON source.id = source_id
             WHERE gone = 0 ORDER BY grp.name_key, source.name_key",
            |row| {
                Ok(Group {
                    id: GroupId(row.get(0)?),
                    name: row.get(1)?,
                    source: row.get(2)?,
                    members: count(row, 3)?,
                    app: row.get::<_, Option<i64>>(4)?.map(AppId),
                    privileged: row.get(5)?,
                })
            },
        )
    }

    fn roles(&self) -> Result<Vec<Role>, StoreError> {
        self.list(
            "SELECT id, name, is_default, members, privileged FROM role
             WHERE gone = 0 ORDER BY name_key",
            |row| {
                Ok(Role {
                    id: RoleId(row.get(0)?),
                    name: row.get(1)?,
                    default: row.get(2)?,
                    members: count(row, 3)?,
                    privileged: row.get(4)?,
                })
            },
        )
    }

    /// How many there are of everything.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let query = "SELECT (SELECT count(*) FROM identity) - (SELECT count(*) FROM identity WHERE gone = 1),
               (SELECT ifnull(sum(accounts), 0) FROM app),
               (SELECT count(*) FROM app WHERE gone_at IS NULL),
               (SELECT count(*) FROM grp WHERE gone = 0),
               (SELECT ifnull(sum(members), 0) FROM grp),
               (SELECT count(*) FROM role WHERE gone = 0),
               (SELECT count(*) FROM permission WHERE gone = 0),
               (SELECT ifnull(sum(holders), 0) FROM permission)";
        Ok(self.connection.prepare_cached(query)?.query_row([], |row| {
            Ok(Counts {
                identities: count(row, 0)?,
                accounts: count(row, 1)?,
                apps: count(row, 2)?,
                groups: count(row, 3)?,
                memberships: count(row, 4)?,
                roles: count(row, 5)?,
                permissions: count(row, 6)?,
                grants: count(row, 7)?,
            })
        })?)
    }

    fn list<T>(
        &self,
        query: &str,
        each: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(query)?;
        let rows = statement.query_map([], each)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}
