//! The program itself, in a folder of its own with a configuration and a store.

use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use tenure::foresight::ledger;
use tenure::store::Store;
use tenure::time::{Duration, Timestamp};

/// The program.
pub(crate) const TENURE: &str = env!("CARGO_BIN_EXE_tenure");

/// Noon of the day that the stories begin.
pub(crate) const NOON: &str = "2026-11-20T12:00:00Z";

/// What the receivers and the program know.
pub(crate) const SECRET: &str = "whsec_dGVudXJlLXRlc3RzLWhhdmUtbm8tc2VjcmV0cyE=";

/// A folder that the program is called in.
#[derive(Debug)]
pub(crate) struct Site {
    folder: TempDir,
}

/// What a call said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    /// The exit code; nothing where a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Site {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A store that knows the company, at noon.
    pub(crate) fn acme() -> Self {
        let site = Self::empty();
        site.configure(None, &[]);
        let said = site.ok(&["import", &acme(), "--now", NOON]);
        assert!(said.out.contains("accounts.csv"), "{said:?}");
        site
    }

    /// A copy of everything, store and all.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copy.path(&entry.file_name().to_string_lossy()))
                .unwrap();
        }
        copy
    }

    /// Where a file of the folder lies.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Writes the configuration: the port of the mail server, and who may be reached.
    pub(crate) fn configure(&self, mail: Option<u16>, hosts: &[String]) {
        let mut text = "admin = \"it@acme.example\"\n".to_owned();
        text += "[store]\nauthority = \"store\"\n";
        if let Some(port) = mail {
            text += "[smtp]\nhost = \"127.0.0.1\"\nsecurity = \"none\"\n";
            writeln!(text, "port = {port}").unwrap();
            text += "from = \"Tenure <tenure@acme.example>\"\n";
        }
        writeln!(text, "[hosts]\nallow = {hosts:?}").unwrap();
        self.write("tenure.toml", &text);
    }

    /// Publishes a policy and activates it at noon.
    pub(crate) fn activate(&self, name: &str, text: &str) {
        self.publish(name, text);
        self.ok(&["activate", name, "--now", NOON]);
    }

    /// Publishes a policy at noon.
    pub(crate) fn publish(&self, name: &str, text: &str) {
        let file = format!("{name}.tenure");
        self.write(&file, text);
        let said = self.ok(&["publish", &file, "--now", NOON]);
        assert_eq!(said.out, format!("{name} version 1 is a draft\n"));
    }

    /// A call that is ready to be made.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(TENURE);
        command.args(arguments);
        self.prepare(&mut command);
        command
    }

    /// The same under strace, which is told what to do with its system calls.
    pub(crate) fn traced(&self, options: &[&str], arguments: &[&str]) -> Command {
        let mut command = Command::new("strace");
        command.arg("-f").args(options).arg(TENURE).args(arguments);
        self.prepare(&mut command);
        command
    }

    fn prepare(&self, command: &mut Command) {
        command
            .current_dir(self.folder.path())
            .env("REVOKE_SECRET", SECRET)
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
    }

    /// Makes a call.
    pub(crate) fn call(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().unwrap())
    }

    /// Makes a call that must be fine.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> Said {
        let said = self.call(arguments);
        assert_eq!(said.code, Some(0), "{arguments:?}: {said:?}");
        said
    }

    /// Makes a call that must fail with that code, and gives what it said about it.
    #[track_caller]
    pub(crate) fn no(&self, code: i32, arguments: &[&str]) -> String {
        let said = self.call(arguments);
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert_eq!(said.out, "", "{arguments:?}");
        said.err
    }

    /// The document that a call writes; it must be fine.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let said = self.ok(&[arguments, &["--json"]].concat());
        serde_json::from_str(&said.out).unwrap()
    }

    /// Does what is due at that instant.
    #[track_caller]
    pub(crate) fn tick(&self, now: &str) -> Value {
        self.json(&["run", "--now", now])
    }

    /// The store, for looking.
    pub(crate) fn store(&self) -> Store {
        Store::open_read_only(&self.path("tenure.db")).unwrap()
    }

    /// Everything in the store, as text.
    pub(crate) fn dump(&self) -> String {
        self.store().dump().unwrap()
    }

    /// The trails of all runs, as the lines of a simulation from noon.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        let lines = ledger(&self.store(), 0, Timestamp::parse(NOON).unwrap()).unwrap();
        lines.iter().map(|line| serde_json::to_value(line).unwrap()).collect()
    }

    /// The state of each run, by its subject.
    pub(crate) fn states(&self) -> Vec<(String, String)> {
        let runs = self.store().runs(false).unwrap();
        runs.into_iter().map(|run| (run.subject.name, run.state)).collect()
    }
}

/// What a finished process said.
pub(crate) fn said(output: Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The company's files.
pub(crate) fn acme() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/worlds/acme").display().to_string()
}

/// So long after noon of the first day.
pub(crate) fn after(length: &str) -> String {
    let length = Duration::parse(length).unwrap();
    Timestamp::parse(NOON).unwrap().after(length).to_string()
}
