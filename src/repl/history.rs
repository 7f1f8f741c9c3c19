//! What was typed before, kept in the user's own folder for state.

use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Editor, Helper};
use std::env;
use std::fs::DirBuilder;
use std::io;
use std::path::PathBuf;

/// The file of entries; nothing where none can be kept.
pub(super) struct History(Option<PathBuf>);

impl History {
    /// Reads the entries of earlier times. That none can be kept is said once, and no
    /// reason to stop.
    pub(super) fn load<H: Helper>(editor: &mut Editor<H, FileHistory>) -> Self {
        let Some(folder) = folder() else { return Self(None) };
        let file = folder.join("history");
        let made = make(&folder).map_err(ReadlineError::from);
        match made.and_then(|()| read(editor, &file)) {
            Ok(()) => Self(Some(file)),
            Err(error) => {
                note(&format!(
                    "the history in `{}` cannot be used: {error}",
                    file.display()
                ));
                Self(None)
            }
        }
    }

    /// Adds an entry, here and in the file, so that it outlives a crash.
    pub(super) fn add<H: Helper>(
        &mut self,
        editor: &mut Editor<H, FileHistory>,
        text: &str,
    ) {
        let added = editor.add_history_entry(text).unwrap_or_default();
        let Some(file) = &self.0 else { return };
        if added && let Err(error) = editor.append_history(file) {
            note(&format!("the history in `{}` cannot be kept: {error}", file.display()));
            self.0 = None;
        }
    }
}

/// `$XDG_STATE_HOME/tenure`, `~/.local/state/tenure`, or what comes nearest.
fn folder() -> Option<PathBuf> {
    let set =
        |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let state = state.or_else(|| Some(set("HOME")?.join(".local/state")));
    Some(state.or_else(|| set("LOCALAPPDATA"))?.join("tenure"))
}

/// Makes the folder, for its owner alone.
fn make(folder: &PathBuf) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn read<H: Helper>(
    editor: &mut Editor<H, FileHistory>,
    file: &PathBuf,
) -> rustyline::Result<()> {
    if file.exists() { editor.load_history(file) } else { editor.save_history(file) }
}

fn note(text: &str) {
    use std::io::Write as _;
    // Where even that cannot be written, nobody is there to read.
    drop(writeln!(io::stderr(), "note: {text}"));
}
