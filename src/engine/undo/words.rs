//! What undoing says: what a run had done, in the store and beyond it.

use crate::engine::Change;
use crate::engine::errors::EngineError;
use crate::engine::trail::Entry;
use crate::engine::undo::UndoneStep;
use crate::facts::SubjectId;
use crate::store::{Called, Store};
use crate::text::counted;

/// What a change did, for people.
pub(super) fn told(store: &Store, change: &Change) -> Result<String, EngineError> {
    let user = |id: i64| store.called(Called::User(id));
    let account = |id: i64| store.called(Called::Account(id));
    Ok(match change {
        Change::Join { user: id, group } => {
            format!(
                "{} joined group `{}`",
                user(*id)?,
                store.called(Called::Group(group.0))?
            )
        }
        Change::Leave { user: id, group, .. } => {
            format!(
                "{} left group `{}`",
                user(*id)?,
                store.called(Called::Group(group.0))?
            )
        }
        Change::GiveRole { user: id, role } => {
            format!("{} got role `{}`", user(*id)?, store.called(Called::Role(role.0))?)
        }
        Change::TakeRole { user: id, role, .. } => {
            format!("{} lost role `{}`", user(*id)?, store.called(Called::Role(role.0))?)
        }
        Change::Disable { account: id, .. } => {
            format!("{} became disabled", account(*id)?)
        }
        Change::DeleteAccount { account: id, .. } => {
            format!("{} was deleted", account(*id)?)
        }
        Change::Unassign { account: id } => {
            format!("{} was taken from its app", account(*id)?)
        }
        Change::Revoke { account: id, permission, .. } => {
            format!("{} lost permission `{}`", account(*id)?, permission.label)
        }
        Change::UserStatus { user: id, status, .. } => {
            format!("{} became {status}", user(*id)?)
        }
        Change::DeleteUser { user: id, .. } => format!("{} was deleted", user(*id)?),
        Change::ExpirePassword { user: id, .. } => {
            format!("the password of {} expired", user(*id)?)
        }
        Change::EndSessions { of, before } => {
            let ended =
                counted(usize::try_from(*before).unwrap_or(0), "session", "sessions");
            let of = match of {
                SubjectId::User(id) => user(*id)?,
                of => account(of.number())?,
            };
            format!("{ended} of {of} ended")
        }
        Change::SetLifecycle { user: id, state, .. } => {
            format!("the lifecycle of {} became {state}", user(*id)?)
        }
        Change::Set { user: id, field, value, .. } => {
            format!("{} of {} became {value}", field.name(), user(*id)?)
        }
    })
}

/// What a run has done beyond the store: nothing of it can be called back from here. What it
/// did in connected systems is named once: `elsewhere` is where its changes live.
pub(super) fn beyond(trail: &[Entry], elsewhere: &[String]) -> Vec<UndoneStep> {
    let mut begun: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    let mut messages = 0;
    for entry in trail {
        match entry {
            Entry::StepStarted { step } => begun.push(step),
            Entry::StepDone { step, .. } if begun.contains(&step.as_str()) => {
                let why = "another system did it, and has to put it back itself";
                steps.push(UndoneStep {
                    what: step.clone(),
                    why_not: Some(why.to_owned()),
                });
            }
            Entry::Delivered { .. } => messages += 1,
            _ => {}
        }
    }
    for name in elsewhere {
        let place = format!(" in {name}");
        let is = |step: &UndoneStep| step.what.ends_with(&place);
        let changes = elsewhere.iter().filter(|other| *other == name).count();
        if steps.iter().filter(|step| is(step)).count() == changes {
            steps.retain(|step| !is(step));
        }
    }
    steps.reverse();
    if messages > 0 {
        steps.push(UndoneStep {
            what: format!("{} arrived", counted(messages, "message", "messages")),
            why_not: Some("what was said was said".to_owned()),
        });
    }
    steps
}
