//! What is known of one subject at one time, as plain data.
//!
//! The store fills it; the interpreter, the engine and the explanations read it. Whatever
//! is not on record is `None`, and nothing else is.

mod known;
mod stale;
mod subject;

pub use crate::facts::known::{Known, known};
pub(crate) use crate::facts::stale::Rank;
pub use crate::facts::stale::{Aged, Doubts, SeenDoubts, Stale};
pub use crate::facts::subject::{Subject, SubjectId};

use crate::ir::{
    AppId, Attribute, AttributeId, Field, GroupId, IdentityState, Level, PermissionId,
    RoleId, Value,
};
use crate::text::fold;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Everything on record about one account, user or grant.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Whom these are about.
    pub subject: Subject,
    /// The grant, where it is the subject.
    pub grant: Option<Grant>,
    /// The account, where it or a grant of it is the subject.
    pub account: Option<Account>,
    /// The user, or the account's owner; `None` for an orphan.
    pub user: Option<Person>,
    /// The user's manager.
    pub manager: Option<Person>,
    /// The account's app.
    pub app: Option<App>,
    /// The owner of that app.
    pub app_owner: Option<Person>,
    /// Groups that the user is in, nested ones included, and since when.
    pub groups: BTreeMap<GroupId, Option<Timestamp>>,
    /// Those of them that the user is in by way of another group only.
    pub derived: BTreeSet<GroupId>,
    /// Roles that the user holds, and since when.
    pub roles: BTreeMap<RoleId, Option<Timestamp>>,
    /// Permissions that the account, or any account of the user, holds.
    pub permissions: Vec<Permission>,
    /// How many sessions are open on the account, or on all accounts of the user.
    pub sessions: u64,
    /// Apps that the user, or the account's owner, holds an account in.
    pub apps: BTreeSet<AppId>,
    /// The latest sign of life over all accounts of the user, or of the account's owner.
    pub user_last_seen: Option<Timestamp>,
    /// What the apps say, where a policy names other sources of signs of life.
    pub seen_by_apps: Option<Sightings>,
    /// What of it is not believed, where anything could be.
    pub doubts: Option<Box<Doubts>>,
}

/// When a subject was last seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sightings {
    /// The account's last login.
    pub last_login: Option<Seen>,
    /// The account's last other sign of life.
    pub last_activity: Option<Seen>,
    /// The latest over all accounts of the user, or of the account's owner.
    pub user_last_seen: Option<Timestamp>,
}

/// An account in an app.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The store's number.
    pub id: i64,
    /// The name in the app.
    pub username: String,
    /// staged, active, suspended, disabled, deleted.
    pub status: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// The last login that the order of sources gives.
    pub last_login: Option<Seen>,
    /// The last activity that the order of sources gives.
    pub last_activity: Option<Seen>,
    /// Any other column of the data.
    pub custom: Vec<Custom>,
    /// Whether it is there no more.
    pub gone: bool,
}

/// A permission held by an account, as a subject of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The store's number.
    pub id: i64,
    /// Which permission, since when, until when, and who asked for it.
    pub permission: Permission,
}

/// A sign of life and who reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// The name of the source.
    pub source: String,
}

/// A user of the store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// The store's number.
    pub id: i64,
    /// The address, by which people are known.
    pub email: String,
    /// The login name.
    pub username: Option<String>,
    /// The first name.
    pub given_name: Option<String>,
    /// The last name.
    pub family_name: Option<String>,
    /// staged, active, suspended, disabled, deleted.
    pub status: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The manager's address.
    pub manager: Option<String>,
    /// The name of the lifecycle state.
    pub lifecycle: Option<String>,
    /// When that was last changed.
    pub lifecycle_changed_at: Option<Timestamp>,
    /// What the lifecycle state is mapped to.
    pub identity_state: IdentityState,
    /// When the user was made.
    pub created_at: Option<Timestamp>,
    /// When the password was last changed.
    pub password_changed_at: Option<Timestamp>,
    /// When the password expires.
    pub password_expires_at: Option<Timestamp>,
    /// The language.
    pub locale: Option<String>,
    /// Any other column of the data.
    pub custom: Vec<Custom>,
    /// Whether they are there no more.
    pub gone: bool,
}

/// A custom attribute's value, in the forms that its type may ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Custom {
    /// The store's number of the attribute.
    pub id: AttributeId,
    /// Its name.
    pub name: String,
    /// As it was written.
    pub text: String,
    /// Read as an instant, where it can be.
    pub at: Option<Timestamp>,
    /// Read as a number, where it can be.
    pub number: Option<f64>,
}

/// An app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The store's number.
    pub id: AppId,
    /// The identifier.
    pub name: String,
    /// What people call it.
    pub label: Option<String>,
    /// Which instance of it.
    pub instance_id: Option<String>,
}

/// A permission that an account holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// The store's number.
    pub id: PermissionId,
    /// What people call it.
    pub label: String,
    /// What the app calls it.
    pub value: String,
    /// Its type (`PERMISSION`, `ROLE`, …).
    pub kind: Option<String>,
    /// Where it is known from (`INTEGRATION`, `MANUAL`, …).
    pub source: Option<String>,
    /// Since when it is held.
    pub granted_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Who asked for it.
    pub requested_by: Option<String>,
    /// With which words.
    pub request_comment: Option<String>,
}

impl Facts {
    /// When the account or the grant that they are about ends by itself.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self.subject.id {
            SubjectId::Grant(_) => self.grant.as_ref()?.permission.expires_at,
            SubjectId::Account(_) => self.account.as_ref()?.expires_at,
            SubjectId::User(_) => None,
        }
    }

    /// The value of an attribute; `None` where it is missing.
    pub fn value(&self, attribute: &Attribute) -> Option<Value> {
        match attribute.level {
            Level::Account => self.account_value(attribute),
            Level::User => self.user_value(attribute),
            Level::Grant => self.grant_value(attribute),
        }
    }

    /// The second name of what an attribute names: people call a permission by its label or
    /// by what the app calls it, and what is true of one name is true of it.
    pub fn alias(&self, attribute: &Attribute) -> Option<Value> {
        match (attribute.level, &attribute.field) {
            (Level::Grant, Field::Permission) => {
                let Grant { permission, .. } = self.grant.as_ref()?;
                Some(Value::Text(permission.value.clone()))
            }
            _ => None,
        }
    }

    /// The permissions that are at stake: that of the grant, where it is the subject, else
    /// all that the account, or the user, holds.
    pub fn concerned(&self) -> &[Permission] {
        match &self.grant {
            Some(grant) => std::slice::from_ref(&grant.permission),
            None => &self.permissions,
        }
    }

    /// The later of login and activity, with who reported it.
    pub fn last_seen(&self) -> Option<&Seen> {
        let account = self.account.as_ref()?;
        match (&account.last_login, &account.last_activity) {
            (Some(login), Some(activity)) if activity.at >= login.at => Some(activity),
            (Some(login), _) => Some(login),
            (None, activity) => activity.as_ref(),
        }
    }

    /// The same, with the signs of life that the apps know of, whatever a policy names.
    #[must_use]
    pub fn by_apps(&self) -> Cow<'_, Self> {
        let Some(seen) = &self.seen_by_apps else { return Cow::Borrowed(self) };
        let mut facts = self.clone();
        if let Some(account) = &mut facts.account {
            account.last_login.clone_from(&seen.last_login);
            account.last_activity.clone_from(&seen.last_activity);
        }
        facts.user_last_seen = seen.user_last_seen;
        facts.seen_by_apps = None;
        if let Some(doubts) = &mut facts.doubts
            && let Some(by_apps) = doubts.seen_by_apps.take()
        {
            doubts.seen = by_apps;
        }
        Cow::Owned(facts)
    }

    fn account_value(&self, attribute: &Attribute) -> Option<Value> {
        let account = self.account.as_ref()?;
        let seen =
            |seen: &Option<Seen>| seen.as_ref().map(|seen| Value::Instant(seen.at));
        match &attribute.field {
            Field::Owner => Some(Value::Text(self.user.as_ref()?.email.clone())),
            Field::LastSeen => Some(Value::Instant(self.last_seen()?.at)),
            Field::LastLogin => seen(&account.last_login),
            Field::LastActivity => seen(&account.last_activity),
            Field::ExpiresAt => account.expires_at.map(Value::Instant),
            Field::CreatedAt => account.created_at.map(Value::Instant),
            Field::Username => Some(Value::Text(account.username.clone())),
            Field::Status => account.status.clone().map(Value::Text),
            Field::Custom { id, .. } => custom(&account.custom, *id, attribute),
            Field::Email
            | Field::GivenName
            | Field::FamilyName
            | Field::Department
            | Field::Title
            | Field::Manager
            | Field::Lifecycle
            | Field::LifecycleChangedAt
            | Field::IdentityState
            | Field::PasswordChangedAt
            | Field::PasswordExpiresAt
            | Field::Locale
            | Field::Permission
            | Field::GrantedAt => None,
        }
    }

    fn grant_value(&self, attribute: &Attribute) -> Option<Value> {
        let Grant { permission, .. } = self.grant.as_ref()?;
        match &attribute.field {
            Field::Permission => Some(Value::Text(permission.label.clone())),
            Field::GrantedAt => permission.granted_at.map(Value::Instant),
            Field::ExpiresAt => permission.expires_at.map(Value::Instant),
            Field::Owner
            | Field::LastSeen
            | Field::LastLogin
            | Field::LastActivity
            | Field::Username
            | Field::Status
            | Field::CreatedAt
            | Field::Email
            | Field::GivenName
            | Field::FamilyName
            | Field::Department
            | Field::Title
            | Field::Manager
            | Field::Lifecycle
            | Field::LifecycleChangedAt
            | Field::IdentityState
            | Field::PasswordChangedAt
            | Field::PasswordExpiresAt
            | Field::Locale
            | Field::Custom { .. } => None,
        }
    }

    fn user_value(&self, attribute: &Attribute) -> Option<Value> {
        let user = self.user.as_ref()?;
        let text = |text: &Option<String>| text.clone().map(Value::Text);
        let at = |at: Option<Timestamp>| at.map(Value::Instant);
        match &attribute.field {
            Field::Email => Some(Value::Text(user.email.clone())),
            Field::Username => text(&user.username),
            Field::GivenName => text(&user.given_name),
            Field::FamilyName => text(&user.family_name),
            Field::Status => text(&user.status),
            Field::Department => text(&user.department),
            Field::Title => text(&user.title),
            Field::Manager => text(&user.manager),
            Field::Lifecycle => text(&user.lifecycle),
            Field::LifecycleChangedAt => at(user.lifecycle_changed_at),
            Field::IdentityState => {
                Some(Value::Text(user.identity_state.name().to_owned()))
            }
            Field::CreatedAt => at(user.created_at),
            Field::PasswordChangedAt => at(user.password_changed_at),
            Field::PasswordExpiresAt => at(user.password_expires_at),
            Field::Locale => text(&user.locale),
            Field::LastSeen => at(self.user_last_seen),
            Field::Custom { id, .. } => custom(&user.custom, *id, attribute),
            Field::Owner
            | Field::LastLogin
            | Field::LastActivity
            | Field::ExpiresAt
            | Field::Permission
            | Field::GrantedAt => None,
        }
    }
}

fn custom(values: &[Custom], id: AttributeId, attribute: &Attribute) -> Option<Value> {
    use crate::ir::ValueKind;
    let found = values.iter().find(|value| value.id == id)?;
    match attribute.kind {
        ValueKind::Instant => found.at.map(Value::Instant),
        ValueKind::Number => found.number.map(Value::Number),
        ValueKind::Bool => match fold(&found.text).as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        ValueKind::Text
        | ValueKind::User
        | ValueKind::Status
        | ValueKind::Lifecycle
        | ValueKind::IdentityState
        | ValueKind::Permission => Some(Value::Text(found.text.clone())),
    }
}

/// A text read as an instant and as a number, where it can be.
pub fn readings(text: &str) -> (Option<Timestamp>, Option<f64>) {
    // Most texts are neither: those that cannot be need not be tried in every form.
    let dated = text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-');
    let at = if dated { Timestamp::parse(text) } else { None };
    let plain =
        text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let number = if plain { text.parse().ok() } else { None };
    (at, number.filter(|number: &f64| number.is_finite()))
}

impl Person {
    /// The name people call them, else the address.
    pub fn display_name(&self) -> String {
        let names = [self.given_name.as_deref(), self.family_name.as_deref()];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        if name.is_empty() { self.email.clone() } else { name }
    }

    /// Whether they can be asked and told: active, and with an address.
    pub fn can_be_asked(&self) -> bool {
        self.identity_state == IdentityState::Active && self.email.contains('@')
    }
}
