//! Attributes: whose they are, and of which type.

use crate::catalog::BUILT_IN;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Attribute, AttributeId, Field, Level, SubjectKind, ValueKind};
use crate::syntax::ast::Path;
use crate::text::{Span, fold, nearest};

/// An attribute, and whether it was taken on trust.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) attribute: Attribute,
    /// No store was there to ask, so it may have any type.
    pub(super) assumed: bool,
    /// As it was written, level included.
    pub(super) written: String,
}

impl Cx<'_> {
    /// The attribute that a path names.
    pub(super) fn attribute(&mut self, path: &Path, about: About<'_>) -> Option<Found> {
        let written = self.snippet(path.span);
        let (level, name) = split(path);
        if path.parts.len() > 1
            && path.parts.first().is_some_and(|first| fold(first) == "grant")
        {
            let message = format!("`{written}` is not supported yet");
            self.report(
                Diagnostic::error(Code::NotYetSupported, path.span, message)
                    .label("grants are part of the language, not yet of this program"),
            );
            return None;
        }
        let all = self.candidates(&name);
        let mut found = all.clone();
        found.retain(|attribute| level.is_none_or(|level| attribute.level == level));
        let reachable = |attribute: &Attribute| {
            about.kind == SubjectKind::Account || attribute.level == Level::User
        };
        let fitting: Vec<&Attribute> = found.iter().filter(|it| reachable(it)).collect();
        match fitting.as_slice() {
            [only] => Some(Found {
                attribute: (*only).clone(),
                assumed: false,
                written: written.to_owned(),
            }),
            [] if !found.is_empty() => {
                let message = format!("`{written}` is an attribute of accounts");
                self.report(
                    Diagnostic::error(Code::UnsupportedAttribute, path.span, message)
                        .label("the policy looks at users")
                        .help(
                            "write `for accounts`, or ask for something about the user",
                        ),
                );
                None
            }
            [] if self.catalog.assume || self.is_damaged_attribute(&name) => {
                let level = level.unwrap_or(Level::User);
                let field = Field::Custom { id: AttributeId(0), name };
                let attribute = Attribute { level, field, kind: ValueKind::Text };
                Some(Found {
                    attribute,
                    assumed: true,
                    written: written.to_owned(),
                })
            }
            [] => {
                self.unknown_attribute(path, &name, about, &all);
                None
            }
            _ => {
                self.ambiguous_attribute(path, written);
                None
            }
        }
    }

    fn ambiguous_attribute(&mut self, path: &Path, written: &str) {
        let message = format!("accounts and users both have `{written}`");
        let (account, user) = (format!("account.{written}"), format!("user.{written}"));
        self.report(
            Diagnostic::error(Code::AmbiguousAttribute, path.span, message)
                .label("which one")
                .help(format!("write `{account}` or `{user}`"))
                .maybe(path.span, account)
                .maybe(path.span, user),
        );
    }

    /// Whether there is an attribute of that name on any level.
    pub(super) fn has_attribute(&self, path: &Path) -> bool {
        !self.candidates(&split(path).1).is_empty()
    }

    /// All attributes of a name, on either level.
    pub(super) fn candidates(&self, name: &str) -> Vec<Attribute> {
        let folded = fold(name);
        let built_in = BUILT_IN.iter().filter(|(_, field, _)| field.name() == folded);
        let mut found: Vec<Attribute> = built_in
            .map(|(level, field, kind)| Attribute {
                level: *level,
                field: field.clone(),
                kind: *kind,
            })
            .collect();
        let custom = self.names.custom.get(&folded).map_or(&[][..], Vec::as_slice);
        found.extend(custom.iter().map(|custom| {
            Attribute {
                level: custom.level,
                field: Field::Custom { id: custom.id, name: custom.name.clone() },
                kind: self
                    .declaration(custom.level, &custom.name)
                    .map_or(ValueKind::Text, |declared| declared.attribute.kind),
            }
        }));
        let named = |attribute: &&Attribute| fold(attribute.field.name()) == folded;
        found.extend(self.nowhere().filter(named).cloned());
        found
    }

    fn unknown_attribute(
        &mut self,
        path: &Path,
        name: &str,
        about: About<'_>,
        elsewhere: &[Attribute],
    ) {
        let message = format!("no attribute named `{name}`");
        let mut finding = Diagnostic::error(Code::UnknownAttribute, path.span, message)
            .label("neither built in nor in the data");
        if let Some(other) = elsewhere.first() {
            let right = qualified(other.level, name);
            finding = finding
                .label("not on this level")
                .help(format!("write `{right}`"))
                .maybe(path.span, right);
        } else if let Some(apart) = self.apart(name) {
            // Before what is near: `notinactive` is near to its very opposite.
            finding = finding.help(format!("write `{apart}`")).maybe(path.span, apart);
        } else if let Some((near, replaced)) = self.near_attribute(path, name, about) {
            finding = finding.help(format!("write `{near}`")).maybe(replaced, near);
        }
        self.report(finding);
    }

    /// Words that were glued together, if what remains is known.
    fn apart(&self, name: &str) -> Option<String> {
        if let Some(rest) = name.strip_prefix("not")
            && (!self.candidates(rest).is_empty() || self.is_defined(rest))
        {
            return Some(format!("not {rest}"));
        }
        crate::syntax::unglue(name)
    }

    /// The nearest attribute, and what it would take the place of.
    fn near_attribute(
        &mut self,
        path: &Path,
        name: &str,
        about: About<'_>,
    ) -> Option<(String, Span)> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        let (level, _) = split(path);
        let fits = |known: Level| {
            level.is_none_or(|level| level == known)
                && (about.kind == SubjectKind::Account || known == Level::User)
        };
        let built_in = BUILT_IN.iter().filter(|(level, _, _)| fits(*level));
        let built_in = built_in.map(|(_, field, _)| field.name());
        let custom = self.catalog.custom.iter().filter(|custom| fits(custom.level));
        let custom = custom.map(|custom| custom.name.as_str());
        let bare = if level.is_none() { &["inactive"][..] } else { &[] };
        let declared = self.nowhere().filter(|known| fits(known.level));
        let declared = declared.map(|known| known.field.name());
        let known = built_in.chain(custom).chain(declared).chain(bare.iter().copied());
        let near = nearest(name, known).into_iter().next()?.to_owned();
        // The level stays as it was written.
        let right = match level {
            Some(level) => qualified(level, &near),
            None => near,
        };
        Some((right, path.span))
    }
}

/// The level that a path names, and the attribute's own name.
pub(super) fn split(path: &Path) -> (Option<Level>, String) {
    let level = match path.parts.first().map(|first| fold(first)).as_deref() {
        Some("account") => Some(Level::Account),
        Some("user") => Some(Level::User),
        Some("grant") => Some(Level::Grant),
        _ => None,
    };
    match (level, path.parts.as_slice()) {
        (Some(level), [_, rest @ ..]) if !rest.is_empty() => {
            (Some(level), rest.join("."))
        }
        (_, parts) => (None, parts.join(".")),
    }
}

pub(super) fn qualified(level: Level, name: &str) -> String {
    match level {
        Level::Account => format!("account.{name}"),
        Level::User => format!("user.{name}"),
        Level::Grant => format!("grant.{name}"),
    }
}
