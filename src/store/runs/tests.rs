//! How the questions that every tick asks are answered.

use crate::store::runs::{
    ANY_BESIDE, BESIDE, DUE, OPEN_ABOUT, OPEN_OF, OPENED, OPENED_BY_ALL, RUN,
};
use crate::store::{ImportOptions, Store, StoreError};
use crate::time::Timestamp;
use rusqlite::types::Null;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Each is made in a store of its own: an empty one, and one that knows how large it is.
fn stores() -> [Store; 2] {
    let mut known = Store::in_memory().unwrap();
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
    let options = ImportOptions::at(Timestamp(1_795_176_000));
    known.import(&world, &options, &mut |_| {}).unwrap();
    [Store::in_memory().unwrap(), known]
}

fn plan(store: &Store, sql: &str) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let mut statement = store.connection.prepare(&sql).unwrap();
    let parameters = vec![Null; statement.parameter_count()];
    let parameters = rusqlite::params_from_iter(parameters);
    let rows = statement.query_map(parameters, |row| row.get("detail")).unwrap();
    rows.collect::<Result<Vec<String>, _>>().unwrap().join("\n")
}

#[test]
fn no_tick_reads_all_that_ever_was() {
    for store in stores() {
        let plan = |sql: &str| plan(&store, sql);
        assert_eq!(
            plan(OPENED),
            "SEARCH evaluation USING COVERING INDEX evaluation_policy (policy_id=? AND at>?)"
        );
        assert_eq!(
            plan(OPENED_BY_ALL),
            "SCAN policy USING COVERING INDEX sqlite_autoindex_policy_1\n\
             SEARCH evaluation USING COVERING INDEX evaluation_policy (policy_id=? AND at>?)"
        );
        assert_eq!(
            plan(&format!("{RUN}{OPEN_OF}")),
            "SEARCH run USING INDEX run_open (policy_id=?)"
        );
        let due = plan(&format!("{RUN}{DUE}"));
        assert!(due.starts_with("SEARCH run USING INDEX run_due (wake_at<?)"), "{due}");
        assert!(!due.contains("B-TREE"), "{due}");
        let about = plan(&format!("{RUN}{OPEN_ABOUT}"));
        let by_subject =
            "SEARCH run USING INDEX run_subject (subject_kind=? AND subject_id=?)";
        assert_eq!(about.matches(by_subject).count(), 3, "{about}");
        assert!(!about.contains("SCAN"), "{about}");
        let beside = plan(&format!("{RUN}{BESIDE}"));
        assert_eq!(beside.matches(by_subject).count(), 2, "{beside}");
        assert!(!beside.contains("SCAN"), "{beside}");
        let any = plan(ANY_BESIDE);
        let by_subject =
            "SEARCH r USING INDEX run_subject (subject_kind=? AND subject_id=?)";
        assert_eq!(any.matches(by_subject).count(), 2, "{any}");
        assert!(!any.replace("SCAN CONSTANT ROW", "").contains("SCAN"), "{any}");
    }
}

/// A change is compared with what was raised in the same batch about the same, and with nothing
/// else; the question is the one that the schema asks.
#[test]
fn no_change_reads_all_that_ever_happened() {
    for store in stores() {
        let schema = "SELECT sql FROM sqlite_schema WHERE name = 'event_raised'";
        let asked: String =
            store.connection.query_row(schema, [], |row| row.get(0)).unwrap();
        let (_, asked) = asked.split_once("quiet = 2) AND NOT EXISTS (").unwrap();
        let (asked, _) = asked.split_once("\n    OR ").unwrap();
        let names =
            ["identity_id", "account_id", "grant_id", "kind", "about", "group_id"];
        let mut sql = asked.to_owned();
        for (number, name) in names.iter().enumerate() {
            sql = sql.replace(&format!("new.{name}"), &format!("?{}", number + 1));
        }
        let found = plan(&store, &sql);
        assert!(
            found.contains(
                "SEARCH e USING INDEX event_batch (batch=? AND identity_id=? AND \
                 account_id=? AND grant_id=?)"
            ),
            "{found}"
        );
    }
}

#[test]
fn a_panic_leaves_nothing_of_a_transaction() {
    let store = Store::in_memory().unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        store.atomically(|| {
            store.publish("p", "policy p", Timestamp(0))?;
            assert_eq!(store.policies()?.len(), 0);
            Ok::<_, StoreError>(())
        })
    }));
    panicked.unwrap_err();
    let policies = store.atomically(|| store.policies());
    assert_eq!(policies.unwrap().len(), 0);
}
