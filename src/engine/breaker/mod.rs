//! A receiver that keeps failing is left alone for a while.
//!
//! What nobody answers tells something of all that is sent to a host and port: after some
//! failures in a row nothing goes there. An answer that it cannot be done now tells something
//! of the one webhook, call or connected system alone, and so it is left alone by itself. What
//! waits stays in the outbox, and no attempt of it is counted. When the pause is over one
//! attempt goes, for all, of one that has missed fewer answers than others: an answer ends the
//! pause, another failure makes a longer one.
//!
//! The pauses follow from the clock and the number of failures, and lie in the store: a replay
//! pauses alike, and a new process goes on where the last one stopped.

#[cfg(test)]
mod tests;

use crate::engine::errors::EngineError;
use crate::engine::retry::moved;
use crate::engine::tick::Engine;
use crate::engine::{Effect, Outcome};
use crate::store::{EndpointRow, OutboxRow, Store, WaitingAt};
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
    /// Its host and port; or `the mail server`, or a chat.
    pub endpoint: String,
    /// What waits for it: `message` or `request`.
    pub kind: &'static str,
    /// How many attempts failed in a row.
    pub failures: u32,
    /// When the next attempt may be made.
    pub until: Timestamp,
    /// The webhooks, calls and connected systems whose requests wait for it; where only one
    /// of several there is left alone, that one.
    pub of: Vec<String>,
    /// How many of them.
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

/// What is to be remembered of a receiver after another failure.
fn after(
    before: EndpointRow,
    retry_after: Option<Duration>,
    now: Timestamp,
) -> EndpointRow {
    // It was under way when the pause began, and says nothing new.
    if before.paused_until.is_some_and(|until| until > now) {
        return before;
    }
    let failures = before.failures.saturating_add(1);
    let key = match before.own.as_str() {
        "" => before.name.clone(),
        own => format!("{} {own}", before.name),
    };
    let pause = pause(failures, &key).map(|pause| match retry_after {
        Some(asked) => pause.max(asked),
        None => pause,
    });
    let paused_until = pause.map(|pause| now.after(pause));
    EndpointRow { failures, paused_until, ..before }
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

/// Whom an effect goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receiver {
    /// The host and port; or the mail server, or a chat.
    place: String,
    /// Who is asked there, where that may be one of several.
    own: String,
}

impl Receiver {
    /// By the URL that an effect has itself, and the name of whom it is for.
    pub(super) fn of(url: Option<&str>, own: Option<&str>) -> Option<Self> {
        let (place, own) = match (url, own) {
            (Some(url), own) => (endpoint(url)?, own.unwrap_or_default()),
            (None, Some(chat)) => (format!("chat {chat}"), ""),
            (None, None) => ("the mail server".to_owned(), ""),
        };
        Some(Self { place, own: own.to_owned() })
    }

    fn of_effect(effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Webhook(it) => Self::of(Some(&it.url), Some(&it.webhook)),
            Effect::Call(it) => Self::of(Some(&it.url), Some(&it.name)),
            Effect::Connector(it) => Self::of(Some(&it.url), Some(&it.connector)),
            Effect::Mail(it) => Self::of(None, it.chat.as_ref().map(|it| &*it.name)),
        }
    }

    fn of_waiting(at: &WaitingAt) -> Option<Self> {
        Self::of(at.url.as_deref(), at.own.as_deref())
    }

    /// All that is there, and the one.
    fn keys(&self) -> Vec<(String, String)> {
        let all = (self.place.clone(), String::new());
        match self.own.as_str() {
            "" => vec![all],
            own => vec![all, (self.place.clone(), own.to_owned())],
        }
    }

    /// Whether what waits for it is a message to people.
    fn is_of_messages(&self) -> bool {
        self.own.is_empty()
    }

    /// Whether it is left alone.
    pub(super) fn is_among(&self, paused: &[Paused]) -> bool {
        paused.iter().any(|it| {
            it.endpoint == self.place
                && (self.own.is_empty() || it.of.contains(&self.own))
        })
    }
}

/// One waits so much longer for each answer that it missed more than others did, so that each
/// has its turn.
fn behind(missed: u32) -> Duration {
    Duration(i64::from(missed.min(300)))
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
        let mut gates: BTreeMap<(String, String), Gate> = BTreeMap::new();
        let mut free = Vec::with_capacity(due.len());
        let mut early = Vec::new();
        for row in due {
            let effect: Effect = serde_json::from_str(&row.effect)?;
            let Some(receiver) = Receiver::of_effect(&effect) else {
                free.push(row);
                continue;
            };
            let keys = receiver.keys();
            let mut found = Vec::with_capacity(keys.len());
            for key in &keys {
                let gate = match gates.get(key) {
                    Some(gate) => *gate,
                    None => self.gate(key, receiver.is_of_messages(), now)?,
                };
                gates.insert(key.clone(), gate);
                found.push(gate);
            }
            let shut = |gate: &Gate| match gate {
                Gate::Shut(until) => Some(*until),
                Gate::Open(_) => None,
            };
            if let Some(until) = found.iter().filter_map(shut).max() {
                let own = store.endpoint((&receiver.place, &receiver.own))?;
                let missed = own.map_or(0, |own| own.missed);
                early.push((row.id, until.after(behind(missed))));
            } else if !found.contains(&Gate::Open(0)) {
                free.push(row);
                for key in keys {
                    gates.entry(key).and_modify(|gate| *gate = gate.without(1));
                }
            }
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

    /// How much may be sent to all that is at a place, or to one of them, besides what is under
    /// way. Messages leave one by one anyway.
    fn gate(
        &self,
        key: &(String, String),
        messages: bool,
        now: Timestamp,
    ) -> Result<Gate, EngineError> {
        let known = self.store.endpoint((&key.0, &key.1))?;
        if known.is_none() && messages {
            return Ok(Gate::Open(u32::MAX));
        }
        let there = |effect: &&Effect| {
            Receiver::of_effect(effect).is_some_and(|it| it.keys().contains(key))
        };
        Ok(Gate::of(known.as_ref(), now).without(self.under_way().filter(there).count()))
    }

    /// Notes how an attempt at a receiver ended, in the caller's transaction; until when it is
    /// left alone, where it is.
    pub(super) fn note_health(
        &mut self,
        effect: &Effect,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, EngineError> {
        // Where it was not asked, nothing is known of it that was not before.
        let Some(receiver) = Receiver::of_effect(effect)
            .filter(|_| !matches!(outcome, Outcome::Unready { .. }))
        else {
            return Ok(None);
        };
        let store = self.store;
        let (place, own) = (receiver.place.as_str(), receiver.own.as_str());
        let known = |own: &str| -> Result<EndpointRow, EngineError> {
            let known = store.endpoint((place, own))?;
            let (name, own) = (place.to_owned(), own.to_owned());
            Ok(known.unwrap_or(EndpointRow { name, own, ..EndpointRow::default() }))
        };
        match outcome {
            Outcome::Failed { retry_after, answered: false, .. } => {
                if !own.is_empty() {
                    let row = known(own)?;
                    let missed = row.missed.saturating_add(1);
                    store.save_endpoint(&EndpointRow { missed, ..row })?;
                }
                self.note_failure(known("")?, *retry_after, now)
            }
            Outcome::Failed { retry_after, answered: true, .. } => {
                // A mail server puts off one message, and takes the next.
                let all = matches!(effect, Effect::Mail(mail) if mail.chat.is_some());
                if !all {
                    store.forget_endpoint((place, ""))?;
                    store.forget_missed(place)?;
                }
                match all || !own.is_empty() {
                    true => self.note_failure(known(own)?, *retry_after, now),
                    false => Ok(None),
                }
            }
            _ => {
                store.forget_endpoint((place, ""))?;
                store.forget_endpoint((place, own))?;
                store.forget_missed(place)?;
                Ok(None)
            }
        }
    }

    /// Notes another failure, and puts off what waits where a pause begins with it.
    fn note_failure(
        &mut self,
        before: EndpointRow,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, EngineError> {
        let store = self.store;
        let paused_until = before.paused_until;
        let row = after(before, retry_after, now);
        store.save_endpoint(&row)?;
        let until = row.paused_until.filter(|until| *until > now);
        let Some(until) = until.filter(|_| paused_until != row.paused_until) else {
            return Ok(until);
        };
        let mut waiting = Vec::new();
        for at in store.waiting_requests(None)? {
            let Some(it) = Receiver::of_waiting(&at) else { continue };
            if it.place == row.name && (row.own.is_empty() || it.own == row.own) {
                let known = store.endpoint((&it.place, &it.own))?;
                waiting.push((at, known.map_or(0, |known| known.missed)));
            }
        }
        let least = waiting.iter().map(|(_, missed)| *missed).min().unwrap_or(0);
        for (at, missed) in waiting {
            store.put_off_effects_to(&at, until.after(behind(missed - least)))?;
        }
        Ok(Some(until))
    }

    /// The receivers that are left alone now.
    pub(super) fn paused(&self, now: Timestamp) -> Result<Vec<Paused>, EngineError> {
        paused(self.store, now)
    }
}

/// The receivers that are left alone now, and what waits for them.
pub fn paused(store: &Store, now: Timestamp) -> Result<Vec<Paused>, EngineError> {
    let rows = store.paused_endpoints(now)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let waiting = store.waiting_requests(None)?;
    let paused = rows.into_iter().filter_map(|row| {
        let EndpointRow { name: endpoint, own, failures, paused_until, .. } = row;
        let (mut of, mut count, mut kind) = (BTreeSet::new(), 0, "request");
        for at in &waiting {
            let Some(it) = Receiver::of_waiting(at) else { continue };
            if it.place == endpoint && (own.is_empty() || it.own == own) {
                count += at.count;
                if it.is_of_messages() {
                    kind = "message";
                }
                of.extend(Some(it.own).filter(|own| !own.is_empty()));
            }
        }
        of.extend(Some(own).filter(|own| !own.is_empty()));
        let (of, until) = (of.into_iter().collect(), paused_until?);
        Some(Paused {
            endpoint,
            kind,
            failures,
            until,
            of,
            waiting: count,
        })
    });
    Ok(paused.collect())
}

/// Those of them that a run waits for.
pub fn paused_for(
    store: &Store,
    run: i64,
    now: Timestamp,
) -> Result<Vec<Paused>, EngineError> {
    let mut paused = paused(store, now)?;
    if !paused.is_empty() {
        let waiting = store.waiting_requests(Some(run))?;
        let asked: Vec<_> = waiting.iter().filter_map(Receiver::of_waiting).collect();
        paused.retain(|it| asked.iter().any(|of| of.is_among(std::slice::from_ref(it))));
    }
    Ok(paused)
}
