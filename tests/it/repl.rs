//! The prompt: in a terminal, in a pipe, and never changing anything.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const WORLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/worlds/acme");
const NOW: &str = "2026-11-20T12:00:00Z";

fn tenure(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.args(arguments).args(["--now", NOW]).current_dir(folder);
    command
}

fn pipe(mut command: Command, typed: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_pipe_gets_answers_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let output = pipe(
        tenure(&["repl", "--data", WORLD], folder.path()),
        "inactive > 90d and not in group Execs\n",
    );
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let text = String::from_utf8(output.stdout).unwrap();
    let subjects: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|line| line.0)
        .collect();
    assert_eq!(
        subjects,
        ["account", "salesforce/zoe", "salesforce/olga", "github/lroux", "3"]
    );
    assert!(text.ends_with(
        "3 match, 5 undecided (last_seen 5), 5 do not; 1 out of scope (inactive long-term)\n"
    ));
}

#[test]
fn what_is_typed_never_changes_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let import = tenure(&["import", WORLD, "--store", "acme.db"], folder.path()).output();
    let import = import.unwrap();
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    let store = folder.path().join("acme.db");
    let before = std::fs::read(&store).unwrap();
    let modified = std::fs::metadata(&store).unwrap().modified().unwrap();
    let typed = "\
inactive > 90d
when inactive > 90d and not in group Execs then remove from group \"Salesforce Users\"
:explain salesforce/zoe
:undecided
:now +400d
:plan
:sql never active
:show salesforce/zoe
:names
:quit
";
    let command = tenure(&["repl", "--store", "acme.db"], folder.path());
    let output = pipe(command, typed);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("would open") && !text.contains("error"), "{text}");
    assert_eq!(std::fs::read(&store).unwrap(), before);
    assert_eq!(std::fs::metadata(&store).unwrap().modified().unwrap(), modified);
}

#[test]
fn a_missing_store_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let output = pipe(tenure(&["repl", "--store", "acme.db"], folder.path()), ":quit\n");
    assert_eq!(output.status.code(), Some(3));
    assert!(!folder.path().join("acme.db").exists());
}

#[test]
fn whoever_stops_reading_ends_the_session_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tenure(&["repl", "--data", WORLD], folder.path());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // The child may be gone before the last line is written.
    drop(stdin.write_all(b":names\n:names\n"));
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[cfg(unix)]
mod terminal {
    use super::{WORLD, tenure};
    use rexpect::session::{PtySession, spawn_command};
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    const PROMPT: &str = "tenure> ";
    const MORE: &str = "      > ";
    const UP: &str = "\x1b[A";

    /// A prompt whose state lies in `folder`. Waits of a minute: only a hang fails.
    fn prompt(folder: &Path) -> PtySession {
        let mut command = tenure(&["repl", "--data", WORLD], folder);
        command
            .env("XDG_STATE_HOME", folder)
            .env("TERM", "xterm")
            .env("NO_COLOR", "1");
        let mut session = spawn_command(command, Some(60_000)).unwrap();
        session.exp_string(":help says more").unwrap();
        session.exp_string(PROMPT).unwrap();
        session
    }

    fn press(session: &mut PtySession, keys: &str) {
        session.send(keys).unwrap();
        session.flush().unwrap();
    }

    fn leave(mut session: PtySession) {
        press(&mut session, "\x04");
        session.exp_eof().unwrap();
        let status = session.process().wait().unwrap();
        assert!(format!("{status:?}").ends_with(", 0)"), "{status:?}");
    }

    #[test]
    fn a_condition_is_answered_and_control_d_leaves() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = prompt(folder.path());
        press(&mut session, "inactive > 90d and not in group Execs\r");
        session.exp_string("salesforce/zoe").unwrap();
        session.exp_string("3 match, 5 undecided (last_seen 5)").unwrap();
        session.exp_string(PROMPT).unwrap();
        leave(session);
    }

    #[test]
    fn an_entry_of_several_lines_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = prompt(folder.path());
        press(&mut session, "inactive > 90d and\r");
        session.exp_string(MORE).unwrap();
        press(&mut session, "in group Execs\r");
        session.exp_string("1 match").unwrap();
        session.exp_string(PROMPT).unwrap();
        press(&mut session, UP);
        press(&mut session, "\r");
        session.exp_string("1 match").unwrap();
        session.exp_string(PROMPT).unwrap();
        leave(session);
    }

    #[test]
    fn an_empty_line_ends_a_policy_and_an_unfinished_entry() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = prompt(folder.path());
        for line in ["policy idle\r", "  when inactive > 90d\r", "  then notify owner\r"]
        {
            press(&mut session, line);
            session.exp_string(MORE).unwrap();
        }
        press(&mut session, "\r");
        session.exp_string("policy idle: would open").unwrap();
        session.exp_string(PROMPT).unwrap();
        press(&mut session, "inactive and\r");
        session.exp_string(MORE).unwrap();
        press(&mut session, "\r");
        session.exp_string("syntax").unwrap();
        session.exp_string(PROMPT).unwrap();
        leave(session);
    }

    #[test]
    fn control_c_drops_what_was_typed() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = prompt(folder.path());
        press(&mut session, "rubbish");
        press(&mut session, "\x03");
        session.exp_string(PROMPT).unwrap();
        press(&mut session, "inactive and (\r");
        session.exp_string(MORE).unwrap();
        press(&mut session, "\x03");
        session.exp_string(PROMPT).unwrap();
        press(&mut session, ":now\r");
        let before = session.exp_string("it is 2026-11-20T12:00:00Z").unwrap();
        assert!(!before.contains("syntax"), "{before}");
        session.exp_string(PROMPT).unwrap();
        leave(session);
    }

    #[test]
    fn the_tab_key_completes_names() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = prompt(folder.path());
        press(&mut session, "in group Exe\t\r");
        session.exp_string("1 match").unwrap();
        session.exp_string(PROMPT).unwrap();
        press(&mut session, "in group \"Salesf\t\r");
        session.exp_string("3 match").unwrap();
        session.exp_string(PROMPT).unwrap();
        press(&mut session, ":expl\t salesforce/z\t\r");
        session.exp_string("matches the condition").unwrap();
        session.exp_string(PROMPT).unwrap();
        leave(session);
    }

    #[test]
    fn what_was_typed_is_kept_for_the_next_time_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = prompt(folder.path());
        press(&mut session, "never active\r");
        session.exp_string("5 match").unwrap();
        session.exp_string(PROMPT).unwrap();
        leave(session);
        let state = folder.path().join("tenure");
        let mode =
            |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        assert_eq!(mode(&state.join("history")), 0o600);
        let mut session = prompt(folder.path());
        press(&mut session, UP);
        press(&mut session, "\r");
        session.exp_string("5 match").unwrap();
        session.exp_string(PROMPT).unwrap();
        leave(session);
    }

    #[test]
    fn a_history_that_cannot_be_kept_is_said_and_stops_nothing() {
        let folder = tempfile::tempdir().unwrap();
        // A file where the folder should be.
        std::fs::write(folder.path().join("tenure"), "").unwrap();
        let mut command = tenure(&["repl", "--data", WORLD], folder.path());
        command.env("XDG_STATE_HOME", folder.path()).env("TERM", "xterm");
        let mut session = spawn_command(command, Some(60_000)).unwrap();
        session.exp_string("note: the history").unwrap();
        session.exp_string(PROMPT).unwrap();
        press(&mut session, ":now\r");
        session.exp_string("it is 2026-11-20T12:00:00Z").unwrap();
        session.exp_string(PROMPT).unwrap();
        leave(session);
    }
}
