//! Tests in the words of other languages: data that is missing, words in a text, lists,
//! functions and methods.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Op;
use crate::syntax::ast::{Condition, ConditionKind, Path, Value};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned, fold};
use pest::iterators::Pair;

/// How a call in another language tests a text, a group or the like.
enum Called {
    /// A test of the first text by these words.
    Test(&'static str),
    /// Membership in the groups that are named.
    Group,
    /// Whether there is anything.
    Known(&'static str),
}

impl Cx<'_> {
    /// `department is null` and the like.
    pub(super) fn foreign_known(
        &mut self,
        pair: &Pair<'_, Rule>,
        attribute: &Path,
        whole: Span,
    ) {
        let span = self.span(pair);
        let written = fold(&self.one_line(span));
        let last = written.rsplit([' ', '=', '>', '≠']).next().unwrap_or_default();
        let negated = written.contains("not ")
            || written.contains("n't")
            || ["!", "<>", "~=", "≠", "ne "].iter().any(|it| written.starts_with(it));
        let there = matches!(
            last,
            "set" | "present" | "defined" | "there" | "exists" | "exist" | "pr"
        );
        let right = if there == negated { "is unknown" } else { "is known" };
        let message = format!("`{}` is written `{right}`", self.one_line(span));
        let finding = Diagnostic::error(Code::ForeignOperator, span, message)
            .label("of another language")
            .help(format!("write `{right}`"));
        // A state or a text may have one of these names.
        self.report(if matches!(last, "none" | "nobody" | "nothing") {
            let op = if negated { "!=" } else { "=" };
            let text = format!("{} {op} \"{last}\"", self.snippet(attribute.span));
            finding
                .help(format!("write `{right}`, or `{op} \"{last}\"` if it is a text"))
                .maybe(span, right)
                .maybe(whole, text)
        } else {
            finding.fix(span, right)
        });
    }

    /// `email endsWith "x"`, `title like "VP%"`.
    pub(super) fn foreign_text_test(
        &mut self,
        pair: &Pair<'_, Rule>,
        value: Pair<'_, Rule>,
    ) {
        let span = self.span(pair);
        let written = fold(&self.one_line(span));
        let Some(words) = self.value(value) else { return };
        let negated = written.contains("not ") || written.contains("n't ");
        let not = if negated || written == "!~" { "not " } else { "" };
        let word = written.rsplit(' ').find(|word| !matches!(*word, "with" | "regex"));
        let word = word.unwrap_or_default();
        let message = format!("`{}` is no operator here", self.one_line(span));
        let finding = Diagnostic::error(Code::ForeignOperator, span, message)
            .label("of another language");
        let whole = span.to(words.span);
        let Value::Text(text) = &words.value else {
            let right = format!("{not}{}", text_test(word));
            let finding = finding.help(format!("write `{right}`"));
            return self.report(finding.maybe(span, right));
        };
        if word.ends_with("like") {
            return self.report(match like(text, !not.is_empty()) {
                Some(right) => {
                    finding.help(format!("write `{right}`")).fix(whole, right)
                }
                None => finding.help(
                    "write `starts with`, `ends with`, `contains`, or a regular expression behind \
                     `matches`",
                ),
            });
        }
        let right = format!("{not}{}", text_test(word));
        self.report(finding.help(format!("write `{right}`")).fix(span, right));
    }

    /// `is one of`; whether it has a `not`.
    pub(super) fn foreign_in(&mut self, span: Span) -> bool {
        let negated = self.snippet(span).split_whitespace().any(|word| word == "not");
        self.foreign(span, if negated { "not in" } else { "in" });
        negated
    }

    /// A list in other brackets, in none, or without a comma.
    pub(super) fn loose_list(
        &mut self,
        pair: Pair<'_, Rule>,
        attribute: &Path,
    ) -> Option<Vec<Spanned<Value>>> {
        let span = self.span(&pair);
        let mut gap: Option<Span> = None;
        let (mut values, mut apart, mut broken) = (Vec::new(), true, false);
        let mut written = Vec::new();
        for inner in pair.into_inner() {
            let place = self.span(&inner);
            match inner.as_rule() {
                Rule::comma => {
                    apart = true;
                    continue;
                }
                Rule::list_close => break,
                _ => {}
            }
            if !apart && gap.is_none() {
                gap = Some(place);
            }
            apart = false;
            written.push(self.snippet(place));
            match self.value(inner) {
                Some(value) => values.push(value),
                None => broken = true,
            }
        }
        if broken {
            return None;
        }
        if let [only] = values.as_slice()
            && matches!(only.value, Value::Duration(_))
        {
            self.in_length(attribute.span, only.span);
            return None;
        }
        let right = format!("({})", written.join(", "));
        let help = format!("write `{right}`");
        let finding = match (self.snippet(span).chars().next(), gap) {
            (Some('[' | '{'), _) => {
                let open = Span { end: span.start + 1, ..span };
                let message = "a list stands in parentheses";
                Diagnostic::error(Code::ForeignOperator, open, message)
                    .label("other brackets")
            }
            (Some('('), Some(gap)) => {
                let message = "two values need a comma between them";
                Diagnostic::error(Code::MissingComma, gap, message)
                    .label("the next value begins here")
            }
            (Some('('), None) => {
                let message = "a value is missing behind the comma";
                Diagnostic::error(Code::Syntax, span, message).label("nothing follows")
            }
            _ => Diagnostic::error(Code::Syntax, span, "a list stands in parentheses")
                .label("no parentheses around it"),
        };
        // `created_at in 2025` is no list of one.
        let lone = values.len() == 1
            && matches!(
                values.first().map(|it: &Spanned<Value>| &it.value),
                Some(Value::Number(_) | Value::Instant(_) | Value::Duration(_))
            );
        let finding = finding.help(help);
        self.report(if lone {
            finding.maybe(span, right)
        } else {
            finding.fix(span, right)
        });
        Some(values)
    }

    /// `password_expires_at in 7d`.
    fn in_length(&mut self, attribute: Span, length: Span) {
        let between = Span {
            start: attribute.end,
            end: length.start,
            ..attribute
        };
        let negated = self.snippet(between).split_whitespace().any(|it| it == "not");
        let op = if negated { ">" } else { "<=" };
        let (left, written) = (self.snippet(attribute), self.snippet(length));
        let (since, until) = (
            format!("since {left} {op} {written}"),
            format!("until {left} {op} {written}"),
        );
        let message = format!("`{written}` is a length of time, and no list");
        let whole = attribute.to(Span { end: length.end, ..length });
        self.report(
            Diagnostic::error(Code::Syntax, length, message)
                .label("a length of time")
                .help(format!("write `{until}` or `{since}`"))
                .maybe(whole, until)
                .maybe(whole, since),
        );
    }

    /// `user is` before `inactive` and the like says nothing.
    pub(super) fn stray_subject(&mut self, span: Span) {
        let written = self.one_line(span);
        let text = self.text.get(span.start as usize..).unwrap_or_default();
        let blanks = text.len()
            - text
                .get(self.snippet(span).len()..)
                .map_or(0, |rest| rest.trim_start().len());
        let cut = Span::new(self.file, span.start as usize, span.start as usize + blanks);
        let place = Span::new(
            self.file,
            span.start as usize,
            span.start as usize + self.snippet(span).trim_end().len(),
        );
        let message = format!("`{written}` is too much here");
        self.report(
            Diagnostic::error(Code::ForeignOperator, place, message)
                .label("goes without saying")
                .help("take it out")
                .fix(cut, ""),
        );
    }

    /// `account is disabled`, `user is active`; false where it is something else.
    pub(super) fn state_of_subject(
        &mut self,
        attribute: &Path,
        op: Op,
        state: &str,
        whole: Span,
    ) -> bool {
        let [subject] = attribute.parts.as_slice() else { return false };
        let subject = match fold(subject).as_str() {
            "user" | "they" => "user",
            "account" => "account",
            _ => return false,
        };
        let state = match fold(state).as_str() {
            "enabled" => "active".to_owned(),
            state @ ("staged" | "active" | "suspended" | "disabled" | "deleted") => {
                state.to_owned()
            }
            _ => return false,
        };
        if !matches!(op, Op::Eq | Op::Ne) {
            return false;
        }
        let right = format!("{subject}.status {} {state}", op.symbol());
        let message = format!("`{}` is written `{right}`", self.one_line(whole));
        let finding = Diagnostic::error(Code::ForeignOperator, whole, message)
            .label("a subject has no state of its own");
        self.report(if state == "active" {
            let other = if op == Op::Eq { "not inactive" } else { "inactive" };
            finding
                .help(format!("write `{right}`, or `{other}` for the last sign of life"))
                .maybe(whole, right)
                .maybe(whole, other)
        } else {
            finding.help(format!("write `{right}`")).fix(whole, right)
        });
        true
    }

    /// `(A unless B)`: an exception of a policy stands behind the whole condition.
    pub(super) fn inner_except(
        &mut self,
        keyword: Span,
        first: &Condition,
        second: &Condition,
    ) {
        let chain = |kind: &ConditionKind| {
            matches!(kind, ConditionKind::And(_) | ConditionKind::Or(_))
        };
        let bare = |it: &Condition| !self.snippet(it.span).starts_with('(');
        let or = matches!(first.kind, ConditionKind::Or(_)) && bare(first);
        let wrapped = chain(&second.kind) && bare(second);
        let (left, right) = (self.snippet(first.span), self.snippet(second.span));
        let left = if or { format!("({left})") } else { left.to_owned() };
        let right = if wrapped { format!("({right})") } else { right.to_owned() };
        let edit = format!("{left} and not {right}");
        let span = first.span.to(second.span);
        let word = self.snippet(keyword);
        let message = format!("`{word}` is written `and not` in parentheses");
        self.report(
            Diagnostic::error(Code::Syntax, keyword, message)
                .label("an exception holds for a whole policy")
                .help(format!("write `{edit}`"))
                .fix(span, edit),
        );
    }

    /// A function or a method of another language.
    pub(super) fn foreign_call(&mut self, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let (Some(path), Some(bracket)) = (inner.next(), inner.next()) else { return };
        let place = self.span(&path);
        let alone = inner.next().is_none();
        let written = self.snippet(place);
        let (object, name) = match written.rsplit_once('.') {
            Some((object, name)) => (Some(object), name),
            None => (None, written),
        };
        let bracket = self.span(&bracket);
        let inside = self.snippet(bracket).trim_start_matches('(').trim_end_matches(')');
        let mut arguments: Vec<&str> = inside.split(',').map(str::trim).collect();
        arguments.retain(|argument| !argument.is_empty());
        // In `String.contains(x, "y")` the text comes first among the arguments.
        let of_class = object.is_some_and(|it| it.starts_with(char::is_uppercase));
        let left = match object {
            Some(object) if !of_class && !fold(name).contains("member") => Some(object),
            _ => None,
        };
        let right = called(name).filter(|_| alone).and_then(|called| match called {
            Called::Group => {
                let quoted = |it: &&str| it.len() > 2 && it.starts_with('"');
                match arguments.as_slice() {
                    [only] if quoted(only) => Some(format!("in group {only}")),
                    [_, ..] if arguments.iter().all(quoted) => {
                        Some(format!("in group ({})", arguments.join(", ")))
                    }
                    _ => None,
                }
            }
            Called::Test(test) => match (left, arguments.as_slice()) {
                (Some(left), [words]) => Some(format!("{left} {test} {words}")),
                (None, [left, words]) if object.is_none() || of_class => {
                    Some(format!("{left} {test} {words}"))
                }
                _ => None,
            },
            Called::Known(test) => match (left, arguments.as_slice()) {
                (Some(left), []) => Some(format!("{left} {test}")),
                (None, [left]) => Some(format!("{left} {test}")),
                _ => None,
            },
        });
        let message = format!("`{name}` is a function, and conditions have none");
        let finding = Diagnostic::error(Code::ForeignOperator, place, message)
            .label("of another language");
        self.report(match right {
            Some(right) => finding.help(format!("write `{right}`")).maybe(span, right),
            None if fold(name).contains("group") => {
                finding.help("write `in group NAME` or `in group (NAME, NAME)`")
            }
            None if fold(name).contains("role") => finding.help("write `has role NAME`"),
            None => finding.help(
                "compare attributes: `=`, `starts with`, `ends with`, `contains`, `matches`, `in (…)`, \
                 `since`, `until`; texts compare without regard to case",
            ),
        });
    }
}

/// How a test of a text is written.
fn text_test(word: &str) -> &'static str {
    match word {
        word if word.starts_with("start") || word.starts_with("begin") => "starts with",
        "sw" => "starts with",
        word if word.starts_with("end") => "ends with",
        "ew" => "ends with",
        "=~" | "!~" | "~" => "matches",
        word if word.starts_with("match") || word.starts_with("reg") => "matches",
        _ => "contains",
    }
}

/// A pattern of SQL, where a test of the language says the same.
fn like(pattern: &str, negated: bool) -> Option<String> {
    let inner = pattern.trim_start_matches('%').trim_end_matches('%');
    if inner.is_empty() || inner.contains(['%', '_', '\\', '"', '\n']) {
        return None;
    }
    let test = match (pattern.starts_with('%'), pattern.ends_with('%')) {
        (true, true) => "contains",
        (true, false) => "ends with",
        (false, true) => "starts with",
        (false, false) => {
            return Some(format!("{} \"{inner}\"", if negated { "!=" } else { "=" }));
        }
    };
    Some(format!("{}{test} \"{inner}\"", if negated { "not " } else { "" }))
}

/// What a function or a method of another language asks.
fn called(name: &str) -> Option<Called> {
    let name = fold(name).replace('_', "");
    Some(match name.as_str() {
        "startswith" | "stringstartswith" | "beginswith" | "hasprefix" => {
            Called::Test("starts with")
        }
        "endswith" | "stringendswith" | "hassuffix" => Called::Test("ends with"),
        "contains" | "stringcontains" | "includes" | "contain" => {
            Called::Test("contains")
        }
        "equals" | "equalsignorecase" | "stringequals" | "eq" => Called::Test("="),
        "matches" | "match" | "regexmatch" | "regexpmatch" => Called::Test("matches"),
        "isempty" | "isnull" | "isblank" | "isnullorempty" => Called::Known("is unknown"),
        "ispresent" | "isnotempty" | "exists" | "isset" => Called::Known("is known"),
        "ismemberofgroupname"
        | "ismemberofanygroup"
        | "ismemberofgroup"
        | "ismemberof"
        | "ingroup"
        | "memberof"
        | "ismember" => Called::Group,
        _ => return None,
    })
}
