//! The daemon: a thread that does what is due when it is, and answers over HTTP.
//!
//! The ticker has one connection to the store and the hands; the desk, a thread of its own
//! with a connection of its own, looks things up and takes decisions, so that nobody waits
//! for a receiver that is slow. Both only ever do what the command line does. What goes on is
//! told to whoever called: the room itself writes nothing.

mod answer;
mod caller;
mod desk;
mod events;
mod http;
mod identities;
mod page;
mod rate;
mod review;
mod ticker;

use crate::actions::{LinkKey, Stop, long_enough};
use crate::engine::TickReport;
use crate::server::desk::Desk;
use crate::server::http::House;
use crate::server::ticker::Ticker;
use crate::session::config::Config;
use crate::session::{LockError, Place, Workspace, hold};
use crate::time::Timestamp;
use std::fs::File;
use std::io::{self, ErrorKind, Seek as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use thiserror::Error;
use tokio::runtime::{self, Runtime};
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::watch;

/// How long those who are being answered, and what is being done, may take once the end is
/// wanted; after that it is abandoned, and done again by the next one.
const LEAVE: Duration = Duration::from_secs(4);

/// A server that listens already, and answers once it is let.
#[derive(Debug)]
pub(crate) struct Server {
    runtime: Runtime,
    socket: TcpListener,
    stop: Stop,
    address: SocketAddr,
    place: Place,
    workspace: Workspace,
    /// Says to other processes that the store has a server.
    held: File,
}

/// Why there is no server.
#[derive(Debug, Error)]
pub(crate) enum NoServer {
    /// Another one is at work on the store.
    #[error("a server is at work on this store{0}")]
    Another(String),
    /// The lock beside the store cannot be used.
    #[error(transparent)]
    Lock(LockError),
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: {}", not_to_be_had(error))]
    Address {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// Tokens, or the secret of links, are not there or too short to be one: each in words.
    #[error("{}", listed(.0))]
    Credentials(Vec<String>),
    /// The system gives no runtime or thread.
    #[error("the server cannot begin: {0}")]
    System(#[from] io::Error),
}

/// What goes on.
#[derive(Debug)]
pub(crate) enum Said {
    /// Something was done, or somebody should know something.
    Ticked(Box<TickReport>),
    /// Nothing could be done.
    Trouble(String),
    /// Somebody was answered.
    Answered(Access),
}

/// One request, without anything that is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// When.
    pub(crate) at: Timestamp,
    /// The method.
    pub(crate) method: String,
    /// What was asked for, without what is a secret in it.
    pub(crate) route: &'static str,
    /// The status of the answer.
    pub(crate) status: u16,
    /// How long it took, in milliseconds.
    pub(crate) took: u64,
    /// From where.
    pub(crate) from: String,
    /// Which token was shown, by its name.
    pub(crate) by: Option<String>,
}

impl Server {
    /// Takes the store, and listens.
    pub(crate) fn bind(place: &Place, workspace: Workspace) -> Result<Self, NoServer> {
        let store = place.store_path(&workspace.config);
        let mut held = hold(&store, "-serve").map_err(|error| match error {
            LockError::Taken { path } => NoServer::Another(holder(&path)),
            error @ LockError::Unusable { .. } => NoServer::Lock(error),
        })?;
        credentials(&workspace.config)?;
        let address = workspace.config.server.listen;
        let bound = TcpListener::bind(address)
            .map_err(|error| NoServer::Address { address, error })?;
        bound.set_nonblocking(true)?;
        let address = bound.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = runtime.block_on(async { Stop::new() })?;
        held.set_len(0)?;
        held.rewind()?;
        write!(held, "process {}, listening on {address}", std::process::id())?;
        let place = place.clone();
        Ok(Self {
            runtime,
            socket: bound,
            stop,
            address,
            place,
            workspace,
            held,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does what is due, and answers, until somebody interrupts or ends the process, or
    /// `tell`, which is given what goes on, fails. Says whether all that was begun is done.
    pub(crate) fn serve<E: From<io::Error>>(
        self,
        mut tell: impl FnMut(&Said) -> Result<(), E>,
    ) -> Result<bool, E> {
        let Self { runtime, socket, stop, place, workspace, held, .. } = self;
        let (says, mut said) = unbounded_channel();
        let stopping = Arc::new(AtomicBool::new(false));
        let config = workspace.config.clone();
        let store = place.store_path(&config);
        let ticker = Ticker::start(
            workspace,
            store.clone(),
            (says.clone(), Arc::clone(&stopping)),
        )?;
        let desk = Desk::start(store, config.clone(), ticker.bell())?;
        let house = House::new((desk, ticker.bell()), config.server, says);
        let (leave, left) = watch::channel(false);
        let served = runtime.block_on(async {
            let socket = tokio::net::TcpListener::from_std(socket)?;
            let answering = tokio::spawn(http::answer(socket, house, left));
            let told = tokio::select! {
                told = async {
                    while let Some(said) = said.recv().await {
                        tell(&said)?;
                    }
                    Ok(())
                } => told,
                () = stop.wanted() => Ok(()),
            };
            stopping.store(true, Ordering::Relaxed);
            ticker.ring();
            leave.send_replace(true);
            // What is not over by then is abandoned with the process.
            drop(tokio::time::timeout(LEAVE, answering).await);
            let done = tokio::time::timeout(LEAVE, ticker.over()).await.is_ok();
            while let Ok(said) = said.try_recv() {
                tell(&said)?;
            }
            told.map(|()| done)
        });
        runtime.shutdown_background();
        drop(held);
        served
    }
}

/// Refuses what nobody could be let in by, or anybody: better now than when somebody asks,
/// and all at once.
fn credentials(config: &Config) -> Result<(), NoServer> {
    let folder = &config.network.folder;
    let links = config.network.links.iter();
    let links = links.filter_map(|reference| LinkKey::read(reference, folder).err());
    let tokens = config.server.tokens.iter().filter_map(|(name, reference)| {
        let why = long_enough(reference, folder).err()?;
        Some(format!("the token `{name}`: {why}"))
    });
    let wrong: Vec<String> = links.chain(tokens).collect();
    if wrong.is_empty() { Ok(()) } else { Err(NoServer::Credentials(wrong)) }
}

/// One as it is, more as a list.
fn listed(wrong: &[String]) -> String {
    match wrong {
        [one] => one.clone(),
        all => format!("nobody could be let in by these:\n  {}", all.join("\n  ")),
    }
}

/// Why an address cannot be listened on.
fn not_to_be_had(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => "another program does".to_owned(),
        ErrorKind::AddrNotAvailable => "it is no address of this machine".to_owned(),
        ErrorKind::PermissionDenied => {
            "only an administrator may listen on ports below 1024".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Who has the lock, in its own words.
fn holder(path: &PathBuf) -> String {
    let words = std::fs::read_to_string(path).unwrap_or_default();
    let words: String =
        words.chars().filter(|sign| !sign.is_control()).take(100).collect();
    if words.is_empty() { String::new() } else { format!(": {words}") }
}
