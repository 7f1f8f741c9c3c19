//! `plan`: what would be opened now.

use crate::cli::check::{counted, sound_project};
use crate::cli::output::{Fail, Output};
use crate::engine::Count;
use crate::foresight::{Moment, Opening, PlannedPolicy, plan};
use crate::ir::Policy;
use crate::session::{Access, Place};
use crate::time::{Duration, Timestamp};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show what policies would open now, whom they leave out, and what would follow.
///
/// Nothing is changed and nobody is asked. The timeline of each run says what would follow
/// if nobody answered.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Files, or folders with `.tenure` files.
    #[arg(required_unless_present = "active", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The active policies of the store.
    #[arg(long, conflicts_with = "paths")]
    active: bool,
    /// Show every subject, however many there are.
    #[arg(long)]
    all: bool,
}

/// So many subjects are shown one by one.
const SHOWN: usize = 25;

impl PlanArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "plan")?;
        let policies: Vec<Policy> = if self.active {
            crate::engine::active_policies(&workspace.store)?
        } else {
            sound_project(&self.paths, &workspace.catalog()?, out)?
                .program
                .policies
        };
        let plan =
            plan(&workspace.store, &policies, &workspace.settings(), workspace.now)?;
        let held = plan.policies.iter().any(|policy| policy.survey.limit.held);
        if out.json {
            out.document(&plan)?;
        } else {
            for policy in &plan.policies {
                self.show(policy, plan.now, out)?;
            }
        }
        Ok(ExitCode::from(u8::from(held)))
    }

    fn show(
        &self,
        policy: &PlannedPolicy,
        now: Timestamp,
        out: &mut Output,
    ) -> Result<(), Fail> {
        let survey = &policy.survey;
        let opens = policy.opens.len();
        let limit = &survey.limit;
        out.line(match (limit.held, limit.allowed) {
            (true, Some(allowed)) => format!(
                "policy {}: HELD. It would open {}, and may open {} more: nothing would happen",
                policy.policy,
                counted(opens, "run", "runs"),
                allowed.saturating_sub(limit.opened),
            ),
            (_, Some(allowed)) => format!(
                "policy {}: would open {} (limit {allowed} a day)",
                policy.policy,
                counted(opens, "run", "runs"),
            ),
            (_, None) => {
                format!("policy {}: would open {}", policy.policy, counted(opens, "run", "runs"))
            }
        })?;
        out.line(format!(
            "  in scope {}: {} match, {} excepted, {} do not, {} undecided",
            survey.in_scope,
            survey.matched,
            survey.excepted,
            sum(&survey.not_matched),
            sum(&survey.undecided),
        ))?;
        let lists = [
            ("do not match for", &survey.not_matched),
            ("undecided for", &survey.undecided),
            ("out of scope for", &survey.out_of_scope),
        ];
        for (title, counts) in lists {
            if !counts.is_empty() {
                out.line(format!("  {title}: {}", reasons(counts)))?;
            }
        }
        if survey.busy > 0 {
            out.line(format!(
                "  {} match and have a run, or rest after one",
                survey.busy
            ))?;
        }
        if survey.already_so > 0 {
            out.line(format!(
                "  {} match and have nothing left to take",
                survey.already_so
            ))?;
        }
        let most = if self.all { usize::MAX } else { SHOWN };
        for opening in policy.opens.iter().take(most) {
            out.line("")?;
            show_opening(opening, now, out)?;
        }
        if opens > most {
            out.line(format!("\n  and {} more; --all shows them", opens - most))?;
        }
        out.line("")
    }
}

fn show_opening(opening: &Opening, now: Timestamp, out: &mut Output) -> Result<(), Fail> {
    let user = opening.user.as_deref().unwrap_or("no owner");
    let subject = if opening.user.as_deref() == Some(&opening.subject) {
        opening.subject.clone()
    } else {
        format!("{} ({user})", opening.subject)
    };
    out.line(format!("  {subject}"))?;
    for because in &opening.because {
        let source = because.source.as_ref().map(|source| format!(", {source}"));
        let source = source.unwrap_or_default();
        out.line(format!(
            "    because  {}  [{}{source}]",
            because.condition, because.value
        ))?;
    }
    for moment in &opening.timeline {
        out.line(format!("    {:<8} {}", day(now, moment.at), words(moment)))?;
    }
    Ok(())
}

/// `day 7`, `day 0.5`: how long after the first instant.
pub(crate) fn day(from: Timestamp, at: Timestamp) -> String {
    let length = at.since(from).0;
    let day = Duration::DAY.0;
    if length % day == 0 {
        format!("day {}", length / day)
    } else {
        format!("day {} {}", length.div_euclid(day), at.to_utc().format("%H:%M"))
    }
}

fn words(moment: &Moment) -> String {
    let mut words = moment.what.clone();
    if !moment.who.is_empty() {
        words = format!("{words} {}", moment.who.join(", "));
    }
    match &moment.note {
        Some(note) => format!("{words}: {note}"),
        None => words,
    }
}

fn reasons(counts: &[Count]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .map(|count| format!("{} ({})", count.because, count.count))
        .collect();
    parts.join(", ")
}

fn sum(counts: &[Count]) -> u64 {
    counts.iter().map(|count| count.count).sum()
}
