//! One history: a scheduler that is as unkind as the world, and what must hold whatever it does.

use crate::dice::Dice;
use crate::histories::halts::{Halt, Review};
use crate::histories::world::{Company, Mutation, noon};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use tenure::engine::retry::{MAIL_RETRY, next_delay};
use tenure::engine::step::{Event, Rival, Scene, Transition, step};
use tenure::engine::{
    Cast, Completion, Decision, Effect, Entry, Occasion, Outcome, Run, RunId, State,
    Track, Verdict, imagined_run, reason,
};
use tenure::facts::Facts;
use tenure::ir::{IdentityState, Policy, StepKind};
use tenure::query::{Moment, Truth, verdict};
use tenure::text::fold;
use tenure::time::calendar::Calendar;
use tenure::time::{Duration, Timestamp};

/// So often may something be due at one instant: a policy has few steps.
const MOST_AT_ONCE: usize = 60;
/// So many things happen before everybody is left in peace.
const HAPPENINGS: u64 = 60;

/// A run and what belongs to it.
pub(super) struct Actor {
    pub(super) policy: Rc<Policy>,
    pub(super) run: Run,
    pub(super) wake_at: Option<Timestamp>,
    /// The access review that asks, where one does.
    pub(super) review: Option<Review>,
    /// Since when it stands still.
    pub(super) still_since: Option<Timestamp>,
    /// What would be known had it changed nothing itself.
    without: Facts,
    /// Whether others changed something after it did: nobody can tell whose what is then.
    muddled: bool,
    decided: u32,
    /// Whether it was begun anew when it had taken something.
    anew: bool,
}

pub(super) struct Waiting {
    pub(super) actor: usize,
    key: String,
    effect: Effect,
    attempts: u32,
    next_at: Timestamp,
}

/// What happened, and how the runs ended.
pub(crate) struct History<'a> {
    pub(super) seed: u64,
    pub(super) company: &'a Company,
    pub(super) dice: Dice,
    cast: Cast,
    pub(super) facts: Facts,
    pub(super) actors: Vec<Actor>,
    pub(super) outbox: Vec<Waiting>,
    /// Every key there ever was, and what arrived with it.
    keys: BTreeSet<String>,
    arrived: BTreeMap<String, Effect>,
    pub(super) now: Timestamp,
    back_at: Option<Timestamp>,
    /// Whether everything works and nothing falls.
    pub(super) peace: bool,
    /// What is paused.
    pub(super) halts: Vec<Halt>,
    pub(super) calendar: Calendar,
    pub(crate) log: Vec<String>,
    pub(crate) transitions: u64,
    pub(crate) ends: Vec<String>,
}

impl<'a> History<'a> {
    pub(crate) fn play(seed: u64, company: &'a Company) -> Self {
        let mut dice = Dice::new(seed);
        let mut history = Self {
            seed,
            company,
            cast: company.cast(),
            facts: company.account(&mut dice),
            dice,
            actors: Vec::new(),
            outbox: Vec::new(),
            keys: BTreeSet::new(),
            arrived: BTreeMap::new(),
            now: noon(),
            back_at: None,
            peace: false,
            halts: Vec::new(),
            calendar: Calendar::default(),
            log: Vec::new(),
            transitions: 0,
            ends: Vec::new(),
        };
        history.evaluate();
        for _ in 0..HAPPENINGS {
            history.happen();
            history.tick();
        }
        history.rest_in_peace();
        history
    }

    fn evaluate(&mut self) {
        // More of them where more is played.
        let all = 300 + self.seed / 10;
        let reviews = self.dice.chance(20);
        let policy = match reviews {
            true => self.company.review(self.dice.below(all / 10)),
            false => self.company.policy(self.dice.below(all)),
        };
        let at = Moment::at(self.now);
        if self.outside().is_some() || self.facts.account.as_ref().unwrap().gone {
            return;
        }
        let Ok(reason) = reason(&policy, &self.facts, at) else { return };
        let id = i64::try_from(self.actors.len()).unwrap() + 1;
        let run = imagined_run(&policy, &self.facts, (&reason, at));
        let key = format!("{}_{id}", run.key);
        let run = Run { id: RunId(id), key, ..run };
        let review = reviews.then(|| self.review(&policy));
        let run = self.opened(run, review.as_ref());
        let without = self.facts.clone();
        self.actors.push(Actor {
            policy,
            run,
            wake_at: None,
            review,
            still_since: None,
            without,
            muddled: false,
            decided: 0,
            anew: false,
        });
        let because = reason.because;
        let actor = self.actors.len() - 1;
        // An evaluation that falls opens nothing; this one stands.
        let next = self.next(actor, Event::Opened { because }).unwrap();
        self.commit(actor, next);
    }

    fn happen(&mut self) {
        match self.dice.below(29) {
            24..=25 => self.pause(),
            26..=27 => self.resume(),
            28 => self.close(),
            0..=4 => self.wait_for_next(),
            5..=6 => self.now = self.now.after(Duration(self.some(86_400 * 4))),
            7 => self.now = self.now.after(Duration(self.some(900))),
            8 if self.dice.chance(30) => {
                let back = self.dice.pick(&[3_600, 86_400, 86_400 * 400]);
                self.now = self.now.before(Duration(back));
            }
            8 if self.dice.chance(30) => self.now = self.now.after(Duration::days(400)),
            9 => self.back_at = Some(self.now),
            10..=14 => self.mutate(),
            15..=17 => self.decide(),
            18 => self.complete(),
            19..=20 => self.tell(|_| Event::Retried { by: "ida".to_owned() }),
            21 if self.dice.chance(20) => {
                self.tell(|_| Event::Cancelled { why: "by ida".to_owned() });
            }
            21 if self.dice.chance(60) => self.evaluate_again(),
            21 if self.dice.chance(40) => {
                self.tell(|_| Event::CalledOff { why: "they are back".to_owned() });
            }
            21 => self.begin_anew(),
            22..=23 if self.actors.len() < 5 => self.evaluate(),
            _ => self.wait_for_next(),
        }
    }

    /// Its policy is evaluated again, unless it is paused.
    fn evaluate_again(&mut self) {
        if self.actor().is_some_and(|actor| !self.is_paused(actor)) {
            self.tell(|_| Event::Evaluated);
        }
    }

    pub(super) fn some(&mut self, limit: u64) -> i64 {
        i64::try_from(self.dice.below(limit)).unwrap()
    }

    fn mutate(&mut self) {
        let mutation = self.company.mutation(&mut self.dice, self.now);
        let alike =
            |actor: &Actor| Company::alike(&mutation, &self.facts, &actor.without);
        if !self.actors.iter().all(alike) {
            return;
        }
        self.log.push(format!("{} {mutation:?}", self.now));
        self.company.apply(&mutation, &mut self.facts);
        for actor in &mut self.actors {
            self.company.apply(&mutation, &mut actor.without);
        }
        if let (Mutation::State(_), Some(user)) = (&mutation, &self.facts.user) {
            self.cast.people.insert(fold(&user.email), user.clone());
        }
    }

    pub(super) fn actor(&mut self) -> Option<usize> {
        let count = self.actors.len() as u64;
        (count > 0).then(|| usize::try_from(self.dice.below(count)).unwrap())
    }

    pub(super) fn tell(&mut self, event: impl Fn(&Run) -> Event) {
        let Some(actor) = self.actor() else { return };
        let event = event(&self.actors[actor].run);
        self.advance(actor, event);
    }

    /// Whatever was decided before counts no more, and what was taken stays taken.
    fn begin_anew(&mut self) {
        let Some(actor) = self.actor() else { return };
        let was_open = self.actors[actor].run.state.is_open();
        let why = "another manager".to_owned();
        if self.advance(actor, Event::Restarted { why }) && was_open {
            let it = &mut self.actors[actor];
            it.decided = 0;
            it.anew |= it.run.took;
            let state = &it.run.state;
            let anew = !state.is_open() || it.run.decision.is_none();
            assert!(anew, "not anew: {state:?}: HISTORY={}", self.seed);
        }
    }

    fn decide(&mut self) {
        let Some(actor) = self.actor() else { return };
        let asked = &self.actors[actor].run.asked;
        let mut by: Vec<String> = asked.iter().map(|it| it.email.clone()).collect();
        by.push("max@acme.example".to_owned());
        let verdict = self.dice.pick(&[Verdict::Keep, Verdict::Remove]);
        let decision = Decision {
            by: self.dice.pick(&by),
            actor: None,
            verdict,
            comment: None,
        };
        if self.advance(actor, Event::Decided(decision)) {
            let Actor { decided, .. } = &mut self.actors[actor];
            *decided += 1;
            assert_eq!(*decided, 1, "decided twice: HISTORY={}", self.seed);
        }
    }

    fn complete(&mut self) {
        let Some(actor) = self.actor() else { return };
        let State::Tasked { people, .. } = &self.actors[actor].run.state else { return };
        let by = people[0].email.clone();
        self.advance(
            actor,
            Event::Completed(Completion { by, actor: None, comment: None }),
        );
    }

    /// What is due is done, again and again until nothing is.
    fn tick(&mut self) {
        for round in 0.. {
            assert!(
                round < MOST_AT_ONCE,
                "endless at {}: HISTORY={}\n{}",
                self.now,
                self.seed,
                self.log.join("\n")
            );
            let mut moved = self.reviews();
            for actor in 0..self.actors.len() {
                let due = self.actors[actor].wake_at.is_some_and(|at| at <= self.now);
                let due = due && !self.is_paused(actor);
                moved |= due && self.advance(actor, Event::Due);
            }
            moved |= self.deliver();
            if !moved {
                return;
            }
        }
    }

    fn deliver(&mut self) -> bool {
        let now = self.now;
        let free = |it: &Waiting| it.next_at <= now && !self.is_paused(it.actor);
        let Some(at) = self.outbox.iter().position(free) else { return false };
        let Waiting { actor, key, .. } = &self.outbox[at];
        let (actor, key) = (*actor, key.clone());
        let state = &self.actors[actor].run.state;
        let takes = matches!(state, State::Removing { effect, .. } if *effect == key);
        let again = Event::Attempting { key: key.clone() };
        if takes && !self.advance(actor, again) {
            return false;
        }
        let Some(at) = self.outbox.iter().position(|waiting| waiting.key == key) else {
            return true;
        };
        if takes {
            self.may_take(actor, "sends a webhook");
        }
        let (effect, attempts) =
            (self.outbox[at].effect.clone(), self.outbox[at].attempts);
        let outcome = self.outcome(&effect);
        if matches!(outcome, Outcome::Delivered { .. }) || self.dice.chance(30) {
            let before = self.arrived.insert(key.clone(), effect.clone());
            assert!(before.is_none_or(|it| it == effect), "HISTORY={}", self.seed);
        }
        if self.falls() {
            return false;
        }
        // What has begun to leave is answered, whatever is paused meanwhile.
        if !self.peace && self.dice.chance(3) {
            self.pause();
        }
        let retries = match &effect {
            Effect::Mail(_) => MAIL_RETRY,
            Effect::Webhook(request) => request.retry,
            Effect::Call(calling) => calling.retry,
            Effect::Connector(_) => MAIL_RETRY,
        };
        if let Outcome::Failed { .. } = outcome
            && let Some(delay) = next_delay(attempts + 1, retries, &key, None)
        {
            let waiting = &mut self.outbox[at];
            (waiting.attempts, waiting.next_at) = (attempts + 1, now.after(delay));
            return true;
        }
        self.outbox.remove(at);
        let event = Event::Answered { key, effect, outcome };
        let next = self.next(actor, event).unwrap();
        self.commit(actor, next);
        true
    }

    fn outcome(&mut self, effect: &Effect) -> Outcome {
        let delivered = Outcome::Delivered { message: None };
        let failed = Outcome::silent("silence".to_owned());
        let refused = Outcome::Refused { why: "no".to_owned() };
        let webhook = matches!(effect, Effect::Webhook(_));
        match self.dice.below(10) {
            _ if self.peace => delivered,
            0..=1 => failed,
            2 if webhook => failed,
            3 => refused,
            _ => delivered,
        }
    }

    fn falls(&mut self) -> bool {
        !self.peace && self.dice.chance(8)
    }

    /// A transition, committed or lost with its process; whether it was committed.
    pub(super) fn advance(&mut self, actor: usize, event: Event) -> bool {
        let before = self.actors[actor].run.clone();
        let next = self.next(actor, event.clone());
        if self.falls() {
            // Whoever comes after reads the run from the disk, and decides the same.
            let stored = serde_json::to_string(&before).unwrap();
            self.actors[actor].run = serde_json::from_str(&stored).unwrap();
            assert_eq!(self.actors[actor].run, before);
            assert_eq!(self.next(actor, event), next, "HISTORY={}", self.seed);
            return false;
        }
        let Ok(next) = next else { return false };
        let due = next.wake_at.is_some_and(|at| at <= self.now);
        assert!(
            event != Event::Due || !due || next.run != before,
            "nothing follows: HISTORY={}",
            self.seed
        );
        self.commit(actor, next);
        true
    }

    fn next(&self, actor: usize, event: Event) -> Result<Transition, String> {
        let asking = |(other, it): (usize, &Actor)| {
            let asks = other != actor && matches!(it.run.state, State::Reviewing { .. });
            let asked = it.run.asked.iter().map(|asked| fold(&asked.email)).collect();
            asks.then_some(Rival { run: it.run.id.0, asked, takes: false })
        };
        let Actor { policy, run, .. } = &self.actors[actor];
        let mut rivals = Vec::new();
        if policy.review_len > 0 && !run.settled {
            rivals = self.actors.iter().enumerate().filter_map(asking).collect();
        }
        // A limit holds back what is begun in the first hours of some days.
        let hour = self.now.0.rem_euclid(86_400) / 3_600;
        let room_at =
            (!self.peace && !run.begun && self.seed.is_multiple_of(3) && hour < 4)
                .then(|| self.now.after(Duration::HOUR));
        let scene = Scene {
            policy,
            facts: &self.facts,
            cast: &self.cast,
            outside: self.outside(),
            rivals: &rivals,
            siblings: &[],
            back_at: self.back_at,
            calendar: &self.calendar,
            zone: chrono_tz::UTC,
            room_at,
            paused: self.is_paused(actor),
            links: None,
            review_ends: self.actors[actor].closes_at(),
            now: self.now,
        };
        step(run, event, &scene)
    }

    fn outside(&self) -> Option<&'static str> {
        let state = self.facts.user.as_ref().map(|user| user.identity_state);
        (state == Some(IdentityState::LongTerm)).then_some("inactive long-term")
    }

    fn commit(&mut self, actor: usize, next: Transition) {
        self.transitions += 1;
        let takes = |text: &str| {
            let steps = self.actors[actor].policy.every_step();
            let mut named = steps.filter(|step| step.text == text);
            named.any(|it| it.kind.takes() && !matches!(it.kind, StepKind::AllOf(_)))
        };
        for entry in &next.trail {
            let begun = matches!(entry, Entry::StepStarted { .. });
            assert!(
                !begun || !self.is_paused(actor),
                "begun while paused: HISTORY={}",
                self.seed
            );
            let took = match entry {
                Entry::StepStarted { step } => takes(step),
                Entry::StepDone { step, .. } => !next.changes.is_empty() && takes(step),
                _ => false,
            };
            if took {
                self.may_take(actor, "takes");
            }
            self.log.push(format!("{} run {actor} {entry:?}", self.now));
        }
        let still = self.is_paused(actor) && !next.changes.is_empty();
        assert!(!still, "changes while paused: HISTORY={}", self.seed);
        for change in &next.changes {
            for (other, it) in self.actors.iter_mut().enumerate() {
                if other != actor {
                    it.muddled |= it.without != self.facts;
                    change.foretell(&mut it.without, (&self.cast, self.now));
                }
            }
            change.foretell(&mut self.facts, (&self.cast, self.now));
        }
        for (key, effect) in next.effects {
            assert!(self.keys.insert(key.clone()), "{key} twice: HISTORY={}", self.seed);
            let (next_at, attempts) = (self.now, 0);
            self.outbox.push(Waiting { actor, key, effect, attempts, next_at });
        }
        self.outbox.retain(|waiting| !next.withdrawn.contains(&waiting.key));
        let asked = matches!(self.actors[actor].run.state, State::Reviewing { .. });
        let asks = matches!(next.run.state, State::Reviewing { .. });
        let it = &mut self.actors[actor];
        (it.run, it.wake_at) = (next.run, next.wake_at);
        if asked && !asks {
            for it in &mut self.actors {
                if matches!(it.run.state, State::InLine { .. }) {
                    it.wake_at = Some(self.now);
                }
            }
        }
        self.is_sound(actor);
    }

    /// Whoever takes something away has seen that the condition holds and no exception does.
    fn may_take(&self, actor: usize, what: &str) {
        let Actor { policy, run, without, muddled, .. } = &self.actors[actor];
        let at = Moment::at(self.now).again();
        let always = tenure::ir::Condition {
            kind: tenure::ir::ConditionKind::And(Vec::new()),
            span: policy.when.span,
        };
        let when = if run.beyond { &always } else { &policy.when };
        let truth = verdict(when, policy.except.as_ref(), without, at);
        let same = self.facts.user.as_ref().map(|user| user.id) == run.owner;
        self.may_act(actor, what);
        assert!(
            (*muddled || truth == Truth::True) && same && self.outside().is_none(),
            "{what} at {} though it is {truth:?}: HISTORY={}\n{run:#?}\n{}",
            self.now,
            self.seed,
            self.log.join("\n")
        );
    }

    /// What holds for every run at every time.
    fn is_sound(&self, actor: usize) {
        let Actor { policy, run, wake_at, anew, .. } = &self.actors[actor];
        let said = |what: &str| {
            format!("{what}: HISTORY={}\n{run:#?}\n{}", self.seed, self.log.join("\n"))
        };
        let waits = |key: &String| self.outbox.iter().any(|waiting| waiting.key == *key);
        match &run.state {
            State::At { .. }
            | State::Reviewing { .. }
            | State::Waiting { .. }
            | State::InLine { .. }
            | State::Tasked { delivered: false, .. }
            | State::Tasked { .. } => {
                assert!(wake_at.is_some(), "{}", said("nothing wakes it"));
            }
            State::Removing { effect, .. } => {
                assert!(waits(effect), "{}", said("silent"));
            }
            State::Kept | State::Ended => {
                assert!(!run.took || *anew, "{}", said("kept, taken"));
            }
            _ => {}
        }
        let kept = run.track == Track::Kept;
        assert!(!kept || !run.took || *anew, "{}", said("kept, and taken"));
        if !run.state.is_open() {
            let asks = |mail: &Waiting| {
                mail.actor == actor
                    && match &mail.effect {
                        Effect::Mail(mail) => matches!(
                            mail.occasion,
                            Occasion::Review
                                | Occasion::Escalation
                                | Occasion::Reminder
                                | Occasion::Task
                        ),
                        Effect::Webhook(_) | Effect::Call(_) | Effect::Connector(_) => {
                            true
                        }
                    }
            };
            assert!(!self.outbox.iter().any(asks), "{}", said("over, and still asking"));
            assert!(wake_at.is_none(), "{}", said("over, and still waking"));
        }
        let asked = run.asked.iter().all(|it| self.company.person(&it.email).is_some());
        let none = policy.review_len > 0 || run.asked.is_empty();
        assert!(asked && none, "{}", said("asks whom it should not"));
    }

    fn wait_for_next(&mut self) {
        let going: Vec<_> = (0..self.actors.len())
            .filter(|actor| !self.is_paused(*actor))
            .collect();
        let woken = going.iter().filter_map(|actor| self.actors[*actor].wake_at);
        let closes = going.iter().filter_map(|actor| self.actors[*actor].closes_at());
        let tried = self.outbox.iter().filter(|it| going.contains(&it.actor));
        let tried = tried.map(|waiting| waiting.next_at);
        if let Some(next) = woken.chain(closes).chain(tried).min() {
            self.now = self.now.max(next);
        }
    }

    /// Everything works and time goes on: each run ends, or waits for a person who knows.
    fn rest_in_peace(&mut self) {
        self.peace = true;
        while !self.halts.is_empty() {
            self.resume();
        }
        for _ in 0..20_000 {
            self.tick();
            let before = self.now;
            self.wait_for_next();
            let still = self.actors.iter().all(at_rest);
            if still && self.outbox.is_empty() {
                break;
            }
            assert!(
                self.now > before,
                "time stands still: HISTORY={}\n{}",
                self.seed,
                self.log.join("\n")
            );
        }
        for actor in &self.actors {
            let run = &actor.run;
            let person = match &run.state {
                State::Failed { .. } | State::Held { .. } => run.trouble().is_some(),
                State::Tasked { delivered, .. } => *delivered,
                state => !state.is_open(),
            };
            assert!(
                person && at_rest(actor),
                "stuck: HISTORY={}\n{run:#?}\n{}",
                self.seed,
                self.log.join("\n")
            );
            self.ends.push(run.standing().to_owned());
            if matches!(&run.state, State::NoLongerApplies { why } if why.contains("expiry"))
            {
                self.ends.push("expiry put off".to_owned());
            }
        }
    }
}

/// Whether nothing will become of it by itself. Those who have a task are looked after each day.
fn at_rest(actor: &Actor) -> bool {
    let given =
        matches!(actor.run.state, State::Tasked { delivered: true, closes_at: None, .. });
    (given || actor.wake_at.is_none()) && actor.closes_at().is_none()
}
