//! A clock that jumps, under the program itself: what was done is not done again, and what is due
//! is done once.

use crate::crash::{bodies, receiver};
use crate::peers::Peer;
use crate::site::{NOON, Site, after};
use serde_json::{Value, json};
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

/// What opens runs, ends them, begins them anew and lets pass, as things happen.
const LISTENERS: [(&str, &str); 5] = [
    (
        "hears",
        "policy hears\n  for users\n  on title changed\n  limit none \"a test\"\n  \
         then notify owner, wait 2d, set locale = \"fr\", notify admin \"Later\"\n",
    ),
    (
        "temp",
        "policy temp\n  for accounts\n  on access expired\n  limit none \"a test\"\n  \
         then notify owner, wait 1d, disable account\n",
    ),
    (
        "off",
        "policy off\n  for accounts in app Salesforce\n  when inactive > 90d\n  \
         limit none \"a test\"\n  cancel on title changed to \"Back\"\n  \
         then notify owner, wait 60d, disable account\n",
    ),
    (
        "anew",
        "policy anew\n  for accounts in app Salesforce\n  when inactive > 90d\n  \
         limit none \"a test\"\n  restart on title changed to \"Anew\"\n  \
         then notify owner, wait 60d, disable account\n",
    ),
    (
        "gate",
        "policy gate\n  before user created by signup\n  \
         require email ends with \"@acme.example\" \"At work.\"\n",
    ),
];

fn tell(site: &Site, event: &Value, now: &str) -> crate::site::Said {
    site.write("event.json", &event.to_string());
    site.call(&["event", "event.json", "--now", now])
}

fn title(id: &str, who: &str, title: &str) -> Value {
    json!({
        "id": id, "event": "attribute changed", "subject": format!("{who}@acme.example"),
        "attribute": "title", "new": title,
    })
}

fn expires(id: &str, account: &str, day: u64) -> Value {
    json!({
        "id": id, "event": "attribute changed", "subject": account,
        "attribute": "account.expires_at", "new": after(&format!("{day}d")),
    })
}

fn signs_up(id: &str) -> Value {
    json!({
        "id": id, "event": "before user created", "subject": "nel@else.example",
        "by": "signup",
    })
}

/// How often a policy's runs have such a line.
fn count(site: &Site, policy: &str, event: &str) -> usize {
    let ledger = site.ledger();
    let of = |line: &&Value| line["policy"] == policy && line["event"] == event;
    ledger.iter().filter(of).count()
}

#[test]
fn whenever_the_clock_goes_back_nothing_is_heard_twice() {
    let mail = Peer::mail(&[]);
    let site = Site::acme();
    site.configure(Some(mail.port), &[]);
    for (name, text) in LISTENERS {
        site.activate(name, text);
    }
    for day in 1..=16 {
        let now = after(&format!("{day}d"));
        let mut events = vec![
            title(&format!("t{day}"), "zoe", &format!("Seller {day}")),
            signs_up(&format!("g{day}")),
        ];
        match day {
            3 => events.push(expires("e3", "salesforce/yan", 6)),
            4 => events.push(expires("e4", "salesforce/zoe", 12)),
            5 => events.push(title("o5", "olga", "Anew")),
            9 => events.push(title("o9", "olga", "Back")),
            _ => {}
        }
        let answers: Vec<_> =
            events.iter().map(|event| (event, tell(&site, event, &now))).collect();
        site.tick(&now);
        let (dump, mails) = (site.dump(), mail.events("message").len());
        for length in [Duration::HOUR, Duration::DAY, Duration::days(400)] {
            let back = before(&now, length);
            for (event, answer) in &answers {
                let again = tell(&site, event, &back);
                assert_eq!((again.code, &again.out), (answer.code, &answer.out));
            }
            let report = site.tick(&back);
            assert_eq!(report["evaluations"], json!([]), "{day} {length:?}");
            assert_eq!(report["transitions"], 0, "{day} {length:?}");
            assert_eq!(report["delivered"], 0, "{day} {length:?}");
        }
        assert_eq!(site.dump(), dump, "{day}");
        assert_eq!(mail.events("message").len(), mails, "{day}");
    }
    // Zoe has another title each day, and one is open for two days; olga had two.
    assert_eq!(count(&site, "hears", "opened"), 8 + 2);
    assert_eq!(count(&site, "temp", "opened"), 2);
    assert_eq!(count(&site, "temp", "ended"), 2);
    assert_eq!(count(&site, "anew", "restarted"), 1);
    let states = site.store().runs(false).unwrap();
    let off = states.iter().filter(|run| run.state == "cancelled");
    assert_eq!(off.count(), 1);
    let events = site.store().last_event().unwrap();
    assert_eq!(count_of(&site, "before user created"), 16, "{events}");
}

/// How many events of a kind are on record.
fn count_of(site: &Site, kind: &str) -> usize {
    let dump = site.dump();
    dump.lines()
        .filter(|line| line.starts_with("event") && line.contains(kind))
        .count()
}

#[test]
fn when_the_clock_jumps_ahead_each_expiry_comes_once() {
    let mail = Peer::mail(&[]);
    let site = Site::acme();
    site.configure(Some(mail.port), &[]);
    for (name, text) in LISTENERS {
        site.activate(name, text);
    }
    for (number, (account, day)) in
        [("salesforce/yan", 5), ("salesforce/zoe", 100), ("salesforce/olga", 399)]
            .into_iter()
            .enumerate()
    {
        let event = expires(&format!("e{number}"), account, day);
        assert_eq!(tell(&site, &event, NOON).code, Some(0));
    }
    assert_eq!(tell(&site, &title("t", "zoe", "Seller"), NOON).code, Some(0));
    let mut ended = 0;
    for day in [400, 401, 402, 460, 461, 800, 802] {
        let now = after(&format!("{day}d"));
        site.tick(&now);
        let report = site.tick(&now);
        assert_eq!(report["transitions"], 0, "{day}");
        assert_eq!(report["evaluations"], json!([]), "{day}");
        if day == 400 {
            ended = count_of(&site, "access expired");
        }
        if day == 460 {
            // Told by a clock that is far ahead.
            assert_eq!(tell(&site, &title("a", "yan", "Seller"), &now).code, Some(0));
        }
    }
    assert_eq!(count_of(&site, "access expired"), ended);
    assert_eq!((count(&site, "temp", "opened"), count(&site, "temp", "ended")), (3, 3));
    assert_eq!(count(&site, "hears", "opened"), 2);
    // Set right again, it keeps nothing from counting that happens then.
    let now = after("1d");
    let said = tell(&site, &title("b", "yan", "Head"), &now);
    assert!(!said.err.contains("later"), "{said:?}");
    assert_eq!(site.tick(&now)["evaluations"][0]["opened"], 1);
    assert_eq!(site.tick(&now)["evaluations"], json!([]));
    assert!(site.dump().contains("Head"));
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
