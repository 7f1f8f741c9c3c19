//! The door of the store: what it lets in, and what it leaves alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::peers::python;
use crate::site::{NOON, Site};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::tempdir;
use tenure::store::{Store, StoreError};
use tenure::time::Timestamp;

fn refused(path: &Path) -> String {
    let before = fs::read(path).ok();
    let messages =
        [Store::open(path), Store::open_existing(path), Store::open_read_only(path)]
            .map(|store| store.unwrap_err().to_string());
    assert_eq!(before, fs::read(path).ok(), "the file was touched");
    assert_eq!(messages[0], messages[1]);
    assert_eq!(messages[0], messages[2]);
    messages[0].replace(&path.display().to_string(), "PATH")
}

#[test]
fn a_store_is_made_once_and_keeps_its_name() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    let id = Store::open(&path).unwrap().id().unwrap();
    assert_eq!(id.len(), 32);
    assert_eq!(Store::open(&path).unwrap().id().unwrap(), id);
    assert_eq!(Store::open_existing(&path).unwrap().id().unwrap(), id);
    assert_eq!(Store::open_read_only(&path).unwrap().id().unwrap(), id);
    assert_ne!(Store::in_memory().unwrap().id().unwrap(), id);
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name();
        // Who only reads cannot clear the journal away.
        assert!(
            ["tenure.db", "tenure.db-wal", "tenure.db-shm"]
                .map(Into::into)
                .contains(&name)
        );
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_new_store() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    let _store = Store::open(&path).unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

/// What lies beside a store is for whoever may use the store.
#[cfg(unix)]
#[test]
fn files_beside_a_store_are_as_open_as_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::acme();
    let mode = |name: &str| {
        let path = site.path(name);
        fs::metadata(path).map(|it| it.permissions().mode() & 0o777).ok()
    };
    let change = |name: &str, mode: u32| {
        fs::set_permissions(site.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    site.ok(&["run", "--now", NOON]);
    assert_eq!((mode("tenure.db"), mode("tenure.db-lock")), (Some(0o600), Some(0o600)));
    // Those that lie there from before too, and for a group where the store is a group's.
    change("tenure.db-lock", 0o644);
    site.ok(&["run", "--now", NOON]);
    assert_eq!(mode("tenure.db-lock"), Some(0o600));
    change("tenure.db", 0o660);
    site.ok(&["run", "--now", NOON]);
    assert_eq!(mode("tenure.db-lock"), Some(0o660));
}

#[test]
fn a_missing_store_is_not_made_for_reading() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    for store in [Store::open_existing(&path), Store::open_read_only(&path)] {
        let error = store.unwrap_err();
        assert!(matches!(error, StoreError::Missing { .. }), "{error}");
        assert!(error.help().unwrap().contains("tenure import FOLDER"));
    }
    assert!(!path.exists());
}

#[test]
fn strangers_are_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("x");
    fs::write(&path, "").unwrap();
    assert_eq!(refused(&path), "`PATH` is not a store: it is an empty file");
    fs::write(&path, "people,groups\n").unwrap();
    assert_eq!(refused(&path), "`PATH` is not a store: it is a file of another kind");
    fs::write(&path, "SQLite format 3\0").unwrap();
    assert_eq!(
        refused(&path),
        "`PATH` is not a store: it is a SQLite database of another program"
    );
    assert_eq!(refused(folder.path()), "`PATH` is not a store: it is a folder");
    fs::remove_file(&path).unwrap();
    let stranger = rusqlite::Connection::open(&path).unwrap();
    stranger
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t(a)")
        .unwrap();
    drop(stranger);
    assert_eq!(
        refused(&path),
        "`PATH` is not a store: it is a SQLite database of another program"
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no journal appears beside it");
}

#[test]
fn a_newer_store_is_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    drop(Store::open(&path).unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    let known: i64 = raw
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    let newer = "was written by a newer tenure";
    assert_eq!(
        refused(&path),
        format!("`PATH` {newer}: its schema is 99, this tenure knows {known}")
    );
}

#[test]
fn a_cut_off_store_is_an_error_and_no_panic() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    drop(Store::open(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    for length in (1..whole.len()).step_by(1_777) {
        fs::write(&path, &whole[..length]).unwrap();
        if let Ok(store) = Store::open_existing(&path) {
            // Whatever can still be read of it is an answer or an error.
            drop((store.id(), store.catalog(), store.counts(), store.dump()));
        }
    }
}

#[test]
fn a_reader_cannot_write() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    drop(Store::open(&path).unwrap());
    let mut store = Store::open_read_only(&path).unwrap();
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
    let options = tenure::store::ImportOptions::at(Timestamp(0));
    assert!(store.import(&world, &options, &mut |_| ()).is_err());
}

#[test]
fn a_copy_in_memory_is_a_copy() {
    let mut store = Store::in_memory().unwrap();
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
    let options = tenure::store::ImportOptions::at(Timestamp(0));
    let empty = store.copy_to_memory().unwrap();
    store.import(&world, &options, &mut |_| ()).unwrap();
    assert_eq!(empty.dump().unwrap(), "");
    let copy = store.copy_to_memory().unwrap();
    assert_eq!(copy.dump().unwrap(), store.dump().unwrap());
    assert_eq!(copy.id().unwrap(), store.id().unwrap());
}

#[test]
fn those_who_make_a_store_at_once_get_the_same() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    let ids: Vec<String> = std::thread::scope(|scope| {
        let make = || Store::open(&path).unwrap().id().unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let left = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().ends_with(".new")));
}

#[test]
fn a_store_that_cannot_be_made_is_named_as_it_was_asked_for() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("absent").join("tenure.db");
    let error = Store::open(&path).unwrap_err().to_string();
    assert_eq!(
        error,
        format!("`{}` cannot be used: its folder does not exist", path.display())
    );
}

/// Whoever looks at a store with another program, as a backup does, takes nothing from under a
/// process that has it open, how often ever that has opened it: to that program it is in use.
#[test]
fn another_program_finds_a_store_in_use() {
    let site = Site::acme();
    let path = site.path("tenure.db");
    let store = Store::open_existing(&path).unwrap();
    drop(Store::open_read_only(&path).unwrap());
    drop(Store::open_existing(&path).unwrap());
    let text = "policy sleepers\n  when inactive > 90d\n  then notify owner\n";
    store
        .publish("sleepers", text, Timestamp::parse(NOON).unwrap())
        .unwrap();
    let beside = "import sqlite3, sys\n\
                  store = sqlite3.connect(sys.argv[1])\n\
                  print(store.execute('PRAGMA integrity_check').fetchone()[0])\n\
                  store.close()\n";
    let said = Command::new(python())
        .arg("-c")
        .arg(beside)
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout), "ok\n", "{said:?}");
    // Whoever leaves a store as the last one removes its journal.
    assert!(site.path("tenure.db-wal").exists());
    drop(store);
    assert!(!site.path("tenure.db-wal").exists());
}
