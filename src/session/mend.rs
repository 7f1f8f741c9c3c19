//! Suggestions that are certain, applied to the files of a project.

use crate::catalog::Catalog;
use crate::diagnose::{self, Code, Levels, Severity};
use crate::session::{Project, replace};
use crate::text::{FileId, Position, Sources};
use std::collections::BTreeSet;
use std::path::Path;

/// One suggestion may bring up the next. No policy needs so many rounds.
const MOST_ROUNDS: usize = 20;

/// What was done to a project.
#[derive(Debug)]
pub struct Mended {
    /// The project as it is now.
    pub project: Project,
    /// The edits, file by file, each with its place in the text that it was made in.
    pub edits: Vec<Edit>,
    /// The files that were left alone though something could be done, and why.
    pub left: Vec<(String, String)>,
}

/// An edit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The name of the file.
    pub file: String,
    /// Where.
    pub position: Position,
    /// What was wrong.
    pub code: Code,
    /// What stood there.
    pub old: String,
    /// What stands there now.
    pub new: String,
}

/// Applies what is certain, again until nothing is left of it, and writes the files that
/// have changed. A file that would have more errors than before stays as it was.
pub fn mend(project: Project, catalog: &Catalog, levels: &Levels) -> Mended {
    let mut work = Work::new(project, catalog, levels);
    for _ in 0..MOST_ROUNDS {
        if !work.round() {
            break;
        }
    }
    work.write();
    let Work { project, edits, left, .. } = work;
    Mended { project, edits, left }
}

struct Work<'a> {
    catalog: &'a Catalog,
    levels: &'a Levels,
    /// The texts as they lie on the disk.
    first: Sources,
    project: Project,
    /// The errors that each file began with.
    errors: Vec<usize>,
    edits: Vec<Edit>,
    left: Vec<(String, String)>,
    /// The files that nothing more is done to.
    closed: BTreeSet<FileId>,
}

impl<'a> Work<'a> {
    fn new(project: Project, catalog: &'a Catalog, levels: &'a Levels) -> Self {
        Self {
            catalog,
            levels,
            first: project.sources.clone(),
            errors: errors(&project),
            project,
            edits: Vec::new(),
            left: Vec::new(),
            closed: BTreeSet::new(),
        }
    }

    /// Edits all files once; whether any changed.
    fn round(&mut self) -> bool {
        let mut next = Sources::default();
        let mut made = Vec::new();
        for (id, source) in self.project.sources.iter() {
            if self.closed.contains(&id) {
                next.add(source.name.clone(), source.text.clone());
                continue;
            }
            let findings = &self.project.findings;
            let (text, edits) = diagnose::apply(&source.text, id, findings);
            made.extend(edits.iter().map(|edit| Edit {
                file: source.name.clone(),
                position: source.position(edit.fix.span.start as usize),
                code: edit.finding.code,
                old: self.project.sources.snippet(edit.fix.span).to_owned(),
                new: edit.fix.replacement.clone(),
            }));
            next.add(source.name.clone(), text);
        }
        // An edit that is due again has not helped.
        if made.is_empty() || made.iter().any(|edit| self.edits.contains(edit)) {
            return false;
        }
        let mut after = Project::check(next, self.catalog).under(self.levels);
        let worse: BTreeSet<FileId> = (0..)
            .map(FileId)
            .zip(self.errors.iter().zip(errors(&after)))
            .filter(|(_, (before, after))| after > *before)
            .map(|(id, _)| id)
            .collect();
        if !worse.is_empty() {
            // Files lean on one another, so the round is taken back as a whole; without the
            // files that became worse it is tried again.
            let touched = |id: &FileId| {
                let name = self.first.get(*id).map(|source| &source.name);
                made.iter().any(|edit| Some(&edit.file) == name)
            };
            let mut close: Vec<FileId> = worse.iter().copied().filter(touched).collect();
            if close.is_empty() {
                close = self.first.iter().map(|(id, _)| id).filter(touched).collect();
            }
            for id in close {
                self.close(id, "it would have more errors than before");
            }
            return true;
        }
        std::mem::swap(&mut self.project, &mut after);
        self.edits.extend(made);
        true
    }

    fn close(&mut self, id: FileId, why: impl Into<String>) {
        self.closed.insert(id);
        if let Some(source) = self.first.get(id) {
            self.left.push((source.name.clone(), why.into()));
        }
    }

    /// Writes what has changed. Where a file cannot be written, the project is what lies on
    /// the disk.
    fn write(&mut self) {
        let mut kept = Sources::default();
        let mut failed = Vec::new();
        for ((id, first), (_, now)) in self.first.iter().zip(self.project.sources.iter())
        {
            let mut text = &now.text;
            if first.text != now.text
                && let Err(why) = replace(Path::new(&first.name), &first.text, &now.text)
            {
                failed.push((id, why));
                text = &first.text;
            }
            kept.add(first.name.clone(), text.clone());
        }
        if failed.is_empty() {
            return;
        }
        for (id, why) in failed {
            let name = self.first.get(id).map(|source| source.name.clone());
            self.edits.retain(|edit| Some(&edit.file) != name.as_ref());
            self.close(id, why);
        }
        self.project = Project::check(kept, self.catalog).under(self.levels);
    }
}

/// The errors of each file.
fn errors(project: &Project) -> Vec<usize> {
    let mut counts: Vec<usize> = project.sources.iter().map(|_| 0).collect();
    for finding in &project.findings {
        if finding.severity == Severity::Error
            && let Some(count) = counts.get_mut(finding.span.file.0 as usize)
        {
            *count += 1;
        }
    }
    counts
}
