//! Locks beside the store, which say to other processes what this one is doing with it.

use crate::store::open_beside;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a lock cannot be had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another process has it")]
    Taken {
        /// The file that is locked.
        path: PathBuf,
    },
    /// The file cannot be used.
    #[error("`{}` cannot be used: {error}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Locks the file of that ending beside a store, whichever of its names each process goes by;
/// the lock ends with the value, and with the process, however that ends.
pub fn hold(store: &Path, ending: &str) -> Result<File, LockError> {
    let unusable = |(path, error)| LockError::Unusable { path, error };
    let (path, file) = open_beside(store, ending).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LockError::Taken { path }),
        Err(TryLockError::Error(error)) => Err(unusable((path, error))),
    }
}
