//! An event may be heard long after it happened. Where the opposite has happened since, nothing
//! follows from it any more.

use crate::engine::errors::EngineError;
use crate::engine::hear::listen::{heard_as, one_of};
use crate::engine::hear::{Heard, Reached};
use crate::engine::pilot::Pin;
use crate::engine::step::was_given_time;
use crate::engine::tick::Engine;
use crate::facts::Facts;
use crate::ir::{EventKind, GroupId, Policy};
use crate::store::{EventRow, PolicyRow, Store};
use crate::time::Timestamp;

impl Engine<'_> {
    /// Notes of those whom held events reach what is over by now.
    pub(in crate::engine) fn note_over(
        &mut self,
        row: &PolicyRow,
        reached: &mut Reached,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let loaded = match Pin::active(row) {
            Some(pin) => self.loaded(&pin)?,
            None => None,
        };
        // What cannot be followed opens nothing anyway.
        let Some(loaded) = loaded else { return Ok(()) };
        for heard in reached.values_mut() {
            heard.over = over_now(self.store, (&loaded.policy, heard), now)?;
        }
        Ok(())
    }
}

/// Why what a policy heard of before is over by now.
pub(super) fn over_now(
    store: &Store,
    (policy, heard): (&Policy, &Heard),
    now: Timestamp,
) -> Result<Option<String>, EngineError> {
    let Some(event) = store.event(heard.event)? else { return Ok(None) };
    let Some(meant) = heard_as(&policy.events, &event) else { return Ok(None) };
    over_since(store, (&meant.kind, &event), now)
}

/// Why what an event tells a policy that listens for it so is not so any more. Whoever is gone
/// is looked at by nobody.
pub(super) fn over_since(
    store: &Store,
    (kind, event): (&EventKind, &EventRow),
    now: Timestamp,
) -> Result<Option<String>, EngineError> {
    let lasts = match kind {
        EventKind::Changed { .. }
        | EventKind::Joined(_)
        | EventKind::Left(_)
        | EventKind::UserSuspended => true,
        // What somebody else says has ended is theirs to know.
        EventKind::AccessExpired => event.key.is_none(),
        EventKind::UserCreated(_)
        | EventKind::UserUpdated(_)
        | EventKind::MfaUpdated(_)
        | EventKind::AccessRejected
        | EventKind::Named(_)
        | EventKind::Request(_) => false,
    };
    let Some(about) = event.subject().filter(|_| lasts) else { return Ok(None) };
    let Some(facts) = store.facts(about)? else { return Ok(None) };
    let member = || {
        let group = event.group.map(GroupId);
        group.is_some_and(|group| facts.groups.contains_key(&group))
    };
    let group = || -> Result<String, EngineError> {
        Ok(store.group_name(event.group.unwrap_or_default())?.unwrap_or_default())
    };
    Ok(match kind {
        EventKind::Left(_) if member() => {
            Some(format!("a member of `{}` again", group()?))
        }
        EventKind::Joined(_) if !member() => {
            Some(format!("a member of `{}` no longer", group()?))
        }
        EventKind::UserSuspended => {
            let status = facts.user.as_ref().and_then(|user| user.status.as_deref());
            let active = status.filter(|status| *status == "active");
            active.map(|_| "status is `active` again".to_owned())
        }
        EventKind::AccessExpired => was_given_time(&facts, now),
        kind => changed_since(kind, event, &facts),
    })
}

/// Whether a value is none of those that it was to become, or what it was before.
fn changed_since(kind: &EventKind, event: &EventRow, facts: &Facts) -> Option<String> {
    let EventKind::Changed { attribute, to, .. } = kind else { return None };
    let value = facts.value(attribute);
    let text = value.as_ref().map(ToString::to_string);
    let as_before = match (&value, event.was.as_deref()) {
        (Some(value), Some(was)) => one_of(std::slice::from_ref(value), Some(was)),
        (value, was) => value.is_none() && was.is_none(),
    };
    if !as_before && one_of(to, text.as_deref()) {
        return None;
    }
    let name = attribute.field.name();
    let again = if as_before { " again" } else { "" };
    Some(match text {
        Some(text) => format!("{name} is `{text}`{again}"),
        None => format!("{name} is nothing{again}"),
    })
}
