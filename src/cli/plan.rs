//! `plan`: what would be opened now.

use crate::cli::check::sound_policies;
use crate::cli::event;
use crate::cli::output::{Fail, Output};
use crate::cli::run::struck;
use crate::cli::secrets::note_missing;
use crate::engine::{AtWork, EventMessage, MEND, at_work, stale};
use crate::foresight::{
    Plan, PlannedPolicy, add_news, anything_new, plan, plan_event, report,
};
use crate::session::{Access, Place, Workspace};
use crate::store::PolicyRow;
use clap::Args;
use std::collections::BTreeMap;
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
        let mut texts = None;
        let AtWork { policies, blocked } = if self.active {
            at_work(&workspace.store, &settings)?
        } else {
            let project = sound_policies(&self.paths, &workspace, out)?;
            texts = Some(project.texts());
            settings.nevers = project.program.nevers;
            AtWork {
                policies: project.program.policies,
                blocked: BTreeMap::new(),
            }
        };
        if self.active {
            note_modes(&workspace, out)?;
        }
        note_missing(&policies, &workspace, out)?;
        let most = if self.all || out.json { usize::MAX } else { SHOWN };
        let (store, now) = (&workspace.store, workspace.now);
        let mut plan = plan(store, (&policies, self.active), &settings, (now, most))?;
        plan.blocked.extend(blocked);
        if anything_new(store, self.active, now)? {
            let copy = store.copy_to_memory()?;
            add_news(&mut plan, (&copy, texts.as_deref()), &settings, most)?;
        }
        for warning in stale(store, &policies, (&settings, now))? {
            out.note(format!("warning: {warning}"))?;
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
            let at_work = at_work(&workspace.store, &settings)?;
            note_missing(&at_work.policies, workspace, out)?;
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
                && plan.blocked.is_empty()
                && plan.interrupts.is_empty()
            {
                out.note(format!("no policy listens to {}", message.event))?;
            }
        }
        shown(&plan, most, out)
    }
}

/// Says which policies are only observed, and that none is active where that is so.
fn note_modes(workspace: &Workspace, out: &mut Output) -> Result<(), Fail> {
    let rows = workspace.store.policies()?;
    for row in rows.iter().filter(|row| row.mode.observe) {
        out.note(format!(
            "policy {} is only observed: nobody would be asked, and nothing done",
            row.name
        ))?;
    }
    note_inactive(&rows, out)
}

/// Says that no policy is active, where that is so.
pub(crate) fn note_inactive(rows: &[PolicyRow], out: &mut Output) -> Result<(), Fail> {
    if rows.iter().any(|row| row.active.is_some()) {
        return Ok(());
    }
    out.note(match rows.is_empty() {
        true => "no policy is active: tenure publish PATH, then tenure activate NAME",
        false => {
            "no policy is active: tenure policies lists them, tenure activate NAME puts one \
             to work"
        }
    })
}

/// Shows a plan. That it is held, that the gates refuse, or that a policy cannot be followed is
/// a no.
fn shown(plan: &Plan, most: usize, out: &mut Output) -> Result<ExitCode, Fail> {
    if out.json {
        out.document(plan)?;
    } else {
        for line in struck(&plan.interrupts, true, most) {
            out.line(line)?;
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
                out.text(report(policy, plan.now))?;
            }
            let left = policy.survey.opens.len().saturating_sub(most);
            if left > 0 {
                out.line("")?;
                out.line(format!("  and {left} more; --all shows them"))?;
            }
            out.line("")?;
        }
        show_blocked(&plan.blocked, out)?;
        let mut policies = plan.policies.iter();
        if plan.event.is_none() && policies.any(PlannedPolicy::waits) {
            out.note("  help: see what an event would open: tenure plan --event FILE")?;
        }
    }
    let held = plan.policies.iter().any(|policy| policy.survey.limit.held);
    let answer = plan.event.as_ref().and_then(|event| event.answer.as_ref());
    let refused = answer.is_some_and(|answer| !answer.allowed);
    Ok(ExitCode::from(u8::from(held || refused || !plan.blocked.is_empty())))
}

/// Names the policies that cannot be followed, says why, and what to do.
pub(crate) fn show_blocked(
    blocked: &BTreeMap<String, String>,
    out: &mut Output,
) -> Result<(), Fail> {
    for (policy, why) in blocked {
        out.line(format!("policy {policy} cannot be followed: {why}"))?;
    }
    show_help(blocked, out)
}

/// Says what to do about policies that cannot be followed, where there are any.
pub(crate) fn show_help(
    blocked: &BTreeMap<String, String>,
    out: &mut Output,
) -> Result<(), Fail> {
    if blocked.is_empty() {
        return Ok(());
    }
    out.note(format!("  help: {MEND}"))
}
