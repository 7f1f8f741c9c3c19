//! Whether an import shows what runs took away.
//!
//! Only data that is newer than the taking says anything, and only of what its files list. What
//! came into being after the taking is something else.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::report::BroughtBack;

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

/// Notes what is still there, and forgets what is gone. Gives what data that says nothing of it
/// has brought back all the same: how many, and of which runs.
pub(super) fn look(cx: &Cx<'_>) -> Result<BroughtBack, StoreError> {
    let mut back = BroughtBack::default();
    if cx.first {
        return Ok(back);
    }
    let of_grant = format!("{OF_GRANT}{OF_ACCOUNT})");
    for (table, kind, as_of, shown) in [
        (Table::Accounts, "account", OF_ACCOUNT, ACCOUNT),
        (Table::Grants, "permission", of_grant.as_str(), PERMISSION),
        (Table::Memberships, "membership", OF_GROUP, MEMBERSHIP),
    ] {
        if !cx.folder.has(table) {
            continue;
        }
        let old = match cx.options.partial {
            // A partial import does not say what is gone, so neither what it lists.
            true => format!("kind = '{kind}'"),
            false => format!("kind = '{kind}' AND {as_of} <= taken_at"),
        };
        let sql = format!(
            "SELECT run_id, ?1 FROM taken WHERE {old} AND shown_at IS NULL AND {shown}"
        );
        let mut statement = cx.connection.prepare(&sql)?;
        let runs = statement.query_map([cx.options.now.0], |row| row.get::<_, i64>(0))?;
        for run in runs {
            back.rows += 1;
            back.runs.insert(run?);
        }
        if cx.options.partial {
            continue;
        }
        let newer = format!("kind = '{kind}' AND {as_of} > taken_at");
        cx.connection.execute(
            &format!("UPDATE taken SET shown_at = ?1 WHERE {newer} AND shown_at IS NULL AND {shown}"),
            [cx.options.now.0],
        )?;
        cx.connection.execute(
            &format!("DELETE FROM taken WHERE {newer} AND NOT {shown}"),
            [cx.options.now.0],
        )?;
    }
    Ok(back)
}
