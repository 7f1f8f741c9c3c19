//! What a project makes of its warnings: left alone, or errors.

use crate::diagnose::{Code, Diagnostic, Severity};
use crate::text::nearest;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of the warnings of one code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// They are not shown.
    Allow,
    /// They are warnings.
    Warn,
    /// They are errors.
    Deny,
}

/// What becomes of warnings. Errors always are errors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// What the configuration says of a code.
    pub configured: BTreeMap<Code, Level>,
    /// What the call denies, whatever the configuration says.
    pub denied: BTreeSet<Code>,
    /// Whether the call denies every warning that the configuration does not allow.
    pub warnings_denied: bool,
}

impl Levels {
    /// What becomes of the warnings of a code.
    pub fn of(&self, code: Code) -> Level {
        let configured = self.configured.get(&code).copied().unwrap_or(Level::Warn);
        match configured {
            _ if self.denied.contains(&code) => Level::Deny,
            Level::Warn if self.warnings_denied => Level::Deny,
            configured => configured,
        }
    }

    /// The findings as these levels have them.
    pub fn weigh(&self, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let weigh = |finding: Diagnostic| match (finding.severity, self.of(finding.code))
        {
            (Severity::Warning, Level::Allow) => None,
            (Severity::Warning, Level::Deny) => {
                Some(Diagnostic { severity: Severity::Error, ..finding })
            }
            (Severity::Error, _) | (Severity::Warning, Level::Warn) => Some(finding),
        };
        findings.into_iter().filter_map(weigh).collect()
    }
}

/// The codes nearest to a name that is none, best first.
pub fn nearest_codes(name: &str) -> Vec<&'static str> {
    nearest(name, Code::ALL.iter().map(|code| code.as_str()))
}
