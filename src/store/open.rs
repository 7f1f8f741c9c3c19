//! The door of the store: what may be opened, and how.

use crate::store::inspect::inspect;
use crate::store::{Store, StoreError, functions, migrate};
use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::cell::RefCell;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Marks the file as ours: "Tenr".
pub(super) const APPLICATION_ID: u32 = 0x5465_6e72;

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Statements kept prepared.
const STATEMENTS: usize = 128;

impl Store {
    /// Opens the store at `path`, and makes it when nothing is there.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        match inspect(path) {
            Err(StoreError::Missing { .. }) => make(path)?,
            other => drop(other?),
        }
        Self::open_existing(path)
    }

    /// Opens the store at `path`, which must be there.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        let claim = inspect(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        prepare(&connection)?;
        refuse_others(&connection, path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        migrate::migrate(&mut connection)?;
        Ok(Self {
            connection,
            path: Some(path.to_owned()),
            doubted: RefCell::default(),
            _claim: Some(claim),
        })
    }

    /// Opens the store at `path` for reading alone; nothing can be changed through it.
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let claim = inspect(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        prepare(&connection)?;
        refuse_others(&connection, path)?;
        let found = migrate::version(&connection)?;
        if found < migrate::latest() {
            return Err(StoreError::Older { path: path.to_owned(), found });
        }
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self {
            connection,
            path: Some(path.to_owned()),
            doubted: RefCell::default(),
            _claim: Some(claim),
        })
    }

    /// An empty store that lives as long as the value.
    pub fn in_memory() -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        prepare(&connection)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        migrate::migrate(&mut connection)?;
        Ok(Self {
            connection,
            path: None,
            doubted: RefCell::default(),
            _claim: None,
        })
    }

    /// The whole store as it is now, in memory; what happens to the copy stays there.
    pub fn copy_to_memory(&self) -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        Backup::new(&self.connection, &mut connection)?.step(-1)?;
        prepare(&connection)?;
        Ok(Self {
            connection,
            path: None,
            doubted: self.doubted.clone(),
            _claim: None,
        })
    }

    /// Where the store lies; `None` in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

/// Asks again through the connection: the head of the file may lag behind its journal, and is
/// looked at once.
fn refuse_others(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let mark: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if mark != i64::from(APPLICATION_ID) {
        let found = "a SQLite database of another program";
        return Err(StoreError::NotAStore { path: path.to_owned(), found });
    }
    let (found, known) = (migrate::version(connection)?, migrate::latest());
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// Makes a store under another name and moves it into place when it is whole, so that a
/// crash leaves either a store or nothing that looks like one.
fn make(path: &Path) -> Result<(), StoreError> {
    static DRAFTS: AtomicU32 = AtomicU32::new(0);
    if path
        .parent()
        .is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.exists())
    {
        let reason = "its folder does not exist".to_owned();
        return Err(StoreError::Io { path: path.to_owned(), reason });
    }
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}-{number}.new", std::process::id()));
    let draft = PathBuf::from(draft);
    let made =
        make_draft(&draft, path).and_then(|()| match std::fs::hard_link(&draft, path) {
            Ok(()) => Ok(()),
            // Another process was faster; its store is as good as ours.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            // Some file systems know no links.
            Err(_) => std::fs::rename(&draft, path)
                .map_err(|error| StoreError::io(path, &error)),
        });
    match std::fs::remove_file(&draft) {
        Err(error) if made.is_ok() && error.kind() != ErrorKind::NotFound => {
            Err(StoreError::io(&draft, &error))
        }
        _ => made,
    }
}

/// Whatever goes wrong is said of `path`: nobody asked for a draft.
fn make_draft(draft: &Path, path: &Path) -> Result<(), StoreError> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(draft).map_err(|error| StoreError::io(path, &error))?);
    let mut connection = Connection::open(draft)?;
    prepare(&connection)?;
    // While nobody else has it open: many who change the mode at once get in one another's
    // way, and waiting does not help.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate::migrate(&mut connection)?;
    connection.close().map_err(|(_, error)| error.into())
}

/// What every connection is told first.
fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    // In KiB when negative.
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    // A prepared statement stays as it is: without this, every new value of a parameter has
    // it prepared again, which takes longer than running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    functions::register(connection)
}
