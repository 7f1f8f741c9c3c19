//! `plan`: what would be opened now.

use crate::cli::check::sound_policies;
use crate::cli::output::{Fail, Output};
use crate::cli::secrets::note_missing;
use crate::engine::stale;
use crate::foresight::{plan, report};
use crate::ir::Policy;
use crate::session::{Access, Place};
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
    /// Show every subject, however many there are.
    #[arg(long)]
    all: bool,
}

/// So many subjects are shown one by one.
const SHOWN: usize = 25;

impl PlanArgs {
    /// `plan --active`.
    pub(crate) fn of_active() -> Self {
        Self { paths: Vec::new(), active: true, all: false }
    }

    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "plan")?;
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
        let held = plan.policies.iter().any(|policy| policy.survey.limit.held);
        if out.json {
            out.document(&plan)?;
        } else {
            for policy in &policies {
                let when = (&settings, workspace.now);
                for warning in stale(&workspace.store, policy, when)? {
                    out.note(format!("warning: {warning}"))?;
                }
            }
            for policy in &plan.policies {
                out.line(report(policy, plan.now))?;
                let left = policy.survey.opens.len().saturating_sub(most);
                if left > 0 {
                    out.line(format!("\n  and {left} more; --all shows them"))?;
                }
                out.line("")?;
            }
        }
        Ok(ExitCode::from(u8::from(held)))
    }
}
