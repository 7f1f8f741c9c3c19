//! `tenure.toml`: what holds for a whole project.
//!
//! All findings of a file are reported at once, each with its line and column. What is
//! planned and not there yet is an error too: a setting that does nothing would deceive.

mod people;
mod sections;
mod server;
mod syntax;
mod table;

pub use crate::session::config::server::Server;

use crate::actions::Settings;
use crate::diagnose::{Code, Level};
use crate::engine::{Channels, Connector, Protected};
use crate::ir::Limit;
use crate::session::config::table::Table;
use crate::text::Position;
use crate::time::Duration;
use crate::time::calendar::Calendar;
use chrono_tz::Tz;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The name of the file.
pub const FILE: &str = "tenure.toml";

/// What holds for a whole project.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The zone of schedules that name none.
    pub zone: Tz,
    /// The e-mail address of whoever is told when nobody else is.
    pub admin: Option<String>,
    /// The edition of policies that name none.
    pub edition: u32,
    /// How long a subject rests after it was kept, where the policy doesn't say.
    pub snooze: Option<Duration>,
    /// The store.
    pub store: PathBuf,
    /// Whose word counts for sources that are not declared.
    pub authority: Authority,
    /// The files and folders of the policies.
    pub policies: Vec<PathBuf>,
    /// What becomes of warnings in them.
    pub levels: BTreeMap<Code, Level>,
    /// How many runs all policies together may open in 24 hours.
    pub limit: Option<Limit>,
    /// By which way messages reach people.
    pub channels: Channels,
    /// Whom and what no policy may take access from.
    pub protected: Protected,
    /// The days on which people work.
    pub calendar: Calendar,
    /// The systems that are connected.
    pub connectors: Vec<Connector>,
    /// The HTTP side of `tenure serve`.
    pub server: Server,
    /// How old the data of a source may be, by its folded name.
    pub freshness: BTreeMap<String, Duration>,
    /// What the network needs to know.
    pub network: Settings,
}

/// Whose word counts for sources that are not declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Authority {
    /// Nobody's: their steps need a connector.
    #[default]
    Nobody,
    /// The store's: what it holds is so.
    Store,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("`{}` can't be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder has its name.
    #[error(
        "`{}` is a folder, and no configuration\n  help: take it away, or name another file \
         with --config; a container makes a folder where the file to be mounted is not there",
        path.display()
    )]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// It is no text.
    #[error("`{}` is no text in UTF-8\n  help: save it as UTF-8", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
    },
    /// Something is wrong in it.
    #[error("{}", Findings(path, findings))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong, in the order of the file; at least one.
        findings: Vec<Finding>,
    },
}

/// One thing that is wrong in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub position: Position,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            admin: None,
            edition: sections::EDITION,
            snooze: None,
            store: PathBuf::from("tenure.db"),
            authority: Authority::default(),
            policies: Vec::new(),
            levels: BTreeMap::new(),
            limit: None,
            channels: Channels::default(),
            protected: Protected::default(),
            calendar: Calendar::default(),
            connectors: Vec::new(),
            server: Server::default(),
            freshness: BTreeMap::new(),
            network: Settings::default(),
        }
    }
}

impl Config {
    /// The nearest `tenure.toml`: in the folder `start`, or in one above it. What has that
    /// name and cannot be read is found too: passed over, what it protects would not be.
    pub fn find(start: &Path) -> Option<PathBuf> {
        let start = std::path::absolute(start).ok()?;
        start
            .ancestors()
            .map(|folder| folder.join(FILE))
            .find(|file| file.symlink_metadata().is_ok())
    }

    /// Reads a file. Relative paths in it start in its folder.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read(path).map_err(|source| match path.is_dir() {
            true => ConfigError::Folder { path: path.to_owned() },
            false => ConfigError::Unreadable { path: path.to_owned(), source },
        })?;
        let text = String::from_utf8(text)
            .map_err(|_| ConfigError::NoText { path: path.to_owned() })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder)
            .map_err(|findings| ConfigError::Wrong { path: path.to_owned(), findings })
    }

    /// Reads a text whose relative paths start in `folder`.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        let config = Table::parse(text, &mut findings)
            .map(|mut root| sections::project(&mut root, folder));
        match config {
            Some(config) if findings.is_empty() => Ok(config),
            _ => {
                findings.sort_by_key(|finding| finding.position);
                Err(findings)
            }
        }
    }
}

/// The findings of a file, as people read them.
struct Findings<'a>(&'a Path, &'a [Finding]);

impl fmt::Display for Findings<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(path, findings) = self;
        for (number, Finding { position, message, help }) in findings.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            let Position { line, column } = position;
            write!(out, "{}:{line}:{column}: {message}", path.display())?;
            if let Some(help) = help {
                write!(out, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}
