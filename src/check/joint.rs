//! Names that hold an `and` or `or`, written without quotes: to the grammar they are two
//! conditions.

use crate::check::Cx;
use crate::check::name::Kind;
use crate::check::words::folded;
use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::{Condition, ConditionKind, NameRef, TestKind};

/// So many parts of a row may be one name.
const LONGEST: usize = 4;

impl Cx<'_> {
    /// How many parts of a row, from the first, are one name without quotes, as in
    /// `in group Research and Development`; 0 where the first is a part of its own.
    pub(super) fn one_name_of(&mut self, parts: &[Condition]) -> usize {
        let Some((name, kind)) = parts.first().and_then(bare) else { return 0 };
        for (at, part) in parts.iter().enumerate().take(LONGEST).skip(1) {
            let ConditionKind::Test(test) = &part.kind else { return 0 };
            let TestKind::Name(path) = test.as_ref() else { return 0 };
            if self.is_defined(&path.parts.join(".")) {
                return 0;
            }
            let span = name.name.span.to(path.span);
            let joined = folded(self.snippet(span));
            if !self.is_known(&joined, kind) {
                continue;
            }
            let right = self.spelled(&joined, kind).unwrap_or(joined.clone());
            let message = format!("`{joined}` stands without quotes");
            self.report(
                Diagnostic::error(Code::UnquotedName, span, message)
                    .label(format!("one {} of several words", kind.word()))
                    .help(format!("write `\"{right}\"`"))
                    .fix(span, format!("\"{right}\"")),
            );
            return at + 1;
        }
        0
    }
}

/// The name that a condition ends with.
fn bare(condition: &Condition) -> Option<(&NameRef, Kind)> {
    let test = match &condition.kind {
        ConditionKind::Not(inner) => return bare(inner),
        ConditionKind::Test(test) => test,
        _ => return None,
    };
    let (names, kind) = match test.as_ref() {
        TestKind::InGroup(names, None) => (names, Kind::Group),
        TestKind::HasRole(names, None) => (names, Kind::Role),
        TestKind::HasPermission(names, None) => (names, Kind::Permission),
        TestKind::HasAccount(names) => (names, Kind::App),
        _ => return None,
    };
    match names.as_slice() {
        [only] if only.from.is_none() => Some((only, kind)),
        _ => None,
    }
}
