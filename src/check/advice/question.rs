//! Questions: the time there is to answer them, and what an answer leads to.

use crate::check::advice::Advice;
use crate::check::advice::removal::{decided, flat, removes};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Ignored, Policy, Step, StepKind};
use crate::text::Span;
use crate::time::{Duration, Length};

impl Advice<'_> {
    /// Looks at the review of a policy.
    pub(super) fn questions(&mut self, policy: &Policy) {
        let review = policy.steps.get(..policy.review_len).unwrap_or_default();
        let behind = policy.steps.get(policy.review_len..).unwrap_or_default();
        let asks = |step: &&Step| matches!(step.kind, StepKind::Ask { .. });
        let Some(first) = review.iter().find(asks) else { return };
        self.short(policy, (first, review), behind);
        self.pointless(policy, first, behind);
    }

    /// Windows of less than a day altogether, and then access goes. Silent where the removal
    /// was decided elsewhere, and where nothing goes unless somebody says so.
    fn short(
        &mut self,
        policy: &Policy,
        (first, review): (&Step, &[Step]),
        behind: &[Step],
    ) {
        let behind = flat(behind);
        let removal = behind.iter().find(|step| removes(&step.kind));
        let Some(removal) = removal else { return };
        let elsewhere = policy.arms.iter().any(|arm| decided(policy, arm));
        let Some(time) = altogether(review) else { return };
        if time >= Duration::DAY || elsewhere || policy.if_ignored == Ignored::Keep {
            return;
        }
        let last = review.iter().rfind(|step| matches!(step.kind, StepKind::Ask { .. }));
        let span = last.map_or(first.span, |last| first.span.to(last.span));
        let message = format!("people have {time} to answer, and then access is taken");
        self.report(
            Diagnostic::warning(Code::ShortWindow, span, message)
                .label("over before everybody has read their mail")
                .and(removal.span, "takes it")
                .help("give people a day at least, or write `if ignored keep`"),
        );
    }

    /// A question behind whose answer there is nothing. Silent where something is done when
    /// the access is kept.
    fn pointless(&mut self, policy: &Policy, first: &Step, behind: &[Step]) {
        let idle = |step: &Step| {
            matches!(step.kind, StepKind::Wait(_) | StepKind::Verify { .. })
        };
        if !behind.iter().all(idle) || !policy.if_kept.is_empty() {
            return;
        }
        let message =
            format!("nothing follows when the answer to `{}` is to remove", first.text);
        let last = policy.steps.last().map_or(first.span, |last| last.span);
        self.report(
            Diagnostic::warning(Code::PointlessQuestion, first.span, message)
                .label("keep and remove come to the same")
                .and(Span { start: last.end, ..last }, "no step behind it")
                .help(
                    "write behind it what takes the access away, such as `remove access`, \
                     or `notify owner` if nobody is to decide",
                ),
        );
    }
}

/// How long there is to answer, in all; nothing where working days count, which are days at
/// least.
fn altogether(review: &[Step]) -> Option<Duration> {
    let mut time = Duration::default();
    for step in review {
        match &step.kind {
            StepKind::Ask { window: Length::Time(window), .. } => {
                time = Duration(time.0.saturating_add(window.0));
            }
            StepKind::Ask { window: Length::BusinessDays(_), .. } => return None,
            _ => {}
        }
    }
    Some(time)
}
