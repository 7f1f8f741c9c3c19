//! The same engine, ahead of time: what an evaluation would open now, and what would become
//! of it over the days.
//!
//! INVARIANT: there is no second engine here. A plan folds the engine's own transitions; a
//! simulation runs the engine on a copied store, with a clock that jumps and hands that only
//! write down.

mod again;
mod ahead;
mod event;
mod plan;
mod report;
mod simulate;
mod start;
mod timeline;
mod words;

pub use crate::foresight::again::add_again;
pub(crate) use crate::foresight::ahead::Ahead;
pub use crate::foresight::event::{add_news, anything_new, plan_event};
pub use crate::foresight::plan::{Opening, Plan, PlannedPolicy, plan};
pub use crate::foresight::report::{day, findings, report, why_none};
pub use crate::foresight::simulate::{Line, RunLine, Simulation, ledger, simulate};
pub use crate::foresight::start::Start;
pub use crate::foresight::timeline::Moment;
pub use crate::foresight::words::words;
