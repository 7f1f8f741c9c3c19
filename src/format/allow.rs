//! Comments that silence warnings keep what they are about.
//!
//! Such a comment is about one line. Where that line comes to stand on several, the comment
//! moves above its item, and is about all of it.

use crate::format::mark::Marked;
use crate::format::token::Comment;
use crate::syntax::ast::File;

/// A comment that would lose something: the word it stands at, and where it must go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    word: usize,
    /// Which of the comments before the word; `None` for the one behind it.
    before: Option<usize>,
    head: usize,
}

/// The comments that would no longer be about all that they were.
pub(super) fn lost(source: &Marked<'_>, file: &File, lines: &[usize]) -> Vec<Lost> {
    let mut lost = Vec::new();
    let mut heads =
        file.items.iter().map(|item| source.index(item.span.start)).peekable();
    let mut head = 0;
    for (at, word) in source.words.iter().enumerate() {
        if let Some(next) = heads.next_if_eq(&at) {
            head = next;
        }
        let whole = |line: usize| {
            let start = source.words.partition_point(|word| word.line < line);
            let rest = source.words.get(start..).unwrap_or_default();
            let count = rest.iter().take_while(|word| word.line == line).count();
            let here = lines.get(at);
            lines
                .get(start..start + count)
                .is_some_and(|lines| lines.iter().all(|line| Some(line) == here))
        };
        if let Some(comment) = &word.behind
            && silences(comment)
            && !whole(comment.line)
        {
            lost.push(Lost { word: at, before: None, head });
        }
        if at == head {
            continue;
        }
        for (index, comment) in word.before.iter().enumerate() {
            if silences(comment) && !whole(word.line) {
                lost.push(Lost { word: at, before: Some(index), head });
            }
        }
    }
    lost
}

/// Moves comments above their items.
pub(super) fn lift(source: &mut Marked<'_>, lost: Vec<Lost>) {
    let mut lifted = Vec::new();
    // From the last on, so that those before keep their places.
    for Lost { word, before, head } in lost.into_iter().rev() {
        let Some(word) = source.words.get_mut(word) else { continue };
        let comment = match before {
            Some(index) if index < word.before.len() => Some(word.before.remove(index)),
            Some(_) => None,
            None => word.behind.take(),
        };
        lifted.extend(comment.map(|comment| (head, comment)));
    }
    for (head, comment) in lifted.into_iter().rev() {
        let Some(word) = source.words.get_mut(head) else { continue };
        let blank = std::mem::take(&mut word.blank) && !word.before.is_empty();
        word.before.push(Comment { blank, outside: true, ..comment });
    }
}

/// Whether a comment reads `# allow CODE…`; one that only looks like it is kept as well.
fn silences(comment: &Comment<'_>) -> bool {
    let words = comment.text.trim_start_matches('#').trim_start();
    words
        .strip_prefix("allow")
        .is_some_and(|rest| rest.starts_with([' ', '\t']))
}
