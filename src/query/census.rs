//! What became of everyone in scope: the counts of a plan's report.

use crate::ir::{Scope, SubjectKind};
use crate::query::lower::Lower;
use crate::query::select::{
    Selection, everyone, in_scope, join_grants, join_owner, not_blocked,
};
use crate::query::shape::{Driver, Shape};
use crate::query::sql::{Bind, Expr, Params};
use crate::query::statement::Statement;
use crate::query::want::Want;
use crate::query::{Moment, Statistics};
use crate::time::Timestamp;
use serde::Serialize;
use std::fmt::Write as _;

/// How many of the subjects in scope went where. Each is counted once, at the first that
/// applies, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Census {
    /// For each conjunct of `when`: for how many it is the first that is false.
    pub not: Vec<u64>,
    /// Held back by `except`.
    pub excepted: u64,
    /// Matched, but a run of the policy still blocks another.
    pub blocked: u64,
    /// Matched.
    pub matched: u64,
    /// Left undecided.
    pub undecided: u64,
}

/// How many of the undecided are so for the want of one attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undecided {
    /// The attribute.
    pub because: String,
    /// How many.
    pub count: u64,
}

/// How many are out of scope for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutOfScope {
    /// The reason.
    pub because: &'static str,
    /// How many.
    pub count: u64,
}

impl Census {
    /// Everyone in scope.
    pub fn in_scope(&self) -> u64 {
        let not: u64 = self.not.iter().sum();
        not + self.excepted + self.blocked + self.matched + self.undecided
    }

    /// An empty census of a selection.
    pub(crate) fn new(selection: &Selection<'_>) -> Self {
        Self {
            not: vec![0; selection.when.conjuncts().len()],
            ..Self::default()
        }
    }

    /// Counts one subject by the number that the census statement gave it.
    pub(crate) fn count(&mut self, bucket: u64) {
        let bucket = usize::try_from(bucket).unwrap_or(usize::MAX);
        let conjuncts = self.not.len();
        let place = match bucket.checked_sub(conjuncts) {
            None => self.not.get_mut(bucket),
            Some(EXCEPTED) => Some(&mut self.excepted),
            Some(BLOCKED) => Some(&mut self.blocked),
            Some(MATCHED) => Some(&mut self.matched),
            Some(_) => Some(&mut self.undecided),
        };
        if let Some(count) = place {
            *count += 1;
        }
    }
}

// Behind the conjuncts.
const EXCEPTED: usize = 0;
const BLOCKED: usize = 1;
const MATCHED: usize = 2;
const UNDECIDED: usize = 3;

/// The statement that says of everyone in scope what became of them: a number below the
/// number of conjuncts for the first conjunct that is false, and then in the order of
/// [`Census`].
pub fn census(selection: &Selection<'_>, sizes: &Statistics) -> Statement {
    census_in(selection, Shape::everyone(selection, sizes), sizes)
}

/// The same in a given shape, of which only the sets count.
pub fn census_in(
    selection: &Selection<'_>,
    shape: Shape,
    sizes: &Statistics,
) -> Statement {
    let scope = selection.scope;
    let mut lower = Lower::of(selection, shape, sizes);
    let driver = Shape::of_everyone(scope);
    let terms = in_scope(&mut lower, scope, driver);
    let conjuncts = selection.when.conjuncts();
    let mut what = "CASE".to_owned();
    let mut branch = |condition: String, bucket: usize| {
        _ = write!(what, "\n  WHEN {condition} THEN {bucket}");
    };
    for (bucket, conjunct) in conjuncts.iter().enumerate() {
        branch(lower.condition(conjunct, Want::False).text(), bucket);
    }
    let last = conjuncts.len();
    if let Some(except) = selection.except {
        branch(lower.condition(except, Want::True).text(), last + EXCEPTED);
        branch(lower.condition(except, Want::NotFalse).text(), last + UNDECIDED);
    }
    branch(lower.condition(selection.when, Want::NotTrue).text(), last + UNDECIDED);
    let free = not_blocked(&mut lower, selection).text();
    branch(free, last + MATCHED);
    _ = write!(what, "\n  ELSE {} END", last + BLOCKED);
    let mut from = everyone(scope, driver).to_owned();
    if lower.joined {
        from.push_str(join_owner(driver));
    }
    from.push_str(join_grants(scope.kind, driver));
    let condition = Expr::all(terms);
    Statement::select(&what, &from, condition, lower.params)
}

/// The statement that counts everyone in scope.
pub fn scope_count(scope: &Scope, sizes: &Statistics) -> Statement {
    of_scope("count(*)", scope, (Shape::sets(Shape::of_everyone(scope)), sizes))
}

/// The statement that counts those in scope up to a number.
pub fn scope_count_to(scope: &Scope, most: u64) -> Statement {
    // It may be done after a few, and then no set of all owners should have been built.
    let shape = match most {
        ..10_000 => Shape::points(Shape::of_everyone(scope)),
        _ => Shape::sets(Shape::of_everyone(scope)),
    };
    let all = of_scope("1", scope, (shape, &Statistics::default()));
    let mut params = all.params;
    params.push(Bind::Integer(i64::try_from(most).unwrap_or(i64::MAX)));
    let sql = format!("SELECT count(*) FROM ({}\nLIMIT ?{})", all.sql, params.len());
    Statement { sql, params }
}

fn of_scope(
    what: &str,
    scope: &Scope,
    (shape, sizes): (Shape, &Statistics),
) -> Statement {
    let driver = Shape::of_everyone(scope);
    let mut lower = Lower::new(scope.kind, Moment::at(Timestamp(0)), shape, sizes);
    let condition = Expr::all(in_scope(&mut lower, scope, driver));
    let mut from = everyone(scope, driver).to_owned();
    if lower.joined {
        from.push_str(join_owner(driver));
    }
    from.push_str(join_grants(scope.kind, driver));
    Statement::select(what, &from, condition, lower.params)
}

/// The statement that counts, by reason, who would be in scope but for the owner: how many
/// have one who is gone, and one who is long-term inactive.
pub fn out_of_scope(scope: &Scope) -> Statement {
    let mut params = Params::default();
    let mut sql = match scope.kind {
        SubjectKind::Account | SubjectKind::Grant => {
            let grants = join_grants(scope.kind, Driver::Owners(0));
            format!(
                "SELECT count(*) FILTER (WHERE o.gone = 1), \
                 count(*) FILTER (WHERE o.gone = 0)\n\
                 FROM identity o CROSS JOIN account a ON a.identity_id = o.id{grants}\n\
                 WHERE a.gone = 0"
            )
        }
        SubjectKind::User => {
            "SELECT 0, count(*)\nFROM identity o\nWHERE o.gone = 0".to_owned()
        }
    };
    if scope.kind != SubjectKind::User && !scope.apps.is_empty() {
        let apps: Vec<_> = scope.apps.iter().map(|app| Bind::Integer(app.0)).collect();
        _ = write!(sql, " AND +a.app_id {}", params.one_of(&apps));
    }
    sql.push_str(if scope.long_term {
        " AND o.gone = 1"
    } else {
        " AND (o.gone = 1 OR o.identity_state = 2)"
    });
    Statement { sql, params: params.into_binds() }
}
