//! SQL as a small tree, and its parameters.
//!
//! INVARIANT: the text of a leaf is made of this room's own constants and of parameters'
//! numbers. A value that anyone wrote is a [`Bind`].

use crate::time::Timestamp;
use std::collections::BTreeMap;

/// How many terms stand in one row; longer rows are halved, because `SQLite` refuses
/// expressions that nest deeper than 1,000, and a row of n terms nests n deep.
const ROW: usize = 8;

/// A value for a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// A number of the store, or a plain one.
    Integer(i64),
    /// An instant; the store keeps its seconds.
    Instant(Timestamp),
    /// A number.
    Real(f64),
    /// Text, or JSON for a long list.
    Text(String),
}

/// An expression of two values: where it could be NULL, that counts as false.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    /// Always true.
    Yes,
    /// Never true.
    No,
    /// A term, and how dear it is to ask.
    Leaf(String, Cost),
    /// All of these.
    And(Vec<Expr>),
    /// One of these.
    Or(Vec<Expr>),
}

/// How dear a term is: the cheap ones are asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cost {
    /// A column of the row at hand.
    Column,
    /// A look into a set that was built once.
    Set,
    /// A look into an index, for each row.
    Point,
    /// A column of the joined owner's row.
    Owner,
    /// A function, or a subquery that computes.
    Computed,
}

impl Expr {
    /// All of `parts`.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Yes => {}
                Self::No => return Self::No,
                Self::And(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Yes,
            1 => kept.pop().unwrap_or(Self::Yes),
            _ => Self::And(kept),
        }
    }

    /// One of `parts`.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::No => {}
                Self::Yes => return Self::Yes,
                Self::Or(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::No,
            1 => kept.pop().unwrap_or(Self::No),
            _ => Self::Or(kept),
        }
    }

    /// How dear it is: as dear as its dearest term.
    pub(crate) fn cost(&self) -> Cost {
        match self {
            Self::Yes | Self::No => Cost::Column,
            Self::Leaf(_, cost) => *cost,
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().map(Self::cost).max().unwrap_or(Cost::Column)
            }
        }
    }

    /// The terms of the top row, the cheap ones first.
    pub(crate) fn terms(self) -> Vec<Self> {
        let mut terms = match self {
            Self::Yes => Vec::new(),
            Self::And(parts) => parts,
            other => vec![other],
        };
        terms.sort_by_key(Self::cost);
        terms
    }

    /// As SQL; anything but a single term stands in parentheses.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Yes => "1".to_owned(),
            Self::No => "0".to_owned(),
            Self::Leaf(text, _) => text.clone(),
            Self::And(parts) => row(parts, " AND "),
            Self::Or(parts) => row(parts, " OR "),
        }
    }
}

/// Terms joined, in a tree that is as flat as it is high.
fn row(parts: &[Expr], operator: &str) -> String {
    let texts: Vec<String> = if parts.len() <= ROW {
        parts.iter().map(Expr::text).collect()
    } else {
        let (left, right) = parts.split_at(parts.len() / 2);
        vec![row(left, operator), row(right, operator)]
    };
    format!("({})", texts.join(operator))
}

/// The parameters of a statement; equal values share one.
#[derive(Debug, Default)]
pub(crate) struct Params {
    binds: Vec<Bind>,
    known: BTreeMap<(u8, String), usize>,
}

impl Params {
    /// The parameter for a value, as SQL writes it: `?3`.
    pub(crate) fn bind(&mut self, value: Bind) -> String {
        let key = match &value {
            Bind::Integer(number) => (0, number.to_string()),
            Bind::Instant(at) => (1, at.0.to_string()),
            Bind::Real(number) => (2, number.to_bits().to_string()),
            Bind::Text(text) => (3, text.clone()),
        };
        let next = self.binds.len() + 1;
        let number = *self.known.entry(key).or_insert(next);
        if number == next {
            self.binds.push(value);
        }
        format!("?{number}")
    }

    /// The parameter for a number of the store.
    pub(crate) fn id(&mut self, id: i64) -> String {
        self.bind(Bind::Integer(id))
    }

    /// `= ?1`, `IN (?1, ?2)`, or for long lists `IN (SELECT value FROM json_each(?1))`: an
    /// old build of `SQLite` takes no more than 999 parameters, and one is quicker to bind.
    pub(crate) fn one_of(&mut self, values: &[Bind]) -> String {
        if let [value] = values {
            return format!("= {}", self.bind(value.clone()));
        }
        match json(values) {
            Some(json) if values.len() > ROW => {
                format!(
                    "IN (SELECT value FROM json_each({}))",
                    self.bind(Bind::Text(json))
                )
            }
            _ => {
                let each = values.iter().map(|value| self.bind(value.clone()));
                format!("IN ({})", each.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// All of them, in the order of their numbers.
    pub(crate) fn into_binds(self) -> Vec<Bind> {
        self.binds
    }
}

/// A list as JSON; `None` where that could change a value on the way.
fn json(values: &[Bind]) -> Option<String> {
    let each = values.iter().map(|value| match value {
        Bind::Integer(number) => Some(serde_json::Value::from(*number)),
        Bind::Instant(at) => Some(serde_json::Value::from(at.0)),
        Bind::Text(text) if !text.contains('\0') => {
            Some(serde_json::Value::from(text.as_str()))
        }
        Bind::Text(_) | Bind::Real(_) => None,
    });
    Some(serde_json::Value::Array(each.collect::<Option<_>>()?).to_string())
}
