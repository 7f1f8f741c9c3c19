//! How long it takes to begin again where many runs sleep.

use std::time::Instant;
use tenure::actions::Recorder;
use tenure::engine::{Engine, Settings};
use tenure::store::Store;
use tenure::time::{Duration, Timestamp};

/// Generous: a machine may have other work to do.
const MOST: std::time::Duration = std::time::Duration::from_secs(2);

#[test]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn a_hundred_thousand_sleeping_runs_keep_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let store = Store::open(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    // One half may close within a day, the other half sleeps longer.
    let wakes = format!(
        "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
         INSERT INTO run(id, policy_id, version, subject_kind, subject_id, subject_name, state,
             opened_at, ended_at, blocks_until, wake_at, body) SELECT n, 1, 1, 0, n, 'a/' || n, 'reviewing', 0, NULL, {},
             {} + iif(n % 2, 36000, 3600000) + n % 1000, '{{}}' FROM n",
        i64::MAX,
        now.after(Duration::DAY).0
    );
    other.execute_batch(&wakes).unwrap();
    let (mut hands, settings) = (Recorder::default(), Settings::default());
    let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
    engine.look_back(now).unwrap();
    let back = now.after(Duration::DAY);
    let clock = Instant::now();
    engine.look_back(back).unwrap();
    let took = clock.elapsed();
    let sql = "SELECT count(*) FROM run WHERE wake_at = ?1";
    let woken: i64 = other.query_row(sql, [back.0], |row| row.get(0)).unwrap();
    assert_eq!(woken, 50_000);
    assert!(took < MOST, "{took:?}");
}
