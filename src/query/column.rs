//! Attributes to columns.

use crate::ir::{Attribute, Field, Level, SubjectKind, ValueKind};
use crate::query::sql::Params;

/// Where an attribute's value lies, and how SQL reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The value as it is: instants, numbers, text as it was written.
    pub(crate) raw: String,
    /// The value as it compares: text folded.
    pub(crate) key: String,
    /// Where.
    pub(crate) home: Home,
}

/// Where an attribute's value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// The subject can't have it.
    Nowhere,
    /// In the subject's own row.
    Subject,
    /// In the row of an account's owner, which has to be joined. Whether an index finds
    /// the users of one value, so that the join can be saved.
    Owner {
        /// It does.
        indexed: bool,
    },
    /// In a table of custom attributes; named are its column of subjects, and the table.
    Custom(CustomTable),
    /// It is computed, for each row.
    Computed,
    /// In the row of the permission that is granted, under either of its names.
    Permission,
}

/// A table of custom attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CustomTable {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its column of subjects.
    pub(crate) owner: &'static str,
    /// What that is compared with.
    pub(crate) key: &'static str,
}

/// The name by which the row of a user, or of an account's owner, is known.
pub(crate) const USER: &str = "i";

/// What identifies the user: of an account its owner, 0 on an orphan.
pub(crate) fn user_key(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Account | SubjectKind::Grant => "a.identity_id",
        SubjectKind::User => "i.id",
    }
}

/// The column of an attribute.
pub(crate) fn column(
    attribute: &Attribute,
    kind: SubjectKind,
    params: &mut Params,
) -> Column {
    if let Field::Custom { id, .. } = &attribute.field {
        return custom(attribute, kind, &params.id(id.0));
    }
    let found = match (attribute.level, kind) {
        (Level::Account, SubjectKind::Account | SubjectKind::Grant) => {
            of_account(&attribute.field)
        }
        (Level::Grant, SubjectKind::Grant) => of_grant(&attribute.field),
        (Level::Account, SubjectKind::User)
        | (Level::Grant, SubjectKind::Account | SubjectKind::User) => None,
        (Level::User, SubjectKind::Account | SubjectKind::Grant) => {
            of_user(&attribute.field, USER).map(|(raw, key, indexed)| Column {
                raw,
                key,
                home: Home::Owner { indexed },
            })
        }
        (Level::User, SubjectKind::User) => of_user(&attribute.field, USER)
            .map(|(raw, key, _)| Column { raw, key, home: Home::Subject }),
    };
    match (attribute.level, &attribute.field) {
        (Level::User, Field::LastSeen) => {
            // An orphan's key is that of all other orphans too.
            let seen = format!(
                "(SELECT max(s.last_seen) FROM account s \
                 WHERE s.identity_id = nullif({}, 0) AND s.gone = 0)",
                user_key(kind)
            );
            Column { raw: seen.clone(), key: seen, home: Home::Computed }
        }
        _ => found.unwrap_or_else(nowhere),
    }
}

/// The columns of an attribute of users in a row of theirs known as `row`: as it is, as it
/// compares, and whether an index finds the users of one value.
pub(crate) fn of_user(field: &Field, row: &str) -> Option<(String, String, bool)> {
    let plain = |name: &str| (format!("{row}.{name}"), format!("{row}.{name}"), false);
    let folded =
        |name: &str| (format!("{row}.{name}"), format!("fold({row}.{name})"), false);
    let keyed = |name: &str, key: &str, indexed| {
        (format!("{row}.{name}"), format!("{row}.{key}"), indexed)
    };
    Some(match field {
        Field::Email => keyed("email", "email_key", true),
        Field::Department => keyed("department", "department_key", true),
        Field::Manager => keyed("manager_email", "manager_key", true),
        Field::Title => keyed("title", "title_key", false),
        Field::Username => folded("username"),
        Field::GivenName => folded("given_name"),
        Field::FamilyName => folded("family_name"),
        Field::Status => folded("status"),
        Field::Locale => folded("locale"),
        Field::LifecycleChangedAt => plain("lifecycle_changed_at"),
        Field::CreatedAt => plain("created_at"),
        Field::PasswordChangedAt => plain("password_changed_at"),
        Field::PasswordExpiresAt => plain("password_expires_at"),
        Field::Lifecycle => {
            let state = |column| {
                format!(
                    "(SELECT l.{column} FROM lifecycle_state l WHERE l.id = {row}.lifecycle_id)"
                )
            };
            (state("name"), state("name_key"), false)
        }
        Field::IdentityState => {
            let name = format!(
                "CASE {row}.identity_state WHEN 0 THEN 'active' \
                 WHEN 1 THEN 'inactive short-term' WHEN 2 THEN 'inactive long-term' END"
            );
            (name.clone(), name, false)
        }
        Field::Owner
        | Field::LastSeen
        | Field::LastLogin
        | Field::LastActivity
        | Field::ExpiresAt
        | Field::Permission
        | Field::GrantedAt
        | Field::Custom { .. } => return None,
    })
}

fn of_account(field: &Field) -> Option<Column> {
    let of = |raw: &str, key: &str| Column {
        raw: raw.to_owned(),
        key: key.to_owned(),
        home: Home::Subject,
    };
    Some(match field {
        Field::LastSeen => of("a.last_seen", "a.last_seen"),
        Field::LastLogin => of("a.last_login", "a.last_login"),
        Field::LastActivity => of("a.last_activity", "a.last_activity"),
        Field::CreatedAt => of("a.created_at", "a.created_at"),
        Field::ExpiresAt => of("a.expires_at", "a.expires_at"),
        Field::Username => of("a.username", "a.username_key"),
        Field::Status => of("a.status", "fold(a.status)"),
        Field::Owner => Column {
            home: Home::Owner { indexed: true },
            ..of("i.email", "i.email_key")
        },
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
        | Field::GrantedAt
        | Field::Custom { .. } => return None,
    })
}

fn of_grant(field: &Field) -> Option<Column> {
    let of = |name: &str| Column {
        raw: name.to_owned(),
        key: name.to_owned(),
        home: Home::Subject,
    };
    match field {
        Field::GrantedAt => Some(of("g.granted_at")),
        Field::ExpiresAt => Some(of("g.expires_at")),
        Field::Permission => {
            Some(Column { home: Home::Permission, ..of("g.permission_id") })
        }
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

/// The two names of a permission, in a row of their table: what people call it, and what
/// the app calls it.
pub(crate) fn permission_names() -> [Column; 2] {
    ["label", "value"].map(|name| Column {
        raw: format!("p.{name}"),
        key: format!("p.{name}_key"),
        home: Home::Permission,
    })
}

/// The columns of a custom attribute of that type, in a row of its table.
pub(crate) fn custom_value(kind: ValueKind) -> (&'static str, &'static str) {
    match kind {
        ValueKind::Instant => ("c.at", "c.at"),
        ValueKind::Number => ("c.number", "c.number"),
        ValueKind::Bool => {
            let read = "CASE c.value_key WHEN 'true' THEN 1 WHEN 'false' THEN 0 END";
            (read, read)
        }
        ValueKind::Text
        | ValueKind::User
        | ValueKind::Status
        | ValueKind::Lifecycle
        | ValueKind::IdentityState
        | ValueKind::Permission => ("c.value", "c.value_key"),
    }
}

fn custom(attribute: &Attribute, kind: SubjectKind, id: &str) -> Column {
    let table = match (attribute.level, kind) {
        (Level::User, _) => CustomTable {
            name: "identity_attribute",
            owner: "identity_id",
            key: user_key(kind),
        },
        (Level::Account, SubjectKind::Account | SubjectKind::Grant) => CustomTable {
            name: "account_attribute",
            owner: "account_id",
            key: "a.id",
        },
        (Level::Account, SubjectKind::User) | (Level::Grant, _) => return nowhere(),
    };
    let read = |value: &str| {
        format!(
            "(SELECT {value} FROM {} c WHERE c.attribute_id = {id} AND c.{} = {})",
            table.name, table.owner, table.key
        )
    };
    let (raw, key) = custom_value(attribute.kind);
    Column {
        raw: read(raw),
        key: read(key),
        home: Home::Custom(table),
    }
}

fn nowhere() -> Column {
    Column {
        raw: "NULL".to_owned(),
        key: "NULL".to_owned(),
        home: Home::Nowhere,
    }
}
