//! `publish` and `policies`: texts in the store.

use crate::catalog::{App, Catalog};
use crate::cli::activate::as_said;
use crate::cli::check::sound_project;
use crate::cli::output::{Fail, Output};
use crate::cli::pause;
use crate::cli::secrets::note_missing;
use crate::engine::{self, Pause, parse, parse_never};
use crate::ir::{AppId, Policy, SubjectKind};
use crate::session::{Access, Place};
use crate::store::{PolicyRow, Standing, Store, StoreError};
use crate::text::{fold, nearest};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Put policies into the store, as drafts.
///
/// Each is stored with all it refers to. A text that has not changed makes no new version.
/// Nothing is evaluated before `activate`.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// Files, or folders with `.tenure` files [default: those of the configuration].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// List the policies of the store.
#[derive(Debug, Args)]
pub(crate) struct Policies {
    /// Only those that look at accounts of this app.
    #[arg(long, value_name = "APP")]
    app: Option<String>,
}

impl Publish {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "publish")?;
        let project = sound_project(&self.paths, &workspace, out)?;
        let mut published = Vec::new();
        let texts = project.texts();
        let catalog = workspace.store.catalog()?;
        for (name, text) in &texts {
            // What is stored must say on its own what it said among its files.
            if let Err(why) = parse(name, text, &catalog) {
                return Err(Fail::no(format!("`{name}` cannot be published: {why}")));
            }
        }
        note_missing(&project.program.policies, &workspace, out)?;
        let nevers = project.nevers();
        for (words, text) in &nevers {
            if let Err(why) = parse_never(text, &catalog) {
                return Err(Fail::no(format!("`{words}` cannot be published: {why}")));
            }
        }
        // Whoever names files adds to what never happens; the whole project says all of it.
        let all = self.paths.is_empty();
        // Everything or nothing.
        let made = workspace.store.atomically(|| {
            let made = workspace.store.publish_nevers(&nevers, all, workspace.now)?;
            for (name, text) in texts {
                let version = workspace.store.publish(&name, &text, workspace.now)?;
                published.push((name, version));
            }
            Ok::<_, StoreError>(made)
        })?;
        if out.json {
            let list: Vec<_> = published
                .iter()
                .map(|(name, made)| {
                    json!({
                        "policy": name,
                        "version": made.version,
                        "unchanged": made.unchanged,
                        "replaced": made.replaced,
                    })
                })
                .collect();
            out.document(&json!({ "schema": "tenure.published/1", "policies": list,
                "never": { "added": made.added, "kept": made.kept, "removed": made.removed },
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for (name, made) in &published {
            let what = if made.unchanged { "is unchanged" } else { "is a draft" };
            let instead = match made.replaced {
                Some(draft) if made.unchanged => {
                    format!("; the draft {draft} is dropped")
                }
                Some(draft) => format!(", in place of version {draft}"),
                None => String::new(),
            };
            out.line(format!("{name} version {} {what}{instead}", made.version))?;
        }
        for words in &made.added {
            out.line(format!("`{words}` is at work from now on"))?;
        }
        for words in &made.kept {
            out.line(format!("`{words}` is at work"))?;
        }
        for words in &made.removed {
            out.line(format!("`{words}` is no longer at work"))?;
        }
        out.note("see what it would do: tenure plan, tenure simulate; then: tenure activate NAME")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Policies {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "policies")?;
        let mut policies = workspace.store.policies()?;
        if let Some(app) = &self.app {
            let catalog = workspace.catalog()?;
            let app = app_named(app, &catalog)?;
            let mut of_app = Vec::new();
            for row in policies {
                if looks_at(&row, app, (&workspace.store, &catalog), out)? {
                    of_app.push(row);
                }
            }
            policies = of_app;
        }
        let pauses = engine::pauses(&workspace.store)?;
        if out.json {
            let mut list = Vec::new();
            for row in &policies {
                list.push(json!({
                    "policy": row.name,
                    "newest": row.newest,
                    "active": row.active,
                    "observe": row.mode.observe,
                    "only": row.mode.only,
                    "paused": pauses.iter().filter(|it| it.is_of(&row.name)).collect::<Vec<_>>(),
                    "versions": workspace.store.versions(row)?,
                }));
            }
            let nevers = workspace.store.nevers()?.into_iter().map(|(words, _)| words);
            let nevers: Vec<String> = nevers.collect();
            out.document(&json!({
                "schema": "tenure.policies/1", "policies": list, "never": nevers,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for pause in pauses.iter().filter(|pause| pause.policy.is_none()) {
            out.line(pause::line(pause))?;
        }
        for (words, _) in workspace.store.nevers()? {
            out.line(format!("`{words}` is at work"))?;
        }
        if policies.is_empty() {
            out.note(match &self.app {
                Some(app) => format!("no policy looks at accounts of {app}"),
                None => "no policy was published yet: tenure publish PATH".to_owned(),
            })?;
        }
        for row in policies {
            let own = |pause: &&Pause| pause.policy.as_ref() == Some(&row.name);
            let paused = pauses.iter().find(own);
            let paused = paused.map(|pause| format!("; paused {}", pause.told()));
            out.line(format!(
                "{}  {}{}",
                row.name,
                standing(&row, &workspace.store)?,
                paused.unwrap_or_default()
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What is at work of a policy, and what could be.
fn standing(row: &PolicyRow, store: &Store) -> Result<String, Fail> {
    let mut words = Vec::new();
    let mut before = Vec::new();
    for known in store.versions(row)? {
        let version = known.version;
        match known.standing {
            Standing::Active => words
                .insert(0, format!("version {version} is active{}", as_said(&row.mode))),
            Standing::Draft => words.push(format!("version {version} is a draft")),
            Standing::Published => before.push(version.to_string()),
        }
    }
    match before.as_slice() {
        [] => {}
        [one] => words.push(format!("version {one} was active before")),
        several => {
            words.push(format!("versions {} were active before", several.join(", ")));
        }
    }
    if words.is_empty() {
        words.push("all versions were deleted".to_owned());
    }
    Ok(words.join("; "))
}

fn app_named(name: &str, catalog: &Catalog) -> Result<AppId, Fail> {
    let key = fold(name);
    let is = |app: &&App| fold(&app.name) == key || fold(&app.label) == key;
    if let Some(app) = catalog.apps.iter().find(is) {
        return Ok(app.id);
    }
    let known = catalog.apps.iter().map(|app| app.name.as_str());
    let fail = Fail::no(format!("there is no app `{name}`"));
    Err(match nearest(name, known).first() {
        Some(near) => fail.help(format!("did you mean `{near}`?")),
        None => fail,
    })
}

/// Whether the active version of a policy, else its newest, looks at accounts of an app.
fn looks_at(
    row: &PolicyRow,
    app: AppId,
    (store, catalog): (&Store, &Catalog),
    out: &mut Output,
) -> Result<bool, Fail> {
    let version = row.active.unwrap_or(row.newest);
    let Some(text) = store.policy_text(row.id, version)? else { return Ok(false) };
    match parse(&row.name, &text, catalog) {
        Ok(Policy { scope, .. }) => Ok(scope.kind != SubjectKind::User
            && (scope.apps.is_empty() || scope.apps.contains(&app))),
        Err(why) => {
            out.note(format!("policy {} cannot be followed: {why}", row.name))?;
            Ok(false)
        }
    }
}
