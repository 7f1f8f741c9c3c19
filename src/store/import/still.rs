//! Whether an import shows what runs took away.
//!
//! Only data that is newer than the taking says anything, and only of what its files list. What
//! came into being after the taking is something else.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::directory::Scope;
use crate::store::import::folder::Table;
use crate::store::import::report::Overruled;
use rusqlite::{Connection, params};

/// As of when the source of the account, or of the group, is; without a word, as of now.
const OF_ACCOUNT: &str = "ifnull((SELECT s.as_of FROM account a JOIN source s
       ON s.id = a.source_id OR a.source_id IS NULL AND s.app_id = a.app_id
     WHERE a.id = holder ORDER BY s.kind <> 'integration', s.id LIMIT 1), ?1)";
const OF_GRANT: &str = "ifnull((SELECT s.as_of FROM access_grant g JOIN source s
       ON s.id = g.source_id WHERE g.account_id = holder AND g.permission_id = held), ";
const OF_GROUP: &str = "ifnull((SELECT s.as_of FROM grp g JOIN source s
       ON s.id = g.source_id WHERE g.id = held), ?1)";

const ACCOUNT: &str = "EXISTS (SELECT 1 FROM account a WHERE a.id = holder AND a.gone = 0
       AND ifnull(a.created_at, 0) <= taken_at AND (disabled = 0
         OR a.status IS NOT NULL AND a.status NOT IN ('disabled', 'deleted')))";
const PERMISSION: &str =
    "EXISTS (SELECT 1 FROM access_grant g JOIN account a ON a.id = g.account_id
     WHERE a.id = holder AND a.gone = 0 AND g.permission_id = held
       AND ifnull(g.granted_at, 0) <= taken_at)";
const MEMBERSHIP: &str =
    "EXISTS (SELECT 1 FROM membership m JOIN grp g ON g.id = m.group_id AND g.gone = 0
     WHERE m.identity_id = holder AND m.group_id = held AND m.direct = 1
       AND ifnull(m.joined_at, 0) <= taken_at)";

/// Whether the import speaks of it; `?2` and `?3` are its source and app, where it is not
/// everything.
const OWN_ACCOUNT: &str = "(?2 IS NULL OR EXISTS (SELECT 1 FROM account a
     JOIN app p ON p.id = a.app_id LEFT JOIN source s ON s.id = a.source_id
     WHERE a.id = holder AND p.name_key = ?3 AND ifnull(s.name_key, ?2) = ?2))";
const OWN_GROUP: &str = "(?2 IS NULL OR EXISTS (SELECT 1 FROM grp g
     JOIN source s ON s.id = g.source_id WHERE g.id = held AND s.name_key = ?2))";

/// Notes what is still there, and forgets what is gone. Gives what data that says nothing of it
/// has brought back all the same: how many, and of which runs.
pub(super) fn look(cx: &Cx<'_>) -> Result<Overruled, StoreError> {
    let mut back = Overruled::default();
    if cx.first {
        return Ok(back);
    }
    let of_grant = format!("{OF_GRANT}{OF_ACCOUNT})");
    let (source, app) = cx.scope.as_ref().map(Scope::names).unzip();
    let (now, app) = (cx.options.now.0, app.flatten());
    let of_accounts = params![now, source, app];
    let of_groups = params![now, source];
    for (table, kind, (as_of, own, told), shown) in [
        (Table::Accounts, "account", (OF_ACCOUNT, OWN_ACCOUNT, of_accounts), ACCOUNT),
        (Table::Grants, "permission", (&of_grant, OWN_ACCOUNT, of_accounts), PERMISSION),
        (Table::Memberships, "membership", (OF_GROUP, OWN_GROUP, of_groups), MEMBERSHIP),
    ] {
        if !cx.folder.has(table) {
            continue;
        }
        let old = match cx.options.partial {
            // A partial import does not say what is gone, so neither what it lists.
            true => format!("kind = '{kind}' AND {own}"),
            false => format!("kind = '{kind}' AND {as_of} <= taken_at AND {own}"),
        };
        let sql = format!(
            "SELECT run_id, ?1 FROM taken WHERE {old} AND shown_at IS NULL AND {shown}"
        );
        let mut statement = cx.connection.prepare(&sql)?;
        let runs = statement.query_map(told, |row| row.get::<_, i64>(0))?;
        for run in runs {
            back.rows += 1;
            back.runs.insert(run?);
        }
        if cx.options.partial {
            continue;
        }
        let newer = format!("kind = '{kind}' AND {as_of} > taken_at AND {own}");
        cx.connection.execute(
            &format!("UPDATE taken SET shown_at = ?1 WHERE {newer} AND shown_at IS NULL AND {shown}"),
            told,
        )?;
        let mut gone = cx.connection.prepare(&format!(
            "DELETE FROM taken WHERE {newer} AND NOT {shown}
             RETURNING run_id, holder, held, disabled"
        ))?;
        let gone = gone.query_map(told, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        for row in gone.collect::<Result<Vec<(i64, i64, i64, bool)>, _>>()? {
            over(cx.connection, kind, row)?;
        }
    }
    Ok(back)
}

/// Gives what runs gave and data that says nothing of it does not list: how many, and of which
/// runs. Of the others newer data has had its say.
pub(super) fn lost(cx: &Cx<'_>) -> Result<Overruled, StoreError> {
    let mut lost = Overruled::default();
    // A partial import ends no membership.
    if cx.first || cx.options.partial || !cx.folder.has(Table::Memberships) {
        return Ok(lost);
    }
    let source = cx.scope.as_ref().map(|scope| scope.names().0);
    let told = params![cx.options.now.0, source];
    let mut statement = cx.connection.prepare(&format!(
        "DELETE FROM given WHERE {OWN_GROUP} AND {OF_GROUP} <= given_at
           AND NOT EXISTS (SELECT 1 FROM membership m
             WHERE m.identity_id = holder AND m.group_id = held)
         RETURNING run_id"
    ))?;
    for run in statement.query_map(told, |row| row.get::<_, i64>(0))? {
        lost.rows += 1;
        lost.runs.insert(run?);
    }
    let newer = format!("DELETE FROM given WHERE {OWN_GROUP} AND {OF_GROUP} > given_at");
    cx.connection.execute(&newer, told)?;
    Ok(lost)
}

/// What newer data no longer shows is over: whatever comes back is something else, of which
/// nothing was told or decided.
fn over(
    connection: &Connection,
    kind: &str,
    (run, holder, held, disabled): (i64, i64, i64, bool),
) -> Result<(), StoreError> {
    if kind == "permission" {
        let sql = "UPDATE former_grant SET last_at = -1, expiry_told = NULL
                   WHERE permission_id = ?1 AND account_id = ?2";
        connection.prepare_cached(sql)?.execute([held, holder])?;
    } else if kind == "account" && !disabled {
        let sql = "UPDATE account SET expiry_told = NULL WHERE id = ?1";
        connection.prepare_cached(sql)?.execute([holder])?;
        let sql = "UPDATE run SET blocks_until = 0 WHERE id = ?1 AND state = 'removed'
                   AND subject_kind = 0 AND subject_id = ?2";
        connection.prepare_cached(sql)?.execute([run, holder])?;
    }
    Ok(())
}
