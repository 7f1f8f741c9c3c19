//! Events: what starts a policy, and what ends or restarts its runs.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Origin;
use crate::syntax::ast::{ClauseKind, Event, EventKind, NameRef, Value};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned, fold, nearest};
use pest::iterators::Pair;

impl Cx<'_> {
    /// The clauses that name events.
    pub(super) fn event_clause(&mut self, pair: Pair<'_, Rule>) -> ClauseKind {
        let kind = pair.as_rule();
        let events = pair.into_inner().find(|inner| inner.as_rule() == Rule::events);
        let Some(events) = events else { return ClauseKind::Damaged };
        let span = self.span(&events);
        let mut events = self.events(events);
        match kind {
            Rule::on_clause => ClauseKind::On(events),
            Rule::cancel_clause => ClauseKind::CancelOn(events),
            Rule::restart_clause => ClauseKind::RestartOn(events),
            _ => {
                if events.len() > 1 {
                    let message = "a gate has one event";
                    self.report(
                        Diagnostic::error(Code::UnsupportedEvent, span, message)
                            .label("several")
                            .help("write `before user created`"),
                    );
                    return ClauseKind::Damaged;
                }
                events.pop().map_or(ClauseKind::Damaged, ClauseKind::Before)
            }
        }
    }

    /// Events in a row; several of them stand in parentheses.
    fn events(&mut self, pair: Pair<'_, Rule>) -> Vec<Event> {
        let span = self.span(&pair);
        let (mut open, mut joined, mut broken) = (false, None, false);
        let mut events = Vec::new();
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::open => open = true,
                Rule::close => {}
                Rule::event_joint => {
                    let comma = inner.as_str().starts_with(',');
                    if joined.is_none() && (!open || !comma) {
                        joined = Some(self.span(&inner));
                    }
                }
                Rule::bad_event => {
                    let place = self.span(&inner);
                    if !self.another_value(place, events.last()) {
                        self.bad_event(place);
                    }
                    broken = true;
                    events.push(Event { kind: EventKind::Damaged, span: place });
                }
                _ => events.push(self.event(inner)),
            }
        }
        if let Some(joint) = joined.filter(|_| !broken) {
            self.several_events(span, joint, &events);
        }
        events
    }

    fn several_events(&mut self, span: Span, joint: Span, events: &[Event]) {
        let words: Vec<&str> =
            events.iter().map(|event| self.snippet(event.span)).collect();
        let right = format!("({})", words.join(", "));
        self.report(
            Diagnostic::error(Code::Syntax, joint, "several events stand in parentheses")
                .label("one more event behind it")
                .help(format!("write `{right}`"))
                .fix(span, right),
        );
    }

    /// `by signup or admin`, `to "Sales", "Legal"`: values in a row, without parentheses.
    fn another_value(&mut self, place: Span, before: Option<&Event>) -> bool {
        let Some(before) = before else { return false };
        let written = self.snippet(place);
        let first = match &before.kind {
            EventKind::UserCreated(origins)
            | EventKind::UserUpdated(origins)
            | EventKind::MfaUpdated(origins)
                if origin(written).is_some() =>
            {
                origins.last().map(|origin| origin.span)
            }
            EventKind::Changed { from, to, .. } if !written.contains(' ') => {
                let values = from.iter().chain(to);
                values.map(|value| value.span).max_by_key(|span| span.end)
            }
            EventKind::Joined(groups) | EventKind::Left(groups)
                if !written.contains(' ') =>
            {
                groups.last().map(|group| group.name.span)
            }
            _ => None,
        };
        let Some(first) = first.filter(|first| first.end == before.span.end) else {
            return false;
        };
        let right = format!("({}, {written})", self.snippet(first));
        self.report(
            Diagnostic::error(Code::Syntax, place, "several stand in parentheses")
                .label("one more of the same")
                .help(format!("write `{right}`"))
                .maybe(first.to(place), right),
        );
        true
    }

    fn event(&mut self, pair: Pair<'_, Rule>) -> Event {
        let span = self.span(&pair);
        let inner = pair.into_inner().next();
        let kind = inner.and_then(|inner| self.event_kind(inner));
        Event { kind: kind.unwrap_or(EventKind::Damaged), span }
    }

    fn event_kind(&mut self, pair: Pair<'_, Rule>) -> Option<EventKind> {
        Some(match pair.as_rule() {
            Rule::user_created => EventKind::UserCreated(self.origins(pair)?),
            Rule::user_updated => EventKind::UserUpdated(self.origins(pair)?),
            Rule::mfa_updated => EventKind::MfaUpdated(self.origins(pair)?),
            Rule::user_suspended => EventKind::UserSuspended,
            Rule::group_joined => EventKind::Joined(self.event_groups(pair)),
            Rule::group_left => EventKind::Left(self.event_groups(pair)),
            Rule::access_rejected => EventKind::AccessRejected,
            Rule::access_expired => EventKind::AccessExpired,
            Rule::event_named => EventKind::Named(self.event_text(pair)?),
            Rule::request_made => EventKind::Request(self.event_text(pair)?),
            _ => self.changed(pair)?,
        })
    }

    fn event_groups(&mut self, pair: Pair<'_, Rule>) -> Vec<NameRef> {
        self.names(pair)
    }

    /// The text behind `event` or `request`.
    fn event_text(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<String>> {
        let text = self.text(&pair.into_inner().nth(1)?);
        if text.value.trim().is_empty() {
            let message = "an empty name tells no event from another";
            self.report(
                Diagnostic::error(Code::UnknownEvent, text.span, message)
                    .label("says nothing")
                    .help("write one such as `event \"app.event.name\"`"),
            );
            return None;
        }
        Some(text)
    }

    /// `by signup`, `by (signup, admin)`: none is any.
    fn origins(&mut self, pair: Pair<'_, Rule>) -> Option<Vec<Spanned<Origin>>> {
        let by = pair.into_inner().find(|inner| inner.as_rule() == Rule::by_origins);
        let (mut origins, mut broken) = (Vec::<Spanned<Origin>>::new(), false);
        let names = by.into_iter().flat_map(Pair::into_inner);
        for name in names.filter(|inner| inner.as_rule() == Rule::bare_name) {
            let span = self.span(&name);
            match origin(name.as_str()) {
                Some(origin) => {
                    if let Some(first) = origins.iter().find(|it| it.value == origin) {
                        self.said_before(span, first.span);
                    }
                    origins.push(Spanned::new(origin, span));
                }
                None => {
                    self.unknown_origin(span, name.as_str());
                    broken = true;
                }
            }
        }
        (!broken).then_some(origins)
    }

    fn unknown_origin(&mut self, span: Span, written: &str) {
        let message = format!("no change comes about by `{written}`");
        let names = Origin::ALL.iter().map(|origin| origin.name());
        let meant = match fold(written).as_str() {
            "sign-up" | "sign_up" | "registration" | "registering" => Some("signup"),
            "user" | "themselves" | "himself" | "herself" | "owner" => Some("self"),
            "administrator" | "admins" | "hand" => Some("admin"),
            "csv" | "sync" | "file" => Some("import"),
            "scim" | "program" | "script" => Some("api"),
            "login" | "sso" => Some("jit"),
            _ => nearest(written, names.clone()).into_iter().next(),
        };
        let list: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        let mut finding = Diagnostic::error(Code::UnknownValue, span, message)
            .label("not one of the ways")
            .help(format!("the ways are {}", list.join(", ")));
        if let Some(meant) = meant {
            finding = finding.help(format!("write `{meant}`")).maybe(span, meant);
        }
        self.report(finding);
    }

    fn changed(&mut self, pair: Pair<'_, Rule>) -> Option<EventKind> {
        let span = self.span(&pair);
        let (mut attribute, mut from, mut to) = (None, None, None);
        let mut broken = false;
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            let rule = inner.as_rule();
            let side = match rule {
                Rule::attribute => {
                    attribute = self.path(inner);
                    continue;
                }
                Rule::changed_from => &mut from,
                Rule::changed_to => &mut to,
                _ => continue,
            };
            if side.is_some() {
                self.twice(self.first_word(span));
                continue;
            }
            let values = self.changed_values(inner);
            broken |= values.is_none();
            *side = values;
        }
        let attribute = attribute?;
        if broken {
            return None;
        }
        if let [word] = attribute.parts.as_slice()
            && matches!(word.as_str(), "user" | "mfa")
        {
            let message = format!("`{word} changed` is written `{word} updated`");
            self.report(
                Diagnostic::error(Code::UnknownEvent, span, message)
                    .label("what changes is an attribute, such as `department`")
                    .help(format!("write `{word} updated`"))
                    .maybe(span, format!("{word} updated")),
            );
            return None;
        }
        Some(EventKind::Changed {
            attribute,
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
        })
    }

    fn changed_values(&mut self, pair: Pair<'_, Rule>) -> Option<Vec<Spanned<Value>>> {
        let values = pair
            .into_inner()
            .filter(|inner| inner.as_rule() == Rule::changed_value);
        let values: Vec<Option<Spanned<Value>>> =
            values.map(|value| self.value(value)).collect();
        values.into_iter().collect()
    }

    /// The first word of a stretch.
    pub(super) fn first_word(&self, span: Span) -> Span {
        let text = self.snippet(span);
        let length = text.find(char::is_whitespace).unwrap_or(text.len());
        let start = span.start as usize;
        Span::new(self.file, start, start + length)
    }
}

fn origin(written: &str) -> Option<Origin> {
    Origin::ALL.iter().copied().find(|origin| origin.name() == written)
}
