//! Attributes: whose they are, and of which type.

use crate::catalog::BUILT_IN;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{AppId, Attribute, AttributeId, Field, Level, SubjectKind, ValueKind};
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
    /// The apps of the policy that asks.
    pub(super) apps: Vec<AppId>,
}

impl Cx<'_> {
    /// The attribute that a path names.
    pub(super) fn attribute(&mut self, path: &Path, about: About<'_>) -> Option<Found> {
        let written = self.snippet(path.span);
        let (level, name) = split(path);
        let all = self.candidates(&name);
        let mut found = all.clone();
        found.retain(|attribute| level.is_none_or(|level| attribute.level == level));
        let mut fitting: Vec<&Attribute> =
            found.iter().filter(|it| reaches(about.kind, it.level)).collect();
        // A grant's own attributes go before those of its account and its owner.
        if level.is_none() && fitting.iter().any(|it| it.level == Level::Grant) {
            fitting.retain(|it| it.level == Level::Grant);
        }
        match fitting.as_slice() {
            [only] => Some(Found {
                attribute: (*only).clone(),
                // What was declared of it could not be read, and that has been said.
                assumed: matches!(only.field, Field::Custom { .. })
                    && self.is_damaged_attribute(&name),
                written: written.to_owned(),
                apps: about.apps.to_vec(),
            }),
            [] if !found.is_empty() => {
                let level = found.first().map_or(Level::Account, |found| found.level);
                self.out_of_reach(path.span, level, about.kind);
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
                    apps: about.apps.to_vec(),
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

    /// Says that a policy's subjects do not have an attribute.
    fn out_of_reach(&mut self, span: Span, level: Level, kind: SubjectKind) {
        let written = self.snippet(span);
        let (of, help) = match level {
            Level::Grant if written.ends_with("permission") => {
                ("grants", "write `for grants`, or ask with `has permission …`")
            }
            Level::Grant => ("grants", "write `for grants`, or ask for something else"),
            Level::Account | Level::User => {
                ("accounts", "write `for accounts`, or ask for something about the user")
            }
        };
        let message = format!("`{written}` is an attribute of {of}");
        self.report(
            Diagnostic::error(Code::UnsupportedAttribute, span, message)
                .label(format!("the policy looks at {}", plural(kind)))
                .help(help),
        );
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

    /// Whether the language or a file has an attribute of that name, whatever the store has.
    pub(super) fn is_told_of(&self, name: &str) -> bool {
        let folded = fold(name);
        BUILT_IN.iter().any(|(_, field, _)| field.name() == folded)
            || self
                .declared
                .attributes
                .iter()
                .any(|declared| fold(declared.attribute.field.name()) == folded)
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
        } else if let Some(near) = self.near_attribute(path, name, about) {
            finding = finding.help(format!("write `{near}`")).maybe(path.span, near);
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

    /// The nearest attribute, with the level that was written.
    fn near_attribute(
        &mut self,
        path: &Path,
        name: &str,
        about: About<'_>,
    ) -> Option<String> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        let (level, _) = split(path);
        // Directories keep attributes in parts of their own, as in `user.profile.title`.
        let last = path.parts.last().map_or(name, String::as_str);
        let near = |level: Option<Level>, name: &str| self.near_on(level, name, about);
        if let Some(found) = near(level, name).or_else(|| near(level, last)) {
            return Some(match level {
                Some(level) => qualified(level, &found),
                None => found,
            });
        }
        let found = near(None, name)?;
        let mut levels: Vec<Level> =
            self.candidates(&found).iter().map(|found| found.level).collect();
        levels.retain(|level| reaches(about.kind, *level));
        match levels.as_slice() {
            [_, _, ..] => None,
            _ => Some(found),
        }
    }

    /// The nearest attribute of a level, or of any that the subjects have.
    fn near_on(
        &self,
        level: Option<Level>,
        name: &str,
        about: About<'_>,
    ) -> Option<String> {
        let fits = |known: Level| {
            level.is_none_or(|level| level == known) && reaches(about.kind, known)
        };
        let built_in = BUILT_IN.iter().filter(|(level, _, _)| fits(*level));
        let built_in = built_in.map(|(_, field, _)| field.name());
        let custom = self.catalog.custom.iter().filter(|custom| fits(custom.level));
        let custom = custom.map(|custom| custom.name.as_str());
        let bare = if level.is_none() { &["inactive"][..] } else { &[] };
        let declared = self.nowhere().filter(|known| fits(known.level));
        let declared = declared.map(|known| known.field.name());
        let known = built_in.chain(custom).chain(declared).chain(bare.iter().copied());
        nearest(name, known).into_iter().next().map(str::to_owned)
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

/// Whether subjects of a kind have the attributes of a level.
fn reaches(kind: SubjectKind, level: Level) -> bool {
    match kind {
        SubjectKind::User => level == Level::User,
        SubjectKind::Account => level != Level::Grant,
        SubjectKind::Grant => true,
    }
}

/// Subjects of a kind, as people call them.
pub(super) fn plural(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Account => "accounts",
        SubjectKind::User => "users",
        SubjectKind::Grant => "grants",
    }
}
