//! Where the data comes from: declared in sources.csv, or known by being named.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::known::Known;
use crate::store::import::report::FileReport;
use crate::store::import::sheet::Layout;
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::Connection;
use std::collections::{BTreeSet, HashMap};

const SOURCES: Layout<5> = Layout {
    columns: ["source", "kind", "app", "connector", "as_of"],
    required: 1,
    others: None,
};

const KINDS: [&str; 5] = ["integration", "idp", "email", "hr", "manual"];

/// One source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) id: u32,
    pub(super) name_key: String,
    pub(super) kind: String,
    pub(super) app: Option<u32>,
    name: String,
    connector: Option<String>,
    as_of: Option<i64>,
    declared: bool,
}

/// All sources, and which of them this import speaks of.
#[derive(Debug, Default)]
pub(super) struct Sources {
    all: Vec<Source>,
    by_key: HashMap<String, u32>,
    named: BTreeSet<u32>,
}

/// Reads sources.csv, and settles what those are that it does not declare.
pub(super) fn read(cx: &mut Cx<'_>) -> Result<Sources, StoreError> {
    let mut sources = Sources::load(cx.connection)?;
    let before = sources.all.clone();
    let mut report = FileReport::default();
    if let Some((mut sheet, [name, kind, app, connector, as_of])) =
        cx.folder.sheet(cx.desk, Table::Sources, SOURCES)?
    {
        let mut lines: HashMap<u32, u32> = HashMap::new();
        while sheet.advance()? {
            let kind = sheet.one_of(kind, "a kind of source", &KINDS);
            let app = cx.some_app(&sheet, app);
            let as_of = sheet.instant(as_of);
            let Some(written) = sheet.need(name) else { continue };
            let id = sources.number(cx.connection, written, &cx.apps)?;
            if let Some(first) = lines.insert(id, sheet.line()) {
                sheet.twice(name, written, first);
            }
            let Some(source) = sources.all.iter_mut().find(|source| source.id == id)
            else {
                continue;
            };
            written.clone_into(&mut source.name);
            source.declared = true;
            source.connector = sheet.some(connector).map(str::to_owned);
            source.as_of = as_of;
            settle(source, &cx.apps);
            if let Some(kind) = kind {
                kind.clone_into(&mut source.kind);
            }
            source.app = app.or(source.app);
        }
        for source in &mut sources.all {
            if source.declared && !cx.options.partial && !lines.contains_key(&source.id) {
                source.declared = false;
                (source.connector, source.as_of) = (None, None);
                report.gone += 1;
            }
        }
        report.file = sheet.file;
        report.rows = sheet.rows;
    }
    for source in &mut sources.all {
        if !source.declared {
            settle(source, &cx.apps);
        }
    }
    for source in &sources.all {
        let old = before.iter().find(|old| old.id == source.id);
        report.added += u64::from(old.is_none());
        if old != Some(source) {
            let forgotten = old.is_some_and(|old| old.declared && !source.declared);
            report.changed += u64::from(old.is_some() && !forgotten);
            source.save(cx.connection)?;
        }
    }
    if !report.file.is_empty() {
        cx.report.files.push(report);
    }
    Ok(sources)
}

/// A whole list of memberships is news of the source of every group, and one of accounts of
/// that of every app, whether or not it names them.
pub(super) fn note_whole(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    if cx.options.partial || cx.scope.is_some() {
        return Ok(());
    }
    for (table, sql) in [
        (Table::Memberships, "SELECT DISTINCT source_id FROM grp WHERE gone = 0"),
        (
            Table::Accounts,
            "SELECT s.id FROM app p JOIN source s ON s.id = (SELECT o.id FROM source o
             WHERE o.app_id = p.id ORDER BY o.kind <> 'integration', o.id LIMIT 1)
             WHERE p.gone_at IS NULL",
        ),
    ] {
        if cx.folder.has(table) {
            let mut statement = cx.connection.prepare(sql)?;
            for source in statement.query_map([], |row| row.get(0))? {
                cx.sources.note(source?);
            }
        }
    }
    Ok(())
}

/// What a source is that nobody declared: the integration of the app of its name, else an
/// identity provider.
fn settle(source: &mut Source, apps: &Known) {
    source.app = apps.find(0, &source.name_key);
    let kind = if source.app.is_some() { "integration" } else { "idp" };
    kind.clone_into(&mut source.kind);
}

impl Sources {
    /// The number of a source of that name, which is made when it is not there.
    pub(super) fn number(
        &mut self,
        connection: &Connection,
        name: &str,
        apps: &Known,
    ) -> Result<u32, StoreError> {
        let key = fold(name);
        if let Some(id) = self.by_key.get(&key) {
            self.named.insert(*id);
            return Ok(*id);
        }
        let mut source = Source {
            id: self.all.iter().map(|source| source.id).max().unwrap_or_default() + 1,
            name: name.to_owned(),
            name_key: key.clone(),
            kind: String::new(),
            app: None,
            connector: None,
            as_of: None,
            declared: false,
        };
        settle(&mut source, apps);
        source.save(connection)?;
        let id = source.id;
        self.all.push(source);
        self.by_key.insert(key, id);
        self.named.insert(id);
        Ok(id)
    }

    /// The number of the source of that name.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.by_key.get(&fold(name)).copied()
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Source] {
        &self.all
    }

    /// As of when the data about the users is: that of the personnel department, where it says
    /// so, else that of the directory. Of several the oldest, for nobody knows whose it is.
    pub(super) fn of_users(&self) -> Option<i64> {
        let oldest = |kind: &str| {
            let of = self.all.iter().filter(|it| it.declared && it.kind == kind);
            of.filter_map(|it| it.as_of).min()
        };
        oldest("hr").or_else(|| oldest("idp"))
    }

    /// There was news of that source.
    pub(super) fn note(&mut self, source: u32) {
        self.named.insert(source);
    }

    /// Notes of which sources there was news.
    pub(super) fn finish(
        &self,
        connection: &Connection,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut note =
            connection.prepare("UPDATE source SET imported_at = ? WHERE id = ?")?;
        for id in &self.named {
            note.execute((now.0, id))?;
        }
        Ok(())
    }

    fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut statement = connection.prepare(
            "SELECT id, name, name_key, kind, app_id, connector, as_of, declared
             FROM source ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Source {
                id: row.get(0)?,
                name: row.get(1)?,
                name_key: row.get(2)?,
                kind: row.get(3)?,
                app: row.get(4)?,
                connector: row.get(5)?,
                as_of: row.get(6)?,
                declared: row.get(7)?,
            })
        })?;
        let all = rows.collect::<Result<Vec<_>, _>>()?;
        let by_key = all
            .iter()
            .map(|source| (source.name_key.clone(), source.id))
            .collect();
        Ok(Self { all, by_key, named: BTreeSet::new() })
    }
}

impl Source {
    fn save(&self, connection: &Connection) -> Result<(), StoreError> {
        connection.prepare_cached(
            "INSERT INTO source(id, name, name_key, kind, app_id, connector, as_of, declared)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT(id) DO UPDATE SET name = ?2, kind = ?4, app_id = ?5, connector = ?6,
               as_of = ?7, declared = ?8",
        )?
        .execute((
            self.id,
            &self.name,
            &self.name_key,
            &self.kind,
            self.app,
            &self.connector,
            self.as_of,
            self.declared,
        ))?;
        Ok(())
    }
}
