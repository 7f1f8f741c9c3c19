//! What people say and do while policies are at work.

use crate::limit_worlds::{PEOPLE, World};
use serde_json::{Value, json};
use tenure::engine::step::Event;
use tenure::engine::{
    Decision, Engine, EngineError, EventMessage, Settings, Undo, Verdict, discard, undo,
};
use tenure::store::Store;
use tenure::time::Duration;

impl World {
    fn person(&mut self) -> String {
        format!("p{}@acme.example", self.dice.below(PEOPLE))
    }

    /// Something happens to somebody, perhaps to several at once.
    pub(super) fn happen(&mut self, store: &Store, engine: &mut Engine<'_>) {
        let (attribute, values) = self.dice.pick(&[
            ("department", ["Sales", "Legal", "Support"]),
            ("department", ["Sales", "Legal", "Support"]),
            ("title", ["Clerk", "Head", "Away"]),
            ("lifecycle", ["active", "leave", "active"]),
            ("expires_at", [""; 3]),
            ("group", ["Staff"; 3]),
        ]);
        for _ in 0..self.dice.between(1, 5) {
            let told = match attribute {
                "expires_at" => self.put_off(store),
                "group" => json!({
                    "event": self.dice.pick(&["group left", "group joined"]),
                    "subject": self.person(), "group": "Staff", "source": "okta",
                }),
                _ => json!({
                    "event": "attribute changed", "subject": self.person(),
                    "attribute": attribute, "new": self.dice.pick(&values),
                }),
            };
            self.receive(engine, told);
        }
        if self.dice.chance(70) {
            self.tick(store, engine);
        }
    }

    fn receive(&mut self, engine: &mut Engine<'_>, mut told: Value) {
        self.events += 1;
        told["id"] = json!(format!("e{}", self.events));
        let message = EventMessage::parse(&told.to_string()).unwrap();
        let received = engine.receive((&message, None), self.now);
        // An account that was taken away is known no more.
        let fine = matches!(received, Ok(_) | Err(EngineError::Refused(_)));
        assert!(fine, "LIMIT_WORLD={}: {received:?}", self.seed);
    }

    /// Somebody's access ends later than it was to, or sooner.
    fn put_off(&mut self, store: &Store) -> Value {
        let account = format!("crm/u{}", self.dice.below(PEOPLE));
        let hours = i64::try_from(self.dice.between(0, 72)).unwrap() - 12;
        let ends = self.now.after(Duration(hours * 3_600));
        self.look(store);
        self.watch.expires.insert(account.clone(), ends);
        json!({
            "event": "attribute changed", "subject": account,
            "attribute": "expires_at", "new": ends.to_string(),
        })
    }

    /// Somebody wants an evaluation, of all or of some people.
    pub(super) fn demand(&mut self, store: &Store, engine: &mut Engine<'_>) {
        if self.dice.chance(50) {
            engine.evaluate_all(self.now).unwrap();
            return;
        }
        let mut users = Vec::new();
        for _ in 0..self.dice.between(1, 4) {
            let email = self.person();
            let user = store.person(&email).unwrap().unwrap();
            users.push((user.id, email));
        }
        users.sort_unstable();
        users.dedup();
        engine.process_users(&users, ("ida", None), self.now).unwrap();
    }

    /// Somebody releases or discards what is held.
    pub(super) fn settle(&mut self, store: &Store, engine: &mut Engine<'_>) {
        for held in store.held().unwrap() {
            let who = ("ida", "checked");
            if self.dice.chance(50) {
                let released = engine.release(held.evaluation, who, self.now);
                let fine = matches!(released, Ok(_) | Err(EngineError::Refused(_)));
                assert!(fine, "LIMIT_WORLD={}: {released:?}", self.seed);
            } else if self.dice.chance(30) {
                // What is released meanwhile is not held any more.
                discard(store, held.evaluation, who, self.now).ok();
            }
        }
    }

    /// Decisions and retries come together, as they do after a reminder or an outage.
    pub(super) fn people_act(&mut self, store: &Store, engine: &mut Engine<'_>) {
        for row in store.runs(true).unwrap() {
            let event = match row.state.as_str() {
                // Of those who were asked, somebody may not know that it was decided.
                "reviewing" | "waiting" if self.dice.chance(70) => {
                    let run: tenure::engine::Run =
                        serde_json::from_str(&row.body).unwrap();
                    let verdict = match self.dice.chance(80) {
                        true => Verdict::Remove,
                        false => Verdict::Keep,
                    };
                    let Some(asked) = run.asked.first() else { continue };
                    Event::Decided(Decision {
                        by: asked.email.clone(),
                        actor: None,
                        verdict,
                        comment: None,
                    })
                }
                "failed" | "held" if self.dice.chance(80) => {
                    Event::Retried { by: "ida".to_owned() }
                }
                _ if self.dice.chance(1) => Event::Cancelled { why: "by ida".to_owned() },
                _ => continue,
            };
            let told = engine.tell(row.id, event, self.now);
            // Whoever cannot be followed takes nothing in; and a review that nobody could be
            // asked in is not retried when it is over.
            let fine = told.is_ok() || matches!(told, Err(EngineError::Refused(_)));
            assert!(fine, "LIMIT_WORLD={}: {told:?}", self.seed);
        }
    }

    /// Somebody undoes what was done: that makes no room. Nobody rests after it, so that it
    /// may be taken again at once.
    pub(super) fn put_back(&mut self, store: &Store) {
        for row in store.runs(false).unwrap() {
            if row.ended_at.is_some() && self.dice.chance(30) {
                let settings = Settings { snooze: Duration(0), ..Settings::default() };
                let who = ("ida", &settings);
                // What was undone before is refused.
                drop(undo(store, Undo::Run(row.id), who, self.now));
            }
        }
    }
}
