//! Groups that a policy declares, made at their first use.

use crate::engine::Change;
use crate::engine::errors::EngineError;
use crate::engine::library::Loaded;
use crate::engine::pilot::Pin;
use crate::engine::run::Run;
use crate::engine::step::Transition;
use crate::engine::tick::Engine;
use crate::ir::{GroupId, NewGroup, Policy};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// A group that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// Its name.
    pub group: String,
    /// Where.
    pub source: String,
}

impl Engine<'_> {
    /// The policy of a run as it is read now, where it was read before one of its groups was
    /// made.
    pub(super) fn with_groups_made(
        &mut self,
        (policy_id, run): (i64, &Run),
        loaded: &Loaded,
    ) -> Result<Option<Rc<Loaded>>, EngineError> {
        let mut groups = loaded.policy.groups.iter();
        if !groups.any(|group| group.id.is_declared()) {
            return Ok(None);
        }
        self.loaded(&Pin {
            id: policy_id,
            name: &run.policy,
            version: run.version,
            only: run.only.as_deref(),
        })
    }

    /// Gives the groups that a transition makes their numbers, in its own transaction.
    pub(super) fn make_groups(
        &mut self,
        policy: &Policy,
        transition: &mut Transition,
    ) -> Result<(), EngineError> {
        let first = |change: &Change| first_use(change, &policy.groups);
        let groups: Vec<&NewGroup> =
            transition.changes.iter().filter_map(first).collect();
        for group in &groups {
            let number = self.store.make_group(&group.name, &group.source)?;
            let changed = transition.run.changed.iter_mut();
            for change in transition.changes.iter_mut().chain(changed) {
                if let Change::Join { group: joined, .. } = change
                    && *joined == group.id
                {
                    *joined = number;
                }
            }
        }
        if !groups.is_empty() {
            self.library.renew(self.store)?;
        }
        Ok(())
    }
}

/// The group that is not there yet and that a change needs.
pub(super) fn first_use<'a>(
    change: &Change,
    groups: &'a [NewGroup],
) -> Option<&'a NewGroup> {
    let Change::Join { group, .. } = change else { return None };
    let made = |new: &&NewGroup| new.id == *group && GroupId::is_declared(new.id);
    groups.iter().find(made)
}
