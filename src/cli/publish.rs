//! `publish`: texts into the store.

use crate::cli::check::sound_project;
use crate::cli::output::{Fail, Output};
use crate::cli::secrets::note_missing;
use crate::engine::{parse, parse_never};
use crate::session::{Access, Place};
use crate::store::StoreError;
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
