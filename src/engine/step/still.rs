//! A run hears that what it took away is still there.

use crate::engine::Change;
use crate::engine::run::{State, Track};
use crate::engine::step::Next;
use crate::engine::trail::Entry;
use crate::ir::{Step, StepKind};
use crate::time::Timestamp;

impl Next<'_> {
    /// The step that took it has failed after all. A run that is past deciding stays what it is,
    /// and the admin hears of it all the same.
    pub(super) fn still_there(&mut self, change: &Change, shown_at: Timestamp) {
        let why = format!("still there: the import of {shown_at} shows it");
        let steps = &self.scene.policy.steps;
        let took = steps
            .iter()
            .position(|step| step.with_inner().any(|inner| could_take(inner, change)));
        let goes_on = matches!(
            self.run.state,
            State::Removed
                | State::NoLongerApplies { .. }
                | State::At { .. }
                | State::Waiting { .. }
        );
        match took {
            Some(step)
                if goes_on && self.run.track == Track::Then && self.run.settled =>
            {
                // All of it is tried again: what is so is skipped.
                self.run.together = None;
                let text = self.step_text(step);
                self.trail.push(Entry::StepFailed { step: text, why: why.clone() });
                self.failed(step, why);
            }
            _ => {
                let step = took.map(|step| self.step_text(step)).unwrap_or_default();
                self.trail.push(Entry::StepFailed { step, why: why.clone() });
                // Whoever sets it going again has it done from the first that failed.
                if let (Some(took), State::Failed { step, .. }) =
                    (took, &mut self.run.state)
                {
                    *step = took.min(*step);
                }
                self.tell_admin("failed", &why);
            }
        }
    }
}

fn could_take(step: &Step, change: &Change) -> bool {
    match (&step.kind, change) {
        (StepKind::DisableAccount, Change::Disable { .. })
        | (StepKind::DeleteAccount, Change::DeleteAccount { .. })
        | (StepKind::UnassignFromApp, Change::Unassign { .. })
        | (StepKind::RemoveAccess, Change::Unassign { .. } | Change::Revoke { .. }) => {
            true
        }
        (StepKind::RevokePermission(names), Change::Revoke { permission, .. }) => {
            names.iter().any(|name| name.ids.contains(&permission.id))
        }
        (StepKind::RemoveFromGroup(groups), Change::Leave { group, .. }) => {
            groups.iter().any(|known| known.id == *group)
        }
        _ => false,
    }
}
