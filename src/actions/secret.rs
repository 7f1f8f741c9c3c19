//! Where secrets come from: looked up when one is needed, kept nowhere.
//!
//! INVARIANT: what a secret holds stands in no message; only its name does.

use crate::ir::SecretRef;
use secrecy::SecretString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// The longest secret there is: a file beyond it is no secret.
const LONGEST: u64 = 64 * 1024;

/// Why a secret can't be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unavailable {
    /// No such variable.
    #[error("the environment variable `{name}` is not set")]
    NotSet {
        /// Its name.
        name: String,
    },
    /// The variable holds no text.
    #[error("the environment variable `{name}` is not UTF-8")]
    NotUnicode {
        /// Its name.
        name: String,
    },
    /// The variable is there, and holds nothing.
    #[error("the environment variable `{name}` is empty")]
    EmptyVariable {
        /// Its name.
        name: String,
    },
    /// The file is there, and holds nothing.
    #[error("the secret file `{}` is empty", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// The file can't be read, or is no file.
    #[error("the secret file `{}` can't be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The secret itself; relative paths start in `folder`.
pub(crate) fn reveal(
    reference: &SecretRef,
    folder: &Path,
) -> Result<SecretString, Unavailable> {
    match reference {
        SecretRef::Env(name) => variable(name),
        SecretRef::File(path) => {
            let path = folder.join(path);
            match contents(&path) {
                Ok(text) if text.is_empty() => Err(Unavailable::EmptyFile { path }),
                Ok(text) => Ok(SecretString::from(text)),
                Err(source) => Err(Unavailable::Unreadable { path, source }),
            }
        }
    }
}

/// INVARIANT: the environment is read here and nowhere else.
#[expect(clippy::disallowed_methods, reason = "this is the door to the environment")]
fn variable(name: &str) -> Result<SecretString, Unavailable> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => {
            Err(Unavailable::EmptyVariable { name: name.to_owned() })
        }
        Ok(value) => Ok(SecretString::from(value)),
        Err(std::env::VarError::NotPresent) => {
            Err(Unavailable::NotSet { name: name.to_owned() })
        }
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Unavailable::NotUnicode { name: name.to_owned() })
        }
    }
}

/// The text of a file, without white space at its ends: editors leave a line break there.
fn contents(path: &Path) -> io::Result<String> {
    // A pipe or a device could keep us waiting, or never end.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    File::open(path)?.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(io::Error::other("it is longer than 64 KiB"));
    }
    Ok(text.trim().to_owned())
}
