//! What keeps runs from going on for a while: pauses, and access reviews that are not over; and
//! access that was to end by itself, and is not to any more.

use crate::histories::play::{Actor, History};
use std::rc::Rc;
use tenure::engine::step::Event;
use tenure::engine::{Because, Heard, Run, State, Verdict};
use tenure::ir::{Policy, StepKind};
use tenure::time::{Length, Timestamp};

/// A pause of one policy, or of everything.
pub(super) struct Halt(Option<Rc<Policy>>);

/// An access review, of one account.
pub(super) struct Review {
    ends_at: Timestamp,
    at_once: bool,
    closed: bool,
    /// Whether what it rejects may go.
    acts: bool,
}

impl Actor {
    /// When its review closes.
    pub(super) fn closes_at(&self) -> Option<Timestamp> {
        let review = self.review.as_ref().filter(|review| !review.closed);
        review.map(|review| review.ends_at)
    }

    /// Whether it waits for nothing but that the verdict of its review acts.
    fn is_rejected(&self) -> bool {
        let Run { decision, acts_at, state, .. } = &self.run;
        decision.as_ref().is_some_and(|it| it.verdict == Verdict::Remove)
            && acts_at.is_some()
            && matches!(state, State::Waiting { .. })
    }
}

impl History<'_> {
    /// A review that begins now, and lasts as long as it asks.
    pub(super) fn review(&mut self, policy: &Policy) -> Review {
        let window = match policy.steps[0].kind {
            StepKind::Ask { window: Length::Time(window), .. } => Some(window),
            _ => None,
        };
        Review {
            ends_at: self.now.after(window.unwrap()),
            at_once: self.dice.chance(30),
            closed: false,
            acts: false,
        }
    }

    /// A run that a review opens, or that access opens which ends by itself.
    pub(super) fn opened(&mut self, run: Run, review: Option<&Review>) -> Run {
        let now = self.now;
        if let Some(review) = review {
            let acts_at = if review.at_once { now } else { review.ends_at };
            return Run { acts_at: Some(acts_at), ..run };
        }
        let ends = self.facts.account.as_ref().and_then(|it| it.expires_at);
        if ends.is_none_or(|ends| ends > now) || self.dice.chance(30) {
            return run;
        }
        let because = Because {
            condition: "access expired".to_owned(),
            value: String::new(),
            source: None,
        };
        let heard = Heard {
            because,
            depth: 0,
            last: 1,
            event: 1,
            expired: true,
            over: None,
        };
        Run { edge: true, heard: Some(heard), ..run }
    }

    pub(super) fn is_paused(&self, actor: usize) -> bool {
        let policy = &self.actors[actor].policy;
        let mut halts = self.halts.iter();
        halts.any(|Halt(of)| of.as_ref().is_none_or(|of| Rc::ptr_eq(of, policy)))
    }

    /// Pauses a policy or everything, unless that is paused already.
    pub(super) fn pause(&mut self) {
        let mut target = None;
        if self.dice.chance(60) {
            let Some(actor) = self.actor() else { return };
            target = Some(Rc::clone(&self.actors[actor].policy));
        }
        let same = |Halt(of): &Halt| match (of, &target) {
            (Some(of), Some(target)) => Rc::ptr_eq(of, target),
            (of, target) => of.is_none() && target.is_none(),
        };
        if self.halts.iter().any(same) {
            return;
        }
        self.halts.push(Halt(target));
        for actor in 0..self.actors.len() {
            if self.is_paused(actor) {
                self.actors[actor].still_since.get_or_insert(self.now);
            }
        }
    }

    /// Ends a pause: what is paused in no other way goes on, with windows as long as they would
    /// have been.
    pub(super) fn resume(&mut self) {
        if self.halts.is_empty() {
            return;
        }
        let halt = self.dice.below(self.halts.len() as u64);
        self.halts.remove(usize::try_from(halt).unwrap());
        let now = self.now;
        for actor in 0..self.actors.len() {
            if self.is_paused(actor) {
                continue;
            }
            let Some(since) = self.actors[actor].still_since.take() else { continue };
            // Where the clock went back, no time has passed.
            let since = since.min(now);
            let it = &mut self.actors[actor];
            if let Some(review) = it.review.as_mut().filter(|it| it.ends_at > since) {
                review.ends_at = review.ends_at.after(now.since(since));
            }
            if it.run.state.is_open() {
                let still = (since.max(it.run.opened_at).min(now), now);
                let run = it.run.clone();
                it.run = run.stood_still(Some(&it.policy), still, &self.calendar);
                it.wake_at = it.wake_at.map(|_| now);
                self.ends.push("stood still".to_owned());
            }
        }
    }

    /// Somebody closes a review before its time.
    pub(super) fn close(&mut self) {
        let Some(actor) = self.actor() else { return };
        if self.actors[actor].closes_at().is_some() && self.dice.chance(50) {
            self.closes(actor);
        }
    }

    /// Lets verdicts act, and closes the reviews whose time is over; whether anything moved.
    pub(super) fn reviews(&mut self) -> bool {
        let mut moved = false;
        for actor in 0..self.actors.len() {
            let it = &self.actors[actor];
            let Some(review) = it.review.as_ref().filter(|_| !self.is_paused(actor))
            else {
                continue;
            };
            let over = it.closes_at().is_some_and(|at| at <= self.now);
            if over {
                moved |= self.closes(actor);
            } else if (review.at_once || review.closed) && it.is_rejected() {
                moved |= self.verdict_acts(actor);
            }
        }
        moved
    }

    /// What was rejected goes, and who was not decided about is left alone.
    fn closes(&mut self, actor: usize) -> bool {
        if self.actors[actor].is_rejected() {
            self.verdict_acts(actor);
        } else {
            let undecided = !self.actors[actor].run.settled;
            self.acts(actor);
            if !self.advance(actor, Event::Closed) {
                return false;
            }
            let run = &self.actors[actor].run;
            if undecided && run.state == State::Ended {
                self.ends.push("closed undecided".to_owned());
            }
        }
        let it = &mut self.actors[actor];
        if let Some(review) = &mut it.review {
            review.closed = true;
        }
        let asks = matches!(it.run.state, State::Reviewing { .. } | State::InLine { .. });
        assert!(!asks, "closed, and asks: HISTORY={}\n{:#?}", self.seed, it.run);
        true
    }

    /// The policies have heard of a rejection: one takes it, or may, or the review does.
    fn verdict_acts(&mut self, actor: usize) -> bool {
        let awaits = self.actors[actor].run.awaits.as_ref();
        let looks = awaits.is_none_or(|awaits| awaits.at <= self.now);
        match self.dice.below(10) {
            0..=2 if !self.peace => {
                let why = "policy other is paused, and may take it away".to_owned();
                let ways = Vec::new();
                if looks {
                    self.advance(actor, Event::MayBeLeft { why, ways });
                }
                false
            }
            3..=4 => {
                let left = Event::LeftTo { policy: "other".to_owned() };
                let done = self.advance(actor, left);
                if done {
                    self.ends.push("left to a policy".to_owned());
                }
                done
            }
            _ => {
                self.acts(actor);
                let done = self.advance(actor, Event::Closed);
                if done {
                    self.ends.push("rejected".to_owned());
                }
                done
            }
        }
    }

    fn acts(&mut self, actor: usize) {
        if let Some(review) = &mut self.actors[actor].review {
            review.acts = true;
        }
    }

    /// That a review takes nothing before it is over, and that nothing is taken while it is paused,
    /// nor what is not to end yet.
    pub(super) fn may_act(&self, actor: usize, what: &str) {
        let Actor { run, review, .. } = &self.actors[actor];
        let said = |why: &str| {
            let log = self.log.join("\n");
            format!(
                "{what} {why} at {}: HISTORY={}\n{run:#?}\n{log}",
                self.now, self.seed
            )
        };
        assert!(!self.is_paused(actor), "{}", said("while it is paused"));
        if let Some(review) = review {
            assert!(review.acts, "{}", said("before the review is over"));
        }
        let account = self.facts.account.as_ref().filter(|account| !account.gone);
        if run.heard.is_some()
            && let Some(account) = account
        {
            let over = account.expires_at.is_some_and(|at| at <= self.now);
            assert!(over, "{}", said("what is not to end yet"));
        }
    }
}
