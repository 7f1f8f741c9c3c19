//! What an access review rejects: it is told of, and whoever takes that event takes the access.
//!
//! INVARIANT: policies hear of a rejection before the review acts on it, so that they find the
//! access still there, and what one of them takes the review takes no second time.

use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::pilot::Pin;
use crate::engine::run::{Run, State, Verdict};
use crate::engine::step::Event;
use crate::engine::tick::Engine;
use crate::store::RunRow;
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
                if !is_rejected(&run) {
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
                if !is_rejected(&run) {
                    continue;
                }
                let event = match self.taken_by(&run)? {
                    Some(policy) => Event::LeftTo { policy },
                    None => Event::Closed,
                };
                self.advance(&row, event, now)?;
                // One whose policy is blocked goes when it can be followed again.
                let after = store.run(row.id)?.map(|row| read(&row)).transpose()?;
                moved |= !after.as_ref().is_some_and(is_rejected);
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
}

/// Whether a run of an access review waits for nothing but that its verdict acts.
fn is_rejected(run: &Run) -> bool {
    let verdict = run.decision.as_ref().map(|decision| decision.verdict);
    verdict == Some(Verdict::Remove)
        && run.acts_at.is_some()
        && matches!(run.state, State::Waiting { .. })
}
