//! One SQL statement with the values of its parameters.

use crate::query::sql::{Bind, Expr, Params};
use std::fmt;

/// A statement that only reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The text, with numbered parameters.
    pub sql: String,
    /// The values of `?1`, `?2`, …
    pub params: Vec<Bind>,
}

impl Statement {
    /// Puts a statement together, one line for each part.
    pub(crate) fn select(
        what: &str,
        from: &str,
        condition: Expr,
        params: Params,
    ) -> Self {
        let mut sql = format!("SELECT {what}\nFROM {from}");
        let terms: Vec<String> = condition.terms().iter().map(Expr::text).collect();
        if terms.len() > 100 {
            // A long row of terms nests as deep as it is long.
            let all = Expr::And(terms.into_iter().map(leaf).collect());
            sql.push_str("\nWHERE ");
            sql.push_str(&all.text());
        } else if !terms.is_empty() {
            sql.push_str("\nWHERE ");
            sql.push_str(&terms.join("\n  AND "));
        }
        Self { sql, params: params.into_binds() }
    }
}

fn leaf(text: String) -> Expr {
    Expr::Leaf(text, crate::query::sql::Cost::Column)
}

impl fmt::Display for Statement {
    /// The text, and below it what each parameter stands for.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.sql)?;
        for (number, value) in (1..).zip(&self.params) {
            write!(out, "\n-- ?{number} = {value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Bind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => write!(out, "{number}"),
            Self::Instant(at) => write!(out, "{} ({at})", at.0),
            Self::Real(number) => write!(out, "{number}"),
            Self::Text(text) => {
                // A line break would end the comment that the value stands in.
                let plain =
                    text.replace('\'', "''").replace(char::is_control, "\u{fffd}");
                write!(out, "'{plain}'")
            }
        }
    }
}
