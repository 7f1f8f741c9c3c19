//! `evaluations`: what each evaluation found, also those that opened nothing.

use crate::cli::events::what;
use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::engine::{Missed, Survey, happened};
use crate::foresight::findings;
use crate::session::{Access, Place, Workspace};
use crate::store::{EvaluationRow, HeldEvaluation, Wanted};
use crate::text;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// List the evaluations, also those that opened nothing.
///
/// With the number of one: what it found, and the runs that it opened.
#[derive(Debug, Args)]
pub(crate) struct Evaluations {
    /// A policy, or the number of an evaluation.
    #[arg(value_name = "POLICY|EVALUATION")]
    of: Option<String>,
    /// How many of the latest.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = number::of_last)]
    last: u32,
}

impl Evaluations {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "evaluations")?;
        let policies = workspace.store.policies()?;
        let names: BTreeMap<i64, String> =
            policies.into_iter().map(|policy| (policy.id, policy.name)).collect();
        let policy = match &self.of {
            Some(of) => match of.parse() {
                Ok(number) => return one(number, &names, &workspace, out),
                Err(_) => Some(of),
            },
            None => None,
        };
        let id = match policy {
            Some(name) => {
                let found = workspace.store.policy(name)?;
                let missing = || {
                    Fail::no(format!("there is no policy `{name}`"))
                        .help("tenure policies lists them")
                };
                Some(found.ok_or_else(missing)?.id)
            }
            None => None,
        };
        let rows = workspace.store.evaluations(id, self.last.saturating_add(1))?;
        let many = usize::try_from(self.last).unwrap_or(usize::MAX);
        let more = rows.len() > many;
        let rows = rows.get(rows.len().saturating_sub(many)..).unwrap_or_default();
        if out.json {
            let list: Result<Vec<_>, Fail> =
                rows.iter().map(|row| document(row, (&names, &workspace))).collect();
            let body = json!({ "schema": "tenure.evaluations/1", "more": more, "evaluations": list? });
            out.document(&body)?;
            return Ok(ExitCode::SUCCESS);
        }
        if rows.is_empty() {
            out.note("nothing was evaluated yet")?;
            return Ok(ExitCode::SUCCESS);
        }
        let head = ["evaluation", "policy", "version", "at", "cause", "match", "opened"];
        let mut table = Vec::with_capacity(rows.len());
        for row in rows {
            table.push([
                row.id.to_string(),
                names.get(&row.policy_id).cloned().unwrap_or_default(),
                row.version.to_string(),
                row.at.to_string(),
                cause(row, &workspace)?,
                found(row)?.matched.to_string(),
                opened(row, &workspace)?,
            ]);
        }
        out.table(head, table)?;
        if more {
            out.note(format!(
                "there are earlier ones: --last {}",
                many.saturating_mul(2)
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// One evaluation, with its runs.
fn one(
    number: i64,
    names: &BTreeMap<i64, String>,
    workspace: &Workspace,
    out: &mut Output,
) -> Result<ExitCode, Fail> {
    let row = workspace.store.evaluation(number)?.ok_or_else(|| {
        Fail::no(format!("there is no evaluation {number}"))
            .help("tenure evaluations lists them")
    })?;
    let runs = workspace.store.runs_of_evaluation(number)?;
    let wanted = Wanted::Evaluation(number);
    let mut events = happened(&workspace.store, wanted, MOST_EVENTS.saturating_add(1))?;
    let more = events.len() > usize::try_from(MOST_EVENTS).unwrap_or(usize::MAX);
    if more {
        events.remove(0);
    }
    if out.json {
        let mut body = document(&row, (names, workspace))?;
        let list = runs.iter().map(|run| {
            json!({ "run": run.id, "subject": run.subject.name, "state": run.state })
        });
        if let Value::Object(body) = &mut body {
            body.insert("schema".to_owned(), json!("tenure.evaluation/1"));
            body.insert("runs".to_owned(), list.collect());
            let numbers = events.iter().map(|event| json!(event.number));
            body.insert("events".to_owned(), numbers.collect());
            body.insert("more_events".to_owned(), json!(more));
        }
        out.document(&body)?;
        return Ok(ExitCode::SUCCESS);
    }
    let survey = found(&row)?;
    let policy = names.get(&row.policy_id).map_or("", String::as_str);
    if let Some(Missed { due, why }) = &survey.missed {
        out.line(format!(
            "evaluation {} of {policy} version {} at {}: not evaluated, though due at {due}: \
             {why}",
            row.id, row.version, row.at
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = vec![format!(
        "evaluation {} of {policy} version {} at {} by {}: {}",
        row.id,
        row.version,
        row.at,
        cause(&row, workspace)?,
        match survey.limit.allowed {
            Some(allowed) => {
                let of = if survey.limit.of_store { " for the whole store" } else { "" };
                format!("opened {} (limit {allowed} a day{of})", opened(&row, workspace)?)
            }
            None => format!("opened {}", opened(&row, workspace)?),
        }
    )];
    for former in workspace.store.made_anew(row.id)? {
        lines.push(format!("  evaluation {former} anew, which was held"));
    }
    for event in &events {
        let about = event.subject.as_ref().map(|about| format!(", {about}"));
        let about = about.unwrap_or_default();
        lines.push(format!("  event {} {}{about}", event.number, what(event)));
    }
    if more {
        lines.push("  and earlier ones".to_owned());
    }
    findings(&survey, &mut lines);
    for run in runs {
        lines.push(format!("  run {} {}: {}", run.id, run.subject, run.state));
    }
    out.text(text::lines(&lines))?;
    Ok(ExitCode::SUCCESS)
}

/// So many of its events are named.
const MOST_EVENTS: u32 = 20;

/// What caused it, and which event or held evaluation that was.
fn cause(row: &EvaluationRow, workspace: &Workspace) -> Result<String, Fail> {
    if let (false, Some(held)) = (row.held, row.held_id) {
        return Ok(format!("release of evaluation {held}"));
    }
    if row.cause != "event" {
        return Ok(row.cause.clone());
    }
    let wanted = Wanted::Evaluation(row.id);
    let events = workspace.store.event_records(wanted, 2)?;
    Ok(match events.as_slice() {
        [one] => format!("event {}", one.event.id),
        [_, last] => format!("events up to {}", last.event.id),
        _ => row.cause.clone(),
    })
}

/// How many runs it opened; of a held one what became of it.
fn opened(row: &EvaluationRow, workspace: &Workspace) -> Result<String, Fail> {
    if row.cause == "missed" {
        return Ok("not evaluated".to_owned());
    }
    if !row.held {
        let observed = if row.observed { " (observed)" } else { "" };
        return Ok(format!("{}{observed}", row.opened));
    }
    let Some(held) = row.held_id else { return Ok("none, held".to_owned()) };
    let at = match held == row.id {
        true => String::new(),
        false => format!(" with evaluation {held}"),
    };
    let store = &workspace.store;
    let state = store.held_evaluation(held)?.map(|held| held.state);
    Ok(match (state.as_deref(), store.released_by(held)?) {
        (_, Some(later)) => format!("none, held{at}; released as evaluation {later}"),
        (Some("held") | None, None) => format!("none, held{at}"),
        (Some(state), None) => {
            let by = held_by(store.held_evaluation(held)?.as_ref());
            format!("none, held{at}; {state}{by}")
        }
    })
}

/// The evaluation that made a held one anew.
fn held_by(held: Option<&HeldEvaluation>) -> String {
    let anew = held.filter(|it| it.state == "evaluated anew");
    let by = anew.and_then(|it| it.settled_by.as_ref());
    by.map(|by| format!(" as {by}")).unwrap_or_default()
}

pub(crate) fn found(row: &EvaluationRow) -> Result<Survey, Fail> {
    serde_json::from_str(&row.report).map_err(|error| {
        Fail::no(format!("evaluation {} cannot be read: {error}", row.id))
    })
}

fn document(
    row: &EvaluationRow,
    (names, workspace): (&BTreeMap<i64, String>, &Workspace),
) -> Result<Value, Fail> {
    let (held_as, releases) = match row.held {
        true => (row.held_id, None),
        false => (None, row.held_id),
    };
    let store = &workspace.store;
    let released_as = held_as.map(|held| store.released_by(held)).transpose()?.flatten();
    Ok(json!({
        "evaluation": row.id,
        "policy": names.get(&row.policy_id),
        "version": row.version,
        "at": row.at,
        "cause": row.cause,
        "opened": row.opened,
        "held": row.held,
        "held_as": held_as,
        "released_as": released_as,
        "releases": releases,
        "anew": store.made_anew(row.id)?,
        "observed": row.observed,
        "found": found(row)?,
    }))
}
