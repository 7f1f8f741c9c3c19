//! Policies.

use crate::check::step::Kept;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    AppId, Arm, ArmKind, Condition, Direction, Field, Limit, Policy, Scope, SubjectKind,
    TestKind, Who,
};
use crate::syntax::ast;
use crate::text::{Span, fold};
use crate::time::Duration;
use crate::time::schedule::Schedule;
use std::path::Path;

/// The clauses of a policy, each at most once.
#[derive(Default)]
struct Clauses<'a> {
    subjects: Option<&'a ast::ClauseKind>,
    schedule: Option<&'a Schedule>,
    when: Option<&'a ast::Condition>,
    except: Option<&'a ast::Condition>,
    reviewers: Option<&'a [ast::Who]>,
    limit: Option<&'a ast::Limit>,
    steps: Option<&'a [ast::Step]>,
    if_kept: Option<(Span, &'a [ast::Step])>,
    if_failed: Option<&'a [ast::Step]>,
    /// Something could not be read: what seems to be missing may be there.
    damaged: bool,
}

impl Cx<'_> {
    /// A policy; `None` when something about it is wrong.
    pub(super) fn policy(
        &mut self,
        policy: &ast::Policy,
        damaged: bool,
    ) -> Option<Policy> {
        let before = self.made;
        let name = self.policy_name(policy);
        let clauses = self.clauses(policy);
        self.missing(policy, &clauses, damaged);
        let (kind, apps) = self.subjects(&clauses);
        let about = About { kind, apps: apps.as_deref().unwrap_or_default() };
        let when = clauses.when.map(|when| self.condition(when, about));
        let except = clauses.except.map(|except| self.condition(except, about));
        let reviewers = self.reviewers(clauses.reviewers, about);
        let steps = clauses.steps.map(|steps| self.steps(steps, about));
        let if_kept = clauses.if_kept.map(|(_, steps)| self.if_kept(steps, about));
        let if_failed = clauses.if_failed.map(|steps| self.if_failed(steps, about));
        if let (Some((keyword, _)), Some(Some(steps))) = (clauses.if_kept, &steps) {
            self.keeps(keyword, steps);
        }
        if damaged || clauses.damaged || self.made > before {
            return None;
        }
        let (when, (name, except)) =
            (when??, (name?, except.map_or(Some(None), |it| it.map(Some))?));
        let review = steps??;
        let kept = if_kept.map_or(Some(Kept::default()), |kept| kept)?;
        let conditions = [Some(&when), except.as_ref()];
        let long_term = conditions.into_iter().flatten().any(asks_for_lifecycle);
        Some(Policy {
            name,
            title: policy.title.as_ref().map(|title| title.value.clone()),
            span: policy.head,
            scope: Scope { kind, apps: apps?, long_term },
            schedule: Some(clauses.schedule.cloned().unwrap_or_default()),
            events: Vec::new(),
            gate: None,
            arms: vec![Arm {
                kind: ArmKind::When(when.clone()),
                span: policy.head,
                steps: 0..review.all.len(),
            }],
            activity: None,
            count_from_activation: None,
            rank: None,
            cancel_on: Vec::new(),
            restart_on: Vec::new(),
            if_kept: kept.steps,
            snooze: kept.snooze,
            if_failed: if_failed.map_or(Some(Vec::new()), |failed| failed)?,
            report: None,
            rest: rest(&when),
            when,
            except,
            reviewers: reviewers?,
            limit: clauses.limit.map_or(Limit::Default, limit),
            steps: review.all,
            review_len: review.length,
            if_ignored: review.if_ignored,
        })
    }

    fn policy_name(&mut self, policy: &ast::Policy) -> Option<String> {
        let name = if let Some(name) = &policy.name {
            name.value.clone()
        } else {
            // A `policy` without a name has been refused; a bare `when` is named after its
            // file.
            let file = self.sources.get(policy.head.file)?;
            Path::new(&file.name).file_stem()?.to_string_lossy().into_owned()
        };
        if policy.name.is_none() && self.snippet(policy.head) != "when" {
            return None;
        }
        let key = fold(&name);
        if let Some(first) = self.policies.get(&key) {
            let first = *first;
            self.duplicate("policies", &name, policy.head, first);
            return None;
        }
        self.policies.insert(key, policy.head);
        Some(name)
    }

    fn clauses<'p>(&mut self, policy: &'p ast::Policy) -> Clauses<'p> {
        let mut found = Clauses::default();
        for clause in &policy.clauses {
            let twice = match &clause.kind {
                ast::ClauseKind::Accounts(_) | ast::ClauseKind::Users => {
                    found.subjects.replace(&clause.kind).is_some()
                }
                ast::ClauseKind::Every(schedule) => {
                    found.schedule.replace(schedule).is_some()
                }
                ast::ClauseKind::When(when) => {
                    if found.when.is_some() {
                        self.second_arm(clause.keyword);
                        found.damaged = true;
                        return found;
                    }
                    found.when.replace(when).is_some()
                }
                ast::ClauseKind::Except(except) => found.except.replace(except).is_some(),
                ast::ClauseKind::Reviewers(who) => found.reviewers.replace(who).is_some(),
                ast::ClauseKind::Limit(limit) => found.limit.replace(limit).is_some(),
                ast::ClauseKind::Then(steps) => {
                    if found.when.is_none() && !found.damaged && has_when(policy) {
                        self.then_first(clause.keyword);
                    }
                    found.steps.replace(steps).is_some()
                }
                ast::ClauseKind::IfKept(steps) => {
                    found.if_kept.replace((clause.keyword, steps)).is_some()
                }
                ast::ClauseKind::IfFailed(steps) => {
                    found.if_failed.replace(steps).is_some()
                }
                _ => {
                    found.damaged = true;
                    false
                }
            };
            if twice {
                self.twice(clause.keyword);
            }
        }
        found
    }

    fn twice(&mut self, keyword: Span) {
        let word = self.snippet(keyword);
        let message = format!("`{word}` stands twice in one policy");
        self.report(
            Diagnostic::error(Code::DuplicateClause, keyword, message)
                .label("the second one")
                .help("keep one of them, or make two policies"),
        );
    }

    fn second_arm(&mut self, keyword: Span) {
        let message = "several `when … then …` in one policy are not supported yet";
        self.report(
            Diagnostic::error(Code::NotYetSupported, keyword, message)
                .label("the second one")
                .help("write `policy NAME` before it"),
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

    fn missing(&mut self, policy: &ast::Policy, clauses: &Clauses<'_>, damaged: bool) {
        if damaged || clauses.damaged {
            return;
        }
        let (what, write) = match (clauses.when, clauses.steps) {
            (None, _) => ("when", "when inactive > 90d"),
            (_, None) => ("then", "then notify owner"),
            _ => return,
        };
        let message = format!("a policy needs a `{what}`");
        self.report(
            Diagnostic::error(Code::MissingClause, policy.head, message)
                .label(format!("no `{what}`"))
                .help(format!("write `{write}`, for example")),
        );
    }

    fn subjects(&mut self, clauses: &Clauses<'_>) -> (SubjectKind, Option<Vec<AppId>>) {
        match clauses.subjects {
            Some(ast::ClauseKind::Users) => (SubjectKind::User, Some(Vec::new())),
            Some(ast::ClauseKind::Accounts(apps)) => {
                (SubjectKind::Account, self.apps(apps).map(sorted))
            }
            _ => (SubjectKind::Account, Some(Vec::new())),
        }
    }

    fn reviewers(
        &mut self,
        who: Option<&[ast::Who]>,
        about: About<'_>,
    ) -> Option<Vec<Who>> {
        let mut good = Vec::new();
        let mut broken = false;
        for who in who.unwrap_or_default() {
            match self.who(who, about) {
                Some(Who::Reviewers) => {
                    let message = "`reviewers` are named by themselves";
                    self.report(
                        Diagnostic::error(Code::UnsupportedPerson, who.span, message)
                            .label("this says who they are")
                            .help("write e-mail addresses, `manager`, `app owner`, `admin` or `group …`"),
                    );
                    broken = true;
                }
                Some(who) => good.push(who),
                None => broken = true,
            }
        }
        (!broken).then_some(good)
    }
}

fn has_when(policy: &ast::Policy) -> bool {
    policy
        .clauses
        .iter()
        .any(|clause| matches!(clause.kind, ast::ClauseKind::When(_)))
}

fn sorted(mut apps: Vec<AppId>) -> Vec<AppId> {
    apps.sort_unstable();
    apps.dedup();
    apps
}

fn limit(limit: &ast::Limit) -> Limit {
    let boxed = |inner: &ast::Limit| Box::new(self::limit(inner));
    match limit {
        ast::Limit::Count(count) => Limit::Count(*count),
        ast::Limit::Percent(share) => Limit::Percent(*share),
        ast::Limit::Larger(one, other) => Limit::Larger(boxed(one), boxed(other)),
        ast::Limit::Smaller(one, other) => Limit::Smaller(boxed(one), boxed(other)),
        ast::Limit::None(reason) => Limit::None { reason: reason.clone() },
    }
}

/// Whether a condition looks at somebody's lifecycle, so that people who are long gone are
/// looked at too.
pub(crate) fn asks_for_lifecycle(condition: &Condition) -> bool {
    condition.tests().into_iter().any(|test| {
        let attribute = match &test.kind {
            TestKind::Elapsed { instant, .. } | TestKind::Reaches { instant, .. } => {
                instant
            }
            TestKind::Known { attribute, .. }
            | TestKind::Compare { attribute, .. }
            | TestKind::Text { attribute, .. }
            | TestKind::Matches { attribute, .. }
            | TestKind::OneOf { attribute, .. } => attribute,
            TestKind::NeverActive
            | TestKind::InGroup { .. }
            | TestKind::HasPermission { .. }
            | TestKind::HasRole { .. }
            | TestKind::HasSession
            | TestKind::HasAccount { .. } => return false,
        };
        matches!(
            attribute.field,
            Field::Lifecycle | Field::LifecycleChangedAt | Field::IdentityState
        )
    })
}

/// How long a subject rests after it was kept.
fn rest(when: &Condition) -> Option<Duration> {
    let compared =
        when.tests().into_iter().find_map(|test| match &test.kind {
            TestKind::Elapsed {
                instant, direction: Direction::Since, length, ..
            } if instant.field == Field::LastSeen => Some(*length),
            _ => None,
        });
    compared.filter(|length| length.0 > 0)
}
