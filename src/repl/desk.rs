//! What a session knows: the store, the clock, what was typed before; and its answers.

use crate::catalog::Catalog;
use crate::diagnose::{Diagnostic, Look, Severity, to_human};
use crate::engine::EngineError;
use crate::foresight::{plan, report};
use crate::ir::{Condition, Policy, Scope, SubjectKind};
use crate::repl::command::{self, Command};
use crate::repl::entry::{Entry, classify};
use crate::repl::{ReplError, ask, explanation, names};
use crate::session::{Project, Workspace};
use crate::syntax::{self, ast};
use crate::text::{FileId, Sources, fold};
use crate::time::{Duration, Timestamp};
use std::path::{Path, PathBuf};

/// So many runs of a plan are shown one by one.
const SHOWN: usize = 10;

/// How what is typed is named in findings.
pub(super) const INPUT: &str = "<input>";

/// The state of a session.
pub(super) struct Desk {
    pub(super) workspace: Workspace,
    pub(super) catalog: Catalog,
    pub(super) look: Look,
    /// What conditions are about where they do not say.
    pub(super) kind: SubjectKind,
    pub(super) items: Vec<Item>,
    pub(super) last: Option<Asked>,
    /// The subjects that were last shown.
    pub(super) shown: Vec<String>,
}

/// An item that was typed or loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The keyword.
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// The file that it came from.
    file: String,
    text: String,
}

/// What was asked last.
pub(super) enum Asked {
    /// A condition, and about whom.
    Condition(Scope, Condition),
    /// A policy.
    Policy(Box<Policy>),
}

/// What to do with an entry.
pub(super) enum Answer {
    /// Nothing was said.
    Nothing,
    /// Say this.
    Text(String),
    /// Leave.
    Quit,
}

impl Desk {
    pub(super) fn new(workspace: Workspace, look: Look) -> Result<Self, ReplError> {
        let catalog = workspace.catalog()?;
        Ok(Self {
            workspace,
            catalog,
            look,
            kind: SubjectKind::Account,
            items: Vec::new(),
            last: None,
            shown: Vec::new(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.workspace.now
    }

    /// Answers an entry. That something cannot be answered is an answer.
    pub(super) fn answer(&mut self, text: &str) -> Answer {
        let said = match classify(text) {
            Entry::Nothing => return Answer::Nothing,
            Entry::Command(text) => match command::parse(text) {
                Ok(Command::Quit) => return Answer::Quit,
                Ok(command) => self.command(command),
                Err(why) => Ok(format!("error: {why}")),
            },
            Entry::Items => self.take_items(text),
            Entry::Condition => ask::condition(self, text),
        };
        Answer::Text(said.unwrap_or_else(|error| format!("error: {error}")))
    }

    fn command(&mut self, command: Command<'_>) -> Result<String, EngineError> {
        Ok(match command {
            Command::Help => command::help(),
            Command::Accounts => self.about(SubjectKind::Account),
            Command::Users => self.about(SubjectKind::User),
            Command::Grants => self.about(SubjectKind::Grant),
            Command::Now(text) => self.set_clock(text),
            Command::Explain(subject) => explanation::explain(self, subject)?,
            Command::Undecided => ask::undecided(self)?,
            Command::Sql(text) => ask::sql(self, text)?,
            Command::Show(subject) => explanation::show(self, subject)?,
            Command::Names(kind) => names::names(self, kind),
            Command::Load(path) => self.load(path)?,
            Command::Plan(name) => self.plans(name)?,
            Command::Quit => String::new(),
        })
    }

    fn about(&mut self, kind: SubjectKind) -> String {
        self.kind = kind;
        match kind {
            SubjectKind::Account => "conditions are about accounts",
            SubjectKind::User => "conditions are about users",
            SubjectKind::Grant => "conditions are about grants",
        }
        .to_owned()
    }

    fn set_clock(&mut self, text: &str) -> String {
        let now = self.workspace.now;
        let moved = match text.split_at_checked(1) {
            None => Some(now),
            Some(("+", length)) => {
                Duration::parse(length).map(|length| now.after(length))
            }
            Some(("-", length)) => {
                Duration::parse(length).map(|length| now.before(length))
            }
            Some(_) => Timestamp::parse(text),
        };
        match moved {
            Some(now) => {
                self.workspace.now = now;
                format!("it is {now}")
            }
            None => "error: write an instant, or how far to move: `:now \
                     2026-12-01T09:00:00Z`, `:now +7d`"
                .to_owned(),
        }
    }

    /// A text with everything remembered behind it, so that it can refer to that; `replaced`
    /// is left out.
    pub(super) fn sources(&self, text: &str, replaced: &[Item]) -> Sources {
        let mut sources = Sources::default();
        sources.add(INPUT, text);
        for item in self
            .items
            .iter()
            .filter(|item| !replaced.iter().any(|it| it.same(item)))
        {
            sources.add(item.file.clone(), item.text.clone());
        }
        sources
    }

    fn take_items(&mut self, text: &str) -> Result<String, EngineError> {
        let mut alone = Sources::default();
        let file = alone.add(INPUT, text);
        let typed = items(&syntax::parse(&alone, file).0, &alone);
        let project = Project::check(self.sources(text, &typed), &self.catalog);
        let typed_here = |found: &&Diagnostic| found.span.file == file;
        let shown: Vec<Diagnostic> = project
            .findings
            .iter()
            .filter(|found| found.severity == Severity::Error || typed_here(found))
            .cloned()
            .collect();
        let mut said = Vec::new();
        if !shown.is_empty() {
            said.push(
                to_human(&shown, &project.sources, self.look).trim_end().to_owned(),
            );
        }
        let errors = |found: &Diagnostic| found.severity == Severity::Error;
        if project.findings.iter().filter(typed_here).any(errors) {
            return Ok(said.join("\n\n"));
        }
        let remembered: Vec<String> = typed
            .iter()
            .filter(|item| item.kind != "policy")
            .map(|item| format!("{} {}", item.kind, item.name).trim_end().to_owned())
            .collect();
        if !remembered.is_empty() {
            said.push(format!("remembered: {}", remembered.join(", ")));
        }
        said.extend(self.workspace.heed_lifecycle(&project.program)?);
        self.remember(typed);
        for policy in project.program.policies {
            if policy.span.file == file {
                said.push(self.plan(&policy)?);
                self.last = Some(Asked::Policy(Box::new(policy)));
            }
        }
        Ok(said.join("\n\n"))
    }

    fn remember(&mut self, new: Vec<Item>) {
        self.items.retain(|item| !new.iter().any(|new| new.same(item)));
        self.items.extend(new);
    }

    fn load(&mut self, path: &str) -> Result<String, EngineError> {
        let paths = [PathBuf::from(path.trim_matches('"'))];
        let project = match Project::read(&paths, &self.catalog) {
            Ok(project) => project,
            Err(error) => return Ok(format!("error: {error}")),
        };
        let mut said = to_human(&project.findings, &project.sources, self.look);
        if project.errors() == 0 {
            let mut loaded = Vec::new();
            for file in &project.files {
                loaded.extend(items(file, &project.sources));
            }
            let list: Vec<String> = loaded
                .iter()
                .map(|item| format!("{} {}", item.kind, item.name).trim_end().to_owned())
                .collect();
            if let Some(note) = self.workspace.heed_lifecycle(&project.program)? {
                said.push_str(&note);
                said.push('\n');
            }
            said.push_str("remembered: ");
            said.push_str(&list.join(", "));
            self.remember(loaded);
            if let Some(policy) = project.program.policies.into_iter().next_back() {
                said.push_str("; :plan shows what would open");
                self.last = Some(Asked::Policy(Box::new(policy)));
            }
        }
        Ok(said)
    }

    fn plans(&mut self, name: &str) -> Result<String, EngineError> {
        let project = Project::check(self.sources("", &[]), &self.catalog);
        let mut said = Vec::new();
        for policy in project.program.policies {
            if name.is_empty() || fold(&policy.name) == fold(name) {
                said.push(self.plan(&policy)?);
                self.last = Some(Asked::Policy(Box::new(policy)));
            }
        }
        Ok(match (said.is_empty(), name) {
            (false, _) => said.join("\n\n"),
            (true, "") => {
                "error: this session holds no policy; type one, or :load FILE".into()
            }
            (true, name) => format!("error: this session holds no policy `{name}`"),
        })
    }

    fn plan(&mut self, policy: &Policy) -> Result<String, EngineError> {
        let workspace = &self.workspace;
        let mut settings = workspace.settings();
        let project = Project::check(self.sources("", &[]), &self.catalog);
        settings.nevers = project.program.nevers;
        let policies = std::slice::from_ref(policy);
        let plan =
            plan(&workspace.store, (policies, false), &settings, (workspace.now, SHOWN))?;
        let mut said = Vec::new();
        for planned in &plan.policies {
            let shown = planned.opens.iter();
            self.shown = shown.map(|opening| opening.subject.clone()).collect();
            said.push(report(planned, plan.now));
            let left = planned.survey.opens.len().saturating_sub(SHOWN);
            if left > 0 {
                said.push(format!("  … and {left} more"));
            }
        }
        Ok(said.join("\n\n"))
    }
}

impl Item {
    fn same(&self, other: &Self) -> bool {
        self.kind == other.kind && fold(&self.name) == fold(&other.name)
    }
}

/// The items of a file, each with its own text.
fn items(file: &ast::File, sources: &Sources) -> Vec<Item> {
    let name_of_file =
        |id: FileId| sources.get(id).map_or(INPUT, |file| file.name.as_str());
    let mut found = Vec::new();
    for item in &file.items {
        let (kind, name) = match &item.kind {
            ast::ItemKind::Policy(policy) => ("policy", policy.name.as_ref()),
            ast::ItemKind::Define(define) => ("define", Some(&define.name)),
            ast::ItemKind::Webhook(webhook) => ("webhook", Some(&webhook.name)),
            ast::ItemKind::Template(template) => ("template", Some(&template.name)),
            ast::ItemKind::App(app) => ("app", Some(&app.name.name)),
            ast::ItemKind::Flow(flow) => ("flow", Some(&flow.name)),
            ast::ItemKind::Group(group) => ("group", Some(&group.name)),
            ast::ItemKind::Test(test) => ("test", test.title.as_ref()),
            ast::ItemKind::Attribute(_) => ("attribute", None),
            ast::ItemKind::Lifecycle(_) => ("lifecycle", None),
            ast::ItemKind::Never(_) => ("never", None),
        };
        let file = name_of_file(file.id).to_owned();
        let text = sources.snippet(item.span).to_owned();
        let name = match (&item.kind, name) {
            (_, Some(name)) => name.value.clone(),
            (ast::ItemKind::Attribute(attribute), None) => attribute.name.parts.join("."),
            // There is one.
            (ast::ItemKind::Lifecycle(_), None) => String::new(),
            // Two that say the same are one.
            (ast::ItemKind::Never(_) | ast::ItemKind::Test(_), None) => {
                let said = text.split_whitespace().skip(1);
                said.collect::<Vec<_>>().join(" ")
            }
            // A bare `when` is named after its file.
            _ => {
                let stem = Path::new(&file).file_stem();
                stem.map(|stem| stem.to_string_lossy().into_owned())
                    .unwrap_or_default()
            }
        };
        found.push(Item { kind, name, file, text });
    }
    found
}
