//! Reviews: nothing is changed before one has ended.

use crate::check::Cx;
use crate::check::words::folded;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Step, StepKind};
use crate::syntax::ast;

/// Longer steps are not quoted as a whole.
const LONGEST: usize = 40;

impl Cx<'_> {
    /// Refuses what changes something although the review has not ended: it would be done
    /// whatever is decided.
    pub(super) fn inside_review(&mut self, review: &[Step], last: &ast::Step) {
        let word = if matches!(last.kind, ast::StepKind::IfIgnored(_)) {
            "if ignored"
        } else if matches!(last.kind, ast::StepKind::Escalate { .. }) {
            "escalate"
        } else {
            "ask"
        };
        let label = if word == "if ignored" {
            format!("before `{word}`")
        } else {
            format!("before the last `{word}`")
        };
        let mut behind = folded(self.snippet(last.span));
        if behind.chars().count() > LONGEST {
            word.clone_into(&mut behind);
        }
        for step in review.iter().filter(|step| changes(&step.kind)) {
            let message = format!("`{}` would not wait for the review to end", step.text);
            self.report(
                Diagnostic::error(Code::StepInsideReview, step.span, message)
                    .label(label.as_str())
                    .help(format!("move it behind `{behind}`")),
            );
        }
    }
}

/// Whether a step changes anybody's access, or anything else about them.
pub(super) fn changes(kind: &StepKind) -> bool {
    match kind {
        StepKind::AddToGroup(_)
        | StepKind::AssignRole(_)
        | StepKind::RequirePasswordChange
        | StepKind::Set { .. } => true,
        StepKind::AllOf(steps) => steps.iter().any(|step| changes(&step.kind)),
        other => other.takes(),
    }
}
