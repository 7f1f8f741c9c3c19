//! What an evaluation for an event finds: the same as one for all in scope, asked of the
//! subjects of the event alone, one by one.

use crate::engine::arms::{choose, narrowed};
use crate::engine::errors::EngineError;
use crate::engine::hear::again::{Wait, Way, way};
use crate::engine::hear::{Heard, Reached};
use crate::engine::limit::limit;
use crate::engine::moment::{Footing, moment};
use crate::engine::rank::{Senior, leave_to_others};
use crate::engine::step::already_so;
use crate::engine::survey::{Count, LimitState, Survey, text_of};
use crate::engine::tick::Settings;
use crate::facts::{Facts, SubjectId};
use crate::ir::{Policy, Scope};
use crate::query::{Moment, Truth, blame, evaluate};
use crate::store::Store;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Everyone whom an event reaches, also those who are long gone.
#[derive(Default)]
struct Found {
    in_scope: u64,
    matched: u64,
    busy: u64,
    already_so: u64,
    over: BTreeMap<String, u64>,
    excepted: u64,
    not_matched: BTreeMap<String, u64>,
    undecided: BTreeMap<String, u64>,
    out_of_scope: BTreeMap<String, u64>,
    opens: Vec<SubjectId>,
    waits: BTreeMap<SubjectId, Wait>,
    why: BTreeMap<SubjectId, String>,
}

/// What an evaluation of the policy finds now for those whom events reach.
pub(crate) fn survey_among(
    store: &Store,
    (policy, rivals): (&Policy, &[Senior<'_>]),
    footing: Footing,
    reached: &Reached,
    (settings, now): (&Settings, Timestamp),
) -> Result<Survey, EngineError> {
    // No edge is looked for: each is found by the schedule, once.
    let at = Moment {
        since: Some(now),
        ..moment(store, policy, footing, (settings.zone, now))?
    };
    let reports = policy.steps.is_empty() && policy.report.is_some();
    let id = footing.id().filter(|_| !reports);
    let mut found = Found::default();
    for (subject, heard) in reached {
        found.add(store, (policy, id), ((*subject, heard), at))?;
    }
    let mut opens = std::mem::take(&mut found.opens);
    let list = if reports { std::mem::take(&mut opens) } else { Vec::new() };
    let when = (settings.zone, now);
    let all = opens.clone();
    let outranked = leave_to_others(store, (policy, rivals), &mut opens, when)?;
    for left in all.into_iter().filter(|it| !opens.contains(it)) {
        found.why.insert(left, "left to a better rank".to_owned());
    }
    let mut limit_state = LimitState {
        allowed: None,
        opened: 0,
        held: false,
        of_store: false,
        planned: 0,
    };
    if !opens.is_empty() {
        let many = u64::try_from(opens.len()).unwrap_or(u64::MAX);
        limit_state = limit(store, (policy, id), (None, many), (settings, now))?;
    }
    Ok(Survey {
        missed: None,
        in_scope: found.in_scope,
        matched: found.matched,
        busy: found.busy,
        already_so: found.already_so,
        outranked,
        taken: Vec::new(),
        over: counts(found.over),
        excepted: found.excepted,
        not_matched: counts(found.not_matched),
        undecided: counts(found.undecided),
        out_of_scope: counts(found.out_of_scope),
        limit: limit_state,
        at,
        found: list,
        opens,
        waiting: Vec::new(),
        waits: found.waits,
        why: found.why,
    }
    .counted())
}

pub(in crate::engine) fn counts(counts: BTreeMap<String, u64>) -> Vec<Count> {
    counts
        .into_iter()
        .map(|(because, count)| Count { because, count })
        .collect()
}

/// The scope of whoever is reached by an event.
pub(crate) fn whoever(scope: &Scope) -> Scope {
    Scope { long_term: true, ..scope.clone() }
}

impl Found {
    fn add(
        &mut self,
        store: &Store,
        (policy, id): (&Policy, Option<i64>),
        ((subject, heard), at): ((SubjectId, &Heard), Moment),
    ) -> Result<(), EngineError> {
        let mut out = |why: &str| {
            *self.out_of_scope.entry(why.to_owned()).or_default() += 1;
            self.why.insert(subject, format!("out of scope for {why}"));
        };
        if let Some(why) = store.outside(&whoever(&policy.scope), subject)? {
            out(why);
            return Ok(());
        }
        let Some(facts) = store.facts_by(subject, policy.activity.as_ref())? else {
            out("gone");
            return Ok(());
        };
        let pilot = policy.pilot.as_ref();
        if pilot.is_some_and(|it| evaluate(&it.condition, &facts, at) != Truth::True) {
            out("outside the pilot");
            return Ok(());
        }
        self.in_scope += 1;
        if let Some(over) = &heard.over {
            self.why.insert(subject, format!("over since: {over}"));
            *self.over.entry(over.clone()).or_default() += 1;
            return Ok(());
        }
        let when = evaluate(&policy.when, &facts, at);
        let except = policy.except.as_ref();
        let excepted = except.map_or(Truth::False, |it| evaluate(it, &facts, at));
        match (when, excepted) {
            (Truth::True, Truth::False) => {
                self.matches(store, (policy, id), (&facts, heard), at)?;
            }
            (Truth::True, Truth::True) => {
                self.excepted += 1;
                self.why.insert(subject, "it is excepted".to_owned());
            }
            (Truth::False, _) => {
                let mut parts = policy.when.conjuncts().iter();
                let part = parts.find(|part| evaluate(part, &facts, at) == Truth::False);
                let because = part.map(text_of).unwrap_or_default();
                self.why.insert(subject, format!("it does not match for {because}"));
                *self.not_matched.entry(because).or_default() += 1;
            }
            (Truth::Unknown, _) | (_, Truth::Unknown) => {
                let mut missing = blame(&policy.when, except, &facts, at);
                missing.sort_unstable();
                missing.dedup();
                let because = missing.join(", ");
                match Wait::for_data(&missing, &facts) {
                    Some(wait) => drop(self.waits.insert(subject, wait)),
                    None => {
                        self.why.insert(subject, format!("undecided for {because}"));
                    }
                }
                *self.undecided.entry(because).or_default() += 1;
            }
        }
        Ok(())
    }

    fn matches(
        &mut self,
        store: &Store,
        (policy, id): (&Policy, Option<i64>),
        (facts, heard): (&Facts, &Heard),
        at: Moment,
    ) -> Result<(), EngineError> {
        self.matched += 1;
        let subject = facts.subject.id;
        let way = match id {
            Some(id) => way(store, id, (facts, heard), at.now)?,
            None => Way::Free,
        };
        match way {
            Way::Free => {}
            Way::Barred => {
                self.busy += 1;
                self.why
                    .insert(subject, "it has a run, or rests after one".to_owned());
                return Ok(());
            }
            Way::For(wait) => {
                self.busy += 1;
                self.waits.insert(subject, wait);
                return Ok(());
            }
        }
        let chosen = narrowed(policy, &choose(policy, facts, at));
        match already_so(&chosen, facts, (true, at.now)) {
            true => {
                self.already_so += 1;
                self.why.insert(subject, "it has nothing left to take".to_owned());
            }
            false => self.opens.push(subject),
        }
        Ok(())
    }
}
