//! The thread that looks things up and takes in what people and programs say.
//!
//! Events that wait together are taken in together: each is on record before its answer, and
//! the disk is waited for once.
//!
//! INVARIANT: no question ends the thread. What panics is answered with a fault, to whoever asked
//! it; every question has a connection of its own, so nothing of it is left for the next one.

#[cfg(test)]
mod tests;

use crate::actions::Recorder;
use crate::engine::{Engine, EngineError, EventMessage, Received};
use crate::server::answer::Refusal;
use crate::server::ticker::Bell;
use crate::session::config::Config;
use crate::store::Store;
use crate::time::clock::Clock;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use tokio::sync::oneshot;

/// So many questions wait; more are turned away.
const QUEUE: usize = 256;

type Question = Box<dyn FnOnce(&Path, &Config) + Send>;

/// Whoever waits to hear what became of an event.
type Teller = oneshot::Sender<Result<Received, Refusal>>;

/// What somebody wants.
enum Asked {
    Question(Question),
    Event(Box<Told>, Teller),
}

/// The thread, from outside. It ends when the last one who could ask it is gone.
#[derive(Clone)]
pub(super) struct Desk {
    asked: SyncSender<Asked>,
}

impl Desk {
    pub(super) fn start(path: PathBuf, config: Config, bell: Bell) -> io::Result<Self> {
        let (asked, waiting) = mpsc::sync_channel(QUEUE);
        thread::Builder::new().name("desk".to_owned()).spawn(move || {
            let receive = |messages: &[_]| received(&path, &config, messages);
            work(&waiting, (&path, &config), (&receive, &|| bell.ring()));
        })?;
        Ok(Self { asked })
    }

    /// Has something done with the store, on the thread that may.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &Config) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.question(move |path, config| {
            // Opened anew for each, which takes a millisecond: no failure of one connection
            // reaches the next question.
            let store = Store::open_existing(path)?;
            store.doubt(&config.freshness, Clock::Wall.now())?;
            work(&store, config)
        })
        .await
    }

    /// Has something looked up that the store knows nothing of.
    pub(super) async fn look_up<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Config) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        self.question(move |_, config| Ok(work(config))).await
    }

    /// Has an event taken in that somebody tells of.
    pub(super) async fn take_in(
        &self,
        message: EventMessage,
        by: String,
    ) -> Result<Received, Refusal> {
        let (teller, told) = oneshot::channel();
        let asked = Asked::Event(Box::new((message, by)), teller);
        self.asked.try_send(asked).map_err(|_| Refusal::busy())?;
        told.await.unwrap_or_else(|_| Err(Refusal::fault()))
    }

    async fn question<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path, &Config) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (answers, answer) = oneshot::channel();
        let question: Question = Box::new(move |path, config| {
            // Whoever asked may have gone.
            answers.send(work(path, config)).ok();
        });
        let asked = Asked::Question(question);
        self.asked.try_send(asked).map_err(|_| Refusal::busy())?;
        answer.await.unwrap_or_else(|_| Err(Refusal::fault()))
    }
}

/// An event, and who told of it.
type Told = (EventMessage, String);

/// What becomes of events that are taken in together.
type Taken = Result<Vec<Result<Received, EngineError>>, Refusal>;

/// Takes events in.
type Receive<'a> = &'a dyn Fn(&[Told]) -> Taken;

/// Until nobody can ask any more.
fn work(
    waiting: &Receiver<Asked>,
    (path, config): (&Path, &Config),
    (receive, ring): (Receive<'_>, &dyn Fn()),
) {
    while let Ok(first) = waiting.recv() {
        let (mut messages, mut tellers) = (Vec::new(), Vec::new());
        for asked in std::iter::once(first).chain(waiting.try_iter().take(QUEUE)) {
            match asked {
                Asked::Question(question) => {
                    // Whoever asked hears of it: nobody is left who could answer.
                    caught(|| question(path, config));
                }
                Asked::Event(message, teller) => {
                    messages.push(*message);
                    tellers.push(teller);
                }
            }
        }
        if messages.is_empty() {
            continue;
        }
        let all = match caught(|| receive(&messages)) {
            Some(Ok(all)) => {
                all.into_iter().map(|one| one.map_err(Refusal::from)).collect()
            }
            Some(Err(refusal)) => vec![Err(refusal); tellers.len()],
            // None of them is in, and it is the fault of one.
            None => messages.chunks(1).map(|one| alone(receive, one)).collect(),
        };
        // What follows, follows now, whether somebody waits for the answer or not.
        if all.iter().any(Result::is_ok) {
            ring();
        }
        for (teller, one) in tellers.into_iter().zip(all) {
            teller.send(one).ok();
        }
    }
}

/// One event, taken in by itself.
fn alone(receive: Receive<'_>, one: &[Told]) -> Result<Received, Refusal> {
    let taken = caught(|| receive(one)).unwrap_or_else(|| Err(Refusal::fault()))?;
    let taken = taken.into_iter().next();
    taken.map_or_else(|| Err(Refusal::fault()), |taken| taken.map_err(Refusal::from))
}

/// What comes of something; nothing where that panicked, which says itself where.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn received(path: &Path, config: &Config, messages: &[Told]) -> Taken {
    let store = Store::open_existing(path)?;
    let settings = config.settings();
    let mut hands = Recorder::default();
    let mut engine = Engine::new(&store, &mut hands, &settings)?;
    Ok(engine.receive_all(messages, Clock::Wall.now())?)
}
