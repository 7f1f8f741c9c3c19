//! Receivers that did not answer last, and until when nothing is sent to them.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

/// A receiver whose last attempts failed in a way that may pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointRow {
    /// Its host and port; or the mail server, or a chat.
    pub name: String,
    /// The webhook, the call or the connected system there; empty of all that is there.
    pub own: String,
    /// How many attempts failed since it last answered.
    pub failures: u32,
    /// Nothing is sent there before then.
    pub paused_until: Option<Timestamp>,
    /// How many attempts of this one nobody answered since somebody there did.
    pub missed: u32,
}

/// Effects that wait to be sent to the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitingAt {
    /// Where they are sent, where they say it themselves.
    pub(crate) url: Option<String>,
    /// The chat, the webhook, the call or the connected system; none of mails.
    pub(crate) own: Option<String>,
    /// How many.
    pub(crate) count: u64,
}

const ENDPOINT: &str = "SELECT name, own, failures, paused_until, missed FROM endpoint";

/// Whom an effect is for, as far as it says so itself.
pub(super) const OWN: &str = "coalesce(effect ->> '$.chat.name', effect ->> '$.webhook',
    effect ->> '$.name', effect ->> '$.connector')";

impl Store {
    /// What is remembered of a receiver; nothing where it answered last.
    pub(crate) fn endpoint(
        &self,
        (name, own): (&str, &str),
    ) -> Result<Option<EndpointRow>, StoreError> {
        let sql = format!("{ENDPOINT} WHERE name = ?1 AND own = ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([name, own], endpoint_row).optional()?)
    }

    /// The receivers that nothing is sent to now, by name.
    pub(crate) fn paused_endpoints(
        &self,
        now: Timestamp,
    ) -> Result<Vec<EndpointRow>, StoreError> {
        let sql = format!("{ENDPOINT} WHERE paused_until > ?1 ORDER BY name, own");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([now.0], endpoint_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Remembers how it goes with a receiver.
    pub(crate) fn save_endpoint(&self, row: &EndpointRow) -> Result<(), StoreError> {
        let sql =
            "INSERT OR REPLACE INTO endpoint(name, own, failures, paused_until, missed)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        self.connection.prepare_cached(sql)?.execute(params![
            row.name,
            row.own,
            row.failures,
            row.paused_until.map(|at| at.0),
            row.missed,
        ])?;
        Ok(())
    }

    /// A receiver answers: nothing has to be remembered of it.
    pub(crate) fn forget_endpoint(
        &self,
        (name, own): (&str, &str),
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM endpoint WHERE name = ?1 AND own = ?2";
        self.connection.prepare_cached(sql)?.execute([name, own])?;
        Ok(())
    }

    /// Somebody there answers: nobody there has missed an answer any more.
    pub(crate) fn forget_missed(&self, name: &str) -> Result<(), StoreError> {
        let sql = "UPDATE endpoint SET missed = 0 WHERE name = ?1 AND missed > 0";
        self.connection.prepare_cached(sql)?.execute([name])?;
        Ok(())
    }

    /// How many effects wait to be sent, by where and to whom; those of one run, or all.
    pub(crate) fn waiting_requests(
        &self,
        run: Option<i64>,
    ) -> Result<Vec<WaitingAt>, StoreError> {
        let sql = format!(
            "SELECT effect ->> '$.url', {OWN}, count(*) FROM outbox
             WHERE next_at IS NOT NULL AND (?1 IS NULL OR run_id = ?1)
             GROUP BY 1, 2 ORDER BY 1, 2"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([run], |row| {
            let count: i64 = row.get(2)?;
            Ok(WaitingAt {
                url: row.get(0)?,
                own: row.get(1)?,
                count: u64::try_from(count).unwrap_or(0),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts off all effects that go to a place, and are due before then.
    pub(crate) fn put_off_effects_to(
        &self,
        to: &WaitingAt,
        next_at: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "UPDATE outbox SET next_at = ?3
             WHERE next_at < ?3 AND effect ->> '$.url' IS ?1 AND {OWN} IS ?2"
        );
        let to = params![to.url, to.own, next_at.0];
        self.connection.prepare_cached(&sql)?.execute(to)?;
        Ok(())
    }
}

fn endpoint_row(row: &Row<'_>) -> rusqlite::Result<EndpointRow> {
    Ok(EndpointRow {
        name: row.get(0)?,
        own: row.get(1)?,
        failures: row.get(2)?,
        paused_until: row.get::<_, Option<i64>>(3)?.map(Timestamp),
        missed: row.get(4)?,
    })
}
