//! Steps that change what the store itself holds.

use crate::engine::change::text;
use crate::engine::connector::asks_source;
use crate::engine::errand::{ends_sessions, errands, told};
use crate::engine::groups::{Made, first_use};
use crate::engine::run::{State, Track};
use crate::engine::shield::refused;
use crate::engine::step::{Next, Then};
use crate::engine::trail::Entry;
use crate::engine::{Cast, Change};
use crate::facts::{Account, Facts, Person, SubjectId};
use crate::ir::{
    Attribute, Field, GroupRef, NewGroup, PermissionRef, Policy, RoleRef, Step, StepKind,
    Value,
};
use crate::text::fold;
use crate::time::Timestamp;

/// What is left to do of a step.
pub(super) enum Due {
    /// These changes.
    Changes(Vec<Change>),
    /// Nothing, for this reason.
    Nothing(String),
    /// It cannot be done, for this reason.
    Never(String),
}

impl Next<'_> {
    pub(super) fn change_store(&mut self, index: usize, step: &Step) -> Then {
        let scene = self.scene;
        // What other systems have begun is brought to its end, whatever the store knows.
        if self.done_of(index) > 0
            && let Some(then) = self.ask_others(index, step)
        {
            return then;
        }
        let asks = asks_source(&step.kind, scene.facts, scene.cast)
            && errands(&step.kind, scene).is_ok_and(|them| !them.is_empty())
            || step.kind == StepKind::EndSessions
                && ends_sessions(scene.policy, scene.facts);
        match due(&step.kind, scene.facts, (scene.cast, scene.now)) {
            Due::Nothing(_) if asks => self.asked_or_done(index, step, Vec::new()),
            Due::Nothing(why) => {
                self.trail.push(Entry::StepSkipped { step: told(step, scene), why });
                Then::GoOn
            }
            Due::Never(why) => {
                self.fail(index, why);
                Then::Stop
            }
            Due::Changes(changes) => self.asked_or_done(index, step, changes),
        }
    }

    /// Other systems are asked for it, where the app says so; else the store alone changes.
    fn asked_or_done(&mut self, index: usize, step: &Step, changes: Vec<Change>) -> Then {
        if let Some(why) = refused(step, self.scene, &self.run.changed) {
            return self.is_refused(index, why);
        }
        if let Some(then) = self.ask_others(index, step) {
            return then;
        }
        self.makes(changes);
        self.run.took |= step.kind.takes();
        let step = told(step, self.scene);
        self.trail.push(Entry::StepDone { step, message: None });
        self.run.state = State::At { step: index + 1 };
        if self.is_last(index) {
            self.over();
        }
        Then::Stop
    }

    /// Whether nothing is left behind a step, so that no facts are needed to end there.
    fn is_last(&self, index: usize) -> bool {
        let in_review = self.run.track == Track::Then && !self.run.settled;
        let steps = self.run.steps(self.scene.policy);
        !in_review && !self.inside(index) && steps.len() <= index + 1
    }

    /// Changes the store, and makes the groups that somebody joins first.
    pub(super) fn makes(&mut self, changes: Vec<Change>) {
        for change in &changes {
            let Some(made) = first_use(change, &self.scene.policy.groups) else {
                continue;
            };
            let NewGroup { name, source, .. } = made.clone();
            self.trail.push(Entry::GroupMade(Made { group: name, source }));
        }
        // What was taken once and was still there is taken again, and undone once.
        self.run.changed.retain(|done| !changes.contains(done));
        self.run.changed.extend(changes.iter().cloned());
        self.changes.extend(changes);
    }
}

/// Whether the store shows that nothing is left of a step.
pub(super) fn already(
    kind: &StepKind,
    (policy, facts): (&Policy, &Facts),
    now: Timestamp,
) -> bool {
    let nobody = Cast::default();
    let asks = *kind == StepKind::EndSessions && ends_sessions(policy, facts);
    kind.in_store()
        && !asks
        && matches!(due(kind, facts, (&nobody, now)), Due::Nothing(_))
}

/// What is left to do of a step that changes the store.
pub(super) fn due(
    kind: &StepKind,
    facts: &Facts,
    (cast, now): (&Cast, Timestamp),
) -> Due {
    let account = |change: fn(&Facts, &Account) -> Due| match &facts.account {
        Some(account) => change(facts, account),
        None => Due::Never("the account is gone".to_owned()),
    };
    let Some(user) = &facts.user else {
        return match kind {
            StepKind::RemoveAccess => remove_access(facts),
            StepKind::UnassignFromApp => account(unassign),
            StepKind::DisableAccount => account(disable_account),
            StepKind::DeleteAccount => account(delete_account),
            StepKind::RevokePermission(names) => revoke(facts, names),
            StepKind::EndSessions => end_sessions(facts),
            _ => Due::Never("the account has no owner".to_owned()),
        };
    };
    match kind {
        StepKind::RemoveAccess => remove_access(facts),
        StepKind::UnassignFromApp => account(unassign),
        StepKind::DisableAccount => account(disable_account),
        StepKind::DeleteAccount => account(delete_account),
        StepKind::RevokePermission(names) => revoke(facts, names),
        StepKind::EndSessions => end_sessions(facts),
        StepKind::DisableUser => status(user, "disabled", &["disabled", "deleted"]),
        StepKind::SuspendUser => {
            status(user, "suspended", &["suspended", "disabled", "deleted"])
        }
        StepKind::DeleteUser => delete_user(user),
        StepKind::RequirePasswordChange => match user.password_expires_at {
            Some(at) if at <= now => Due::Nothing("it has expired already".to_owned()),
            before => change(Change::ExpirePassword { user: user.id, before }),
        },
        StepKind::AddToGroup(groups) => join(facts, user, groups),
        StepKind::RemoveFromGroup(groups) => leave(facts, user, groups),
        StepKind::AssignRole(role) if facts.roles.contains_key(&role.id) => {
            Due::Nothing("holds it already".to_owned())
        }
        StepKind::AssignRole(role) => {
            change(Change::GiveRole { user: user.id, role: role.id })
        }
        StepKind::UnassignRole(role) => take_role(facts, user, role),
        StepKind::Set { attribute, value } => set(facts, user, (attribute, value), cast),
        StepKind::Ask { .. }
        | StepKind::Notify { .. }
        | StepKind::Task { .. }
        | StepKind::Wait(_)
        | StepKind::RunWebhook(_)
        | StepKind::RunFlow { .. }
        | StepKind::Call(_)
        | StepKind::Verify { .. }
        | StepKind::AllOf(_) => Due::Never("it changes nothing in the store".to_owned()),
    }
}

fn change(change: Change) -> Due {
    Due::Changes(vec![change])
}

/// A grant's own way is to be revoked; an account's, to be taken from its app.
fn remove_access(facts: &Facts) -> Due {
    match (&facts.grant, &facts.account) {
        (Some(grant), Some(account)) => {
            if facts.permissions.iter().any(|held| held.id == grant.permission.id) {
                change(Change::Revoke {
                    account: account.id,
                    grant: Some(grant.id),
                    permission: grant.permission.clone(),
                })
            } else {
                Due::Nothing("not held".to_owned())
            }
        }
        (None, Some(account)) => unassign(facts, account),
        (_, None) => Due::Never("the account is gone".to_owned()),
    }
}

fn unassign(_: &Facts, account: &Account) -> Due {
    match account.gone {
        true => Due::Nothing("already gone".to_owned()),
        false => change(Change::Unassign { account: account.id }),
    }
}

fn disable_account(_: &Facts, account: &Account) -> Due {
    match account.status.as_deref() {
        Some(status @ ("disabled" | "deleted")) => {
            Due::Nothing(format!("already {status}"))
        }
        _ => change(Change::Disable {
            account: account.id,
            before: account.status.clone(),
        }),
    }
}

fn delete_account(_: &Facts, account: &Account) -> Due {
    if account.gone && account.status.as_deref() == Some("deleted") {
        return Due::Nothing("already deleted".to_owned());
    }
    change(Change::DeleteAccount {
        account: account.id,
        before: account.status.clone(),
    })
}

fn revoke(facts: &Facts, names: &[PermissionRef]) -> Due {
    let Some(account) = &facts.account else {
        return Due::Never("the account is gone".to_owned());
    };
    let named = |id| names.iter().any(|name| name.ids.contains(id));
    let held = facts.permissions.iter().filter(|held| named(&held.id));
    let grant = facts.grant.as_ref();
    let changes: Vec<Change> = held
        .map(|held| Change::Revoke {
            account: account.id,
            grant: grant.filter(|it| it.permission.id == held.id).map(|it| it.id),
            permission: held.clone(),
        })
        .collect();
    match changes.is_empty() {
        true => Due::Nothing("not held".to_owned()),
        false => Due::Changes(changes),
    }
}

fn status(user: &Person, status: &str, done: &[&str]) -> Due {
    match user.status.as_deref() {
        Some(now) if done.contains(&now) => Due::Nothing(format!("already {now}")),
        _ => change(Change::UserStatus {
            user: user.id,
            status: status.to_owned(),
            before: user.status.clone(),
        }),
    }
}

fn delete_user(user: &Person) -> Due {
    match user.gone {
        true => Due::Nothing("already deleted".to_owned()),
        false => {
            change(Change::DeleteUser { user: user.id, before: user.status.clone() })
        }
    }
}

/// An account's sessions; a user's, in every app.
fn end_sessions(facts: &Facts) -> Due {
    let of = match (facts.subject.id, &facts.account) {
        (user @ SubjectId::User(_), _) => user,
        (_, Some(account)) => SubjectId::Account(account.id),
        (_, None) => return Due::Never("the account is gone".to_owned()),
    };
    match facts.sessions {
        0 => Due::Nothing("no session is open".to_owned()),
        before => change(Change::EndSessions { of, before }),
    }
}

fn join(facts: &Facts, user: &Person, groups: &[GroupRef]) -> Due {
    let due = groups.iter().filter(|group| !facts.groups.contains_key(&group.id));
    let changes: Vec<Change> = due
        .map(|group| Change::Join { user: user.id, group: group.id })
        .collect();
    match changes.is_empty() {
        true => Due::Nothing("already a member".to_owned()),
        false => Due::Changes(changes),
    }
}

fn leave(facts: &Facts, user: &Person, groups: &[GroupRef]) -> Due {
    let mut changes = Vec::new();
    for group in groups {
        let Some(joined_at) = facts.groups.get(&group.id).copied() else { continue };
        // The other group would bring it back.
        if facts.derived.contains(&group.id) {
            return Due::Never(format!(
                "a member of `{}` through another group; take them out of that one",
                group.name
            ));
        }
        changes.push(Change::Leave { user: user.id, group: group.id, joined_at });
    }
    match changes.is_empty() {
        true => Due::Nothing("not a member".to_owned()),
        false => Due::Changes(changes),
    }
}

fn take_role(facts: &Facts, user: &Person, role: &RoleRef) -> Due {
    match facts.roles.get(&role.id) {
        Some(granted_at) => {
            let (user, role, granted_at) = (user.id, role.id, *granted_at);
            change(Change::TakeRole { user, role, granted_at })
        }
        None => Due::Nothing("not held".to_owned()),
    }
}

fn set(
    facts: &Facts,
    user: &Person,
    (attribute, value): (&Attribute, &Value),
    cast: &Cast,
) -> Due {
    if facts.value(attribute).as_ref() == Some(value) {
        return Due::Nothing(format!("already {value}"));
    }
    let before = text(user, &attribute.field);
    let value = value.to_string();
    if attribute.field != Field::Lifecycle {
        let (user, field) = (user.id, attribute.field.clone());
        return change(Change::Set { user, field, value, before });
    }
    let Some(identity) = cast.lifecycle.get(&fold(&value)).copied() else {
        return Due::Never(format!("no lifecycle state is called `{value}`"));
    };
    change(Change::SetLifecycle {
        user: user.id,
        state: value,
        identity,
        before: (before, user.identity_state),
        changed_at: user.lifecycle_changed_at,
    })
}
