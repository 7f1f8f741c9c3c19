//! Sessions that are open on accounts.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::report::FileReport;
use crate::store::import::sheet::Layout;
use std::collections::BTreeMap;

const SESSIONS: Layout<4> = Layout {
    columns: ["app", "username", "id", "started_at"],
    required: 3,
    others: None,
};

/// Reads sessions.csv. They come and go by nature, so the guard leaves them alone.
pub(super) fn read(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [app, username, id, started])) =
        cx.folder.sheet(cx.desk, Table::Sessions, SESSIONS)?
    else {
        return Ok(());
    };
    let mut report = FileReport::default();
    let mut old = BTreeMap::new();
    let mut statement = cx
        .connection
        .prepare("SELECT account_id, name, id, started_at FROM session")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key: (u32, String) = (row.get(0)?, row.get(1)?);
        let value: (i64, Option<i64>) = (row.get(2)?, row.get(3)?);
        old.insert(key, value);
    }
    let mut lines: BTreeMap<(u32, String), u32> = BTreeMap::new();
    let mut insert = cx
        .connection
        .prepare("INSERT INTO session(account_id, name, started_at) VALUES (?, ?, ?)")?;
    let mut update = cx
        .connection
        .prepare("UPDATE session SET started_at = ?2 WHERE id = ?1")?;
    while sheet.advance()? {
        let started = sheet.instant(started);
        let name = sheet.need(id);
        let account = cx.account(&sheet, app, username);
        let (Some(name), Some((_, account))) = (name, account) else { continue };
        let key = (account, name.to_owned());
        if let Some(first) = lines.get(&key) {
            sheet.twice(id, name, *first);
            continue;
        }
        match old.get(&key) {
            None => {
                report.added += 1;
                insert.execute((account, name, started))?;
            }
            Some((id, before)) if *before != started => {
                report.changed += 1;
                update.execute((id, started))?;
            }
            Some(_) => (),
        }
        lines.insert(key, sheet.line());
    }
    if !cx.options.partial {
        let mut delete = cx.connection.prepare("DELETE FROM session WHERE id = ?")?;
        for (_, (id, _)) in old.iter().filter(|(key, _)| !lines.contains_key(*key)) {
            delete.execute([id])?;
            report.gone += 1;
        }
    }
    report.file = sheet.file;
    report.rows = sheet.rows;
    cx.report.files.push(report);
    Ok(())
}
