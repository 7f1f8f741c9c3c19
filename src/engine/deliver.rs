//! Effects on their way: fit to leave, attempted, and concluded.

use crate::engine::advance::BLOCKED_PAUSE;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::leaving::Leaving;
use crate::engine::pilot::Pin;
use crate::engine::retry::{CONNECTOR_RETRY, MAIL_PATIENCE, MAIL_RETRY, next_delay};
use crate::engine::run::State;
use crate::engine::step::Event;
use crate::engine::tick::{Engine, Lost};
use crate::engine::trail::Entry;
use crate::engine::{Delivery, Effect, Ended, Outcome};
use crate::store::{OutboxRow, RunRow};
use crate::time::{Duration, Timestamp};
use std::collections::VecDeque;

/// So many attempts are under way at a time.
const AT_ONCE: usize = 32;

/// Among so many more it is looked for those that need not wait for one that is under way.
const AHEAD: usize = 8;

/// After so long nothing more leaves until what is under way has ended: what else is due has its
/// turn then, and who pauses or waits for the store.
pub(super) const SHIFT: Duration = Duration(15);

/// An effect on its way.
#[derive(Clone, Debug)]
pub(super) struct Attempted {
    row: OutboxRow,
    effect: Effect,
    /// How many were chosen before it.
    before: usize,
}

/// What goes on while effects leave.
#[derive(Default)]
struct Sending {
    /// Open while something is under way: whoever pauses waits until it is shut.
    door: Option<Leaving>,
    /// How many were chosen to leave.
    chosen: usize,
    /// Chosen, and waiting for their turn.
    ready: VecDeque<Attempted>,
    /// Ended, and not on record yet.
    ended: Vec<Ended>,
}

impl Engine<'_> {
    /// Attempts what is due. How an attempt ended is put on record as soon as that is known,
    /// with the time that it is then, while others are under way; `now` goes on with it.
    ///
    /// Nothing else is done meanwhile: no run moves while a request of it is under way, but by
    /// what people say.
    pub(super) fn deliveries(
        &mut self,
        now: &mut Timestamp,
    ) -> Result<bool, EngineError> {
        let mut sending = Sending::default();
        let sent = self.send_all(&mut sending, now);
        if sent.is_err() {
            // What has begun to leave has its answer, and that is on record where it can be.
            self.conclude_all(&mut sending.ended).ok();
            while !self.attempted.is_empty() {
                sending.ended = self.wait(now);
                self.conclude_all(&mut sending.ended).ok();
            }
        }
        if !matches!(sent, Ok(false)) {
            self.hands.rest();
        }
        sent
    }

    fn send_all(
        &mut self,
        sending: &mut Sending,
        now: &mut Timestamp,
    ) -> Result<bool, EngineError> {
        let since = *now;
        let mut moved = false;
        loop {
            let over = self.stopped() || now.since(since) > SHIFT;
            if over {
                sending.ready.clear();
            }
            let more = !over && self.choose(sending, *now)?;
            self.begin(sending, *now)?;
            moved |= more;
            if self.attempted.is_empty() && !more {
                return Ok(moved);
            }
            if !more && sending.ended.len() < self.attempted.len() {
                let ended = self.wait(now);
                sending.ended.extend(ended);
            }
            let whole =
                sending.ready.is_empty() && sending.ended.len() == self.attempted.len();
            // Where time stands still all end at one instant: so a replay takes them in as it
            // did the first time.
            if whole || !self.hands.stands_still() {
                self.conclude_all(&mut sending.ended)?;
            }
            if self.attempted.is_empty() {
                sending.door = None;
            }
        }
    }

    /// Waits a moment for what is under way. None ended before what was done until now.
    fn wait(&mut self, now: &mut Timestamp) -> Vec<Ended> {
        let (later, mut ended) = self.hands.ended(*now);
        for one in &mut ended {
            one.at = one.at.max(*now);
        }
        *now = later;
        ended
    }

    /// Chooses what is due and need not wait for what is under way; whether there may be more
    /// of it.
    fn choose(
        &mut self,
        sending: &mut Sending,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        let still = self.hands.stands_still();
        let look = match self.attempted.len() + sending.ready.len() {
            0 => AT_ONCE,
            _ if still => return Ok(false),
            _ => AT_ONCE * AHEAD,
        };
        // What fails meanwhile is tried again by the next tick: this one has an end.
        let when = (now, self.began_at);
        let mut due = store.due_effects(when, u32::try_from(look).unwrap_or(u32::MAX))?;
        due.retain(|row| !self.attempted.contains_key(&row.id));
        if due.is_empty() {
            return Ok(false);
        }
        if sending.door.is_none() {
            sending.door = Some(Leaving::enter(store)?);
        }
        let before = (self.attempted.is_empty(), sending.chosen);
        for row in self.let_through(due, now)? {
            if self.attempted.len() + sending.ready.len() >= AT_ONCE {
                break;
            }
            let effect: Effect = serde_json::from_str(&row.effect)?;
            let waits = !self.hands.is_free(&effect) || self.would_move_others(&row)?;
            if waits && !still {
                continue;
            }
            let Some(row) = self.fit_to_leave(row, now)? else { continue };
            let before = sending.chosen;
            sending.chosen += 1;
            sending.ready.push_back(Attempted { row, effect, before });
            if !still {
                self.begin(sending, now)?;
            }
        }
        // Where nothing was under way, all that was looked at was chosen, put off or taken back.
        Ok(before.0 || sending.chosen > before.1)
    }

    /// Begins what is ready and need not wait for what is under way.
    fn begin(
        &mut self,
        sending: &mut Sending,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        for one in std::mem::take(&mut sending.ready) {
            if !self.hands.is_free(&one.effect) {
                sending.ready.push_back(one);
                continue;
            }
            let (id, key) = (one.row.id, &one.row.key);
            // Somebody may have paused it, or taken it back.
            if !self.store.may_leave(key)? {
                continue;
            }
            let attempts = one.row.attempts;
            let delivery = Delivery { key, effect: &one.effect, attempts };
            let at_once = self.hands.begin(id, delivery, now);
            self.attempted.insert(id, one);
            let ended = at_once.map(|outcome| Ended { id, outcome, at: now });
            sending.ended.extend(ended);
        }
        Ok(())
    }

    /// Whether runs of the policy have not heeded yet what has happened, while a request of one
    /// may be under way: before the next leaves, they would.
    fn would_move_others(&self, row: &OutboxRow) -> Result<bool, EngineError> {
        let Some(run) = row.run_id.filter(|_| !self.attempted.is_empty()) else {
            return Ok(false);
        };
        let Some(run) = self.store.run(run)? else { return Ok(false) };
        Ok(self.store.unheeded(run.policy_id)?.is_some())
    }

    /// What is under way now.
    pub(super) fn under_way(&self) -> impl Iterator<Item = &Effect> {
        self.attempted.values().map(|attempted| &attempted.effect)
    }

    /// Puts on record how attempts ended: together, or what can be where one cannot. Where time
    /// stands still they stay together, so that a replay goes the same way.
    fn conclude_all(&mut self, ended: &mut Vec<Ended>) -> Result<(), EngineError> {
        let store = self.store;
        let known = ended
            .drain(..)
            .filter_map(|it| Some((self.attempted.remove(&it.id)?, it.outcome, it.at)));
        let mut known: Vec<(Attempted, Outcome, Timestamp)> = known.collect();
        known.sort_by_key(|(attempted, _, at)| (*at, attempted.before));
        if known.is_empty() {
            return Ok(());
        }
        let together = store.atomically(|| {
            for (attempted, outcome, at) in known.clone() {
                self.conclude(attempted, outcome, at)?;
            }
            Ok::<_, EngineError>(())
        });
        if together.is_err() && known.len() > 1 && !self.hands.stands_still() {
            for (attempted, outcome, at) in known {
                store.atomically(|| self.conclude(attempted, outcome, at)).ok();
            }
        }
        together
    }

    /// Puts off an effect of a policy that cannot be followed now, for its answer could not be
    /// taken in; and takes back what should no longer be.
    fn fit_to_leave(
        &mut self,
        effect: OutboxRow,
        now: Timestamp,
    ) -> Result<Option<OutboxRow>, EngineError> {
        let store = self.store;
        // A report is of no run, and is what it is.
        let Some(run_id) = effect.run_id else { return Ok(Some(effect)) };
        let Some(row) = store.run(run_id)? else { return Ok(None) };
        let run = read(&row)?;
        let Some(loaded) = self.loaded(&Pin::of_run(&row, &run))? else {
            store.put_off_effect(effect.id, now.after(BLOCKED_PAUSE))?;
            return Ok(None);
        };
        let key = effect.key.clone();
        let takes =
            matches!(&run.state, State::Removing { effect, .. } if *effect == key);
        let later = takes && (effect.created_at < self.began_at || effect.attempts > 0);
        if later
            && let Some(until) =
                self.room((&run, false), (row.policy_id, &loaded), now)?
        {
            store.put_off_effect(effect.id, until)?;
            return Ok(None);
        }
        // Also in the tick that decided it: what else is done in it, and an import beside
        // a long one, may have changed what it was decided by.
        if takes {
            let event = Event::Attempting { key };
            store.atomically(|| self.advance(&row, event, now))?;
        }
        if !store.effect_waits(effect.id)? {
            return Ok(None);
        }
        if later && !run.begun {
            store.note_taking((run_id, row.policy_id), now)?;
        }
        Ok(Some(effect))
    }

    /// Puts on record how an attempt ended, and goes on with its run.
    fn conclude(
        &mut self,
        Attempted { row, effect, .. }: Attempted,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let row = &row;
        let record = serde_json::to_string(&outcome)?;
        let alone = self.note_health(&effect, &outcome, now)?;
        match &outcome {
            Outcome::Failed { why, retry_after, .. } => {
                if let Some(delay) =
                    next_delay(row.attempts + 1, retries(&effect), &row.key, *retry_after)
                {
                    let again_at = alone.max(Some(now.after(delay))).unwrap_or(now);
                    self.report.postponed += 1;
                    store.postpone_effect(row.id, &record, again_at)?;
                    let what = effect.target().to_owned();
                    let entry = Entry::AttemptFailed { what, why: why.clone(), again_at };
                    if let Some(run) = row.run_id {
                        let entry = serde_json::to_string(&entry)?;
                        store.append_trail(run, now, &entry)?;
                    }
                    return Ok(());
                }
                self.report.failed += 1;
            }
            Outcome::Unready { why } if !too_late(row, &effect, now) => {
                return self.hold_back(row, (&effect, why, &record), now);
            }
            Outcome::Refused { .. } | Outcome::Unready { .. } => self.report.failed += 1,
            Outcome::Delivered { .. } | Outcome::AlreadySo { .. } => {
                self.report.delivered += 1;
            }
        }
        store.finish_effect(row.id, &record, now)?;
        let Some(run_id) = row.run_id else {
            if let Outcome::Refused { why }
            | Outcome::Failed { why, .. }
            | Outcome::Unready { why } = &outcome
            {
                let to = effect.target();
                let lost = format!("a report to {to} did not arrive: {why}");
                self.warn(lost);
            }
            return Ok(());
        };
        let Some(run) = store.run(run_id)? else { return Ok(()) };
        self.report.lost.extend(lost(&run, &effect, &outcome));
        let event = Event::Answered { key: row.key.clone(), effect, outcome };
        self.advance(&run, event, now)
    }
}

/// What will not arrive any more, now that an attempt has ended so.
fn lost(run: &RunRow, effect: &Effect, outcome: &Outcome) -> Option<Lost> {
    let (Outcome::Refused { why }
    | Outcome::Failed { why, .. }
    | Outcome::Unready { why }) = outcome
    else {
        return None;
    };
    Some(Lost {
        run: run.id,
        subject: run.subject.name.clone(),
        kind: if matches!(effect, Effect::Mail(_)) { "message" } else { "request" },
        to: effect.target().to_owned(),
        why: why.clone(),
    })
}

/// Whether it is a message that is given up: nobody wants to read it so long after.
fn too_late(row: &OutboxRow, effect: &Effect, now: Timestamp) -> bool {
    matches!(effect, Effect::Mail(_)) && row.created_at.after(MAIL_PATIENCE) < now
}

/// How many times an effect is tried again.
fn retries(effect: &Effect) -> u32 {
    match effect {
        Effect::Mail(_) => MAIL_RETRY,
        Effect::Webhook(request) => request.retry,
        Effect::Call(calling) => calling.retry,
        Effect::Connector(_) => CONNECTOR_RETRY,
    }
}
