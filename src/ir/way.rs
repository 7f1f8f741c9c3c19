//! Ways: by what a step is done in an app, where its item says so.

use crate::ir::{App, AppId, By, Policy, Step, StepKind, SubjectKind};
use std::mem::discriminant;

impl App {
    /// By what a step is done here, where a line of its own says so.
    pub fn way(&self, kind: &StepKind) -> Option<&By> {
        let is = |(step, _): &&(Step, By)| discriminant(&step.kind) == discriminant(kind);
        self.steps.iter().find(is).map(|(_, by)| by)
    }

    /// By what a step about a whole account is done here.
    pub fn way_of_account(&self, kind: &StepKind) -> Option<&By> {
        match kind {
            StepKind::RemoveAccess => {
                let unassign = || self.way(&StepKind::UnassignFromApp);
                self.deprovision.as_ref().or_else(unassign)
            }
            kind => self.way(kind),
        }
    }

    /// By what a step may be done here, for any of the subjects of a kind.
    fn ways(&self, kind: &StepKind, grants: bool) -> Vec<&By> {
        let revoke = || self.way(&StepKind::RevokePermission(Vec::new()));
        match kind {
            StepKind::RevokePermission(names) => {
                let ids = names.iter().flat_map(|name| &name.ids);
                ids.filter_map(|id| self.takes(*id)).chain(revoke()).collect()
            }
            StepKind::RemoveAccess if grants => {
                let permissions = self.permissions.iter().map(|(_, by)| by);
                permissions.chain(&self.other_permissions).chain(revoke()).collect()
            }
            kind => self.way_of_account(kind).into_iter().collect(),
        }
    }

    /// Whether a step has a way here, whichever subject of a kind it is about.
    fn has_way(&self, kind: &StepKind, grants: bool) -> bool {
        match kind {
            StepKind::RevokePermission(names) if self.way(kind).is_none() => {
                let mut ids = names.iter().flat_map(|name| &name.ids);
                ids.all(|id| self.takes(*id).is_some())
            }
            kind => !self.ways(kind, grants).is_empty(),
        }
    }
}

impl Policy {
    /// Whether the item of an app says how a step is done there.
    pub fn has_way(&self, kind: &StepKind, app: AppId) -> bool {
        let grants = self.scope.kind == SubjectKind::Grant;
        let mut apps = self.apps.iter();
        apps.any(|known| known.id == app && known.has_way(kind, grants))
    }

    /// All ways that its steps may go in the apps it looks at.
    pub fn ways(&self) -> Vec<&By> {
        let grants = self.scope.kind == SubjectKind::Grant;
        let steps = self.every_step().filter(|step| step.kind.in_store());
        steps
            .flat_map(|step| {
                self.apps.iter().flat_map(|app| app.ways(&step.kind, grants))
            })
            .collect()
    }
}
