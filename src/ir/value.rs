//! Values that conditions compare.

use crate::text::fold;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// A value that is known. Missing data is the absence of one, never a variant.
///
/// Statuses, lifecycle and identity states are text in their canonical spelling; a user is
/// the e-mail address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// True or false.
    Bool(bool),
    /// A number.
    Number(f64),
    /// An instant; a date is its midnight UTC.
    Instant(Timestamp),
    /// Text, in its own spelling.
    Text(String),
}

impl Value {
    /// Compares two values of one type: text without regard to case, instants and numbers
    /// by size. Values of different types have no order, and the checker lets no condition
    /// compare them.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Some(fold(left).cmp(&fold(right))),
            (Self::Instant(left), Self::Instant(right)) => Some(left.cmp(right)),
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(right),
            (Self::Bool(left), Self::Bool(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(value) => write!(out, "{value}"),
            Self::Instant(value) => write!(out, "{value}"),
            Self::Text(value) => write!(out, "{value}"),
        }
    }
}
