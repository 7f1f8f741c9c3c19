//! Apps, groups, roles and permissions: short lists that much refers to.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::ledger::{Ledger, flag, number, text};
use crate::store::import::sheet::Layout;
use crate::store::import::tally::Tally;
use crate::text::fold;
use rusqlite::types::ValueRef;

const APPS: Layout<4> = Layout {
    columns: ["app", "label", "instance_id", "owner_email"],
    required: 1,
    others: None,
};

const GROUPS: Layout<5> = Layout {
    columns: ["group", "source", "kind", "app", "privileged"],
    required: 2,
    others: None,
};

const ROLES: Layout<3> = Layout {
    columns: ["role", "default", "privileged"],
    required: 1,
    others: None,
};

const PERMISSIONS: Layout<7> = Layout {
    columns: ["app", "permission", "label", "type", "source", "price", "privileged"],
    required: 2,
    others: None,
};

/// Reads apps.csv.
pub(super) fn read_apps(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [app, label, instance, owner])) =
        cx.folder.sheet(cx.desk, Table::Apps, APPS)?
    else {
        return Ok(());
    };
    let columns = &[
        "name",
        "name_key",
        "label",
        "label_key",
        "instance_id",
        "owner_email",
        "gone_at",
    ];
    let mut ledger = Ledger::new(cx, "app", columns)?;
    let mut tally = Tally::new("app");
    while sheet.advance()? {
        let owner = sheet.email(owner);
        let Some(name) = sheet.need(app) else { continue };
        let (key, label_key) = (fold(name), sheet.some(label).map(fold));
        let entry = cx.apps.list(0, &key, sheet.line());
        let values = [
            text(Some(name)),
            text(Some(&key)),
            text(sheet.some(label)),
            text(label_key.as_deref()),
            text(sheet.some(instance)),
            text(owner),
            ValueRef::Null,
        ];
        tally.write(&mut ledger, entry, &values)?.number(&sheet, app, name);
    }
    tally.close(cx, sheet, |cx| &mut cx.apps)
}

/// Reads groups.csv.
pub(super) fn read_groups(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [group, source, kind, app, privileged])) =
        cx.folder.sheet(cx.desk, Table::Groups, GROUPS)?
    else {
        return Ok(());
    };
    let columns =
        &["name", "name_key", "source_id", "kind", "app_id", "privileged", "gone"];
    let mut ledger = Ledger::new(cx, "grp", columns)?;
    let mut tally = Tally::new("grp");
    while sheet.advance()? {
        let app = cx.some_app(&sheet, app);
        let kind = sheet.one_of(kind, "a kind of group", &["idp", "email"]);
        let (name, source) = (sheet.need(group), sheet.need(source));
        let (Some(name), Some(source)) = (name, source) else { continue };
        let source = cx.sources.number(cx.connection, source, &cx.apps)?;
        let key = fold(name);
        let entry = cx.groups.list(source, &key, sheet.line());
        let values = [
            text(Some(name)),
            text(Some(&key)),
            number(Some(source)),
            text(kind),
            number(app),
            flag(sheet.flag(privileged, false)),
            flag(false),
        ];
        tally.write(&mut ledger, entry, &values)?.number(&sheet, group, name);
    }
    tally.close(cx, sheet, |cx| &mut cx.groups)
}

/// Reads roles.csv.
pub(super) fn read_roles(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [role, default, privileged])) =
        cx.folder.sheet(cx.desk, Table::Roles, ROLES)?
    else {
        return Ok(());
    };
    let columns = &["name", "name_key", "is_default", "privileged", "gone"];
    let mut ledger = Ledger::new(cx, "role", columns)?;
    let mut tally = Tally::new("role");
    while sheet.advance()? {
        let Some(name) = sheet.need(role) else { continue };
        let key = fold(name);
        let entry = cx.roles.list(0, &key, sheet.line());
        let values = [
            text(Some(name)),
            text(Some(&key)),
            flag(sheet.flag(default, false)),
            flag(sheet.flag(privileged, false)),
            flag(false),
        ];
        tally.write(&mut ledger, entry, &values)?.number(&sheet, role, name);
    }
    tally.close(cx, sheet, |cx| &mut cx.roles)
}

/// Reads permissions.csv.
pub(super) fn read_permissions(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [app, permission, label, kind, source, price, privileged])) =
        cx.folder.sheet(cx.desk, Table::Permissions, PERMISSIONS)?
    else {
        return Ok(());
    };
    let columns = &[
        "app_id",
        "value",
        "value_key",
        "label",
        "label_key",
        "type",
        "source",
        "price",
        "privileged",
        "gone",
    ];
    let mut ledger = Ledger::new(cx, "permission", columns)?;
    let mut tally = Tally::new("permission");
    while sheet.advance()? {
        let app = cx.app(&sheet, app);
        let (Some(app), Some(value)) = (app, sheet.need(permission)) else {
            sheet.lose_row();
            continue;
        };
        let label = sheet.some(label).unwrap_or(value);
        let (key, label_key) = (fold(value), fold(label));
        let entry = cx.permissions.list(app, &key, sheet.line());
        let values = [
            number(Some(app)),
            text(Some(value)),
            text(Some(&key)),
            text(Some(label)),
            text(Some(&label_key)),
            text(sheet.some(kind)),
            text(sheet.some(source)),
            text(sheet.some(price)),
            flag(sheet.flag(privileged, false)),
            flag(false),
        ];
        tally
            .write(&mut ledger, entry, &values)?
            .number(&sheet, permission, value);
    }
    tally.close(cx, sheet, |cx| &mut cx.permissions)
}
