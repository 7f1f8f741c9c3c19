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
    let mut path = store.clone().into_os_string();
    path.push(ending);
    let path = PathBuf::from(path);
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    // Nobody else's until it is known whose.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&path) {
        Ok(file) => {
            share(&file, &store);
            Ok((path, file))
        }
        Err(error) => Err((path, error)),
    }
}

/// Whoever may use the store may lock it, and nobody else: so SQLite has it for its own files.
#[cfg(unix)]
fn share(file: &File, store: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |data: std::fs::Metadata| data.permissions().mode() & 0o666;
    if let (Ok(of_store), Ok(own)) =
        (store.metadata().map(mode), file.metadata().map(mode))
        && of_store != own
    {
        // Who does not own it cannot, and has been let in already.
        drop(file.set_permissions(std::fs::Permissions::from_mode(of_store)));
    }
}

#[cfg(not(unix))]
fn share(_: &File, _: &Path) {}
