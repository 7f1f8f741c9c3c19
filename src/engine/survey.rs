//! What an evaluation finds: whom the policy would open a run for, and whom it leaves out.

use crate::engine::errors::EngineError;
use crate::engine::run::Because;
use crate::engine::step::already_so;
use crate::engine::tick::Settings;
use crate::facts::{Facts, SubjectId};
use crate::ir::{Condition, ConditionKind, Policy, Scope, StepKind, SubjectKind};
use crate::query::{Ask, Selection, Truth, proof, verdict};
use crate::store::Store;
use crate::time::{Duration, Timestamp};
use serde::Serialize;

/// What an evaluation finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Survey {
    /// How many subjects the policy looks at.
    pub in_scope: u64,
    /// For how many the condition is true and no exception is.
    pub matched: u64,
    /// Of these: who has a run of this policy, or rests after one.
    pub busy: u64,
    /// Of these: who has nothing left that a step could take.
    pub already_so: u64,
    /// How many an exception holds back.
    pub excepted: u64,
    /// Why the others do not match: each is counted at the first part that is false.
    pub not_matched: Vec<Count>,
    /// About whom nothing can be said, by the attribute that is missing.
    pub undecided: Vec<Count>,
    /// Who is not looked at, and why.
    pub out_of_scope: Vec<Count>,
    /// What the limit says.
    pub limit: LimitState,
    /// For whom a run would be opened.
    #[serde(skip)]
    pub opens: Vec<SubjectId>,
}

/// How many, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Why.
    pub because: String,
    /// How many.
    pub count: u64,
}

/// What the limit says of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LimitState {
    /// How many runs may be opened in 24 hours; nothing where there is no limit.
    pub allowed: Option<u64>,
    /// How many were opened in the last 24 hours.
    pub opened: u64,
    /// Whether this evaluation would open too many, and so opens none.
    pub held: bool,
}

/// What an evaluation of the policy finds now. `id` is the store's number of the policy,
/// where it has one: its open runs and rests count.
pub fn survey(
    store: &Store,
    policy: &Policy,
    id: Option<i64>,
    (settings, now): (&Settings, Timestamp),
) -> Result<Survey, EngineError> {
    let selection = selection(policy, id, now);
    let census = store.census(&selection)?;
    let mut opens = subjects(store, &selection, policy.scope.kind)?;
    let before = opens.len();
    if can_be_already_so(policy) {
        let mut left = Vec::with_capacity(before);
        for subject in opens {
            let facts = store.facts(subject)?;
            if !facts.is_some_and(|facts| already_so(policy, &facts)) {
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
    let limit =
        limit(store, (policy, id), (in_scope, count(opens.len())), (settings, now))?;
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
        in_scope,
        matched: census.matched + census.blocked,
        busy: census.blocked,
        already_so,
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
                because: "outside the pilot".to_owned(),
                count: outside,
            }))
            .collect(),
        limit,
        opens,
    })
}

/// What the policy's own limit and the one of the whole store say of so many new runs.
fn limit(
    store: &Store,
    (policy, id): (&Policy, Option<i64>),
    (in_scope, opens): (u64, u64),
    (settings, now): (&Settings, Timestamp),
) -> Result<LimitState, EngineError> {
    let since = now.before(Duration::DAY);
    let opened = match id {
        Some(id) => store.opened_since(Some(id), since)?,
        None => 0,
    };
    let allowed = policy.allowed(in_scope);
    let mut state = LimitState { allowed, opened, held: false };
    if let (Some(limit), true) = (&settings.limit, policy.takes()) {
        let everyone = Scope {
            kind: SubjectKind::Account,
            apps: Vec::new(),
            long_term: true,
        };
        let allowed = limit.count(store.scope_count(&everyone)?);
        let opened = store.opened_since(None, since)?;
        // The tighter of the two is the one to tell of.
        let left = |allowed: u64, opened: u64| allowed.saturating_sub(opened);
        if state
            .allowed
            .is_none_or(|own| left(allowed, opened) < left(own, state.opened))
        {
            state = LimitState { allowed: Some(allowed), opened, held: false };
        }
    }
    let fits = |allowed| state.opened.saturating_add(opens) <= allowed;
    state.held = opens > 0 && !state.allowed.is_none_or(fits);
    Ok(state)
}

/// The numbers of all subjects that match, whether or not a run of theirs is open.
pub(crate) fn matching(
    store: &Store,
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<i64>, EngineError> {
    let selection = selection(policy, None, now);
    let found = subjects(store, &selection, policy.scope.kind)?;
    Ok(found.into_iter().map(SubjectId::number).collect())
}

/// What makes a policy match this subject. The two ways of evaluating a condition check
/// each other here: nothing is opened on the word of one.
pub fn because(
    policy: &Policy,
    facts: &Facts,
    now: Timestamp,
) -> Result<Vec<Because>, EngineError> {
    if verdict(&policy.when, policy.except.as_ref(), facts, now) != Truth::True {
        return Err(EngineError::Disagreement {
            policy: policy.name.clone(),
            subject: facts.subject.name.clone(),
        });
    }
    let proof = proof(&policy.when, facts, now);
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
    Ok(found.collect())
}

fn selection(policy: &Policy, blocked: Option<i64>, now: Timestamp) -> Selection<'_> {
    Selection {
        scope: &policy.scope,
        when: &policy.when,
        except: policy.except.as_ref(),
        blocked,
        at: now.into(),
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

/// Only policies whose every taking step can be seen to be done need a look at each subject.
fn can_be_already_so(policy: &Policy) -> bool {
    policy.takes()
        && policy.steps.iter().filter(|step| step.kind.takes()).all(|step| {
            matches!(step.kind, StepKind::RemoveFromGroup(_) | StepKind::DisableAccount)
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
