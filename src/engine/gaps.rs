//! What the language has and the engine does not do yet.
//!
//! INVARIANT: a program with a gap is checked, and never planned, published or run.

use crate::ir::{Event, EventKind, Policy, Program};
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

    fn event(&mut self, clause: &str, event: &Event) {
        let what = match event.kind {
            EventKind::UserCreated(_) => "user created",
            EventKind::UserUpdated(_) => "user updated",
            EventKind::MfaUpdated(_) => "mfa updated",
            EventKind::UserSuspended => "user suspended",
            EventKind::Changed { .. } => "… changed",
            EventKind::Joined(_) => "group joined",
            EventKind::Left(_) => "group left",
            EventKind::AccessRejected => "access rejected",
            EventKind::AccessExpired => "access expired",
            EventKind::Named(_) => "event",
            EventKind::Request(_) => "request",
        };
        self.add(event.span, format!("{clause} {what}"));
    }
}
