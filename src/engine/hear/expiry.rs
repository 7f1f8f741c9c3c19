//! Access that ends by itself: the clock raises the event, once for each expiry; and what an
//! app says of it is done where no policy does anything.

use crate::engine::errors::EngineError;
use crate::engine::hear::{Wait, whoever};
use crate::engine::moment::{Footing, moment};
use crate::engine::pilot::Pin;
use crate::engine::tick::Engine;
use crate::facts::SubjectId;
use crate::ir::{EventKind, Policy, SubjectKind};
use crate::query::{Moment, Truth, blame, evaluate};
use crate::store::{EventRow, ExpiryHeard};
use crate::syntax::names_in;
use crate::time::Timestamp;

impl Engine<'_> {
    /// Raises the event for every account and grant whose time has passed, however long ago,
    /// and that was not told of yet. Where nobody listens it waits for somebody who does.
    pub(crate) fn expiries(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        if store.next_expiry(&ExpiryHeard::everywhere())?.is_none() {
            return Ok(false);
        }
        let arrangements = self.arrangements()?;
        let mut moved = false;
        if !arrangements.is_empty() {
            moved = store.atomically(|| self.arrange(arrangements, now))?;
        }
        // Whoever is to hear of it is at work before it is told.
        if let Some((_, heard)) = self.due_expiry()?.filter(|(next, _)| *next <= now) {
            store.atomically(|| store.tell_expiries(&heard, now))?;
            moved = true;
        }
        Ok(moved)
    }

    /// When the next expiry is due of which somebody hears, and where they do. Where nothing
    /// expires no policy is looked at.
    pub(in crate::engine) fn due_expiry(
        &mut self,
    ) -> Result<Option<(Timestamp, ExpiryHeard)>, EngineError> {
        if self.store.next_expiry(&ExpiryHeard::everywhere())?.is_none() {
            return Ok(None);
        }
        let heard = self.expiry_heard()?;
        Ok(self.store.next_expiry(&heard)?.map(|next| (next, heard)))
    }

    /// Where somebody hears of what expires. What cannot be followed now may listen everywhere,
    /// and so may open runs of a policy that is not at work.
    fn expiry_heard(&mut self) -> Result<ExpiryHeard, EngineError> {
        let mut heard = ExpiryHeard::nowhere();
        for row in self.store.policies()? {
            let Some(pin) = Pin::active(&row) else {
                if self.store.has_open_runs(row.id)? {
                    return Ok(ExpiryHeard::everywhere());
                }
                continue;
            };
            let Ok(loaded) = self.library.get(self.store, &pin)? else {
                return Ok(ExpiryHeard::everywhere());
            };
            let policy = &*loaded.policy;
            let mut stops = policy.cancel_on.iter().chain(&policy.restart_on);
            if stops.any(|event| event.kind == EventKind::AccessExpired) {
                return Ok(ExpiryHeard::everywhere());
            }
            if !policy.listens_to_expiry() {
                continue;
            }
            let apps = match policy.scope.kind {
                SubjectKind::Account => &mut heard.accounts,
                SubjectKind::Grant => &mut heard.grants,
                // What happens to access reaches no policy for people.
                SubjectKind::User => continue,
            };
            match (policy.scope.apps.is_empty(), apps.as_mut()) {
                (true, _) => *apps = None,
                (false, Some(apps)) => {
                    apps.extend(policy.scope.apps.iter().map(|app| app.0));
                }
                (false, None) => {}
            }
        }
        Ok(heard)
    }

    /// The active policy that takes what expires, or may take it, and what it wants to know:
    /// one that listens to it there, and of which what it asks is not known not to hold.
    pub(super) fn taker(
        &mut self,
        subject: SubjectId,
        event: &EventRow,
        now: Timestamp,
    ) -> Result<Option<Taker>, EngineError> {
        let store = self.store;
        for row in store.policies()? {
            // One that is only observed takes nothing.
            let Some(pin) = Pin::active(&row).filter(|_| !row.mode.observe) else {
                continue;
            };
            let version = pin.version;
            let Some(loaded) = self.loaded(&pin)? else {
                let text = store.policy_text(row.id, version)?.unwrap_or_default();
                if names_in(&text).contains("expired") && !store.is_ending(row.id)? {
                    return Err(EngineError::Refused(format!(
                        "policy `{}` cannot be followed, and may take what expires",
                        row.name
                    )));
                }
                continue;
            };
            let policy = &*loaded.policy;
            let mut events = policy.events.iter();
            let listens = events.any(|event| event.kind == EventKind::AccessExpired);
            if policy.by_app || !listens {
                continue;
            }
            if store.opened_behind((row.id, subject), event.id)? {
                return Ok(Some(Taker::of(row.name)));
            }
            let footing = Footing::Active { id: row.id, version };
            let zone = self.settings.zone;
            let at = moment(store, policy, footing, (zone, now))?;
            let at = Moment { since: Some(now), ..at };
            if let Some(wanted) = self.takes((policy, at), subject)? {
                let Wanted { names, waits } = wanted;
                let mut words = row.name;
                if !names.is_empty() {
                    words = format!("{words}, undecided for {}", names.join(", "));
                }
                return Ok(Some(Taker { words, waits }));
            }
        }
        Ok(None)
    }

    /// Whether what a policy asks may hold for a subject, and for the want of what that is not
    /// known. Whom it excepts it takes too: it is its word that they keep their access.
    fn takes(
        &self,
        (policy, at): (&Policy, Moment),
        subject: SubjectId,
    ) -> Result<Option<Wanted>, EngineError> {
        if self.store.outside(&whoever(&policy.scope), subject)?.is_some() {
            return Ok(None);
        }
        let facts = self.store.facts_by(subject, policy.activity.as_ref())?;
        let Some(facts) = facts else { return Ok(None) };
        Ok(match evaluate(&policy.when, &facts, at) {
            Truth::True => Some(Wanted::default()),
            Truth::False => None,
            Truth::Unknown => {
                let mut wanted = blame(&policy.when, None, &facts, at);
                wanted.sort_unstable();
                wanted.dedup();
                let waits = Wait::for_data(&wanted, &facts);
                Some(Wanted { names: wanted, waits })
            }
        })
    }
}

/// A policy that takes what expires, or may take it.
pub(super) struct Taker {
    /// Its name, and what it wants to know.
    pub(super) words: String,
    /// Where newer data may say whether it takes it.
    pub(super) waits: Option<Wait>,
}

impl Taker {
    pub(super) fn of(name: String) -> Self {
        Self { words: name, waits: None }
    }
}

/// What is not known of a subject.
#[derive(Default)]
struct Wanted {
    names: Vec<String>,
    waits: Option<Wait>,
}
