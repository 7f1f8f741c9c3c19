//! The names that can be used, and how many stand behind each.

use crate::catalog::BUILT_IN;
use crate::ir::{Level, ValueKind};
use crate::repl::ask::{aligned, table};
use crate::repl::desk::Desk;
use crate::text::{counted, nearest, one_line};

/// A kind of names: its word, and what it lists.
type Kind = (&'static str, fn(&Desk) -> Vec<[String; 3]>);

/// So many names of a kind are shown.
const SHOWN: usize = 100;

const KINDS: &[Kind] = &[
    ("apps", apps),
    ("groups", groups),
    ("permissions", permissions),
    ("roles", roles),
    ("attributes", attributes),
    ("lifecycle", lifecycle),
    ("sources", sources),
    ("items", items),
];

/// What `:names` says.
pub(super) fn names(desk: &Desk, kind: &str) -> String {
    let wanted = kind.trim_end_matches('s');
    let mut lists = Vec::new();
    for (name, list) in KINDS {
        if kind.is_empty() || wanted == name.trim_end_matches('s') {
            lists.push((*name, list(desk)));
        }
    }
    if lists.is_empty() {
        let known = KINDS.iter().map(|(name, _)| *name);
        let all: Vec<&str> = known.clone().collect();
        return match nearest(kind, known).first() {
            Some(near) => format!("error: there are no `{kind}`; did you mean `{near}`?"),
            None => format!("error: there are no `{kind}`; there are {}", all.join(", ")),
        };
    }
    let mut said = Vec::new();
    for (name, rows) in lists {
        if rows.is_empty() {
            if !kind.is_empty() {
                said.push(format!("there are no {name}"));
            }
            continue;
        }
        let mut table = table(&[name, "", ""]);
        let more = rows.len().saturating_sub(SHOWN);
        for row in rows.into_iter().take(SHOWN) {
            table.add_row(row.iter().map(|cell| one_line(cell)));
        }
        let mut text = aligned(&mut table);
        if more > 0 {
            text = format!("{text}\n… and {more} more");
        }
        said.push(text);
    }
    said.join("\n\n")
}

fn number(count: u64, one: &str, many: &str) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), one, many)
}

fn apps(desk: &Desk) -> Vec<[String; 3]> {
    let row = |app: &crate::catalog::App| {
        [app.name.clone(), app.label.clone(), number(app.accounts, "account", "accounts")]
    };
    desk.catalog.apps.iter().map(row).collect()
}

fn groups(desk: &Desk) -> Vec<[String; 3]> {
    let row = |group: &crate::catalog::Group| {
        [
            group.name.clone(),
            format!("from {}", group.source),
            number(group.members, "member", "members"),
        ]
    };
    desk.catalog.groups.iter().map(row).collect()
}

fn permissions(desk: &Desk) -> Vec<[String; 3]> {
    let row = |held: &crate::catalog::Permission| {
        let app = desk.catalog.apps.iter().find(|app| app.id == held.app);
        [
            held.label.clone(),
            app.map(|app| app.name.clone()).unwrap_or_default(),
            number(held.holders, "holder", "holders"),
        ]
    };
    desk.catalog.permissions.iter().map(row).collect()
}

fn roles(desk: &Desk) -> Vec<[String; 3]> {
    let row = |role: &crate::catalog::Role| {
        let default = if role.default { "everyone's" } else { "" };
        [role.name.clone(), default.to_owned(), number(role.members, "member", "members")]
    };
    desk.catalog.roles.iter().map(row).collect()
}

fn attributes(desk: &Desk) -> Vec<[String; 3]> {
    let custom = desk.catalog.custom.iter();
    let custom =
        custom.map(|custom| (custom.level, custom.name.as_str(), ValueKind::Text));
    let built_in = BUILT_IN
        .iter()
        .map(|(level, field, kind)| (*level, field.name(), *kind));
    let level = |level| match level {
        Level::Account => "account",
        Level::User => "user",
        Level::Grant => "grant",
    };
    built_in
        .chain(custom)
        .map(|(of, name, kind)| {
            [name.to_owned(), level(of).to_owned(), kind_word(kind).into()]
        })
        .collect()
}

fn kind_word(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Bool => "true or false",
        ValueKind::Number => "number",
        ValueKind::Text => "text",
        ValueKind::Instant => "instant",
        ValueKind::User => "user",
        ValueKind::Status => "status",
        ValueKind::Lifecycle => "lifecycle state",
        ValueKind::IdentityState => "identity state",
        ValueKind::Permission => "permission",
    }
}

fn lifecycle(desk: &Desk) -> Vec<[String; 3]> {
    alone(&desk.catalog.lifecycle)
}

fn sources(desk: &Desk) -> Vec<[String; 3]> {
    alone(&desk.catalog.sources)
}

fn items(desk: &Desk) -> Vec<[String; 3]> {
    let row = |item: &crate::repl::desk::Item| {
        [item.name.clone(), item.kind.to_owned(), String::new()]
    };
    desk.items.iter().map(row).collect()
}

fn alone(names: &[String]) -> Vec<[String; 3]> {
    names
        .iter()
        .map(|name| [name.clone(), String::new(), String::new()])
        .collect()
}
