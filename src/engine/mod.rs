//! Durable runs: decide, commit, then act.
//!
//! [`step`](step::step) decides. [`Engine`] loads what it needs, commits what it says, and
//! hands the effects to the [`Hands`] only then.

mod activate;
mod advance;
mod channel;
mod arms;
mod at_work;
mod breaker;
mod campaign;
mod call;
mod change;
mod commit;
mod compose;
mod connector;
mod deadline;
mod deliver;
mod demand;
mod effect;
mod ending;
mod errand;
mod errors;
mod evaluate;
mod filters;
mod freshness;
mod groups;
mod hear;
mod held;
mod leaving;
mod library;
mod limit;
mod missed;
mod moment;
mod never;
mod observe;
mod outage;
mod notice;
mod pause;
mod payload;
mod people;
mod phrases;
mod pilot;
mod question;
mod references;
mod rank;
mod rejected;
mod report;
mod reversal;
pub mod retry;
mod rivals;
mod run;
mod shield;
mod snapshot;
mod states;
pub mod step;
mod still;
mod stranded;
mod survey;
mod tick;
mod trail;
mod unasked;
mod undo;
mod unready;
mod waiting;

pub(crate) use crate::engine::activate::put_to_work;
pub use crate::engine::activate::{LeftHeld, deactivate};
pub use crate::engine::arms::{Chosen, followed};
pub use crate::engine::at_work::{AtWork, MEND, active_policy, at_work, why_blocked};
pub use crate::engine::breaker::{Paused, paused, paused_for};
pub use crate::engine::campaign::{EVERYBODY, NewCampaign, reviewed};
pub use crate::engine::change::Change;
pub use crate::engine::channel::{Channel, Channels, Chat};
pub use crate::engine::commit::imagined_run;
pub use crate::engine::compose::Occasion;
pub use crate::engine::connector::{Connector, Links, systems};
pub use crate::engine::deadline::Deadline;
pub(crate) use crate::engine::demand::weigh_users;
pub use crate::engine::demand::{MOST_USERS, Named, for_users};
pub(crate) use crate::engine::effect::REPORTS_FAILURE;
pub use crate::engine::effect::{
    Calling, Delivery, Effect, Ended, Hands, Mail, Outcome, Provision, Provisioning,
    Request, TOKEN,
};
pub use crate::engine::errand::receivers;
pub use crate::engine::errors::EngineError;
pub use crate::engine::freshness::stale;
pub use crate::engine::groups::Made;
pub use crate::engine::hear::{
    Affected, Answer, Before, EventMessage, Happened, Heard, Interrupted, KINDS,
    Listened, Received, Refusal, event_words, happened,
};
pub(crate) use crate::engine::hear::{Meant, Reached, survey_among, together};
pub use crate::engine::held::discard;
pub use crate::engine::library::{Casting, parse};
pub(crate) use crate::engine::limit::{Planned, limit_behind};
pub use crate::engine::moment::{Footing, moment};
pub use crate::engine::never::parse_never;
pub use crate::engine::pause::{Pause, Resumed, pause, pauses};
pub use crate::engine::people::Cast;
pub use crate::engine::pilot::{NoPilot, narrow};
pub use crate::engine::question::{Question, stored};
pub(crate) use crate::engine::rank::rivals_can_be_followed;
pub use crate::engine::rank::{Senior, outranks};
pub use crate::engine::rivals::rivals;
pub use crate::engine::run::{
    Asked, Awaits, Completion, Decision, Failure, Partly, Run, RunId, State, Together,
    Track, Verdict,
};
pub use crate::engine::shield::{Protected, Shield};
pub use crate::engine::snapshot::Snapshot;
pub use crate::engine::states::{
    Asker, PENDING, Processed, lifecycle_item, pending_lifecycle, process_lifecycle,
    process_states,
};
pub use crate::engine::stranded::{Stranded, stranded};
pub use crate::engine::survey::{
    Count, LimitState, Missed, Reason, Survey, limit_words, nothing_left, reason, survey,
};
pub use crate::engine::tick::{Engine, Evaluated, Lost, Settings, Stopped, TickReport};
pub use crate::engine::trail::{Because, Entry, Stood};
pub use crate::engine::undo::{Again, Undo, Undone, UndoneStep, undo};
pub use crate::engine::unready::secrets;
pub use crate::engine::waiting::Waiting;
