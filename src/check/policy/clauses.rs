//! The clauses of a policy, sorted by what they say, each as often as it may stand.

use crate::check::Cx;
use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::{self, Clause, ClauseKind, Condition, ConditionKind};
use crate::text::{Span, Spanned};
use crate::time::schedule::Schedule;

/// The clauses of a policy, each at most once.
#[derive(Debug, Default)]
pub(super) struct Clauses<'a> {
    pub(super) subjects: Option<&'a Clause>,
    pub(super) schedule: Option<(&'a Schedule, Span)>,
    pub(super) on: Option<&'a [ast::Event]>,
    pub(super) before: Option<(&'a ast::Event, Span)>,
    pub(super) requirements: Vec<Required<'a>>,
    pub(super) arms: Vec<Branch<'a>>,
    pub(super) except: Option<&'a Condition>,
    pub(super) reviewers: Option<&'a [ast::Who]>,
    pub(super) limit: Option<&'a ast::Limit>,
    pub(super) activity: Option<(&'a ast::Activity, Span)>,
    pub(super) count_from_activation: Option<Span>,
    pub(super) rank: Option<(Spanned<u32>, &'a Spanned<String>, Span)>,
    pub(super) cancel_on: Option<&'a [ast::Event]>,
    pub(super) restart_on: Option<&'a [ast::Event]>,
    pub(super) if_kept: Option<(&'a [ast::Step], Span)>,
    pub(super) if_failed: Option<&'a [ast::Step]>,
    pub(super) report: Option<Reported<'a>>,
    /// Something could not be read: what seems to be missing may be there.
    pub(super) damaged: bool,
}

/// `require CONDITION "message"`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Required<'a> {
    pub(super) condition: &'a Condition,
    pub(super) message: Option<&'a Spanned<String>>,
}

/// `report to WHO [including disabled]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported<'a> {
    pub(super) who: &'a [ast::Who],
    pub(super) including_disabled: bool,
    pub(super) span: Span,
}

/// An arm as it was written: a condition, and the steps behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch<'a> {
    pub(super) kind: BranchKind<'a>,
    /// Its keyword.
    pub(super) span: Span,
    /// Its `then`, if it has one.
    pub(super) steps: Option<(&'a [ast::Step], Span)>,
}

/// What an arm begins with.
#[derive(Clone, Copy, Debug)]
pub(super) enum BranchKind<'a> {
    When(&'a Condition),
    Always,
    Otherwise,
    /// `then` alone: the steps of an event.
    Then,
}

impl Cx<'_> {
    pub(super) fn clauses<'p>(&mut self, policy: &'p ast::Policy) -> Clauses<'p> {
        let mut found = Clauses::default();
        let opened = |clause: &Clause| {
            matches!(
                clause.kind,
                ClauseKind::When(_) | ClauseKind::Always | ClauseKind::Otherwise
            )
        };
        let branches = policy.clauses.iter().any(opened);
        for clause in &policy.clauses {
            self.clause(clause, branches, &mut found);
        }
        found
    }

    fn clause<'p>(
        &mut self,
        clause: &'p Clause,
        branches: bool,
        found: &mut Clauses<'p>,
    ) {
        let keyword = clause.keyword;
        let twice = match &clause.kind {
            ClauseKind::Accounts(_) | ClauseKind::Users | ClauseKind::Grants(_) => {
                found.subjects.replace(clause).is_some()
            }
            ClauseKind::Every(schedule) => {
                let before = found.schedule.replace((schedule, keyword));
                return self.second_schedule(before.map(|(_, span)| span), keyword);
            }
            ClauseKind::On(events) => found.on.replace(events).is_some(),
            ClauseKind::Before(event) => found.before.replace((event, keyword)).is_some(),
            ClauseKind::Require { condition, message } => {
                let message = message.as_ref();
                found.requirements.push(Required { condition, message });
                false
            }
            ClauseKind::When(when) => {
                found.branch(BranchKind::When(when), keyword);
                false
            }
            ClauseKind::Always => {
                let always = |arm: &Branch<'_>| matches!(arm.kind, BranchKind::Always);
                let twice = found.arms.iter().any(always);
                found.branch(BranchKind::Always, keyword);
                twice
            }
            ClauseKind::Otherwise => {
                let otherwise =
                    |arm: &Branch<'_>| matches!(arm.kind, BranchKind::Otherwise);
                let twice = found.arms.iter().any(otherwise);
                found.branch(BranchKind::Otherwise, keyword);
                twice
            }
            ClauseKind::Then(steps) => {
                self.then(steps, keyword, branches, found);
                false
            }
            ClauseKind::Except(except) => {
                if let Some(first) = found.except.replace(except) {
                    self.two_exceptions(first, except, keyword);
                }
                false
            }
            ClauseKind::Reviewers(who) => found.reviewers.replace(who).is_some(),
            ClauseKind::Limit(limit) => found.limit.replace(limit).is_some(),
            ClauseKind::Activity(activity) => {
                found.activity.replace((activity, clause.span)).is_some()
            }
            ClauseKind::CountFromActivation => {
                found.count_from_activation.replace(clause.span).is_some()
            }
            ClauseKind::Rank { rank, set } => {
                found.rank.replace((*rank, set, clause.span)).is_some()
            }
            ClauseKind::CancelOn(events) => found.cancel_on.replace(events).is_some(),
            ClauseKind::RestartOn(events) => found.restart_on.replace(events).is_some(),
            ClauseKind::IfKept(steps) => {
                found.if_kept.replace((steps, keyword)).is_some()
            }
            ClauseKind::IfFailed(steps) => found.if_failed.replace(steps).is_some(),
            ClauseKind::Report { who, including_disabled } => {
                let including_disabled = including_disabled.is_some();
                let span = clause.span;
                let reported = Reported { who, including_disabled, span };
                found.report.replace(reported).is_some()
            }
            ClauseKind::Damaged => {
                found.damaged = true;
                false
            }
        };
        if twice {
            self.twice(&clause.kind, keyword);
        }
    }

    fn then<'p>(
        &mut self,
        steps: &'p [ast::Step],
        keyword: Span,
        branches: bool,
        found: &mut Clauses<'p>,
    ) {
        let behind = Some((steps, keyword));
        match found.arms.last_mut() {
            None => {
                // What could not be read may have been the `when`.
                if branches && !found.damaged {
                    self.then_first(keyword);
                    found.damaged = true;
                }
                let kind = BranchKind::Then;
                found.arms.push(Branch { kind, span: keyword, steps: behind });
            }
            Some(Branch { steps: Some((_, first)), .. }) => {
                let first = *first;
                if !found.damaged {
                    self.second_then(keyword, first);
                }
            }
            Some(arm) => arm.steps = behind,
        }
    }

    fn twice(&mut self, kind: &ClauseKind, keyword: Span) {
        let word = self.snippet(keyword);
        let word = match kind {
            ClauseKind::CancelOn(_) | ClauseKind::RestartOn(_) => format!("{word} on"),
            _ => word.to_owned(),
        };
        let help = match kind {
            ClauseKind::On(_) | ClauseKind::CancelOn(_) | ClauseKind::RestartOn(_) => {
                format!("several events stand in parentheses: `{word} (…, …)`")
            }
            ClauseKind::Always | ClauseKind::Otherwise => {
                format!("write all steps behind one `{word} then`")
            }
            _ => "keep one of them, or make two policies".to_owned(),
        };
        let message = format!("`{word}` stands twice in one policy");
        self.report(
            Diagnostic::error(Code::DuplicateClause, keyword, message)
                .label("the second one")
                .help(help),
        );
    }

    /// Who is spared by one of two exceptions must stay so.
    fn two_exceptions(&mut self, first: &Condition, second: &Condition, keyword: Span) {
        let [one, other] = [first, second].map(|condition| {
            let written = self.snippet(condition.span);
            if matches!(condition.kind, ConditionKind::And(_)) {
                format!("({written})")
            } else {
                written.to_owned()
            }
        });
        let between = Span {
            start: first.span.end,
            end: keyword.start,
            ..keyword
        };
        let between = self.snippet(between).trim_end();
        let whole = first.span.to(second.span);
        let readable = first.span.start < second.span.start
            && ![first, second]
                .iter()
                .any(|it| matches!(it.kind, ConditionKind::Damaged));
        let finding = Diagnostic::error(
            Code::DuplicateClause,
            keyword,
            "`except` stands twice in one policy",
        )
        .label("the second one")
        .and(first.span, "the first")
        .help("join both with `or`: `except … or …` spares whom either of them spares");
        self.report(if readable {
            finding.maybe(whole, format!("{one} or {other}{between}"))
        } else {
            finding
        });
    }

    fn second_schedule(&mut self, first: Option<Span>, keyword: Span) {
        let Some(first) = first else { return };
        let (one, other) = (self.snippet(first), self.snippet(keyword));
        if one == other {
            return self.twice(&ClauseKind::Damaged, keyword);
        }
        let message = "a policy has one schedule";
        self.report(
            Diagnostic::error(Code::DuplicateClause, keyword, message)
                .label(format!("`{other}` beside `{one}`"))
                .and(first, "the first")
                .help("keep one of them, or make two policies"),
        );
    }

    fn second_then(&mut self, keyword: Span, first: Span) {
        self.report(
            Diagnostic::error(
                Code::DuplicateClause,
                keyword,
                "a second `then` with no condition of its own",
            )
            .label("the second one")
            .and(first, "the first")
            .help(
                "write all steps behind one `then`, with commas between them, or another \
                 `when` before this one",
            ),
        );
    }

    fn then_first(&mut self, keyword: Span) {
        self.report(
            Diagnostic::error(
                Code::MisplacedThen,
                keyword,
                "a `then` belongs to the `when` before it",
            )
            .label("no `when` before it")
            .help("write the `when` first"),
        );
    }
}

impl<'a> Clauses<'a> {
    fn branch(&mut self, kind: BranchKind<'a>, span: Span) {
        self.arms.push(Branch { kind, span, steps: None });
    }
}
