//! Webhooks, against a receiver that is not our own code.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use crate::peers::{Peer, header};
use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;
use tenure::actions::{Network, Settings};
use tenure::engine::{Delivery, Effect, Hands as _, Outcome, Request};
use tenure::ir::SecretRef;
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

const NOW: Timestamp = Timestamp(1_790_000_000);
const BODY: &str = r#"{"user": {"given_name": "Zoë"},  "custom_fields": {}}"#;

fn request(url: impl Into<String>) -> Request {
    Request {
        webhook: "revoke".to_owned(),
        url: url.into(),
        headers: Vec::new(),
        body: BODY.to_owned(),
        secret: None,
        timeout: Duration(10),
        retry: 3,
    }
}

fn network(receivers: &[&Peer]) -> Network {
    network_at(receivers, Clock::Fixed(NOW))
}

fn network_at(receivers: &[&Peer], clock: Clock) -> Network {
    let hosts = receivers.iter().map(|peer| peer.address().parse().unwrap()).collect();
    Network::new(Settings { hosts, ..Settings::default() }, clock)
}

fn deliver(network: &mut Network, requests: &[Request]) -> Vec<Outcome> {
    let effects: Vec<_> = requests.iter().cloned().map(Effect::Webhook).collect();
    let keys: Vec<_> = (0..effects.len()).map(|number| format!("run-{number}")).collect();
    let batch: Vec<_> = keys
        .iter()
        .zip(&effects)
        .map(|(key, effect)| Delivery { key, effect, attempts: 0 })
        .collect();
    network.deliver(&batch, NOW)
}

fn one(network: &mut Network, request: Request) -> Outcome {
    deliver(network, &[request]).remove(0)
}

fn delivered(message: Option<&str>) -> Outcome {
    Outcome::Delivered { message: message.map(ToOwned::to_owned) }
}

fn unready(why: &str) -> Outcome {
    Outcome::Unready { why: why.to_owned() }
}

fn refused(why: &str) -> Outcome {
    Outcome::Refused { why: why.to_owned() }
}

fn answered(why: &str) -> Outcome {
    Outcome::unsettled(why.to_owned())
}

fn failed(why: &str) -> Outcome {
    Outcome::silent(why.to_owned())
}

#[test]
fn sends_the_exact_bytes_and_the_standard_headers() {
    let receiver = Peer::receiver(&[]);
    let mut request = request(receiver.url("/204?a=b%20c"));
    request.headers.push(("X-Team".to_owned(), "identity".to_owned()));
    request
        .headers
        .push(("authorization".to_owned(), "Bearer t".to_owned()));
    assert_eq!(one(&mut network(&[&receiver]), request), delivered(None));
    let journal = receiver.journal();
    let [entry] = journal.as_slice() else { panic!("{journal:?}") };
    assert_eq!(entry["method"], "POST");
    assert_eq!(entry["path"], "/204?a=b%20c");
    assert_eq!(entry["body"], BODY);
    let length = BODY.len().to_string();
    let agent = format!("tenure/{}", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        ("content-type", "application/json"),
        ("content-length", length.as_str()),
        ("user-agent", agent.as_str()),
        ("webhook-id", "run-0"),
        ("webhook-timestamp", "1790000000"),
        ("x-team", "identity"),
        ("authorization", "Bearer t"),
        ("host", receiver.address().as_str()),
    ] {
        assert_eq!(header(entry, name), Some(value), "{name}");
    }
    assert_eq!(header(entry, "webhook-signature"), None);
    assert_eq!(header(entry, "accept-encoding"), None);
    let names = entry["headers"].as_array().unwrap().iter().map(|header| &header[0]);
    assert_eq!(names.clone().collect::<Vec<_>>().len(), 9, "and `accept`");
}

/// The signature is checked by another implementation, its time included.
#[test]
fn others_can_verify_the_signature() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one"), format!("{secret}\n")).unwrap();
    fs::write(folder.path().join("rotating"), format!("old-and-known {secret}")).unwrap();
    fs::write(folder.path().join("other"), "whsec_b3RoZXI=").unwrap();
    let receiver = Peer::receiver(&["--secret", secret]);
    let hosts = [receiver.address().parse().unwrap()].into();
    let settings = Settings {
        folder: folder.path().to_owned(),
        hosts,
        smtp: None,
        links: None,
    };
    let mut network = Network::new(settings, Clock::Wall);
    let mut send = |file: &str| {
        let secret = Some(SecretRef::File(file.to_owned()));
        let request = Request {
            secret,
            ..request(receiver.url("/success/verified"))
        };
        let effect = Effect::Webhook(request);
        let delivery = Delivery { key: "run-7/step-2", effect: &effect, attempts: 1 };
        network.deliver(&[delivery], NOW).remove(0)
    };
    assert_eq!(send("one"), delivered(Some("verified")), "{}", receiver.errors());
    assert_eq!(send("rotating"), delivered(Some("verified")), "{}", receiver.errors());
    assert_eq!(send("other"), refused("the receiver answered 401 Unauthorized"));
    let text = Peer::receiver(&["--secret", "just words", "--any-time"]);
    assert_eq!(
        one(&mut self::network(&[&text]), request(text.url("/204"))),
        refused("the receiver answered 401 Unauthorized"),
        "an unsigned request is not verified"
    );
}

#[test]
fn a_raw_secret_is_taken_for_its_bytes() {
    // Cargo sets it, so that the environment need not be changed.
    let secret = env!("CARGO_PKG_NAME");
    let receiver = Peer::receiver(&["--secret", secret, "--any-time"]);
    let secret = Some(SecretRef::Env("CARGO_PKG_NAME".to_owned()));
    let request = Request { secret, ..request(receiver.url("/204")) };
    assert_eq!(
        one(&mut network(&[&receiver]), request),
        delivered(None),
        "{}",
        receiver.errors()
    );
}

#[test]
fn a_missing_secret_is_named_and_may_come() {
    let receiver = Peer::receiver(&[]);
    let mut network = network(&[&receiver]);
    let mut send = |secret| {
        let request = Request {
            secret: Some(secret),
            ..request(receiver.url("/204"))
        };
        one(&mut network, request)
    };
    assert_eq!(
        send(SecretRef::Env("TENURE_NO_SUCH_SECRET".to_owned())),
        unready(
            "webhook `revoke` has no secret: the environment variable \
             `TENURE_NO_SUCH_SECRET` is not set"
        )
    );
    for strange in ["", "A=B", "A\0B"] {
        let outcome = send(SecretRef::Env(strange.to_owned()));
        assert!(matches!(outcome, Outcome::Unready { .. }), "{outcome:?}");
    }
    assert_eq!(
        send(SecretRef::File("/no/such/file".to_owned())),
        unready(
            "webhook `revoke` has no secret: the secret file `/no/such/file` can't be \
             read: No such file or directory (os error 2)"
        )
    );
    assert_eq!(
        send(SecretRef::File("/dev/zero".to_owned())),
        unready(
            "webhook `revoke` has no secret: the secret file `/dev/zero` can't be read: \
             it is not a file"
        )
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret").to_str().unwrap().to_owned();
    let empty =
        format!("webhook `revoke` has no secret: the secret file `{file}` is empty");
    let garbled = "the secret of webhook `revoke` begins with `whsec_`, and what follows is \
                   not base64";
    for (content, why) in [(" \n", empty.as_str()), ("whsec_hunter2*", garbled)] {
        fs::write(&file, content).unwrap();
        assert_eq!(send(SecretRef::File(file.clone())), unready(why));
    }
    assert!(receiver.journal().is_empty());
}

#[test]
fn headers_that_are_ours_cannot_be_set() {
    let receiver = Peer::receiver(&[]);
    let mut network = network(&[&receiver]);
    for name in [
        "Host",
        "content-length",
        "Content-Type",
        "WEBHOOK-ID",
        "webhook-signature",
        "webhook-anything",
        "Transfer-Encoding",
        "connection",
        "proxy-authorization",
        "User-Agent",
    ] {
        let header = (name.to_owned(), "x".to_owned());
        let request = Request {
            headers: vec![header],
            ..request(receiver.url("/204"))
        };
        let why = format!("the header `{name}` can't be set by a webhook");
        assert_eq!(one(&mut network, request), refused(&why));
    }
    for (name, value) in [("a b", "x"), ("", "x"), ("x-a", "x\r\nx-b: y"), ("x-a", "\0")]
    {
        let header = (name.to_owned(), value.to_owned());
        let request = Request {
            headers: vec![header],
            ..request(receiver.url("/204"))
        };
        let outcome = one(&mut network, request);
        assert!(
            matches!(outcome, Outcome::Refused { .. }),
            "{name} {value}: {outcome:?}"
        );
    }
    assert!(receiver.journal().is_empty());
}

#[test]
fn answers_are_understood() {
    let receiver = Peer::receiver(&[]);
    let mut network = network(&[&receiver]);
    let wait = |code: &str, seconds| Outcome::Failed {
        why: format!("the receiver answered {code}"),
        retry_after: Some(Duration(seconds)),
        answered: !code.starts_with("503"),
    };
    let malformed = |found: &str| {
        refused(&format!(
            "malformed answer: 200 OK with {found} instead of \
             `{{\"response\": \"SUCCESS\", \"msg\": \"…\"}}`"
        ))
    };
    let cases = [
        ("/204", delivered(None)),
        ("/success/seat%20given%20back", delivered(Some("seat given back"))),
        (
            "/failure/no%20such%20user",
            refused("the receiver reports a failure: no such user"),
        ),
        ("/malformed", malformed("a body that is not JSON")),
        ("/gzip", malformed("a body that is not JSON")),
        ("/status/200", delivered(Some("a status should win over this"))),
        ("/status/400", refused("the receiver answered 400 Bad Request")),
        ("/status/404", refused("the receiver answered 404 Not Found")),
        ("/status/410", refused("the receiver answered 410 Gone")),
        ("/status/408", answered("the receiver answered 408 Request Timeout")),
        ("/status/425", answered("the receiver answered 425 Too Early")),
        ("/status/429", answered("the receiver answered 429 Too Many Requests")),
        ("/status/500", answered("the receiver answered 500 Internal Server Error")),
        ("/status/503", failed("the receiver answered 503 Service Unavailable")),
        ("/wait/429?7", wait("429 Too Many Requests", 7)),
        ("/wait/503?99999999999999999999", wait("503 Service Unavailable", 86_400)),
        (
            "/wait/429?Mon,%2021%20Sep%202026%2014:14:20%20GMT",
            wait("429 Too Many Requests", 60),
        ),
        ("/wait/429?soon", answered("the receiver answered 429 Too Many Requests")),
        (
            "/redirect/307?http://169.254.169.254/latest/meta-data/",
            refused(
                "the receiver answered 307 Temporary Redirect, and redirects are not followed",
            ),
        ),
        ("/endless", malformed("more than 64 KiB")),
    ];
    let requests: Vec<_> =
        cases.iter().map(|(path, _)| request(receiver.url(path))).collect();
    let outcomes = deliver(&mut network, &requests);
    for ((path, expected), outcome) in cases.iter().zip(outcomes) {
        assert_eq!(&outcome, expected, "{path}");
    }
    let count = receiver
        .journal()
        .iter()
        .filter(|entry| entry["method"] == "POST")
        .count();
    assert_eq!(count, cases.len(), "each was sent once, and no redirect was followed");
}

#[test]
fn an_endless_body_is_left_early() {
    let receiver = Peer::receiver(&[]);
    let outcome = one(&mut network(&[&receiver]), request(receiver.url("/endless")));
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    let sent = || receiver.journal().iter().find_map(|entry| entry["endless"].as_u64());
    crate::peers::wait(|| sent().is_some());
    // What the sockets hold is sent in vain.
    assert!(sent() < Some(16 * 1024 * 1024), "{:?} bytes", sent());
}

#[test]
fn what_breaks_may_pass() {
    let receiver = Peer::receiver(&[]);
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let hosts =
        [receiver.address().parse().unwrap(), closed.to_string().parse().unwrap()];
    let mut network = Network::new(
        Settings { hosts: hosts.into(), ..Settings::default() },
        Clock::Fixed(NOW),
    );
    for path in ["/reset", "/reset-body", "/garbage", "/huge-header"] {
        let outcome = one(&mut network, request(receiver.url(path)));
        let Outcome::Failed { why, retry_after: None, .. } = outcome else {
            panic!("{path}: {outcome:?}");
        };
        let address = receiver.address();
        assert!(why.starts_with(&format!("`{address}` broke off: ")), "{why}");
        assert!(!why.contains(path), "no path, for it may hold a secret: {why}");
    }
    assert_eq!(
        one(&mut network, request(format!("http://{closed}/"))),
        failed(&format!("`{closed}` can't be reached: connection refused"))
    );
    let name = "https://no-such-name.invalid/?token=hunter2";
    let Outcome::Failed { why, .. } = one(&mut network, request(name)) else {
        panic!("a name that resolves to nothing was reached");
    };
    assert!(why.starts_with("`no-such-name.invalid:443` can't be reached: "), "{why}");
    assert!(!why.contains("hunter2"), "{why}");
}

#[test]
fn a_slow_receiver_is_left_in_time() {
    let receiver = Peer::receiver(&[]);
    let mut network = network(&[&receiver]);
    let paths = ["/hang", "/hang-body", "/slow-header", "/slow-body"];
    let requests = paths.map(|path| Request {
        timeout: Duration(1),
        ..request(receiver.url(path))
    });
    let start = now();
    let why = format!("`{}` gave no answer within 1s", receiver.address());
    assert_eq!(deliver(&mut network, &requests), vec![failed(&why); 4]);
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds < 6.0, "two at a time, a second each: {seconds}");
}

#[test]
fn no_attempt_takes_longer_than_fifteen_seconds() {
    let receiver = Peer::receiver(&[]);
    let request = Request {
        timeout: Duration(3_600),
        ..request(receiver.url("/slow-header"))
    };
    let start = now();
    let why = format!("`{}` gave no answer within 15s", receiver.address());
    assert_eq!(one(&mut network(&[&receiver]), request), failed(&why));
    let seconds = start.elapsed().as_secs_f64();
    assert!((14.0..18.0).contains(&seconds), "{seconds}");
}

#[test]
fn attempts_go_at_once_and_few_to_each() {
    let receivers: Vec<_> = (0..4).map(|_| Peer::receiver(&[])).collect();
    let mut network = network(&receivers.iter().collect::<Vec<_>>());
    let requests: Vec<_> = (0..24)
        .map(|number| request(receivers[number % 4].url(&format!("/nap/0.2?{number}"))))
        .collect();
    let start = now();
    assert_eq!(deliver(&mut network, &requests), vec![delivered(None); 24]);
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds < 3.0, "six for each, two at a time: {seconds}");
    for receiver in &receivers {
        let journal = receiver.journal();
        let busy = journal.iter().filter_map(|entry| entry["busy"].as_u64());
        assert_eq!(busy.max(), Some(2));
        let connections: BTreeSet<_> = journal
            .iter()
            .filter_map(|entry| entry["connection"].as_u64())
            .collect();
        assert_eq!(connections.len(), 2, "connections are used again within a batch");
        // Outcomes stand in order: each receiver got its own paths, in order.
        let numbers = journal.iter().filter_map(|entry| entry["path"].as_str());
        let numbers: BTreeSet<_> = numbers.map(ToOwned::to_owned).collect();
        assert_eq!(numbers.len(), 6);
    }
}

#[test]
fn one_bad_receiver_holds_up_no_other() {
    let (good, bad) = (Peer::receiver(&[]), Peer::receiver(&[]));
    let mut network = network(&[&good, &bad]);
    let mut requests: Vec<_> = (0..4)
        .map(|_| Request { timeout: Duration(2), ..request(bad.url("/hang")) })
        .collect();
    requests.extend((0..40).map(|_| request(good.url("/204"))));
    let outcomes = deliver(&mut network, &requests);
    assert!(
        outcomes[..4]
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Failed { .. }))
    );
    assert_eq!(outcomes[4..], vec![delivered(None); 40]);
    let times = |peer: &Peer| -> Vec<_> {
        peer.journal()
            .iter()
            .filter_map(|entry| entry["at"].as_f64())
            .collect()
    };
    let (good, bad) = (times(&good), times(&bad));
    // The bad one hung for two rounds of two seconds.
    assert!(good[39] - bad[0] < 3.0, "the good one had to wait: {good:?}, {bad:?}");
}

#[test]
fn a_later_attempt_gets_through_with_the_same_id_and_body() {
    let receiver = Peer::receiver(&[]);
    let effect = Effect::Webhook(request(receiver.url("/flaky/2")));
    let outcomes: Vec<_> = (0..3)
        .map(|attempts| {
            let delivery = Delivery { key: "same", effect: &effect, attempts };
            let now = NOW.after(Duration(i64::from(attempts) * 300));
            let mut network = network_at(&[&receiver], Clock::Fixed(now));
            network.deliver(&[delivery], now).remove(0)
        })
        .collect();
    let error = answered("the receiver answered 500 Internal Server Error");
    assert_eq!(outcomes, [error.clone(), error, delivered(None)]);
    let journal = receiver.journal();
    assert!(
        journal
            .iter()
            .all(|entry| header(entry, "webhook-id") == Some("same"))
    );
    assert!(journal.iter().all(|entry| entry["body"] == BODY));
    let times: Vec<_> = journal
        .iter()
        .map(|entry| header(entry, "webhook-timestamp"))
        .collect();
    assert_eq!(times, [Some("1790000000"), Some("1790000300"), Some("1790000600")]);
}

/// A tick may take long, and a receiver takes no old signature.
#[test]
fn each_attempt_bears_its_own_instant() {
    let receiver = Peer::receiver(&[]);
    let mut network = network_at(&[&receiver], Clock::Wall);
    let hang = Request {
        timeout: Duration(1),
        ..request(receiver.url("/hang"))
    };
    // Two at a time go to one receiver: the last one begins when the first ones are over.
    deliver(&mut network, &[hang.clone(), hang.clone(), hang]);
    let journal = receiver.journal();
    let times: BTreeSet<_> = journal
        .iter()
        .map(|entry| header(entry, "webhook-timestamp").unwrap().parse::<i64>().unwrap())
        .collect();
    assert_eq!(journal.len(), 3);
    assert!(times.len() > 1, "{times:?}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "it is measured how long a real call takes"
)]
fn now() -> Instant {
    Instant::now()
}
