//! The comma before `if kept` and `if failed`, which have none.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::Step;
use crate::syntax::build::Cx;
use crate::text::Span;

impl Cx<'_> {
    /// A comma before a clause that has none; true where it is open which of the steps
    /// behind it belong to that clause.
    pub(super) fn comma_before_outcome(
        &mut self,
        comma: Span,
        keyword: Span,
        steps: &[Step],
    ) -> bool {
        let words =
            self.snippet(keyword).split_whitespace().collect::<Vec<_>>().join(" ");
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
            self.comma_before(comma, &format!("`{words}`"));
            return false;
        };
        let Some(second) = steps.get(1) else {
            self.comma_before(comma, &format!("`{words}`"));
            return false;
        };
        let message = format!("`{words}` stands behind all other steps");
        let finding = Diagnostic::error(Code::Syntax, keyword, message)
            .label("all that follows would belong to it")
            .and(second.span, "a step behind it")
            .help(format!(
                "put `{words} …` behind the last step, with no comma before it; or take the \
                 comma out if all of these steps belong to it"
            ));
        let whole = comma.to(last.span);
        let alone = self.snippet(keyword.to(first.span));
        let others = self.snippet(second.span.to(last.span));
        self.report(if self.snippet(whole).contains('#') {
            finding.maybe(comma, "")
        } else {
            finding.maybe(whole, format!(", {others} {alone}")).maybe(comma, "")
        });
        true
    }
}
