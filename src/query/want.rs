//! Which truths a statement looks for.

use std::ops::Not;

/// A question of two values about a condition of three.
///
/// `not` is pushed down to the tests by asking for the opposite, so no statement ever
/// negates an expression that could be NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Is it true?
    True,
    /// Is it false?
    False,
    /// Is it true or unknown?
    NotFalse,
    /// Is it false or unknown?
    NotTrue,
}

impl Want {
    /// Whether a conjunction is what is wanted only if all its parts are. It is one part
    /// that makes it false.
    pub(crate) fn of_all(self) -> bool {
        matches!(self, Self::True | Self::NotFalse)
    }
}

impl Not for Want {
    type Output = Self;

    /// What a condition must be for its negation to be what is wanted.
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::NotFalse => Self::NotTrue,
            Self::NotTrue => Self::NotFalse,
        }
    }
}
