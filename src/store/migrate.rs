//! The schema, step by step: each step once, in order, in a transaction of its own.

use crate::store::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// The steps. A published one is never edited; what changes comes as a new one.
const STEPS: &[&[&str]] = &[
    &[
        include_str!("migrations/0001_store.sql"),
        include_str!("migrations/0001_indexes.sql"),
        include_str!("migrations/0001_counts.sql"),
        "INSERT INTO meta(key, value) VALUES ('store', lower(hex(randomblob(16))))",
    ],
    &[
        include_str!("migrations/0002_never.sql"),
        include_str!("migrations/0002_reports.sql"),
        include_str!("migrations/0002_limits.sql"),
        include_str!("migrations/0002_versions.sql"),
        include_str!("migrations/0002_endpoints.sql"),
        include_str!("migrations/0002_campaigns.sql"),
        include_str!("migrations/0002_guard.sql"),
        include_str!("migrations/0002_states.sql"),
        include_str!("migrations/0002_events.sql"),
        include_str!("migrations/0002_taken.sql"),
        include_str!("migrations/0002_endings.sql"),
        include_str!("migrations/0002_record.sql"),
        include_str!("migrations/0002_awaited.sql"),
        include_str!("migrations/0002_nested.sql"),
    ],
];

/// The schema that this version reads and writes.
pub(crate) fn latest() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The schema that a store has; 0 before the first step.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the store to the latest schema.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    for (number, scripts) in (1..).zip(STEPS) {
        // Asked again under the lock: another process may have been faster.
        let step =
            connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&step)? >= number {
            continue;
        }
        for script in *scripts {
            step.execute_batch(script)?;
        }
        step.pragma_update(None, "user_version", number)?;
        step.commit()?;
    }
    Ok(())
}
