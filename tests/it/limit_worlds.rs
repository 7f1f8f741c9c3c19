//! Limits hold: in many small worlds, whatever opens runs, whatever people decide and release,
//! whatever other systems answer and whenever, no more runs open, and no more of them take
//! something away, within 24 hours than the limits say; but for what a person has released.

use crate::dice::{Dice, number};
use crate::site::NOON;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use tenure::engine::step::Event;
use tenure::engine::{
    Decision, Delivery, Effect, Engine, EngineError, Entry, EventMessage, Hands, Outcome,
    Settings, Undo, Verdict, discard, undo,
};
use tenure::foresight::{Line, ledger};
use tenure::ir::Limit;
use tenure::session::Project;
use tenure::store::{ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::{Duration, Timestamp};

/// When something happened to which run of which policy.
type Seen = Vec<(Timestamp, String, String)>;

const PEOPLE: u64 = 10;

/// How often what happened, over all worlds.
type Counts = BTreeMap<String, usize>;

#[test]
fn no_more_is_taken_in_24_hours_than_the_limit_says() {
    let bases = [8, 13].map(base);
    let mut counts = Counts::new();
    for seed in 0..number("LIMIT_WORLDS").unwrap_or(100) {
        let mut dice = Dice::new(seed);
        let base = dice.pick(&[0, 1]);
        let store = bases[base].copy_to_memory().unwrap();
        World::play(seed, dice, &store, &mut counts);
    }
    // Where nothing is held up, nothing was tried.
    for (what, least) in [
        ("taken", 400),
        ("waited", 40),
        ("held", 40),
        ("schedule", 40),
        ("event", 40),
        ("demand", 10),
        ("users", 10),
        ("release", 10),
        ("event release", 10),
        ("restarted", 10),
    ] {
        assert!(counts.get(what).is_some_and(|it| *it >= least), "{what}: {counts:?}");
    }
}

/// Accounts that become inactive one after the other, so many hours apart, and whose time
/// passes meanwhile.
fn base(hours: i64) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let mut identities = "email,given_name,status,department,title\n".to_owned();
    let mut accounts = "app,username,email,status,expires_at\n".to_owned();
    let mut activity = "app,username,source,last_login_at\n".to_owned();
    for number in 0..i64::try_from(PEOPLE).unwrap() {
        let seen = noon()
            .before(Duration::days(90))
            .after(Duration(number * hours * 3_600));
        let expires = noon().after(Duration((number * 11 % 120) * 3_600));
        writeln!(identities, "p{number}@acme.example,P,active,Sales,Clerk").unwrap();
        writeln!(accounts, "crm,u{number},p{number}@acme.example,active,{expires}")
            .unwrap();
        writeln!(activity, "crm,u{number},crm,{seen}").unwrap();
    }
    for (name, text) in [
        ("identities", identities.as_str()),
        ("apps", "app,label\ncrm,CRM\n"),
        ("accounts", &accounts),
        ("activity", &activity),
    ] {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let mut store = Store::in_memory().unwrap();
    store
        .import(folder.path(), &ImportOptions::at(noon()), &mut |_| {})
        .unwrap();
    store
}

fn noon() -> Timestamp {
    Timestamp::parse(NOON).unwrap()
}

/// Webhooks that work on some days and not on others.
struct Moody {
    dice: Dice,
    percent: u64,
    attempts: Seen,
}

impl Hands for Moody {
    fn deliver(&mut self, batch: &[Delivery<'_>], now: Timestamp) -> Vec<Outcome> {
        let outcome = |delivery: &Delivery<'_>| {
            if let Effect::Webhook(request) = delivery.effect {
                let run = delivery.key.rsplit_once('_').unwrap().0.to_owned();
                self.attempts.push((now, request.webhook.clone(), run));
                if !self.dice.chance(self.percent) {
                    let why = "not now".to_owned();
                    return if self.dice.chance(30) {
                        Outcome::Refused { why }
                    } else {
                        Outcome::Failed { why, retry_after: None }
                    };
                }
            }
            Outcome::Delivered { message: None }
        };
        batch.iter().map(outcome).collect()
    }
}

/// One world in the making.
struct World<'a> {
    seed: u64,
    dice: Dice,
    store: &'a Store,
    settings: Settings,
    now: Timestamp,
    /// How many events there were.
    events: u64,
}

impl World<'_> {
    /// Plays six days, and looks at what was done in them.
    fn play(seed: u64, mut dice: Dice, store: &Store, counts: &mut Counts) {
        let (text, limits) = policies(&mut dice);
        let mut sources = Sources::default();
        sources.add("random.tenure", &text);
        let project = Project::check(sources, &store.catalog().unwrap());
        assert_eq!(project.errors(), 0, "seed {seed}\n{text}\n{:#?}", project.findings);
        let together = dice.between(2, 6);
        let limit = dice.chance(30).then_some(Limit::Count(together));
        for (name, text) in project.texts() {
            let version = store.publish(&name, &text, noon()).unwrap().version;
            let id = store.policy(&name).unwrap().unwrap().id;
            store.activate(id, version, noon()).unwrap();
        }
        let mut hands = Moody {
            dice: Dice::new(!seed),
            percent: 80,
            attempts: Seen::new(),
        };
        let settings = Settings { limit, ..Settings::default() };
        let (now, events) = (noon(), 0);
        let mut world = World { seed, dice, store, settings, now, events };
        while world.now < noon().after(Duration::days(6)) {
            world.stretch(&mut hands);
        }
        let lines = ledger(store, 0, noon()).unwrap();
        // A run that has begun goes on, however late that is sent: it counts when it was set
        // going. One that takes a single thing counts with each attempt.
        let one = |it: &(Timestamp, String, String)| !two_things(&it.1);
        let attempts = hands.attempts.into_iter().filter(one).collect();
        let seen = Done::new(store, &lines, attempts);
        let about = format!("seed {seed}\n{text}");
        for (policy, limit) in &limits {
            seen.keeps(Some(policy), *limit, &about);
        }
        if world.settings.limit.is_some() {
            seen.keeps(None, usize::try_from(together).unwrap(), &about);
        }
        seen.count(counts);
        for line in &lines {
            match &line.entry {
                Entry::Held { why } if why.contains("the limit") => {
                    *counts.entry("waited".to_owned()).or_default() += 1;
                }
                Entry::Restarted { .. } => {
                    *counts.entry("restarted".to_owned()).or_default() += 1;
                }
                _ => {}
            }
        }
        for evaluation in store.evaluations(None, u32::MAX).unwrap() {
            *counts.entry("held".to_owned()).or_default() += usize::from(evaluation.held);
            *counts.entry(evaluation.cause).or_default() +=
                usize::from(evaluation.opened > 0);
        }
    }

    /// Some hours, in which a process is called now and then, or is always there.
    fn stretch(&mut self, hands: &mut Moody) {
        hands.percent = self.dice.pick(&[0, 50, 100]);
        let hours = i64::try_from(self.dice.between(1, 36)).unwrap();
        let until = self.now.after(Duration(hours * 3_600));
        let (store, settings) = (self.store, self.settings.clone());
        let mut engine = Engine::new(store, hands, &settings).unwrap();
        if self.dice.chance(50) {
            engine.look_back(self.now).unwrap();
        }
        let mut due = engine.tick(self.now).unwrap().next_due;
        while let Some(at) = due.filter(|at| *at < until && self.dice.chance(90)) {
            self.now = at;
            due = engine.tick(at).unwrap().next_due;
        }
        if self.dice.chance(40) {
            self.people_act(&mut engine);
        }
        for _ in 0..self.dice.below(4) {
            self.happen(&mut engine);
        }
        if self.dice.chance(30) {
            self.demand(&mut engine);
        }
        if self.dice.chance(40) {
            self.settle(&mut engine);
        }
        if self.dice.chance(30) {
            self.put_back();
        }
        self.now = until;
    }

    fn person(&mut self) -> String {
        format!("p{}@acme.example", self.dice.below(PEOPLE))
    }

    /// Something happens to somebody, perhaps to several at once.
    fn happen(&mut self, engine: &mut Engine<'_>) {
        let (attribute, values) = self.dice.pick(&[
            ("department", ["Sales", "Legal", "Support"]),
            ("department", ["Sales", "Legal", "Support"]),
            ("title", ["Clerk", "Head", "Away"]),
        ]);
        for _ in 0..self.dice.between(1, 5) {
            self.events += 1;
            let message = json!({
                "id": format!("e{}", self.events),
                "event": "attribute changed",
                "subject": self.person(),
                "attribute": attribute,
                "new": self.dice.pick(&values),
            });
            let message = EventMessage::parse(&message.to_string()).unwrap();
            engine.receive((&message, None), self.now).unwrap();
        }
        if self.dice.chance(70) {
            engine.tick(self.now).unwrap();
        }
    }

    /// Somebody wants an evaluation, of all or of some people.
    fn demand(&mut self, engine: &mut Engine<'_>) {
        if self.dice.chance(50) {
            engine.evaluate_all(self.now).unwrap();
            return;
        }
        let mut users = Vec::new();
        for _ in 0..self.dice.between(1, 4) {
            let email = self.person();
            let user = self.store.person(&email).unwrap().unwrap();
            users.push((user.id, email));
        }
        users.sort_unstable();
        users.dedup();
        engine.process_users(&users, ("ida", None), self.now).unwrap();
    }

    /// Somebody releases or discards what is held.
    fn settle(&mut self, engine: &mut Engine<'_>) {
        for held in self.store.held().unwrap() {
            let who = ("ida", "checked");
            if self.dice.chance(50) {
                let released = engine.release(held.evaluation, who, self.now);
                let fine = matches!(released, Ok(_) | Err(EngineError::Refused(_)));
                assert!(fine, "seed {}: {released:?}", self.seed);
            } else if self.dice.chance(30) {
                // What is released meanwhile is not held any more.
                discard(self.store, held.evaluation, who, self.now).ok();
            }
        }
    }

    /// Decisions and retries come together, as they do after a reminder or an outage.
    fn people_act(&mut self, engine: &mut Engine<'_>) {
        for row in self.store.runs(true).unwrap() {
            let event = match row.state.as_str() {
                "reviewing" if self.dice.chance(70) => {
                    let number = row.subject.name.trim_start_matches("crm/u");
                    let verdict = if self.dice.chance(80) {
                        Verdict::Remove
                    } else {
                        Verdict::Keep
                    };
                    Event::Decided(Decision {
                        by: format!("p{number}@acme.example"),
                        actor: None,
                        verdict,
                        comment: None,
                    })
                }
                "failed" | "held" if self.dice.chance(80) => {
                    Event::Retried { by: "ida".to_owned() }
                }
                _ => continue,
            };
            engine.tell(row.id, event, self.now).unwrap();
        }
    }

    /// Somebody undoes what was done: that makes no room. Nobody rests after it, so that it
    /// may be taken again at once.
    fn put_back(&mut self) {
        for row in self.store.runs(false).unwrap() {
            if row.ended_at.is_some() && self.dice.chance(30) {
                let settings = Settings { snooze: Duration(0), ..Settings::default() };
                let who = ("ida", &settings);
                // What was undone before is refused.
                drop(undo(self.store, (Undo::Run(row.id), false), who, self.now));
            }
        }
    }
}

/// What was done in a world, in both ways of counting.
struct Done {
    opened: Seen,
    taken: Seen,
    /// The runs that a person let through.
    released: BTreeSet<String>,
}

impl Done {
    fn new(store: &Store, lines: &[Line], attempts: Seen) -> Self {
        let mut released = BTreeSet::new();
        // By the key that the attempts of a run begin with.
        let mut keys = BTreeMap::new();
        for row in store.runs(false).unwrap() {
            let run: serde_json::Value = serde_json::from_str(&row.body).unwrap();
            keys.insert(run["key"].as_str().unwrap().to_owned(), row.id.to_string());
            if run["released"] == true {
                released.insert(row.id.to_string());
            }
        }
        let seen = |line: &Line| (line.at, line.policy.clone(), line.run.to_string());
        let of = |what: fn(&Entry) -> bool| -> Seen {
            lines.iter().filter(|line| what(&line.entry)).map(seen).collect()
        };
        let opened = of(|entry| matches!(entry, Entry::Opened { .. }));
        let mut taken = of(
            |entry| matches!(entry, Entry::StepDone { step, .. } if step == "disable account"),
        );
        let started = of(|entry| matches!(entry, Entry::StepStarted { .. }));
        taken.extend(started.into_iter().filter(|it| two_things(&it.1)));
        let named = |(at, policy, key): (Timestamp, String, String)| {
            let run = keys[&key].clone();
            (at, policy, run)
        };
        taken.extend(attempts.into_iter().map(named));
        taken.sort();
        Self { opened, taken, released }
    }

    /// That what nobody released was never one too many: neither in one policy, nor in all.
    fn keeps(&self, policy: Option<&str>, limit: usize, about: &str) {
        for (what, seen) in [("opened", &self.opened), ("taken", &self.taken)] {
            let of = |it: &&(Timestamp, String, String)| {
                policy.is_none_or(|policy| policy == it.1)
            };
            let seen: Vec<_> = seen.iter().filter(of).collect();
            for (at, _, run) in &seen {
                if self.released.contains(run) {
                    continue;
                }
                // What a person releases at the same instant comes behind it.
                let counts = |it: &&&(Timestamp, String, String)| {
                    it.0 > at.before(Duration::DAY)
                        && (it.0 < *at || it.0 == *at && !self.released.contains(&it.2))
                };
                let within: BTreeSet<_> =
                    seen.iter().filter(counts).map(|it| &it.2).collect();
                assert!(
                    within.len() <= limit,
                    "{what} at {at}, {policy:?}: {} of {limit}: {about}\n{seen:#?}",
                    within.len()
                );
            }
        }
    }

    fn count(&self, counts: &mut Counts) {
        *counts.entry("taken".to_owned()).or_default() += self.taken.len();
    }
}

/// Whether the policy of that name takes two things away.
fn two_things(policy: &str) -> bool {
    policy.starts_with("two")
}

fn policies(dice: &mut Dice) -> (String, BTreeMap<String, usize>) {
    let (mut text, mut limits) = (String::new(), BTreeMap::new());
    for number in 0..dice.between(1, 4) {
        let (limit, allowed) = dice.pick(&[
            ("3", 3),
            ("2", 2),
            ("3", 3),
            ("25%", 3),
            ("the larger of 2 and 10%", 2),
        ]);
        let every = dice.pick(&["every 6h", "every 12h", "every day at 12:00"]);
        let days = dice.between(90, 92);
        let when = format!("when inactive > {days}d");
        let starts = match dice.between(0, 6) {
            0 => "on department changed".to_owned(),
            1 => format!("{every}\n  on department changed\n  {when}"),
            2 => "on access expired".to_owned(),
            _ => format!("{every}\n  {when}"),
        };
        let then = match dice.between(0, 8) {
            0 => "disable account".to_owned(),
            1 => "ask owner for 2d, disable account".to_owned(),
            2 => "ask owner for 1d, disable account".to_owned(),
            3 => format!("ask owner for 2d, run webhook p{number}"),
            4 => format!("run webhook p{number}, wait 12h"),
            5 => format!("disable account, run webhook two{number}"),
            _ => format!("run webhook p{number}"),
        };
        let two = then.contains(" two");
        let name = format!("{}{number}", if two { "two" } else { "p" });
        let also = dice.pick(&[
            "",
            "",
            "  cancel on title changed\n",
            "  restart on title changed\n",
            "  restart on title changed\n",
        ]);
        let retry = dice.between(0, 7);
        writeln!(
            text,
            "webhook {name}\n  url \"https://hooks.acme.example/{number}\"\n  retry {retry}\n\n\
             policy {name}\n  {starts}\n{also}  limit {limit}\n  then {then}\n"
        )
        .unwrap();
        limits.insert(name, allowed);
    }
    (text, limits)
}
