//! The checked program: every name resolved, every condition typed.
//!
//! What the checker refuses cannot be written down here. SQL, the interpreter, the engine
//! and the explanations all start from these types.

mod condition;
mod policy;
mod value;

pub use crate::ir::condition::{
    Attribute, Condition, ConditionKind, Direction, Field, GroupRef, Held, Level, Op,
    Pattern, PermissionRef, RoleRef, Test, TestKind, TextTest, ValueKind,
};
pub use crate::ir::policy::{
    Ignored, Limit, Message, Policy, Program, Scope, SecretRef, Step, StepKind,
    SubjectKind, Template, Webhook, Who,
};
pub use crate::ir::value::Value;

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
