//! Running the statements of `query`.

use crate::ir::Scope;
use crate::query::{
    Ask, Bind, Census, OutOfScope, Selection, Shape, Statement, Statistics, Undecided,
    blame_pattern, census, out_of_scope, scope_count, subjects, undecided_patterns,
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
        let statement = scope_count(scope, &Statistics::default());
        let mut prepared = self.prepared(&statement)?;
        let mut rows = bound(&mut prepared, &statement)?;
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

    /// The sizes of what a selection names, as the last import left them.
    pub fn sizes(&self, selection: &Selection<'_>) -> Result<Statistics, StoreError> {
        let mut sizes = Statistics::default();
        let sql = "SELECT rows FROM size WHERE kind = ?1 AND id = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut size = |kind: &str, id: i64| -> Result<u64, StoreError> {
            let found =
                statement.query_row((kind, id), |row| count(row, 0)).optional()?;
            Ok(found.unwrap_or(0))
        };
        sizes.accounts = size("accounts", 0)?;
        sizes.users = size("users", 0)?;
        sizes.departments = size("departments", 0)?;
        let named = selection.named();
        for app in named.apps {
            sizes.apps.insert(app, size("app", app.0)?);
        }
        for group in named.groups {
            sizes.groups.insert(group, size("group", group.0)?);
        }
        for permission in named.permissions {
            sizes
                .permissions
                .insert(permission, size("permission", permission.0)?);
        }
        Ok(sizes)
    }

    /// Counts what [`Store::sizes`] reads. To be called when an import has filled the
    /// tables, in its transaction.
    pub fn count_sizes(connection: &rusqlite::Connection) -> Result<(), StoreError> {
        connection.execute_batch(
            "DELETE FROM size;
             INSERT INTO size SELECT 'accounts', 0, count(*) FROM account;
             INSERT INTO size SELECT 'users', 0, count(*) FROM identity;
             INSERT INTO size SELECT 'departments', 0, count(DISTINCT department_key)
               FROM identity;
             INSERT INTO size SELECT 'app', app_id, count(*) FROM account GROUP BY app_id;
             INSERT INTO size SELECT 'group', group_id, count(*) FROM membership
               GROUP BY group_id;
             INSERT INTO size SELECT 'permission', permission_id, count(*)
               FROM access_grant GROUP BY permission_id;",
        )?;
        Ok(())
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
