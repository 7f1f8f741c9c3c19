//! `activate` and `deactivate`: which texts are at work.

use crate::actions::Network;
use crate::catalog::Missing;
use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::pause::refuse_paused;
use crate::cli::process::note_pending;
use crate::cli::run::{lock, report, show_found};
use crate::cli::secrets::note_missing;
use crate::engine::{self, Before, Channel, Connector, Engine, LeftHeld, Occasion};
use crate::ir::{Policy, Step, StepKind};
use crate::session::config::Config;
use crate::session::{Access, Place, Workspace};
use crate::store::{Mode, PolicyRow, StoreError};
use crate::text::{counted, nearest};
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Put a published policy to work.
///
/// One version of a policy is active; the one before stays published, and its open runs
/// finish under it. The first evaluation is at the next scheduled time; with `--at-once` also
/// now.
#[derive(Debug, Args)]
pub(crate) struct Activate {
    /// The policy.
    #[arg(value_name = "POLICY")]
    name: String,
    /// The version [default: the newest].
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number::of_version)]
    version: Option<u32>,
    /// Evaluate it at once, for all in scope, and then by schedule.
    #[arg(long)]
    at_once: bool,
    /// Only put on record what it would do: nobody is asked, and nothing is done.
    #[arg(long)]
    observe: bool,
    /// Only look at those for whom this is true: a pilot.
    #[arg(long, value_name = "CONDITION")]
    only: Option<String>,
}

/// End the evaluations of a policy; its open runs go on.
#[derive(Debug, Args)]
pub(crate) struct Deactivate {
    /// The policy.
    #[arg(value_name = "POLICY")]
    name: String,
}

/// Delete a version of a policy that nothing needs any more.
///
/// The active one stays, and so does one under which runs go on.
#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The policy.
    #[arg(value_name = "POLICY")]
    name: String,
    /// The version.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number::of_version)]
    version: u32,
}

impl Activate {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "activate")?;
        let store = &workspace.store;
        let row = known(&workspace, &self.name)?;
        if store.campaigns()?.iter().any(|review| review.policy_id == row.id) {
            return Err(Fail::no(format!(
                "`{}` is an access review, which asks once; nothing was done",
                row.name
            ))
            .help("tenure review start begins another access review"));
        }
        let version = self.version.unwrap_or(row.newest);
        let text = text_of(&workspace, &row, version)?;
        let catalog = workspace.catalog()?;
        let mut policy = engine::parse(&row.name, &text, &catalog).map_err(|why| {
            Fail::no(format!("policy `{}` cannot be followed: {why}", row.name))
                .help("bring back what it names, or mend the file and publish it: tenure publish FILE")
        })?;
        let only = self.only.as_ref().map(|only| only.trim().to_owned());
        self.fits(&policy, only.as_deref())?;
        if let Some(only) = &only {
            engine::narrow(&mut policy, &text, only, &catalog).map_err(|doubts| {
                out.findings(&doubts.findings, &doubts.sources, out.look());
                Fail::no("the condition of `--only` cannot be used; nothing was done")
            })?;
        }
        let mode = Mode { observe: self.observe, only };
        if !mode.observe {
            can_be_done(&policy, &workspace)?;
        }
        if self.at_once {
            refuse_paused(&workspace, &row.name)?;
        }
        // What is only observed sends nothing.
        if !mode.observe {
            note_missing([&policy], &workspace, out)?;
        }
        let left = |fail: Fail| fail.and(&left_as_is(&row, version));
        let _held = lock(place, &workspace).map_err(left)?;
        let when = (&mode, workspace.now);
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(store, &mut network, &settings)?;
        let before = engine
            .activate((&row.name, version), (&policy, &catalog), when)
            .map_err(|error| left(error.into()))?;
        show_before(&before, &row.name, out)?;
        note_pending(&workspace, out)?;
        let active =
            format!("{} version {version} is active{}", row.name, as_said(&mode));
        if self.at_once {
            out.note(active)?;
            engine.look_back(workspace.now)?;
            return report(&engine.evaluate_now(&row.name, workspace.now)?, out);
        }
        let zone = workspace.config.zone;
        let schedule = policy.schedule.as_ref();
        let next = schedule.and_then(|it| it.next_after(workspace.now, zone));
        if out.json {
            out.document(&json!({
                "schema": "tenure.activated/1",
                "policy": row.name,
                "version": version,
                "observe": mode.observe,
                "only": mode.only,
                "next_evaluation": next,
                "before": before,
            }))?;
        } else {
            let next = next.map(|next| format!("; first evaluated at {next}"));
            out.note(format!("{active}{}", next.unwrap_or_default()))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Refuses options that do not fit the policy.
    fn fits(&self, policy: &Policy, only: Option<&str>) -> Result<(), Fail> {
        if only.is_some_and(str::is_empty) {
            return Err(Fail::no("`--only` holds no condition; nothing was done")
                .help("write one, such as `department = \"Sales\"`; without `--only` it is for all"));
        }
        if policy.gate.is_some() && (self.observe || only.is_some()) {
            return Err(Fail::no(format!(
                "policy `{}` is a gate: it is open or closed for everybody",
                policy.name
            ))
            .help("activate it without `--observe` and `--only`"));
        }
        if policy.waits_for_events() && self.at_once {
            return Err(Fail::no(format!(
                "policy `{}` is started by events alone; nothing was done",
                policy.name
            ))
            .help("activate it without `--at-once`"));
        }
        Ok(())
    }
}

impl Deactivate {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "deactivate")?;
        let row = known(&workspace, &self.name)?;
        let passed_over =
            engine::deactivate(&workspace.store, &row, &workspace.settings())?;
        let held: Vec<i64> = workspace
            .store
            .held()?
            .iter()
            .filter(|held| held.policy_id == row.id)
            .map(|held| held.evaluation)
            .collect();
        note_pending(&workspace, out)?;
        if out.json {
            out.document(&json!({
                "schema": "tenure.deactivated/1", "policy": row.name,
                "passed_over": passed_over, "held": held,
            }))?;
        } else {
            note_passed_over((&passed_over, None), &row.name, out)?;
            note_held(&held, "stays held, and is not done: tenure held", out)?;
            out.note(format!("{} is not active; its open runs go on", row.name))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Delete {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "delete")?;
        let store = &workspace.store;
        let name = store.atomically(|| {
            let row = known(&workspace, &self.name)?;
            store.delete_version(&row, self.version)?;
            Ok::<_, Fail>(row.name)
        })?;
        let version = self.version;
        if out.json {
            out.document(&json!({
                "schema": "tenure.deleted/1", "policy": name, "version": version,
            }))?;
        } else {
            out.note(format!("{name} version {version} is deleted"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Says what a policy heard before it came to stand otherwise, and what it passed over.
fn show_before(before: &Before, name: &str, out: &mut Output) -> Result<(), Fail> {
    if out.json {
        return Ok(());
    }
    let evaluations = before.heard.evaluations.len();
    if evaluations > 0 {
        let them = counted(evaluations, "evaluation", "evaluations");
        out.note(format!(
            "{name} first heard, as it stood, what had happened: {them} for events"
        ))?;
    }
    show_found(&before.heard, out)?;
    note_passed_over((&before.passed_over, before.why.as_deref()), name, out)?;
    if let Some(shown) = shown(&before.given_up) {
        out.note(format!(
            "{name} could not decide {shown} yet; nothing is started by that: tenure events"
        ))?;
    }
    let LeftHeld { anew, stay, over } = &before.left;
    note_held(anew, "is evaluated anew by this version at the next tenure run", out)?;
    note_held(
        stay,
        "stays held, as this version is not for all in earnest, or does not listen to all of it: \
         tenure held",
        out,
    )?;
    note_held(over, "is over: the next evaluation finds them again", out)
}

/// Says what becomes of evaluations that were held.
fn note_held(held: &[i64], what: &str, out: &mut Output) -> Result<(), Fail> {
    let numbers: Vec<String> = held.iter().map(i64::to_string).collect();
    let numbers = numbers.join(", ");
    match held.len() {
        0 => Ok(()),
        1 => out.note(format!("what evaluation {numbers} holds {what}")),
        _ => out.note(format!("what evaluations {numbers} hold {what}")),
    }
}

/// Says which events start nothing by a policy, and why it could not hear them.
fn note_passed_over(
    (passed_over, why): (&[i64], Option<&str>),
    name: &str,
    out: &mut Output,
) -> Result<(), Fail> {
    let Some(shown) = shown(passed_over) else { return Ok(()) };
    let why = why.map(|why| format!(", as {why}")).unwrap_or_default();
    out.note(format!(
        "{name} had not heard {shown}{why}; nothing is started by that: tenure events"
    ))
}

/// Events by their numbers, where there are any.
fn shown(events: &[i64]) -> Option<String> {
    match events {
        [] => None,
        [one] => Some(format!("event {one}")),
        [first, .., last] => {
            let many = counted(events.len(), "event", "events");
            Some(format!("{many} from {first} to {last}"))
        }
    }
}

/// What stays so where a version could not be put to work.
fn left_as_is(row: &PolicyRow, version: u32) -> String {
    match row.active {
        Some(active) if active == version => {
            format!("version {version} stays at work as it was")
        }
        Some(active) => {
            format!("version {version} is not at work, and version {active} still is")
        }
        None => format!("version {version} is published, and not at work"),
    }
}

/// How a version is at work, behind the words that it is.
pub(crate) fn as_said(mode: &Mode) -> String {
    let observe = if mode.observe { ", only observed" } else { "" };
    match &mode.only {
        Some(only) => format!("{observe}, for a pilot: {only}"),
        None => observe.to_owned(),
    }
}

/// The text of a version.
pub(crate) fn text_of(
    workspace: &Workspace,
    row: &PolicyRow,
    version: u32,
) -> Result<String, Fail> {
    let store = &workspace.store;
    if let Some(text) = store.policy_text(row.id, version)? {
        return Ok(text);
    }
    let known: Vec<u32> = store.versions(row)?.iter().map(|row| row.version).collect();
    if known.is_empty() {
        return Err(Fail::no(format!(
            "every version of policy `{}` was deleted",
            row.name
        ))
        .help("publish it anew: tenure publish FILE"));
    }
    let policy = row.name.clone();
    Err(StoreError::NoVersion { policy, version, known }.into())
}

/// Refuses a policy whose messages have no way to people.
fn can_be_reached(policy: &Policy, workspace: &Workspace) -> Result<(), Fail> {
    let Config { channels, network, .. } = &workspace.config;
    let by_mail = |occasion| *channels.usual(occasion) == Channel::Mail;
    if network.smtp.is_none() && occasions(policy).into_iter().any(by_mail) {
        return Err(Fail::no(format!(
            "policy `{}` writes to people, and no mail server is configured",
            policy.name
        ))
        .help("name one under [smtp] in tenure.toml, or a chat under [notify]"));
    }
    Ok(())
}

/// What the steps of a policy write to people for.
pub(crate) fn occasions(policy: &Policy) -> Vec<Occasion> {
    let lists = [
        (&policy.steps, Occasion::Notice),
        (&policy.if_kept, Occasion::Kept),
        (&policy.if_failed, Occasion::Notice),
    ];
    let mut found: Vec<Occasion> =
        policy.report.iter().map(|_| Occasion::Report).collect();
    for (steps, told) in lists {
        for step in steps.iter().flat_map(Step::with_inner) {
            match &step.kind {
                StepKind::Ask { escalation, remind, .. } => {
                    found.push(match escalation {
                        true => Occasion::Escalation,
                        false => Occasion::Review,
                    });
                    found.extend((!remind.is_empty()).then_some(Occasion::Reminder));
                }
                StepKind::Notify { .. } => found.push(told),
                StepKind::Task { .. } => found.push(Occasion::Task),
                _ => {}
            }
        }
    }
    found
}

/// Refuses a policy with steps that could not be done, or could not be known to be done.
pub(crate) fn can_be_done(policy: &Policy, workspace: &Workspace) -> Result<(), Fail> {
    can_be_reached(policy, workspace)?;
    let catalog = workspace.catalog()?;
    let apps = catalog.looked_at(&policy.scope);
    let systems = workspace.systems(&catalog.apps)?;
    for step in policy.every_step() {
        let text = &step.text;
        match systems.missing((policy, &step.kind), &apps) {
            None => {}
            Some(Missing::Ability { system, lack }) => {
                let why = format!("`{system}` cannot do it: {}", lack.why);
                let message = format!("`{text}` cannot be done: {why}");
                return Err(Fail::no(message).help(lack.help));
            }
            Some(Missing::Groups(_) | Missing::Apps(_) | Missing::People) => {
                return Err(Fail::no(format!(
                    "`{text}` changes this store, and nothing says that other systems follow it"
                ))
                .help(
                    "connect its source under [connectors.NAME] in tenure.toml, say in an \
                     `app` item by what it is done, or, where other systems follow the store, \
                     write authority = \"store\" under [store]",
                ));
            }
        }
    }
    let used = systems.used(policy, &apps);
    let connectors = workspace.config.connectors.iter();
    for Connector { name, url, .. } in connectors.filter(|it| used.contains(&*it.name)) {
        if let Some(why) = Network::refuses(&workspace.config.network, url) {
            let help = format!("or write another `url` under [connectors.{name}]");
            return Err(
                Fail::no(format!("`{name}` could not be reached: {why}")).help(help)
            );
        }
    }
    for (name, url) in engine::receivers(policy) {
        if let Some(why) = Network::refuses(&workspace.config.network, &url) {
            return Err(Fail::no(format!("{name} could not be sent: {why}")));
        }
    }
    Ok(())
}

pub(crate) fn known(workspace: &Workspace, name: &str) -> Result<PolicyRow, Fail> {
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
