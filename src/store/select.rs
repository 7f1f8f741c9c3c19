//! Running the statements of `query`.

use crate::ir::{Scope, SubjectKind};
use crate::query::{
    Ask, Bind, Census, OutOfScope, Selection, Shape, Statement, Statistics, Undecided,
    blame_pattern, census, out_of_scope, scope_count, scope_count_to, subjects,
    undecided_patterns,
};
use crate::store::{Store, StoreError};
use rusqlite::types::{ToSql, ToSqlOutput, Value};
use rusqlite::{CachedStatement, OptionalExtension as _, Row, Rows};
use std::collections::BTreeMap;

impl Store {
    /// Whom a selection asks for, in the order of their numbers.
    pub fn subjects(
        &self,
        selection: &Selection<'_>,
        ask: Ask,
    ) -> Result<Vec<i64>, StoreError> {
        let sizes = self.sizes(selection)?;
        let shape = Shape::choose(selection, ask, &sizes);
        self.select_ids(&subjects(selection, ask, shape, &sizes))
    }

    /// The numbers that a statement gives, in order.
    pub fn select_ids(&self, statement: &Statement) -> Result<Vec<i64>, StoreError> {
        let mut prepared = self.prepared(statement)?;
        let mut rows = bound(&mut prepared, statement)?;
        let mut ids = Vec::new();
        while let Some(row) = rows.next()? {
            ids.push(row.get(0)?);
        }
        // Sorting here is quicker than in the statement, and nothing when it is in order.
        ids.sort_unstable();
        Ok(ids)
    }

    /// What became of everyone in scope.
    pub fn census(&self, selection: &Selection<'_>) -> Result<Census, StoreError> {
        let statement = census(selection, &self.sizes(selection)?);
        self.take_census(selection, &statement)
    }

    /// The same by a statement at hand.
    pub fn take_census(
        &self,
        selection: &Selection<'_>,
        statement: &Statement,
    ) -> Result<Census, StoreError> {
        let mut counts = Census::new(selection);
        let mut prepared = self.prepared(statement)?;
        let mut rows = bound(&mut prepared, statement)?;
        while let Some(row) = rows.next()? {
            counts.count(count(row, 0)?);
        }
        Ok(counts)
    }

    /// How many are left undecided, by the attribute that is missing; the most first.
    pub fn undecided(
        &self,
        selection: &Selection<'_>,
    ) -> Result<Vec<Undecided>, StoreError> {
        let sizes = self.sizes(selection)?;
        let shape = Shape::choose(selection, Ask::Undecided, &sizes);
        self.take_undecided(selection, &undecided_patterns(selection, shape, &sizes))
    }

    /// The same by a statement at hand.
    pub fn take_undecided(
        &self,
        selection: &Selection<'_>,
        statement: &Statement,
    ) -> Result<Vec<Undecided>, StoreError> {
        let mut counts = BTreeMap::<String, u64>::new();
        let mut prepared = self.prepared(statement)?;
        let mut rows = bound(&mut prepared, statement)?;
        while let Some(row) = rows.next()? {
            let (pattern, count): (String, u64) = (row.get(0)?, count(row, 1)?);
            *counts.entry(blame_pattern(selection, &pattern)).or_default() += count;
        }
        let mut found: Vec<_> = counts
            .into_iter()
            .map(|(because, count)| Undecided { because, count })
            .collect();
        found.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        Ok(found)
    }

    /// How many subjects are in scope.
    pub fn scope_count(&self, scope: &Scope) -> Result<u64, StoreError> {
        self.one_count(&scope_count(scope, &Statistics::default()))
    }

    /// The same; so many are as good as more.
    pub fn scope_count_to(&self, scope: &Scope, most: u64) -> Result<u64, StoreError> {
        self.one_count(&scope_count_to(scope, most))
    }

    fn one_count(&self, statement: &Statement) -> Result<u64, StoreError> {
        let mut prepared = self.prepared(statement)?;
        let mut rows = bound(&mut prepared, statement)?;
        Ok(rows.next()?.map_or(Ok(0), |row| count(row, 0))?)
    }

    /// How many are out of scope, by reason.
    pub fn out_of_scope(&self, scope: &Scope) -> Result<Vec<OutOfScope>, StoreError> {
        let statement = out_of_scope(scope);
        let mut prepared = self.prepared(&statement)?;
        let mut rows = bound(&mut prepared, &statement)?;
        let mut found = Vec::new();
        if let Some(row) = rows.next()? {
            for (column, because) in
                ["owner gone", "inactive long-term"].iter().enumerate()
            {
                let count = count(row, column)?;
                if count > 0 {
                    found.push(OutOfScope { because, count });
                }
            }
        }
        Ok(found)
    }

    /// How `SQLite` would go about a statement, step by step.
    pub fn query_plan(&self, statement: &Statement) -> Result<Vec<String>, StoreError> {
        let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let mut prepared = self.connection.prepare_cached(&sql)?;
        let mut rows = bound(&mut prepared, statement)?;
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(row.get(3)?);
        }
        Ok(steps)
    }

    /// The sizes of what a selection names. Exact where the store counts; what the planner
    /// was told after the last import otherwise.
    pub fn sizes(&self, selection: &Selection<'_>) -> Result<Statistics, StoreError> {
        let mut sizes = Statistics::default();
        let number = |sql: &str, id: i64| -> Result<u64, StoreError> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let found = statement.query_row([id], |row| count(row, 0)).optional()?;
            Ok(found.unwrap_or(0))
        };
        let mut all = self
            .connection
            .prepare_cached("SELECT coalesce(sum(accounts), 0) FROM app")?;
        sizes.accounts = all.query_row([], |row| count(row, 0))?;
        (sizes.users, sizes.department) = self.users_by_department()?;
        let named = selection.named();
        if selection.scope.kind == SubjectKind::Grant {
            let grants = "SELECT coalesce(sum(holders), 0) FROM permission WHERE id > ?1";
            sizes.grants = number(grants, 0)?;
            let by_name = "SELECT coalesce(sum(holders), 0) FROM permission \
                           WHERE label_key = ?1 OR value_key = ?1";
            let mut statement = self.connection.prepare_cached(by_name)?;
            for name in named.granted {
                let holders = statement.query_row([&name], |row| count(row, 0))?;
                sizes.named.insert(name, holders);
            }
        }
        for app in named.apps {
            let accounts = number("SELECT accounts FROM app WHERE id = ?1", app.0)?;
            sizes.apps.insert(app, accounts);
        }
        for group in named.groups {
            let members = number("SELECT members FROM grp WHERE id = ?1", group.0)?;
            sizes.groups.insert(group, members);
        }
        for permission in named.permissions {
            let holders = "SELECT holders FROM permission WHERE id = ?1";
            sizes.permissions.insert(permission, number(holders, permission.0)?);
        }
        Ok(sizes)
    }

    /// How many users there are, and how many in one department.
    fn users_by_department(&self) -> Result<(u64, u64), StoreError> {
        // The table is there once the planner was told.
        let sql = "SELECT stat FROM sqlite_stat1 WHERE idx = 'identity_department'";
        let Ok(mut statement) = self.connection.prepare_cached(sql) else {
            return Ok((0, 0));
        };
        let stat: Option<String> =
            statement.query_row([], |row| row.get(0)).optional()?;
        let stat = stat.unwrap_or_default();
        let mut numbers = stat.split(' ').map(|number| number.parse().unwrap_or(0));
        Ok((numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)))
    }

    fn prepared(&self, statement: &Statement) -> Result<CachedStatement<'_>, StoreError> {
        Ok(self.connection.prepare_cached(&statement.sql)?)
    }
}

/// A count, in a column of its own.
pub(crate) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

fn bound<'a>(
    prepared: &'a mut CachedStatement<'_>,
    statement: &Statement,
) -> Result<Rows<'a>, StoreError> {
    // A condition that folds away leaves its parameters unused.
    for (number, value) in (1..=prepared.parameter_count()).zip(&statement.params) {
        prepared.raw_bind_parameter(number, value)?;
    }
    Ok(prepared.raw_query())
}

impl ToSql for Bind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Instant(at) => ToSqlOutput::Owned(Value::Integer(at.0)),
            Self::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Text(text) => ToSqlOutput::from(text.as_str()),
        })
    }
}
