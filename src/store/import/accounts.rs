//! Accounts, and with them what the sources last saw of each.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::attributes::Attributes;
use crate::store::import::desk::{Desk, Progress};
use crate::store::import::folder::Table;
use crate::store::import::ledger::{Ledger, flag, integer, number, text};
use crate::store::import::links::Link;
use crate::store::import::seen::{self, Order, Seen};
use crate::store::import::sheet::Layout;
use crate::store::import::tally::{Outcome, Tally};
use crate::text::fold;

const ACCOUNTS: Layout<7> = Layout {
    columns: ["app", "username", "email", "status", "created_at", "expires_at", "source"],
    required: 2,
    others: Some(&[
        ("owner", "name the column `email`"),
        ("last_seen", "it follows from activity.csv"),
        ("last_login", "write it into activity.csv, with the source that reports it"),
        ("last_activity", "write it into activity.csv, with the source that reports it"),
    ]),
};

const COLUMNS: &[&str] = &[
    "app_id",
    "identity_id",
    "username",
    "username_key",
    "status",
    "created_at",
    "expires_at",
    "source_id",
    "gone",
];

const COLUMNS_SEEN: &[&str] = &[
    "app_id",
    "identity_id",
    "username",
    "username_key",
    "status",
    "created_at",
    "expires_at",
    "source_id",
    "gone",
    "last_login",
    "last_login_source",
    "last_activity",
    "last_activity_source",
    "last_seen",
];

/// Reads accounts.csv and activity.csv.
///
/// Where there are no accounts yet, activity is read before the rows of accounts are
/// written, so that each is written once; rows that grow afterwards split their pages.
pub(super) fn read_with_activity(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let any = "SELECT EXISTS (SELECT 1 FROM account)";
    if cx.connection.query_row(any, [], |row| row.get(0))? {
        read(cx, None)?;
        let activity = seen::read(cx)?;
        if let Some((report, links)) = activity {
            seen::write(cx, report, &links)?;
        }
        return seen::refresh(cx);
    }
    if cx.folder.has(Table::Activity) && !enlist(cx)? {
        // What is wrong with it is said now, and activity left unread.
        return read(cx, None);
    }
    let activity = seen::read(cx)?;
    read(cx, Some(activity.as_ref().map_or(&[], |(_, links)| links.as_slice())))?;
    match activity {
        Some((report, links)) => seen::write(cx, report, &links),
        None => Ok(()),
    }
}

/// Gives the accounts of the file their numbers, and says whether all could be told by name.
fn enlist(cx: &mut Cx<'_>) -> Result<bool, StoreError> {
    let mut nobody = |_: Progress<'_>| ();
    let quiet = Desk::new(&mut nobody);
    let Some((mut sheet, [app, username, ..])) =
        cx.folder.sheet(&quiet, Table::Accounts, ACCOUNTS)?
    else {
        return Ok(!quiet.findings.any());
    };
    let mut sound = true;
    while sheet.advance()? {
        let app = sheet.some(app).and_then(|app| cx.apps.find(0, &fold(app)));
        if let (Some(app), Some(name)) = (app, sheet.some(username)) {
            cx.accounts.enlist(app, &fold(name));
        } else {
            sound = false;
        }
    }
    Ok(sound && !quiet.findings.any())
}

/// Reads accounts.csv; `activity`, sorted, goes into the rows where they are all new.
fn read(cx: &mut Cx<'_>, activity: Option<&[Link]>) -> Result<(), StoreError> {
    let Some((mut sheet, [app, username, email, status, created, expires, source])) =
        cx.folder.sheet(cx.desk, Table::Accounts, ACCOUNTS)?
    else {
        return Ok(());
    };
    let order = Order::new(cx.sources.all());
    let columns = if activity.is_some() { COLUMNS_SEEN } else { COLUMNS };
    let mut attributes = Attributes::open(cx, &sheet, "account")?;
    let mut ledger = Ledger::new(cx, "account", columns)?;
    let mut tally = Tally::new("account");
    while sheet.advance()? {
        let app_id = cx.app(&sheet, app);
        let owner = cx.identity(&sheet, email);
        let status = sheet.status(status);
        let created = sheet.instant(created);
        let expires = sheet.instant(expires);
        let (Some(app_id), Some(name)) = (app_id, sheet.need(username)) else {
            sheet.lose_row();
            continue;
        };
        let source = match sheet.some(source) {
            Some(source) => Some(cx.sources.number(cx.connection, source, &cx.apps)?),
            None => None,
        };
        let key = fold(name);
        let entry = cx.accounts.list(app_id, &key, sheet.line());
        let seen = match (activity, entry.number()) {
            (Some(links), Some(id)) => Seen::choose(seen::of(links, id), &order, app_id),
            _ => Seen::default(),
        };
        let values = [
            number(Some(app_id)),
            number(Some(owner.unwrap_or(0))),
            text(Some(name)),
            text(Some(&key)),
            text(status),
            integer(created),
            integer(expires),
            number(source),
            flag(false),
            integer(seen.login),
            number(seen.login_source),
            integer(seen.activity),
            number(seen.activity_source),
            integer(seen.last()),
        ];
        let values = values.get(..columns.len()).unwrap_or(&values);
        let outcome = tally.write(&mut ledger, entry, values)?;
        if let Some(id) = outcome.number(&sheet, username, name) {
            let new = matches!(outcome, Outcome::Added(_));
            let differs = attributes.write(&sheet, id, new)?;
            if !cx.first && (differs || !matches!(outcome, Outcome::Same(_))) {
                cx.touched.extend(owner);
            }
            tally.report.changed +=
                u64::from(differs && matches!(outcome, Outcome::Same(_)));
        }
    }
    tally.close(cx, sheet, |cx| &mut cx.accounts)
}
