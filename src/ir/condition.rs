//! Conditions with every name resolved and every side typed.

use crate::ir::{AppId, AttributeId, GroupId, PermissionId, RoleId, Value};
use crate::text::{Span, Spanned};
use crate::time::Duration;
use serde::{Deserialize, Serialize};

/// A condition over one subject, in Kleene's three values.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What it asks.
    pub kind: ConditionKind,
    /// Where it was written. Where a `define` was used, the place of its use.
    pub span: Span,
}

/// The forms of a condition. Defined names stand expanded.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionKind {
    /// True when all are; false when one is false.
    And(Vec<Condition>),
    /// True when one is; false when all are false.
    Or(Vec<Condition>),
    /// Swaps true and false; unknown stays unknown.
    Not(Box<Condition>),
    /// One question.
    Test(Test),
}

/// One question about a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The question.
    pub kind: TestKind,
    /// As it was written, white space folded: what explanations quote.
    pub text: String,
}

/// The questions there are. All but `Known` and `NeverActive` are unknown when what they
/// look at is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum TestKind {
    /// `inactive > 90d`, `since hire_date > 30d`, `until end_date <= 14d`: the time between
    /// an instant and now, compared with a length.
    Elapsed {
        /// The instant.
        instant: Attribute,
        /// Whether time since or until it is meant.
        direction: Direction,
        /// How it compares.
        op: Op,
        /// The length; negative ones are allowed.
        length: Duration,
    },
    /// `until password_expires_at reaches (30d, 7d, 0d)`: the distance has crossed one of
    /// these since the last evaluation. Only a conjunct of the whole condition can be one.
    Reaches {
        /// The instant.
        instant: Attribute,
        /// Whether time since or until it is meant.
        direction: Direction,
        /// The distances.
        distances: Vec<Duration>,
    },
    /// `never active`: no sign of life is on record. Always known.
    NeverActive,
    /// `cost_center is known`, `is unknown`. Always known.
    Known {
        /// What must be known or missing.
        attribute: Attribute,
        /// `is known`, or `is unknown`.
        known: bool,
    },
    /// `in group (G, H)`: the user, or the account's owner, is a member of any. Unknown for
    /// an orphan.
    InGroup {
        /// The groups.
        groups: Vec<GroupRef>,
        /// `for > 90d`.
        held: Option<Held>,
    },
    /// `has permission (P, Q)`: the account, or any account of the user, holds any.
    HasPermission {
        /// The permissions.
        permissions: Vec<PermissionRef>,
        /// `for > 90d`.
        held: Option<Held>,
    },
    /// `has role R`: the user, or the account's owner, holds any. Unknown for an orphan.
    HasRole {
        /// The roles.
        roles: Vec<RoleRef>,
        /// `for > 90d`.
        held: Option<Held>,
    },
    /// `has session`: the account, or any account of the user, has an open one.
    HasSession,
    /// `has account in app A`; users only.
    HasAccount {
        /// The apps; an account in any will do.
        apps: Vec<AppId>,
    },
    /// `department != "Legal"`, `account.created_at < 2026-01-01`.
    Compare {
        /// The left side.
        attribute: Attribute,
        /// How it compares. Text, bool and enumerations know only `=` and `!=`.
        op: Op,
        /// The right side, of the attribute's own type.
        value: Value,
    },
    /// `email ends with "…"`, without regard to case.
    Text {
        /// The text looked at.
        attribute: Attribute,
        /// Where the words must stand.
        test: TextTest,
        /// The words, as they were written.
        words: String,
    },
    /// `title matches "^(Head|VP)"`: somewhere in the text, with regard to case.
    Matches {
        /// The text looked at.
        attribute: Attribute,
        /// The regular expression.
        pattern: Pattern,
    },
    /// `department in ("Sales", "Legal")`.
    OneOf {
        /// The left side.
        attribute: Attribute,
        /// The values; one must be equal.
        values: Vec<Value>,
    },
}

/// `for > 90d` behind a membership: held without a break for that long. Unknown where
/// since when is not on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How the time compares.
    pub op: Op,
    /// The length.
    pub length: Duration,
}

/// Time since an instant, or until it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// now − instant.
    Since,
    /// instant − now.
    Until,
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// Where words must stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `contains`
    Contains,
}

/// A regular expression that compiled, with bounded size; equal when written alike.
#[derive(Clone, Debug)]
pub struct Pattern(pub regex::Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// A group of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRef {
    /// Its number.
    pub id: GroupId,
    /// Its name in the store's spelling.
    pub name: String,
}

/// A role of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRef {
    /// Its number.
    pub id: RoleId,
    /// Its name in the store's spelling.
    pub name: String,
}

/// What a permission's name stands for: a label or value may be several apps' permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionRef {
    /// All permissions of that name within the policy's apps; never empty.
    pub ids: Vec<PermissionId>,
    /// The label in the store's spelling.
    pub name: String,
}

/// An attribute of an account or a user, and the type of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Whose it is.
    pub level: Level,
    /// Which one.
    pub field: Field,
    /// The type of its values.
    pub kind: ValueKind,
}

/// Whose attribute it is. On an orphan every user attribute is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The account's own.
    Account,
    /// The user's: the subject itself, or the account's owner.
    User,
    /// The grant's own.
    Grant,
}

/// The attributes that the store has columns for, and those that came with the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Account: its owner (a user). Never missing but on an orphan.
    Owner,
    /// Account: the later of login and activity. User: the latest over all their accounts.
    LastSeen,
    /// Account.
    LastLogin,
    /// Account.
    LastActivity,
    /// Account and grant.
    ExpiresAt,
    /// Grant: which permission it is.
    Permission,
    /// Grant.
    GrantedAt,
    /// Both.
    Username,
    /// Both: staged, active, suspended, disabled, deleted.
    Status,
    /// Both.
    CreatedAt,
    /// User.
    Email,
    /// User.
    GivenName,
    /// User.
    FamilyName,
    /// User.
    Department,
    /// User.
    Title,
    /// User: the manager (a user).
    Manager,
    /// User: the name of the lifecycle state.
    Lifecycle,
    /// User.
    LifecycleChangedAt,
    /// User: active, inactive short-term, inactive long-term. Never missing.
    IdentityState,
    /// User.
    PasswordChangedAt,
    /// User.
    PasswordExpiresAt,
    /// User.
    Locale,
    /// Any other column of the data.
    Custom {
        /// The store's number of it.
        id: AttributeId,
        /// Its name in the store's spelling.
        name: String,
    },
}

/// The types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `true`, `false`.
    Bool,
    /// Numbers.
    Number,
    /// Text, compared without regard to case.
    Text,
    /// An instant, dates included.
    Instant,
    /// A user, by e-mail address.
    User,
    /// staged, active, suspended, disabled, deleted.
    Status,
    /// The name of a lifecycle state.
    Lifecycle,
    /// active, inactive short-term, inactive long-term.
    IdentityState,
    /// A permission, by identifier or label.
    Permission,
}

impl Field {
    /// The name people write, without its level.
    pub fn name(&self) -> &str {
        match self {
            Self::Owner => "owner",
            Self::LastSeen => "last_seen",
            Self::LastLogin => "last_login",
            Self::LastActivity => "last_activity",
            Self::ExpiresAt => "expires_at",
            Self::Permission => "permission",
            Self::GrantedAt => "granted_at",
            Self::Username => "username",
            Self::Status => "status",
            Self::CreatedAt => "created_at",
            Self::Email => "email",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Department => "department",
            Self::Title => "title",
            Self::Manager => "manager",
            Self::Lifecycle => "lifecycle",
            Self::LifecycleChangedAt => "lifecycle.changed_at",
            Self::IdentityState => "identity state",
            Self::PasswordChangedAt => "password_changed_at",
            Self::PasswordExpiresAt => "password_expires_at",
            Self::Locale => "locale",
            Self::Custom { name, .. } => name,
        }
    }
}

impl Op {
    /// As the language writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    /// Whether the operator holds for an ordering of left to right.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
        }
    }
}

impl TestKind {
    /// The attribute whose value the question is about.
    pub fn attribute(&self) -> Option<&Attribute> {
        match self {
            Self::Elapsed { instant: attribute, .. }
            | Self::Reaches { instant: attribute, .. }
            | Self::Known { attribute, .. }
            | Self::Compare { attribute, .. }
            | Self::Text { attribute, .. }
            | Self::Matches { attribute, .. }
            | Self::OneOf { attribute, .. } => Some(attribute),
            Self::NeverActive
            | Self::InGroup { .. }
            | Self::HasRole { .. }
            | Self::HasPermission { .. }
            | Self::HasSession
            | Self::HasAccount { .. } => None,
        }
    }
}

impl Condition {
    /// One question, as a condition.
    pub fn test(kind: TestKind, text: Spanned<String>) -> Self {
        let Spanned { value: text, span } = text;
        Self {
            kind: ConditionKind::Test(Test { kind, text }),
            span,
        }
    }

    /// The conjuncts of the whole condition, in the order written.
    pub fn conjuncts(&self) -> &[Self] {
        match &self.kind {
            ConditionKind::And(parts) => parts,
            ConditionKind::Or(_) | ConditionKind::Not(_) | ConditionKind::Test(_) => {
                std::slice::from_ref(self)
            }
        }
    }

    /// Every question in it, in the order written.
    pub fn tests(&self) -> Vec<&Test> {
        match &self.kind {
            ConditionKind::And(parts) | ConditionKind::Or(parts) => {
                parts.iter().flat_map(Self::tests).collect()
            }
            ConditionKind::Not(inner) => inner.tests(),
            ConditionKind::Test(test) => vec![test],
        }
    }
}
