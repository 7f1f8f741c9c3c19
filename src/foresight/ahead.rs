//! What a plan opens counts for what stands behind it in the same plan, as it will when they run
//! in that order: for the limits, for whose run is open then, and for who is being asked.

use crate::engine::step::Rival;
use crate::engine::{
    self, Casting, EngineError, Footing, Planned, Run, Settings, Survey,
};
use crate::facts::{Facts, SubjectId};
use crate::foresight::timeline::{Known, asks_at_once};
use crate::ir::{Policy, SubjectKind};
use crate::query::Moment;
use crate::store::Store;
use crate::text::fold;
use crate::time::Timestamp;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// What a plan opens so far.
#[derive(Debug, Default)]
pub(crate) struct Ahead<'p> {
    /// For whom, by the folded names of the policies.
    own: BTreeMap<String, BTreeSet<SubjectId>>,
    /// How many runs of policies that take access away, and are in earnest.
    all: u64,
    /// What asks somebody, in the order of the plan.
    asking: Vec<Asking<'p>>,
}

/// A policy whose runs ask somebody.
#[derive(Debug)]
struct Asking<'p> {
    policy: &'p Policy,
    opens: BTreeSet<SubjectId>,
    at: Moment,
    observed: bool,
    people: OnceCell<Casting<'p>>,
}

impl<'p> Ahead<'p> {
    /// Counts what comes before: whoever has a run of the policy by then is busy, and the limits
    /// are asked again. Where it is not asked of all in scope it is not known how many these are.
    pub(crate) fn weigh(
        &self,
        store: &Store,
        (policy, id): (&Policy, Option<i64>),
        (survey, of_all): (&mut Survey, bool),
        (settings, now): (&Settings, Timestamp),
    ) -> Result<(), EngineError> {
        let own = self.own.get(&fold(&policy.name));
        if survey.opens.is_empty() || (self.all == 0 && own.is_none()) {
            return Ok(());
        }
        let before = survey.opens.len();
        survey.opens.retain(|id| own.is_none_or(|own| !own.contains(id)));
        survey.busy += count(before - survey.opens.len());
        let planned = Planned {
            own: own.map_or(0, |own| count(own.len())),
            all: self.all,
        };
        let what = (of_all.then_some(survey.in_scope), count(survey.opens.len()));
        let of = (policy, id);
        survey.limit = engine::limit_behind(store, of, what, planned, (settings, now))?;
        Ok(())
    }

    /// Notes what a policy would open.
    pub(crate) fn note(&mut self, policy: &'p Policy, survey: &Survey, observed: bool) {
        if survey.limit.held || survey.opens.is_empty() {
            return;
        }
        if policy.review_len > 0 {
            self.asking.push(Asking {
                policy,
                opens: survey.opens.iter().copied().collect(),
                at: survey.at,
                observed,
                people: OnceCell::new(),
            });
        }
        let own = self.own.entry(fold(&policy.name)).or_default();
        own.extend(survey.opens.iter().copied());
        if policy.takes() && !observed {
            self.all += count(survey.opens.len());
        }
    }
}

impl Ahead<'_> {
    /// The runs, open or opened by the plan before, that ask about the same as this one. Those of
    /// the plan have numbers below zero.
    pub(super) fn rivals(
        &self,
        store: &Store,
        settings: &Settings,
        of: (&Policy, &Run),
    ) -> Result<Vec<Rival>, EngineError> {
        self.rivals_among(self.asking.len(), (store, settings), of)
    }

    /// What is said of a run by that number.
    pub(super) fn called(&self, run: i64) -> String {
        let place = usize::try_from(-1 - run).ok();
        match place.and_then(|place| self.asking.get(place)) {
            Some(first) => format!("the run of policy {}", first.policy.name),
            None => format!("run {run}"),
        }
    }

    /// The same among so many of the first that ask.
    fn rivals_among(
        &self,
        most: usize,
        (store, settings): (&Store, &Settings),
        (policy, run): (&Policy, &Run),
    ) -> Result<Vec<Rival>, EngineError> {
        let mut found = engine::rivals(store, policy, run)?;
        if policy.review_len == 0 || most == 0 {
            return Ok(found);
        }
        let about = about(store, run.subject.id)?;
        for (place, first) in self.asking.iter().take(most).enumerate() {
            if first.observed && !run.observed {
                continue;
            }
            for id in about.iter().filter(|id| first.opens.contains(id)) {
                let Some((other, facts)) = first.run(store, *id)? else { continue };
                let of = (first.policy, &other);
                let rivals = self.rivals_among(place, (store, settings), of)?;
                let cast = first.people(store, settings)?.of(store, &facts)?;
                let known = Known { facts: &facts, cast: &cast, rivals: &rivals };
                let under = (first.policy, &settings.calendar);
                let asked = asks_at_once(other, under, known);
                if !asked.is_empty() {
                    let run = -1 - i64::try_from(place).unwrap_or(i64::MAX - 1);
                    found.push(Rival { run, asked, takes: false });
                }
            }
        }
        Ok(found)
    }
}

impl<'p> Asking<'p> {
    fn run(
        &self,
        store: &Store,
        id: SubjectId,
    ) -> Result<Option<(Run, Facts)>, EngineError> {
        let activity = self.policy.activity.as_ref();
        let Some(facts) = store.facts_by(id, activity)? else { return Ok(None) };
        let reason = engine::reason(self.policy, &facts, self.at)?;
        let run = engine::imagined_run(self.policy, &facts, (&reason, self.at));
        Ok(Some((run, facts)))
    }

    fn people(
        &self,
        store: &Store,
        settings: &Settings,
    ) -> Result<&Casting<'p>, EngineError> {
        if let Some(people) = self.people.get() {
            return Ok(people);
        }
        let people = Casting::new(store, self.policy, settings)?;
        Ok(self.people.get_or_init(|| people))
    }
}

/// A subject, the account that it is part of, and the permissions that are part of it.
fn about(store: &Store, subject: SubjectId) -> Result<Vec<SubjectId>, EngineError> {
    let mut about = vec![subject];
    match subject {
        SubjectId::Account(_) => {
            about.extend(store.reached(subject, SubjectKind::Grant)?);
        }
        SubjectId::Grant(_) => {
            about.extend(store.account_of(subject)?.map(SubjectId::Account));
        }
        SubjectId::User(_) => {}
    }
    Ok(about)
}

/// Whether a policy is only observed, as what it is asked.
pub(super) fn observed(
    store: &Store,
    policy: &Policy,
    footing: Footing,
) -> Result<bool, EngineError> {
    Ok(match footing {
        Footing::Active { .. } => {
            store.policy(&policy.name)?.is_some_and(|row| row.mode.observe)
        }
        Footing::Fresh(_) => false,
    })
}

fn count(many: usize) -> u64 {
    u64::try_from(many).unwrap_or(u64::MAX)
}
