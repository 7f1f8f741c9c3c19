//! The last signs of life of an account: which source is believed, and what it says.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::links::{self, Link, Pairs};
use crate::store::import::report::FileReport;
use crate::store::import::sheet::Layout;
use crate::store::import::sources::Source;
use std::collections::HashMap;

const ACTIVITY: Layout<5> = Layout {
    columns: ["app", "username", "source", "last_login_at", "last_activity_at"],
    required: 3,
    others: None,
};

const PAIRS: Pairs = Pairs {
    table: "activity",
    ends: ["account_id", "source_id"],
    columns: &["last_login_at", "last_activity_at"],
    guarded: false,
    listed: |_| true,
};

/// In which order sources are believed: those of the account's own app, then identity
/// providers, then the others; and by name where two are alike.
#[derive(Debug)]
pub(super) struct Order {
    sources: HashMap<u32, Rank>,
}

#[derive(Clone, Copy, Debug)]
struct Rank {
    app: Option<u32>,
    provider: bool,
    by_name: usize,
}

impl Order {
    /// The default order.
    pub(super) fn new(sources: &[Source]) -> Self {
        let mut sorted: Vec<&Source> = sources.iter().collect();
        sorted.sort_unstable_by_key(|source| &source.name_key);
        let rank = |(by_name, source): (usize, &&Source)| {
            let app = source.app.filter(|_| source.kind == "integration");
            (source.id, Rank { app, provider: source.kind == "idp", by_name })
        };
        Self {
            sources: sorted.iter().enumerate().map(rank).collect(),
        }
    }

    fn place(&self, source: u32, app: u32) -> (u8, usize) {
        match self.sources.get(&source) {
            None => (3, 0),
            Some(rank) if rank.app == Some(app) => (0, rank.by_name),
            Some(rank) => (if rank.provider { 1 } else { 2 }, rank.by_name),
        }
    }
}

/// What the sources say of one account: for each of the two, the first source that says
/// anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) login: Option<i64>,
    pub(super) login_source: Option<u32>,
    pub(super) activity: Option<i64>,
    pub(super) activity_source: Option<u32>,
}

impl Seen {
    /// Chooses from the links of one account.
    pub(super) fn choose(links: &[Link], order: &Order, app: u32) -> Self {
        let first = |value: fn(&Link) -> Option<i64>| {
            let valued = links.iter().filter(|link| value(link).is_some());
            valued.min_by_key(|link| order.place(link.right, app))
        };
        let (login, activity) = (first(Link::first), first(Link::second));
        Self {
            login: login.and_then(Link::first),
            login_source: login.map(|link| link.right),
            activity: activity.and_then(Link::second),
            activity_source: activity.map(|link| link.right),
        }
    }

    /// The later of the two.
    pub(super) fn last(self) -> Option<i64> {
        self.login.max(self.activity)
    }
}

/// The links of one account among sorted ones.
pub(super) fn of(links: &[Link], account: u32) -> &[Link] {
    let start = links.partition_point(|link| link.left < account);
    let rest = links.get(start..).unwrap_or_default();
    let count = rest.iter().take_while(|link| link.left == account).count();
    rest.get(..count).unwrap_or_default()
}

/// Reads activity.csv, sorted by account.
pub(super) fn read(
    cx: &mut Cx<'_>,
) -> Result<Option<(FileReport, Vec<Link>)>, StoreError> {
    let Some((mut sheet, [app, username, source, login, activity])) =
        cx.folder.sheet(cx.desk, Table::Activity, ACTIVITY)?
    else {
        return Ok(None);
    };
    let mut links = Vec::new();
    while sheet.advance()? {
        let (login, activity) = (sheet.instant(login), sheet.instant(activity));
        let name = sheet.need(source);
        let account = cx.account(&sheet, app, username);
        let (Some(name), Some((_, account))) = (name, account) else { continue };
        let source = cx.sources.number(cx.connection, name, &cx.apps)?;
        links.push(Link::new(account, source, sheet.line()).with(login, activity));
    }
    links::sort(&mut links, &sheet, "this account and source");
    let report = FileReport {
        file: sheet.file,
        rows: sheet.rows,
        ..FileReport::default()
    };
    Ok(Some((report, links)))
}

/// Writes what was read.
pub(super) fn write(
    cx: &mut Cx<'_>,
    report: FileReport,
    links: &[Link],
) -> Result<(), StoreError> {
    let keep = cx.options.partial;
    links::sync(cx, &PAIRS, report, links, keep)
}

/// Looks at all accounts again, where accounts, activity or the order may have changed.
pub(super) fn refresh(cx: &Cx<'_>) -> Result<(), StoreError> {
    let causes = [Table::Accounts, Table::Activity, Table::Sources, Table::Apps];
    if cx.desk.findings.any() || !causes.iter().any(|table| cx.folder.has(*table)) {
        return Ok(());
    }
    let order = Order::new(cx.sources.all());
    let mut accounts = cx.connection.prepare(
        "SELECT id, app_id, last_login, last_login_source, last_activity, last_activity_source
         FROM account ORDER BY id",
    )?;
    let mut activity = cx.connection.prepare(
        "SELECT account_id, source_id, last_login_at, last_activity_at
         FROM activity ORDER BY account_id, source_id",
    )?;
    let mut links = activity
        .query_map([], |row| {
            let link = Link::new(row.get(0)?, row.get(1)?, 0);
            Ok(link.with(row.get(2)?, row.get(3)?))
        })?
        .peekable();
    let mut stale: Vec<(u32, Seen)> = Vec::new();
    let mut rows = accounts.query([])?;
    let mut mine = Vec::new();
    while let Some(row) = rows.next()? {
        let account: u32 = row.get(0)?;
        mine.clear();
        while let Some(link) = links.next_if(|link| {
            link.as_ref().is_ok_and(|link| link.left <= account) || link.is_err()
        }) {
            mine.push(link?);
        }
        mine.retain(|link| link.left == account);
        let old = Seen {
            login: row.get(2)?,
            login_source: row.get(3)?,
            activity: row.get(4)?,
            activity_source: row.get(5)?,
        };
        let new = Seen::choose(&mine, &order, row.get(1)?);
        if new != old {
            stale.push((account, new));
        }
    }
    let mut update = cx.connection.prepare(
        "UPDATE account SET last_login = ?2, last_login_source = ?3, last_activity = ?4,
           last_activity_source = ?5, last_seen = ?6 WHERE id = ?1",
    )?;
    for (account, seen) in stale {
        let Seen { login, login_source, activity, activity_source } = seen;
        let last = seen.last();
        update.execute((
            account,
            login,
            login_source,
            activity,
            activity_source,
            last,
        ))?;
    }
    Ok(())
}
