//! The names of the small company that the cases are written against.

use tenure::catalog::{App, Catalog, CustomAttribute, Group, Permission, Role};
use tenure::ir::{AppId, AttributeId, GroupId, Level, PermissionId, RoleId};

/// What an import of the world would make known.
pub(crate) fn catalog() -> Catalog {
    let app = |id, name: &str, label: &str, accounts| App {
        id: AppId(id),
        name: name.into(),
        label: label.into(),
        accounts,
    };
    let group = |id, name: &str, source: &str, members| Group {
        id: GroupId(id),
        name: name.into(),
        source: source.into(),
        members,
    };
    let permission =
        |id, app, value: &str, label: &str, source: &str, holders| Permission {
            id: PermissionId(id),
            app: AppId(app),
            value: value.into(),
            label: label.into(),
            source: Some(source.into()),
            holders,
        };
    let custom = |id, level, name: &str| CustomAttribute {
        id: AttributeId(id),
        level,
        name: name.into(),
    };
    let role = |id, name: &str, members| Role {
        id: RoleId(id),
        name: name.into(),
        default: false,
        members,
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Catalog {
        apps: vec![
            app(1, "salesforce", "Salesforce", 7),
            app(2, "github", "GitHub", 3),
            app(3, "office365", "Office 365", 2),
            app(4, "google", "Google Workspace", 1),
        ],
        groups: vec![
            group(1, "Execs", "okta", 1),
            group(2, "Salesforce Users", "okta", 3),
            group(3, "Engineering", "okta", 2),
            group(4, "Contractors", "okta", 0),
            group(5, "Leadership", "google", 1),
            group(6, "Everyone", "okta", 0),
            group(7, "Everyone", "google", 1),
        ],
        roles: vec![role(1, "Auditor", 1), role(2, "CRM User", 0)],
        permissions: vec![
            permission(1, 1, "sales_cloud", "Sales Cloud", "INTEGRATION", 5),
            permission(2, 1, "service_cloud", "Service Cloud", "MANUAL", 1),
            permission(3, 2, "owner", "Organisation Owner", "INTEGRATION", 1),
        ],
        custom: vec![
            custom(1, Level::User, "cost_center"),
            custom(2, Level::User, "hire_date"),
            custom(3, Level::Account, "seat"),
        ],
        lifecycle: names(&[
            "prehire",
            "active",
            "leave",
            "terminated",
            "deleted",
            "archived",
        ]),
        sources: names(&["okta", "google", "salesforce", "github", "office365"]),
        assume: false,
    }
}
