//! The command line: one verb, one file. The library does the work; this talks.

mod activate;
mod catalog;
mod check;
mod decide;
mod evaluations;
mod event;
mod events;
mod explain;
mod find;
mod fmt;
mod held;
mod hook;
mod import;
mod number;
mod output;
mod pause;
mod plan;
mod policies;
mod process;
mod publish;
mod repl;
mod review;
mod run;
mod run_state;
mod runs;
mod secrets;
mod serve;
mod show;
mod simulate;
mod undo;
mod zones;
mod team;

use crate::cli::output::{Fail, Output};
use crate::session::Place;
use crate::time::Timestamp;
use crate::time::clock::Clock;
use clap::{Args, ColorChoice, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// Access that ends when it should.
///
/// Policies say how long people keep access, who is asked before it goes, and how it is
/// taken away. `check` reads them, `plan` and `simulate` show what they would do, `publish`
/// and `activate` put them to work, and `run` does what is due.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
struct Common {
    /// The store [default: the configuration's, else tenure.db].
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "data")]
    store: Option<PathBuf>,
    /// Instead of a store: one in memory, filled from this folder of CSV files.
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// The configuration [default: tenure.toml in this folder or the nearest one above].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The clock, for tests, replays and what-ifs: 2026-11-20T12:00:00Z.
    #[arg(long, global = true, value_name = "INSTANT", value_parser = instant)]
    now: Option<Timestamp>,
    /// One JSON document on standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Say nothing but errors and what was asked for.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill the store from a folder of CSV or JSON Lines files.
    Import(import::Import),
    /// Find every mistake in policy files.
    Check(check::Check),
    /// Lay policy files out: one layout for everyone.
    Fmt(fmt::Fmt),
    /// Write the names of the store down, for checking elsewhere.
    Catalog(catalog::CatalogArgs),
    /// Show what policies would open now, whom they leave out, and what would follow.
    Plan(plan::PlanArgs),
    /// Show what would become of it over the days: who is asked when, who loses what when.
    Simulate(simulate::SimulateArgs),
    /// Show why a policy matches an account or user, why not, and when it will.
    Explain(explain::Explain),
    /// Put policies into the store, as drafts.
    Publish(publish::Publish),
    /// List the policies of the store.
    Policies(policies::Policies),
    /// Put a published policy to work.
    Activate(activate::Activate),
    /// End the evaluations of a policy; its open runs go on.
    Deactivate(activate::Deactivate),
    /// Delete a version of a policy that nothing needs any more.
    Delete(activate::Delete),
    /// Do everything that is due now, then stop.
    Run(run::RunArgs),
    /// Take in an event, or ask the gates.
    Event(event::Event),
    /// List what happened: who told of it, and what came of it.
    Events(events::Events),
    /// Do what is due when it is, for ever, and answer over HTTP.
    Serve(serve::Serve),
    /// List the runs.
    Runs(runs::Runs),
    /// List the evaluations, also those that opened nothing.
    Evaluations(evaluations::Evaluations),
    /// List the evaluations that would pass their limit and so opened nothing.
    Held(held::Held),
    /// Open all runs of a held evaluation, if it would still open just these.
    Release(held::Release),
    /// Drop a held evaluation: none of its runs is opened.
    Discard(held::Discard),
    /// Stop at once: nothing leaves, no step is begun, and windows stand still.
    Pause(pause::PauseArgs),
    /// Go on after a pause.
    Resume(pause::ResumeArgs),
    /// Show a run with its trail, a policy, or what is known of an account or user.
    Show(show::Show),
    /// Find subjects by a condition, or users by a SCIM filter.
    Find(find::Find),
    /// List whom a manager manages.
    Team(team::Team),
    /// Compute identity states anew, or evaluate policies on demand.
    Process(process::Process),
    /// Decide a review: keep or remove.
    Decide(decide::Decide),
    /// Let a failed or held run go on from where it stopped.
    Retry(decide::Retry),
    /// Stop a run; nothing more is taken.
    Cancel(decide::Cancel),
    /// Ask about each account of an app: access reviews.
    Review(review::Review),
    /// Put back what a run changed, as far as there is a way back.
    Undo(undo::UndoArgs),
    /// Try webhooks out: a receiver that shows them and answers.
    Hook(hook::Hook),
    /// Explore: conditions and policies typed at a prompt.
    Repl(repl::ReplArgs),
}

/// Runs the program on the arguments it was called with.
pub fn main() -> ExitCode {
    run(std::env::args_os())
}

/// Runs the program: 0 is fine, 1 is a no, 2 wrong usage, 3 a store that cannot be used.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors; where printing fails nobody is there to read.
            drop(error.print());
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let mut out = Output::new(cli.common.json, cli.common.quiet, cli.common.color);
    let place = Place {
        store: cli.common.store,
        data: cli.common.data,
        config: cli.common.config,
        clock: cli.common.now.map_or(Clock::Wall, Clock::Fixed),
    };
    let done = match cli.command {
        Command::Import(command) => command.run(&place, &mut out),
        Command::Check(command) => command.run(&place, &mut out),
        Command::Fmt(command) => command.run(&place, &mut out),
        Command::Catalog(command) => command.run(&place, &mut out),
        Command::Plan(command) => command.run(&place, &mut out),
        Command::Simulate(command) => command.run(&place, &mut out),
        Command::Explain(command) => command.run(&place, &mut out),
        Command::Publish(command) => command.run(&place, &mut out),
        Command::Policies(command) => command.run(&place, &mut out),
        Command::Activate(command) => command.run(&place, &mut out),
        Command::Deactivate(command) => command.run(&place, &mut out),
        Command::Delete(command) => command.run(&place, &mut out),
        Command::Run(command) => command.run(&place, &mut out),
        Command::Event(command) => command.run(&place, &mut out),
        Command::Events(command) => command.run(&place, &mut out),
        Command::Serve(command) => command.run(&place, &mut out),
        Command::Runs(command) => command.run(&place, &mut out),
        Command::Evaluations(command) => command.run(&place, &mut out),
        Command::Held(command) => command.run(&place, &mut out),
        Command::Release(command) => command.run(&place, &mut out),
        Command::Discard(command) => command.run(&place, &mut out),
        Command::Pause(command) => command.run(&place, &mut out),
        Command::Resume(command) => command.run(&place, &mut out),
        Command::Show(command) => command.run(&place, &mut out),
        Command::Find(command) => command.run(&place, &mut out),
        Command::Team(command) => command.run(&place, &mut out),
        Command::Process(command) => command.run(&place, &mut out),
        Command::Decide(command) => command.run(&place, &mut out),
        Command::Retry(command) => command.run(&place, &mut out),
        Command::Cancel(command) => command.run(&place, &mut out),
        Command::Review(command) => command.run(&place, &mut out),
        Command::Undo(command) => command.run(&place, &mut out),
        Command::Hook(command) => command.run(&place, &mut out),
        Command::Repl(command) => command.run(&place, &mut out),
    };
    match done {
        Ok(code) => code,
        Err(Fail::Closed) => ExitCode::SUCCESS,
        Err(Fail::Said { code, message, help }) => {
            out.error(&message, help.as_deref());
            ExitCode::from(code)
        }
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
        .ok_or_else(|| "write an instant: 2026-11-20T12:00:00Z".to_owned())
}
