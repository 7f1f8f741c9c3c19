//! What undoing would do, and why some of it may not be done.
//!
//! Whoever undoes is no policy, and stands under the same rails: what is protected, or the last
//! of its kind, is not taken, and what never happens does not happen by going back either. Not
//! knowing refuses too.

use crate::engine::never::{Nevers, forbidden, nevers};
use crate::engine::shield::guarded;
use crate::engine::{Cast, Change, Settings, Shield};
use crate::facts::{Facts, SubjectId};
use crate::ir::{Attribute, Field, GroupId, GroupRef, Never, RoleId, RoleRef, StepKind};
use crate::store::{Called, Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use std::rc::Rc;

/// What holds whoever undoes.
pub(super) struct Rails {
    shield: Rc<Shield>,
    nevers: Nevers,
}

impl Rails {
    pub(super) fn new(store: &Store, settings: &Settings) -> Result<Self, StoreError> {
        Ok(Self {
            shield: Rc::new(Shield::new(store, &settings.protected)?),
            nevers: nevers(store, &store.catalog()?, settings)?,
        })
    }

    /// Why a change that a run about this subject made is not undone, if so.
    pub(super) fn refuse(
        &self,
        store: &Store,
        (subject, change): (SubjectId, &Change),
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let nevers = match &self.nevers {
            Ok(nevers) => Rc::clone(nevers),
            Err(_) => Rc::default(),
        };
        let Some((user, kind)) = way_back(store, change, &nevers)? else {
            return Ok(None);
        };
        // Nobody knows any more what must not be done.
        if let Err(why) = &self.nevers {
            return Ok(Some(why.clone()));
        }
        let Some(facts) = facts(store, subject, user)? else {
            return Ok(Some("nothing is known of them any more".to_owned()));
        };
        if kind.takes() {
            let cast = Cast {
                shield: Rc::clone(&self.shield),
                alone: store.alone_in_roles(user)?,
                ..Cast::default()
            };
            if let Some(why) = guarded(&kind, &cast, &facts) {
                return Ok(Some(why));
            }
        }
        let forbidden = forbidden(&kind, &nevers, (&facts, &facts), now);
        Ok(forbidden.map(|never| format!("it never happens: {}", never.why)))
    }
}

/// What is known of the subject, if it is that user's still, else of the user.
fn facts(
    store: &Store,
    subject: SubjectId,
    user: i64,
) -> Result<Option<Facts>, StoreError> {
    let theirs = |facts: &Facts| facts.user.as_ref().is_some_and(|it| it.id == user);
    match store.facts(subject)?.filter(theirs) {
        Some(facts) => Ok(Some(facts)),
        None => store.facts(SubjectId::User(user)),
    }
}

/// The step that leads back from a change, and whom it is about; none where no policy has such
/// a step, as for an account that is enabled again.
fn way_back(
    store: &Store,
    change: &Change,
    nevers: &[Never],
) -> Result<Option<(i64, StepKind)>, StoreError> {
    let group = |id: GroupId| {
        let name = store.called(Called::Group(id.0))?;
        Ok::<_, StoreError>(vec![GroupRef { id, name }])
    };
    let role = |id: RoleId| {
        let name = store.called(Called::Role(id.0))?;
        Ok::<_, StoreError>(RoleRef { id, name })
    };
    Ok(match change {
        Change::Join { user, group: id } => {
            Some((*user, StepKind::RemoveFromGroup(group(*id)?)))
        }
        Change::Leave { user, group: id, .. } => {
            Some((*user, StepKind::AddToGroup(group(*id)?)))
        }
        Change::GiveRole { user, role: id } => {
            Some((*user, StepKind::UnassignRole(role(*id)?)))
        }
        Change::TakeRole { user, role: id, .. } => {
            Some((*user, StepKind::AssignRole(role(*id)?)))
        }
        Change::SetLifecycle { user, before, .. } => {
            let set = set(&Field::Lifecycle, before.0.as_deref(), nevers);
            set.map(|set| (*user, set))
        }
        Change::Set { user, field, before, .. } => {
            set(field, before.as_deref(), nevers).map(|set| (*user, set))
        }
        Change::Disable { .. }
        | Change::DeleteAccount { .. }
        | Change::Unassign { .. }
        | Change::Revoke { .. }
        | Change::UserStatus { .. }
        | Change::DeleteUser { .. }
        | Change::ExpirePassword { .. }
        | Change::EndSessions { .. } => None,
    })
}

/// The step that sets an attribute to what it was, in the words of the `never` that is about
/// it; without one it does not matter.
fn set(field: &Field, before: Option<&str>, nevers: &[Never]) -> Option<StepKind> {
    let before = fold(before?);
    let steps = nevers.iter().flat_map(|never| &never.steps);
    let mut kinds = steps.map(|step| &step.kind);
    let about = |attribute: &Attribute| attribute.field == *field;
    let found = kinds.find(|kind| {
        matches!(kind, StepKind::Set { attribute, value }
            if about(attribute) && fold(&value.to_string()) == before)
    });
    found.cloned()
}
