//! The one transition function: a run, what happened, and what is known, to what follows.
//!
//! INVARIANT: [`step`] is a function of its arguments. It reads no clock, no store, no
//! network and no randomness; plans, simulations and real runs differ only in who calls it.

mod ceased;
mod change;
mod closed;
mod happened;
mod others;
mod outage;
mod perform;
mod restart;
mod review;
mod stale;
mod still;
mod task;
mod together;
mod trouble;

pub(crate) use crate::engine::step::ceased::was_given_time;
pub(crate) use crate::engine::step::closed::taken_by;
pub(crate) use crate::engine::step::happened::{accept, ended};

use crate::engine::arms::condition_of;
use crate::engine::people::Cast;
use crate::engine::run::{Completion, Decision, Run, STAYS, State, Track};
use crate::engine::trail::{Because, Entry};
use crate::engine::{Change, Effect, Outcome};
use crate::facts::{Facts, Person};
use crate::ir::{Condition, ConditionKind, Policy, Step, StepKind};
use crate::query::{Moment, NotKnown, Truth, blame, evaluate, not_known};
use crate::text::fold;
use crate::time::calendar::Calendar;
use crate::time::{Duration, Timestamp};
use chrono_tz::Tz;

/// Under which policy, with which facts, among whom, and when.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The version that the run began under.
    pub policy: &'a Policy,
    /// What is known of its subject now.
    pub facts: &'a Facts,
    /// The people that the policy names.
    pub cast: &'a Cast,
    /// Why the subject is not one that the policy looks at, where it is none.
    pub outside: Option<&'a str>,
    /// The other open runs that are asking somebody about the same account, or taking it away.
    pub rivals: &'a [Rival],
    /// What other runs of the policy have changed for the same owner while this one was open,
    /// in the order of these runs.
    pub siblings: &'a [Change],
    /// When something ran again after the latest outage.
    pub back_at: Option<Timestamp>,
    /// The days on which people work.
    pub calendar: &'a Calendar,
    /// The zone in which messages show times.
    pub zone: Tz,
    /// When the run may begin to take something away, where a limit says: not now.
    pub room_at: Option<Timestamp>,
    /// Whether the policy is paused: what people say is taken in, and no step is begun.
    pub paused: bool,
    /// What the links of reviews begin with, where there are any.
    pub links: Option<&'a str>,
    /// When the access review ends that asks, where one does: its questions are open until then.
    pub review_ends: Option<Timestamp>,
    /// The present instant.
    pub now: Timestamp,
}

impl Scene<'_> {
    /// What is known now of somebody with that address.
    fn person(&self, email: &str) -> Person {
        let Facts { user, manager, app_owner, .. } = self.facts;
        let members = self.cast.groups.values().flatten();
        let known = [user, manager, app_owner].into_iter().flatten().chain(members);
        let key = fold(email);
        let known = known.into_iter().find(|person| fold(&person.email) == key);
        known.cloned().unwrap_or_else(|| self.cast.by_email(email))
    }

    /// Why somebody who was asked cannot be any more, if that is so.
    fn lost(&self, email: &str) -> Option<String> {
        if self.cast.left.contains(&fold(email)) {
            return Some("has left".to_owned());
        }
        let person = self.person(email);
        (!person.can_be_asked()).then(|| format!("now {}", person.identity_state.name()))
    }
}

/// An open run that is asking somebody, or taking what another one would ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    /// Its number.
    pub run: i64,
    /// Whom it has asked, as folded addresses.
    pub asked: Vec<String>,
    /// Whether that is decided, and it is about to take the access away.
    pub takes: bool,
}

/// What can happen to a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It has just been opened.
    Opened {
        /// What made its condition true.
        because: Vec<Because>,
    },
    /// An instant that it waits for may have come.
    Due,
    /// Its policy was evaluated again.
    Evaluated,
    /// An effect of it is about to be attempted, some time after it was decided.
    Attempting {
        /// The effect's key.
        key: String,
    },
    /// An effect came to an end.
    Answered {
        /// Its key.
        key: String,
        /// What it was.
        effect: Effect,
        /// How it ended; [`Outcome::Failed`] means that it was given up.
        outcome: Outcome,
    },
    /// Somebody decided.
    Decided(Decision),
    /// The access review that it belongs to has closed.
    Closed,
    /// What it took away is still there.
    StillThere {
        /// How each thing was taken, and when an import showed it.
        shown: Vec<(Change, Timestamp)>,
    },
    /// What it was to take away another policy takes, which listens to rejections.
    LeftTo {
        /// That policy.
        policy: String,
    },
    /// What it is to take away a policy may take that has not listened yet.
    MayBeLeft {
        /// Which policy, and what keeps it.
        why: String,
        /// What to do about it.
        ways: Vec<String>,
    },
    /// Somebody has done what they were given to do.
    Completed(Completion),
    /// Somebody wants a failed or held run to go on from where it stopped.
    Retried {
        /// Who.
        by: String,
    },
    /// Somebody stopped it.
    Cancelled {
        /// Who, and with which words.
        why: String,
    },
    /// Something happened that ends it.
    CalledOff {
        /// What.
        why: String,
    },
    /// Something happened that begins it anew.
    Restarted {
        /// What.
        why: String,
    },
}

impl Event {
    /// Whether it comes by itself, so that it can wait while the policy is paused.
    pub(crate) fn is_of_its_own(&self) -> bool {
        matches!(self, Self::Due | Self::Evaluated | Self::Attempting { .. })
    }
}

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The run as it stands now.
    pub run: Run,
    /// What is added to its trail.
    pub trail: Vec<Entry>,
    /// What is to leave, with its idempotency key.
    pub effects: Vec<(String, Effect)>,
    /// The keys of effects that are not to be attempted again.
    pub withdrawn: Vec<String>,
    /// What changes in the store, in the same transaction.
    pub changes: Vec<Change>,
    /// Whether it begins to take something away, which the limits count.
    pub takes: bool,
    /// When to look again.
    pub wake_at: Option<Timestamp>,
}

/// How long a notice may be under way before its stage counts as asked of nobody.
const UNDELIVERED: Duration = Duration::DAY;

/// What follows from an event. A refusal changes nothing and says why, for people.
pub fn step(run: &Run, event: Event, scene: &Scene<'_>) -> Result<Transition, String> {
    let mut next = Next {
        run: run.clone(),
        scene,
        trail: vec![],
        effects: vec![],
        withdrawn: vec![],
        changes: vec![],
        takes: false,
    };
    match event {
        Event::Opened { because } => {
            next.trail.push(Entry::Opened { because });
            next.run.settled = scene.policy.review_len == 0;
            next.go(0);
        }
        Event::Due => next.due(),
        Event::Evaluated => next.evaluated(),
        Event::Attempting { key } => next.attempting(&key),
        Event::Answered { key, effect, outcome } => next.answered(&key, &effect, outcome),
        Event::Closed => next.closed(),
        Event::StillThere { shown } => next.still_there(&shown),
        Event::LeftTo { policy } => next.left_to(&policy),
        Event::MayBeLeft { why, ways } => next.may_be_left(why, ways),
        Event::Decided(decision) => next.decided(decision)?,
        Event::Completed(completion) => next.completed(completion)?,
        Event::Retried { by } => next.retried(by)?,
        Event::Cancelled { why } => next.cancelled(why)?,
        Event::CalledOff { why } => next.called_off(why),
        Event::Restarted { why } => next.restarted(why),
    }
    Ok(next.finish())
}

/// Whether a policy that takes access away would change nothing, so that no run is opened. A
/// webhook is never taken for done. `told` is whether an event is what it is for: then messages
/// and tasks are to follow from that, whatever is gone. Where people are asked they are asked about
/// access, so nothing follows where that is gone.
pub fn already_so(
    policy: &Policy,
    facts: &Facts,
    (told, now): (bool, Timestamp),
) -> bool {
    let so = |step: &Step| change::already(&step.kind, (policy, facts), now);
    let mut taking = taking(&policy.steps).peekable();
    if taking.peek().is_none() || !taking.all(so) {
        return false;
    }
    let steps = || policy.steps.iter().flat_map(Step::with_inner);
    let does = |step: &Step| match step.kind {
        StepKind::Notify { .. } | StepKind::Task { .. } => told,
        // What an account without an owner cannot be given is not left to give.
        _ => step.kind.in_store() && facts.user.is_some() && !so(step),
    };
    steps().any(|step| matches!(step.kind, StepKind::Ask { .. })) || !steps().any(does)
}

/// Those of the steps that take access away, each by itself.
pub(crate) fn taking(steps: &[Step]) -> impl Iterator<Item = &Step> {
    let steps = steps.iter().flat_map(Step::with_inner);
    steps.filter(|step| step.kind.takes() && !matches!(step.kind, StepKind::AllOf(_)))
}

/// How long no other run opens for the policy and subject of a run in this state; `rest` is
/// how long that is for one that ended and took nothing.
pub fn blocks_until(state: &State, rest: Timestamp) -> Timestamp {
    match state {
        State::Kept | State::Ended | State::Cancelled => rest,
        State::NoLongerApplies { .. } => Timestamp(0),
        // After a removal: until the subject was once seen not to match.
        State::Removed | State::Done => UNTIL_UNMATCHED,
        State::At { .. }
        | State::Reviewing { .. }
        | State::InLine { .. }
        | State::Tasked { .. }
        | State::Waiting { .. }
        | State::Removing { .. }
        | State::Failed { .. }
        | State::Held { .. } => WHILE_OPEN,
    }
}

/// A run blocks another one while it is open.
pub const WHILE_OPEN: Timestamp = Timestamp(i64::MAX);
/// A run that did what it was for blocks another one until its subject ceased to match.
pub const UNTIL_UNMATCHED: Timestamp = Timestamp(i64::MAX - 1);

/// A transition in the making.
struct Next<'a> {
    run: Run,
    scene: &'a Scene<'a>,
    trail: Vec<Entry>,
    effects: Vec<(String, Effect)>,
    withdrawn: Vec<String>,
    changes: Vec<Change>,
    takes: bool,
}

/// Of what it is asked whether it still holds.
#[derive(Clone, Copy)]
enum Part {
    /// Of the run: any of its arms.
    Whole,
    /// Of the arm that a step belongs to.
    ArmOf(usize),
}

/// Whether the next step is begun at once.
#[derive(PartialEq)]
enum Then {
    GoOn,
    Stop,
}

impl Next<'_> {
    fn finish(mut self) -> Transition {
        let tasked = matches!(self.run.state, State::Tasked { .. });
        // A review that is over asks nobody any more.
        let in_review = matches!(
            self.run.state,
            State::Reviewing { .. } | State::Waiting { .. } | State::InLine { .. }
        ) || tasked;
        if !tasked {
            self.withdrawn.append(&mut self.run.tasking);
        }
        if self.run.settled || !in_review {
            self.withdrawn.append(&mut self.run.unheard);
            self.withdrawn.append(&mut self.run.reminding);
        }
        let wake_at = match &self.run.state {
            State::At { .. } => Some(self.scene.now),
            State::Reviewing { asked_at, closes_at, reminders, .. } => {
                let closes = closes_at.unwrap_or_else(|| {
                    self.scene.waits_since(*asked_at).after(UNDELIVERED)
                });
                Some(reminders.first().map_or(closes, |first| closes.min(*first)))
            }
            State::Tasked { asked_at, closes_at, delivered, .. } => match delivered {
                // Those who have it may leave, and nothing else would tell.
                true => {
                    let soon = self.scene.now.after(Duration::DAY);
                    Some(closes_at.map_or(soon, |closes_at| closes_at.min(soon)))
                }
                false => Some(self.scene.waits_since(*asked_at).after(UNDELIVERED)),
            },
            // Whatever that other run waits for, it is not waited for blindly.
            State::InLine { .. } => Some(self.scene.now.after(Duration::DAY)),
            State::Waiting { until, .. } => Some(*until),
            State::Held { .. } => {
                let data_at = self.run.awaits.as_ref().map(|awaited| awaited.at);
                self.run.room_at.or(data_at)
            }
            State::Removing { .. }
            | State::Failed { .. }
            | State::Kept
            | State::Removed
            | State::Done
            | State::Ended
            | State::NoLongerApplies { .. }
            | State::Cancelled => None,
        };
        let Self { run, trail, effects, withdrawn, changes, takes, .. } = self;
        Transition {
            run,
            trail,
            effects,
            withdrawn,
            changes,
            takes,
            wake_at,
        }
    }

    /// Goes on from a step until something must be waited for. A change of the store stops
    /// it too, so that the next step is taken with facts that know of the change.
    fn go(&mut self, from: usize) {
        let mut index = from;
        let waited = self.run.room_at.take().is_some();
        loop {
            self.run.state = State::At { step: index };
            let in_review = self.run.track == Track::Then && !self.run.settled;
            if in_review && index >= self.scene.policy.review_len {
                return self.unanswered();
            }
            let Some(step) = self.run.steps(self.scene.policy).get(index) else {
                return self.over();
            };
            if self.scene.paused {
                return;
            }
            if step.kind.takes()
                && let Some(room_at) = self.scene.room_at
                && self.still_applies(Part::ArmOf(index)) == Applies::Yes
            {
                return self.wait_for_room(index, room_at, waited);
            }
            let then = self.perform(index, step);
            if step.kind.takes() {
                self.note_taking();
            }
            // It waits for newer data no more.
            if !matches!(self.run.state, State::Held { .. }) {
                self.run.awaits = None;
            }
            if then == Then::Stop {
                return;
            }
            index += 1;
        }
    }

    /// The steps of a list are over.
    fn over(&mut self) {
        match self.run.track {
            Track::Then if self.run.took => self.end(State::Removed, None),
            Track::Then => self.end(State::Done, None),
            Track::Kept => {
                // What is taken after the decision was asked for with it.
                let takes = taking(&self.scene.policy.if_kept).next().is_some();
                let stays = (self.run.took && !takes).then(|| STAYS.to_owned());
                self.end(State::Kept, stays);
            }
            Track::Failed => self.after_failure(),
        }
    }

    fn end(&mut self, state: State, why: Option<String>) {
        self.trail.push(Entry::Ended { state: state.name().to_owned(), why });
        self.run.state = state;
    }

    /// The condition ceased to hold, or the like. What was done before stays done, and is said.
    fn ceases(&mut self, why: String) {
        let why = self.run.leaves(why);
        self.end(State::NoLongerApplies { why: why.clone() }, Some(why));
    }

    /// Whether the condition still holds and no exception does, leaving out what this run
    /// itself has changed; and if not, why.
    fn still_applies(&self, of: Part) -> Applies {
        let Scene { facts, outside, siblings, .. } = *self.scene;
        if let Some(why) = outside {
            return Applies::No(format!("out of scope: {why}"));
        }
        if facts.user.as_ref().map(|user| user.id) != self.run.owner {
            return Applies::No("the owner changed".to_owned());
        }
        if let Some(why) = self.was_given_time() {
            return Applies::No(why);
        }
        let own = self.judged(of, &self.run.changed);
        if own == Applies::Yes || siblings.is_empty() {
            return own;
        }
        // One policy takes two accounts of a person as if the other were not there.
        let changed = [siblings, self.run.changed.as_slice()].concat();
        let together = self.judged(of, &changed);
        if together == Applies::Yes { together } else { own }
    }

    /// That access has not ended any more, where a run was opened because it had: of events
    /// this is the one that somebody can take back.
    fn was_given_time(&self) -> Option<String> {
        self.run.heard.as_ref().filter(|heard| heard.expired)?;
        was_given_time(self.scene.facts, self.scene.now)
    }

    /// The truth of the condition and the exceptions had these changes not been made.
    fn judged(&self, of: Part, changed: &[Change]) -> Applies {
        let Scene { policy, facts, .. } = *self.scene;
        let always = Condition {
            kind: ConditionKind::And(Vec::new()),
            span: policy.when.span,
        };
        let asked = match of {
            // Only the steps behind `then` belong to arms.
            Part::ArmOf(step) if self.run.track == Track::Then => {
                condition_of(policy, step).unwrap_or(&always)
            }
            Part::Whole | Part::ArmOf(_) => &policy.when,
        };
        let at = self.moment();
        let before = undone(facts, changed);
        let pilot = policy.pilot.as_ref().filter(|_| !self.run.beyond);
        let inside = pilot.map(|pilot| evaluate(&pilot.condition, &before, at));
        if inside == Some(Truth::False) {
            return Applies::No("out of scope: outside the pilot".to_owned());
        }
        // What a webhook took, the data may show by now: that is no reason to stop half way.
        let when = match self.run.beyond {
            true => Truth::True,
            false => evaluate(asked, &before, at),
        };
        let except = policy
            .except
            .as_ref()
            .map_or(Truth::False, |except| evaluate(except, &before, at));
        match (when, except) {
            (Truth::True, Truth::False) => match pilot {
                Some(pilot) if inside == Some(Truth::Unknown) => {
                    let missing = blame(&pilot.condition, None, &before, at);
                    Applies::Unsure(not_known(&missing, &before))
                }
                _ => Applies::Yes,
            },
            (Truth::False, _) => {
                let what = "the condition no longer holds";
                Applies::No(ceased::because(what, asked, (&before, at)))
            }
            (_, Truth::True) => {
                let what = "an exception holds";
                Applies::No(match &policy.except {
                    Some(except) => ceased::because(what, except, (&before, at)),
                    None => what.to_owned(),
                })
            }
            (Truth::Unknown, _) | (_, Truth::Unknown) => {
                let missing = blame(asked, policy.except.as_ref(), &before, at);
                Applies::Unsure(not_known(&missing, &before))
            }
        }
    }

    /// The present, in which an edge that opened the run stays true for it.
    fn moment(&self) -> Moment {
        Moment {
            activated: self.run.activated,
            ..Moment::at(self.scene.now).again()
        }
    }

    /// Whether a run goes on though the arm of one of its steps no longer holds: another arm
    /// does, or may.
    fn another_arm_holds(&self) -> bool {
        self.scene.policy.arms.len() > 1
            && !matches!(self.still_applies(Part::Whole), Applies::No(_))
    }

    fn emit(&mut self, effect: Effect) -> String {
        self.run.effects += 1;
        let key = format!("{}_{}", self.run.key, self.run.effects);
        self.effects.push((key.clone(), effect));
        key
    }

    fn step_text(&self, index: usize) -> String {
        let step = self.run.step(self.scene.policy, index);
        step.map(|step| step.text.clone()).unwrap_or_default()
    }
}

/// Whether a run still applies.
#[derive(Debug, PartialEq, Eq)]
enum Applies {
    Yes,
    /// And why not.
    No(String),
    /// And why nobody can say.
    Unsure(NotKnown),
}

/// The facts as they would be without these changes.
pub(crate) fn undone(facts: &Facts, changed: &[Change]) -> Facts {
    let mut before = facts.clone();
    changed.iter().rev().for_each(|change| change.undo(&mut before));
    before
}
