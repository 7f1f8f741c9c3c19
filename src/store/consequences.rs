//! What came of events, and events as they are shown.

use crate::store::events::{EVENT_COLUMNS, event_row};
use crate::store::{EventRow, Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::{Row, params};
use std::collections::BTreeMap;

/// An event, with what only people ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// The event.
    pub event: EventRow,
    /// The run that raised it, where one did.
    pub run: Option<i64>,
    /// When it was received, where somebody told of it.
    pub received_at: Option<Timestamp>,
    /// What the gates answered, as JSON.
    pub answer: Option<String>,
    /// Whom or what it is about, as far as the store still knows.
    pub subject: Option<String>,
    /// The event that somebody told of, of which this is a part.
    pub part_of: Option<i64>,
}

/// One thing that came of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// `heard`, `opened`, `called off`, `restarted`, `ended` or `passed over`.
    pub what: String,
    /// The policy.
    pub policy: String,
    /// The evaluation that heard it, or opened the run.
    pub evaluation: Option<i64>,
    /// The run.
    pub run: Option<i64>,
    /// Whom the run is about.
    pub subject: Option<String>,
    /// Why the evaluation opened nothing for it.
    pub why: Option<String>,
}

/// Which events are meant.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// All.
    All,
    /// Those about a person, and what they have access to.
    Person(&'a str),
    /// The one of that number.
    One(i64),
    /// Those that an evaluation is for.
    Evaluation(i64),
}

const RECORD: &str = "run_id, received_at, answer,
    coalesce((SELECT email FROM identity WHERE id = event.identity_id),
      (SELECT app.name || '/' || a.username FROM account a JOIN app ON app.id = a.app_id
       WHERE a.id = event.account_id),
      (SELECT app.name || '/' || a.username || '/' || ifnull(p.label, p.value)
       FROM account a JOIN app ON app.id = a.app_id
       JOIN permission p ON p.id = event.permission_id
       WHERE a.id = event.held_by),
      json_extract(body, '$.subject'),
      (SELECT subject_name FROM run WHERE subject_kind = 2 AND subject_id = event.grant_id
       ORDER BY id DESC LIMIT 1)),
    (SELECT b.id FROM event b
     WHERE b.id = event.batch AND b.id <> event.id AND b.key IS NOT NULL)";

impl Store {
    /// Notes which events an evaluation has heard, why it opened nothing for them, and which runs it opened for events.
    pub(crate) fn note_heard(
        &self,
        evaluation: i64,
        heard: &[i64],
        why: &BTreeMap<i64, String>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO consequence(event_id, what, evaluation_id, why)
                   VALUES (?1, 'heard', ?2, ?3)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for event in heard {
            statement.execute(params![event, evaluation, why.get(event)])?;
        }
        let sql = "INSERT INTO consequence(event_id, what, evaluation_id, run_id)
                   SELECT json_extract(body, '$.heard.event'), 'opened', ?1, id FROM run
                   WHERE evaluation_id = ?1 AND json_extract(body, '$.heard.event') > 0
                   ORDER BY id";
        self.connection.prepare_cached(sql)?.execute([evaluation])?;
        Ok(())
    }

    /// Notes what an event did to a run that was open.
    pub(crate) fn note_consequence(
        &self,
        (event, what): (i64, &str),
        run: i64,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO consequence(event_id, what, run_id) VALUES (?1, ?2, ?3)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![event, what, run])?;
        Ok(())
    }

    /// Notes that events start nothing by a policy, as it comes to stand otherwise before it
    /// could hear them: it has heard of all.
    pub(crate) fn pass_over(
        &self,
        policy: i64,
        events: &[i64],
    ) -> Result<(), StoreError> {
        self.note_passed_over(policy, events)?;
        match events.is_empty() {
            true => Ok(()),
            false => self.set_heard_to(policy, self.last_event()?),
        }
    }

    /// Notes that of events that it has heard a policy decides nothing any more.
    pub(crate) fn note_passed_over(
        &self,
        policy: i64,
        events: &[i64],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO consequence(event_id, what, policy_id)
                   VALUES (?1, 'passed over', ?2)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for event in events {
            statement.execute([*event, policy])?;
        }
        Ok(())
    }

    /// The last of the events that are meant, the oldest of them first.
    pub fn event_records(
        &self,
        wanted: Wanted<'_>,
        last: u32,
    ) -> Result<Vec<EventRecord>, StoreError> {
        let (filter, number, text) = match wanted {
            Wanted::All => ("?2 IS NULL AND ?3 = ''", None, String::new()),
            Wanted::One(id) => ("id = ?2 AND ?3 = ''", Some(id), String::new()),
            Wanted::Evaluation(id) => {
                let filter = "?3 = '' AND id IN (SELECT event_id FROM consequence
                    WHERE evaluation_id = ?2 AND what IN ('heard', 'opened'))";
                (filter, Some(id), String::new())
            }
            Wanted::Person(email) => {
                let sql = "SELECT ifnull(max(id), 0) FROM identity WHERE email_key = ?1";
                let mut statement = self.connection.prepare_cached(sql)?;
                let id = statement.query_row([fold(email)], |row| row.get(0))?;
                // Whom a gate is asked about is nobody yet.
                let filter = "identity_id = ?2
                    OR account_id IN (SELECT id FROM account WHERE identity_id = ?2)
                    OR held_by IN (SELECT id FROM account WHERE identity_id = ?2)
                    OR ifnull(identity_id, ifnull(account_id, grant_id)) IS NULL
                      AND lower(json_extract(body, '$.subject')) = ?3";
                (filter, Some(id), fold(email))
            }
        };
        let sql = format!(
            "SELECT * FROM (SELECT {EVENT_COLUMNS}, {RECORD} FROM event
               WHERE {filter} ORDER BY id DESC LIMIT ?1) ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![last, number, text], record_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What came of an event, in the order in which it came.
    pub fn consequences(&self, event: i64) -> Result<Vec<Consequence>, StoreError> {
        let sql =
            "SELECT c.what, p.name, c.evaluation_id, c.run_id, r.subject_name, c.why
                   FROM consequence c LEFT JOIN run r ON r.id = c.run_id
                   LEFT JOIN evaluation e ON e.id = c.evaluation_id
                   JOIN policy p ON p.id = coalesce(r.policy_id, e.policy_id, c.policy_id)
                   WHERE c.event_id = ?1 ORDER BY c.rowid";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([event], |row| {
            Ok(Consequence {
                what: row.get(0)?,
                policy: row.get(1)?,
                evaluation: row.get(2)?,
                run: row.get(3)?,
                subject: row.get(4)?,
                why: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn record_row(row: &Row<'_>) -> rusqlite::Result<EventRecord> {
    Ok(EventRecord {
        event: event_row(row)?,
        run: row.get("run_id")?,
        received_at: row.get::<_, Option<i64>>("received_at")?.map(Timestamp),
        answer: row.get("answer")?,
        subject: row.get(21)?,
        part_of: row.get(22)?,
    })
}
