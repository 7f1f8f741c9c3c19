//! `simulate`: what would become of it over the days.

use crate::cli::check::sound_policies;
use crate::cli::output::{Fail, Output};
use crate::engine::Entry;
use crate::foresight::{Simulation, day, simulate, words};
use crate::session::{Access, Place};
use crate::text::counted;
use crate::time::Duration;
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show what would become of it over the days.
///
/// The real engine works on a copy of the store with a clock that jumps from one instant to
/// the next. Messages and webhooks are written down, not sent; they arrive at once, and
/// nobody answers.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Files, or folders with `.tenure` files [default: those of the configuration].
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How long: 30d, 2w, 12h.
    #[arg(long = "for", value_name = "DURATION", default_value = "30d", value_parser = length)]
    length: Duration,
}

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
        let simulation = simulate(store, &project.texts(), &settings, span)?;
        let blocked = !simulation.blocked.is_empty();
        if out.json {
            out.document(&simulation)?;
        } else {
            show(&simulation, out)?;
        }
        let held = !simulation.held.is_empty();
        Ok(ExitCode::from(u8::from(held || blocked)))
    }
}

fn show(simulation: &Simulation, out: &mut Output) -> Result<(), Fail> {
    out.line(format!("{} to {}\n", simulation.from, simulation.until))?;
    let widest = simulation
        .events
        .iter()
        .map(|line| line.subject.chars().count())
        .max();
    let width = widest.unwrap_or(0).min(40);
    let mut asked: BTreeMap<&str, u64> = BTreeMap::new();
    for line in &simulation.events {
        if let Entry::Asked { who, .. } = &line.entry {
            *asked.entry(who).or_default() += 1;
        }
        // That a notice arrives at once is how a simulation is made, not news.
        if !matches!(line.entry, Entry::Delivered { .. }) {
            out.line(format!(
                "{:<12} {:<width$}  {}",
                day(simulation.from, line.at),
                line.subject,
                words(&line.entry),
            ))?;
        }
    }
    for held in &simulation.held {
        out.line(format!(
            "{:<12} policy {} HELD: it would open {} and may open {}",
            day(simulation.from, held.at),
            held.policy,
            counted(
                usize::try_from(held.would_open).unwrap_or(usize::MAX),
                "run",
                "runs"
            ),
            held.allowed,
        ))?;
    }
    for (policy, why) in &simulation.blocked {
        out.line(format!("policy {policy} cannot be followed: {why}"))?;
    }
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for run in &simulation.runs {
        *states.entry(&run.state).or_default() += 1;
    }
    let listed = |counts: &BTreeMap<&str, u64>| {
        let parts: Vec<String> =
            counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    };
    out.line(format!("\nruns at the end: {}", listed(&states)))?;
    out.line(format!("questions asked: {}", listed(&asked)))
}

fn length(text: &str) -> Result<Duration, String> {
    let length = Duration::parse(text).ok_or("write a length of time: 30d, 2w, 12h")?;
    if length > Duration(0) {
        Ok(length)
    } else {
        Err("it must be longer than nothing".into())
    }
}
