//! Filters over users as SCIM has them (RFC 7644, 3.4.2.2): read, made a condition, and asked
//! of a store.
//!
//! INVARIANT: a filter says yes or no of every user: what is not on record equals nothing.

mod attribute;
mod lower;
mod parse;
#[cfg(test)]
mod tests;

pub use crate::scim_filter::lower::{long_term, scim_name, users};
pub use crate::scim_filter::parse::parse;

use std::fmt;

/// A filter as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Both sides of every `and`.
    And(Vec<Self>),
    /// One side of an `or`.
    Or(Vec<Self>),
    /// `not (…)`.
    Not(Box<Self>),
    /// `userName eq "zoe"`, `title pr`.
    Test(Test),
}

/// One question.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The attribute, without the name of its schema: `userName`, `name.givenName`.
    pub attribute: String,
    /// How it compares.
    pub operator: Operator,
    /// What it is compared with; nothing for `pr`.
    pub value: Option<Literal>,
    /// First byte of the attribute.
    pub at: usize,
    /// First byte of the value, or of the operator where there is none.
    pub value_at: usize,
}

/// How an attribute is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `pr`: something is on record.
    Present,
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// What an attribute is compared with: a value of JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `"zoe"`
    Text(String),
    /// `100`, as it was written.
    Number(String),
    /// `true`, `false`
    Bool(bool),
    /// `null`
    Null,
}

/// Why a filter cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The byte at which it is.
    pub at: usize,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Present,
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];

    /// As a filter writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "pr",
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }
}

impl FilterError {
    fn new(at: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, at }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "column {}: {}", self.at + 1, self.message)?;
        match &self.help {
            Some(help) => write!(out, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FilterError {}
