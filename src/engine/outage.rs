//! Time in which nothing ran: people get it back where it was theirs to answer.

use crate::engine::errors::EngineError;
use crate::engine::tick::Engine;
use crate::time::{Duration, Timestamp};

/// After an outage no window closes for so long.
pub(crate) const GRACE: Duration = Duration::DAY;

impl Engine<'_> {
    /// Notes that something runs now, and whether nothing did for a while; to be called
    /// before a tick by whatever makes ticks on a clock of its own. Where nothing ran for more
    /// than an hour, and for more than twice as long as it usually takes, those who are being
    /// asked get more time.
    ///
    /// A simulation, whose clock leaps from one instant to the next, does not call it.
    pub fn look_back(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let store = self.store;
        let mut pulse = store.pulse()?;
        let ran_at = pulse.ran_at.replace(now);
        if ran_at == Some(now) {
            return Ok(());
        }
        // Less than that is taken for no outage anyway.
        let set_back = ran_at > Some(now.after(Duration::HOUR));
        if set_back {
            pulse.was_at = pulse.was_at.max(ran_at);
        }
        // Where the clock is set right again, nothing was away while it stood wrong.
        let ahead = pulse.was_at.filter(|was_at| *was_at <= now);
        if ahead.is_some() {
            pulse.was_at = None;
        }
        let gap = ran_at.max(ahead).map(|ran_at| now.since(ran_at));
        let usual = pulse.pace.unwrap_or_default();
        // How long such a clock took says little of how often something runs.
        pulse.pace = match ahead {
            Some(_) => pulse.pace.max(gap),
            None => gap.filter(|gap| gap.0 >= 0).or(pulse.pace),
        };
        let outage = gap.is_some_and(|gap| gap > Duration::HOUR && gap.0 / 2 > usual.0);
        // A clock that was set back has left nothing behind.
        pulse.back_at = pulse.back_at.filter(|at| *at <= now);
        if outage {
            pulse.back_at = Some(now);
        }
        store.atomically(|| {
            store.set_pulse(pulse)?;
            if outage {
                // Woken, they find that there was one.
                store.wake_reviews((now, now.after(GRACE)))?;
            }
            Ok::<_, EngineError>(())
        })?;
        self.back_at = pulse.back_at;
        Ok(())
    }
}
