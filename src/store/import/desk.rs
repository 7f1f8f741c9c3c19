//! What every file of an import needs at hand: where to put findings, whom to tell.

use crate::store::import::findings::Findings;
use std::cell::RefCell;
use std::fmt;

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// So many rows of a file are read.
    Reading {
        /// The file's name in the folder.
        file: &'a str,
        /// Rows read so far.
        rows: u64,
    },
    /// All rows are read; the indexes are being made.
    Indexing,
}

type Listener<'c> = dyn FnMut(Progress<'_>) + 'c;

/// The desk of one import.
pub(super) struct Desk<'c> {
    pub(super) findings: Findings,
    listener: RefCell<&'c mut Listener<'c>>,
}

impl<'c> Desk<'c> {
    /// A desk without findings.
    pub(super) fn new(listener: &'c mut Listener<'c>) -> Self {
        Self {
            findings: Findings::default(),
            listener: RefCell::new(listener),
        }
    }

    /// Tells whoever wants to know how far the import has come.
    pub(super) fn tell(&self, progress: Progress<'_>) {
        (self.listener.borrow_mut())(progress);
    }
}

impl fmt::Debug for Desk<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Desk")
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}
