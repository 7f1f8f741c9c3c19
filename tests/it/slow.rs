//! A receiver that is slow, beside one that is quick: what has ended is on record at once, with
//! the time at which it ended.

use crate::crash::start;
use crate::peers::{Peer, wait};
use crate::site::{Site, said};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::process::Child;
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

/// A system whose receiver is slow, one whose receiver takes two seconds, and a policy that takes
/// away what is in both.
struct World {
    site: Site,
    slow: Peer,
    quick: Peer,
}

impl World {
    fn new(path: &str) -> Self {
        let (slow, quick) = (Peer::receiver(&[]), Peer::receiver(&[]));
        let site = Site::empty();
        site.configure(Some(1), &[slow.address(), quick.address()]);
        let long_ago = Clock::Wall.now().before(Duration::days(200));
        let mut activity = "app,username,source,last_login_at\n".to_owned();
        for (app, name) in [("slow", "s"), ("quick", "q1"), ("quick", "q2")] {
            writeln!(activity, "{app},{name},{app},{long_ago}").unwrap();
        }
        let folder = site.path("data");
        fs::create_dir(&folder).unwrap();
        for (file, text) in [
            ("identities", "email,status\nzoe@acme.example,active\n"),
            ("apps", "app,label\nslow,Slow\nquick,Quick\n"),
            ("accounts", ACCOUNTS),
            ("activity", &activity),
        ] {
            fs::write(folder.join(format!("{file}.csv")), text).unwrap();
        }
        site.ok(&["import", "data"]);
        let text = format!(
            "webhook slow\n  url \"{}\"\n\nwebhook quick\n  url \"{}\"\n\n\
             app Slow\n  deprovision with webhook slow\n\n\
             app Quick\n  deprovision with webhook quick\n\n\
             policy seats\n  for accounts\n  when inactive > 90d\n  limit none \"a test\"\n  \
             then remove access\n",
            slow.url("/hold"),
            quick.url(path),
        );
        site.write("seats.tenure", &text);
        site.ok(&["publish", "seats.tenure"]);
        Self { site, slow, quick }
    }

    /// Begins, and waits until the quick ones are done.
    fn begin(&self) -> Child {
        let child = start(&self.site, &["activate", "seats", "--at-once"]);
        wait(|| {
            let lines = self.site.ledger();
            lines.iter().filter(|line| line["event"] == "step-done").count() == 2
        });
        assert_eq!(self.state("slow/s"), "removing");
        assert_eq!(self.slow.journal().len(), 1);
        child
    }

    fn state(&self, subject: &str) -> String {
        let states = self.site.states().into_iter();
        states
            .filter(|(of, _)| of == subject)
            .map(|(_, state)| state)
            .collect()
    }

    /// When a step of a run was done.
    fn done_at(&self, subject: &str) -> Timestamp {
        let done =
            |line: &Value| line["subject"] == subject && line["event"] == "step-done";
        let lines = self.site.ledger();
        let line = lines.iter().find(|line| done(line)).unwrap();
        Timestamp::parse(line["at"].as_str().unwrap()).unwrap()
    }

    fn import(&self, as_of: Timestamp) {
        let sources = format!(
            "source,kind,app,as_of\nslow,integration,slow,{as_of}\n\
             quick,integration,quick,{as_of}\n"
        );
        fs::write(self.site.path("data").join("sources.csv"), sources).unwrap();
        self.site.ok(&["import", "data"]);
        self.site.ok(&["run"]);
    }
}

const ACCOUNTS: &str = "app,username,email,status\nslow,s,zoe@acme.example,active\n\
                        quick,q1,zoe@acme.example,active\nquick,q2,zoe@acme.example,active\n";

/// Until another second has begun.
#[expect(clippy::disallowed_methods, reason = "time has to pass")]
fn a_second() {
    std::thread::sleep(std::time::Duration::from_millis(1_100));
}

#[test]
fn each_answer_is_on_record_at_once_with_its_time() {
    let world = World::new("/nap/2");
    let child = world.begin();
    for (place, name) in ["quick/q1", "quick/q2"].iter().enumerate() {
        let asked = world.quick.journal()[place]["at"].as_f64().unwrap();
        #[expect(clippy::cast_precision_loss, reason = "seconds")]
        let took = world.done_at(name).0 as f64 - asked;
        assert!((0.9..5.0).contains(&took), "{name}: {took}");
    }
    // What data says of the time before the answer says nothing of what was taken.
    a_second();
    let between = Clock::Wall.now();
    a_second();
    world.slow.go();
    let said = said(child.wait_with_output().unwrap());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(world.state("slow/s"), "removed", "{said:?}");
    assert!(world.done_at("slow/s") > between);
    world.import(between);
    assert_eq!(world.state("slow/s"), "removed");
    a_second();
    world.import(Clock::Wall.now());
    assert_eq!(world.state("slow/s"), "failed");
}

#[test]
fn who_is_killed_sends_again_only_what_was_under_way() {
    let world = World::new("/204");
    let mut child = world.begin();
    child.kill().unwrap();
    child.wait().unwrap();
    world.site.ok(&["run"]);
    for name in ["slow/s", "quick/q1", "quick/q2"] {
        assert_eq!(world.state(name), "removed", "{name}");
    }
    let keys = |peer: &Peer| -> Vec<String> {
        let journal = peer.journal();
        let keys = journal.iter().map(|it| crate::peers::header(it, "webhook-id"));
        keys.map(|key| key.unwrap().to_owned()).collect()
    };
    let (slow, quick) = (keys(&world.slow), keys(&world.quick));
    assert_eq!((slow.len(), &slow[0]), (2, &slow[1]));
    assert_eq!(quick.len(), 2);
    assert_ne!(quick[0], quick[1]);
}
