//! Conditions that say less or more than what was meant: a value alone behind `or`, an
//! attribute that is no attribute, data compared with nothing.

use crate::check::attribute::plural;
use crate::check::name::Kind;
use crate::check::{About, Cx, quoted};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Op, SubjectKind, TextTest};
use crate::syntax::ast::{Condition, ConditionKind, NameRef, Path, TestKind, Value};
use crate::text::{Span, Spanned, fold, nearest};

/// What stands before values of which the later ones have no test of their own.
enum Listed<'c> {
    /// `department = "Sales"`.
    Equal(&'c Path, Op, &'c Spanned<Value>),
    /// `email ends with "x"`.
    Repeated(String, Span),
    /// `in group Execs`.
    Named(&'static str, Kind, &'c [NameRef]),
}

impl Cx<'_> {
    /// How many parts of a row, from the first, are one test and more values for it, as in
    /// `department = "Sales" or "Legal"`; 0 where the first is a part of its own.
    pub(super) fn values_alone(
        &mut self,
        parts: &[Condition],
        about: About<'_>,
    ) -> usize {
        let Some((first, rest)) = parts.split_first() else { return 0 };
        let (test, negated) = match &first.kind {
            ConditionKind::Not(inner) if inner.span != first.span => (&inner.kind, true),
            kind => (kind, false),
        };
        let ConditionKind::Test(test) = test else { return 0 };
        let Some(listed) = self.first_of(test) else { return 0 };
        let kind = match listed {
            Listed::Named(_, kind, _) => Some(kind),
            _ => None,
        };
        let alone: Vec<&Path> =
            rest.iter().map_while(|part| self.value_alone(part, kind)).collect();
        let Some(last) = alone.last() else { return 0 };
        // Where `and` and `or` are mixed, the row is not what it says.
        let mut joints = Vec::new();
        let mut from = first.span;
        for path in &alone {
            let gap = Span { start: from.end, end: path.span.start, ..from };
            joints.push(self.snippet(gap).trim());
            from = path.span;
        }
        let joint = joints.first().copied().unwrap_or_default();
        if !["and", "or"].contains(&joint) || joints.iter().any(|other| *other != joint) {
            return 0;
        }
        let or = joint == "or";
        // What is wrong with the first is said as well.
        let made = self.made;
        if self.nested(first, about).is_none() && self.made > made {
            return 0;
        }
        let (right, sure) = self.all_listed(&listed, &alone, or, negated);
        let span = alone.first().map_or(last.span, |path| path.span);
        let message =
            format!("`{}` behind `{joint}` is no condition", self.snippet(span));
        let finding = Diagnostic::error(Code::UnknownWord, span, message)
            .label("a value, compared with nothing")
            .help(match alone.as_slice() {
                [only]
                    if kind.is_some_and(|kind| {
                        !self.is_known(&only.parts.join("."), kind)
                    }) && !self.snippet(only.span).starts_with('"') =>
                {
                    let word = self.snippet(only.span);
                    format!("write `{right}`, or declare `define {word} as …`")
                }
                _ => format!("write `{right}`"),
            });
        let whole = first.span.to(last.span);
        let spares = self.spares && !or && !negated;
        self.report(if spares && !matches!(listed, Listed::Equal(..)) {
            // Few are in both, and whoever is in one alone was to be spared, too.
            let (each, _) = self.all_listed(&listed, &alone, true, false);
            finding
                .help(format!("write `{each}`, or `{right}` if both are asked for"))
                .maybe(whole, each)
                .maybe(whole, right)
        } else if sure && !spares {
            finding.fix(whole, right)
        } else {
            finding.maybe(whole, right)
        });
        alone.len() + 1
    }

    fn first_of<'c>(&self, test: &'c TestKind) -> Option<Listed<'c>> {
        Some(match test {
            TestKind::Compare { attribute, op, value }
                if matches!(op.value, Op::Eq | Op::Ne) =>
            {
                Listed::Equal(attribute, op.value, value)
            }
            TestKind::Text { attribute, test, words } => {
                let test = match test {
                    TextTest::StartsWith => "starts with",
                    TextTest::EndsWith => "ends with",
                    TextTest::Contains => "contains",
                };
                let left = self.snippet(attribute.span);
                Listed::Repeated(format!("{left} {test}"), words.span)
            }
            TestKind::InGroup(names, None) => {
                Listed::Named("in group", Kind::Group, names)
            }
            TestKind::HasRole(names, None) => {
                Listed::Named("has role", Kind::Role, names)
            }
            TestKind::HasPermission(names, None) => {
                Listed::Named("has permission", Kind::Permission, names)
            }
            TestKind::HasAccount(names) => {
                Listed::Named("has account in app", Kind::App, names)
            }
            _ => return None,
        })
    }

    /// A word alone that is a value and no definition, nor nearly one.
    fn value_alone<'c>(
        &self,
        part: &'c Condition,
        kind: Option<Kind>,
    ) -> Option<&'c Path> {
        let ConditionKind::Test(test) = &part.kind else { return None };
        let TestKind::Name(path) = test.as_ref() else { return None };
        let word = path.parts.join(".");
        let in_quotes = self.snippet(path.span).starts_with('"');
        let is_value = match kind {
            _ if self.is_defined(&word) => false,
            _ if in_quotes => true,
            Some(kind) if self.is_known(&word, kind) => true,
            _ => {
                let near = nearest(&word, self.defined().chain(["inactive"]));
                near.is_empty() && !self.has_attribute(path)
            }
        };
        is_value.then_some(path)
    }

    /// All of the values in one condition, and whether nothing else can have been meant.
    fn all_listed(
        &self,
        listed: &Listed<'_>,
        alone: &[&Path],
        or: bool,
        negated: bool,
    ) -> (String, bool) {
        let more = |text: bool| {
            alone.iter().map(move |path| {
                let written = self.snippet(path.span);
                if text { quoted_text(written) } else { written.to_owned() }
            })
        };
        let joint = if or { " or " } else { " and " };
        match listed {
            Listed::Equal(attribute, op, value) => {
                let left = self.snippet(attribute.span);
                let text = matches!(value.value, Value::Text(_));
                let all: Vec<String> =
                    std::iter::once(self.snippet(value.span).to_owned())
                        .chain(more(text))
                        .collect();
                let (word, sure) = match (op, negated) {
                    (Op::Ne, false) => ("not in", !or),
                    (Op::Ne, true) => ("in", false),
                    (_, negated) => {
                        (if negated { "not in" } else { "in" }, or && !negated)
                    }
                };
                (format!("{left} {word} ({})", all.join(", ")), sure)
            }
            Listed::Repeated(test, first) => {
                let all =
                    std::iter::once(self.snippet(*first).to_owned()).chain(more(true));
                let all: Vec<String> =
                    all.map(|words| format!("{test} {words}")).collect();
                let all = all.join(joint);
                if negated { (format!("not ({all})"), false) } else { (all, true) }
            }
            Listed::Named(test, kind, names) => {
                let named = names.iter().map(|name| {
                    let end = name.from.as_ref().map_or(name.name.span, |from| from.span);
                    self.snippet(name.name.span.to(end)).to_owned()
                });
                let known =
                    alone.iter().all(|path| self.is_known(&path.parts.join("."), *kind));
                if or || negated {
                    let all: Vec<String> = named.chain(more(false)).collect();
                    let not = if negated { "not " } else { "" };
                    (format!("{not}{test} ({})", all.join(", ")), known && !negated)
                } else {
                    let all = named.chain(more(false));
                    let all: Vec<String> =
                        all.map(|name| format!("{test} {name}")).collect();
                    (all.join(joint), known)
                }
            }
        }
    }

    /// `not active`, and `active > 90d` with or without a `not`: true where it was one of
    /// them and that was said.
    pub(super) fn not_active(&mut self, condition: &Condition) -> bool {
        let (inner, negated) = match &condition.kind {
            ConditionKind::Not(inner) => (inner.as_ref(), true),
            _ => (condition, false),
        };
        let ConditionKind::Test(test) = &inner.kind else { return false };
        let (path, compared) = match test.as_ref() {
            TestKind::Name(path) => (path, None),
            TestKind::Compare { attribute, op, value }
                if matches!(value.value, Value::Duration(_)) =>
            {
                (attribute, Some((op.value, value.span)))
            }
            _ => return false,
        };
        let [word] = path.parts.as_slice() else { return false };
        if fold(word) != "active" || self.is_defined(word) || self.has_attribute(path) {
            return false;
        }
        let rest = compared.map_or(String::new(), |(op, value)| {
            format!(" {} {}", op.symbol(), self.snippet(value))
        });
        let message = "`active` is no condition";
        let finding = Diagnostic::error(Code::UnknownWord, path.span, message)
            .label("the contrary is called `inactive`");
        let span = condition.span;
        self.report(match (negated, compared) {
            (true, Some(_)) => {
                let right = format!("inactive{rest}");
                finding.help(format!("write `{right}`")).fix(span, right)
            }
            (true, None) => finding
                .help("write `inactive`, or `user.status != active`")
                .maybe(span, "inactive")
                .maybe(span, "user.status != active"),
            (false, None) => {
                let right = "not inactive";
                finding
                    .help(format!("write `{right}`, or `user.status = active`"))
                    .maybe(span, right)
                    .maybe(span, "user.status = active")
            }
            // How long one was active is not on record.
            (false, Some((op, value))) => {
                let length = self.snippet(value);
                let op = if matches!(op, Op::Lt | Op::Le) { "<" } else { ">" };
                let right = format!("inactive {op} {length}");
                finding
                    .help(format!("write `{right}`: how long one has been silent"))
                    .maybe(span, right)
            }
        });
        true
    }

    /// A comparison that was meant as another test; true where that was said.
    pub(super) fn meant_otherwise(
        &mut self,
        path: &Path,
        op: Op,
        value: &Spanned<Value>,
        about: About<'_>,
    ) -> bool {
        let equal = match op {
            Op::Eq => true,
            Op::Ne => false,
            _ => return false,
        };
        self.a_name(path, equal, value, about) || self.with_nothing(path, equal, value)
    }

    /// `department = null`.
    fn with_nothing(&mut self, path: &Path, equal: bool, value: &Spanned<Value>) -> bool {
        let Value::Words(word) = &value.value else { return false };
        let word = fold(word);
        let sure = match word.as_str() {
            "null" | "nil" | "undefined" => true,
            "none" | "nothing" | "nobody" | "empty" | "blank" | "unset" | "missing" => {
                false
            }
            _ => return false,
        };
        if self.lifecycle_states().iter().any(|state| fold(state) == word) {
            return false;
        }
        let left = self.snippet(path.span);
        let right = format!("{left} is {}", if equal { "unknown" } else { "known" });
        let whole = path.span.to(value.span);
        let message = format!("`{word}` is no value");
        let finding = Diagnostic::error(Code::UnknownValue, value.span, message)
            .label("nothing is compared with nothing")
            .help(format!("write `{right}`"));
        self.report(if sure {
            finding.fix(whole, right)
        } else {
            let text = format!("\"{word}\"");
            finding
                .help(format!("write `{right}`, or `{text}` if it is a text"))
                .maybe(whole, right)
                .maybe(value.span, text)
        });
        true
    }

    /// `group = Execs`, `role = Auditor`.
    fn a_name(
        &mut self,
        path: &Path,
        equal: bool,
        value: &Spanned<Value>,
        about: About<'_>,
    ) -> bool {
        let (Value::Words(name) | Value::Text(name)) = &value.value else { return false };
        let name = name.clone();
        let bare = match path.parts.as_slice() {
            [bare] => bare,
            [level, bare] if fold(level) == "user" || fold(level) == "account" => bare,
            _ => return false,
        };
        let (test, kind) = match fold(bare).as_str() {
            "group" | "groups" | "member" => ("in group", Kind::Group),
            "role" | "roles" => ("has role", Kind::Role),
            "permission" | "permissions" => ("has permission", Kind::Permission),
            "app" | "application" => ("has account in app", Kind::App),
            _ => return false,
        };
        let grant = kind == Kind::Permission && about.kind == SubjectKind::Grant;
        if grant || (kind != Kind::Permission && self.has_attribute(path)) {
            return false;
        }
        let written = self.snippet(path.span);
        let right = if name == fold(&name) || name.contains(' ') {
            quoted(&name)
        } else {
            self.snippet(value.span).to_owned()
        };
        let finding = if kind == Kind::Permission && self.has_attribute(path) {
            let message = format!("`{written}` is an attribute of grants");
            Diagnostic::error(Code::UnsupportedAttribute, path.span, message)
                .label(format!("the policy looks at {}", plural(about.kind)))
        } else {
            let message = format!("`{written}` is no attribute");
            Diagnostic::error(Code::UnknownAttribute, path.span, message)
                .label(format!("{} is asked for in other words", kind.with_article()))
        };
        if kind == Kind::App && about.kind != SubjectKind::User {
            let what = plural(about.kind);
            self.report(finding.help(format!(
                "write `for {what} in app {right}` as a clause of the policy"
            )));
            return true;
        }
        let right = format!("{}{test} {right}", if equal { "" } else { "not " });
        let whole = path.span.to(value.span);
        let finding = finding.help(format!("write `{right}`"));
        self.report(if self.is_known(&name, kind) {
            finding.fix(whole, right)
        } else {
            finding.maybe(whole, right)
        });
        true
    }

    /// `last_login > 90d`: an instant beside a length of time.
    pub(super) fn instant_beside_length(
        &mut self,
        path: &Path,
        op: Op,
        value: &Spanned<Value>,
    ) {
        let (left, length) = (self.snippet(path.span), self.snippet(value.span));
        let message = format!("`{left}` is an instant, `{length}` is a length of time");
        let whole = path.span.to(value.span);
        let op = op.symbol();
        let (since, until) = (
            format!("since {left} {op} {length}"),
            format!("until {left} {op} {length}"),
        );
        self.report(
            Diagnostic::error(Code::TypeMismatch, value.span, message)
                .label("a length of time")
                .help(format!("write `{since}` or `{until}`"))
                .maybe(whole, since)
                .maybe(whole, until),
        );
    }
}

/// A word as a text.
fn quoted_text(written: &str) -> String {
    if written.starts_with('"') { written.to_owned() } else { format!("\"{written}\"") }
}
