//! Members of groups: those named, and those reached through groups in groups.

use crate::store::StoreError;
use crate::store::import::Cx;
use crate::store::import::folder::Table;
use crate::store::import::links::{self, Link, Pairs};
use crate::store::import::nested::expand;
use crate::store::import::report::FileReport;
use crate::store::import::sheet::{Column, Layout, Sheet};
use crate::text::fold;
use std::collections::{HashMap, HashSet};

const MEMBERSHIPS: Layout<5> = Layout {
    columns: ["group", "source", "email", "member_group", "joined_at"],
    required: 1,
    others: None,
};

const MEMBERS: Pairs = Pairs {
    table: "membership",
    ends: ["group_id", "identity_id"],
    columns: &["joined_at", "direct"],
    guarded: true,
    listed: |link| link.second() == Some(1),
};

const NESTING: Pairs = Pairs {
    table: "nesting",
    ends: ["group_id", "member_group_id"],
    columns: &["joined_at"],
    guarded: false,
    listed: |_| true,
};

/// Reads memberships.csv.
pub(super) fn read(cx: &mut Cx<'_>) -> Result<(), StoreError> {
    let Some((mut sheet, [group, source, email, member_group, joined])) =
        cx.folder.sheet(cx.desk, Table::Memberships, MEMBERSHIPS)?
    else {
        return Ok(());
    };
    let (mut members, mut nested) = (Vec::new(), Vec::new());
    while sheet.advance()? {
        let joined = sheet.instant(joined);
        let line = sheet.line();
        if let Some(from) = sheet.some(source).and_then(|from| cx.sources.find(from)) {
            cx.sources.note(from);
        }
        let outer = cx.group(&sheet, group, source);
        match (sheet.some(email), sheet.some(member_group)) {
            (Some(_), None) => {
                let identity = cx.identity(&sheet, email);
                if let (Some(outer), Some(identity)) = (outer, identity) {
                    members.push(Link::new(outer, identity, line).with(joined, Some(1)));
                }
            }
            (None, Some(_)) => {
                let inner = cx.group(&sheet, member_group, source);
                if let (Some(outer), Some(inner)) = (outer, inner) {
                    nested.push(Link::new(outer, inner, line).with(joined, None));
                }
            }
            (None, None) => {
                let help = "write the member's address, or a group into `member_group`";
                sheet.wrong(email, "the row names no member", help);
            }
            (Some(_), Some(_)) => {
                let help = "write a row for each";
                sheet.wrong(member_group, "the row names two members", help);
            }
        }
    }
    if let Some(scope) = &cx.scope {
        let groups = scope.rows(cx.connection, "grp")?;
        let (mut known, mut known_groups) = (HashMap::new(), HashMap::new());
        MEMBERS.load(cx.connection, |old| {
            if old.second() == Some(1) {
                keep_or_know(
                    old,
                    (&groups, cx.options.partial),
                    &mut members,
                    &mut known,
                );
            }
        })?;
        NESTING.load(cx.connection, |old| {
            let own = (&groups, cx.options.partial);
            keep_or_know(old, own, &mut nested, &mut known_groups);
        })?;
        date(&mut members, &known);
        date(&mut nested, &known_groups);
    } else if cx.options.partial {
        MEMBERS.load(cx.connection, |old| {
            if old.second() == Some(1) {
                members.push(old);
            }
        })?;
        NESTING.load(cx.connection, |old| nested.push(old))?;
    }
    links::sort(&mut members, &sheet, "this group and member");
    links::sort(&mut nested, &sheet, "these two groups");
    expand(&mut members, &nested);
    let report = FileReport {
        file: sheet.file,
        rows: sheet.rows,
        ..FileReport::default()
    };
    // Those kept by a partial import are among them: the rest may go.
    links::sync(cx, &MEMBERS, report.clone(), &members, false)?;
    links::sync(cx, &NESTING, report, &nested, false)?;
    merge_last_reports(cx);
    Ok(())
}

/// Keeps a link of other sources, or where nothing is to go; of the own ones it is known since
/// when they are so.
fn keep_or_know(
    old: Link,
    (own, partial): (&HashSet<u32>, bool),
    links: &mut Vec<Link>,
    known: &mut HashMap<(u32, u32), Option<i64>>,
) {
    let own = own.contains(&old.left);
    if own {
        known.insert(old.ends(), old.first());
    }
    if !own || partial {
        links.push(old);
    }
}

/// Gives links without a date the one that is known.
fn date(links: &mut [Link], known: &HashMap<(u32, u32), Option<i64>>) {
    for link in links.iter_mut().filter(|it| it.first().is_none()) {
        let since = known.get(&link.ends()).copied().flatten();
        *link = link.with(since, link.second());
    }
}

/// One file, two tables, one report.
fn merge_last_reports(cx: &mut Cx<'_>) {
    let nesting = cx.report.files.pop();
    if let (Some(nesting), Some(report)) = (nesting, cx.report.files.last_mut()) {
        report.added += nesting.added;
        report.changed += nesting.changed;
        report.gone += nesting.gone;
    }
}

impl Cx<'_> {
    /// The group that two cells name. Without a source, its name must be the only one.
    fn group(&self, sheet: &Sheet<'_>, group: Column, source: Column) -> Option<u32> {
        let written = sheet.need(group)?;
        let key = fold(written);
        let Some(from) = sheet.some(source) else {
            return self.only_group(sheet, group, &key);
        };
        let found = self
            .sources
            .find(from)
            .and_then(|source| self.groups.find(source, &key));
        if found.is_none() && !self.groups.holes {
            let message = format!("there is no group `{written}` in `{from}`");
            sheet.wrong(group, message, self.other_group(&key, written));
        }
        found
    }

    fn only_group(&self, sheet: &Sheet<'_>, group: Column, key: &str) -> Option<u32> {
        let written = sheet.text(group);
        let found = self.groups_named(key);
        match found.as_slice() {
            [(id, _)] => Some(*id),
            [] if self.groups.holes => None,
            [] => {
                let message = format!("there is no group `{written}`");
                sheet.wrong(group, message, self.other_group(key, written));
                None
            }
            several => {
                let sources: Vec<_> =
                    several.iter().map(|(_, from)| format!("`{from}`")).collect();
                let message = format!("there is more than one group `{written}`");
                let help = format!("say which in `source`: {}", sources.join(", "));
                sheet.wrong(group, message, help);
                None
            }
        }
    }

    fn other_group(&self, key: &str, written: &str) -> String {
        if let [(_, from)] = self.groups_named(key).as_slice() {
            return format!("it is in `{from}`: write that as its `source`");
        }
        let help = self.suggest("SELECT name FROM grp WHERE gone = 0", written);
        help.unwrap_or_else(|| "list it in groups.csv".to_owned())
    }

    fn groups_named(&self, key: &str) -> Vec<(u32, String)> {
        let query =
            "SELECT grp.id, source.name FROM grp JOIN source ON source.id = source_id
                     WHERE grp.name_key = ? AND gone = 0 ORDER BY source.name_key";
        let Ok(mut statement) = self.connection.prepare_cached(query) else {
            return Vec::new();
        };
        let rows = statement.query_map([key], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.map(|rows| rows.flatten().collect()).unwrap_or_default()
    }
}
