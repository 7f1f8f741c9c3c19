//! One subject: why the last question comes out as it does, and what is on record.

use crate::explain::{Inquiry, Question, inquire, known, prose};
use crate::facts::SubjectId;
use crate::repl::ask::NOTHING_ASKED;
use crate::repl::desk::{Asked, Desk};
use crate::store::StoreError;

/// What `:explain` says.
pub(super) fn explain(desk: &Desk, subject: &str) -> Result<String, StoreError> {
    let question = match &desk.last {
        None => return Ok(NOTHING_ASKED.to_owned()),
        Some(Asked::Condition(scope, when)) => {
            Question { policy: None, scope, when, except: None }
        }
        Some(Asked::Policy(policy)) => Question::from(policy.as_ref()),
    };
    Ok(match inquire(&desk.workspace.store, &question, subject, desk.now())? {
        Inquiry::Explained(explanation) => prose(&explanation),
        Inquiry::Unknown => unknown(subject),
        Inquiry::Gone => format!("`{subject}` is gone: the last import did not list it"),
        Inquiry::OtherKind(SubjectId::User(_)) => format!(
            "error: the last question is about accounts, and `{subject}` is a user; name an \
             account as app/username"
        ),
        Inquiry::OtherKind(SubjectId::Account(_)) => format!(
            "error: the last question is about users, and `{subject}` is an account; name its \
             owner's address"
        ),
    })
}

/// What `:show` says.
pub(super) fn show(desk: &Desk, subject: &str) -> Result<String, StoreError> {
    let store = &desk.workspace.store;
    let Some(id) = store.find_subject(subject)? else { return Ok(unknown(subject)) };
    let Some(facts) = store.facts(id)? else {
        return Ok(format!("`{subject}` is gone: the last import did not list it"));
    };
    let mut lines = vec![facts.subject.name.clone()];
    lines.extend(known(&facts, &desk.catalog).iter().map(|known| format!("  {known}")));
    for run in store.runs_of(id)? {
        lines.push(format!("  run {} of {}: {}", run.id, run.opened_at, run.state));
    }
    Ok(lines.join("\n"))
}

fn unknown(subject: &str) -> String {
    format!(
        "error: nothing is known as `{subject}`; name an account as app/username, a user by \
         address"
    )
}
