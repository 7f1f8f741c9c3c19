//! What must hold of each line on record, judged by how things stood when it was written.

use crate::limit_worlds::Attempt;
use crate::limit_worlds::policies::takes;
use std::collections::{BTreeMap, BTreeSet};
use tenure::engine::{Entry, Run};
use tenure::store::{RunRow, Store};
use tenure::time::{Duration, Timestamp};

/// Since when something is paused: a policy, or everything.
type Since = BTreeMap<Option<String>, Timestamp>;

/// An access review, as it was started.
pub(super) struct Review {
    pub(super) policy: String,
    pub(super) started: Timestamp,
    pub(super) length: Duration,
    pub(super) at_once: bool,
    /// When somebody closed it.
    pub(super) closed: Option<Timestamp>,
}

/// What never changes of a run.
struct Known {
    policy: String,
    subject: String,
    /// Whether it was opened as access ended by itself.
    expired: bool,
}

/// Looks at what was done since it last looked. Nothing that it knows may change without its
/// having looked before.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) about: String,
    seen: i64,
    runs: BTreeMap<i64, Known>,
    keys: BTreeMap<String, i64>,
    pub(super) paused: Since,
    /// The pauses that are over.
    pauses: Vec<(Option<String>, Timestamp, Timestamp)>,
    /// The policies that cannot be followed.
    pub(super) blocked: BTreeSet<String>,
    /// When access ends, by its name.
    pub(super) expires: BTreeMap<String, Timestamp>,
    pub(super) reviews: Vec<Review>,
    /// When the question of a run arrived.
    heard: BTreeMap<i64, Timestamp>,
    decided: BTreeSet<i64>,
    done: BTreeSet<(i64, String)>,
    delivered: BTreeSet<String>,
}

impl Watch {
    pub(super) fn new(about: String) -> Self {
        Self { about, ..Self::default() }
    }

    /// Looks at the lines and the attempts that are new.
    pub(super) fn look(&mut self, store: &Store, attempts: &[Attempt]) {
        for (id, run, at, entry) in store.ledger(self.seen).unwrap() {
            self.seen = id;
            let entry: Entry = serde_json::from_str(&entry).unwrap();
            if !self.runs.contains_key(&run) {
                let row = store.run(run).unwrap().unwrap();
                let it: Run = serde_json::from_str(&row.body).unwrap();
                let expired = it.heard.is_some_and(|heard| heard.expired);
                let (policy, subject) = (it.policy, row.subject.name);
                self.keys.insert(it.key, run);
                self.runs.insert(run, Known { policy, subject, expired });
            }
            self.line((run, at), &entry);
        }
        for attempt in attempts {
            let run = self.keys[attempt.run()];
            let what = &attempt.key;
            self.must(!self.is_paused(&self.runs[&run].policy), (run, "leaves", what));
            if attempt.takes {
                self.may_take((run, attempt.at), what);
            }
            let before = self.delivered.contains(what);
            self.must(!before, (run, "arrives twice", what));
            if attempt.arrived {
                self.delivered.insert(what.clone());
            }
        }
    }

    fn line(&mut self, (run, at): (i64, Timestamp), entry: &Entry) {
        let what = format!("{entry:?}");
        let said = matches!(
            entry,
            Entry::Decided(_)
                | Entry::Retried { .. }
                | Entry::Waiting { .. }
                // Nor is anything tried again that was cancelled.
                | Entry::StepSkipped { .. }
                | Entry::Undone { .. }
                | Entry::StoodStill { .. }
                | Entry::Known(_)
                | Entry::Ended { .. }
        );
        let paused = self.is_paused(&self.runs[&run].policy);
        self.must(said || !paused, (run, "goes on while it is paused", &what));
        match entry {
            Entry::Asked { .. } => drop(self.heard.remove(&run)),
            Entry::Delivered { .. } => drop(self.heard.entry(run).or_insert(at)),
            Entry::Decided(_) => {
                let first = self.decided.insert(run);
                self.must(first, (run, "is decided twice", &what));
            }
            Entry::Restarted { .. } => {
                self.heard.remove(&run);
                self.decided.remove(&run);
                self.done.retain(|it| it.0 != run);
            }
            // What has come to nothing is done again.
            Entry::StepFailed { .. } => self.done.retain(|it| it.0 != run),
            Entry::StepStarted { .. } => self.may_take((run, at), &what),
            Entry::StepDone { step, .. } => {
                if takes(step) {
                    self.may_take((run, at), &what);
                }
                let first = self.done.insert((run, step.clone()));
                self.must(first, (run, "does it twice", &what));
            }
            Entry::Ignored { step } => self.had_time((run, at), step),
            _ => {}
        }
    }

    /// That nothing stands against it that something is taken.
    fn may_take(&self, (run, at): (i64, Timestamp), what: &str) {
        let Known { policy, subject, expired } = &self.runs[&run];
        self.must(!self.is_paused(policy), (run, "takes while it is paused", what));
        let blocked = self.blocked.contains(policy);
        self.must(!blocked, (run, "takes while it cannot be followed", what));
        if *expired {
            let late = self.expires.get(subject).is_none_or(|ends| *ends <= at);
            self.must(late, (run, "takes what is not to end yet", what));
        }
        if let Some(review) = self.reviews.iter().find(|it| it.policy == *policy) {
            let closed = review.at_once
                || review.closed.is_some_and(|closed| closed <= at)
                || self.lasted(review, at) >= review.length;
            self.must(closed, (run, "takes before the review closes", what));
        }
    }

    /// That whoever was silent had the whole window, in which nothing was paused.
    fn had_time(&self, (run, at): (i64, Timestamp), step: &str) {
        let Known { policy, .. } = &self.runs[&run];
        let closed = |it: &Review| it.policy == *policy;
        if self.reviews.iter().any(closed) {
            return;
        }
        let Some(heard) = self.heard.get(&run) else { return };
        let days = step.split(" for ").nth(1).and_then(|it| it.split('d').next());
        let window = Duration::days(days.unwrap().parse().unwrap());
        let had = at.since(*heard).0 - self.still(policy, (*heard, at)).0;
        let said = format!("{step}: {had} seconds since {heard}");
        self.must(had >= window.0, (run, "is taken for silent too soon", &said));
    }

    /// That every review which may close has closed, and none did too early.
    pub(super) fn reviews_close(&self, store: &Store, now: Timestamp) {
        for campaign in store.campaigns().unwrap() {
            let of = format!("access review {}", campaign.id);
            let Some(review) = self.reviews.iter().find(|it| it.policy == of) else {
                continue;
            };
            let by_itself = campaign.closed_at.filter(|_| campaign.closed_by.is_none());
            if let Some(at) = by_itself {
                let whole = self.lasted(review, at) >= review.length;
                assert!(
                    whole,
                    "{campaign:?} closed too early: {:?} {:?} {}",
                    self.pauses, self.paused, self.about
                );
            }
            let asking = |row: &RunRow| {
                row.policy_id == campaign.policy_id && row.state == "reviewing"
            };
            assert!(
                campaign.state != "closed"
                    || !store.runs(true).unwrap().iter().any(asking),
                "{campaign:?} is closed and asks: {}",
                self.about
            );
            let over = self.lasted(review, now) >= review.length;
            let open = campaign.state == "open" && over || campaign.state == "starting";
            assert!(
                !open || self.is_paused(&of),
                "{campaign:?} is open at {now}: {}",
                self.about
            );
        }
    }

    fn must(&self, holds: bool, (run, what, why): (i64, &str, &str)) {
        let Known { policy, subject, .. } = &self.runs[&run];
        assert!(
            holds,
            "run {run} of {policy} on {subject} {what}: {why}\n{:?}\n{}",
            self.paused, self.about
        );
    }

    pub(super) fn is_paused(&self, policy: &str) -> bool {
        self.paused.contains_key(&None)
            || self.paused.contains_key(&Some(policy.to_owned()))
    }

    /// A pause is over.
    pub(super) fn resumed(&mut self, policy: Option<&str>, now: Timestamp) {
        let policy = policy.map(str::to_owned);
        let since = self.paused.remove(&policy).unwrap();
        self.pauses.push((policy, since, now));
    }

    /// How long a review has lasted, but for the time in which it stood still.
    fn lasted(&self, review: &Review, until: Timestamp) -> Duration {
        let still = self.still(&review.policy, (review.started, until));
        Duration(until.since(review.started).0 - still.0)
    }

    /// How long a policy stood still between two instants, by whichever pause.
    fn still(&self, policy: &str, (from, to): (Timestamp, Timestamp)) -> Duration {
        let open = self.paused.iter().map(|(of, since)| (of, *since, to));
        let over = self.pauses.iter().map(|(of, since, until)| (of, *since, *until));
        let mut spans: Vec<_> = open
            .chain(over)
            .filter(|(of, ..)| of.as_deref().is_none_or(|of| of == policy))
            .map(|(_, since, until)| (since.max(from), until.min(to)))
            .collect();
        spans.sort_unstable();
        let (mut still, mut end) = (0, from);
        for (since, until) in spans {
            still += until.since(since.max(end).min(until)).0;
            end = end.max(until);
        }
        Duration(still)
    }
}
