//! Sessions of exploration: what is typed, through a pipe, and what the program says.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The hour at which all sessions play.
const NOW: &str = "2026-11-20T12:00:00Z";

/// Types a session over the small company.
pub(crate) fn run(_: &Path, session: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tenure"))
        .args(["repl", "--data", "tests/worlds/acme", "--now", NOW])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut stdin = child.stdin.take().ok_or("no standard input")?;
    // Closing it ends the session; the answers fit into the pipe meanwhile.
    stdin.write_all(session.as_bytes()).map_err(failed)?;
    drop(stdin);
    let output = child.wait_with_output().map_err(failed)?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || !errors.is_empty() {
        return Err(format!("{}: {errors}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
