//! Random policies that take access away: by schedule, by what happens to people and to access,
//! and by what access reviews reject.

use crate::dice::Dice;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Whether the policy of that name takes two things away.
pub(super) fn two_things(policy: &str) -> bool {
    policy.starts_with("two")
}

/// The steps that take something away in the store, as they are written.
pub(super) fn takes(step: &str) -> bool {
    ["disable account", "remove access"].contains(&step)
}

/// Some policies, and how many each of them may take from. Where there are reviews, more of them
/// listen to what these reject.
pub(super) fn policies(
    dice: &mut Dice,
    reviewed: bool,
) -> (String, BTreeMap<String, usize>) {
    let (mut text, mut limits) = (String::new(), BTreeMap::new());
    for number in 0..dice.between(1, 5) {
        let (limit, allowed) = dice.pick(&[
            ("3", 3),
            ("2", 2),
            ("3", 3),
            ("25%", 3),
            ("the larger of 2 and 10%", 2),
        ]);
        let grants = dice.chance(15);
        let limit = if grants { "3" } else { limit };
        let starts = match () {
            () if grants => starts_of_grants(dice),
            () if reviewed && dice.chance(40) => dice
                .pick(&[
                    "  on access rejected",
                    "  on access rejected",
                    "  on (access rejected, department changed)",
                ])
                .to_owned(),
            () => starts(dice),
        };
        let then = match dice.between(0, 8) {
            0 if grants => "remove access".to_owned(),
            1 if grants => "ask owner for 2d, remove access".to_owned(),
            0 => "disable account".to_owned(),
            1 => "ask owner for 2d, disable account".to_owned(),
            2 if !grants => "ask owner for 1d, disable account".to_owned(),
            3 => format!("ask owner for 2d, run webhook p{number}"),
            4 => format!("run webhook p{number}, wait 12h"),
            5 if !grants => format!("disable account, run webhook two{number}"),
            _ => format!("run webhook p{number}"),
        };
        let two = then.contains(" two");
        let name = format!("{}{number}", if two { "two" } else { "p" });
        let also = dice.pick(&[
            "",
            "",
            "  cancel on title changed\n",
            "  restart on title changed\n",
            "  restart on title changed\n",
        ]);
        // Who is on it may be gone for a while, and with it what the policy says.
        let except = dice.pick(&["", "", "  except in group Night\n"]);
        let retry = dice.between(0, 7);
        let allowed = if grants { 3 } else { allowed };
        writeln!(
            text,
            "webhook {name}\n  url \"https://hooks.acme.example/{number}\"\n  retry {retry}\n\n\
             policy {name}\n{starts}\n{also}{except}  limit {limit}\n  then {then}\n"
        )
        .unwrap();
        limits.insert(name, allowed);
    }
    (text, limits)
}

fn starts(dice: &mut Dice) -> String {
    let every = dice.pick(&["every 6h", "every 12h", "every day at 12:00"]);
    let days = dice.between(90, 92);
    let when = format!("when inactive > {days}d");
    match dice.between(0, 10) {
        0 => "  on department changed".to_owned(),
        1 => format!("  {every}\n  on department changed\n  {when}"),
        2..=3 => "  on access expired".to_owned(),
        4 => "  on access rejected".to_owned(),
        5 => format!("  {every}\n  on access rejected\n  {when}"),
        6 => "  on (group left Staff, lifecycle changed)".to_owned(),
        _ => format!("  {every}\n  {when}"),
    }
}

fn starts_of_grants(dice: &mut Dice) -> String {
    let starts =
        dice.pick(&["on access expired", "on (access expired, access rejected)"]);
    format!("  for grants\n  {starts}")
}

/// An access review: its text, and for how many days it asks.
pub(super) fn review(dice: &mut Dice, name: &str) -> (String, i64) {
    let grants = dice.chance(20);
    let kind = if grants { "grants" } else { "accounts" };
    let steps = dice.pick(&[
        "remove access",
        "remove access",
        "run webhook review",
        "wait 1d, remove access",
        if grants { "remove access" } else { "disable account" },
    ]);
    let days = i64::try_from(dice.between(1, 4)).unwrap();
    let reviewers = dice.pick(&["out@other.example", "p0@acme.example"]);
    let text = format!(
        "webhook review\n  url \"https://hooks.acme.example/review\"\n  retry 3\n\n\
         policy \"{name}\"\n  for {kind} in app crm\n  when owner is known\n  \
         reviewers {reviewers}\n  limit none \"each is decided\"\n  \
         then ask reviewers for {days}d, if ignored keep, {steps}\n"
    );
    (text, days)
}
