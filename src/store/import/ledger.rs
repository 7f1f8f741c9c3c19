//! One table, written row by row: what is new is added, what differs is changed.

use crate::store::StoreError;
use crate::store::import::Cx;
use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

/// A table with a number for each row.
#[derive(Debug)]
pub(super) struct Ledger<'c> {
    insert: Statement<'c>,
    select: Statement<'c>,
    update: Statement<'c>,
    columns: &'static [&'static str],
    /// Whether what is not said of a row that is there stays as it is.
    keeps: bool,
}

/// What became of a row that was there.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Any column differs.
    pub(super) any: bool,
    /// The column `gone` or `gone_at` is among them.
    pub(super) returned: bool,
    /// Watched columns that differ, and what they held.
    pub(super) watched: Vec<(&'static str, Value)>,
}

/// Columns whose changes the guard counts.
const WATCHED: [&str; 2] = ["status", "lifecycle_id"];

impl<'c> Ledger<'c> {
    /// Prepares to write these columns of a table.
    pub(super) fn new(
        cx: &Cx<'c>,
        table: &str,
        columns: &'static [&'static str],
    ) -> Result<Self, StoreError> {
        let (connection, keeps) = (cx.connection, cx.scope.is_some());
        let names = columns.join(", ");
        let marks = vec!["?"; columns.len()].join(", ");
        let settings: Vec<String> =
            columns.iter().map(|column| setting(column, keeps)).collect();
        let settings = settings.join(", ");
        Ok(Self {
            insert: connection.prepare(&format!(
                "INSERT INTO {table}(id, {names}) VALUES (?, {marks})"
            ))?,
            select: connection
                .prepare(&format!("SELECT {names} FROM {table} WHERE id = ?"))?,
            update: connection
                .prepare(&format!("UPDATE {table} SET {settings} WHERE id = ?"))?,
            columns,
            keeps,
        })
    }

    /// Adds a row.
    pub(super) fn insert(
        &mut self,
        id: u32,
        values: &[ValueRef<'_>],
    ) -> Result<(), StoreError> {
        self.insert.raw_bind_parameter(1, id)?;
        for (index, value) in (2..).zip(values) {
            self.insert.raw_bind_parameter(index, ToSqlOutput::Borrowed(*value))?;
        }
        self.insert.raw_execute()?;
        Ok(())
    }

    /// Changes a row where it differs.
    pub(super) fn replace(
        &mut self,
        id: u32,
        values: &[ValueRef<'_>],
    ) -> Result<Change, StoreError> {
        let (columns, keeps) = (self.columns, self.keeps);
        let change = self.select.query_row([id], |row| {
            let mut change = Change::default();
            for (index, (value, column)) in values.iter().zip(columns).enumerate() {
                let old = row.get_ref(index)?;
                if old == *value || keeps && *value == ValueRef::Null {
                    continue;
                }
                change.any = true;
                change.returned |= column.starts_with("gone");
                if WATCHED.contains(column) {
                    change.watched.push((column, old.try_into()?));
                }
            }
            Ok(change)
        })?;
        if change.any {
            let mut index = 0;
            for value in values {
                index += 1;
                self.update.raw_bind_parameter(index, ToSqlOutput::Borrowed(*value))?;
            }
            self.update.raw_bind_parameter(index + 1, id)?;
            self.update.raw_execute()?;
        }
        Ok(change)
    }
}

fn setting(column: &str, keeps: bool) -> String {
    match keeps {
        true => format!("{column} = ifnull(?, {column})"),
        false => format!("{column} = ?"),
    }
}

/// Text or nothing, for a column.
pub(super) fn text(value: Option<&str>) -> ValueRef<'_> {
    value.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes()))
}

/// A number or nothing, for a column.
pub(super) fn integer(value: Option<i64>) -> ValueRef<'static> {
    value.map_or(ValueRef::Null, ValueRef::Integer)
}

/// A row's number or nothing, for a column.
pub(super) fn number(value: Option<u32>) -> ValueRef<'static> {
    integer(value.map(i64::from))
}

/// Yes or no, for a column.
pub(super) fn flag(value: bool) -> ValueRef<'static> {
    ValueRef::Integer(i64::from(value))
}
