//! Warnings: what is no mistake of the text and yet is hardly meant. They need the finished
//! program and the catalog, and no prover.
//!
//! A warning is worth its noise only where a good admin would agree. Each rule says of
//! itself when it is silent.

mod claim;
mod connector;
mod data;
mod layer;
mod narrow;
mod parts;
mod people;
mod question;
mod removal;
mod rivals;
mod turned;

use crate::catalog::{Catalog, Group, Person};
use crate::check::words::folded;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{AppId, Condition, ConditionKind, GroupId, Level, Program, SubjectKind};
use crate::text::{FileId, Sources, Span, fold};
use std::collections::{HashMap, HashSet};

/// What is to be thought over in a program and in the files that it comes from.
pub fn advise(
    sources: &Sources,
    program: &Program,
    catalog: &Catalog,
) -> Vec<Diagnostic> {
    let mut advice = Advice {
        sources,
        program,
        catalog,
        groups: catalog.groups.iter().map(|group| (group.id, group)).collect(),
        people: catalog.people.as_deref().map(by_address),
        suggestions: 100,
        findings: Vec::new(),
        said: HashSet::new(),
        layered: HashSet::new(),
    };
    for policy in &program.policies {
        advice.parts(policy);
        if let Some(except) = &policy.except {
            advice.narrow(except);
        }
        advice.removal(policy);
        advice.turned(policy);
        advice.questions(policy);
        advice.data(policy);
        advice.layer(policy);
        advice.connector(policy);
        advice.out_of_reach(policy);
    }
    for never in &program.nevers {
        advice.row(&never.when, Level::Account);
    }
    advice.expiries();
    advice.rivals();
    let files: Vec<FileId> = sources.iter().map(|(id, _)| id).collect();
    for file in files {
        advice.people(file);
    }
    advice.findings
}

fn by_address(people: &[Person]) -> HashMap<String, &Person> {
    people.iter().map(|person| (fold(&person.email), person)).collect()
}

struct Advice<'a> {
    sources: &'a Sources,
    program: &'a Program,
    catalog: &'a Catalog,
    groups: HashMap<GroupId, &'a Group>,
    /// By folded address; nothing where the store was not asked about any.
    people: Option<HashMap<String, &'a Person>>,
    /// Suggestions are looked for among all people; after so many nobody reads them.
    suggestions: usize,
    findings: Vec<Diagnostic>,
    /// A definition says the same at each of its uses, of which one span may have several.
    said: HashSet<(Code, Span)>,
    /// The apps of which a policy was said to take a permission by the way of the account.
    layered: HashSet<AppId>,
}

impl Advice<'_> {
    fn report(&mut self, finding: Diagnostic) {
        if self.said.insert((finding.code, finding.span)) {
            self.findings.push(finding);
        }
    }

    /// A part of a condition as it was written.
    fn words(&self, condition: &Condition) -> String {
        let written = folded(self.sources.snippet(condition.span));
        match &condition.kind {
            ConditionKind::Test(test) => test.text.clone(),
            // Where a definition was used, one word stands there.
            ConditionKind::Not(inner) if !written.contains(' ') => {
                format!("not {}", self.words(inner))
            }
            _ => written,
        }
    }

    /// Whose signs of life a policy looks at.
    fn life(kind: SubjectKind) -> Level {
        match kind {
            SubjectKind::Account | SubjectKind::Grant => Level::Account,
            SubjectKind::User => Level::User,
        }
    }
}
