//! What the language has and the engine does not do yet.
//!
//! INVARIANT: a program with a gap is checked, and never planned, published or run.

use crate::ir::{Event, EventKind, Field, Level, Policy, Program};
use crate::text::Span;

/// Something that a program says and the engine does not do yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it is said.
    pub span: Span,
    /// What it is, as the language writes it.
    pub what: String,
}

/// Everything in a program that the engine does not do yet, in the order of the text.
pub fn gaps(program: &Program) -> Vec<Gap> {
    let mut found = Found::default();
    for policy in &program.policies {
        found.policy(policy);
    }
    found.gaps.sort_by_key(|gap| (gap.span.file, gap.span.start));
    found.gaps
}

#[derive(Default)]
struct Found {
    gaps: Vec<Gap>,
}

impl Found {
    fn add(&mut self, span: Span, what: impl Into<String>) {
        self.gaps.push(Gap { span, what: what.into() });
    }

    fn policy(&mut self, policy: &Policy) {
        for event in &policy.events {
            self.event("on", event);
        }
        for event in &policy.cancel_on {
            self.event("cancel on", event);
        }
        for event in &policy.restart_on {
            self.event("restart on", event);
        }
        if let Some(gate) = &policy.gate {
            self.event("before", &gate.event);
        }
    }

    /// What nobody tells of when it changes.
    fn event(&mut self, clause: &str, event: &Event) {
        let EventKind::Changed { attribute, .. } = &event.kind else { return };
        let silent = match (attribute.level, &attribute.field) {
            (
                Level::User,
                Field::Email | Field::CreatedAt | Field::LifecycleChangedAt,
            )
            | (
                Level::Account,
                Field::CreatedAt | Field::Username | Field::Custom { .. },
            )
            | (_, Field::LastSeen | Field::LastLogin | Field::LastActivity)
            | (Level::Grant, Field::Permission | Field::GrantedAt) => true,
            (Level::User | Level::Account | Level::Grant, _) => false,
        };
        if silent {
            self.add(event.span, format!("{clause} {} changed", attribute.field.name()));
        }
    }
}
