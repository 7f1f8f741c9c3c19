//! What the receiver's answer to a webhook means.

#[cfg(test)]
mod tests;

use crate::engine::{Outcome, REPORTS_FAILURE};
use crate::time::{Duration, Timestamp};
use chrono::{DateTime, NaiveDateTime};
use reqwest::StatusCode;
use serde::Deserialize;

/// How much of an answer is read.
pub(crate) const LONGEST: usize = 64 * 1024;

/// The longest wait that a receiver can ask for.
const LONGEST_WAIT: Duration = Duration::DAY;

/// What is shorter stands in many words, and is hardly a secret.
const SHORTEST_SECRET: usize = 6;

/// How much of a receiver's words is kept.
const LONGEST_WORDS: usize = 500;

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// All of it.
    Whole(Vec<u8>),
    /// It is longer than [`LONGEST`].
    TooLong,
}

/// What a receiver must say where it answers in words.
#[derive(Deserialize)]
struct Said {
    response: Verdict,
    msg: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Verdict {
    Success,
    Failure,
}

/// Whether whoever stands before the receiver says that it is not there.
fn before_it(status: StatusCode) -> bool {
    let absent = [
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    absent.contains(&status)
}

/// What a status alone means; `None` where the body has the word.
pub(crate) fn of_status(
    status: StatusCode,
    retry_after: Option<Duration>,
) -> Option<Outcome> {
    if status == StatusCode::NO_CONTENT {
        return Some(Outcome::Delivered { message: None });
    }
    if status.is_success() {
        return None;
    }
    let passing = status.is_server_error()
        || status == StatusCode::REQUEST_TIMEOUT
        || status == StatusCode::TOO_EARLY
        || status == StatusCode::TOO_MANY_REQUESTS;
    Some(if passing {
        Outcome::Failed {
            why: format!("the receiver answered {status}"),
            retry_after,
            answered: !before_it(status),
        }
    } else if status.is_redirection() {
        let why =
            format!("the receiver answered {status}, and redirects are not followed");
        Outcome::Refused { why }
    } else {
        Outcome::Refused { why: format!("the receiver answered {status}") }
    })
}

/// What the body of a successful answer means.
pub(crate) fn of_body(status: StatusCode, body: &Body) -> Outcome {
    let malformed = |found: &str| Outcome::Refused {
        why: format!(
            "malformed answer: {status} with {found} instead of \
             `{{\"response\": \"SUCCESS\", \"msg\": \"…\"}}`"
        ),
    };
    let body = match body {
        Body::Whole(body) if body.is_empty() => return malformed("an empty body"),
        Body::Whole(body) => body,
        Body::TooLong => return malformed("more than 64 KiB"),
    };
    match serde_json::from_slice(body) {
        Ok(Said { response: Verdict::Success, msg }) => {
            Outcome::Delivered { message: Some(words(&msg)) }
        }
        Ok(Said { response: Verdict::Failure, msg }) => {
            Outcome::Refused { why: format!("{REPORTS_FAILURE}{}", words(&msg)) }
        }
        Err(error) if error.is_data() => malformed("other JSON"),
        Err(_) => malformed("a body that is not JSON"),
    }
}

/// How long the receiver asks us to wait: seconds, or a date; `None` where it is neither.
/// What lies in the past is no wait, and none is longer than a day.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let asked = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long wait.
        Duration(value.parse().unwrap_or(i64::MAX))
    } else {
        date(value)?.since(now)
    };
    Some(asked.clamp(Duration(0), LONGEST_WAIT))
}

/// A date in any of the three forms that HTTP has had.
fn date(value: &str) -> Option<Timestamp> {
    if let Ok(date) = DateTime::parse_from_rfc2822(value) {
        return Some(Timestamp(date.timestamp()));
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(value, form).ok())
        .map(|date| Timestamp(date.and_utc().timestamp()))
}

/// Somebody else's words without a secret that they were sent: some repeat what they do not
/// like.
pub(crate) fn without(text: &str, secret: &str) -> String {
    match secret.len() < SHORTEST_SECRET {
        true => text.to_owned(),
        false => text.replace(secret, "…"),
    }
}

/// Somebody else's words, fit for a trail: on one line, and not without end.
pub(crate) fn words(text: &str) -> String {
    let line = text.split(|letter: char| letter.is_control() || letter.is_whitespace());
    let line = line.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_WORDS) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
