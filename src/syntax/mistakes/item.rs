//! The second look at items other than policies: at fields, at parts of tests, at facts.
//!
//! As with policies, each damaged stretch gives exactly one finding.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::Test;
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::syntax::mistakes::Reached;
use crate::syntax::scan::{Token, next as next_token};
use crate::syntax::words::STEP_WORDS;
use crate::text::{Span, nearest};
use pest::iterators::Pair;

/// The steps that an app can have its own way for.
const APP_STEPS: [&str; 6] = [
    "end sessions",
    "disable account",
    "delete account",
    "unassign from app",
    "revoke permission",
    "require password change",
];

/// How the parts of a test are written.
const PARTS: [(&str, &str); 5] = [
    ("policy", "write `policy NAME`"),
    (
        "given",
        "write `given account NAME in app A`, `given user EMAIL` or \
         `given grant P of account NAME in app A`, and its facts behind commas",
    ),
    (
        "after",
        "write `after 7d expect …`, with `match`, `asked WHO`, `ran webhook W` or `run STATE`",
    ),
    (
        "when",
        "write `when WHO decides keep expect …`, `when WHO decides remove expect …` or \
         `when account logs in expect …`",
    ),
    (
        "expect",
        "write `expect match`, `expect asked WHO`, `expect ran webhook W` or \
         `expect run STATE`, with `no` before it for the contrary",
    ),
];

impl Cx<'_> {
    /// `policy NAME { … }`: an item of another language.
    pub(in crate::syntax) fn in_braces(&self, span: Span) -> Option<Diagnostic> {
        let end = span.end as usize;
        let (mut open, mut braces, mut last) = (None, 0, None);
        let (mut at, mut seen) = (span.start as usize, 0);
        while let Some((token, length)) = next_token(self.text, at).filter(|_| at < end) {
            let place = Span::new(self.file, at, at + length);
            at += length;
            if matches!(token, Token::Blank | Token::Newline) {
                continue;
            }
            match (self.snippet(place), open) {
                ("{", None) => open = Some(place),
                // Behind the keyword, a name and a title.
                (_, None) if seen > 2 => return None,
                ("{" | "}", Some(_)) => braces += 1,
                _ => {}
            }
            (seen, last) = (seen + 1, Some(place));
        }
        let open = open?;
        let finding = Diagnostic::error(Code::Syntax, open, "items have no braces")
            .label("a sign of another language")
            .help("take both braces out");
        let close = last.filter(|last| braces == 1 && self.snippet(*last) == "}");
        Some(match close {
            Some(close) => {
                let inner = Span { start: open.end, end: close.start, ..open };
                finding.fix(open.to(close), self.snippet(inner).trim_end())
            }
            None => finding,
        })
    }

    /// A stretch of an app in which no field could be read.
    pub(in crate::syntax) fn bad_app_field(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        let place = self.token_at(span.start as usize, span.end as usize);
        let word = self.snippet(place);
        let next = self.snippet(span).split_whitespace().nth(1).unwrap_or_default();
        let unfinished = match word {
            "activity" => {
                Some("write `activity from okta`, or `activity from okta logins only`")
            }
            "deprovision" if next.starts_with("permission") => Some(
                "write `deprovision permissions with webhook NAME`, or `permission NAME \
                 deprovision with webhook NAME` for one of them",
            ),
            "deprovision" => Some(
                "write `deprovision with webhook NAME` or `deprovision with flow NAME`",
            ),
            "permission" | "permissions" => Some(
                "write `permission NAME deprovision with webhook NAME`, a line for each",
            ),
            _ => None,
        };
        if let Some(help) = unfinished {
            let message = format!("`{word}` is not finished");
            self.report(
                Diagnostic::error(Code::Syntax, place, message)
                    .label("what follows does not fit")
                    .help(help),
            );
            return;
        }
        if STEP_WORDS.contains(&word) || word == "require" {
            return self.bad_app_step(span, word);
        }
        let message = format!("an app has no `{word}`");
        let finding =
            Diagnostic::error(Code::UnknownClause, place, message).label("not a field");
        let fields = ["activity", "deprovision", "permission"];
        let finding = if word == "owner" {
            finding.help("who owns an app comes with the data: the `owner` of apps.csv")
        } else if let "webhook" | "flow" = word {
            let start = Span::new(self.file, span.start as usize, span.start as usize);
            finding
                .help(format!("write `deprovision with {word} NAME`"))
                .maybe(start, "deprovision with ")
        } else if let Some(near) = nearest(word, fields).first() {
            finding.help(format!("write `{near}`")).maybe(place, *near)
        } else {
            finding.help(
                "its lines begin with `activity from`, `deprovision with`, `permission` or a \
                 step, as in `end sessions with flow NAME`",
            )
        };
        self.report(finding);
    }

    /// A step that an app says nothing of, or not in this way.
    fn bad_app_step(&mut self, span: Span, word: &str) {
        let text = self.snippet(span);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let own = APP_STEPS.iter().find(|step| text.starts_with(**step));
        if let Some(step) = own {
            let words = step.split(' ').count();
            let end = nth_word_end(self.snippet(span), words);
            let place =
                Span::new(self.file, span.start as usize, span.start as usize + end);
            let help = if *step == "revoke permission"
                && !text.starts_with("revoke permission with")
            {
                "write `permission NAME deprovision with webhook NAME` for one permission"
                    .to_owned()
            } else {
                format!("write `{step} with webhook NAME` or `{step} with flow NAME`")
            };
            let message = format!("`{step}` is not finished");
            self.report(
                Diagnostic::error(Code::Syntax, place, message)
                    .label("nothing says how it is done")
                    .help(help),
            );
            return;
        }
        let phrase = text.split(" with ").next().unwrap_or(word);
        let phrase = if phrase.len() > 40 { word } else { phrase };
        let end = nth_word_end(self.snippet(span), phrase.split(' ').count());
        let place = Span::new(self.file, span.start as usize, span.start as usize + end);
        let message = format!("an app has no way of its own to `{phrase}`");
        let mut finding = Diagnostic::error(Code::UnsupportedStep, place, message)
            .label("not a step that an app can say of");
        finding = if phrase.starts_with("remove access") {
            finding
                .help("`remove access` follows `deprovision with`: write that")
                .maybe(place, "deprovision")
        } else {
            let steps = APP_STEPS.map(|step| format!("`{step}`")).join(", ");
            finding.help(format!("an app can say how to {steps}"))
        };
        self.report(finding);
    }

    /// What no step can be read in, behind `never`.
    pub(in crate::syntax) fn bad_forbidden(&mut self, span: Span) {
        let place = self.token_at(span.start as usize, span.end as usize);
        let word = self.snippet(place);
        if !["in", "has", "inactive", "not"].contains(&word) {
            return self.bad_step(span);
        }
        let here = Span { end: span.start, ..span };
        let behind = self.text.get(span.end as usize..).unwrap_or_default();
        let finding = Diagnostic::error(
            Code::MissingClause,
            place,
            "`never` says what must not happen before it says when",
        )
        .label("a condition, and no step before it")
        .help(format!("write `never take access when {}`", self.one_line(span)));
        let when = behind.trim_start().starts_with("when");
        self.report(if when {
            finding
        } else {
            finding.maybe(here, "take access when ")
        });
    }

    /// A stretch of a test in which no part could be read.
    pub(in crate::syntax) fn bad_test_part(
        &mut self,
        pair: &Pair<'_, Rule>,
        test: &Test,
    ) {
        let span = self.span(pair);
        let place = self.token_at(span.start as usize, span.end as usize);
        let word = self.snippet(place);
        if let Some((_, help)) = PARTS.iter().find(|(part, _)| *part == word) {
            return self.broken_part(span, place, help);
        }
        let begun = test.title.is_some()
            || test.policy.is_some()
            || !test.given.is_empty()
            || !test.expects.is_empty();
        if !begun && word.starts_with(char::is_alphabetic) {
            let line = self.snippet(span).lines().next().unwrap_or_default();
            let title = Span::new(
                self.file,
                span.start as usize,
                span.start as usize + line.trim_end().len(),
            );
            let quoted = format!("\"{}\"", self.snippet(title));
            self.report(
                Diagnostic::error(
                    Code::UnquotedText,
                    title,
                    "what a test shows stands in quotes",
                )
                .label("without quotes")
                .help(format!("write `{quoted}`"))
                .maybe(title, quoted),
            );
            return;
        }
        let message = format!("a test has no `{word}`");
        let mut finding = Diagnostic::error(Code::UnknownClause, place, message)
            .label("not a part of a test")
            .help("the parts are `policy`, `given`, and `expect` with `after` or `when` before it");
        if word == "then" || STEP_WORDS.contains(&word) {
            finding = finding.help(
                "what must happen stands behind `expect`, as in `expect ran webhook W`",
            );
        } else if let Some(near) = nearest(word, PARTS.map(|(part, _)| part)).first() {
            finding = finding.help(format!("write `{near}`")).maybe(place, *near);
        }
        self.report(finding);
    }

    /// A part whose first word is right.
    fn broken_part(&mut self, span: Span, keyword: Span, help: &str) {
        let at = match self.reach(Rule::part_prefix, span) {
            Reached::End(at) | Reached::Stop(at, _) => at,
        };
        let place = self.token_at(at, span.end as usize);
        let word = self.snippet(place);
        if word.is_empty() {
            let written = self.snippet(keyword);
            let message = format!("`{written}` is not finished");
            self.report(
                Diagnostic::error(Code::Syntax, span, message)
                    .label("something is missing behind it")
                    .help(help),
            );
            return;
        }
        let message = format!("`{word}` is not expected here");
        let mut finding = Diagnostic::error(Code::Syntax, place, message)
            .label("does not fit here")
            .help(help);
        let meant = match word {
            "matches" | "matched" | "matching" => Some("match"),
            "not" | "never" | "nothing" => Some("no"),
            "ask" | "asks" | "notified" => Some("asked"),
            "called" | "runs" => Some("ran"),
            "decided" | "answers" | "says" => Some("decides"),
            "for" => Some("in"),
            _ => None,
        };
        if let Some(meant) = meant {
            finding = finding.help(format!("write `{meant}`")).maybe(place, meant);
        }
        self.report(finding);
    }

    /// A stretch behind `given` in which no fact could be read.
    pub(in crate::syntax) fn bad_fact(&mut self, span: Span) {
        let help = "facts are `owner EMAIL`, `permission P`, `group G`, `role R`, \
                    `ATTRIBUTE VALUE` and `ATTRIBUTE 120d ago`";
        let (at, whole) = match self.reach(Rule::fact_prefix, span) {
            Reached::End(at) => (at, true),
            Reached::Stop(at, _) => (at, false),
        };
        let place = self.token_at(at, span.end as usize);
        let word = self.snippet(place);
        if word.is_empty() {
            let written =
                self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
            let message = format!("`{written}` is not finished");
            self.report(
                Diagnostic::error(Code::Syntax, span, message)
                    .label("its value is missing")
                    .help(help),
            );
            return;
        }
        let message = format!("`{word}` is not expected here");
        let finding = Diagnostic::error(Code::Syntax, place, message);
        let finding = if whole {
            finding.label("does not fit behind the fact before it").help(
                "facts stand behind commas; a text of several words stands in quotes",
            )
        } else {
            finding.label("does not fit here").help(help)
        };
        self.report(finding);
    }
}

/// Where the first words of a text end, in bytes.
fn nth_word_end(text: &str, words: usize) -> usize {
    let (mut seen, mut inside) = (0, false);
    for (at, letter) in text.char_indices() {
        match (letter.is_whitespace(), inside) {
            (true, true) => {
                seen += 1;
                inside = false;
                if seen == words {
                    return at;
                }
            }
            (false, false) => inside = true,
            _ => {}
        }
    }
    text.len()
}
