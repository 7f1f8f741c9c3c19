//! Comparisons that are no mistake, and that are true of nobody, of everybody, or of others
//! than those who read them would say.

use crate::check::Cx;
use crate::check::words::folded;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Attribute, Field, Op, TextTest, Value, ValueKind};
use crate::syntax::{ast, may_be_address};
use crate::text::{Span, Spanned};

/// Patterns that are found in every text.
const EVERYWHERE: [&str; 5] = ["", "^", "$", ".*", "^.*"];

impl Cx<'_> {
    /// Looks at a value that an attribute is compared with: by an operator, at whose left
    /// that place is, or in a list.
    pub(super) fn doubt_value(
        &mut self,
        attribute: &Attribute,
        left: Option<(Op, Span)>,
        value: &Value,
        span: Span,
    ) {
        let Value::Text(text) = value else { return };
        let kind = attribute.kind;
        if !matches!(kind, ValueKind::Text | ValueKind::User) {
            return;
        }
        if text.trim().is_empty() {
            self.empty_value(attribute, left, span);
        } else if text.trim() != text {
            self.blanks(text, span, (text.trim_start() != text, text.trim_end() != text));
        } else if (kind == ValueKind::User || attribute.field == Field::Email)
            && !may_be_address(text)
        {
            let name = attribute.field.name();
            let message = format!("`{text}` is no e-mail address");
            self.report(
                Diagnostic::warning(Code::UnknownAddress, span, message)
                    .label("equal to nobody's address")
                    .help(format!(
                        "write the address of a person, as in `{name} = ana@acme.example`"
                    )),
            );
        }
    }

    /// What holds nothing is unknown, and equal to no text.
    fn empty_value(
        &mut self,
        attribute: &Attribute,
        left: Option<(Op, Span)>,
        span: Span,
    ) {
        let name = attribute.field.name();
        let (code, words) = match left {
            Some((Op::Ne, _)) => (Code::AlwaysTrue, "known"),
            _ => (Code::NeverTrue, "unknown"),
        };
        let message = if code == Code::AlwaysTrue {
            format!("this is true of everyone whose `{name}` is on record")
        } else {
            format!("this is never true: no `{name}` that is on record is empty")
        };
        let finding =
            Diagnostic::warning(code, span, message).label("what is empty is unknown");
        self.report(match left {
            Some((_, path)) => {
                let instead = format!("{} is {words}", folded(self.snippet(path)));
                finding
                    .help(format!("write `{instead}`"))
                    .maybe(path.to(span), instead)
            }
            None => {
                finding.help(format!("take it out, or ask for `{name} is {words}` too"))
            }
        });
    }

    /// Blanks at the beginning or at the end of a text, where the data has none.
    fn blanks(&mut self, text: &str, span: Span, (first, last): (bool, bool)) {
        let places = match (first, last) {
            (true, true) => "begins and ends",
            (true, false) => "begins",
            _ => "ends",
        };
        let message = format!("`\"{text}\"` {places} with a blank");
        let right = match (first, last) {
            (true, true) => text.trim(),
            (true, false) => text.trim_start(),
            _ => text.trim_end(),
        };
        let finding = Diagnostic::warning(Code::EdgeBlanks, span, message)
            .label("equal to nothing: the data has no blanks at its edges")
            .help(format!("write `\"{right}\"`"));
        // What was written with escapes is not written anew.
        let plain = self.snippet(span) == format!("\"{text}\"");
        self.report(if plain {
            finding.maybe(span, format!("\"{right}\""))
        } else {
            finding
        });
    }

    /// Looks at words that a text is searched for.
    pub(super) fn doubt_part(&mut self, test: TextTest, words: &str, span: Span) {
        if words.is_empty() {
            self.found_everywhere("", span);
            return;
        }
        let first = test == TextTest::StartsWith && words.trim_start() != words;
        let last = test == TextTest::EndsWith && words.trim_end() != words;
        if first || last {
            self.blanks(words, span, (first, last));
        }
    }

    /// Looks at a regular expression.
    pub(super) fn doubt_pattern(&mut self, source: &str, span: Span) {
        if EVERYWHERE.contains(&source) {
            self.found_everywhere(source, span);
        }
    }

    fn found_everywhere(&mut self, words: &str, span: Span) {
        let message = format!("`\"{words}\"` is found in every text");
        self.report(
            Diagnostic::warning(Code::AlwaysTrue, span, message)
                .label("says nothing about the text")
                .help("write what is looked for, or `is known` for any text at all"),
        );
    }

    /// Refuses the names of items that nobody could tell anything by.
    pub(super) fn blank_names(&mut self, files: &[ast::File]) {
        for item in files.iter().flat_map(|file| &file.items) {
            let (what, name) = match &item.kind {
                ast::ItemKind::Policy(policy) => ("policy", policy.name.as_ref()),
                ast::ItemKind::Define(define) => ("definition", Some(&define.name)),
                ast::ItemKind::Webhook(webhook) => ("webhook", Some(&webhook.name)),
                ast::ItemKind::Template(template) => ("template", Some(&template.name)),
                ast::ItemKind::Flow(flow) => ("flow", Some(&flow.name)),
                ast::ItemKind::Group(group) => ("group", Some(&group.name)),
                ast::ItemKind::Test(test) => ("test", test.title.as_ref()),
                ast::ItemKind::App(_)
                | ast::ItemKind::Attribute(_)
                | ast::ItemKind::Lifecycle(_)
                | ast::ItemKind::Never(_) => continue,
            };
            let blank = |name: &&Spanned<String>| name.value.trim().is_empty();
            // Where no name stands at all, that has been said.
            let Some(name) =
                name.filter(blank).filter(|it| !self.snippet(it.span).is_empty())
            else {
                continue;
            };
            let message = format!("a {what} needs a name");
            self.report(
                Diagnostic::error(Code::BlankText, name.span, message)
                    .label("says nothing")
                    .help("write a name that plans, trails and messages can use"),
            );
        }
    }

    /// Looks at the operator before a length of time.
    pub(super) fn doubt_length(&mut self, test: &ast::TestKind, span: Span) {
        let op = match test {
            ast::TestKind::Inactive(Some((op, _)))
            | ast::TestKind::Elapsed { op, .. }
            | ast::TestKind::InGroup(_, Some(ast::Held { op, .. }))
            | ast::TestKind::HasRole(_, Some(ast::Held { op, .. }))
            | ast::TestKind::HasPermission(_, Some(ast::Held { op, .. })) => *op,
            _ => return,
        };
        let (of, label, others) = match op {
            Op::Eq => ("true for one second only", "exactly so long", [">=", "<="]),
            Op::Ne => ("false for one second only", "anything but so long", [">", "<"]),
            Op::Lt | Op::Le | Op::Gt | Op::Ge => return,
        };
        let written = self.snippet(span);
        let message = format!("`{}` is {of}", folded(written));
        let [more, less] = others;
        let mut finding =
            Diagnostic::warning(Code::ExactLength, span, message).label(label);
        finding = if op == Op::Eq && matches!(test, ast::TestKind::Elapsed { .. }) {
            finding.help(format!(
                "write `{more}` or `{less}`, or `reaches` for the moment itself"
            ))
        } else {
            finding.help(format!("write `{more}` or `{less}`"))
        };
        if let Some((before, behind)) = written.rsplit_once(op.symbol())
            && behind
                .trim()
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '-')
        {
            let start = span.start as usize + before.len();
            let place = Span::new(span.file, start, start + op.symbol().len());
            finding = finding.maybe(place, more);
        }
        self.report(finding);
    }

    /// Refuses a `not` right before a membership with `for`: read aloud, somebody has been
    /// outside for so long, and that is on no record.
    pub(super) fn not_for_long(
        &mut self,
        inner: &ast::Condition,
        span: Span,
    ) -> Option<()> {
        let ast::ConditionKind::Test(test) = &inner.kind else { return Some(()) };
        let (ast::TestKind::InGroup(_, Some(_))
        | ast::TestKind::HasRole(_, Some(_))
        | ast::TestKind::HasPermission(_, Some(_))) = test.as_ref()
        else {
            return Some(());
        };
        if self.snippet(inner.span).starts_with('(') {
            return Some(());
        }
        let written = folded(self.snippet(inner.span));
        let message = format!("`not {written}` can be read in two ways");
        self.report(
            Diagnostic::error(Code::AmbiguousNot, span, message)
                .label("is the membership denied, or its length?")
                .help(format!(
                    "write `not ({written})` for all who have not had it so long; how long \
                     somebody has been without it is not on record"
                ))
                .maybe(inner.span, format!("({})", self.snippet(inner.span))),
        );
        None
    }
}
