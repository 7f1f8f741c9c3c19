//! Rows of text with commas between the cells, as RFC 4180 has them.
//!
//! Ours knows where each cell stands and which quote was left open; that is why it is ours.

use std::io::{self, BufRead};

/// No row is longer; one that seems to be has an open quote.
const LONGEST: usize = 1 << 20;

/// One row, reused for the next.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// As it stands in the file, line ends included.
    pub(super) text: String,
    /// The cells.
    pub(super) cells: Vec<CellSpan>,
    /// The text of cells that had doubled quotes, or came from elsewhere.
    pub(super) scratch: String,
    /// The line on which it begins, from 1.
    pub(super) line: u32,
    /// How many lines it takes.
    pub(super) lines: u32,
}

/// Where a cell's content lies, and where the cell begins in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellSpan {
    pub(super) begins: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) in_scratch: bool,
}

/// Whether there was a row, or why it could not be read.
pub(super) type Reading = Result<bool, Trouble>;

/// Why a row could not be read; the byte in its text at which the trouble is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A quote is opened and never closed.
    OpenQuote(usize),
    /// Something stands behind a closing quote.
    BehindQuote(usize),
    /// The bytes are not UTF-8.
    NotUtf8(usize),
}

impl Record {
    /// Reads the next row that is not blank and splits it; `false` at the end.
    pub(super) fn read(&mut self, input: &mut impl BufRead) -> io::Result<Reading> {
        self.next(input, Self::split)
    }

    /// Reads the next line that is not blank and leaves it whole; `false` at the end.
    pub(super) fn read_line(&mut self, input: &mut impl BufRead) -> io::Result<Reading> {
        self.next(input, |record, input, bytes| {
            record.lines = 1;
            Ok(Ok(input.read_until(b'\n', bytes)? > 0))
        })
    }

    fn next<B: BufRead>(
        &mut self,
        input: &mut B,
        take: fn(&mut Self, &mut B, &mut Vec<u8>) -> io::Result<Reading>,
    ) -> io::Result<Reading> {
        loop {
            self.line += self.lines;
            self.lines = 0;
            let mut bytes = std::mem::take(&mut self.text).into_bytes();
            bytes.clear();
            let result = take(self, input, &mut bytes);
            let result = match (result, String::from_utf8(bytes)) {
                (Err(error), _) => return Err(error),
                (Ok(result), Ok(text)) => {
                    self.text = text;
                    result
                }
                (Ok(_), Err(error)) => {
                    let at = error.utf8_error().valid_up_to();
                    self.text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                    Err(Trouble::NotUtf8(at))
                }
            };
            if result != Ok(true) || !self.text.trim().is_empty() {
                return Ok(result);
            }
        }
    }

    /// The content of a cell, without space around it; empty where there is none.
    pub(super) fn cell(&self, index: usize) -> &str {
        let Some(cell) = self.cells.get(index) else { return "" };
        let from = if cell.in_scratch { &self.scratch } else { &self.text };
        from.get(cell.start..cell.end).unwrap_or_default().trim()
    }

    /// The line and column of a byte of the row.
    pub(super) fn position(&self, at: usize) -> (u32, u32) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = self.text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let lines = before.bytes().filter(|byte| *byte == b'\n').count();
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        (self.line.saturating_add(count(lines)), count(column))
    }

    fn split(
        &mut self,
        input: &mut impl BufRead,
        bytes: &mut Vec<u8>,
    ) -> io::Result<Reading> {
        self.cells.clear();
        self.scratch.clear();
        if input.read_until(b'\n', bytes)? == 0 {
            return Ok(Ok(false));
        }
        self.lines = 1;
        let mut begins = 0;
        loop {
            if bytes.get(begins) == Some(&b'"') {
                match self.quoted(input, bytes, begins)? {
                    Ok(end) => begins = end,
                    Err(trouble) => return Ok(Err(trouble)),
                }
            } else {
                let rest = bytes.get(begins..).unwrap_or_default();
                let length = rest.iter().position(|byte| matches!(byte, b',' | b'\n'));
                let end = begins + length.unwrap_or(rest.len());
                self.cells.push(CellSpan {
                    begins,
                    start: begins,
                    end,
                    in_scratch: false,
                });
                begins = end;
            }
            match bytes.get(begins) {
                Some(b',') => begins += 1,
                _ => return Ok(Ok(true)),
            }
        }
    }

    /// Takes a cell in quotes and says where it ends: at a comma, a line end, or the end.
    fn quoted(
        &mut self,
        input: &mut impl BufRead,
        bytes: &mut Vec<u8>,
        begins: usize,
    ) -> io::Result<Result<usize, Trouble>> {
        let (mut at, mut doubled) = (begins + 1, false);
        let end = loop {
            let rest = bytes.get(at..).unwrap_or_default();
            match rest.iter().position(|byte| *byte == b'"') {
                Some(length) if rest.get(length + 1) == Some(&b'"') => {
                    doubled = true;
                    at += length + 2;
                }
                Some(length) => break at + length,
                None => {
                    at = bytes.len();
                    if at > LONGEST || input.read_until(b'\n', bytes)? == 0 {
                        return Ok(Err(Trouble::OpenQuote(begins)));
                    }
                    self.lines += 1;
                }
            }
        };
        let (mut start, mut stop) = (begins + 1, end);
        if doubled {
            let inner = bytes.get(start..stop).unwrap_or_default();
            start = self.scratch.len();
            // Bytes that are not UTF-8 are found when the whole row is looked at.
            self.scratch
                .push_str(&String::from_utf8_lossy(inner).replace("\"\"", "\""));
            stop = self.scratch.len();
        }
        self.cells
            .push(CellSpan { begins, start, end: stop, in_scratch: doubled });
        let mut behind = end + 1;
        while matches!(bytes.get(behind), Some(b' ' | b'\t' | b'\r')) {
            behind += 1;
        }
        match bytes.get(behind) {
            None | Some(b',' | b'\n') => Ok(Ok(behind)),
            Some(_) => Ok(Err(Trouble::BehindQuote(behind))),
        }
    }
}
