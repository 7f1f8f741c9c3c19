//! `check`: every error and warning.

use crate::catalog::Catalog;
use crate::cli::catalog::exported;
use crate::cli::output::{Fail, Output};
use crate::cli::zones::note_zones;
use crate::diagnose::{
    Code, Levels, Look, Severity, nearest_codes, to_github, to_human, to_json, to_sarif,
};
use crate::engine::stale;
use crate::session::config::Config;
use crate::session::{
    Access, Counted, Edit, Mended, Place, Project, Reach, Workspace, mend, read_sources,
};
use crate::text::counted;
use crate::time::Duration;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// Find every mistake in policy files.
///
/// All files of one call are one project: what one defines, the others can use.
/// `tenure explain CODE` says more about a finding.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files, or folders with `.tenure` files [default: those of the configuration].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to write the findings [default: human].
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Make the edits that are certain, in the files themselves.
    #[arg(long)]
    fix: bool,
    /// Make the warnings of this code errors; `warnings` is all of them.
    #[arg(long, value_name = "CODE", value_parser = denied)]
    deny: Vec<Denied>,
    /// Say how many each policy reaches now. With many accounts this takes its time.
    #[arg(long, conflicts_with_all = ["no_store", "catalog"])]
    counts: bool,
    /// Check without a store: names of groups, apps and the like are taken on trust.
    #[arg(long, conflicts_with_all = ["store", "data"])]
    no_store: bool,
    /// Check against names that `catalog export` wrote, instead of a store.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["store", "data", "no_store"])]
    catalog: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the lines they are about.
    Human,
    /// One document, for programs.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// Commands of a GitHub workflow, shown beside the changed lines.
    Github,
}

/// Names older than this are said to be.
const STALE: Duration = Duration::days(7);

/// What `--deny` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denied {
    Warnings,
    Code(Code),
}

fn denied(text: &str) -> Result<Denied, String> {
    if text == "warnings" {
        return Ok(Denied::Warnings);
    }
    Code::named(text).map(Denied::Code).ok_or_else(|| {
        let near = nearest_codes(text)
            .first()
            .map(|near| format!("; is `{near}` meant?"));
        format!("there is no such code{}", near.unwrap_or_default())
    })
}

impl Check {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let format = match (self.format, out.json) {
            (None | Some(Format::Json), true) => Format::Json,
            (Some(_), true) => {
                return Err(Fail::usage("`--json` and `--format` ask for two formats"));
            }
            (format, false) => format.unwrap_or(Format::Human),
        };
        let config = place.config()?;
        note_zones(&config, out)?;
        let texts = || Ok::<_, Fail>(read_sources(&paths(&self.paths, &config)?)?);
        let (texts, catalog, workspace) = if self.no_store {
            (texts()?, Catalog { assume: true, ..Catalog::default() }, None)
        } else if let Some(file) = &self.catalog {
            (texts()?, exported(file)?, None)
        } else {
            let opened = place.open(Access::Read, "check").map_err(Fail::from);
            let workspace = opened.map_err(|fail| {
                fail.without_store("or check without names: --no-store")
            })?;
            let texts = texts()?;
            let catalog = workspace.catalog_for(&texts)?;
            (texts, catalog, Some(workspace))
        };
        let now = place.clock.now();
        if let Some(as_of) = catalog.as_of.filter(|as_of| now.since(*as_of) > STALE) {
            let days = now.since(as_of).0 / Duration::DAY.0;
            out.note(format!(
                "the names are as of {}, {days} days ago: others may have come since",
                as_of.to_the_minute()
            ))?;
        }
        let levels = self.levels(&config);
        let project = Project::check(texts, &catalog).under(&levels);
        let (mut project, fixes) = if self.fix {
            let Mended { project, edits, left } = mend(project, &catalog, &levels);
            (project, Some((edits, left)))
        } else {
            (project, None)
        };
        let mut reach = None;
        if let Some(open @ Workspace { store, now, .. }) = &workspace {
            let settings = open.settings();
            let policies = &project.program.policies;
            for warning in stale(store, policies, (&settings, *now))? {
                out.note(format!("warning: {warning}"))?;
            }
            project.count_readings(store, &catalog, *now)?;
            if self.counts {
                project.count_rivals(store, *now)?;
                reach = Some(project.reach(store, *now)?);
            }
        }
        show(&project, format, &Extras { fixes, reach }, out)
    }

    fn levels(&self, config: &Config) -> Levels {
        let codes = self.deny.iter().filter_map(|denied| match denied {
            Denied::Code(code) => Some(*code),
            Denied::Warnings => None,
        });
        Levels {
            configured: config.levels.clone(),
            denied: codes.collect(),
            warnings_denied: self.deny.contains(&Denied::Warnings),
        }
    }
}

/// The edits that were made, and the files that were left alone with the reason.
type Fixes = (Vec<Edit>, Vec<(String, String)>);

/// What was asked for besides the findings.
struct Extras {
    /// What was mended.
    fixes: Option<Fixes>,
    /// How many each policy reaches.
    reach: Option<Vec<Counted>>,
}

fn show(
    project: &Project,
    format: Format,
    extras: &Extras,
    out: &mut Output,
) -> Result<ExitCode, Fail> {
    let Project { findings, sources, .. } = project;
    let errors = project.errors();
    let warnings = findings.len() - errors;
    // Where the program stands; other tools count from there.
    let base = std::env::current_dir().unwrap_or_default();
    match format {
        Format::Human if findings.is_empty() => {}
        Format::Human => out.raw(to_human(findings, sources, out.look()))?,
        Format::Json => out.document(&document(project, extras))?,
        Format::Sarif => out.document(&to_sarif(findings, sources, &base))?,
        Format::Github => {
            for line in to_github(findings, sources, &base).lines() {
                out.line(line)?;
            }
        }
    }
    if let Some((edits, left)) = &extras.fixes
        && format != Format::Json
    {
        for Edit { file, position, code, old, new } in edits {
            let (line, column) = (position.line, position.column);
            let what = match (old.as_str(), new.as_str()) {
                ("", new) => format!("`{new}` is added"),
                (old, "") => format!("`{old}` is gone"),
                (old, new) => format!("`{old}` is now `{new}`"),
            };
            out.note(format!("fixed {file}:{line}:{column}: {what} ({code})"))?;
        }
        for (file, why) in left {
            out.error(&format!("`{file}` is not fixed: {why}"), None);
        }
    }
    if let (Some(reach), true) = (&extras.reach, format != Format::Json) {
        for (policy, found) in reach {
            out.note(match found {
                Ok(found) => counts(policy, found),
                Err(why) => format!("{policy} {why}"),
            })?;
        }
    }
    if format != Format::Json {
        out.note(summary(project.program.policies.len(), errors, warnings))?;
        let tests = project.program.tests.len();
        if tests > 0 && errors == 0 {
            let tests = counted(tests, "test", "tests");
            out.note(format!("{tests} checked, not run: no command runs tests yet"))?;
        }
    }
    Ok(ExitCode::from(u8::from(errors > 0)))
}

/// `reclaim reaches 3 of 13 accounts now; 5 more are undecided: …`.
fn counts(policy: &str, found: &Reach) -> String {
    let mut said = format!("{policy} reaches {} now", found.share());
    let undecided = found.census.undecided;
    if undecided > 0 {
        let why: Vec<String> = found
            .undecided
            .iter()
            .map(|why| format!("{} without `{}`", why.count, why.because))
            .collect();
        let verb = if undecided == 1 { "is" } else { "are" };
        said += &format!(
            "; {undecided} {verb} undecided and never reached: {}",
            why.join(", ")
        );
    }
    said
}

fn document(project: &Project, extras: &Extras) -> Value {
    let count = |severity| {
        let of = project.findings.iter().filter(|found| found.severity == severity);
        of.count()
    };
    let mut document = json!({
        "schema": "tenure.check/1",
        "diagnostics": to_json(&project.findings, &project.sources),
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
    });
    if let (Some((edits, left)), Some(object)) = (&extras.fixes, document.as_object_mut())
    {
        let edit = |edit: &Edit| {
            json!({
                "file": edit.file,
                "line": edit.position.line,
                "column": edit.position.column,
                "code": edit.code.as_str(),
                "old": edit.old,
                "new": edit.new,
            })
        };
        let alone = |(file, why): &(String, String)| json!({ "file": file, "why": why });
        object.insert("fixed".into(), edits.iter().map(edit).collect());
        object.insert("not_fixed".into(), left.iter().map(alone).collect());
    }
    if let (Some(reach), Some(object)) = (&extras.reach, document.as_object_mut()) {
        let one = |(policy, found): &Counted| match found {
            Ok(found) => json!({
                "policy": policy,
                "in_scope": found.census.in_scope(),
                "matched": found.census.matched,
                "excepted": found.census.excepted,
                "undecided": found.undecided,
            }),
            Err(why) => json!({ "policy": policy, "not_counted": why }),
        };
        object.insert("counts".into(), reach.iter().map(one).collect());
    }
    document
}

fn summary(policies: usize, errors: usize, warnings: usize) -> String {
    let policies = counted(policies, "policy", "policies");
    match (errors, warnings) {
        (0, 0) => format!("{policies}, no mistakes found"),
        (0, some) => format!("{policies}, {}", counted(some, "warning", "warnings")),
        (some, 0) => counted(some, "error", "errors"),
        (some, more) => format!(
            "{}, {}",
            counted(some, "error", "errors"),
            counted(more, "warning", "warnings")
        ),
    }
}

/// The files and folders that were named, else those of the configuration.
pub(crate) fn paths(named: &[PathBuf], config: &Config) -> Result<Vec<PathBuf>, Fail> {
    match (named, config.policies.as_slice()) {
        ([], []) => {
            Err(Fail::usage("no PATH is given, and the configuration names none")
                .help("name files or folders, or list them as `paths` under [policies]"))
        }
        ([], configured) => Ok(configured.to_owned()),
        (named, _) => Ok(named.to_owned()),
    }
}

/// The same where policies are needed.
pub(crate) fn sound_policies(
    named: &[PathBuf],
    workspace: &Workspace,
    out: &mut Output,
) -> Result<Project, Fail> {
    let project = sound_project(named, workspace, out)?;
    match project.program.policies.is_empty() {
        true => Err(no_policy()),
        false => Ok(project),
    }
}

fn no_policy() -> Fail {
    Fail::usage("these files hold no policy")
}

/// Reads files that must be without errors before anything is done with them.
pub(crate) fn sound_project(
    named: &[PathBuf],
    workspace: &Workspace,
    out: &mut Output,
) -> Result<Project, Fail> {
    let paths = paths(named, &workspace.config)?;
    let configured = workspace.config.levels.clone();
    let levels = Levels { configured, ..Levels::default() };
    let texts = read_sources(&paths)?;
    let catalog = workspace.catalog_for(&texts)?;
    let project = Project::check(texts, &catalog).under(&levels);
    out.findings(&project.findings, &project.sources, Look::PLAIN);
    let program = &project.program;
    if project.errors() == 0
        && let Some(note) = workspace.heed_lifecycle(program)?
    {
        out.note(note)?;
    }
    match project.errors() {
        0 if program.policies.is_empty() && program.nevers.is_empty() => Err(no_policy()),
        0 => Ok(project),
        errors => Err(Fail::no(format!(
            "{}; nothing was done",
            counted(errors, "error", "errors")
        ))),
    }
}
