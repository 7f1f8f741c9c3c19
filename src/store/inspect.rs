//! Whether a file is a store, before SQLite has anything to do with it.
//!
//! INVARIANT: a process opens the file of a store by itself only while none of its connections
//! has it open. POSIX drops all locks that a process has on a file as soon as it closes the file
//! anywhere; other programs would then take the store for unused and remove its journal while
//! it is being written.

use crate::store::open::APPLICATION_ID;
use crate::store::{StoreError, migrate};
use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The stores that this process has open, and how many times.
static OPEN: Mutex<BTreeMap<FileId, usize>> = Mutex::new(BTreeMap::new());

/// Held as long as the process has a store open: dropped after its connection.
#[derive(Debug)]
pub(super) struct Claim(FileId);

impl Drop for Claim {
    fn drop(&mut self) {
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.0) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.0)),
        }
    }
}

/// Looks at the file alone, where this process has it open nowhere: a stranger's database must
/// not even get a journal from us.
pub(super) fn inspect(path: &Path) -> Result<Claim, StoreError> {
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        Err(error) => return Err(StoreError::io(path, &error)),
    };
    if metadata.is_dir() {
        return Err(StoreError::NotAStore { path: path.to_owned(), found: "a folder" });
    }
    let id = id(path, &metadata).map_err(|error| StoreError::io(path, &error))?;
    // Held while the file is open: nobody else of this process opens or closes it meanwhile.
    let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if !open.contains_key(&id) {
        look_at_head(path)?;
    }
    *open.entry(id.to_owned()).or_default() += 1;
    Ok(Claim(id))
}

fn look_at_head(path: &Path) -> Result<(), StoreError> {
    let stranger = |found| StoreError::NotAStore { path: path.to_owned(), found };
    let mut head = Vec::with_capacity(100);
    File::open(path)
        .and_then(|file| file.take(100).read_to_end(&mut head))
        .map_err(|error| StoreError::io(path, &error))?;
    if head.is_empty() {
        return Err(stranger("an empty file"));
    }
    if !head.starts_with(b"SQLite format 3\0") {
        return Err(stranger("a file of another kind"));
    }
    let number = |at: usize| {
        let bytes = head.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_be_bytes)
    };
    // The places are those of the file format: the user version at 60, the application's
    // mark at 68.
    if number(68) != Some(APPLICATION_ID) {
        return Err(stranger("a SQLite database of another program"));
    }
    let (found, known) = (number(60).map_or(0, i64::from), migrate::latest());
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(())
}

/// What a file is known by, whatever it is called: its device and its number there.
#[cfg(unix)]
type FileId = (u64, u64);

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the path is looked up")]
fn id(_: &Path, metadata: &Metadata) -> std::io::Result<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
type FileId = std::path::PathBuf;

#[cfg(not(unix))]
fn id(path: &Path, _: &Metadata) -> std::io::Result<FileId> {
    path.canonicalize()
}
