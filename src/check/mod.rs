//! Names and types: tree in, checked program and findings out.
//!
//! Every name is looked up in the catalog or among the items of the files, every comparison
//! is typed. A policy with an error is left out of the program; one mistake gives one
//! finding, however many policies meet it.

mod advice;
mod allow;
mod app;
mod attribute;
mod condition;
mod declare;
mod define;
mod doubt;
mod item;
mod meant;
mod joint;
mod link;
mod name;
mod never;
mod policy;
mod review;
mod step;
mod template;
mod test_item;
#[cfg(test)]
mod tests;
mod unknown;
mod value;
mod variable;
mod words;

pub use crate::check::advice::advise;
pub use crate::check::allow::heed;
pub(crate) use crate::check::name::quoted;
pub(crate) use crate::check::policy::asks_for_lifecycle;
pub(crate) use crate::check::template::is_built_in;
pub use crate::check::variable::VARIABLES;

use crate::catalog::Catalog;
use crate::check::declare::Declarations;
use crate::check::define::Defines;
use crate::check::name::Names;
use crate::check::variable::Shown;
use crate::diagnose::{Code, Diagnostic, Severity};
use crate::ir::{
    App, AppId, Condition, Flow, Orders, Policy, Program, SubjectKind, Template, Webhook,
};
use crate::syntax::ast;
use crate::text::{Sources, Span};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Checks all files of one call as one project.
pub fn check(
    sources: &Sources,
    files: &[ast::File],
    catalog: &Catalog,
) -> (Program, Vec<Diagnostic>) {
    let mut cx = Cx::new(sources, files, catalog);
    let mut program = Program::default();
    cx.blank_names(files);
    for item in files.iter().flat_map(|file| &file.items) {
        match &item.kind {
            ast::ItemKind::Webhook(webhook) => {
                program.webhooks.extend(cx.declare_webhook(webhook, item.damaged));
            }
            ast::ItemKind::Template(template) => {
                program.templates.extend(cx.declare_template(template, item.damaged));
            }
            ast::ItemKind::Flow(flow) => {
                program.flows.extend(cx.declare_flow(flow, item.damaged));
            }
            ast::ItemKind::Policy(_)
            | ast::ItemKind::Define(_)
            | ast::ItemKind::App(_)
            | ast::ItemKind::Attribute(_)
            | ast::ItemKind::Lifecycle(_)
            | ast::ItemKind::Group(_)
            | ast::ItemKind::Never(_)
            | ast::ItemKind::Test(_) => {}
        }
    }
    // Before the policies, which ask what each app can do.
    for item in files.iter().flat_map(|file| &file.items) {
        if let ast::ItemKind::App(app) = &item.kind {
            program.apps.extend(cx.app_item(app, item.damaged));
        }
    }
    for item in files.iter().flat_map(|file| &file.items) {
        if let ast::ItemKind::Policy(policy) = &item.kind {
            let policy = cx.policy(policy, item.damaged);
            program
                .policies
                .extend(policy.map(|policy| with_apps(policy, &program.apps)));
        }
    }
    for item in files.iter().flat_map(|file| &file.items) {
        match &item.kind {
            ast::ItemKind::Never(never) => {
                program.nevers.extend(cx.never(never, item.damaged));
            }
            ast::ItemKind::Test(test) => {
                let test = cx.test_item(test, &program.policies, item);
                program.tests.extend(test);
            }
            ast::ItemKind::Policy(_)
            | ast::ItemKind::Define(_)
            | ast::ItemKind::Webhook(_)
            | ast::ItemKind::Template(_)
            | ast::ItemKind::App(_)
            | ast::ItemKind::Attribute(_)
            | ast::ItemKind::Lifecycle(_)
            | ast::ItemKind::Group(_)
            | ast::ItemKind::Flow(_) => {}
        }
    }
    cx.unused_defines();
    program.attributes = std::mem::take(&mut cx.declared.attributes);
    program.lifecycle = cx.declared.lifecycle.take();
    program.groups = std::mem::take(&mut cx.declared.groups);
    for policy in &mut program.policies {
        policy.groups.clone_from(&program.groups);
    }
    (program, cx.findings)
}

/// A policy that knows how things are done in the apps that it looks at, and when the accounts
/// of any app were last used: people have accounts in others too.
fn with_apps(policy: Policy, apps: &[App]) -> Policy {
    let within = &policy.scope.apps;
    let orders = apps.iter().filter_map(|app| Some((app.id, app.activity.clone()?)));
    let orders = Orders {
        own: policy.activity.and_then(|orders| orders.own),
        apps: orders.collect(),
    };
    let activity = Some(orders).filter(|it| *it != Orders::default());
    let mut apps = apps.to_vec();
    apps.retain(|app| within.is_empty() || within.contains(&app.id));
    Policy { activity, apps, ..policy }
}

/// Checks one condition about subjects of a kind, as it would stand in a `when`; the files
/// are asked for definitions.
pub fn condition(
    sources: &Sources,
    condition: &ast::Condition,
    files: &[ast::File],
    kind: SubjectKind,
    catalog: &Catalog,
) -> (Option<Condition>, Vec<Diagnostic>) {
    alone(sources, files, catalog, |cx| {
        cx.whole_condition(condition, About { kind, apps: &[] })
    })
}

/// The same of a condition that says for whom something is so, and not when: a pilot.
pub fn lasting_condition(
    sources: &Sources,
    condition: &ast::Condition,
    files: &[ast::File],
    kind: SubjectKind,
    catalog: &Catalog,
) -> (Option<Condition>, Vec<Diagnostic>) {
    alone(sources, files, catalog, |cx| {
        cx.condition(condition, About { kind, apps: &[] })
    })
}

/// Checks what stands in no file; what is wrong with the files is not its matter.
fn alone(
    sources: &Sources,
    files: &[ast::File],
    catalog: &Catalog,
    check: impl FnOnce(&mut Cx<'_>) -> Option<Condition>,
) -> (Option<Condition>, Vec<Diagnostic>) {
    let mut cx = Cx::new(sources, files, catalog);
    cx.findings.clear();
    let checked = check(&mut cx);
    let broken = cx.findings.iter().any(|finding| finding.severity == Severity::Error);
    (checked.filter(|_| !broken), cx.findings)
}

/// Whom the conditions and steps of a policy are about.
#[derive(Clone, Copy, Debug)]
struct About<'a> {
    kind: SubjectKind,
    /// The apps of the policy; all when empty.
    apps: &'a [AppId],
}

/// Nobody reads more about one project.
const MOST_FINDINGS: usize = 20_000;

/// An item that others refer to: `None` when it was declared and cannot be used.
type Declared<T> = HashMap<String, (Span, Option<Arc<T>>)>;

struct Cx<'a> {
    sources: &'a Sources,
    catalog: &'a Catalog,
    names: Names<'a>,
    defines: Defines<'a>,
    declared: Declarations<'a>,
    apps: HashMap<AppId, Span>,
    webhooks: Declared<Webhook>,
    templates: Declared<Template>,
    flows: Declared<Flow>,
    /// What templates show, by their names.
    shown_by_templates: HashMap<String, Shown>,
    /// What flows show, by their names.
    shown_by_flows: HashMap<String, Shown>,
    /// What the text shows that is being read.
    shown: Shown,
    /// Whether the text that is being read is a report's.
    of_report: bool,
    /// Whether it is one that asks somebody, and is no subject.
    may_link: bool,
    /// The parameters of the flow that is being read.
    given: Vec<String>,
    policies: HashMap<String, Span>,
    /// The ranks that are taken in each set: where, and by which policy.
    ranks: HashMap<(String, u32), (Span, Span)>,
    findings: Vec<Diagnostic>,
    /// How many errors there were, those that were not kept included.
    made: usize,
    /// What was said already: a definition is met at each of its uses.
    said: HashSet<(Code, Span)>,
    /// Suggestions are looked for among all names; after so many nobody reads them.
    suggestions: usize,
    /// Whether a condition is read that spares people, or may: narrower is not safer there.
    spares: bool,
}

impl<'a> Cx<'a> {
    fn new(sources: &'a Sources, files: &'a [ast::File], catalog: &'a Catalog) -> Self {
        let mut cx = Self {
            sources,
            catalog,
            names: Names::new(catalog),
            defines: Defines::default(),
            declared: Declarations::default(),
            apps: HashMap::new(),
            webhooks: HashMap::new(),
            templates: HashMap::new(),
            flows: HashMap::new(),
            of_report: false,
            may_link: false,
            given: Vec::new(),
            shown_by_templates: HashMap::new(),
            shown_by_flows: HashMap::new(),
            shown: Shown::default(),
            policies: HashMap::new(),
            ranks: HashMap::new(),
            findings: Vec::new(),
            made: 0,
            said: HashSet::new(),
            suggestions: 200,
            spares: false,
        };
        cx.declarations(files);
        cx.declare_defines(files);
        cx
    }

    /// Notes a finding, once.
    fn report(&mut self, finding: Diagnostic) {
        // What is only doubtful can be used.
        self.made += usize::from(finding.severity == Severity::Error);
        if self.said.len() < MOST_FINDINGS
            && self.said.insert((finding.code, finding.span))
        {
            self.findings.push(finding);
        }
    }

    fn snippet(&self, span: Span) -> &'a str {
        self.sources.snippet(span)
    }

    /// Where a span begins, as people read it: `2:8`, with the file if it is another.
    fn place(&self, span: Span, from: Span) -> String {
        let Some(source) = self.sources.get(span.file) else { return String::new() };
        let place = source.position(span.start as usize);
        let (line, column) = (place.line, place.column);
        if span.file == from.file {
            format!("{line}:{column}")
        } else {
            format!("{}:{line}:{column}", source.name)
        }
    }

    /// Says that a name was given before.
    fn duplicate(&mut self, what: &str, name: &str, span: Span, first: Span) {
        let place = self.place(first, span);
        let message = format!("there are two {what} named `{name}`");
        self.report(
            Diagnostic::error(Code::DuplicateName, span, message)
                .label(format!("the first stands at {place}"))
                .and(first, "the first")
                .help("give one of them another name"),
        );
    }
}
