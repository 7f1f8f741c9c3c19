//! Exploration: conditions and policies typed at a prompt, an entry at a time.
//!
//! ```text
//! tenure> inactive > 90d and not in group Execs
//! account          owner               inactive > 90d     in group Execs
//! salesforce/zoe   zoe@acme.example    123d (salesforce)  no member
//! 1 match, 5 undecided (last_seen 5), 7 do not
//! ```
//!
//! INVARIANT: nothing that is typed changes a store; only reading methods are called. What a
//! `lifecycle` item says is heeded in data in memory, which is nobody's but ours.

mod ask;
mod command;
mod complete;
mod desk;
mod entry;
mod explanation;
mod history;
mod input;
mod names;

use crate::diagnose::Look;
use crate::repl::desk::{Answer, Desk};
use crate::repl::input::{Input, Typed};
use crate::session::Workspace;
use crate::store::StoreError;
use std::io::{self, IsTerminal as _, Write as _};
use thiserror::Error;

/// Why exploring stopped before its end.
#[derive(Debug, Error)]
pub enum ReplError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading what is typed, or writing results, failed.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}

const WELCOME: &str = "type a condition or a policy; :help says more, :quit leaves";

/// Answers entries until there are no more. At a terminal there is a prompt that can be
/// edited; from a pipe entries are read as they come, and only answers are written.
pub fn run(workspace: Workspace, look: Look) -> Result<(), ReplError> {
    let mut out = io::stdout();
    let watched = io::stdin().is_terminal() && out.is_terminal();
    let origin = workspace.origin.clone();
    let mut desk = Desk::new(workspace, look)?;
    let mut input = if watched {
        writeln!(
            out,
            "tenure {} over {origin}, at {}",
            env!("CARGO_PKG_VERSION"),
            desk.now()
        )?;
        writeln!(out, "{WELCOME}")?;
        Input::terminal(look.colour)?
    } else {
        Input::pipe()
    };
    let mut first = true;
    loop {
        input.know(&desk);
        let text = match input.entry()? {
            Typed::Entry(text) => text,
            Typed::Dropped => continue,
            Typed::End => return Ok(()),
        };
        let answer = match desk.answer(&text) {
            Answer::Nothing => continue,
            Answer::Text(text) => text,
            Answer::Quit => return Ok(()),
        };
        // Answers in a pipe are kept apart; at a terminal the prompts do that.
        let gap = if watched || first { "" } else { "\n" };
        first = false;
        writeln!(out, "{gap}{}", answer.trim_end())?;
        out.flush()?;
    }
}
