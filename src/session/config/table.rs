//! A table of the file, taken apart key by key.

use crate::session::config::{Finding, syntax};
use crate::text::{SourceFile, nearest};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table whose keys are asked for one by one; what nobody asked for is an error.
pub(crate) struct Table<'a, 'f> {
    /// Its name, with those of the sections around it; empty for the whole file.
    name: String,
    /// Where it begins.
    span: Range<usize>,
    entries: DeTable<'a>,
    /// The keys that were asked for.
    known: Vec<&'static str>,
    /// Those of them that are there, and where their values begin.
    found: BTreeMap<&'static str, usize>,
    source: &'a str,
    findings: &'f mut Vec<Finding>,
}

/// What is wrong with a value, and what to write instead.
pub(crate) struct Wrong {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Wrong {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl<'a, 'f> Table<'a, 'f> {
    /// The whole file.
    pub(crate) fn parse(source: &'a str, findings: &'f mut Vec<Finding>) -> Option<Self> {
        match DeTable::parse(source) {
            Ok(root) => {
                let (span, entries) = (root.span(), root.into_inner());
                Some(Self {
                    name: String::new(),
                    span,
                    entries,
                    known: Vec::new(),
                    found: BTreeMap::new(),
                    source,
                    findings,
                })
            }
            Err(error) => {
                let (at, wrong) = syntax::wrong(source, &error);
                findings.push(finding(source, at, wrong));
                None
            }
        }
    }

    /// A table inside this one, read by `read`; `None` where there is none.
    pub(crate) fn table<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Table<'a, '_>) -> T,
    ) -> Option<T> {
        let (span, value) = self.take(name)?;
        let path = self.inside(name);
        let DeValue::Table(entries) = value else {
            let wrong = Wrong::new(format!("`{name}` is not a section"));
            self.wrong(
                span.start,
                wrong.help(format!("write `[{path}]` on a line of its own")),
            );
            return None;
        };
        let mut table = Table {
            name: path,
            span,
            entries,
            known: Vec::new(),
            found: BTreeMap::new(),
            source: self.source,
            findings: self.findings,
        };
        let result = read(&mut table);
        table.finish();
        Some(result)
    }

    /// All sections inside this one, whose names are not known before, each read by `read`.
    pub(crate) fn tables<T>(
        &mut self,
        read: impl Fn(&str, &mut Table<'a, '_>) -> Option<T>,
    ) -> Vec<T> {
        let mut list = Vec::new();
        for (key, value) in std::mem::take(&mut self.entries) {
            let span = value.span();
            let path = self.inside(key.get_ref());
            let DeValue::Table(entries) = value.into_inner() else {
                let wrong = Wrong::new(format!("`{}` is not a section", key.get_ref()));
                let help = format!("write `[{path}]` on a line of its own");
                self.wrong(key.span().start, wrong.help(help));
                continue;
            };
            let mut table = Table {
                name: path,
                span,
                entries,
                known: Vec::new(),
                found: BTreeMap::new(),
                source: self.source,
                findings: self.findings,
            };
            let one = read(key.get_ref(), &mut table);
            table.finish();
            list.extend(one);
        }
        list
    }

    /// A text, read by `read`.
    pub(crate) fn text<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.value(key, |value| match value {
            DeValue::String(text) => read(text),
            other => Err(kind(key, other, "a text in quotes")),
        })
    }

    /// A whole number, read by `read`.
    pub(crate) fn number<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(u64) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.value(key, |value| match whole(value) {
            Some(number) => read(number),
            None => {
                Err(beyond(key, value)
                    .unwrap_or_else(|| kind(key, value, "a whole number")))
            }
        })
    }

    /// A whole number or a text, each read its own way.
    pub(crate) fn number_or_text<T>(
        &mut self,
        key: &'static str,
        number: impl FnOnce(u64) -> Result<T, Wrong>,
        text: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        self.value(key, |value| match (whole(value), value) {
            (Some(whole), _) => number(whole),
            (None, DeValue::String(found)) => text(found),
            (None, other) => Err(beyond(key, other).unwrap_or_else(|| {
                kind(key, other, "a whole number, or a text in quotes")
            })),
        })
    }

    /// True or false.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.value(key, |value| match value {
            DeValue::Boolean(flag) => Ok(*flag),
            other => Err(kind(key, other, "true or false")),
        })
    }

    /// A list of texts, each read by `read`; empty where there is none.
    pub(crate) fn texts<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Vec<T> {
        let Some((span, value)) = self.take(key) else {
            return Vec::new();
        };
        let DeValue::Array(items) = value else {
            self.wrong(span.start, kind(key, &value, "a list of texts, `[\"…\"]`"));
            return Vec::new();
        };
        let mut list = Vec::new();
        for item in items {
            let result = match item.get_ref() {
                DeValue::String(text) => read(text),
                other => Err(kind(key, other, "a list of texts")),
            };
            match result {
                Ok(value) => list.push(value),
                Err(wrong) => self.wrong(item.span().start, wrong),
            }
        }
        list
    }

    /// All entries of this table, whose keys are not known before, each read by `read`.
    pub(crate) fn entries<T>(
        &mut self,
        read: impl Fn(&str, &str) -> Result<T, Wrong>,
    ) -> Vec<T> {
        let mut list = Vec::new();
        for (key, value) in std::mem::take(&mut self.entries) {
            let result = match value.get_ref() {
                DeValue::String(text) => read(key.get_ref(), text),
                other => Err(kind(key.get_ref(), other, "a text in quotes")),
            };
            match result {
                Ok(value) => list.push(value),
                Err(wrong) => self.wrong(key.span().start, wrong),
            }
        }
        list
    }

    /// Reports a section or key that is planned and not there yet, if it is there.
    pub(crate) fn later(&mut self, key: &'static str) {
        let found = self.take(key);
        // It cannot be used, so it is not offered in the place of another one.
        self.known.retain(|known| *known != key);
        if let Some((span, value)) = found {
            let shown =
                if value.is_table() { format!("[{key}]") } else { key.to_owned() };
            let wrong = Wrong::new(format!("`{shown}` is not yet supported"));
            self.wrong(span.start, wrong.help("take it out; nothing of it would hold"));
        }
    }

    /// Reports that a key is missing.
    pub(crate) fn missing(&mut self, key: &'static str, help: &str) {
        let wrong = Wrong::new(format!("`[{}]` lacks `{key}`", self.name));
        self.wrong(self.span.start, wrong.help(help));
    }

    /// Whether a key that was asked for is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.found.contains_key(key)
    }

    /// Reports that a key doesn't go with others.
    pub(crate) fn misfit(&mut self, key: &str, wrong: Wrong) {
        let at = self.found.get(key).copied().unwrap_or(self.span.start);
        self.wrong(at, wrong);
    }

    /// Reports what is wrong at a byte of the file.
    fn wrong(&mut self, at: usize, wrong: Wrong) {
        self.findings.push(finding(self.source, at, wrong));
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(&mut self) {
        for (key, _) in std::mem::take(&mut self.entries) {
            let written = key.get_ref();
            let place = match self.name.as_str() {
                "" => String::new(),
                name => format!(" in `[{name}]`"),
            };
            let wrong = Wrong::new(format!("unknown key `{written}`{place}"));
            let wrong = match nearest(written, self.known.iter().copied()).first() {
                Some(name) => wrong.help(format!("is `{name}` meant?")),
                None => wrong.help(format!("known are {}", listed(&self.known))),
            };
            self.wrong(key.span().start, wrong);
        }
    }

    /// The name of a section inside this one, as it is written.
    fn inside(&self, name: &str) -> String {
        let fits = |sign: char| sign.is_ascii_alphanumeric() || "-_".contains(sign);
        let name = match !name.is_empty() && name.chars().all(fits) {
            true => name.to_owned(),
            false => format!("{name:?}"),
        };
        match self.name.as_str() {
            "" => name,
            outer => format!("{outer}.{name}"),
        }
    }

    fn value<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&DeValue<'a>) -> Result<T, Wrong>,
    ) -> Option<T> {
        let (span, value) = self.take(key)?;
        read(&value).map_err(|wrong| self.wrong(span.start, wrong)).ok()
    }

    fn take(&mut self, key: &'static str) -> Option<(Range<usize>, DeValue<'a>)> {
        self.known.push(key);
        let value: Spanned<_> = self.entries.remove(key)?;
        self.found.insert(key, value.span().start);
        Some((value.span(), value.into_inner()))
    }
}

fn finding(source: &str, at: usize, Wrong { message, help }: Wrong) -> Finding {
    let file = SourceFile::new(String::new(), source.to_owned());
    Finding { position: file.position(at), message, help }
}

fn kind(key: &str, found: &DeValue<'_>, wanted: &str) -> Wrong {
    let found = match found {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a section",
    };
    Wrong::new(format!("`{key}` is {wanted}, not {found}"))
}

/// A number that is whole, and none that can be taken.
fn beyond(key: &str, value: &DeValue<'_>) -> Option<Wrong> {
    let number = value.as_integer()?.as_str();
    Some(Wrong::new(match number.starts_with('-') {
        true => format!("`{key}` is below zero"),
        false => format!("`{key}` is too large"),
    }))
}

fn whole(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Names in backticks, with commas.
pub(crate) fn listed(names: &[&str]) -> String {
    let quoted = names.iter().map(|name| format!("`{name}`"));
    quoted.collect::<Vec<_>>().join(", ")
}
