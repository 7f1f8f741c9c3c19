//! The address guard, seen from a socket that counts who comes.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tenure::actions::{Network, Settings};
use tenure::engine::{Delivery, Effect, Hands as _, Outcome, Request};
use tenure::time::clock::Clock;
use tenure::time::{Duration, Timestamp};

/// Listens on both loopback addresses, and counts.
struct Counter {
    port: u16,
    count: Arc<AtomicUsize>,
}

impl Counter {
    fn start() -> Self {
        let v4 = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = v4.local_addr().unwrap().port();
        let count = Arc::new(AtomicUsize::new(0));
        // A machine without IPv6 has nobody to count there.
        let v6 = TcpListener::bind(("::1", port)).ok();
        for listener in [Some(v4), v6].into_iter().flatten() {
            let count = Arc::clone(&count);
            thread::spawn(move || {
                for connection in listener.incoming() {
                    count.fetch_add(1, Ordering::SeqCst);
                    drop(connection);
                }
            });
        }
        Self { port, count }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

fn send(url: &str, allow: &[String]) -> Outcome {
    let hosts = allow.iter().map(|host| host.parse().unwrap()).collect();
    let mut network =
        Network::new(Settings { hosts, ..Settings::default() }, Clock::Wall);
    let effect = Effect::Webhook(Request {
        webhook: "revoke".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: "{}".to_owned(),
        secret: None,
        timeout: Duration(5),
        retry: 0,
    });
    let delivery = Delivery { key: "key", effect: &effect, attempts: 0 };
    network.deliver(&[delivery], Timestamp(0)).remove(0)
}

#[test]
fn nobody_comes_to_an_address_inside() {
    let counter = Counter::start();
    let port = counter.port;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "169.254.169.254",
        "100.100.100.200",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "localhost",
        "LOCALHOST",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{port}/hook?token=hunter2");
            let outcome = send(&url, &[]);
            let Outcome::Refused { why } = &outcome else {
                panic!("{url}: {outcome:?}");
            };
            assert!(!why.contains("hunter2") && !why.contains("/hook"), "{why}");
        }
    }
    assert_eq!(counter.count(), 0);
}

/// It depends on the machine which names it has for itself, so all that it has are tried.
#[test]
fn nobody_comes_by_a_name_that_resolves_inside() {
    let counter = Counter::start();
    let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    let names = hosts
        .lines()
        .filter_map(|line| line.split('#').next()?.trim().split_once(char::is_whitespace))
        .flat_map(|(_, names)| names.split_whitespace())
        .chain(["localhost"]);
    for name in names {
        let outcome = send(&format!("https://{name}:{}/", counter.port), &[]);
        let Outcome::Refused { why } = &outcome else {
            panic!("{name}: {outcome:?}");
        };
        assert!(why.starts_with(&format!("`{name}` resolves to ")), "{why}");
    }
    assert_eq!(counter.count(), 0);
}

#[test]
fn the_configuration_opens_one_door() {
    let counter = Counter::start();
    let port = counter.port;
    let allow = [format!("127.0.0.1:{port}")];
    for (url, allowed) in [
        (format!("http://127.0.0.1:{port}/"), true),
        (format!("http://0x7f.1:{port}/"), true),
        (format!("http://localhost:{port}/"), false),
        (format!("http://[::1]:{port}/"), false),
        (format!("http://[::ffff:127.0.0.1]:{port}/"), false),
        (format!("http://127.0.0.2:{port}/"), false),
        (format!("http://127.0.0.1:{}/", port ^ 1), false),
        (format!("http://user@127.0.0.1:{port}/"), false),
    ] {
        let before = counter.count();
        let outcome = send(&url, &allow);
        assert_eq!(
            matches!(outcome, Outcome::Refused { .. }),
            !allowed,
            "{url}: {outcome:?}"
        );
        assert_eq!(counter.count() > before, allowed, "{url}");
    }
    let before = counter.count();
    let outcome =
        send(&format!("http://localhost:{port}/"), &[format!("localhost:{port}")]);
    assert!(matches!(outcome, Outcome::Failed { .. }), "it hangs up: {outcome:?}");
    assert!(counter.count() > before, "a name can be named too");
}

#[test]
fn the_message_says_what_to_do() {
    assert_eq!(
        send("https://10.0.0.1/hook", &[]),
        Outcome::Refused {
            why: "`10.0.0.1` is not a public address; only `[hosts] allow = \
                  [\"10.0.0.1:443\"]` in tenure.toml lets requests go there"
                .to_owned()
        }
    );
    assert_eq!(
        send("http://hooks.acme.example/", &[]),
        Outcome::Refused {
            why: "`http:` is for hosts that the configuration names; \
                  `hooks.acme.example:80` needs `https:`, or `[hosts] allow = \
                  [\"hooks.acme.example:80\"]` in tenure.toml"
                .to_owned()
        }
    );
}
