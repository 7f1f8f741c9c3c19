//! Permissions that accounts hold.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::guard::{Changed, Watched};
use crate::store::import::ledger::{Ledger, integer, number, text};
use crate::store::import::report::FileReport;
use crate::store::import::sheet::{Column, Layout, Sheet};
use crate::text::fold;
use rusqlite::{Connection, OptionalExtension as _, Statement};
use std::collections::{HashMap, HashSet};

const GRANTS: Layout<8> = Layout {
    columns: [
        "app",
        "username",
        "permission",
        "source",
        "granted_at",
        "expires_at",
        "requested_by_email",
        "request_comment",
    ],
    required: 3,
    others: None,
};

const COLUMNS: &[&str] = &[
    "permission_id",
    "account_id",
    "source_id",
    "granted_at",
    "expires_at",
    "requested_by",
    "request_comment",
];

/// Reads grants.csv.
pub(super) fn read(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, columns)) = cx.folder.sheet(cx.desk, Table::Grants, GRANTS)?
    else {
        return Ok(());
    };
    let [app, username, permission, source, granted, expires, requested_by, comment] =
        columns;
    let labels = Labels::load(cx.connection)?;
    let mut held = Held::open(cx.connection)?;
    let mut ledger = Ledger::new(cx, "access_grant", COLUMNS)?;
    let mut report = FileReport::default();
    while sheet.advance()? {
        let granted = sheet.instant(granted);
        let expires = sheet.instant(expires);
        let requested_by = sheet.email(requested_by);
        let Some((app_id, account)) = cx.account(&sheet, app, username) else { continue };
        let Some(permission) = cx.permission(&sheet, permission, app_id, &labels) else {
            continue;
        };
        let source = match sheet.some(source) {
            Some(source) => Some(cx.sources.number(cx.connection, source, &cx.apps)?),
            None => None,
        };
        let values = [
            number(Some(permission)),
            number(Some(account)),
            number(source),
            integer(granted),
            integer(expires),
            text(requested_by),
            text(sheet.some(comment)),
        ];
        match held.list((permission, account), granted, sheet.line())? {
            Found::New(id) => {
                report.added += 1;
                ledger.insert(id, &values)?;
            }
            Found::Again(id) => {
                report.returned += 1;
                ledger.insert(id, &values)?;
            }
            Found::Old(id) => {
                report.changed += u64::from(ledger.replace(id, &values)?.any);
            }
            // Said when all are sorted.
            Found::Twice => (),
        }
    }
    held.report_twice(&sheet);
    if !cx.options.partial && !cx.desk.findings.any() {
        let mut of = match &cx.scope {
            Some(scope) => Some(scope.rows(cx.connection, "access_grant")?),
            None => None,
        };
        if let Some(of) = &mut of {
            of.retain(|id| *id < held.first_new);
        }
        let gone = held.take_unlisted(cx.connection, of.as_ref())?;
        report.gone = gone.len() as u64;
        cx.guard.watch(Watched {
            file: sheet.file.clone(),
            table: "access_grant",
            before: of.map_or(held.before, |of| of.len() as u64),
            gone,
            changed: Changed::default(),
        });
    }
    report.file = sheet.file;
    report.rows = sheet.rows;
    cx.report.files.push(report);
    Ok(())
}

/// Which grants there are, and which of them the file lists.
struct Held<'c> {
    find: Statement<'c>,
    find_former: Statement<'c>,
    before: u64,
    /// Whether any was ever there.
    any: bool,
    first_new: u32,
    next: u32,
    /// By number, for those that were there.
    listed: Vec<bool>,
    /// Permission, account, and line.
    lines: Vec<(u32, u32, u32)>,
}

enum Found {
    New(u32),
    Old(u32),
    /// It was gone, and is listed again.
    Again(u32),
    Twice,
}

impl<'c> Held<'c> {
    fn open(connection: &'c Connection) -> Result<Self, StoreError> {
        // The number of a grant that a run was about is never another one's.
        let (before, last): (u32, u32) = connection.query_row(
            "SELECT (SELECT count(*) FROM access_grant),
                    max((SELECT ifnull(max(id), 0) FROM access_grant),
                        (SELECT ifnull(max(id), 0) FROM former_grant),
                        (SELECT ifnull(max(subject_id), 0) FROM run WHERE subject_kind = 2))",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(Self {
            find_former: connection.prepare(
                "SELECT id FROM former_grant WHERE permission_id = ? AND account_id = ?
                 AND last_at >= ifnull(?, 0)",
            )?,
            any: last > 0,
            find: connection.prepare(
                "SELECT id FROM access_grant WHERE permission_id = ? AND account_id = ?",
            )?,
            before: u64::from(before),
            first_new: last + 1,
            next: last + 1,
            listed: vec![false; last as usize + 1],
            lines: Vec::new(),
        })
    }

    fn list(
        &mut self,
        (permission, account): (u32, u32),
        granted: Option<i64>,
        line: u32,
    ) -> Result<Found, StoreError> {
        self.lines.push((permission, account, line));
        // A first import has no index to look into, and nothing to find there.
        if self.any {
            let id = self
                .find
                .query_row((permission, account), |row| row.get(0))
                .optional()?;
            if let Some(id) = id {
                return Ok(match self.listed.get_mut(id as usize) {
                    Some(listed) if !*listed => {
                        *listed = true;
                        Found::Old(id)
                    }
                    _ => Found::Twice,
                });
            }
            let id = self
                .find_former
                .query_row((permission, account, granted), |row| row.get(0))
                .optional()?;
            if let Some(id) = id {
                if let Some(listed) = self.listed.get_mut(id as usize) {
                    *listed = true;
                }
                return Ok(Found::Again(id));
            }
        }
        self.next += 1;
        Ok(Found::New(self.next - 1))
    }

    fn report_twice(&mut self, sheet: &Sheet<'_>) {
        self.lines.sort_unstable();
        for pair in self.lines.windows(2) {
            if let [(permission, account, first), later] = pair
                && (*permission, *account) == (later.0, later.1)
            {
                let message = "this account and permission are listed twice";
                let help = format!("the first is on line {first}; keep one of them");
                sheet.wrong_at((later.2, 1), message, Some(help));
            }
        }
    }

    /// Deletes what the file does not list, and says what it was.
    fn take_unlisted(
        &self,
        connection: &Connection,
        of: Option<&HashSet<u32>>,
    ) -> Result<Vec<(u32, u32)>, StoreError> {
        let mut delete = connection.prepare(
            "DELETE FROM access_grant WHERE id = ? RETURNING permission_id, account_id",
        )?;
        let mut gone = Vec::new();
        let mut statement =
            connection.prepare("SELECT id FROM access_grant WHERE id < ? ORDER BY id")?;
        let ids = statement.query_map([self.first_new], |row| row.get::<_, u32>(0))?;
        let unlisted = |id: &u32| {
            !self.listed.get(*id as usize).copied().unwrap_or_default()
                && of.is_none_or(|of| of.contains(id))
        };
        let ids: Vec<u32> = ids.collect::<Result<_, _>>()?;
        for id in ids.into_iter().filter(unlisted) {
            gone.push(delete.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?);
        }
        Ok(gone)
    }
}

/// Permissions by what people call them; 0 where two of an app are called alike.
struct Labels(HashMap<(u32, String), u32>);

impl Labels {
    fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut statement = connection
            .prepare("SELECT app_id, label_key, id FROM permission WHERE gone = 0")?;
        let mut labels = HashMap::new();
        let rows = statement
            .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        for row in rows {
            let (label, id) = row?;
            labels.entry(label).and_modify(|id| *id = 0).or_insert(id);
        }
        Ok(Self(labels))
    }
}

impl Cx<'_> {
    /// The permission that a cell names by its value, else by its label.
    fn permission(
        &self,
        sheet: &Sheet<'_>,
        column: Column,
        app: u32,
        labels: &Labels,
    ) -> Option<u32> {
        let written = sheet.need(column)?;
        let key = fold(written);
        if let Some(id) = self.permissions.find(app, &key) {
            return Some(id);
        }
        match labels.0.get(&(app, key)) {
            Some(0) => {
                let message = format!("more than one permission is called `{written}`");
                sheet.wrong(
                    column,
                    message,
                    "write what the app calls it: `permission` in permissions.csv",
                );
                None
            }
            Some(id) => Some(*id),
            None if self.permissions.holes => None,
            None => {
                let names = "SELECT value FROM permission WHERE gone = 0
                             UNION SELECT label FROM permission WHERE gone = 0";
                let help = self.suggest(names, written);
                let help =
                    help.unwrap_or_else(|| "list it in permissions.csv".to_owned());
                sheet.wrong(
                    column,
                    format!("the app has no permission `{written}`"),
                    help,
                );
                None
            }
        }
    }
}
