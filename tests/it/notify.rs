//! Messages: which go into a chat, what a chat that is not our own code gets, and what becomes
//! of those that a mail server does not take.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use crate::peers::{Peer, header};
use crate::site::{NOON, Site, after};
use serde_json::{Value, json};
use tenure::actions::{Network, Settings};
use tenure::engine::{Chat, Delivery, Effect, Hands as _, Mail, Outcome};
use tenure::ir::SecretRef;
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

const NOW: Timestamp = Timestamp(1_790_000_000);

fn message() -> Mail {
    Mail {
        to: "zoe@acme.example".to_owned(),
        to_name: "Zoe Quist".to_owned(),
        subject: "Do you still need Salesforce?".to_owned(),
        body: "Hello Zoe,\nplease decide.\n".to_owned(),
        ..Mail::default()
    }
}

/// What becomes of messages in a chat whose URL lies in a file.
fn post(hosts: &[String], url: &str, mails: &[Mail]) -> Vec<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("url"), format!("{url}\n")).unwrap();
    let settings = Settings {
        folder: folder.path().to_owned(),
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        smtp: None,
        links: None,
    };
    let chat = Chat {
        name: "ops".to_owned(),
        url: SecretRef::File("url".to_owned()),
    };
    let effects: Vec<_> = mails
        .iter()
        .map(|mail| Effect::Mail(Mail { chat: Some(chat.clone()), ..mail.clone() }))
        .collect();
    let batch: Vec<_> = effects
        .iter()
        .map(|effect| Delivery { key: "msg_1", effect, attempts: 0 })
        .collect();
    Network::new(settings, Clock::Fixed(NOW)).deliver(&batch, NOW)
}

fn one(hosts: &[String], url: &str) -> Outcome {
    post(hosts, url, &[message()]).remove(0)
}

fn failed(why: &str) -> Outcome {
    Outcome::silent(why.to_owned())
}

fn text(entry: &Value) -> String {
    let body: Value = serde_json::from_str(entry["body"].as_str().unwrap()).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["text"].as_str().unwrap().to_owned()
}

#[test]
fn messages_of_an_earlier_version_are_read() {
    let text =
        r#"{"kind":"mail","to":"a@b.example","to_name":"A","subject":"s","body":"b"}"#;
    let effect: Effect = serde_json::from_str(text).unwrap();
    let mail = Mail {
        to: "a@b.example".to_owned(),
        to_name: "A".to_owned(),
        subject: "s".to_owned(),
        body: "b".to_owned(),
        ..Mail::default()
    };
    assert_eq!(effect, Effect::Mail(mail));
}

#[test]
fn a_chat_gets_the_text_and_for_whom_it_is() {
    let chat = Peer::receiver(&[]);
    let hosts = [chat.address()];
    // Chats answer `ok`, `1` or nothing: none of it is a verdict.
    for path in ["/204", "/malformed", "/failure/no", "/status/202"] {
        let outcome = one(&hosts, &chat.url(path));
        assert_eq!(outcome, Outcome::Delivered { message: None }, "{path}");
    }
    let entry = chat.journal().remove(0);
    assert_eq!(
        text(&entry),
        "Do you still need Salesforce?\n(for Zoe Quist, zoe@acme.example)\n\n\
         Hello Zoe,\nplease decide."
    );
    assert_eq!(header(&entry, "content-type"), Some("application/json"));
    assert_eq!(header(&entry, "webhook-id"), Some("msg_1"));
    assert_eq!(header(&entry, "webhook-signature"), None);
}

#[test]
fn no_name_calls_everybody_or_makes_a_link() {
    let chat = Peer::receiver(&[]);
    let nasty = Mail {
        to: "a@acme.example".to_owned(),
        to_name: "<!channel>".to_owned(),
        subject: "@here @Everyone and <https://evil.example|mail> & \u{1b}[31m"
            .to_owned(),
        body: "{{ user.name }} \"}\r\n".repeat(5_000),
        ..Mail::default()
    };
    let outcomes = post(&[chat.address()], &chat.url("/204"), &[nasty]);
    assert_eq!(outcomes, [Outcome::Delivered { message: None }]);
    let said = text(&chat.journal()[0]);
    let head = "@\u{200b}here @\u{200b}Everyone and &lt;https://evil.example|mail&gt; &amp;  \
                [31m\n(for &lt;!channel&gt;, a@acme.example)\n\n{{ user.name }} \"} \n";
    assert!(said.starts_with(head), "{said:.300}");
    assert!(said.ends_with('…') && said.len() < 12_000, "{}", said.len());
}

#[test]
fn no_name_hides_where_a_link_leads_or_calls_somebody() {
    let chat = Peer::receiver(&[]);
    let nasty = Mail {
        to: "a.b-@acme.example".to_owned(),
        to_name: "[click](http://evil.example)".to_owned(),
        subject: "![pixel](http://evil.example) [a][b] (@olga) 5 @ 2".to_owned(),
        body: "[b]: http://evil.example\nhttps://acme.example/review/1 [ok] (see)"
            .to_owned(),
        ..Mail::default()
    };
    let outcomes = post(&[chat.address()], &chat.url("/204"), &[nasty]);
    assert_eq!(outcomes, [Outcome::Delivered { message: None }]);
    assert_eq!(
        text(&chat.journal()[0]),
        "![pixel]\u{200b}(http://evil.example) [a]\u{200b}[b] (@\u{200b}olga) 5 @ 2\n\
         (for [click]\u{200b}(http://evil.example), a.b-@acme.example)\n\n\
         [b]\u{200b}: http://evil.example\nhttps://acme.example/review/1 [ok] (see)"
    );
}

#[test]
fn what_may_pass_is_tried_again() {
    let chat = Peer::receiver(&[]);
    let hosts = [chat.address()];
    let answered = |path: &str| one(&hosts, &chat.url(path));
    assert_eq!(
        answered("/status/503"),
        failed("the receiver answered 503 Service Unavailable")
    );
    assert_eq!(
        answered("/wait/429?7"),
        Outcome::Failed {
            why: "the receiver answered 429 Too Many Requests".to_owned(),
            retry_after: Some(Duration(7)),
            answered: true,
        }
    );
    assert_eq!(
        answered("/status/404"),
        Outcome::Refused {
            why: "the receiver answered 404 Not Found".to_owned()
        }
    );
    assert!(matches!(answered("/redirect/302?/204"), Outcome::Refused { .. }));
}

#[test]
fn the_url_is_a_secret_and_guarded() {
    let chat = Peer::receiver(&[]);
    let port = chat.port;
    let guarded = format!(
        "chat `ops`: `127.0.0.1` is not a public address; only `[hosts] allow = \
         [\"127.0.0.1:{port}\"]` in tenure.toml lets requests go there"
    );
    assert_eq!(one(&[], &chat.url("/hunter2")), Outcome::unsettled(guarded));
    for url in ["hunter2", "hunter2:hunter2", "https://hunter2@", "https://a:hunter2@b/"]
    {
        let outcome = one(&[], url);
        assert_eq!(
            outcome,
            Outcome::unsettled("chat `ops`: its URL is not one of `https:`".to_owned()),
            "{url}"
        );
    }
    let empty = one(&[], "");
    assert!(
        matches!(&empty, Outcome::Unready { why } if why.ends_with("/url` is empty")),
        "{empty:?}"
    );
    let unreachable = one(&["127.0.0.1:9".to_owned()], "http://127.0.0.1:9/hunter2");
    assert_eq!(unreachable, failed("`127.0.0.1:9` can't be reached: connection refused"));
    assert!(chat.journal().is_empty());
}

/// rows: L26
#[test]
fn the_configuration_says_which_way_a_message_goes() {
    let (mail, chat) = (Peer::mail(&[]), Peer::receiver(&[]));
    let site = Site::acme();
    site.configure(Some(mail.port), &[chat.address()]);
    let config = std::fs::read_to_string(site.path("tenure.toml")).unwrap();
    let notify = "[notify]\nreview-request = \"ask\"\n[notify.people]\n\
                  \"OLGA@acme.example\" = \"mail\"\n[notify.chat]\nask = \"file:ask\"\n";
    site.write("tenure.toml", &format!("{config}{notify}"));
    site.write("ask", &chat.url("/flaky/1"));
    site.write(
        "reclaim.tenure",
        "policy reclaim\n  for accounts in app Salesforce\n  when inactive > 90d\n  \
         then ask owner for 7d, notify owner\n",
    );
    let foretold = site.json(&[
        "simulate",
        "reclaim.tenure",
        "--at-once",
        "--for",
        "3d",
        "--now",
        NOON,
    ]);
    site.ok(&["publish", "reclaim.tenure", "--now", NOON]);
    site.ok(&["activate", "reclaim", "--at-once", "--now", NOON]);
    // The chat fails once; the attempt that follows has the same key and bytes.
    let tried = chat.journal().len();
    assert!(tried > 0);
    site.tick(&after("1h"));
    let entries = chat.journal();
    let of = |entries: &[Value]| -> Vec<_> {
        let mut sent: Vec<_> = entries
            .iter()
            .map(|it| (header(it, "webhook-id").unwrap().to_owned(), text(it)))
            .collect();
        sent.sort();
        sent
    };
    let (first, second) = entries.split_at(tried);
    assert_eq!(of(first), of(second));
    assert!(of(first).iter().any(|(_, text)| text.contains("(for Zoe Quist")));
    let mails = mail.events("message");
    let to: Vec<_> = mails.iter().map(|it| it["envelope_to"][0].clone()).collect();
    assert_eq!(to, [json!("olga@acme.example")]);
    let said = site.ok(&["show", "1"]).out;
    assert!(said.contains("zoe@acme.example by chat ask"), "{said}");
    // The simulation knows the ways too.
    let events = foretold["events"].as_array().unwrap().iter();
    let delivered: Vec<_> = events
        .filter(|line| line["event"] == "delivered")
        .map(|line| line["who"].as_str().unwrap())
        .collect();
    assert!(delivered.contains(&"zoe@acme.example by chat ask"), "{delivered:?}");
    assert!(delivered.contains(&"olga@acme.example"), "{delivered:?}");

    // The store knows where the URL lies, and not the URL.
    for file in ["tenure.db", "tenure.db-wal"] {
        let bytes = std::fs::read(site.path(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("/flaky/"), "{file}");
    }

    // Decisions count as ever.
    site.ok(&["decide", "1", "keep", "--as", "zoe@acme.example", "--now", &after("2h")]);
}

/// One account, whose owner has that address, is asked about.
fn asks(address: &str, mail: &Peer) -> Site {
    let site = Site::acme();
    site.configure(Some(mail.port), &[]);
    let store = rusqlite::Connection::open(site.path("tenure.db")).unwrap();
    let sql = "UPDATE identity SET email = ?1, email_key = ?1 WHERE email_key = 'zoe@acme.example'";
    assert_eq!(store.execute(sql, [address]).unwrap(), 1);
    drop(store);
    site.publish(
        "ask",
        "policy ask\n  for accounts in app Salesforce\n  when inactive > 90d and title \
         contains \"Executive\"\n  then ask owner\n",
    );
    site
}

#[test]
fn what_a_mail_server_puts_off_waits_in_the_outbox() {
    let mail = Peer::mail(&[]);
    let site = asks("flaky@acme.example", &mail);
    let report = site.json(&["activate", "ask", "--at-once", "--now", NOON]);
    assert_eq!((&report["postponed"], &report["delivered"]), (&json!(1), &json!(0)));
    assert!(mail.events("message").is_empty());
    // Not before it is due.
    assert_eq!(site.tick(&after("1s"))["delivered"], 0);
    assert_eq!(site.tick(&after("10s"))["delivered"], 1);
    let message = mail.events("message").remove(0);
    let said = site.ok(&["show", "1"]).out;
    assert!(said.contains("451 4.3.0 try later; tried again at"), "{said}");
    assert!(said.contains("delivered to flaky@acme.example"), "{said}");
    let id = message["message_id"].as_str().unwrap();
    assert!(id.starts_with("<msg_") && id.ends_with("_1@acme.example>"), "{id}");
}

#[test]
fn what_a_mail_server_refuses_is_final() {
    let mail = Peer::mail(&[]);
    let site = asks("refuse@acme.example", &mail);
    let report = site.json(&["activate", "ask", "--at-once", "--now", NOON]);
    // Nobody else can be asked, and so the admin is told.
    assert_eq!((&report["failed"], &report["delivered"]), (&json!(1), &json!(1)));
    let messages = mail.events("message");
    let told: Vec<_> = messages.iter().map(|it| it["envelope_to"][0].clone()).collect();
    assert_eq!(told, [json!("it@acme.example")]);
    let said = site.ok(&["show", "1"]).out;
    assert!(said.contains("550 5.1.1 no such user here"), "{said}");
    site.tick(&after("7d"));
    assert_eq!(mail.events("denied").len(), 1);
}
