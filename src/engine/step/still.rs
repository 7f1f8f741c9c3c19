//! A run hears that what it took away is still there.

use crate::engine::Change;
use crate::engine::run::{State, Track};
use crate::engine::step::Next;
use crate::engine::trail::Entry;
use crate::ir::{Step, StepKind};
use crate::time::Timestamp;

impl Next<'_> {
    /// The steps that took it have failed after all; the run goes on from the first of them. One
    /// that is past deciding stays what it is, and the admin hears of it all the same.
    /// Whoever was given more time is to have it: a run for what had ended is over.
    pub(super) fn still_there(&mut self, shown: &[(Change, Timestamp)]) {
        let over =
            matches!(self.run.state, State::Removed | State::NoLongerApplies { .. });
        if (over || self.run.state.is_open() && self.run.track != Track::Kept)
            && let Some(why) = self.was_given_time()
        {
            let why = format!("{why}, and it is there again");
            self.end(State::NoLongerApplies { why: why.clone() }, Some(why));
            return;
        }
        let steps = &self.scene.policy.steps;
        let took = |change: &Change| {
            let could = |step: &Step| step.with_inner().any(|it| could_take(it, change));
            steps.iter().position(could)
        };
        let mut failed: Vec<(Option<usize>, Timestamp)> =
            shown.iter().map(|(change, at)| (took(change), *at)).collect();
        failed.sort_unstable();
        failed.dedup_by_key(|(step, _)| *step);
        let mut why = String::new();
        let mut of = Vec::with_capacity(failed.len());
        for (step, shown_at) in failed.iter().rev() {
            why = format!("still there: the import of {shown_at} shows it");
            let step = step.map(|step| self.step_text(step)).unwrap_or_default();
            of.insert(0, step.clone());
            self.trail.push(Entry::StepFailed { step, why: why.clone() });
        }
        if let (false, Some(shown_at)) =
            (of.len() < 2, failed.iter().map(|it| it.1).max())
        {
            let of = of.join(", ");
            why = format!(
                "still there: the import of {shown_at} shows what is left of {of}"
            );
        }
        let first = failed.iter().find_map(|(step, _)| *step);
        let goes_on = matches!(
            self.run.state,
            State::Removed
                | State::NoLongerApplies { .. }
                | State::At { .. }
                | State::Waiting { .. }
        );
        match first {
            Some(step)
                if goes_on && self.run.track == Track::Then && self.run.settled =>
            {
                // All of it is tried again: what is so is skipped.
                self.run.together = None;
                self.failed(step, format!("{why}{}", self.sent_again(step)));
            }
            _ => {
                // Whoever sets it going again has it done from the first that failed.
                if let (Some(first), State::Failed { step, .. }) =
                    (first, &mut self.run.state)
                {
                    *step = first.min(*step);
                }
                self.tell_admin("failed", &why);
            }
        }
    }

    /// What leaves once more where the run goes on from a step, in words: nothing tells whether
    /// it is so already.
    fn sent_again(&self, from: usize) -> String {
        let steps = self.scene.policy.steps.iter().skip(from);
        let sent: Vec<&str> = steps
            .flat_map(Step::with_inner)
            .filter(|step| {
                matches!(
                    step.kind,
                    StepKind::Notify { .. }
                        | StepKind::Task { .. }
                        | StepKind::RunWebhook(_)
                        | StepKind::RunFlow { .. }
                        | StepKind::Call(_)
                )
            })
            .map(|step| step.text.as_str())
            .collect();
        match sent.is_empty() {
            true => String::new(),
            false => format!("; `tenure retry` also does again: {}", sent.join(", ")),
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
