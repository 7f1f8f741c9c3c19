//! `decide`, `retry`, `cancel`: what people say to a run.

use crate::actions::Network;
use crate::cli::held::reason;
use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::run_state::run_state;
use crate::engine::step::Event;
use crate::engine::{Completion, Decision, Engine, Verdict};
use crate::session::{Access, Place};
use clap::{Args, ValueEnum};
use std::process::ExitCode;

/// Decide a review: keep or remove; or say that a task is done.
///
/// One decision settles it, whoever of those asked gives it. What follows from it happens at
/// the next `run`.
#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// The number of the run.
    #[arg(value_name = "RUN", allow_negative_numbers = true, value_parser = number::of_run)]
    run: i64,
    /// The decision.
    #[arg(value_name = "VERDICT")]
    verdict: VerdictArg,
    /// Who decided, or did it: the address of one who was asked.
    #[arg(long = "as", value_name = "EMAIL")]
    on_behalf: String,
    /// Their words.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VerdictArg {
    Keep,
    Remove,
    Done,
}

/// Let a failed or held run go on from where it stopped.
#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// The number of the run.
    #[arg(value_name = "RUN", allow_negative_numbers = true, value_parser = number::of_run)]
    run: i64,
}

/// Stop a run; nothing more is taken.
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The number of the run.
    #[arg(value_name = "RUN", allow_negative_numbers = true, value_parser = number::of_run)]
    run: i64,
    /// Why.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: Option<String>,
}

impl Decide {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let verdict = match self.verdict {
            VerdictArg::Keep => Some(Verdict::Keep),
            VerdictArg::Remove => Some(Verdict::Remove),
            VerdictArg::Done => None,
        };
        let (by, comment) = (self.on_behalf, self.comment);
        let actor = Some(crate::session::actor());
        let event = match verdict {
            Some(verdict) => Event::Decided(Decision { by, actor, verdict, comment }),
            None => Event::Completed(Completion { by, actor, comment }),
        };
        tell(self.run, event, (place, "decide"), out)
    }
}

impl Retry {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let by = crate::session::actor();
        tell(self.run, Event::Retried { by }, (place, "retry"), out)
    }
}

impl Cancel {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let by = crate::session::actor();
        let reason = self.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let why = format!("by {by}{reason}");
        tell(self.run, Event::Cancelled { why }, (place, "cancel"), out)
    }
}

fn tell(
    run: i64,
    event: Event,
    (place, command): (&Place, &'static str),
    out: &mut Output,
) -> Result<ExitCode, Fail> {
    let workspace = place.open(Access::Write, command)?;
    // One transaction, in which the run is read again: nobody needs to wait for another
    // process that does what is due.
    let settings = workspace.settings();
    let mut network = Network::new(workspace.config.network.clone(), place.clock);
    let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
    let run = engine.tell(run, event, workspace.now)?;
    let why = run.trouble().map(|why| format!(": {why}")).unwrap_or_default();
    if out.json {
        if let Some(row) = workspace.store.run(run.id.0)? {
            out.document(&run_state(&row, &run.policy, &workspace)?)?;
        }
    } else {
        let (id, subject, state) = (run.id, &run.subject, run.state.name());
        out.line(format!("run {id} for {subject}: {state}{why}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
