//! Questions: whom they ask, how long for, and when they are asked again.

use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Message, StepKind};
use crate::syntax::ast;
use crate::text::{Span, Spanned};
use crate::time::{Duration, Length};

/// How long people have to answer where nothing is said.
const WINDOW: Length = Length::Time(Duration::days(7));

impl Cx<'_> {
    pub(super) fn ask(
        &mut self,
        who: &[ast::Who],
        (message, span): (Option<&ast::Message>, Span),
        (window, remind): (Length, &[Spanned<Length>]),
        about: About<'_>,
    ) -> Option<StepKind> {
        let who = self.people(who, about);
        let message = self.message(message, Some(("review-request", span)), about);
        let reminder = self.reminder(remind, span, about);
        Some(StepKind::Ask {
            who: who?,
            message: message?,
            window,
            remind: remind.iter().map(|before| before.value).collect(),
            reminder: reminder?,
            escalation: false,
        })
    }

    /// The step of an escalation: whom it asks.
    pub(super) fn escalated(
        &mut self,
        (who, span): (&[ast::Who], Span),
        (window, remind): (Length, &[Spanned<Length>]),
        about: About<'_>,
    ) -> Option<StepKind> {
        // The question's reminders hold for each window that is long enough for them.
        let fits = |before: &Length| shorter(*before, window) != Some(false);
        let who = self.people(who, about);
        let message = self.message(None, Some(("escalation", span)), about);
        let reminder = self.reminder(remind, span, about);
        Some(StepKind::Ask {
            who: who?,
            message: message?,
            window,
            remind: remind.iter().map(|before| before.value).filter(fits).collect(),
            reminder: reminder?,
            escalation: true,
        })
    }

    /// What reminders say, where there are any.
    fn reminder(
        &mut self,
        remind: &[Spanned<Length>],
        span: Span,
        about: About<'_>,
    ) -> Option<Message> {
        if remind.is_empty() {
            return Some(Message::BuiltIn);
        }
        self.message(None, Some(("reminder", span)), about)
    }

    /// The window of an escalation: its own `for`, what the next escalation says, or the
    /// same time that those before had.
    pub(super) fn escalation_window(
        &mut self,
        (window, after): (Option<Length>, Length),
        next: Option<(Span, Spanned<Length>)>,
    ) -> Length {
        let said = window.or(next.is_none().then_some(after));
        self.one_window(window, said, next)
    }

    /// The window of an `ask`: its own `for`, or what the escalation behind it says.
    pub(super) fn window(
        &mut self,
        own: Option<Length>,
        next: Option<(Span, Spanned<Length>)>,
    ) -> Length {
        self.one_window(own, own, next)
    }

    /// Refuses a question that is over as soon as it is asked.
    pub(super) fn time_to_answer(&mut self, step: &ast::Step) {
        let windows = match &step.kind {
            ast::StepKind::Ask { window, .. } => [*window, None],
            ast::StepKind::Escalate { after, window, .. } => [Some(*after), *window],
            _ => return,
        };
        let nothing = [Length::Time(Duration(0)), Length::BusinessDays(0)];
        for window in windows.into_iter().flatten() {
            if !nothing.contains(&window.value) {
                continue;
            }
            let written = self.snippet(window.span);
            let message = format!("in `{written}` nobody can answer");
            self.report(
                Diagnostic::error(Code::EmptyWindow, window.span, message)
                    .label("the question ends as soon as it is asked")
                    .help("write how long people have, such as `7d`")
                    .maybe(window.span, "7d"),
            );
        }
    }

    fn one_window(
        &mut self,
        own: Option<Length>,
        otherwise: Option<Length>,
        next: Option<(Span, Spanned<Length>)>,
    ) -> Length {
        let Some((span, after)) = next else { return otherwise.unwrap_or(WINDOW) };
        if own.is_some() {
            let message = "the window before this escalation is given twice";
            self.report(
                Diagnostic::error(Code::TwoWindows, span, message)
                    .label("says it again")
                    .help(
                        "take the `for` before it out: `after` says how long they have",
                    ),
            );
        }
        after.value
    }

    /// Whether reminders go out before the window closes, the earliest first.
    pub(super) fn reminders(
        &mut self,
        step: &ast::Step,
        remind: &[Spanned<Length>],
        window: Length,
    ) -> bool {
        let before = self.made;
        for reminder in remind {
            if shorter(reminder.value, window) != Some(false) {
                continue;
            }
            let written = self.snippet(reminder.span);
            let message =
                format!("a reminder `{written}` before the end comes too early");
            self.report(
                Diagnostic::error(Code::BadReminder, reminder.span, message)
                    .label(format!("the window is {window} long"))
                    .and(step.span, "of this question")
                    .help(format!("write less than `{window}`, or a longer window")),
            );
        }
        if self.made > before {
            return false;
        }
        let (Some(first), Some(last)) = (remind.first(), remind.last()) else {
            return true;
        };
        let falls = |pair: &[Spanned<Length>]| match pair {
            [one, next] => shorter(next.value, one.value) != Some(false),
            _ => true,
        };
        if remind.windows(2).all(falls) {
            return true;
        }
        let mut sorted: Vec<Length> = remind.iter().map(|it| it.value).collect();
        sorted.sort_by_key(|length| std::cmp::Reverse(comparable(*length)));
        sorted.dedup();
        let list: Vec<String> = sorted.iter().map(ToString::to_string).collect();
        let list = list.join(", ");
        let span = first.span.to(last.span);
        let message = "reminders stand in the order in which they go out";
        self.report(
            Diagnostic::error(Code::BadReminder, span, message)
                .label("the earliest is the one longest before the end")
                .help(format!("write `remind ({list})`"))
                .fix(span, list),
        );
        false
    }

    pub(super) fn escalate(&mut self, step: &ast::Step, previous: Option<&ast::Step>) {
        let asks = previous.is_some_and(|previous| {
            matches!(
                previous.kind,
                ast::StepKind::Ask { .. }
                    | ast::StepKind::Notify { .. }
                    | ast::StepKind::Escalate { .. }
                    | ast::StepKind::Damaged
            )
        });
        if asks {
            return;
        }
        self.report(
            Diagnostic::error(
                Code::NothingToEscalate,
                step.span,
                "there is nothing to escalate",
            )
            .label("nobody is asked right before it")
            .help("write `ask owner,` or `notify owner,` before it"),
        );
    }

    pub(super) fn if_ignored(
        &mut self,
        span: Span,
        asked: bool,
        broken: bool,
        first: Option<Span>,
    ) {
        if let Some(first) = first {
            self.report(
                Diagnostic::error(
                    Code::DuplicateClause,
                    span,
                    "`if ignored` stands twice",
                )
                .label("the second one")
                .and(first, "the first")
                .help("keep one of them"),
            );
        } else if !asked && !broken {
            self.report(
                Diagnostic::error(
                    Code::NothingToIgnore,
                    span,
                    "nobody is asked before this",
                )
                .label("nothing can be ignored")
                .help("write `ask owner,` before it"),
            );
        }
    }
}

/// The time after which a step escalates, if it does, and where it stands.
pub(super) fn escalation(step: &ast::Step) -> Option<(Span, Spanned<Length>)> {
    if let ast::StepKind::Escalate { after, .. } = &step.kind {
        return Some((step.span, *after));
    }
    None
}

/// Whether one length is shorter than another, where that does not hang on the calendar.
fn shorter(one: Length, other: Length) -> Option<bool> {
    match (one, other) {
        (Length::Time(one), Length::Time(other)) => Some(one < other),
        (Length::BusinessDays(one), Length::BusinessDays(other)) => Some(one < other),
        // Business days are as long as clock days at least.
        (Length::BusinessDays(one), Length::Time(other)) => {
            (Duration::days(i64::from(one)) >= other).then_some(false)
        }
        (Length::Time(one), Length::BusinessDays(other)) => {
            (one < Duration::days(i64::from(other))).then_some(true)
        }
    }
}

/// About how many seconds a length is.
fn comparable(length: Length) -> i64 {
    match length {
        Length::Time(time) => time.0,
        Length::BusinessDays(days) => Duration::days(i64::from(days)).0,
    }
}
