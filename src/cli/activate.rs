//! `activate` and `deactivate`: which texts are at work.

use crate::actions::Network;
use crate::cli::output::{Fail, Output};
use crate::cli::run::{lock, report};
use crate::engine::{self, Engine};
use crate::ir::{Policy, StepKind};
use crate::session::config::Authority;
use crate::session::{Access, Place, Workspace};
use crate::store::PolicyRow;
use crate::text::nearest;
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Put a published policy to work.
///
/// The first evaluation is at the next scheduled time; with `--at-once` also now.
#[derive(Debug, Args)]
pub(crate) struct Activate {
    /// The policy.
    #[arg(value_name = "POLICY")]
    name: String,
    /// The version [default: the newest].
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Evaluate it at once, for all in scope, and then by schedule.
    #[arg(long)]
    at_once: bool,
}

/// End the evaluations of a policy; its open runs go on.
#[derive(Debug, Args)]
pub(crate) struct Deactivate {
    /// The policy.
    #[arg(value_name = "POLICY")]
    name: String,
}

impl Activate {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "activate")?;
        let store = &workspace.store;
        let row = known(&workspace, &self.name)?;
        let version = self.version.unwrap_or(row.newest);
        let Some(text) = store.policy_text(row.id, version)? else {
            return Err(Fail::no(format!(
                "policy `{}` has no version {version}",
                row.name
            ))
            .help(format!("the newest is {}", row.newest)));
        };
        let catalog = workspace.catalog()?;
        let policy = engine::parse(&row.name, &text, &catalog).map_err(|why| {
            Fail::no(format!("policy `{}` cannot be followed: {why}", row.name))
                .help("publish a corrected text first")
        })?;
        can_be_done(&policy, &workspace)?;
        let _held = lock(place, &workspace)?;
        store.activate(row.id, version, workspace.now)?;
        engine::remember_names(store, (row.id, version), (&policy, &catalog))?;
        if !self.at_once {
            let zone = workspace.config.zone;
            let next = policy
                .schedule
                .as_ref()
                .and_then(|it| it.next_after(workspace.now, zone));
            if out.json {
                out.document(&json!({
                    "schema": "tenure.activated/1",
                    "policy": row.name,
                    "version": version,
                    "next_evaluation": next,
                }))?;
            } else {
                let next = next.map(|next| format!("; first evaluated at {next}"));
                let next = next.unwrap_or_default();
                out.note(format!("{} version {version} is active{next}", row.name))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        out.note(format!("{} version {version} is active", row.name))?;
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(store, &mut network, &settings)?;
        engine.look_back(workspace.now)?;
        report(&engine.evaluate_now(&row.name, workspace.now)?, out)
    }
}

impl Deactivate {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "deactivate")?;
        let row = known(&workspace, &self.name)?;
        workspace.store.deactivate(row.id)?;
        if out.json {
            out.document(
                &json!({ "schema": "tenure.deactivated/1", "policy": row.name }),
            )?;
        } else {
            out.note(format!("{} is not active; its open runs go on", row.name))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Refuses a policy with steps that could not be done, or could not be known to be done.
fn can_be_done(policy: &Policy, workspace: &Workspace) -> Result<(), Fail> {
    for step in policy.every_step() {
        match &step.kind {
            StepKind::Ask { .. } | StepKind::Notify { .. } | StepKind::Task { .. }
                if workspace.config.network.smtp.is_none() =>
            {
                return Err(Fail::no(format!(
                    "policy `{}` writes to people, and no mail server is configured",
                    policy.name
                ))
                .help("name one under [smtp] in tenure.toml"));
            }
            kind if kind.in_store() && workspace.config.authority != Authority::Store => {
                return Err(Fail::no(format!(
                    "`{}` changes this store, and nothing says that other systems follow it",
                    step.text
                ))
                .help("where they do, say authority = \"store\" under [store] in tenure.toml"));
            }
            StepKind::RunWebhook(webhook) => {
                if let Some(why) =
                    Network::refuses(&workspace.config.network, &webhook.url)
                {
                    let name = &webhook.name;
                    return Err(Fail::no(format!(
                        "webhook `{name}` could not be sent: {why}"
                    )));
                }
            }
            // What is not supported yet has been refused.
            _ => {}
        }
    }
    Ok(())
}

fn known(workspace: &Workspace, name: &str) -> Result<PolicyRow, Fail> {
    if let Some(row) = workspace.store.policy(name)? {
        return Ok(row);
    }
    let policies = workspace.store.policies()?;
    let names = policies.iter().map(|row| row.name.as_str());
    let help = match nearest(name, names).first() {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if policies.is_empty() => "publish it first: tenure publish PATH".to_owned(),
        None => "tenure policies lists them".to_owned(),
    };
    Err(Fail::no(format!("no policy `{name}` was published")).help(help))
}
