//! The tree as it was written: names unresolved, nothing typed, everything with its place.

mod condition;
mod item;
mod policy;
mod step;
mod test;

pub use crate::syntax::ast::condition::{
    Condition, ConditionKind, Held, NameRef, Path, TestKind, Value,
};
pub use crate::syntax::ast::item::{
    Activity, App, AppField, AppFieldKind, Attribute, By, Define, Flow, Forbidden, Group,
    Header, Lifecycle, LifecycleState, Never, Template, Webhook,
};
pub use crate::syntax::ast::policy::{
    Clause, ClauseKind, Event, EventKind, Limit, Policy,
};
pub use crate::syntax::ast::step::{Call, Message, Step, StepKind, Who, WhoKind};
pub use crate::syntax::ast::test::{
    Expect, Fact, FactKind, Given, GivenKind, Happening, Outcome, Test,
};

use crate::text::{FileId, Span, Spanned};

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Which one.
    pub id: FileId,
    /// `edition 1`.
    pub edition: Option<Spanned<u32>>,
    /// The items, in the order written. Items that could not be read at all are missing.
    pub items: Vec<Item>,
}

/// An item of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// All of it.
    pub span: Span,
    /// Whether something in it could not be read. Its name counts all the same, and what
    /// could be read is checked.
    pub damaged: bool,
}

/// The kinds of items.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `policy NAME …`, or a bare `when … then …`.
    Policy(Policy),
    /// `define NAME as CONDITION`.
    Define(Define),
    /// `webhook NAME …`.
    Webhook(Webhook),
    /// `template NAME …`.
    Template(Template),
    /// `app NAME …`.
    App(App),
    /// `attribute NAME TYPE`.
    Attribute(Attribute),
    /// `lifecycle …`.
    Lifecycle(Lifecycle),
    /// `group NAME in SOURCE`.
    Group(Group),
    /// `flow NAME …`.
    Flow(Flow),
    /// `never STEPS when CONDITION`.
    Never(Never),
    /// `test "…" …`.
    Test(Test),
}
