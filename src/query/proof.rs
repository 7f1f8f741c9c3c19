//! Why a condition holds for a subject, or does not: each part with what it looked at.

use crate::facts::{Facts, SubjectId};
use crate::ir::{
    Attribute, Condition, ConditionKind, Direction, Field, Level, PermissionId, Test,
    TestKind, Value,
};
use crate::query::blame::missing;
use crate::query::doubt::doubted;
use crate::query::interpret::{answer, evaluate, never_active, reached};
use crate::query::{Moment, Truth};
use crate::time::{Duration, Timestamp};

/// A condition with the truth of each part.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// Whether it holds.
    pub truth: Truth,
    /// What it is made of.
    pub kind: ProofKind,
}

/// The forms of a proof: those of a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum ProofKind {
    /// All of these.
    And(Vec<Proof>),
    /// One of these.
    Or(Vec<Proof>),
    /// Not this.
    Not(Box<Proof>),
    /// One question.
    Test(Evidence),
}

/// What a question looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The question as it was written.
    pub condition: String,
    /// The actual value: `123d`, `Sales`, `2026-07-20T10:00:00Z`; `None` where it is
    /// missing.
    pub value: Option<String>,
    /// Who reported it, where that is on record.
    pub source: Option<String>,
    /// The attribute whose absence leaves the question open.
    pub missing: Option<String>,
}

/// The truth of each part of a condition, with the values that decided it.
pub fn proof(condition: &Condition, facts: &Facts, at: impl Into<Moment>) -> Proof {
    proven(condition, facts, at.into())
}

fn proven(condition: &Condition, facts: &Facts, at: Moment) -> Proof {
    let each =
        |parts: &[Condition]| parts.iter().map(|part| proven(part, facts, at)).collect();
    match &condition.kind {
        ConditionKind::And(parts) => {
            let truth = evaluate(condition, facts, at);
            Proof { truth, kind: ProofKind::And(each(parts)) }
        }
        ConditionKind::Or(parts) => {
            let truth = evaluate(condition, facts, at);
            Proof { truth, kind: ProofKind::Or(each(parts)) }
        }
        ConditionKind::Not(inner) => {
            let inner = proven(inner, facts, at);
            Proof {
                truth: !inner.truth,
                kind: ProofKind::Not(Box::new(inner)),
            }
        }
        ConditionKind::Test(test) => {
            let truth = answer(test, facts, at);
            Proof {
                truth,
                kind: ProofKind::Test(evidence(test, truth, facts, at)),
            }
        }
    }
}

impl Proof {
    /// Every question in it, in the order written, with its truth.
    pub fn tests(&self) -> Vec<(Truth, &Evidence)> {
        match &self.kind {
            ProofKind::And(parts) | ProofKind::Or(parts) => {
                parts.iter().flat_map(Self::tests).collect()
            }
            ProofKind::Not(inner) => inner.tests(),
            ProofKind::Test(evidence) => vec![(self.truth, evidence)],
        }
    }

    /// The questions that made the whole come out as it did: of a conjunction that is true
    /// all, of one that is false the false ones; and so on down. A negated question stands
    /// with its own truth.
    pub fn reasons(&self) -> Vec<(Truth, &Evidence)> {
        match &self.kind {
            ProofKind::And(parts) | ProofKind::Or(parts) => parts
                .iter()
                .filter(|part| part.truth == self.truth)
                .flat_map(Self::reasons)
                .collect(),
            ProofKind::Not(inner) => inner.reasons(),
            ProofKind::Test(evidence) => vec![(self.truth, evidence)],
        }
    }
}

fn evidence(test: &Test, truth: Truth, facts: &Facts, at: Moment) -> Evidence {
    let unknown = truth == Truth::Unknown;
    Evidence {
        condition: test.text.clone(),
        value: value(test, facts, at),
        source: source(test, facts),
        missing: unknown
            .then(|| missing(test, facts.user.is_none(), doubted(&test.kind, facts, at))),
    }
}

fn value(test: &Test, facts: &Facts, at: Moment) -> Option<String> {
    match &test.kind {
        TestKind::Elapsed { instant, direction, length, .. } => {
            match facts.value(instant)? {
                Value::Instant(of) => Some(counted((of, *direction), *length, at)),
                other => Some(other.to_string()),
            }
        }
        TestKind::Reaches { instant, direction, distances } => {
            match facts.value(instant)? {
                Value::Instant(of) => {
                    let crossed = reached(test, facts, at);
                    let near = crossed.or(distances.first().copied());
                    let time = counted((of, *direction), near.unwrap_or_default(), at);
                    Some(match crossed {
                        Some(crossed) => format!("{time}, {crossed} reached"),
                        None => time,
                    })
                }
                other => Some(other.to_string()),
            }
        }
        TestKind::Known { attribute, .. }
        | TestKind::Compare { attribute, .. }
        | TestKind::Text { attribute, .. }
        | TestKind::Matches { attribute, .. }
        | TestKind::OneOf { attribute, .. } => Some(facts.value(attribute)?.to_string()),
        TestKind::NeverActive => match facts.subject.id {
            _ if never_active(facts) => None,
            SubjectId::Account(_) | SubjectId::Grant(_) => {
                Some(facts.last_seen()?.at.to_string())
            }
            SubjectId::User(_) => Some(facts.user_last_seen?.to_string()),
        },
        TestKind::InGroup { groups, held } => {
            facts.user.as_ref()?;
            let mut holds = Vec::new();
            for group in groups {
                if let Some(since) = facts.groups.get(&group.id) {
                    holds.push((group.name.as_str(), *since));
                }
            }
            Some(list(&holds, held.map(|held| held.length), at, "no member"))
        }
        TestKind::HasRole { roles, held } => {
            facts.user.as_ref()?;
            let mut holds = Vec::new();
            for role in roles {
                if let Some(since) = facts.roles.get(&role.id) {
                    holds.push((role.name.as_str(), *since));
                }
            }
            Some(list(&holds, held.map(|held| held.length), at, "none"))
        }
        TestKind::HasPermission { permissions, held } => {
            let ids: Vec<PermissionId> = permissions
                .iter()
                .flat_map(|wanted| wanted.ids.iter().copied())
                .collect();
            let held_ones =
                facts.permissions.iter().filter(|held| ids.contains(&held.id));
            let holds: Vec<_> =
                held_ones.map(|held| (held.label.as_str(), held.granted_at)).collect();
            Some(list(&holds, held.map(|held| held.length), at, "none"))
        }
        TestKind::HasSession => Some(match facts.sessions {
            1 => "1 session".to_owned(),
            count => format!("{count} sessions"),
        }),
        TestKind::HasAccount { apps } => {
            facts.user.as_ref()?;
            let count = apps.iter().filter(|app| facts.apps.contains(app)).count();
            Some(if count > 0 { "yes" } else { "none" }.to_owned())
        }
    }
}

/// What is held, with how long where that is asked.
fn list(
    held: &[(&str, Option<Timestamp>)],
    length: Option<Duration>,
    at: Moment,
    none: &str,
) -> String {
    let each = held.iter().map(|(name, since)| match (length, since) {
        (Some(length), Some(since)) => {
            format!("{name} for {}", counted((*since, Direction::Since), length, at))
        }
        (Some(_), None) => format!("{name} since unknown"),
        (None, _) => (*name).to_owned(),
    });
    let text = each.collect::<Vec<_>>().join(", ");
    if text.is_empty() { none.to_owned() } else { text }
}

/// A length of time, with why it is shorter than the instant says.
fn counted(
    (of, direction): (Timestamp, Direction),
    limit: Duration,
    at: Moment,
) -> String {
    let time = readable(at.elapsed(of, direction), limit);
    match direction {
        Direction::Since if at.start(of) != of => format!("{time} since the activation"),
        Direction::Since | Direction::Until => time,
    }
}

/// Whole days, and everything where that would hide on which side of `limit` it lies.
fn readable(time: Duration, limit: Duration) -> String {
    let day = Duration::DAY.0;
    let near = time.0.saturating_sub(limit.0).saturating_abs() < day;
    if near || time.0.saturating_abs() < day {
        return time.to_string();
    }
    Duration(time.0 - time.0 % day).to_string()
}

fn source(test: &Test, facts: &Facts) -> Option<String> {
    let of = |attribute: &Attribute| {
        if attribute.level != Level::Account {
            return None;
        }
        let account = facts.account.as_ref()?;
        let seen = match attribute.field {
            Field::LastSeen => facts.last_seen()?,
            Field::LastLogin => account.last_login.as_ref()?,
            Field::LastActivity => account.last_activity.as_ref()?,
            _ => return None,
        };
        (!seen.source.is_empty()).then(|| seen.source.clone())
    };
    match &test.kind {
        TestKind::Elapsed { instant: attribute, .. }
        | TestKind::Reaches { instant: attribute, .. }
        | TestKind::Known { attribute, .. }
        | TestKind::Compare { attribute, .. } => of(attribute),
        TestKind::NeverActive => facts.last_seen().map(|seen| seen.source.clone()),
        _ => None,
    }
}
