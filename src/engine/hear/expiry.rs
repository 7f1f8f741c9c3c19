//! Access that ends by itself: the clock raises the event, once for each expiry.

use crate::engine::errors::EngineError;
use crate::engine::tick::Engine;
use crate::time::Timestamp;

impl Engine<'_> {
    /// Raises the event for every account and grant whose time has passed, however long ago,
    /// and that was not told of yet.
    pub(in crate::engine) fn expiries(
        &mut self,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        if store.next_expiry()?.is_none_or(|next| next > now) {
            return Ok(false);
        }
        store.atomically(|| store.tell_expiries(now))?;
        Ok(true)
    }
}
