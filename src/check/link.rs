//! The link of a review: who asks somebody can show it, and nobody else.

use crate::check::variable::Shown;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast;
use crate::text::{Span, Spanned};

/// What it is called.
const LINK: &str = "review.link";

/// The messages that ask somebody.
const QUESTIONS: [&str; 3] = ["review-request", "reminder", "escalation"];

/// Whether somebody is asked on an occasion.
pub(super) fn is_question(occasion: Option<(&str, Span)>) -> bool {
    occasion.is_some_and(|(name, _)| QUESTIONS.contains(&name))
}

impl Cx<'_> {
    /// The words of a step's own.
    pub(super) fn own_text(
        &mut self,
        text: &Spanned<String>,
        occasion: Option<(&str, Span)>,
        about: About<'_>,
    ) -> bool {
        self.may_link = is_question(occasion);
        let good = self.variables(text.span, about);
        self.may_link = false;
        good
    }

    /// The words of a template; whether it is used by questions alone is asked at each of its
    /// uses.
    pub(super) fn texts(&mut self, template: &ast::Template, about: About<'_>) -> bool {
        let mut good = true;
        for text in [&template.subject, &template.body].into_iter().flatten() {
            let body = template.body.as_ref().is_some_and(|it| it.span == text.span);
            self.may_link = body && !self.of_report;
            good &= self.variables(text.span, about);
        }
        self.may_link = false;
        good
    }

    /// A link where it can be shown at all.
    pub(super) fn linked(&mut self, path: &str, place: Span) -> bool {
        if self.may_link {
            return true;
        }
        self.report(
            Diagnostic::error(
                Code::UnknownVariable,
                place,
                format!("`{path}` means nothing here"),
            )
            .label("only the text of a question has a link")
            .help(
                "show it in what `ask` says, or in the `body` of a template for questions",
            ),
        );
        false
    }

    /// A link is shown as it is, for otherwise it would lead nowhere.
    pub(super) fn unchanged(&mut self, first: &str, filter: &str, place: Span) -> bool {
        if first != LINK || filter == "default" {
            return true;
        }
        self.report(
            Diagnostic::error(
                Code::BadText,
                place,
                format!("`{filter}` would change the link"),
            )
            .label("it would lead nowhere")
            .help(format!("write `{LINK}` alone, or with `default('…')` behind it")),
        );
        false
    }

    /// Whether a template that shows the link is used to ask.
    pub(super) fn asks(
        &mut self,
        (used, what): (Span, &str),
        shown: Shown,
        asks: bool,
    ) -> Option<()> {
        let Some(place) = shown.link.filter(|_| !asks) else { return Some(()) };
        self.report(
            Diagnostic::error(
                Code::UnknownVariable,
                used,
                format!("`{LINK}` means nothing outside of a question"),
            )
            .label(format!("this {what} shows it"))
            .and(place, "shown here")
            .help(format!("use a {what} that shows no link")),
        );
        None
    }
}
