//! A first import makes its indexes at the end.

use crate::store::StoreError;
use rusqlite::Connection;

const TABLES: &str =
    "'app', 'identity', 'account', 'grp', 'membership', 'role', 'role_member',
    'permission', 'access_grant', 'identity_attribute', 'account_attribute'";

/// Whether nobody is known yet.
pub(super) fn is_first(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.query_row(
        "SELECT NOT (EXISTS (SELECT 1 FROM identity) OR EXISTS (SELECT 1 FROM account)
           OR EXISTS (SELECT 1 FROM membership) OR EXISTS (SELECT 1 FROM role_member)
           OR EXISTS (SELECT 1 FROM access_grant))",
        [],
        |row| row.get(0),
    )?)
}

/// Drops the indexes and counters of the tables that an import fills, and says how to make
/// them again.
pub(super) fn drop_indexes(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(&format!(
        "SELECT type, name, sql FROM sqlite_schema
         WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({TABLES})
         ORDER BY rowid"
    ))?;
    let found =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let found = found.collect::<Result<Vec<(String, String, String)>, _>>()?;
    for (kind, name, _) in &found {
        connection.execute_batch(&format!("DROP {kind} {name}"))?;
    }
    Ok(found.into_iter().map(|(_, _, sql)| sql).collect())
}

/// Makes the indexes and counters again, and counts what is there.
pub(super) fn make_indexes(
    connection: &Connection,
    made: &[String],
) -> Result<(), StoreError> {
    for sql in made
        .iter()
        .filter(|sql| sql.starts_with("CREATE INDEX") || sql.starts_with("CREATE UNIQUE"))
    {
        connection.execute_batch(sql)?;
    }
    connection.execute_batch(include_str!("count.sql"))?;
    for sql in made.iter().filter(|sql| sql.starts_with("CREATE TRIGGER")) {
        connection.execute_batch(sql)?;
    }
    Ok(())
}

/// Tables of which the planner is told nothing.
const GROWING: [&str; 9] = [
    "run",
    "trail",
    "outbox",
    "evaluation",
    "event",
    "taking",
    "held",
    "held_subject",
    "report",
];

/// Tells the planner how large the tables are. Samples will do: a whole look at every index
/// would take longer than filling it.
pub(super) fn analyze(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "analysis_limit", 400)?;
    connection.execute_batch("ANALYZE")?;
    // What the engine fills as it goes is small now and large tomorrow: a plan made for the
    // small one looks through all of it for each run.
    let tables = GROWING.map(|table| format!("'{table}'")).join(", ");
    connection.execute_batch(&format!(
        "DELETE FROM sqlite_stat1 WHERE tbl IN ({tables}); ANALYZE sqlite_schema"
    ))?;
    Ok(())
}
