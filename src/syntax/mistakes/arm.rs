//! Arms as other languages have them: one more condition that is asked only where the
//! conditions before it were false.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::Cx;
use crate::text::{Span, fold};

/// `else if` in one word.
pub(super) const ELSE_IFS: [&str; 4] = ["elsif", "elseif", "elif", "elsewhen"];
/// What to write instead. Nothing that is written for it says the same.
pub(super) const ELSE_IF: &str = "write one more `when … then …`: each is asked for itself, and the steps of all that are \
     true run, in order";

impl Cx<'_> {
    /// `else if …`, `otherwise when …`, `elsif …`: the words of it, if a stretch begins so.
    pub(in crate::syntax) fn else_if(&self, first: Span, end: usize) -> Option<Span> {
        let word = fold(self.snippet(first));
        if ELSE_IFS.contains(&word.as_str()) {
            return Some(first);
        }
        let next = self.token_at(first.end as usize, end);
        let second = fold(self.snippet(next));
        let arm = matches!(word.as_str(), "else" | "otherwise" | "default")
            && matches!(second.as_str(), "if" | "when" | "where" | "whenever");
        arm.then(|| first.to(next))
    }

    /// Says that there is no `else if`.
    pub(in crate::syntax) fn no_else_if(&mut self, place: Span) {
        let message = format!("no arm begins with `{}`", self.one_line(place));
        self.report(
            Diagnostic::error(Code::UnknownClause, place, message)
                .label("each condition is asked for itself")
                .help(ELSE_IF),
        );
    }
}
