//! Filling the store from a folder of files, in one transaction.
//!
//! What can be referred to is read before what refers to it. Rows with a name are written
//! as they are read; pairs (memberships, activity, …) are collected, sorted by key and
//! compared with the table in one pass. A first import writes without indexes and makes
//! them at the end, which takes a third of the time.
//!
//! INVARIANT: importing the same files twice changes nothing, and an import that fails
//! changes nothing either.

mod accounts;
mod attributes;
mod cells;
mod desk;
mod directory;
mod findings;
mod first;
mod folder;
mod grants;
mod guard;
mod json;
mod known;
mod ledger;
mod links;
mod lists;
mod memberships;
mod moved;
mod nested;
mod people;
mod record;
mod references;
mod report;
mod seen;
mod sessions;
mod sheet;
mod sources;
mod still;
mod tally;

pub(crate) use crate::store::import::cells::is_email;
pub use crate::store::import::desk::Progress;
pub use crate::store::import::directory::{
    Directory, DirectoryGroup, DirectoryPermission, DirectoryUser,
};
pub use crate::store::import::findings::{ImportError, ImportErrors};
pub use crate::store::import::guard::{Held, HeldFile, HeldRow};
pub use crate::store::import::report::{FileReport, ImportReport, Moved, Overruled};

use crate::store::import::desk::Desk;
use crate::store::import::directory::Scope;
use crate::store::import::folder::{Folder, Table};
use crate::store::import::known::Known;
use crate::store::import::sources::Sources;
use crate::store::{Store, StoreError, events};
use crate::time::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// How to import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// The present instant.
    pub now: Timestamp,
    /// Whether what a file does not list stays; else it is marked as gone.
    pub partial: bool,
    /// Whether an import that takes much away, or changes much, is let through.
    pub accept_large: bool,
}

impl ImportOptions {
    /// A whole and guarded import at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { now, partial: false, accept_large: false }
    }
}

/// What the files of one import share.
struct Cx<'c> {
    connection: &'c Connection,
    desk: &'c Desk<'c>,
    folder: Folder,
    options: ImportOptions,
    /// What the import speaks of, where it is not everything.
    scope: Option<Scope>,
    report: ImportReport,
    guard: guard::Guard,
    /// Whether nobody was known before.
    first: bool,
    /// Users about whom something has changed.
    touched: Vec<u32>,
    sources: Sources,
    apps: Known,
    identities: Known,
    accounts: Known,
    groups: Known,
    roles: Known,
    permissions: Known,
}

impl Store {
    /// Whether a folder has files to import; to be asked before a store is made for them.
    pub fn can_import(folder: &Path) -> Result<(), StoreError> {
        Folder::open(folder).map(drop)
    }

    /// Fills the store from the files of a folder; nothing of it is kept when a row is bad.
    pub fn import(
        &mut self,
        folder: &Path,
        options: &ImportOptions,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<ImportReport, StoreError> {
        let folder = Folder::open(folder)?;
        let unread = folder.ignored.clone();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let desk = Desk::new(progress);
        let read = read(&transaction, &desk, (folder, None), *options);
        if desk.findings.any() {
            return Err(StoreError::Import(desk.findings.take(unread)));
        }
        let report = read?;
        transaction.commit()?;
        Ok(report)
    }

    /// Fills the store with what a connected system has listed, in the way of files: all or
    /// nothing, and guarded. What is not of that system, and what it cannot know, stays.
    pub fn import_directory(
        &mut self,
        directory: &Directory,
        options: &ImportOptions,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(ImportReport, Vec<String>), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let listed = directory.rows(&transaction)?;
        let desk = Desk::new(progress);
        let folder = (Folder::of_rows(listed.rows), Some(listed.scope));
        let read = read(&transaction, &desk, folder, *options);
        if desk.findings.any() {
            return Err(StoreError::Import(desk.findings.take(Vec::new())));
        }
        let report = read?;
        transaction.commit()?;
        Ok((report, listed.notes))
    }
}

/// Reads all files; what is wrong with them is left on the desk.
fn read<'c>(
    connection: &'c Connection,
    desk: &'c Desk<'c>,
    (folder, scope): (Folder, Option<Scope>),
    options: ImportOptions,
) -> Result<ImportReport, StoreError> {
    let first = first::is_first(connection)?;
    let later = if first { first::drop_indexes(connection)? } else { Vec::new() };
    if !first {
        events::begin_import(connection, options.now)?;
    }
    let mut cx = Cx {
        scope,
        ..Cx::new(connection, desk, folder, options)?
    };
    lists::read_apps(&mut cx)?;
    cx.sources = sources::read(&mut cx)?;
    people::read_lifecycle(&mut cx)?;
    people::read(&mut cx)?;
    lists::read_groups(&mut cx)?;
    lists::read_roles(&mut cx)?;
    lists::read_permissions(&mut cx)?;
    accounts::read_with_activity(&mut cx)?;
    memberships::read(&mut cx)?;
    links::read_role_members(&mut cx)?;
    grants::read(&mut cx)?;
    sessions::read(&mut cx)?;
    if desk.findings.any() {
        return Ok(cx.report);
    }
    cx.guard.decide(connection, options)?;
    people::finish(&mut cx)?;
    sources::note_whole(&mut cx)?;
    cx.sources.finish(connection, options.now)?;
    cx.report.back = still::look(&cx)?;
    cx.report.lost = still::lost(&cx)?;
    cx.report.moved = moved::look(connection)?;
    // What could not be decided may be now.
    connection.execute("UPDATE awaited SET look_at = 0 WHERE run_id IS NULL", [])?;
    desk.tell(Progress::Indexing);
    if first {
        first::make_indexes(connection, &later)?;
    }
    events::end(connection)?;
    first::analyze(connection)?;
    Ok(cx.report)
}

impl<'c> Cx<'c> {
    fn new(
        connection: &'c Connection,
        desk: &'c Desk<'c>,
        folder: Folder,
        options: ImportOptions,
    ) -> Result<Self, StoreError> {
        use Table::{
            Accounts, Activity, Apps, Grants, Groups, Identities, Memberships,
            Permissions, RoleMembers, Roles, Sessions, Sources as SourcesTable,
        };
        let load = |for_tables: &[Table], query: &str| {
            if for_tables.iter().any(|table| folder.has(*table)) {
                Known::load(connection, query)
            } else {
                Ok(Known::empty())
            }
        };
        let of_apps = [
            Apps,
            SourcesTable,
            Groups,
            Permissions,
            Accounts,
            Activity,
            Grants,
            Sessions,
        ];
        Ok(Self {
            apps: load(&of_apps, "SELECT id, 0, name_key, gone_at IS NOT NULL FROM app")?,
            identities: load(
                &[Identities, Accounts, Memberships, RoleMembers],
                "SELECT id, 0, email_key, gone FROM identity",
            )?,
            accounts: load(
                &[Accounts, Activity, Grants, Sessions],
                "SELECT id, app_id, username_key, gone FROM account",
            )?,
            groups: load(
                &[Groups, Memberships],
                "SELECT id, source_id, name_key, gone FROM grp",
            )?,
            roles: load(&[Roles, RoleMembers], "SELECT id, 0, name_key, gone FROM role")?,
            permissions: load(
                &[Permissions, Grants],
                "SELECT id, app_id, value_key, gone FROM permission",
            )?,
            sources: Sources::default(),
            connection,
            desk,
            report: ImportReport {
                ignored: folder.ignored.clone(),
                ..ImportReport::default()
            },
            folder,
            options,
            scope: None,
            guard: guard::Guard::default(),
            first: people::is_first(connection)?,
            touched: Vec::new(),
        })
    }
}
