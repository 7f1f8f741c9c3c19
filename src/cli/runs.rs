//! `runs`: the list of them.

use crate::cli::output::{Fail, Output};
use crate::cli::pause;
use crate::engine;
use crate::session::{Access, Place};
use crate::store::{PauseRow, RunRow};
use clap::Args;
use comfy_table::Table;
use comfy_table::presets;
use serde_json::json;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// List the runs.
#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// Also those that have ended.
    #[arg(long)]
    all: bool,
}

impl Runs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "runs")?;
        let store = &workspace.store;
        let names: BTreeMap<i64, String> = store
            .policies()?
            .into_iter()
            .map(|policy| (policy.id, policy.name))
            .collect();
        let runs = store.runs(!self.all)?;
        let pauses = store.pauses()?;
        let paused = |run: &RunRow| {
            let covers = |pause: &PauseRow| {
                pause.policy_id.is_none_or(|policy| policy == run.policy_id)
            };
            run.ended_at.is_none() && pauses.iter().any(covers)
        };
        if out.json {
            let list: Vec<_> = runs
                .iter()
                .map(|run| {
                    json!({
                        "run": run.id,
                        "policy": names.get(&run.policy_id),
                        "version": run.version,
                        "subject": run.subject.name,
                        "state": run.state,
                        "paused": paused(run),
                        "observed": run.observed,
                        "only": run.only,
                        "opened_at": run.opened_at,
                        "ended_at": run.ended_at,
                        "wake_at": run.wake_at,
                    })
                })
                .collect();
            out.document(&json!({ "schema": "tenure.runs/1", "runs": list }))?;
            return Ok(ExitCode::SUCCESS);
        }
        if runs.is_empty() {
            out.note(if self.all { "there are no runs" } else { "no run is open" })?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["run", "policy", "subject", "state", "opened", "until"]);
        for run in &runs {
            let until = run.wake_at.or(run.ended_at);
            table.add_row([
                run.id.to_string(),
                names.get(&run.policy_id).cloned().unwrap_or_default(),
                run.subject.name.clone(),
                run.state.clone()
                    + if run.observed { " (observed)" } else { "" }
                    + if paused(run) { " (paused)" } else { "" },
                run.opened_at.to_string(),
                until.map(|at| at.to_string()).unwrap_or_default(),
            ]);
        }
        out.line(table.trim_fmt())?;
        for pause in engine::pauses(store)? {
            out.note(pause::line(&pause))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
