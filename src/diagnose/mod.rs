//! How the program speaks to people who write policies: one struct for every finding.

mod code;
mod fix;
mod github;
mod levels;
mod page;
mod pages;
mod path;
mod render;
mod sarif;

pub use crate::diagnose::code::{Code, Weight};
pub use crate::diagnose::fix::{Edit, apply};
pub use crate::diagnose::github::to_github;
pub use crate::diagnose::levels::{Level, Levels, nearest_codes};
pub use crate::diagnose::page::{Example, Page};
pub use crate::diagnose::render::{Look, to_human, to_json};
pub use crate::diagnose::sarif::to_sarif;

use crate::text::Span;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The policy cannot be used.
    Error,
    /// It can, but probably should not.
    Warning,
}

/// A second place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// An edit that would make the finding go away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to replace; empty to insert.
    pub span: Span,
    /// What to write there.
    pub replacement: String,
    /// Whether it is surely what was meant, so that it may be applied unasked.
    pub certain: bool,
}

/// One finding about the text of a policy.
///
/// Message, label and help are lower case without a full stop; the user's own words stand
/// in backticks. The message names what is wrong, the label what was found at the span,
/// the help what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which finding, for good.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// The headline; it stands alone.
    pub message: String,
    /// The exact place.
    pub span: Span,
    /// What was found there.
    pub label: String,
    /// Other places that matter.
    pub others: Vec<Label>,
    /// What to write instead.
    pub help: Option<String>,
    /// Edits that would do it.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: String::new(),
            others: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// A warning at `span`.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// The same with words beside the span.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same with a second place.
    #[must_use]
    pub fn and(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label { span, text: text.into() });
        self
    }

    /// The same with help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with an edit that is surely what was meant.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fixes.push(Fix {
            span,
            replacement: replacement.into(),
            certain: true,
        });
        self
    }

    /// The same with an edit that may be what was meant.
    #[must_use]
    pub fn maybe(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fixes.push(Fix {
            span,
            replacement: replacement.into(),
            certain: false,
        });
        self
    }
}
