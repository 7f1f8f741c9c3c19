//! Counts what becomes of the rows of one file.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::guard::{Changed, Watched};
use crate::store::import::known::{Entry, Known};
use crate::store::import::ledger::Ledger;
use crate::store::import::report::FileReport;
use crate::store::import::sheet::{Column, Sheet};
use rusqlite::types::ValueRef;

/// The rows of one file with a name each, as far as they are read.
#[derive(Debug)]
pub(super) struct Tally {
    table: &'static str,
    pub(super) report: FileReport,
    changed: Changed,
}

impl Tally {
    /// Begins to count for a table.
    pub(super) fn new(table: &'static str) -> Self {
        Self {
            table,
            report: FileReport::default(),
            changed: Changed::default(),
        }
    }

    /// Writes a row and counts what it was; its number, or `None` where it is a duplicate.
    pub(super) fn write(
        &mut self,
        ledger: &mut Ledger<'_>,
        entry: Entry,
        values: &[ValueRef<'_>],
    ) -> Result<Outcome, StoreError> {
        match entry {
            Entry::Twice(first) => Ok(Outcome::Twice(first)),
            Entry::New(id) => {
                self.report.added += 1;
                ledger.insert(id, values)?;
                Ok(Outcome::Added(id))
            }
            Entry::Old(id) => {
                let change = ledger.replace(id, values)?;
                if change.returned {
                    self.report.returned += 1;
                } else if change.any {
                    self.report.changed += 1;
                    self.changed.add(id, change.watched);
                }
                Ok(if change.any { Outcome::Changed(id) } else { Outcome::Same(id) })
            }
        }
    }

    /// The file is read: what it does not list is gone, unless the import is partial.
    pub(super) fn close<'c>(
        mut self,
        cx: &mut Cx<'c>,
        sheet: Sheet<'_>,
        known: for<'a> fn(&'a mut Cx<'c>) -> &'a mut Known,
    ) -> Result<(), StoreError> {
        let mut of = match &cx.scope {
            Some(scope) => Some(scope.rows(cx.connection, self.table)?),
            None => None,
        };
        if let Some(of) = &mut of {
            let known = known(cx);
            of.retain(|id| !known.is_new(*id));
        }
        let gone = match cx.options.partial {
            true => Vec::new(),
            false => known(cx).drop_unlisted(of.as_ref()),
        };
        let before = of.map_or(known(cx).before, |of| of.len() as u64);
        known(cx).holes |= sheet.has_lost_rows();
        let column = if self.table == "app" { "gone_at" } else { "gone" };
        let value = if self.table == "app" { cx.options.now.0 } else { 1 };
        let mark = format!("UPDATE {} SET {column} = ?2 WHERE id = ?1", self.table);
        let mut mark = cx.connection.prepare(&mark)?;
        for id in &gone {
            mark.execute((id, value))?;
        }
        self.report.gone = gone.len() as u64;
        self.report.rows = sheet.rows;
        self.report.file.clone_from(&sheet.file);
        cx.guard.watch(Watched {
            file: sheet.file,
            table: self.table,
            before,
            gone: gone.into_iter().map(|id| (id, 0)).collect(),
            changed: self.changed,
        });
        cx.report.files.push(self.report);
        Ok(())
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is new.
    Added(u32),
    /// It is as it was.
    Same(u32),
    /// It was there and differs.
    Changed(u32),
    /// That line has it already.
    Twice(u32),
}

impl Outcome {
    /// The row's number; a finding where the row stands twice.
    pub(super) fn number(
        self,
        sheet: &Sheet<'_>,
        column: Column,
        name: &str,
    ) -> Option<u32> {
        match self {
            Self::Added(id) | Self::Same(id) | Self::Changed(id) => Some(id),
            Self::Twice(first) => {
                sheet.twice(column, name, first);
                None
            }
        }
    }
}
