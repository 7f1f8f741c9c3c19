//! Requests: events that somebody asks for by a path of ours.

use crate::engine::errors::EngineError;
use crate::engine::hear::listen::same_path;
use crate::engine::hear::message::EventMessage;
use crate::engine::hear::receive::Received;
use crate::engine::pilot::Pin;
use crate::engine::tick::Engine;
use crate::ir::{EventKind, Policy};
use crate::store::PolicyRow;
use crate::syntax::names_in;
use crate::text::fold;
use crate::time::Timestamp;

impl Engine<'_> {
    /// Takes a request in as [`Self::receive`] takes any event; nothing where nobody listens
    /// to its path, unless it is one that was taken in before.
    pub fn request(
        &mut self,
        (message, by): (&EventMessage, &str),
        now: Timestamp,
    ) -> Result<Option<Received>, EngineError> {
        let path = message.path.as_deref().unwrap_or_default();
        let known = self.store.event_named(&message.id)?.is_some();
        if !known && !self.is_listened_to("request", path)? {
            return Ok(None);
        }
        self.receive((message, Some(by)), now).map(Some)
    }

    /// Whether a policy that is at work, or an open run, listens to requests of a path, or to
    /// events of a name.
    pub(super) fn is_listened_to(
        &mut self,
        kind: &str,
        name: &str,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        self.library.renew(store)?;
        let rows = store.policies()?;
        for row in &rows {
            if let Some(pin) = Pin::active(row)
                && self.listens(row, &pin, (kind, name))?
            {
                return Ok(true);
            }
        }
        for row in &rows {
            for version in store.versions_of_open_runs(row.id)? {
                let pin = Pin { id: row.id, name: &row.name, version, only: None };
                if row.active != Some(version) && self.listens(row, &pin, (kind, name))? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Whether a version listens. One that cannot be followed now will hear of it later, so
    /// that it is enough that the name stands in its text.
    fn listens(
        &mut self,
        row: &PolicyRow,
        pin: &Pin<'_>,
        (kind, name): (&str, &str),
    ) -> Result<bool, EngineError> {
        if let Ok(loaded) = self.library.get(self.store, pin)? {
            return Ok(listens(&loaded.policy, (kind, name)));
        }
        let text = self.store.policy_text(row.id, pin.version)?.unwrap_or_default();
        let names = names_in(&text);
        let wanted = name.trim_matches('/');
        Ok(names.contains(kind)
            && names.iter().any(|name| name.trim_matches('/') == fold(wanted)))
    }
}

fn listens(policy: &Policy, (kind, name): (&str, &str)) -> bool {
    let lists = [&policy.events, &policy.cancel_on, &policy.restart_on];
    lists.into_iter().flatten().any(|event| match &event.kind {
        EventKind::Request(path) => kind == "request" && same_path(path, name),
        EventKind::Named(wanted) => kind == "event" && wanted == name,
        _ => false,
    })
}
