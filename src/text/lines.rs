//! Bytes to lines and columns.

use crate::text::{FileId, Span};
use std::ops::Range;

/// A place as people count it: both from 1, columns in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// One file of policies.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The name that people see: the path as it was given.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Where each line starts.
    starts: Vec<usize>,
}

impl SourceFile {
    pub(crate) fn new(name: String, text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { name, text, starts }
    }

    /// The line that a byte offset lies in, counted from 0.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// The bytes of a line counted from 0, its line break included; empty behind the last.
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let end = self.text.len();
        let start = |line: usize| self.starts.get(line).copied().unwrap_or(end);
        start(line)..start(line.saturating_add(1))
    }

    /// The last byte offset up to this one that parts no letter.
    pub fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// The line and column of a byte offset; an offset behind the text is its end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.floor(offset);
        let line = self.line_of(offset);
        let before = self.text.get(self.line_range(line).start..offset);
        // A mark of the encoding is no letter of the first line.
        let before = before.map(|before| before.trim_start_matches('\u{feff}'));
        let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
        Position {
            line: count(line),
            column: count(before.unwrap_or_default().chars().count()),
        }
    }
}

/// The files of one project, in the order they were given.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and says under which number it is known.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile::new(name.into(), text.into()));
        id
    }

    /// The file with that number.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The text of a span; empty where it lies in no file.
    pub fn snippet(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|file| file.text.get(span.range()))
            .unwrap_or_default()
    }
}
