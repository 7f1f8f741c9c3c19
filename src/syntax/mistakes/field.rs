//! The second look at the fields of webhooks and templates.
//!
//! A field ends where it is whole; what its line holds behind it, and each line that is no
//! field, comes here and gives one finding.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::Cx;
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::mistakes::unexpected;
use crate::syntax::words::CLAUSES;
use crate::text::{Span, fold, nearest};
use pest::Parser as _;
use pest::iterators::Pair;

/// What a field is written like instead.
struct Right {
    /// What is wrong, as a message.
    message: &'static str,
    /// What to write behind the keyword.
    behind: String,
    /// Whether nothing else can be meant.
    certain: bool,
}

impl Cx<'_> {
    /// A line that is no field of its item, or what is left behind one.
    pub(in crate::syntax) fn bad_field(
        &mut self,
        pair: &Pair<'_, Rule>,
        what: &str,
        fields: &[&str],
    ) {
        let span = self.span(pair);
        let place = self.first_token(span);
        let word = self.snippet(place);
        let line = self.line_before(span.start);
        let finding = if word == "," {
            Diagnostic::error(Code::Syntax, place, "fields stand without commas")
                .label("not needed")
                .help("take it out")
                .fix(place, "")
        } else if fields.contains(&word) {
            self.broken_field(span, place)
        } else if line.trim().is_empty() {
            self.unknown_field(span, what, fields)
        } else {
            self.behind_field(span, what, fields)
        };
        self.report(finding);
    }

    /// What stands before a place in its line.
    fn line_before(&self, at: u32) -> &str {
        let before = self.text.get(..at as usize).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default()
    }

    /// A field that the item does not have.
    fn unknown_field(&self, span: Span, what: &str, fields: &[&str]) -> Diagnostic {
        let place = self.first_token(span);
        let word = self.snippet(place);
        let message = format!("a {what} has no `{word}`");
        let finding =
            Diagnostic::error(Code::UnknownClause, place, message).label("not a field");
        let list = fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>();
        let list = list.join(", ");
        let meant = meant_field(word).filter(|meant| fields.contains(meant));
        let near = nearest(word, fields.iter().copied()).into_iter().next();
        let near = near.filter(|_| word != "bearer");
        if let Some(right) = meant.or(near) {
            return finding.help(format!("write `{right}`")).maybe(place, right);
        }
        finding.help(match (what, word, owner_of(word)) {
            ("webhook", "method" | "verb", _) => {
                "a webhook is always sent with `POST`; the step `call` has a method"
                    .to_owned()
            }
            ("webhook", "body" | "payload" | "json", _) => {
                "a webhook says what happened, always in one form; the step `call` has a `json`"
                    .to_owned()
            }
            ("webhook", "bearer" | "auth" | "authorization" | "with", _) => {
                "a webhook is signed with its `secret`; the step `call` goes on with `with bearer`"
                    .to_owned()
            }
            (_, _, Some(owner)) => {
                format!("that is said of {owner}; the fields are {list}")
            }
            _ => format!("the fields are {list}"),
        })
    }

    /// What stands behind a whole field, or behind the name, in the same line.
    fn behind_field(&self, span: Span, what: &str, fields: &[&str]) -> Diagnostic {
        let place = self.first_token(span);
        let word = self.snippet(place);
        let line = self.line_before(span.start).trim();
        let gone = self.back_to_word(place);
        if line.starts_with("retry") && ["times", "tries", "attempts"].contains(&word) {
            let message = format!("`{word}` is too much");
            return Diagnostic::error(Code::Syntax, place, message)
                .label("take it out")
                .help(format!("write `{line}`"))
                .fix(gone, "");
        }
        // Directly behind the name.
        let named = line.strip_prefix(what).map(str::trim);
        if let Some(name) = named {
            let here = Span { end: place.start, ..place };
            let missing = if what == "webhook" { "url" } else { "body" };
            if word.starts_with('"') {
                let message = format!("`{missing}` is missing before `{word}`");
                let finding = Diagnostic::error(Code::Syntax, place, message)
                    .label("only a name stands here")
                    .help(format!("write `{missing} {word}`"));
                return finding.maybe(here, format!("\n  {missing} "));
            }
            let whole = format!("{name} {}", self.snippet(span));
            let words = whole.split(' ').all(|word| {
                word.chars().all(|it| it.is_alphanumeric() || "_-".contains(it))
            });
            if words && !name.is_empty() && !fields.contains(&word) {
                let start = span.start as usize - self.line_before(span.start).len();
                let start = start + self.line_before(span.start).find(name).unwrap_or(0);
                let place = Span::new(self.file, start, span.end as usize);
                let message = format!("`{whole}` stands without quotes");
                return Diagnostic::error(Code::UnquotedName, place, message)
                    .label("one name of several words")
                    .help(format!("write `\"{whole}\"`"))
                    .maybe(place, format!("\"{whole}\""));
            }
        }
        if word.starts_with(char::is_alphabetic) {
            return self.unknown_field(span, what, fields);
        }
        let finding = unexpected(word, place);
        let finding = match line.rsplit("  ").next() {
            Some(before) if before.len() < 40 => {
                finding.label(format!("does not fit behind `{before}`"))
            }
            _ => finding,
        };
        finding.help("one field stands in a line")
    }

    /// A place and the blanks before it.
    fn back_to_word(&self, place: Span) -> Span {
        let before = self.text.get(..place.start as usize).unwrap_or_default();
        Span::new(self.file, before.trim_end().len(), place.end as usize)
    }

    /// A field whose keyword is right, with something else than its value behind it.
    fn broken_field(&self, span: Span, keyword: Span) -> Diagnostic {
        let word = self.snippet(keyword);
        let sign = self.token_at(keyword.end as usize, span.end as usize);
        let signed = matches!(self.snippet(sign), ":" | "=");
        let help = match word {
            "url" => "write `url \"https://…\"`",
            "secret" => "write `secret env NAME` or `secret file \"/run/secrets/name\"`",
            "timeout" => "write `timeout 10s`",
            "retry" => "write `retry 5`",
            "header" => "write `header \"X-Team\" = \"identity\"`",
            "subject" => "write `subject \"…\"`",
            _ => "write `body \"…\"`",
        };
        let first = if signed { sign.end } else { keyword.end };
        let value = self.token_at(first as usize, span.end as usize);
        let value = Span { end: span.end, ..value };
        if value.start >= value.end {
            let message = format!("`{word}` is not finished");
            return Diagnostic::error(Code::Syntax, keyword, message)
                .label("nothing follows")
                .help(help);
        }
        let fits = |behind: &str| {
            Grammar::parse(Rule::field_line, &format!("{word} {behind}")).is_ok()
        };
        let written = self.snippet(value);
        if signed && fits(written) {
            let message = format!(
                "a value stands behind `{word}` without `{}`",
                self.snippet(sign)
            );
            let glued = sign.end == value.start;
            return Diagnostic::error(Code::Syntax, sign, message)
                .label("not needed")
                .help(format!("write `{word} {written}`"))
                .fix(sign, if glued { " " } else { "" });
        }
        let whole = Span { start: keyword.end, ..span };
        let right = match word {
            "url" | "subject" | "body" => in_quotes(word, written),
            "secret" => secret(written),
            "retry" => Some(Right {
                message: "a number stands without quotes",
                behind: written.trim_matches('"').to_owned(),
                certain: true,
            }),
            "header" => header(written),
            _ => None,
        };
        if let Some(right) = right.filter(|right| fits(&right.behind)) {
            let code = match word {
                "subject" | "body" | "url" => Code::UnquotedText,
                _ => Code::Syntax,
            };
            let finding = Diagnostic::error(code, value, right.message)
                .label("not in this form")
                .help(format!("write `{word} {}`", right.behind));
            let behind = format!(" {}", right.behind);
            return if right.certain {
                finding.fix(whole, behind)
            } else {
                finding.maybe(whole, behind)
            };
        }
        let token = self.first_token(value);
        let message = format!("`{}` is not expected here", self.snippet(token));
        Diagnostic::error(Code::Syntax, token, message)
            .label(format!("does not fit behind `{word}`"))
            .help(help)
    }
}

/// A text without its quotes.
fn in_quotes(word: &str, written: &str) -> Option<Right> {
    if written.contains('"') {
        return None;
    }
    let behind = format!("\"{}\"", written.replace('\\', "\\\\"));
    let address = word == "url" && !written.contains(char::is_whitespace);
    Some(Right {
        message: if word == "url" {
            "an address stands in quotes"
        } else {
            "a text stands in quotes"
        },
        behind,
        certain: address,
    })
}

/// Where a secret lies, as other languages say it.
fn secret(written: &str) -> Option<Right> {
    let inner =
        |text: &str| text.trim_matches(|it: char| "${}()\":= ".contains(it)).to_owned();
    let name = |text: &str| {
        let mut letters = text.chars();
        letters
            .next()
            .is_some_and(|first| first.is_alphabetic() || first == '_')
            && letters.all(|it| it.is_alphanumeric() || it == '_')
    };
    let said = written.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("env"));
    let path = written.strip_prefix("file").unwrap_or(written);
    let message = "where a secret lies is written `env NAME` or `file \"…\"`";
    if inner(path).starts_with('/') {
        let behind = format!("file \"{}\"", inner(path));
        return Some(Right { message, behind, certain: true });
    }
    let rest = if said { written.get(3..)? } else { written };
    let rest = inner(rest.trim_start_matches('.'));
    let shouted = rest.chars().all(|it| !it.is_lowercase());
    if !name(&rest) || !(said || written.starts_with('$') || shouted) {
        return None;
    }
    let certain = said || written.starts_with('$');
    Some(Right { message, behind: format!("env {rest}"), certain })
}

/// `X-Team: identity` and the like.
fn header(written: &str) -> Option<Right> {
    let (name, value) = written
        .split_once([':', '='])
        .or_else(|| written.split_once(char::is_whitespace))?;
    let bare = |text: &str| text.trim().trim_matches('"').to_owned();
    let (name, value) = (bare(name), bare(value));
    if name.is_empty() || value.is_empty() || name.contains(['"', ' ', '\\']) {
        return None;
    }
    if value.contains(['"', '\\']) {
        return None;
    }
    Some(Right {
        message: "a header is written `\"NAME\" = \"VALUE\"`",
        behind: format!("\"{name}\" = \"{value}\""),
        certain: true,
    })
}

/// A field in the words of other systems.
fn meant_field(word: &str) -> Option<&'static str> {
    Some(match fold(word).as_str() {
        "endpoint" | "address" | "uri" | "link" | "href" | "target" => "url",
        "token" | "key" | "password" | "hmac" | "signature" | "signing-secret" => {
            "secret"
        }
        "attempts" | "tries" | "retries" | "max-retries" => "retry",
        "title" | "heading" => "subject",
        "text" | "message" | "content" | "html" => "body",
        _ => return None,
    })
}

/// What another item says with a word.
fn owner_of(field: &str) -> Option<&'static str> {
    Some(match field {
        "url" | "secret" | "timeout" | "retry" | "header" => "webhooks",
        "subject" | "body" => "templates",
        "activity" | "deprovision" | "permission" => "apps",
        "given" | "expect" => "tests",
        word if CLAUSES.contains(&word) => "policies",
        _ => return None,
    })
}
