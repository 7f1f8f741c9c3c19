//! Where things are: files, spans, and names compared as people compare them.

mod counted;
mod fold;
mod hidden;
mod lines;
mod not_json;
mod odd_json;
mod suggest;

pub use crate::text::counted::counted;
pub use crate::text::fold::fold;
pub use crate::text::hidden::{
    harmless, is_bidi, is_invisible, lines, one_line, spelled_out,
};
pub use crate::text::lines::{Position, SourceFile, Sources};
pub use crate::text::not_json::NotJson;
pub use crate::text::odd_json::odd_json;
pub use crate::text::suggest::nearest;

use std::ops::Range;

/// Which file of a project a span lies in: its index in [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of one source file, in bytes; the end is not included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// First byte behind it.
    pub end: u32,
}

impl Span {
    /// A span of `file` from byte `start` up to, not including, `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        // Sources are limited to 16 MiB, so offsets always fit.
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { file, start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that covers both; they must lie in one file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The bytes, as a range into the file's text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written. Equality looks at the value alone.
#[derive(Clone, Copy, Debug)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Pairs a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}
