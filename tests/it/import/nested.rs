//! Since when somebody is in a group through other groups: each way is gone by itself.

use crate::dice::Dice;
use crate::import::now;
use crate::site::{NOON, Site};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use tenure::store::{ImportOptions, Store};

const GROUPS: [&str; 5] = ["A", "B", "C", "D", "E"];
const PEOPLE: [&str; 3] = ["x@acme.example", "y@acme.example", "z@acme.example"];

/// A group, a member of it, and the day on which that began, where it is known.
type Row = (&'static str, &'static str, Option<u64>);

/// The day on which each way from a group to somebody was complete, if those that are not known
/// were this one.
fn ways(rows: &[Row], group: &str, who: &str, unknown: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let mut open = vec![(vec![group], 0)];
    while let Some((way, since)) = open.pop() {
        for (outer, member, day) in rows {
            let since = since.max(day.unwrap_or(unknown));
            if way.last() != Some(outer) || way.contains(member) {
                continue;
            }
            if *member == who {
                found.push(since);
            } else {
                open.push(([&way[..], &[*member]].concat(), since));
            }
        }
    }
    found
}

fn date(day: u64) -> String {
    format!("2026-01-{day:02}")
}

/// Whoever is in a group through others only, by what the store says.
fn through(rows: &[Row]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut groups = "group,source,kind\n".to_owned();
    for group in GROUPS {
        writeln!(groups, "{group},okta,idp").unwrap();
    }
    let mut people = "email,status\n".to_owned();
    for email in PEOPLE {
        writeln!(people, "{email},active").unwrap();
    }
    let mut members = "group,source,email,member_group,joined_at\n".to_owned();
    for (group, member, day) in rows {
        let at = if GROUPS.contains(member) { ("", *member) } else { (*member, "") };
        let day = day.map(date).unwrap_or_default();
        writeln!(members, "{group},okta,{},{},{day}", at.0, at.1).unwrap();
    }
    for (name, text) in
        [("groups", groups), ("identities", people), ("memberships", members)]
    {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let mut store = Store::in_memory().unwrap();
    store
        .import(folder.path(), &ImportOptions::at(now()), &mut |_| ())
        .unwrap();
    let dump = store.dump().unwrap();
    let lines = dump.lines().filter(|line| line.starts_with("membership "));
    lines
        .filter(|line| line.ends_with(" direct=0"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn whoever_is_in_a_group_through_others_is_so_since_the_first_whole_way() {
    let (mut dated, mut undated) = (0, 0);
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let mut rows: Vec<Row> = Vec::new();
        for group in GROUPS {
            let others = GROUPS.iter().filter(|other| **other != group);
            for member in others.chain(&PEOPLE) {
                if dice.chance(25) {
                    let known = dice.chance(75);
                    rows.push((group, member, known.then(|| dice.between(1, 28))));
                }
            }
        }
        let mut wanted = BTreeSet::new();
        for group in GROUPS {
            for who in PEOPLE {
                if rows.iter().any(|row| (row.0, row.1) == (group, who)) {
                    continue;
                }
                let first = |unknown| ways(&rows, group, who, unknown).into_iter().min();
                let (Some(early), Some(late)) = (first(0), first(99)) else { continue };
                // A date that is missing is nobody's guess, unless it does not matter.
                let since = (early == late)
                    .then(|| format!(" joined_at={}T00:00:00Z", date(early)));
                *(if since.is_some() { &mut dated } else { &mut undated }) += 1;
                let since = since.unwrap_or_default();
                wanted
                    .insert(format!("membership {group} in okta {who}{since} direct=0"));
            }
        }
        assert_eq!(through(&rows), wanted, "seed {seed}: {rows:?}");
    }
    assert!(dated > 300 && undated > 300, "{dated} {undated}");
}

/// Also where a condition asks for the time.
#[test]
fn a_condition_finds_whoever_is_in_a_group_through_others_for_long() {
    let site = Site::empty();
    let folder = site.path("data");
    fs::create_dir(&folder).unwrap();
    for (name, text) in [
        ("groups", "group,source,kind\nSales,okta,idp\nEMEA,okta,idp\n"),
        (
            "identities",
            "email,status\nzoe@acme.example,active\nbob@acme.example,active\n",
        ),
        (
            "memberships",
            "group,source,email,member_group,joined_at\nSales,okta,,EMEA,2026-06-03\n\
             EMEA,okta,zoe@acme.example,,2026-09-16\nEMEA,okta,bob@acme.example,,\n",
        ),
    ] {
        fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
    let found = |length: &str| {
        let question = format!("users where in group Sales for > {length}");
        let said = site.ok(&["find", &question, "--data", "data", "--now", NOON]);
        let zoe = said.out.contains("zoe@acme.example");
        assert!(!said.out.contains("bob@acme.example"), "{said:?}");
        assert!(format!("{said:?}").contains("joined_at 1"), "{said:?}");
        zoe
    };
    assert_eq!([found("30d"), found("90d")], [true, false]);
}
