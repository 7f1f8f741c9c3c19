//! Limits hold: in many small worlds, whatever people decide, whatever other systems answer and
//! whenever, no more runs open, and no more of them take something away, within 24 hours than
//! the limits say. And what is held is released or discarded at the command line.

use crate::dice::{Dice, number};
use crate::site::{NOON, Site, after};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use tenure::engine::step::Event;
use tenure::engine::{
    Decision, Delivery, Effect, Engine, Entry, Hands, Outcome, Settings, Undo, Verdict,
    undo,
};
use tenure::foresight::ledger;
use tenure::ir::Limit;
use tenure::session::Project;
use tenure::store::{ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::{Duration, Timestamp};

/// When something happened to which run of which policy.
type Seen = Vec<(Timestamp, String, String)>;

#[test]
fn no_more_is_taken_in_24_hours_than_the_limit_says() {
    let bases = [8, 13].map(base);
    let (mut taken, mut waited) = (0, 0);
    for seed in 0..number("LIMIT_WORLDS").unwrap_or(250) {
        let mut dice = Dice::new(seed);
        let store = dice.pick(&[0, 1]);
        let store = bases[store].copy_to_memory().unwrap();
        let (more_taken, more_waited) = play(&mut dice, &store, seed);
        taken += more_taken;
        waited += more_waited;
    }
    assert!(taken > 1_000 && waited > 100, "{taken} were taken and {waited} waited");
}

/// Accounts that become inactive one after the other, so many hours apart.
fn base(hours: i64) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let mut identities = "email,given_name,status\n".to_owned();
    let mut accounts = "app,username,email,status\n".to_owned();
    let mut activity = "app,username,source,last_login_at\n".to_owned();
    for number in 0..10 {
        let seen = noon()
            .before(Duration::days(90))
            .after(Duration(number * hours * 3_600));
        writeln!(identities, "p{number}@acme.example,P,active").unwrap();
        writeln!(accounts, "crm,u{number},p{number}@acme.example,active").unwrap();
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

/// Plays six days; how many were taken, and how many had to wait.
fn play(dice: &mut Dice, store: &Store, seed: u64) -> (usize, usize) {
    let (text, limits) = policies(dice);
    let mut sources = Sources::default();
    sources.add("random.tenure", &text);
    let project = Project::check(sources, &store.catalog().unwrap());
    assert_eq!(project.errors(), 0, "seed {seed}\n{text}\n{:#?}", project.findings);
    let together = dice.between(2, 6);
    let settings = Settings {
        limit: dice.chance(30).then_some(Limit::Count(together)),
        ..Settings::default()
    };
    let mut hands = Moody {
        dice: Dice::new(!seed),
        percent: 80,
        attempts: Seen::new(),
    };
    let mut now = noon();
    for (name, text) in project.texts() {
        let version = store.publish(&name, &text, now).unwrap().version;
        store
            .activate(store.policy(&name).unwrap().unwrap().id, version, now)
            .unwrap();
    }
    while now < noon().after(Duration::days(6)) {
        hands.percent = dice.pick(&[0, 50, 100]);
        let mut engine = Engine::new(store, &mut hands, &settings).unwrap();
        // A process that is called now and then, or one that is always there.
        let until =
            now.after(Duration(i64::try_from(dice.between(1, 36)).unwrap() * 3_600));
        let mut due = engine.tick(now).unwrap().next_due;
        while let Some(at) = due.filter(|at| *at < until && dice.chance(90)) {
            due = engine.tick(at).unwrap().next_due;
            now = at;
        }
        if dice.chance(40) {
            people_act(dice, &mut engine, (store, now));
        }
        if dice.chance(30) {
            put_back(dice, store, now);
        }
        now = until;
    }
    let lines = ledger(store, 0, noon()).unwrap();
    let run = |line: &tenure::foresight::Line| {
        (line.at, line.policy.clone(), line.run.to_string())
    };
    let opened: Seen = lines
        .iter()
        .filter(|line| matches!(line.entry, Entry::Opened { .. }))
        .map(run)
        .collect();
    let disabled = lines.iter().filter(|line| {
        matches!(&line.entry, Entry::StepDone { step, .. } if step == "disable account")
    });
    let mut taken: Seen = disabled.map(run).collect();
    taken.extend(hands.attempts);
    taken.sort();
    for seen in [&opened, &taken] {
        for (policy, limit) in &limits {
            let of: Seen = seen.iter().filter(|it| it.1 == *policy).cloned().collect();
            assert!(most(&of) <= *limit, "seed {seed}: {policy}\n{text}\n{of:#?}");
        }
        if settings.limit.is_some() {
            assert!(
                most(seen) as u64 <= together,
                "seed {seed}: {together}\n{text}\n{seen:#?}"
            );
        }
    }
    let waited = lines.iter().filter(
        |line| matches!(&line.entry, Entry::Held { why } if why.contains("the limit")),
    );
    (taken.len(), waited.count())
}

/// The most different runs within any 24 hours.
fn most(seen: &Seen) -> usize {
    let within = |end: Timestamp| {
        let window = seen
            .iter()
            .filter(|it| it.0 <= end && it.0 > end.before(Duration::DAY));
        window.map(|it| (&it.1, &it.2)).collect::<BTreeSet<_>>().len()
    };
    seen.iter().map(|it| within(it.0)).max().unwrap_or(0)
}

/// Decisions and retries come together, as they do after a reminder or an outage.
fn people_act(
    dice: &mut Dice,
    engine: &mut Engine<'_>,
    (store, now): (&Store, Timestamp),
) {
    for row in store.runs(true).unwrap() {
        let event = match row.state.as_str() {
            "reviewing" if dice.chance(70) => {
                let number = row.subject.name.trim_start_matches("crm/u");
                let verdict =
                    if dice.chance(80) { Verdict::Remove } else { Verdict::Keep };
                Event::Decided(Decision {
                    by: format!("p{number}@acme.example"),
                    actor: None,
                    verdict,
                    comment: None,
                })
            }
            "failed" | "held" if dice.chance(80) => {
                Event::Retried { by: "ida".to_owned() }
            }
            _ => continue,
        };
        engine.tell(row.id, event, now).unwrap();
    }
}

/// Somebody undoes what was done: that makes no room. Nobody rests after it, so that it may
/// be taken again at once.
fn put_back(dice: &mut Dice, store: &Store, now: Timestamp) {
    for row in store.runs(false).unwrap() {
        if row.ended_at.is_some() && dice.chance(30) {
            let settings = Settings { snooze: Duration(0), ..Settings::default() };
            let who = ("ida", &settings);
            // What was undone before is refused.
            drop(undo(store, (Undo::Run(row.id), false), who, now));
        }
    }
}

fn policies(dice: &mut Dice) -> (String, BTreeMap<String, usize>) {
    let (mut text, mut limits) = (String::new(), BTreeMap::new());
    for number in 0..dice.between(1, 3) {
        let (limit, allowed) = dice.pick(&[
            ("3", 3),
            ("2", 2),
            ("3", 3),
            ("25%", 3),
            ("the larger of 2 and 10%", 2),
        ]);
        let every = dice.pick(&["every 6h", "every 12h", "every day at 12:00"]);
        let days = dice.between(90, 92);
        let then = match dice.between(0, 5) {
            0 => "disable account".to_owned(),
            1 => "ask owner for 2d, disable account".to_owned(),
            2 => "ask owner for 1d, disable account".to_owned(),
            3 => format!("ask owner for 2d, run webhook p{number}"),
            _ => format!("run webhook p{number}"),
        };
        let retry = dice.between(0, 7);
        writeln!(
            text,
            "webhook p{number}\n  url \"https://hooks.acme.example/{number}\"\n  retry {retry}\n\n\
             policy p{number}\n  {every}\n  when inactive > {days}d\n  limit {limit}\n  \
             then {then}\n"
        )
        .unwrap();
        limits.insert(format!("p{number}"), allowed);
    }
    (text, limits)
}

const SEATS: &str = "policy seats\n  for accounts in app Salesforce\n  every day at 12:00\n  \
                     when inactive > 80d\n  limit 2\n  then disable account\n";

#[test]
fn a_held_evaluation_is_listed_and_released() {
    let site = Site::acme();
    site.publish("seats", SEATS);
    let said = site.call(&["activate", "seats", "--at-once", "--now", NOON]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("tenure held lists what is held"), "{said:?}");
    let held = site.json(&["held"]);
    assert_eq!(held["schema"], "tenure.held/1");
    let one = &held["held"][0];
    assert_eq!(
        (&one["evaluation"], &one["policy"], &one["state"], &one["allowed"]),
        (&json!(1), &json!("seats"), &json!("held"), &json!(2))
    );
    assert_eq!(one["subjects"].as_array().unwrap().len(), 4);
    let said = site.ok(&["held", "1"]);
    assert!(
        said.out
            .contains("would open 4 runs; 0 were opened in 24 hours and 2 are allowed")
    );
    assert!(said.out.contains("\n  salesforce/zoe\n"), "{said:?}");

    site.no(2, &["release", "1", "--now", NOON]);
    site.no(2, &["release", "1", "--reason", " ", "--now", NOON]);
    let why = site.no(1, &["release", "2", "--reason", "checked", "--now", NOON]);
    assert!(why.contains("no evaluation 2 is held"), "{why}");
    assert!(site.states().is_empty());
    let later = after("1h");
    let done = site.json(&["release", "1", "--reason", "checked", "--now", &later]);
    assert_eq!(done["evaluations"][0]["opened"], 4);
    assert!(site.states().iter().all(|(_, state)| state == "removed"));
    let why = site.no(1, &["release", "1", "--reason", "checked", "--now", &later]);
    assert!(why.contains("released by"), "{why}");
    assert!(site.ok(&["held"]).err.contains("no evaluation is held"));
    assert!(site.ok(&["held", "1"]).out.contains(": checked\n"));
}

#[test]
fn a_held_evaluation_is_discarded() {
    let site = Site::acme();
    site.publish("seats", SEATS);
    site.call(&["activate", "seats", "--at-once", "--now", NOON]);
    site.no(2, &["discard", "1", "--now", NOON]);
    let done = site.json(&["discard", "1", "--reason", "wrong data", "--now", NOON]);
    assert_eq!((&done["evaluation"], &done["discarded"]), (&json!(1), &json!(4)));
    let why = site.no(1, &["release", "1", "--reason", "after all", "--now", NOON]);
    assert!(why.contains("discarded by"), "{why}");
    assert!(site.states().is_empty());
}

/// The limit of the whole store is one of what is taken: who is only told uses nothing of it.
#[test]
fn policies_that_take_nothing_leave_the_limit_of_the_store_alone() {
    let site = Site::acme();
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &format!("{config}[limits]\nstore = 4\n"));
    let policy = |name: &str, then: &str| {
        format!(
            "policy {name}\n  for accounts in app Salesforce\n  every day at 12:00\n  \
             when inactive > 80d\n  limit none \"a test\"\n  then {then}\n"
        )
    };
    site.publish("tell", &policy("tell", "wait 30d"));
    site.publish("take", &policy("take", "disable account"));
    site.publish("also", &policy("also", "wait 1d, disable account"));
    let told = site.json(&["activate", "tell", "--at-once", "--now", NOON]);
    assert_eq!(told["evaluations"][0]["opened"], 4);
    let took = site.json(&["activate", "take", "--at-once", "--now", NOON]);
    assert_eq!(took["evaluations"][0]["opened"], 4);
    // Now it is used up.
    site.call(&["import", &crate::site::acme(), "--now", NOON]);
    let held = site.call(&["activate", "also", "--at-once", "--now", NOON, "--json"]);
    assert_eq!(held.code, Some(1), "{held:?}");
    let held: serde_json::Value = serde_json::from_str(&held.out).unwrap();
    assert_eq!(
        held["evaluations"][0]["limit"],
        json!({ "allowed": 4, "opened": 4, "held": true })
    );
}
