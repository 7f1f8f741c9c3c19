//! A server that runs, and requests as they stand on the wire.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use crate::site::Site;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

pub(crate) const TOKEN: &str = "portal-token-that-nobody-will-ever-guess";

/// A server that runs. It ends with this value.
pub(crate) struct Server {
    pub(crate) child: Child,
    err: BufReader<ChildStderr>,
    pub(crate) address: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Server {
    pub(crate) fn start(site: &Site) -> Self {
        let mut command = site.command(&["serve"]);
        command.env("PORTAL_TOKEN", TOKEN);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        let mut server = Self { child, err, address: String::new() };
        let mut line = String::new();
        server.err.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://");
        address.unwrap().clone_into(&mut server.address);
        server
    }

    /// Ends it, and gives its exit code and what it said.
    pub(crate) fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut said = String::new();
        self.err.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Answer {
        ask(&self.address, method, path, (headers, body))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", "")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn ask(
    address: &str,
    method: &str,
    path: &str,
    (headers, body): (&str, &str),
) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{headers}");
    text += "Connection: close\r\n";
    if !body.is_empty() {
        write!(text, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    // Where it hangs up early, its answer is there all the same.
    stream.write_all(format!("{text}\r\n{body}").as_bytes()).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).unwrap_or("0").parse().unwrap();
    Answer {
        status,
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

/// The head of a request with the token.
pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}
