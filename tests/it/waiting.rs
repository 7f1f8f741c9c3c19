//! What waits to be sent, and what runs wait for, as people are told of it.

use crate::peers::Peer;
use crate::site::{NOON, Site, acme, after, said};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Output;
use tenure::time::Timestamp;

const SALES: &str = "\
policy sales
  for users
  when department = \"Sales\"
  then ask owner remind 1d for 3d, if ignored keep, notify owner
";

/// A port of this machine on which nobody listens.
fn closed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn it_is_said_why_messages_wait() {
    let site = Site::acme();
    let port = closed();
    site.configure(Some(port), &[]);
    site.publish("sales", SALES);
    let activated = site.ok(&["activate", "sales", "--at-once", "--now", NOON]).out;
    let report = site.tick(NOON);
    assert_eq!((&report["postponed"], &report["warnings"]), (&json!(0), &json!([])));
    let waiting = report["waiting"].as_array().unwrap();
    let [waiting] = waiting.as_slice() else { panic!("{waiting:?}") };
    let (count, next) = (waiting["count"].as_u64().unwrap(), &waiting["next_at"]);
    assert!(count > 1, "{waiting}");
    let why = format!("the mail server `127.0.0.1:{port}`: connection refused");
    assert_eq!(
        (&waiting["kind"], &waiting["to"], &waiting["why"]),
        (&json!("message"), &Value::Null, &json!(why))
    );
    assert_eq!(*next, report["next_due"]);
    let next = next.as_str().unwrap();
    let line = format!("{count} messages wait: {why}; next try at {next}\n");
    assert!(activated.contains(&line), "{activated}");
    let said = site.ok(&["run", "--now", NOON]).out;
    assert_eq!(
        said,
        format!("{line}0 transitions; 0 delivered, 0 to be tried again, 0 failed\n")
    );
    // What a person pauses waits for that.
    site.ok(&["pause", "--reason", "a test", "--now", NOON]);
    assert_eq!(site.tick(&after("1h"))["waiting"], json!([]));
}

/// Calls without the secrets of the messages.
fn without(site: &Site, arguments: &[&str]) -> Output {
    site.command(arguments).env_remove("CHAT").output().unwrap()
}

#[test]
fn passwords_and_chats_that_are_not_there_are_told_of_before() {
    let mail = Peer::mail(&["--auth", "tenure:hunter2"]);
    let site = Site::acme();
    let config = format!(
        "admin = \"it@acme.example\"\n[store]\nauthority = \"store\"\n\
         [smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\n\
         from = \"tenure@acme.example\"\nuser = \"tenure\"\npassword = \"file:secret\"\n\
         [notify]\nnotice = \"ops\"\n[notify.chat]\nops = \"env:CHAT\"\nother = \"env:OTHER\"\n\
         [server]\nurl = \"https://tenure.acme.example\"\nsecret = \"file:links\"\n",
        mail.port
    );
    site.write("tenure.toml", &config);
    site.write("sales.tenure", SALES);
    let lacks = [
        "warning: the mail server lacks its password: the secret file `",
        "warning: chat `ops` lacks its URL: the environment variable `CHAT` is not set",
        "warning: the links of reviews lack their secret: the secret file `",
    ];
    let publish = ["publish", "sales.tenure", "--now", NOON];
    let plan = ["plan", "sales.tenure", "--now", NOON];
    let activate = ["activate", "sales", "--at-once", "--now", NOON];
    for arguments in [&publish[..], &plan, &activate] {
        let said = said(without(&site, arguments));
        for lack in lacks {
            assert_eq!(said.err.matches(lack).count(), 1, "{arguments:?}: {}", said.err);
        }
        // Nothing goes that way.
        assert!(!said.err.contains("OTHER"), "{}", said.err);
    }
    // No attempt is made without them, and none is used up.
    let trail = || site.ok(&["show", "1"]).out;
    assert!(trail().contains("waits, and is not tried: "), "{}", trail());
    assert!(!trail().contains("tried again"), "{}", trail());
    let warned = |now: &str| site.tick(now)["warnings"].clone();
    let warnings = warned(&after("1h"));
    let warning = warnings[0].as_str().unwrap();
    assert!(
        warning.contains(" messages wait: ") && warning.contains("links"),
        "{warning}"
    );
    site.write("links", "a secret that is long enough for the links of reviews");
    let warnings = warned(&after("2h"));
    let warning = warnings[0].as_str().unwrap();
    assert!(warning.contains(" messages wait: the mail server `"), "{warning}");
    assert!(warning.contains("there is no password: the secret file"), "{warning}");
    assert_eq!(mail.events("message").len(), 0);
    site.write("secret", "hunter2");
    let report = site.tick(&after("3h"));
    assert_eq!((&report["warnings"], &report["waiting"]), (&json!([]), &json!([])));
    let arrived = mail.events("message").len();
    assert_eq!(report["delivered"], arrived);
    assert!(arrived > 1);
}

#[test]
fn a_message_that_lacks_a_password_is_given_up_after_a_week() {
    let site = Site::acme();
    let config = "admin = \"it@acme.example\"\n[smtp]\nhost = \"127.0.0.1\"\n\
                  from = \"tenure@acme.example\"\nuser = \"t\"\npassword = \"file:none\"\n";
    site.write("tenure.toml", config);
    let tell =
        "policy tell\n  for users\n  when department = \"Legal\"\n  then notify owner\n";
    site.publish("tell", &tell.replace("Legal", "Sales"));
    site.ok(&["activate", "tell", "--at-once", "--now", NOON]);
    assert_eq!(site.tick(&after("6d"))["failed"], 0);
    assert_ne!(site.tick(&after("7d1h"))["failed"], 0);
    let trail = site.ok(&["show", "1"]).out;
    assert!(trail.contains("not delivered to "), "{trail}");
}

/// The wait for the next attempt counts from the failure, however long that took to show.
#[test]
fn a_slow_failure_is_waited_for_from_its_end() {
    let mail = Peer::mail(&["--silent"]);
    let site = Site::empty();
    site.configure(Some(mail.port), &[]);
    site.ok(&["import", &acme()]);
    site.write("sales.tenure", SALES);
    site.ok(&["publish", "sales.tenure"]);
    let activated = site.ok(&["activate", "sales", "--at-once"]).out;
    let run = site.json(&["show", "1"]);
    let trail = run["trail"].as_array().unwrap();
    let at = |line: &Value, field: &str| {
        Timestamp::parse(line[field].as_str().unwrap()).unwrap()
    };
    let opened = at(&trail[0], "at");
    let failed = trail.iter().find(|it| it["event"] == "attempt-failed").unwrap();
    let (ended, again) = (at(failed, "at"), at(failed, "again_at"));
    assert!(ended.since(opened).0 >= 9, "{activated}: {failed}");
    assert!((4..=6).contains(&again.since(ended).0), "{failed}");
}

#[test]
fn runs_are_shown_with_their_deadlines_and_not_with_the_next_look() {
    let (mail, site) = (Peer::mail(&[]), Site::acme());
    site.configure(Some(closed()), &[]);
    site.publish("sales", SALES);
    site.ok(&["activate", "sales", "--at-once", "--now", NOON]);
    let until = || site.json(&["runs"])["runs"][0]["until"].clone();
    assert_eq!(until(), Value::Null);
    assert!(site.ok(&["runs"]).out.contains("  from delivery\n"));
    assert!(site.ok(&["show", "1"]).out.contains(
        "reviewing, no message has arrived yet: its window counts from the delivery\n"
    ));
    site.configure(Some(mail.port), &[]);
    site.tick(&after("1h"));
    // It is looked at before, for it reminds.
    let runs = site.json(&["runs"]);
    assert_eq!(runs["runs"][0]["until"], after("3d1h"));
    assert_eq!(runs["runs"][0]["wake_at"], after("2d1h"));
    assert!(site.ok(&["runs"]).out.contains(&format!("  {}\n", after("3d1h"))));
    let shown = site.ok(&["show", "1"]).out;
    assert!(shown.contains(&format!("\nreviewing until {}\n", after("3d1h"))), "{shown}");
}

#[test]
fn an_evaluation_that_opens_nothing_says_why() {
    let (mail, site) = (Peer::mail(&[]), Site::acme());
    site.configure(Some(mail.port), &[]);
    site.publish("sales", SALES);
    let again = ["activate", "sales", "--at-once", "--now", NOON];
    let first = site.ok(&again).out;
    assert!(first.contains(" undecided\n"), "{first}");
    let line = site.ok(&again).out.lines().next().unwrap().to_owned();
    let why = " have a run, or rest after one; undecided for department (1))";
    assert!(
        line.starts_with("policy sales: opened 0 runs; ") && line.ends_with(why),
        "{line}"
    );
    let accounts = "policy accounts\n  for accounts in app GitHub\n  on user suspended\n  \
                    then notify owner\n";
    site.publish("accounts", accounts);
    site.ok(&["activate", "accounts", "--now", NOON]);
    let event =
        json!({ "id": "a", "event": "user suspended", "subject": "ceo@acme.example" });
    site.write("event.json", &event.to_string());
    site.ok(&["event", "event.json", "--now", NOON]);
    let ran = site.ok(&["run", "--now", NOON]);
    assert!(!ran.out.contains("policy accounts"), "{}", ran.out);
    let missed = "1 evaluation for events found nobody in scope\n";
    assert!(ran.err.contains(missed), "{}", ran.err);
    // It is on record all the same.
    let known = site.json(&["evaluations", "accounts"]);
    assert_eq!(known["evaluations"].as_array().unwrap().len(), 1, "{known}");
}
