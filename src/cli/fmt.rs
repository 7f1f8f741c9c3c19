//! `fmt`: one layout for all policy files.

use crate::cli::check::paths;
use crate::cli::output::{Fail, Output};
use crate::diagnose::{Diagnostic, Look, Severity, to_human, to_json};
use crate::format::format;
use crate::session::{Place, read_sources, replace};
use crate::syntax;
use crate::text::{FileId, Sources, counted, harmless};
use clap::Args;
use serde_json::json;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Lay policy files out: one layout for everyone.
///
/// Nothing but blanks, line breaks and the order of clauses changes. A file with syntax
/// errors stays as it is. No store is needed.
#[derive(Debug, Args)]
pub(crate) struct Fmt {
    /// Files, or folders with `.tenure` files [default: those of the configuration]; `-` is
    /// from standard input to standard output.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; say which files would change, and fail if any would.
    #[arg(long)]
    check: bool,
}

/// What became of the files.
#[derive(Default)]
struct Done {
    changed: Vec<String>,
    unchanged: usize,
    findings: Vec<Diagnostic>,
    /// Files that could not be written, and why.
    left: Vec<(String, String)>,
}

impl Fmt {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let dash = Path::new("-");
        match self.paths.as_slice() {
            [only] if only == dash => return self.stream(out),
            paths if paths.iter().any(|path| path == dash) => {
                return Err(Fail::usage("`-` stands alone"));
            }
            _ => {}
        }
        let paths = match self.paths.as_slice() {
            [] => paths(&[], &place.config()?)?,
            named => named.to_owned(),
        };
        let sources = read_sources(&paths)?;
        let mut done = Done::default();
        for (id, source) in sources.iter() {
            let text = match laid_out(&sources, id) {
                Ok(text) => text,
                Err(findings) => {
                    done.findings.extend(findings);
                    continue;
                }
            };
            if text == source.text {
                done.unchanged += 1;
                continue;
            }
            if !self.check
                && let Err(why) = replace(Path::new(&source.name), &source.text, &text)
            {
                done.left.push((source.name.clone(), why));
                continue;
            }
            match (self.check, out.json) {
                (_, true) => {}
                (true, false) => {
                    let difference = first_difference(&source.text, &text);
                    out.text(format!("{}{difference}", source.name))?;
                }
                (false, false) => out.note(&source.name)?,
            }
            done.changed.push(source.name.clone());
        }
        self.report(&done, &sources, out)?;
        let is_fine = done.findings.is_empty()
            && done.left.is_empty()
            && (!self.check || done.changed.is_empty());
        Ok(ExitCode::from(u8::from(!is_fine)))
    }

    fn report(
        &self,
        done: &Done,
        sources: &Sources,
        out: &mut Output,
    ) -> Result<(), Fail> {
        if out.json {
            let left =
                done.left.iter().map(|(file, why)| json!({"file": file, "why": why}));
            return out.document(&json!({
                "schema": "tenure.fmt/1",
                "changed": done.changed,
                "unchanged": done.unchanged,
                "left": left.collect::<Vec<_>>(),
                "diagnostics": to_json(&done.findings, sources),
            }));
        }
        if !done.findings.is_empty() {
            out.raw(to_human(&done.findings, sources, out.look()))?;
        }
        for (file, why) in &done.left {
            out.error(&format!("`{file}` stays as it is: {why}"), None);
        }
        let changed = counted(done.changed.len(), "file", "files");
        let verb = if self.check { "would change" } else { "changed" };
        let errors = match done.findings.len() {
            0 => String::new(),
            some => format!("; {}", counted(some, "error", "errors")),
        };
        out.note(format!(
            "{changed} {verb}, {} as they should be{errors}",
            done.unchanged
        ))
    }

    /// From standard input to standard output.
    fn stream(&self, out: &mut Output) -> Result<ExitCode, Fail> {
        if out.json {
            return Err(Fail::usage(
                "`--json` says what became of files, and `-` is none",
            ));
        }
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| {
            Fail::no(format!("standard input cannot be read: {error}"))
        })?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Fail::no("standard input is not UTF-8"))?;
        let mut sources = Sources::default();
        let id = sources.add("standard input", text);
        let laid_out = match laid_out(&sources, id) {
            Ok(text) => text,
            Err(findings) => {
                // What was asked for is a layout, so the findings go beside it.
                out.findings(&findings, &sources, Look::PLAIN);
                return Ok(ExitCode::from(1));
            }
        };
        let is_same = sources.get(id).is_some_and(|source| source.text == laid_out);
        if !self.check && !laid_out.is_empty() {
            out.raw(laid_out.strip_suffix('\n').unwrap_or(&laid_out))?;
        }
        Ok(ExitCode::from(u8::from(self.check && !is_same)))
    }
}

/// A file laid out, or its syntax errors.
fn laid_out(sources: &Sources, id: FileId) -> Result<String, Vec<Diagnostic>> {
    let (file, mut findings) = syntax::parse(sources, id);
    findings.retain(|finding| finding.severity == Severity::Error);
    if findings.is_empty() { Ok(format(sources, &file)) } else { Err(findings) }
}

/// The first line that is not as it should be, and what it should be.
fn first_difference(old: &str, new: &str) -> String {
    let same = old
        .split('\n')
        .zip(new.split('\n'))
        .take_while(|(old, new)| old == new)
        .count();
    let shown = |text: &str| match text.split('\n').nth(same) {
        Some(line) => harmless(line).into_owned(),
        None => "(nothing)".to_owned(),
    };
    format!(":{}\n  - {}\n  + {}", same + 1, shown(old), shown(new))
}
