//! `pause`, `resume`: at once nothing leaves, until somebody says so.

use crate::actions::Network;
use crate::cli::activate::known;
use crate::cli::held::reason;
use crate::cli::output::{Fail, Output};
use crate::cli::run::lock;
use crate::engine::{self, Engine, EngineError, Pause};
use crate::session::{Access, Place, Workspace, actor};
use crate::store::StoreError;
use crate::text::counted;
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// A large evaluation may keep others from writing for a while.
const TRIES: u32 = 12;

/// Stop at once: nothing leaves, no step is begun, and windows stand still.
///
/// Also while another tenure is at work: when this returns, nothing leaves any more. What people
/// decide meanwhile is taken in, and goes on with `resume`.
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    /// The policy [default: everything].
    #[arg(value_name = "POLICY")]
    policy: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// Go on after a pause, with windows as long as they would have been.
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The policy that was paused [default: everything].
    #[arg(value_name = "POLICY")]
    policy: Option<String>,
}

impl PauseArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "pause")?;
        if let Some(policy) = &self.policy {
            known(&workspace, policy)?;
        }
        let by = actor();
        let why = (by.as_str(), self.reason.as_str());
        // No lock: whoever acts on the store may do so for long, and is to be stopped. Each try
        // waits for a while until it may write.
        let mut tries = 0;
        let pause = loop {
            tries += 1;
            let policy = self.policy.as_deref();
            match engine::pause(&workspace.store, policy, why, workspace.now) {
                Err(EngineError::Store(StoreError::Busy)) if tries < TRIES => {}
                done => break done?,
            }
        };
        if out.json {
            out.document(&json!({ "schema": "tenure.paused/1", "paused": pause }))?;
        } else {
            out.line(line(&pause))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl ResumeArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "resume")?;
        if let Some(policy) = &self.policy {
            known(&workspace, policy)?;
        }
        let _held = lock(place, &workspace)?;
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
        let policy = self.policy.as_deref();
        let resumed = engine.resume(policy, &actor(), workspace.now)?;
        let still = engine::pauses(&workspace.store)?;
        if out.json {
            out.document(&json!({
                "schema": "tenure.resumed/1", "resumed": resumed, "paused": still,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let runs = usize::try_from(resumed.runs).unwrap_or(usize::MAX);
        let runs = counted(runs, "open run goes on", "open runs go on");
        let told = resumed.pause.told();
        let what = what(&resumed.pause);
        out.line(format!("{what} was paused {told}; {runs}"))?;
        for pause in &still {
            out.note(line(pause))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// That something is paused.
pub(crate) fn line(pause: &Pause) -> String {
    format!("{} is paused {}", what(pause), pause.told())
}

fn what(pause: &Pause) -> String {
    match &pause.policy {
        Some(policy) => format!("policy {policy}"),
        None => "everything".to_owned(),
    }
}

/// What keeps a policy from doing anything; that of everything comes first.
pub(crate) fn pauses_of(
    workspace: &Workspace,
    policy: &str,
) -> Result<Vec<Pause>, EngineError> {
    let mut pauses = engine::pauses(&workspace.store)?;
    pauses.retain(|pause| pause.is_of(policy));
    Ok(pauses)
}

/// Refuses to do at once what is paused.
pub(crate) fn refuse_paused(workspace: &Workspace, policy: &str) -> Result<(), Fail> {
    match pauses_of(workspace, policy)?.first() {
        Some(pause) => Err(Fail::no(line(pause))
            .help("tenure resume first, or leave the time to its schedule")),
        None => Ok(()),
    }
}
