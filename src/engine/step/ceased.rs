//! Why a run no longer applies, in words: what made it so, each part with what it looked at.

use crate::facts::{Facts, SubjectId};
use crate::ir::Condition;
use crate::query::{Moment, proof};
use crate::time::Timestamp;

/// So many parts are named.
const NAMED: usize = 3;

/// `what`, and which parts of the condition made that come out as it does.
pub(super) fn because(
    what: &str,
    condition: &Condition,
    (facts, at): (&Facts, Moment),
) -> String {
    let proof = proof(condition, facts, at);
    let mut parts: Vec<String> = Vec::new();
    for (truth, evidence) in proof.reasons() {
        // One that stands behind a `not` came out the other way round.
        let not = if truth == proof.truth { "" } else { "not " };
        let value = evidence.value.as_deref().unwrap_or("nothing on record");
        let part = format!("`{not}{}` ({value})", evidence.condition);
        // One thing may be asked by several arms.
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    let more = parts.len().saturating_sub(NAMED);
    parts.truncate(NAMED);
    match (parts.is_empty(), more) {
        (true, _) => what.to_owned(),
        (false, 0) => format!("{what}: {}", parts.join(", ")),
        (false, more) => format!("{what}: {} and {more} more", parts.join(", ")),
    }
}

/// Why access has not ended by itself any more; nothing where it has, or where it is gone.
pub(crate) fn was_given_time(facts: &Facts, now: Timestamp) -> Option<String> {
    let ends_at = match facts.subject.id {
        SubjectId::Grant(_) => facts.grant.as_ref()?.permission.expires_at,
        SubjectId::Account(_) => facts.account.as_ref().filter(|it| !it.gone)?.expires_at,
        SubjectId::User(_) => return None,
    };
    match ends_at {
        Some(at) if at <= now => None,
        Some(at) => Some(format!("its expiry was put off to {at}")),
        None => Some("its expiry was taken back".to_owned()),
    }
}
