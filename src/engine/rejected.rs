//! What an access review rejects: it is told of, and whoever takes that event takes the access.
//!
//! INVARIANT: policies hear of a rejection before the review acts on it, so that they find the
//! access still there, and what one of them takes the review takes no second time. Where one
//! that may take it cannot listen yet, the review waits for it.

use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::hear::{Heard, whoever};
use crate::engine::library::Loaded;
use crate::engine::moment::{Footing, moment};
use crate::engine::pilot::Pin;
use crate::engine::run::Run;
use crate::engine::step::Event;
use crate::engine::tick::Engine;
use crate::facts::SubjectId;
use crate::ir::EventKind;
use crate::query::{Moment, Truth, evaluate, verdict};
use crate::store::RunRow;
use crate::syntax::names_in;
use crate::time::Timestamp;

impl Engine<'_> {
    /// Tells of all that was decided to go in an access review, once each, and then lets it go;
    /// whether any went.
    pub(super) fn act_on_verdicts(
        &mut self,
        policy_id: i64,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        let any = store.atomically(|| {
            let mut untold = Vec::new();
            let mut any = false;
            for row in store.open_runs_of(policy_id)? {
                let run = read(&row)?;
                if !run.is_rejected() {
                    continue;
                }
                any = true;
                if run.rejection.is_none() {
                    untold.push((row, run));
                }
            }
            let told: Vec<_> =
                untold.iter().map(|(row, _)| (row.subject.id, row.id)).collect();
            let event = store.tell_rejections(policy_id, &told, now)?;
            for (row, run) in untold {
                let run = Run { rejection: Some(event), ..run };
                let body = serde_json::to_string(&run)?;
                store.save_run(&RunRow { body, ..row })?;
            }
            Ok::<_, EngineError>(any)
        })?;
        if !any {
            return Ok(false);
        }
        self.events(now)?;
        store.atomically(|| {
            let mut moved = false;
            for row in store.open_runs_of(policy_id)? {
                let run = read(&row)?;
                if !run.is_rejected() {
                    continue;
                }
                let event = match self.taken_by(&run)? {
                    Some(policy) => Event::LeftTo { policy },
                    None => match self.may_be_taken_by((policy_id, &run), now)? {
                        Some(why) if waits_already(&run, &why, now) => continue,
                        Some(why) => Event::MayBeLeft { why },
                        None => Event::Closed,
                    },
                };
                self.advance(&row, event, now)?;
                // One whose policy is blocked goes when it can be followed again.
                let after = store.run(row.id)?.map(|row| read(&row)).transpose()?;
                moved |= !after.as_ref().is_some_and(Run::is_rejected);
            }
            Ok::<_, EngineError>(moved)
        })
    }

    /// The policy that takes away what was rejected, because it was.
    fn taken_by(&mut self, run: &Run) -> Result<Option<String>, EngineError> {
        let Some(event) = run.rejection else { return Ok(None) };
        for row in self.store.runs_opened_by_event(run.subject.id, event)? {
            let other = read(&row)?;
            if let Some(loaded) = self.loaded(&Pin::of_run(&row, &other))?
                && loaded.policy.takes()
            {
                return Ok(Some(other.policy));
            }
        }
        Ok(None)
    }

    /// The policy that may yet take away what was rejected, and what keeps it: it is paused or
    /// blocked and has not listened, or its evaluation is held by a limit.
    fn may_be_taken_by(
        &mut self,
        (review, run): (i64, &Run),
        now: Timestamp,
    ) -> Result<Option<String>, EngineError> {
        let (store, subject) = (self.store, run.subject.id);
        let Some(event) = run.rejection else { return Ok(None) };
        let behind = store.behind(event)?;
        for row in store.policies()? {
            // One that is only observed takes nothing.
            let Some(pin) =
                Pin::active(&row).filter(|pin| pin.id != review && !row.mode.observe)
            else {
                continue;
            };
            let name = &row.name;
            let unheard =
                behind.iter().any(|it| it.policy == row.id && it.heard_to < event);
            if !unheard {
                if let Some(held) = store.last_held(row.id, true)?
                    && (held.state.as_str(), held.version) == ("held", pin.version)
                    && let Some(heard) = store.held_for_whom(held.evaluation, subject)?
                    && serde_json::from_str::<Heard>(&heard)?.last == event
                    && self.loaded(&pin)?.is_none_or(|loaded| loaded.policy.takes())
                {
                    let number = held.evaluation;
                    return Ok(Some(format!(
                        "evaluation {number} of policy {name} is held, and may take it away"
                    )));
                }
                continue;
            }
            let may_take = match self.loaded(&pin)? {
                Some(loaded) => {
                    self.may_take((row.id, &loaded, pin.version), subject, now)?
                }
                None => {
                    let text =
                        store.policy_text(row.id, pin.version)?.unwrap_or_default();
                    names_in(&text).contains("rejected")
                }
            };
            if may_take {
                let kept = match store.is_paused(row.id)? {
                    true => "is paused",
                    false => "cannot be followed now",
                };
                return Ok(Some(format!("policy {name} {kept}, and may take it away")));
            }
        }
        Ok(None)
    }

    /// Whether a policy listens to rejections, takes something, and may do so to a subject.
    fn may_take(
        &self,
        (id, loaded, version): (i64, &Loaded, u32),
        subject: SubjectId,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let (store, policy) = (self.store, &*loaded.policy);
        let mut events = policy.events.iter();
        if !policy.takes()
            || subject.kind() != policy.scope.kind
            || !events.any(|event| event.kind == EventKind::AccessRejected)
            || store.outside(&whoever(&policy.scope), subject)?.is_some()
            || store.is_blocked(id, subject, now)?
        {
            return Ok(false);
        }
        let Some(facts) = store.facts_by(subject, policy.activity.as_ref())? else {
            return Ok(false);
        };
        let footing = Footing::Active { id, version };
        let at = moment(store, policy, footing, (self.settings.zone, now))?;
        let at = Moment { since: Some(now), ..at };
        let pilot = policy.pilot.as_ref();
        let inside =
            pilot.is_none_or(|it| evaluate(&it.condition, &facts, at) == Truth::True);
        let truth = verdict(&policy.when, policy.except.as_ref(), &facts, at);
        Ok(inside && truth != Truth::False)
    }
}

/// Whether a run waits for the same already, and is not yet to look again.
fn waits_already(run: &Run, why: &str, now: Timestamp) -> bool {
    let awaits = run.awaits.as_ref();
    awaits.is_some_and(|awaited| awaited.why == why && awaited.at > now)
}
