//! How the questions that every tick asks are answered.

use crate::store::Store;
use crate::store::runs::{BESIDE, OPEN_ABOUT, OPEN_OF, OPENED, OPENED_BY_ALL, RUN};
use rusqlite::types::Null;

fn plan(sql: &str) -> String {
    let store = Store::in_memory().unwrap();
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let mut statement = store.connection.prepare(&sql).unwrap();
    let parameters = vec![Null; statement.parameter_count()];
    let parameters = rusqlite::params_from_iter(parameters);
    let rows = statement.query_map(parameters, |row| row.get("detail")).unwrap();
    rows.collect::<Result<Vec<String>, _>>().unwrap().join("\n")
}

#[test]
fn no_tick_reads_all_that_ever_was() {
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
    let about = plan(&format!("{RUN}{OPEN_ABOUT}"));
    let by_subject =
        "SEARCH run USING INDEX run_subject (subject_kind=? AND subject_id=?)";
    assert_eq!(about.matches(by_subject).count(), 3, "{about}");
    assert!(!about.contains("SCAN"), "{about}");
    let beside = plan(&format!("{RUN}{BESIDE}"));
    assert_eq!(beside.matches(by_subject).count(), 2, "{beside}");
    assert!(!beside.contains("SCAN"), "{beside}");
}
