//! Peers in Python: a receiver of webhooks and a mail server that are not our own code.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail them")]

use serde_json::Value;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use tempfile::TempDir;

/// How long a peer may take to start: Python is slow on a busy machine.
const PATIENCE: u32 = 6_000;

/// A running peer. It ends with this value.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Where it listens, on 127.0.0.1.
    pub(crate) port: u16,
    folder: TempDir,
    child: Child,
}

impl Peer {
    /// Starts the receiver of webhooks.
    pub(crate) fn receiver(options: &[&str]) -> Self {
        Self::start("receiver.py", options)
    }

    /// Starts the mail server.
    pub(crate) fn mail(options: &[&str]) -> Self {
        Self::start("mail.py", options)
    }

    fn start(script: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut command = Command::new(python());
        command.arg(root().join("tests/peers").join(script));
        command
            .arg("--ready")
            .arg(path("ready"))
            .arg("--log")
            .arg(path("log"));
        if script == "mail.py" {
            command.arg("--folder").arg(folder.path());
        }
        // The peer must not leave its compiled files in the tree.
        command.args(options).env("PYTHONDONTWRITEBYTECODE", "1");
        command.stderr(File::create(path("errors")).unwrap());
        let child = command.spawn().unwrap();
        let mut peer = Self { port: 0, folder, child };
        let ready = peer.folder.path().join("ready");
        wait(|| {
            peer.alive();
            ready.exists()
        });
        peer.port = fs::read_to_string(ready).unwrap().trim().parse().unwrap();
        peer
    }

    /// Its URL for a path that begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Lets it give the answers that it holds back.
    pub(crate) fn go(&self) {
        fs::write(self.folder.path().join("go"), "").unwrap();
    }

    /// What it has written down so far.
    pub(crate) fn journal(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What it has written down of one kind.
    pub(crate) fn events(&self, event: &str) -> Vec<Value> {
        self.journal()
            .into_iter()
            .filter(|entry| entry["event"] == event)
            .collect()
    }

    /// What it has complained of.
    pub(crate) fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default()
    }

    fn alive(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("a peer ended at once ({status}): {}", self.errors());
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The value of a header in a line of the receiver's journal.
pub(crate) fn header<'a>(entry: &'a Value, name: &str) -> Option<&'a str> {
    let headers = entry["headers"].as_array()?;
    headers.iter().find(|header| header[0] == name)?[1].as_str()
}

/// Looks again and again until something is so; fails after a minute.
#[expect(clippy::disallowed_methods, reason = "another process is waited for")]
pub(crate) fn wait(mut until: impl FnMut() -> bool) {
    for _ in 0..PATIENCE {
        if until() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited for a minute in vain");
}

/// The interpreter that has the packages of the peers.
pub(crate) fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("TENURE_PYTHON") {
        return python.into();
    }
    let python = root().join(".venv/bin/python");
    assert!(
        python.exists(),
        "the peers of this test need Python and its packages: run .ci/setup, or set \
         TENURE_PYTHON to an interpreter that has tests/peers/requirements.txt"
    );
    python
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A running SCIM server. It ends with this value.
#[derive(Debug)]
pub(crate) struct Scim {
    port: u16,
    token: String,
    folder: TempDir,
    child: Child,
}

impl Scim {
    /// Starts one that takes this token.
    pub(crate) fn start(token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The program takes no port 0, so it gets one that was free a moment ago.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let errors = File::create(folder.path().join("errors")).unwrap();
        let child = Command::new(python())
            .args([
                "-c",
                "import sys; from scim2_server.testserver.cli import main; sys.exit(main())",
            ])
            .args(["--hostname", "127.0.0.1", "--port", &port.to_string()])
            .args(["--bearer-token", token])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(errors.try_clone().unwrap())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut scim = Self { port, token: token.to_owned(), folder, child };
        wait(|| {
            if let Some(status) = scim.child.try_wait().unwrap() {
                let errors = fs::read_to_string(scim.folder.path().join("errors"));
                panic!("the SCIM server ended at once ({status}): {}", errors.unwrap());
            }
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        scim
    }

    /// Its URL for a path that begins with a slash.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Scim {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a SCIM server answers to a test itself; `null` where that is nothing.
pub(crate) fn scim_request(
    server: &Scim,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Value {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/scim+json\r\ncontent-length: {}\r\n\r\n{body}",
        server.address(),
        server.token,
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or(Value::Null)
}
