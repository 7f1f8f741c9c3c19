//! What was told already, by events and by imports, and as of when.

use crate::store::{EventRow, Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

/// Whom an import told of: all of the users, or one.
pub(super) const USERS: &str = "users";

/// Notes as of when an import has told who the users are, all of them or those.
pub(super) fn note_users(
    connection: &Connection,
    listed: Option<Vec<u32>>,
    at: i64,
) -> Result<(), StoreError> {
    let Some(listed) = listed else {
        let sql = "INSERT OR REPLACE INTO spoken(subject, about, at) VALUES ('', ?1, ?2)";
        connection.execute(sql, params![USERS, at])?;
        return Ok(());
    };
    let mut note = connection.prepare(
        "INSERT OR REPLACE INTO spoken(subject, about, at)
         SELECT email_key, ?1, ?2 FROM identity WHERE id = ?3",
    )?;
    for user in listed {
        note.execute(params![USERS, at, user])?;
    }
    Ok(())
}

impl Store {
    /// As of when an import has told of what an event is about; nothing where none has.
    pub(crate) fn told_by_import(
        &self,
        event: &EventRow,
        subject: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let one = |sql: &str, of: i64| -> Result<Option<i64>, StoreError> {
            let mut statement = self.connection.prepare_cached(sql)?;
            Ok(statement.query_row([of], |row| row.get(0)).optional()?.flatten())
        };
        let at = match (event.group, event.account) {
            (Some(group), _) => one(
                "SELECT min(ifnull(as_of, imported_at), imported_at) FROM grp
                 JOIN source s ON s.id = source_id WHERE grp.id = ?1",
                group,
            )?,
            (_, Some(account)) => one(
                "SELECT min(ifnull(s.as_of, s.imported_at), s.imported_at)
                 FROM account a JOIN source s
                   ON s.id = a.source_id OR a.source_id IS NULL AND s.app_id = a.app_id
                 WHERE a.id = ?1 ORDER BY s.kind <> 'integration', s.id LIMIT 1",
                account,
            )?,
            (None, None) => {
                let sql =
                    "SELECT max(at) FROM spoken WHERE subject IN ('', ?1) AND about = ?2";
                let mut statement = self.connection.prepare_cached(sql)?;
                statement.query_row([subject, USERS], |row| row.get(0))?
            }
        };
        Ok(at.map(Timestamp))
    }

    /// Whether a user of that address is there, and not gone.
    pub(crate) fn is_user(&self, email: &str) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM identity
                   WHERE email_key = ?1 AND gone = 0)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([fold(email)], |row| row.get(0))?)
    }

    /// Whether someone is in the group that an event is about.
    pub(crate) fn is_member(&self, event: &EventRow) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM membership
                   WHERE identity_id = ?1 AND group_id = ?2)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let of = params![event.identity, event.group];
        Ok(statement.query_row(of, |row| row.get(0))?)
    }

    /// Whether the latest event on record about the same told the same.
    pub(crate) fn is_told(&self, event: &EventRow) -> Result<bool, StoreError> {
        let alike = match event.kind.as_str() {
            "group joined" | "group left" => {
                "kind IN ('group joined', 'group left') AND group_id = ?3"
            }
            "attribute changed" => {
                "about = ?4 AND kind = 'attribute changed' OR kind = 'user suspended' \
                 AND ?4 = 'status'"
            }
            "user suspended" => {
                "kind = 'user suspended' OR kind = 'attribute changed' AND about = 'status'"
            }
            _ => "kind = 'user created'",
        };
        let sql = format!(
            "SELECT CASE kind WHEN 'attribute changed' THEN becomes
                              WHEN 'user suspended' THEN 'suspended' END, kind
             FROM event WHERE (identity_id = ?1 OR account_id = ?2) AND late = 0
               AND ({alike}) AND ?3 IS ?3 AND ?4 IS ?4
             ORDER BY id DESC LIMIT 1"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let about = params![event.identity, event.account, event.group, event.about];
        let latest = statement.query_row(about, |row| {
            Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?))
        });
        let Some((value, kind)) = latest.optional()? else { return Ok(false) };
        Ok(match event.kind.as_str() {
            "group joined" | "group left" => kind == event.kind,
            "attribute changed" => {
                value.as_deref().map(fold) == event.becomes.as_deref().map(fold)
            }
            "user suspended" => value.as_deref() == Some("suspended"),
            _ => true,
        })
    }
}
