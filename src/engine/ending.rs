//! What `app` items say of access that expires: for each app, a policy for its accounts and one
//! for its permissions, which the engine makes of the items in the texts that are at work.
//!
//! INVARIANT: such a policy leaves alone whatever another active policy takes.

use crate::catalog::Catalog;
use crate::check;
use crate::engine::activate::put_to_work;
use crate::engine::errors::EngineError;
use crate::engine::hear::carry_over;
use crate::engine::library::parse;
use crate::engine::pilot::Pin;
use crate::engine::tick::Engine;
use crate::ir::{App, AppId, SubjectKind};
use crate::store::{Ending, Mode, PolicyRow, StoreError};
use crate::syntax::{self, ast, names_in};
use crate::text::{Sources, fold};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What is to be done about one of these policies.
pub(super) enum Arrangement {
    /// It is to follow what that version says.
    Follow {
        /// As it stands, where it was made before.
        known: Option<Ending>,
        /// The app.
        app: AppId,
        /// Of its accounts, or of what they hold.
        kind: SubjectKind,
        /// The policy and its version.
        source: (i64, u32),
    },
    /// Nothing says any more how access is taken there.
    Rest(Ending),
}

impl Engine<'_> {
    /// What is to be done, so that the policies are what the `app` items say.
    pub(super) fn arrangements(&mut self) -> Result<Vec<Arrangement>, EngineError> {
        let store = self.store;
        let known = store.endings()?;
        let (items, whole) = self.items(&known)?;
        let mut found = Vec::new();
        for (id, (app, source)) in &items {
            for kind in [SubjectKind::Account, SubjectKind::Grant] {
                let mut before = known.iter().copied();
                let of = |it: &Ending| (it.app, it.kind) == (*id, kind.number());
                let known = before.find(of);
                let so = known.is_some_and(|it| it.at_work && it.source == *source);
                if !says(app, kind) || so {
                    continue;
                }
                if known.is_some() || store.has_expiring(kind, *id)? {
                    let source = *source;
                    found.push(Arrangement::Follow { known, app: *id, kind, source });
                }
            }
        }
        // What a policy says that cannot be followed now may well be said again.
        for ending in known.into_iter().filter(|it| it.at_work && whole) {
            let app = items.get(&ending.app).map(|(app, _)| app);
            let kinds = [SubjectKind::Account, SubjectKind::Grant].into_iter();
            let mut said = kinds.filter(|kind| app.is_some_and(|app| says(app, *kind)));
            if said.all(|kind| kind.number() != ending.kind) {
                found.push(Arrangement::Rest(ending));
            }
        }
        Ok(found)
    }

    /// The item of each app, and where it stands: that of the policy which was put to work
    /// last, of those that are at work in earnest and for everybody. And whether all of them
    /// can be followed.
    fn items(&mut self, endings: &[Ending]) -> Result<(Items, bool), EngineError> {
        let store = self.store;
        let mut rows = Vec::new();
        for row in store.policies()? {
            let made = endings.iter().any(|ending| ending.policy == row.id);
            if let (Some(version), false) = (row.active, made)
                && row.mode == Mode::default()
            {
                let since = store.activated_at(row.id, version)?;
                rows.push((since, row.id, row));
            }
        }
        rows.sort_by_key(|(since, id, _)| (*since, *id));
        let (mut items, mut whole) = (Items::new(), true);
        for (_, id, row) in &rows {
            let Some(pin) = Pin::active(row) else { continue };
            let Some(loaded) = self.loaded(&pin)? else {
                whole = false;
                continue;
            };
            for app in &loaded.policy.apps {
                items.insert(app.id, (app.clone(), (*id, pin.version)));
            }
        }
        Ok((items, whole))
    }

    /// Does what is to be done, in the caller's transaction; whether anything changed.
    pub(super) fn arrange(
        &mut self,
        arrangements: Vec<Arrangement>,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let mut moved = false;
        for arrangement in arrangements {
            match arrangement {
                Arrangement::Rest(ending) => {
                    let rows = self.store.policies()?;
                    if let Some(row) = rows.iter().find(|row| row.id == ending.policy) {
                        carry_over(self.store, row, None)?;
                    }
                    self.store.deactivate(ending.policy)?;
                    self.store.set_ending(&Ending { at_work: false, ..ending })?;
                    moved = true;
                }
                Arrangement::Follow { known, app, kind, source } => {
                    moved |= self.follow(known, (app, kind), source, now)?;
                }
            }
        }
        Ok(moved)
    }

    fn follow(
        &mut self,
        known: Option<Ending>,
        (app, kind): (AppId, SubjectKind),
        source: (i64, u32),
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        let catalog = self.library.catalog();
        let Some(label) = catalog.apps.iter().find(|it| it.id == app) else {
            return Ok(false);
        };
        let rows = store.policies()?;
        let before = known.and_then(|it| rows.iter().find(|row| row.id == it.policy));
        let name = match before {
            Some(row) => row.name.clone(),
            None => free_name(&rows, (&label.name, kind)),
        };
        let from = store.policy_text(source.0, source.1)?.unwrap_or_default();
        let text = text(&from, (&name, &label.name, app, kind), catalog);
        let policy = match parse(&name, &text, catalog) {
            Ok(policy) => policy,
            Err(why) => {
                self.report.blocked.insert(name, why);
                return Ok(false);
            }
        };
        if let Some(row) = before {
            // Nobody looks for these versions: a change of the item takes the place of all.
            for version in store.versions(row)? {
                if version.why_kept().is_none() {
                    store.delete_version(row, version.version)?;
                }
            }
        }
        let made = match store.publish(&name, &text, now) {
            Err(error @ StoreError::TooManyVersions { .. }) => {
                self.report.blocked.insert(name, error.to_string());
                return Ok(false);
            }
            made => made?,
        };
        let Some(row) = store.policy(&name)? else { return Ok(false) };
        // Whoever has deactivated it is obeyed.
        if known.is_none_or(|it| !it.at_work || row.active.is_some()) {
            let (what, mode) = ((&row, made.version), Mode::default());
            put_to_work(store, what, (&policy, catalog), (&mode, now))?;
        }
        let (policy, kind) = (row.id, kind.number());
        store.set_ending(&Ending { policy, app, kind, source, at_work: true })?;
        Ok(true)
    }
}

/// The item of each app, with the policy and the version in whose text it stands.
type Items = BTreeMap<AppId, (App, (i64, u32))>;

/// Whether an item says how access is taken that expires. Whoever says only how a step is done
/// does not say that it is to be done.
fn says(app: &App, kind: SubjectKind) -> bool {
    match kind {
        SubjectKind::Account => app.deprovision.is_some(),
        SubjectKind::Grant => {
            app.deprovision.is_some()
                || app.other_permissions.is_some()
                || !app.permissions.is_empty()
        }
        SubjectKind::User => false,
    }
}

/// A name that no policy has.
fn free_name(rows: &[PolicyRow], (app, kind): (&str, SubjectKind)) -> String {
    let of = match kind {
        SubjectKind::Grant => "permissions",
        SubjectKind::Account | SubjectKind::User => "accounts",
    };
    let names = (1..).map(|number| match number {
        1 => format!("expired {of} of {app}"),
        _ => format!("expired {of} of {app}, {number}"),
    });
    let taken: BTreeSet<String> = rows.iter().map(|row| fold(&row.name)).collect();
    let mut free = names.filter(|name| !taken.contains(&fold(name)));
    free.next().unwrap_or_default()
}

/// The policy, with the item of the app and all that this refers to. The condition is asked
/// again before anything is taken: who is given more time meanwhile keeps the access.
fn text(
    from: &str,
    (name, app, id, kind): (&str, &str, AppId, SubjectKind),
    catalog: &Catalog,
) -> String {
    let mut sources = Sources::default();
    let file = sources.add("policy.tenure", from);
    let (tree, _) = syntax::parse(&sources, file);
    let mut needed = BTreeSet::new();
    let mut open = Vec::new();
    for (index, item) in tree.items.iter().enumerate() {
        let first = match &item.kind {
            ast::ItemKind::App(app) => {
                let name = fold(&app.name.name.value);
                let known = catalog.apps.iter().find(|known| known.id == id);
                known.is_some_and(|it| [fold(&it.name), fold(&it.label)].contains(&name))
            }
            ast::ItemKind::Template(template) => check::is_built_in(&template.name.value),
            _ => false,
        };
        if first && needed.insert(index) {
            open.push(item.span);
        }
    }
    while let Some(span) = open.pop() {
        let names = names_in(sources.snippet(span));
        for (index, item) in tree.items.iter().enumerate() {
            let named =
                name_of(&item.kind).is_some_and(|name| names.contains(&fold(name)));
            if named && needed.insert(index) {
                open.push(item.span);
            }
        }
    }
    let items = needed.into_iter().filter_map(|index| tree.items.get(index));
    let mut parts: Vec<String> =
        items.map(|item| sources.snippet(item.span).to_owned()).collect();
    let (whom, when) = match kind {
        SubjectKind::Grant => ("grants", "expires_at"),
        SubjectKind::Account | SubjectKind::User => ("accounts", "account.expires_at"),
    };
    parts.push(format!(
        "policy {}\n  for {whom} in app {}\n  on access expired\n  \
         when until {when} <= 0d\n  then remove access\n",
        check::quoted(name),
        check::quoted(app),
    ));
    parts.join("\n\n")
}

/// The name by which other items refer to one.
fn name_of(kind: &ast::ItemKind) -> Option<&str> {
    match kind {
        ast::ItemKind::Define(define) => Some(&define.name.value),
        ast::ItemKind::Webhook(webhook) => Some(&webhook.name.value),
        ast::ItemKind::Template(template) => Some(&template.name.value),
        ast::ItemKind::Flow(flow) => Some(&flow.name.value),
        ast::ItemKind::Attribute(attribute) => {
            attribute.name.parts.last().map(String::as_str)
        }
        // What the states mean is said by the policies of people.
        ast::ItemKind::App(_)
        | ast::ItemKind::Group(_)
        | ast::ItemKind::Lifecycle(_)
        | ast::ItemKind::Policy(_)
        | ast::ItemKind::Never(_)
        | ast::ItemKind::Test(_) => None,
    }
}
