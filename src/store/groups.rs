//! Groups that a policy declares.

use crate::ir::GroupId;
use crate::store::{Store, StoreError};
use crate::text::fold;
use rusqlite::{OptionalExtension as _, params};

impl Store {
    /// Makes a group in a source, where it is not there; nobody is a member of a new one.
    pub(crate) fn make_group(
        &self,
        name: &str,
        source: &str,
    ) -> Result<GroupId, StoreError> {
        let db = &self.connection;
        db.execute(
            "INSERT INTO source(name, name_key, kind) VALUES (?1, ?2, 'idp')
             ON CONFLICT(name_key) DO NOTHING",
            [source, &fold(source)],
        )?;
        let from = "SELECT id FROM source WHERE name_key = ?1";
        let source: i64 = db.query_row(from, [fold(source)], |row| row.get(0))?;
        let known: Option<(i64, bool)> = db
            .query_row(
                "SELECT id, gone FROM grp WHERE name_key = ?1 AND source_id = ?2",
                params![fold(name), source],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        match known {
            Some((id, false)) => return Ok(GroupId(id)),
            // One that was there once comes back without whoever was in it then.
            Some((id, true)) => {
                db.execute("DELETE FROM membership WHERE group_id = ?1", [id])?;
                db.execute("DELETE FROM nesting WHERE group_id = ?1", [id])?;
                db.execute("DELETE FROM nesting WHERE member_group_id = ?1", [id])?;
                db.execute("UPDATE grp SET gone = 0 WHERE id = ?1", [id])?;
                return Ok(GroupId(id));
            }
            None => {}
        }
        db.execute(
            "INSERT INTO grp(name, name_key, source_id) VALUES (?1, ?2, ?3)",
            params![name, fold(name), source],
        )?;
        Ok(GroupId(db.last_insert_rowid()))
    }
}
