//! SQL as a small tree, and its parameters.
//!
//! INVARIANT: the text of a leaf is made of this room's own constants and of parameters'
//! numbers. A value that anyone wrote is a [`Bind`].

use crate::time::Timestamp;
use std::collections::BTreeMap;

/// How many terms stand in one row; longer rows are halved, because `SQLite` refuses
/// expressions that nest deeper than 1,000, and a row of n terms nests n deep.
const ROW: usize = 8;

/// How many sets are made one; `SQLite` takes 500.
const TOGETHER: usize = 64;

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
    /// A column is in one of some sets.
    Inside(Sets),
    /// A column is in none of some sets.
    Outside(Sets),
    /// All of these.
    And(Vec<Self>),
    /// One of these.
    Or(Vec<Self>),
}

/// Sets that are built once: a column, never NULL, and the statements that give each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sets {
    pub(crate) key: &'static str,
    pub(crate) each: Vec<String>,
}

/// How dear a term is: the cheap ones are asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cost {
    /// A column of the row at hand.
    Column,
    /// A look into a set that was built once.
    Set,
    /// A look into an index, for each row, that few pass.
    Link,
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
                Self::No => return Self::No,
                Self::Yes => {}
                Self::And(inner) => {
                    for part in inner {
                        keep(&mut kept, part);
                    }
                }
                other => keep(&mut kept, other),
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
                Self::Yes => return Self::Yes,
                Self::No => {}
                Self::Or(inner) => {
                    for part in inner {
                        meet(&mut kept, part);
                    }
                }
                other => meet(&mut kept, other),
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
            Self::Inside(_) | Self::Outside(_) => Cost::Set,
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
        terms.dedup();
        terms
    }

    /// As SQL; anything but a single term stands in parentheses.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Yes => "1".to_owned(),
            Self::No => "0".to_owned(),
            Self::Leaf(text, _) => text.clone(),
            // The plus keeps the planner from starting here: where to start is our choice.
            Self::Inside(sets) => format!("+{} IN ({})", sets.key, sets.text()),
            Self::Outside(sets) => format!("{} NOT IN ({})", sets.key, sets.text()),
            Self::And(parts) => row(parts, " AND "),
            Self::Or(parts) => row(parts, " OR "),
        }
    }
}

/// Adds a term to a conjunction. What is in none of one set and in none of another is in
/// none of both together.
fn keep(kept: &mut Vec<Expr>, part: Expr) {
    let Expr::Outside(sets) = part else { return kept.push(part) };
    let same = kept.iter_mut().find_map(|known| match known {
        Expr::Outside(known) => known.room_for(&sets),
        _ => None,
    });
    match same {
        Some(known) => known.add(sets),
        None => kept.push(Expr::Outside(sets)),
    }
}

/// Adds a term to a disjunction. What is in one set or in another is in both together.
fn meet(kept: &mut Vec<Expr>, part: Expr) {
    let Expr::Inside(sets) = part else { return kept.push(part) };
    let same = kept.iter_mut().find_map(|known| match known {
        Expr::Inside(known) => known.room_for(&sets),
        _ => None,
    });
    match same {
        Some(known) => known.add(sets),
        None => kept.push(Expr::Inside(sets)),
    }
}

impl Sets {
    /// These sets, if others of the same column can join them: one look into all is
    /// quicker than one into each.
    fn room_for(&mut self, others: &Self) -> Option<&mut Self> {
        (self.key == others.key && self.each.len() + others.each.len() <= TOGETHER)
            .then_some(self)
    }

    fn add(&mut self, others: Self) {
        for set in others.each {
            if !self.each.contains(&set) {
                self.each.push(set);
            }
        }
    }

    fn text(&self) -> String {
        self.each.join(" UNION ALL ")
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
