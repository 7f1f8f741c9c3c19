//! Columns of users and accounts that the store has no column for.

use crate::facts::readings;
use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::sheet::{OtherColumn, Sheet};
use crate::text::fold;
use rusqlite::{OptionalExtension as _, Statement};

/// The attributes of one level, and the columns of a file that give them.
#[derive(Debug)]
pub(super) struct Attributes<'c> {
    /// Attributes that no column gives have no value any more.
    all: Vec<(u32, Option<OtherColumn>)>,
    select: Statement<'c>,
    put: Statement<'c>,
    delete: Statement<'c>,
}

impl<'c> Attributes<'c> {
    /// Gives the file's other columns a number each.
    pub(super) fn open(
        cx: &mut Cx<'c>,
        sheet: &Sheet<'_>,
        level: &str,
    ) -> Result<Self, StoreError> {
        let connection = cx.connection;
        let mut statement = connection
            .prepare("SELECT id, name_key FROM attribute WHERE level = ? ORDER BY id")?;
        let known = statement.query_map([level], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let known = known.collect::<Result<Vec<(u32, String)>, _>>()?;
        let mut all: Vec<(u32, Option<OtherColumn>)> =
            known.iter().map(|(id, _)| (*id, None)).collect();
        let mut insert = connection
            .prepare("INSERT INTO attribute(level, name, name_key) VALUES (?, ?, ?)")?;
        for column in &sheet.others {
            let key = fold(&column.name);
            let place = known.iter().position(|(_, name)| *name == key);
            if let Some((_, place)) = place.and_then(|place| all.get_mut(place)) {
                *place = Some(column.clone());
            } else {
                let id = insert.insert((level, &column.name, &key))?;
                let id = u32::try_from(id).unwrap_or(u32::MAX);
                all.push((id, Some(column.clone())));
            }
            cx.report.attributes.push((sheet.file.clone(), column.name.clone()));
        }
        if cx.scope.is_some() {
            // What it does not speak of stays.
            all.retain(|(_, column)| column.is_some());
        }
        let (table, owner) = match level {
            "user" => ("identity_attribute", "identity_id"),
            _ => ("account_attribute", "account_id"),
        };
        Ok(Self {
            all,
            select: connection.prepare(&format!(
                "SELECT value FROM {table} WHERE attribute_id = ? AND {owner} = ?"
            ))?,
            put: connection.prepare(&format!(
                "INSERT OR REPLACE INTO {table}(attribute_id, {owner}, value, value_key, at, number)
                 VALUES (?, ?, ?, ?, ?, ?)"
            ))?,
            delete: connection.prepare(&format!(
                "DELETE FROM {table} WHERE attribute_id = ? AND {owner} = ?"
            ))?,
        })
    }

    /// Writes the values of a row, and says whether any of them differs.
    pub(super) fn write(
        &mut self,
        sheet: &Sheet<'_>,
        owner: u32,
        new: bool,
    ) -> Result<bool, StoreError> {
        let mut changed = false;
        for (attribute, column) in &self.all {
            let value = column.as_ref().and_then(|column| sheet.other(column));
            if new && value.is_none() {
                continue;
            }
            if !new {
                let old: Option<String> = self
                    .select
                    .query_row((attribute, owner), |row| row.get(0))
                    .optional()?;
                if old.as_deref() == value {
                    continue;
                }
            }
            changed = true;
            match value {
                Some(value) => {
                    let (at, number) = readings(value);
                    let at = at.map(|at| at.0);
                    let row = (attribute, owner, value, fold(value), at, number);
                    self.put.execute(row)?;
                }
                None => {
                    self.delete.execute((attribute, owner))?;
                }
            }
        }
        Ok(changed)
    }
}
