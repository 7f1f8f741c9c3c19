//! What systems that speak SCIM 2.0 can be asked for, and what they have no word for.

use crate::ir::{Field, StepKind};

/// Why no such system does a step, and what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lack {
    /// What SCIM lacks.
    pub why: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

const NO_SESSIONS: Lack = Lack {
    why: "SCIM knows no sessions",
    help: "say in the `app` item by what they are ended: `end sessions with flow NAME`",
};
const NO_ASSIGNMENT: Lack = Lack {
    why: "SCIM does not tell an account that is taken away from a disabled or deleted one",
    help: "write `disable account` or `delete account`, or say in the `app` item by what it \
           is done: `deprovision with NAME`",
};
const NO_SUSPENSION: Lack = Lack {
    why: "SCIM knows active users and others, and no suspended ones",
    help: "write `disable user`, or call the system itself: `run flow NAME`",
};
const NO_PASSWORDS: Lack = Lack {
    why: "SCIM cannot ask for another password",
    help: "call the system itself: `run flow NAME`",
};
const NO_ATTRIBUTE: Lack = Lack {
    why: "SCIM connectors set given_name, family_name, department, title and locale alone",
    help: "call the system itself: `run flow NAME`",
};

/// Where SCIM keeps an attribute of users.
pub(crate) fn path(field: &Field) -> Option<&'static str> {
    match field {
        Field::GivenName => Some("name.givenName"),
        Field::FamilyName => Some("name.familyName"),
        Field::Title => Some("title"),
        Field::Locale => Some("locale"),
        Field::Department => {
            Some("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department")
        }
        _ => None,
    }
}

/// Whether a step is about the user rather than an account.
pub(crate) fn is_of_user(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::DisableUser
            | StepKind::SuspendUser
            | StepKind::DeleteUser
            | StepKind::RequirePasswordChange
            | StepKind::Set { .. }
    )
}

/// Whether a step is about an account that a system may have.
pub(crate) fn is_of_account(kind: &StepKind) -> bool {
    matches!(
        kind,
        StepKind::RemoveAccess
            | StepKind::DisableAccount
            | StepKind::DeleteAccount
            | StepKind::RevokePermission(_)
            | StepKind::UnassignFromApp
            | StepKind::EndSessions
    )
}

/// What SCIM lacks for a step. Our own attributes are kept by the store alone.
pub(crate) fn lack(kind: &StepKind, grants: bool) -> Option<Lack> {
    match kind {
        StepKind::EndSessions => Some(NO_SESSIONS),
        StepKind::UnassignFromApp => Some(NO_ASSIGNMENT),
        StepKind::RemoveAccess if !grants => Some(NO_ASSIGNMENT),
        StepKind::SuspendUser => Some(NO_SUSPENSION),
        StepKind::RequirePasswordChange => Some(NO_PASSWORDS),
        StepKind::Set { attribute, .. } => match attribute.field {
            Field::Email | Field::Username | Field::Status | Field::Manager => {
                Some(NO_ATTRIBUTE)
            }
            _ => None,
        },
        _ => None,
    }
}
