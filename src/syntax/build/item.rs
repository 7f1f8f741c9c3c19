//! Items.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::SecretRef;
use crate::syntax::ast::{Define, Item, ItemKind, Policy, Template, Webhook};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned};
use crate::time::Duration;
use pest::iterators::{Pair, Pairs};

/// What a piece of text turned out to be.
#[derive(Debug)]
pub(in crate::syntax) enum Built {
    /// An item that is kept.
    Item(Box<Item>),
    /// `edition N`.
    Edition(Spanned<u32>),
    /// Nothing to keep; the findings have been made.
    Nothing,
}

/// The item of an `item` pair.
pub(in crate::syntax) fn item(cx: &mut Cx<'_>, pair: Pair<'_, Rule>) -> Built {
    let Some(inner) = pair.into_inner().next() else { return Built::Nothing };
    let before = cx.made;
    let span = cx.span(&inner);
    let kind = match inner.as_rule() {
        Rule::policy => Some(ItemKind::Policy(cx.policy(inner))),
        Rule::bare_policy => Some(ItemKind::Policy(Policy {
            name: None,
            title: None,
            head: Span::new(cx.file, cx.base, cx.base + "when".len()),
            clauses: cx.clauses(inner.into_inner()),
        })),
        Rule::define => cx.define(inner).map(ItemKind::Define),
        Rule::webhook => cx.webhook(inner).map(ItemKind::Webhook),
        Rule::template => cx.template(inner).map(ItemKind::Template),
        Rule::app => cx.app(inner).map(ItemKind::App),
        Rule::attribute_item => cx.attribute_item(inner).map(ItemKind::Attribute),
        Rule::lifecycle => Some(ItemKind::Lifecycle(cx.lifecycle(inner))),
        Rule::group_item => cx.group_item(inner).map(ItemKind::Group),
        Rule::never => cx.never(inner).map(ItemKind::Never),
        Rule::test_item => Some(ItemKind::Test(cx.test_item(inner))),
        Rule::flow => cx.flow(inner).map(ItemKind::Flow),
        Rule::edition => {
            let number = inner.into_inner().find(|inner| inner.as_rule() == Rule::amount);
            let Some(number) = number else { return Built::Nothing };
            let span = cx.span(&number);
            return match number.as_str().parse() {
                Ok(edition) => Built::Edition(Spanned::new(edition, span)),
                Err(_) => Built::Edition(Spanned::new(0, span)),
            };
        }
        _ => {
            cx.bad_item(span);
            None
        }
    };
    let damaged = cx.made > before;
    match kind {
        Some(kind) => Built::Item(Box::new(Item { kind, span, damaged })),
        None => Built::Nothing,
    }
}

impl Cx<'_> {
    fn policy(&mut self, pair: Pair<'_, Rule>) -> Policy {
        let whole = self.span(&pair);
        let mut inner = pair.into_inner().peekable();
        let keyword = inner.next().map_or(whole, |keyword| self.span(&keyword));
        let is_text = |pair: &Pair<'_, Rule>| {
            matches!(
                pair.as_rule(),
                Rule::text_line | Rule::text_block | Rule::foreign_text
            )
        };
        let named =
            |pair: &Pair<'_, Rule>| pair.as_rule() == Rule::bare_name || is_text(pair);
        let odd = inner.next_if(|pair| pair.as_rule() == Rule::odd_name);
        let name = match odd {
            Some(odd) => Some(self.odd_name(&odd)),
            None => inner.next_if(named).map(|name| self.name(&name)),
        };
        let title = inner.next_if(is_text).map(|title| self.text(&title));
        if name.is_none() {
            self.nameless(keyword, "policy");
        }
        let rest: Vec<Pair<'_, Rule>> = inner.collect();
        let clauses = self.clauses(rest.into_iter());
        Policy {
            head: name.as_ref().map_or(keyword, |name| name.span),
            name,
            title,
            clauses,
        }
    }

    /// `1st-policy`.
    fn odd_name(&mut self, pair: &Pair<'_, Rule>) -> Spanned<String> {
        let span = self.span(pair);
        let written = pair.as_str();
        let message = format!("the name `{written}` begins with a digit");
        self.report(
            Diagnostic::error(Code::UnquotedName, span, message)
                .label("a name without quotes begins with a letter")
                .help(format!("write `\"{written}\"`"))
                .fix(span, format!("\"{written}\"")),
        );
        Spanned::new(written.to_owned(), span)
    }

    pub(super) fn nameless(&mut self, keyword: Span, what: &str) {
        let article =
            if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let message = format!("{article} {what} needs a name");
        self.report(
            Diagnostic::error(Code::MissingClause, keyword, message)
                .label("no name behind it")
                .help(if what == "attribute" {
                    "write `attribute cost_center text`, for example".to_owned()
                } else {
                    format!("write `{what} some-name`; a name of several words stands in quotes")
                }),
        );
    }

    fn define(&mut self, pair: Pair<'_, Rule>) -> Option<Define> {
        let (mut keyword, mut name, mut condition) = (self.span(&pair), None, None);
        let mut seen_as = false;
        let before = self.made;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_define => keyword = self.span(&inner),
                Rule::kw_as => seen_as = true,
                Rule::condition => condition = Some(self.condition(inner)),
                Rule::leftover if seen_as => self.leftover_behind_condition(&inner),
                Rule::leftover => {
                    let span = self.span(&inner);
                    let message = "a definition is written `define NAME as CONDITION`";
                    self.report(
                        Diagnostic::error(Code::Syntax, span, message)
                            .label("not read")
                            .help("write `define leaver as lifecycle = terminated`"),
                    );
                }
                _ => name = Some(self.name(&inner)),
            }
        }
        if self.made == before && (name.is_none() || condition.is_none()) {
            let message = "a definition is written `define NAME as CONDITION`";
            self.report(
                Diagnostic::error(Code::MissingClause, keyword, message)
                    .label("something is missing behind it")
                    .help("write `define leaver as lifecycle = terminated`"),
            );
        }
        Some(Define { name: name?, condition })
    }

    fn webhook(&mut self, pair: Pair<'_, Rule>) -> Option<Webhook> {
        let (name, fields) = self.named(pair, "webhook");
        let mut webhook = Webhook {
            name: name?,
            url: None,
            secret: None,
            timeout: None,
            retry: None,
            headers: Vec::new(),
        };
        for field in fields {
            let keyword = self.keyword(&field);
            let kind = field.as_rule();
            let twice = match kind {
                Rule::url => webhook.url.is_some(),
                Rule::secret => webhook.secret.is_some(),
                Rule::timeout => webhook.timeout.is_some(),
                Rule::retry => webhook.retry.is_some(),
                _ => false,
            };
            if twice {
                self.twice(keyword);
                continue;
            }
            match kind {
                Rule::url => webhook.url = self.field_text(field),
                Rule::secret => webhook.secret = self.secret(field),
                Rule::timeout => webhook.timeout = self.timeout(field),
                Rule::retry => {
                    let number =
                        field.into_inner().find(|inner| inner.as_rule() == Rule::amount);
                    let retry = number.and_then(|number| self.whole(&number, 20));
                    webhook.retry = retry.and_then(|retry| {
                        Some(Spanned::new(u32::try_from(retry).ok()?, keyword))
                    });
                }
                Rule::header => webhook.headers.extend(self.header(field)),
                _ => {
                    let fields = ["url", "secret", "timeout", "retry", "header"];
                    self.bad_field(&field, "webhook", &fields);
                }
            }
        }
        Some(webhook)
    }

    fn template(&mut self, pair: Pair<'_, Rule>) -> Option<Template> {
        let (name, fields) = self.named(pair, "template");
        let mut template = Template { name: name?, subject: None, body: None };
        for field in fields {
            let keyword = self.keyword(&field);
            match field.as_rule() {
                Rule::subject if template.subject.is_none() => {
                    template.subject = self.field_text(field);
                }
                Rule::body if template.body.is_none() => {
                    template.body = self.field_text(field);
                }
                Rule::subject | Rule::body => self.twice(keyword),
                _ => self.bad_field(&field, "template", &["subject", "body"]),
            }
        }
        Some(template)
    }

    /// The name of an item, and its fields.
    fn named<'p>(
        &mut self,
        pair: Pair<'p, Rule>,
        what: &str,
    ) -> (Option<Spanned<String>>, Vec<Pair<'p, Rule>>) {
        let whole = self.span(&pair);
        let mut inner: Pairs<'p, Rule> = pair.into_inner();
        let keyword = inner.next().map_or(whole, |keyword| self.span(&keyword));
        let mut fields: Vec<Pair<'p, Rule>> = inner.collect();
        let is_name = |pair: &Pair<'_, Rule>| {
            matches!(
                pair.as_rule(),
                Rule::bare_name | Rule::text_line | Rule::text_block | Rule::foreign_text
            )
        };
        if fields.first().is_some_and(is_name) {
            let name = fields.remove(0);
            return (Some(self.name(&name)), fields);
        }
        self.nameless(keyword, what);
        (None, Vec::new())
    }

    pub(super) fn keyword(&self, pair: &Pair<'_, Rule>) -> Span {
        let first = pair.clone().into_inner().next();
        first.map_or_else(|| self.span(pair), |first| self.span(&first))
    }

    fn field_text(&mut self, field: Pair<'_, Rule>) -> Option<Spanned<String>> {
        let text = field.into_inner().nth(1)?;
        Some(self.text(&text))
    }

    fn secret(&mut self, field: Pair<'_, Rule>) -> Option<Spanned<SecretRef>> {
        let span = self.span(&field);
        let secret = self.secret_ref(field)?;
        Some(Spanned::new(secret, span))
    }

    fn secret_ref(&mut self, field: Pair<'_, Rule>) -> Option<SecretRef> {
        let mut inner = field.into_inner().skip(1);
        let first = inner.next()?;
        match first.as_rule() {
            Rule::kw_env => Some(SecretRef::Env(inner.next()?.as_str().to_owned())),
            Rule::kw_file => Some(SecretRef::File(self.text(&inner.next()?).value)),
            _ => {
                let span = self.span(&first);
                let message = "a secret does not belong into a policy file";
                self.report(
                    Diagnostic::error(Code::SecretInFile, span, message)
                        .label("anyone who reads the file reads it")
                        .help(
                            "write where it lies: `secret env NAME` for an environment variable, \
                             or `secret file \"/run/secrets/name\"`",
                        )
                        .maybe(span, "env WEBHOOK_SECRET"),
                );
                None
            }
        }
    }

    pub(super) fn timeout(&mut self, field: Pair<'_, Rule>) -> Option<Spanned<Duration>> {
        let length = field.into_inner().nth(1)?;
        let written = self.snippet(self.span(&length));
        if let Ok(seconds) = written.parse::<u64>() {
            // Milliseconds, where there are too many of them.
            let seconds = if seconds >= 1000 { seconds / 1000 } else { seconds };
            let right = format!("{}s", seconds.clamp(1, 15));
            self.report(
                Diagnostic::error(
                    Code::MissingUnit,
                    self.span(&length),
                    "a length of time needs a unit",
                )
                .label("a number without a unit")
                .help(format!("write `{right}`: a timeout is from `1s` to `15s`"))
                .maybe(self.span(&length), right),
            );
            return None;
        }
        let timeout = self.length(length)?;
        if timeout.value.0 < 1 || timeout.value.0 > 15 {
            let message =
                format!("a timeout of `{}` is out of bounds", self.snippet(timeout.span));
            self.report(
                Diagnostic::error(Code::BadNumber, timeout.span, message)
                    .label("from `1s` to `15s`")
                    .help("write `15s`, the longest")
                    .maybe(timeout.span, "15s"),
            );
            return None;
        }
        Some(timeout)
    }

    /// Says that a clause or field stands twice.
    pub(super) fn twice(&mut self, keyword: Span) {
        let written = self.snippet(keyword);
        let message = format!("`{written}` stands twice");
        self.report(
            Diagnostic::error(Code::DuplicateClause, keyword, message)
                .label("the second one")
                .help("keep one of them"),
        );
    }
}
