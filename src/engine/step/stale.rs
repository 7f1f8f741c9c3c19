//! Runs that wait for newer data.

use crate::engine::never::Refused;
use crate::engine::run::{Awaits, State};
use crate::engine::step::{Next, Then};
use crate::engine::trail::Entry;
use crate::query::NotKnown;
use crate::time::{Duration, Timestamp};

/// How soon newer data is looked for again.
const AGAIN: Duration = Duration(3_600);

impl Next<'_> {
    /// Holds the run because something is not known. Where data is too old for it, it goes on
    /// by itself once newer data has come: nobody has to do anything for this run, and each run of the engine warns of the source.
    pub(super) fn hold_unknown(&mut self, step: usize, lack: NotKnown) -> Then {
        let NotKnown { why, too_old } = lack;
        if !too_old {
            return self.hold(step, why);
        }
        let why = match self.run.awaits.take() {
            Some(before) => before.why,
            None => {
                self.trail.push(Entry::Held { why: why.clone() });
                why
            }
        };
        let doubts = self.scene.facts.doubts.as_deref();
        let for_good = doubts.is_some_and(|doubts| doubts.stale.for_good);
        let at = match for_good {
            true => Timestamp(i64::MAX),
            false => self.scene.now.after(AGAIN),
        };
        let why_held = why.clone();
        self.run.awaits =
            Some(Awaits { at, why: why_held, since: None, ways: Vec::new() });
        self.run.state = State::Held { step, why };
        Then::Stop
    }

    /// A step may not be done. Where what never happens is not known for the age of data alone,
    /// the run waits for newer data; else the step has failed, for a person to look at.
    pub(super) fn is_refused(&mut self, step: usize, refused: Refused) -> Then {
        let Refused { why, too_old } = refused;
        if too_old {
            return self.hold_unknown(step, NotKnown { why, too_old });
        }
        self.fail(step, why);
        Then::Stop
    }

    /// Whether newer data is to be looked for now.
    pub(super) fn looks_again(&self) -> bool {
        let now = self.scene.now;
        self.run.awaits.as_ref().is_some_and(|awaited| awaited.at <= now)
    }
}
