//! One layout for the whole language.
//!
//! The words of a file stay as they are: the tree tells where lines may break, and nothing is
//! written that was not there. Clauses of a policy and fields of a webhook or template move
//! into one order, each with its comments. What comes out is laid out the same again.

mod allow;
mod item;
mod layout;
mod mark;
mod page;
mod policy;
mod token;

use crate::format::mark::Marked;
use crate::format::page::{Page, STEP};
use crate::syntax::ast::{File, Item};
use crate::text::Sources;

/// Comments that silence warnings may have to move up; that can push others.
const ROUNDS: usize = 8;

/// The text of a file without syntax errors, laid out anew.
pub fn format(sources: &Sources, file: &File) -> String {
    let text = sources.get(file.id).map_or("", |source| source.text.as_str());
    let mut source = Marked::new(token::words(text), file);
    for _ in 1..ROUNDS {
        let (out, lines) = write(&source, file);
        let lost = allow::lost(&source, file, &lines);
        if lost.is_empty() {
            return out;
        }
        allow::lift(&mut source, lost);
    }
    write(&source, file).0
}

/// The text, and the line that each word came to stand on.
fn write(source: &Marked<'_>, file: &File) -> (String, Vec<usize>) {
    let mut page = Page::new(source);
    let end = source.words.len().saturating_sub(1);
    let starts = file.items.iter().map(|item| source.index(item.span.start));
    let starts: Vec<usize> = starts.chain([end]).collect();
    let first = starts.first().copied().unwrap_or(end);
    if first > 0 {
        // The edition.
        page.above(0, None, None);
        page.begin(0, STEP);
        page.flow(0..first);
    }
    let mut previous: Option<&Item> = None;
    for (item, words) in file.items.iter().zip(starts.windows(2)) {
        let [start, end] = words else { continue };
        page.above(*start, previous, Some(item));
        page.item(item, *start..*end);
        previous = Some(item);
    }
    page.above(end, None, None);
    page.finish()
}

impl Page<'_, '_> {
    /// What stands above an item: comments, and empty lines.
    fn above(&mut self, head: usize, previous: Option<&Item>, item: Option<&Item>) {
        let source = self.source;
        let Some(word) = source.words.get(head) else { return };
        self.head = head;
        // Comments further in belong to what stands before.
        let inside = match head {
            0 => 0,
            _ => word.before.iter().take_while(|comment| !comment.outside).count(),
        };
        let (inside, outside) = word.before.split_at(inside);
        self.begin(STEP, STEP);
        for comment in inside {
            self.comment(comment);
        }
        let joined = previous
            .zip(item)
            .is_some_and(|(previous, item)| item::may_follow(item, previous, source));
        let is_end = head + 1 == source.words.len();
        if head > 0 && !joined && (!is_end || !outside.is_empty()) {
            self.blank_line();
        }
        self.begin(0, 0);
        for (index, comment) in outside.iter().enumerate() {
            if index > 0 && comment.blank {
                self.blank_line();
            }
            self.comment(comment);
        }
        if !outside.is_empty() && word.blank && !is_end {
            self.blank_line();
        }
    }
}
