//! `simulate`: what would become of it over the days.

use crate::cli::check::sound_policies;
use crate::cli::output::{Fail, Output};
use crate::cli::plan::show_blocked;
use crate::engine::{Entry, event_words, limit_words};
use crate::foresight::{Line, Simulation, Start, day, simulate, words};
use crate::ir::Policy;
use crate::session::{Access, Place};
use crate::text::{counted, fold};
use crate::time::{Duration, Timestamp};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

/// Show what would become of it over the days.
///
/// The real engine works on a copy of the store with a clock that jumps from one instant to
/// the next. Messages and webhooks are written down, not sent; they arrive at once, and
/// nobody answers. Nothing is changed, also where Ctrl-C ends it.
///
/// The policies are activated at the first instant, as `activate` does, and first evaluated at
/// their next scheduled times; with `--at-once` also at the first instant. One that is active
/// with the same text goes on as it is.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Files, or folders with `.tenure` files [default: those of the configuration].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How long: 30d, 2w, 12h; ten years at most.
    #[arg(long = "for", value_name = "DURATION", default_value = "30d", value_parser = length)]
    length: Duration,
    /// Evaluate at once what is activated, as `activate --at-once` does.
    #[arg(long)]
    at_once: bool,
}

/// Nobody plans further ahead, and each day costs an evaluation of each policy.
const LONGEST: Duration = Duration::days(3_660);

impl SimulateArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "simulate")?;
        let project = sound_policies(&self.paths, &workspace, out)?;
        let mut settings = workspace.settings();
        settings.nevers.clone_from(&project.program.nevers);
        // Data in memory is nobody's but ours; a store is copied.
        let copy = if workspace.in_memory {
            None
        } else {
            Some(workspace.store.copy_to_memory()?)
        };
        let store = copy.as_ref().unwrap_or(&workspace.store);
        let span = (workspace.now, self.length);
        let bar = self.bar(out);
        let progress = &mut |now: Timestamp| {
            if let Some(bar) = &bar {
                let days = now.since(workspace.now).0 / Duration::DAY.0;
                bar.set_position(days.unsigned_abs());
            }
        };
        let texts = (&*project.texts(), self.at_once);
        let simulation = simulate(store, texts, &settings, span, progress);
        if let Some(bar) = &bar {
            bar.finish_and_clear();
        }
        let simulation = simulation?;
        let blocked = !simulation.blocked.is_empty();
        if out.json {
            out.document(&simulation)?;
        } else {
            show(&simulation, out)?;
            self.note_late(&simulation, out)?;
            note_events(&simulation, &project.program.policies, out)?;
        }
        let held = !simulation.held.is_empty();
        Ok(ExitCode::from(u8::from(held || blocked)))
    }
}

impl SimulateArgs {
    /// What shows somebody who watches how far it has come.
    fn bar(&self, out: &Output) -> Option<ProgressBar> {
        let days = (self.length.0 / Duration::DAY.0).unsigned_abs();
        let bar = out.watched().then(|| ProgressBar::new(days))?;
        let style =
            ProgressStyle::with_template("{wide_bar} day {pos} of {len}, {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Some(bar)
    }

    /// Says how to see what a policy would do that is not evaluated in that time.
    fn note_late(&self, simulation: &Simulation, out: &mut Output) -> Result<(), Fail> {
        let late = |start: &Start| {
            start.activated
                && start.first_evaluation.is_some_and(|at| at > simulation.until)
        };
        let late: Vec<&str> = simulation
            .policies
            .iter()
            .filter(|start| late(start))
            .map(|start| start.policy.as_str())
            .collect();
        if late.is_empty() {
            return Ok(());
        }
        let are = if late.len() == 1 { "is" } else { "are" };
        out.note(format!("{} {are} not evaluated until then", late.join(", ")))?;
        out.note("  help: evaluate what is activated at once: tenure simulate --at-once")
    }
}

/// Says of policies that only events start, and of which nothing has come, how to try them.
fn note_events(
    simulation: &Simulation,
    policies: &[Policy],
    out: &mut Output,
) -> Result<(), Fail> {
    let came = |policy: &Policy| {
        let mut runs = simulation.runs.iter();
        runs.any(|run| fold(&run.policy) == fold(&policy.name))
    };
    let mut waits = false;
    for policy in policies.iter().filter(|it| it.waits_for_events() && !came(it)) {
        let gate = policy.gate.as_ref().map(|gate| &gate.event);
        let on: Vec<_> = policy.events.iter().chain(gate).map(event_words).collect();
        let (name, on) = (&policy.name, on.join(", "));
        out.note(match policy.gate {
            Some(_) => {
                format!("policy {name} is asked before {on}, and nobody asks here")
            }
            None => format!("policy {name} opens on {on}, and none of that happened"),
        })?;
        waits = true;
    }
    if waits {
        out.note("  help: see what an event would open: tenure plan --event FILE")?;
    }
    Ok(())
}

fn show(simulation: &Simulation, out: &mut Output) -> Result<(), Fail> {
    out.line(format!("{} to {}", simulation.from, simulation.until))?;
    starts(simulation).into_iter().try_for_each(|line| out.line(line))?;
    out.line("")?;
    let widest = |of: fn(&Line) -> &str| {
        let lengths = simulation.events.iter().map(|line| of(line).chars().count());
        lengths.max().unwrap_or(0).min(40)
    };
    let width = widest(|line| &line.subject);
    // Of one policy alone all lines are.
    let policies: BTreeSet<&str> =
        simulation.events.iter().map(|line| line.policy.as_str()).collect();
    let column = (policies.len() > 1).then(|| widest(|line| &line.policy));
    let mut asked: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &simulation.events {
        if let Entry::Asked { who, .. } = &line.entry {
            *asked.entry(who).or_default() += 1;
        }
        // That a notice arrives at once is how a simulation is made, not news.
        if !matches!(line.entry, Entry::Delivered { .. }) {
            let policy = column.map(|column| format!("{:<column$}  ", line.policy));
            out.line(format!(
                "{:<12} {:<width$}  {}{}",
                day(simulation.from, line.at),
                line.subject,
                policy.unwrap_or_default(),
                words(&line.entry),
            ))?;
        }
    }
    for held in &simulation.held {
        out.line(format!(
            "{:<12} policy {} HELD: it would open {}, {}",
            day(simulation.from, held.at),
            held.policy,
            counted(
                usize::try_from(held.would_open).unwrap_or(usize::MAX),
                "run",
                "runs"
            ),
            limit_words(held.of_store, held.opened, held.allowed),
        ))?;
    }
    show_blocked(&simulation.blocked, out)?;
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for run in &simulation.runs {
        *states.entry(&run.state).or_default() += 1;
    }
    let listed = |counts: &BTreeMap<&str, u64>| {
        let parts: Vec<String> =
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    };
    out.line("")?;
    out.line(format!("runs at the end: {}", listed(&states)))?;
    out.line(format!("questions asked: {}", listed(&asked)))
}

/// How the policies begin, those that begin alike in one line.
fn starts(simulation: &Simulation) -> Vec<String> {
    let mut alike: Vec<(&Start, Vec<&str>)> = Vec::new();
    for start in &simulation.policies {
        let same = |(other, _): &&mut (&Start, Vec<&str>)| {
            (other.activated, other.first_evaluation, other.waits_for_events)
                == (start.activated, start.first_evaluation, start.waits_for_events)
        };
        match alike.iter_mut().find(same) {
            Some((_, names)) => names.push(&start.policy),
            None => alike.push((start, vec![&start.policy])),
        }
    }
    let line = |(start, names): (&Start, Vec<&str>)| {
        let how = if start.activated { "would be activated" } else { "active as it is" };
        let when = match start.first_evaluation {
            Some(at) => format!("first evaluated at {at}"),
            None if start.waits_for_events => "waits for events".to_owned(),
            None => "never evaluated".to_owned(),
        };
        format!("{how}, {when}: {}", names.join(", "))
    };
    alike.into_iter().map(line).collect()
}

fn length(text: &str) -> Result<Duration, String> {
    let length = Duration::parse(text).ok_or("write a length of time: 30d, 2w, 12h")?;
    if length <= Duration(0) {
        return Err("it must be longer than nothing".into());
    }
    if length > LONGEST {
        return Err(format!("it must be no longer than {LONGEST}, which is ten years"));
    }
    Ok(length)
}
