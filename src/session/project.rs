//! The files of one call: read, parsed, checked, and cut into the texts that are published.

use crate::catalog::Catalog;
use crate::check;
use crate::diagnose::{Code, Diagnostic, Levels, Severity};
use crate::ir::{App, AppId, Never, Program};
use crate::syntax::{self, ast};
use crate::text::{Sources, Span, fold};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// All files of one call, checked together.
#[derive(Debug)]
pub struct Project {
    /// The texts.
    pub sources: Sources,
    /// The trees.
    pub files: Vec<ast::File>,
    /// The items without errors.
    pub program: Program,
    /// Everything that was found, in the order of the files.
    pub findings: Vec<Diagnostic>,
}

/// Why the files cannot be read.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// Reading failed.
    #[error("`{}` cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A folder without policies.
    #[error("`{}` holds no `.tenure` file", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

impl Project {
    /// Reads files, and every `.tenure` file of folders, and checks them against the names.
    pub fn read(paths: &[PathBuf], catalog: &Catalog) -> Result<Self, ProjectError> {
        Ok(Self::check(read_sources(paths)?, catalog))
    }

    /// Checks texts that are already at hand.
    pub fn check(sources: Sources, catalog: &Catalog) -> Self {
        let mut findings = Vec::new();
        let mut files = Vec::new();
        for (id, _) in sources.iter() {
            let (file, found) = syntax::parse(&sources, id);
            files.push(file);
            findings.extend(found);
        }
        let (program, found) = check::check(&sources, &files, catalog);
        findings.extend(found);
        findings.extend(check::advise(&sources, &program, catalog));
        let allows: Vec<_> = sources
            .iter()
            .flat_map(|(id, _)| syntax::allows(&sources, id))
            .collect();
        let mut findings = check::heed(findings, &allows, !catalog.assume);
        findings.sort_by_key(|found| (found.span.file, found.span.start));
        hide_secrets(&mut findings, &sources);
        Self { sources, files, program, findings }
    }

    /// The same project under levels for its warnings.
    #[must_use]
    pub fn under(mut self, levels: &Levels) -> Self {
        self.findings = levels.weigh(self.findings);
        self
    }

    /// How many findings are errors.
    pub fn errors(&self) -> usize {
        self.findings
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .count()
    }

    /// The items of a file that policies depend on.
    fn helpers<'a>(&'a self, file: &'a ast::File) -> impl Iterator<Item = Helper<'a>> {
        file.items.iter().filter_map(|item| {
            let named = |name: &str| Need::Named(fold(name));
            let need = match &item.kind {
                ast::ItemKind::Define(define) => named(&define.name.value),
                ast::ItemKind::Webhook(webhook) => named(&webhook.name.value),
                ast::ItemKind::Template(template)
                    if check::is_built_in(&template.name.value) =>
                {
                    Need::Always
                }
                ast::ItemKind::Template(template) => named(&template.name.value),
                ast::ItemKind::Flow(flow) => named(&flow.name.value),
                ast::ItemKind::Group(group) => named(&group.name.value),
                ast::ItemKind::Attribute(attribute) => {
                    named(attribute.name.parts.last()?)
                }
                // Whom a policy looks at hangs on what the states mean, named or not.
                ast::ItemKind::Lifecycle(_) => Need::Always,
                ast::ItemKind::App(app) => {
                    let known = |known: &&App| known.span == app.name.name.span;
                    let app = self.program.apps.iter().find(known)?;
                    Need::App { id: app.id, activity: app.activity.is_some() }
                }
                // A policy stands for itself; what never happens, never happens to anyone;
                // a test says nothing of what is done.
                ast::ItemKind::Policy(_)
                | ast::ItemKind::Never(_)
                | ast::ItemKind::Test(_) => return None,
            };
            Some(Helper { need, text: self.sources.snippet(item.span) })
        })
    }

    /// The text of the policy whose name, or whose `when`, stands at that place.
    fn policy_text(&self, head: Span) -> Option<&str> {
        let items = self.files.iter().flat_map(|file| &file.items);
        let mut found = items.filter(|item| {
            matches!(&item.kind, ast::ItemKind::Policy(policy) if policy.head == head)
        });
        found.next().map(|item| self.sources.snippet(item.span))
    }

    /// The text that is published for each policy: its own item, with every item it refers
    /// to. A policy that has not changed keeps its text whatever else changes.
    pub fn texts(&self) -> Vec<(String, String)> {
        let helpers = self.all_helpers();
        let mut texts = Vec::new();
        for policy in &self.program.policies {
            let Some(item) = self.policy_text(policy.span) else { continue };
            let text = whole(item, &helpers, &policy.scope.apps);
            texts.push((policy.name.clone(), text));
        }
        texts
    }

    /// What never happens: the words of each item, and the text that is published for it.
    pub fn nevers(&self) -> Vec<(String, String)> {
        let helpers = self.all_helpers();
        let items = self.files.iter().flat_map(|file| &file.items);
        let mut texts = Vec::new();
        for item in items {
            let ast::ItemKind::Never(never) = &item.kind else { continue };
            let sound = |known: &Never| known.span == never.keyword;
            if self.program.nevers.iter().any(sound) {
                let text = self.sources.snippet(item.span);
                let words: Vec<&str> = text.split_whitespace().collect();
                texts.push((words.join(" "), whole(text, &helpers, &[])));
            }
        }
        texts
    }

    fn all_helpers(&self) -> Vec<Helper<'_>> {
        self.files.iter().flat_map(|file| self.helpers(file)).collect()
    }
}

/// An item, behind everything that it refers to. It looks at accounts of these apps, or of
/// all where none are named.
fn whole(item: &str, helpers: &[Helper<'_>], apps: &[AppId]) -> String {
    let mut needed = BTreeSet::new();
    let mut open = vec![item];
    while let Some(text) = open.pop() {
        let names = syntax::names_in(text);
        for (index, helper) in helpers.iter().enumerate() {
            if helper.is_needed(&names, apps) && needed.insert(index) {
                open.push(helper.text);
            }
        }
    }
    let needed = needed.into_iter().filter_map(|index| helpers.get(index));
    let mut parts: Vec<&str> = needed.map(|helper| helper.text).collect();
    parts.push(item);
    parts.join("\n\n") + "\n"
}

/// An item that policies depend on.
struct Helper<'a> {
    need: Need,
    text: &'a str,
}

/// What makes a policy depend on an item.
enum Need {
    /// It stands in its text.
    Named(String),
    /// Nothing: it changes what is there without being named.
    Always,
    /// It looks at accounts of that app, or of all.
    App {
        /// Which.
        id: AppId,
        /// Whether it says when accounts were last used: then it also counts for whoever asks
        /// that of people, whatever else they look at.
        activity: bool,
    },
}

impl Helper<'_> {
    fn is_needed(&self, names: &BTreeSet<String>, apps: &[AppId]) -> bool {
        match &self.need {
            Need::Named(name) => names.contains(name),
            Need::Always => true,
            Need::App { id, activity } => {
                apps.is_empty()
                    || apps.contains(id)
                    || *activity && names.contains("last_seen")
            }
        }
    }
}

/// Reads files, and every `.tenure` file of folders.
pub fn read_sources(paths: &[PathBuf]) -> Result<Sources, ProjectError> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            collect(path, &mut found)?;
            if found.len() == before {
                return Err(ProjectError::Empty { path: path.clone() });
            }
        } else {
            found.push(path.clone());
        }
    }
    let mut seen = BTreeSet::new();
    let mut sources = Sources::default();
    for path in found {
        if !seen.insert(path.clone()) {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        // What is no text becomes a finding of the parser, with its place.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        sources.add(path.display().to_string(), text);
    }
    Ok(sources)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), ProjectError> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| unreadable(folder, &error))?.path());
    }
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "tenure") {
            found.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> ProjectError {
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    ProjectError::Unreadable { path: path.to_owned(), reason }
}

/// What a finding quotes of the file holds no secret that another one is about.
fn hide_secrets(findings: &mut [Diagnostic], sources: &Sources) {
    let secrets: Vec<String> = findings
        .iter()
        .filter(|found| found.code == Code::SecretInFile)
        .map(|found| sources.snippet(found.span).trim_matches('"').to_owned())
        .filter(|secret| !secret.is_empty())
        .collect();
    for secret in &secrets {
        for found in &mut *findings {
            let others = found.others.iter_mut().map(|other| &mut other.text);
            let quoting = [&mut found.message, &mut found.label].into_iter();
            for text in quoting.chain(&mut found.help).chain(others) {
                *text = text.replace(&format!("\"{secret}\""), "\"…\"");
            }
        }
    }
}
