//! `event`: something happened, or is about to.

use crate::actions::Network;
use crate::cli::output::{Fail, Output};
use crate::engine::{Answer, Engine, EventMessage, Received};
use crate::session::{Access, Place, actor};
use clap::Args;
use serde_json::json;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Take in an event; or ask the gates, for `before user created`.
///
/// The event is one JSON document of the form `tenure.event/1`. It is on record when this
/// returns, and what follows from it happens at the next `run`. The same event again changes
/// nothing. A gate answers `allow` or `refuse`, and a refusal is a no.
#[derive(Debug, Args)]
pub(crate) struct Event {
    /// The file, or `-` for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// No event is longer.
const LONGEST: u64 = 1 << 20;

impl Event {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let message = read(&self.file)?;
        let workspace = place.open(Access::Write, "event")?;
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
        let received = engine.receive((&message, Some(&actor())), workspace.now)?;
        if out.json {
            out.document(&json!({ "schema": "tenure.received/1", "event": received }))?;
        } else {
            say(&message, &received, out)?;
        }
        let refused = received.answer.is_some_and(|answer| !answer.allowed);
        Ok(ExitCode::from(u8::from(refused)))
    }
}

fn say(
    message: &EventMessage,
    received: &Received,
    out: &mut Output,
) -> Result<(), Fail> {
    for warning in &received.warnings {
        out.note(format!("warning: {warning}"))?;
    }
    match &received.answer {
        Some(_) => answered(received, out),
        None if received.repeated => {
            out.note(format!("event {} was received before", received.id))
        }
        None => {
            let late = if received.late {
                "; a later one about the same was known already, so that it starts nothing"
            } else if received.known {
                "; it was told already, so that it starts nothing"
            } else if received.unheard {
                "; nothing follows from it"
            } else {
                "; what follows from it happens at the next `tenure run`"
            };
            out.note(format!(
                "{} for {} is on record as event {}{late}",
                message.event, message.subject, received.number
            ))
        }
    }
}

/// What the gates answer, where they were asked.
pub(crate) fn answered(received: &Received, out: &mut Output) -> Result<(), Fail> {
    match &received.answer {
        None => {}
        Some(Answer { allowed: true, .. }) => out.line("allow")?,
        Some(Answer { refusals, .. }) => {
            for refusal in refusals {
                out.line(format!("refuse: {}", refusal.message))?;
                out.note(format!("policy {}: {}", refusal.policy, refusal.because))?;
            }
        }
    }
    Ok(())
}

/// The event in a file, or from standard input.
pub(crate) fn read(file: &Path) -> Result<EventMessage, Fail> {
    let unreadable = |error: std::io::Error| {
        Fail::usage(format!("`{}` cannot be read: {error}", file.display()))
    };
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        let file = std::fs::File::open(file).map_err(unreadable)?;
        file.take(LONGEST).read_to_string(&mut text)
    };
    read.map_err(unreadable)?;
    EventMessage::parse(&text).map_err(Fail::usage)
}
