//! A clock that jumps, under the program itself: what was done is not done again, and what is due
//! is done once.

use crate::crash::{bodies, receiver};
use crate::peers::Peer;
use crate::site::{NOON, Site, after};
use serde_json::json;
use std::collections::BTreeMap;
use tenure::time::{Duration, Timestamp};

fn line(url: &str) -> String {
    format!(
        "webhook revoke\n  url \"{url}\"\n  secret env REVOKE_SECRET\n\n\
         policy line\n  for accounts in app Salesforce\n  \
         when inactive > 90d and not in group Execs\n  \
         then notify owner, escalate after 7d, run webhook revoke, wait 2d, disable account, \
         notify manager \"Gone\"\n"
    )
}

fn before(instant: &str, length: Duration) -> String {
    Timestamp::parse(instant).unwrap().before(length).to_string()
}

/// Every line of the trails, and how often it stands there; without what a clock puts on it.
fn lines(site: &Site) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for line in site.ledger() {
        // The same people get several messages.
        if line["event"] == "delivered" {
            continue;
        }
        let what = format!("{} {} {}", line["run"], line["event"], line["who"]);
        *lines.entry(what + &line["step"].to_string()).or_insert(0) += 1;
    }
    lines
}

#[test]
fn whenever_the_clock_goes_back_nothing_is_done_twice() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    site.activate("line", &line(&receiver.url("/204")));
    for day in 1..=20 {
        let now = after(&format!("{day}d"));
        site.tick(&now);
        let (dump, mails) = (site.dump(), mail.events("message").len());
        let sent = receiver.journal().len();
        for length in [Duration::HOUR, Duration::DAY, Duration::days(400)] {
            let report = site.tick(&before(&now, length));
            assert_eq!(report["evaluations"], json!([]), "{day} {length:?}");
            assert_eq!(report["transitions"], 0, "{day} {length:?}");
            assert_eq!(report["delivered"], 0, "{day} {length:?}");
        }
        assert_eq!(site.dump(), dump, "{day}");
        assert_eq!(mail.events("message").len(), mails, "{day}");
        assert_eq!(receiver.journal().len(), sent, "{day}");
    }
    assert!(lines(&site).values().all(|count| *count == 1), "{:#?}", lines(&site));
    assert_eq!(bodies(&receiver).len(), receiver.journal().len());
    assert!(site.states().iter().all(|(_, state)| state == "removed"));
}

#[test]
fn when_the_clock_jumps_ahead_each_deadline_comes_once() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    site.publish("line", &line(&receiver.url("/204")));
    site.ok(&["activate", "line", "--at-once", "--now", NOON]);
    for day in [400, 401, 402, 800, 802, 1_200, 1_201, 1_210, 1_220, 1_230] {
        site.tick(&after(&format!("{day}d")));
        let report = site.tick(&after(&format!("{day}d")));
        assert_eq!(report["transitions"], 0, "{day}");
    }
    let lines = lines(&site);
    let twice: Vec<_> = lines.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.iter().all(|(line, _)| line.contains("put-off")), "{twice:#?}");
    let states = site.states();
    assert!(states.len() > 3, "{states:?}");
    assert!(states.iter().all(|(_, state)| state == "removed"), "{states:?}");
    assert_eq!(bodies(&receiver).len(), states.len());
}
