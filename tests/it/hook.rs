//! `hook listen`, the other end of a webhook, and what becomes of a run as it answers.
#![cfg(unix)]

use crate::site::{NOON, SECRET, Site, TENURE, after};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

/// A listener that runs. It ends with this value.
struct Listener {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
    address: String,
}

impl Listener {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new(TENURE)
            .args(["hook", "listen"])
            .args(options)
            .env("REVOKE_SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        let mut listener = Self { child, out, err, address: String::new() };
        let first = listener.said();
        let url = first.strip_prefix("listening: url \"http://").unwrap();
        listener.address.push_str(url.trim_end_matches("/\"\n"));
        let second = listener.said();
        assert!(second.contains(&format!("allow = [\"{}\"]", listener.address)));
        listener
    }

    /// The next line beside the result.
    fn said(&mut self) -> String {
        let mut line = String::new();
        self.err.read_line(&mut line).unwrap();
        line
    }

    /// The next webhook, of a listener that writes JSON.
    fn webhook(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Ends it as `signal` does, and gives what it wrote and said since.
    fn end(mut self, signal: &str) -> (Option<i32>, String, String) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        let code = self.child.wait().unwrap().code();
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.err.read_to_string(&mut err).unwrap();
        (code, out, err)
    }

    /// The status of the answer to a request as it is.
    fn request(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A site whose policy takes the unused accounts of an app at that address.
fn site(address: &str, app: &str) -> Site {
    let site = Site::acme();
    site.configure(None, &[address.to_owned()]);
    let text = format!(
        "webhook revoke\n  url \"http://{address}/revoke\"\n  secret env REVOKE_SECRET\n  \
         timeout 1s\n  retry 9\n\n\
         policy revoke\n  for accounts in app {app}\n  when inactive > 20d\n  \
         then run webhook revoke\n"
    );
    site.publish("revoke", &text);
    site
}

#[test]
fn it_shows_what_arrives_and_says_success() {
    let secret = ["--secret", "env:REVOKE_SECRET"];
    let options = [&["--port", "0", "--now", NOON, "--json"], &secret[..]].concat();
    let mut listener = Listener::start(&options);
    let site = site(&listener.address, "Salesforce");
    let report = site.json(&["activate", "revoke", "--at-once", "--now", NOON]);
    assert_eq!(report["delivered"], 4);
    let first = listener.webhook();
    assert_eq!(first["schema"], "tenure.hook/1");
    assert_eq!(first["number"], 1);
    assert_eq!(first["path"], "/revoke");
    assert_eq!(first["signature"], "right");
    assert_eq!(first["missing"], json!([]));
    assert_eq!(first["status"], 200);
    assert_eq!(first["headers"]["content-type"], "application/json");
    assert_eq!(first["body"]["application"]["app_id"], "salesforce");
    let whom = first["body"]["custom_fields"]["username"].as_str().unwrap();
    let msg = format!("taken: {whom} in Salesforce");
    let answer: Value = serde_json::from_str(first["answer"].as_str().unwrap()).unwrap();
    assert_eq!(answer, json!({ "response": "SUCCESS", "msg": msg }));
    assert!(site.ledger().iter().any(|line| line["message"] == msg.as_str()));

    // What bears no right signature is refused, and shown too.
    let body = "Content-Length: 2\r\n\r\n{}";
    let forged =
        "webhook-id: a\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA\r\n";
    let post = "POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    assert_eq!(listener.request(&format!("{post}{body}")), "401");
    assert_eq!(listener.request(&format!("{post}{forged}{body}")), "401");
    // What is no webhook is told in a line.
    assert_eq!(listener.request("GET /?a=b HTTP/1.0\r\n\r\n"), "405");
    assert_eq!(listener.said(), "refused GET /?a=b: 405, for a webhook is a POST\n");
    let long = "x".repeat(2 * 1024 * 1024 + 1);
    let long = format!("{post}Content-Length: {}\r\n\r\n{long}", long.len());
    assert_eq!(listener.request(&long), "413");
    let told = "refused POST /x: 413, for its body is longer than 2 MiB, or broken off\n";
    assert_eq!(listener.said(), told);
    let (code, out, err) = listener.end("-TERM");
    assert_eq!(code, Some(0));
    let last: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let forged = last.last().unwrap();
    assert_eq!((&forged["signature"], &forged["status"]), (&json!("wrong"), &json!(401)));
    assert_eq!(last[last.len() - 2]["signature"], "missing");
    assert_eq!(forged["missing"].as_array().unwrap().len(), 6);
    let count = forged["number"].as_u64().unwrap();
    assert_eq!(err, format!("stopped; {count} webhooks arrived\n"));
}

#[test]
fn people_can_read_it_and_no_byte_moves_the_cursor() {
    let listener = Listener::start(&["--port", "0", "--answer", "204"]);
    let (body, post) = ("\u{1b}[2J\u{202e}x", "POST /x HTTP/1.1\r\nHost: x\r\n");
    let length = body.len();
    let request =
        format!("{post}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    assert_eq!(listener.request(&request), "204");
    let (code, out, err) = listener.end("-INT");
    assert_eq!((code, err.as_str()), (Some(0), "stopped; 1 webhook arrived\n"));
    let expected = format!(
        "webhook 1: POST /x\n  host: x\n  connection: close\n  content-length: {length}\n  \
         signature not checked, for there is no --secret\n  payload without application, \
         permissions, user, target_user, request_comment, custom_fields\n  \
         \\u{{1b}}[2J\\u{{202e}}x\n  answered 204\n"
    );
    assert_eq!(out, expected);
}

/// rows: W15 W17 W18
#[test]
fn each_answer_leads_where_the_documentation_says() {
    for (answer, state, why) in [
        (
            "failure",
            "failed",
            "the receiver reports a failure: not taken: lroux in GitHub",
        ),
        (
            "malformed",
            "failed",
            "malformed answer: 200 OK with other JSON instead of \
             `{\"response\": \"SUCCESS\", \"msg\": \"…\"}`",
        ),
        ("204", "removed", ""),
        ("503", "removing", "the receiver answered 503 Service Unavailable"),
        ("slow", "removing", "gave no answer within 1s"),
    ] {
        let listener = Listener::start(&["--port", "0", "--answer", answer]);
        let site = site(&listener.address, "GitHub");
        site.ok(&["activate", "revoke", "--at-once", "--now", NOON]);
        let states = site.states();
        let run = states.iter().find(|(subject, _)| subject == "github/lroux").unwrap();
        assert_eq!(run.1, state, "{answer}");
        let ledger = site.ledger();
        let told = ledger.iter().filter_map(|line| line["why"].as_str());
        assert!(
            why.is_empty() || told.clone().any(|told| told.contains(why)),
            "{answer}"
        );
        assert_eq!(listener.end("-TERM").0, Some(0), "{answer}");
    }
}

/// What is known of a receiver lies in the store: each tick is a process of its own.
#[test]
fn a_receiver_that_keeps_failing_is_left_alone_until_it_answers() {
    let listener = Listener::start(&["--port", "0", "--answer", "503", "--json"]);
    let address = listener.address.clone();
    let site = site(&address, "Salesforce");
    let report = site.json(&["activate", "revoke", "--at-once", "--now", NOON]);
    assert_eq!((&report["postponed"], &report["paused"]), (&json!(4), &json!([])));
    // Each has a wait of its own; the first that is over ends in a rest for all.
    let mut ticks = (4..8).map(|second| site.tick(&after(&format!("{second}s"))));
    let report = ticks.find(|report| report["paused"] != json!([])).unwrap();
    assert_eq!(report["postponed"], 1, "the fifth");
    let paused = &report["paused"][0];
    assert_eq!((&paused["endpoint"], &paused["waiting"]), (&json!(address), &json!(4)));
    assert_eq!(paused["failures"], 5);
    let until = paused["until"].as_str().unwrap().to_owned();
    assert_eq!(report["next_due"], until.as_str());
    let said = site.ok(&["run", "--now", &after("30s")]).out;
    let line = format!(
        "nothing is sent to {address} (revoke) before {until}: 5 attempts failed in a row; \
         4 requests wait for it\n"
    );
    assert!(said.contains(&line), "{said}");
    let (_, out, _) = listener.end("-TERM");
    assert_eq!(out.lines().count(), 5);

    let port = address.rsplit(':').next().unwrap();
    let listener = Listener::start(&["--port", port, "--json"]);
    let report = site.tick(&until);
    assert_eq!((&report["delivered"], &report["paused"]), (&json!(3), &json!([])));
    assert_eq!(site.tick(&after("10min"))["delivered"], 1, "it had a wait of its own");
    assert!(site.states().iter().all(|(_, state)| state == "removed"));
    assert_eq!(listener.end("-TERM").1.lines().count(), 4);
}

#[test]
fn what_it_cannot_do_it_says() {
    let site = Site::empty();
    let listener = Listener::start(&["--port", "0"]);
    let port = listener.address.rsplit(':').next().unwrap();
    let said = site.no(2, &["hook", "listen", "--port", port]);
    assert!(said.starts_with(&format!("error: port {port} cannot be listened on: ")));
    assert!(said.contains("--port"), "{said}");
    let said = site.no(2, &["hook", "listen", "--secret", "whsec_aGVsbG8="]);
    assert!(said.contains("write `env:NAME` or `file:PATH`"), "{said}");
    assert!(!said.contains("whsec"), "it may be the secret itself: {said}");
    let said = site.no(2, &["hook", "listen", "--port", "0", "--secret", "env:NO_SUCH"]);
    assert_eq!(said, "error: the environment variable `NO_SUCH` is not set\n");
    site.no(2, &["hook", "listen", "--answer", "maybe"]);
}
