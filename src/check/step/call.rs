//! Requests to other systems, alone and in flows.

use crate::check::item::{RETRIES, TIMEOUT, pairs};
use crate::check::name::quoted;
use crate::check::variable::Shown;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Call, Flow, Given, Method, StepKind, SubjectKind, Value};
use crate::syntax::ast::{self, NameRef};
use crate::text::{NotJson, Span, Spanned, fold, nearest};
use std::sync::Arc;

impl Cx<'_> {
    /// A flow of the files.
    pub(in crate::check) fn declare_flow(
        &mut self,
        flow: &ast::Flow,
        damaged: bool,
    ) -> Option<Arc<Flow>> {
        let name = &flow.name;
        let key = fold(&name.value);
        if let Some((first, _)) = self.flows.get(&key) {
            let first = *first;
            self.duplicate("flows", &name.value, name.span, first);
            return None;
        }
        self.shown = Shown::default();
        let declared = self.flow(flow, damaged);
        self.shown_by_flows.insert(key.clone(), self.shown);
        self.flows.insert(key, (name.span, declared.clone()));
        declared
    }

    fn flow(&mut self, flow: &ast::Flow, damaged: bool) -> Option<Arc<Flow>> {
        let mut good = !damaged;
        for (at, parameter) in flow.parameters.iter().enumerate() {
            let before = flow.parameters.get(..at).unwrap_or_default();
            let first = before.iter().find(|other| other.value == parameter.value);
            if let Some(first) = first {
                let name = &parameter.value;
                self.duplicate("parameters", name, parameter.span, first.span);
                good = false;
            }
        }
        self.given = flow.parameters.iter().map(|name| name.value.clone()).collect();
        // Whether it fits is asked at each of its uses.
        let about = About { kind: SubjectKind::Grant, apps: &[] };
        let calls: Vec<Option<Call>> =
            flow.calls.iter().map(|call| self.call(&call.value, about)).collect();
        self.given.clear();
        let calls = calls.into_iter().collect::<Option<Vec<Call>>>()?;
        if !good || calls.is_empty() {
            return None;
        }
        Some(Arc::new(Flow {
            name: flow.name.value.clone(),
            parameters: flow.parameters.iter().map(|it| it.value.clone()).collect(),
            calls,
        }))
    }

    /// `run flow F with x = 1, y = user.email`.
    pub(super) fn run_flow(
        &mut self,
        name: &NameRef,
        with: &[(Spanned<String>, Spanned<ast::Value>)],
        about: About<'_>,
    ) -> Option<StepKind> {
        let flow = self.flow_named(name);
        let shown = self.shown_by_flows.get(&fold(&name.name.value)).copied();
        let fits = self.fits(name.name.span, "flow", shown.unwrap_or_default(), about);
        let mut given: Vec<(String, Given)> = Vec::new();
        let mut good = fits.is_some();
        for (at, (parameter, value)) in with.iter().enumerate() {
            let before = with.get(..at).unwrap_or_default();
            if let Some((first, _)) =
                before.iter().find(|(other, _)| other.value == parameter.value)
            {
                self.given_twice(parameter, first.span);
                good = false;
                continue;
            }
            if let Some(flow) = &flow
                && !flow.parameters.contains(&parameter.value)
            {
                self.unknown_parameter(flow, parameter);
                good = false;
                continue;
            }
            match self.given_value(value, about) {
                Some(value) => given.push((parameter.value.clone(), value)),
                None => good = false,
            }
        }
        let flow = flow?;
        let missing = |parameter: &&String| {
            with.iter().all(|(given, _)| given.value != **parameter)
        };
        let missing: Vec<String> =
            flow.parameters.iter().filter(missing).cloned().collect();
        // A name that is off by a letter is not missing as well.
        if !missing.is_empty() && good {
            self.missing_parameters(name, &flow, &missing);
            return None;
        }
        good.then_some(StepKind::RunFlow { flow, with: given })
    }

    /// A flow by which an app does something: nobody gives it anything there.
    pub(in crate::check) fn flow_of_app(
        &mut self,
        name: &NameRef,
        kind: SubjectKind,
    ) -> Option<Arc<Flow>> {
        let flow = self.flow_named(name)?;
        let shown = self.shown_by_flows.get(&fold(&name.name.value)).copied();
        let about = About { kind, apps: &[] };
        self.fits(name.name.span, "flow", shown.unwrap_or_default(), about)?;
        if flow.parameters.is_empty() {
            return Some(flow);
        }
        let message = format!("the flow `{}` is given nothing by an app", flow.name);
        self.report(
            Diagnostic::error(Code::MissingParameter, name.name.span, message)
                .label(format!("it takes {}", Self::listed(&flow.parameters)))
                .help(
                    "let its calls show what they need themselves, such as \
                     `{{ account.username }}`",
                ),
        );
        None
    }

    fn given_twice(&mut self, parameter: &Spanned<String>, first: Span) {
        let message = format!("`{}` is given twice", parameter.value);
        self.report(
            Diagnostic::error(Code::DuplicateClause, parameter.span, message)
                .label("the second one")
                .and(first, "the first")
                .help("keep one of them"),
        );
    }

    fn unknown_parameter(&mut self, flow: &Flow, parameter: &Spanned<String>) {
        let (name, written) = (&flow.name, &parameter.value);
        let message = format!("the flow `{name}` takes no `{written}`");
        let takes = Self::listed(&flow.parameters);
        let mut finding =
            Diagnostic::error(Code::UnknownParameter, parameter.span, message)
                .label("not one of its parameters")
                .help(format!("it takes {takes}"));
        let known = flow.parameters.iter().map(String::as_str);
        if let Some(near) = nearest(written, known).into_iter().next() {
            finding = finding
                .help(format!("write `{near}`: it takes {takes}"))
                .maybe(parameter.span, near);
        }
        self.report(finding);
    }

    fn missing_parameters(&mut self, name: &NameRef, flow: &Flow, missing: &[String]) {
        let message =
            format!("the flow `{}` is not given {}", flow.name, Self::listed(missing));
        let first = missing.first().map_or("", String::as_str);
        self.report(
            Diagnostic::error(Code::MissingParameter, name.name.span, message)
                .label(format!("it takes {}", Self::listed(&flow.parameters)))
                .help(format!(
                    "write `run flow {} with {first} = …`, with a value or an attribute such \
                     as `user.email`",
                    quoted(&flow.name)
                )),
        );
    }

    /// A constant, or an attribute of the subject.
    fn given_value(
        &mut self,
        value: &Spanned<ast::Value>,
        about: About<'_>,
    ) -> Option<Given> {
        let constant = match &value.value {
            ast::Value::Text(text) | ast::Value::Email(text) => Value::Text(text.clone()),
            ast::Value::Number(number) => Value::Number(*number),
            ast::Value::Instant(at) => Value::Instant(*at),
            ast::Value::Words(word) if fold(word) == "true" => Value::Bool(true),
            ast::Value::Words(word) if fold(word) == "false" => Value::Bool(false),
            ast::Value::Words(words) => {
                let path = ast::Path { parts: parts(words), span: value.span };
                let found = self.attribute(&path, about)?;
                return Some(Given::Attribute(found.attribute));
            }
            ast::Value::Percent(_) | ast::Value::Duration(_) => {
                let written = self.snippet(value.span);
                let message = format!("a flow cannot be given `{written}`");
                let right = format!("\"{written}\"");
                self.report(
                    Diagnostic::error(Code::TypeMismatch, value.span, message)
                        .label("neither text, number nor instant")
                        .help(format!("as text it is `{right}`"))
                        .maybe(value.span, right),
                );
                return None;
            }
        };
        Some(Given::Constant(constant))
    }

    /// One request.
    pub(super) fn call(&mut self, call: &ast::Call, about: About<'_>) -> Option<Call> {
        let before = self.made;
        if self.call_url(&call.url) {
            self.variables(call.url.span, about);
        }
        self.headers(
            &call.headers,
            "a call",
            "say where the token lies: `with bearer env NAME`",
        );
        for header in &call.headers {
            self.variables(header.value.span, about);
        }
        if let Some(json) = &call.json
            && self.variables(json.span, about)
        {
            self.json(json);
        }
        if self.made > before {
            return None;
        }
        let mut accept: Vec<u16> = call.accept.iter().map(|it| it.value).collect();
        accept.sort_unstable();
        accept.dedup();
        // What acts is not sent twice unless that is asked for.
        let retries = if call.method.value == Method::Post { 0 } else { RETRIES };
        Some(Call {
            method: call.method.value,
            url: call.url.value.clone(),
            bearer: call.bearer.as_ref().map(|bearer| bearer.value.clone()),
            headers: pairs(&call.headers),
            json: call.json.as_ref().map(|json| json.value.clone()),
            accept,
            timeout: call.timeout.map_or(TIMEOUT, |timeout| timeout.value),
            retry: call.retry.map_or(retries, |retry| retry.value),
        })
    }

    /// The address of a call: its host stands in the file, and no secret does.
    fn call_url(&mut self, url: &Spanned<String>) -> bool {
        let raw = self.snippet(url.span);
        let place = |start: usize, end: usize| {
            let first = url.span.start as usize;
            Span::new(url.span.file, first + start, first + end)
        };
        let host = raw.find("://").map_or(0, |at| at + 3);
        let end = raw
            .get(host..)
            .and_then(|rest| rest.find(['/', '?', '#']))
            .map_or(raw.len(), |at| host + at);
        if let Some(at) = raw.find("{{").filter(|at| *at < end) {
            let close = raw.get(at..).and_then(|rest| rest.find("}}"));
            let close = close.map_or(raw.len(), |length| at + length + 2);
            self.report(
                Diagnostic::error(
                    Code::BadUrl,
                    place(at, close),
                    "the host of a call stands in the file",
                )
                .label("data would decide where the request goes")
                .help("write the host out; `{{ … }}` fits behind it, as in `https://api.acme.example/{{ user.username | urlencode }}`"),
            );
            return false;
        }
        let plain = Spanned::new(without_templates(&url.value), url.span);
        self.url(&plain, "say where the token lies: `with bearer env NAME`")
            .is_some()
    }

    /// Whether a text is JSON once its `{{ … }}` are filled in; findings point into it.
    fn json(&mut self, json: &Spanned<String>) {
        let raw = self.snippet(json.span);
        let quotes = if raw.starts_with("\"\"\"") { 3 } else { 1 };
        let inner = raw.get(quotes..raw.len().saturating_sub(quotes)).unwrap_or_default();
        // In a text with escapes the places of the value are not those of the file.
        let placed = quotes == 3 || !inner.contains('\\');
        let text = if placed { inner } else { json.value.as_str() };
        let filled = filled(text);
        let Err(error) = serde_json::from_str::<serde_json::Value>(&filled) else {
            return;
        };
        let wrong = NotJson::new(&filled, &error);
        let span = if placed {
            let at = wrong.at.min(text.len());
            let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let width = text
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(0, char::len_utf8);
            let start = json.span.start as usize + quotes + at;
            Span::new(json.span.file, start, start + width.max(1))
        } else {
            json.span
        };
        self.report(
            Diagnostic::error(Code::BadJson, span, "this text is not JSON")
                .label(wrong.why)
                .help("write JSON, as in `json \"\"\"{\"active\": false}\"\"\"`"),
        );
    }
}

/// The parts of a path, as it was written.
fn parts(words: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for letter in words.chars() {
        match letter {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(std::mem::take(&mut part)),
            letter => part.push(letter),
        }
    }
    parts.push(part);
    parts
}

/// An address with a word in the place of each `{{ … }}`.
fn without_templates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        out.push('x');
        rest = behind.split_once("}}").map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

/// A JSON text with something of the same length in the place of each `{{ … }}`: letters
/// within a string, a number elsewhere.
fn filled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped, mut at) = (false, false, 0);
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with("{{")
            && let Some(length) = rest.find("}}").map(|end| end + 2)
        {
            if quoted {
                out.push_str(&"x".repeat(length));
            } else {
                out.push('1');
                out.push_str(&" ".repeat(length - 1));
            }
            at += length;
            continue;
        }
        if quoted && !escaped && letter == '\\' {
            escaped = true;
        } else {
            if letter == '"' && !escaped {
                quoted = !quoted;
            }
            escaped = false;
        }
        out.push(letter);
        at += letter.len_utf8();
    }
    out
}
