//! Runs, their trails and the evaluations that opened them, as rows.
//!
//! What a run means is the engine's affair: here it is a body of JSON beside the columns
//! that queries need.

#[cfg(test)]
mod tests;

use crate::facts::{Subject, SubjectId};
use crate::ir::SubjectKind;
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A run as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// The policy's number.
    pub policy_id: i64,
    /// The version it began under.
    pub version: u32,
    /// Whose access it is about.
    pub subject: Subject,
    /// The word for where it stands.
    pub state: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// No other run opens for this policy and subject before then.
    pub blocks_until: Timestamp,
    /// When to look at it again.
    pub wake_at: Option<Timestamp>,
    /// Whether it is only observed.
    pub observed: bool,
    /// The condition of the pilot that it was opened in.
    pub only: Option<String>,
    /// The run itself.
    pub body: String,
}

/// An evaluation of a policy, also one that opened nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationRow {
    /// Its number.
    pub id: i64,
    /// The policy's number.
    pub policy_id: i64,
    /// The version that was evaluated.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// What caused it: `schedule`, `activation`, `release`.
    pub cause: String,
    /// How many runs it opened.
    pub opened: u64,
    /// Whether it would have passed the limit and so opened nothing.
    pub held: bool,
    /// Whether what it opened is only observed.
    pub observed: bool,
    /// Whether the policy takes access away.
    pub takes: bool,
    /// What it found, as JSON.
    pub report: String,
    /// The held evaluation that it belongs to: whose list it is or came to, where it was held
    /// itself; else the one that it released.
    pub held_id: Option<i64>,
}

const OPENED: &str =
    "SELECT ifnull(sum(opened), 0) FROM evaluation WHERE policy_id = ?1 AND at > ?2
     AND observed <= ?3";

/// Policy by policy: that is how the index lies.
const OPENED_BY_ALL: &str = "SELECT ifnull(sum(opened), 0) FROM policy
    CROSS JOIN evaluation ON policy_id = policy.id AND at > ?1 AND observed = 0 AND takes = 1";

const DUE: &str = " WHERE wake_at <= ?1 AND NOT EXISTS (
        SELECT 1 FROM pause WHERE resumed_at IS NULL AND pause.policy_id IN (0, run.policy_id))
    ORDER BY wake_at, id LIMIT ?2";

const OPEN_OF: &str = " WHERE policy_id = ?1 AND ended_at IS NULL ORDER BY id";

const OPEN_ABOUT: &str =
    " WHERE ended_at IS NULL AND (subject_kind = ?1 AND subject_id = ?2
        OR subject_kind = 0 AND subject_id = ?3
        OR ?1 = 0 AND subject_kind = 2 AND subject_id IN
            (SELECT id FROM access_grant WHERE account_id = ?3)) ORDER BY id";

const BESIDE: &str =
    " WHERE +policy_id = ?1 AND id <> ?2 AND (ended_at IS NULL OR ended_at >= ?3)
        AND (subject_kind = 0 AND subject_id IN (SELECT id FROM account WHERE identity_id = ?4)
            OR subject_kind = 2 AND subject_id IN
                (SELECT g.id FROM account a JOIN access_grant g ON g.account_id = a.id
                 WHERE a.identity_id = ?4)) ORDER BY id";

/// Whether there are any of these. Mostly there are none, and that is quickly seen.
const ANY_BESIDE: &str = "SELECT EXISTS (SELECT 1 FROM account a
        CROSS JOIN run r ON r.subject_kind = 0 AND r.subject_id = a.id
        WHERE a.identity_id = ?4 AND +r.policy_id = ?1 AND r.id <> ?2
            AND (r.ended_at IS NULL OR r.ended_at >= ?3))
    OR EXISTS (SELECT 1 FROM account a CROSS JOIN access_grant g ON g.account_id = a.id
        CROSS JOIN run r ON r.subject_kind = 2 AND r.subject_id = g.id
        WHERE a.identity_id = ?4 AND +r.policy_id = ?1 AND r.id <> ?2
            AND (r.ended_at IS NULL OR r.ended_at >= ?3))";

const RUN: &str =
    "SELECT id, policy_id, version, subject_kind, subject_id, subject_name, state,
    opened_at, ended_at, blocks_until, wake_at, body, observed, only_where FROM run";

/// A transaction; whatever ends it before it is done, nothing of it stays.
struct Begun<'a> {
    connection: &'a Connection,
    done: bool,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.done {
            // The first error is the one to tell; a failed rollback is undone by SQLite when
            // the connection closes.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
    }
}

impl Store {
    /// Does everything in `work` in one transaction, or nothing of it.
    pub(crate) fn atomically<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let failed = |error: rusqlite::Error| E::from(StoreError::from(error));
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        let mut begun = Begun { connection: &self.connection, done: false };
        let value = work()?;
        self.connection.execute_batch("COMMIT").map_err(failed)?;
        begun.done = true;
        Ok(value)
    }

    /// Does everything in `work` or nothing of it, as a part of the caller's transaction.
    pub(crate) fn partly<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let failed = |error: rusqlite::Error| E::from(StoreError::from(error));
        self.connection.execute_batch("SAVEPOINT part").map_err(failed)?;
        let done = work();
        let end = match done {
            Ok(_) => "RELEASE part",
            Err(_) => "ROLLBACK TO part; RELEASE part",
        };
        self.connection.execute_batch(end).map_err(failed)?;
        done
    }

    /// The number that the next run gets; to be asked in the transaction that makes it.
    pub(crate) fn next_run_id(&self) -> Result<i64, StoreError> {
        let sql = "SELECT ifnull(max(id), 0) + 1 FROM run";
        Ok(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Writes a run, new or changed.
    pub(crate) fn save_run(&self, run: &RunRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO run(id, policy_id, version, subject_kind, subject_id, subject_name,
                       state, opened_at, ended_at, blocks_until, wake_at, body, observed,
                       only_where)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
                   ON CONFLICT(id) DO UPDATE SET state = excluded.state,
                       ended_at = excluded.ended_at, blocks_until = excluded.blocks_until,
                       wake_at = excluded.wake_at, body = excluded.body";
        self.connection.prepare_cached(sql)?.execute(params![
            run.id,
            run.policy_id,
            run.version,
            run.subject.id.kind().number(),
            run.subject.id.number(),
            run.subject.name,
            run.state,
            run.opened_at.0,
            run.ended_at.map(|at| at.0),
            run.blocks_until.0,
            run.wake_at.map(|at| at.0),
            run.body,
            run.observed,
            run.only,
        ])?;
        Ok(())
    }

    /// The run of that number.
    pub fn run(&self, id: i64) -> Result<Option<RunRow>, StoreError> {
        let mut statement =
            self.connection.prepare_cached(&format!("{RUN} WHERE id = ?1"))?;
        Ok(statement.query_row([id], run_row).optional()?)
    }

    /// All runs, the oldest first; only the open ones on demand.
    pub fn runs(&self, only_open: bool) -> Result<Vec<RunRow>, StoreError> {
        let open = if only_open { "WHERE ended_at IS NULL" } else { "" };
        self.select_runs(&format!("{RUN} {open} ORDER BY id"), [])
    }

    /// The runs of one subject, the oldest first.
    pub fn runs_of(&self, subject: SubjectId) -> Result<Vec<RunRow>, StoreError> {
        let sql =
            format!("{RUN} WHERE subject_kind = ?1 AND subject_id = ?2 ORDER BY id");
        self.select_runs(&sql, [subject.kind().number(), subject.number()])
    }

    /// Runs that wait for an instant that has come, in the order of these instants; none of
    /// what is paused.
    pub(crate) fn due_runs(
        &self,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{RUN}{DUE}");
        self.select_runs(&sql, params![now.0, most])
    }

    /// The open runs of a policy, the oldest first.
    pub(crate) fn open_runs_of(&self, policy_id: i64) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{RUN}{OPEN_OF}");
        self.select_runs(&sql, [policy_id])
    }

    /// The runs in earnest that were opened for a subject by a batch of events that ends with
    /// this one; or for an earlier one, where that was held and has been released since.
    pub(crate) fn runs_opened_by_event(
        &self,
        subject: SubjectId,
        event: i64,
    ) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!(
            "{RUN} WHERE subject_kind = ?1 AND subject_id = ?2 AND observed = 0
               AND (json_extract(body, '$.heard.last') = ?3
                 OR (json_extract(body, '$.heard.last') < ?3
                   AND json_extract(body, '$.released')
                   AND opened_at >= (SELECT at FROM event WHERE event.id = ?3)))
             ORDER BY id"
        );
        self.select_runs(&sql, [subject.kind().number(), subject.number(), event])
    }

    /// The words with which the subject was rejected in an access review that told of it by
    /// that event.
    pub(crate) fn rejected_with(
        &self,
        subject: SubjectId,
        event: i64,
    ) -> Result<Option<String>, StoreError> {
        let sql = "SELECT body ->> '$.decision.comment' FROM run
                   WHERE subject_kind = ?1 AND subject_id = ?2
                     AND body ->> '$.rejection' = ?3 ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let key = params![subject.kind().number(), subject.number(), event];
        Ok(statement.query_row(key, |row| row.get(0)).optional()?.flatten())
    }

    /// Whether a policy has any open run.
    pub(crate) fn has_open_runs(&self, policy_id: i64) -> Result<bool, StoreError> {
        let sql =
            "SELECT EXISTS (SELECT 1 FROM run WHERE policy_id = ?1 AND ended_at IS NULL)";
        Ok(self
            .connection
            .prepare_cached(sql)?
            .query_row([policy_id], |row| row.get(0))?)
    }

    /// The open run of a policy for a subject.
    pub(crate) fn open_run_on(
        &self,
        policy_id: i64,
        subject: SubjectId,
    ) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM run WHERE policy_id = ?1 AND subject_kind = ?2
                   AND subject_id = ?3 AND blocks_until > 0 AND ended_at IS NULL";
        let of = params![policy_id, subject.kind().number(), subject.number()];
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(of, |row| row.get(0)).optional()?)
    }

    /// The account that a subject is, or belongs to while it is there.
    pub(crate) fn account_of(
        &self,
        subject: SubjectId,
    ) -> Result<Option<i64>, StoreError> {
        match subject {
            SubjectId::Account(id) => Ok(Some(id)),
            SubjectId::User(_) => Ok(None),
            SubjectId::Grant(id) => {
                let sql = "SELECT account_id FROM access_grant WHERE id = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                Ok(statement.query_row([id], |row| row.get(0)).optional()?)
            }
        }
    }

    /// The open runs of a subject, of the account that it belongs to, and of the permissions
    /// that it holds, the oldest first. Two permissions of one account are two matters.
    pub(crate) fn open_runs_about(
        &self,
        subject: SubjectId,
    ) -> Result<Vec<RunRow>, StoreError> {
        let account = self.account_of(subject)?;
        let parameters = params![subject.kind().number(), subject.number(), account];
        self.select_runs(&format!("{RUN}{OPEN_ABOUT}"), parameters)
    }

    /// The other runs of a policy about what a user owns, that were open when a run was or
    /// later, the oldest first.
    pub(crate) fn runs_beside(
        &self,
        (policy_id, run): (i64, i64),
        owner: i64,
        since: Timestamp,
    ) -> Result<Vec<RunRow>, StoreError> {
        let parameters = params![policy_id, run, since.0, owner];
        let mut any = self.connection.prepare_cached(ANY_BESIDE)?;
        if !any.query_row(parameters, |row| row.get::<_, bool>(0))? {
            return Ok(Vec::new());
        }
        self.select_runs(&format!("{RUN}{BESIDE}"), parameters)
    }

    fn select_runs(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<RunRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(parameters, run_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many runs a policy, or without one all policies that take access away, have opened
    /// since an instant.
    /// Observed ones count only while the policy is observed.
    pub(crate) fn opened_since(
        &self,
        policy_id: Option<i64>,
        since: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(match policy_id {
            Some(_) => OPENED,
            None => OPENED_BY_ALL,
        })?;
        let count: i64 = match policy_id {
            Some(id) => {
                let sql = "SELECT observe FROM policy WHERE id = ?1";
                let mut observes = self.connection.prepare_cached(sql)?;
                let observes: i64 = observes.query_row([id], |row| row.get(0))?;
                statement.query_row([id, since.0, observes], |row| row.get(0))?
            }
            None => statement.query_row([since.0], |row| row.get(0))?,
        };
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Subjects whose last run did what it was for, and that rest until they were once seen
    /// not to match.
    pub(crate) fn resting_until_unmatched(
        &self,
        (policy_id, kind): (i64, SubjectKind),
        marker: Timestamp,
    ) -> Result<Vec<(i64, SubjectId)>, StoreError> {
        let sql = "SELECT id, subject_id FROM run
                   WHERE policy_id = ?1 AND subject_kind = ?2
                     AND blocks_until = ?3 AND blocks_until > 0";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement
            .query_map(params![policy_id, kind.number(), marker.0], |row| {
                Ok((row.get(0)?, SubjectId::new(kind, row.get(1)?)))
            })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Lets another run open for the subject of this one.
    pub(crate) fn unblock(&self, run_id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE run SET blocks_until = 0 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([run_id])?;
        Ok(())
    }

    /// Adds a line to a run's trail.
    pub(crate) fn append_trail(
        &self,
        run_id: i64,
        at: Timestamp,
        event: &str,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO trail(run_id, at, event) VALUES (?1, ?2, ?3)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![run_id, at.0, event])?;
        Ok(())
    }

    /// The trail of a run: when, and what as JSON.
    pub fn trail(&self, run_id: i64) -> Result<Vec<(Timestamp, String)>, StoreError> {
        let sql = "SELECT at, event FROM trail WHERE run_id = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([run_id], |row| {
            Ok((Timestamp(row.get(0)?), row.get::<_, String>(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The trails of all runs in the order of what happened: the number of the line, the
    /// run, when, and what as JSON.
    pub fn ledger(
        &self,
        after: i64,
    ) -> Result<Vec<(i64, i64, Timestamp, String)>, StoreError> {
        let sql = "SELECT id, run_id, at, event FROM trail WHERE id > ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([after], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                Timestamp(row.get(2)?),
                row.get::<_, String>(3)?,
            ))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts an evaluation on record; its number is given by the store.
    pub(crate) fn record_evaluation(
        &self,
        row: &EvaluationRow,
    ) -> Result<i64, StoreError> {
        let sql =
            "INSERT INTO evaluation(policy_id, version, at, cause, opened, held, report,
                 observed, takes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id";
        let opened = i64::try_from(row.opened).unwrap_or(i64::MAX);
        Ok(self.connection.prepare_cached(sql)?.query_row(
            params![
                row.policy_id,
                row.version,
                row.at.0,
                row.cause,
                opened,
                row.held,
                row.report,
                row.observed,
                row.takes,
            ],
            |row| row.get(0),
        )?)
    }

    /// The last evaluations on record, of one policy or of all, the oldest of them first.
    pub fn evaluations(
        &self,
        policy: Option<i64>,
        last: u32,
    ) -> Result<Vec<EvaluationRow>, StoreError> {
        let sql = format!(
            "SELECT * FROM (SELECT {EVALUATION} WHERE ?1 IS NULL OR policy_id = ?1
                            ORDER BY id DESC LIMIT ?2) ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![policy, last], evaluation_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The evaluation of that number.
    pub fn evaluation(&self, id: i64) -> Result<Option<EvaluationRow>, StoreError> {
        let sql = format!("SELECT {EVALUATION} WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id], evaluation_row).optional()?)
    }

    /// The runs that an evaluation opened.
    pub fn runs_of_evaluation(&self, id: i64) -> Result<Vec<RunRow>, StoreError> {
        let sql = format!("{RUN} WHERE evaluation_id = ?1 ORDER BY id");
        self.select_runs(&sql, [id])
    }
}

const EVALUATION: &str =
    "id, policy_id, version, at, cause, opened, held, report, observed, takes,
     held_id FROM evaluation";

fn evaluation_row(row: &Row<'_>) -> rusqlite::Result<EvaluationRow> {
    Ok(EvaluationRow {
        id: row.get(0)?,
        policy_id: row.get(1)?,
        version: row.get(2)?,
        at: Timestamp(row.get(3)?),
        cause: row.get(4)?,
        opened: u64::try_from(row.get::<_, i64>(5)?).unwrap_or(0),
        held: row.get(6)?,
        report: row.get(7)?,
        observed: row.get(8)?,
        takes: row.get(9)?,
        held_id: row.get(10)?,
    })
}

fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let id = subject_id(row.get(3)?, row.get(4)?);
    Ok(RunRow {
        id: row.get(0)?,
        policy_id: row.get(1)?,
        version: row.get(2)?,
        subject: Subject { id, name: row.get(5)? },
        state: row.get(6)?,
        opened_at: Timestamp(row.get(7)?),
        ended_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
        blocks_until: Timestamp(row.get(9)?),
        wake_at: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        body: row.get(11)?,
        observed: row.get(12)?,
        only: row.get(13)?,
    })
}

/// A subject by the number of its kind and its own.
pub(in crate::store) fn subject_id(kind: i64, number: i64) -> SubjectId {
    match kind {
        0 => SubjectId::Account(number),
        1 => SubjectId::User(number),
        _ => SubjectId::Grant(number),
    }
}
