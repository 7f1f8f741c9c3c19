//! `run`: one tick.

use crate::actions::Network;
use crate::cli::output::{Fail, Output};
use crate::cli::pause;
use crate::cli::plan::{show_blocked, show_stranded};
use crate::engine::{
    Engine, Evaluated, Interrupted, Lost, Paused, Stopped, TickReport, Waiting,
};
use crate::foresight::why_none;
use crate::session::{Access, LockError, Place, Workspace, hold};
use crate::store::Awaiting;
use crate::text::counted;
use clap::Args;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs::File;
use std::process::ExitCode;
use std::time::Duration;

/// Do everything that is due now, then stop.
///
/// Evaluates the active policies whose time has come, lets windows close and pauses end, and
/// sends what waits to be sent. To be called again and again, by cron for example.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {}

impl RunArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "run")?;
        let _held = lock(place, &workspace)?;
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
        engine.look_back(workspace.now)?;
        engine.look_for_secrets(workspace.now)?;
        report(&engine.tick(workspace.now)?, out)
    }
}

/// How often another process is waited for, and how long each time.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(100));

/// Keeps a second process from doing what is due on the same store at the same time. One that
/// is at it is waited for a little.
#[expect(clippy::disallowed_methods, reason = "another process sends us no message")]
pub(crate) fn lock(place: &Place, workspace: &Workspace) -> Result<File, Fail> {
    let store = place.store_path(&workspace.config);
    let (times, pause) = PATIENCE;
    for _ in 0..times {
        match hold(&store, "-lock") {
            Ok(file) => return Ok(file),
            Err(LockError::Taken { .. }) => std::thread::sleep(pause),
            Err(error @ LockError::Unusable { .. }) => {
                let message = error.to_string();
                return Err(Fail::Said { code: 3, message, help: None });
            }
        }
    }
    Err(Fail::Said {
        code: 3,
        message: "another tenure is acting on this store".to_owned(),
        help: Some("try again when it has finished".to_owned()),
    })
}

/// Shows what a tick did. A held evaluation and a blocked policy are a no.
pub(crate) fn report(report: &TickReport, out: &mut Output) -> Result<ExitCode, Fail> {
    report_of(report, None, out)
}

/// The same of what was done for an access review, of which the document says the number.
pub(crate) fn report_of(
    report: &TickReport,
    review: Option<i64>,
    out: &mut Output,
) -> Result<ExitCode, Fail> {
    let code = ExitCode::from(u8::from(report.is_no()));
    if out.json {
        let mut document = json!({ "schema": "tenure.run/1" });
        let body =
            serde_json::to_value(report).map_err(|error| Fail::no(error.to_string()))?;
        if let (Some(document), Some(body)) = (document.as_object_mut(), body.as_object())
        {
            document.extend(review.map(|id| ("review".to_owned(), json!(id))));
            document.extend(body.clone());
        }
        out.document(&document)?;
        return Ok(code);
    }
    show_found(report, out)?;
    for paused in &report.paused {
        out.line(left_alone(paused))?;
    }
    for line in waiting(&report.waiting) {
        out.line(line)?;
    }
    for line in first(report.awaiting.iter().map(awaiting), SHOWN, |more| {
        format!("events wait for {more} more reasons: tenure events")
    }) {
        out.line(line)?;
    }
    if !report.held.is_empty() {
        let (one, more) = ("evaluation is held", "evaluations are held");
        out.note(format!("{}: tenure held", counted(report.held.len(), one, more)))?;
    }
    for pause in &report.pauses {
        out.line(pause::line(pause))?;
    }
    for policy in &report.left_out {
        out.line(format!("policy {policy} is paused, and was not evaluated"))?;
        out.note("  help: tenure resume first")?;
    }
    show_blocked(&report.blocked, out)?;
    show_stranded(&report.stranded, out)?;
    out.line(format!(
        "{}; {} delivered, {} to be tried again, {} failed",
        counted(
            usize::try_from(report.transitions).unwrap_or(usize::MAX),
            "transition",
            "transitions"
        ),
        report.delivered,
        report.postponed,
        report.failed,
    ))?;
    if let Some(next) = report.next_due {
        out.note(format!("next due {next}"))?;
    } else if report.pauses.iter().any(|pause| pause.policy.is_none()) {
        out.note("nothing is due before `tenure resume`")?;
    }
    Ok(code)
}

/// What evaluations found, and what became of runs.
pub(crate) fn show_found(report: &TickReport, out: &mut Output) -> Result<(), Fail> {
    let (reached, missed): (Vec<_>, Vec<_>) =
        report.evaluations.iter().partition(|found| !is_missed(found));
    for found in reached {
        out.line(evaluated(found))?;
    }
    if !missed.is_empty() {
        let evaluations = counted(missed.len(), "evaluation", "evaluations");
        out.note(format!("{evaluations} for events found nobody in scope"))?;
    }
    let refused = |found: &Evaluated| found.survey.limit.held && found.cause == "users";
    if report.evaluations.iter().any(refused) {
        out.note(
            "nothing of it is kept to be released: ask again when the limit leaves room",
        )?;
    }
    let lines = [
        struck(&report.interrupted, false, SHOWN),
        ceased(report),
        first(report.stopped.iter().map(stopped), SHOWN, |more| match more {
            1 => "1 more run waits for a person".to_owned(),
            more => format!("{more} more runs wait for a person"),
        }),
        first(report.lost.iter().map(lost), SHOWN, |more| match more {
            1 => "1 more did not arrive".to_owned(),
            more => format!("{more} more did not arrive"),
        }),
    ];
    for line in lines.into_iter().flatten() {
        out.line(line)?;
    }
    for warning in &report.warnings {
        out.line(warning)?;
    }
    Ok(())
}

/// Whether it is one for events that are about nobody whom the policy looks at: there may be
/// many, and they are all on record.
fn is_missed(found: &Evaluated) -> bool {
    found.cause == "event" && found.survey.in_scope == 0 && found.survey.taken.is_empty()
}

/// What an evaluation found and opened, and why it opened nothing.
fn evaluated(found: &Evaluated) -> String {
    let survey = &found.survey;
    let undecided: u64 = survey.undecided.iter().map(|count| count.count).sum();
    let opened = usize::try_from(found.opened).unwrap_or(usize::MAX);
    let what = if survey.limit.held {
        format!(
            "HELD: would open {}, {}",
            counted(survey.opens.len(), "run", "runs"),
            survey.limit.words(),
        )
    } else if survey.found.is_empty() {
        format!("opened {}", counted(opened, "run", "runs"))
    } else {
        format!("reports on {}", survey.found.len())
    };
    let nothing = opened == 0 && !survey.limit.held && survey.found.is_empty();
    let why = if nothing { why_none(survey) } else { String::new() };
    let why = if why.is_empty() { why } else { format!(" ({why})") };
    let observed = if found.observed { ", only observed" } else { "" };
    format!(
        "policy {}{observed}: {what}; {} in scope, {} match, {undecided} undecided{why}",
        found.policy, survey.in_scope, survey.matched,
    )
}

/// What an event did to an open run, or would do.
fn interrupted(it: &Interrupted, would: bool) -> String {
    let Interrupted { run, policy, subject, became, why } = it;
    let what = match (became.as_str(), would) {
        ("called off", false) => "is called off".to_owned(),
        ("called off", true) => "would be called off".to_owned(),
        ("restarted", false) => "begins anew".to_owned(),
        ("restarted", true) => "would begin anew".to_owned(),
        (ended, false) => format!("does not begin anew, and is over: {ended}"),
        (ended, true) => format!("would not begin anew, and be over: {ended}"),
    };
    format!("run {run} of policy {policy} for {subject} {what}: {why}")
}

/// So many runs are shown of each kind; one import or one event may concern very many.
const SHOWN: usize = 20;

/// The runs that events ended or began anew, or would.
pub(crate) fn struck(all: &[Interrupted], would: bool, most: usize) -> Vec<String> {
    let lines = all.iter().map(|it| interrupted(it, would));
    first(lines, most, |more| match (more, would) {
        (1, false) => "1 more run is called off or begins anew".to_owned(),
        (_, false) => format!("{more} more runs are called off or begin anew"),
        (1, true) => "1 more run would be called off or begin anew".to_owned(),
        (_, true) => format!("{more} more runs would be called off or begin anew"),
    })
}

/// The runs that no longer apply, but those that an event is named for already.
fn ceased(report: &TickReport) -> Vec<String> {
    let named: BTreeSet<i64> = report.interrupted.iter().map(|it| it.run).collect();
    let rest = report.ceased.iter().filter(|it| !named.contains(&it.run));
    first(rest.map(stopped), SHOWN, |more| match more {
        1 => "1 more run no longer applies".to_owned(),
        more => format!("{more} more runs no longer apply"),
    })
}

/// A run that goes no further.
fn stopped(it: &Stopped) -> String {
    format!("run {} for {} {}: {}", it.run, it.subject, it.state, it.why)
}

/// For what events wait that a policy could not decide yet.
fn awaiting(it: &Awaiting) -> String {
    let Awaiting { policy, why, count, .. } = it;
    let many = usize::try_from(*count).unwrap_or(usize::MAX);
    format!("policy {policy}: {} for {why}", counted(many, "event waits", "events wait"))
}

/// What of a run will not arrive any more.
fn lost(it: &Lost) -> String {
    let Lost { run, subject, kind, to, why } = it;
    format!("run {run} for {subject}: its {kind} to {to} did not arrive: {why}")
}

/// So many of the lines, and how many more there are.
fn first(
    lines: impl Iterator<Item = String>,
    most: usize,
    rest: impl Fn(usize) -> String,
) -> Vec<String> {
    let mut lines = lines.fuse();
    let mut shown: Vec<String> = lines.by_ref().take(most).collect();
    match lines.count() {
        0 => {}
        more => shown.push(rest(more)),
    }
    shown
}

/// Whom nothing is sent to for a while.
pub(crate) fn left_alone(paused: &Paused) -> String {
    let Paused { endpoint, kind, failures, until, of, waiting } = paused;
    let of = match of.as_slice() {
        [] => String::new(),
        of => format!(" ({})", of.join(", ")),
    };
    let waiting = usize::try_from(*waiting).unwrap_or(usize::MAX);
    let waiting = counted(waiting, &format!("{kind} waits"), &format!("{kind}s wait"));
    format!(
        "nothing is sent to {endpoint}{of} before {until}: {failures} attempts failed in a \
         row; {waiting} for it"
    )
}

/// So many reasons are shown; each receiver may have words of its own.
const REASONS: usize = 5;

/// What was tried in vain, and when it is tried again.
fn waiting(all: &[Waiting]) -> Vec<String> {
    let verb = |count: u64| if count == 1 { "waits" } else { "wait" };
    let line = |it: &Waiting| {
        let to = it.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        let Waiting { count, why, next_at, .. } = it;
        format!("{}{to} {}: {why}; next try at {next_at}", it.counted(), verb(*count))
    };
    let mut lines: Vec<String> = all.iter().take(REASONS).map(line).collect();
    let more: u64 = all.iter().skip(REASONS).map(|it| it.count).sum();
    if more > 0 {
        lines.push(format!("{more} more {}, for other reasons", verb(more)));
    }
    lines
}
