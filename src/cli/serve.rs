//! `serve`: ticks for ever, and answers over HTTP.

use crate::cli::output::{Fail, Output};
use crate::cli::run::report;
use crate::server::{Access, NoServer, Said, Server};
use crate::session::{Access as Use, Place};
use crate::time::clock::Clock;
use clap::Args;
use serde_json::json;
use std::io::{self, ErrorKind, Write as _};
use std::panic;
use std::process::ExitCode;

/// Do what is due when it is, for ever, and answer over HTTP.
///
/// People open the links of their reviews there and decide; programs ask with a token. It
/// listens on 127.0.0.1:7080 where the configuration says nothing else under [server]. Ctrl-C
/// or SIGTERM ends it; what was begun then goes on with the next one.
#[derive(Debug, Args)]
pub(crate) struct Serve {}

/// Why the server stopped early.
struct Broken(Fail);

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self(Fail::no(format!("the server cannot go on: {error}")))
    }
}

impl From<NoServer> for Fail {
    fn from(error: NoServer) -> Self {
        let help = match &error {
            NoServer::Another(_) => "one is enough: it does all that is due",
            NoServer::Address { error, .. } => match error.kind() {
                ErrorKind::AddrInUse => {
                    "end the program that has it, or name another one under [server] listen"
                }
                _ => "name another one under [server] listen",
            },
            NoServer::Credentials(_) => {
                "set each where `tenure serve` is started; `openssl rand -base64 32` makes one"
            }
            NoServer::Lock(_) | NoServer::System(_) => {
                return Self::Said { code: 3, message: error.to_string(), help: None };
            }
        };
        // What the configuration asks for cannot be had; only a store is busy.
        let code = if matches!(error, NoServer::Another(_)) { 3 } else { 2 };
        Self::Said {
            code,
            message: error.to_string(),
            help: Some(help.to_owned()),
        }
    }
}

impl Serve {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        if place.clock != Clock::Wall {
            return Err(Fail::usage("a server has no clock but the wall's")
                .help("leave --now out; `run` has it"));
        }
        let workspace = place.open(Use::Write, "serve")?;
        let server = Server::bind(place, workspace)?;
        say_where_it_panics();
        out.note(format!("listening on http://{}", server.address()))?;
        let told = server.serve(|said| show(said, out).map_err(Broken));
        let done = told.map_err(|Broken(fail)| fail)?;
        let left =
            if done { "" } else { "; what was under way goes on with the next one" };
        out.note(format!("stopped{left}"))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The words of a panic may hold what nobody is to find in a log; where it was does not.
fn say_where_it_panics() {
    panic::set_hook(Box::new(|what| {
        let place = what.location().map(|at| format!(" at {at}")).unwrap_or_default();
        // There is nobody else to tell.
        writeln!(io::stderr(), "error: tenure has a fault{place}; please report it").ok();
    }));
}

/// What goes on: for people, or as one line of JSON.
fn show(said: &Said, out: &mut Output) -> Result<(), Fail> {
    match said {
        Said::Ticked(ticked) if out.json => {
            let mut document = json!({ "schema": "tenure.run/1" });
            let body = serde_json::to_value(ticked)
                .map_err(|error| Fail::no(error.to_string()))?;
            if let (Some(document), Some(body)) =
                (document.as_object_mut(), body.as_object())
            {
                document.extend(body.clone());
            }
            out.raw(document)
        }
        Said::Ticked(ticked) => report(ticked, out).map(drop),
        Said::Trouble(why) if out.json => {
            out.raw(json!({ "schema": "tenure.trouble/1", "why": why }))
        }
        Said::Trouble(why) => {
            out.error(why, None);
            Ok(())
        }
        Said::Answered(Access { at, method, route, status, took, from, by }) => {
            if out.json {
                return out.raw(json!({
                    "schema": "tenure.access/1",
                    "at": at,
                    "method": method,
                    "route": route,
                    "status": status,
                    "milliseconds": took,
                    "from": from,
                    "by": by,
                }));
            }
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            out.note(format!(
                "{at} {method} {route} {status} in {took} ms from {from}{by}"
            ))
        }
    }
}
