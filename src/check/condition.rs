//! Conditions.

use crate::check::attribute::plural;
use crate::check::value::describe;
use crate::check::words::folded;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    Attribute, Condition, ConditionKind, Direction, Field, Held, Level, Op, SubjectKind,
    TestKind, ValueKind,
};
use crate::syntax::ast;
use crate::text::{Span, Spanned, nearest};
use crate::time::Duration;

impl Cx<'_> {
    /// A condition with every name known and every side typed; `None` when something in it
    /// is not, which has been said.
    pub(super) fn condition(
        &mut self,
        condition: &ast::Condition,
        about: About<'_>,
    ) -> Option<Condition> {
        let checked = self.nested(condition, about)?;
        self.no_edges(&checked, false).map(|()| checked)
    }

    /// The condition of a `when`: its conjuncts may be edges.
    pub(super) fn whole_condition(
        &mut self,
        condition: &ast::Condition,
        about: About<'_>,
    ) -> Option<Condition> {
        let checked = self.nested(condition, about)?;
        self.no_edges(&checked, true).map(|()| checked)
    }

    /// Refuses `reaches` where it would hold for a moment that means nothing.
    fn no_edges(&mut self, condition: &Condition, whole: bool) -> Option<()> {
        let mut found = Vec::new();
        edges(condition, whole, &mut found);
        for span in &found {
            let (label, help) = if whole {
                (
                    "inside an `or` or a `not`",
                    "join it to the whole condition with `and`, or give it a `when … then …` of \
                     its own",
                )
            } else {
                (
                    "true once, and not a moment later",
                    "`reaches` stands in a `when` only; compare here, as in `until … <= 7d`",
                )
            };
            let message = "`reaches` is a part of a whole `when` only";
            self.report(
                Diagnostic::error(Code::MisplacedEdge, *span, message)
                    .label(label)
                    .help(help),
            );
        }
        found.is_empty().then_some(())
    }

    /// Reads what spares people, or may.
    pub(super) fn sparing<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.spares, true);
        let found = read(self);
        self.spares = before;
        found
    }

    pub(super) fn nested(
        &mut self,
        condition: &ast::Condition,
        about: About<'_>,
    ) -> Option<Condition> {
        let entered = self.enter(condition.span);
        let checked = if entered { self.node(condition, about) } else { None };
        self.leave();
        checked
    }

    fn node(
        &mut self,
        condition: &ast::Condition,
        about: About<'_>,
    ) -> Option<Condition> {
        let span = condition.span;
        if self.not_active(condition) {
            return None;
        }
        if let ast::ConditionKind::Test(test) = &condition.kind
            && let ast::TestKind::Name(path) = test.as_ref()
        {
            return self.named(path, about);
        }
        let kind = match &condition.kind {
            ast::ConditionKind::And(parts) => ConditionKind::And(self.all(parts, about)?),
            ast::ConditionKind::Or(parts) => ConditionKind::Or(self.all(parts, about)?),
            ast::ConditionKind::Not(inner) => {
                self.not_for_long(inner, span)?;
                let mut checked = self.sparing(|cx| cx.nested(inner, about))?;
                if inner.span == span
                    && let ConditionKind::Test(test) = &mut checked.kind
                {
                    test.text = without_not(&test.text, inner, |span| self.snippet(span));
                }
                ConditionKind::Not(Box::new(checked))
            }
            ast::ConditionKind::Test(test) => return self.test(test, span, about),
            ast::ConditionKind::Damaged => return None,
        };
        Some(Condition { kind, span })
    }

    fn all(
        &mut self,
        parts: &[ast::Condition],
        about: About<'_>,
    ) -> Option<Vec<Condition>> {
        // All are checked even when the first is wrong: each mistake counts.
        let mut checked = Vec::new();
        let mut rest = parts;
        while let Some((first, others)) = rest.split_first() {
            let mut joined = self.one_name_of(rest);
            if joined == 0 {
                joined = self.values_alone(rest, about);
            }
            if joined > 0 {
                checked.push(None);
                rest = rest.get(joined..).unwrap_or_default();
            } else {
                checked.push(self.nested(first, about));
                rest = others;
            }
        }
        checked.into_iter().collect()
    }

    fn test(
        &mut self,
        test: &ast::TestKind,
        span: Span,
        about: About<'_>,
    ) -> Option<Condition> {
        if !self.count_question(span) {
            return None;
        }
        self.doubt_length(test, span);
        let kind = match test {
            ast::TestKind::Inactive(compared) => {
                let (op, length) = match compared {
                    Some((op, length)) => (*op, length.value),
                    None => (Op::Ge, Duration::days(90)),
                };
                let instant = last_seen(about.kind);
                TestKind::Elapsed { instant, direction: Direction::Since, op, length }
            }
            ast::TestKind::NeverActive => TestKind::NeverActive,
            ast::TestKind::InGroup(names, held) => TestKind::InGroup {
                groups: self.groups(names)?,
                held: held.map(held_for),
            },
            ast::TestKind::HasPermission(names, held) => TestKind::HasPermission {
                permissions: self.permissions(names, about)?,
                held: held.map(held_for),
            },
            ast::TestKind::HasRole(names, held) => TestKind::HasRole {
                roles: self.roles(names)?,
                held: held.map(held_for),
            },
            ast::TestKind::HasSession => TestKind::HasSession,
            ast::TestKind::HasAccount(names) => {
                if about.kind != SubjectKind::User {
                    let message = "`has account` is a question about users";
                    self.report(
                        Diagnostic::error(Code::UnsupportedTest, span, message)
                            .label(format!("the policy looks at {}", plural(about.kind)))
                            .help("write `for users`, or `for accounts in app …`"),
                    );
                    return None;
                }
                TestKind::HasAccount { apps: self.apps(names)? }
            }
            ast::TestKind::Elapsed { direction, attribute, op, length } => {
                let instant = self.instant(attribute, *direction, about)?;
                let (direction, op, length) = (*direction, *op, *length);
                TestKind::Elapsed { instant, direction, op, length }
            }
            ast::TestKind::Reaches { direction, attribute, distances } => {
                let instant = self.instant(attribute, *direction, about)?;
                let distances = distances.iter().map(|distance| distance.value).collect();
                TestKind::Reaches { instant, direction: *direction, distances }
            }
            ast::TestKind::Known { attribute, known } => TestKind::Known {
                attribute: self.attribute(attribute, about)?.attribute,
                known: *known,
            },
            ast::TestKind::Compare { attribute, op, value } => {
                self.compare(attribute, *op, value, about)?
            }
            ast::TestKind::Text { attribute, test, words } => {
                let found = self.attribute(attribute, about)?;
                let written = words;
                let words = self.words(&found, words, attribute.span)?;
                self.doubt_part(*test, &words, written.span);
                TestKind::Text { attribute: found.attribute, test: *test, words }
            }
            ast::TestKind::Matches { attribute, pattern } => {
                let found = self.attribute(attribute, about)?;
                let source = self.words(&found, pattern, attribute.span)?;
                self.doubt_pattern(&source, pattern.span);
                let pattern = self.pattern(&source, pattern.span)?;
                TestKind::Matches { attribute: found.attribute, pattern }
            }
            ast::TestKind::OneOf { attribute, values } => {
                self.one_of(attribute, values, about)?
            }
            ast::TestKind::Name(path) => return self.named(path, about),
        };
        let words = folded(self.snippet(span));
        Some(Condition::test(kind, Spanned::new(words, span)))
    }

    /// The instant that time is counted from, or until.
    fn instant(
        &mut self,
        path: &ast::Path,
        direction: Direction,
        about: About<'_>,
    ) -> Option<Attribute> {
        let mut found = self.attribute(path, about)?;
        if found.assumed {
            found.attribute.kind = ValueKind::Instant;
        }
        let instant = found.attribute;
        if instant.kind != ValueKind::Instant {
            let (name, kind) = (instant.field.name(), describe(instant.kind));
            let message = format!("`{name}` is {kind}, and an instant is due");
            let word = match direction {
                Direction::Since => "since",
                Direction::Until => "until",
            };
            let mut finding = Diagnostic::error(Code::TypeMismatch, path.span, message)
                .label(kind)
                .help(format!("`{word}` counts from an instant, such as `last_login`"));
            if matches!(instant.field, Field::Custom { .. }) {
                finding = finding.help(format!(
                    "declare it with `attribute {} date`: what the data brings is text \
                     unless declared",
                    crate::check::quoted(name)
                ));
            }
            self.report(finding);
            return None;
        }
        Some(instant)
    }

    fn compare(
        &mut self,
        path: &ast::Path,
        op: Spanned<Op>,
        value: &Spanned<ast::Value>,
        about: About<'_>,
    ) -> Option<TestKind> {
        if self.meant_otherwise(path, op.value, value, about) {
            return None;
        }
        let mut found = self.attribute(path, about)?;
        if found.attribute.kind == ValueKind::Instant
            && matches!(value.value, ast::Value::Duration(_))
        {
            self.instant_beside_length(path, op.value, value);
            return None;
        }
        let written = value.span;
        let value = self.value(&mut found, value)?;
        let op = self.operator(&found.attribute, op)?;
        self.doubt_value(&found.attribute, Some((op, path.span)), &value, written);
        Some(TestKind::Compare { attribute: found.attribute, op, value })
    }

    fn one_of(
        &mut self,
        path: &ast::Path,
        values: &[Spanned<ast::Value>],
        about: About<'_>,
    ) -> Option<TestKind> {
        let mut found = self.attribute(path, about)?;
        let checked: Vec<_> =
            values.iter().map(|value| self.value(&mut found, value)).collect();
        let checked = checked.into_iter().collect::<Option<Vec<_>>>()?;
        for (written, value) in values.iter().zip(&checked) {
            self.doubt_value(&found.attribute, None, value, written.span);
        }
        Some(TestKind::OneOf { attribute: found.attribute, values: checked })
    }

    /// A word alone: the name of a definition.
    fn named(&mut self, path: &ast::Path, about: About<'_>) -> Option<Condition> {
        let span = path.span;
        let word = path.parts.join(".");
        if self.is_defined(&word) {
            // Whoever is spared by its name is spared by what it says.
            return self.sparing(|cx| cx.expand(&word, span, about));
        }
        self.no_condition(path, &word);
        None
    }

    fn no_condition(&mut self, path: &ast::Path, word: &str) {
        let span = path.span;
        let known = !self.catalog.assume && self.has_attribute(path);
        let message = format!("`{word}` is no condition");
        let mut finding = Diagnostic::error(Code::UnknownWord, span, message)
            .label("not the name of a `define`");
        if known {
            finding = finding
                .label("an attribute, compared with nothing")
                .help(format!("write `{word} = …`, or `{word} is known`"));
        } else {
            let names = self.defined().chain(["inactive"]);
            let near = nearest(word, names).into_iter().next().map(str::to_owned);
            if let Some(near) = near {
                finding = finding.help(format!("write `{near}`")).maybe(span, near);
            } else if let Some(apart) = crate::syntax::unglue(word) {
                finding = finding.help(format!("write `{apart}`")).maybe(span, apart);
            } else {
                finding = finding
                    .help(format!("declare it with `define {word} as …`, or compare it"));
            }
        }
        self.report(finding);
    }
}

/// The edges of a condition that are not among its conjuncts; of one that is not whole,
/// all.
fn edges(condition: &Condition, whole: bool, found: &mut Vec<Span>) {
    match &condition.kind {
        ConditionKind::And(parts) => {
            for part in parts {
                edges(part, whole, found);
            }
        }
        ConditionKind::Or(parts) => {
            for part in parts {
                edges(part, false, found);
            }
        }
        ConditionKind::Not(inner) => edges(inner, false, found),
        ConditionKind::Test(test) => {
            if !whole && matches!(test.kind, TestKind::Reaches { .. }) {
                found.push(condition.span);
            }
        }
    }
}

/// The sign of life that `inactive` looks at.
fn last_seen(kind: SubjectKind) -> Attribute {
    let level = match kind {
        SubjectKind::Account | SubjectKind::Grant => Level::Account,
        SubjectKind::User => Level::User,
    };
    Attribute {
        level,
        field: Field::LastSeen,
        kind: ValueKind::Instant,
    }
}

fn held_for(held: ast::Held) -> Held {
    Held { op: held.op, length: held.length }
}

/// The words of a test without the `not` in its middle, as in `email not contains "x"`.
fn without_not<'s>(
    words: &str,
    condition: &ast::Condition,
    snippet: impl Fn(Span) -> &'s str,
) -> String {
    let ast::ConditionKind::Test(test) = &condition.kind else { return words.to_owned() };
    let path = match test.as_ref() {
        ast::TestKind::Text { attribute, .. }
        | ast::TestKind::Matches { attribute, .. }
        | ast::TestKind::OneOf { attribute, .. } => folded(snippet(attribute.span)),
        _ => return words.to_owned(),
    };
    let rest = words.strip_prefix(path.as_str()).map(str::trim_start);
    match rest.and_then(|rest| rest.strip_prefix("not ")) {
        Some(rest) => format!("{path} {rest}"),
        None => words.to_owned(),
    }
}
