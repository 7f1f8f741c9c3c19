//! `review`: somebody is asked about each account of an app, or about each who holds a
//! permission.

use crate::actions::Network;
use crate::cli::activate::can_be_done;
use crate::cli::check::paths;
use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::pause::{self, pauses_of};
use crate::cli::run::{lock, report_of};
use crate::cli::runs::read;
use crate::diagnose::{Code, Diagnostic, Look, Severity};
use crate::engine::{
    Awaits, EVERYBODY, Engine, NewCampaign, Run, State, Verdict, reviewed,
};
use crate::foresight;
use crate::ir::{Policy, Step, StepKind};
use crate::session::{Access, Place, Project, Workspace, actor, read_sources};
use crate::store::{Campaign, RunRow};
use crate::text::{FileId, Sources, counted};
use crate::time::Duration;
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Ask about each account of an app: access reviews.
#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(subcommand)]
    command: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Ask the reviewers about everybody, once.
    ///
    /// What they decide to remove is removed when the review closes, or with `--at-once` as
    /// it is decided. Who is not decided about is left alone.
    Start(Start),
    /// Close a review before its time: what was decided to go goes now.
    Close(Close),
    /// Show how far reviews have come.
    Status(Status),
}

#[derive(Debug, Args)]
struct Start {
    /// The app.
    #[arg(long, value_name = "APP")]
    app: String,
    /// Only about this permission, and about nothing but it.
    #[arg(long, value_name = "PERMISSION")]
    permission: Option<String>,
    /// Who is asked, as in a policy: addresses, `manager`, `app owner`, `group …`.
    #[arg(long, value_name = "WHO", required = true, value_delimiter = ',', value_parser = one_line)]
    reviewers: Vec<String>,
    /// How long the reviewers have.
    #[arg(long = "for", value_name = "LENGTH", default_value = "14d", value_parser = length)]
    window: Duration,
    /// What is done to those who are not to keep it, as in a policy.
    #[arg(long, value_name = "STEPS", value_parser = one_line, default_value = "remove access")]
    remove: String,
    /// Also ask addresses that no user of the store has.
    #[arg(long)]
    outside: bool,
    /// Let each verdict act when it is given.
    #[arg(long)]
    at_once: bool,
    /// Only show whom it would ask about.
    #[arg(long)]
    plan: bool,
}

#[derive(Debug, Args)]
struct Close {
    /// The number of the review.
    #[arg(value_name = "REVIEW", allow_negative_numbers = true, value_parser = number::of_review)]
    review: i64,
}

#[derive(Debug, Args)]
struct Status {
    /// The number of a review.
    #[arg(value_name = "REVIEW", allow_negative_numbers = true, value_parser = number::of_review)]
    review: Option<i64>,
}

impl Review {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        match self.command {
            What::Start(start) => start.run(place, out),
            What::Close(close) => close.run(place, out),
            What::Status(status) => status.run(place, out),
        }
    }
}

impl Start {
    fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let access = if self.plan { Access::Read } else { Access::Write };
        let workspace = place.open(access, "review")?;
        let id = workspace.store.next_campaign_id()?;
        let name = format!("access review {id}");
        let project = self.project(&name, &workspace, out)?;
        let found = project.program.policies.iter().find(|policy| policy.name == name);
        let texts = project.texts();
        let text = texts.iter().find(|(policy, _)| *policy == name);
        let (Some(policy), Some((_, text))) = (found, text) else {
            return Err(Fail::no("the review cannot be written as a policy"));
        };
        only_asks_and_removes(policy)?;
        if self.plan {
            let policies = [policy.clone()];
            let settings = workspace.settings();
            let when = (workspace.now, usize::MAX);
            let mut plan =
                foresight::plan(&workspace.store, (&policies, false), &settings, when)?;
            for opening in plan.policies.iter_mut().flat_map(|it| &mut it.opens) {
                reviewed(&mut opening.because, &self.app);
            }
            if out.json {
                out.document(&plan)?;
            } else {
                for policy in &plan.policies {
                    out.text(foresight::report(policy, plan.now))?;
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        can_be_done(policy, &workspace)?;
        let _held = lock(place, &workspace)?;
        let settings = workspace.settings();
        let catalog = workspace.catalog()?;
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
        engine.look_back(workspace.now)?;
        let by = actor();
        let new = NewCampaign {
            id,
            app: &self.app,
            permission: self.permission.as_deref(),
            at_once: self.at_once,
            ends_at: workspace.now.after(self.window),
            by: &by,
        };
        let ends_at = new.ends_at;
        let done = engine.start_campaign(new, (policy, text, &catalog), workspace.now)?;
        out.note(format!("review {id} is open until {ends_at}"))?;
        report_of(&done, Some(id), out)
    }

    /// The review as a policy among those of the configuration, whose webhooks and templates
    /// it can use.
    fn project(
        &self,
        name: &str,
        workspace: &Workspace,
        out: &mut Output,
    ) -> Result<Project, Fail> {
        let mut sources = match workspace.config.policies.is_empty() {
            true => Sources::default(),
            false => read_sources(&paths(&[], &workspace.config)?)?,
        };
        let review = sources.add(name, self.text(name));
        let catalog = workspace.catalog_for(&sources)?;
        let project = Project::check(sources, &catalog);
        if project.errors() == 0 {
            self.known((&project, review), out)?;
            return Ok(project);
        }
        out.findings(&project.findings, &project.sources, Look::PLAIN);
        let errors = counted(project.errors(), "error", "errors");
        let why = format!("{errors}; no review was started");
        let is_error = |it: &&Diagnostic| it.severity == Severity::Error;
        if project
            .findings
            .iter()
            .filter(is_error)
            .any(|it| it.span.file == review)
        {
            return Err(Fail::usage(why)
                .help("the words of the options stand in a policy as they are"));
        }
        Err(Fail::no(why).help("correct the policies of the configuration first"))
    }

    /// Whoever is to decide is somebody whom the store knows, unless it is said that they need
    /// not be: what they say counts, and a slip would write to a stranger.
    fn known(
        &self,
        (project, review): (&Project, FileId),
        out: &mut Output,
    ) -> Result<(), Fail> {
        let nobody =
            |it: &&Diagnostic| it.code == Code::UnknownAddress && it.span.file == review;
        let nobody: Vec<_> = project.findings.iter().filter(nobody).cloned().collect();
        if nobody.is_empty() {
            return Ok(());
        }
        out.findings(&nobody, &project.sources, Look::PLAIN);
        if self.outside {
            return Ok(());
        }
        Err(Fail::usage("nobody is known by that address; no review was started").help(
            "correct it; with `--outside` whoever reads mail at that address is asked all the same",
        ))
    }

    fn text(&self, name: &str) -> String {
        let app = quoted(&self.app);
        // Those of people who are away for long are asked about too.
        let everybody = EVERYBODY;
        let (kind, when) = match &self.permission {
            Some(permission) => {
                let permission = quoted(permission);
                ("grants", format!("{everybody} and permission = {permission}"))
            }
            None => ("accounts", everybody.to_owned()),
        };
        format!(
            "policy {}\n  for {kind} in app {app}\n  \
             when {when}\n  reviewers {}\n  \
             limit none \"somebody decides each removal\"\n  \
             then ask reviewers for {},\n    if ignored keep,\n    {}\n",
            quoted(name),
            self.reviewers.join(", "),
            self.window,
            self.remove,
        )
    }
}

/// One line, of which nothing can become a clause or an item of its own.
fn one_line(text: &str) -> Result<String, String> {
    match text.contains(['\n', '\r']) {
        true => Err("it is one line".to_owned()),
        false => Ok(text.to_owned()),
    }
}

/// Refuses a review whose options say more than people and steps: it asks once, and what is
/// not to be kept is taken away.
fn only_asks_and_removes(policy: &Policy) -> Result<(), Fail> {
    let steps = policy.steps.get(1..).unwrap_or_default();
    let asks = |step: &Step| matches!(step.kind, StepKind::Ask { .. });
    let more = policy.snooze.is_some()
        || !policy.if_kept.is_empty()
        || !policy.if_failed.is_empty();
    let why = if more {
        "`--remove` holds steps alone, and no `if kept` or `if failed`"
    } else if steps.iter().any(asks) {
        "`--remove` asks nobody: the reviewers have decided by then"
    } else if !steps.iter().any(|step| step.kind.takes()) {
        "`--remove` takes nothing away"
    } else {
        return Ok(());
    };
    Err(Fail::usage(why).help("write steps such as `remove access, notify owner`"))
}

impl Close {
    fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "review")?;
        let _held = lock(place, &workspace)?;
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
        engine.look_back(workspace.now)?;
        let done = engine.close_campaign(self.review, &actor(), workspace.now)?;
        out.note(format!("review {} is closed", self.review))?;
        report_of(&done, Some(self.review), out)
    }
}

impl Status {
    fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "review")?;
        let mut campaigns = workspace.store.campaigns()?;
        if let Some(number) = self.review {
            campaigns.retain(|campaign| campaign.id == number);
            if campaigns.is_empty() {
                return Err(Fail::no(format!("there is no review {number}"))
                    .help("tenure review status lists them"));
            }
        }
        let rows = workspace.store.runs(false)?;
        let policies = workspace.store.policies()?;
        let mut documents = Vec::new();
        for campaign in &campaigns {
            let mut runs = Vec::new();
            for row in rows.iter().filter(|row| row.policy_id == campaign.policy_id) {
                runs.push((row, read(row)?));
            }
            if out.json {
                documents.push(document(campaign, &runs));
                continue;
            }
            out.line(line(campaign, &runs))?;
            if campaign.closed_at.is_none() {
                let policy = policies.iter().find(|it| it.id == campaign.policy_id);
                let policy = policy.map(|it| it.name.as_str()).unwrap_or_default();
                for pause in pauses_of(&workspace, policy)? {
                    out.note(pause::line(&pause))?;
                }
            }
            if self.review.is_some() {
                let open = |(row, run): &&(&RunRow, Run)| {
                    row.ended_at.is_none() && run.decision.is_none()
                };
                let open = runs.iter().filter(open);
                let (stuck, asking): (Vec<_>, Vec<_>) =
                    open.partition(|(_, run)| run.trouble().is_some());
                if !asking.is_empty() {
                    out.note(
                        "tenure decide RUN keep|remove --as EMAIL enters a decision",
                    )?;
                }
                if !stuck.is_empty() {
                    out.note("tenure retry RUN asks again where somebody can be asked")?;
                }
                for (row, run) in &runs {
                    let (id, about) = (row.id, &row.subject.name);
                    out.line(format!("  run {id} {about}: {}", verdict(row, run)))?;
                }
                for way in ways(&runs) {
                    out.note(way)?;
                }
            }
        }
        if out.json {
            out.document(&json!({ "schema": "tenure.reviews/1", "reviews": documents }))?;
        } else if campaigns.is_empty() {
            out.note("there are no access reviews")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What to do about what the runs of a review wait for.
fn ways<'a>(runs: &'a [(&RunRow, Run)]) -> Vec<&'a String> {
    let mut seen = BTreeSet::new();
    let all = waiting(runs).flat_map(|awaits| &awaits.ways);
    all.filter(|way| seen.insert(*way)).collect()
}

/// What decided runs of a review wait for.
fn waiting<'a>(runs: &'a [(&RunRow, Run)]) -> impl Iterator<Item = &'a Awaits> {
    let open = runs.iter().filter(|(row, _)| row.ended_at.is_none());
    open.filter_map(|(_, run)| run.awaits.as_ref().filter(|it| it.since.is_some()))
}

fn verdict(row: &RunRow, run: &Run) -> String {
    match &run.decision {
        Some(decision) => {
            let comment = decision.comment.as_deref();
            let comment = comment.map(|words| format!(", \"{words}\""));
            let comment = comment.unwrap_or_default();
            let awaits = run.awaits.as_ref().filter(|_| row.ended_at.is_none());
            let awaits = awaits.map(Awaits::words).unwrap_or_default();
            let (verdict, by, state) = (decision.verdict, &decision.by, &row.state);
            let back = run.given_back();
            format!("{verdict} by {by}{comment}: {state}{back}{awaits}")
        }
        None if run.trouble().is_some() => {
            format!("{}: {}", row.state, run.trouble().unwrap_or_default())
        }
        None if row.ended_at.is_some() || run.asked.is_empty() => row.state.clone(),
        None => {
            let asked = run.asked.iter().map(|asked| asked.email.as_str());
            let asked: Vec<&str> = asked.collect();
            format!("{}, asked {}", row.state, asked.join(", "))
        }
    }
}

fn line(campaign: &Campaign, runs: &[(&RunRow, Run)]) -> String {
    let Numbers { keep, remove, undecided, held, failed } = numbers(runs);
    let stuck = |count: usize, word: &str| match count {
        0 => String::new(),
        count => format!(", {count} {word}"),
    };
    let of = campaign
        .permission
        .as_ref()
        .map(|permission| format!("/{permission}"));
    let when = match campaign.closed_at {
        Some(at) => format!("closed at {at}"),
        None => format!("{} until {}", campaign.state, campaign.ends_at),
    };
    let wait = match waiting(runs).count() {
        0 => String::new(),
        1 => "; 1 waits for another policy".to_owned(),
        wait => format!("; {wait} wait for another policy"),
    };
    format!(
        "review {} of {}{}, {when}: {keep} keep, {remove} remove, {undecided} undecided{}{}{wait}",
        campaign.id,
        campaign.app,
        of.unwrap_or_default(),
        stuck(held, "held"),
        stuck(failed, "failed"),
    )
}

/// How far a review has come.
#[derive(Default)]
struct Numbers {
    keep: usize,
    remove: usize,
    /// Whom somebody can still decide about, or nobody has.
    undecided: usize,
    /// Whom nobody is asked about until a person looks.
    held: usize,
    failed: usize,
}

fn numbers(runs: &[(&RunRow, Run)]) -> Numbers {
    let mut numbers = Numbers::default();
    for (_, run) in runs {
        let verdict = run.decision.as_ref().map(|decision| decision.verdict);
        *match (verdict, &run.state) {
            (Some(Verdict::Keep), _) => &mut numbers.keep,
            (Some(Verdict::Remove), _) => &mut numbers.remove,
            (None, State::Held { .. }) => &mut numbers.held,
            (None, State::Failed { .. }) => &mut numbers.failed,
            (None, _) => &mut numbers.undecided,
        } += 1;
    }
    numbers
}

fn document(campaign: &Campaign, runs: &[(&RunRow, Run)]) -> serde_json::Value {
    let Numbers { keep, remove, undecided, held, failed } = numbers(runs);
    let subjects: Vec<_> = runs
        .iter()
        .map(|(row, run)| {
            json!({
                "run": row.id,
                "subject": row.subject.name,
                "state": row.state,
                "undone": run.undone, "undone_in_part": run.undone_in_part(),
                "decision": run.decision,
                "awaits": run.awaits.as_ref().filter(|_| row.ended_at.is_none()),
            })
        })
        .collect();
    json!({
        "review": campaign.id,
        "app": campaign.app,
        "permission": campaign.permission,
        "state": campaign.state,
        "at_once": campaign.at_once,
        "started_at": campaign.started_at,
        "started_by": campaign.started_by,
        "ends_at": campaign.ends_at,
        "closed_at": campaign.closed_at,
        "closed_by": campaign.closed_by,
        "keep": keep, "remove": remove, "undecided": undecided,
        "held": held, "failed": failed,
        "subjects": subjects,
    })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

fn length(text: &str) -> Result<Duration, String> {
    let length = Duration::parse(text).ok_or("write a length such as `14d` or `36h`")?;
    if length.0 <= 0 {
        return Err("nobody could answer in no time".to_owned());
    }
    Ok(length)
}
