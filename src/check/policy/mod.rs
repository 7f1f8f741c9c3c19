//! Policies.

mod arms;
mod clauses;
mod events;
mod gate;

use crate::check::policy::arms::Arms;
use crate::check::policy::clauses::{Clauses, Reported};
use crate::check::policy::events::about_lifecycle;
use crate::check::step::Kept;
use crate::check::{About, Cx, template};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    Activity, AppId, ArmKind, Condition, Direction, Event, Field, Gate, Limit, Message,
    Orders, Policy, Rank, Report, Scope, Step, SubjectKind, TestKind, Who,
};
use crate::syntax::ast;
use crate::text::{Span, Spanned, fold};
use crate::time::Duration;
use std::path::Path;

/// Something was wrong with a part, and has been said.
struct Said;

/// A part that a policy may lack.
type Part<T> = Result<Option<T>, Said>;

/// The parts of a policy, each checked; `None` for one with a mistake.
struct Parts {
    name: Option<String>,
    apps: Option<Vec<AppId>>,
    arms: Option<Arms>,
    gate: Part<Gate>,
    except: Part<Condition>,
    reviewers: Option<Vec<Who>>,
    events: Option<Vec<Event>>,
    cancel_on: Option<Vec<Event>>,
    restart_on: Option<Vec<Event>>,
    activity: Part<Activity>,
    rank: Part<Rank>,
    report: Part<Report>,
    trouble: Option<Message>,
    if_kept: Part<Kept>,
    if_failed: Part<Vec<Step>>,
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
        self.misplaced_in_gate(policy, &clauses);
        if clauses.before.is_none()
            && clauses.requirements.is_empty()
            && !clauses.damaged
            && !damaged
        {
            self.missing_arms(policy, &clauses);
        }
        let (kind, apps) = self.subjects(&clauses);
        let about = About { kind, apps: apps.as_deref().unwrap_or_default() };
        let parts = Parts {
            name,
            arms: self.arms(&clauses.arms, policy.head, about),
            gate: part(clauses.before, |(event, _)| self.gate(event, &clauses, about)),
            except: part(clauses.except, |except| {
                self.sparing(|cx| cx.condition(except, about))
            }),
            reviewers: self.reviewers(clauses.reviewers, about),
            events: self.events(clauses.on, about),
            cancel_on: self.events(clauses.cancel_on, about),
            restart_on: self.events(clauses.restart_on, about),
            activity: part(clauses.activity, |(activity, span)| {
                self.activity(activity, span)
            }),
            rank: part(clauses.rank, |rank| self.rank(rank, policy.head)),
            report: part(clauses.report, |report| self.report_to(report, about)),
            trouble: self.own_words(template::RUN_FAILED, policy.head, about),
            if_kept: part(clauses.if_kept, |(steps, _)| self.if_kept(steps, about)),
            if_failed: part(clauses.if_failed, |steps| self.if_failed(steps, about)),
            apps,
        };
        if let (Some((_, keyword)), Some(arms)) = (clauses.if_kept, &parts.arms)
            && !clauses.damaged
        {
            self.keeps(keyword, &arms.steps);
        }
        if damaged || clauses.damaged || self.made > before {
            return None;
        }
        checked(policy, kind, &clauses, parts)
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
        if name.trim().is_empty() {
            // That has been said.
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

    fn subjects(&mut self, clauses: &Clauses<'_>) -> (SubjectKind, Option<Vec<AppId>>) {
        match clauses.subjects.map(|clause| &clause.kind) {
            Some(ast::ClauseKind::Users) => (SubjectKind::User, Some(Vec::new())),
            Some(ast::ClauseKind::Grants(apps)) => {
                (SubjectKind::Grant, self.apps(apps).map(sorted))
            }
            Some(ast::ClauseKind::Accounts(apps)) => {
                (SubjectKind::Account, self.apps(apps).map(sorted))
            }
            _ if clauses.before.is_some() => (SubjectKind::User, Some(Vec::new())),
            _ => (SubjectKind::Account, Some(Vec::new())),
        }
    }

    /// The rank of a policy, which no other of its set has.
    fn rank(
        &mut self,
        (rank, set, span): (Spanned<u32>, &Spanned<String>, Span),
        head: Span,
    ) -> Option<Rank> {
        let key = (fold(&set.value), rank.value);
        if let Some((first, policy)) = self.ranks.get(&key).copied() {
            let (number, set) = (rank.value, &set.value);
            let other = self.snippet(policy);
            let message = format!("two policies have the rank {number} in `{set}`");
            self.report(
                Diagnostic::error(Code::DuplicateRank, rank.span, message)
                    .label("the second one")
                    .and(first, format!("the first, of `{other}`"))
                    .help("give one of them another rank"),
            );
            return None;
        }
        self.ranks.insert(key, (rank.span, head));
        Some(Rank { place: rank.value, set: set.value.clone(), span })
    }

    fn report_to(&mut self, report: Reported<'_>, about: About<'_>) -> Option<Report> {
        Some(Report {
            who: self.people(report.who, about)?,
            including_disabled: report.including_disabled,
            words: self.report_words(),
            span: report.span,
        })
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

/// What a clause says, where it stands there.
fn part<C, T>(clause: Option<C>, check: impl FnOnce(C) -> Option<T>) -> Part<T> {
    clause.map(|clause| check(clause).ok_or(Said)).transpose()
}

/// The policy of its parts.
fn checked(
    policy: &ast::Policy,
    kind: SubjectKind,
    clauses: &Clauses<'_>,
    parts: Parts,
) -> Option<Policy> {
    let (arms, gate, except) = (parts.arms?, parts.gate.ok()?, parts.except.ok()?);
    let (events, cancel_on, restart_on) =
        (parts.events?, parts.cancel_on?, parts.restart_on?);
    let kept = parts.if_kept.ok()?.unwrap_or_default();
    let whens = arms.all.iter().filter_map(|arm| match &arm.kind {
        ArmKind::When(condition) => Some(condition),
        ArmKind::Always | ArmKind::Otherwise => None,
    });
    let mut conditions = whens.clone().chain(except.as_ref());
    let long_term = conditions.any(asks_for_lifecycle) || about_lifecycle(&events);
    let rest = whens.clone().find_map(rest);
    Some(Policy {
        name: parts.name?,
        title: policy.title.as_ref().map(|title| title.value.clone()),
        span: policy.head,
        scope: Scope { kind, apps: parts.apps?, long_term },
        schedule: policy.schedule(),
        events,
        gate,
        arms: arms.all,
        activity: parts
            .activity
            .ok()?
            .map(|own| Orders { own: Some(own), apps: Vec::new() }),
        apps: Vec::new(),
        groups: Vec::new(),
        count_from_activation: clauses.count_from_activation,
        rank: parts.rank.ok()?,
        cancel_on,
        restart_on,
        if_kept: kept.steps,
        snooze: kept.snooze,
        if_failed: parts.if_failed.ok()?.unwrap_or_default(),
        trouble: parts.trouble?,
        report: parts.report.ok()?,
        rest,
        when: arms.when,
        pilot: None,
        by_app: false,
        except,
        reviewers: parts.reviewers?,
        limit: clauses.limit.map_or(Limit::Default, limit),
        steps: arms.steps,
        review_len: arms.review_len,
        if_ignored: arms.if_ignored,
    })
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
