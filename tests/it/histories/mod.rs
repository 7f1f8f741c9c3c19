//! Random histories of the one transition function: people who are silent, late or away, mail
//! and webhooks that come and go, facts that change, clocks that jump, processes that fall.
//!
//! A failure names its seed; `HISTORY=17` plays that one alone, and `HISTORIES=100000` more.

mod halts;
mod play;
mod world;

use crate::dice::number;
use crate::histories::play::History;
use crate::histories::world::Company;
use std::collections::BTreeMap;

#[test]
fn whatever_happens_a_run_is_never_lost_and_never_takes_what_it_should_not() {
    let company = Company::new();
    let seeds = match number("HISTORY") {
        Some(seed) => seed..seed + 1,
        None => 0..number("HISTORIES").unwrap_or(2_000),
    };
    let all = seeds.end - seeds.start;
    let mut ends: BTreeMap<String, u64> = BTreeMap::new();
    let mut transitions = 0;
    for seed in seeds {
        let history = History::play(seed, &company);
        // A history is its seed's alone.
        if seed % 16 == 0 {
            assert_eq!(history.log, History::play(seed, &company).log, "HISTORY={seed}");
        }
        transitions += history.transitions;
        for end in history.ends {
            *ends.entry(end).or_default() += 1;
        }
    }
    if all < 1_000 {
        return;
    }
    // A history in which nothing happens proves nothing.
    assert!(transitions > 10 * all, "{transitions} transitions: {ends:?}");
    for end in [
        "kept",
        "removed",
        "done",
        "ended",
        "no longer applies",
        "cancelled",
        "failed",
        "held",
        "left to a policy",
        "rejected",
        "closed undecided",
        "expiry put off",
        "stood still",
    ] {
        assert!(ends.contains_key(end), "no run ended as `{end}`: {ends:?}");
    }
}
