//! `show`: a run with its trail, a policy's text, or a subject.

use crate::cli::activate::{as_said, text_of};
use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::pause::{self, pauses_of};
use crate::cli::plan::show_stranded;
use crate::cli::process::note_pending;
use crate::cli::run::left_alone;
use crate::cli::run_state::{rests_until, run_state, stranded_run, trail};
use crate::cli::runs::read;
use crate::engine::{Deadline, Entry, MEND, Run, Snapshot, paused_for, why_blocked};
use crate::explain::gone;
use crate::facts::known;
use crate::foresight::words;
use crate::session::{Access, Place, Workspace};
use crate::store::{PolicyRow, Standing, VersionRow, WaitsRow};
use crate::text::fold;
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
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number::of_version)]
    version: Option<u32>,
}

impl Show {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "show")?;
        if let Ok(run) = self.what.parse::<i64>() {
            self.refuse_version("is a run")?;
            return show_run(run, &workspace, out);
        }
        if let Some(row) = workspace.store.policy(&self.what)? {
            return show_policy(&row, self.version, &workspace, out);
        }
        self.refuse_version("is none")?;
        show_subject(&self.what, &workspace, out)
    }

    /// Nothing but a policy has versions.
    fn refuse_version(&self, is: &str) -> Result<(), Fail> {
        match self.version {
            Some(_) => Err(Fail::usage(format!(
                "`--version` is one of a policy, and `{}` {is}",
                self.what
            ))),
            None => Ok(()),
        }
    }
}

/// The text is the result; where the version stands is said beside it.
fn show_policy(
    row: &PolicyRow,
    version: Option<u32>,
    workspace: &Workspace,
    out: &mut Output,
) -> Result<ExitCode, Fail> {
    let version = version.unwrap_or(row.newest);
    let text = text_of(workspace, row, version)?;
    let versions = workspace.store.versions(row)?;
    let pauses = pauses_of(workspace, &row.name)?;
    let why = why_blocked(&workspace.store, row, &workspace.settings())?;
    if out.json {
        out.document(&json!({
            "schema": "tenure.policy/1",
            "policy": row.name,
            "version": version,
            "active": row.active,
            "observe": row.mode.observe,
            "only": row.mode.only,
            "blocked": why,
            "paused": pauses,
            "versions": versions,
            "text": text,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for pause in &pauses {
        out.note(pause::line(pause))?;
    }
    if let Some(why) = &why {
        out.note(format!("it cannot be followed: {why}"))?;
        out.note(format!("  help: {MEND}"))?;
    }
    for known in versions {
        let mut line = standing(row, &known);
        if known.version == version {
            line.push_str(": its text follows");
        }
        out.note(line)?;
    }
    out.text(text)?;
    Ok(ExitCode::SUCCESS)
}

fn standing(row: &PolicyRow, known: &VersionRow) -> String {
    let VersionRow { version, published_at, activated_at, .. } = known;
    let runs = match known.pinned {
        0 => String::new(),
        1 => ", 1 run goes on under it".to_owned(),
        runs => format!(", {runs} runs go on under it"),
    };
    let at = activated_at.unwrap_or(*published_at);
    match known.standing {
        Standing::Draft => format!("version {version} is a draft since {at}"),
        Standing::Published => format!("version {version} was activated at {at}{runs}"),
        Standing::Active => {
            let mode = as_said(&row.mode);
            format!("version {version} is active since {at}{mode}{runs}")
        }
    }
}

fn show_run(id: i64, workspace: &Workspace, out: &mut Output) -> Result<ExitCode, Fail> {
    let store = &workspace.store;
    let Some(row) = store.run(id)? else {
        return Err(Fail::no(format!("there is no run {id}"))
            .help("tenure runs --all lists them"));
    };
    let policies = store.policies()?;
    let policy = policies.iter().find(|policy| policy.id == row.policy_id);
    let policy = policy.map(|policy| policy.name.as_str()).unwrap_or_default();
    if out.json {
        out.document(&run_state(&row, policy, workspace)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let trail = trail(id, workspace)?;
    let pauses = match row.ended_at {
        Some(_) => Vec::new(),
        None => pauses_of(workspace, policy)?,
    };
    let stranded = stranded_run(id, workspace)?;
    out.line(format!(
        "run {id}: {} under policy {policy} version {}",
        row.subject, row.version
    ))?;
    let run = read(&row).ok();
    // Its window may be long over: nobody looks.
    let deadline = run.as_ref().filter(|_| stranded.is_empty()).and_then(Run::deadline);
    let back = run.as_ref().map_or("", Run::given_back);
    let mut until = deadline.map(|it| it.words()).unwrap_or_default();
    if let (false, Some(Deadline::At(_))) = (pauses.is_empty(), deadline) {
        until += ", and later by the time that it stays paused";
    }
    let awaits = run.and_then(|run| run.awaits).filter(|_| row.ended_at.is_none());
    let awaits = awaits.unwrap_or_default();
    if row.observed {
        out.line("only observed: nobody is asked, and nothing is done")?;
    }
    if let Some(only) = &row.only {
        out.line(format!("in the pilot: {only}"))?;
    }
    for pause in &pauses {
        out.line(pause::line(pause))?;
    }
    out.line(format!("{}{back}{until}{}", row.state, awaits.words()))?;
    if let (Some(until), false) = (rests_until(&row, workspace.now), back.is_empty()) {
        out.line(format!("{policy} opens no run for {} before {until}", row.subject))?;
    }
    show_stranded(&stranded, out)?;
    for way in &awaits.ways {
        out.line(way)?;
    }
    for waits in store.waits_of(id)? {
        out.line(waits_to_leave(&waits))?;
    }
    for paused in paused_for(store, id, workspace.now)? {
        out.line(left_alone(&paused))?;
    }
    out.line("")?;
    for (at, entry) in trail {
        out.line(format!("{at}  {}", words(&entry)))?;
        if let Entry::Known(Snapshot { facts }) = entry {
            for known in facts {
                out.line(format!("    {known}"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What of a run was tried in vain, or put off, and when it is tried.
fn waits_to_leave(waits: &WaitsRow) -> String {
    let WaitsRow { message, to, why, next_at } = waits;
    let kind = if *message { "message" } else { "request" };
    let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("the {kind} to {to} waits; next try at {next_at}{why}")
}

/// Which runs there were about something that is gone.
fn runs_of(name: &str, workspace: &Workspace) -> Result<String, Fail> {
    let runs = workspace.store.runs(false)?;
    let of = runs.iter().filter(|run| fold(&run.subject.name) == fold(name));
    let of: Vec<String> = of.map(|run| run.id.to_string()).collect();
    Ok(match of.as_slice() {
        [] => "tenure runs --all lists the runs: tenure show N shows one".to_owned(),
        [one] => format!("its run: tenure show {one}"),
        several => {
            format!("its runs are {}: tenure show N shows one", several.join(", "))
        }
    })
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
        if let Some(how) = gone(store, name, found)? {
            let gone = Fail::no(format!("`{name}` is gone: {how}"));
            return Err(gone.help(runs_of(name, workspace)?));
        }
        return Err(Fail::no(format!("nothing is known as `{name}`")).help(
            "name a run by its number, a policy by its name, an account as app/username, a \
             user by address",
        ));
    };
    let mut known = known(&facts, &workspace.catalog()?);
    let pending = match &facts.user {
        Some(user) => store.pending_state(user.id)?,
        None => None,
    };
    note_pending(workspace, out)?;
    if out.json {
        let map: serde_json::Map<String, serde_json::Value> =
            known.into_iter().map(|known| (known.name, known.value)).collect();
        out.document(&json!({
            "schema": "tenure.subject/1",
            "subject": facts.subject.name,
            "known": map,
            "pending": pending.map(|it| json!({ "identity state": it.after.name() })),
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(pending) = pending
        && let Some(state) = known.iter_mut().find(|known| known.name == "identity state")
    {
        let (now, then) = (pending.before.name(), pending.after.name());
        state.value = format!("{now} (pending: {then})").into();
    }
    out.line(&facts.subject)?;
    for known in known {
        out.line(format!("  {known}"))?;
    }
    for run in store
        .runs(true)?
        .iter()
        .filter(|run| run.subject.id == facts.subject.id)
    {
        let observed = if run.observed { " (only observed)" } else { "" };
        out.line(format!("  run {} is {}{observed}", run.id, run.state))?;
    }
    Ok(ExitCode::SUCCESS)
}
