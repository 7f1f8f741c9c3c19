//! Pairs: collected from a file, sorted by key, and compared with the table in one pass.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::guard::{Changed, Watched};
use crate::store::import::report::FileReport;
use crate::store::import::sheet::{Layout, Sheet};
use rusqlite::{Connection, Statement};

const ROLE_MEMBERS: Layout<3> = Layout {
    columns: ["role", "email", "granted_at"],
    required: 2,
    others: None,
};

const ROLE_PAIRS: Pairs = Pairs {
    table: "role_member",
    ends: ["role_id", "identity_id"],
    columns: &["granted_at"],
    guarded: true,
    listed: |_| true,
};

/// A table whose rows are pairs of numbers, with at most two more numbers each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pairs {
    pub(super) table: &'static str,
    pub(super) ends: [&'static str; 2],
    pub(super) columns: &'static [&'static str],
    /// Whether the guard counts those that go.
    pub(super) guarded: bool,
    /// Whether a row is one that a file lists, or follows from others.
    pub(super) listed: fn(&Link) -> bool,
}

/// A pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) left: u32,
    pub(super) right: u32,
    /// Where it stands; 0 for what follows from others.
    pub(super) line: u32,
    values: [i64; 2],
}

/// What a link holds where there is no number: there are millions, so they are kept short.
const NONE: i64 = i64::MIN;

impl Link {
    /// A pair that stands on that line.
    pub(super) fn new(left: u32, right: u32, line: u32) -> Self {
        Self { left, right, line, values: [NONE; 2] }
    }

    /// The same, with its numbers.
    pub(super) fn with(mut self, first: Option<i64>, second: Option<i64>) -> Self {
        self.values = [first.unwrap_or(NONE), second.unwrap_or(NONE)];
        self
    }

    /// Its first number.
    pub(super) fn first(&self) -> Option<i64> {
        let [first, _] = self.values;
        Some(first).filter(|value| *value != NONE)
    }

    /// Its second number.
    pub(super) fn second(&self) -> Option<i64> {
        let [_, second] = self.values;
        Some(second).filter(|value| *value != NONE)
    }

    /// What identifies it.
    pub(super) fn ends(&self) -> (u32, u32) {
        (self.left, self.right)
    }
}

/// Reads the members of roles.
pub(super) fn read_role_members(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [role, email, granted])) =
        cx.folder.sheet(cx.desk, Table::RoleMembers, ROLE_MEMBERS)?
    else {
        return Ok(());
    };
    let mut links = Vec::new();
    while sheet.advance()? {
        let granted = sheet.instant(granted);
        let role = cx.role(&sheet, role);
        let identity = sheet.need(email).and_then(|_| cx.identity(&sheet, email));
        let (Some(role), Some(identity)) = (role, identity) else { continue };
        links.push(Link::new(role, identity, sheet.line()).with(granted, None));
    }
    sort(&mut links, &sheet, "this role and user");
    let report = FileReport {
        file: sheet.file,
        rows: sheet.rows,
        ..FileReport::default()
    };
    let keep = cx.options.partial;
    sync(cx, &ROLE_PAIRS, report, &links, keep)
}

/// Sorts pairs by key; those that stand twice become findings, and stay once.
pub(super) fn sort(links: &mut Vec<Link>, sheet: &Sheet<'_>, what: &str) {
    links.sort_unstable_by_key(|link| (link.left, link.right, link.line));
    links.dedup_by(|later, first| {
        let same = later.ends() == first.ends();
        if same && first.line == 0 {
            *first = *later;
            return true;
        }
        if same {
            let help = format!("the first is on line {}; keep one of them", first.line);
            let message = format!("{what} are listed twice");
            sheet.wrong_at((later.line, 1), message, Some(help));
        }
        same
    });
}

/// Makes the table hold these sorted pairs; what it has beside them goes, unless it is to
/// be kept. Counts and watches only what a file lists, not what follows from it.
pub(super) fn sync(
    cx: &mut Cx<'_>,
    pairs: &Pairs,
    mut report: FileReport,
    links: &[Link],
    keep: bool,
) -> Result<(), StoreError> {
    if cx.desk.findings.any() {
        return Ok(());
    }
    let Difference { before, added, changed, mut gone } =
        pairs.compare(cx.connection, links)?;
    if keep {
        gone.clear();
    }
    let before = match &cx.scope {
        Some(scope) if pairs.guarded => scope.members(cx.connection)?,
        _ => before,
    };
    pairs.delete(cx.connection, &gone)?;
    pairs.update(cx.connection, &changed)?;
    pairs.insert(cx.connection, &added)?;
    let count =
        |links: &[&Link]| links.iter().filter(|link| (pairs.listed)(link)).count() as u64;
    report.added += count(&added);
    report.changed += count(&changed);
    gone.retain(pairs.listed);
    report.gone += gone.len() as u64;
    if pairs.guarded {
        cx.guard.watch(Watched {
            file: report.file.clone(),
            table: pairs.table,
            before,
            gone: gone.iter().map(Link::ends).collect(),
            changed: Changed::default(),
        });
    }
    cx.report.files.push(report);
    Ok(())
}

/// What differs between a table and the pairs it is to hold.
#[derive(Debug, Default)]
struct Difference<'l> {
    before: u64,
    added: Vec<&'l Link>,
    changed: Vec<&'l Link>,
    gone: Vec<Link>,
}

impl Pairs {
    /// The pairs that the table holds, in order.
    pub(super) fn load(
        &self,
        connection: &Connection,
        mut each: impl FnMut(Link),
    ) -> Result<(), StoreError> {
        let ends = self.ends.join(", ");
        let columns = [&self.ends[..], self.columns].concat().join(", ");
        let mut statement = connection
            .prepare(&format!("SELECT {columns} FROM {} ORDER BY {ends}", self.table))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let value = |index| {
                if index < self.columns.len() + 2 { row.get(index) } else { Ok(None) }
            };
            each(Link::new(row.get(0)?, row.get(1)?, 0).with(value(2)?, value(3)?));
        }
        Ok(())
    }

    fn compare<'l>(
        &self,
        connection: &Connection,
        links: &'l [Link],
    ) -> Result<Difference<'l>, StoreError> {
        let mut found = Difference::default();
        let mut wanted = links.iter().peekable();
        self.load(connection, |old| {
            found.before += u64::from((self.listed)(&old));
            while let Some(new) = wanted.next_if(|new| new.ends() < old.ends()) {
                found.added.push(new);
            }
            match wanted.next_if(|new| new.ends() == old.ends()) {
                Some(new) if new.values != old.values => found.changed.push(new),
                Some(_) => (),
                None => found.gone.push(old),
            }
        })?;
        found.added.extend(wanted);
        Ok(found)
    }

    fn delete(&self, connection: &Connection, links: &[Link]) -> Result<(), StoreError> {
        let [left, right] = self.ends;
        let delete =
            format!("DELETE FROM {} WHERE {left} = ? AND {right} = ?", self.table);
        let mut delete = connection.prepare(&delete)?;
        for link in links {
            delete.execute(link.ends())?;
        }
        Ok(())
    }

    fn update(&self, connection: &Connection, links: &[&Link]) -> Result<(), StoreError> {
        if links.is_empty() {
            return Ok(());
        }
        let [left, right] = self.ends;
        let columns: Vec<String> = (3..)
            .zip(self.columns)
            .map(|(index, column)| format!("{column} = ?{index}"))
            .collect();
        let columns = columns.join(", ");
        let update = format!(
            "UPDATE {} SET {columns} WHERE {left} = ?1 AND {right} = ?2",
            self.table
        );
        self.run(&mut connection.prepare(&update)?, links)
    }

    fn insert(&self, connection: &Connection, links: &[&Link]) -> Result<(), StoreError> {
        let columns = [&self.ends[..], self.columns].concat().join(", ");
        let marks = ", ?".repeat(self.columns.len());
        let insert =
            format!("INSERT INTO {}({columns}) VALUES (?, ?{marks})", self.table);
        self.run(&mut connection.prepare(&insert)?, links)
    }

    fn run(
        &self,
        statement: &mut Statement<'_>,
        links: &[&Link],
    ) -> Result<(), StoreError> {
        for link in links {
            statement.raw_bind_parameter(1, link.left)?;
            statement.raw_bind_parameter(2, link.right)?;
            let values = [link.first(), link.second()];
            for (index, value) in (3..).zip(values).take(self.columns.len()) {
                statement.raw_bind_parameter(index, value)?;
            }
            statement.raw_execute()?;
        }
        Ok(())
    }
}
