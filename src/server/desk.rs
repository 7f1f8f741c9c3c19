//! The thread that looks things up and takes in what people and programs say.
//!
//! Events that wait together are taken in together: each is on record before its answer, and
//! the disk is waited for once.

use crate::actions::Recorder;
use crate::engine::{Engine, EngineError, EventMessage, Received};
use crate::server::answer::Refusal;
use crate::server::ticker::Bell;
use crate::session::config::Config;
use crate::store::Store;
use crate::time::clock::Clock;
use std::io;
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
    Event(Box<(EventMessage, String)>, Teller),
}

/// The thread, from outside. It ends when the last one who could ask it is gone.
#[derive(Clone)]
pub(super) struct Desk {
    asked: SyncSender<Asked>,
}

impl Desk {
    pub(super) fn start(path: PathBuf, config: Config, bell: Bell) -> io::Result<Self> {
        let (asked, waiting) = mpsc::sync_channel(QUEUE);
        thread::Builder::new()
            .name("desk".to_owned())
            .spawn(move || work(&waiting, (&path, &config), &bell))?;
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
        told.await.unwrap_or_else(|_| Err(Refusal::broken()))
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
        answer.await.unwrap_or_else(|_| Err(Refusal::broken()))
    }
}

/// Until nobody can ask any more.
fn work(waiting: &Receiver<Asked>, (path, config): (&Path, &Config), bell: &Bell) {
    while let Ok(first) = waiting.recv() {
        let (mut messages, mut tellers) = (Vec::new(), Vec::new());
        for asked in std::iter::once(first).chain(waiting.try_iter().take(QUEUE)) {
            match asked {
                Asked::Question(question) => question(path, config),
                Asked::Event(message, teller) => {
                    messages.push(*message);
                    tellers.push(teller);
                }
            }
        }
        if messages.is_empty() {
            continue;
        }
        match received(path, config, &messages) {
            Ok(all) => {
                // What follows, follows now, whether somebody waits for the answer or not.
                bell.ring();
                for (teller, one) in tellers.into_iter().zip(all) {
                    teller.send(one.map_err(Refusal::from)).ok();
                }
            }
            Err(refusal) => {
                for teller in tellers {
                    teller.send(Err(refusal.clone())).ok();
                }
            }
        }
    }
}

fn received(
    path: &Path,
    config: &Config,
    messages: &[(EventMessage, String)],
) -> Result<Vec<Result<Received, EngineError>>, Refusal> {
    let store = Store::open_existing(path)?;
    let settings = config.settings();
    let mut hands = Recorder::default();
    let mut engine = Engine::new(&store, &mut hands, &settings)?;
    Ok(engine.receive_all(messages, Clock::Wall.now())?)
}
