//! What can go wrong with a store, and what to do about it.

use crate::store::MOST_VERSIONS;
use crate::store::import::{Held, ImportErrors};
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a store could not be used, or something not be done with it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Nothing lies at that path.
    #[error("there is no store at `{}`", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Something else lies there; it was not touched.
    #[error("`{}` is not a store: it is {found}", path.display())]
    NotAStore {
        /// Where.
        path: PathBuf,
        /// What lies there.
        found: &'static str,
    },
    /// A later version of this program has changed it; it was not touched.
    #[error(
        "`{}` was written by a newer tenure: its schema is {found}, this tenure knows {known}",
        path.display()
    )]
    Newer {
        /// Where.
        path: PathBuf,
        /// The schema it has.
        found: i64,
        /// The last one known here.
        known: i64,
    },
    /// It has to be brought to this version's schema first, and may only be read now.
    #[error("`{}` was written by an older tenure: its schema is {found}", path.display())]
    Older {
        /// Where.
        path: PathBuf,
        /// The schema it has.
        found: i64,
    },
    /// Another process is writing to it.
    #[error("the store is busy: another process is writing to it")]
    Busy,
    /// The disk is full.
    #[error("the disk is full; nothing of the last step was kept")]
    DiskFull,
    /// The system refused to read or write.
    #[error("`{}` cannot be used: {reason}", path.display())]
    Io {
        /// What was read or written.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The system refused while the store was in use.
    #[error("the store cannot be read or written: {0}")]
    Disk(String),
    /// What lies on the disk contradicts itself.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The files of an import are not as they should be; nothing of it was kept.
    #[error("nothing was imported:\n{0}")]
    Import(ImportErrors),
    /// An import would take away or change much; nothing of it was kept.
    #[error("the import is held, because it changes much:\n{0}")]
    ImportHeld(Held),
    /// The folder of an import cannot be read, or holds nothing to import.
    #[error("`{}` cannot be used: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A policy has as many versions as are kept.
    #[error("policy `{policy}` has {MOST_VERSIONS} versions, and no more are kept")]
    TooManyVersions {
        /// The policy.
        policy: String,
        /// Those that can be deleted.
        deletable: Vec<u32>,
    },
    /// There is no such version.
    #[error("policy `{policy}` has no version {version}")]
    NoVersion {
        /// The policy.
        policy: String,
        /// What was asked for.
        version: u32,
        /// Those that there are.
        known: Vec<u32>,
    },
    /// A version is still needed.
    #[error("version {version} of policy `{policy}` cannot be deleted: {why}")]
    VersionKept {
        /// The policy.
        policy: String,
        /// The version.
        version: u32,
        /// Why.
        why: String,
        /// Whether it is the active one.
        active: bool,
    },
    /// What a connected system has listed does not fit the store; nothing of it was kept.
    #[error("{0}")]
    Directory(String),
    /// Anything else that `SQLite` refuses.
    #[error("the store refused: {0}")]
    Sql(rusqlite::Error),
}

impl StoreError {
    /// Whether the store is fine, and what was to go into it is not.
    pub fn is_about_data(&self) -> bool {
        matches!(
            self,
            Self::Import(_)
                | Self::Directory(_)
                | Self::ImportHeld(_)
                | Self::TooManyVersions { .. }
                | Self::NoVersion { .. }
                | Self::VersionKept { .. }
        )
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => Some(
                "make one with `tenure import FOLDER`, or name another with `--store`"
                    .into(),
            ),
            Self::NotAStore { .. } => Some("name another file with `--store`".into()),
            Self::Newer { .. } => {
                Some("use the newer tenure; nothing was changed".into())
            }
            Self::Older { .. } => {
                Some("run any command that writes, such as `tenure import`, once".into())
            }
            Self::Busy => Some("try again when it has finished".into()),
            Self::DiskFull => Some("make room and try again".into()),
            Self::Disk(_) => Some(
                "see that the disk has room and is sound, and the file may be written"
                    .into(),
            ),
            Self::Damaged(_) => Some("restore it from a backup".into()),
            Self::ImportHeld(_) => Some(
                "look at the list; if it is right, import again with `--accept-large`"
                    .into(),
            ),
            Self::TooManyVersions { deletable, .. } => Some(match deletable.as_slice() {
                [] => "one can be deleted when the runs under it have ended".to_owned(),
                [one] => {
                    format!("delete version {one}: tenure delete NAME --version {one}")
                }
                several => format!(
                    "delete one of versions {}: tenure delete NAME --version N",
                    listed(several)
                ),
            }),
            Self::NoVersion { known, .. } => Some(match known.as_slice() {
                [] => {
                    "all were deleted; publish it again: tenure publish PATH".to_owned()
                }
                [one] => format!("there is version {one}"),
                several => format!("there are versions {}", listed(several)),
            }),
            Self::VersionKept { active: true, .. } => {
                Some("activate another version, or deactivate the policy, first".into())
            }
            Self::VersionKept { active: false, .. } => {
                Some("it can be when they have ended: tenure runs".into())
            }
            Self::Import(_)
            | Self::Directory(_)
            | Self::Folder { .. }
            | Self::Io { .. }
            | Self::Sql(_) => None,
        }
    }

    /// What the system refused, as an error about that path.
    pub(crate) fn io(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::DiskFull;
        }
        let reason = match error.kind() {
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
            _ => error.to_string(),
        };
        Self::Io { path: path.to_owned(), reason }
    }
}

fn listed(versions: &[u32]) -> String {
    let words: Vec<String> = versions.iter().map(u32::to_string).collect();
    words.join(", ")
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied,
            ) => Self::Disk(error.to_string()),
            _ => Self::Sql(error),
        }
    }
}
