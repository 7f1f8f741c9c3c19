//! What stands behind a whole condition or step: a clause or a step that is misspelled, or
//! that lacks the word before it.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::Cx;
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::mistakes::Reached;
use crate::syntax::reword;
use crate::syntax::scan::{Token, next as next_token};
use crate::syntax::words::{CLAUSES, STEP_WORDS};
use crate::text::{Span, nearest};
use pest::Parser as _;

impl Cx<'_> {
    /// A clause behind what a rule took up to `at`; false where none can be meant.
    pub(super) fn clause_behind(&mut self, at: usize, span: Span, rule: Rule) -> bool {
        let end = span.end as usize;
        // A name takes each word behind it: the last of them may be the keyword.
        let before = self.snippet(Span::new(self.file, span.start as usize, at));
        let before = before.trim_end();
        if let Some((rest, last)) = before.rsplit_once(char::is_whitespace)
            && last.chars().all(|letter| letter.is_alphabetic() || letter == '-')
        {
            let start = span.start as usize + before.len() - last.len();
            let rest = Span::new(
                self.file,
                span.start as usize,
                span.start as usize + rest.len(),
            );
            let whole = match self.reach(rule, rest) {
                Reached::End(at) => self.text.get(at..rest.end as usize),
                Reached::Stop(..) => None,
            };
            let last = Span::new(self.file, start, start + last.len());
            if whole.is_some_and(|left| left.trim().is_empty())
                && self.clause_meant(last, Span { start: last.start, ..span })
            {
                return true;
            }
        }
        let left = self.token_at(at, end);
        self.clause_meant(left, Span { start: left.start, ..span })
    }

    /// A stretch that begins a clause in other letters or words, or a step without `then`.
    pub(super) fn clause_meant(&mut self, place: Span, span: Span) -> bool {
        let word = self.snippet(place);
        let behind = Span { start: place.end, ..span };
        let next = self.first_token(behind);
        if STEP_WORDS.contains(&word) {
            return self.missing_then(place, span);
        }
        if STEP_WORDS.contains(&self.snippet(next))
            && word != "then"
            && nearest(word, ["then"]).contains(&"then")
            && self.is_begun(Rule::step_prefix, Span { start: next.start, ..span })
        {
            let message = format!("`{word}` is written `then`");
            self.report(
                Diagnostic::error(Code::UnknownClause, place, message)
                    .label("steps follow")
                    .help("write `then`")
                    .fix(place, "then"),
            );
            return true;
        }
        let words = self.words_of(span);
        let texts: Vec<&str> = words.iter().map(|word| self.snippet(*word)).collect();
        if texts.len() > 1
            && let Some(found) = reword::clause(&texts).filter(|it| it.right != "when")
        {
            self.reword(Code::UnknownClause, &words, &found);
            return true;
        }
        let near = nearest(word, CLAUSES.iter().copied()).into_iter();
        let mut near = near.filter(|near| self.clause_fits(near, behind));
        let Some(right) = near.next().filter(|_| word.chars().count() > 3) else {
            return false;
        };
        let message = format!("no clause begins with `{word}`");
        self.report(
            Diagnostic::error(Code::UnknownClause, place, message)
                .label("not a clause")
                .help(format!("write `{right}`"))
                .maybe(place, right),
        );
        true
    }

    /// Whether a clause with this keyword can go on as a stretch does.
    fn clause_fits(&self, keyword: &str, behind: Span) -> bool {
        match keyword {
            "except" | "when" => self.is_begun(Rule::test_prefix, behind),
            "then" => self.is_begun(Rule::step_prefix, behind),
            _ => {
                let text = format!("{keyword} {}", self.snippet(behind));
                Grammar::parse(Rule::clause_prefix, &text).is_ok()
            }
        }
    }

    /// Whether a stretch begins as a rule does.
    fn is_begun(&self, rule: Rule, span: Span) -> bool {
        Grammar::parse(rule, self.snippet(span).trim_start()).is_ok()
    }

    /// `when inactive notify owner`.
    fn missing_then(&mut self, place: Span, span: Span) -> bool {
        if !self.is_begun(Rule::step_prefix, span) {
            return false;
        }
        let word = self.snippet(place);
        let next = self.token_at(span.end as usize, self.text.len());
        let here = self.here(place.start);
        let message = format!("`then` is missing before `{word}`");
        let finding = Diagnostic::error(Code::Syntax, place, message)
            .label("a step begins here")
            .help(format!("write `then {word} …`"));
        let inside = self.depth > 0 || matches!(self.snippet(next), ")" | "and" | "or");
        self.report(match self.snippet(next) {
            _ if inside => finding,
            "then" => finding.maybe(here, "then "),
            _ => finding.fix(here, "then "),
        });
        true
    }

    /// `notify owner and disable account`.
    pub(super) fn step_behind(&mut self, at: usize, span: Span) -> bool {
        let left = self.token_at(at, span.end as usize);
        let word = self.snippet(left);
        if !["and", "&", "plus", "+"].contains(&word) {
            return false;
        }
        let next = self.token_at(left.end as usize, span.end as usize);
        let rest = Span { start: next.start, ..span };
        let follows = self.token_at(span.end as usize, self.text.len());
        if word == "and"
            && self.snippet(next).is_empty()
            && self.snippet(follows) == "then"
        {
            // The second `then` has its own finding, and that takes the `and` out, too.
            return true;
        }
        if !STEP_WORDS.contains(&self.snippet(next))
            || !self.is_begun(Rule::step_prefix, rest)
        {
            return false;
        }
        let (place, comma) = self.comma_for(left, span.start);
        let message = format!("`{word}` between steps is written `,`");
        self.report(
            Diagnostic::error(Code::Syntax, left, message)
                .label("one more step behind it")
                .help("write `,`")
                .fix(place, comma),
        );
        true
    }

    /// A comma in place of a word between two steps: where it goes, and the comments that
    /// stand between it and the word. An `and` before the word goes, too.
    pub(in crate::syntax) fn comma_for(&self, word: Span, from: u32) -> (Span, String) {
        let mut end = self.end_before(word.start, from);
        let step = self.snippet(Span { start: from, end, ..word });
        if let Some(step) = step.strip_suffix("and")
            && step.ends_with(char::is_whitespace)
        {
            end = self.end_before(end - 3, from);
        }
        let place = Span { start: end, ..word };
        let (mut comments, mut at) = (String::new(), end as usize);
        while let Some((_, length)) = next_token(self.text, at) {
            if at >= word.start as usize {
                break;
            }
            let token = self.snippet(Span::new(self.file, at, at + length));
            if token.starts_with('#') {
                comments.push_str(&format!(" {}\n", token.trim_end()));
            }
            at += length;
        }
        (place, format!(",{comments}"))
    }

    /// Where the last word before a place ends, comments aside.
    pub(super) fn end_before(&self, at: u32, from: u32) -> u32 {
        let (mut next, mut end) = (from as usize, from);
        while let Some((token, length)) = next_token(self.text, next) {
            if next >= at as usize {
                break;
            }
            next += length;
            if !matches!(token, Token::Blank | Token::Newline) {
                end = Span::new(self.file, next, next).end;
            }
        }
        end
    }
}
