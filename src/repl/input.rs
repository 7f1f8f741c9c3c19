//! Where entries come from: a prompt, or a pipe.

use crate::repl::complete::Completion;
use crate::repl::desk::Desk;
use crate::repl::entry::{self, Entry};
use crate::repl::history::History;
use rustyline::config::Configurer as _;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor};
use std::io::{self, BufRead as _};

const PROMPT: &str = "tenure> ";
const MORE: &str = "      > ";

/// Gives one entry after the other.
pub(super) enum Input {
    /// A person at a prompt.
    Terminal(Box<Terminal>),
    /// A pipe or a file.
    Pipe {
        /// The line that was read to see whether the entry before it was over.
        ahead: Option<String>,
    },
}

/// A prompt that can be edited.
pub(super) struct Terminal {
    editor: Editor<Completion, FileHistory>,
    history: History,
}

/// What was typed.
pub(super) enum Typed {
    /// An entry, whole or ended by an empty line.
    Entry(String),
    /// An entry that was given up.
    Dropped,
    /// There is no more.
    End,
}

impl Input {
    /// The prompt.
    pub(super) fn terminal(colour: bool) -> io::Result<Self> {
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .history_ignore_space(true)
            .auto_add_history(false)
            .build();
        let mut editor = Editor::with_config(config).map_err(plain)?;
        editor.set_color_mode(if colour {
            ColorMode::Enabled
        } else {
            ColorMode::Disabled
        });
        editor.set_helper(Some(Completion::default()));
        let history = History::load(&mut editor);
        Ok(Self::Terminal(Box::new(Terminal { editor, history })))
    }

    /// What comes from elsewhere.
    pub(super) fn pipe() -> Self {
        Self::Pipe { ahead: None }
    }

    /// Learns the names that can be completed.
    pub(super) fn know(&mut self, desk: &Desk) {
        if let Self::Terminal(terminal) = self
            && let Some(completion) = terminal.editor.helper_mut()
        {
            completion.know(desk);
        }
    }

    /// The next entry.
    pub(super) fn entry(&mut self) -> io::Result<Typed> {
        match self {
            Self::Terminal(terminal) => terminal.entry(),
            Self::Pipe { ahead } => piped(ahead),
        }
    }
}

impl Terminal {
    fn entry(&mut self) -> io::Result<Typed> {
        let mut text = String::new();
        loop {
            let prompt = if text.is_empty() { PROMPT } else { MORE };
            let line = match self.editor.readline(prompt) {
                Ok(line) => line,
                Err(ReadlineError::Interrupted) => return Ok(Typed::Dropped),
                Err(ReadlineError::Eof) => return Ok(Typed::End),
                Err(error) => return Err(plain(error)),
            };
            let over = line.trim().is_empty() && !entry::in_block(&text);
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line);
            if over || !entry::may_go_on(&text) {
                break;
            }
        }
        let text = text.trim_end().to_owned();
        if !text.is_empty() {
            self.history.add(&mut self.editor, &text);
        }
        Ok(Typed::Entry(text))
    }
}

/// An entry of a pipe ends where it is whole and the next line is not indented, or with an
/// empty line.
fn piped(ahead: &mut Option<String>) -> io::Result<Typed> {
    let mut lines = io::stdin().lock();
    let mut next = || -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        if lines.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        // What is no text becomes a finding of the parser.
        let line = String::from_utf8_lossy(&bytes);
        Ok(Some(line.trim_end_matches(['\n', '\r']).to_owned()))
    };
    let first = match ahead.take() {
        Some(line) => Some(line),
        None => next()?,
    };
    let Some(mut text) = first else { return Ok(Typed::End) };
    if matches!(entry::classify(&text), Entry::Nothing | Entry::Command(_)) {
        return Ok(Typed::Entry(text));
    }
    while let Some(line) = next()? {
        let blank = line.trim().is_empty() && !entry::in_block(&text);
        if blank {
            break;
        }
        if !entry::is_open(&text) && !entry::continues(&line) {
            *ahead = Some(line);
            break;
        }
        text.push('\n');
        text.push_str(&line);
    }
    Ok(Typed::Entry(text))
}

fn plain(error: ReadlineError) -> io::Error {
    match error {
        ReadlineError::Io(error) => error,
        other => io::Error::other(other),
    }
}
