//! What an import did.

use serde::Serialize;
use std::collections::BTreeSet;

/// What an import did, file by file, in the order in which they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// The files that were there.
    pub files: Vec<FileReport>,
    /// Files of the folder that no import reads, each with the name it may have meant.
    pub ignored: Vec<(String, Option<String>)>,
    /// Columns that became attributes of their own: file and name.
    pub attributes: Vec<(String, String)>,
    /// What runs took, and rows that say nothing of that bring back.
    pub back: Overruled,
    /// What runs gave, and data that says nothing of that takes back.
    pub lost: Overruled,
    /// Users who may only have another address.
    pub moved: Vec<Moved>,
}

/// A user who is gone, and one who is new and has an account that was theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The address of whoever is gone.
    pub from: String,
    /// The address of whoever is new.
    pub to: String,
    /// The account, as `app/username`.
    pub account: String,
}

/// What runs did and an import turned back, by data that is older than that, or partial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Overruled {
    /// How many things.
    pub rows: u64,
    /// Which runs did them.
    pub runs: BTreeSet<i64>,
}

/// What one file changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Its name in the folder.
    pub file: String,
    /// How many rows it has.
    pub rows: u64,
    /// Rows that the store did not have.
    pub added: u64,
    /// Rows that differ from what it had.
    pub changed: u64,
    /// Rows that were gone and are back.
    pub returned: u64,
    /// Rows that it had and the file no longer lists.
    pub gone: u64,
}

impl ImportReport {
    /// How many rows are not as they were before.
    pub fn changes(&self) -> u64 {
        self.files.iter().map(FileReport::changes).sum()
    }
}

impl FileReport {
    /// How many rows are not as they were before.
    pub fn changes(&self) -> u64 {
        self.added + self.changed + self.returned + self.gone
    }
}
