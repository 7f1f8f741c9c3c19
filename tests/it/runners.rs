//! Several programs act on one store, again and again, and are paused where it hurts: what is
//! done is done once.

use crate::crash::{bodies, members, receiver, start};
use crate::dice::Dice;
use crate::peers::Peer;
use crate::site::{Site, after, said};
use std::collections::BTreeSet;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long they are left to it at most.
const LONGEST: Duration = Duration::from_secs(20);

fn signal(child: &Child, name: &str) {
    let number = child.id().to_string();
    // One that has just ended hears nothing.
    drop(Command::new("kill").args([name, &number]).output().unwrap());
}

#[expect(clippy::disallowed_methods, reason = "other processes are given time")]
fn nap(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// Everybody's group goes, a webhook is called, and another group comes.
fn moves(url: &str) -> String {
    format!(
        "webhook revoke\n  url \"{url}\"\n  secret env REVOKE_SECRET\n\n\
         policy moves\n  for accounts in app Salesforce\n  \
         when inactive > 1d\n  limit none \"a test\"\n  \
         then remove from group \"Salesforce Users\", run webhook revoke, \
         add to group Contractors, notify owner \"Gone\", run webhook revoke, disable account\n"
    )
}

/// Each of these is heard once, whoever is at work.
const HEARS: &str = "policy hears\n  for users\n  on title changed\n  limit none \"a test\"\n  \
                     then set locale = \"fr\"\n";

/// Somebody who tells of one event after the other, the same one until it was taken.
#[derive(Default)]
struct Teller {
    told: u32,
    child: Option<Child>,
}

impl Teller {
    /// Each event was heard once, and by one.
    fn was_heard(&self, site: &Site) {
        let heard = site.store().evaluations(None, u32::MAX).unwrap();
        let heard = heard.iter().filter(|it| it.cause == "event").count();
        assert!(self.told > 3, "{}", self.told);
        // The last one may have been taken in though its teller was stopped.
        let heard = u32::try_from(heard).unwrap();
        assert!((self.told..=self.told + 1).contains(&heard), "{heard} of {}", self.told);
    }

    fn go_on(&mut self, site: &Site, dice: &mut Dice, calls: i64) {
        let Some(child) = &mut self.child else {
            let who = ["zoe", "yan", "olga"][(self.told % 3) as usize];
            let number = self.told;
            let event = serde_json::json!({
                "id": format!("e{number}"), "event": "attribute changed",
                "subject": format!("{who}@acme.example"),
                "attribute": "title", "new": format!("Seller {number}"),
            });
            let file = format!("event{number}.json");
            site.write(&file, &event.to_string());
            let now = after(&format!("1d{calls}min"));
            self.child = Some(start(site, &["event", &file, "--now", &now]));
            return;
        };
        if dice.chance(2) {
            // Whether it was taken nobody knows now.
            child.kill().ok();
        }
        if child.try_wait().unwrap().is_some() {
            let said = said(self.child.take().unwrap().wait_with_output().unwrap());
            self.told += u32::from(said.code == Some(0));
        }
    }
}

/// Whose runs are over, as all that are not about users must be.
fn removed(site: &Site) -> Vec<(String, String)> {
    let mut subjects = site.states();
    subjects.retain(|(name, _)| !name.contains('@'));
    assert!(subjects.len() >= 4, "{subjects:?}");
    assert!(subjects.iter().all(|(_, state)| state == "removed"), "{subjects:?}");
    subjects
}

/// That each step is on record once, and so many webhooks are.
fn each_once(site: &Site, count: usize) {
    let mut done = BTreeSet::new();
    for line in site.ledger() {
        if line["event"] == "step-done" {
            let what =
                (line["run"].clone(), line["step"].clone(), line["message"].clone());
            let webhook = line["step"] == "run webhook revoke";
            assert!(done.insert(format!("{what:?}")) || webhook, "{line}");
        }
    }
    let webhooks = |line: &serde_json::Value| {
        line["event"] == "step-done" && line["step"] == "run webhook revoke"
    };
    let webhooks = site.ledger().iter().filter(|line| webhooks(line)).count();
    assert_eq!(webhooks, count);
}

#[test]
fn runners_beside_each_other_that_are_paused_do_everything_once() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    site.activate("moves", &moves(&receiver.url("/flaky/1")));
    site.activate("hears", HEARS);
    let mut teller = Teller::default();
    let mut dice = Dice::new(1);
    let mut runners: Vec<Option<Child>> = vec![None, None, None, None];
    let (mut calls, mut busy, mut paused) = (0_i64, 0, BTreeSet::new());
    let mut paused_at = 0;
    #[expect(clippy::disallowed_methods, reason = "how long it may take is measured")]
    let began = Instant::now();
    // Each call is a little later, so that what failed before is tried again.
    while calls < 120 && began.elapsed() < LONGEST {
        teller.go_on(&site, &mut dice, calls);
        for (place, slot) in runners.iter_mut().enumerate() {
            match slot {
                None => {
                    calls += 1;
                    let now = after(&format!("1d{calls}min"));
                    *slot = Some(start(&site, &["run", "--now", &now, "--quiet"]));
                }
                Some(child) if paused.contains(&place) => {
                    // Until others have waited for one in vain it stays, unless they go by it.
                    let keep = busy == 0 && calls < paused_at + 6;
                    if !keep && dice.chance(20) {
                        signal(child, "-CONT");
                        paused.remove(&place);
                    }
                }
                Some(child) => {
                    if child.try_wait().unwrap().is_some() {
                        let said = said(slot.take().unwrap().wait_with_output().unwrap());
                        let other = "another tenure is acting on this store";
                        let out_of_the_way =
                            said.code == Some(3) && said.err.contains(other);
                        assert!(said.code == Some(0) || out_of_the_way, "{said:?}");
                        busy += i32::from(out_of_the_way);
                    } else if busy == 0 && !paused.is_empty() {
                        // Whether it waits for the one that is paused is to be seen.
                    } else if dice.chance(2) {
                        child.kill().unwrap();
                        slot.take().unwrap().wait().unwrap();
                    } else if dice.chance(10) {
                        signal(child, "-STOP");
                        paused.insert(place);
                        paused_at = calls;
                    }
                }
            }
        }
        nap(5);
    }
    for child in runners.into_iter().flatten() {
        signal(&child, "-CONT");
        child.wait_with_output().unwrap();
    }
    while teller.child.is_some() {
        teller.go_on(&site, &mut dice, calls);
        nap(5);
    }
    site.tick(&after("1d12h"));
    assert!(busy > 0, "{calls} calls never met");

    teller.was_heard(&site);
    // Five of them are idle and have an owner who can be told; each change is on record once.
    let subjects = removed(&site);
    assert_eq!(members(&site, "Contractors").len(), subjects.len());
    each_once(&site, 2 * subjects.len());
    // Two webhooks each: one key is one body, and whoever heeds the key sees no third.
    assert_eq!(bodies(&receiver).len(), 2 * subjects.len());
    let mails = mail.events("message");
    let ids: BTreeSet<_> = mails
        .iter()
        .map(|mail| mail["message_id"].as_str().unwrap())
        .collect();
    // Pat is on leave, and cannot be told.
    assert_eq!(ids.len(), subjects.len() - 1, "{subjects:?}");
}
