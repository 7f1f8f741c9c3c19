//! The room of codes.

/// Which finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// placeholder
    Syntax,
}
