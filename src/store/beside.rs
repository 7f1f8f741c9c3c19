//! Files beside a store that processes lock, to say to each other what they do with it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The file of that ending beside a store, open to be locked, whichever of its names each
/// process goes by. A failure names the file that it is about.
pub(crate) fn open_beside(
    store: &Path,
    ending: &str,
) -> Result<(PathBuf, File), (PathBuf, io::Error)> {
    let store = store.canonicalize().map_err(|error| (store.to_owned(), error))?;
    let mut path = store.into_os_string();
    path.push(ending);
    let path = PathBuf::from(path);
    let opened = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path);
    match opened {
        Ok(file) => Ok((path, file)),
        Err(error) => Err((path, error)),
    }
}
