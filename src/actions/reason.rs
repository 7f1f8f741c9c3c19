//! Why no answer came, in words for people.

use crate::actions::answer;
use std::error::Error;
use std::io;

/// What the libraries say, and what it means.
const WORDS: &[(&str, &str)] = &[
    ("failed to lookup address", "nobody knows the name (DNS)"),
    (
        "InvalidContentType",
        "it speaks no TLS there: `https:` is asked for, and it may be `http:`",
    ),
    ("invalid HTTP version", "it does not speak HTTP there; it may be `https:`"),
    ("invalid HTTP status", "it does not speak HTTP there"),
    ("connection closed before", "the connection was closed before it answered"),
    ("close_notify", "the connection was closed before it answered"),
    ("UnknownIssuer", "nobody whom this machine trusts has signed its certificate"),
    ("certificate expired", "its certificate has expired"),
    ("NotValidForName", "its certificate is for another name"),
    ("certificate not valid for name", "its certificate is for another name"),
    ("certificate not valid yet", "its certificate is not valid yet"),
];

/// The innermost cause: the outer ones only say that there was one.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = cause.to_string();
    match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => return "connection refused".to_owned(),
        Some(io::ErrorKind::ConnectionReset) => return "connection reset".to_owned(),
        _ => {}
    }
    let known = WORDS.iter().find(|(theirs, _)| text.contains(theirs));
    known.map_or_else(|| answer::words(&text), |(_, ours)| (*ours).to_owned())
}
