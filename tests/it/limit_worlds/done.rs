//! What was done in a world, and whether it was more than the limits allow.

use crate::limit_worlds::policies::{takes, two_things};
use crate::limit_worlds::{Attempt, Counts, Seen, is_review};
use std::collections::{BTreeMap, BTreeSet};
use tenure::engine::{Entry, Run};
use tenure::foresight::Line;
use tenure::store::Store;
use tenure::time::Duration;

/// What was done in a world, in both ways of counting.
pub(super) struct Done {
    opened: Seen,
    taken: Seen,
    /// The runs that a person let through.
    released: BTreeSet<String>,
    /// The runs that were opened only to ask.
    questions: BTreeSet<String>,
}

impl Done {
    pub(super) fn new(store: &Store, lines: &[Line], attempts: &[Attempt]) -> Self {
        let (mut released, mut questions) = (BTreeSet::new(), BTreeSet::new());
        // By the key that the attempts of a run begin with.
        let mut keys = BTreeMap::new();
        for row in store.runs(false).unwrap() {
            let run: Run = serde_json::from_str(&row.body).unwrap();
            let id = row.id.to_string();
            if run.released {
                released.insert(id.clone());
            }
            if is_review(&run.policy) {
                questions.insert(id.clone());
            }
            keys.insert(run.key, (run.policy, id));
        }
        let seen = |line: &Line| (line.at, line.policy.clone(), line.run.to_string());
        let of = |what: fn(&Entry) -> bool| -> Seen {
            lines.iter().filter(|line| what(&line.entry)).map(seen).collect()
        };
        let opened = of(|entry| matches!(entry, Entry::Opened { .. }));
        let mut taken =
            of(|entry| matches!(entry, Entry::StepDone { step, .. } if takes(step)));
        let started = of(|entry| matches!(entry, Entry::StepStarted { .. }));
        // A run that has begun goes on, however late that is sent: it counts when it was set
        // going. One that takes a single thing counts with each attempt.
        taken.extend(started.into_iter().filter(|it| two_things(&it.1)));
        for attempt in attempts.iter().filter(|it| it.takes) {
            let (policy, run) = keys[attempt.run()].clone();
            if !two_things(&policy) {
                taken.push((attempt.at, policy, run));
            }
        }
        taken.sort();
        Self { opened, taken, released, questions }
    }

    /// That what nobody released was never one too many: neither in one policy, nor in all.
    pub(super) fn keeps(&self, policy: Option<&str>, limit: usize, about: &str) {
        let let_through: BTreeSet<_> = self.released.union(&self.questions).collect();
        let released: BTreeSet<_> = self.released.iter().collect();
        for (what, seen, free) in [
            // A question takes nothing away, however many are asked.
            ("opened", &self.opened, &let_through),
            ("taken", &self.taken, &released),
        ] {
            let of = |it: &&(_, String, String)| policy.is_none_or(|of| of == it.1);
            let seen: Vec<_> = seen.iter().filter(of).collect();
            for (at, _, run) in &seen {
                if free.contains(run) {
                    continue;
                }
                // What a person releases at the same instant comes behind it.
                let counts = |it: &&&(_, String, String)| {
                    it.0 > at.before(Duration::DAY)
                        && (it.0 < *at || it.0 == *at && !free.contains(&it.2))
                };
                let within: BTreeSet<_> =
                    seen.iter().filter(counts).map(|it| &it.2).collect();
                assert!(
                    within.len() <= limit,
                    "{what} at {at}, {policy:?}: {} of {limit}: {about}\n{seen:#?}",
                    within.len()
                );
            }
        }
    }

    pub(super) fn count(&self, counts: &mut Counts) {
        *counts.entry("taken".to_owned()).or_default() += self.taken.len();
    }

    /// Those that took something away.
    pub(super) fn takers(&self) -> BTreeSet<&str> {
        self.taken.iter().map(|it| it.2.as_str()).collect()
    }
}
