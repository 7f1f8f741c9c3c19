//! Names that are not known: what they are instead, and what is near.

use crate::catalog::App;
use crate::check::name::{Kind, counted};
use crate::check::template;
use crate::check::{Cx, quoted};
use crate::diagnose::{Code, Diagnostic};
use crate::text::{Span, Spanned, fold, nearest};

impl Cx<'_> {
    /// Says that a name is not known: of another kind, or near to one that is.
    pub(super) fn unknown(&mut self, name: &Spanned<String>, kind: Kind) {
        let written = &name.value;
        let all = [
            Kind::App,
            Kind::Group,
            Kind::Role,
            Kind::Permission,
            Kind::Webhook,
            Kind::Template,
            Kind::Flow,
            Kind::Policy,
        ];
        let other = all
            .into_iter()
            .find(|other| *other != kind && self.is_known(written, *other));
        if let Some(other) = other {
            return self.wrong_kind(name, kind, other);
        }
        let message = format!("no {} named `{written}`", kind.word());
        let mut finding = Diagnostic::error(kind.unknown(), name.span, message);
        finding = finding.label(match kind {
            Kind::Webhook | Kind::Template | Kind::Flow | Kind::Policy => {
                "not in these files".to_owned()
            }
            Kind::App | Kind::Group | Kind::Role | Kind::Permission => {
                format!("not in {}", self.catalog.place())
            }
        });
        let near = self.near(written, kind);
        if let Some((first, _)) = near.first() {
            let list: Vec<String> = near
                .iter()
                .map(|(name, fact)| match fact.as_str() {
                    "" => format!("`{name}`"),
                    fact => format!("`{name}` ({fact})"),
                })
                .collect();
            finding = finding
                .help(format!("write {}", list.join(" or ")))
                .maybe(name.span, quoted(first));
        } else if let Kind::Webhook | Kind::Template | Kind::Flow = kind {
            let word = kind.word();
            finding = finding
                .help(format!("declare it with a `{word} {}` item", quoted(written)));
        } else if kind == Kind::Policy {
            let mut known: Vec<Span> = self.policies.values().copied().collect();
            known.sort_unstable();
            let known: Vec<String> = known
                .iter()
                .take(5)
                .map(|span| format!("`{}`", self.snippet(*span).trim_matches('"')))
                .collect();
            finding = finding.help(match known.as_slice() {
                [] => "a test stands beside its policy: no file has one with a name"
                    .to_owned(),
                known => format!("the files have {}", known.join(", ")),
            });
        }
        self.report(finding);
    }

    /// Says that a name is that of something else, and what is done with such a thing.
    fn wrong_kind(&mut self, name: &Spanned<String>, kind: Kind, other: Kind) {
        let written = &name.value;
        let message = format!(
            "`{written}` is {}, not {}",
            other.with_article(),
            kind.with_article()
        );
        let way = match other {
            Kind::App => format!(
                "look at its accounts with `for accounts in app {}`",
                quoted(written)
            ),
            Kind::Group => {
                format!("ask for its members with `in group {}`", quoted(written))
            }
            Kind::Role => {
                format!("ask for its holders with `has role {}`", quoted(written))
            }
            Kind::Permission => {
                format!("ask for its holders with `has permission {}`", quoted(written))
            }
            Kind::Webhook => {
                format!("call it with `run webhook {}`", quoted(written))
            }
            Kind::Template => {
                format!("use it with `notify owner with {}`", quoted(written))
            }
            Kind::Flow => format!("run it with `run flow {}`", quoted(written)),
            Kind::Policy => {
                format!("test it with `policy {}` in a `test`", quoted(written))
            }
        };
        let like = self.that_contain(written, kind);
        let way = if like.is_empty() {
            way
        } else {
            format!("{way}; {}s with that word: {}", kind.word(), like.join(", "))
        };
        self.report(
            Diagnostic::error(Code::WrongKind, name.span, message)
                .label(other.with_article())
                .help(way),
        );
    }

    /// Up to three names of a kind that hold a word, each with a fact.
    fn that_contain(&self, word: &str, kind: Kind) -> Vec<String> {
        let folded = fold(word);
        let with = |name: &str, fact: String| {
            fold(name).contains(&folded).then(|| format!("`{name}` ({fact})"))
        };
        let catalog = self.catalog;
        let found: Vec<String> = match kind {
            Kind::App => {
                let each = |app: &App| with(&app.label, counted(app.accounts, "account"));
                catalog.apps.iter().filter_map(each).take(3).collect()
            }
            Kind::Group => catalog
                .groups
                .iter()
                .filter_map(|it| with(&it.name, counted(it.members, "member")))
                .take(3)
                .collect(),
            Kind::Role => catalog
                .roles
                .iter()
                .filter_map(|it| with(&it.name, counted(it.members, "member")))
                .take(3)
                .collect(),
            Kind::Permission => catalog
                .permissions
                .iter()
                .filter_map(|it| with(&it.label, counted(it.holders, "holder")))
                .take(3)
                .collect(),
            Kind::Webhook | Kind::Template | Kind::Flow | Kind::Policy => Vec::new(),
        };
        found
    }

    /// The nearest names of a kind, each with a fact.
    pub(in crate::check) fn near(
        &mut self,
        written: &str,
        kind: Kind,
    ) -> Vec<(String, String)> {
        let Some(left) = self.suggestions.checked_sub(1) else { return Vec::new() };
        self.suggestions = left;
        let catalog = self.catalog;
        let fact = |count, what| Some(counted(count, what));
        match kind {
            Kind::App => {
                let apps = || catalog.apps.iter();
                let names =
                    apps().flat_map(|app| [app.label.as_str(), app.name.as_str()]);
                facts(written, names, |name| {
                    let known = apps().find(|app| app.label == name || app.name == name);
                    known.and_then(|app| fact(app.accounts, "account"))
                })
            }
            Kind::Group => {
                let declared = self.declared.groups.iter().map(|it| it.name.as_str());
                let names = catalog.groups.iter().map(|group| group.name.as_str());
                facts(written, names.chain(declared), |name| {
                    let known = self.names.groups.get(&fold(name))?.first()?;
                    Some(known.fact())
                })
            }
            Kind::Role => {
                let names = catalog.roles.iter().map(|role| role.name.as_str());
                facts(written, names, |name| {
                    let known = catalog.roles.iter().find(|role| role.name == name);
                    known.and_then(|role| fact(role.members, "member"))
                })
            }
            Kind::Permission => {
                let all = || catalog.permissions.iter();
                let names = all().flat_map(|it| [it.label.as_str(), it.value.as_str()]);
                facts(written, names, |name| {
                    let known = all().find(|it| it.label == name || it.value == name);
                    known.and_then(|permission| fact(permission.holders, "holder"))
                })
            }
            Kind::Webhook => {
                self.written(written, self.webhooks.values().map(|(span, _)| *span))
            }
            Kind::Template => {
                let near = nearest(written, template::names());
                let mut found =
                    self.written(written, self.templates.values().map(|(span, _)| *span));
                let near = near
                    .into_iter()
                    .filter(|name| found.iter().all(|(declared, _)| declared != name));
                let near: Vec<_> =
                    near.map(|name| (name.to_owned(), String::new())).collect();
                found.extend(near);
                found
            }
            Kind::Flow => {
                self.written(written, self.flows.values().map(|(span, _)| *span))
            }
            Kind::Policy => self.written(written, self.policies.values().copied()),
        }
    }

    fn written(
        &self,
        written: &str,
        spans: impl Iterator<Item = Span>,
    ) -> Vec<(String, String)> {
        facts(written, spans.map(|span| self.snippet(span).trim_matches('"')), |_| None)
    }
}

/// The nearest names, each with a fact about it. An app's label and identifier are one.
fn facts<'n>(
    written: &str,
    names: impl Iterator<Item = &'n str>,
    fact: impl Fn(&str) -> Option<String>,
) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for name in nearest(written, names) {
        if !found.iter().any(|(known, _)| fold(known) == fold(name)) {
            found.push((name.to_owned(), fact(name).unwrap_or_default()));
        }
    }
    found
}
