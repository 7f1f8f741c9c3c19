//! The words of the language that name one of a few things.

use serde::{Deserialize, Serialize};

/// Active or not, and for how long.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize,
)]
pub enum IdentityState {
    /// At work.
    #[default]
    #[serde(rename = "active")]
    Active,
    /// Away, or newly gone.
    #[serde(rename = "inactive short-term")]
    ShortTerm,
    /// Gone.
    #[serde(rename = "inactive long-term")]
    LongTerm,
}

impl IdentityState {
    /// As the language and the data write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ShortTerm => "inactive short-term",
            Self::LongTerm => "inactive long-term",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Active, Self::ShortTerm, Self::LongTerm]
            .into_iter()
            .find(|state| state.name() == name.trim().to_lowercase())
    }

    /// The number the store keeps.
    pub fn number(self) -> i64 {
        match self {
            Self::Active => 0,
            Self::ShortTerm => 1,
            Self::LongTerm => 2,
        }
    }

    /// The state of that number.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::ShortTerm,
            2 => Self::LongTerm,
            _ => Self::Active,
        }
    }
}

/// Which signs of life count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signs {
    /// `logins only`.
    Logins,
    /// `activity only`.
    Activity,
}

/// How a change of a user came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// They signed up.
    Signup,
    /// They changed it themselves: `self`.
    Themselves,
    /// An admin did it.
    Admin,
    /// A first login made it (just in time).
    Jit,
    /// A program did it.
    Api,
    /// An import brought it.
    Import,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Acts; never sent twice unless asked to.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

/// What somebody who was asked says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The access is still needed.
    Keep,
    /// It is not.
    Remove,
}

/// Where a run stands, as tests and people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Somebody is being asked.
    Reviewing,
    /// A pause.
    Waiting,
    /// A step is under way.
    Removing,
    /// Somebody decided that the access stays.
    Kept,
    /// The access is gone.
    Removed,
    /// All steps were done; none took anything away.
    Done,
    /// Nobody decided, and the policy keeps.
    Ended,
    /// The condition ceased to hold.
    NoLongerApplies,
    /// Somebody stopped it.
    Cancelled,
    /// A step failed.
    Failed,
    /// Something is not known, or nobody can be asked.
    Held,
}

macro_rules! words {
    ($($kind:ident { $($variant:ident $name:literal)* })*) => {$(
        impl $kind {
            /// All of them, in the order of the reference.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As the language writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    )*};
}

words! {
    Signs { Logins "logins" Activity "activity" }
    Origin {
        Signup "signup" Themselves "self" Admin "admin" Jit "jit" Api "api" Import "import"
    }
    Method { Get "GET" Post "POST" Put "PUT" Patch "PATCH" Delete "DELETE" }
    Answer { Keep "keep" Remove "remove" }
    RunState {
        Reviewing "reviewing" Waiting "waiting" Removing "removing" Kept "kept"
        Removed "removed" Done "done" Ended "ended" NoLongerApplies "no longer applies"
        Cancelled "cancelled" Failed "failed" Held "held"
    }
}
