//! Names of the store: apps, groups, roles, permissions.

use crate::catalog::{App, Catalog, Permission};
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{AppId, GroupId, GroupRef, PermissionRef, RoleId, RoleRef};
use crate::syntax::ast::NameRef;
use crate::text::{Spanned, fold, nearest};
use std::collections::HashMap;

/// All names of the catalog, folded, each with the places it stands at.
#[derive(Debug)]
pub(super) struct Names<'a> {
    apps: HashMap<String, Vec<&'a App>>,
    pub(super) groups: HashMap<String, Vec<KnownGroup<'a>>>,
    roles: HashMap<String, Vec<RoleId>>,
    permissions: HashMap<String, Vec<&'a Permission>>,
    sources: Vec<&'a str>,
    pub(super) custom: HashMap<String, Vec<&'a crate::catalog::CustomAttribute>>,
}

/// A group of the catalog, or one that the files declare.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownGroup<'a> {
    id: GroupId,
    name: &'a str,
    source: &'a str,
    /// How many members it has; `None` while it is not made yet.
    members: Option<u64>,
}

impl KnownGroup<'_> {
    pub(super) fn fact(self) -> String {
        self.members
            .map_or("declared here".to_owned(), |members| counted(members, "member"))
    }
}

/// What a name can be the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    App,
    Group,
    Role,
    Permission,
    Webhook,
    Template,
    Flow,
    Policy,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Group => "group",
            Self::Role => "role",
            Self::Permission => "permission",
            Self::Webhook => "webhook",
            Self::Template => "template",
            Self::Flow => "flow",
            Self::Policy => "policy",
        }
    }

    pub(super) fn with_article(self) -> &'static str {
        match self {
            Self::App => "an app",
            Self::Group => "a group",
            Self::Role => "a role",
            Self::Permission => "a permission",
            Self::Webhook => "a webhook",
            Self::Template => "a template",
            Self::Flow => "a flow",
            Self::Policy => "a policy",
        }
    }

    pub(super) fn unknown(self) -> Code {
        match self {
            Self::App => Code::UnknownApp,
            Self::Group => Code::UnknownGroup,
            Self::Role => Code::UnknownRole,
            Self::Permission => Code::UnknownPermission,
            Self::Webhook => Code::UnknownWebhook,
            Self::Template => Code::UnknownTemplate,
            Self::Flow => Code::UnknownFlow,
            Self::Policy => Code::UnknownPolicy,
        }
    }
}

impl<'a> Names<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        let mut names = Self {
            apps: HashMap::new(),
            groups: HashMap::new(),
            roles: HashMap::new(),
            permissions: HashMap::new(),
            sources: catalog.sources.iter().map(String::as_str).collect(),
            custom: HashMap::new(),
        };
        for app in &catalog.apps {
            let (name, label) = (fold(&app.name), fold(&app.label));
            if label != name {
                names.apps.entry(label).or_default().push(app);
            }
            names.apps.entry(name).or_default().push(app);
        }
        for group in &catalog.groups {
            names.groups.entry(fold(&group.name)).or_default().push(KnownGroup {
                id: group.id,
                name: &group.name,
                source: &group.source,
                members: Some(group.members),
            });
            names.sources.push(&group.source);
        }
        for role in &catalog.roles {
            names.roles.entry(fold(&role.name)).or_default().push(role.id);
        }
        for permission in &catalog.permissions {
            let (value, label) = (fold(&permission.value), fold(&permission.label));
            if label != value {
                names.permissions.entry(label).or_default().push(permission);
            }
            names.permissions.entry(value).or_default().push(permission);
            names.sources.extend(permission.source.as_deref());
        }
        for attribute in &catalog.custom {
            names.custom.entry(fold(&attribute.name)).or_default().push(attribute);
        }
        names.sources.sort_unstable();
        names.sources.dedup();
        names
    }

    /// The group of that name in a source.
    pub(super) fn group_in(&self, name: &str, source: &str) -> Option<GroupId> {
        let found = self.groups.get(&fold(name)).map_or(&[][..], Vec::as_slice);
        let found = found.iter().find(|group| fold(group.source) == fold(source))?;
        Some(found.id)
    }

    /// A group that the files declare.
    pub(super) fn add_group(&mut self, id: GroupId, name: &'a str, source: &'a str) {
        let group = KnownGroup { id, name, source, members: None };
        self.groups.entry(fold(name)).or_default().push(group);
    }
}

impl<'a> Cx<'a> {
    /// The apps of those names.
    pub(super) fn apps(&mut self, names: &[NameRef]) -> Option<Vec<AppId>> {
        let apps: Vec<Option<AppId>> = names.iter().map(|name| self.app(name)).collect();
        apps.into_iter().collect()
    }

    pub(super) fn app(&mut self, name: &NameRef) -> Option<AppId> {
        self.one_name(name, Kind::App)?;
        self.no_source(name, Kind::App)?;
        let folded = fold(&name.name.value);
        let found = self.names.apps.get(&folded).map_or(&[][..], Vec::as_slice);
        // An identifier goes before another app's label.
        let exact = found.iter().find(|app| fold(&app.name) == folded).map(|app| app.id);
        match (exact, found) {
            (Some(id), _) => Some(id),
            (None, [only]) => Some(only.id),
            (None, []) if self.catalog.assume => Some(AppId(0)),
            (None, []) => {
                self.unknown(&name.name, Kind::App);
                None
            }
            (None, several) => {
                let names: Vec<String> =
                    several.iter().map(|app| format!("`{}`", app.name)).collect();
                let message =
                    format!("`{}` is the label of several apps", name.name.value);
                let finding =
                    Diagnostic::error(Code::AmbiguousName, name.name.span, message)
                        .label("which one")
                        .help(format!("write its identifier: {}", names.join(" or ")));
                self.report(finding);
                None
            }
        }
    }

    pub(super) fn groups(&mut self, names: &[NameRef]) -> Option<Vec<GroupRef>> {
        let groups: Vec<Option<GroupRef>> =
            names.iter().map(|name| self.group(name)).collect();
        groups.into_iter().collect()
    }

    pub(super) fn group(&mut self, name: &NameRef) -> Option<GroupRef> {
        self.one_name(name, Kind::Group)?;
        let written = &name.name.value;
        let found = self.names.groups.get(&fold(written)).cloned().unwrap_or_default();
        if found.is_empty() {
            if self.is_damaged_group(written) {
                return None;
            }
            if self.catalog.assume {
                return Some(GroupRef { id: GroupId(0), name: written.clone() });
            }
            self.unknown(&name.name, Kind::Group);
            return None;
        }
        let Some(from) = &name.from else {
            return match found.as_slice() {
                [only] => Some(GroupRef { id: only.id, name: only.name.to_owned() }),
                several => {
                    self.ambiguous_group(&name.name, several);
                    None
                }
            };
        };
        self.source(from)?;
        let source = fold(&from.value);
        let group = found.iter().find(|group| fold(group.source) == source);
        if group.is_none() {
            let others: Vec<String> =
                found.iter().map(|group| format!("`from {}`", group.source)).collect();
            let message = format!("no group named `{written}` from `{}`", from.value);
            let span = name.name.span.to(from.span);
            self.report(
                Diagnostic::error(Code::UnknownGroup, span, message)
                    .label("not in that source")
                    .help(format!("it is known {}", others.join(" and "))),
            );
        }
        group.map(|group| GroupRef { id: group.id, name: group.name.to_owned() })
    }

    fn ambiguous_group(&mut self, name: &Spanned<String>, several: &[KnownGroup<'_>]) {
        let written = self.snippet(name.span);
        let mut sources = several.to_vec();
        sources.sort_by_key(|group| group.source);
        let ways: Vec<String> = sources
            .iter()
            .map(|group| {
                let fact = group.fact();
                format!("`{written} from {}` ({fact})", group.source)
            })
            .collect();
        let message = format!("`{}` is a group of several sources", name.value);
        let mut finding = Diagnostic::error(Code::AmbiguousName, name.span, message)
            .label(format!("{} groups have this name", several.len()))
            .help(format!("write {}", ways.join(" or ")));
        for group in sources {
            finding = finding
                .maybe(name.span, format!("{written} from {}", quoted(group.source)));
        }
        self.report(finding);
    }

    pub(super) fn roles(&mut self, names: &[NameRef]) -> Option<Vec<RoleRef>> {
        let roles: Vec<Option<RoleRef>> =
            names.iter().map(|name| self.role(name)).collect();
        roles.into_iter().collect()
    }

    pub(super) fn role(&mut self, name: &NameRef) -> Option<RoleRef> {
        self.one_name(name, Kind::Role)?;
        self.no_source(name, Kind::Role)?;
        let written = &name.name.value;
        let found = self.names.roles.get(&fold(written)).and_then(|roles| roles.first());
        match found {
            Some(id) => {
                let role = self.catalog.roles.iter().find(|role| role.id == *id)?;
                Some(RoleRef { id: role.id, name: role.name.clone() })
            }
            None if self.catalog.assume => {
                Some(RoleRef { id: RoleId(0), name: written.clone() })
            }
            None => {
                self.unknown(&name.name, Kind::Role);
                None
            }
        }
    }

    pub(super) fn permissions(
        &mut self,
        names: &[NameRef],
        about: About<'_>,
    ) -> Option<Vec<PermissionRef>> {
        let found: Vec<Option<PermissionRef>> =
            names.iter().map(|name| self.permission(name, about)).collect();
        found.into_iter().collect()
    }

    /// All permissions of a name within the policy's apps.
    pub(super) fn permission(
        &mut self,
        name: &NameRef,
        about: About<'_>,
    ) -> Option<PermissionRef> {
        self.one_name(name, Kind::Permission)?;
        let written = &name.name.value;
        let all = self
            .names
            .permissions
            .get(&fold(written))
            .cloned()
            .unwrap_or_default();
        if all.is_empty() {
            if self.catalog.assume {
                let ids = vec![crate::ir::PermissionId(0)];
                return Some(PermissionRef { ids, name: written.clone() });
            }
            self.unknown(&name.name, Kind::Permission);
            return None;
        }
        let mut found = all.clone();
        found.retain(|permission| {
            about.apps.is_empty() || about.apps.contains(&permission.app)
        });
        if found.is_empty() {
            let apps = self.app_names(&all);
            let message = format!("no permission named `{written}` in the policy's apps");
            self.report(
                Diagnostic::error(Code::UnknownPermission, name.name.span, message)
                    .label(format!("a permission of {apps}"))
                    .help(
                        "look at accounts in that app, or name a permission of this one",
                    ),
            );
            return None;
        }
        if let Some(from) = &name.from {
            self.source(from)?;
            let source = fold(&from.value);
            found.retain(|permission| {
                permission
                    .source
                    .as_deref()
                    .is_some_and(|known| fold(known) == source)
            });
            if found.is_empty() {
                let message =
                    format!("no permission named `{written}` from `{}`", from.value);
                let span = name.name.span.to(from.span);
                self.report(
                    Diagnostic::error(Code::UnknownPermission, span, message)
                        .label("not from that source"),
                );
                return None;
            }
        }
        let by_label = found.iter().find(|it| fold(&it.label) == fold(written));
        let label = by_label.or(found.first())?.label.clone();
        let mut ids: Vec<_> = found.iter().map(|permission| permission.id).collect();
        ids.sort_unstable();
        ids.dedup();
        Some(PermissionRef { ids, name: label })
    }

    fn app_names(&self, permissions: &[&Permission]) -> String {
        let mut names: Vec<String> = permissions
            .iter()
            .filter_map(|permission| {
                let app =
                    self.catalog.apps.iter().find(|app| app.id == permission.app)?;
                Some(format!("`{}`", app.label))
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names.join(" and ")
    }

    /// A source in the store's own spelling.
    pub(super) fn source<'s>(&mut self, source: &'s Spanned<String>) -> Option<&'s str>
    where
        'a: 's,
    {
        let folded = fold(&source.value);
        let known = self.names.sources.iter().find(|known| fold(known) == folded);
        if let Some(known) = known {
            return Some(known);
        }
        if self.catalog.assume {
            return Some(&source.value);
        }
        let near = nearest(&source.value, self.names.sources.iter().copied());
        let message = format!("no source named `{}`", source.value);
        let mut finding = Diagnostic::error(Code::UnknownSource, source.span, message)
            .label(format!("not in {}", self.catalog.place()));
        if let Some(near) = near.first() {
            finding = finding
                .help(format!("write `{near}`"))
                .maybe(source.span, quoted(near));
        }
        self.report(finding);
        None
    }

    fn no_source(&mut self, name: &NameRef, kind: Kind) -> Option<()> {
        let Some(from) = &name.from else { return Some(()) };
        let message = format!("{} has no source", kind.with_article());
        self.report(
            Diagnostic::error(Code::Syntax, from.span, message)
                .label("`from` fits groups and permissions only"),
        );
        None
    }

    /// One name where one fits: several bare words are one name without its quotes.
    pub(super) fn one_name(&mut self, name: &NameRef, kind: Kind) -> Option<()> {
        let (Some(first), Some(last)) = (name.more.first(), name.more.last()) else {
            return Some(());
        };
        let span = name.name.span.to(last.span);
        let words = name.more.iter().map(|word| word.value.as_str());
        let words: Vec<&str> =
            std::iter::once(name.name.value.as_str()).chain(words).collect();
        let joined = words.join(" ");
        let known = self.is_known(&joined, kind);
        let first_known = self.is_known(&name.name.value, kind);
        if known || self.catalog.assume && !first_known {
            let right = self.spelled(&joined, kind).unwrap_or(joined.clone());
            let message = format!("`{joined}` stands without quotes");
            self.report(
                Diagnostic::error(Code::UnquotedName, span, message)
                    .label(format!("one {} of several words", kind.word()))
                    .help(format!("write `\"{right}\"`"))
                    .fix(span, format!("\"{right}\"")),
            );
            return None;
        }
        if first_known {
            let message = format!("`{}` is not expected here", first.value);
            let before = &name.name.value;
            self.report(
                Diagnostic::error(Code::Syntax, first.span, message)
                    .label(format!("does not fit behind the {} `{before}`", kind.word()))
                    .help("a name of several words stands in quotes, several names in parentheses"),
            );
            return None;
        }
        self.unknown(&Spanned::new(joined, span), kind);
        None
    }

    pub(super) fn is_known(&self, name: &str, kind: Kind) -> bool {
        let folded = fold(name);
        match kind {
            Kind::App => self.names.apps.contains_key(&folded),
            Kind::Group => self.names.groups.contains_key(&folded),
            Kind::Role => self.names.roles.contains_key(&folded),
            Kind::Permission => self.names.permissions.contains_key(&folded),
            Kind::Webhook => self.webhooks.contains_key(&folded),
            Kind::Template => self.templates.contains_key(&folded),
            Kind::Flow => self.flows.contains_key(&folded),
            Kind::Policy => self.policies.contains_key(&folded),
        }
    }

    /// A name in the store's own spelling.
    pub(super) fn spelled(&self, name: &str, kind: Kind) -> Option<String> {
        let folded = fold(name);
        match kind {
            Kind::App => Some(self.names.apps.get(&folded)?.first()?.label.clone()),
            Kind::Group => Some(self.names.groups.get(&folded)?.first()?.name.to_owned()),
            Kind::Permission => {
                Some(self.names.permissions.get(&folded)?.first()?.label.clone())
            }
            Kind::Role | Kind::Webhook | Kind::Template | Kind::Flow | Kind::Policy => {
                None
            }
        }
    }
}

/// A name as it must be written: in quotes if it is not one word.
pub(crate) fn quoted(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_');
    let bare = first && letters.all(|next| next.is_alphanumeric() || "_-".contains(next));
    if bare { name.to_owned() } else { format!("\"{name}\"") }
}

pub(super) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
