//! What happened, as rows: recorded, told on to those who listen, and raised by changes.

use crate::facts::SubjectId;
use crate::ir::SubjectKind;
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeSet;

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRow {
    /// Its number, in the order in which it became known.
    pub id: i64,
    /// The name that its sender gave it.
    pub key: Option<String>,
    /// What its sender said.
    pub body: Option<String>,
    /// `user created`, `attribute changed`, …
    pub kind: String,
    /// Whom it is about, where that is a user.
    pub identity: Option<i64>,
    /// Whom it is about, where that is an account.
    pub account: Option<i64>,
    /// What it is about, where that is a grant.
    pub grant: Option<i64>,
    /// The attribute that has changed, folded; or the name of the event or the request.
    pub about: Option<String>,
    /// What the attribute was.
    pub was: Option<String>,
    /// What it is now.
    pub becomes: Option<String>,
    /// The group that was joined or left.
    pub group: Option<i64>,
    /// How it came about: `signup`, `admin`, `import`, …
    pub origin: Option<String>,
    /// What belongs together is one evaluation.
    pub batch: Option<i64>,
    /// The policy whose run did it.
    pub policy: Option<i64>,
    /// How many policies stood before it in a chain of events.
    pub depth: u32,
    /// When it happened, where that is known.
    pub at: Option<Timestamp>,
    /// Whether a later event about the same was known already.
    pub late: bool,
    /// Whether it says what was told already.
    pub known: bool,
    /// Who told of it, or did it at the command line, where somebody did.
    pub told_by: Option<String>,
}

/// On whose behalf the store is being changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raising<'a> {
    pub(crate) at: Timestamp,
    pub(crate) origin: Option<&'a str>,
    pub(crate) batch: Option<i64>,
    /// The policy, and the run of it.
    pub(crate) run: Option<(i64, i64)>,
    pub(crate) depth: u32,
}

/// How far a policy and its open runs have listened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listener {
    pub(crate) policy: i64,
    pub(crate) heard_to: i64,
    pub(crate) heeded_to: i64,
}

/// The columns of an event, in the order in which they are read.
pub(super) const EVENT_COLUMNS: &str =
    "id, key, body, kind, identity_id, account_id, grant_id, about, was, becomes,
    group_id, origin, batch, policy_id, depth, at, late, told_by";

const LAST: &str = "SELECT ifnull(max(id), 0) FROM event";

/// Whatever an import changes from now on, in its transaction, was brought by it.
pub(super) fn begin_import(
    connection: &Connection,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO raising(one, at, origin, batch, quiet, known_accounts)
         SELECT 1, ?1, 'import', ifnull((SELECT max(id) FROM event), 0) + 1,
           NOT EXISTS (SELECT 1 FROM identity), ifnull((SELECT max(id) FROM account), 0)",
        [now.0],
    )?;
    Ok(())
}

/// Nobody changes the store any more.
pub(super) fn end(connection: &Connection) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM raising")?.execute([])?;
    Ok(())
}

impl Store {
    /// The number of the last event; 0 where nothing ever happened.
    pub fn last_event(&self) -> Result<i64, StoreError> {
        Ok(self
            .connection
            .prepare_cached(LAST)?
            .query_row([], |row| row.get(0))?)
    }

    /// Puts an event on record, as a batch of its own; its number.
    pub(crate) fn record_event(
        &self,
        event: &EventRow,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let sql = "INSERT INTO event(id, key, body, kind, identity_id, account_id, grant_id,
                       about, was, becomes, group_id, origin, at, received_at, late, told_by, batch)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
                       ?16, ?1)";
        let id = self.last_event()? + 1;
        self.connection.prepare_cached(sql)?.execute(params![
            id,
            event.key,
            event.body,
            event.kind,
            event.identity,
            event.account,
            event.grant,
            event.about,
            event.was,
            event.becomes,
            event.group,
            event.origin,
            event.at.map(|at| at.0),
            now.0,
            if event.known { 2 } else { i64::from(event.late) },
            event.told_by,
        ])?;
        Ok(id)
    }

    /// The event of that number.
    pub(crate) fn event(&self, id: i64) -> Result<Option<EventRow>, StoreError> {
        let sql = format!("SELECT {EVENT_COLUMNS} FROM event WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([id], event_row).optional()?)
    }

    /// The event that a sender gave this name, and what a gate answered to it.
    pub(crate) fn event_named(
        &self,
        key: &str,
    ) -> Result<Option<(EventRow, Option<String>)>, StoreError> {
        let sql = format!("SELECT {EVENT_COLUMNS} FROM event WHERE key = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let Some(row) = statement.query_row([key], event_row).optional()? else {
            return Ok(None);
        };
        let sql = "SELECT answer FROM event WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let answer = statement.query_row([row.id], |row| row.get(0))?;
        Ok(Some((row, answer)))
    }

    /// Notes what a gate answered.
    pub(crate) fn note_answer(&self, event: i64, answer: &str) -> Result<(), StoreError> {
        let sql = "UPDATE event SET answer = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![event, answer])?;
        Ok(())
    }

    /// The next events behind a number, in order; of the last batch all.
    pub(crate) fn events_after(
        &self,
        after: i64,
        most: u32,
    ) -> Result<Vec<EventRow>, StoreError> {
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM event WHERE id > ?1 AND id <= ifnull(
               (SELECT ifnull((SELECT max(id) FROM event e WHERE e.batch = event.batch), id)
                FROM event WHERE id > ?1 ORDER BY id LIMIT 1 OFFSET ?2),
               9223372036854775807) ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![after, most], event_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Says on whose behalf the store is changed from now on, in the caller's transaction.
    pub(crate) fn raising(&self, raising: &Raising<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO raising(one, at, origin, batch, policy_id, run_id, depth)
                   VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)";
        self.connection.prepare_cached(sql)?.execute(params![
            raising.at.0,
            raising.origin,
            raising.batch,
            raising.run.map(|(policy, _)| policy),
            raising.run.map(|(_, run)| run),
            raising.depth,
        ])?;
        Ok(())
    }

    /// Somebody changes the store themselves: what it tells of that says when, who, and the
    /// policy and the run that they put back.
    pub(crate) fn done_by<T, E: From<StoreError>>(
        &self,
        (who, undoes): (&str, Option<(i64, i64)>),
        now: Timestamp,
        changes: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let batch = self.last_event()? + 1;
        self.raising(&Raising {
            at: now,
            origin: None,
            batch: Some(batch),
            run: undoes,
            depth: 0,
        })?;
        let done = changes()?;
        self.signed(batch, who)?;
        self.end_raising()?;
        Ok(done)
    }

    fn signed(&self, batch: i64, who: &str) -> Result<(), StoreError> {
        let sql = "UPDATE event SET told_by = ?2 WHERE batch = ?1";
        self.connection.prepare_cached(sql)?.execute(params![batch, who])?;
        Ok(())
    }

    /// The store is not changed any more.
    pub(crate) fn end_raising(&self) -> Result<(), StoreError> {
        end(&self.connection)
    }

    /// Notes that an event says something of a subject; whether no later one has. One that lies
    /// ahead of the present was received by a wrong clock, and keeps nothing from counting.
    pub(crate) fn speak(
        &self,
        (subject, about): (&str, &str),
        (at, now): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO spoken(subject, about, at) VALUES (?1, ?2, ?3)
                   ON CONFLICT(subject, about) DO UPDATE SET at = excluded.at
                   WHERE at <= excluded.at OR at > ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.execute(params![subject, about, at.0, now.0])? > 0)
    }

    /// The policies at work, and those with open runs, that have not heard of everything.
    pub(crate) fn behind(&self, last: i64) -> Result<Vec<Listener>, StoreError> {
        let sql = "SELECT id, heard_to, heeded_to FROM policy
                   WHERE active_version IS NOT NULL AND (heard_to < ?1 OR heeded_to < ?1)
                     OR heeded_to < ?1 AND EXISTS (SELECT 1 FROM run
                          WHERE policy_id = policy.id AND ended_at IS NULL)
                   ORDER BY name_key";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([last], |row| {
            Ok(Listener {
                policy: row.get(0)?,
                heard_to: row.get(1)?,
                heeded_to: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Up to which event the open runs of a policy have listened, and the last one; nothing
    /// where these are the same.
    pub(crate) fn unheeded(&self, policy: i64) -> Result<Option<(i64, i64)>, StoreError> {
        let sql = format!(
            "SELECT heeded_to, last FROM policy, (SELECT ({LAST}) AS last)
             WHERE id = ?1 AND heeded_to < last"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let row = statement.query_row([policy], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(row.optional()?)
    }

    /// Notes up to which event a policy has listened.
    pub(crate) fn set_heard_to(&self, policy: i64, event: i64) -> Result<(), StoreError> {
        let sql = "UPDATE policy SET heard_to = max(heard_to, ?2) WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([policy, event])?;
        Ok(())
    }

    /// Notes up to which event the open runs of a policy have listened.
    pub(crate) fn set_heeded_to(
        &self,
        policy: i64,
        event: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE policy SET heeded_to = max(heeded_to, ?2) WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute([policy, event])?;
        Ok(())
    }

    /// A policy that was not at work has not missed what happened before.
    pub(super) fn listen_from_now(&self, policy: i64) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE policy SET heard_to = ({LAST}) WHERE id = ?1 AND active_version IS NULL"
        );
        self.connection.prepare_cached(&sql)?.execute([policy])?;
        let sql = format!(
            "UPDATE policy SET heeded_to = ({LAST}) WHERE id = ?1 AND NOT EXISTS
               (SELECT 1 FROM run WHERE policy_id = ?1 AND ended_at IS NULL)"
        );
        self.connection.prepare_cached(&sql)?.execute([policy])?;
        Ok(())
    }

    /// The subjects of a kind that an event about this one reaches: a user's accounts, their
    /// grants, and the owner of an account.
    pub(crate) fn reached(
        &self,
        about: SubjectId,
        kind: SubjectKind,
    ) -> Result<Vec<SubjectId>, StoreError> {
        let sql = match (about, kind) {
            (SubjectId::User(_), SubjectKind::Account) => {
                "SELECT id FROM account WHERE identity_id = ?1 AND gone = 0 ORDER BY id"
            }
            (SubjectId::User(_), SubjectKind::Grant) => {
                "SELECT g.id FROM account a JOIN access_grant g ON g.account_id = a.id
                 WHERE a.identity_id = ?1 AND a.gone = 0 ORDER BY g.id"
            }
            (SubjectId::Account(_), SubjectKind::Grant) => {
                "SELECT id FROM access_grant WHERE account_id = ?1 ORDER BY id"
            }
            (SubjectId::Account(_), SubjectKind::User) => {
                "SELECT identity_id FROM account WHERE id = ?1 AND identity_id > 0"
            }
            (SubjectId::Grant(_), SubjectKind::Account) => {
                "SELECT account_id FROM access_grant WHERE id = ?1"
            }
            (SubjectId::Grant(_), SubjectKind::User) => {
                "SELECT a.identity_id FROM access_grant g JOIN account a ON a.id = g.account_id
                 WHERE g.id = ?1 AND a.identity_id > 0"
            }
            (SubjectId::User(_), SubjectKind::User)
            | (SubjectId::Account(_), SubjectKind::Account)
            | (SubjectId::Grant(_), SubjectKind::Grant) => return Ok(vec![about]),
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement
            .query_map([about.number()], |row| Ok(SubjectId::new(kind, row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a run of a policy keeps another one from being opened for a subject.
    pub(crate) fn is_blocked(
        &self,
        policy: i64,
        subject: SubjectId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql =
            "SELECT EXISTS (SELECT 1 FROM run WHERE policy_id = ?1 AND subject_kind = ?2
                     AND subject_id = ?3 AND blocks_until > ?4 AND blocks_until > 0)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let of = params![policy, subject.kind().number(), subject.number(), now.0];
        Ok(statement.query_row(of, |row| row.get(0))?)
    }

    /// When the next account or grant in these apps ends by itself that was not told of yet.
    pub(crate) fn next_expiry(
        &self,
        heard: &ExpiryHeard,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(at) FROM (
                     SELECT min(expires_at) AS at FROM account
                       WHERE expires_at IS NOT NULL AND expiry_told IS NOT expires_at
                         AND gone = 0
                         AND (?1 IS NULL OR app_id IN (SELECT value FROM json_each(?1)))
                     UNION ALL SELECT min(g.expires_at) FROM access_grant g
                       JOIN account a ON a.id = g.account_id
                       WHERE g.expires_at IS NOT NULL AND g.expiry_told IS NOT g.expires_at
                         AND a.gone = 0
                         AND (?2 IS NULL OR a.app_id IN (SELECT value FROM json_each(?2))))";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at: Option<i64> =
            statement.query_row(heard.parameters(), |row| row.get(0))?;
        Ok(at.map(Timestamp))
    }

    /// Tells of those in these apps whose time has passed, in the order of these times, as one
    /// batch.
    pub(crate) fn tell_expiries(
        &self,
        heard: &ExpiryHeard,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let batch = self.last_event()? + 1;
        let [accounts, grants] = heard.parameters();
        self.connection
            .prepare_cached(
                "INSERT INTO event(kind, account_id, grant_id, becomes, batch, at, received_at)
                 SELECT 'access expired', account_id, grant_id,
                   strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch'), ?2, at, ?1 FROM (
                     SELECT id AS account_id, NULL AS grant_id, expires_at AS at FROM account
                       WHERE expires_at IS NOT NULL AND expiry_told IS NOT expires_at
                         AND expires_at <= ?1 AND gone = 0
                         AND (?3 IS NULL OR app_id IN (SELECT value FROM json_each(?3)))
                     UNION ALL
                     SELECT NULL, g.id, g.expires_at FROM access_grant g
                       JOIN account a ON a.id = g.account_id
                       WHERE g.expires_at IS NOT NULL AND g.expiry_told IS NOT g.expires_at
                         AND g.expires_at <= ?1 AND a.gone = 0
                         AND (?4 IS NULL OR a.app_id IN (SELECT value FROM json_each(?4))))
                 ORDER BY at, account_id, grant_id",
            )?
            .execute(params![now.0, batch, accounts, grants])?;
        for (table, column) in [("account", "account_id"), ("access_grant", "grant_id")] {
            let sql = format!(
                "UPDATE {table} SET expiry_told = expires_at
                 WHERE id IN (SELECT {column} FROM event WHERE batch = ?1)"
            );
            self.connection.prepare_cached(&sql)?.execute([batch])?;
        }
        Ok(())
    }

    /// Tells of accounts and grants that runs of an access review are to take away, as one batch;
    /// the last of these events.
    pub(crate) fn tell_rejections(
        &self,
        policy: i64,
        rejected: &[(SubjectId, i64)],
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let batch = self.last_event()? + 1;
        let sql =
            "INSERT INTO event(kind, account_id, grant_id, batch, policy_id, run_id, at,
                     received_at)
                   VALUES ('access rejected', ?1, ?2, ?3, ?4, ?5, ?6, ?6)";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (subject, run) in rejected {
            let (account, grant) = match subject {
                SubjectId::Account(account) => (Some(account), None),
                SubjectId::Grant(grant) => (None, Some(grant)),
                SubjectId::User(_) => continue,
            };
            statement.execute(params![account, grant, batch, policy, run, now.0])?;
        }
        self.last_event()
    }

    /// The name of a group.
    pub(crate) fn group_name(&self, group: i64) -> Result<Option<String>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT name FROM grp WHERE id = ?1")?;
        Ok(statement.query_row([group], |row| row.get(0)).optional()?)
    }
}

/// Where somebody hears of what expires: in these apps, by number; in all where none are said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExpiryHeard {
    /// Of accounts.
    pub(crate) accounts: Option<BTreeSet<i64>>,
    /// Of grants.
    pub(crate) grants: Option<BTreeSet<i64>>,
}

impl ExpiryHeard {
    /// By somebody in every app.
    pub(crate) fn everywhere() -> Self {
        Self { accounts: None, grants: None }
    }

    /// By nobody.
    pub(crate) fn nowhere() -> Self {
        let nowhere = Some(BTreeSet::new());
        Self { accounts: nowhere.clone(), grants: nowhere }
    }

    /// Each as JSON.
    fn parameters(&self) -> [Option<String>; 2] {
        let json = |apps: &BTreeSet<i64>| {
            let apps: Vec<String> = apps.iter().map(i64::to_string).collect();
            format!("[{}]", apps.join(","))
        };
        [self.accounts.as_ref().map(json), self.grants.as_ref().map(json)]
    }
}

impl EventRow {
    /// Whom or what it is about.
    pub fn subject(&self) -> Option<SubjectId> {
        match (self.identity, self.account, self.grant) {
            (Some(user), _, _) => Some(SubjectId::User(user)),
            (_, Some(account), _) => Some(SubjectId::Account(account)),
            (_, _, Some(grant)) => Some(SubjectId::Grant(grant)),
            (None, None, None) => None,
        }
    }
}

pub(super) fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        id: row.get(0)?,
        key: row.get(1)?,
        body: row.get(2)?,
        kind: row.get(3)?,
        identity: row.get(4)?,
        account: row.get(5)?,
        grant: row.get(6)?,
        about: row.get(7)?,
        was: row.get(8)?,
        becomes: row.get(9)?,
        group: row.get(10)?,
        origin: row.get(11)?,
        batch: row.get(12)?,
        policy: row.get(13)?,
        depth: row.get(14)?,
        at: row.get::<_, Option<i64>>(15)?.map(Timestamp),
        late: row.get::<_, i64>(16)? == 1,
        known: row.get::<_, i64>(16)? == 2,
        told_by: row.get(17)?,
    })
}
