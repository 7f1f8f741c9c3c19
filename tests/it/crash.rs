//! Nothing is lost and nothing is done twice: the program is killed where it hurts, at any
//! write, on a full disk, and beside another one.

use crate::dice::number;
use crate::peers::{Peer, header, wait};
use crate::site::{NOON, SECRET, Site, after, said};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Takes a group, calls a webhook, and gives a group, for one account.
fn moves(url: &str) -> String {
    format!(
        "webhook revoke\n  url \"{url}\"\n  secret env REVOKE_SECRET\n\n\
         policy moves\n  for accounts in app Salesforce\n  \
         when inactive > 90d and in group \"Salesforce Users\"\n  \
         then remove from group \"Salesforce Users\", run webhook revoke, \
         add to group Contractors, disable account\n"
    )
}

/// Opens runs, changes whatever a store holds, sends mails and webhooks, all in one tick.
fn much(url: &str) -> String {
    format!(
        "webhook revoke\n  url \"{url}\"\n  secret env REVOKE_SECRET\n\n\
         policy much\n  \
         when inactive > 90d and not in group Execs\n  \
         then notify (owner, manager), remove from group (\"Salesforce Users\", Engineering), \
         run webhook revoke, add to group Contractors, disable account, end sessions, \
         revoke permission \"Sales Cloud\", assign role Auditor, unassign role Auditor, \
         set title = \"Away\", set cost_center = \"0\", set lifecycle leave, \
         require password change, suspend user, disable user, delete account, \
         notify manager\n"
    )
}

/// What others do while that is done: runs that are called off and begun anew by it, one that is
/// opened by it, and a gate.
const LISTENERS: [(&str, &str); 5] = [
    (
        "off",
        "policy off\n  for accounts in app Salesforce\n  when inactive > 90d\n  \
         limit none \"a test\"\n  cancel on title changed to \"Away\"\n  \
         then ask owner for 60d, disable account\n",
    ),
    (
        "anew",
        "policy anew\n  for accounts\n  when account.status = active\n  \
         limit none \"a test\"\n  restart on group joined Contractors\n  \
         then notify manager, wait 30d, notify admin\n",
    ),
    (
        "hears",
        "policy hears\n  for users\n  on (title changed to \"Away\", department changed)\n  \
         then set locale = \"fr\", notify admin \"{{ user.email }}\", wait 1d\n",
    ),
    (
        "rejected",
        "policy rejected\n  for accounts in app GitHub\n  on access rejected\n  \
         except user.email = \"max@acme.example\"\n  then notify admin, disable account\n",
    ),
    (
        "gate",
        "policy gate\n  before user created by signup\n  \
         require email ends with \"@acme.example\"\n",
    ),
];

/// What is told of before: it is heard of in the same tick.
const TOLD: [&str; 3] = [
    r#"{"id": "a", "event": "attribute changed", "subject": "yan@acme.example",
        "attribute": "department", "new": "Legal"}"#,
    r#"{"id": "b", "event": "attribute changed", "subject": "max@acme.example",
        "attribute": "title", "new": "Away"}"#,
    r#"{"id": "c", "event": "before user created", "subject": "nel@acme.example",
        "by": "signup"}"#,
];

pub(crate) fn receiver() -> Peer {
    Peer::receiver(&["--secret", SECRET, "--any-time"])
}

pub(crate) fn start(site: &Site, arguments: &[&str]) -> Child {
    let mut command = site.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Ends a process without warning.
fn kill(mut child: Child) {
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

/// Who is in the group, as the dump says it.
pub(crate) fn members(site: &Site, group: &str) -> Vec<String> {
    let start = format!("membership {group} in okta ");
    let dump = site.dump();
    let lines = dump.lines().filter_map(|line| line.strip_prefix(&start));
    lines.map(|line| line.split(' ').next().unwrap().to_owned()).collect()
}

/// Every request as its key and its exact body; the same key never comes with another body.
pub(crate) fn bodies(receiver: &Peer) -> BTreeMap<String, String> {
    let mut bodies = BTreeMap::new();
    for request in receiver.journal() {
        assert_eq!(request["verified"], true, "{request}");
        let key = header(&request, "webhook-id").unwrap().to_owned();
        let body = request["body"].as_str().unwrap().to_owned();
        let before = bodies.insert(key, body.clone());
        assert!(before.is_none_or(|before| before == body), "{request}");
    }
    bodies
}

/// Nobody waits for a receiver that is slow: what is under way is taken back at once.
#[test]
fn a_run_is_stopped_while_another_process_sends() {
    let receiver = receiver();
    let site = Site::acme();
    site.configure(None, &[receiver.address()]);
    site.activate("moves", &moves(&receiver.url("/hold")));
    let due = after("1d");
    let first = start(&site, &["run", "--now", &due]);
    wait(|| receiver.journal().len() == 1);
    site.ok(&["cancel", "1", "--now", &due]);
    receiver.go();
    let said = said(first.wait_with_output().unwrap());
    assert_eq!(said.code, Some(0), "{said:?}");
    // Whatever it answered: nothing is tried again, and the run stays what it is.
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "cancelled".to_owned())]);
    site.tick(&after("2d"));
    assert_eq!(receiver.journal().len(), 1);
    assert_eq!(members(&site, "Salesforce Users").len(), 2);
}

#[test]
fn a_webhook_that_was_under_way_is_sent_again_and_the_run_goes_on() {
    let receiver = receiver();
    let site = Site::acme();
    site.configure(None, &[receiver.address()]);
    site.activate("moves", &moves(&receiver.url("/hold")));
    let due = after("1d");
    let first = start(&site, &["run", "--now", &due]);
    wait(|| receiver.journal().len() == 1);

    // The first one is alive and waits: nobody else acts beside it.
    let refused = site.no(3, &["run", "--now", &due]);
    assert_eq!(
        refused,
        "error: another tenure is acting on this store\n  help: try again when it has finished\n"
    );
    // Nor by another name of the store.
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("linked.db");
    std::os::unix::fs::symlink(site.path("tenure.db"), &link).unwrap();
    let link = link.display().to_string();
    assert_eq!(site.no(3, &["run", "--now", &due, "--store", &link]), refused);
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "removing".to_owned())]);
    kill(first);

    let before = site.ledger();
    assert_eq!(members(&site, "Salesforce Users").len(), 2);
    let report = site.tick(&due);
    assert_eq!((&report["delivered"], &report["failed"]), (&1.into(), &0.into()));
    let requests = receiver.journal();
    assert_eq!(requests.len(), 2);
    assert_eq!(bodies(&receiver).len(), 1);
    assert_eq!(requests[0]["headers"], requests[1]["headers"]);
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "removed".to_owned())]);
    assert_eq!(members(&site, "Contractors"), ["zoe@acme.example"]);

    // What was on record stays as it was, and each step is on record once.
    let trail = site.ledger();
    assert_eq!(trail[..before.len()], before);
    let events: Vec<_> =
        trail.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(
        events,
        [
            "opened",
            "step-done",
            "step-started",
            "step-done",
            "step-done",
            "step-done",
            "ended"
        ]
    );
    assert_eq!(site.tick(&due)["transitions"], 0);
    assert_eq!(receiver.journal().len(), 2);
}

#[test]
fn a_mail_that_was_under_way_is_sent_again_with_the_same_id() {
    let mail = Peer::mail(&["--hold"]);
    let site = Site::acme();
    site.configure(Some(mail.port), &[]);
    site.publish(
        "tell",
        "policy tell\n  when inactive > 200d\n  then notify app owner\n",
    );
    let first = start(&site, &["activate", "tell", "--at-once", "--now", NOON]);
    wait(|| mail.events("message").len() == 1);
    kill(first);
    let opened = site.ledger();
    mail.go();
    assert_eq!(site.tick(NOON)["delivered"], 3);
    let messages = mail.events("message");
    let ids: Vec<_> =
        messages.iter().map(|it| it["message_id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), ids[0]), (4, ids[1]));
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 3);
    let bytes = |message: &Value| fs::read(message["file"].as_str().unwrap()).unwrap();
    assert_eq!(bytes(&messages[0]), bytes(&messages[1]));
    let trail = site.ledger();
    assert_eq!(trail[..opened.len()], opened);
    assert_eq!(trail.iter().filter(|line| line["event"] == "delivered").count(), 3);
    assert_eq!(site.tick(NOON)["delivered"], 0);
}

#[test]
fn of_several_processes_one_acts() {
    let receiver = receiver();
    let site = Site::acme();
    site.configure(None, &[receiver.address()]);
    site.activate("moves", &moves(&receiver.url("/hold")));
    let due = after("1d");
    let mut children: Vec<_> = (0..4)
        .map(|_| start(&site, &["run", "--now", &due, "--quiet"]))
        .collect();
    // One holds the store and waits for its answer; the others end by themselves.
    let over = |child: &mut Child| child.try_wait().unwrap().is_some();
    wait(|| {
        children
            .iter_mut()
            .filter_map(|child| over(child).then_some(()))
            .count()
            == 3
    });
    receiver.go();
    let mut codes = Vec::new();
    for child in children {
        let said = said(child.wait_with_output().unwrap());
        if said.code == Some(3) {
            assert!(said.err.contains("another tenure is acting on this store"));
        }
        codes.push(said.code);
    }
    codes.sort_unstable();
    assert_eq!(codes, [0, 3, 3, 3].map(Some));
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "removed".to_owned())]);
    assert_eq!(receiver.journal().len(), 1);
}

#[test]
fn a_clock_that_goes_back_fires_nothing_twice() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    site.activate("much", &much(&receiver.url("/204")));
    site.tick(&after("2d"));
    let (dump, sent) = (site.dump(), bodies(&receiver));
    assert!(!sent.is_empty());
    let mails = mail.events("message").len();
    for now in [NOON, &after("1d"), &after("1d12h"), &after("2d"), "2020-01-01T00:00:00Z"]
    {
        let report = site.tick(now);
        assert_eq!(report["evaluations"], Value::Array(Vec::new()), "{now}");
        assert_eq!(
            (&report["transitions"], &report["delivered"]),
            (&0.into(), &0.into())
        );
    }
    assert_eq!(site.dump(), dump);
    assert_eq!(receiver.journal().len(), sent.len());
    assert_eq!(mail.events("message").len(), mails);
}

/// The calls that change files for good.
const WRITES: &str = "pwrite64,fsync,fdatasync";

/// A store in which much is due, and what becomes of it when nothing goes wrong.
pub(crate) struct Undisturbed {
    pub(crate) site: Site,
    mail: Peer,
    receiver: Peer,
    pub(crate) due: String,
    /// How many calls change files.
    writes: usize,
    dump: String,
    sent: BTreeMap<String, String>,
}

/// An access review that closes in the same tick, about three accounts; two are to go.
fn review(site: &Site) {
    let start = ["review", "start", "--app", "GitHub", "--reviewers", "it@acme.example"];
    let how = ["--remove", "delete account", "--for", "1d", "--now", NOON];
    site.ok(&[&start[..], &how].concat());
    let opened =
        |line: &&Value| line["policy"] == "access review 1" && line["event"] == "opened";
    let lines = site.ledger();
    let about: Vec<_> = lines.iter().filter(opened).collect();
    assert_eq!(about.len(), 3, "{about:?}");
    for line in about {
        if line["subject"] != "github/lroux" {
            let run = line["run"].to_string();
            site.ok(&[
                "decide",
                &run,
                "remove",
                "--as",
                "it@acme.example",
                "--now",
                NOON,
            ]);
        }
    }
}

impl Undisturbed {
    pub(crate) fn new() -> Self {
        assert!(
            Command::new("strace").arg("--version").output().is_ok(),
            "this test needs strace: run .ci/setup"
        );
        let (mail, receiver) = (Peer::mail(&[]), receiver());
        let site = Site::acme();
        site.configure(Some(mail.port), &[receiver.address()]);
        site.activate("much", &much(&receiver.url("/204")));
        for (name, text) in LISTENERS {
            site.publish(name, text);
            let at_once: &[&str] =
                if text.contains("when") { &["--at-once"] } else { &[] };
            site.ok(&[&["activate", name, "--now", NOON], at_once].concat());
        }
        let due = after("1d");
        review(&site);
        for told in TOLD {
            site.write("event.json", told);
            site.ok(&["event", "event.json", "--now", &due]);
        }
        let copy = site.copy();
        let log = copy.path("log").display().to_string();
        let trace = format!("trace={WRITES}");
        let options = ["-o", log.as_str(), "-e", trace.as_str()];
        let done = copy.traced(&options, &["run", "--now", &due]).output().unwrap();
        assert!(done.status.success(), "{done:?}: does this machine let strace work?");
        let log = fs::read_to_string(log).unwrap();
        let writes = log.lines().filter(|line| line.contains(" = ")).count();
        assert_eq!(copy.tick(&due)["transitions"], 0);
        let (dump, sent) = (dump(&copy), bodies(&receiver));
        let lines = copy.ledger();
        let count = |policy: &str, event: &str| {
            let of = |line: &&Value| line["policy"] == policy && line["event"] == event;
            lines.iter().filter(of).count()
        };
        assert_eq!((count("much", "opened"), sent.len()), (4, 4), "{dump}");
        // Something happens to all of these, too.
        let off = |line: &&Value| line["policy"] == "off" && line["state"] == "cancelled";
        assert!(lines.iter().any(|line| off(&line)), "{dump}");
        assert!(
            count("anew", "restarted") >= 2 && count("hears", "opened") >= 5,
            "{dump}"
        );
        // The review closes: one goes by it, others as a policy says, and one is left alone.
        let of_review = |line: &&Value| line["policy"] == "access review 1";
        let mut ends: Vec<&str> = lines
            .iter()
            .filter(of_review)
            .filter_map(|line| line["state"].as_str())
            .collect();
        ends.sort_unstable();
        assert_eq!(ends, ["done", "ended", "removed"], "{dump}");
        Self { site, mail, receiver, due, writes, dump, sent }
    }

    /// A run that is stopped at one of its writes: the store and how the run ended.
    fn stopped(&self, how: &str) -> (Site, crate::site::Said) {
        let copy = self.site.copy();
        let trace = format!("trace={WRITES}");
        let inject = format!("inject={how}");
        let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
        let done = copy.traced(&options, &["run", "--now", &self.due]).output();
        (copy, said(done.unwrap()))
    }

    /// That the store is sound, and that everything comes to the same end as undisturbed.
    pub(crate) fn comes_to_the_same_end(&self, site: &Site, how: &str) {
        let store = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
        let check: String = store
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok", "{how}");
        drop(store);
        site.tick(&self.due);
        let dump = dump(site);
        let diff = similar::TextDiff::from_lines(&self.dump, &dump);
        assert!(dump == self.dump, "{how}:\n{}", diff.unified_diff());
    }

    /// That whatever was sent, how often ever, was one of the same few things.
    pub(crate) fn sent_the_same(&self) {
        assert_eq!(bodies(&self.receiver), self.sent);
        let mails = self.mail.events("message");
        let ids: BTreeSet<_> = mails
            .iter()
            .map(|mail| mail["message_id"].as_str().unwrap())
            .collect();
        let whole: BTreeSet<_> = mails
            .iter()
            .map(|mail| (&mail["message_id"], &mail["envelope_to"], &mail["body"]))
            .map(|mail| format!("{mail:?}"))
            .collect();
        assert_eq!(ids.len(), whole.len());
    }

    /// So many of the writes, spread over all of them.
    fn some(&self, default: u64) -> Vec<usize> {
        spread(self.writes, default)
    }
}

/// So many of some writes, spread over all of them.
fn spread(writes: usize, default: u64) -> Vec<usize> {
    let most = number("CRASH_POINTS").unwrap_or(default);
    let step = writes.div_ceil(usize::try_from(most).unwrap()).max(1);
    (1..=writes).step_by(step).collect()
}

/// Looks at each of some cases, a few at a time: most of each is waiting for the disk.
pub(crate) fn each<T: Send>(
    cases: impl IntoIterator<Item = T, IntoIter: Send>,
    look: impl Fn(T) + Sync,
) {
    let cases = Mutex::new(cases.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let case = cases.lock().unwrap().next();
                    let Some(case) = case else { return };
                    let failed = catch_unwind(AssertUnwindSafe(|| look(case))).err();
                    if let Some(failure) = failed {
                        // The others look at nothing more.
                        cases.lock().unwrap().by_ref().for_each(drop);
                        resume_unwind(failure);
                    }
                }
            });
        }
    });
}

/// Everything in a store, without the numbers that the mail server gives to messages.
fn dump(site: &Site) -> String {
    let mut dump = String::new();
    for evaluation in site.store().evaluations(None, u32::MAX).unwrap() {
        dump += &format!("{evaluation:?}\n");
    }
    for (number, part) in site.dump().split("queued as ").enumerate() {
        let part = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        dump += if number > 0 { "queued" } else { "" };
        dump += part;
    }
    dump
}

#[test]
fn killed_at_any_write_it_comes_to_the_same_end() {
    let whole = Undisturbed::new();
    let unfinished = AtomicUsize::new(0);
    each(whole.some(24), |write| {
        let how = format!("{WRITES}:signal=KILL:when={write}");
        let (site, said) = whole.stopped(&how);
        if said.out.is_empty() {
            assert_eq!(said.code, None, "{how}: {said:?}");
            unfinished.fetch_add(1, Relaxed);
        } else {
            // What it has reported is on the disk; it was tidying up, or had finished.
            assert!(matches!(said.code, None | Some(0)), "{how}: {said:?}");
            assert_eq!(dump(&site), whole.dump, "{how}");
        }
        whole.comes_to_the_same_end(&site, &how);
    });
    assert!(
        unfinished.into_inner() > 0,
        "every one of {} writes came too late",
        whole.writes
    );
    whole.sent_the_same();
}

/// An event that was being received is on record whole or not at all; its sender, who got no
/// answer, tells it again, and it counts once.
#[test]
fn killed_while_it_is_told_an_event_it_knows_it_whole_or_not_at_all() {
    let mail = Peer::mail(&[]);
    let site = Site::acme();
    site.configure(Some(mail.port), &[]);
    for (name, text) in LISTENERS {
        site.activate(name, text);
    }
    let trace = format!("trace={WRITES}");
    for told in TOLD {
        site.write("event.json", told);
        let call = ["event", "event.json", "--now", NOON];
        let before = site.dump();
        let copy = site.copy();
        let log = copy.path("log").display().to_string();
        let done = copy.traced(&["-o", &log, "-e", &trace], &call).output().unwrap();
        assert!(done.status.success(), "{done:?}");
        let answer = said(done).out;
        let log = fs::read_to_string(log).unwrap();
        let writes = log.lines().filter(|line| line.contains(" = ")).count();
        let heard = copy.dump();
        assert_ne!(heard, before);
        copy.tick(NOON);
        let whole = dump(&copy);
        let mut lost = 0;
        for write in spread(writes, 5) {
            let how = format!("inject={WRITES}:signal=KILL:when={write}");
            let copy = site.copy();
            let options = ["-o", "/dev/null", "-e", &trace, "-e", &how];
            drop(copy.traced(&options, &call).output().unwrap());
            let dump = copy.dump();
            assert!(dump == before || dump == heard, "{how}: {told}\n{dump}");
            lost += usize::from(dump == before);
            assert_eq!(copy.ok(&call).out, answer, "{how}: {told}");
            assert_eq!(copy.dump(), heard, "{how}: {told}");
            copy.tick(NOON);
            assert_eq!(self::dump(&copy), whole, "{how}: {told}");
        }
        assert!(lost > 0, "none of {writes} writes came too early");
    }
}

#[test]
fn on_a_full_disk_it_says_so_and_goes_on_later() {
    let whole = Undisturbed::new();
    let mut codes = BTreeMap::new();
    for write in whole.some(10) {
        let how = format!("pwrite64:error=ENOSPC:when={write}+");
        let (site, said) = whole.stopped(&how);
        if said.code == Some(3) {
            let clear = [
                "error: the disk is full; nothing of the last step was kept\n  \
                 help: make room and try again\n",
                "error: the store cannot be read or written: disk I/O error\n  help: see that \
                 the disk has room and is sound, and the file may be written\n",
            ];
            assert!(clear.contains(&said.err.as_str()), "{how}: {said:?}");
            assert_eq!(said.out, "", "{how}");
        } else {
            // Nothing was left but to tidy up.
            assert_eq!(said.code, Some(0), "{how}: {said:?}");
        }
        *codes.entry(said.code).or_insert(0) += 1;
        whole.comes_to_the_same_end(&site, &how);
    }
    assert!(codes.get(&Some(3)).is_some_and(|count| *count >= 4), "{codes:?}");
    whole.sent_the_same();
}
