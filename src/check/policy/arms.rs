//! Arms: conditions, and the steps that follow each.

use crate::check::policy::clauses::{Branch, BranchKind, Clauses};
use crate::check::review::changes;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Arm, ArmKind, Condition, ConditionKind, Ignored, Step};
use crate::syntax::ast;
use crate::text::Span;

/// The arms of a policy, with the steps of all of them in one row.
#[derive(Debug)]
pub(super) struct Arms {
    pub(super) all: Vec<Arm>,
    pub(super) steps: Vec<Step>,
    pub(super) review_len: usize,
    pub(super) if_ignored: Ignored,
    /// What opens a run.
    pub(super) when: Condition,
}

impl Cx<'_> {
    /// Says what the arms of a policy lack.
    pub(super) fn missing_arms(&mut self, policy: &ast::Policy, clauses: &Clauses<'_>) {
        let arms = &clauses.arms;
        let asked = arms.iter().any(|arm| !matches!(arm.kind, BranchKind::Then));
        if let [only] = arms.as_slice()
            && !asked
            && clauses.on.is_none()
        {
            let here = Span { end: only.span.start, ..only.span };
            self.report(
                missing(policy.head, "when")
                    .help("write `when inactive > 90d`, for example, or `always then`")
                    .maybe(here, "always "),
            );
            return;
        }
        if arms.is_empty() && clauses.on.is_some() {
            let finding = missing(policy.head, "then");
            self.report(finding.help("write `then notify owner`, for example"));
            return;
        }
        if arms.is_empty() {
            let finding = missing(policy.head, "when");
            self.report(finding.help("write `when inactive > 90d`, for example"));
            return;
        }
        let done = arms.iter().any(|arm| arm.steps.is_some());
        let mut otherwise = None;
        let mut when = false;
        for arm in arms {
            match arm.kind {
                BranchKind::When(_) => when = true,
                BranchKind::Otherwise => otherwise = otherwise.or(Some(arm.span)),
                BranchKind::Always | BranchKind::Then => {}
            }
            let reports =
                clauses.report.is_some() && matches!(arm.kind, BranchKind::When(_));
            if arm.steps.is_none() && (done || !reports) {
                self.without_steps(policy, arm, done);
                if !done {
                    return;
                }
            }
        }
        if let Some(span) = otherwise.filter(|_| !when) {
            self.report(
                Diagnostic::error(
                    Code::MisplacedClause,
                    span,
                    "`otherwise` is for what no `when` was true of",
                )
                .label("no `when` in this policy")
                .help("write `always then`, or a `when … then …` before it")
                .maybe(span, "always"),
            );
        }
    }

    fn without_steps(&mut self, policy: &ast::Policy, arm: &Branch<'_>, done: bool) {
        let word = self.snippet(arm.span);
        if matches!(arm.kind, BranchKind::When(_)) && !done {
            let finding = missing(policy.head, "then");
            self.report(
                finding
                    .help("write `then notify owner`, for example, or `report to admin`"),
            );
            return;
        }
        let message = format!("this `{word}` has no `then`");
        self.report(
            Diagnostic::error(Code::MissingClause, arm.span, message)
                .label("nothing follows from it")
                .help("write `then` and its steps before the next one"),
        );
    }

    /// The arms with everything known in them; `None` when something is not.
    pub(super) fn arms(
        &mut self,
        branches: &[Branch<'_>],
        head: Span,
        about: About<'_>,
    ) -> Option<Arms> {
        let mut arms = Arms {
            all: Vec::new(),
            steps: Vec::new(),
            review_len: 0,
            if_ignored: Ignored::Remove,
            when: Condition { kind: ConditionKind::And(Vec::new()), span: head },
        };
        let mut review: Option<Span> = None;
        let mut broken = false;
        for branch in branches {
            let kind = match branch.kind {
                BranchKind::When(when) => {
                    self.whole_condition(when, about).map(ArmKind::When)
                }
                BranchKind::Always | BranchKind::Then => Some(ArmKind::Always),
                BranchKind::Otherwise => Some(ArmKind::Otherwise),
            };
            let offset = arms.steps.len();
            if let Some((steps, _)) = branch.steps {
                match self.steps(steps, about) {
                    None => broken = true,
                    Some(checked) if checked.length == 0 => {
                        arms.steps.extend(checked.all);
                    }
                    Some(checked) => {
                        match review {
                            Some(first) => self.two_reviews(branch.span, first),
                            None => self.before_review(&arms.steps, branch.span),
                        }
                        review = Some(branch.span);
                        arms.review_len = offset + checked.length;
                        arms.if_ignored = checked.if_ignored;
                        arms.steps.extend(checked.all);
                    }
                }
            }
            let Some(kind) = kind else {
                broken = true;
                continue;
            };
            let steps = offset..arms.steps.len();
            arms.all.push(Arm { kind, span: branch.span, steps });
        }
        if broken {
            return None;
        }
        arms.when = any_of(&arms.all, head);
        Some(arms)
    }

    /// Refuses what arms before the one that asks would change, whatever is decided.
    fn before_review(&mut self, steps: &[Step], asks: Span) {
        for step in steps.iter().filter(|step| changes(&step.kind)) {
            let message = format!("`{}` would not wait for the review to end", step.text);
            self.report(
                Diagnostic::error(Code::StepInsideReview, step.span, message)
                    .label("in an arm before the one that asks")
                    .and(asks, "this one asks")
                    .help("write the arm that asks before it, or make two policies"),
            );
        }
    }

    fn two_reviews(&mut self, span: Span, first: Span) {
        self.report(
            Diagnostic::error(
                Code::TwoReviews,
                span,
                "two arms of one policy ask somebody",
            )
            .label("its steps ask, too")
            .and(first, "this one asks")
            .help("one run has one review: make two policies"),
        );
    }
}

/// What opens a run: the only condition, or any of several; always, where an arm asks
/// nothing.
fn any_of(arms: &[Arm], head: Span) -> Condition {
    let mut conditions = Vec::new();
    for arm in arms {
        let ArmKind::When(condition) = &arm.kind else {
            return Condition { kind: ConditionKind::And(Vec::new()), span: head };
        };
        conditions.push(condition.clone());
    }
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        Some(last) => {
            conditions.push(last);
            Condition { kind: ConditionKind::Or(conditions), span: head }
        }
        None => Condition { kind: ConditionKind::And(conditions), span: head },
    }
}

fn missing(head: Span, what: &str) -> Diagnostic {
    let message = format!("a policy needs a `{what}`");
    Diagnostic::error(Code::MissingClause, head, message).label(format!("no `{what}`"))
}
