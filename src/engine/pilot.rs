//! Which text is followed: a version of a policy, and the pilot that narrows it.

use crate::catalog::Catalog;
use crate::check;
use crate::diagnose::{Diagnostic, Severity};
use crate::engine::run::Run;
use crate::ir::Policy;
use crate::store::{PolicyRow, RunRow};
use crate::syntax;
use crate::text::Sources;

/// A version of a policy, and the pilot that it is narrowed by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pin<'a> {
    pub(crate) id: i64,
    pub(crate) name: &'a str,
    pub(crate) version: u32,
    pub(crate) only: Option<&'a str>,
}

/// What keeps a condition from being a pilot.
#[derive(Debug)]
pub struct NoPilot {
    /// The condition, and the text of the policy.
    pub sources: Sources,
    /// What is wrong with it.
    pub findings: Vec<Diagnostic>,
}

impl<'a> Pin<'a> {
    /// What a run was opened under, and finishes under.
    pub(crate) fn of_run(row: &'a RunRow, run: &'a Run) -> Self {
        Self {
            id: row.policy_id,
            name: &run.policy,
            version: row.version,
            only: run.only.as_deref(),
        }
    }

    /// What is at work of a policy, where anything is.
    pub(crate) fn active(row: &'a PolicyRow) -> Option<Self> {
        Some(Self {
            id: row.id,
            name: &row.name,
            version: row.active?,
            only: row.mode.only.as_deref(),
        })
    }
}

/// Narrows a policy to those for whom a condition is true. The condition is checked like one
/// of the policy, with the definitions of its text.
pub fn narrow(
    policy: &mut Policy,
    text: &str,
    only: &str,
    catalog: &Catalog,
) -> Result<(), Box<NoPilot>> {
    let mut sources = Sources::default();
    let file = sources.add("--only", only);
    let other = sources.add(format!("{}.tenure", policy.name), text);
    let (tree, mut findings) = syntax::parse_condition(&sources, file);
    let (others, _) = syntax::parse(&sources, other);
    let mut checked = None;
    if let Some(tree) = tree {
        let kind = policy.scope.kind;
        let (condition, more) =
            check::lasting_condition(&sources, &tree, &[others], kind, catalog);
        findings.extend(more);
        checked = condition;
    }
    let broken = findings.iter().any(|found| found.severity == Severity::Error);
    if let (Some(condition), false) = (checked, broken) {
        policy.narrow(condition, only.trim().to_owned());
        return Ok(());
    }
    Err(Box::new(NoPilot { sources, findings }))
}

/// The same for those who only want to know why not.
pub(crate) fn narrowed(
    mut policy: Policy,
    text: &str,
    only: &str,
    catalog: &Catalog,
) -> Result<Policy, String> {
    match narrow(&mut policy, text, only, catalog) {
        Ok(()) => Ok(policy),
        Err(doubts) => Err(doubts.first()),
    }
}

impl NoPilot {
    /// The first thing that is wrong.
    fn first(&self) -> String {
        let mut errors =
            self.findings.iter().filter(|found| found.severity == Severity::Error);
        let first = errors.next().map(|found| found.message.as_str());
        format!("its pilot: {}", first.unwrap_or("there is no condition"))
    }
}
