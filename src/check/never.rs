//! What must never happen.

use crate::check::words::folded;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Never, Step, StepKind, SubjectKind};
use crate::syntax::ast;
use crate::text::Span;

impl Cx<'_> {
    /// An invariant; `None` when something about it is wrong.
    pub(super) fn never(&mut self, never: &ast::Never, damaged: bool) -> Option<Never> {
        let before = self.made;
        let about = About { kind: SubjectKind::Account, apps: &[] };
        let when = never
            .when
            .as_ref()
            .and_then(|when| self.sparing(|cx| cx.condition(when, about)));
        let mut steps: Vec<Step> = Vec::new();
        if let ast::Forbidden::Steps(forbidden) = &never.forbidden {
            for step in forbidden {
                for checked in self.forbidden(step, about) {
                    if let Some(first) =
                        steps.iter().find(|known| known.kind == checked.kind)
                    {
                        let (first, words) = (first.span, checked.text.clone());
                        self.forbidden_twice(step.span, first, &words);
                        continue;
                    }
                    steps.push(checked);
                }
            }
        }
        if damaged || self.made > before {
            return None;
        }
        Some(Never { steps, when: when?, span: never.keyword })
    }

    fn forbidden_twice(&mut self, span: Span, first: Span, words: &str) {
        self.report(
            Diagnostic::error(
                Code::DuplicateClause,
                span,
                format!("`{words}` stands twice"),
            )
            .label("the second one")
            .and(first, "the first")
            .help("keep one of them"),
        );
    }

    /// The steps that one written step forbids: `assign role` takes one role in each.
    fn forbidden(&mut self, step: &ast::Step, about: About<'_>) -> Vec<Step> {
        let text = folded(self.snippet(step.span));
        let kinds = self.forbidden_kinds(step, about).unwrap_or_default();
        if step.or_skip && !kinds.is_empty() {
            let message = "what never happens cannot fail";
            self.report(
                Diagnostic::error(Code::HarmlessStep, step.span, message)
                    .label("`or skip` has no meaning here")
                    .help("take `or skip` out"),
            );
            return Vec::new();
        }
        let made = |kind| Step {
            kind,
            or_skip: false,
            text: text.clone(),
            span: step.span,
        };
        kinds.into_iter().map(made).collect()
    }

    fn forbidden_kinds(
        &mut self,
        step: &ast::Step,
        about: About<'_>,
    ) -> Option<Vec<StepKind>> {
        let one = |kind| Some(vec![kind]);
        match &step.kind {
            ast::StepKind::RunWebhook(name) => {
                one(StepKind::RunWebhook(self.webhook_named(name)?))
            }
            ast::StepKind::RunFlow { flow, .. } => {
                one(StepKind::RunFlow { flow: self.flow_named(flow)?, with: Vec::new() })
            }
            ast::StepKind::RemoveAccess => one(StepKind::RemoveAccess),
            ast::StepKind::UnassignFromApp => one(StepKind::UnassignFromApp),
            ast::StepKind::DisableAccount => one(StepKind::DisableAccount),
            ast::StepKind::DeleteAccount => one(StepKind::DeleteAccount),
            ast::StepKind::RevokePermission(names) => {
                one(StepKind::RevokePermission(self.permissions(names, about)?))
            }
            ast::StepKind::DisableUser => one(StepKind::DisableUser),
            ast::StepKind::SuspendUser => one(StepKind::SuspendUser),
            ast::StepKind::DeleteUser => one(StepKind::DeleteUser),
            ast::StepKind::RequirePasswordChange => one(StepKind::RequirePasswordChange),
            ast::StepKind::EndSessions => one(StepKind::EndSessions),
            ast::StepKind::AddToGroup(names) => {
                one(StepKind::AddToGroup(self.groups(names)?))
            }
            ast::StepKind::RemoveFromGroup(names) => {
                one(StepKind::RemoveFromGroup(self.groups(names)?))
            }
            ast::StepKind::AssignRole(names) => {
                let roles = self.roles(names)?;
                Some(roles.into_iter().map(StepKind::AssignRole).collect())
            }
            ast::StepKind::UnassignRole(names) => {
                let roles = self.roles(names)?;
                Some(roles.into_iter().map(StepKind::UnassignRole).collect())
            }
            ast::StepKind::Set { attribute, value } => {
                one(self.set(attribute, value, about)?)
            }
            ast::StepKind::AllOf(_) => {
                self.not_forbidden(
                    step.span,
                    "several steps in one",
                    "write the steps themselves: `never (delete account, disable account) when …`",
                );
                None
            }
            ast::StepKind::Call(_) => {
                self.not_forbidden(
                    step.span,
                    "a call that is written out, which no other policy has",
                    "forbid a webhook or a flow by its name: `never run webhook NAME when …`",
                );
                None
            }
            ast::StepKind::Ask { .. }
            | ast::StepKind::Notify { .. }
            | ast::StepKind::Escalate { .. }
            | ast::StepKind::IfIgnored(_)
            | ast::StepKind::Task { .. }
            | ast::StepKind::Wait(_)
            | ast::StepKind::Verify { .. }
            | ast::StepKind::Snooze(_) => {
                self.not_forbidden(
                    step.span,
                    "takes nothing and changes nothing",
                    "`never` is for steps that take or change, such as `delete account`, or for \
                     all that take: `never take access when …`",
                );
                None
            }
            ast::StepKind::Damaged => None,
        }
    }

    fn not_forbidden(&mut self, span: Span, label: &str, help: &str) {
        let words = folded(self.snippet(span));
        let words = if words.len() > 40 {
            words.split(' ').next().unwrap_or_default().to_owned()
        } else {
            words
        };
        let message = format!("`{words}` is no step that `never` can forbid");
        self.report(
            Diagnostic::error(Code::HarmlessStep, span, message)
                .label(label)
                .help(help),
        );
    }
}
