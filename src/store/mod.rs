//! The only room that speaks to `SQLite`: who there is, what they hold, the policies, and
//! what became of them, in one file.

mod awaited;
mod beside;
mod campaigns;
mod catalog;
mod change;
mod consequences;
mod dump;
mod errors;
mod events;
mod facts;
mod functions;
mod groups;
mod held;
mod identities;
mod import;
mod inspect;
mod lifecycle;
mod limits;
mod migrate;
mod nevers;
mod open;
mod endings;
mod endpoints;
mod outbox;
mod pauses;
mod people;
mod policies;
mod profile;
mod pulse;
mod reports;
mod runs;
mod select;
mod shield;
mod signs;
mod stale;
mod standing;
mod taken;
mod told;
mod undo;
mod versions;

pub use crate::store::awaited::{Awaited, Awaiting};
pub(crate) use crate::store::beside::open_beside;
pub use crate::store::campaigns::Campaign;
pub use crate::store::catalog::Counts;
pub(crate) use crate::store::catalog::SourceAge;
pub use crate::store::consequences::{Consequence, EventRecord, Wanted};
pub(crate) use crate::store::endings::Ending;
pub use crate::store::endpoints::EndpointRow;
pub(crate) use crate::store::endpoints::WaitingAt;
pub use crate::store::errors::StoreError;
pub use crate::store::events::EventRow;
pub(crate) use crate::store::events::{ExpiryHeard, Raising};
pub use crate::store::facts::Taken;
pub use crate::store::held::HeldEvaluation;
pub use crate::store::identities::Listed;
pub(crate) use crate::store::import::is_email;
pub use crate::store::import::{
    Directory, DirectoryGroup, DirectoryPermission, DirectoryUser, FileReport, Held,
    HeldFile, HeldRow, ImportError, ImportErrors, ImportOptions, ImportReport, Moved,
    Overruled, Progress,
};
pub use crate::store::lifecycle::{Pending, StateChange};
pub use crate::store::nevers::PublishedNevers;
pub(crate) use crate::store::outbox::WaitingRow;
pub use crate::store::outbox::{OutboxRow, WaitsRow};
pub use crate::store::pauses::PauseRow;
pub use crate::store::people::Member;
pub use crate::store::policies::PolicyRow;
pub(crate) use crate::store::reports::{DueReport, LedgerLine};
pub use crate::store::runs::{EvaluationRow, RunRow};
pub(crate) use crate::store::taken::{Gone, StillThere};
pub(crate) use crate::store::undo::{Called, Thing};
pub use crate::store::versions::{MOST_VERSIONS, Mode, Published, Standing, VersionRow};

use crate::store::stale::Doubted;
use rusqlite::Connection;
use std::cell::RefCell;
use std::path::PathBuf;

/// One store, open.
///
/// INVARIANT: whatever a method changes, it changes in one transaction.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    /// Where it lies; `None` in memory.
    path: Option<PathBuf>,
    /// Whose data is not believed.
    doubted: RefCell<Doubted>,
    /// Last: it outlives the connection.
    _claim: Option<inspect::Claim>,
}

impl Store {
    /// The random name that the store was given when it was made; a copy keeps it.
    pub fn id(&self) -> Result<String, StoreError> {
        let id = "SELECT value FROM meta WHERE key = 'store'";
        Ok(self.connection.query_row(id, [], |row| row.get(0))?)
    }
}
