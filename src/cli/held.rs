//! `held`, `release`, `discard`: evaluations that would pass their limit.

use crate::actions::Network;
use crate::cli::evaluations;
use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::run::{lock, report};
use crate::engine::{self, Engine, limit_words};
use crate::session::{Access, Place, Workspace, actor};
use crate::store::HeldEvaluation;
use crate::text::counted;
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// List the evaluations that would pass their limit and so opened nothing.
///
/// With the number of one: for whom it would open a run.
#[derive(Debug, Args)]
pub(crate) struct Held {
    /// The number of an evaluation.
    #[arg(value_name = "EVALUATION", allow_negative_numbers = true, value_parser = number::of_evaluation)]
    evaluation: Option<i64>,
}

/// Open all runs of a held evaluation, if it would still open just these.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The number of the evaluation.
    #[arg(value_name = "EVALUATION", allow_negative_numbers = true, value_parser = number::of_evaluation)]
    evaluation: i64,
    /// Why it may pass the limit.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// Drop a held evaluation: none of its runs is opened.
#[derive(Debug, Args)]
pub(crate) struct Discard {
    /// The number of the evaluation.
    #[arg(value_name = "EVALUATION", allow_negative_numbers = true, value_parser = number::of_evaluation)]
    evaluation: i64,
    /// Why.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

impl Held {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "held")?;
        let held = match self.evaluation {
            Some(number) => {
                let found = workspace.store.held_evaluation(number)?;
                let found = found.ok_or_else(|| {
                    Fail::no(format!("no evaluation {number} is held"))
                        .help("tenure held lists them")
                })?;
                vec![found]
            }
            None => workspace.store.held()?,
        };
        if out.json {
            let list = held.iter().map(|held| document(held, &workspace));
            let list = list.collect::<Result<Vec<_>, Fail>>()?;
            out.document(&json!({ "schema": "tenure.held/1", "held": list }))?;
            return Ok(ExitCode::SUCCESS);
        }
        if held.is_empty() {
            out.note("no evaluation is held")?;
        }
        for one in &held {
            out.line(line(one, &workspace)?)?;
            if self.evaluation.is_some() {
                for subject in workspace.store.held_subjects(one.evaluation)? {
                    out.line(format!("  {subject}"))?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Release {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "release")?;
        let _held = lock(place, &workspace)?;
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
        let by = actor();
        let why = (by.as_str(), self.reason.as_str());
        let done = engine.release(self.evaluation, why, workspace.now)?;
        report(&done, out)
    }
}

impl Discard {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "discard")?;
        let _held = lock(place, &workspace)?;
        let by = actor();
        let why = (by.as_str(), self.reason.as_str());
        let held =
            engine::discard(&workspace.store, self.evaluation, why, workspace.now)?;
        let many = workspace.store.held_subjects(held.evaluation)?.len();
        if out.json {
            out.document(&json!({
                "schema": "tenure.discarded/1",
                "evaluation": held.evaluation,
                "discarded": many,
            }))?;
        } else {
            let runs = counted(many, "run", "runs");
            out.note(format!("evaluation {} is dropped with {runs}", held.evaluation))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(held: &HeldEvaluation, workspace: &Workspace) -> Result<String, Fail> {
    let many = workspace.store.held_subjects(held.evaluation)?.len();
    let runs = counted(many, "run", "runs");
    let state = match (&held.settled_by, held.settled_at) {
        (Some(by), Some(at)) => {
            let reason = held.reason.as_deref().filter(|reason| !reason.is_empty());
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            let later = workspace.store.released_by(held.evaluation)?;
            let later = later.map(|later| format!(" as evaluation {later}"));
            let later = later.unwrap_or_default();
            format!("; {}{later} by {by} at {at}{reason}", held.state)
        }
        _ => String::new(),
    };
    Ok(format!(
        "evaluation {} of {} version {} at {}: would open {runs}; {}{state}",
        held.evaluation,
        policy(held, workspace)?,
        held.version,
        held.at,
        limit_words(of_store(held, workspace)?, held.opened, held.allowed),
    ))
}

/// Whether it is the limit on all policies together that holds it.
fn of_store(held: &HeldEvaluation, workspace: &Workspace) -> Result<bool, Fail> {
    let row = workspace.store.evaluation(held.evaluation)?;
    let survey = row.as_ref().map(evaluations::found).transpose()?;
    Ok(survey.is_some_and(|survey| survey.limit.of_store))
}

fn document(
    held: &HeldEvaluation,
    workspace: &Workspace,
) -> Result<serde_json::Value, Fail> {
    let subjects = workspace.store.held_subjects(held.evaluation)?;
    let subjects: Vec<String> =
        subjects.into_iter().map(|subject| subject.name).collect();
    Ok(json!({
        "evaluation": held.evaluation,
        "policy": policy(held, workspace)?,
        "version": held.version,
        "at": held.at,
        "subjects": subjects,
        "opened": held.opened,
        "allowed": held.allowed,
        "of_store": of_store(held, workspace)?,
        "state": held.state,
        "released_as": workspace.store.released_by(held.evaluation)?,
        "settled_at": held.settled_at,
        "settled_by": held.settled_by,
        "reason": held.reason,
    }))
}

fn policy(held: &HeldEvaluation, workspace: &Workspace) -> Result<String, Fail> {
    let policies = workspace.store.policies()?;
    let found = policies.into_iter().find(|policy| policy.id == held.policy_id);
    Ok(found.map(|policy| policy.name).unwrap_or_default())
}

/// A reason is words.
pub(crate) fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why".to_owned()),
        text => Ok(text.to_owned()),
    }
}
