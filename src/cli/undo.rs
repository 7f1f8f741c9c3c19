//! `undo`: what a run, or all runs of an evaluation, took or gave is put back.

use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::pause;
use crate::cli::run::lock;
use crate::engine::{self, Again, Undo, Undone};
use crate::foresight::add_again;
use crate::session::{Access, Place, actor};
use crate::text::counted;
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
    #[arg(value_name = "RUN", allow_negative_numbers = true, value_parser = number::of_run)]
    run: Option<i64>,
    /// Instead: all runs that this evaluation opened, or that were opened when it was released.
    #[arg(long, value_name = "ID", conflicts_with = "run", allow_negative_numbers = true, value_parser = number::of_evaluation)]
    evaluation: Option<i64>,
    /// Only show what would be put back.
    #[arg(long)]
    plan: bool,
}

impl UndoArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let what = match (self.run, self.evaluation) {
            (_, Some(evaluation)) => Undo::Evaluation(evaluation),
            (Some(run), None) => Undo::Run(run),
            (None, None) => {
                return Err(Fail::usage("`undo` names neither a run nor an evaluation").help(
                    "tenure undo RUN, or tenure undo --evaluation ID; `tenure runs --all` and \
                     `tenure evaluations` list them",
                ));
            }
        };
        let workspace = place.open(Access::Write, "undo")?;
        let _held = lock(place, &workspace)?;
        let (by, settings, now) = (actor(), workspace.settings(), workspace.now);
        let who = (by.as_str(), &settings);
        let (mut done, copy) = if self.plan {
            let copy = workspace.store.copy_to_memory()?;
            (engine::undo(&copy, what, who, now)?, copy)
        } else {
            let done = engine::undo(&workspace.store, what, who, now)?;
            (done, workspace.store.copy_to_memory()?)
        };
        copy.doubt(&settings.freshness, now)?;
        let blocked = match add_again(&mut done, &copy, &settings, now) {
            Ok(blocked) => blocked,
            // What is undone is undone.
            Err(error) => [("what follows".to_owned(), error.to_string())].into(),
        };
        if out.json {
            out.document(&json!({
                "schema": "tenure.undone/1", "plan": self.plan, "runs": done,
                "blocked": blocked,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        if done.iter().all(|run| run.left_out.is_some()) {
            out.note("nothing is left to undo")?;
        }
        for run in &done {
            self.show(run, out)?;
        }
        let steps = || done.iter().flat_map(|run| &run.steps);
        let stay = steps().filter(|step| step.why_not.is_some()).count();
        let back = counted(steps().count().saturating_sub(stay), "change", "changes");
        let would = if self.plan { "would be " } else { "" };
        out.note(match stay {
            0 => format!("{back} {would}undone"),
            _ => format!(
                "{back} {would}undone; {stay} can't be, each for the reason beside it"
            ),
        })?;
        for (policy, why) in &blocked {
            out.note(format!("whether {policy} takes it again is not known: {why}"))?;
        }
        // It gives back, so a pause does not forbid it.
        for pause in engine::pauses(&workspace.store)? {
            if done.iter().any(|run| pause.is_of(&run.policy)) {
                out.note(pause::line(&pause))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn show(&self, run: &Undone, out: &mut Output) -> Result<(), Fail> {
        let Undone { subject, policy, .. } = run;
        out.line(format!("run {} for {subject} under {policy}", run.run))?;
        if let Some(why) = &run.left_out {
            out.line(format!("  {why}"))?;
        } else if run.steps.is_empty() {
            out.line("  it had changed nothing")?;
        }
        for step in &run.steps {
            out.line(match (&step.why_not, self.plan) {
                (Some(why), _) => format!("  stays: {}: {why}", step.what),
                (None, true) => format!("  would be undone: {}", step.what),
                (None, false) => format!("  undone: {}", step.what),
            })?;
        }
        if let Some(until) = run.rests_until {
            out.line(format!("  {policy} opens no run for {subject} before {until}"))?;
        }
        for Again { subject, policy, why } in &run.again {
            out.line(format!(
                "  soon again: {subject}: {why}, and the next evaluation of {policy} \
                 opens a run"
            ))?;
        }
        Ok(())
    }
}
