//! The names that policies can use: what the store holds, and the attributes there are.

mod document;
pub mod scim;
mod systems;

pub use crate::catalog::document::{CatalogError, Document, read, write};
pub use crate::catalog::systems::{Connected, Missing, Systems};

use crate::ir::{
    AppId, AttributeId, Field, GroupId, IdentityState, Level, PermissionId, RoleId,
    Scope, ValueKind,
};
use crate::time::{Duration, Timestamp};
use std::collections::BTreeSet;

/// All names of one store at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The apps.
    pub apps: Vec<App>,
    /// The groups.
    pub groups: Vec<Group>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The permissions.
    pub permissions: Vec<Permission>,
    /// Columns of the data that the store has no column for.
    pub custom: Vec<CustomAttribute>,
    /// The lifecycle states.
    pub lifecycle: Vec<String>,
    /// The sources.
    pub sources: Vec<String>,
    /// Whether any session is on record; `None` where that is not known.
    pub sessions: Option<bool>,
    /// Of the people that certain files mention, those whom the store knows, and those with
    /// addresses like the others'. `None` where the store was not asked about any.
    pub people: Option<Vec<Person>>,
    /// The permissions that somebody holds for a time that is not over, or that nobody was told
    /// the end of; `None` where the store was not asked.
    pub expiring: Option<BTreeSet<PermissionId>>,
    /// The systems behind the data; `None` where nothing says anything of them.
    pub systems: Option<Systems>,
    /// No store was there to ask: any name is taken for a good one.
    pub assume: bool,
    /// When the data last came in, where any has.
    pub as_of: Option<Timestamp>,
    /// The store itself is not at hand: these are its names as they were then.
    pub away: bool,
}

impl Catalog {
    /// Whether both hold the same names, however many stand behind each: then a text means
    /// the same with either.
    pub fn same_names(&self, other: &Self) -> bool {
        let bare = |catalog: &Self| {
            let mut bare = catalog.clone();
            (bare.people, bare.as_of, bare.away) = (None, None, false);
            (bare.sessions, bare.systems, bare.expiring) = (None, None, None);
            bare.apps
                .iter_mut()
                .for_each(|app| (app.accounts, app.seen) = (0, true));
            bare.groups.iter_mut().for_each(|group| group.members = 0);
            bare.roles.iter_mut().for_each(|role| role.members = 0);
            bare.permissions
                .iter_mut()
                .for_each(|permission| permission.holders = 0);
            bare
        };
        bare(self) == bare(other)
    }

    /// The same, where its names may have changed since the data came in: findings say of
    /// when they are.
    #[must_use]
    pub fn seen_from(self, now: Timestamp) -> Self {
        let old = self.as_of.is_some_and(|as_of| now.since(as_of) > Duration::days(1));
        Self { away: self.away || old, ..self }
    }

    /// The apps that a scope reaches: those that it names, else all that anybody has an
    /// account in.
    pub fn looked_at(&self, scope: &Scope) -> Vec<AppId> {
        if !scope.apps.is_empty() {
            return scope.apps.clone();
        }
        let apps = self.apps.iter().filter(|app| app.accounts > 0);
        apps.map(|app| app.id).collect()
    }

    /// Where a name was looked for: `not in the store` begins with it, and says of when the
    /// names are if that may matter.
    pub fn place(&self) -> String {
        match self.as_of.filter(|_| self.away) {
            Some(as_of) => format!("the store (catalog of {})", as_of.to_the_minute()),
            None => "the store".to_owned(),
        }
    }
}

/// An app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The store's number.
    pub id: AppId,
    /// The identifier.
    pub name: String,
    /// What people call it; the identifier where it has no other.
    pub label: String,
    /// How many accounts it has.
    pub accounts: u64,
    /// Whether any of them has a sign of life on record.
    pub seen: bool,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The store's number.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// The source it is known from.
    pub source: String,
    /// The app that its members have access to, where the data says so.
    pub app: Option<AppId>,
    /// Whether its members may do what others may not.
    pub privileged: bool,
    /// How many members it has.
    pub members: u64,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The store's number.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// Whether everyone holds it.
    pub default: bool,
    /// Whether those who hold it may do what others may not.
    pub privileged: bool,
    /// How many hold it.
    pub members: u64,
}

/// A permission of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The store's number.
    pub id: PermissionId,
    /// Whose it is.
    pub app: AppId,
    /// What the app calls it.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// Where it is known from.
    pub source: Option<String>,
    /// How many accounts hold it.
    pub holders: u64,
}

/// A person whom a file mentions, or could mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The address, in the store's spelling.
    pub email: String,
    /// Whether they are there.
    pub standing: Standing,
}

/// Whether a person is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They are.
    Active,
    /// They are away, or newly or long gone.
    Inactive(IdentityState),
    /// The data no longer has them.
    Gone,
}

/// A column of the data that the store has no column for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomAttribute {
    /// The store's number.
    pub id: AttributeId,
    /// Whose it is.
    pub level: Level,
    /// Its name.
    pub name: String,
}

/// The attributes that every store has: whose, which, of which type.
pub const BUILT_IN: &[(Level, Field, ValueKind)] = &[
    (Level::Account, Field::Owner, ValueKind::User),
    (Level::Account, Field::LastSeen, ValueKind::Instant),
    (Level::Account, Field::LastLogin, ValueKind::Instant),
    (Level::Account, Field::LastActivity, ValueKind::Instant),
    (Level::Account, Field::ExpiresAt, ValueKind::Instant),
    (Level::Account, Field::Username, ValueKind::Text),
    (Level::Account, Field::Status, ValueKind::Status),
    (Level::Account, Field::CreatedAt, ValueKind::Instant),
    (Level::User, Field::Email, ValueKind::Text),
    (Level::User, Field::Username, ValueKind::Text),
    (Level::User, Field::GivenName, ValueKind::Text),
    (Level::User, Field::FamilyName, ValueKind::Text),
    (Level::User, Field::Status, ValueKind::Status),
    (Level::User, Field::Department, ValueKind::Text),
    (Level::User, Field::Title, ValueKind::Text),
    (Level::User, Field::Manager, ValueKind::User),
    (Level::User, Field::Lifecycle, ValueKind::Lifecycle),
    (Level::User, Field::LifecycleChangedAt, ValueKind::Instant),
    (Level::User, Field::IdentityState, ValueKind::IdentityState),
    (Level::User, Field::CreatedAt, ValueKind::Instant),
    (Level::User, Field::PasswordChangedAt, ValueKind::Instant),
    (Level::User, Field::PasswordExpiresAt, ValueKind::Instant),
    (Level::User, Field::Locale, ValueKind::Text),
    (Level::User, Field::LastSeen, ValueKind::Instant),
    (Level::Grant, Field::Permission, ValueKind::Permission),
    (Level::Grant, Field::GrantedAt, ValueKind::Instant),
    (Level::Grant, Field::ExpiresAt, ValueKind::Instant),
];
