//! Receivers that did not answer last, and until when nothing is sent to them.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// A receiver whose last attempts failed in a way that may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointRow {
    /// Its host and port.
    pub name: String,
    /// How many attempts failed since it last answered.
    pub failures: u32,
    /// Nothing is sent there before then.
    pub paused_until: Option<Timestamp>,
}

const ENDPOINT: &str = "SELECT name, failures, paused_until FROM endpoint";

impl Store {
    /// What is remembered of a receiver; nothing where it answered last.
    pub(crate) fn endpoint(&self, name: &str) -> Result<Option<EndpointRow>, StoreError> {
        let sql = format!("{ENDPOINT} WHERE name = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([name], endpoint_row).optional()?)
    }

    /// The receivers that nothing is sent to now, by name.
    pub(crate) fn paused_endpoints(
        &self,
        now: Timestamp,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        let sql = format!("{ENDPOINT} WHERE paused_until > ?1 ORDER BY name");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([now.0], endpoint_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Remembers how it goes with a receiver.
    pub(crate) fn save_endpoint(&self, row: &EndpointRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO endpoint(name, failures, paused_until) VALUES (?1, ?2, ?3)
                   ON CONFLICT(name) DO UPDATE SET failures = excluded.failures,
                       paused_until = excluded.paused_until";
        let until = row.paused_until.map(|at| at.0);
        self.connection.prepare_cached(sql)?.execute(params![
            row.name,
            row.failures,
            until
        ])?;
        Ok(())
    }

    /// A receiver answers: nothing has to be remembered of it.
    pub(crate) fn forget_endpoint(&self, name: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM endpoint WHERE name = ?1";
        self.connection.prepare_cached(sql)?.execute([name])?;
        Ok(())
    }

    /// How many requests wait to be sent, by their URL and the webhook, call or connected
    /// system that they are of.
    pub(crate) fn waiting_requests(
        &self,
    ) -> Result<Vec<(String, String, u64)>, StoreError> {
        let sql = "SELECT effect ->> '$.url',
                          coalesce(effect ->> '$.webhook', effect ->> '$.name',
                                   effect ->> '$.connector'), count(*)
                   FROM outbox
                   WHERE next_at IS NOT NULL AND effect ->> '$.kind' <> 'mail'
                   GROUP BY 1, 2 ORDER BY 1, 2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            let count: i64 = row.get(2)?;
            Ok((row.get(0)?, row.get(1)?, u64::try_from(count).unwrap_or(0)))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn endpoint_row(row: &Row<'_>) -> rusqlite::Result<EndpointRow> {
    Ok(EndpointRow {
        name: row.get(0)?,
        failures: row.get(1)?,
        paused_until: row.get::<_, Option<i64>>(2)?.map(Timestamp),
    })
}
