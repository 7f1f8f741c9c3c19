//! The checked program: every name resolved, every condition typed.
//!
//! What the checker refuses cannot be written down here. SQL, the interpreter, the engine
//! and the explanations all start from these types.

mod condition;
mod item;
mod policy;
mod step;
mod test;
mod value;
mod way;
mod words;

pub use crate::ir::condition::{
    Attribute, Condition, ConditionKind, Direction, Field, GroupRef, Held, Level, Op,
    Pattern, PermissionRef, RoleRef, Test, TestKind, TextTest, ValueKind,
};
pub use crate::ir::item::{
    Activity, App, By, Declaration, Event, EventKind, Flow, Lifecycle, LifecycleState,
    Never, NewGroup, Orders, SecretRef, Template, Webhook,
};
pub use crate::ir::policy::{
    Arm, ArmKind, Gate, Ignored, Limit, Pilot, Policy, Program, Rank, Report,
    Requirement, Scope, SubjectKind,
};
pub use crate::ir::step::{Call, Given, Message, Step, StepKind, Who};
pub use crate::ir::test::{
    Expect, Happening, Outcome, TestCase, TestFact, TestSubject, TestSubjectKind,
};
pub use crate::ir::value::Value;
pub use crate::ir::words::{Answer, IdentityState, Method, Origin, RunState, Signs};

use crate::text::fold;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);
    )*};
}

ids! {
    /// The store's number of an app.
    AppId;
    /// The store's number of a group.
    GroupId;
    /// The store's number of a permission.
    PermissionId;
    /// The store's number of a role.
    RoleId;
    /// The store's number of a custom attribute.
    AttributeId;
}

impl AttributeId {
    /// That of an attribute which is declared and which no data has: missing for everyone.
    pub const NOWHERE: Self = Self(0);
}

impl GroupId {
    /// That of a group which is declared and not made yet: nobody is a member. It follows
    /// from the name and the source, so that all texts mean the same by it. The store's own
    /// numbers are positive.
    pub fn declared(name: &str, source: &str) -> Self {
        let bytes = fold(source).into_bytes().into_iter().chain([0]);
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in bytes.chain(fold(name).into_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(-1 - (hash >> 1).cast_signed())
    }

    /// Whether it is one that is declared and not made yet.
    pub fn is_declared(self) -> bool {
        self.0 < 0
    }
}
