//! What panics is answered, and harms nobody else.

use crate::engine::{EventMessage, Received};
use crate::server::answer::Refusal;
use crate::server::desk::{Asked, Desk, QUEUE, Told, work};
use crate::session::config::Config;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use tokio::runtime;
use tokio::sync::oneshot;

/// What stands for a mistake of ours that some event, or question, meets.
const FAULTY: &str = "faulty";

fn message(id: &str) -> EventMessage {
    EventMessage { id: id.to_owned(), ..Default::default() }
}

fn who() -> String {
    "hr".to_owned()
}

fn taken((message, _): &Told) -> Received {
    assert_ne!(message.id, FAULTY);
    let id = message.id.clone();
    Received {
        number: 1,
        id,
        repeated: false,
        late: false,
        known: false,
        unheard: false,
        warnings: Vec::new(),
        answer: None,
    }
}

#[test]
fn a_question_that_panics_is_answered_and_the_next_ones_too() {
    let (asked, waiting) = mpsc::sync_channel(QUEUE);
    let desk = Desk { asked };
    let thread = thread::spawn(move || {
        let config = Config::default();
        let receive = |all: &[Told]| Ok(all.iter().map(taken).map(Ok).collect());
        work(&waiting, (Path::new("."), &config), (&receive, &|| {}));
    });
    let runtime = runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for _ in 0..3 {
            let told = desk.look_up(|_| assert_eq!(FAULTY, "")).await;
            assert_eq!(told, Err(Refusal::fault()));
            assert_eq!(desk.look_up(|_| 17).await, Ok(17));
        }
        assert_eq!(desk.take_in(message(FAULTY), who()).await, Err(Refusal::fault()));
        assert_eq!(
            desk.take_in(message("a"), who()).await.map(|it| it.id),
            Ok("a".to_owned())
        );
    });
    drop(desk);
    thread.join().unwrap();
}

/// Of those that wait together only the one at fault is turned away, and each is in once.
#[test]
fn an_event_that_panics_keeps_none_of_the_others_out() {
    let (asked, waiting) = mpsc::sync_channel(QUEUE);
    let told: Vec<_> = ["a", FAULTY, "b"]
        .into_iter()
        .map(|id| {
            let (teller, told) = oneshot::channel();
            asked
                .send(Asked::Event(Box::new((message(id), who())), teller))
                .unwrap();
            told
        })
        .collect();
    drop(asked);
    let (together, rung) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let receive = |all: &[Told]| {
        together.fetch_max(all.len(), Ordering::Relaxed);
        Ok(all.iter().map(taken).map(Ok).collect())
    };
    let ring = || {
        rung.fetch_add(1, Ordering::Relaxed);
    };
    let config = Config::default();
    work(&waiting, (Path::new("."), &config), (&receive, &ring));
    assert_eq!((together.into_inner(), rung.into_inner()), (3, 1));
    let mut told = told.into_iter().map(|told| told.blocking_recv().unwrap());
    assert_eq!(told.next().unwrap().map(|it| it.id), Ok("a".to_owned()));
    assert_eq!(told.next().unwrap(), Err(Refusal::fault()));
    assert_eq!(told.next().unwrap().map(|it| it.id), Ok("b".to_owned()));
}
