//! Access reviews: somebody is asked about each account of an app.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// An access review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// Its number.
    pub id: i64,
    /// The policy that opened its runs.
    pub policy_id: i64,
    /// The app, as it was named.
    pub app: String,
    /// The permission, where it is about one.
    pub permission: Option<String>,
    /// Whether a verdict acts when it is given, and not when the review closes.
    pub at_once: bool,
    /// When it was started.
    pub started_at: Timestamp,
    /// By whom.
    pub started_by: String,
    /// When it closes by itself.
    pub ends_at: Timestamp,
    /// `starting`, `open` or `closed`.
    pub state: String,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// By whom; nobody where its time was over.
    pub closed_by: Option<String>,
}

const CAMPAIGN: &str =
    "SELECT id, policy_id, app, permission, at_once, started_at, started_by,
    ends_at, state, closed_at, closed_by FROM campaign";

impl Store {
    /// The number that the next access review gets.
    pub fn next_campaign_id(&self) -> Result<i64, StoreError> {
        let sql = "SELECT ifnull(max(id), 0) + 1 FROM campaign";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Puts an access review on record, as one that is starting.
    pub(crate) fn add_campaign(&self, new: &Campaign) -> Result<(), StoreError> {
        let sql = "INSERT INTO campaign(id, policy_id, app, permission, at_once, started_at,
                       started_by, ends_at, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.connection.prepare_cached(sql)?.execute(params![
            new.id,
            new.policy_id,
            new.app,
            new.permission,
            new.at_once,
            new.started_at.0,
            new.started_by,
            new.ends_at.0,
            new.state,
        ])?;
        Ok(())
    }

    /// All access reviews, the oldest first.
    pub fn campaigns(&self) -> Result<Vec<Campaign>, StoreError> {
        self.select_campaigns(&format!("{CAMPAIGN} ORDER BY id"), [])
    }

    /// Those that are starting, and those whose time is over.
    pub(crate) fn due_campaigns(
        &self,
        now: Timestamp,
    ) -> Result<Vec<Campaign>, StoreError> {
        let sql = format!(
            "{CAMPAIGN} WHERE state <> 'closed' AND (state = 'starting' OR ends_at <= ?1)
             ORDER BY id"
        );
        self.select_campaigns(&sql, [now.0])
    }

    /// When the next open one closes by itself that is not paused.
    pub(crate) fn next_campaign_end(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(ends_at) FROM campaign WHERE state <> 'closed'
                     AND NOT EXISTS (SELECT 1 FROM pause WHERE resumed_at IS NULL
                       AND pause.policy_id IN (0, campaign.policy_id))";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at: Option<i64> = statement.query_row([], |row| row.get(0))?;
        Ok(at.map(Timestamp))
    }

    /// The policies of the open access reviews whose verdicts act at once, and of the closed ones
    /// of which some may not have acted yet.
    pub(crate) fn verdicts_due(&self) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT policy_id FROM campaign WHERE (at_once AND state = 'open')
               OR (state = 'closed' AND EXISTS (SELECT 1 FROM run WHERE state = 'waiting'
                     AND policy_id = campaign.policy_id AND ended_at IS NULL))
             ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the verdicts of the runs of a policy act, where an access review asks: what is in
    /// the past is at once.
    pub(crate) fn verdicts_act_at(
        &self,
        policy_id: i64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT iif(at_once, started_at, ends_at) FROM campaign
                   WHERE policy_id = ?1 AND state <> 'closed'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at = statement.query_row([policy_id], |row| row.get(0)).optional()?;
        Ok(at.map(Timestamp))
    }

    /// When the access review ends that a policy was made for, while that is not closed.
    pub(crate) fn review_ends_at(
        &self,
        policy_id: i64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql =
            "SELECT ends_at FROM campaign WHERE policy_id = ?1 AND state <> 'closed'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let at = statement.query_row([policy_id], |row| row.get(0)).optional()?;
        Ok(at.map(Timestamp))
    }

    /// Notes that everybody has been asked; its policy opens nothing more.
    pub(crate) fn campaign_opened(&self, policy_id: i64) -> Result<(), StoreError> {
        let sql = "UPDATE campaign SET state = 'open' WHERE policy_id = ?1";
        self.connection.prepare_cached(sql)?.execute([policy_id])?;
        self.deactivate(policy_id)
    }

    /// Puts the end of an access review off that stood still from one instant to another.
    pub(crate) fn put_off_campaign(
        &self,
        policy_id: i64,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE campaign SET ends_at = ends_at + ?3 - max(?2, min(started_at, ?3))
                   WHERE policy_id = ?1 AND state <> 'closed' AND ends_at > ?2";
        self.connection
            .prepare_cached(sql)?
            .execute([policy_id, from.0, to.0])?;
        Ok(())
    }

    /// Notes that it is closed.
    pub(crate) fn campaign_closed(
        &self,
        id: i64,
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE campaign SET state = 'closed', closed_at = ?2, closed_by = ?3
                   WHERE id = ?1";
        self.connection.prepare_cached(sql)?.execute(params![id, now.0, by])?;
        Ok(())
    }

    fn select_campaigns(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
    ) -> Result<Vec<Campaign>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(parameters, campaign)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn campaign(row: &Row<'_>) -> rusqlite::Result<Campaign> {
    let closed_at: Option<i64> = row.get(9)?;
    Ok(Campaign {
        id: row.get(0)?,
        policy_id: row.get(1)?,
        app: row.get(2)?,
        permission: row.get(3)?,
        at_once: row.get(4)?,
        started_at: Timestamp(row.get(5)?),
        started_by: row.get(6)?,
        ends_at: Timestamp(row.get(7)?),
        state: row.get(8)?,
        closed_at: closed_at.map(Timestamp),
        closed_by: row.get(10)?,
    })
}
