//! What a run changes in the store: made there, foretold in facts, and thought away again.

use crate::engine::Cast;
use crate::facts::{Custom, Facts, Permission, Person, SubjectId, readings};
use crate::ir::{Field, GroupId, IdentityState, RoleId};
use crate::store::{Store, StoreError, Taken};
use crate::text::fold;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A change of the store's own facts. It is made in the transaction that marks its step done,
/// and says what was there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum Change {
    /// The user becomes a member.
    Join {
        /// The user's number.
        user: i64,
        /// The group.
        group: GroupId,
    },
    /// The user ceases to be a member.
    Leave {
        /// The user's number.
        user: i64,
        /// The group.
        group: GroupId,
        /// Since when they were one.
        joined_at: Option<Timestamp>,
    },
    /// The user gets a role.
    GiveRole {
        /// The user's number.
        user: i64,
        /// The role.
        role: RoleId,
    },
    /// The user loses a role.
    TakeRole {
        /// The user's number.
        user: i64,
        /// The role.
        role: RoleId,
        /// Since when they held it.
        granted_at: Option<Timestamp>,
    },
    /// The account's status becomes `disabled`.
    Disable {
        /// The account's number.
        account: i64,
        /// What it was.
        before: Option<String>,
    },
    /// The account is deleted.
    DeleteAccount {
        /// The account's number.
        account: i64,
        /// What its status was.
        before: Option<String>,
    },
    /// The account is no longer one of its app.
    Unassign {
        /// The account's number.
        account: i64,
    },
    /// The account loses a permission.
    Revoke {
        /// The account's number.
        account: i64,
        /// The grant's number, where it is what the run is about.
        grant: Option<i64>,
        /// The permission as it was held.
        permission: Permission,
    },
    /// The user's status becomes another one.
    UserStatus {
        /// The user's number.
        user: i64,
        /// What it becomes.
        status: String,
        /// What it was.
        before: Option<String>,
    },
    /// The user is deleted.
    DeleteUser {
        /// The user's number.
        user: i64,
        /// What their status was.
        before: Option<String>,
    },
    /// The password expires now.
    ExpirePassword {
        /// The user's number.
        user: i64,
        /// When it would have expired.
        before: Option<Timestamp>,
    },
    /// Open sessions end.
    EndSessions {
        /// The account, or the user of all the accounts.
        of: SubjectId,
        /// How many there were.
        before: u64,
    },
    /// The user moves to another lifecycle state.
    SetLifecycle {
        /// The user's number.
        user: i64,
        /// The state.
        state: String,
        /// The identity state that follows.
        identity: IdentityState,
        /// The state before, and the identity state then.
        before: (Option<String>, IdentityState),
        /// When it was last changed before.
        changed_at: Option<Timestamp>,
    },
    /// An attribute of the user becomes another.
    Set {
        /// The user's number.
        user: i64,
        /// Which one.
        field: Field,
        /// What it becomes, as it is written.
        value: String,
        /// What it was.
        before: Option<String>,
    },
}

impl Change {
    /// Makes it, in the caller's transaction.
    pub(crate) fn make(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Join { user, group } => store.join_group(*user, *group, now),
            Self::Leave { user, group, .. } => store.leave_group(*user, *group),
            Self::GiveRole { user, role } => store.give_role(*user, *role, now),
            Self::TakeRole { user, role, .. } => store.take_role(*user, *role),
            Self::Disable { account, .. } => {
                store.set_account_status(*account, "disabled")
            }
            Self::DeleteAccount { account, .. } => {
                store.set_account_status(*account, "deleted")?;
                store.drop_account(*account)
            }
            Self::Unassign { account } => store.drop_account(*account),
            Self::Revoke { account, permission, .. } => {
                store.revoke(*account, permission.id)
            }
            Self::UserStatus { user, status, .. } => store.set_user_status(*user, status),
            Self::DeleteUser { user, .. } => {
                store.set_user_status(*user, "deleted")?;
                store.drop_user(*user)
            }
            Self::ExpirePassword { user, .. } => store.expire_password(*user, now),
            Self::EndSessions { of: SubjectId::User(user), .. } => {
                store.end_user_sessions(*user)
            }
            Self::EndSessions { of, .. } => store.end_account_sessions(of.number()),
            Self::SetLifecycle { user, state, identity, .. } => {
                store.set_lifecycle(*user, (state, *identity), now)
            }
            Self::Set { user, field, value, .. } => {
                store.set_attribute(*user, field, value)
            }
        }
    }

    /// The account that it is made to, where it is none of the whole user.
    pub(crate) fn account(&self) -> Option<i64> {
        match self {
            Self::Disable { account, .. }
            | Self::DeleteAccount { account, .. }
            | Self::Unassign { account }
            | Self::Revoke { account, .. }
            | Self::EndSessions { of: SubjectId::Account(account), .. } => Some(*account),
            Self::Join { .. }
            | Self::Leave { .. }
            | Self::GiveRole { .. }
            | Self::TakeRole { .. }
            | Self::UserStatus { .. }
            | Self::DeleteUser { .. }
            | Self::ExpirePassword { .. }
            | Self::EndSessions { .. }
            | Self::SetLifecycle { .. }
            | Self::Set { .. } => None,
        }
    }

    /// The user whom it is made to, where it is none of an account.
    pub(crate) fn user(&self) -> Option<i64> {
        match self {
            Self::Join { user, .. }
            | Self::Leave { user, .. }
            | Self::GiveRole { user, .. }
            | Self::TakeRole { user, .. }
            | Self::UserStatus { user, .. }
            | Self::DeleteUser { user, .. }
            | Self::ExpirePassword { user, .. }
            | Self::EndSessions { of: SubjectId::User(user), .. }
            | Self::SetLifecycle { user, .. }
            | Self::Set { user, .. } => Some(*user),
            Self::Disable { .. }
            | Self::DeleteAccount { .. }
            | Self::Unassign { .. }
            | Self::Revoke { .. }
            | Self::EndSessions { .. } => None,
        }
    }

    /// What the facts will be once it is made.
    pub fn foretell(&self, facts: &mut Facts, (cast, now): (&Cast, Timestamp)) {
        match self {
            Self::Join { group, .. } => {
                facts.groups.insert(*group, Some(now));
            }
            Self::Leave { group, .. } => {
                facts.groups.remove(group);
            }
            Self::GiveRole { role, .. } => {
                facts.roles.insert(*role, Some(now));
            }
            Self::TakeRole { role, .. } => {
                facts.roles.remove(role);
            }
            Self::Disable { .. } => account_becomes(facts, Some("disabled"), false),
            Self::DeleteAccount { .. } => account_becomes(facts, Some("deleted"), true),
            Self::Unassign { .. } => {
                if let Some(account) = &mut facts.account {
                    account.gone = true;
                }
            }
            Self::Revoke { permission, .. } => {
                facts.permissions.retain(|held| held.id != permission.id);
            }
            Self::UserStatus { status, .. } => user_becomes(facts, Some(status), false),
            Self::DeleteUser { .. } => user_becomes(facts, Some("deleted"), true),
            Self::ExpirePassword { .. } => expires(facts, Some(now)),
            Self::EndSessions { .. } => facts.sessions = 0,
            Self::SetLifecycle { state, identity, .. } => {
                lives(facts, (Some(state), *identity), Some(now));
            }
            Self::Set { field, value, .. } => {
                if let Some(user) = &mut facts.user {
                    set(user, field, Some(value));
                }
                if *field == Field::Manager {
                    facts.manager = cast.people.get(&fold(value)).cloned();
                }
            }
        }
    }

    /// The facts as they would be without it. What somebody else has made of it since stays as
    /// it is: nothing is taken in spite of that.
    pub(crate) fn undo(&self, facts: &mut Facts) {
        match self {
            Self::Join { group, .. } => {
                facts.groups.remove(group);
            }
            Self::Leave { group, joined_at, .. } => {
                facts.groups.insert(*group, *joined_at);
            }
            Self::GiveRole { role, .. } => {
                facts.roles.remove(role);
            }
            Self::TakeRole { role, granted_at, .. } => {
                facts.roles.insert(*role, *granted_at);
            }
            Self::Disable { before, .. } => {
                account_was(facts, "disabled", before.as_ref());
            }
            Self::DeleteAccount { before, .. } => {
                account_was(facts, "deleted", before.as_ref());
                assigned(facts);
            }
            Self::Unassign { .. } => assigned(facts),
            Self::Revoke { permission, .. } => {
                if !facts.permissions.iter().any(|held| held.id == permission.id) {
                    facts.permissions.push(permission.clone());
                }
            }
            Self::UserStatus { status, before, .. } => {
                user_was(facts, status, before.as_ref());
            }
            Self::DeleteUser { before, .. } => {
                user_was(facts, "deleted", before.as_ref());
            }
            Self::ExpirePassword { before, .. } => expires(facts, *before),
            Self::EndSessions { before, .. } => facts.sessions += before,
            Self::SetLifecycle { state, before, changed_at, .. } => {
                let (was, identity) = (before.0.as_ref(), before.1);
                if still(facts, &Field::Lifecycle, state) {
                    lives(facts, (was, identity), *changed_at);
                }
            }
            Self::Set { field, value, before, .. } => {
                if still(facts, field, value)
                    && let Some(user) = &mut facts.user
                {
                    set(user, field, before.as_ref());
                }
            }
        }
    }
}

/// What of a run's own subject it has taken, so that the run can go on without it.
pub(crate) fn taken(changed: &[Change]) -> Taken {
    let mut taken = Taken::default();
    for change in changed {
        match change {
            Change::DeleteAccount { .. } | Change::Unassign { .. } => {
                taken.account = true;
            }
            Change::DeleteUser { .. } => taken.user = true,
            Change::Revoke { account, grant: Some(_), permission } => {
                taken.grant = Some((*account, permission.clone()));
            }
            Change::SetLifecycle { before: (_, identity), .. } => {
                taken.place |= *identity != IdentityState::LongTerm;
            }
            Change::Join { .. }
            | Change::Leave { .. }
            | Change::GiveRole { .. }
            | Change::TakeRole { .. }
            | Change::Disable { .. }
            | Change::Revoke { grant: None, .. }
            | Change::UserStatus { .. }
            | Change::ExpirePassword { .. }
            | Change::EndSessions { .. }
            | Change::Set { .. } => {}
        }
    }
    taken
}

fn account_becomes(facts: &mut Facts, status: Option<&str>, gone: bool) {
    if let Some(account) = &mut facts.account {
        account.status = status.map(str::to_owned);
        account.gone |= gone;
    }
}

/// Puts an account back among those of its app and its owner.
fn assigned(facts: &mut Facts) {
    let seen = facts.last_seen().map(|seen| seen.at);
    let Some(account) = &mut facts.account else { return };
    account.gone = false;
    // An orphan's signs of life are nobody's.
    if facts.user.is_some() {
        facts.apps.extend(facts.app.as_ref().map(|app| app.id));
        facts.user_last_seen = facts.user_last_seen.max(seen);
        if let Some(by_apps) = &mut facts.seen_by_apps {
            for seen in [&by_apps.last_login, &by_apps.last_activity] {
                let at = seen.as_ref().map(|seen| seen.at);
                by_apps.user_last_seen = by_apps.user_last_seen.max(at);
            }
        }
    }
}

fn user_becomes(facts: &mut Facts, status: Option<&str>, gone: bool) {
    if let Some(user) = &mut facts.user {
        user.status = status.map(str::to_owned);
        user.gone = gone;
    }
}

/// Gives an account back the status that it had, where it has still the one that was made of
/// it.
fn account_was(facts: &mut Facts, made: &str, before: Option<&String>) {
    if let Some(account) = &mut facts.account
        && is(account.status.as_deref(), made)
    {
        account.status = before.cloned();
    }
}

/// The same for a user, who is there again.
fn user_was(facts: &mut Facts, made: &str, before: Option<&String>) {
    if let Some(user) = &mut facts.user {
        user.gone = false;
        if is(user.status.as_deref(), made) {
            user.status = before.cloned();
        }
    }
}

/// Whether an attribute of the user has still the value that was made of it.
fn still(facts: &Facts, field: &Field, made: &str) -> bool {
    facts
        .user
        .as_ref()
        .is_some_and(|user| is(text(user, field).as_deref(), made))
}

fn is(now: Option<&str>, made: &str) -> bool {
    now.is_some_and(|now| fold(now) == fold(made))
}

fn expires(facts: &mut Facts, at: Option<Timestamp>) {
    if let Some(user) = &mut facts.user {
        user.password_expires_at = at;
    }
}

fn lives(
    facts: &mut Facts,
    (state, identity): (Option<&String>, IdentityState),
    changed_at: Option<Timestamp>,
) {
    if let Some(user) = &mut facts.user {
        user.lifecycle = state.cloned();
        user.identity_state = identity;
        user.lifecycle_changed_at = changed_at;
    }
}

/// The text of an attribute that can be set.
pub(crate) fn text(user: &Person, field: &Field) -> Option<String> {
    match field {
        Field::Custom { name, .. } => {
            let found = user.custom.iter().find(|it| fold(&it.name) == fold(name));
            found.map(|custom| custom.text.clone())
        }
        Field::Username => user.username.clone(),
        Field::GivenName => user.given_name.clone(),
        Field::FamilyName => user.family_name.clone(),
        Field::Department => user.department.clone(),
        Field::Title => user.title.clone(),
        Field::Manager => user.manager.clone(),
        Field::Lifecycle => user.lifecycle.clone(),
        Field::Locale => user.locale.clone(),
        // The checker lets none of these be set.
        Field::Owner
        | Field::LastSeen
        | Field::LastLogin
        | Field::LastActivity
        | Field::ExpiresAt
        | Field::Permission
        | Field::GrantedAt
        | Field::Status
        | Field::CreatedAt
        | Field::Email
        | Field::LifecycleChangedAt
        | Field::IdentityState
        | Field::PasswordChangedAt
        | Field::PasswordExpiresAt => None,
    }
}

fn set(user: &mut Person, field: &Field, value: Option<&String>) {
    let place = match field {
        Field::Custom { id, name } => {
            user.custom.retain(|it| fold(&it.name) != fold(name));
            user.custom.extend(value.map(|text| {
                let (at, number) = readings(text);
                let (name, text) = (name.clone(), text.clone());
                Custom { id: *id, name, text, at, number }
            }));
            return;
        }
        Field::Username => &mut user.username,
        Field::GivenName => &mut user.given_name,
        Field::FamilyName => &mut user.family_name,
        Field::Department => &mut user.department,
        Field::Title => &mut user.title,
        Field::Manager => &mut user.manager,
        Field::Locale => &mut user.locale,
        // A lifecycle state is set by a change of its own; the checker lets no other be set.
        Field::Lifecycle
        | Field::Owner
        | Field::LastSeen
        | Field::LastLogin
        | Field::LastActivity
        | Field::ExpiresAt
        | Field::Permission
        | Field::GrantedAt
        | Field::Status
        | Field::CreatedAt
        | Field::Email
        | Field::LifecycleChangedAt
        | Field::IdentityState
        | Field::PasswordChangedAt
        | Field::PasswordExpiresAt => return,
    };
    *place = value.cloned();
}
