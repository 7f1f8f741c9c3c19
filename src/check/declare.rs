//! What the files declare of the data: attributes, lifecycle states, groups.

use crate::check::Cx;
use crate::check::attribute::{qualified, split};
use crate::check::value::describe;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    Attribute, AttributeId, Declaration, Field, GroupId, Level, Lifecycle,
    LifecycleState, NewGroup, ValueKind,
};
use crate::syntax::ast;
use crate::text::{Span, Spanned, fold};

/// The declarations of the files.
#[derive(Debug, Default)]
pub(super) struct Declarations<'a> {
    pub(super) attributes: Vec<Declaration>,
    pub(super) lifecycle: Option<Lifecycle>,
    pub(super) groups: Vec<NewGroup>,
    /// The groups by name, those that are there already included.
    named: Vec<(&'a Spanned<String>, &'a str)>,
    /// Names whose type could not be read: nothing is said of their values.
    damaged: Vec<String>,
    /// Whether a `lifecycle` could not be read as a whole: any state may be meant.
    open: bool,
}

impl<'a> Cx<'a> {
    /// Takes in what the files declare of the data.
    pub(super) fn declarations(&mut self, files: &'a [ast::File]) {
        for item in files.iter().flat_map(|file| &file.items) {
            match &item.kind {
                ast::ItemKind::Attribute(attribute) => {
                    self.declare_attribute(attribute, item.span);
                }
                ast::ItemKind::Lifecycle(lifecycle) => {
                    self.declare_lifecycle(lifecycle, item.span, item.damaged);
                }
                ast::ItemKind::Group(group) => self.declare_group(group, item.span),
                ast::ItemKind::Policy(_)
                | ast::ItemKind::Define(_)
                | ast::ItemKind::Webhook(_)
                | ast::ItemKind::Template(_)
                | ast::ItemKind::App(_)
                | ast::ItemKind::Flow(_)
                | ast::ItemKind::Never(_)
                | ast::ItemKind::Test(_) => {}
            }
        }
    }

    fn declare_attribute(&mut self, declared: &ast::Attribute, span: Span) {
        let path = &declared.name;
        let (level, name) = split(path);
        let Some(kind) = &declared.kind else {
            self.declared.damaged.push(fold(&name));
            return;
        };
        let mut fitting = self.candidates(&name);
        fitting.retain(|known| level.is_none_or(|level| known.level == level));
        let attribute = match fitting.as_slice() {
            [] if level == Some(Level::Grant) => return self.grants_bring_nothing(path),
            // No data has it yet: it is unknown for all.
            [] => Attribute {
                level: level.unwrap_or(Level::User),
                field: Field::Custom { id: AttributeId::NOWHERE, name },
                kind: kind.value,
            },
            [only] => only.clone(),
            several => {
                let levels: Vec<Level> =
                    several.iter().map(|known| known.level).collect();
                return self.declared_on_both(path, &name, &levels);
            }
        };
        let same = |known: &Declaration| {
            known.attribute.level == attribute.level
                && fold(known.attribute.field.name()) == fold(attribute.field.name())
        };
        if let Some(first) = self.declared.attributes.iter().find(|known| same(known)) {
            let first = first.span;
            self.duplicate("attributes", self.snippet(path.span), path.span, first);
            return;
        }
        let editable = declared.editable.is_some();
        if !matches!(attribute.field, Field::Custom { .. }) {
            self.declared_built_in(&attribute, path.span, *kind, declared.editable);
        }
        let kind = match attribute.field {
            Field::Custom { .. } => kind.value,
            _ => attribute.kind,
        };
        let attribute = Attribute { kind, ..attribute };
        let span = Span { end: span.end, ..path.span.to(span) };
        self.declared
            .attributes
            .push(Declaration { attribute, editable, span });
    }

    /// A built-in attribute is declared for `editable by self`, and with its own type.
    fn declared_built_in(
        &mut self,
        attribute: &Attribute,
        span: Span,
        kind: Spanned<ValueKind>,
        editable: Option<Span>,
    ) {
        let name = attribute.field.name();
        let own = match attribute.kind {
            ValueKind::Text => "text",
            ValueKind::Number => "number",
            ValueKind::Bool => "bool",
            ValueKind::Instant => "instant",
            ValueKind::User => "user",
            ValueKind::Status
            | ValueKind::Lifecycle
            | ValueKind::IdentityState
            | ValueKind::Permission => {
                let message = format!("`{name}` is built in");
                let what = describe(attribute.kind);
                self.report(
                    Diagnostic::error(Code::BuiltInAttribute, span, message)
                        .label(format!("it is {what}"))
                        .help("take the declaration out"),
                );
                return;
            }
        };
        if kind.value != attribute.kind {
            let message =
                format!("`{name}` is built in, and it is {}", describe(attribute.kind));
            self.report(
                Diagnostic::error(Code::BuiltInAttribute, kind.span, message)
                    .label("another type")
                    .help(format!("write `{own}`, or take the declaration out"))
                    .maybe(kind.span, own),
            );
        } else if editable.is_none() {
            let message = format!("`{name}` is built in");
            self.report(
                Diagnostic::error(Code::BuiltInAttribute, span, message)
                    .label("known without a declaration")
                    .help(
                        "take the declaration out, or say more with `editable by self`",
                    ),
            );
        }
    }

    fn declared_on_both(&mut self, path: &ast::Path, name: &str, levels: &[Level]) {
        let ways: Vec<String> =
            levels.iter().map(|level| qualified(*level, name)).collect();
        let list: Vec<String> = ways.iter().map(|way| format!("`{way}`")).collect();
        let message = format!("accounts and users both have `{name}`");
        let mut finding = Diagnostic::error(Code::AmbiguousAttribute, path.span, message)
            .label("which one")
            .help(format!("write {}", list.join(" or ")));
        for way in ways {
            finding = finding.maybe(path.span, way);
        }
        self.report(finding);
    }

    fn grants_bring_nothing(&mut self, path: &ast::Path) {
        let message = "grants have no attributes but the built-in ones";
        self.report(
            Diagnostic::error(Code::UnsupportedAttribute, path.span, message)
                .label("nothing that could be declared")
                .help("declare it for `account` or `user`"),
        );
    }

    fn declare_lifecycle(
        &mut self,
        lifecycle: &ast::Lifecycle,
        span: Span,
        damaged: bool,
    ) {
        self.declared.open |= damaged;
        if let Some(first) = &self.declared.lifecycle {
            let first = first.span;
            let place = self.place(first, lifecycle.keyword);
            self.report(
                Diagnostic::error(
                    Code::DuplicateClause,
                    lifecycle.keyword,
                    "`lifecycle` stands twice",
                )
                .label(format!("the first stands at {place}"))
                .and(first, "the first")
                .help("write all states into one of them"),
            );
            return;
        }
        let mut states: Vec<LifecycleState> = Vec::new();
        for state in &lifecycle.states {
            let name = &state.name;
            let key = fold(&name.value);
            let first = lifecycle
                .states
                .iter()
                .find(|other| fold(&other.name.value) == key)
                .map_or(name.span, |first| first.name.span);
            if first != name.span {
                self.duplicate("lifecycle states", &name.value, name.span, first);
                continue;
            }
            states.push(LifecycleState {
                name: self.state_of_the_store(&name.value),
                identity: state.identity.value,
                disabled: state.disabled.is_some(),
            });
        }
        let span = Span { end: lifecycle.keyword.end, ..span };
        self.declared.lifecycle = Some(Lifecycle { states, span });
    }

    /// A state in the spelling of the store, which may lack it.
    fn state_of_the_store(&self, name: &str) -> String {
        let known = self.catalog.lifecycle.iter();
        let known = known.into_iter().find(|known| fold(known) == fold(name));
        known.map_or(name, String::as_str).to_owned()
    }

    /// All lifecycle states: those of the store, and those that the files name.
    pub(super) fn lifecycle_states(&self) -> Vec<String> {
        let mut states = self.catalog.lifecycle.clone();
        let declared = self.declared.lifecycle.iter().flat_map(|it| &it.states);
        for state in declared {
            if !states.iter().any(|known| fold(known) == fold(&state.name)) {
                states.push(state.name.clone());
            }
        }
        states
    }

    /// Whether there may be more states than those.
    pub(super) fn any_lifecycle_state(&self) -> bool {
        self.catalog.assume || self.declared.open
    }

    fn declare_group(&mut self, group: &'a ast::Group, span: Span) {
        let name = &group.name;
        // Without its source it is known by name all the same.
        let source = match &group.source {
            Some(source) => match self.source(source) {
                Some(source) => source,
                None => return self.declared.named.push((name, "")),
            },
            None => return self.declared.named.push((name, "")),
        };
        let (key, from) = (fold(&name.value), fold(source));
        let first = self
            .declared
            .named
            .iter()
            .find(|(known, source)| fold(&known.value) == key && fold(source) == from)
            .map(|(known, _)| known.span);
        if let Some(first) = first {
            self.duplicate("groups", &name.value, name.span, first);
            return;
        }
        self.declared.named.push((name, source));
        let known = self.names.group_in(&name.value, source);
        let id = known.unwrap_or_else(|| GroupId::declared(&name.value, source));
        if known.is_none() {
            self.names.add_group(id, &name.value, source);
        }
        self.declared.groups.push(NewGroup {
            id,
            name: name.value.clone(),
            source: source.to_owned(),
            span,
        });
    }

    /// Whether a group was declared that could not be taken in; that has been said.
    pub(super) fn is_damaged_group(&self, name: &str) -> bool {
        let folded = fold(name);
        self.declared
            .named
            .iter()
            .any(|(known, source)| source.is_empty() && fold(&known.value) == folded)
    }

    /// The declaration of an attribute that is not built in.
    pub(super) fn declaration(&self, level: Level, name: &str) -> Option<&Declaration> {
        let folded = fold(name);
        self.declared.attributes.iter().find(|known| {
            known.attribute.level == level
                && fold(known.attribute.field.name()) == folded
                && matches!(known.attribute.field, Field::Custom { .. })
        })
    }

    /// Declared attributes that no data has, by their level and name.
    pub(super) fn nowhere(&self) -> impl Iterator<Item = &Attribute> {
        let declared = self.declared.attributes.iter().map(|known| &known.attribute);
        declared.filter(|attribute| {
            matches!(attribute.field, Field::Custom { id: AttributeId::NOWHERE, .. })
        })
    }

    /// Whether an attribute was declared in words that could not be read.
    pub(super) fn is_damaged_attribute(&self, name: &str) -> bool {
        self.declared.damaged.contains(&fold(name))
    }
}
