//! The thread that does what is due, when it is due.

use crate::actions::Network;
use crate::engine::{Engine, EngineError, Pause, TickReport};
use crate::server::Said;
use crate::server::desk::caught;
use crate::session::{LockError, Workspace, hold};
use crate::store::Store;
use crate::time::Timestamp;
use crate::time::clock::Clock;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Nobody tells us of what other processes do, so we look this often.
const LONGEST: i64 = 60;

/// How long to leave a store alone that could not be worked on.
const TROUBLED: i64 = 10;

/// What is said where a panic ended what was being done; where it was, that says itself.
const FAULT: &str = "what is due could not be done: tenure has a fault";

/// The thread, from outside.
pub(super) struct Ticker {
    bell: Bell,
    over: oneshot::Receiver<()>,
}

/// Wakes the ticker, and knows how it is.
#[derive(Clone)]
pub(super) struct Bell {
    ring: SyncSender<()>,
    health: Arc<Mutex<Health>>,
}

/// How the ticker is.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    /// When it last did what was due.
    pub(super) ticked_at: Option<Timestamp>,
    /// When something is due next.
    pub(super) next_due: Option<Timestamp>,
    /// Whether its last attempt failed.
    pub(super) troubled: bool,
    /// Since when it does what was due, where it is at it now.
    pub(super) working_since: Option<Timestamp>,
    /// What was paused when it last did what was due.
    pub(super) pauses: Vec<Pause>,
}

/// However often it is rung, this long it leaves the store to those who ask and tell.
const BREATH: Duration = Duration::from_millis(50);

/// What the thread works with.
struct Work {
    store: PathBuf,
    says: UnboundedSender<Said>,
    stopping: Arc<AtomicBool>,
    rung: Receiver<()>,
    health: Arc<Mutex<Health>>,
    /// What the last report told that lasts, so that it is told once.
    lasting: String,
}

impl Ticker {
    pub(super) fn start(
        workspace: Workspace,
        store: PathBuf,
        (says, stopping): (UnboundedSender<Said>, Arc<AtomicBool>),
    ) -> io::Result<Self> {
        // Rung twice is rung.
        let (ring, rung) = mpsc::sync_channel(1);
        let (done, over) = oneshot::channel();
        let health = Arc::default();
        let bell = Bell { ring, health: Arc::clone(&health) };
        let lasting = String::new();
        let mut work = Work { store, says, stopping, rung, health, lasting };
        thread::Builder::new().name("ticker".to_owned()).spawn(move || {
            work.on(workspace);
            // Where nobody waits for it, that is fine too.
            done.send(()).ok();
        })?;
        Ok(Self { bell, over })
    }

    pub(super) fn bell(&self) -> Bell {
        self.bell.clone()
    }

    pub(super) fn ring(&self) {
        self.bell.ring();
    }

    /// Until the thread has ended.
    pub(super) async fn over(self) {
        self.over.await.ok();
    }
}

impl Bell {
    /// Something may be due now.
    pub(super) fn ring(&self) {
        // Where it has been rung already, that is enough.
        self.ring.try_send(()).ok();
    }

    pub(super) fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Work {
    /// Until the end is wanted. After a failure the store is opened anew: a connection that
    /// failed to write is not to be trusted.
    fn on(&mut self, mut workspace: Workspace) {
        let settings = workspace.settings();
        loop {
            let network = workspace.config.network.clone();
            match caught(|| self.on_one(&workspace.store, network, &settings)) {
                Some(Ok(())) => return,
                Some(Err(error)) => self.trouble(&error),
                None => self.trouble(&FAULT),
            }
            if self.wait(TROUBLED) {
                return;
            }
            loop {
                match Store::open_existing(&self.store) {
                    Ok(store) => break workspace.store = store,
                    Err(error) => self.trouble(&error),
                }
                if self.wait(TROUBLED) {
                    return;
                }
            }
        }
    }

    /// Until the end is wanted, or the connection fails.
    fn on_one(
        &mut self,
        store: &Store,
        network: crate::actions::Settings,
        settings: &crate::engine::Settings,
    ) -> Result<(), EngineError> {
        let mut network = Network::new(network, Clock::Wall);
        let mut engine = Engine::new(store, &mut network, settings)?;
        engine.stop_when(Arc::clone(&self.stopping));
        engine.take_turns();
        loop {
            let seconds = match self.tick(&mut engine) {
                Ok(Some(next)) => next,
                Ok(None) => 1,
                // One that says no has harmed nothing.
                Err(error @ EngineError::Refused(_)) => {
                    self.trouble(&error);
                    TROUBLED
                }
                Err(error) => return Err(error),
            };
            if self.wait(seconds) {
                return Ok(());
            }
        }
    }

    /// Does what is due, and says in how many seconds something is again; nothing while
    /// another process is at it.
    fn tick(&mut self, engine: &mut Engine<'_>) -> Result<Option<i64>, EngineError> {
        let path: &Path = &self.store;
        let _held = match hold(path, "-lock") {
            Ok(held) => held,
            Err(LockError::Taken { .. }) => return Ok(None),
            Err(error @ LockError::Unusable { .. }) => {
                return Err(EngineError::Refused(error.to_string()));
            }
        };
        let now = Clock::Wall.now();
        self.health().working_since = Some(now);
        let report = engine.look_back(now).and_then(|()| engine.tick(now));
        self.health().working_since = None;
        let report = report?;
        let next_due = report.next_due;
        *self.health() = Health {
            ticked_at: Some(now),
            next_due,
            pauses: report.pauses.clone(),
            ..Health::default()
        };
        self.tell(report);
        let next = next_due.map_or(LONGEST, |next| next.since(Clock::Wall.now()).0);
        Ok(Some(next.clamp(1, LONGEST)))
    }

    /// Tells of what was done; of what lasts, once.
    fn tell(&mut self, report: TickReport) {
        let lasting = format!(
            "{:?}{:?}{:?}{:?}{:?}",
            report.warnings,
            report.blocked,
            report.stranded,
            report.paused,
            report.waiting
        );
        let done = !report.evaluations.is_empty()
            || !report.stopped.is_empty()
            || report.transitions + report.delivered + report.postponed + report.failed
                > 0;
        if done || (lasting != self.lasting && lasting != "[]{}[][][]") {
            self.says.send(Said::Ticked(Box::new(report))).ok();
        }
        self.lasting = lasting;
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self, error: &dyn Display) {
        let mut health = self.health();
        health.troubled = true;
        health.working_since = None;
        drop(health);
        self.says.send(Said::Trouble(error.to_string())).ok();
    }

    /// Waits so many seconds, or until it is rung; whether the end is wanted.
    fn wait(&self, seconds: i64) -> bool {
        let length = Duration::from_secs(u64::try_from(seconds).unwrap_or(1));
        let breathed = Instant::now() + BREATH;
        let mut rung = self.rung.recv_timeout(length);
        while rung.is_ok() && !self.stopping.load(Ordering::Relaxed) {
            let left = breathed.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            // What rings meanwhile is heeded with it.
            match self.rung.recv_timeout(left) {
                Err(RecvTimeoutError::Timeout) => break,
                more => rung = more,
            }
        }
        rung == Err(RecvTimeoutError::Disconnected)
            || self.stopping.load(Ordering::Relaxed)
    }
}
