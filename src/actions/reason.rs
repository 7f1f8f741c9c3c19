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
    ("end of file before", "the connection was closed in the middle of its answer"),
    ("incomplete response", "it closed the connection instead of answering"),
    ("error Tag at", "it answers with what is no SMTP"),
    (
        "UnknownIssuer",
        "nobody whom this machine trusts has signed its certificate; make this machine trust \
         who did, or name a file of such certificates in `SSL_CERT_FILE`",
    ),
    (
        "CaUsedAsEndEntity",
        "its certificate is that of an authority, as self-made ones often are, and no server \
         may show one; it needs a certificate of its own (`CA:FALSE`)",
    ),
    ("BadSignature", "its certificate is not signed by the authority that it names"),
    ("certificate expired", "its certificate has expired, and is to be renewed there"),
    (
        "certificate not valid yet",
        "its certificate is not valid yet; look whether the clock of this machine is right",
    ),
];

/// The innermost cause: the outer ones only say that there was one.
pub(crate) fn innermost<'e>(
    error: &'e (dyn Error + 'static),
) -> &'e (dyn Error + 'static) {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause
}

/// What the innermost cause means.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> String {
    let cause = innermost(error);
    match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => return "connection refused".to_owned(),
        Some(io::ErrorKind::ConnectionReset) => return "connection reset".to_owned(),
        _ => {}
    }
    let text = cause.to_string();
    if text.contains("NotValidForName") || text.contains("certificate not valid for name")
    {
        return other_name(&text);
    }
    let known = WORDS.iter().find(|(theirs, _)| text.contains(theirs));
    known.map_or_else(|| answer::words(&text), |(_, ours)| (*ours).to_owned())
}

/// Which names a certificate is for, where the library tells: `DnsName("…")`.
fn other_name(text: &str) -> String {
    let names = text.split("DnsName(\"").skip(1);
    let names: Vec<_> = names
        .filter_map(|behind| Some(format!("`{}`", behind.split_once("\")")?.0)))
        .collect();
    let whose = match names.is_empty() {
        true => "another name".to_owned(),
        false => answer::words(&names.join(", ")),
    };
    format!("its certificate is for {whose}; write the name that it is for")
}
