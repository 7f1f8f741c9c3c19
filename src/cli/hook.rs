//! `hook listen`: a receiver of webhooks for trying policies.

use crate::actions::{Arrived, Heard, Listener, Reply, Signature};
use crate::cli::output::{Fail, Output};
use crate::ir::SecretRef;
use crate::session::Place;
use crate::text::counted;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Try webhooks out.
#[derive(Debug, Args)]
pub(crate) struct Hook {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show each webhook that arrives, and answer it.
    Listen(Listen),
}

/// Show each webhook that arrives, and answer it.
///
/// It listens on 127.0.0.1 and takes nothing away: it is for trying policies, not for use.
/// Ctrl-C ends it.
#[derive(Debug, Args)]
struct Listen {
    /// The port; 0 for any that is free.
    #[arg(long, value_name = "N", default_value_t = 7070)]
    port: u16,
    /// How each webhook is answered.
    #[arg(long, value_name = "ANSWER", default_value = "success")]
    answer: Answer,
    /// Where the secret lies that signatures are checked with, `env:NAME` or `file:PATH`; what
    /// has no right one is answered 401.
    #[arg(long, value_name = "WHERE")]
    secret: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Answer {
    /// `SUCCESS`, with a message.
    Success,
    /// `FAILURE`, with a message.
    Failure,
    /// 204, which is a success too.
    #[value(name = "204")]
    NoContent,
    /// JSON that says neither.
    Malformed,
    /// 503, so that it is tried again.
    #[value(name = "503")]
    Unavailable,
    /// 204 after 20 seconds, which is too late.
    Slow,
}

/// Why the listener stopped early.
struct Broken(Fail);

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self(Fail::no(format!("nothing more can be received: {error}")))
    }
}

impl Hook {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        match self.command {
            Command::Listen(listen) => listen.run(place, out),
        }
    }
}

impl Listen {
    fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let mut listener = Listener::bind(self.port, self.answer.reply(), place.clock)
            .map_err(|error| {
                let message =
                    format!("port {} cannot be listened on: {error}", self.port);
                Fail::usage(message)
                    .help("name another one with --port; 0 is any free one")
            })?;
        if let Some(secret) = &self.secret {
            let secret = reference(secret)?;
            listener = listener.secret(&secret, Path::new("")).map_err(Fail::usage)?;
        }
        let address = listener.address();
        out.note(format!("listening: url \"http://{address}/\""))?;
        out.note(format!("tenure.toml must let it: [hosts] allow = [\"{address}\"]"))?;
        let told = listener.serve(|heard| tell(heard, out).map_err(Broken));
        let count = told.map_err(|Broken(fail)| fail)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        out.note(format!(
            "stopped; {}",
            counted(count, "webhook arrived", "webhooks arrived")
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Answer {
    fn reply(self) -> Reply {
        match self {
            Self::Success => Reply::Success,
            Self::Failure => Reply::Failure,
            Self::NoContent => Reply::NoContent,
            Self::Malformed => Reply::Malformed,
            Self::Unavailable => Reply::Unavailable,
            Self::Slow => Reply::Slow,
        }
    }
}

fn tell(heard: &Heard, out: &mut Output) -> Result<(), Fail> {
    match heard {
        Heard::Webhook(arrived) => show(arrived, out),
        Heard::Refused { method, path, status, why } => {
            let told = format!("refused {method} {path}: {status}, for {why}");
            out.note(told)
        }
    }
}

/// One webhook: for people, or as one line of JSON.
fn show(arrived: &Arrived, out: &mut Output) -> Result<(), Fail> {
    if out.json {
        let headers: Map<String, Value> = arrived
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        return out.raw(json!({
            "schema": "tenure.hook/1",
            "number": arrived.number,
            "path": arrived.path,
            "headers": headers,
            "signature": word(arrived.signature),
            "body": arrived.body,
            "missing": arrived.missing,
            "status": arrived.status,
            "answer": arrived.said,
        }));
    }
    let mut text = format!("webhook {}: POST {}\n", arrived.number, arrived.path);
    for (name, value) in &arrived.headers {
        text += &format!("  {name}: {value}\n");
    }
    text += &format!("  signature {}\n", word(arrived.signature));
    if !arrived.missing.is_empty() {
        text += &format!("  payload without {}\n", arrived.missing.join(", "));
    }
    let body = match &arrived.body {
        Value::String(text) => text.clone(),
        body => format!("{body:#}"),
    };
    for line in body.lines() {
        text += &format!("  {line}\n");
    }
    let said = arrived.said.as_deref().unwrap_or_default();
    text += &format!("  answered {} {said}", arrived.status);
    out.text(text)
}

fn word(signature: Signature) -> &'static str {
    match signature {
        Signature::NotChecked => "not checked, for there is no --secret",
        Signature::Missing => "missing",
        Signature::Wrong => "wrong",
        Signature::OldOrAhead => "right, and more than 5 minutes old or ahead",
        Signature::Valid => "right",
    }
}

/// A reference to a secret. What is none may be the secret itself, so it is not repeated.
fn reference(text: &str) -> Result<SecretRef, Fail> {
    match text.split_once(':') {
        Some(("env", name)) if !name.is_empty() => Ok(SecretRef::Env(name.to_owned())),
        Some(("file", path)) if !path.is_empty() => Ok(SecretRef::File(path.to_owned())),
        _ => Err(Fail::usage("--secret says where a secret lies, and holds none")
            .help("write `env:NAME` or `file:PATH`, and the secret there")),
    }
}
