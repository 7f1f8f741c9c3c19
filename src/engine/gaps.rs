//! What the language has and the engine does not do yet.
//!
//! INVARIANT: a program with a gap is checked, and never planned, published or run.

use crate::ir::Program;
use crate::text::Span;

/// Something that a program says and the engine does not do yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where it is said.
    pub span: Span,
    /// What it is, as the language writes it.
    pub what: String,
}

/// Everything in a program that the engine does not do yet, in the order of the text.
pub fn gaps(program: &Program) -> Vec<Gap> {
    let mut found = Found::default();
    for app in &program.apps {
        if app.activity.is_some() {
            found.add(app.span, "app … activity");
        }
    }
    for group in &program.groups {
        found.add(group.span, "group … in");
    }
    found.gaps.sort_by_key(|gap| (gap.span.file, gap.span.start));
    found.gaps
}

#[derive(Default)]
struct Found {
    gaps: Vec<Gap>,
}

impl Found {
    fn add(&mut self, span: Span, what: impl Into<String>) {
        self.gaps.push(Gap { span, what: what.into() });
    }
}
