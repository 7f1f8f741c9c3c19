//! `undo`: what a run, or all runs of an evaluation, took or gave is put back.

use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::run::lock;
use crate::engine::{self, Undo};
use crate::session::{Access, Place, actor};
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Put back what a run changed in the store, as far as there is a way back.
///
/// Memberships, roles, permissions, statuses, lifecycle states and attributes become what they
/// were before, where nobody has changed them since. Webhooks, messages, deletions and ended
/// sessions have no way back, and are named; so is what was changed in a connected system.
#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// The number of the run; it must be over.
    #[arg(value_name = "RUN", required_unless_present = "evaluation", allow_negative_numbers = true, value_parser = number::of_run)]
    run: Option<i64>,
    /// Instead: all runs that this evaluation opened.
    #[arg(long, value_name = "ID", conflicts_with = "run", allow_negative_numbers = true, value_parser = number::of_evaluation)]
    evaluation: Option<i64>,
    /// Only show what would be put back.
    #[arg(long)]
    plan: bool,
}

impl UndoArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "undo")?;
        let _held = lock(place, &workspace)?;
        let what = match (self.run, self.evaluation) {
            (_, Some(evaluation)) => Undo::Evaluation(evaluation),
            (run, None) => Undo::Run(run.unwrap_or_default()),
        };
        let how = (what, self.plan);
        let (by, settings) = (actor(), workspace.settings());
        let who = (by.as_str(), &settings);
        let done = engine::undo(&workspace.store, how, who, workspace.now)?;
        if out.json {
            out.document(&json!({
                "schema": "tenure.undone/1", "plan": self.plan, "runs": done,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        if done.is_empty() {
            out.note("nothing is left to undo")?;
        }
        for run in &done {
            out.line(format!(
                "run {} for {} under {}",
                run.run, run.subject, run.policy
            ))?;
            if run.steps.is_empty() {
                out.line("  it had changed nothing")?;
            }
            for step in &run.steps {
                out.line(match (&step.why_not, self.plan) {
                    (Some(why), _) => format!("  stays: {}: {why}", step.what),
                    (None, true) => format!("  would be undone: {}", step.what),
                    (None, false) => format!("  undone: {}", step.what),
                })?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
