//! `repl`: exploration.

use crate::cli::output::{Fail, Output};
use crate::repl::{self, ReplError};
use crate::session::{Access, Place};
use clap::Args;
use std::io::ErrorKind;
use std::process::ExitCode;

/// Explore: conditions and policies typed at a prompt.
///
/// A condition shows its subjects, a policy its plan. The store is never changed.
#[derive(Debug, Args)]
pub(crate) struct ReplArgs {}

impl ReplArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let Self {} = self;
        let workspace = place.open(Access::Read, "repl")?;
        match repl::run(workspace, out.look()) {
            Ok(()) => Ok(ExitCode::SUCCESS),
            Err(ReplError::Store(error)) => Err(error.into()),
            // Whoever read the answers has gone.
            Err(ReplError::Terminal(error)) if error.kind() == ErrorKind::BrokenPipe => {
                Err(Fail::Closed)
            }
            Err(error @ ReplError::Terminal(_)) => Err(Fail::no(error.to_string())),
        }
    }
}
