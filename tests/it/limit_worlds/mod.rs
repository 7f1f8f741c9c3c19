//! Limits hold: in many small worlds, whatever opens runs, whatever people decide and release,
//! whatever other systems answer and whenever, no more runs open, and no more of them take
//! something away, within 24 hours than the limits say; but for what a person has released.
//!
//! Access reviews ask beside them, and everything or a single policy is paused, at times cannot
//! be followed, or is not at work: nothing is taken then, and nothing is taken twice. In the end
//! each run is over, or waits for a person.

mod done;
mod halts;
mod people;
mod policies;
mod watch;

use crate::dice::{Dice, number};
use crate::limit_worlds::done::Done;
use crate::limit_worlds::policies::{policies, takes};
use crate::limit_worlds::watch::Watch;
use crate::site::NOON;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use tenure::engine::{Delivery, Effect, Engine, Entry, Hands, Outcome, Run, Settings};
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
    let seeds = match number("LIMIT_WORLD") {
        Some(seed) => seed..seed + 1,
        None => 0..number("LIMIT_WORLDS").unwrap_or(100),
    };
    let all = seeds.end - seeds.start;
    for seed in seeds {
        let log = play(seed, &bases, &mut counts);
        // A world is its seed's alone.
        if seed % 16 == 0 {
            let again = play(seed, &bases, &mut Counts::new());
            assert_eq!(log, again, "LIMIT_WORLD={seed}");
        }
    }
    if all < 100 {
        return;
    }
    // Where nothing is held up, nothing was tried.
    for (what, least) in [
        ("taken", 400),
        ("waited", 40),
        ("held", 40),
        ("schedule", 40),
        ("event", 40),
        ("demand", 5),
        ("users", 10),
        ("release", 10),
        ("event release", 10),
        ("restarted", 10),
        ("stood still", 100),
        ("review removed", 100),
        ("review ended", 100),
        ("left to a policy", 10),
        ("awaits held", 10),
        ("awaits paused", 4),
        ("awaits blocked", 5),
        ("expiry put off", 10),
        ("ignored", 50),
        ("remove access", 50),
    ] {
        assert!(counts.get(what).is_some_and(|it| *it >= least), "{what}: {counts:?}");
    }
}

fn play(seed: u64, bases: &[Store], counts: &mut Counts) -> String {
    let mut dice = Dice::new(seed);
    let base = usize::try_from(dice.below(bases.len() as u64)).unwrap();
    let store = bases[base].copy_to_memory().unwrap();
    World::play((seed, dice), store, counts)
}

/// Accounts that become inactive one after the other, so many hours apart, and whose time
/// passes meanwhile.
fn base(hours: i64) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let head = "email,given_name,status,department,title,lifecycle_state\n";
    let mut identities = head.to_owned();
    let mut accounts = "app,username,email,status,expires_at\n".to_owned();
    let mut activity = "app,username,source,last_login_at\n".to_owned();
    let mut grants = GRANTS.to_owned();
    for number in 0..i64::try_from(PEOPLE).unwrap() {
        let seen = noon()
            .before(Duration::days(90))
            .after(Duration(number * hours * 3_600));
        let expires = expires(number);
        writeln!(identities, "p{number}@acme.example,P,active,Sales,Clerk,active")
            .unwrap();
        writeln!(accounts, "crm,u{number},p{number}@acme.example,active,{expires}")
            .unwrap();
        writeln!(activity, "crm,u{number},crm,{seen}").unwrap();
        writeln!(grants, "crm,u{number},read,{expires}").unwrap();
    }
    for (name, text) in [
        ("identities", identities.as_str()),
        ("apps", "app,label\ncrm,CRM\n"),
        ("accounts", &accounts),
        ("activity", &activity),
        ("permissions", "app,permission,label\ncrm,read,Read\n"),
        ("grants", &grants),
        ("lifecycle_states", STATES),
        ("groups", &groups(true)),
        ("memberships", MEMBERSHIPS),
    ] {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    let mut store = Store::in_memory().unwrap();
    import(&mut store, folder.path(), ImportOptions::at(noon()));
    store
}

const GRANTS: &str = "app,username,permission,expires_at\n";
const STATES: &str = "state,identity_state,enabled\nactive,active,true\n\
                      leave,inactive short-term,true\ngone,inactive long-term,true\n";
const MEMBERSHIPS: &str = "group,source,email,joined_at\nNight,okta,p1@acme.example,2024-01-01\n\
                           Staff,okta,p2@acme.example,2024-01-01\n";

/// The groups, of which one is gone at times.
fn groups(all: bool) -> String {
    let night = if all { "Night,okta,idp\n" } else { "" };
    format!("group,source,kind\nStaff,okta,idp\n{night}")
}

/// When the access of somebody ends.
fn expires(number: i64) -> Timestamp {
    noon().after(Duration((number * 11 % 120) * 3_600))
}

fn import(store: &mut Store, folder: &Path, options: ImportOptions) {
    store.import(folder, &options, &mut |_| {}).unwrap();
}

fn noon() -> Timestamp {
    Timestamp::parse(NOON).unwrap()
}

fn is_review(policy: &str) -> bool {
    policy.starts_with("access review")
}

/// Something that left.
struct Attempt {
    at: Timestamp,
    key: String,
    /// Whether it takes something away.
    takes: bool,
    arrived: bool,
}

impl Attempt {
    /// What the keys of its run begin with.
    fn run(&self) -> &str {
        self.key.rsplit_once('_').unwrap().0
    }
}

/// Webhooks that work on some days and not on others.
struct Moody {
    dice: Dice,
    percent: u64,
    attempts: Rc<RefCell<Vec<Attempt>>>,
}

impl Hands for Moody {
    fn deliver(&mut self, batch: &[Delivery<'_>], now: Timestamp) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for delivery in batch {
            let takes = matches!(delivery.effect, Effect::Webhook(_));
            let mut outcome = Outcome::Delivered { message: None };
            if takes && !self.dice.chance(self.percent) {
                let why = "not now".to_owned();
                outcome = match self.dice.chance(30) {
                    true => Outcome::Refused { why },
                    false => Outcome::silent(why),
                };
            }
            let arrived = matches!(outcome, Outcome::Delivered { .. });
            let (at, key) = (now, delivery.key.to_owned());
            self.attempts.borrow_mut().push(Attempt { at, key, takes, arrived });
            outcomes.push(outcome);
        }
        outcomes
    }
}

/// One world in the making.
struct World {
    seed: u64,
    dice: Dice,
    settings: Settings,
    now: Timestamp,
    /// How many events there were.
    events: u64,
    watch: Watch,
    /// How many of the attempts have been looked at.
    looked_at: usize,
    attempts: Rc<RefCell<Vec<Attempt>>>,
    /// The text of each policy.
    texts: BTreeMap<String, String>,
    /// Whether there are access reviews.
    reviewed: bool,
    /// Whether policies are kept from going on.
    halted: bool,
    /// Whether a group is gone that some of them name.
    night_is_gone: bool,
}

impl World {
    /// Plays six days, and looks at what was done in them.
    fn play(
        (seed, mut dice): (u64, Dice),
        mut store: Store,
        counts: &mut Counts,
    ) -> String {
        let (reviewed, halted) = (dice.chance(50), dice.chance(60));
        let (text, limits) = policies(&mut dice, reviewed);
        let mut sources = Sources::default();
        sources.add("random.tenure", &text);
        let project = Project::check(sources, &store.catalog().unwrap());
        assert_eq!(project.errors(), 0, "seed {seed}\n{text}\n{:#?}", project.findings);
        let together = dice.between(2, 6);
        let limit = dice.chance(30).then_some(Limit::Count(together));
        let texts: BTreeMap<_, _> = project.texts().into_iter().collect();
        for (name, text) in &texts {
            let version = store.publish(name, text, noon()).unwrap().version;
            let id = store.policy(name).unwrap().unwrap().id;
            store.activate(id, version, noon()).unwrap();
        }
        let attempts = Rc::new(RefCell::default());
        let mut hands = Moody {
            dice: Dice::new(!seed),
            percent: 80,
            attempts: Rc::clone(&attempts),
        };
        let settings = Settings { limit, ..Settings::default() };
        let about = format!("LIMIT_WORLD={seed}\n{text}");
        let watch = Watch::new(about.clone());
        let (now, events, looked_at) = (noon(), 0, 0);
        let mut world = Self {
            seed,
            dice,
            settings,
            now,
            events,
            watch,
            looked_at,
            attempts,
            texts,
            reviewed,
            halted,
            night_is_gone: false,
        };
        world.note_expiries();
        while world.now < noon().after(Duration::days(6)) {
            world.stretch(&store, &mut hands);
            world.import(&mut store);
        }
        world.rest_in_peace(&mut store, &mut hands);
        let lines = ledger(&store, 0, noon()).unwrap();
        let seen = Done::new(&store, &lines, &world.attempts.borrow());
        for (policy, limit) in &limits {
            seen.keeps(Some(policy), *limit, &about);
        }
        if world.settings.limit.is_some() {
            seen.keeps(None, usize::try_from(together).unwrap(), &about);
        }
        world.nothing_is_taken_twice(&store, (&lines, &seen));
        seen.count(counts);
        count(&store, &lines, counts);
        format!("{lines:?}")
    }

    /// Some hours, in which a process is called now and then, or is always there.
    fn stretch(&mut self, store: &Store, hands: &mut Moody) {
        hands.percent = self.dice.pick(&[0, 50, 100]);
        let hours = i64::try_from(self.dice.between(1, 36)).unwrap();
        let until = self.now.after(Duration(hours * 3_600));
        let settings = self.settings.clone();
        let mut engine = Engine::new(store, hands, &settings).unwrap();
        if self.dice.chance(50) {
            engine.look_back(self.now).unwrap();
        }
        let mut due = self.tick(store, &mut engine);
        while let Some(at) = due.filter(|at| *at < until && self.dice.chance(90)) {
            self.now = at;
            due = self.tick(store, &mut engine);
        }
        if self.dice.chance(50) {
            self.people_act(store, &mut engine);
        }
        self.halt(store, &mut engine);
        for _ in 0..self.dice.below(4) {
            self.happen(store, &mut engine);
        }
        if self.dice.chance(50) {
            self.demand(store, &mut engine);
        }
        if self.dice.chance(40) {
            self.settle(store, &mut engine);
        }
        if self.reviewed && self.dice.chance(25) {
            self.review(store, &mut engine);
        }
        self.halt(store, &mut engine);
        if self.dice.chance(30) {
            self.put_back(store);
        }
        self.look(store);
        self.now = until;
    }

    /// Does what is due now, and says when something is due next.
    fn tick(&mut self, store: &Store, engine: &mut Engine<'_>) -> Option<Timestamp> {
        let due = engine.tick(self.now).unwrap().next_due;
        let later = due.is_none_or(|at| at > self.now);
        assert!(later, "{due:?} at {}: {}", self.now, self.watch.about);
        self.look(store);
        self.watch.reviews_close(store, self.now);
        due
    }

    /// Looks at what was done, before anything changes by which it is judged.
    fn look(&mut self, store: &Store) {
        let attempts = self.attempts.borrow();
        self.watch.look(store, &attempts[self.looked_at..]);
        self.looked_at = attempts.len();
    }

    /// What an access review rejects goes once: where a policy takes it, the review does not.
    fn nothing_is_taken_twice(&self, store: &Store, (lines, seen): (&[Line], &Done)) {
        let rows = store.runs(false).unwrap();
        let read = |body: &String| serde_json::from_str::<Run>(body).unwrap();
        let runs: Vec<Run> = rows.iter().map(|row| read(&row.body)).collect();
        let takers = seen.takers();
        for run in runs.iter().filter(|run| run.rejection.is_some()) {
            let acts = |line: &&Line| {
                let takes =
                    matches!(&line.entry, Entry::StepDone { step, .. } if takes(step));
                let begins = matches!(line.entry, Entry::StepStarted { .. });
                let waits = matches!(line.entry, Entry::Awaiting { .. });
                line.run == run.id.0 && (takes || begins || waits)
            };
            let acts = lines.iter().find(acts).map(|line| line.at);
            let same = |other: &&Run| {
                let heard = other.heard.as_ref().map(|heard| heard.last);
                // One that had been held since before listened to this as well.
                let text = self.texts.get(&other.policy);
                let listens = text.is_some_and(|it| it.contains("access rejected"));
                let later = acts.is_some_and(|acts| other.opened_at >= acts);
                let held = other.released && heard.is_some() && heard < run.rejection;
                let held = held && listens && later;
                other.subject == run.subject && (heard == run.rejection || held)
            };
            if let Some(other) = runs.iter().find(same) {
                assert!(
                    !takers.contains(run.id.0.to_string().as_str()),
                    "run {} takes what run {} is for: {}",
                    run.id,
                    other.id,
                    self.watch.about
                );
            }
        }
    }
}

fn count(store: &Store, lines: &[Line], counts: &mut Counts) {
    let mut add = |what: &str| *counts.entry(what.to_owned()).or_default() += 1;
    for line in lines {
        match &line.entry {
            Entry::Held { why } if why.contains("the limit") => add("waited"),
            Entry::Restarted { .. } => add("restarted"),
            Entry::StoodStill { .. } => add("stood still"),
            Entry::Awaiting { why } if why.contains("is held") => add("awaits held"),
            Entry::Awaiting { why } if why.contains("is paused") => add("awaits paused"),
            Entry::Awaiting { .. } => add("awaits blocked"),
            Entry::Ended { why: Some(why), .. } if why.contains("takes it away") => {
                add("left to a policy");
            }
            Entry::Ended { why: Some(why), .. } if why.contains("its expiry was") => {
                add("expiry put off");
            }
            Entry::Ended { state, .. } if is_review(&line.policy) => {
                add(&format!("review {state}"));
            }
            Entry::Ignored { .. } if !is_review(&line.policy) => add("ignored"),
            Entry::StepDone { step, .. } if step == "remove access" => add(step),
            _ => {}
        }
    }
    for evaluation in store.evaluations(None, u32::MAX).unwrap() {
        *counts.entry("held".to_owned()).or_default() += usize::from(evaluation.held);
        *counts.entry(evaluation.cause).or_default() +=
            usize::from(evaluation.opened > 0);
    }
}
