//! Names to numbers, and which rows a file has listed.

use crate::store::StoreError;
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};

/// The rows of one table, by name.
///
/// Names are kept as 128-bit hashes under keys drawn at random: a million names take
/// 25 bytes each, and nobody can make two of them meet.
#[derive(Debug)]
pub(super) struct Known {
    numbers: HashMap<Key, u32, BuildHasherDefault<First>>,
    hashers: [RandomState; 2],
    /// By number: the line that lists the row in this import, else 0.
    lines: Vec<u32>,
    /// By number: whether the row can be referred to.
    live: Vec<bool>,
    /// Numbers from here on are of this import.
    first_new: u32,
    /// How many rows could be referred to before.
    pub(super) before: u64,
    /// Some row of the file could not be told by name.
    pub(super) holes: bool,
}

/// What a listed row is to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// It was not there.
    New(u32),
    /// It was.
    Old(u32),
    /// An earlier line lists it.
    Twice(u32),
}

impl Entry {
    /// The row's number, where this is the line that lists it.
    pub(super) fn number(self) -> Option<u32> {
        match self {
            Self::New(number) | Self::Old(number) => Some(number),
            Self::Twice(_) => None,
        }
    }
}

type Key = (u64, u64);

impl Known {
    /// The rows that this import lists.
    pub(super) fn listed(&self) -> Vec<u32> {
        let lines = (0..).zip(&self.lines);
        lines.filter(|(_, line)| **line != 0).map(|(id, _)| id).collect()
    }

    /// No rows.
    pub(super) fn empty() -> Self {
        Self {
            numbers: HashMap::default(),
            hashers: [RandomState::new(), RandomState::new()],
            lines: vec![0],
            live: vec![false],
            first_new: 1,
            before: 0,
            holes: false,
        }
    }

    /// The rows that `query` gives: number, parent's number, folded name, gone.
    pub(super) fn load(connection: &Connection, query: &str) -> Result<Self, StoreError> {
        let mut known = Self::empty();
        let mut statement = connection.prepare(query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (number, gone): (u32, bool) = (row.get(0)?, row.get(3)?);
            let name = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            let key = known.key(row.get(1)?, name);
            known.numbers.insert(key, number);
            known.set(number, 0, !gone);
            known.before += u64::from(!gone);
        }
        known.first_new = known.next();
        Ok(known)
    }

    /// Gives the row a number if it has none, and says nothing about where it stands.
    pub(super) fn enlist(&mut self, parent: u32, name: &str) {
        let (key, next) = (self.key(parent, name), self.next());
        if *self.numbers.entry(key).or_insert(next) == next {
            self.set(next, 0, true);
        }
    }

    /// The row stands on that line.
    pub(super) fn list(&mut self, parent: u32, name: &str, line: u32) -> Entry {
        let (key, next) = (self.key(parent, name), self.next());
        let number = *self.numbers.entry(key).or_insert(next);
        let first = self.lines.get(number as usize).copied().unwrap_or_default();
        if first > 0 {
            return Entry::Twice(first);
        }
        self.set(number, line, true);
        if number < self.first_new { Entry::Old(number) } else { Entry::New(number) }
    }

    /// The number of a row that can be referred to.
    pub(super) fn find(&self, parent: u32, name: &str) -> Option<u32> {
        let number = *self.numbers.get(&self.key(parent, name))?;
        self.live.get(number as usize)?.then_some(number)
    }

    /// Whether a row is of this import.
    pub(super) fn is_new(&self, number: u32) -> bool {
        number >= self.first_new
    }

    /// Lets go of the rows that could be referred to before and that no line lists, and
    /// says which they are; only of these, where there are any.
    pub(super) fn drop_unlisted(&mut self, of: Option<&HashSet<u32>>) -> Vec<u32> {
        let mut gone = Vec::new();
        for (number, (live, line)) in
            (0..self.first_new).zip(self.live.iter_mut().zip(&self.lines))
        {
            if *live && *line == 0 && of.is_none_or(|of| of.contains(&number)) {
                *live = false;
                gone.push(number);
            }
        }
        gone
    }

    fn next(&self) -> u32 {
        u32::try_from(self.lines.len()).unwrap_or(u32::MAX)
    }

    fn set(&mut self, number: u32, listed_on: u32, alive: bool) {
        let at = number as usize;
        if self.lines.len() <= at {
            self.lines.resize(at + 1, 0);
            self.live.resize(at + 1, false);
        }
        if let (Some(line), Some(live)) = (self.lines.get_mut(at), self.live.get_mut(at))
        {
            (*line, *live) = (listed_on, alive);
        }
    }

    fn key(&self, parent: u32, name: &str) -> Key {
        let [first, second] = self.hashers.each_ref().map(|state| {
            let mut hasher = state.build_hasher();
            hasher.write_u32(parent);
            hasher.write(name.as_bytes());
            hasher.finish()
        });
        (first, second)
    }
}

/// Hashes a key to its first half: it is a hash already.
#[derive(Debug, Default)]
struct First(u64);

impl Hasher for First {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, number: u64) {
        // The halves come one after the other; any mixture of them will do.
        self.0 ^= number;
    }
}
