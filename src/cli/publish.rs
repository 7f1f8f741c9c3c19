//! `publish` and `policies`: texts in the store.

use crate::cli::check::sound_project;
use crate::cli::output::{Fail, Output};
use crate::engine::{parse, parse_never};
use crate::session::{Access, Place};
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
pub(crate) struct Policies {}

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
        let nevers = project.nevers();
        for (words, text) in &nevers {
            if let Err(why) = parse_never(text, &catalog) {
                return Err(Fail::no(format!("`{words}` cannot be published: {why}")));
            }
        }
        // Whoever names files adds to what never happens; the whole project says all of it.
        let all = self.paths.is_empty();
        let made = workspace.store.publish_nevers(&nevers, all, workspace.now)?;
        for (name, text) in texts {
            let version = workspace.store.publish(&name, &text, workspace.now)?;
            published.push((name, version));
        }
        if out.json {
            let list: Vec<_> = published
                .iter()
                .map(|(name, made)| {
                    json!({ "policy": name, "version": made.version, "unchanged": made.unchanged })
                })
                .collect();
            out.document(&json!({ "schema": "tenure.published/1", "policies": list,
                "never": { "added": made.added, "kept": made.kept, "removed": made.removed },
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for (name, made) in &published {
            let what = if made.unchanged { "is unchanged" } else { "is published" };
            out.line(format!("{name} version {} {what}", made.version))?;
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
        let policies = workspace.store.policies()?;
        if out.json {
            let list: Vec<_> = policies
                .iter()
                .map(|row| {
                    json!({ "policy": row.name, "newest": row.newest, "active": row.active })
                })
                .collect();
            let nevers = workspace.store.nevers()?.into_iter().map(|(words, _)| words);
            let nevers: Vec<String> = nevers.collect();
            out.document(&json!({
                "schema": "tenure.policies/1", "policies": list, "never": nevers,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for (words, _) in workspace.store.nevers()? {
            out.line(format!("`{words}` is at work"))?;
        }
        if policies.is_empty() {
            out.note("no policy was published yet: tenure publish PATH")?;
        }
        for row in policies {
            let state = match row.active {
                Some(version) if version == row.newest => {
                    format!("version {version} is active")
                }
                Some(version) => {
                    format!("version {version} is active, {} is the newest", row.newest)
                }
                None => format!("version {} is not active", row.newest),
            };
            out.line(format!("{}  {state}", row.name))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
