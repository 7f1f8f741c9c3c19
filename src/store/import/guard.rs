//! An import that takes much away is more often a mistake than the truth.

use crate::store::import::ImportOptions;
use crate::store::{Pending, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use std::fmt;

/// More than one in so many rows of a file is much.
const SHARE: u64 = 10;
/// Fewer rows than these are never much.
const FLOOR: u64 = 10;
/// So many rows are listed by name.
const LISTED: usize = 100;

/// An import that was not let through; nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The files that would change much.
    pub files: Vec<HeldFile>,
}

/// What one file would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFile {
    /// Its name in the folder.
    pub file: String,
    /// How many rows the store has of it.
    pub before: u64,
    /// How many it no longer lists.
    pub gone: u64,
    /// How many change their status or lifecycle state.
    pub changed: u64,
    /// The first of them by name.
    pub rows: Vec<HeldRow>,
}

/// One row that would be gone, or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    /// Its name.
    pub subject: String,
    /// What would become of it: `gone`, `status active → disabled`.
    pub change: String,
}

impl fmt::Display for Held {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, file) in self.files.iter().enumerate() {
            let HeldFile { file, before, gone, changed, rows } = file;
            let gap = if index == 0 { "" } else { "\n" };
            write!(out, "{gap}{file}: of {before} rows, {gone} would be gone")?;
            write!(out, " and {changed} change their status or lifecycle")?;
            for row in rows {
                write!(out, "\n  {}: {}", row.subject, row.change)?;
            }
            let listed = rows.len() as u64;
            if listed < gone + changed {
                write!(out, "\n  and {} more", gone + changed - listed)?;
            }
        }
        Ok(())
    }
}

/// Rows of one table whose status or lifecycle differs.
#[derive(Debug, Default)]
pub(super) struct Changed {
    count: u64,
    first: Vec<(u32, &'static str, Value)>,
}

/// What one file takes away and changes.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) file: String,
    pub(super) table: &'static str,
    pub(super) before: u64,
    /// The numbers of rows, or of the two ends of pairs.
    pub(super) gone: Vec<(u32, u32)>,
    pub(super) changed: Changed,
}

/// Watches all files of an import.
#[derive(Debug, Default)]
pub(super) struct Guard {
    files: Vec<Watched>,
}

impl Changed {
    /// A row differs in these columns, and this is what they held.
    pub(super) fn add(&mut self, id: u32, columns: Vec<(&'static str, Value)>) {
        if columns.is_empty() {
            return;
        }
        self.count += 1;
        if self.first.len() < LISTED {
            self.first
                .extend(columns.into_iter().map(|(column, old)| (id, column, old)));
        }
    }
}

impl Guard {
    /// A file is read.
    pub(super) fn watch(&mut self, file: Watched) {
        self.files.push(file);
    }

    /// Refuses an import that takes much away or changes much.
    pub(super) fn decide(
        &self,
        connection: &Connection,
        options: ImportOptions,
    ) -> Result<(), StoreError> {
        if options.accept_large {
            return Ok(());
        }
        let mut files = Vec::new();
        for file in &self.files {
            let (gone, changed) = (file.gone.len() as u64, file.changed.count);
            if gone + changed < FLOOR || (gone + changed) * SHARE <= file.before {
                continue;
            }
            files.push(HeldFile {
                file: file.file.clone(),
                before: file.before,
                gone,
                changed,
                rows: name_rows(connection, file)?,
            });
        }
        if files.is_empty() {
            Ok(())
        } else {
            Err(StoreError::ImportHeld(Held { files }))
        }
    }
}

/// Refuses an import that brings much of what was pending: the meaning of a lifecycle state
/// has changed, and whoever is touched would follow unseen.
pub(super) fn decide_states(before: u64, moved: &[Pending]) -> Result<(), StoreError> {
    let changed = moved.len() as u64;
    if changed < FLOOR || changed * SHARE <= before {
        return Ok(());
    }
    let rows = moved.iter().take(LISTED).map(|moved| {
        let (before, after) = (moved.before.name(), moved.after.name());
        let change = format!("identity state {before} → {after}");
        HeldRow { subject: moved.email.clone(), change }
    });
    let file = HeldFile {
        file: "identities.csv".to_owned(),
        before,
        gone: 0,
        changed,
        rows: rows.collect(),
    };
    Err(StoreError::ImportHeld(Held { files: vec![file] }))
}

fn name_rows(
    connection: &Connection,
    file: &Watched,
) -> Result<Vec<HeldRow>, StoreError> {
    let name = match file.table {
        "identity" => "SELECT email FROM identity WHERE id = ?1",
        "account" => {
            "SELECT app.name || '/' || username FROM account JOIN app ON app.id = app_id
             WHERE account.id = ?1"
        }
        "app" => "SELECT name FROM app WHERE id = ?1",
        "grp" => "SELECT name FROM grp WHERE id = ?1",
        "role" => "SELECT name FROM role WHERE id = ?1",
        "permission" => {
            "SELECT app.name || '/' || label FROM permission JOIN app ON app.id = app_id
             WHERE permission.id = ?1"
        }
        "membership" => {
            "SELECT grp.name || '/' || email FROM grp, identity
             WHERE grp.id = ?1 AND identity.id = ?2"
        }
        "role_member" => {
            "SELECT role.name || '/' || email FROM role, identity
             WHERE role.id = ?1 AND identity.id = ?2"
        }
        _ => {
            "SELECT app.name || '/' || username || '/' || label
             FROM permission, account JOIN app ON app.id = account.app_id
             WHERE permission.id = ?1 AND account.id = ?2"
        }
    };
    // One parameter may have no use; numbering it keeps every query alike.
    let mut name =
        connection.prepare(&format!("SELECT * FROM ({name}) WHERE ?2 IS NOT NULL"))?;
    let mut subject = |ends: (u32, u32)| -> Result<String, StoreError> {
        let name = name.query_row(ends, |row| row.get(0)).optional()?;
        Ok(name.unwrap_or_default())
    };
    let mut rows = Vec::new();
    for ends in file.gone.iter().take(LISTED) {
        rows.push(HeldRow {
            subject: subject(*ends)?,
            change: "gone".to_owned(),
        });
    }
    for (id, column, old) in &file.changed.first {
        let (noun, meaning) = match *column {
            "status" => ("status", "?"),
            _ => ("lifecycle", "(SELECT name FROM lifecycle_state WHERE id = ?)"),
        };
        let now: Value = connection.query_row(
            &format!("SELECT {column} FROM {} WHERE id = ?", file.table),
            [id],
            |row| row.get(0),
        )?;
        let say = |value: &Value| -> Result<String, StoreError> {
            let text: Option<String> =
                connection
                    .query_row(&format!("SELECT {meaning}"), [value], |row| row.get(0))?;
            Ok(text.unwrap_or_else(|| "none".to_owned()))
        };
        let change = format!("{noun} {} → {}", say(old)?, say(&now)?);
        rows.push(HeldRow { subject: subject((*id, 0))?, change });
    }
    rows.truncate(LISTED);
    Ok(rows)
}
