//! Any import on top of any other leaves what it would leave in an empty store.

use crate::import::{acme, import, now};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tenure::store::{ImportOptions, Store};

const FILES: [&str; 11] = [
    "apps.csv",
    "lifecycle_states.csv",
    "identities.csv",
    "groups.csv",
    "roles.csv",
    "permissions.csv",
    "accounts.csv",
    "activity.csv",
    "memberships.csv",
    "role_members.csv",
    "grants.csv",
];

/// Leaves out some rows and changes others, as the bytes say; what would refer to a row that
/// is left out goes with it.
fn shuffle(folder: &Path, bytes: &[u8]) {
    let mut bytes = bytes.iter().copied().cycle();
    let mut out: BTreeSet<String> = BTreeSet::new();
    for file in FILES {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
        let header = rows.remove(0);
        rows.retain(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            let name = match file {
                "identities.csv" => cells[0].to_owned(),
                "accounts.csv" => format!("{}/{}", cells[0], cells[1]),
                _ => String::new(),
            };
            let account = format!("{}/{}", cells[0], cells.get(1).unwrap_or(&""));
            let held = |cell: &str| out.contains(cell);
            let refers = match file {
                "activity.csv" | "grants.csv" => held(&account),
                "accounts.csv" | "memberships.csv" => held(cells[2]),
                "role_members.csv" => held(cells[1]),
                _ => false,
            };
            let fixed = matches!(
                file,
                "apps.csv" | "groups.csv" | "roles.csv" | "permissions.csv"
            );
            let drop = refers || (!fixed && bytes.next().unwrap() % 4 == 0);
            if drop && !name.is_empty() {
                out.insert(name);
            }
            !drop
        });
        for row in &mut rows {
            let choice = bytes.next().unwrap();
            match (file, choice % 6) {
                ("identities.csv", 0) => *row = row.replace(",Sales,", ",Legal,"),
                ("identities.csv", 1) => *row = row.replace(",active,", ",suspended,"),
                ("identities.csv", 2) => {
                    *row = row.replace("e,active,20", "e,leave,20");
                }
                ("identities.csv", 3) => *row = row.replace(",200,", ",,"),
                ("accounts.csv", 0) => *row = row.replace(",active,20", ",disabled,20"),
                ("accounts.csv", 1) => *row = row.replace(",A", ",B"),
                ("activity.csv", 0) => *row = row.replace("T0", "T1"),
                ("activity.csv", 1) => *row = row.replace(",github,", ",okta2,"),
                ("memberships.csv", 0) => *row = row.replace(",20", ",19"),
                ("grants.csv", 0) => *row = row.replace("2022-", "2021-"),
                _ => (),
            }
        }
        if rows.len() > 1 {
            let cut = usize::from(bytes.next().unwrap()) % rows.len();
            rows.rotate_left(cut);
        }
        rows.insert(0, header);
        fs::write(path, rows.join("\n") + "\n").unwrap();
    }
    let nested =
        "Contractors,okta,Engineering\nEngineering,okta,Execs\nExecs,okta,Contractors\n";
    let nested: Vec<&str> =
        nested.lines().filter(|_| bytes.next().unwrap() % 2 == 0).collect();
    let path = folder.join("memberships.csv");
    let text = fs::read_to_string(&path).unwrap();
    let mut text: String = text.replace('\n', ",\n");
    text = text.replacen("joined_at,", "joined_at,member_group", 1);
    for row in nested {
        let (group, member) = row.rsplit_once(',').unwrap();
        let since = ["", "2019-01-01", "2026-06-01"];
        let since = since[usize::from(bytes.next().unwrap()) % since.len()];
        writeln!(text, "{group},,{since},{member}").unwrap();
    }
    fs::write(path, text).unwrap();
}

/// The dump, without what only time tells: what happened, those gone, sources and states once
/// named, and when a state was changed.
fn present(store: &Store) -> Vec<String> {
    let dump = store.dump().unwrap();
    let gone: BTreeSet<&str> = dump
        .lines()
        .filter(|line| line.ends_with(" gone=1"))
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    dump.lines()
        .filter(|line| !line.ends_with(" gone=1"))
        .filter(|line| {
            !line.starts_with("event ")
                && !line.starts_with("source ")
                && !line.starts_with("lifecycle ")
                && !line.starts_with("identity state ")
        })
        .filter(|line| {
            let attribute = line.split_once(" attribute ");
            !attribute
                .is_some_and(|(_, rest)| gone.contains(rest.split(' ').next().unwrap()))
        })
        .map(|line| {
            let cell =
                line.split(' ').find(|cell| cell.starts_with("lifecycle_changed_at="));
            cell.map_or(line.to_owned(), |cell| line.replace(&format!(" {cell}"), ""))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn later_imports_leave_what_a_first_one_would(
        first in vec(any::<u8>(), 40..120),
        second in vec(any::<u8>(), 40..120),
        third in vec(any::<u8>(), 40..120),
    ) {
        let options = ImportOptions { accept_large: true, ..ImportOptions::at(now()) };
        let mut store = Store::in_memory().unwrap();
        for bytes in [first, second, third] {
            let folder = acme();
            shuffle(folder.path(), &bytes);
            store.import(folder.path(), &options, &mut |_| ()).unwrap();
            // What lifecycle states mean now is pending for whoever has not changed.
            let settings = tenure::engine::Settings::default();
            let by = ("ida", Some("it is the truth"));
            tenure::engine::process_lifecycle(&store, &settings, by, now()).unwrap();
            let mut fresh = Store::in_memory().unwrap();
            import(&mut fresh, folder.path()).unwrap();
            assert_eq!(present(&store), present(&fresh));
            assert_eq!(store.counts().unwrap().identities, fresh.counts().unwrap().identities);
            assert_eq!(store.import(folder.path(), &options, &mut |_| ()).unwrap().changes(), 0);
        }
    }
}
