//! A receiver that keeps failing is left alone for a while.
//!
//! After some failures in a row nothing is sent to its host and port. What waits for it stays
//! in the outbox, and no attempt of it is counted. When the pause is over one attempt goes,
//! for all: an answer ends the pause, another failure makes a longer one.
//!
//! The pauses follow from the clock and the number of failures, and lie in the store: a replay
//! pauses alike, and a new process goes on where the last one stopped.

#[cfg(test)]
mod tests;

use crate::engine::errors::EngineError;
use crate::engine::retry::moved;
use crate::engine::tick::Engine;
use crate::engine::{Effect, Outcome};
use crate::store::{EndpointRow, OutboxRow};
use crate::time::{Duration, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many attempts fail in a row before the first pause.
const FAILURES: u32 = 5;

/// How many attempts at one receiver are made before the outcome of the first is known.
const AT_ONCE: u32 = 10;

/// The first pause, the second, and so on; the last one holds for all that follow.
const PAUSES: [Duration; 4] =
    [Duration(60), Duration(2 * 60), Duration(5 * 60), Duration(15 * 60)];

/// A receiver that nothing is sent to for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Paused {
    /// Its host and port.
    pub endpoint: String,
    /// How many attempts failed in a row.
    pub failures: u32,
    /// When the next attempt may be made.
    pub until: Timestamp,
    /// The webhooks, calls and connected systems whose requests wait for it.
    pub of: Vec<String>,
    /// How many requests wait for it.
    pub waiting: u64,
}

/// How much may be sent to a receiver now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gate {
    /// So many attempts; what is more waits for their outcome.
    Open(u32),
    /// Nothing before then.
    Shut(Timestamp),
}

impl Gate {
    fn of(known: Option<&EndpointRow>, now: Timestamp) -> Self {
        match known {
            None => Self::Open(AT_ONCE),
            Some(EndpointRow { paused_until: Some(until), .. }) if *until > now => {
                Self::Shut(*until)
            }
            Some(known) => Self::Open(FAILURES.saturating_sub(known.failures).max(1)),
        }
    }

    /// What is left of it while so many attempts are under way.
    fn without(self, under_way: usize) -> Self {
        let under_way = u32::try_from(under_way).unwrap_or(u32::MAX);
        match self {
            Self::Open(most) => Self::Open(most.saturating_sub(under_way)),
            Self::Shut(_) => self,
        }
    }
}

/// What is to be remembered of a receiver after an attempt; nothing where it answered.
fn after(
    known: Option<EndpointRow>,
    endpoint: &str,
    outcome: &Outcome,
    now: Timestamp,
) -> Option<EndpointRow> {
    let Outcome::Failed { retry_after, .. } = outcome else { return None };
    let before = known.unwrap_or_else(|| EndpointRow {
        name: endpoint.to_owned(),
        failures: 0,
        paused_until: None,
    });
    // It was under way when the pause began, and says nothing new.
    if before.paused_until.is_some_and(|until| until > now) {
        return Some(before);
    }
    let failures = before.failures.saturating_add(1);
    let pause = pause(failures, endpoint).map(|pause| match retry_after {
        Some(asked) => pause.max(*asked),
        None => pause,
    });
    let paused_until = pause.map(|pause| now.after(pause));
    Some(EndpointRow { failures, paused_until, ..before })
}

/// How long nothing is sent after so many failures in a row.
fn pause(failures: u32, endpoint: &str) -> Option<Duration> {
    let index = usize::try_from(failures.checked_sub(FAILURES)?).unwrap_or(usize::MAX);
    let wait = PAUSES.get(index).or(PAUSES.last()).copied()?;
    Some(moved(wait, failures, endpoint))
}

/// The host and port that a URL leads to, as far as is needed to tell receivers apart.
pub(super) fn endpoint(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let usual = match scheme.to_ascii_lowercase().as_str() {
        "https" => "443",
        "http" => "80",
        _ => return None,
    };
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.to_lowercase();
    let number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let (name, port) = match host.rsplit_once(':') {
        Some((name, "")) => (name, usual),
        Some((name, port)) if number(port) => (name, port),
        _ => (host.as_str(), usual),
    };
    (!name.is_empty()).then(|| format!("{name}:{port}"))
}

/// The receiver of an effect, where it has one of its own.
fn receiver(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Webhook(request) => endpoint(&request.url),
        Effect::Call(calling) => endpoint(&calling.url),
        Effect::Connector(provision) => endpoint(&provision.url),
        Effect::Mail(_) => None,
    }
}

impl Engine<'_> {
    /// Puts off what would go to a receiver that is left alone, and keeps back what should
    /// wait for the outcome of what goes first.
    pub(super) fn let_through(
        &mut self,
        due: Vec<OutboxRow>,
        now: Timestamp,
    ) -> Result<Vec<OutboxRow>, EngineError> {
        let store = self.store;
        let mut gates: BTreeMap<String, Gate> = BTreeMap::new();
        let mut free = Vec::with_capacity(due.len());
        let mut early = Vec::new();
        for row in due {
            let effect: Effect = serde_json::from_str(&row.effect)?;
            let Some(endpoint) = receiver(&effect) else {
                free.push(row);
                continue;
            };
            let gate = match gates.get(&endpoint) {
                Some(gate) => *gate,
                None => {
                    let gate = Gate::of(store.endpoint(&endpoint)?.as_ref(), now);
                    let there =
                        |effect: &&Effect| receiver(effect).as_ref() == Some(&endpoint);
                    gate.without(self.under_way().filter(there).count())
                }
            };
            gates.insert(
                endpoint,
                match gate {
                    Gate::Open(0) => gate,
                    Gate::Open(more) => {
                        free.push(row);
                        Gate::Open(more - 1)
                    }
                    Gate::Shut(until) => {
                        early.push((row.id, until));
                        gate
                    }
                },
            );
        }
        if !early.is_empty() {
            store.atomically(|| {
                for (id, until) in early {
                    store.put_off_effect(id, until)?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
        Ok(free)
    }

    /// Notes how an attempt at a receiver ended, in the caller's transaction; until when it is
    /// left alone, where it is.
    pub(super) fn note_health(
        &mut self,
        effect: &Effect,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, EngineError> {
        let Some(endpoint) = receiver(effect) else { return Ok(None) };
        // It was not asked, so nothing is known of it that was not before.
        if matches!(outcome, Outcome::Unready { .. }) {
            return Ok(None);
        }
        let known = self.store.endpoint(&endpoint)?;
        let was_known = known.is_some();
        let paused_until = known.as_ref().and_then(|known| known.paused_until);
        let Some(row) = after(known, &endpoint, outcome, now) else {
            if was_known {
                self.store.forget_endpoint(&endpoint)?;
            }
            return Ok(None);
        };
        let until = row.paused_until.filter(|until| *until > now);
        if let Some(until) = until.filter(|_| paused_until != row.paused_until) {
            for (url, ..) in self.store.waiting_requests()? {
                if self::endpoint(&url).as_ref() == Some(&row.name) {
                    self.store.put_off_effects_to(&url, until)?;
                }
            }
        }
        self.store.save_endpoint(&row)?;
        Ok(until)
    }

    /// The receivers that are left alone now.
    pub(super) fn paused(&self, now: Timestamp) -> Result<Vec<Paused>, EngineError> {
        let rows = self.store.paused_endpoints(now)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut waiting: BTreeMap<String, (BTreeSet<String>, u64)> = BTreeMap::new();
        for (url, of, count) in self.store.waiting_requests()? {
            if let Some(endpoint) = endpoint(&url) {
                let known = waiting.entry(endpoint).or_default();
                known.0.insert(of);
                known.1 += count;
            }
        }
        let paused = rows.into_iter().filter_map(|row| {
            let (of, waiting) = waiting.remove(&row.name).unwrap_or_default();
            let EndpointRow { name: endpoint, failures, paused_until } = row;
            let (of, until) = (of.into_iter().collect(), paused_until?);
            Some(Paused { endpoint, failures, until, of, waiting })
        });
        Ok(paused.collect())
    }
}
