//! What is wrong with the files of an import: where, what was found, what to write.

use std::cell::{Cell, RefCell};
use std::fmt;

/// More than these are not collected: the first ones tell what happened.
const LIMIT: usize = 20;

/// One thing that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// The file's name in the folder.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column of the cell in its line, from 1, in characters.
    pub column: u32,
    /// What was found.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
}

impl fmt::Display for ImportError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, help } = self;
        write!(out, "{file}:{line}:{column}: {message}")?;
        help.as_ref().map_or(Ok(()), |help| write!(out, "\n  {help}"))
    }
}

/// All that was found wrong, in the order of the files and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportErrors {
    /// The first ones, at most twenty.
    pub errors: Vec<ImportError>,
    /// There are more.
    pub more: bool,
    /// Files of the folder that were not read, each with the name it may have meant: often
    /// the cause of all the others.
    pub unread: Vec<(String, Option<String>)>,
}

impl fmt::Display for ImportErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, near) in &self.unread {
            if let Some(near) = near {
                let ending = file.rsplit_once('.').map_or("csv", |(_, ending)| ending);
                writeln!(out, "{file} was not read; did you mean `{near}.{ending}`?")?;
            }
        }
        for (index, error) in self.errors.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(out, "{gap}{error}")?;
        }
        if self.more { out.write_str("\nand more") } else { Ok(()) }
    }
}

/// Where the errors of one import are collected.
#[derive(Debug, Default)]
pub(super) struct Findings {
    errors: RefCell<Vec<(usize, ImportError)>>,
    /// The file that is being read.
    file: Cell<usize>,
    more: Cell<bool>,
    broken: Cell<bool>,
}

impl Findings {
    /// What is found from here on is in the file of that place in the order.
    pub(super) fn in_file(&self, place: usize) {
        self.file.set(place);
    }

    /// Adds one.
    pub(super) fn add(&self, error: ImportError) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < LIMIT {
            errors.push((self.file.get(), error));
        } else {
            self.more.set(true);
        }
    }

    /// Whether anything was found.
    pub(super) fn any(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    /// A file cannot be read at all: what would refer to it is not read either.
    pub(super) fn break_off(&self) {
        self.broken.set(true);
    }

    /// Whether a file could not be read at all.
    pub(super) fn broken(&self) -> bool {
        self.broken.get()
    }

    /// Whether there is no use in reading on.
    pub(super) fn enough(&self) -> bool {
        self.more.get()
    }

    /// All of them, in order.
    pub(super) fn take(&self, unread: Vec<(String, Option<String>)>) -> ImportErrors {
        let mut errors = self.errors.take();
        errors.sort_by_key(|(file, error)| (*file, error.line, error.column));
        let errors = errors.into_iter().map(|(_, error)| error).collect();
        ImportErrors { errors, more: self.more.get(), unread }
    }
}
