//! A condition as a tree of facts: the truth of each part, and what each question saw.

use crate::facts::{Facts, SubjectId};
use crate::ir::{Attribute, Condition, ConditionKind, Test, TestKind, Value};
use crate::query::{Moment, Proof, ProofKind, Truth, proof};
use crate::time::Timestamp;
use serde::Serialize;

/// A part of a condition, with its truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    /// Whether it holds.
    pub truth: Truth,
    /// What it is made of.
    #[serde(flatten)]
    pub kind: FactKind,
}

/// The forms of a fact: those of a condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FactKind {
    /// All of these.
    All(Vec<Fact>),
    /// One of these.
    Any(Vec<Fact>),
    /// Not this.
    Not(Box<Fact>),
    /// One question.
    Test(Evidence),
}

/// What a question saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The question as it was written.
    pub condition: String,
    /// The actual value; nothing where it is missing.
    pub value: Option<String>,
    /// What the instant below is the instant of: `last_seen`, `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The instant that the value comes from: its age counts from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who reported it, where that is on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The attribute whose absence leaves the question open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// The truth of each part of a condition, with what each question saw.
pub(super) fn fact(condition: &Condition, facts: &Facts, at: Moment) -> Fact {
    join(condition, proof(condition, facts, at), facts)
}

/// A proof has the form of its condition, which knows more of each question.
fn join(condition: &Condition, proof: Proof, facts: &Facts) -> Fact {
    let each = |parts: &[Condition], proofs: Vec<Proof>| {
        let pairs = parts.iter().zip(proofs);
        pairs.map(|(part, proof)| join(part, proof, facts)).collect()
    };
    let kind = match (&condition.kind, proof.kind) {
        (ConditionKind::And(parts), ProofKind::And(proofs)) => {
            FactKind::All(each(parts, proofs))
        }
        (ConditionKind::Or(parts), ProofKind::Or(proofs)) => {
            FactKind::Any(each(parts, proofs))
        }
        (ConditionKind::Not(inner), ProofKind::Not(proof)) => {
            FactKind::Not(Box::new(join(inner, *proof, facts)))
        }
        (ConditionKind::Test(test), ProofKind::Test(found)) => {
            let (of, at) = origin(test, facts).unzip();
            FactKind::Test(Evidence {
                condition: found.condition,
                value: found.value,
                of: of.flatten(),
                at,
                source: found.source,
                missing: found.missing,
            })
        }
        // A proof of another form than its condition does not exist.
        (
            ConditionKind::And(_)
            | ConditionKind::Or(_)
            | ConditionKind::Not(_)
            | ConditionKind::Test(_),
            _,
        ) => FactKind::All(Vec::new()),
    };
    Fact { truth: proof.truth, kind }
}

/// The instant that an answer rests on, and what of.
fn origin(test: &Test, facts: &Facts) -> Option<(Option<String>, Timestamp)> {
    let since = |at: Timestamp| (Some("since".to_owned()), at);
    match &test.kind {
        TestKind::Elapsed { instant, .. } | TestKind::Reaches { instant, .. } => {
            let at = instant_of(instant, facts)?;
            Some((Some(instant.field.name().to_owned()), at))
        }
        TestKind::InGroup { groups, .. } => {
            let mut held =
                groups.iter().filter_map(|group| *facts.groups.get(&group.id)?);
            held.next().map(since)
        }
        TestKind::HasRole { roles, .. } => {
            let mut held = roles.iter().filter_map(|role| *facts.roles.get(&role.id)?);
            held.next().map(since)
        }
        TestKind::HasPermission { permissions, .. } => {
            let mut held = facts.permissions.iter().filter(|held| {
                permissions.iter().any(|wanted| wanted.ids.contains(&held.id))
            });
            held.find_map(|held| held.granted_at).map(since)
        }
        TestKind::NeverActive => match facts.subject.id {
            SubjectId::Account(_) | SubjectId::Grant(_) => {
                Some((None, facts.last_seen()?.at))
            }
            SubjectId::User(_) => Some((None, facts.user_last_seen?)),
        },
        TestKind::Known { attribute, .. } | TestKind::Compare { attribute, .. } => {
            Some((None, instant_of(attribute, facts)?))
        }
        TestKind::HasSession
        | TestKind::HasAccount { .. }
        | TestKind::Text { .. }
        | TestKind::Matches { .. }
        | TestKind::OneOf { .. } => None,
    }
}

fn instant_of(attribute: &Attribute, facts: &Facts) -> Option<Timestamp> {
    match facts.value(attribute)? {
        Value::Instant(at) => Some(at),
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
    }
}
