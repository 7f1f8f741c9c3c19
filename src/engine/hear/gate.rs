//! Gates: policies that are asked before something happens, and let it pass or refuse it.
//!
//! INVARIANT: what is not known refuses, and so does a gate that cannot be asked.

use crate::engine::compose;
use crate::engine::errors::EngineError;
use crate::engine::hear::listen::is_one_of;
use crate::engine::hear::message::EventMessage;
use crate::engine::pilot::Pin;
use crate::engine::tick::Engine;
use crate::facts::{Custom, Facts, Person, Subject, SubjectId, readings};
use crate::ir::{AttributeId, EventKind, Field, Policy, RoleId};
use crate::query::{Moment, Truth, blame, evaluate};
use crate::store::PolicyRow;
use crate::syntax::names_in;
use crate::text::fold;
use crate::time::Timestamp;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the gates say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether all of them let it pass.
    pub allowed: bool,
    /// Why not.
    pub refusals: Vec<Refusal>,
}

/// Why a gate refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The gate.
    pub policy: String,
    /// What is said to those who are refused.
    pub message: String,
    /// What is not so, or not known.
    pub because: String,
}

/// What those read to whom a gate has no words of its own to say.
const REFUSED: &str = "You may not sign up.";

impl Engine<'_> {
    /// Asks every gate that is at work whether a user may be created. Nothing is changed, and
    /// nothing is started.
    pub(super) fn ask_gates(
        &mut self,
        message: &EventMessage,
        values: &[(Field, Option<String>)],
        now: Timestamp,
    ) -> Result<Answer, EngineError> {
        let facts = self.newcomer(message, values)?;
        let mut refusals = Vec::new();
        for row in self.store.policies()? {
            let Some(pin) = Pin::active(&row) else { continue };
            match self.library.get(self.store, &pin)? {
                Ok(loaded) => refusals.extend(refusal(
                    (&loaded.policy, self.settings.zone),
                    message.by.as_deref(),
                    (&facts, Moment::at(now)),
                )),
                Err(why) => refusals.extend(self.closed(&row, &why)?),
            }
        }
        Ok(Answer { allowed: refusals.is_empty(), refusals })
    }

    /// A gate that cannot be followed refuses.
    fn closed(&self, row: &PolicyRow, why: &str) -> Result<Option<Refusal>, EngineError> {
        let version = row.active.unwrap_or_default();
        let text = self.store.policy_text(row.id, version)?.unwrap_or_default();
        if !names_in(&text).contains("before") {
            return Ok(None);
        }
        Ok(Some(Refusal {
            policy: row.name.clone(),
            message: REFUSED.to_owned(),
            because: format!("the gate cannot be followed: {why}"),
        }))
    }

    /// What is known of somebody who is not there yet: what is told of them, and nothing else.
    fn newcomer(
        &self,
        message: &EventMessage,
        values: &[(Field, Option<String>)],
    ) -> Result<Facts, EngineError> {
        let store = self.store;
        let mut user = Person {
            email: message.subject.clone(),
            ..Person::default()
        };
        for (field, value) in values {
            let text = value.clone();
            let at = value.as_deref().and_then(|text| readings(text).0);
            match field {
                Field::Username => user.username = text,
                Field::GivenName => user.given_name = text,
                Field::FamilyName => user.family_name = text,
                Field::Status => user.status = text,
                Field::Department => user.department = text,
                Field::Title => user.title = text,
                Field::Manager => user.manager = text,
                Field::Locale => user.locale = text,
                Field::CreatedAt => user.created_at = at,
                Field::PasswordChangedAt => user.password_changed_at = at,
                Field::PasswordExpiresAt => user.password_expires_at = at,
                Field::Lifecycle => {
                    let state = value.as_deref().unwrap_or_default();
                    user.identity_state =
                        store.identity_state_of(state)?.unwrap_or_default();
                    user.lifecycle = text;
                }
                Field::Custom { id, name } if *id != AttributeId::NOWHERE => {
                    user.custom
                        .extend(value.as_deref().map(|text| custom(*id, name, text)));
                }
                _ => {}
            }
        }
        let manager = match &user.manager {
            Some(manager) => store.person(manager)?,
            None => None,
        };
        let roles = store.catalog()?.roles.into_iter().filter(|role| role.default);
        let roles: BTreeMap<RoleId, Option<Timestamp>> =
            roles.map(|role| (role.id, None)).collect();
        let subject = Subject {
            id: SubjectId::User(0),
            name: message.subject.clone(),
        };
        Ok(Facts {
            subject,
            grant: None,
            account: None,
            user: Some(user),
            manager,
            app: None,
            app_owner: None,
            groups: BTreeMap::new(),
            derived: BTreeSet::new(),
            roles,
            permissions: Vec::new(),
            sessions: 0,
            apps: BTreeSet::new(),
            user_last_seen: None,
            seen_by_apps: None,
            doubts: None,
        })
    }
}

fn custom(id: AttributeId, name: &str, text: &str) -> Custom {
    let (at, number) = readings(text);
    Custom {
        id,
        name: name.to_owned(),
        text: text.to_owned(),
        at,
        number,
    }
}

/// Why a policy refuses a newcomer, if it is a gate for those who come this way.
fn refusal(
    (policy, zone): (&Policy, Tz),
    by: Option<&str>,
    (facts, at): (&Facts, Moment),
) -> Option<Refusal> {
    let gate = policy.gate.as_ref()?;
    let EventKind::UserCreated(origins) = &gate.event.kind else { return None };
    // Whoever does not say how they come is stopped by every gate.
    if by.is_some() && !is_one_of(origins, by) {
        return None;
    }
    for required in &gate.requirements {
        let truth = evaluate(&required.condition, facts, at);
        if truth == Truth::True {
            continue;
        }
        let because = match truth {
            Truth::Unknown => {
                let mut missing = blame(&required.condition, None, facts, at);
                missing.sort_unstable();
                missing.dedup();
                format!("{} is not known", missing.join(", "))
            }
            Truth::True | Truth::False => {
                format!("not so: {}", crate::engine::survey::text_of(&required.condition))
            }
        };
        let said = required.message.as_deref().unwrap_or(REFUSED);
        let message = compose::of_nobody_yet(said, (policy, zone), facts);
        return Some(Refusal { policy: policy.name.clone(), message, because });
    }
    None
}

/// Whether two names are one, for gates and events.
pub(super) fn same(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}
