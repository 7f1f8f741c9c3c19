//! When a receiver is left alone, and for how long.

use crate::engine::breaker::{AT_ONCE, FAILURES, Gate, after, endpoint, pause};
use crate::store::EndpointRow;
use crate::time::{Duration, Timestamp};

const NOW: Timestamp = Timestamp(1_790_000_000);
const HOST: &str = "hooks.acme.example:443";

fn known(failures: u32, paused_until: Option<Timestamp>) -> EndpointRow {
    let name = HOST.to_owned();
    EndpointRow {
        name,
        failures,
        paused_until,
        ..EndpointRow::default()
    }
}

#[test]
fn receivers_are_told_apart_by_host_and_port() {
    for (url, expected) in [
        ("https://Hooks.acme.example/revoke", Some("hooks.acme.example:443")),
        ("HTTPS://hooks.acme.example:443?a=b:9", Some("hooks.acme.example:443")),
        ("https://hooks.acme.example:/x", Some("hooks.acme.example:443")),
        ("http://127.0.0.1:8080/x", Some("127.0.0.1:8080")),
        ("http://127.0.0.1/x:9/y", Some("127.0.0.1:80")),
        ("https://[::1]/x", Some("[::1]:443")),
        ("https://[::1]:9000/x", Some("[::1]:9000")),
        ("https://a@b@host:81/x", Some("host:81")),
        ("https://host#a/b", Some("host:443")),
        ("https:///x", None),
        ("mailto:zoe@acme.example", None),
        ("ftp://host/x", None),
        ("", None),
    ] {
        assert_eq!(endpoint(url).as_deref(), expected, "{url}");
    }
}

#[test]
fn failures_in_a_row_shut_the_gate_for_longer_and_longer() {
    let mut now = NOW;
    let mut row = known(0, None);
    let mut pauses = Vec::new();
    for attempt in 1..=10 {
        row = after(row, None, now);
        assert_eq!(row.failures, attempt);
        match row.paused_until {
            None => assert!(attempt < FAILURES),
            Some(until) => {
                assert!(attempt >= FAILURES);
                assert_eq!(Gate::of(Some(&row), now), Gate::Shut(until));
                assert_eq!(Gate::of(Some(&row), until), Gate::Open(1), "one goes");
                pauses.push(until.since(now).0);
                now = until;
            }
        }
    }
    for (pause, wait) in pauses.iter().zip([60, 120, 300, 900, 900, 900]) {
        assert!(pause * 10 >= wait * 8 && pause * 10 <= wait * 12, "{pauses:?}");
    }
    assert_eq!(pauses.len(), 6);
    assert_eq!(pause(7, HOST), pause(7, HOST));
    assert_ne!(pause(8, HOST), pause(9, HOST), "each is moved in its own way");
}

#[test]
fn what_was_under_way_when_the_pause_began_does_not_lengthen_it() {
    let shut = known(5, Some(NOW.after(Duration(60))));
    let later = after(shut.clone(), Some(Duration(9_000)), NOW);
    assert_eq!(later, shut);
}

#[test]
fn the_receiver_is_heard() {
    let paused = after(known(4, None), Some(Duration(3_600)), NOW);
    assert_eq!(paused.paused_until, Some(NOW.after(Duration(3_600))));
    let first = after(known(0, None), Some(Duration(3_600)), NOW);
    assert_eq!(first.paused_until, None, "one webhook's wait is its own");
}

#[test]
fn few_go_to_one_that_failed_last() {
    assert_eq!(Gate::of(None, NOW), Gate::Open(AT_ONCE));
    assert_eq!(Gate::of(Some(&known(1, None)), NOW), Gate::Open(4));
    assert_eq!(Gate::of(Some(&known(4, None)), NOW), Gate::Open(1));
    assert_eq!(Gate::of(Some(&known(u32::MAX, Some(NOW))), NOW), Gate::Open(1));
}
