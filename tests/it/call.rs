//! Calls, against a receiver that is not our own code.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use crate::peers::{Peer, header};
use tenure::actions::{Network, Settings};
use tenure::engine::{Calling, Delivery, Effect, Hands as _, Outcome};
use tenure::ir::SecretRef;
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

const NOW: Timestamp = Timestamp(1_790_000_000);

fn calling(method: &str, url: String) -> Calling {
    Calling {
        name: format!("{method} receiver"),
        method: method.to_owned(),
        url,
        headers: Vec::new(),
        body: None,
        bearer: None,
        accept: Vec::new(),
        timeout: Duration(10),
        retry: 0,
    }
}

fn send(receiver: &Peer, calling: Calling) -> Outcome {
    let hosts = [receiver.address().parse().unwrap()].into();
    let settings = Settings { hosts, ..Settings::default() };
    let effect = Effect::Call(calling);
    let delivery = Delivery { key: "run-7_2", effect: &effect, attempts: 0 };
    Network::new(settings, Clock::Fixed(NOW))
        .deliver(&[delivery], NOW)
        .remove(0)
}

/// rows: O12
#[test]
fn sends_any_method_with_a_token_and_the_exact_bytes() {
    let receiver = Peer::receiver(&[]);
    // Cargo sets it, so that the environment need not be changed.
    let token = SecretRef::Env("CARGO_PKG_NAME".to_owned());
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let body = (method != "GET").then(|| "{ \"active\":  false }".to_owned());
        let outcome = send(
            &receiver,
            Calling {
                body: body.clone(),
                bearer: Some(token.clone()),
                headers: vec![("X-Team".to_owned(), "identity".to_owned())],
                ..calling(method, receiver.url("/status/200?a=b%2Fc"))
            },
        );
        assert_eq!(outcome, Outcome::Delivered { message: None });
        let journal = receiver.journal();
        let entry = journal.last().unwrap();
        assert_eq!(entry["method"], method);
        assert_eq!(entry["path"], "/status/200?a=b%2Fc");
        assert_eq!(entry["body"], body.clone().unwrap_or_default());
        assert_eq!(header(entry, "authorization"), Some("Bearer tenure"));
        assert_eq!(header(entry, "idempotency-key"), Some("run-7_2"));
        assert_eq!(header(entry, "x-team"), Some("identity"));
        let kind = body.map(|_| "application/json");
        assert_eq!(header(entry, "content-type"), kind);
        assert_eq!(header(entry, "webhook-id"), None);
    }
}

#[test]
fn a_status_decides() {
    let receiver = Peer::receiver(&[]);
    let refused = |why: &str| Outcome::Refused { why: why.to_owned() };
    let answered = |code: u16| {
        let url = receiver.url(&format!("/status/{code}"));
        send(&receiver, Calling { accept: vec![404, 500], ..calling("DELETE", url) })
    };
    assert_eq!(answered(202), Outcome::Delivered { message: None });
    let accepted = "the receiver answered 404 Not Found";
    let message = Some(accepted.to_owned());
    assert_eq!(answered(404), Outcome::Delivered { message });
    assert!(matches!(answered(500), Outcome::Delivered { .. }), "the policy says so");
    assert_eq!(answered(409), refused("the receiver answered 409 Conflict"));
    assert!(matches!(answered(503), Outcome::Failed { .. }));
    let moved = receiver.url("/redirect/302?http://169.254.169.254/");
    assert_eq!(
        send(&receiver, calling("GET", moved)),
        refused("the receiver answered 302 Found, and redirects are not followed")
    );
    let limited = send(&receiver, calling("GET", receiver.url("/wait/429?30")));
    assert_eq!(
        limited,
        Outcome::Failed {
            why: "the receiver answered 429 Too Many Requests".to_owned(),
            retry_after: Some(Duration(30)),
            answered: true,
        }
    );
}

#[test]
fn goes_where_webhooks_may_go_and_shows_no_token() {
    let receiver = Peer::receiver(&[]);
    let inside = send(&receiver, calling("GET", "http://127.0.0.1:1/".to_owned()));
    let Outcome::Refused { why } = inside else { panic!("{inside:?}") };
    assert!(why.contains("is not a public address"), "{why}");
    let missing = Calling {
        bearer: Some(SecretRef::Env("TENURE_NO_SUCH_SECRET".to_owned())),
        ..calling("GET", receiver.url("/204"))
    };
    assert_eq!(
        send(&receiver, missing),
        Outcome::Unready {
            why:
                "there is no token: the environment variable `TENURE_NO_SUCH_SECRET` is \
                  not set"
                    .to_owned(),
        }
    );
    assert!(receiver.journal().is_empty());
}
