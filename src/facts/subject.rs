//! Whom a policy acts on.

use crate::ir::SubjectKind;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The store's key of a subject.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum SubjectId {
    /// An account's number.
    Account(i64),
    /// A user's number.
    User(i64),
    /// A grant's number.
    Grant(i64),
}

/// A subject and how it is printed: `salesforce/zoe`, `zoe@acme.example`,
/// `salesforce/zoe/Sales Cloud`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The key.
    pub id: SubjectId,
    /// The printed name.
    pub name: String,
}

impl SubjectId {
    /// The subject of that kind and number.
    pub fn new(kind: SubjectKind, number: i64) -> Self {
        match kind {
            SubjectKind::Account => Self::Account(number),
            SubjectKind::User => Self::User(number),
            SubjectKind::Grant => Self::Grant(number),
        }
    }

    /// What kind of subject it is.
    pub fn kind(self) -> SubjectKind {
        match self {
            Self::Account(_) => SubjectKind::Account,
            Self::User(_) => SubjectKind::User,
            Self::Grant(_) => SubjectKind::Grant,
        }
    }

    /// The number within its kind.
    pub fn number(self) -> i64 {
        match self {
            Self::Account(number) | Self::User(number) | Self::Grant(number) => number,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}
