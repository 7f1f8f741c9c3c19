//! What never happens, refused where a run is about to do it.

use crate::catalog::Catalog;
use crate::check;
use crate::diagnose::Severity;
use crate::engine::Settings;
use crate::engine::survey::text_of;
use crate::facts::Facts;
use crate::ir::{GroupRef, Never, Policy, StepKind};
use crate::query::{NotKnown, Truth, blame, evaluate, not_known};
use crate::store::{Store, StoreError};
use crate::syntax;
use crate::text::{Sources, fold};
use crate::time::Timestamp;
use std::rc::Rc;

/// Everything that never happens, or why that cannot be told.
pub(crate) type Nevers = Result<Rc<[Never]>, String>;

/// What the store says, read with the names that it holds now, and what the settings add.
pub(crate) fn nevers(
    store: &Store,
    catalog: &Catalog,
    settings: &Settings,
) -> Result<Nevers, StoreError> {
    let mut all = settings.nevers.clone();
    for (words, text) in store.nevers()? {
        match parse_never(&text, catalog) {
            Ok(found) => all.extend(found),
            Err(why) => return Ok(Err(format!("`{words}` cannot be followed: {why}"))),
        }
    }
    Ok(Ok(all.into()))
}

/// Reads what a published text says; the error says why it cannot be followed.
pub fn parse_never(text: &str, catalog: &Catalog) -> Result<Vec<Never>, String> {
    let mut sources = Sources::default();
    let file = sources.add("never.tenure", text);
    let (tree, mut findings) = syntax::parse(&sources, file);
    let (program, more) = check::check(&sources, &[tree], catalog);
    findings.extend(more);
    if let Some(error) = findings.iter().find(|found| found.severity == Severity::Error) {
        return Err(error.message.clone());
    }
    Ok(program.nevers)
}

/// Why a step may not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// In words.
    pub(crate) why: String,
    /// Whether newer data may allow it: nobody can tell, and some of what there is is too old.
    pub(crate) too_old: bool,
}

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Self { why, too_old: false }
    }
}

/// Why a step never happens to this subject, if so. What was so before the run changed
/// anything counts as well as what is so now; and so does what is not known. Which sources the
/// policy asks for signs of life is its own affair.
pub(crate) fn forbidden(
    kind: &StepKind,
    nevers: &[Never],
    (facts, before): (&Facts, &Facts),
    now: Timestamp,
) -> Option<Refused> {
    let mut nevers = nevers.iter();
    nevers.find_map(|never| {
        if !forbids(never, kind, facts) {
            return None;
        }
        let words = words(never);
        for facts in [facts, before] {
            let facts = facts.by_apps();
            match evaluate(&never.when, &facts, now) {
                Truth::False => {}
                Truth::True => return Some(format!("`{words}`").into()),
                Truth::Unknown => {
                    let missing = blame(&never.when, None, &facts, now);
                    let NotKnown { why, too_old } = not_known(&missing, &facts);
                    let why = format!("`{words}`, and {why}");
                    return Some(Refused { why, too_old });
                }
            }
        }
        None
    })
}

fn words(never: &Never) -> String {
    let steps: Vec<&str> = never.steps.iter().map(|step| step.text.as_str()).collect();
    let steps = match steps.as_slice() {
        [] => "take access".to_owned(),
        [only] => (*only).to_owned(),
        several => format!("({})", several.join(", ")),
    };
    format!("never {steps} when {}", text_of(&never.when))
}

fn forbids(never: &Never, kind: &StepKind, facts: &Facts) -> bool {
    if let StepKind::AllOf(steps) = kind {
        return steps.iter().any(|step| forbids(never, &step.kind, facts));
    }
    if never.steps.is_empty() {
        return kind.takes();
    }
    never.steps.iter().any(|step| covers(&step.kind, kind, facts))
}

/// Whether a policy has a step that, for some subjects, may be one that never happens.
pub(super) fn may_forbid(never: &Never, policy: &Policy) -> bool {
    if never.steps.is_empty() {
        return policy.takes();
    }
    let kinds = |kind: &StepKind, step: &StepKind| {
        std::mem::discriminant(kind) == std::mem::discriminant(step)
            || matches!(
                (kind, step),
                (
                    StepKind::RevokePermission(_) | StepKind::UnassignFromApp,
                    StepKind::RemoveAccess
                )
            )
    };
    let mut steps = policy.every_step();
    steps.any(|step| never.steps.iter().any(|never| kinds(&never.kind, &step.kind)))
}

/// Whether doing the one is doing what the other forbids.
fn covers(forbidden: &StepKind, kind: &StepKind, facts: &Facts) -> bool {
    let groups = |left: &[GroupRef], right: &[GroupRef]| {
        left.iter().any(|left| right.iter().any(|right| left.id == right.id))
    };
    match (forbidden, kind) {
        (StepKind::RunWebhook(left), StepKind::RunWebhook(right)) => {
            fold(&left.name) == fold(&right.name)
        }
        (StepKind::RunFlow { flow: left, .. }, StepKind::RunFlow { flow: right, .. }) => {
            fold(&left.name) == fold(&right.name)
        }
        (StepKind::AddToGroup(left), StepKind::AddToGroup(right))
        | (StepKind::RemoveFromGroup(left), StepKind::RemoveFromGroup(right)) => {
            groups(left, right)
        }
        (StepKind::AssignRole(left), StepKind::AssignRole(right))
        | (StepKind::UnassignRole(left), StepKind::UnassignRole(right)) => {
            left.id == right.id
        }
        (StepKind::RevokePermission(left), StepKind::RevokePermission(right)) => {
            let of_both = |id| right.iter().any(|right| right.ids.contains(id));
            left.iter().any(|left| left.ids.iter().any(of_both))
        }
        // What access is removed by, in the store.
        (StepKind::RevokePermission(left), StepKind::RemoveAccess) => {
            facts.grant.as_ref().is_some_and(|grant| {
                left.iter().any(|left| left.ids.contains(&grant.permission.id))
            })
        }
        (StepKind::UnassignFromApp, StepKind::RemoveAccess) => facts.grant.is_none(),
        (
            StepKind::Set { attribute: left, value: to },
            StepKind::Set { attribute, value },
        ) => left.field == attribute.field && to == value,
        (left, right) => std::mem::discriminant(left) == std::mem::discriminant(right),
    }
}
