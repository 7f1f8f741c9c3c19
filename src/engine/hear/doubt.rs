//! What is odd about an event that was received, for whoever sent it.

use crate::engine::errors::EngineError;
use crate::engine::hear::message::EventMessage;
use crate::engine::tick::Engine;
use crate::ir::Field;
use crate::text::fold;
use crate::time::{Duration, Timestamp};

/// Clocks differ by a little.
const AHEAD: Duration = Duration(60);

impl Engine<'_> {
    /// The managers of whom an event tells, and whom the store does not know. An import takes
    /// them too, and in which order events arrive does not matter: they may come yet.
    fn strange_managers(
        &self,
        message: &EventMessage,
        values: &[(Field, Option<String>)],
    ) -> Result<Vec<String>, EngineError> {
        let mut strange = Vec::new();
        for (field, value) in values {
            let Some(manager) = value.as_deref().filter(|_| *field == Field::Manager)
            else {
                continue;
            };
            let own = fold(manager) == fold(&message.subject);
            if !own && self.store.person(manager)?.is_none() {
                strange.push(manager.to_owned());
            }
        }
        Ok(strange)
    }

    /// The words for an event that only counts for who listens to it, where nobody does.
    pub(super) fn unheard(
        &mut self,
        message: &EventMessage,
    ) -> Result<Option<String>, EngineError> {
        let kind = message.event.as_str();
        let name = match kind {
            "event" => message.name.as_deref(),
            "request" => message.path.as_deref(),
            _ => None,
        };
        match name {
            Some(name) if !self.is_listened_to(kind, name)? => {
                Ok(Some(format!("`{kind} \"{name}\"`")))
            }
            _ => Ok(None),
        }
    }

    /// What whoever sent an event should know of it.
    pub(super) fn doubts(
        &self,
        (message, values): (&EventMessage, &[(Field, Option<String>)]),
        unheard: Option<String>,
        now: Timestamp,
    ) -> Result<Vec<String>, EngineError> {
        let mut doubts = Vec::new();
        for manager in self.strange_managers(message, values)? {
            doubts.push(format!(
                "the store knows no `{manager}`, who is told to be the manager: until it does \
                 nobody is found where the manager is to be asked"
            ));
        }
        if let Some(at) = message.at.filter(|at| *at > now.after(AHEAD)) {
            doubts.push(format!("`at` lies ahead, at {at}: it counts as of now, {now}"));
        }
        if let Some(unheard) = unheard {
            doubts.push(format!("no active policy and no open run listens to {unheard}"));
        }
        let subject = &message.subject;
        // Who is known from elsewhere may well sign up; whoever asks should look twice.
        if message.event == "before user created" && self.store.person(subject)?.is_some()
        {
            doubts.push(format!(
                "the store knows `{subject}` already; the gates went by what the event says, \
                 and by nothing else"
            ));
        }
        Ok(doubts)
    }
}
