//! Who may only have another address: somebody is gone, somebody else is new, and has an account
//! that was theirs.

use crate::store::StoreError;
use crate::store::import::report::Moved;
use rusqlite::Connection;

/// Those of the import that is under way.
pub(super) fn look(connection: &Connection) -> Result<Vec<Moved>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT o.email, n.email, min(p.name || '/' || a.username)
         FROM raising r CROSS JOIN event e ON e.batch = r.batch
         JOIN account a ON a.id = e.account_id JOIN app p ON p.id = a.app_id
         JOIN identity o ON o.email = e.was AND o.gone = 1
         JOIN identity n ON n.id = a.identity_id
         WHERE e.about = 'owner' AND EXISTS (SELECT 1 FROM event made
           WHERE made.batch = r.batch AND made.identity_id = n.id
             AND made.account_id IS NULL AND made.grant_id IS NULL
             AND made.kind = 'user created')
         GROUP BY o.id, n.id ORDER BY o.email, n.email",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Moved {
            from: row.get(0)?,
            to: row.get(1)?,
            account: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
