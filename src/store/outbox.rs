//! What is to leave: committed with the decision that asked for it, kept until it arrived.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::params;

/// An effect that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// The store's number.
    pub id: i64,
    /// The idempotency key.
    pub key: String,
    /// The run that asked for it; none of a report.
    pub run_id: Option<i64>,
    /// The effect, as JSON.
    pub effect: String,
    /// How many attempts were made.
    pub attempts: u32,
    /// When it was decided.
    pub created_at: Timestamp,
}

/// An effect of a run that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitsRow {
    /// Whether it is a message to people.
    pub message: bool,
    /// To whom or what.
    pub to: String,
    /// How the last attempt ended; nothing where none was made.
    pub why: Option<String>,
    /// When it is tried.
    pub next_at: Timestamp,
}

/// Effects that wait for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitingRow {
    /// Whether nothing was attempted, for want of a secret.
    pub(crate) unready: bool,
    /// Whether they are messages to people.
    pub(crate) message: bool,
    /// The chat, the webhook, the call or the connector; none of mails.
    pub(crate) to: Option<String>,
    /// Where they are sent, where they say it themselves.
    pub(crate) url: Option<String>,
    /// Why the last attempt came to nothing.
    pub(crate) why: String,
    /// How many.
    pub(crate) count: u64,
    /// When the first of them is due.
    pub(crate) next_at: Timestamp,
}

impl Store {
    /// Puts an effect into the outbox.
    pub(crate) fn enqueue(
        &self,
        key: &str,
        run_id: i64,
        effect: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO outbox(key, run_id, effect, next_at, created_at, policy_id)
             VALUES (?1, ?2, ?3, ?4, ?4, (SELECT policy_id FROM run WHERE id = ?2))";
        self.connection
            .prepare_cached(sql)?
            .execute(params![key, run_id, effect, now.0])?;
        Ok(())
    }

    /// Puts an effect of no policy into the outbox; one that lies there is not put there again.
    pub(crate) fn enqueue_once(
        &self,
        key: &str,
        effect: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO outbox(key, effect, next_at, created_at)
                   VALUES (?1, ?2, ?3, ?3) ON CONFLICT(key) DO NOTHING";
        self.connection
            .prepare_cached(sql)?
            .execute(params![key, effect, now.0])?;
        Ok(())
    }

    /// Puts an effect of a policy, and of none of its runs, into the outbox.
    pub(crate) fn enqueue_of(
        &self,
        (key, policy_id): (&str, i64),
        effect: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO outbox(key, policy_id, effect, next_at, created_at)
                   VALUES (?1, ?2, ?3, ?4, ?4)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![key, policy_id, effect, now.0])?;
        Ok(())
    }

    /// Effects whose next attempt is due, the oldest first, and of those the least tried; none
    /// of what is paused. What was tried before is due where it was by then already.
    pub(crate) fn due_effects(
        &self,
        (now, again): (Timestamp, Timestamp),
        most: u32,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = "SELECT id, key, run_id, effect, attempts, created_at FROM outbox
                   WHERE next_at <= ?1 AND (attempts = 0 OR next_at <= ?3) AND NOT EXISTS (
                       SELECT 1 FROM pause WHERE resumed_at IS NULL
                         AND pause.policy_id IN (0, outbox.policy_id))
                   ORDER BY next_at, attempts, id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![now.0, most, again.0], |row| {
            Ok(OutboxRow {
                id: row.get(0)?,
                key: row.get(1)?,
                run_id: row.get(2)?,
                effect: row.get(3)?,
                attempts: row.get(4)?,
                created_at: Timestamp(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Notes that an effect came to its end.
    pub(crate) fn finish_effect(
        &self,
        id: i64,
        outcome: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE outbox SET attempts = attempts + 1, next_at = NULL, done_at = ?2,
                       outcome = ?3 WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, now.0, outcome])?;
        Ok(())
    }

    /// Notes a failed attempt and when the next one is due; none is of what was taken back
    /// meanwhile.
    pub(crate) fn postpone_effect(
        &self,
        id: i64,
        outcome: &str,
        next_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET attempts = attempts + 1, next_at = ?2, outcome = ?3
                   WHERE id = ?1 AND next_at IS NOT NULL";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, next_at.0, outcome])?;
        Ok(())
    }

    /// Puts an effect off without an attempt.
    pub(crate) fn put_off_effect(
        &self,
        id: i64,
        next_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET next_at = ?2 WHERE id = ?1 AND next_at IS NOT NULL";
        self.connection.prepare_cached(sql)?.execute(params![id, next_at.0])?;
        Ok(())
    }

    /// Puts an effect off that nothing was attempted of, with what was found; says whether
    /// that is new.
    pub(crate) fn hold_effect(
        &self,
        id: i64,
        outcome: &str,
        next_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let known = "SELECT outcome IS NOT ?2 FROM outbox WHERE id = ?1";
        let new = self
            .connection
            .prepare_cached(known)?
            .query_row(params![id, outcome], |row| row.get(0))?;
        let sql = "UPDATE outbox SET next_at = ?2, outcome = ?3 WHERE id = ?1";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id, next_at.0, outcome])?;
        Ok(new)
    }

    /// What effects wait after an attempt that came to nothing, none of what is paused; alike
    /// ones together, the most first.
    pub(crate) fn waiting_effects(&self) -> Result<Vec<WaitingRow>, StoreError> {
        let sql = "SELECT outcome ->> '$.outcome', effect ->> '$.kind' = 'mail',
                          coalesce(effect ->> '$.chat.name', effect ->> '$.webhook',
                                   effect ->> '$.name', effect ->> '$.connector'),
                          effect ->> '$.url', outcome ->> '$.why', count(*), min(next_at)
                   FROM outbox
                   WHERE next_at IS NOT NULL AND outcome IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM pause WHERE resumed_at IS NULL
                         AND pause.policy_id IN (0, outbox.policy_id))
                   GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC, 7, 5, 3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let count: i64 = row.get(5)?;
            Ok(WaitingRow {
                unready: row.get::<_, String>(0)? == "unready",
                message: row.get(1)?,
                to: row.get(2)?,
                url: row.get(3)?,
                why: row.get(4)?,
                count: u64::try_from(count).unwrap_or(0),
                next_at: Timestamp(row.get(6)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What of a run waits to be sent.
    pub fn waits_of(&self, run: i64) -> Result<Vec<WaitsRow>, StoreError> {
        let sql = "SELECT effect ->> '$.kind' = 'mail',
                          coalesce(effect ->> '$.to', effect ->> '$.webhook',
                                   effect ->> '$.name', effect ->> '$.connector', ''),
                          outcome ->> '$.why', next_at
                   FROM outbox WHERE run_id = ?1 AND next_at IS NOT NULL ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([run], |row| {
            Ok(WaitsRow {
                message: row.get(0)?,
                to: row.get(1)?,
                why: row.get(2)?,
                next_at: Timestamp(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What lacks a secret is due now.
    pub(crate) fn wake_unready(&self, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET next_at = ?1
                   WHERE next_at > ?1 AND outcome ->> '$.outcome' = 'unready'";
        self.connection.prepare_cached(sql)?.execute([now.0])?;
        Ok(())
    }

    /// Why effects lack a secret, and the runs that wait for it; those of requests, or also of
    /// messages.
    pub(crate) fn unready_runs(
        &self,
        requests: bool,
    ) -> Result<Vec<(String, Vec<i64>)>, StoreError> {
        let sql = "SELECT DISTINCT outcome ->> '$.why', run_id FROM outbox
                   WHERE next_at IS NOT NULL AND outcome ->> '$.outcome' = 'unready'
                     AND run_id IS NOT NULL
                     AND (?1 = 0 OR effect ->> '$.kind' <> 'mail') ORDER BY 1, 2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([requests])?;
        let mut found: Vec<(String, Vec<i64>)> = Vec::new();
        while let Some(row) = rows.next()? {
            let (why, run): (String, i64) = (row.get(0)?, row.get(1)?);
            match found.last_mut().filter(|(known, _)| *known == why) {
                Some((_, runs)) => runs.push(run),
                None => found.push((why, vec![run])),
            }
        }
        Ok(found)
    }

    /// Takes an effect back that has not come to its end: it is not attempted again.
    pub(crate) fn withdraw_effect(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = r#"UPDATE outbox SET next_at = NULL, done_at = ?2,
                         outcome = '{"outcome":"refused","why":"no longer wanted"}'
                     WHERE key = ?1 AND next_at IS NOT NULL"#;
        self.connection.prepare_cached(sql)?.execute(params![key, now.0])?;
        Ok(())
    }

    /// Whether an effect is still to be attempted.
    pub(crate) fn effect_waits(&self, id: i64) -> Result<bool, StoreError> {
        let sql = "SELECT next_at IS NOT NULL FROM outbox WHERE id = ?1";
        Ok(self
            .connection
            .prepare_cached(sql)?
            .query_row([id], |row| row.get(0))?)
    }

    /// The earliest instant at which a run or an effect is due that is not paused.
    pub(crate) fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(at) FROM (
                     SELECT (SELECT wake_at FROM run WHERE wake_at IS NOT NULL AND NOT EXISTS (
                         SELECT 1 FROM pause WHERE resumed_at IS NULL
                           AND pause.policy_id IN (0, run.policy_id))
                       ORDER BY wake_at LIMIT 1) AS at
                     UNION ALL
                     SELECT (SELECT next_at FROM outbox WHERE next_at IS NOT NULL AND NOT EXISTS (
                         SELECT 1 FROM pause WHERE resumed_at IS NULL
                           AND pause.policy_id IN (0, outbox.policy_id))
                       ORDER BY next_at LIMIT 1))";
        let at: Option<i64> = self.connection.query_row(sql, [], |row| row.get(0))?;
        Ok(at.map(Timestamp))
    }
}
