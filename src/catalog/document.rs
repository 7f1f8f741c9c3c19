//! The names of a store as a document, for checking where the store is not.
//!
//! The document holds names and numbers of members, and nothing about people. What the store
//! numbers is named here; whoever reads the document numbers it anew.

use crate::catalog::{App, Catalog, CustomAttribute, Group, Permission, Role};
use crate::ir::{AppId, AttributeId, GroupId, Level, PermissionId, RoleId};
use crate::text::{fold, odd_json};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use thiserror::Error;

/// What kind of document it is, and of which edition.
const SCHEMA: &str = "tenure.catalog/1";

/// Why a document holds no names.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CatalogError {
    /// It is not JSON, or lacks something.
    #[error("this is no catalog: {reason}")]
    Malformed {
        /// What is wrong with it, and where.
        reason: String,
    },
    /// It is a document of another kind.
    #[error("this is no catalog, it says that it is `{schema}`")]
    Another {
        /// What it says that it is.
        schema: String,
    },
    /// A program that is newer than this one wrote it.
    #[error("the catalog is a `{schema}`, and this program reads `{SCHEMA}`")]
    Newer {
        /// What it says that it is.
        schema: String,
    },
}

/// All names, as the document says them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Document {
    schema: String,
    /// When the document was written.
    taken_at: Timestamp,
    /// When the data last came in.
    as_of: Option<Timestamp>,
    sources: Vec<String>,
    apps: Vec<NamedApp>,
    groups: Vec<NamedGroup>,
    roles: Vec<NamedRole>,
    permissions: Vec<NamedPermission>,
    attributes: Vec<NamedAttribute>,
    lifecycle: Vec<String>,
    /// Documents of an earlier program do not say it.
    #[serde(default)]
    sessions: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
struct NamedApp {
    name: String,
    label: String,
    accounts: u64,
    seen: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct NamedGroup {
    name: String,
    source: String,
    app: Option<String>,
    privileged: bool,
    members: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct NamedRole {
    name: String,
    default: bool,
    privileged: bool,
    members: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct NamedPermission {
    app: String,
    value: String,
    label: String,
    source: Option<String>,
    holders: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct NamedAttribute {
    of: Bearer,
    name: String,
}

/// Whose an attribute is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Bearer {
    Account,
    User,
    Grant,
}

/// The document of a catalog.
pub fn write(catalog: &Catalog, now: Timestamp) -> Document {
    let app_name = |id: AppId| {
        let app = catalog.apps.iter().find(|app| app.id == id);
        app.map(|app| app.name.clone()).unwrap_or_default()
    };
    Document {
        schema: SCHEMA.to_owned(),
        taken_at: now,
        as_of: catalog.as_of,
        sources: catalog.sources.clone(),
        apps: catalog
            .apps
            .iter()
            .map(|app| NamedApp {
                name: app.name.clone(),
                label: app.label.clone(),
                accounts: app.accounts,
                seen: app.seen,
            })
            .collect(),
        groups: catalog
            .groups
            .iter()
            .map(|group| NamedGroup {
                name: group.name.clone(),
                source: group.source.clone(),
                app: group.app.map(app_name),
                privileged: group.privileged,
                members: group.members,
            })
            .collect(),
        roles: catalog
            .roles
            .iter()
            .map(|role| NamedRole {
                name: role.name.clone(),
                default: role.default,
                privileged: role.privileged,
                members: role.members,
            })
            .collect(),
        permissions: catalog
            .permissions
            .iter()
            .map(|permission| NamedPermission {
                app: app_name(permission.app),
                value: permission.value.clone(),
                label: permission.label.clone(),
                source: permission.source.clone(),
                holders: permission.holders,
            })
            .collect(),
        attributes: catalog
            .custom
            .iter()
            .map(|attribute| NamedAttribute {
                of: match attribute.level {
                    Level::Account => Bearer::Account,
                    Level::User => Bearer::User,
                    Level::Grant => Bearer::Grant,
                },
                name: attribute.name.clone(),
            })
            .collect(),
        lifecycle: catalog.lifecycle.clone(),
        sessions: catalog.sessions,
    }
}

/// The catalog of a document.
pub fn read(text: &str) -> Result<Catalog, CatalogError> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let malformed = |error: serde_json::Error| CatalogError::Malformed {
        reason: odd_json(text, &error),
    };
    let Head { schema } = serde_json::from_str(text).map_err(malformed)?;
    if schema != SCHEMA {
        return Err(if schema.starts_with("tenure.catalog/") {
            CatalogError::Newer { schema }
        } else {
            CatalogError::Another { schema }
        });
    }
    let document: Document = serde_json::from_str(text).map_err(malformed)?;
    catalog(document)
}

/// Two names that compare as one could not be told apart.
fn apart<'a>(
    what: &str,
    names: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), CatalogError> {
    let mut seen = BTreeSet::new();
    for (whose, name) in names {
        if !seen.insert((fold(whose), fold(name))) {
            let reason = format!("it holds two {what} named `{name}`");
            return Err(CatalogError::Malformed { reason });
        }
    }
    Ok(())
}

fn catalog(document: Document) -> Result<Catalog, CatalogError> {
    apart("apps", document.apps.iter().map(|app| ("", app.name.as_str())))?;
    let groups = document.groups.iter();
    apart("groups", groups.map(|group| (group.source.as_str(), group.name.as_str())))?;
    apart("roles", document.roles.iter().map(|role| ("", role.name.as_str())))?;
    let apps: Vec<App> = numbered(document.apps, |id, app: NamedApp| App {
        id: AppId(id),
        name: app.name,
        label: app.label,
        accounts: app.accounts,
        seen: app.seen,
    });
    let mut permissions = Vec::new();
    for (id, permission) in (1..).zip(document.permissions) {
        let Some(app) = apps.iter().find(|app| app.name == permission.app) else {
            let reason = format!(
                "the permission `{}` is of the app `{}`, which is not in it",
                permission.value, permission.app
            );
            return Err(CatalogError::Malformed { reason });
        };
        permissions.push(Permission {
            id: PermissionId(id),
            app: app.id,
            value: permission.value,
            label: permission.label,
            source: permission.source,
            holders: permission.holders,
        });
    }
    let app_id = |name: String| {
        let known = apps.iter().find(|app| app.name == name);
        known.map(|app| app.id)
    };
    Ok(Catalog {
        groups: numbered(document.groups, |id, group: NamedGroup| Group {
            id: GroupId(id),
            name: group.name,
            source: group.source,
            app: group.app.and_then(app_id),
            privileged: group.privileged,
            members: group.members,
        }),
        roles: numbered(document.roles, |id, role: NamedRole| Role {
            id: RoleId(id),
            name: role.name,
            default: role.default,
            privileged: role.privileged,
            members: role.members,
        }),
        apps,
        permissions,
        custom: numbered(document.attributes, |id, attribute: NamedAttribute| {
            CustomAttribute {
                id: AttributeId(id),
                level: match attribute.of {
                    Bearer::Account => Level::Account,
                    Bearer::User => Level::User,
                    Bearer::Grant => Level::Grant,
                },
                name: attribute.name,
            }
        }),
        lifecycle: document.lifecycle,
        sources: document.sources,
        sessions: document.sessions,
        people: None,
        expiring: None,
        systems: None,
        assume: false,
        as_of: Some(document.as_of.unwrap_or(document.taken_at)),
        away: true,
    })
}

/// Numbers what a document lists, from one.
fn numbered<T, U>(list: Vec<T>, each: impl Fn(i64, T) -> U) -> Vec<U> {
    (1..).zip(list).map(|(id, named)| each(id, named)).collect()
}
