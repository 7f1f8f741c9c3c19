//! Gates: policies that let something pass or refuse it, and start nothing.

use crate::check::policy::clauses::Clauses;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Event, EventKind, Gate, Requirement};
use crate::syntax::ast::{self, Clause, ClauseKind};
use crate::text::Span;

impl Cx<'_> {
    /// Says what stands in a gate and does not belong there, or in a policy that is none.
    pub(super) fn misplaced_in_gate(
        &mut self,
        policy: &ast::Policy,
        clauses: &Clauses<'_>,
    ) {
        let Some((_, before)) = clauses.before else {
            let requires =
                |clause: &&Clause| matches!(clause.kind, ClauseKind::Require { .. });
            if let Some(first) = policy.clauses.iter().find(requires)
                && !clauses.damaged
            {
                self.report(
                    Diagnostic::error(
                        Code::MisplacedClause,
                        first.keyword,
                        "`require` belongs to a gate",
                    )
                    .label("no `before` in this policy")
                    .help("write `before user created`, or ask with `when`"),
                );
            }
            return;
        };
        if let Some(clause) = policy.clauses.iter().find(|clause| !in_gate(&clause.kind))
        {
            let word = self.snippet(clause.keyword);
            let word = match clause.kind {
                ClauseKind::IfKept(_) => "if kept",
                ClauseKind::IfFailed(_) => "if failed",
                ClauseKind::Accounts(_) => "for accounts",
                ClauseKind::Grants(_) => "for grants",
                _ => word,
            };
            let help = match clause.kind {
                ClauseKind::Accounts(_) | ClauseKind::Grants(_) => {
                    "a gate looks at the user who is about to be created: take it out"
                }
                ClauseKind::When(_) | ClauseKind::Except(_) => {
                    "a gate lets pass or refuses: write `require CONDITION \"message\"`"
                }
                _ => {
                    "a gate lets pass or refuses, and starts nothing: what follows belongs \
                     into a policy with `on user created`"
                }
            };
            let message = format!("a gate has no `{word}`");
            self.report(
                Diagnostic::error(Code::MisplacedClause, clause.keyword, message)
                    .label("beside `before`")
                    .and(before, "this makes the policy a gate")
                    .help(help),
            );
        } else if clauses.requirements.is_empty() && !clauses.damaged {
            self.report(
                Diagnostic::error(
                    Code::MissingClause,
                    before,
                    "a gate needs a `require`",
                )
                .label("lets everything pass")
                .help("write `require email ends with \"@acme.example\"`, for example"),
            );
        }
    }

    /// The gate of a policy with `before`.
    pub(super) fn gate(
        &mut self,
        event: &ast::Event,
        clauses: &Clauses<'_>,
        about: About<'_>,
    ) -> Option<Gate> {
        let kind = self.gate_event(event, about);
        let mut requirements = Vec::new();
        let mut broken = false;
        for required in &clauses.requirements {
            let condition = self.condition(required.condition, about);
            let said = required.message.is_none_or(|it| self.variables(it.span, about));
            match condition.filter(|_| said) {
                Some(condition) => {
                    let message = required.message.map(|message| message.value.clone());
                    requirements.push(Requirement { condition, message });
                }
                None => broken = true,
            }
        }
        let event = Event { kind: kind?, span: event.span };
        (!broken).then_some(Gate { event, requirements })
    }

    fn gate_event(&mut self, event: &ast::Event, about: About<'_>) -> Option<EventKind> {
        match &event.kind {
            ast::EventKind::UserCreated(_) => self.event(event, about),
            ast::EventKind::Damaged => None,
            _ => {
                self.cannot_wait(event.span);
                None
            }
        }
    }

    fn cannot_wait(&mut self, span: Span) {
        let written = self.snippet(span);
        let message = format!("nothing can be done before `{written}`");
        self.report(
            Diagnostic::error(Code::UnsupportedEvent, span, message)
                .label("only `user created` waits for an answer")
                .help("write `before user created`, or `on` for what happens afterwards")
                .maybe(span, "user created"),
        );
    }
}

/// Whether a clause may stand in a gate.
fn in_gate(kind: &ClauseKind) -> bool {
    match kind {
        ClauseKind::Users
        | ClauseKind::Before(_)
        | ClauseKind::Require { .. }
        | ClauseKind::Damaged => true,
        ClauseKind::Accounts(_)
        | ClauseKind::Grants(_)
        | ClauseKind::Every(_)
        | ClauseKind::On(_)
        | ClauseKind::When(_)
        | ClauseKind::Always
        | ClauseKind::Otherwise
        | ClauseKind::Then(_)
        | ClauseKind::Except(_)
        | ClauseKind::Reviewers(_)
        | ClauseKind::Limit(_)
        | ClauseKind::Activity(_)
        | ClauseKind::CountFromActivation
        | ClauseKind::Rank { .. }
        | ClauseKind::CancelOn(_)
        | ClauseKind::RestartOn(_)
        | ClauseKind::IfKept(_)
        | ClauseKind::IfFailed(_)
        | ClauseKind::Report { .. } => false,
    }
}
