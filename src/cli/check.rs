//! `check`: every error and warning.

use crate::catalog::Catalog;
use crate::cli::output::{Fail, Output};
use crate::diagnose::{Look, Severity, to_human, to_json};
use crate::session::config::Config;
use crate::session::{Access, Place, Project, Workspace};
use crate::text::counted;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Find every mistake in policy files.
///
/// All files of one call are one project: what one defines, the others can use.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files, or folders with `.tenure` files [default: those of the configuration].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to write the findings.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Check without a store: names of groups, apps and the like are taken on trust.
    #[arg(long, conflicts_with_all = ["store", "data"])]
    no_store: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

impl Check {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let catalog = if self.no_store {
            Catalog { assume: true, ..Catalog::default() }
        } else {
            let opened = place.open(Access::Read, "check").map_err(Fail::from);
            opened
                .map_err(|fail| fail.without_store("or check without names: --no-store"))?
                .catalog()?
        };
        let project = Project::read(&paths(&self.paths, &place.config()?)?, &catalog)?;
        let errors = project.errors();
        let warnings = project
            .findings
            .iter()
            .filter(|found| found.severity == Severity::Warning)
            .count();
        if self.format == Format::Json || out.json {
            out.document(&json!({
                "schema": "tenure.check/1",
                "diagnostics": to_json(&project.findings, &project.sources),
                "errors": errors,
                "warnings": warnings,
            }))?;
        } else {
            if !project.findings.is_empty() {
                out.line(to_human(&project.findings, &project.sources, out.look()))?;
            }
            let policies = counted(project.program.policies.len(), "policy", "policies");
            let found = match (errors, warnings) {
                (0, 0) => format!("{policies}, no mistakes found"),
                (0, some) => {
                    format!("{policies}, {}", counted(some, "warning", "warnings"))
                }
                (some, 0) => counted(some, "error", "errors"),
                (some, more) => format!(
                    "{}, {}",
                    counted(some, "error", "errors"),
                    counted(more, "warning", "warnings")
                ),
            };
            out.note(found)?;
        }
        Ok(ExitCode::from(u8::from(errors > 0)))
    }
}

/// The files and folders that were named, else those of the configuration.
fn paths(named: &[PathBuf], config: &Config) -> Result<Vec<PathBuf>, Fail> {
    match (named, config.policies.as_slice()) {
        ([], []) => {
            Err(Fail::usage("no PATH is given, and the configuration names none")
                .help("name files or folders, or list them as `paths` under [policies]"))
        }
        ([], configured) => Ok(configured.to_owned()),
        (named, _) => Ok(named.to_owned()),
    }
}

/// Reads files that must be without errors before anything is done with them.
pub(crate) fn sound_project(
    named: &[PathBuf],
    workspace: &Workspace,
    out: &mut Output,
) -> Result<Project, Fail> {
    let paths = paths(named, &workspace.config)?;
    let project = Project::read(&paths, &workspace.catalog()?)?.for_following();
    if !project.findings.is_empty() {
        out.note(to_human(&project.findings, &project.sources, Look::PLAIN))?;
    }
    match project.errors() {
        0 if project.program.policies.is_empty() => {
            Err(Fail::usage("these files hold no policy"))
        }
        0 => Ok(project),
        errors => Err(Fail::no(format!(
            "{}; nothing was done",
            counted(errors, "error", "errors")
        ))),
    }
}
