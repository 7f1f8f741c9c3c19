//! A file's new text in the place of the old one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Puts a new text in the place of an old one, all at once: nobody ever sees half of it.
pub(crate) fn replace(path: &Path, old: &str, new: &str) -> Result<(), String> {
    let failed = |error: io::Error| format!("it cannot be written: {error}");
    // The file itself, wherever a link to it lies.
    let path = fs::canonicalize(path).map_err(failed)?;
    if fs::read(&path).map_err(failed)? != old.as_bytes() {
        return Err("it is not UTF-8, or has changed meanwhile".to_owned());
    }
    let metadata = fs::metadata(&path).map_err(failed)?;
    if metadata.permissions().readonly() {
        return Err("it may not be written to".to_owned());
    }
    let beside = beside(&path).ok_or("it has no name")?;
    let mut options = OpenOptions::new();
    private(options.write(true).create_new(true));
    let written = options
        .open(&beside)
        .and_then(|mut file| {
            file.write_all(new.as_bytes())?;
            keep_owner(&beside, &metadata);
            file.set_permissions(metadata.permissions())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| {
        // Whether or not it goes away, the file itself is as it was.
        drop(fs::remove_file(&beside));
        failed(error)
    })
}

/// The new text lies in the same folder at first, so that it can take the old one's place.
fn beside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy();
    Some(path.with_file_name(format!(".{name}.{}.new", std::process::id())))
}

/// Until it has the permissions of the old one, the new file is nobody else's to read.
#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

/// Whoever mends a file of somebody else, as an administrator may, does not take it over.
#[cfg(unix)]
fn keep_owner(file: &Path, old: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt as _, chown};
    // Only an administrator can give files away; for others it is theirs already.
    drop(chown(file, Some(old.uid()), Some(old.gid())));
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &fs::Metadata) {}
