//! A run as one document, for programs.

use crate::cli::output::Fail;
use crate::cli::pause::pauses_of;
use crate::cli::runs::{read, summary};
use crate::engine::step::UNTIL_UNMATCHED;
use crate::engine::{Awaits, Entry, Run, Stranded, stranded};
use crate::session::Workspace;
use crate::store::{RunRow, WaitsRow};
use crate::time::Timestamp;
use serde_json::{Map, Value, json};

/// What is said of a run in a list of runs, and with it who was asked, how it was decided, what
/// was done, what waits to be sent, and the trail. Nothing of how the engine keeps it.
pub(crate) fn run_state(
    row: &RunRow,
    policy: &str,
    workspace: &Workspace,
) -> Result<Value, Fail> {
    let trail = trail(row.id, workspace)?;
    let pauses = match row.ended_at {
        Some(_) => Vec::new(),
        None => pauses_of(workspace, policy)?,
    };
    let stranded = stranded_run(row.id, workspace)?;
    let run = read(row).ok();
    // Its window may be long over: nobody looks.
    let until = run.as_ref().filter(|_| stranded.is_empty()).and_then(Run::deadline);
    let asked: Vec<&str> = run
        .iter()
        .flat_map(|run| &run.asked)
        .map(|asked| asked.email.as_str())
        .collect();
    let done: Vec<Value> = trail.iter().filter_map(done).collect();
    let pending: Vec<Value> = workspace
        .store
        .waits_of(row.id)?
        .into_iter()
        .map(|WaitsRow { message, to, why, next_at }| {
            let kind = if message { "message" } else { "request" };
            json!({ "kind": kind, "to": to, "why": why, "next_at": next_at })
        })
        .collect();
    let awaits: Option<&Awaits> = run
        .as_ref()
        .and_then(|run| run.awaits.as_ref())
        .filter(|_| row.ended_at.is_none());
    let lines: Vec<Value> = trail.iter().map(line).collect();
    let mut document = Map::new();
    document.insert("schema".to_owned(), json!("tenure.run-state/1"));
    document.extend(summary(
        row,
        Some(policy),
        until,
        (!pauses.is_empty(), !stranded.is_empty()),
    ));
    let more = [
        ("why", json!(run.as_ref().and_then(Run::trouble))),
        ("rests_until", json!(rests_until(row, workspace.now))),
        ("asked", json!(asked)),
        ("decision", json!(trail.iter().rev().find_map(decision))),
        ("awaits", json!(awaits)),
        ("done", json!(done)),
        ("pending", json!(pending)),
        ("pauses", json!(pauses)),
        ("stranded", json!(stranded)),
        ("trail", json!(lines)),
    ];
    document.extend(more.map(|(name, value)| (name.to_owned(), value)));
    Ok(document.into())
}

/// Until when the policy opens no other run for the subject of one that is over, where that
/// has a date.
pub(crate) fn rests_until(row: &RunRow, now: Timestamp) -> Option<Timestamp> {
    let dated = now < row.blocks_until && row.blocks_until < UNTIL_UNMATCHED;
    (dated && row.ended_at.is_some()).then_some(row.blocks_until)
}

/// The version that a run follows, where that cannot be followed.
pub(crate) fn stranded_run(
    id: i64,
    workspace: &Workspace,
) -> Result<Vec<Stranded>, Fail> {
    let mut stranded = stranded(&workspace.store, &workspace.settings())?;
    stranded.retain(|it| it.runs.contains(&id));
    Ok(stranded)
}

/// The trail of a run.
pub(crate) fn trail(
    id: i64,
    workspace: &Workspace,
) -> Result<Vec<(Timestamp, Entry)>, Fail> {
    let mut trail = Vec::new();
    for (at, event) in workspace.store.trail(id)? {
        let entry: Entry = serde_json::from_str(&event).map_err(|error| {
            Fail::no(format!("the trail of run {id} cannot be read: {error}"))
        })?;
        trail.push((at, entry));
    }
    Ok(trail)
}

fn line((at, entry): &(Timestamp, Entry)) -> Value {
    let mut line = json!({ "at": at });
    let body = serde_json::to_value(entry).unwrap_or_default();
    if let (Some(line), Some(body)) = (line.as_object_mut(), body.as_object()) {
        line.extend(body.clone());
    }
    line
}

fn done((at, entry): &(Timestamp, Entry)) -> Option<Value> {
    match entry {
        Entry::StepDone { step, message } => {
            Some(json!({ "step": step, "message": message, "at": at }))
        }
        _ => None,
    }
}

fn decision((at, entry): &(Timestamp, Entry)) -> Option<Value> {
    match entry {
        Entry::Decided(decision) => Some(json!({
            "verdict": decision.verdict,
            "by": decision.by,
            "entered_by": decision.actor,
            "comment": decision.comment,
            "at": at,
        })),
        _ => None,
    }
}
