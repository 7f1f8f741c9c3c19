//! Mails, against a mail server that is not our own code.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use crate::peers::Peer;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::time::Instant;
use tenure::actions::{Login, Network, Recorder, Security, Settings, Smtp};
use tenure::engine::{Delivery, Effect, Hands as _, Mail, Outcome, Request};
use tenure::ir::SecretRef;
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

const NOW: Timestamp = Timestamp(1_790_000_000); // 2026-09-21T14:13:20Z

fn smtp(port: u16) -> Smtp {
    Smtp {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        login: None,
        from: "Tenure <tenure@acme.example>".parse().unwrap(),
    }
}

fn mail(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        to_name: "Zoe".to_owned(),
        subject: "Do you still need Salesforce?".to_owned(),
        body: "Hello Zoe,\nplease decide.\n".to_owned(),
        ..Mail::default()
    }
}

fn deliver(smtp: Option<Smtp>, mails: &[Mail]) -> Vec<Outcome> {
    let mut network =
        Network::new(Settings { smtp, ..Settings::default() }, Clock::Fixed(NOW));
    let effects: Vec<_> = mails.iter().cloned().map(Effect::Mail).collect();
    let keys: Vec<_> = (0..effects.len()).map(|number| format!("run-{number}")).collect();
    let batch: Vec<_> = keys
        .iter()
        .zip(&effects)
        .map(|(key, effect)| Delivery { key, effect, attempts: 0 })
        .collect();
    network.deliver(&batch, NOW)
}

fn delivered(message: &str) -> Outcome {
    Outcome::Delivered { message: Some(message.to_owned()) }
}

fn refused(why: &str) -> Outcome {
    Outcome::Refused { why: why.to_owned() }
}

fn put_off(why: &str) -> Outcome {
    Outcome::unsettled(why.to_owned())
}

fn failed(why: &str) -> Outcome {
    Outcome::silent(why.to_owned())
}

/// What the server made of one message.
fn received(mail: Mail) -> Value {
    let server = Peer::mail(&[]);
    let outcome = deliver(Some(smtp(server.port)), &[mail]);
    assert_eq!(outcome, [delivered("2.0.0 ok, queued as 1")], "{}", server.errors());
    server.events("message").remove(0)
}

#[test]
fn a_message_arrives_as_it_was_meant() {
    let message = received(Mail {
        to: "zoë.o'neil@acme.example".to_owned(),
        to_name: "Zoë \"Zo\" Müller, jr.".to_owned(),
        subject: "Zugriff läuft ab — ünbedingt lesen: 東京 🎉 ".repeat(4),
        body: format!("Grüße,\n.\n..dots\nFrom here\n\n{}\n", "ä long line ".repeat(200)),
        ..Mail::default()
    });
    assert_eq!(message["envelope_from"], "tenure@acme.example");
    assert_eq!(message["envelope_to"][0], "zoë.o'neil@acme.example");
    assert_eq!(message["sender"], "Tenure <tenure@acme.example>");
    let subject = "Zugriff läuft ab — ünbedingt lesen: 東京 🎉 ".repeat(4);
    assert_eq!(message["subject"], subject.trim());
    let to = message["to"].as_str().unwrap();
    assert!(to.contains("Zoë") && to.contains("Müller, jr."), "{to}");
    assert_eq!(message["message_id"], "<run-0@acme.example>");
    assert_eq!(message["date"], "Mon, 21 Sep 2026 14:13:20 +0000");
    assert_eq!(
        (&message["kind"], &message["charset"]),
        (&"text/plain".into(), &"utf-8".into())
    );
    let body =
        format!("Grüße,\n.\n..dots\nFrom here\n\n{}\n", "ä long line ".repeat(200));
    let arrived = message["body"].as_str().unwrap().replace("\r\n", "\n");
    assert_eq!(arrived.trim_end(), body.trim_end());
    let headers: Vec<_> = message["headers"].as_array().unwrap().iter().collect();
    assert!(headers.contains(&&"auto-submitted".into()), "{headers:?}");
}

#[test]
fn domains_of_other_letters_reach_servers_that_know_ascii_only() {
    let server = Peer::mail(&["--ascii"]);
    let smtp = Smtp {
        from: "Büro <tenure@bücher.example>".parse().unwrap(),
        ..smtp(server.port)
    };
    let mails =
        [mail("zoe@MÜNCHEN.example"), mail("zoë@acme.example"), mail("b@x.example")];
    let outcomes = deliver(Some(smtp), &mails);
    assert_eq!(
        outcomes,
        [
            delivered("2.0.0 ok, queued as 1"),
            refused(
                "the mail server can't take it: Envelope contains non-ascii chars but server \
                 does not support SMTPUTF8"
            ),
            delivered("2.0.0 ok, queued as 2"),
        ],
        "{}",
        server.errors()
    );
    let message = server.events("message").remove(0);
    assert_eq!(message["envelope_from"], "tenure@xn--bcher-kva.example");
    assert_eq!(message["envelope_to"][0], "zoe@xn--mnchen-3ya.example");
    assert_eq!(message["to"], "Zoe <zoe@xn--mnchen-3ya.example>");
    assert_eq!(message["sender"], "Büro <tenure@xn--bcher-kva.example>");
    assert_eq!(message["message_id"], "<run-0@xn--bcher-kva.example>");
    assert_eq!(server.events("connection").len(), 1);
}

#[test]
fn nobody_writes_headers_of_their_own() {
    let message = received(Mail {
        to: "zoe@acme.example".to_owned(),
        to_name: "Zoe\r\nBcc: all@acme.example\u{202e}".to_owned(),
        subject: "Hi\r\nBcc: all@acme.example\r\n\r\n<b>\u{0}\u{1b}[31m\tred".to_owned(),
        body: "one\rtwo\u{0}\n\r\nthree\n.\nQUIT\n".to_owned(),
        ..Mail::default()
    });
    assert_eq!(message["envelope_to"].as_array().map(Vec::len), Some(1));
    assert_eq!(message["subject"], "Hi Bcc: all@acme.example <b> [31m red");
    let headers: Vec<_> = message["headers"].as_array().unwrap().iter().collect();
    assert!(!headers.contains(&&"bcc".into()), "{headers:?}");
    let to = message["to"].as_str().unwrap();
    assert!(to.ends_with("<zoe@acme.example>") && !to.contains('\n'), "{to}");
    let body = message["body"].as_str().unwrap();
    assert!(body.contains("three") && body.contains("QUIT"), "{body:?}");
}

#[test]
fn each_mail_has_its_own_end_and_the_connection_serves_many() {
    let server = Peer::mail(&[]);
    let to = |name: &str| mail(&format!("{name}@acme.example"));
    let mails = [
        to("ana"),
        to("bo"),
        to("refuse"),
        to("cy"),
        to("later"),
        to("refuse-data"),
        to("later-data"),
        to("close"),
        mail("not an address"),
        mail(""),
        mail("two@acme.example, three@acme.example"),
        mail("x@acme.example\r\nRCPT TO:<y@acme.example>"),
        to("dee"),
    ];
    let outcomes = deliver(Some(smtp(server.port)), &mails);
    let no_address = |text: &str| refused(&format!("`{text}` is not an e-mail address"));
    assert_eq!(
        outcomes,
        [
            delivered("2.0.0 ok, queued as 1"),
            delivered("2.0.0 ok, queued as 2"),
            refused("the mail server refused: 550 5.1.1 no such user here"),
            delivered("2.0.0 ok, queued as 3"),
            put_off("the mail server put it off: 451 4.7.1 greylisted, try later"),
            refused("the mail server refused: 554 5.7.1 looks like spam"),
            put_off("the mail server put it off: 451 4.3.0 try later"),
            put_off("the mail server put it off: 421 4.3.2 closing down"),
            no_address("not an address"),
            no_address(""),
            no_address("two@acme.example, three@acme.example"),
            no_address("x@acme.example RCPT TO:<y@acme.example>"),
            delivered("2.0.0 ok, queued as 4"),
        ],
        "{}",
        server.errors()
    );
    let peers: Vec<_> = server
        .events("message")
        .iter()
        .map(|message| message["peer"].as_u64())
        .collect();
    assert_eq!(peers[0], peers[1], "a connection is used again");
    assert_eq!(server.events("connection").len(), 6, "each refusal ends one");
}

#[test]
fn many_mails_need_one_connection() {
    let server = Peer::mail(&[]);
    let mails: Vec<_> = (0..50)
        .map(|number| mail(&format!("p{number}@acme.example")))
        .collect();
    let outcomes = deliver(Some(smtp(server.port)), &mails);
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Delivered { .. }))
    );
    let ids: Vec<_> = server
        .events("message")
        .iter()
        .map(|message| message["message_id"].clone())
        .collect();
    let expected: Vec<_> = (0..50)
        .map(|number| Value::from(format!("<run-{number}@acme.example>")))
        .collect();
    assert_eq!(ids, expected);
    assert_eq!(server.events("connection").len(), 1);
}

#[test]
fn the_message_id_stays_the_same() {
    let server = Peer::mail(&[]);
    let mut network = Network::new(
        Settings {
            smtp: Some(smtp(server.port)),
            ..Settings::default()
        },
        Clock::Fixed(NOW),
    );
    let effect = Effect::Mail(mail("flaky@acme.example"));
    let mut attempt = |attempts| {
        let delivery = Delivery { key: "same", effect: &effect, attempts };
        network.deliver(&[delivery], NOW).remove(0)
    };
    assert_eq!(attempt(0), put_off("the mail server put it off: 451 4.3.0 try later"));
    assert_eq!(attempt(1), delivered("2.0.0 ok, queued as 1"));
    assert_eq!(server.events("message")[0]["message_id"], "<same@acme.example>");
}

#[test]
fn no_server_is_no_end() {
    assert_eq!(
        deliver(None, &[mail("a@acme.example")]),
        [put_off("no mail server is configured (`[smtp]` in tenure.toml)")]
    );
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let why = format!("the mail server `127.0.0.1:{closed}`: connection refused");
    assert_eq!(
        deliver(Some(smtp(closed)), &[mail("a@acme.example"), mail("b@acme.example")]),
        [failed(&why), failed(&why)]
    );
}

#[test]
fn a_silent_server_is_left_in_time() {
    let silent = Peer::mail(&["--silent"]);
    let mails = vec![mail("a@acme.example"); 20];
    let start = now();
    let outcomes = deliver(Some(smtp(silent.port)), &mails);
    let seconds = start.elapsed().as_secs_f64();
    let server = format!("the mail server `127.0.0.1:{}`: ", silent.port);
    assert_eq!(outcomes[0], failed(&format!("{server}no answer within 10s")));
    // The rest is not tried, and waits for the same reason.
    assert_eq!(outcomes[1], outcomes[0]);
    assert!((9.0..25.0).contains(&seconds), "{seconds}");
}

#[test]
fn a_hanging_server_is_left_in_time() {
    let server = Peer::mail(&[]);
    let mails = vec![mail("hang@acme.example"); 20];
    let start = now();
    let outcomes = deliver(Some(smtp(server.port)), &mails);
    let seconds = start.elapsed().as_secs_f64();
    let why =
        format!("the mail server `127.0.0.1:{}`: no answer within 10s", server.port);
    assert_eq!(outcomes, vec![failed(&why); 20]);
    // Nor is one waited for who is silent when one leaves.
    assert!(seconds < 16.0, "{seconds}");
}

#[test]
fn logins() {
    let server = Peer::mail(&["--auth", "tenure:hunter2 with spaces"]);
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("password");
    std::fs::write(&secret, "hunter2 with spaces\n").unwrap();
    let login = |user: &str, file: &str| {
        let password =
            SecretRef::File(folder.path().join(file).to_str().unwrap().to_owned());
        let login = Some(Login { user: user.to_owned(), password });
        deliver(Some(Smtp { login, ..smtp(server.port) }), &[mail("a@acme.example")])
            .remove(0)
    };
    assert_eq!(login("tenure", "password"), delivered("2.0.0 ok, queued as 1"));
    let name = format!("the mail server `127.0.0.1:{}`: ", server.port);
    assert_eq!(
        login("other", "password"),
        failed(&format!(
            "{name}`other` can't log in: 535 5.7.8 Authentication credentials invalid"
        ))
    );
    let path = folder.path().join("none").display().to_string();
    assert_eq!(
        login("tenure", "none"),
        Outcome::Unready {
            why: format!(
                "{name}there is no password: the secret file `{path}` can't be read: No such \
                 file or directory (os error 2)"
            )
        }
    );
}

#[test]
fn mail_is_not_sent_in_the_clear_where_tls_is_asked_for() {
    let server = Peer::mail(&[]);
    let name = format!("the mail server `127.0.0.1:{}`: ", server.port);
    let smtp = Smtp { security: Security::StartTls, ..smtp(server.port) };
    assert_eq!(
        deliver(Some(smtp.clone()), &[mail("a@acme.example")]),
        [failed(&format!("{name}it offers no STARTTLS, and `security` asks for it"))]
    );
    let smtp = Smtp { security: Security::Tls, ..smtp };
    assert_eq!(
        deliver(Some(smtp), &[mail("a@acme.example")]),
        [failed(&format!(
            "{name}it speaks no TLS from the first byte there; `security = \"starttls\"` fits \
             such a port, mostly 587"
        ))]
    );
    assert!(server.events("message").is_empty());
}

#[test]
fn a_batch_of_both_kinds_is_answered_in_order() {
    let (server, receiver) = (Peer::mail(&[]), Peer::receiver(&[]));
    let hosts = [receiver.address().parse().unwrap()].into();
    let smtp = Some(smtp(server.port));
    let mut network =
        Network::new(Settings { hosts, smtp, ..Settings::default() }, Clock::Fixed(NOW));
    let webhook = |path: &str| {
        Effect::Webhook(Request {
            webhook: "revoke".to_owned(),
            url: receiver.url(path),
            headers: Vec::new(),
            body: "{}".to_owned(),
            secret: None,
            timeout: Duration(10),
            retry: 0,
        })
    };
    let effects = [
        Effect::Mail(mail("refuse@acme.example")),
        webhook("/success/one"),
        webhook("/failure/two"),
        Effect::Mail(mail("zoe@acme.example")),
        webhook("/success/three"),
    ];
    let batch: Vec<_> = effects
        .iter()
        .map(|effect| Delivery { key: "k", effect, attempts: 0 })
        .collect();
    assert_eq!(
        network.deliver(&batch, NOW),
        [
            refused("the mail server refused: 550 5.1.1 no such user here"),
            delivered("one"),
            refused("the receiver reports a failure: two"),
            delivered("2.0.0 ok, queued as 1"),
            delivered("three"),
        ]
    );
    assert_eq!(network.deliver(&[], NOW), []);

    let mut recorder = Recorder::default();
    let accepted = vec![Outcome::Delivered { message: None }; 5];
    assert_eq!(recorder.deliver(&batch, NOW), accepted);
    let effects_seen: Vec<_> =
        recorder.records.iter().map(|record| &record.effect).collect();
    assert_eq!(effects_seen, effects.iter().collect::<Vec<_>>());
    assert!(
        recorder
            .records
            .iter()
            .all(|record| record.key == "k" && record.at == NOW)
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "it is measured how long a real call takes"
)]
fn now() -> Instant {
    Instant::now()
}

/// A server that answers a line of ours by its first word; where that is nothing it closes the
/// connection. The message itself is answered as `.` is.
fn scripted(answer: fn(&str) -> Option<&'static str>) -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.write_all(b"220 here\r\n").unwrap();
            let mut in_message = false;
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let line = line.unwrap_or_default();
                if in_message && line != "." {
                    continue;
                }
                let Some(said) = answer(line.split([' ', ':']).next().unwrap()) else {
                    break;
                };
                in_message = said.starts_with("354");
                stream.write_all(said.as_bytes()).unwrap();
            }
            stream.shutdown(std::net::Shutdown::Both).ok();
        }
    });
    port
}

/// What breaks off in the middle is tried again, in words; what a server repeats of a password
/// is not shown.
#[test]
fn what_breaks_off_in_the_middle_may_pass() {
    let one = |port: u16, login: Option<Login>| {
        let why = deliver(Some(Smtp { login, ..smtp(port) }), &[mail("a@acme.example")]);
        (format!("the mail server `127.0.0.1:{port}`: "), why)
    };
    let before = scripted(|word| Some("250 ok\r\n").filter(|_| word != "DATA"));
    let behind = scripted(|word| match word {
        "DATA" => Some("354 go\r\n"),
        "." => None,
        _ => Some("250 ok\r\n"),
    });
    for port in [before, behind] {
        let (name, outcomes) = one(port, None);
        let closed = "it closed the connection instead of answering";
        assert_eq!(outcomes, [failed(&format!("{name}{closed}"))]);
    }
    let other =
        scripted(|word| Some(if word == "MAIL" { "fine\r\n" } else { "250 ok\r\n" }));
    let (name, outcomes) = one(other, None);
    assert_eq!(outcomes, [failed(&format!("{name}it answers with what is no SMTP"))]);

    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("password");
    std::fs::write(&secret, "hunter2hunter2").unwrap();
    let password = SecretRef::File(secret.to_str().unwrap().to_owned());
    let login = Login { user: "tenure".to_owned(), password };
    let telltale = scripted(|word| match word {
        "EHLO" => Some("250-here\r\n250 AUTH PLAIN\r\n"),
        "AUTH" => Some("535 5.7.8 not hunter2hunter2\r\n"),
        _ => Some("250 ok\r\n"),
    });
    let (name, outcomes) = one(telltale, Some(login));
    let why = "`tenure` can't log in: 535 5.7.8 not …";
    assert_eq!(outcomes, [failed(&format!("{name}{why}"))]);
}
