//! The thread that looks things up and takes in what people say.

use crate::server::answer::Refusal;
use crate::session::config::Config;
use crate::store::{Store, StoreError};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use tokio::sync::oneshot;

/// So many questions wait; more are turned away.
const QUEUE: usize = 256;

type Question = Box<dyn FnOnce(Result<&Store, StoreError>, &Config) + Send>;

/// The thread, from outside. It ends when the last one who could ask it is gone.
#[derive(Clone)]
pub(super) struct Desk {
    questions: SyncSender<Question>,
}

impl Desk {
    pub(super) fn start(path: PathBuf, config: Config) -> io::Result<Self> {
        let (questions, asked) = mpsc::sync_channel::<Question>(QUEUE);
        thread::Builder::new().name("desk".to_owned()).spawn(move || {
            while let Ok(question) = asked.recv() {
                // Opened anew for each, which takes a millisecond: no failure of one
                // connection reaches the next question.
                match Store::open_existing(&path) {
                    Ok(store) => question(Ok(&store), &config),
                    Err(error) => question(Err(error), &config),
                }
            }
        })?;
        Ok(Self { questions })
    }

    /// Has something done with the store, on the thread that may.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, &Config) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (answers, answer) = oneshot::channel();
        let question: Question = Box::new(move |store, config| {
            let done = store.map_err(Refusal::from).and_then(|it| work(it, config));
            // Whoever asked may have gone.
            answers.send(done).ok();
        });
        self.questions.try_send(question).map_err(|_| Refusal::busy())?;
        answer.await.unwrap_or_else(|_| Err(Refusal::broken()))
    }
}
