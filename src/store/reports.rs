//! Reports that are to be written of evaluations.

use crate::store::{Store, StoreError};
use rusqlite::params;

/// A report that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DueReport {
    /// The evaluation's number.
    pub(crate) evaluation: i64,
    /// The policy's number.
    pub(crate) policy_id: i64,
    /// The version that was evaluated.
    pub(crate) version: u32,
    /// What it found, as JSON.
    pub(crate) body: String,
    /// Behind which line of the trail it tells.
    pub(crate) from: i64,
}

/// A line of a trail, with its run and whom that is about.
pub(crate) type LedgerLine = (i64, String, String);

impl Store {
    /// The line of the trail that the next report of a policy begins behind.
    pub(crate) fn told_to(&self, policy_id: i64) -> Result<i64, StoreError> {
        let sql = "SELECT ifnull(
                       (SELECT max(told_to) FROM report
                        WHERE policy_id = ?1 AND told_to IS NOT NULL),
                       (SELECT ifnull(max(id), 0) FROM trail))";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([policy_id], |row| row.get(0))?)
    }

    /// Notes that a report is to be written.
    pub(crate) fn owe_report(
        &self,
        (evaluation, policy_id): (i64, i64),
        (body, from): (&str, i64),
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO report(evaluation_id, policy_id, body, told_from)
                   VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![evaluation, policy_id, body, from])?;
        Ok(())
    }

    /// The reports that are to be written, the oldest first.
    pub(crate) fn due_reports(&self) -> Result<Vec<DueReport>, StoreError> {
        let sql = "SELECT r.evaluation_id, r.policy_id, e.version, r.body, r.told_from
                   FROM report r JOIN evaluation e ON e.id = r.evaluation_id
                   WHERE r.told_to IS NULL ORDER BY r.evaluation_id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(DueReport {
                evaluation: row.get(0)?,
                policy_id: row.get(1)?,
                version: row.get(2)?,
                body: row.get(3)?,
                from: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that a report is written, and up to which line of the trail it tells.
    pub(crate) fn report_written(
        &self,
        evaluation: i64,
        to: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE report SET told_to = ?2, body = '' WHERE evaluation_id = ?1";
        self.connection.prepare_cached(sql)?.execute([evaluation, to])?;
        Ok(())
    }

    /// The lines of the trails of a policy's runs behind a line: each with its number, the
    /// run's subject, and what happened as JSON; and the last line there is.
    pub(crate) fn ledger_of(
        &self,
        policy_id: i64,
        after: i64,
    ) -> Result<(Vec<LedgerLine>, i64), StoreError> {
        let last = "SELECT ifnull(max(id), 0) FROM trail";
        let last = self
            .connection
            .prepare_cached(last)?
            .query_row([], |row| row.get(0))?;
        let sql =
            "SELECT r.id, r.subject_name, t.event FROM trail t JOIN run r ON r.id = t.run_id
                   WHERE t.id > ?1 AND t.id <= ?2 AND r.policy_id = ?3 ORDER BY t.id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([after, last, policy_id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
        Ok((rows.collect::<Result<_, _>>()?, last))
    }
}
