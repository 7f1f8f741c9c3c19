//! What an evaluation finds: whom the policy would open a run for, and whom it leaves out.

use crate::engine::arms::{Chosen, choose, conditions, narrowed};
use crate::engine::campaign::reviewed;
use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::hear::{Wait, counts};
use crate::engine::limit::limit;
use crate::engine::moment::{Footing, moment};
use crate::engine::rank::{Senior, leave_to_others};
use crate::engine::step::{already_so, taking};
use crate::engine::tick::{Engine, Settings};
use crate::engine::trail::Because;
use crate::facts::{Facts, Stale, SubjectId};
use crate::ir::{ArmKind, Condition, ConditionKind, Policy, SubjectKind};
use crate::query::{Ask, Moment, Selection, Truth, blame, evaluate, proof, verdict};
use crate::store::Store;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why somebody is not looked at who is in the scope of the policy.
pub(super) const OUTSIDE_THE_PILOT: &str = "outside the pilot";

/// What an evaluation finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Where it was not made at all: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// How many subjects the policy looks at.
    pub in_scope: u64,
    /// For how many the condition is true and no exception is.
    pub matched: u64,
    /// Of these: who has a run of this policy, or rests after one.
    pub busy: u64,
    /// Of these: who has nothing left that a step could take.
    pub already_so: u64,
    /// Of these: whom it leaves to a policy with a better rank.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outranked: Vec<Count>,
    /// Of access that expires: what it leaves to a policy that takes it, or may take it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<Count>,
    /// Of those whom events reach: of whom what the event tells is over by now, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<Count>,
    /// How many an exception holds back.
    pub excepted: u64,
    /// Why the others do not match: each is counted at the first part that is false.
    pub not_matched: Vec<Count>,
    /// About whom nothing can be said, by the attribute that is missing.
    pub undecided: Vec<Count>,
    /// Who is not looked at, and why.
    pub out_of_scope: Vec<Count>,
    /// Of those who are undecided, or have a run: whose event waits, and for what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<Count>,
    /// What the limit says.
    pub limit: LimitState,
    /// When it was asked.
    #[serde(skip)]
    pub at: Moment,
    /// Where the policy only reports: who is on the list.
    #[serde(skip)]
    pub found: Vec<SubjectId>,
    /// For whom a run would be opened.
    #[serde(skip)]
    pub opens: Vec<SubjectId>,
    /// For what the events of those wait who cannot be decided yet.
    #[serde(skip)]
    pub(crate) waits: BTreeMap<SubjectId, Wait>,
    /// Why the event of a subject opens nothing.
    #[serde(skip)]
    pub(crate) why: BTreeMap<SubjectId, String>,
}

impl Survey {
    /// The same, with what waits counted.
    pub(in crate::engine) fn counted(mut self) -> Self {
        let mut all = BTreeMap::new();
        for wait in self.waits.values() {
            *all.entry(wait.why.clone()).or_default() += 1;
        }
        self.waiting = counts(all);
        self
    }
}

/// An evaluation that was not made when it was due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// When it was due.
    pub due: Timestamp,
    /// Why it was not made.
    pub why: String,
}

/// How many, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Why.
    pub because: String,
    /// How many.
    pub count: u64,
}

/// What the limit says of an evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitState {
    /// How many runs may be opened in 24 hours; nothing where there is no limit.
    pub allowed: Option<u64>,
    /// How many were opened in the last 24 hours.
    pub opened: u64,
    /// Whether this evaluation would open too many, and so opens none.
    pub held: bool,
    /// Whether it is the limit on all policies together.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_store: bool,
    /// How many of those that were opened are only planned: the same plan opens them before.
    #[serde(default, skip_serializing_if = "is_none")]
    pub planned: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it a reference")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl LimitState {
    /// How many were opened, and how many are allowed, by which limit.
    pub fn words(&self) -> String {
        limit_words(self.of_store, self.opened, self.allowed.unwrap_or_default())
    }
}

/// The same of a limit that is told of later.
pub fn limit_words(of_store: bool, opened: u64, allowed: u64) -> String {
    if of_store {
        format!(
            "all policies together opened {opened} in 24 hours and {allowed} are allowed \
             to them by the limit of the whole store"
        )
    } else {
        format!("{opened} were opened in 24 hours and {allowed} are allowed")
    }
}

/// What an evaluation of the policy finds now. Where the store knows the policy, its open runs
/// and rests count; whom a rival holds for is left to it.
pub fn survey(
    store: &Store,
    (policy, seniors): (&Policy, &[Senior<'_>]),
    footing: Footing,
    (settings, now): (&Settings, Timestamp),
) -> Result<Survey, EngineError> {
    // A report tells each time of all who match: nobody is busy, and nobody rests.
    let reports = policy.steps.is_empty() && policy.report.is_some();
    let id = footing.id().filter(|_| !reports);
    let at = moment(store, policy, footing, (settings.zone, now))?;
    let stale = store.stale();
    let selection = selection(policy, id, (at, stale.as_deref()));
    let census = store.census(&selection)?;
    let mut opens = subjects(store, &selection, policy.scope.kind)?;
    let found = if reports { std::mem::take(&mut opens) } else { Vec::new() };
    let when = (settings.zone, now);
    let outranked = leave_to_others(store, (policy, seniors), &mut opens, when)?;
    let before = opens.len();
    if can_be_already_so(policy) {
        let mut left = Vec::with_capacity(before);
        for subject in opens {
            let facts = store.facts_by(subject, policy.activity.as_ref())?;
            let so = |facts: &Facts| {
                already_so(
                    &narrowed(policy, &choose(policy, facts, at)),
                    facts,
                    (false, at.now),
                )
            };
            if !facts.is_some_and(|facts| so(&facts)) {
                left.push(subject);
            }
        }
        opens = left;
    }
    let already_so = count(before) - count(opens.len());
    // Whom a pilot leaves out is not looked at. Its condition stands before all others.
    let pilot = policy.pilot.is_some();
    let outside = census.not.first().copied().filter(|_| pilot).unwrap_or(0);
    let in_scope = census.in_scope().saturating_sub(outside);
    let limit = limit(
        store,
        (policy, id),
        (Some(in_scope), count(opens.len())),
        (settings, now),
    )?;
    let conjuncts = policy.when.conjuncts().iter().map(text_of);
    let not_matched = conjuncts
        .zip(&census.not)
        .skip(usize::from(pilot))
        .filter(|(_, count)| **count > 0)
        .map(|(because, count)| Count { because, count: *count })
        .collect();
    let undecided = store.undecided(&selection)?.into_iter();
    let out_of_scope = store.out_of_scope(&policy.scope)?.into_iter();
    Ok(Survey {
        missed: None,
        in_scope,
        matched: census.matched + census.blocked,
        busy: census.blocked,
        already_so,
        outranked,
        taken: Vec::new(),
        over: Vec::new(),
        excepted: census.excepted,
        not_matched,
        undecided: undecided
            .map(|found| Count { because: found.because, count: found.count })
            .collect(),
        out_of_scope: out_of_scope
            .map(|found| Count {
                because: found.because.to_owned(),
                count: found.count,
            })
            .chain((outside > 0).then(|| Count {
                because: OUTSIDE_THE_PILOT.to_owned(),
                count: outside,
            }))
            .collect(),
        limit,
        at,
        found,
        opens,
        waiting: Vec::new(),
        waits: BTreeMap::new(),
        why: BTreeMap::new(),
    })
}

/// Whether a subject matches, and has nothing left that a step could change; of a policy that opens
/// on events alone, for an event.
pub fn nothing_left(
    store: &Store,
    policy: &Policy,
    subject: SubjectId,
    at: Moment,
) -> Result<bool, EngineError> {
    let Some(facts) = store.facts_by(subject, policy.activity.as_ref())? else {
        return Ok(false);
    };
    let chosen = narrowed(policy, &choose(policy, &facts, at));
    let so = already_so(&chosen, &facts, (policy.waits_for_events(), at.now));
    let except = policy.except.as_ref();
    Ok(so && verdict(&policy.when, except, &facts, at) == Truth::True)
}

/// The numbers of all subjects that match, whether or not a run of theirs is open.
pub(crate) fn matching(
    store: &Store,
    policy: &Policy,
    at: Moment,
) -> Result<Vec<i64>, EngineError> {
    let stale = store.stale();
    let selection = selection(policy, None, (at, stale.as_deref()));
    let found = subjects(store, &selection, policy.scope.kind)?;
    Ok(found.into_iter().map(SubjectId::number).collect())
}

/// Why a run is opened, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The tests that are true, with the values that make them so.
    pub because: Vec<Because>,
    /// The arms whose steps it is made of.
    pub chosen: Chosen,
}

/// What makes a policy match this subject. The two ways of evaluating a condition check
/// each other here: nothing is opened on the word of one.
pub fn reason(policy: &Policy, facts: &Facts, at: Moment) -> Result<Reason, EngineError> {
    if verdict(&policy.when, policy.except.as_ref(), facts, at) != Truth::True {
        return Err(EngineError::Disagreement {
            policy: policy.name.clone(),
            subject: facts.subject.name.clone(),
        });
    }
    let chosen = choose(policy, facts, at);
    let mut because = Vec::new();
    for (place, arm) in policy.arms.iter().enumerate() {
        match &arm.kind {
            _ if policy.arms.len() > 1 && !chosen.arms.contains(&place) => {}
            ArmKind::When(condition) => because.extend(reasons(condition, facts, at)),
            ArmKind::Otherwise => because.push(otherwise(policy, facts, at)),
            ArmKind::Always => {}
        }
    }
    // One thing may be asked by several arms.
    let mut seen = Vec::with_capacity(because.len());
    because.retain(|reason| {
        let new = !seen.contains(reason);
        seen.push(reason.clone());
        new
    });
    Ok(Reason { because, chosen })
}

impl Engine<'_> {
    /// All reasons are found before the first run changes anything: one may change what
    /// another was selected for.
    pub(super) fn reasons(
        &self,
        (policy, cause): (&Policy, Cause<'_>),
        opens: &[SubjectId],
        at: Moment,
    ) -> Result<Vec<(SubjectId, Reason)>, EngineError> {
        let mut reasons = Vec::with_capacity(opens.len());
        for subject in opens {
            let activity = policy.activity.as_ref();
            if let Some(facts) = self.store.facts_by(*subject, activity)? {
                let mut reason = reason(policy, &facts, at)?;
                let reached = cause.reached();
                if let Some(heard) = reached.and_then(|them| them.get(subject)) {
                    reason.because.insert(0, heard.because.clone());
                }
                if let (Cause::Review, Some(app)) = (cause, &facts.app) {
                    let app = app.label.as_ref().unwrap_or(&app.name);
                    reviewed(&mut reason.because, app);
                }
                reasons.push((*subject, reason));
            }
        }
        Ok(reasons)
    }
}

fn reasons(condition: &Condition, facts: &Facts, at: Moment) -> Vec<Because> {
    let proof = proof(condition, facts, at);
    let found = proof.reasons().into_iter().map(|(truth, evidence)| Because {
        condition: match truth {
            Truth::False => format!("not {}", evidence.condition),
            Truth::True | Truth::Unknown => evidence.condition.clone(),
        },
        value: evidence
            .value
            .clone()
            .unwrap_or_else(|| "nothing on record".to_owned()),
        source: evidence.source.clone(),
    });
    found.collect()
}

/// That no `when` is true; where one is unknown, for the want of what.
fn otherwise(policy: &Policy, facts: &Facts, at: Moment) -> Because {
    let mut missing: Vec<String> = Vec::new();
    for when in conditions(&policy.arms) {
        if evaluate(when, facts, at) == Truth::Unknown {
            missing.extend(blame(when, None, facts, at));
        }
    }
    missing.sort_unstable();
    missing.dedup();
    let value = if missing.is_empty() {
        "no `when` is true".to_owned()
    } else {
        format!(
            "no `when` is true, and {} is not known: nothing is taken",
            missing.join(", ")
        )
    };
    Because {
        condition: "otherwise".to_owned(),
        value,
        source: None,
    }
}

pub(crate) fn selection<'a>(
    policy: &'a Policy,
    blocked: Option<i64>,
    (at, stale): (Moment, Option<&'a Stale>),
) -> Selection<'a> {
    Selection {
        scope: &policy.scope,
        when: &policy.when,
        except: policy.except.as_ref(),
        blocked,
        at,
        activity: policy.activity.as_ref(),
        stale,
    }
}

fn subjects(
    store: &Store,
    selection: &Selection<'_>,
    kind: SubjectKind,
) -> Result<Vec<SubjectId>, EngineError> {
    let numbers = store.subjects(selection, Ask::Matched)?.into_iter();
    Ok(numbers.map(|number| SubjectId::new(kind, number)).collect())
}

/// Only where every taking step of an arm can be seen to be done does each subject need a
/// look.
fn can_be_already_so(policy: &Policy) -> bool {
    policy.arms.iter().any(|arm| {
        let steps = policy.steps.get(arm.steps.clone()).unwrap_or_default();
        let mut taking = taking(steps).peekable();
        taking.peek().is_some() && taking.all(|step| step.kind.in_store())
    })
}

/// A condition in the words of its questions.
pub(crate) fn text_of(condition: &Condition) -> String {
    let joined = |parts: &[Condition], word: &str| {
        let parts: Vec<String> = parts
            .iter()
            .map(|part| match part.kind {
                ConditionKind::And(_) | ConditionKind::Or(_) => {
                    format!("({})", text_of(part))
                }
                ConditionKind::Not(_) | ConditionKind::Test(_) => text_of(part),
            })
            .collect();
        parts.join(word)
    };
    match &condition.kind {
        ConditionKind::And(parts) if parts.is_empty() => "always".to_owned(),
        ConditionKind::Or(parts) if parts.is_empty() => "never".to_owned(),
        ConditionKind::And(parts) => joined(parts, " and "),
        ConditionKind::Or(parts) => joined(parts, " or "),
        ConditionKind::Not(inner) => match inner.kind {
            ConditionKind::And(_) | ConditionKind::Or(_) => {
                format!("not ({})", text_of(inner))
            }
            ConditionKind::Not(_) | ConditionKind::Test(_) => {
                format!("not {}", text_of(inner))
            }
        },
        ConditionKind::Test(test) => test.text.clone(),
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
