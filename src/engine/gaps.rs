//! What the language has and the engine does not do yet.
//!
//! INVARIANT: a program with a gap is checked, and never planned, published or run.

use crate::ir::{Event, EventKind, Policy, Program, Step, StepKind};
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
    for app in &program.apps {
        found.add(app.span, "app");
    }
    for group in &program.groups {
        found.add(group.span, "group … in");
    }
    for never in &program.nevers {
        for step in &never.steps {
            if !matches!(step.kind, StepKind::RunFlow { .. }) {
                found.step(step);
            }
        }
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
        for step in policy.steps.iter().chain(&policy.if_kept).chain(&policy.if_failed) {
            self.step(step);
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

    fn step(&mut self, step: &Step) {
        match &step.kind {
            StepKind::AllOf(steps) => steps.iter().for_each(|step| self.step(step)),
            StepKind::RunFlow { .. } => self.add(step.span, "run flow"),
            StepKind::Call(_) => self.add(step.span, "call"),
            _ => {}
        }
    }
}
