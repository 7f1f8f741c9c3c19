//! Events that a policy could not decide yet for a subject, and what each of them waits for.

use crate::facts::SubjectId;
use crate::store::runs::subject_id;
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// An event that waits to be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The policy's number.
    pub policy_id: i64,
    /// Whom it is to be decided for.
    pub subject: SubjectId,
    /// The event.
    pub event: i64,
    /// What the policy heard, as JSON.
    pub heard: String,
    /// For what it waits.
    pub why: String,
    /// The run for whose end it waits, where it does.
    pub run: Option<i64>,
    /// The held evaluation that is made anew with it.
    pub held: Option<i64>,
    /// When that is looked at again.
    pub look_at: Timestamp,
}

/// How many events of a policy wait for the same.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Awaiting {
    /// The policy.
    pub policy: String,
    /// For what.
    #[serde(rename = "for")]
    pub why: String,
    /// The run for whose end they wait, where they do.
    pub run: Option<i64>,
    /// How many.
    pub count: u64,
}

/// What a run is waited for: one that has failed goes on only with a person's help.
const WHY: &str = "CASE r.state WHEN 'failed'
    THEN 'run ' || r.id || ', which failed: retry or cancel it'
    ELSE ifnull('the end of run ' || r.id, w.why) END";

impl Store {
    /// Lets an event wait. Where it does already it waits for this now.
    pub(crate) fn await_event(&self, awaited: &Awaited) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO awaited(policy_id, subject_kind, subject_id, event_id, heard,
                       why, run_id, held_id, look_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                   ON CONFLICT DO UPDATE SET why = excluded.why, run_id = excluded.run_id,
                       held_id = excluded.held_id, look_at = excluded.look_at";
        let Awaited {
            policy_id,
            subject,
            event,
            heard,
            why,
            run,
            held,
            look_at,
        } = awaited;
        let (kind, number) = (subject.kind().number(), subject.number());
        self.connection.prepare_cached(sql)?.execute(params![
            policy_id, kind, number, event, heard, why, run, held, look_at.0
        ])?;
        Ok(())
    }

    /// The policies of which something that waits is to be looked at again.
    pub(crate) fn awaiting_now(&self, now: Timestamp) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT policy_id FROM awaited WHERE look_at <= ?1
                   UNION SELECT w.policy_id FROM awaited w JOIN run r ON r.id = w.run_id
                     WHERE r.ended_at IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([now.0], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What waits of a policy, in the order in which it happened: what is to be looked at again
    /// now, or where no time is given all.
    pub(crate) fn awaited(
        &self,
        policy: i64,
        now: Option<Timestamp>,
    ) -> Result<Vec<Awaited>, StoreError> {
        let sql = format!(
            "SELECT w.policy_id, w.subject_kind, w.subject_id, w.event_id, w.heard, {WHY},
               w.run_id, w.held_id, w.look_at
             FROM awaited w LEFT JOIN run r ON r.id = w.run_id
             WHERE w.policy_id = ?1
               AND (?2 IS NULL OR w.look_at <= ?2 OR r.ended_at IS NOT NULL)
             ORDER BY w.event_id, w.subject_kind, w.subject_id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows =
            statement.query_map(params![policy, now.map(|now| now.0)], awaited_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When something that waits is looked at next after an instant, but for what is paused.
    pub(crate) fn next_awaited(
        &self,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(look_at) FROM awaited
                   WHERE look_at > ?1 AND look_at < 9223372036854775807 AND policy_id NOT IN
                     (SELECT policy_id FROM pause WHERE resumed_at IS NULL)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at: Option<i64> = statement.query_row([now.0], |row| row.get(0))?;
        Ok(at.map(Timestamp))
    }

    /// What is looked at again later.
    pub(crate) fn look_later(
        &self,
        (policy, subject): (i64, SubjectId),
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE awaited SET look_at = ?4
                   WHERE policy_id = ?1 AND subject_kind = ?2 AND subject_id = ?3";
        let (kind, number) = (subject.kind().number(), subject.number());
        self.connection
            .prepare_cached(sql)?
            .execute(params![policy, kind, number, at.0])?;
        Ok(())
    }

    /// It is decided: of that event, or of all.
    pub(crate) fn is_decided(
        &self,
        (policy, subject): (i64, SubjectId),
        event: Option<i64>,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM awaited WHERE policy_id = ?1 AND subject_kind = ?2
                     AND subject_id = ?3 AND event_id = ifnull(?4, event_id)";
        let (kind, number) = (subject.kind().number(), subject.number());
        self.connection
            .prepare_cached(sql)?
            .execute(params![policy, kind, number, event])?;
        Ok(())
    }

    /// What a held evaluation was to be made anew with waits no more.
    pub(crate) fn is_not_made_anew(&self, held: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM awaited WHERE held_id = ?1";
        self.connection.prepare_cached(sql)?.execute([held])?;
        Ok(())
    }

    /// Nothing of a policy that happened before an event waits any more for this subject.
    pub(crate) fn is_over(
        &self,
        (policy, subject): (i64, SubjectId),
        before: i64,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM awaited WHERE policy_id = ?1 AND subject_kind = ?2
                     AND subject_id = ?3 AND event_id < ?4";
        let (kind, number) = (subject.kind().number(), subject.number());
        self.connection
            .prepare_cached(sql)?
            .execute(params![policy, kind, number, before])?;
        Ok(())
    }

    /// Whether anything of a policy waits.
    pub(crate) fn awaits(&self, policy: i64) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM awaited WHERE policy_id = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([policy], |row| row.get(0))?)
    }

    /// How many events wait, and for what, by policy.
    pub fn awaiting(&self) -> Result<Vec<Awaiting>, StoreError> {
        self.awaiting_of("1", params![])
    }

    /// For what an event waits, by policy.
    pub fn awaiting_event(&self, event: i64) -> Result<Vec<Awaiting>, StoreError> {
        self.awaiting_of("w.event_id = ?1", params![event])
    }

    /// Which events wait for a policy and a subject, and for what.
    pub fn awaiting_subject(
        &self,
        policy: i64,
        subject: SubjectId,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let all = self.awaited(policy, None)?;
        let of = all.into_iter().filter(|it| it.subject == subject);
        Ok(of.map(|it| (it.event, it.why)).collect())
    }

    fn awaiting_of(
        &self,
        filter: &str,
        of: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Awaiting>, StoreError> {
        let sql = format!(
            "SELECT p.name, {WHY}, w.run_id, count(DISTINCT w.event_id) FROM awaited w
             JOIN policy p ON p.id = w.policy_id LEFT JOIN run r ON r.id = w.run_id
             WHERE {filter} GROUP BY 1, 2, 3 ORDER BY p.name_key, min(w.event_id)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(of, |row| {
            Ok(Awaiting {
                policy: row.get(0)?,
                why: row.get(1)?,
                run: row.get(2)?,
                count: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The number of the first run that stands in the way of a subject, of those that are open;
    /// and of those that have ended and let it rest, the last.
    pub(crate) fn in_the_way(
        &self,
        policy: i64,
        subject: SubjectId,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM run WHERE policy_id = ?1 AND subject_kind = ?2
                     AND subject_id = ?3 AND blocks_until > ?4 AND blocks_until > 0
                   ORDER BY ended_at IS NOT NULL, id DESC LIMIT 1";
        let (kind, number) = (subject.kind().number(), subject.number());
        let mut statement = self.connection.prepare_cached(sql)?;
        let of = params![policy, kind, number, now.0];
        Ok(statement.query_row(of, |row| row.get(0)).optional()?)
    }
}

fn awaited_row(row: &Row<'_>) -> rusqlite::Result<Awaited> {
    Ok(Awaited {
        policy_id: row.get(0)?,
        subject: subject_id(row.get(1)?, row.get(2)?),
        event: row.get(3)?,
        heard: row.get(4)?,
        why: row.get(5)?,
        run: row.get(6)?,
        held: row.get(7)?,
        look_at: Timestamp(row.get(8)?),
    })
}
