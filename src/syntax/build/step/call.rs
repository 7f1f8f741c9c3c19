//! Requests to other systems, alone and in flows.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Method, SecretRef};
use crate::syntax::ast::{Call, Flow, Header};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned, nearest};
use pest::iterators::Pair;

impl Cx<'_> {
    /// `flow NAME [with a, b] CALL, CALL`.
    pub(in crate::syntax::build) fn flow(
        &mut self,
        pair: Pair<'_, Rule>,
    ) -> Option<Flow> {
        let mut keyword = self.span(&pair);
        let (mut name, mut parameters) = (None, Vec::new());
        let mut calls: Vec<Spanned<Call>> = Vec::new();
        let (mut comma, mut last, mut any) = (None, None, false);
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_flow => keyword = span,
                Rule::parameters => {
                    let words =
                        inner.into_inner().filter(|it| it.as_rule() == Rule::parameter);
                    let words = words.filter_map(|word| word.into_inner().next());
                    parameters.extend(words.map(|word| self.name(&word)));
                }
                Rule::comma if !any => self.comma_before(span, "the first call"),
                Rule::comma => comma = Some(span),
                Rule::flow_call => {
                    if let Some(last) = last
                        && comma.is_none()
                    {
                        let word = self.token_at(span.start as usize, span.end as usize);
                        self.comma_between(last, word, "call");
                    }
                    (comma, any) = (None, true);
                    let call = inner.into_inner().next();
                    let call = call.and_then(|call| self.flow_call(call, span));
                    last = call.is_some().then_some(span);
                    calls.extend(call);
                }
                _ => name = Some(self.name(&inner)),
            }
        }
        if let Some(comma) = comma {
            self.nothing_behind(comma, "call");
        } else if !any && name.is_some() {
            let message = "a flow needs a call";
            self.report(
                Diagnostic::error(Code::MissingClause, keyword, message)
                    .label("it does nothing")
                    .help("write `call POST \"https://…\"`, for example"),
            );
        }
        if name.is_none() {
            self.nameless(keyword, "flow");
        }
        Some(Flow { name: name?, parameters, calls })
    }

    fn flow_call(&mut self, pair: Pair<'_, Rule>, span: Span) -> Option<Spanned<Call>> {
        if pair.as_rule() == Rule::call {
            return Some(Spanned::new(self.call(pair)?, span));
        }
        self.bad_call(span);
        None
    }

    /// A comma stands where none is due.
    pub(in crate::syntax::build) fn comma_before(&mut self, comma: Span, what: &str) {
        let message = format!("no comma stands before {what}");
        self.report(
            Diagnostic::error(Code::Syntax, comma, message)
                .label("one comma too many")
                .help("take it out")
                .fix(comma, ""),
        );
    }

    pub(super) fn call(&mut self, pair: Pair<'_, Rule>) -> Option<Call> {
        let (mut method, mut url, mut broken) = (None, None, false);
        let (mut bearer, mut json, mut timeout, mut retry) = (None, None, None, None);
        let (mut headers, mut accept) = (Vec::new(), None);
        for inner in pair.into_inner() {
            let whole = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_call => {}
                Rule::method => {
                    method = self.method(whole);
                    broken |= method.is_none();
                }
                Rule::bearer if bearer.is_none() => {
                    bearer = Some(self.bearer(inner).map(|it| Spanned::new(it, whole)));
                }
                Rule::call_header => headers.extend(self.header(inner)),
                Rule::call_json if json.is_none() => {
                    json = inner.into_inner().nth(1).map(|text| self.text(&text));
                }
                Rule::call_accept if accept.is_none() => {
                    accept = Some(self.accept(inner));
                }
                Rule::call_timeout if timeout.is_none() => {
                    timeout = Some(self.timeout(inner));
                }
                Rule::call_retry if retry.is_none() => retry = Some(self.retry(inner)),
                Rule::bearer
                | Rule::call_json
                | Rule::call_accept
                | Rule::call_timeout
                | Rule::call_retry => self.part_twice(inner),
                _ => url = Some(self.text(&inner)),
            }
        }
        Some(Call {
            method: method.filter(|_| !broken)?,
            url: url?,
            bearer: bearer.flatten(),
            headers,
            json,
            accept: accept.unwrap_or_default(),
            timeout: timeout.flatten(),
            retry: retry.flatten(),
        })
    }

    /// A part of a call that stands there before.
    fn part_twice(&mut self, pair: Pair<'_, Rule>) {
        let mut span = self.span(&pair);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_with
                | Rule::kw_bearer
                | Rule::kw_json
                | Rule::kw_accept
                | Rule::kw_timeout
                | Rule::kw_retry => span.end = self.span(&inner).end,
                _ => break,
            }
        }
        self.twice(span);
    }

    fn method(&mut self, span: Span) -> Option<Spanned<Method>> {
        let written = self.snippet(span);
        let all = || Method::ALL.iter().copied();
        if let Some(method) = all().find(|method| method.name() == written) {
            return Some(Spanned::new(method, span));
        }
        let names = || all().map(Method::name);
        if let Some(right) = names().find(|name| name.eq_ignore_ascii_case(written)) {
            let message = format!("`{written}` is written `{right}`");
            self.report(
                Diagnostic::error(Code::Syntax, span, message)
                    .label("methods stand in capitals")
                    .help(format!("write `{right}`"))
                    .fix(span, right),
            );
            return None;
        }
        let message = format!("`{written}` is no method of a request");
        let list: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        let mut finding = Diagnostic::error(Code::Syntax, span, message)
            .label("not a method")
            .help(format!("the methods are {}", list.join(", ")));
        let upper = written.to_ascii_uppercase();
        if let Some(near) = nearest(&upper, names()).into_iter().next() {
            finding = finding.help(format!("write `{near}`")).maybe(span, near);
        }
        self.report(finding);
        None
    }

    fn bearer(&mut self, pair: Pair<'_, Rule>) -> Option<SecretRef> {
        let mut inner = pair.into_inner().skip(2);
        let first = inner.next()?;
        match first.as_rule() {
            Rule::kw_env => Some(SecretRef::Env(inner.next()?.as_str().to_owned())),
            Rule::kw_file => Some(SecretRef::File(self.text(&inner.next()?).value)),
            _ => {
                let span = self.span(&first);
                let message = "a token does not belong into a policy file";
                self.report(
                    Diagnostic::error(Code::SecretInFile, span, message)
                        .label("anyone who reads the file reads it")
                        .help(
                            "write where it lies: `with bearer env NAME` for an environment \
                             variable, or `with bearer file \"/run/secrets/name\"`",
                        )
                        .maybe(span, "env API_TOKEN"),
                );
                None
            }
        }
    }

    /// `header "X-Team" = "identity"`.
    pub(in crate::syntax::build) fn header(
        &mut self,
        pair: Pair<'_, Rule>,
    ) -> Option<Header> {
        let span = self.span(&pair);
        let texts = pair.into_inner();
        let texts = texts
            .filter(|inner| !matches!(inner.as_rule(), Rule::kw_header | Rule::op_eq));
        let mut texts: Vec<_> = texts.map(|text| self.text(&text)).collect();
        let (value, name) = (texts.pop()?, texts.pop()?);
        Some(Header { name, value, span })
    }

    fn accept(&mut self, pair: Pair<'_, Rule>) -> Vec<Spanned<u16>> {
        let amounts = pair.into_inner().filter(|inner| inner.as_rule() == Rule::amount);
        amounts.filter_map(|amount| self.status(&amount)).collect()
    }

    fn status(&mut self, pair: &Pair<'_, Rule>) -> Option<Spanned<u16>> {
        let span = self.span(pair);
        let status = pair.as_str().parse().ok();
        let status = status.filter(|status| (100..600).contains(status));
        if status.is_none() {
            let message = format!("`{}` is no status of an answer", pair.as_str());
            self.report(
                Diagnostic::error(Code::BadNumber, span, message)
                    .label("from `100` to `599`")
                    .help("write `accept (404)`, for example"),
            );
        }
        Some(Spanned::new(status?, span))
    }

    fn retry(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<u32>> {
        let number = pair.into_inner().nth(1)?;
        let retry = self.whole(&number, 20)?;
        Some(Spanned::new(u32::try_from(retry).ok()?, self.span(&number)))
    }
}
