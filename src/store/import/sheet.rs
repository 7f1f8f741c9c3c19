//! One file of an import: its columns, and its rows one after the other.

use crate::store::StoreError;
use crate::store::import::findings::{Findings, ImportError};
use crate::store::import::json;
use crate::store::import::record::{Record, Trouble};
use crate::store::import::{Desk, Progress};
use crate::text::{fold, nearest};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a file writes its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    JsonLines,
}

/// Where rows are read from.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    /// Rows with a name.
    Rows(&'static str, Arc<[u8]>),
}

/// Rows that are read.
#[derive(Debug)]
enum Input {
    File(File),
    Rows(Cursor<Arc<[u8]>>),
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(into),
            Self::Rows(rows) => rows.read(into),
        }
    }
}

impl Seek for Input {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Rows(rows) => rows.seek(to),
        }
    }
}

/// Which columns a file may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<const N: usize> {
    /// The known columns.
    pub(super) columns: [&'static str; N],
    /// How many of them, from the front, must be there and filled in.
    pub(super) required: usize,
    /// Other columns are attributes of their own; these names they may not have, and
    /// what to write instead. `None` where there can be no others.
    pub(super) others: Option<&'static [(&'static str, &'static str)]>,
}

/// A column: its name, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    at: Option<usize>,
}

/// A column that has no place of its own in the store.
#[derive(Clone, Debug)]
pub(super) struct OtherColumn {
    pub(super) name: String,
    at: usize,
}

/// One file, being read.
#[derive(Debug)]
pub(super) struct Sheet<'c> {
    /// The file's name in the folder.
    pub(super) file: String,
    /// Rows read so far.
    pub(super) rows: u64,
    /// The columns that the layout does not know.
    pub(super) others: Vec<OtherColumn>,
    /// Some row could not be told by name: what refers to it is not to blame.
    lost: Cell<bool>,
    path: PathBuf,
    form: Form,
    input: BufReader<Input>,
    header: Vec<String>,
    record: Record,
    desk: &'c Desk<'c>,
}

impl<'c> Sheet<'c> {
    /// Opens a file and finds its columns; `None`, with findings, when that fails.
    pub(super) fn open<const N: usize>(
        desk: &'c Desk<'c>,
        place: &Place,
        form: Form,
        layout: Layout<N>,
    ) -> Result<Option<(Self, [Column; N])>, StoreError> {
        let path = match place {
            Place::File(path) => path.as_path(),
            Place::Rows(name, _) => Path::new(name),
        };
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let open = || {
            let input = match place {
                Place::File(path) => Input::File(File::open(path)?),
                Place::Rows(_, rows) => Input::Rows(Cursor::new(Arc::clone(rows))),
            };
            let mut input = BufReader::with_capacity(1 << 17, input);
            if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
                input.consume(3);
            }
            Ok(input)
        };
        let input = open().map_err(|error| StoreError::io(path, &error))?;
        let mut sheet = Self {
            file,
            rows: 0,
            others: Vec::new(),
            lost: Cell::new(false),
            path: path.to_owned(),
            form,
            input,
            header: Vec::new(),
            record: Record { line: 1, ..Record::default() },
            desk,
        };
        let columns = if sheet.read_header()? { sheet.columns(layout) } else { None };
        if columns.is_none() {
            desk.findings.break_off();
        }
        Ok(columns.map(|columns| (sheet, columns)))
    }

    /// Goes to the next row; `false` at the end, or when there is no use in reading on.
    pub(super) fn advance(&mut self) -> Result<bool, StoreError> {
        loop {
            if self.desk.findings.enough() {
                return Ok(false);
            }
            let whole = match self.form {
                Form::Csv => self.advance_csv()?,
                Form::JsonLines => self.advance_json()?,
            };
            match whole {
                None => return Ok(false),
                Some(false) => self.lose_row(),
                Some(true) => {
                    self.rows += 1;
                    if self.rows.is_multiple_of(65_536) {
                        self.desk.tell(Progress::Reading {
                            file: &self.file,
                            rows: self.rows,
                        });
                    }
                    return Ok(true);
                }
            }
        }
    }

    /// Notes that a row cannot be told by name.
    pub(super) fn lose_row(&self) {
        self.lost.set(true);
    }

    /// Whether some row could not be told by name.
    pub(super) fn has_lost_rows(&self) -> bool {
        self.lost.get()
    }

    /// The line of the row.
    pub(super) fn line(&self) -> u32 {
        self.record.line
    }

    /// What a cell holds; empty where it is empty or absent.
    pub(super) fn text(&self, column: Column) -> &str {
        column.at.map_or("", |at| self.record.cell(at))
    }

    /// What a cell holds, or nothing.
    pub(super) fn some(&self, column: Column) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// What a cell of another column holds, or nothing.
    pub(super) fn other(&self, column: &OtherColumn) -> Option<&str> {
        Some(self.record.cell(column.at)).filter(|text| !text.is_empty())
    }

    /// Something is wrong with a cell.
    pub(super) fn wrong(
        &self,
        column: Column,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let at = match (self.form, column.at) {
            (_, None) => 0,
            (Form::Csv, Some(at)) => {
                self.record.cells.get(at).map_or(0, |cell| cell.begins)
            }
            (Form::JsonLines, Some(at)) => {
                let name = self.header.get(at).map(String::as_str).unwrap_or_default();
                json::value_of(&self.record.text, name)
            }
        };
        self.wrong_at(self.record.position(at), message, Some(help.into()));
    }

    /// The same row stood on an earlier line.
    pub(super) fn twice(&self, column: Column, name: &str, first: u32) {
        self.wrong(
            column,
            format!("`{name}` is listed twice"),
            format!("the first is on line {first}; keep one of them"),
        );
    }

    /// Something is wrong at a place in the file.
    pub(super) fn wrong_at(
        &self,
        (line, column): (u32, u32),
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let (file, message) = (self.file.clone(), message.into());
        self.findings().add(ImportError { file, line, column, message, help });
    }

    fn findings(&self) -> &'c Findings {
        &self.desk.findings
    }

    /// `None` at the end; `false` when the row is of no use.
    fn advance_csv(&mut self) -> Result<Option<bool>, StoreError> {
        let read = self.record.read(&mut self.input);
        match read.map_err(|error| StoreError::io(&self.path, &error))? {
            Ok(false) => Ok(None),
            Ok(true) => Ok(Some(self.has_all_cells())),
            Err(trouble) => {
                self.report(trouble);
                self.lose_row();
                // Behind an open quote nothing can be told apart any more.
                Ok(if matches!(trouble, Trouble::OpenQuote(_)) {
                    None
                } else {
                    Some(false)
                })
            }
        }
    }

    fn has_all_cells(&self) -> bool {
        let (found, wanted) = (self.record.cells.len(), self.header.len());
        if self.header.is_empty() || found == wanted {
            return true;
        }
        let cells = if found == 1 { "cell" } else { "cells" };
        let (at, help) = match self.record.cells.get(wanted) {
            Some(cell) => (cell.begins, "put a cell that has a comma in it in quotes"),
            None => {
                (self.record.text.trim_end().len(), "write a comma for each empty cell")
            }
        };
        self.wrong_at(
            self.record.position(at),
            format!("the row has {found} {cells}, the header {wanted}"),
            Some(help.to_owned()),
        );
        false
    }

    fn report(&self, trouble: Trouble) {
        let (at, message, help) = match trouble {
            Trouble::OpenQuote(at) => (
                at,
                "the quote that begins here is not closed",
                "end the cell with a quote; write a quote inside it twice",
            ),
            Trouble::BehindQuote(at) => (
                at,
                "a cell goes on behind its closing quote",
                "write a quote inside a cell in quotes twice",
            ),
            Trouble::NotUtf8(at) => (at, "this is not UTF-8", "save the file as UTF-8"),
        };
        self.wrong_at(self.record.position(at), message, Some(help.to_owned()));
    }

    fn advance_json(&mut self) -> Result<Option<bool>, StoreError> {
        let read = self.record.read_line(&mut self.input);
        match read.map_err(|error| StoreError::io(&self.path, &error))? {
            Ok(false) => Ok(None),
            Ok(true) => match json::fill(&mut self.record, &mut self.header) {
                Ok(()) => Ok(Some(true)),
                Err((at, message)) => {
                    let help =
                        "write one object per line, such as {\"app\": \"salesforce\"}";
                    self.wrong_at(
                        self.record.position(at),
                        message,
                        Some(help.to_owned()),
                    );
                    Ok(Some(false))
                }
            },
            Err(trouble) => {
                self.report(trouble);
                Ok(Some(false))
            }
        }
    }

    /// Takes the names of the columns; `false`, with a finding, when there are none.
    fn read_header(&mut self) -> Result<bool, StoreError> {
        if self.form == Form::JsonLines {
            return self.read_names().map(|()| true);
        }
        match self.advance_csv()? {
            Some(true) => (),
            Some(false) => return Ok(false),
            None => {
                if !self.findings().any() {
                    let help = Some("the first line names the columns".to_owned());
                    self.wrong_at((1, 1), "the file is empty", help);
                }
                return Ok(false);
            }
        }
        self.header = (0..self.record.cells.len())
            .map(|at| self.record.cell(at).to_owned())
            .collect();
        if let [only] = self.header.as_slice() {
            for (separator, said) in [(';', "semicolons"), ('\t', "tabs")] {
                if only.contains(separator) {
                    let message = format!("the columns are separated by {said}");
                    let help = Some("save the file with commas".to_owned());
                    self.wrong_at((self.record.line, 1), message, help);
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The names that any line of the file uses, in the order in which they appear.
    fn read_names(&mut self) -> Result<(), StoreError> {
        let start = self.input.stream_position();
        let start = start.map_err(|error| StoreError::io(&self.path, &error))?;
        let mut names = Vec::new();
        loop {
            let read = self.record.read_line(&mut self.input);
            match read.map_err(|error| StoreError::io(&self.path, &error))? {
                Ok(false) => break,
                Ok(true) => {
                    // What is wrong with the line is said when it is read for its values.
                    let _unread = json::fill(&mut self.record, &mut names);
                }
                Err(_) => (),
            }
        }
        let back = self.input.seek(SeekFrom::Start(start));
        back.map_err(|error| StoreError::io(&self.path, &error))?;
        self.header = names;
        self.record = Record { line: 1, ..Record::default() };
        Ok(())
    }

    fn columns<const N: usize>(&mut self, layout: Layout<N>) -> Option<[Column; N]> {
        let mut columns = layout.columns.map(|name| Column { name, at: None });
        let mut sound = true;
        let mut seen: Vec<String> = Vec::new();
        for at in 0..self.header.len() {
            let written = self.header.get(at).cloned().unwrap_or_default();
            let name = fold(&written);
            let place = self.header_position(at);
            if seen.contains(&name) {
                let message = format!("the column `{written}` stands twice");
                self.wrong_at(place, message, Some("keep one of them".to_owned()));
                sound = false;
            } else if let Some(column) = columns.iter_mut().find(|one| one.name == name) {
                column.at = Some(at);
            } else if let Some((message, help)) = refusal(&self.file, &written, &layout) {
                self.wrong_at(place, message, help);
                sound = false;
            } else {
                self.others.push(OtherColumn { name: written, at });
            }
            seen.push(name);
        }
        for column in columns.iter().take(layout.required) {
            // An empty file of lines has no columns, and needs none.
            if column.at.is_none()
                && !(self.form == Form::JsonLines && self.header.is_empty())
            {
                let message = format!("the column `{}` is missing", column.name);
                let others = self.others.iter().map(|other| other.name.as_str());
                let help = nearest(column.name, others).first().map_or_else(
                    || {
                        format!(
                            "`{}` is the file's first line: add it there",
                            layout.columns.join(",")
                        )
                    },
                    |near| format!("rename `{near}`"),
                );
                self.wrong_at((self.record.line, 1), message, Some(help));
                sound = false;
            }
        }
        sound.then_some(columns)
    }

    fn header_position(&self, at: usize) -> (u32, u32) {
        match self.form {
            Form::Csv => {
                let begins = self.record.cells.get(at).map_or(0, |cell| cell.begins);
                self.record.position(begins)
            }
            Form::JsonLines => (1, 1),
        }
    }
}

/// Why a column that the layout does not know is refused, and what to write instead.
fn refusal<const N: usize>(
    file: &str,
    written: &str,
    layout: &Layout<N>,
) -> Option<(String, Option<String>)> {
    if written.is_empty() {
        return Some(("a column has no name".to_owned(), Some("name it".to_owned())));
    }
    let Some(taken) = layout.others else {
        let help = match nearest(written, layout.columns).as_slice() {
            [one, ..] => format!("did you mean `{one}`"),
            [] => format!("the columns are `{}`", layout.columns.join("`, `")),
        };
        let message = format!("{file} has no column `{written}`");
        return Some((message, Some(help)));
    };
    let name = fold(written);
    let (_, instead) = taken.iter().find(|(taken, _)| *taken == name)?;
    Some((format!("the column `{written}` cannot be given"), Some((*instead).to_owned())))
}
