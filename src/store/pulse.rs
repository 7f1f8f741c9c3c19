//! When something last ran on a store, and when it did again after an outage.

use crate::store::{Store, StoreError};
use crate::time::{Duration, Timestamp};
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

/// How regularly something runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pulse {
    /// When something ran last.
    pub(crate) ran_at: Option<Timestamp>,
    /// How long before that it had run.
    pub(crate) pace: Option<Duration>,
    /// When something ran again after the latest outage.
    pub(crate) back_at: Option<Timestamp>,
    /// How far the clock had come before it was set back.
    #[serde(default)]
    pub(crate) was_at: Option<Timestamp>,
}

/// Runs whose windows may close before an instant; those that are due are woken anyway.
const CLOSING: &str = "UPDATE run SET wake_at = ?1
    WHERE wake_at > ?1 AND wake_at < ?2 AND state = 'reviewing'";

impl Store {
    /// How regularly something ran so far.
    pub(crate) fn pulse(&self) -> Result<Pulse, StoreError> {
        let sql = "SELECT value FROM meta WHERE key = 'pulse'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let text: Option<String> =
            statement.query_row([], |row| row.get(0)).optional()?;
        // What cannot be read is forgotten: nothing but the length of windows hangs on it.
        Ok(text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default())
    }

    /// Notes how regularly something runs.
    pub(crate) fn set_pulse(&self, pulse: Pulse) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta(key, value) VALUES ('pulse', ?1)
                   ON CONFLICT(key) DO UPDATE SET value = excluded.value";
        let text = serde_json::to_string(&pulse).unwrap_or_default();
        self.connection.prepare_cached(sql)?.execute([text])?;
        Ok(())
    }

    /// Wakes the runs whose windows may close before `until`.
    pub(crate) fn wake_reviews(
        &self,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(CLOSING)?
            .execute(params![now.0, until.0])?;
        Ok(())
    }
}
