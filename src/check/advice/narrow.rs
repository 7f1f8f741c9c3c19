//! Exceptions that are read as lists and are none: who is in both, and not who is in either.

use crate::check::advice::Advice;
use crate::check::words::folded;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Attribute, Condition, ConditionKind, Test, TestKind, TextTest};

/// What the parts of an `and` have in common where they look like a list.
#[derive(PartialEq)]
enum Common<'a> {
    Groups,
    Roles,
    Permissions,
    Text(&'a Attribute, TextTest),
    Pattern(&'a Attribute),
}

impl Advice<'_> {
    /// Looks at an exception for those who are several things at once. Silent where one part
    /// is denied, or about another thing: then the parts narrow each other on purpose.
    pub(super) fn narrow(&mut self, except: &Condition) {
        let parts = match &except.kind {
            ConditionKind::Or(parts) => {
                return parts.iter().for_each(|part| self.narrow(part));
            }
            ConditionKind::And(parts) => parts.as_slice(),
            ConditionKind::Not(_) | ConditionKind::Test(_) => return,
        };
        let mut kinds = parts.iter().map(common);
        let Some(Some(first)) = kinds.next() else { return };
        if !kinds.all(|other| other.as_ref() == Some(&first)) {
            return;
        }
        let words = folded(self.sources.snippet(except.span));
        let (message, label) = match first {
            Common::Groups => ("those in all of these groups", "in each of them at once"),
            Common::Roles => ("those with all of these roles", "each of them at once"),
            Common::Permissions => {
                ("those with all of these permissions", "each of them at once")
            }
            Common::Text(..) | Common::Pattern(_) => {
                ("those of whom all of this is true", "all of it at once")
            }
        };
        let message = format!("this spares only {message}");
        let finding =
            Diagnostic::warning(Code::NarrowException, except.span, message).label(label);
        // Where a definition was used, its parts stand elsewhere.
        let apart = parts.iter().all(|part| part.span != except.span)
            && words.contains(" and ")
            && parts.windows(2).all(|pair| match pair {
                [one, next] => one.span != next.span,
                _ => true,
            });
        if !apart {
            self.report(finding.help("join the parts with `or` if each is to be spared"));
            return;
        }
        let texts: Vec<String> = parts
            .iter()
            .map(|part| folded(self.sources.snippet(part.span)))
            .collect();
        let instead = listed(&first, &texts).unwrap_or_else(|| texts.join(" or "));
        self.report(
            finding
                .help(format!("write `{instead}` if each of them is to be spared"))
                .maybe(except.span, instead),
        );
    }
}

fn common(part: &Condition) -> Option<Common<'_>> {
    let ConditionKind::Test(Test { kind, .. }) = &part.kind else { return None };
    Some(match kind {
        TestKind::InGroup { held: None, .. } => Common::Groups,
        TestKind::HasRole { held: None, .. } => Common::Roles,
        TestKind::HasPermission { held: None, .. } => Common::Permissions,
        TestKind::Text { attribute, test, .. } => Common::Text(attribute, *test),
        TestKind::Matches { attribute, .. } => Common::Pattern(attribute),
        _ => return None,
    })
}

/// One question about all names, where each stands alone behind the same words.
fn listed(common: &Common<'_>, texts: &[String]) -> Option<String> {
    let head = match common {
        Common::Groups => "in group ",
        Common::Roles => "has role ",
        Common::Permissions => "has permission ",
        Common::Text(..) | Common::Pattern(_) => return None,
    };
    let names: Option<Vec<&str>> = texts
        .iter()
        .map(|text| text.strip_prefix(head).filter(|name| !name.starts_with('(')))
        .collect();
    Some(format!("{head}({})", names?.join(", ")))
}
