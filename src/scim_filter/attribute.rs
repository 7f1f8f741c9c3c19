//! What the attributes of a filter are called here.

use crate::catalog::Catalog;
use crate::ir::{Attribute, Field, Level, ValueKind};
use crate::scim_filter::{FilterError, Test};
use crate::text::{fold, nearest};

/// What an attribute of a filter stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An attribute of users.
    Of(Attribute),
    /// `userName`: the name of the user, and the address of those who have none.
    UserName([Attribute; 2]),
    /// `active`: whether the status is active.
    Active,
}

/// The names of the standard and ours, with what they stand for here.
const NAMES: &[(&str, Field, ValueKind)] = &[
    ("userName", Field::Username, ValueKind::Text),
    ("emails", Field::Email, ValueKind::Text),
    ("emails.value", Field::Email, ValueKind::Text),
    ("email", Field::Email, ValueKind::Text),
    ("name.givenName", Field::GivenName, ValueKind::Text),
    ("name.familyName", Field::FamilyName, ValueKind::Text),
    ("department", Field::Department, ValueKind::Text),
    ("title", Field::Title, ValueKind::Text),
    ("manager", Field::Manager, ValueKind::User),
    ("manager.value", Field::Manager, ValueKind::User),
    ("locale", Field::Locale, ValueKind::Text),
    ("status", Field::Status, ValueKind::Status),
    ("lifecycleState", Field::Lifecycle, ValueKind::Lifecycle),
    ("lifecycleChangedAt", Field::LifecycleChangedAt, ValueKind::Instant),
    ("identityState", Field::IdentityState, ValueKind::IdentityState),
    ("meta.created", Field::CreatedAt, ValueKind::Instant),
    ("passwordChangedAt", Field::PasswordChangedAt, ValueKind::Instant),
    ("passwordExpiresAt", Field::PasswordExpiresAt, ValueKind::Instant),
    ("lastSeen", Field::LastSeen, ValueKind::Instant),
];

/// What the attribute of a question stands for; names are in any case.
pub(super) fn meaning(test: &Test, catalog: &Catalog) -> Result<Meaning, FilterError> {
    let key = fold(&test.attribute);
    if key == "active" {
        return Ok(Meaning::Active);
    }
    if let Some((_, field, kind)) = NAMES.iter().find(|(name, ..)| fold(name) == key) {
        let field = field.clone();
        if field == Field::Username {
            let text =
                |field| Attribute { level: Level::User, field, kind: ValueKind::Text };
            return Ok(Meaning::UserName([text(field), text(Field::Email)]));
        }
        return Ok(Meaning::Of(Attribute { level: Level::User, field, kind: *kind }));
    }
    let mut custom = catalog.custom.iter().filter(|it| it.level == Level::User);
    if let Some(found) = custom.find(|known| fold(&known.name) == key) {
        let field = Field::Custom { id: found.id, name: found.name.clone() };
        return Ok(Meaning::Of(Attribute {
            level: Level::User,
            field,
            kind: ValueKind::Text,
        }));
    }
    let known = NAMES.iter().map(|(name, ..)| *name).chain(["active"]);
    let custom = catalog.custom.iter().filter(|it| it.level == Level::User);
    let names: Vec<&str> = known.chain(custom.map(|it| it.name.as_str())).collect();
    let name = &test.attribute;
    let unknown = FilterError::new(test.at, format!("users have no attribute `{name}`"));
    Err(match nearest(name, names.iter().copied()).first() {
        Some(near) => unknown.help(format!("did you mean `{near}`?")),
        None => unknown.help(format!("they have {}", names.join(", "))),
    })
}
