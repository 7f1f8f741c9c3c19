//! The door that effects leave by. Whoever sends holds it open; whoever pauses waits until nobody
//! does, so that nothing leaves once a pause is in force.
//!
//! It is a lock on a file beside the store: it ends with its process, however that ends.

use crate::engine::errors::EngineError;
use crate::store::{Store, open_beside};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Effects are on their way while this lives.
#[derive(Debug)]
pub(crate) struct Leaving(
    #[expect(dead_code, reason = "it holds the lock")] Option<File>,
);

impl Leaving {
    /// Begins to send. A store in memory is nobody else's, and needs no door.
    pub(crate) fn enter(store: &Store) -> Result<Self, EngineError> {
        let Some((path, file)) = door(store)? else { return Ok(Self(None)) };
        file.lock_shared().map_err(|error| unusable(&path, &error))?;
        Ok(Self(Some(file)))
    }

    /// Waits until nobody sends any more. Every attempt has its limit, so that comes.
    pub(crate) fn over(store: &Store) -> Result<(), EngineError> {
        let Some((path, file)) = door(store)? else { return Ok(()) };
        file.lock().map_err(|error| unusable(&path, &error))
    }
}

fn door(store: &Store) -> Result<Option<(PathBuf, File)>, EngineError> {
    let Some(path) = store.path() else { return Ok(None) };
    match open_beside(path, "-leaving") {
        Ok(door) => Ok(Some(door)),
        Err((path, error)) => Err(unusable(&path, &error)),
    }
}

fn unusable(path: &Path, error: &io::Error) -> EngineError {
    EngineError::Refused(format!("`{}` cannot be used: {error}", path.display()))
}
