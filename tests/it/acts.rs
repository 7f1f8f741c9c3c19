//! Runs act: mails and webhooks leave on the day that the policy says, people's decisions
//! count, and what fails is tried again or waits for a person.

use crate::peers::{Peer, header};
use crate::site::{NOON, SECRET, Site, after, said};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use tenure::check::VARIABLES;

/// The line that started it all, with its webhook at that address.
fn the_line(url: &str) -> String {
    format!(
        "webhook revoke\n  url \"{url}\"\n  secret env REVOKE_SECRET\n\n\
         when inactive > 90d and not in group Execs then notify owner, escalate after 7d, \
         run webhook revoke\n"
    )
}

/// Takes the access of one account, without asking.
fn at_once(url: &str) -> String {
    format!(
        "webhook revoke\n  url \"{url}\"\n  secret env REVOKE_SECRET\n\n\
         policy revoke\n  for accounts in app Salesforce\n  \
         when inactive > 90d and in group \"Salesforce Users\"\n  \
         then run webhook revoke\n"
    )
}

fn receiver() -> Peer {
    Peer::receiver(&["--secret", SECRET, "--any-time"])
}

/// The store with the line published, the mail server and the receiver known.
fn with_the_line(mail: &Peer, receiver: &Peer, path: &str) -> Site {
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    site.publish("reclaim", &the_line(&receiver.url(path)));
    site
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The lines of a run's trail as people read them, without their instants.
fn trail(site: &Site, run: &str) -> Vec<String> {
    let said = site.ok(&["show", run]);
    // What it waits for now stands before them.
    let lines = said.out.lines().filter_map(|line| line.split_once("Z  "));
    lines.map(|(_, words)| words.to_owned()).collect()
}

/// rows: W03 W17
#[test]
fn the_line_runs_end_to_end_as_simulated() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    site.write("reclaim.tenure", &the_line(&receiver.url("/204")));
    let before = fs::read(site.path("tenure.db")).unwrap();
    let foretold = site.json(&[
        "simulate",
        "reclaim.tenure",
        "--at-once",
        "--for",
        "30d",
        "--now",
        NOON,
    ]);
    assert_eq!(fs::read(site.path("tenure.db")).unwrap(), before);
    assert_eq!(
        keys(&foretold),
        ["schema", "from", "until", "policies", "events", "runs", "held", "blocked"]
    );
    assert_eq!(foretold["schema"], "tenure.simulation/1");
    assert_eq!(foretold["from"], NOON);
    assert_eq!(foretold["until"], after("30d"));

    site.ok(&["publish", "reclaim.tenure", "--now", NOON]);
    let report = site.json(&["activate", "reclaim", "--at-once", "--now", NOON]);
    assert_eq!(report["schema"], "tenure.run/1");
    assert_eq!(report["evaluations"][0]["opened"], 3);
    assert_eq!(report["delivered"], 3);
    assert_eq!(report["next_due"], after("1d"));
    let (mut mails, mut requests) = (Vec::new(), Vec::new());
    for day in 0..=30 {
        if day > 0 {
            site.tick(&after(&format!("{day}d")));
        }
        let messages = mail.events("message");
        let new = messages.into_iter().skip(mails.len());
        mails.extend(new.map(|message| (day, message)).collect::<Vec<_>>());
        let new = receiver.journal().into_iter().skip(requests.len());
        requests.extend(new.map(|request| (day, request)).collect::<Vec<_>>());
    }

    assert_eq!(json!(site.ledger()), foretold["events"]);
    let runs = site.json(&["runs", "--all"]);
    let pairs = |runs: &Value| -> Vec<_> {
        let runs = runs["runs"].as_array().unwrap().iter();
        runs.map(|run| (run["subject"].clone(), run["state"].clone()))
            .collect()
    };
    assert_eq!(pairs(&runs), pairs(&foretold));
    assert_eq!(
        site.states(),
        ["salesforce/zoe", "salesforce/olga", "github/lroux", "salesforce/pat"]
            .map(|subject| (subject.to_owned(), "removed".to_owned()))
    );
    check_mails(&mails);
    check_requests(&requests);
    assert_eq!(mail.errors() + &receiver.errors(), "");
}

fn check_mails(mails: &[(i64, Value)]) {
    let sent: Vec<_> = mails
        .iter()
        .map(|(day, mail)| {
            let to = mail["envelope_to"][0].as_str().unwrap();
            let (subject, body) = (mail["subject"].as_str(), mail["body"].as_str());
            let body = body.unwrap();
            let run = body.split("for run ").nth(1).unwrap();
            (*day, to, subject.unwrap(), run.split('.').next().unwrap())
        })
        .collect();
    let pat = "Does Pat O'Neil still need Salesforce (pat)?";
    assert_eq!(
        sent,
        [
            (0, "zoe@acme.example", "Do you still need Salesforce (zoe)?", "1"),
            (0, "olga@acme.example", "Do you still need Salesforce (olga)?", "2"),
            (0, "dev.lead@acme.example", "Does Lea Roux still need GitHub (lroux)?", "3"),
            (1, "ceo@acme.example", pat, "4"),
            (7, "olga@acme.example", "Does Zoe Quist still need Salesforce (zoe)?", "1"),
            (7, "ceo@acme.example", "Does Olga Berg still need Salesforce (olga)?", "2"),
        ]
    );
    let ids: BTreeSet<_> = mails
        .iter()
        .map(|(_, mail)| mail["message_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), mails.len());
    for id in ids {
        assert!(id.starts_with("<msg_") && id.ends_with("@acme.example>"), "{id}");
    }
    let (_, first) = &mails[0];
    assert_eq!(first["sender"], "Tenure <tenure@acme.example>");
    assert_eq!(first["to"], "Zoe Quist <zoe@acme.example>");
    assert_eq!(first["date"], "Fri, 20 Nov 2026 12:00:00 +0000");
    let body = first["body"].as_str().unwrap();
    assert!(body.contains("was last used on 2026-07-20"), "{body}");
    assert!(body.contains("tell it@acme.example \"keep\" or \"remove\""), "{body}");
}

fn check_requests(requests: &[(i64, Value)]) {
    let mut ids = BTreeSet::new();
    let mut bodies = Vec::new();
    for (day, request) in requests {
        assert_eq!(request["method"], "POST");
        assert_eq!(request["verified"], true, "{request}");
        assert_eq!(header(request, "content-type"), Some("application/json"));
        ids.insert(header(request, "webhook-id").unwrap());
        let body: Value =
            serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
        bodies.push((*day, body));
    }
    assert_eq!(ids.len(), 4);
    // Two of the same day are under way at once.
    bodies.sort_by_key(|(day, body)| (*day, body["custom_fields"].to_string()));
    let whom: Vec<_> = bodies
        .iter()
        .map(|(day, body)| {
            (*day, body["custom_fields"]["username"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(
        whom,
        [(7, "lroux"), (8, "pat"), (14, "olga"), (14, "zoe")]
            .map(|(day, name)| (day, name.to_owned()))
    );
    let zoe = json!({
        "application": {
            "app_id": "salesforce",
            "instance_id": "sf-prod-01",
            "user_friendly_label": "Salesforce",
        },
        "permissions": [{
            "label": "Sales Cloud",
            "value": "sales_cloud",
            "type": "PERMISSION",
            "source": "INTEGRATION",
        }],
        "user": { "email": "zoe@acme.example", "given_name": "Zoe", "family_name": "Quist" },
        "target_user":
            { "email": "zoe@acme.example", "given_name": "Zoe", "family_name": "Quist" },
        "request_comment": "",
        "custom_fields": { "username": "zoe", "seat": "A1" },
    });
    // Also in the order of the documentation: the texts are the same.
    assert_eq!(bodies[3].1.to_string(), zoe.to_string());
    let lroux = &bodies[0].1;
    assert_eq!(lroux["permissions"], json!([]));
    assert_eq!(lroux["custom_fields"], json!({ "username": "lroux" }));
}

/// rows: L34 L44 L45
#[test]
fn decisions_count_once_and_are_refused_with_the_reason() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = with_the_line(&mail, &receiver, "/success/the%20seat%20is%20free");
    site.ok(&["activate", "reclaim", "--at-once", "--now", NOON]);
    let later = after("1h");
    let decide = |arguments: &[&'static str]| {
        [&["decide"], arguments, &["--now", "2026-11-20T13:00:00Z"]].concat()
    };

    let refused = site.no(1, &decide(&["1", "keep", "--as", "max@acme.example"]));
    assert_eq!(
        refused,
        "error: max@acme.example was not asked about run 1; asked were zoe@acme.example\n"
    );
    check_calls(&site);

    let words = ["1", "keep", "--as", "ZOE@acme.example", "--comment", "I sell with it"];
    let said = site.ok(&decide(&words));
    assert_eq!(said.out, "run 1 for salesforce/zoe: kept\n");
    let refused = site.no(1, &decide(&["1", "remove", "--as", "zoe@acme.example"]));
    assert_eq!(refused, "error: run 1 was decided already: keep, by zoe@acme.example\n");
    let kept = trail(&site, "1");
    assert!(kept.contains(&"kept".to_owned()), "{kept:?}");
    assert!(
        kept.iter()
            .any(|line| line.starts_with("zoe@acme.example (entered by ")
                && line.ends_with("decided: keep: I sell with it"))
    );

    // The decision is entered without waiting for anybody; what follows is the run's affair.
    let remove =
        decide(&["2", "remove", "--as", "olga@acme.example", "--comment", "gone"]);
    let document = site.json(&remove);
    check_document(&document, &later);
    assert_eq!(receiver.journal().len(), 0);
    assert_eq!(site.tick(&later)["delivered"], 1);
    let request = &receiver.journal()[0];
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["request_comment"], "gone");
    assert!(
        trail(&site, "2").contains(&"done: run webhook revoke: the seat is free".into())
    );

    let open = site.json(&["runs"]);
    assert_eq!(open["schema"], "tenure.runs/1");
    assert_eq!(open["runs"].as_array().unwrap().len(), 1);
    assert_eq!(
        keys(&open["runs"][0]),
        [
            "run",
            "policy",
            "version",
            "subject",
            "state",
            "paused",
            "stands_still",
            "undone",
            "undone_in_part",
            "observed",
            "only",
            "opened_at",
            "ended_at",
            "until",
            "wake_at"
        ]
    );
    assert_eq!(open["runs"][0]["subject"], "github/lroux");
    assert_eq!(open["runs"][0]["wake_at"], after("7d"));
    assert!(site.ok(&["runs", "--all"]).out.contains("salesforce/olga"));

    assert!(
        site.no(1, &["retry", "3"])
            .contains("only a failed or held run is retried")
    );
    assert!(site.no(2, &["cancel", "3", "--reason", "  "]).contains("say why"));
    let said = site.ok(&["cancel", "3", "--reason", "she is back", "--now", &later]);
    assert_eq!(said.out, "run 3 for github/lroux: cancelled\n");
    assert_eq!(site.no(1, &["cancel", "3"]), "error: run 3 is over: cancelled\n");
    assert_eq!(site.no(1, &["retry", "3"]), "error: run 3 is over: cancelled\n");
    let shown = site.json(&["show", "3"]);
    let listed = [vec!["schema"], keys(&open["runs"][0])].concat();
    assert_eq!(keys(&shown), [listed.as_slice(), &BESIDES].concat());
    let last = shown["trail"].as_array().unwrap().last().unwrap();
    assert_eq!(last["event"], "ended");
    assert_eq!(last["at"], later);
    assert!(last["why"].as_str().unwrap().ends_with(": she is back"), "{last}");

    check_rests(&site);
}

/// What is told of one run besides what a list tells of it.
const BESIDES: [&str; 10] = [
    "why",
    "rests_until",
    "asked",
    "decision",
    "awaits",
    "done",
    "pending",
    "pauses",
    "stranded",
    "trail",
];

/// What programs are told of a run that was just decided.
fn check_document(document: &Value, at: &str) {
    assert_eq!(document["schema"], "tenure.run-state/1");
    assert_eq!(document["state"], "removing");
    let decision = &document["decision"];
    let given = (&decision["verdict"], &decision["by"], &decision["comment"]);
    assert_eq!(given, (&json!("remove"), &json!("olga@acme.example"), &json!("gone")));
    assert_eq!(decision["at"], at);
    assert_eq!(document["pending"][0]["to"], "revoke");
}

/// What is no decision about a run is refused before anything else.
fn check_calls(site: &Site) {
    let refused = site.no(1, &["decide", "99", "keep", "--as", "zoe@acme.example"]);
    assert_eq!(
        refused,
        "error: there is no run 99\n  help: tenure runs --all lists them\n"
    );
    site.no(2, &["decide", "1", "maybe", "--as", "zoe@acme.example"]);
    site.no(2, &["decide", "one", "keep", "--as", "zoe@acme.example"]);
    assert!(site.no(2, &["decide", "1", "keep"]).contains("--as"));
}

/// Who was kept rests as long as the policy compares with; who was removed, for good.
fn check_rests(site: &Site) {
    let asked =
        |subject: &str| site.states().iter().filter(|(name, _)| name == subject).count();
    site.tick(&after("89d"));
    assert_eq!((asked("salesforce/zoe"), asked("salesforce/olga")), (1, 1));
    site.tick(&after("91d"));
    assert_eq!((asked("salesforce/zoe"), asked("salesforce/olga")), (2, 1));
}

/// rows: W15 W16 M62 M64
#[test]
fn a_failure_stops_the_run_and_tells_the_admin() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = Site::acme();
    site.configure(Some(mail.port), &[receiver.address()]);
    site.publish("revoke", &at_once(&receiver.url("/failure/no%20such%20seat")));
    let report = site.json(&["activate", "revoke", "--at-once", "--now", NOON]);
    assert_eq!((&report["failed"], &report["delivered"]), (&json!(1), &json!(1)));
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "failed".to_owned())]);
    let told = mail.events("message").remove(0);
    assert_eq!(told["envelope_to"], json!(["it@acme.example"]));
    assert_eq!(told["subject"], "Run 1 failed: salesforce/zoe");
    let body = told["body"].as_str().unwrap();
    assert!(body.contains("the receiver reports a failure: no such seat"), "{body}");
    assert!(body.contains("tenure retry 1"), "{body}");
    assert!(site.ok(&["runs"]).out.contains("failed"));

    // It stays where it is until somebody says so; trying again is another request.
    site.tick(&after("1d"));
    assert_eq!(receiver.journal().len(), 1);
    site.ok(&["retry", "1", "--now", &after("1d")]);
    site.tick(&after("1d"));
    let ids: BTreeSet<_> = receiver
        .journal()
        .iter()
        .map(|request| header(request, "webhook-id").unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    site.ok(&["cancel", "1", "--now", &after("1d")]);
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "cancelled".to_owned())]);
}

#[test]
fn what_may_pass_is_tried_again_when_it_is_due() {
    let receiver = receiver();
    let site = Site::acme();
    site.configure(None, &[receiver.address()]);
    site.publish("revoke", &at_once(&receiver.url("/flaky/1")));
    let report = site.json(&["activate", "revoke", "--at-once", "--now", NOON]);
    assert_eq!(report["postponed"], 1);
    let due = report["next_due"].as_str().unwrap().to_owned();
    assert!((after("4s")..=after("6s")).contains(&due), "{due}");
    assert_eq!(site.tick(&after("3s"))["delivered"], 0);
    assert_eq!(receiver.journal().len(), 1);
    assert_eq!(site.tick(&due)["delivered"], 1);
    let requests = receiver.journal();
    let [first, second] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!(first["body"], second["body"]);
    assert_eq!(header(first, "webhook-id"), header(second, "webhook-id"));
    assert_ne!(header(first, "webhook-timestamp"), header(second, "webhook-timestamp"));
    assert_eq!((&first["verified"], &second["verified"]), (&json!(true), &json!(true)));
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "removed".to_owned())]);
    let lines = trail(&site, "1");
    let why =
        "revoke failed: the receiver answered 500 Internal Server Error; tried again";
    assert!(lines.iter().any(|line| line.starts_with(why)), "{lines:?}");
}

#[test]
fn a_receiver_that_is_down_is_waited_for() {
    // An address that no other test listens at, so that the port stays free in between.
    let host = "127.77.0.1";
    let port = TcpListener::bind((host, 0)).unwrap().local_addr().unwrap().port();
    let endpoint = format!("{host}:{port}");
    let site = Site::acme();
    site.configure(None, std::slice::from_ref(&endpoint));
    site.publish("revoke", &at_once(&format!("http://{endpoint}/204")));
    site.ok(&["activate", "revoke", "--at-once", "--now", NOON]);
    assert_eq!(site.tick(&after("1min"))["postponed"], 1);
    let down =
        format!("revoke failed: `{endpoint}` can't be reached: connection refused");
    let lines = trail(&site, "1");
    assert_eq!(
        lines.iter().filter(|line| line.starts_with(&down)).count(),
        2,
        "{lines:?}"
    );

    let port = port.to_string();
    let options = ["--secret", SECRET, "--any-time", "--host", host, "--port", &port];
    let receiver = Peer::receiver(&options);
    assert_eq!(site.tick(&after("1h"))["delivered"], 1);
    assert_eq!(receiver.journal().len(), 1);
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "removed".to_owned())]);
}

#[test]
fn a_window_counts_from_the_notice_that_arrived() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = with_the_line(&mail, &receiver, "/204");
    // Nobody listens there.
    let nobody = TcpListener::bind("127.77.0.2:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let nobody = format!("host = \"127.77.0.2\"\nport = {nobody}\n");
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    let here = format!("port = {}\n", mail.port);
    let down = config.replace("host = \"127.0.0.1\"\n", "").replace(&here, &nobody);
    site.write("tenure.toml", &down);
    let report = site.json(&["activate", "reclaim", "--at-once", "--now", NOON]);
    assert_eq!((&report["postponed"], &report["delivered"]), (&json!(3), &json!(0)));
    assert_eq!(site.tick(&after("1h"))["delivered"], 0);

    site.write("tenure.toml", &config);
    assert_eq!(site.tick(&after("6h"))["delivered"], 3);
    assert_eq!(site.json(&["runs"])["runs"][0]["wake_at"], after("7d6h"));
    assert_eq!(site.tick(&after("1d"))["delivered"], 1, "the one of the second day");
    for day in 2..=7 {
        site.tick(&after(&format!("{day}d")));
    }
    assert_eq!(receiver.journal().len(), 0);
    site.tick(&after("7d6h"));
    // In which order the three were tried again is left to chance.
    let mut asked: Vec<_> = mail
        .events("message")
        .iter()
        .map(|mail| mail["envelope_to"][0].as_str().unwrap().to_owned())
        .collect();
    asked.sort_unstable();
    let names: Vec<_> = asked.iter().map(|to| to.split('@').next().unwrap()).collect();
    assert_eq!(names, ["ceo", "ceo", "dev.lead", "olga", "olga", "zoe"]);
    assert_eq!(receiver.journal().len(), 1);
}

/// A secret that is not there is nobody's failure: its webhook waits, and is said to, for as
/// long as that lasts.
#[test]
fn without_its_secret_nothing_is_sent() {
    let receiver = receiver();
    let site = Site::acme();
    site.configure(None, &[receiver.address()]);
    site.publish("revoke", &at_once(&receiver.url("/204")));
    let without = |arguments: &[&str]| {
        let mut command = site.command(arguments);
        let said = said(command.env_remove("REVOKE_SECRET").output().unwrap());
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out + &said.err
    };
    let lacks = "warning: webhook `revoke` lacks its secret: the environment variable \
                 `REVOKE_SECRET` is not set";
    assert!(without(&["publish", "revoke.tenure", "--now", NOON]).contains(lacks));
    assert!(without(&["plan", "revoke.tenure", "--now", NOON]).contains(lacks));
    let activated = without(&["activate", "revoke", "--at-once", "--now", NOON]);
    let waits = "1 request waits: webhook `revoke` has no secret: the environment variable \
                 `REVOKE_SECRET` is not set";
    assert!(activated.contains(lacks) && activated.contains(waits), "{activated}");
    for minute in 1..=20 {
        let now = after(&format!("{minute}min"));
        let tick = without(&["run", "--now", &now]);
        assert!(tick.contains(waits) && !tick.contains("left alone"), "{tick}");
    }
    assert_eq!(receiver.journal().len(), 0);
    let why = "what goes to revoke waits, and is not tried: webhook `revoke` has no secret: \
               the environment variable `REVOKE_SECRET` is not set";
    let lines = trail(&site, "1");
    assert_eq!(lines.iter().filter(|line| line.starts_with(why)).count(), 1, "{lines:?}");
    let report = site.tick(&after("1h"));
    assert_eq!((&report["delivered"], &report["warnings"]), (&json!(1), &json!([])));
    assert_eq!(receiver.journal()[0]["verified"], true);
    assert!(!site.dump().contains(SECRET));
}

#[test]
fn a_cancelled_run_sends_nothing_more() {
    let receiver = receiver();
    let site = Site::acme();
    site.configure(None, &[receiver.address()]);
    site.publish("revoke", &at_once(&receiver.url("/status/503")));
    site.ok(&["activate", "revoke", "--at-once", "--now", NOON]);
    assert_eq!(receiver.journal().len(), 1);
    site.ok(&["cancel", "1", "--now", &after("1s")]);
    let report = site.tick(&after("1h"));
    assert_eq!(
        (&report["postponed"], &report["next_due"]),
        (&json!(0), &json!(after("1d")))
    );
    assert_eq!(receiver.journal().len(), 1);
    let lines = trail(&site, "1");
    assert!(lines.iter().any(|line| line.contains("no longer tried")), "{lines:?}");
}

#[test]
fn a_run_whose_policy_cannot_be_followed_takes_in_what_people_say_and_nothing_away() {
    let (mail, receiver) = (Peer::mail(&[]), receiver());
    let site = with_the_line(&mail, &receiver, "/204");
    site.ok(&["activate", "reclaim", "--at-once", "--now", NOON]);
    let path = site.path("tenure.db");
    let other = rusqlite::Connection::open(path).unwrap();
    other
        .execute("UPDATE grp SET gone = 1 WHERE name = 'Execs'", [])
        .unwrap();
    drop(other);
    let later = after("1h");
    let answer = ["decide", "1", "remove", "--as", "zoe@acme.example", "--now", &later];
    let said = site.ok(&answer);
    let waits =
        "it is on record, and waits: policy reclaim version 1 cannot be followed: ";
    assert!(said.err.starts_with(waits), "{said:?}");
    site.call(&["run", "--now", &later]);
    assert_eq!(receiver.journal().len(), 0);
    let said = site.ok(&["cancel", "1", "--now", &later]);
    assert_eq!(said.out, "run 1 for salesforce/zoe: cancelled\n");
    // Whoever looks after the machine learns of it.
    let said = site.call(&["run", "--now", &after("8d")]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("policy reclaim cannot be followed: "), "{said:?}");
    assert_eq!(receiver.journal().len(), 0);
}

#[test]
fn a_message_can_show_everything_that_the_checker_lets_it_name() {
    let mail = Peer::mail(&[]);
    let site = Site::acme();
    site.configure(Some(mail.port), &[]);
    let mut body = String::new();
    // There is no webhook before this message, and no policy for grants is run yet.
    let others = ["webhook", "grant", "permission"];
    let shown_here = |owner: &str| !others.contains(&owner);
    for (owner, names) in VARIABLES.iter().filter(|(owner, _)| shown_here(owner)) {
        for name in *names {
            body += &format!("    {owner}.{name} = {{{{ {owner}.{name} }}}};\n");
        }
    }
    let filters = [
        "capitalize",
        "date",
        "datetime",
        "default('-')",
        "lower",
        "title",
        "tojson",
        "trim",
        "upper",
        "urlencode",
    ];
    for filter in filters {
        body += &format!("    {filter} = {{{{ account.last_seen | {filter} }}}};\n");
    }
    // What is not on record reads as nothing, whatever is done to it.
    body +=
        "    missing = {{ account.expires_at | date }}{{ user.locale | datetime }};\n";
    site.publish(
        "show",
        &format!(
            "template all\n  subject \"{{{{ user.name }}}}\"\n  body \"\"\"\n{body}    \"\"\"\n\n\
             policy show \"Everything\"\n  for accounts in app Salesforce\n  \
             when inactive > 90d and title contains \"Executive\"\n  \
             then ask owner with all for 3d\n"
        ),
    );
    site.ok(&["activate", "show", "--at-once", "--now", NOON]);
    let message = mail.events("message").remove(0);
    assert_eq!(message["subject"], "Zoe Quist");
    let body = message["body"].as_str().unwrap();
    let lines: Vec<_> = body
        .lines()
        .filter(|line| line.ends_with(';'))
        .map(|it| it.trim_end_matches(';'))
        .collect();
    let shown = |name: &str| {
        let line = lines.iter().find_map(|line| line.strip_prefix(&format!("{name} = ")));
        line.unwrap_or_else(|| panic!("{name} in\n{body}"))
    };
    // These are not on record for her, and no server shows a page.
    let unknown = [
        "review.link",
        "user.locale",
        "user.lifecycle_changed_at",
        "account.expires_at",
        "run.state",
        "run.why",
    ];
    for (owner, names) in VARIABLES.iter().filter(|(owner, _)| shown_here(owner)) {
        for name in names.iter().map(|name| format!("{owner}.{name}")) {
            assert_eq!(
                shown(&name).is_empty(),
                unknown.contains(&name.as_str()),
                "{name}"
            );
        }
    }
    assert_eq!(shown("run.closes_at"), after("3d"));
    assert_eq!(
        (shown("date"), shown("datetime")),
        ("2026-07-20", "2026-07-20 10:00 UTC")
    );
    assert_eq!(shown("account.owner"), "zoe@acme.example");
    assert_eq!((shown("app.name"), shown("missing")), ("salesforce", ""));
}
