//! What a webhook's answer means.

use crate::actions::answer::{Body, of_body, of_status, retry_after, words};
use crate::engine::Outcome;
use crate::time::{Duration, Timestamp};
use reqwest::StatusCode;

fn body(text: &str) -> Outcome {
    of_body(StatusCode::OK, &Body::Whole(text.as_bytes().to_vec()))
}

/// rows: W17
#[test]
fn statuses() {
    for status in [200, 201, 202, 203, 205, 206, 299] {
        let status = StatusCode::from_u16(status).unwrap();
        assert_eq!(of_status(status, None), None, "{status}");
    }
    let done = Some(Outcome::Delivered { message: None });
    assert_eq!(of_status(StatusCode::NO_CONTENT, None), done);
    let wait = Some(Duration(7));
    for status in [408, 425, 429, 500, 501, 502, 503, 504, 599] {
        let status = StatusCode::from_u16(status).unwrap();
        let outcome = of_status(status, wait);
        let why = format!("the receiver answered {status}");
        // These come from whoever stands before a receiver that is not there.
        let answered = ![502, 503, 504].contains(&status.as_u16());
        let failed = Outcome::Failed { why, retry_after: wait, answered };
        assert_eq!(outcome, Some(failed));
    }
    for status in
        [300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 418, 600, 999]
    {
        let outcome = of_status(StatusCode::from_u16(status).unwrap(), wait);
        assert!(
            matches!(outcome, Some(Outcome::Refused { .. })),
            "{status}: {outcome:?}"
        );
    }
}

/// rows: W14 W15 W18
#[test]
fn bodies() {
    let delivered =
        |message: &str| Outcome::Delivered { message: Some(message.to_owned()) };
    assert_eq!(body(r#"{"response": "SUCCESS", "msg": "gone"}"#), delivered("gone"));
    assert_eq!(body(r#"{"msg": "", "response": "SUCCESS", "more": [1]}"#), delivered(""));
    assert_eq!(
        body(r#"{"response": "FAILURE", "msg": "no such\r\nuser"}"#),
        Outcome::Refused {
            why: "the receiver reports a failure: no such user".to_owned()
        }
    );
    for malformed in [
        "",
        "OK",
        "{}",
        "[]",
        "null",
        r#""SUCCESS""#,
        r#"{"response": "SUCCESS"}"#,
        r#"{"response": "success", "msg": "x"}"#,
        r#"{"response": "DONE", "msg": "x"}"#,
        r#"{"response": true, "msg": "x"}"#,
        r#"{"response": "SUCCESS", "msg": null}"#,
        r#"{"response": "SUCCESS", "msg": 7}"#,
        r#"{"response": "SUCCESS", "response": "FAILURE", "msg": "x"}"#,
        r#"{"response": "SUCCESS", "msg": "x"} trailing"#,
        r#"{"response": "SUCCESS", "msg": "x""#,
        "\u{feff}{\"response\": \"SUCCESS\", \"msg\": \"x\"}",
        "<html>hello</html>",
    ] {
        let Outcome::Refused { why } = body(malformed) else {
            panic!("{malformed} was accepted");
        };
        assert!(why.starts_with("malformed answer: 200 OK with "), "{why}");
        assert!(!why.contains("hello"), "an answer's text stays out: {why}");
    }
    let deep = "[".repeat(50_000);
    assert!(matches!(body(&deep), Outcome::Refused { .. }));
    let not_text = of_body(StatusCode::OK, &Body::Whole(vec![0xff, 0xfe]));
    assert!(matches!(not_text, Outcome::Refused { .. }));
    assert!(matches!(of_body(StatusCode::OK, &Body::TooLong), Outcome::Refused { .. }));
}

#[test]
fn waits_that_receivers_ask_for() {
    let now = Timestamp(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT
    for (value, seconds) in [
        ("0", Some(0)),
        (" 120 ", Some(120)),
        ("86400", Some(86_400)),
        ("86401", Some(86_400)),
        ("99999999999999999999999999", Some(86_400)),
        ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
        ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
        ("Sunday, 06-Nov-94 08:49:47 GMT", Some(10)),
        ("Sun Nov  6 08:49:47 1994", Some(10)),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
    ] {
        assert_eq!(retry_after(value, now), seconds.map(Duration), "{value:?}");
    }
}

#[test]
fn words_of_others_are_tamed() {
    assert_eq!(words(" a\u{1b}[31m \r\n\tb\0c "), "a [31m b c");
    assert_eq!(words(&"é".repeat(600)).chars().count(), 501);
}
