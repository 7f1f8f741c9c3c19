//! `team`: whom a manager manages.

use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::process::note_pending;
use crate::session::{Access, Place};
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// List whom a manager manages: those who are active.
#[derive(Debug, Args)]
pub(crate) struct Team {
    /// The manager's address.
    #[arg(value_name = "EMAIL")]
    manager: String,
    /// Those who are inactive as well.
    #[arg(long)]
    all: bool,
}

impl Team {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "team")?;
        let store = &workspace.store;
        let team = store.team(&self.manager, self.all)?;
        // A manager who has left may still have a team.
        let known = store.person(&self.manager)?.is_some();
        if team.is_empty() && !known && !store.has_left(&self.manager)? {
            return Err(number::nobody(&self.manager));
        }
        note_pending(&workspace, out)?;
        if out.json {
            let list = team.iter().map(|member| {
                json!({
                    "user": member.email,
                    "name": member.name,
                    "title": member.title,
                    "identity_state": member.state.name(),
                })
            });
            let list: Vec<_> = list.collect();
            out.document(&json!({
                "schema": "tenure.team/1", "manager": self.manager, "team": list,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for member in &team {
            let title = member.title.as_deref().unwrap_or_default();
            let line = format!(
                "{:<28} {:<20} {title:<24} {}",
                member.email,
                member.name,
                member.state.name()
            );
            out.line(line)?;
        }
        if team.is_empty() {
            out.note(if self.all {
                "they manage nobody"
            } else {
                "they manage nobody who is active; --all shows the others"
            })?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
