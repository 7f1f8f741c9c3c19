//! The files of an import, found by name.

use crate::store::StoreError;
use crate::store::import::desk::Desk;
use crate::store::import::sheet::{Column, Form, Layout, Place, Sheet};
use crate::text::nearest;
use std::path::Path;

/// The files that an import reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Apps,
    Sources,
    LifecycleStates,
    Identities,
    Groups,
    Roles,
    Permissions,
    Accounts,
    Activity,
    Memberships,
    RoleMembers,
    Grants,
    Sessions,
}

const TABLES: [(Table, &str); 13] = [
    (Table::Apps, "apps"),
    (Table::Sources, "sources"),
    (Table::LifecycleStates, "lifecycle_states"),
    (Table::Identities, "identities"),
    (Table::Groups, "groups"),
    (Table::Roles, "roles"),
    (Table::Permissions, "permissions"),
    (Table::Accounts, "accounts"),
    (Table::Activity, "activity"),
    (Table::Memberships, "memberships"),
    (Table::RoleMembers, "role_members"),
    (Table::Grants, "grants"),
    (Table::Sessions, "sessions"),
];

/// A folder's files.
#[derive(Debug)]
pub(super) struct Folder {
    files: Vec<(Table, Form, Place)>,
    /// Files that look as if they were meant, and are not known.
    pub(super) ignored: Vec<(String, Option<String>)>,
}

impl Folder {
    /// Looks which files are there.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let refused =
            |reason: String| StoreError::Folder { path: path.to_owned(), reason };
        let unreadable = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotADirectory => refused("it is not a folder".to_owned()),
            std::io::ErrorKind::NotFound => refused("it does not exist".to_owned()),
            std::io::ErrorKind::PermissionDenied => {
                refused("permission denied".to_owned())
            }
            _ => refused(error.to_string()),
        };
        let entries = std::fs::read_dir(path).map_err(unreadable)?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        let mut folder = Self { files: Vec::new(), ignored: Vec::new() };
        for name in names {
            let (stem, form) = match name.rsplit_once('.') {
                Some((stem, "csv")) => (stem, Form::Csv),
                Some((stem, "jsonl")) => (stem, Form::JsonLines),
                _ => continue,
            };
            let Some((table, _)) = TABLES.iter().find(|(_, known)| *known == stem) else {
                let near = nearest(stem, TABLES.map(|(_, known)| known));
                let near = near.first().map(|near| (*near).to_owned());
                folder.ignored.push((name, near));
                continue;
            };
            if folder.has(*table) {
                let both =
                    format!("it has both {stem}.csv and {stem}.jsonl: keep one of them");
                return Err(refused(both));
            }
            folder.files.push((*table, form, Place::File(path.join(&name))));
        }
        if folder.files.is_empty() {
            let known = TABLES.map(|(_, known)| format!("{known}.csv")).join(", ");
            return Err(refused(format!("it has none of the files {known}")));
        }
        Ok(folder)
    }

    /// What another program has listed, one object a line.
    pub(super) fn of_rows(rows: Vec<(Table, String)>) -> Self {
        let files = rows.into_iter().map(|(table, text)| {
            let known = TABLES.iter().find(|(one, _)| *one == table);
            let name = known.map_or("", |(_, name)| name);
            (table, Form::JsonLines, Place::Rows(name, text.into_bytes().into()))
        });
        Self { files: files.collect(), ignored: Vec::new() }
    }

    /// Whether that file is there.
    pub(super) fn has(&self, table: Table) -> bool {
        self.files.iter().any(|(one, _, _)| *one == table)
    }

    /// Opens that file; `None` when it is not there, or its columns are not as they should.
    pub(super) fn sheet<'c, const N: usize>(
        &self,
        desk: &'c Desk<'c>,
        table: Table,
        layout: Layout<N>,
    ) -> Result<Option<(Sheet<'c>, [Column; N])>, StoreError> {
        match self.files.iter().find(|(one, _, _)| *one == table) {
            // What follows would refer to rows that are not there.
            Some(_) if desk.findings.broken() => Ok(None),
            Some((_, form, place)) => {
                desk.findings.in_file(table as usize);
                Sheet::open(desk, place, *form, layout)
            }
            None => Ok(None),
        }
    }
}
