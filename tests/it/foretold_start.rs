//! How a world begins that is foretold: what is at work already, as it is to be or otherwise, and
//! what has happened that nobody heard of yet.

use crate::dice::Dice;
use serde_json::json;
use std::collections::BTreeSet;
use tenure::actions::Recorder;
use tenure::engine::{Engine, EventMessage, Settings, parse};
use tenure::foresight::Simulation;
use tenure::store::{EvaluationRow, Mode, Store};
use tenure::time::{Duration, Timestamp};

/// How it begins.
pub(crate) struct Start {
    dice: Dice,
    /// Whether what is activated is evaluated at once.
    pub(crate) at_once: bool,
    /// The last evaluation before.
    last: i64,
}

const HALF_DAYS: u64 = 8;

impl Start {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed.wrapping_add(1 << 41));
        let at_once = dice.chance(70);
        Self { dice, at_once, last: 0 }
    }

    /// Before everything else.
    pub(crate) fn earliest(from: Timestamp) -> Timestamp {
        half_days_before(from, HALF_DAYS)
    }

    /// In some worlds some policies are at work for some time; gives the names of those that are
    /// so with their texts, for all and in earnest.
    pub(crate) fn puts_to_work(
        &mut self,
        (store, settings): (&Store, &Settings),
        texts: &[(String, String)],
        from: Timestamp,
    ) -> BTreeSet<String> {
        let mut as_they_are = BTreeSet::new();
        if self.dice.chance(40) {
            return as_they_are;
        }
        let since = self.dice.between(1, HALF_DAYS);
        let began = half_days_before(from, since);
        for (name, text) in texts {
            let (otherwise, observe) = match self.dice.between(0, 6) {
                0 => continue,
                1 => (true, false),
                2 => (false, true),
                _ => (false, false),
            };
            let before = if otherwise { "# as it was\n" } else { "" };
            let mode = Mode { observe, only: None };
            let text = format!("{before}{text}");
            activate_as((store, settings), (name, &text), &mode, began);
            if !otherwise && !observe {
                as_they_are.insert(name.clone());
            }
        }
        let mut hands = Recorder::default();
        let mut engine = Engine::new(store, &mut hands, settings).unwrap();
        for before in (1..=since).rev() {
            engine.tick(half_days_before(from, before)).unwrap();
        }
        as_they_are
    }

    /// In some worlds something has just happened.
    pub(crate) fn tells_of(
        &mut self,
        (store, settings): (&Store, &Settings),
        from: Timestamp,
    ) {
        let mut hands = Recorder::default();
        let mut engine = Engine::new(store, &mut hands, settings).unwrap();
        for number in 0..6 {
            if self.dice.chance(30) {
                continue;
            }
            let event = ["user updated", "user suspended", "attribute changed"];
            let (event, who) = (event[number % 3], number / 3);
            let mut told = json!({
                "id": number.to_string(), "event": event,
                "subject": format!("p{who}@acme.example"),
            });
            if event == "attribute changed" {
                told["attribute"] = json!("department");
                told["new"] = json!(self.dice.pick(&["Sales", "Legal"]));
            }
            let message = EventMessage::parse(&told.to_string()).unwrap();
            engine.receive((&message, None), from).unwrap();
        }
        self.last = evaluations(store).iter().map(|it| it.id).max().unwrap_or(0);
    }

    /// What the world shows of how policies begin. Each is first evaluated when it is said to be.
    pub(crate) fn kinds(
        &self,
        store: &Store,
        (as_they_are, foretold): (&BTreeSet<String>, &Simulation),
        from: Timestamp,
    ) -> Vec<String> {
        let made = evaluations(store);
        let made: Vec<_> = made.iter().filter(|it| it.id > self.last).collect();
        let mut kinds = Vec::new();
        for start in &foretold.policies {
            assert_eq!(start.activated, !as_they_are.contains(&start.policy));
            let id = store.policy(&start.policy).unwrap().unwrap().id;
            let own = made.iter().filter(|it| it.policy_id == id);
            let of_all = own.filter(|it| it.cause != "event").map(|it| it.at).min();
            let said = start.first_evaluation.filter(|at| *at <= foretold.until);
            assert_eq!(of_all, said, "{start:?}");
            if start.activated && said.is_some_and(|at| at > from) {
                kinds.push("first evaluated by schedule".to_owned());
            }
            let mut lines = foretold.events.iter();
            if !start.activated && lines.any(|line| line.policy == start.policy) {
                kinds.push("went on as it was".to_owned());
            }
        }
        let heard = made.iter().any(|it| it.cause == "event" && it.at == from);
        if heard && !as_they_are.is_empty() {
            kinds.push("heard as it stood".to_owned());
        }
        kinds
    }
}

/// As `tenure publish` and `tenure activate` do.
pub(crate) fn activate(
    at: (&Store, &Settings),
    (name, text): (&str, &str),
    now: Timestamp,
) {
    activate_as(at, (name, text), &Mode::default(), now);
}

fn activate_as(
    (store, settings): (&Store, &Settings),
    (name, text): (&str, &str),
    mode: &Mode,
    now: Timestamp,
) {
    let version = store.publish(name, text, now).unwrap().version;
    let catalog = store.catalog().unwrap();
    let policy = parse(name, text, &catalog).unwrap();
    let mut hands = Recorder::default();
    let mut engine = Engine::new(store, &mut hands, settings).unwrap();
    let what = (&policy, &catalog);
    engine.activate((name, version), what, (mode, now)).unwrap();
}

/// By the clock of the real run.
fn half_days_before(at: Timestamp, many: u64) -> Timestamp {
    at.before(Duration(43_200 * i64::try_from(many).unwrap()))
}

fn evaluations(store: &Store) -> Vec<EvaluationRow> {
    store.evaluations(None, u32::MAX).unwrap()
}
