//! Windows stand still while nothing runs.

use crate::engine::outage::GRACE;
use crate::engine::run::State;
use crate::engine::step::happened::{reminders_of, window};
use crate::engine::step::{Next, Scene};
use crate::engine::trail::Entry;
use crate::time::Timestamp;

/// How often a window is put off. Where nobody lets anything run regularly, windows must
/// close all the same.
const MOST_PUT_OFF: u8 = 2;

impl Scene<'_> {
    /// From when on something is waited for that could not come while nothing ran.
    pub(super) fn waits_since(&self, at: Timestamp) -> Timestamp {
        self.back_at.map_or(at, |back_at| at.max(back_at.min(self.now)))
    }
}

impl Next<'_> {
    /// Whether the window that was open before the latest outage, and would close soon after
    /// it, stays open for a while instead; whoever was asked is reminded again.
    pub(super) fn put_off(&mut self) -> bool {
        let scene = self.scene;
        let Some(back_at) = scene.back_at.filter(|at| *at <= scene.now) else {
            return false;
        };
        // An access review ends for all at once, and takes nothing from whom nobody decided about.
        if scene.review_ends.is_some() {
            return false;
        }
        let State::Reviewing {
            step,
            asked_at,
            closes_at: Some(closes_at),
            reminders,
            put_off,
            ..
        } = &mut self.run.state
        else {
            return false;
        };
        let until = back_at.after(GRACE);
        if *asked_at >= back_at || *closes_at >= until || *put_off >= MOST_PUT_OFF {
            return false;
        }
        let (_, remind) = window(scene.policy, *step);
        *put_off += 1;
        *closes_at = until;
        *reminders = reminders_of(remind, until, scene);
        let step = *step;
        self.run.heard_until = self.run.heard_until.max(Some(until));
        let heard = self.run.asked.iter_mut().filter_map(|asked| asked.heard.as_mut());
        heard.for_each(|heard| *heard = until.max(*heard));
        self.trail.push(Entry::PutOff { until });
        if !remind.is_empty() {
            self.remind(step);
        }
        true
    }
}
