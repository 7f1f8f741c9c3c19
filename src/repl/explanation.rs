//! One subject: why the last question comes out as it does, and what is on record.

use crate::explain::{Inquiry, Question, gone, inquire, prose};
use crate::facts::{SubjectId, known};
use crate::ir::SubjectKind;
use crate::repl::ask::{NOTHING_ASKED, since_a_day};
use crate::repl::desk::{Asked, Desk};
use crate::store::StoreError;
use crate::text;

/// What `:explain` says.
pub(super) fn explain(desk: &Desk, subject: &str) -> Result<String, StoreError> {
    let question = match &desk.last {
        None => return Ok(NOTHING_ASKED.to_owned()),
        Some(Asked::Condition(scope, when)) => Question {
            policy: None,
            scope,
            when,
            except: None,
            activity: None,
        },
        Some(Asked::Policy(policy)) => Question::from(policy.as_ref()),
    };
    Ok(match inquire(&desk.workspace.store, &question, subject, since_a_day(desk))? {
        Inquiry::Explained(explanation) => prose(&explanation),
        Inquiry::Unknown => unknown(subject),
        Inquiry::Gone(how) => format!("`{subject}` is gone: {how}"),
        Inquiry::OtherKind(id) => other_kind(&question, subject, id),
    })
}

fn other_kind(question: &Question<'_>, subject: &str, found: SubjectId) -> String {
    let (about, help) = match question.scope.kind {
        SubjectKind::Account => ("accounts", "name an account as app/username"),
        SubjectKind::User => ("users", "name its owner's address"),
        SubjectKind::Grant => ("grants", "name a grant as app/username/permission"),
    };
    let what = match found {
        SubjectId::Account(_) => "an account",
        SubjectId::User(_) => "a user",
        SubjectId::Grant(_) => "a grant",
    };
    format!(
        "error: the last question is about {about}, and `{subject}` is {what}; {help}"
    )
}

/// What `:show` says.
pub(super) fn show(desk: &Desk, subject: &str) -> Result<String, StoreError> {
    let store = &desk.workspace.store;
    let id = store.find_subject(subject)?;
    let facts = id.map(|id| store.facts(id)).transpose()?.flatten();
    let (Some(id), Some(facts)) = (id, facts) else {
        return Ok(match gone(store, subject, id)? {
            Some(how) => format!("`{subject}` is gone: {how}"),
            None => unknown(subject),
        });
    };
    let mut lines = vec![facts.subject.name.clone()];
    lines.extend(known(&facts, &desk.catalog).iter().map(|known| format!("  {known}")));
    for run in store.runs_of(id)? {
        lines.push(format!("  run {} of {}: {}", run.id, run.opened_at, run.state));
    }
    Ok(text::lines(&lines))
}

fn unknown(subject: &str) -> String {
    format!(
        "error: nothing is known as `{subject}`; name an account as app/username, a user by \
         address, a grant as app/username/permission"
    )
}
