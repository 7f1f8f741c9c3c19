//! `plan`: what would be opened now.

use crate::cli::check::sound_policies;
use crate::cli::event;
use crate::cli::output::{Fail, Output};
use crate::cli::run::interrupted;
use crate::cli::secrets::note_missing;
use crate::engine::{EventMessage, stale};
use crate::foresight::{Plan, plan, plan_event, report};
use crate::ir::Policy;
use crate::session::{Access, Place, Workspace};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show what policies would open now, whom they leave out, and what would follow.
///
/// Nothing is changed and nobody is asked. The timeline of each run says what would follow
/// if nobody answered.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Files, or folders with `.tenure` files [default: those of the configuration].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The active policies of the store.
    #[arg(long, conflicts_with = "paths")]
    active: bool,
    /// What would follow from an event: a file of the form that `event` takes, or `-`.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Show every subject, however many there are.
    #[arg(long)]
    all: bool,
}

/// So many subjects are shown one by one.
const SHOWN: usize = 25;

impl PlanArgs {
    /// `plan --active`.
    pub(crate) fn of_active() -> Self {
        Self {
            paths: Vec::new(),
            active: true,
            event: None,
            all: false,
        }
    }

    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let event = self.event.as_deref().map(event::read).transpose()?;
        let workspace = place.open(Access::Read, "plan")?;
        if let Some(message) = event {
            return self.of_event(&message, &workspace, out);
        }
        let mut settings = workspace.settings();
        let policies: Vec<Policy> = if self.active {
            crate::engine::active_policies(&workspace.store)?
        } else {
            let program = sound_policies(&self.paths, &workspace, out)?.program;
            settings.nevers = program.nevers;
            program.policies
        };
        if self.active {
            let rows = workspace.store.policies()?.into_iter();
            for row in rows.filter(|row| row.mode.observe) {
                out.note(format!(
                    "policy {} is only observed: nobody would be asked, and nothing done",
                    row.name
                ))?;
            }
        }
        note_missing(&policies, &workspace, out)?;
        let most = if self.all || out.json { usize::MAX } else { SHOWN };
        let when = (workspace.now, most);
        let plan = plan(&workspace.store, (&policies, self.active), &settings, when)?;
        if !out.json {
            for policy in &policies {
                let when = (&settings, workspace.now);
                for warning in stale(&workspace.store, policy, when)? {
                    out.note(format!("warning: {warning}"))?;
                }
            }
        }
        shown(&plan, most, out)
    }

    /// What would follow from an event, in a copy of the store.
    fn of_event(
        &self,
        message: &EventMessage,
        workspace: &Workspace,
        out: &mut Output,
    ) -> Result<ExitCode, Fail> {
        let mut settings = workspace.settings();
        let mut texts = None;
        if self.active {
            let policies = crate::engine::active_policies(&workspace.store)?;
            note_missing(&policies, workspace, out)?;
        } else {
            let project = sound_policies(&self.paths, workspace, out)?;
            note_missing(&project.program.policies, workspace, out)?;
            settings.nevers.clone_from(&project.program.nevers);
            texts = Some(project.texts());
        }
        let copy = workspace.store.copy_to_memory()?;
        let most = if self.all || out.json { usize::MAX } else { SHOWN };
        let when = (workspace.now, most);
        let plan = plan_event(&copy, texts.as_deref(), message, &settings, when)?;
        if let Some(received) = plan.event.as_ref().filter(|_| !out.json) {
            for warning in &received.warnings {
                out.note(format!("warning: {warning}"))?;
            }
            event::answered(received, out)?;
            if received.repeated {
                out.note(format!("event {} was received before", received.id))?;
            } else if received.late {
                out.note("a later one about the same is known: it starts nothing")?;
            } else if received.answer.is_none()
                && plan.policies.is_empty()
                && plan.interrupts.is_empty()
            {
                out.note(format!("no policy listens to {}", message.event))?;
            }
        }
        shown(&plan, most, out)
    }
}

/// Shows a plan; whether it is held, or the gates refuse.
fn shown(plan: &Plan, most: usize, out: &mut Output) -> Result<ExitCode, Fail> {
    if out.json {
        out.document(plan)?;
    } else {
        for it in &plan.interrupts {
            out.line(interrupted(it, true))?;
        }
        if !plan.interrupts.is_empty() {
            out.line("")?;
        }
        for policy in &plan.policies {
            let reached =
                policy.survey.in_scope > 0 || !policy.survey.out_of_scope.is_empty();
            if plan.event.is_some() && !reached {
                out.line(format!("policy {}: the event reaches nobody", policy.policy))?;
            } else {
                out.line(report(policy, plan.now))?;
            }
            let left = policy.survey.opens.len().saturating_sub(most);
            if left > 0 {
                out.line(format!("\n  and {left} more; --all shows them"))?;
            }
            out.line("")?;
        }
    }
    let held = plan.policies.iter().any(|policy| policy.survey.limit.held);
    let answer = plan.event.as_ref().and_then(|event| event.answer.as_ref());
    let refused = answer.is_some_and(|answer| !answer.allowed);
    Ok(ExitCode::from(u8::from(held || refused)))
}
