//! The second look at conditions.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::Cx;
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::mistakes::{Reached, one_of, unexpected};
use crate::syntax::scan::is_word;
use crate::syntax::words::unglue;
use crate::text::Span;
use pest::Parser as _;
use pest::iterators::Pair;

impl Cx<'_> {
    /// A stretch in which no condition could be read.
    pub(in crate::syntax) fn bad_condition(&mut self, span: Span) {
        let text = self.snippet(span);
        let word = first_word(text);
        if let Some((written, right)) = in_group(text) {
            return self.is_in_group(span, written, right);
        }
        if self.bare_membership(span)
            || self.active_for(span)
            || self.other_quotes(span)
            || self.but_not(span)
        {
            return;
        }
        match self.reach(Rule::test_prefix, span) {
            Reached::End(at) if self.clause_behind(at, span, Rule::test_prefix) => {}
            Reached::End(at) => {
                let left = self.token_at(at, span.end as usize);
                let token = self.snippet(left);
                let before = self.snippet(Span::new(self.file, span.start as usize, at));
                let before = before.trim_end();
                if before == "inactive"
                    && token.starts_with(|first: char| first.is_ascii_digit())
                {
                    self.report(
                        Diagnostic::error(
                            Code::MissingOperator,
                            left,
                            "a length of time needs an operator before it",
                        )
                        .label("longer or shorter than this")
                        .help(format!("write `inactive >= {token}`, for example"))
                        .maybe(
                            Span::new(
                                self.file,
                                left.start as usize,
                                left.start as usize,
                            ),
                            ">= ",
                        ),
                    );
                    return;
                }
                self.left(
                    left,
                    before,
                    "a condition goes on with `and` or `or`, and ends with `then`",
                );
            }
            Reached::Stop(at, due) if at == span.start as usize => {
                let place = self.token_at(at, span.end as usize);
                let mut finding = unexpected(self.snippet(place), place);
                finding = if due.is_empty() || due.len() > 4 {
                    finding.help(
                        "a condition begins with an attribute, `inactive`, `in group`, `has`, \
                         `since`, `until`, `not` or `(`",
                    )
                } else {
                    finding.help(format!("write {}", one_of(&due)))
                };
                if let Some(apart) = unglue(word) {
                    finding =
                        finding.help(format!("write `{apart}`")).maybe(place, apart);
                }
                self.report(finding);
            }
            Reached::Stop(at, due) => self.due(at, span, &due),
        }
    }

    fn is_in_group(&mut self, span: Span, length: usize, right: &str) {
        let start = span.start as usize;
        let place = Span::new(self.file, start, start + length);
        let written =
            self.snippet(place).split_whitespace().collect::<Vec<_>>().join(" ");
        let message = format!("`{written}` is written `{right}`");
        self.report(
            Diagnostic::error(Code::ForeignOperator, place, message)
                .label("more words than needed")
                .help(format!("write `{right}`"))
                .fix(place, right),
        );
    }

    /// What stands behind a whole condition in a line of its own.
    pub(in crate::syntax) fn leftover_behind_condition(&mut self, pair: &Pair<'_, Rule>) {
        let start = self.base + pair.as_span().start();
        let end = self.base + pair.as_span().end();
        let place = self.token_at(start, end);
        let word = self.snippet(place);
        if ["and", "or", "not"].contains(&word) {
            let message = format!("a condition is missing behind `{word}`");
            self.report(
                Diagnostic::error(Code::Syntax, place, message).label("nothing follows"),
            );
            return;
        }
        self.left(place, "", "a condition goes on with `and` or `or`");
    }

    /// `group Execs`, `not role Auditor`, `never in group Execs`.
    fn bare_membership(&mut self, span: Span) -> bool {
        let words = self.tokens(span, 3);
        let skipped =
            usize::from(words.first().is_some_and(|it| self.snippet(*it) == "not"));
        let texts: Vec<&str> = words.iter().map(|it| self.snippet(*it)).collect();
        let Some(first) = words.get(skipped).copied() else { return false };
        let here = Span { end: first.start, ..first };
        let (missing, sure) = match texts.get(skipped..).unwrap_or_default() {
            ["group" | "groups", next, ..] if is_name(next) => ("in ", true),
            ["role" | "roles" | "permission" | "permissions", next, ..]
                if is_name(next) =>
            {
                ("has ", true)
            }
            ["never", "in" | "has", next] if *next != "active" => ("not", false),
            _ => return false,
        };
        let word = self.snippet(first);
        if sure {
            let right = format!("{missing}{word}");
            let message = format!("`{word}` is no condition");
            let finding = Diagnostic::error(Code::Syntax, first, message)
                .label("asks nothing")
                .help(format!("write `{right} …`"));
            self.report(match self.named_before(span, first) {
                // Behind `not` and `except`, both or one of them are worlds apart.
                Some((list, all)) if skipped == 0 => {
                    let test = format!("{missing}{word} {all}");
                    finding
                        .help(format!("write `{test}`, or `{right} …` here"))
                        .maybe(list, all)
                        .maybe(here, missing)
                }
                Some(_) => finding.maybe(here, missing),
                None if self.asked_before(span, word) => finding.maybe(here, missing),
                None => finding.fix(here, missing),
            });
        } else {
            self.report(
                Diagnostic::error(Code::Syntax, first, "`never` goes with `active` only")
                    .label("what was once is not on record")
                    .help("write `not`")
                    .maybe(first, missing),
            );
        }
        true
    }

    /// The names of the same test before `and` or `or`, with those of a stretch: where they
    /// stand, and all of them in parentheses.
    fn named_before(&self, span: Span, kind: Span) -> Option<(Span, String)> {
        let before = self.text.get(..span.start as usize)?.trim_end();
        let before = before.strip_suffix("and").or_else(|| before.strip_suffix("or"))?;
        let before = before.strip_suffix(char::is_whitespace)?.trim_end();
        let word = self.snippet(kind).trim_end_matches('s');
        let at = before.rfind(&format!("{word} "))?;
        let names = before.get(at + word.len()..)?;
        let start = before.len() - names.trim_start().len();
        let named = self.snippet(Span { start: kind.end, ..span }).trim();
        let bare = |names: &str| {
            let names = names
                .strip_prefix('(')
                .and_then(|it| it.strip_suffix(')'))
                .unwrap_or(names);
            let apart = names.split(',').map(str::trim);
            let one = |name: &str| match name.strip_prefix('"') {
                Some(text) => text.find('"') == Some(text.len().saturating_sub(1)),
                None => !name.is_empty() && name.chars().all(is_word),
            };
            apart.clone().all(one).then(|| apart.collect::<Vec<_>>().join(", "))
        };
        let all = format!("({}, {})", bare(names.trim())?, bare(named)?);
        let list = Span::new(self.file, start, span.end as usize);
        Some((list, all))
    }

    /// Whether the item asks for the same before a stretch.
    fn asked_before(&self, span: Span, kind: &str) -> bool {
        let before = self.text.get(self.base..span.start as usize).unwrap_or_default();
        before.contains(&format!("{} ", kind.trim_end_matches('s')))
    }

    /// `not active for 90d`.
    fn active_for(&mut self, span: Span) -> bool {
        let words = self.tokens(span, 5);
        let texts: Vec<&str> = words.iter().map(|it| self.snippet(*it)).collect();
        let (count, negated) = match texts.as_slice() {
            ["not", "active", "for" | "in" | "since", ..] => (3, true),
            ["active", "for" | "in" | "since" | "within", ..] => (2, false),
            _ => return false,
        };
        let (Some(last), Some(length)) = (words.get(count - 1), words.get(count)) else {
            return false;
        };
        let behind = Span { start: length.start, ..span };
        let whole = Grammar::parse(Rule::length_alone, self.snippet(behind)).is_ok();
        let place = span_to(span, *last);
        let written = self.one_line(place);
        let right = if negated { "inactive >=" } else { "inactive <" };
        let message = format!("`{written}` is written `{right}`");
        let finding = Diagnostic::error(Code::ForeignOperator, place, message)
            .label("other words")
            .help(format!("write `{right} {}`", self.snippet(*length)));
        self.report(if negated && whole {
            finding.fix(place, right)
        } else if whole {
            finding.maybe(place, right)
        } else {
            finding
        });
        true
    }

    /// `… but not …` behind a whole condition.
    fn but_not(&mut self, span: Span) -> bool {
        let tokens = self.tokens(span, 24);
        for (token, next) in tokens.iter().zip(tokens.iter().skip(1)) {
            let (word, next_word) = (self.snippet(*token), self.snippet(*next));
            if !matches!(word, "but" | "except" | "yet")
                || !self.is_whole(span, token.start)
            {
                continue;
            }
            match (word, next_word) {
                (_, "not") => self.other_word(token.to(*next), "and not"),
                ("except", _) => return false,
                _ => self.other_word(*token, "and"),
            }
            return true;
        }
        false
    }

    /// A text in other quotes, where a condition is due.
    fn other_quotes(&mut self, span: Span) -> bool {
        let Ok(mut pairs) = Grammar::parse(Rule::text_elsewhere, self.snippet(span))
        else {
            return false;
        };
        let text = pairs.next().and_then(|pair| pair.into_inner().next());
        let base = std::mem::replace(&mut self.base, span.start as usize);
        if let Some(text) = &text {
            self.text(text);
        }
        self.base = base;
        text.is_some()
    }

    fn other_word(&mut self, span: Span, right: &str) {
        let written = self.one_line(span);
        let message = format!("`{written}` is written `{right}`");
        self.report(
            Diagnostic::error(Code::UnknownClause, span, message)
                .label("no word of the language")
                .help(format!("write `{right}`"))
                .fix(span, right),
        );
    }

    /// Whether a whole condition ends where something else begins.
    fn is_whole(&self, span: Span, end: u32) -> bool {
        let before = Span { end, ..span };
        match self.reach(Rule::test_prefix, before) {
            Reached::End(at) => {
                let left = self.text.get(at..end as usize).unwrap_or_default();
                left.trim().is_empty()
            }
            Reached::Stop(..) => false,
        }
    }

    /// The first words and signs of a stretch.
    fn tokens(&self, span: Span, most: usize) -> Vec<Span> {
        let (mut tokens, mut at) = (Vec::new(), span.start as usize);
        while tokens.len() < most {
            let token = self.token_at(at, span.end as usize);
            if token.start >= token.end {
                break;
            }
            at = token.end as usize;
            tokens.push(token);
        }
        tokens
    }
}

fn span_to(span: Span, last: Span) -> Span {
    Span { end: last.end, ..span }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '"' || first == '(')
        && !["is", "in", "has", "not", "contains"].contains(&word)
}

/// `is in group`, `user is not in group` and the like: how long that is, and how it is
/// written.
fn in_group(text: &str) -> Option<(usize, &'static str)> {
    let length = text.find("group")? + "group".len();
    let words: Vec<&str> = text.get(..length)?.split_whitespace().collect();
    let words = match words.as_slice() {
        ["user" | "owner" | "account" | "they", rest @ ..] => rest,
        words => words,
    };
    let words = match words {
        ["is" | "are", rest @ ..] => rest,
        words => words,
    };
    match words {
        ["in", "group"] | ["member", "of", "group"] => Some((length, "in group")),
        ["not", "in", "group"] | ["not", "member", "of", "group"] => {
            Some((length, "not in group"))
        }
        _ => None,
    }
    .filter(|(_, right)| text.get(..length) != Some(*right))
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}
