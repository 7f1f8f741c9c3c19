//! Conditions and steps over several lines.

use crate::format::mark::Mark;
use crate::format::page::{Page, STEP};
use crate::format::token::Kind;
use std::ops::Range;

impl Page<'_, '_> {
    /// A condition, with whatever stands around it: one line, or one for each part.
    pub(super) fn condition(&mut self, words: Range<usize>) {
        if self.fits(&words) {
            return self.flat(words);
        }
        let hang = self.hang;
        let mut start = words.start;
        for end in self.starts(&words, Mark::Join).into_iter().chain([words.end]) {
            if start > words.start {
                self.begin(hang, hang + STEP);
            }
            self.hang = hang + STEP;
            self.term(start..end);
            start = end;
        }
        self.hang = hang;
    }

    /// One part of a condition, which may be a condition in parentheses.
    pub(super) fn term(&mut self, words: Range<usize>) {
        if self.fits(&words) {
            return self.flat(words);
        }
        let holds = |page: &Self, at: &usize| {
            page.inside(*at)
                .is_some_and(|inside| !page.starts(&inside, Mark::Join).is_empty())
        };
        let open = words.clone().find(|at| holds(self, at));
        let Some((open, inside)) = open.and_then(|at| Some((at, self.inside(at)?)))
        else {
            return self.flow(words);
        };
        self.flow(words.start..open + 1);
        let end = inside.end;
        self.condition(inside);
        self.flow(end..words.end);
    }

    /// What stands between parentheses that open here.
    fn inside(&self, at: usize) -> Option<Range<usize>> {
        let word = self.source.words.get(at)?;
        (word.kind == Kind::Open && word.mate > at).then(|| at + 1..word.mate)
    }

    /// Steps: one line, or one for each, under the first.
    pub(super) fn steps(&mut self, words: Range<usize>) {
        if self.fits(&words) {
            return self.flat(words);
        }
        let column = self.column(self.kind(words.start));
        let before = self.hang;
        let mut starts = self.starts(&words, Mark::Step);
        starts.push(words.end);
        if starts.first() != Some(&words.start) {
            starts.insert(0, words.start);
        }
        for (index, pair) in starts.windows(2).enumerate() {
            let [start, end] = pair else { continue };
            let is_apart = self
                .source
                .words
                .get(*start)
                .is_some_and(|word| !word.before.is_empty());
            if index > 0 || is_apart {
                self.begin(column, column + STEP);
            }
            self.hang = column + STEP;
            self.step(*start..*end);
        }
        self.hang = before;
    }

    fn step(&mut self, words: Range<usize>) {
        if self.fits(&words) {
            return self.flat(words);
        }
        let parts = self.starts(&words, Mark::Part);
        if !parts.is_empty() {
            let hang = self.hang;
            let mut start = words.start;
            for end in parts.into_iter().chain([words.end]) {
                if start > words.start {
                    self.begin(hang, hang + STEP);
                }
                self.flow(start..end);
                start = end;
            }
            self.hang = hang;
            return;
        }
        let holds = |page: &Self, at: &usize| {
            page.inside(*at)
                .is_some_and(|inside| page.mark(inside.start) == Mark::Step)
        };
        let open = words.clone().find(|at| holds(self, at));
        if let Some((open, inside)) = open.and_then(|at| Some((at, self.inside(at)?))) {
            self.flow(words.start..open + 1);
            let end = inside.end;
            self.steps(inside);
            return self.flow(end..words.end);
        }
        if self.starts(&words, Mark::Join).is_empty() {
            self.flow(words);
        } else {
            self.condition(words);
        }
    }
}
