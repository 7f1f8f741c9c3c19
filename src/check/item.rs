//! Webhooks and templates.

use crate::check::template::is_of_report;
use crate::check::variable::Shown;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{SubjectKind, Template, Webhook};
use crate::syntax::ast;
use crate::text::{Span, Spanned, fold};
use crate::time::Duration;
use std::net::Ipv6Addr;
use std::sync::Arc;

/// What holds where a webhook says nothing.
pub(super) const TIMEOUT: Duration = Duration(15);
pub(super) const RETRIES: u32 = 5;

/// Headers whose values are secrets.
const SECRETS: [&str; 5] =
    ["authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"];

/// Parts of an address whose values are secrets.
const SECRET_PARTS: [&str; 8] = [
    "access_token",
    "api_key",
    "apikey",
    "auth_token",
    "client_secret",
    "password",
    "secret",
    "token",
];

/// Signs that no name of a host holds.
const NOT_IN_HOSTS: [char; 9] = [':', '<', '>', '[', ']', '\\', '^', '|', '"'];

/// What stands in the place of a secret that travels along.
const SIGNED: &str =
    "leave it out, and let the receiver check the signature: `secret env NAME`";

/// The name of a part of an address, as whoever receives it reads it: `%74oken` is `token`.
fn plain(name: &str) -> String {
    let read = form_urlencoded::parse(name.as_bytes()).next();
    read.map(|(name, _)| name.to_ascii_lowercase()).unwrap_or_default()
}

impl Cx<'_> {
    pub(super) fn declare_webhook(
        &mut self,
        webhook: &ast::Webhook,
        damaged: bool,
    ) -> Option<Arc<Webhook>> {
        let name = &webhook.name;
        let key = fold(&name.value);
        if let Some((first, _)) = self.webhooks.get(&key) {
            let first = *first;
            self.duplicate("webhooks", &name.value, name.span, first);
            return None;
        }
        let declared = self.webhook(webhook, damaged);
        self.webhooks.insert(key, (name.span, declared.clone()));
        declared
    }

    fn webhook(&mut self, webhook: &ast::Webhook, damaged: bool) -> Option<Arc<Webhook>> {
        let name = &webhook.name;
        let Some(url) = &webhook.url else {
            if !damaged {
                self.missing_field(name, "webhook", "url", "url \"https://…\"");
            }
            return None;
        };
        let whose = format!("the webhook `{}`", name.value);
        let good =
            self.url(url, SIGNED)
                .and(self.headers(&webhook.headers, &whose, SIGNED));
        if damaged {
            return None;
        }
        good?;
        Some(Arc::new(Webhook {
            name: name.value.clone(),
            url: url.value.clone(),
            secret: webhook.secret.as_ref().map(|secret| secret.value.clone()),
            timeout: webhook.timeout.map_or(TIMEOUT, |timeout| timeout.value),
            retry: webhook.retry.map_or(RETRIES, |retry| retry.value),
            headers: pairs(&webhook.headers),
        }))
    }

    /// Whether something can be sent to an address, and no secret stands in it.
    pub(super) fn url(&mut self, url: &Spanned<String>, instead: &str) -> Option<()> {
        let rest = ["https://", "http://"].iter().find_map(|scheme| {
            url.value
                .get(..scheme.len())
                .filter(|start| start.eq_ignore_ascii_case(scheme))?;
            url.value.get(scheme.len()..)
        });
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
        if host.is_some_and(|host| host.contains('@')) {
            self.report(
                Diagnostic::error(
                    Code::SecretInFile,
                    url.span,
                    "a name and password do not belong into an address",
                )
                .label("anyone who reads the file reads it")
                .help(instead),
            );
            return None;
        }
        let wrong = match host {
            Some(host) if !url.value.contains(unseen) => wrong_host(host),
            _ => Some("not a web address"),
        };
        let Some(wrong) = wrong else { return self.open_query(url.span, instead) };
        self.report(
            Diagnostic::error(
                Code::BadUrl,
                url.span,
                "nothing can be sent to this address",
            )
            .label(wrong)
            .help("write one such as `\"https://hooks.acme.example/revoke\"`"),
        );
        None
    }

    /// Refuses an address with a secret behind its `?`. A `{{ … }}` is none.
    fn open_query(&mut self, span: Span, instead: &str) -> Option<()> {
        let raw = self.snippet(span);
        let (before, query) = raw.split_once('?').unwrap_or((raw, ""));
        let mut start = span.start as usize + before.len() + 1;
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let literal = value.trim_end_matches('"');
            let secret = SECRET_PARTS.contains(&plain(name).as_str())
                && !literal.is_empty()
                && !literal.starts_with("{{");
            if secret {
                let from = start + name.len() + 1;
                let place = Span::new(span.file, from, from + literal.len());
                let message = format!("`{name}` would hold a secret");
                self.report(
                    Diagnostic::error(Code::SecretInFile, place, message)
                        .label("anyone who reads the file reads it")
                        .help(instead),
                );
                return None;
            }
            start += pair.len() + 1;
        }
        Some(())
    }

    /// Refuses headers that are not the policy's to set, and those that hold secrets.
    pub(super) fn headers(
        &mut self,
        headers: &[ast::Header],
        whose: &str,
        instead: &str,
    ) -> Option<()> {
        let mut good = Some(());
        for header in headers {
            let name = header.name.value.to_ascii_lowercase();
            if SECRETS.contains(&name.as_str()) {
                let message = format!("the header `{name}` would hold a secret");
                self.report(
                    Diagnostic::error(Code::SecretInFile, header.value.span, message)
                        .label("anyone who reads the file reads it")
                        .help(instead),
                );
                good = None;
            } else if Webhook::reserves(&name) {
                let message = format!("{whose} cannot set `{name}`");
                self.report(
                    Diagnostic::error(Code::ReservedHeader, header.name.span, message)
                        .label("it is set for each request")
                        .help(
                            "leave it out: `header` is for names of your own, such as `X-Team`",
                        ),
                );
                good = None;
            }
        }
        good
    }

    pub(super) fn declare_template(
        &mut self,
        template: &ast::Template,
        damaged: bool,
    ) -> Option<Arc<Template>> {
        let name = &template.name;
        let key = fold(&name.value);
        if let Some((first, _)) = self.templates.get(&key) {
            let first = *first;
            self.duplicate("templates", &name.value, name.span, first);
            return None;
        }
        self.shown = Shown::default();
        self.of_report = is_of_report(&name.value);
        let declared = self.template(template, damaged);
        self.of_report = false;
        self.shown_by_templates.insert(key.clone(), self.shown);
        self.templates.insert(key, (name.span, declared.clone()));
        declared
    }

    fn template(
        &mut self,
        template: &ast::Template,
        damaged: bool,
    ) -> Option<Arc<Template>> {
        // Whether it fits is asked at each of its uses.
        let about = About { kind: SubjectKind::Grant, apps: &[] };
        let good = self.texts(template, about);
        let mut good = good && !damaged;
        if !damaged {
            for (field, text) in
                [("subject", &template.subject), ("body", &template.body)]
            {
                if text.is_none() {
                    self.missing_field(
                        &template.name,
                        "template",
                        field,
                        &format!("{field} \"…\""),
                    );
                    good = false;
                }
            }
        }
        if !good {
            return None;
        }
        Some(Arc::new(Template {
            name: template.name.value.clone(),
            subject: template.subject.as_ref()?.value.clone(),
            body: template.body.as_ref()?.value.clone(),
        }))
    }

    fn missing_field(
        &mut self,
        name: &Spanned<String>,
        what: &str,
        field: &str,
        write: &str,
    ) {
        let span: Span = name.span;
        let message = format!("the {what} `{}` has no `{field}`", name.value);
        self.report(
            Diagnostic::error(Code::MissingClause, span, message)
                .label(format!("no `{field}`"))
                .help(format!("write `{write}`")),
        );
    }
}

pub(super) fn pairs(headers: &[ast::Header]) -> Vec<(String, String)> {
    let pair =
        |header: &ast::Header| (header.name.value.clone(), header.value.value.clone());
    headers.iter().map(pair).collect()
}

/// What no address holds.
fn unseen(sign: char) -> bool {
    sign.is_whitespace() || sign.is_control()
}

/// What is wrong with a host, with or without a port.
fn wrong_host(host: &str) -> Option<&'static str> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, ""),
    };
    // A number may begin with `+`, a port may not.
    let known = port.is_empty()
        || !port.starts_with('+') && port.parse::<u16>().is_ok_and(|port| port != 0);
    let inside = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let named = match inside {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !name.is_empty() && !name.contains(NOT_IN_HOSTS),
    };
    match (named, known) {
        (false, _) => Some("not a web address"),
        (true, false) => Some("a port is a number from 1 to 65535"),
        (true, true) => None,
    }
}
