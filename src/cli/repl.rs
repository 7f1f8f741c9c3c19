//! `repl`: exploration.

use crate::cli::output::{Fail, Output};
use crate::repl;
use crate::session::{Access, Place};
use clap::Args;
use std::process::ExitCode;

/// Explore: conditions and policies typed at a prompt.
///
/// A condition shows its subjects, a policy its plan. The store is never changed.
#[derive(Debug, Args)]
pub(crate) struct ReplArgs {}

impl ReplArgs {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "repl")?;
        repl::run(workspace, out.look())?;
        Ok(ExitCode::SUCCESS)
    }
}
