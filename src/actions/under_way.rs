//! Attempts that are under way: many at a time, few to each receiver.

use crate::actions::mail::Connection;
use crate::engine::{Ended, Outcome};
use crate::time::Timestamp;
use crate::time::clock::Clock;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use tokio::runtime::{self, Runtime};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout};

/// How many attempts there are at once.
const AT_ONCE: usize = 32;

/// How many of them go to one receiver.
pub(super) const AT_ONCE_EACH: usize = 2;

/// How long nobody is asked who has just not answered: it would only be waited for in vain. It
/// is shorter than the first wait for another attempt.
const AWAY: Duration = Duration::from_secs(3);

/// What attempts to one place share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    /// A receiver of webhooks or calls, by its host and port.
    Receiver(String),
    /// A chat, by its name: its URL is a secret.
    Chat(String),
    /// A connected system, by its name and URL.
    Connector(String, String),
    /// The mail server.
    Mail,
}

impl Lane {
    fn width(&self) -> usize {
        match self {
            Self::Receiver(_) | Self::Chat(_) => AT_ONCE_EACH,
            Self::Connector(..) | Self::Mail => 1,
        }
    }
}

/// How an attempt ended.
pub(super) struct Done {
    pub(super) outcome: Outcome,
    /// Whether that is because nobody answers.
    pub(super) away: bool,
    /// The connection to the mail server, where there is one still.
    pub(super) connection: Option<Connection>,
}

impl From<Outcome> for Done {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, away: false, connection: None }
    }
}

/// An attempt.
struct Attempt {
    /// The number that whoever asked for it gave it.
    id: i64,
    lane: Lane,
}

/// The attempts, and what they run on.
///
/// The runtime lives until there is nothing to do any more: a connection that nobody looks
/// after in between would be found broken by the next one.
#[derive(Default)]
pub(super) struct UnderWay {
    runtime: Option<Runtime>,
    attempts: JoinSet<(Done, Timestamp)>,
    /// By its task, so that one that broke off frees its place too.
    tasks: HashMap<Id, Attempt>,
    /// Who gave no answer, and when that was found.
    gone: BTreeMap<Lane, (Outcome, Instant)>,
    /// An open connection to the mail server, while nobody uses it.
    pub(super) connection: Option<Connection>,
}

impl UnderWay {
    /// Whether an attempt would wait for none that is under way.
    pub(super) fn is_free(&self, lane: &Lane) -> bool {
        let busy = self.tasks.values().filter(|it| it.lane == *lane).count();
        self.tasks.len() < AT_ONCE && busy < lane.width()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// What is known of a place that gave no answer a moment ago.
    pub(super) fn gone(&self, lane: &Lane) -> Option<&Outcome> {
        let (outcome, at) = self.gone.get(lane)?;
        (at.elapsed() < AWAY).then_some(outcome)
    }

    /// Begins an attempt.
    pub(super) fn begin(
        &mut self,
        (id, lane): (i64, Lane),
        clock: Clock,
        work: impl Future<Output = Done> + Send + 'static,
    ) -> Result<(), Outcome> {
        let runtime = running(&mut self.runtime)?;
        let work = async move {
            let done = work.await;
            (done, clock.now())
        };
        let task = self.attempts.spawn_on(work, runtime.handle()).id();
        self.tasks.insert(task, Attempt { id, lane });
        Ok(())
    }

    /// The same for one that keeps its thread.
    pub(super) fn begin_blocking(
        &mut self,
        (id, lane): (i64, Lane),
        clock: Clock,
        work: impl FnOnce() -> Done + Send + 'static,
    ) -> Result<(), Outcome> {
        let runtime = running(&mut self.runtime)?;
        let work = move || (work(), clock.now());
        let task = self.attempts.spawn_blocking_on(work, runtime.handle()).id();
        self.tasks.insert(task, Attempt { id, lane });
        Ok(())
    }

    /// Waits until some have ended, but no longer than that.
    pub(super) fn ended(&mut self, clock: Clock, longest: Duration) -> Vec<Ended> {
        let Some(runtime) = &self.runtime else { return Vec::new() };
        let attempts = &mut self.attempts;
        let mut joined = Vec::new();
        runtime.block_on(async {
            if let Ok(Some(ended)) = timeout(longest, attempts.join_next_with_id()).await
            {
                joined.push(ended);
            }
            while let Some(ended) = attempts.try_join_next_with_id() {
                joined.push(ended);
            }
        });
        let mut ended = Vec::with_capacity(joined.len());
        for joined in joined {
            let (task, (done, at)) = match joined {
                Ok(joined) => joined,
                Err(error) => {
                    let broke = failed("the attempt broke off".to_owned());
                    (error.id(), (Done::from(broke), clock.now()))
                }
            };
            let Some(attempt) = self.tasks.remove(&task) else { continue };
            let Done { outcome, away, connection } = done;
            if attempt.lane == Lane::Mail {
                self.connection = connection;
            }
            match away {
                true => {
                    let found = (outcome.clone(), Instant::now());
                    self.gone.insert(attempt.lane, found);
                }
                false => drop(self.gone.remove(&attempt.lane)),
            }
            ended.push(Ended { id: attempt.id, outcome, at });
        }
        ended
    }

    /// There is nothing to do any more: what is open is closed.
    pub(super) fn rest(&mut self) {
        self.gone.clear();
        if let Some(connection) = self.connection.take() {
            connection.quit();
        }
        if let Some(runtime) = self.runtime.take() {
            // A name that is still being resolved keeps nobody waiting.
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for UnderWay {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("UnderWay")
            .field("attempts", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

fn running(runtime: &mut Option<Runtime>) -> Result<&Runtime, Outcome> {
    let made = match runtime.take() {
        Some(made) => Ok(made),
        None => runtime::Builder::new_current_thread().enable_all().build(),
    };
    match made {
        Ok(made) => Ok(runtime.insert(made)),
        Err(error) => Err(failed(format!("nothing can be sent: {error}"))),
    }
}

fn failed(why: String) -> Outcome {
    Outcome::silent(why)
}
