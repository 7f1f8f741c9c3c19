//! The right side of a comparison, of the type that the left side asks for.

use crate::check::attribute::Found;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{AppId, Attribute, Op, Pattern, SubjectKind, Value, ValueKind};
use crate::syntax::ast;
use crate::text::{Span, Spanned, fold, nearest};
use crate::time::Timestamp;

const STATUSES: [&str; 5] = ["staged", "active", "suspended", "disabled", "deleted"];
const IDENTITY_STATES: [&str; 3] =
    ["active", "inactive short-term", "inactive long-term"];

impl Cx<'_> {
    /// The right side of a comparison with an attribute.
    pub(super) fn value(
        &mut self,
        found: &mut Found,
        value: &Spanned<ast::Value>,
    ) -> Option<Value> {
        if found.assumed {
            found.attribute.kind = kind_of(&value.value);
        }
        let attribute = &found.attribute;
        match (attribute.kind, &value.value) {
            (ValueKind::Text, ast::Value::Text(text) | ast::Value::Email(text)) => {
                Some(Value::Text(text.clone()))
            }
            (ValueKind::User, ast::Value::Email(text)) => Some(Value::Text(text.clone())),
            (ValueKind::User, ast::Value::Text(text)) if text.contains('@') => {
                Some(Value::Text(text.clone()))
            }
            (ValueKind::Instant, ast::Value::Instant(at)) => Some(Value::Instant(*at)),
            (ValueKind::Number, ast::Value::Number(number)) => {
                Some(Value::Number(*number))
            }
            (ValueKind::Bool, ast::Value::Words(word)) if fold(word) == "true" => {
                Some(Value::Bool(true))
            }
            (ValueKind::Bool, ast::Value::Words(word)) if fold(word) == "false" => {
                Some(Value::Bool(false))
            }
            (
                ValueKind::Status | ValueKind::Lifecycle | ValueKind::IdentityState,
                ast::Value::Text(name) | ast::Value::Words(name),
            ) => self.enumerated(&attribute.clone(), name, value.span),
            (ValueKind::Permission, ast::Value::Text(name) | ast::Value::Words(name)) => {
                let words = matches!(value.value, ast::Value::Words(_));
                self.permission_value(name, words, value.span, &found.apps)
            }
            (ValueKind::Text, ast::Value::Words(words)) => {
                self.unquoted_text(words, value.span);
                None
            }
            _ => {
                let kind = attribute.kind;
                self.mismatch(&found.written.clone(), kind, value);
                None
            }
        }
    }

    /// Whether an operator fits the type of its sides.
    pub(super) fn operator(
        &mut self,
        attribute: &Attribute,
        op: Spanned<Op>,
    ) -> Option<Op> {
        let ordered = matches!(attribute.kind, ValueKind::Instant | ValueKind::Number);
        if ordered || matches!(op.value, Op::Eq | Op::Ne) {
            return Some(op.value);
        }
        let (name, kind) = (attribute.field.name(), describe(attribute.kind));
        let message = format!("`{name}` is {kind}, which has no order");
        self.report(
            Diagnostic::error(Code::TypeMismatch, op.span, message)
                .label("neither less nor more")
                .help("write `=` or `!=`"),
        );
        None
    }

    fn enumerated(
        &mut self,
        attribute: &Attribute,
        name: &str,
        span: Span,
    ) -> Option<Value> {
        let folded = fold(name);
        let states = self.lifecycle_states();
        let known: Vec<&str> = match attribute.kind {
            ValueKind::Status => STATUSES.to_vec(),
            ValueKind::IdentityState => IDENTITY_STATES.to_vec(),
            _ => states.iter().map(String::as_str).collect(),
        };
        if let Some(known) = known.iter().find(|known| fold(known) == folded) {
            return Some(Value::Text((*known).to_owned()));
        }
        if attribute.kind == ValueKind::Lifecycle && self.any_lifecycle_state() {
            return Some(Value::Text(name.to_owned()));
        }
        let what = attribute.field.name();
        let message = format!("`{name}` is no value of `{what}`");
        let list: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
        let mut finding = Diagnostic::error(Code::UnknownValue, span, message)
            .label("not one of its values");
        if attribute.kind == ValueKind::IdentityState && folded == "inactive" {
            let (short, long) = ("inactive short-term", "inactive long-term");
            let finding = finding
                .label("for how long")
                .help(format!("write `{short}` or `{long}`"));
            self.report(finding.maybe(span, short).maybe(span, long));
            return None;
        }
        finding = match nearest(name, known.iter().copied()).first() {
            Some(near) => finding.help(format!("write `{near}`")).maybe(span, *near),
            None if list.is_empty() => {
                finding.help("the store knows no lifecycle states")
            }
            None => finding.help(format!("its values are {}", list.join(", "))),
        };
        self.report(finding);
        None
    }

    /// A permission by identifier or label: the label, where that says which one it is.
    fn permission_value(
        &mut self,
        written: &str,
        bare: bool,
        span: Span,
        apps: &[AppId],
    ) -> Option<Value> {
        let spanned = |word: &str| Spanned::new(word.to_owned(), span);
        let mut words = written.split(' ');
        let (name, more) = match words.next() {
            Some(first) if bare => (spanned(first), words.map(spanned).collect()),
            _ => (spanned(written), Vec::new()),
        };
        let name = ast::NameRef { name, more, from: None };
        let found = self.permission(&name, About { kind: SubjectKind::Grant, apps })?;
        let label = if found.ids.len() == 1 { found.name } else { written.to_owned() };
        Some(Value::Text(label))
    }

    fn unquoted_text(&mut self, words: &str, span: Span) {
        let message = format!("`{words}` stands without quotes");
        self.report(
            Diagnostic::error(Code::UnquotedText, span, message)
                .label("text is due here, and text stands in quotes")
                .help(format!("write `\"{words}\"`"))
                .fix(span, format!("\"{words}\"")),
        );
    }

    fn mismatch(&mut self, name: &str, due: ValueKind, value: &Spanned<ast::Value>) {
        let kind = describe(due);
        let written = self.snippet(value.span);
        let other = describe_value(&value.value);
        let message = format!("`{name}` is {kind}, `{written}` is {other}");
        let span = value.span;
        let finding = Diagnostic::error(Code::TypeMismatch, span, message).label(other);
        let finding = match (due, &value.value) {
            (ValueKind::Instant, ast::Value::Duration(_)) => finding.help(format!(
                "write `since {name} > {written}` or `until {name} < {written}`"
            )),
            (ValueKind::Instant, ast::Value::Text(text))
                if Timestamp::parse(text).is_some() =>
            {
                finding.help(format!("write `{text}`")).maybe(span, text.trim())
            }
            (ValueKind::Instant, _) => {
                finding.help("write a date such as `2026-11-20`, or compare with `since`")
            }
            (ValueKind::Text, ast::Value::Duration(_)) => {
                finding.help(format!("compare it with a text, as in `{name} = \"…\"`"))
            }
            (ValueKind::Text, _) => {
                let text = format!("\"{written}\"");
                finding.help(format!("as text it is `{text}`")).maybe(span, text)
            }
            (ValueKind::User, _) => finding.help(format!(
                "write an e-mail address, as in `{name} = ana@acme.example`"
            )),
            (ValueKind::Permission, _) => finding
                .help(format!("write the name of one, as in `{name} = \"Sales Cloud\"`")),
            (ValueKind::Status | ValueKind::Lifecycle | ValueKind::IdentityState, _) => {
                finding.help(format!("write the name of one, as in `{name} = active`"))
            }
            (ValueKind::Bool | ValueKind::Number, _) => {
                finding.help(format!("compare it with {kind}"))
            }
        };
        self.report(finding);
    }

    /// A text that words are looked for in, and the words.
    pub(super) fn words(
        &mut self,
        found: &Found,
        words: &Spanned<ast::Value>,
        path: Span,
    ) -> Option<String> {
        let attribute = &found.attribute;
        if attribute.kind != ValueKind::Text && !found.assumed {
            let (name, kind) = (attribute.field.name(), describe(attribute.kind));
            let message = format!("`{name}` is {kind}, and text is due");
            self.report(
                Diagnostic::error(Code::TypeMismatch, path, message)
                    .label(kind)
                    .help("only text is looked through for words"),
            );
            return None;
        }
        match &words.value {
            ast::Value::Text(text) | ast::Value::Email(text) => Some(text.clone()),
            ast::Value::Words(text) => {
                self.unquoted_text(text, words.span);
                None
            }
            _ => {
                self.mismatch(&found.written, ValueKind::Text, words);
                None
            }
        }
    }

    /// A regular expression that runs in linear time and bounded memory.
    pub(super) fn pattern(&mut self, text: &str, span: Span) -> Option<Pattern> {
        let built = regex::RegexBuilder::new(text).size_limit(1 << 20).build();
        match built {
            Ok(regex) => Some(Pattern(regex)),
            Err(error) => {
                let why = match error {
                    regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
                    other => {
                        let text = other.to_string();
                        let last = text.lines().last().unwrap_or_default();
                        last.trim_start_matches("error: ").to_owned()
                    }
                };
                self.report(
                    Diagnostic::error(
                        Code::BadPattern,
                        span,
                        "this regular expression cannot be used",
                    )
                    .label(why)
                    .help(
                        "a backslash is written twice, or the pattern between `\"\"\"`",
                    ),
                );
                None
            }
        }
    }
}

/// The type that a right side suggests, where the left side may have any.
fn kind_of(value: &ast::Value) -> ValueKind {
    match value {
        ast::Value::Instant(_) => ValueKind::Instant,
        ast::Value::Number(_) => ValueKind::Number,
        ast::Value::Email(_) => ValueKind::User,
        ast::Value::Words(word) if matches!(fold(word).as_str(), "true" | "false") => {
            ValueKind::Bool
        }
        ast::Value::Text(_)
        | ast::Value::Words(_)
        | ast::Value::Percent(_)
        | ast::Value::Duration(_) => ValueKind::Text,
    }
}

/// A type, as people call it.
pub(super) fn describe(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Bool => "true or false",
        ValueKind::Number => "a number",
        ValueKind::Text => "text",
        ValueKind::Instant => "an instant",
        ValueKind::User => "a user",
        ValueKind::Status => "a status",
        ValueKind::Lifecycle => "a lifecycle state",
        ValueKind::IdentityState => "an identity state",
        ValueKind::Permission => "a permission",
    }
}

fn describe_value(value: &ast::Value) -> &'static str {
    match value {
        ast::Value::Text(_) => "text",
        ast::Value::Words(_) => "a name",
        ast::Value::Email(_) => "an e-mail address",
        ast::Value::Number(_) => "a number",
        ast::Value::Percent(_) => "a percentage",
        ast::Value::Duration(_) => "a length of time",
        ast::Value::Instant(_) => "an instant",
    }
}
