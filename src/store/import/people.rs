//! Users, and the states of their lives with the company.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::attributes::Attributes;
use crate::store::import::folder::Table;
use crate::store::import::guard;
use crate::store::import::known::{Entry, Known};
use crate::store::import::ledger::{Ledger, flag, integer, number, text};
use crate::store::import::report::FileReport;
use crate::store::import::sheet::{Column, Layout, Sheet};
use crate::store::import::tally::{Outcome, Tally};
use crate::store::lifecycle::{
    Pending, StateChange, change_state, note_mapping, pending_of,
};
use crate::store::told::note_users;
use crate::text::fold;
use rusqlite::{Connection, Statement};
use std::collections::HashMap;

const LIFECYCLE_STATES: Layout<3> = Layout {
    columns: ["state", "identity_state", "enabled"],
    required: 1,
    others: None,
};

const IDENTITIES: Layout<14> = Layout {
    columns: [
        "email",
        "username",
        "given_name",
        "family_name",
        "status",
        "department",
        "title",
        "manager_email",
        "lifecycle_state",
        "lifecycle_changed_at",
        "created_at",
        "password_changed_at",
        "password_expires_at",
        "locale",
    ],
    required: 1,
    others: Some(&[
        ("manager", "name the column `manager_email`"),
        ("lifecycle", "name the column `lifecycle_state`"),
        ("identity_state", "it follows from `lifecycle_state` and lifecycle_states.csv"),
        ("last_seen", "it follows from activity.csv"),
    ]),
};

const LIFECYCLE_COLUMNS: &[&str] = &["name", "name_key", "identity_state", "enabled"];

const COLUMNS: &[&str] = &[
    "email",
    "email_key",
    "username",
    "given_name",
    "family_name",
    "status",
    "department",
    "department_key",
    "title",
    "title_key",
    "manager_email",
    "manager_key",
    "lifecycle_id",
    "lifecycle_changed_at",
    "identity_state",
    "created_at",
    "password_changed_at",
    "password_expires_at",
    "locale",
    "gone",
];

const STATES: &str = "SELECT id, 0, name_key, 0 FROM lifecycle_state";

/// Reads the lifecycle states. A state that it no longer lists is mapped to nothing.
pub(super) fn read_lifecycle(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [state, identity_state, enabled])) =
        cx.folder.sheet(cx.desk, Table::LifecycleStates, LIFECYCLE_STATES)?
    else {
        return Ok(());
    };
    let mut known = Known::load(cx.connection, STATES)?;
    let mut ledger = Ledger::new(cx, "lifecycle_state", LIFECYCLE_COLUMNS)?;
    let mut tally = Tally::new("lifecycle_state");
    while sheet.advance()? {
        let mapped = sheet.identity_state(identity_state);
        let Some(name) = sheet.need(state) else { continue };
        let key = fold(name);
        let entry = known.list(0, &key, sheet.line());
        let enabled = flag(sheet.flag(enabled, true));
        let values = [text(Some(name)), text(Some(&key)), integer(mapped), enabled];
        tally.write(&mut ledger, entry, &values)?.number(&sheet, state, name);
    }
    let mut report = FileReport { file: sheet.file, rows: sheet.rows, ..tally.report };
    if !cx.options.partial {
        let mut forget = cx.connection.prepare(
            "UPDATE lifecycle_state SET identity_state = NULL, enabled = 1
             WHERE id = ? AND (identity_state IS NOT NULL OR enabled = 0)",
        )?;
        for id in known.drop_unlisted(None) {
            report.gone += forget.execute([id])? as u64;
        }
    }
    cx.report.files.push(report);
    Ok(())
}

/// Whether no user was known before.
pub(super) fn is_first(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM identity)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// Computes the identity states of those whom the import touched. Everybody else's stay as
/// they are until somebody has them computed, but where nobody was known before.
pub(super) fn finish(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    if cx.first {
        return note_mapping(cx.connection);
    }
    let mut moved = Vec::new();
    cx.touched.sort_unstable();
    cx.touched.dedup();
    for user in &cx.touched {
        moved.extend(pending_of(cx.connection, i64::from(*user))?);
    }
    if !cx.options.accept_large {
        guard::decide_states(cx.identities.before, &moved)?;
    }
    for Pending { user, before, after, .. } in moved {
        let change = StateChange { user, before, after, cause: "import", by: None };
        change_state(cx.connection, &change, cx.options.now)?;
    }
    Ok(())
}

/// Reads identities.csv.
pub(super) fn read(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, columns)) =
        cx.folder.sheet(cx.desk, Table::Identities, IDENTITIES)?
    else {
        return Ok(());
    };
    let [
        email,
        username,
        given,
        family,
        status,
        department,
        title,
        manager,
        state,
        changed,
        created,
        password_changed,
        password_expires,
        locale,
    ] = columns;
    let mut lifecycle = Lifecycle::open(cx.connection)?;
    let mut attributes = Attributes::open(cx, &sheet, "user")?;
    let mut ledger = Ledger::new(cx, "identity", COLUMNS)?;
    let mut tally = Tally::new("identity");
    while sheet.advance()? {
        let status = sheet.status(status);
        let manager = sheet.email(manager);
        let mut changed = sheet.instant(changed);
        let created = sheet.instant(created);
        let password_changed = sheet.instant(password_changed);
        let password_expires = sheet.instant(password_expires);
        let Some(address) = sheet.need(email).and_then(|_| sheet.email(email)) else {
            sheet.lose_row();
            continue;
        };
        let key = fold(address);
        let entry = cx.identities.list(0, &key, sheet.line());
        let (lifecycle_id, mut identity_state) = lifecycle.state(&sheet, state)?;
        if let Entry::Old(id) = entry {
            let last = lifecycle.last(id)?;
            identity_state = last.identity_state;
            changed = changed.or(last.changed_at(lifecycle_id, cx.options.now.0));
        }
        let keys = [department, title].map(|column| sheet.some(column).map(fold));
        let manager_key = manager.map(fold);
        let values = [
            text(Some(address)),
            text(Some(&key)),
            text(sheet.some(username)),
            text(sheet.some(given)),
            text(sheet.some(family)),
            text(status),
            text(sheet.some(department)),
            text(keys[0].as_deref()),
            text(sheet.some(title)),
            text(keys[1].as_deref()),
            text(manager),
            text(manager_key.as_deref()),
            number(lifecycle_id),
            integer(changed),
            integer(Some(identity_state)),
            integer(created),
            integer(password_changed),
            integer(password_expires),
            text(sheet.some(locale)),
            flag(false),
        ];
        let outcome = tally.write(&mut ledger, entry, &values)?;
        if let Some(id) = outcome.number(&sheet, email, address) {
            let new = matches!(outcome, Outcome::Added(_));
            let differs = attributes.write(&sheet, id, new)?;
            cx.touched.extend(
                (differs || matches!(outcome, Outcome::Changed(_))).then_some(id),
            );
            tally.report.changed +=
                u64::from(differs && matches!(outcome, Outcome::Same(_)));
        }
    }
    note_told(cx).and_then(|()| tally.close(cx, sheet, |cx| &mut cx.identities))
}

/// Notes as of when who was told of. A whole list tells of all, also who is not in it.
fn note_told(cx: &Cx<'_>) -> Result<(), StoreError> {
    let whole = !cx.options.partial && cx.scope.is_none();
    let listed = (!whole).then(|| cx.identities.listed());
    let now = cx.options.now.0;
    let at = cx.sources.of_users().map_or(now, |at| at.min(now));
    note_users(cx.connection, listed, at)
}

/// The lifecycle states, and when users last changed theirs.
struct Lifecycle<'c> {
    states: HashMap<String, (u32, i64)>,
    last: Statement<'c>,
    insert: Statement<'c>,
}

impl<'c> Lifecycle<'c> {
    fn open(connection: &'c Connection) -> Result<Self, StoreError> {
        let mut statement =
            connection.prepare("SELECT name_key, id, state FROM lifecycle_meaning")?;
        let states = statement
            .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
        Ok(Self {
            states: states.collect::<Result<_, _>>()?,
            last: connection.prepare(
                "SELECT lifecycle_id, lifecycle_changed_at, identity_state FROM identity
                 WHERE id = ?",
            )?,
            insert: connection
                .prepare("INSERT INTO lifecycle_state(name, name_key) VALUES (?, ?)")?,
        })
    }

    /// The state that a cell names, which is made when it is not there, and its meaning.
    fn state(
        &mut self,
        sheet: &Sheet<'_>,
        column: Column,
    ) -> Result<(Option<u32>, i64), StoreError> {
        let Some(name) = sheet.some(column) else { return Ok((None, 0)) };
        let key = fold(name);
        if let Some((id, state)) = self.states.get(&key) {
            return Ok((Some(*id), *state));
        }
        let id = self.insert.insert((name, &key))?;
        let id = u32::try_from(id).unwrap_or(u32::MAX);
        self.states.insert(key, (id, 0));
        Ok((Some(id), 0))
    }

    /// Where a user stood before.
    fn last(&mut self, id: u32) -> Result<Last, StoreError> {
        Ok(self.last.query_row([id], |row| {
            Ok(Last {
                lifecycle_id: row.get(0)?,
                changed_at: row.get(1)?,
                identity_state: row.get(2)?,
            })
        })?)
    }
}

/// Where a user stood before the import.
struct Last {
    lifecycle_id: Option<u32>,
    changed_at: Option<i64>,
    identity_state: i64,
}

impl Last {
    /// When the user came into the state, as far as we can know: now, if it is another one
    /// than before. A state that was not known, or is not, tells nothing.
    fn changed_at(&self, state: Option<u32>, now: i64) -> Option<i64> {
        match (self.lifecycle_id, state) {
            (_, None) | (None, _) => None,
            (Some(old), Some(new)) if old == new => self.changed_at,
            (Some(_), Some(_)) => Some(now),
        }
    }
}
