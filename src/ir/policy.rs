//! Policies with their steps in order.

use crate::ir::{
    App, AppId, Condition, ConditionKind, Declaration, Event, EventKind, Field, Flow,
    Level, Lifecycle, Message, Never, NewGroup, Orders, Step, Template, Test, TestCase,
    TestKind, Webhook, Who,
};
use crate::text::{Span, Spanned};
use crate::time::schedule::Schedule;
use crate::time::{Duration, Length};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// All items of the files of one call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The policies, in the order of the files.
    pub policies: Vec<Policy>,
    /// The webhooks.
    pub webhooks: Vec<Arc<Webhook>>,
    /// The templates.
    pub templates: Vec<Arc<Template>>,
    /// The flows.
    pub flows: Vec<Arc<Flow>>,
    /// How things are known and done in each app.
    pub apps: Vec<App>,
    /// What is declared of attributes.
    pub attributes: Vec<Declaration>,
    /// What the lifecycle states mean, where the files say so.
    pub lifecycle: Option<Lifecycle>,
    /// Groups that are made at their first use, those that are there by now included.
    pub groups: Vec<NewGroup>,
    /// What never happens.
    pub nevers: Vec<Never>,
    /// The tests.
    pub tests: Vec<TestCase>,
}

/// A policy: whom it looks at, when, what must hold, and the steps that follow.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name; a bare `when … then …` is named after its file.
    pub name: String,
    /// The text behind the name.
    pub title: Option<String>,
    /// Where its name stands, or its `when`.
    pub span: Span,
    /// Whom it looks at.
    pub scope: Scope,
    /// When it is evaluated; `None` when only events start it.
    pub schedule: Option<Schedule>,
    /// What starts it besides its schedule.
    pub events: Vec<Event>,
    /// The gate that it is, with `before … require`: such a policy has no steps.
    pub gate: Option<Gate>,
    /// What must be true for a run to open: the condition of its arm, or that of any of
    /// several; always true with `always`, `otherwise`, or steps without a condition.
    pub when: Condition,
    /// The arms, in the order written.
    pub arms: Vec<Arm>,
    /// The pilot that it is put to work for, where it is; no text says so. Its condition is
    /// the first conjunct of `when` then.
    pub pilot: Option<Pilot>,
    /// Whether the engine made it of what an `app` item says; no text says so.
    pub by_app: bool,
    /// What must be false.
    pub except: Option<Condition>,
    /// Which sources say when an account was last used, where it or an app says so.
    pub activity: Option<Orders>,
    /// How things are done in the apps that it looks at.
    pub apps: Vec<App>,
    /// The groups that are made where it is the first to use them.
    pub groups: Vec<NewGroup>,
    /// Where it says that every length of the condition counts from the activation at the
    /// earliest.
    pub count_from_activation: Option<Span>,
    /// Its rank among the policies of a set.
    pub rank: Option<Rank>,
    /// Who decides after the first who were asked.
    pub reviewers: Vec<Who>,
    /// How many runs it may open in 24 hours.
    pub limit: Limit,
    /// What ends an open run.
    pub cancel_on: Vec<Event>,
    /// What begins an open run anew.
    pub restart_on: Vec<Event>,
    /// The steps of all arms, in the order written.
    pub steps: Vec<Step>,
    /// How many of the steps, from the first, are the review; 0 without one. A decision to
    /// remove goes on with the step of this index.
    pub review_len: usize,
    /// What follows when the last window closes undecided.
    pub if_ignored: Ignored,
    /// What follows a decision to keep.
    pub if_kept: Vec<Step>,
    /// How long a keep holds, where `if kept` says so with `snooze`.
    pub snooze: Option<Spanned<Length>>,
    /// What follows a step that failed.
    pub if_failed: Vec<Step>,
    /// In which words the admin hears of a run that failed or is held.
    pub trouble: Message,
    /// Who reads what each evaluation found and did.
    pub report: Option<Report>,
    /// How long a subject rests after it was kept: the length that the condition compares
    /// `inactive` with. Without one the configuration's snooze holds, else 90 days.
    pub rest: Option<Duration>,
}

/// A condition that narrows the scope of a policy while it is tried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Pilot {
    /// Who is looked at: those for whom it is true.
    pub condition: Condition,
    /// The condition as it was written.
    pub text: String,
    /// The policy's own `when`.
    pub when: Condition,
}

/// A condition with the steps that follow it.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// When its steps are part of a run.
    pub kind: ArmKind,
    /// Its `when`, `always`, `otherwise` or `then`.
    pub span: Span,
    /// Its steps among those of the policy.
    pub steps: Range<usize>,
}

/// When an arm's steps are part of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum ArmKind {
    /// The condition is true.
    When(Condition),
    /// Always: `always`, or the steps of an event.
    Always,
    /// No `when` was true; its steps that take run only when every `when` was false.
    Otherwise,
}

/// `before user created by signup` with what it requires.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// What is about to happen.
    pub event: Event,
    /// What must be true; all of them.
    pub requirements: Vec<Requirement>,
}

/// `require CONDITION "message"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// What must be true; unknown refuses.
    pub condition: Condition,
    /// What is said to those for whom it is not.
    pub message: Option<String>,
}

/// `rank 1 in guest-lifecycle`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// 1 is the best.
    pub place: u32,
    /// The policies that are ranked together.
    pub set: String,
    /// Where it is said.
    pub span: Span,
}

/// `report to WHO`.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Whom.
    pub who: Vec<Who>,
    /// Whether disabled subjects are listed too.
    pub including_disabled: bool,
    /// The declared words of reports, by the name of the kind of report.
    pub words: Vec<Arc<Template>>,
    /// Where it is said.
    pub span: Span,
}

/// The subjects that a policy looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Accounts, users or grants.
    pub kind: SubjectKind,
    /// Accounts or grants in these apps only; all when empty.
    pub apps: Vec<AppId>,
    /// Whether people in a long-term inactive identity state are looked at: only when the
    /// condition asks for their lifecycle or identity state.
    pub long_term: bool,
}

/// What a policy acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// Accounts, with or without an owner.
    Account,
    /// Users.
    User,
    /// Permissions held by accounts.
    Grant,
}

impl SubjectKind {
    /// The number the store keeps.
    pub fn number(self) -> i64 {
        match self {
            Self::Account => 0,
            Self::User => 1,
            Self::Grant => 2,
        }
    }
}

/// What follows when nobody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// The run ends, nothing is taken.
    Keep,
    /// The steps after the review follow.
    Remove,
}

/// How many runs a policy may open in any 24 hours.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// None is written: the smaller of 25 and 5% of the scope, at least 5, for a policy
    /// that takes access away; none for others.
    Default,
    /// A number of runs.
    Count(u64),
    /// Percent of the subjects in scope, rounded up.
    Percent(f64),
    /// The larger of the two.
    Larger(Box<Self>, Box<Self>),
    /// The smaller of the two.
    Smaller(Box<Self>, Box<Self>),
    /// None, for a reason.
    None {
        /// Why.
        reason: String,
    },
}

impl Policy {
    /// Narrows its scope to those for whom a condition is true.
    pub fn narrow(&mut self, condition: Condition, text: String) {
        let span = self.when.span;
        let mut parts = vec![condition.clone()];
        parts.extend_from_slice(self.when.conjuncts());
        let narrowed = Condition { kind: ConditionKind::And(parts), span };
        let when = std::mem::replace(&mut self.when, narrowed);
        self.pilot = Some(Pilot { condition, text, when });
    }

    /// What its text says must be true, whether or not it is a pilot.
    pub fn own_when(&self) -> &Condition {
        self.pilot.as_ref().map_or(&self.when, |pilot| &pilot.when)
    }

    /// Whether only events start it, or ask it: it is never evaluated for all in scope.
    pub fn waits_for_events(&self) -> bool {
        self.schedule.is_none()
    }

    /// Whether access that ends by itself is any of its business.
    pub fn listens_to_expiry(&self) -> bool {
        let lists = [&self.events, &self.cancel_on, &self.restart_on];
        let mut events = lists.into_iter().flatten();
        events.any(|event| event.kind == EventKind::AccessExpired)
    }

    /// Whose end it is about, where it is about one: it asks for an `expires_at`, or begins when
    /// that passes.
    pub fn about_end(&self) -> Option<Level> {
        let whens = self.arms.iter().filter_map(|arm| match &arm.kind {
            ArmKind::When(when) => Some(when),
            ArmKind::Always | ArmKind::Otherwise => None,
        });
        let end = |test: &Test| match &test.kind {
            TestKind::Elapsed { instant: of, .. }
            | TestKind::Reaches { instant: of, .. }
            | TestKind::Compare { attribute: of, .. } => {
                (of.field == Field::ExpiresAt).then_some(of.level)
            }
            _ => None,
        };
        let asked = whens.flat_map(Condition::tests).find_map(end);
        let mut events = self.events.iter();
        let listens = events.any(|event| event.kind == EventKind::AccessExpired);
        asked.or_else(|| {
            listens.then_some(match self.scope.kind {
                SubjectKind::Grant => Level::Grant,
                SubjectKind::Account | SubjectKind::User => Level::Account,
            })
        })
    }

    /// Whether any of its steps takes access away.
    pub fn takes(&self) -> bool {
        self.every_step().any(|step| step.kind.takes())
    }

    /// The steps of all its lists, and those that stand within others, in the order written.
    pub fn every_step(&self) -> impl Iterator<Item = &Step> {
        let lists = [&self.steps, &self.if_kept, &self.if_failed];
        lists.into_iter().flatten().flat_map(Step::with_inner)
    }

    /// How many runs it may open in 24 hours; nothing where there is no limit.
    pub fn limited(&self) -> Option<Cow<'_, Limit>> {
        match &self.limit {
            Limit::Default if self.takes() => Some(Cow::Owned(Limit::of_taking())),
            Limit::Default | Limit::None { .. } => None,
            limit @ (Limit::Count(_)
            | Limit::Percent(_)
            | Limit::Larger(..)
            | Limit::Smaller(..)) => Some(Cow::Borrowed(limit)),
        }
    }
}

impl Limit {
    /// That of a policy that takes access away, where nothing is said.
    pub fn of_taking() -> Self {
        let share = Self::Smaller(Self::Count(25).into(), Self::Percent(5.0).into());
        Self::Larger(Self::Count(5).into(), share.into())
    }

    /// How many that is of so many subjects.
    pub fn count(&self, in_scope: u64) -> u64 {
        match self {
            Self::Count(count) => *count,
            Self::Percent(share) => percent(*share, in_scope),
            Self::Larger(one, other) => one.count(in_scope).max(other.count(in_scope)),
            Self::Smaller(one, other) => one.count(in_scope).min(other.count(in_scope)),
            Self::Default | Self::None { .. } => u64::MAX,
        }
    }

    /// Of how many subjects it is more than so many runs; nothing where it never is.
    pub fn more_than(&self, runs: u64) -> Option<u64> {
        match self {
            Self::Count(count) => (*count > runs).then_some(0),
            Self::Percent(share) => above(*share, runs),
            Self::Larger(one, other) => {
                one.more_than(runs).into_iter().chain(other.more_than(runs)).min()
            }
            Self::Smaller(one, other) => {
                Some(one.more_than(runs)?.max(other.more_than(runs)?))
            }
            Self::Default | Self::None { .. } => Some(0),
        }
    }

    /// Of how many subjects it is the most that it ever is; nothing where it always grows.
    pub fn enough(&self) -> Option<u64> {
        match self.most()?.checked_sub(1) {
            Some(less) => self.more_than(less),
            None => Some(0),
        }
    }

    fn most(&self) -> Option<u64> {
        match self {
            Self::Count(count) => Some(*count),
            Self::Percent(_) => None,
            Self::Larger(one, other) => Some(one.most()?.max(other.most()?)),
            Self::Smaller(one, other) => one.most().into_iter().chain(other.most()).min(),
            Self::Default | Self::None { .. } => Some(u64::MAX),
        }
    }
}

/// That share of a whole, rounded up.
fn percent(share: f64, whole: u64) -> u64 {
    let parts = millionths(share);
    u64::try_from((parts * u128::from(whole)).div_ceil(MILLION)).unwrap_or(u64::MAX)
}

/// Of which whole that share, rounded up, is more than so many; nothing where it never is.
fn above(share: f64, runs: u64) -> Option<u64> {
    let whole = (u128::from(runs) * MILLION).checked_div(millionths(share))?;
    u64::try_from(whole.saturating_add(1)).ok()
}

const MILLION: u128 = 1_000_000;

/// So that 5% of 100 is 5 and never 6.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares are not negative, and small"
)]
fn millionths(share: f64) -> u128 {
    (share * 10_000.0).round() as u128
}
