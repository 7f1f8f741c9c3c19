//! `runs`: the list of them.

use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::pause;
use crate::cli::run::left_alone;
use crate::engine::{self, Deadline, Run, Stranded};
use crate::facts::SubjectId;
use crate::session::{Access, Place, Workspace};
use crate::store::{PauseRow, RunRow, Store};
use crate::time::Timestamp;
use clap::Args;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// List the runs.
#[derive(Debug, Args)]
pub(crate) struct Runs {
    /// Also those that have ended.
    #[arg(long)]
    all: bool,
    /// Only those about this person and what they have access to; again for more people.
    #[arg(long, value_name = "EMAIL")]
    person: Vec<String>,
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
        let mut rows = store.runs(!self.all)?;
        if !self.person.is_empty() {
            rows = about(rows, &self.person, &workspace)?;
        }
        let mut runs = Vec::with_capacity(rows.len());
        for row in rows {
            // One that cannot be read is listed all the same.
            let until = read(&row).ok().and_then(|run| run.deadline());
            runs.push((row, until));
        }
        let pauses = store.pauses()?;
        let stranded = engine::stranded(store, &workspace.settings())?;
        let still = |run: &RunRow| stranded.iter().any(|it| it.runs.contains(&run.id));
        let paused = |run: &RunRow| {
            let covers = |pause: &PauseRow| {
                pause.policy_id.is_none_or(|policy| policy == run.policy_id)
            };
            run.ended_at.is_none() && pauses.iter().any(covers)
        };
        if out.json {
            let list: Vec<_> = runs
                .iter()
                .map(|(run, deadline)| {
                    let policy = names.get(&run.policy_id).map(String::as_str);
                    let halts = (paused(run), still(run));
                    Value::from(summary(run, policy, *deadline, halts))
                })
                .collect();
            out.document(&json!({ "schema": "tenure.runs/1", "runs": list }))?;
            return Ok(ExitCode::SUCCESS);
        }
        if runs.is_empty() {
            out.note(self.none())?;
            return Ok(ExitCode::SUCCESS);
        }
        let head = ["run", "policy", "subject", "state", "opened", "until"];
        let row = |(run, deadline): &(RunRow, Option<Deadline>)| {
            [
                run.id.to_string(),
                names.get(&run.policy_id).cloned().unwrap_or_default(),
                run.subject.name.clone(),
                run.state.clone()
                    + if run.observed { " (observed)" } else { "" }
                    + if paused(run) { " (paused)" } else { "" }
                    + if still(run) { " (stands still)" } else { "" }
                    + read(run).map_or("", |run| run.given_back()),
                run.opened_at.to_string(),
                match deadline {
                    _ if still(run) => String::new(),
                    Some(Deadline::At(_)) if paused(run) => "stands still".to_owned(),
                    deadline => until(run, *deadline),
                },
            ]
        };
        out.table(head, runs.iter().map(row))?;
        let listed: Vec<i64> = runs.iter().map(|(run, _)| run.id).collect();
        note_still(&stranded, (store, &listed), out)?;
        note_left_alone((store, &listed), workspace.now, out)?;
        Ok(ExitCode::SUCCESS)
    }

    /// That there is nothing to list.
    fn none(&self) -> String {
        match (self.all, self.person.as_slice()) {
            (true, []) => "there are no runs".to_owned(),
            (true, people) => format!("there are no runs about {}", people.join(", ")),
            (false, []) => "no run is open".to_owned(),
            (false, people) => format!("no run is open about {}", people.join(", ")),
        }
    }
}

/// A run in short, for programs.
pub(crate) fn summary(
    run: &RunRow,
    policy: Option<&str>,
    deadline: Option<Deadline>,
    (paused, still): (bool, bool),
) -> Map<String, Value> {
    let until = match deadline {
        // It stands still, and comes later.
        Some(Deadline::At(at)) if !paused => Some(at),
        _ => None,
    };
    let of = read(run).ok();
    let fields = [
        ("run", json!(run.id)),
        ("policy", json!(policy)),
        ("version", json!(run.version)),
        ("subject", json!(run.subject.name)),
        ("state", json!(run.state)),
        ("paused", json!(paused)),
        ("stands_still", json!(still)),
        ("undone", json!(of.as_ref().and_then(|run| run.undone))),
        ("undone_in_part", json!(of.is_some_and(|run| run.undone_in_part()))),
        ("observed", json!(run.observed)),
        ("only", json!(run.only)),
        ("opened_at", json!(run.opened_at)),
        ("ended_at", json!(run.ended_at)),
        ("until", json!(until)),
        ("wake_at", json!(run.wake_at)),
    ];
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// Says beside a list what stands still, and why.
fn note_still(
    stranded: &[Stranded],
    (store, listed): (&Store, &[i64]),
    out: &mut Output,
) -> Result<(), Fail> {
    for pause in engine::pauses(store)? {
        out.note(pause::line(&pause))?;
    }
    let shown = |it: &&Stranded| it.runs.iter().any(|run| listed.contains(run));
    for stranded in stranded.iter().filter(shown) {
        out.note(stranded.words())?;
        out.note(format!("  help: {}", stranded.help()))?;
    }
    Ok(())
}

/// Says whom nothing is sent to for a while, and what lacks a secret, where a listed run waits
/// for it.
fn note_left_alone(
    (store, listed): (&Store, &[i64]),
    now: Timestamp,
    out: &mut Output,
) -> Result<(), Fail> {
    for paused in engine::paused(store, now)? {
        out.note(left_alone(&paused))?;
    }
    for (why, runs) in store.unready_runs(false)? {
        let runs: Vec<String> = runs
            .into_iter()
            .filter(|run| listed.contains(run))
            .map(|run| run.to_string())
            .collect();
        match runs.as_slice() {
            [] => {}
            [run] => out.note(format!("run {run} waits: {why}"))?,
            several => out.note(format!("runs {} wait: {why}", several.join(", ")))?,
        }
    }
    Ok(())
}

/// Until when a run stays where it is, or when it ended.
fn until(run: &RunRow, deadline: Option<Deadline>) -> String {
    match (run.ended_at, deadline) {
        (Some(at), _) | (None, Some(Deadline::At(at))) => at.to_string(),
        (None, Some(Deadline::FromDelivery)) => "from delivery".to_owned(),
        (None, Some(Deadline::Behind(other))) => format!("after run {other}"),
        (None, None) => String::new(),
    }
}

/// The run of a row.
pub(crate) fn read(row: &RunRow) -> Result<Run, Fail> {
    serde_json::from_str(&row.body)
        .map_err(|error| Fail::no(format!("run {} cannot be read: {error}", row.id)))
}

/// The runs about some people: themselves, and the access that was theirs when it began.
fn about(
    runs: Vec<RunRow>,
    people: &[String],
    workspace: &Workspace,
) -> Result<Vec<RunRow>, Fail> {
    let mut users = Vec::new();
    for email in people {
        let person = workspace.store.person(email)?;
        users.push(person.ok_or_else(|| number::nobody(email))?.id);
    }
    let mut found = Vec::new();
    for row in runs {
        let owner = match row.subject.id {
            SubjectId::User(id) => Some(id),
            SubjectId::Account(_) | SubjectId::Grant(_) => read(&row)?.owner,
        };
        if owner.is_some_and(|owner| users.contains(&owner)) {
            found.push(row);
        }
    }
    Ok(found)
}
