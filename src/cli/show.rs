//! `show`: a run with its trail, a policy's text, or a subject.

use crate::cli::output::{Fail, Output};
use crate::engine::Entry;
use crate::facts::{Facts, IdentityState, Seen};
use crate::foresight::words;
use crate::session::{Access, Place, Workspace};
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Show a run with its trail, a policy, or what is known of an account or user.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The number of a run, a policy's name, `app/username`, or a user's address.
    #[arg(value_name = "WHAT")]
    what: String,
    /// The version of a policy [default: the newest].
    #[arg(long, value_name = "N")]
    version: Option<u32>,
}

impl Show {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "show")?;
        if let Ok(run) = self.what.parse::<i64>() {
            return show_run(run, &workspace, out);
        }
        if let Some(row) = workspace.store.policy(&self.what)? {
            let version = self.version.unwrap_or(row.newest);
            let Some(text) = workspace.store.policy_text(row.id, version)? else {
                return Err(Fail::no(format!(
                    "policy `{}` has no version {version}",
                    row.name
                )));
            };
            if out.json {
                out.document(&json!({
                    "schema": "tenure.policy/1",
                    "policy": row.name,
                    "version": version,
                    "active": row.active,
                    "text": text,
                }))?;
            } else {
                out.line(text.trim_end())?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        show_subject(&self.what, &workspace, out)
    }
}

fn show_run(id: i64, workspace: &Workspace, out: &mut Output) -> Result<ExitCode, Fail> {
    let store = &workspace.store;
    let Some(row) = store.run(id)? else {
        return Err(Fail::no(format!("there is no run {id}"))
            .help("tenure runs --all lists them"));
    };
    let mut trail = Vec::new();
    for (at, event) in store.trail(id)? {
        let entry: Entry = serde_json::from_str(&event).map_err(|error| {
            Fail::no(format!("the trail of run {id} cannot be read: {error}"))
        })?;
        trail.push((at, entry));
    }
    if out.json {
        let run: serde_json::Value = serde_json::from_str(&row.body).unwrap_or_default();
        let lines: Vec<_> = trail
            .iter()
            .map(|(at, entry)| {
                let mut line = json!({ "at": at });
                let body = serde_json::to_value(entry).unwrap_or_default();
                if let (Some(line), Some(body)) = (line.as_object_mut(), body.as_object())
                {
                    line.extend(body.clone());
                }
                line
            })
            .collect();
        out.document(
            &json!({ "schema": "tenure.run-state/1", "run": run, "trail": lines }),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let policies = store.policies()?;
    let policy = policies.iter().find(|policy| policy.id == row.policy_id);
    let policy = policy.map(|policy| policy.name.as_str()).unwrap_or_default();
    out.line(format!(
        "run {id}: {} under policy {policy} version {}",
        row.subject, row.version
    ))?;
    let until = row.wake_at.map(|at| format!(" until {at}")).unwrap_or_default();
    out.line(format!("{}{until}\n", row.state))?;
    for (at, entry) in trail {
        out.line(format!("{at}  {}", words(&entry)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show_subject(
    name: &str,
    workspace: &Workspace,
    out: &mut Output,
) -> Result<ExitCode, Fail> {
    let store = &workspace.store;
    let found = store.find_subject(name)?;
    let facts = match found {
        Some(id) => store.facts(id)?,
        None => None,
    };
    let Some(facts) = facts else {
        return Err(Fail::no(format!("nothing is known as `{name}`")).help(
            "name a run by its number, a policy by its name, an account as app/username, a \
             user by address",
        ));
    };
    let lines = known(&facts);
    if out.json {
        let map: serde_json::Map<String, serde_json::Value> =
            lines.into_iter().map(|(name, value)| (name, value.into())).collect();
        out.document(&json!({
            "schema": "tenure.subject/1",
            "subject": facts.subject.name,
            "known": map,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    out.line(&facts.subject)?;
    for (name, value) in lines {
        out.line(format!("  {name:<28} {value}"))?;
    }
    for run in store
        .runs(true)?
        .iter()
        .filter(|run| run.subject.id == facts.subject.id)
    {
        out.line(format!("  run {} is {}", run.id, run.state))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is on record, line by line; what is not has no line.
fn known(facts: &Facts) -> Vec<(String, String)> {
    let mut lines: Vec<(String, Option<String>)> = Vec::new();
    let seen = |seen: &Option<Seen>| {
        seen.as_ref().map(|seen| format!("{} ({})", seen.at, seen.source))
    };
    if let Some(account) = &facts.account {
        let app = facts.app.as_ref();
        lines.push((
            "app".into(),
            app.map(|app| app.label.clone().unwrap_or(app.name.clone())),
        ));
        lines.push(("account.status".into(), account.status.clone()));
        lines.push((
            "account.created_at".into(),
            account.created_at.map(|at| at.to_string()),
        ));
        lines.push((
            "account.expires_at".into(),
            account.expires_at.map(|at| at.to_string()),
        ));
        lines.push(("last_login".into(), seen(&account.last_login)));
        lines.push(("last_activity".into(), seen(&account.last_activity)));
        for field in &account.custom {
            lines.push((format!("account.{}", field.name), Some(field.text.clone())));
        }
    }
    if let Some(user) = &facts.user {
        let is_user = facts.account.is_none();
        let owner = format!("{} ({})", user.email, user.display_name());
        lines.push((if is_user { "user" } else { "owner" }.into(), Some(owner)));
        lines.push(("user.status".into(), user.status.clone()));
        lines.push(("department".into(), user.department.clone()));
        lines.push(("title".into(), user.title.clone()));
        lines.push(("manager".into(), user.manager.clone()));
        lines.push(("lifecycle".into(), user.lifecycle.clone()));
        let state = user.identity_state;
        let state = (state != IdentityState::Active).then(|| state.name().to_owned());
        lines
            .push(("identity state".into(), state.or_else(|| Some("active".to_owned()))));
        for field in &user.custom {
            lines.push((format!("user.{}", field.name), Some(field.text.clone())));
        }
    } else {
        lines.push(("owner".into(), Some("none".to_owned())));
    }
    for held in &facts.permissions {
        lines.push(("permission".into(), Some(held.label.clone())));
    }
    lines
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}
