//! `events`: what happened, who told of it, and what came of it.

use crate::cli::number::{self, nobody};
use crate::cli::output::{Fail, Output};
use crate::engine::{Happened, Listened, happened};
use crate::session::{Access, Place};
use crate::store::{Awaiting, Wanted};
use crate::text;
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// List what happened: who told of it, and what came of it.
///
/// With the number of one: everything that is on record of it.
#[derive(Debug, Args)]
pub(crate) struct Events {
    /// The number of an event.
    #[arg(value_name = "EVENT", conflicts_with = "person", allow_negative_numbers = true, value_parser = number::of_event)]
    event: Option<i64>,
    /// Only those about this person and what they have access to.
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    /// How many of the latest.
    #[arg(long, value_name = "N", default_value_t = 50, allow_negative_numbers = true, value_parser = number::of_last)]
    last: u32,
}

impl Events {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "events")?;
        let store = &workspace.store;
        if let Some(number) = self.event {
            let found = happened(store, Wanted::One(number), 1)?;
            let found = found.first().ok_or_else(|| {
                Fail::no(format!("there is no event {number}"))
                    .help("tenure events lists them")
            })?;
            if out.json {
                let body = json!({ "schema": "tenure.event-record/1", "event": found });
                out.document(&body)?;
            } else {
                out.text(whole(found))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        let wanted = match &self.person {
            Some(email) => Wanted::Person(email),
            None => Wanted::All,
        };
        let all = happened(store, wanted, self.last.saturating_add(1))?;
        if let (Some(email), true) = (&self.person, all.is_empty())
            && store.person(email)?.is_none()
        {
            return Err(nobody(email));
        }
        let many = usize::try_from(self.last).unwrap_or(usize::MAX);
        let more = all.len() > many;
        let shown = all.get(all.len().saturating_sub(many)..).unwrap_or_default();
        if out.json {
            let body =
                json!({ "schema": "tenure.events/1", "more": more, "events": shown });
            out.document(&body)?;
            return Ok(ExitCode::SUCCESS);
        }
        if shown.is_empty() {
            let about = self.person.map(|email| format!(" about {email}"));
            let about = about.unwrap_or_default();
            out.note(format!("nothing is on record as an event{about}"))?;
            return Ok(ExitCode::SUCCESS);
        }
        let head = ["event", "at", "what", "about", "by", "what came of it"];
        let row = |event: &Happened| {
            [
                event.number.to_string(),
                event.at.map(|at| at.to_string()).unwrap_or_default(),
                what(event),
                event.subject.clone().unwrap_or_default(),
                by(event),
                came(event).join("; "),
            ]
        };
        out.table(head, shown.iter().map(row))?;
        if more {
            let twice = many.saturating_mul(2);
            out.note(format!("there are earlier ones: --last {twice}"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What happened, for one line.
pub(crate) fn what(event: &Happened) -> String {
    let nothing = || "nothing".to_owned();
    match (&event.was, &event.becomes) {
        (None, None) => event.event.clone(),
        // An expiry says only of when it is.
        (None, Some(at)) if event.event == "access expired" => {
            format!("{} ({at})", event.event)
        }
        (was, becomes) => format!(
            "{}: {} → {}",
            event.event,
            was.clone().unwrap_or_else(nothing),
            becomes.clone().unwrap_or_else(nothing)
        ),
    }
}

/// Where it comes from, for one line.
fn by(event: &Happened) -> String {
    let origin = event.by.as_deref().map(|by| format!(" (by {by})"));
    let origin = origin.unwrap_or_default();
    match (&event.told_by, event.run, event.part_of) {
        (Some(who), Some(run), _) => format!("{who}, undoing run {run}"),
        (Some(who), None, _) => format!("{who}{origin}"),
        (None, Some(run), _) => format!("run {run}"),
        (None, None, Some(told)) => format!("event {told}{origin}"),
        (None, None, None) if event.event == "access expired" => "the clock".to_owned(),
        (None, None, None) => event.by.clone().unwrap_or_default(),
    }
}

/// Of what nothing came.
const NOBODY: &str = "nobody listens";

/// What came of it, most of all.
fn came(event: &Happened) -> Vec<String> {
    if let Some(answer) = &event.answer {
        let refused = answer.refusals.iter();
        let refused: Vec<&str> = refused.map(|it| it.policy.as_str()).collect();
        return vec![match refused.as_slice() {
            [] => "allowed".to_owned(),
            policies => format!("refused by {}", policies.join(", ")),
        }];
    }
    let mut came: Vec<String> = event
        .runs
        .iter()
        .map(|it| format!("run {} {}", it.run, it.what))
        .collect();
    for heard in &event.evaluations {
        let opened = event.runs.iter().any(|run| run.policy == heard.policy);
        if heard.held {
            came.push(format!("evaluation {} {}", heard.evaluation, of_held(heard)));
        } else if !opened && !event.waits.iter().any(|it| it.policy == heard.policy) {
            came.push(format!("evaluation {} {}", heard.evaluation, nothing(heard)));
        }
    }
    came.extend(event.waits.iter().map(|it| format!("waits for {}", it.why)));
    came.extend(event.passed_over.iter().map(|policy| passed_over(policy)));
    if event.late {
        came.push("too late".to_owned());
    } else if event.known {
        came.push("told already".to_owned());
    } else if !event.unheard.is_empty() {
        came.push("not heard by all yet".to_owned());
    } else if event.far && came.is_empty() {
        came.push("stands at the end of a chain".to_owned());
    } else if came.is_empty() {
        came.push(NOBODY.to_owned());
    }
    came
}

/// That it opened nothing, and why where that is known.
fn nothing(heard: &Listened) -> String {
    match &heard.why {
        Some(why) => format!("opened nothing for it: {why}"),
        None => "opened nothing for it".to_owned(),
    }
}

/// That a policy could not hear it while it stood as it did then.
fn passed_over(policy: &str) -> String {
    format!("passed over by policy {policy}")
}

fn of_held(heard: &Listened) -> String {
    let other = heard.held_as.filter(|held| *held != heard.evaluation);
    let with = other
        .map(|held| format!(" with evaluation {held}"))
        .unwrap_or_default();
    match (heard.state.as_deref(), heard.released_as) {
        (_, Some(later)) => format!("was held{with}, released as evaluation {later}"),
        (Some("held") | None, None) => format!("is held{with}"),
        (Some(state), None) => format!("was held{with}, and {state}"),
    }
}

/// Everything that is on record of one.
fn whole(event: &Happened) -> String {
    let mut head = format!("event {}: {}", event.number, what(event));
    if let Some(subject) = &event.subject {
        head = format!("{head}, {subject}");
    }
    if let Some(at) = event.at {
        head = format!("{head}, at {at}");
    }
    let mut lines = vec![head];
    lines.extend(whence(event));
    if let Some(answer) = &event.answer {
        if answer.allowed {
            lines.push("the gates allowed it".to_owned());
        }
        for refusal in &answer.refusals {
            lines.push(format!(
                "refused by policy {}: {}: {}",
                refusal.policy, refusal.because, refusal.message
            ));
        }
        return text::lines(&lines);
    }
    if event.late {
        lines.push(
            "a later one about the same was known already, so that it starts nothing"
                .to_owned(),
        );
    }
    if event.known {
        lines.push("it was told already, so that it starts nothing".to_owned());
    }
    if event.far {
        lines.push(
            "too many policies stand before it that raised events for each other, so that \
             none listens"
                .to_owned(),
        );
    }
    for heard in &event.evaluations {
        let opened = event.runs.iter().filter(|run| run.policy == heard.policy).count();
        let became = match heard.held {
            true => of_held(heard),
            false if opened == 0 => nothing(heard),
            false => "opened a run for it".to_owned(),
        };
        let Listened { evaluation, policy, .. } = heard;
        lines.push(format!("evaluation {evaluation} of policy {policy} {became}"));
    }
    for run in &event.runs {
        lines.push(format!(
            "run {} of policy {} for {}: {}",
            run.run, run.policy, run.subject, run.what
        ));
    }
    for Awaiting { policy, why, .. } in &event.waits {
        lines.push(format!("for policy {policy} it waits for {why}"));
    }
    for policy in &event.passed_over {
        lines.push(format!(
            "{}: it was put to work otherwise, or no more, before it could decide it",
            passed_over(policy)
        ));
    }
    if !event.unheard.is_empty() {
        lines.push(format!(
            "not heard yet by {}: each hears it at the next `tenure run`, or when it can be \
             followed again",
            event.unheard.join(", ")
        ));
    } else if came(event) == [NOBODY] {
        lines.push("nobody listens to it".to_owned());
    }
    text::lines(&lines)
}

/// Who told of it, or did it.
fn whence(event: &Happened) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(id) = &event.id {
        let who = event.told_by.as_ref().map(|who| format!(" by {who}"));
        let at = event.received_at.map(|at| format!(", received at {at}"));
        let (who, at) = (who.unwrap_or_default(), at.unwrap_or_default());
        lines.push(format!("told{who} as `{id}`{at}"));
    }
    if let (Some(who), None, None) = (&event.told_by, &event.id, event.run) {
        lines.push(format!("done by {who}"));
    }
    if let Some(by) = &event.by {
        lines.push(format!("by {by}"));
    }
    if let Some(told) = event.part_of {
        lines.push(format!("it came with event {told}"));
    }
    if let Some(run) = event.run {
        let policy = event.policy.as_ref().map(|policy| format!(" of policy {policy}"));
        let run = format!("run {run}{}", policy.unwrap_or_default());
        lines.push(match &event.told_by {
            Some(who) => format!("done by {who}, who undid {run}"),
            None => format!("raised by {run}"),
        });
    }
    lines
}
