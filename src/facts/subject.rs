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
}

/// A subject and how it is printed: `salesforce/zoe`, `zoe@acme.example`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The key.
    pub id: SubjectId,
    /// The printed name.
    pub name: String,
}

impl SubjectId {
    /// What kind of subject it is.
    pub fn kind(self) -> SubjectKind {
        match self {
            Self::Account(_) => SubjectKind::Account,
            Self::User(_) => SubjectKind::User,
        }
    }

    /// The number within its kind.
    pub fn number(self) -> i64 {
        match self {
            Self::Account(number) | Self::User(number) => number,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)
    }
}
