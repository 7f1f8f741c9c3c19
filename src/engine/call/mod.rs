//! Calls: every value filled in, and escaped for where it stands.
//!
//! INVARIANT: no value changes where a request goes or what its body is made of. What is not
//! known stands in no address: a request about nobody could be one about everybody.

#[cfg(test)]
mod tests;

use crate::engine::Calling;
use crate::engine::compose::{value, variables};
use crate::engine::run::Run;
use crate::engine::step::Scene;
use crate::ir::{self, Call, Given};
use serde_json::{Map, Value};

/// The request of a call about the scene's subject.
pub(crate) fn calling(
    (call, with): (&Call, &[(String, Given)]),
    (run, scene): (&Run, &Scene<'_>),
) -> Result<Calling, String> {
    let mut values = variables(run, scene);
    for (parameter, given) in with {
        let given = match given {
            Given::Constant(constant) => Some(constant.clone()),
            Given::Attribute(attribute) => scene.facts.value(attribute),
        };
        values.insert(parameter.clone(), given.map_or(Value::Null, json));
    }
    let mut headers = Vec::with_capacity(call.headers.len());
    for (name, words) in &call.headers {
        headers.push((name.clone(), header(words, &values)?));
    }
    Ok(Calling {
        name: name(call),
        method: call.method.name().to_owned(),
        url: address(&call.url, &values)?,
        headers,
        body: call.json.as_ref().map(|json| body(json, &values)).transpose()?,
        bearer: call.bearer.clone(),
        accept: call.accept.clone(),
        timeout: call.timeout,
        retry: call.retry,
    })
}

/// What people call it: the method and the host.
pub(crate) fn name(call: &Call) -> String {
    format!("{} {}", call.method.name(), host(&call.url))
}

/// The address without what values could stand in.
pub(crate) fn origin(call: &Call) -> String {
    let scheme = call.url.split_once("://").map_or("https", |(scheme, _)| scheme);
    format!("{scheme}://{}/", host(&call.url))
}

/// A value as JSON; whole numbers stay whole.
fn json(value: ir::Value) -> Value {
    match value {
        ir::Value::Bool(value) => value.into(),
        ir::Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
                .parse()
                .map_or(Value::Null, |it: i64| it.into())
        }
        ir::Value::Number(number) => number.into(),
        ir::Value::Instant(at) => at.to_string().into(),
        ir::Value::Text(text) => text.into(),
    }
}

/// The host of an address, which stands in the file.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// An address. A value is one part of its path or query, whatever signs it holds.
fn address(url: &str, values: &Map<String, Value>) -> Result<String, String> {
    let filled = fill(url, |_, written| {
        let text = text(value(without(written, "urlencode"), values));
        match text.as_str() {
            "" => Err(format!("`{written}` is not known, and the address needs it")),
            text => Ok(encoded(text)),
        }
    })?;
    let path = filled.split(['?', '#']).next().unwrap_or_default();
    match path.split('/').any(|part| matches!(part, "." | "..")) {
        true => Err("a part of the address would be `.` or `..`".to_owned()),
        false => Ok(filled),
    }
}

fn header(words: &str, values: &Map<String, Value>) -> Result<String, String> {
    fill(words, |_, written| {
        let text = text(value(written, values));
        match text.contains(|letter: char| letter.is_control()) {
            true => Err(format!("`{written}` holds a sign that no header can have")),
            false => Ok(text),
        }
    })
}

/// A body. Within a text of it a value is a part of that text, elsewhere a value of its own.
fn body(json: &str, values: &Map<String, Value>) -> Result<String, String> {
    let mut quotes = Quotes::default();
    let filled = fill(json, |before, written| {
        quotes.pass(before);
        let value = value(without(written, "tojson"), values);
        Ok(match quotes.inside {
            false => value.unwrap_or(Value::Null).to_string(),
            true => {
                let quoted = Value::String(text(value)).to_string();
                let inner = quoted.get(1..quoted.len().saturating_sub(1));
                inner.unwrap_or_default().to_owned()
            }
        })
    })?;
    match serde_json::from_str::<serde::de::IgnoredAny>(&filled) {
        Ok(_) => Ok(filled),
        Err(error) => Err(format!("the body of the call is not JSON: {error}")),
    }
}

/// Whether a place in a JSON text lies between quotes.
#[derive(Default)]
struct Quotes {
    inside: bool,
    escaped: bool,
}

impl Quotes {
    fn pass(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                _ if self.escaped => self.escaped = false,
                '\\' if self.inside => self.escaped = true,
                '"' => self.inside = !self.inside,
                _ => {}
            }
        }
    }
}

/// A text with each `{{ … }}` filled in, by what stands before it and in it.
fn fill(
    text: &str,
    mut filling: impl FnMut(&str, &str) -> Result<String, String>,
) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (written, after) = behind.split_once("}}").unwrap_or((behind, ""));
        out.push_str(before);
        out.push_str(&filling(before, written.trim())?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The same without a filter at its end that does what is done anyway.
fn without<'a>(written: &'a str, filter: &str) -> &'a str {
    match written.rsplit_once('|') {
        Some((head, last)) if last.trim() == filter => head.trim(),
        _ => written,
    }
}

fn text(value: Option<Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

/// Text as it stands in an address: all but the plainest signs as `%XX`.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
