//! Conditions over subjects: one at a time, and as one SQL statement over all.
//!
//! Runs nothing: `store` does that.
//!
//! INVARIANT: a value that anyone wrote reaches SQL only as a parameter, and both ways of
//! evaluating say the same of every subject.

mod blame;
mod census;
mod column;
mod doubt;
mod interpret;
mod links;
mod lower;
mod moment;
mod predicate;
mod proof;
mod select;
mod shape;
mod signs;
mod sql;
mod stale;
mod statement;
mod statistics;
mod truth;
mod want;

pub use crate::query::blame::{blame, blame_pattern};
pub use crate::query::census::{
    Census, OutOfScope, Undecided, census, census_in, out_of_scope, scope_count,
    scope_count_to,
};
pub use crate::query::doubt::{NotKnown, aged, not_known, source_of};
pub use crate::query::interpret::{evaluate, reached, verdict};
pub use crate::query::moment::Moment;
pub use crate::query::proof::{Evidence, Proof, ProofKind, proof};
pub use crate::query::select::{Ask, Selection, subjects, undecided_patterns};
pub use crate::query::shape::Shape;
pub use crate::query::sql::Bind;
pub use crate::query::statement::Statement;
pub use crate::query::statistics::Statistics;
pub use crate::query::truth::Truth;
