//! What keeps policies from going on for a while; and access reviews.

use crate::limit_worlds::policies::review;
use crate::limit_worlds::watch::Review;
use crate::limit_worlds::{
    GRANTS, MEMBERSHIPS, Moody, PEOPLE, World, expires, groups, import, is_review,
};
use std::fmt::Write as _;
use std::fs;
use tenure::engine::{
    Engine, EngineError, NewCampaign, Run, State, discard, parse, pause,
};
use tenure::store::{ImportOptions, Store};
use tenure::time::Duration;

/// So many things may be due before everybody is left in peace.
const MOST: usize = 2_000;

impl World {
    /// Pauses everything or a policy, or lets it go on; takes one from its work, or puts it to
    /// work again.
    pub(super) fn halt(&mut self, store: &Store, engine: &mut Engine<'_>) {
        for target in self.watch.paused.keys().cloned().collect::<Vec<_>>() {
            if self.dice.chance(40) {
                self.resume(store, engine, target.as_deref());
            }
        }
        if !self.halted {
            return;
        }
        if self.dice.chance(25) {
            let mut names: Vec<_> = self.texts.keys().cloned().collect();
            if self.dice.chance(30) {
                names =
                    store.policies().unwrap().into_iter().map(|row| row.name).collect();
            }
            let target = (!self.dice.chance(25)).then(|| self.dice.pick(&names));
            if !self.watch.paused.contains_key(&target) {
                self.look(store);
                pause(store, target.as_deref(), ("ida", "a test"), self.now).unwrap();
                self.watch.paused.insert(target, self.now);
            }
        }
        for row in store.policies().unwrap() {
            if is_review(&row.name) || !self.dice.chance(4) {
                continue;
            }
            match row.active {
                Some(_) => store.deactivate(row.id).unwrap(),
                None => store.activate(row.id, 1, self.now).unwrap(),
            }
        }
    }

    fn resume(&mut self, store: &Store, engine: &mut Engine<'_>, target: Option<&str>) {
        self.look(store);
        engine.resume(target, "ida", self.now).unwrap();
        self.watch.resumed(target, self.now);
        // Of two pauses in the same second nobody can tell whether one was over.
        self.now = self.now.after(Duration(1));
        if self.dice.chance(50) {
            self.tick(store, engine);
        }
    }

    /// Groups come and go, and with them what policies say; and access ends later.
    pub(super) fn import(&mut self, store: &mut Store) {
        if self.halted && self.dice.chance(25) {
            self.import_groups(store, self.night_is_gone);
        }
        if self.dice.chance(15) {
            self.look(store);
            let mut grants = GRANTS.to_owned();
            for number in 0..PEOPLE {
                if self.dice.chance(70) {
                    continue;
                }
                let name = format!("u{number}");
                let hours = i64::try_from(self.dice.between(0, 72)).unwrap() - 12;
                let ends = self.now.after(Duration(hours * 3_600));
                let grant = format!("crm/{name}/Read");
                if is_there(store, &format!("crm/{name}")) {
                    writeln!(grants, "crm,{name},read,{ends}").unwrap();
                    self.watch.expires.insert(grant, ends);
                }
            }
            let partial = ImportOptions { partial: true, ..ImportOptions::at(self.now) };
            imported(store, &[("grants", &grants)], partial);
        }
    }

    /// Without one of the groups nobody can follow what names it.
    fn import_groups(&mut self, store: &mut Store, all: bool) {
        self.look(store);
        let options = ImportOptions { accept_large: true, ..ImportOptions::at(self.now) };
        let members = MEMBERSHIPS
            .lines()
            .filter(|line| all || !line.starts_with("Night"))
            .fold(String::new(), |text, line| text + line + "\n");
        imported(store, &[("groups", &groups(all)), ("memberships", &members)], options);
        self.night_is_gone = !all;
        let names = self.texts.iter().filter(|(_, text)| !all && text.contains("Night"));
        self.watch.blocked = names.map(|(name, _)| name.clone()).collect();
    }

    pub(super) fn note_expiries(&mut self) {
        for number in 0..i64::try_from(PEOPLE).unwrap() {
            for access in [format!("crm/u{number}"), format!("crm/u{number}/Read")] {
                self.watch.expires.insert(access, expires(number));
            }
        }
    }

    /// Somebody starts an access review, or closes one.
    pub(super) fn review(&mut self, store: &Store, engine: &mut Engine<'_>) {
        self.look(store);
        let open = self.watch.reviews.iter().position(|it| it.closed.is_none());
        if let Some(open) = open.filter(|_| self.dice.chance(30)) {
            let id = i64::try_from(open).unwrap() + 1;
            match engine.close_campaign(id, "ida", self.now) {
                Ok(_) => self.watch.reviews[open].closed = Some(self.now),
                Err(error) => assert!(
                    matches!(error, EngineError::Refused(_)),
                    "LIMIT_WORLD={}: {error}",
                    self.seed
                ),
            }
            return;
        }
        let id = store.next_campaign_id().unwrap();
        let name = format!("access review {id}");
        let (text, days) = review(&mut self.dice, &name);
        let catalog = store.catalog().unwrap();
        let policy = parse(&name, &text, &catalog).unwrap();
        let at_once = self.dice.chance(30);
        let new = NewCampaign {
            id,
            app: "crm",
            permission: None,
            at_once,
            ends_at: self.now.after(Duration::days(days)),
            by: "ida",
        };
        writeln!(self.watch.about, "{} at once: {at_once}\n{text}", self.now).unwrap();
        self.watch.reviews.push(Review {
            policy: name,
            started: self.now,
            length: Duration::days(days),
            at_once,
            closed: None,
        });
        engine
            .start_campaign(new, (&policy, &text, &catalog), self.now)
            .unwrap();
        self.look(store);
    }

    /// Everything works, and nobody says anything more: each run ends, or waits for a person
    /// who knows; and so does each access review.
    pub(super) fn rest_in_peace(&mut self, store: &mut Store, hands: &mut Moody) {
        hands.percent = 100;
        if self.night_is_gone {
            self.import_groups(store, true);
        }
        let store = &*store;
        let settings = self.settings.clone();
        let mut engine = Engine::new(store, hands, &settings).unwrap();
        for target in self.watch.paused.keys().cloned().collect::<Vec<_>>() {
            self.resume(store, &mut engine, target.as_deref());
        }
        let end = self.now.after(Duration::days(5));
        let mut due = self.tick(store, &mut engine);
        for _ in 0..MOST {
            for held in store.held().unwrap() {
                discard(store, held.evaluation, ("ida", "enough"), self.now).unwrap();
            }
            let Some(at) = due.filter(|at| *at < end) else { break };
            self.now = self.now.max(at);
            due = self.tick(store, &mut engine);
        }
        for row in store.policies().unwrap() {
            store.deactivate(row.id).unwrap();
        }
        due = self.tick(store, &mut engine);
        for _ in 0..MOST {
            let Some(at) = due else { break };
            self.now = at;
            due = self.tick(store, &mut engine);
        }
        for row in store.runs(true).unwrap() {
            let run: Run = serde_json::from_str(&row.body).unwrap();
            let waits = matches!(run.state, State::Failed { .. } | State::Held { .. });
            let waits = waits && run.room_at.is_none() && run.awaits.is_none();
            assert!(waits, "stuck: {run:#?}\n{}", self.watch.about);
        }
        for campaign in store.campaigns().unwrap() {
            assert_eq!(campaign.state, "closed", "{campaign:?} {}", self.watch.about);
        }
    }
}

/// Whether an account was taken away by nobody.
fn is_there(store: &Store, account: &str) -> bool {
    let Some(id) = store.find_subject(account).unwrap() else { return false };
    let facts = store.facts(id).unwrap();
    facts
        .and_then(|facts| facts.account)
        .is_some_and(|account| !account.gone)
}

fn imported(store: &mut Store, files: &[(&str, &str)], options: ImportOptions) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(format!("{name}.csv")), text).unwrap();
    }
    import(store, folder.path(), options);
}
