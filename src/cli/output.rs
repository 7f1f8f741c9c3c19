//! Where words go: results to standard output, the rest to standard error.
//!
//! INVARIANT: what is on record may hold anything, and a terminal obeys what it shows. Only
//! findings, which are clean already and may be coloured, and JSON are written as they are.

use crate::diagnose::{Diagnostic, Look, Severity, to_human};
use crate::engine::EngineError;
use crate::session::config::ConfigError;
use crate::session::{ProjectError, SessionError};
use crate::store::StoreError;
use crate::text::{Sources, one_line, spelled_out};
use clap::ColorChoice;
use comfy_table::{Table, presets};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal as _};

/// The two streams and how to use them.
#[derive(Debug)]
pub(crate) struct Output {
    /// Whether the result is one JSON document.
    pub(crate) json: bool,
    /// Whether to leave out what was not asked for.
    pub(crate) quiet: bool,
    /// Whether standard output shows colours.
    pub(crate) color: bool,
}

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Fail {
    /// Whoever read our output has gone; that is no error.
    Closed,
    /// A message, what to do, and the exit code.
    Said {
        /// The exit code.
        code: u8,
        /// What happened.
        message: String,
        /// What to do.
        help: Option<String>,
    },
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool, color: ColorChoice) -> Self {
        let color = match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let no_color = std::env::var_os("NO_COLOR");
                io::stdout().is_terminal() && no_color.is_none_or(|set| set.is_empty())
            }
        };
        Self { json, quiet, color }
    }

    /// How findings are shown on standard output.
    pub(crate) fn look(&self) -> Look {
        Look { colour: self.color, ..Look::PLAIN }
    }

    /// Part of the result: one line, whatever it holds.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Fail> {
        write_all(&mut io::stdout().lock(), &said(&text.to_string()))
    }

    /// Part of the result, whose line breaks are ours or its author's.
    pub(crate) fn text(&mut self, text: impl Display) -> Result<(), Fail> {
        let text = format!("{}\n", text.to_string().trim_end());
        write_all(&mut io::stdout().lock(), &spelled_out(&text))
    }

    /// Part of the result: rows below a head.
    pub(crate) fn table<const N: usize>(
        &mut self,
        head: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Result<(), Fail> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(head);
        for row in rows {
            table.add_row(row.iter().map(|cell| one_line(cell)));
        }
        self.text(table.trim_fmt())
    }

    /// Findings, where they are the result; and what other programs read, which is to find what
    /// is on record as it is.
    pub(crate) fn raw(&mut self, text: impl Display) -> Result<(), Fail> {
        write_all(&mut io::stdout().lock(), &format!("{text}\n"))
    }

    /// The whole result, as JSON.
    pub(crate) fn document(&mut self, value: &impl Serialize) -> Result<(), Fail> {
        let text = serde_json::to_string_pretty(value).map_err(|error| {
            Fail::no(format!("the result cannot be written: {error}"))
        })?;
        self.raw(text)
    }

    /// Something beside the result. That nobody reads it is no reason to stop.
    pub(crate) fn note(&mut self, text: impl Display) -> Result<(), Fail> {
        if self.quiet {
            return Ok(());
        }
        match write_all(&mut io::stderr().lock(), &said(&text.to_string())) {
            Err(Fail::Closed) => Ok(()),
            written => written,
        }
    }

    /// An error, which no option silences.
    pub(crate) fn error(&mut self, message: &str, help: Option<&str>) {
        let help = help.map(|help| format!("  help: {help}\n")).unwrap_or_default();
        // Of its lines none can be taken for one of its own.
        let message = message.trim_end().replace("\r\n", "\n").replace(BREAKS, "\n  ");
        // Ours are indented already.
        let message = message.replace("\n    ", "\n  ");
        let text = format!("error: {message}\n{help}");
        // Where even that cannot be written, nobody is there to read.
        drop(write_all(&mut io::stderr().lock(), &spelled_out(&text)));
    }

    /// Findings beside a result. No option silences those that are errors.
    pub(crate) fn findings(
        &mut self,
        findings: &[Diagnostic],
        sources: &Sources,
        look: Look,
    ) {
        let wanted = |it: &&Diagnostic| !self.quiet || it.severity == Severity::Error;
        let wanted: Vec<_> = findings.iter().filter(wanted).cloned().collect();
        if !wanted.is_empty() {
            let shown = to_human(&wanted, sources, look);
            drop(write_all(&mut io::stderr().lock(), &format!("{shown}\n")));
        }
    }

    /// Whether a person watches standard error, so that a progress bar makes sense.
    pub(crate) fn watched(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// What ends a line.
const BREAKS: [char; 3] = ['\n', '\r', '\u{85}'];

fn said(text: &str) -> String {
    format!("{}\n", one_line(text))
}

fn write_all(stream: &mut impl io::Write, text: &str) -> Result<(), Fail> {
    stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.flush())
        .map_err(|error| {
            if error.kind() == ErrorKind::BrokenPipe {
                Fail::Closed
            } else {
                Fail::no(format!("the output cannot be written: {error}"))
            }
        })
}

impl Fail {
    /// The answer is no.
    pub(crate) fn no(message: impl Into<String>) -> Self {
        Self::Said { code: 1, message: message.into(), help: None }
    }

    /// Wrong usage.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Said { code: 2, message: message.into(), help: None }
    }

    /// The same with what is so now.
    pub(crate) fn and(self, words: &str) -> Self {
        match self {
            Self::Closed => Self::Closed,
            Self::Said { code, message, help } => {
                Self::Said { code, message: format!("{message}; {words}"), help }
            }
        }
    }

    /// The same with what to do.
    pub(crate) fn help(self, words: impl Into<String>) -> Self {
        match self {
            Self::Closed => Self::Closed,
            Self::Said { code, message, .. } => {
                Self::Said { code, message, help: Some(words.into()) }
            }
        }
    }
}

impl Fail {
    /// The same with one more way out, where it is the store that cannot be used.
    pub(crate) fn without_store(self, words: &str) -> Self {
        match self {
            Self::Said { code: 3, message, help } => {
                let help = help.map_or_else(String::new, |help| format!("{help}, "));
                Self::Said { code: 3, message, help: Some(help + words) }
            }
            other => other,
        }
    }
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Folder { .. } => 2,
            error if error.is_about_data() => 1,
            _ => 3,
        };
        Self::Said {
            code,
            message: error.to_string(),
            help: error.help(),
        }
    }
}

impl From<ConfigError> for Fail {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<SessionError> for Fail {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Config(error) => error.into(),
            SessionError::Store(error) => error.into(),
            SessionError::InMemory(_) => Self::usage(error.to_string())
                .help("import the folder into a store first: tenure import FOLDER"),
        }
    }
}

impl From<ProjectError> for Fail {
    fn from(error: ProjectError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<EngineError> for Fail {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Record(_) => {
                Self::Said { code: 3, message: error.to_string(), help: None }
            }
            EngineError::NoRun(_) => {
                Self::no(error.to_string()).help("tenure runs --all lists them")
            }
            EngineError::NoEvaluation(_) => {
                Self::no(error.to_string()).help("tenure evaluations lists them")
            }
            EngineError::NoReview(_) => {
                Self::no(error.to_string()).help("tenure review status lists them")
            }
            EngineError::Refused(_)
            | EngineError::Taken(_)
            | EngineError::Disagreement { .. } => Self::no(error.to_string()),
        }
    }
}
