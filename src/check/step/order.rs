//! What a deletion leaves to the steps behind it.

use crate::check::words::folded;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::SubjectKind;
use crate::syntax::ast::{self, StepKind, WhoKind};
use crate::text::Span;

/// What a step needs to be there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// The account, or its grants.
    Account,
    /// The user.
    User,
    /// What the run is about: an account, or a user.
    Subject,
    Nothing,
}

/// Where account and user were deleted.
#[derive(Default)]
struct Gone {
    account: Option<Span>,
    user: Option<Span>,
}

impl Cx<'_> {
    /// Refuses steps about what steps before them have deleted.
    pub(super) fn order(&mut self, steps: &[ast::Step], about: About<'_>) {
        let mut gone = Gone::default();
        self.order_of(steps, about, &mut gone);
    }

    fn order_of(&mut self, steps: &[ast::Step], about: About<'_>, gone: &mut Gone) {
        for step in steps {
            if let StepKind::AllOf(inner) = &step.kind {
                self.order_of(inner, about, gone);
                continue;
            }
            let on_user = about.kind == SubjectKind::User;
            let lost = match needs(&step.kind) {
                Needs::Account => gone.account.map(|span| ("account", span)),
                Needs::User => gone.user.map(|span| ("user", span)),
                Needs::Subject if on_user => gone.user.map(|span| ("user", span)),
                Needs::Subject => gone.account.map(|span| ("account", span)),
                Needs::Nothing => None,
            };
            if let Some((what, span)) = lost {
                self.unreachable(step, what, span);
            }
            if let Some(span) = gone.user {
                self.tells_the_deleted(step, span);
            }
            // A deletion that may be skipped leaves something to do.
            match step.kind {
                StepKind::DeleteAccount if !step.or_skip => {
                    gone.account = gone.account.or(Some(step.span));
                }
                StepKind::DeleteUser if !step.or_skip => {
                    gone.user = gone.user.or(Some(step.span));
                }
                _ => {}
            }
        }
    }

    fn unreachable(&mut self, step: &ast::Step, what: &str, gone: Span) {
        let written = folded(self.snippet(step.span));
        let deleted = folded(self.snippet(gone));
        let message = format!("nothing is left for `{written}`");
        let same = written == deleted;
        let finding = Diagnostic::error(Code::UnreachableStep, step.span, message)
            .label(format!("the {what} is deleted before it"))
            .and(gone, "deleted here");
        self.report(if same {
            finding.help("keep one of them")
        } else {
            finding.help(format!("move it before `{deleted}`"))
        });
    }

    /// Refuses to tell or ask people who are gone.
    fn tells_the_deleted(&mut self, step: &ast::Step, gone: Span) {
        let (StepKind::Notify { who, .. }
        | StepKind::Ask { who, .. }
        | StepKind::Escalate { who, .. }
        | StepKind::Task { who, .. }) = &step.kind
        else {
            return;
        };
        let owner = who.iter().find(
            |who| matches!(&who.kind, WhoKind::Word(path) if path.parts == ["owner"]),
        );
        if let Some(owner) = owner {
            let deleted = folded(self.snippet(gone));
            self.report(
                Diagnostic::error(
                    Code::DeletedRecipient,
                    owner.span,
                    "`owner` is gone when this is sent",
                )
                .label("the user is deleted before it")
                .and(gone, "deleted here")
                .help(format!(
                    "move the step before `{deleted}`, or tell somebody else, such as `manager`"
                )),
            );
        }
    }
}

fn needs(kind: &StepKind) -> Needs {
    match kind {
        StepKind::RemoveAccess
        | StepKind::UnassignFromApp
        | StepKind::DisableAccount
        | StepKind::DeleteAccount
        | StepKind::RevokePermission(_) => Needs::Account,
        StepKind::DisableUser
        | StepKind::SuspendUser
        | StepKind::DeleteUser
        | StepKind::RequirePasswordChange
        | StepKind::AddToGroup(_)
        | StepKind::RemoveFromGroup(_)
        | StepKind::AssignRole(_)
        | StepKind::UnassignRole(_)
        | StepKind::Set { .. } => Needs::User,
        StepKind::EndSessions => Needs::Subject,
        StepKind::Ask { .. }
        | StepKind::Notify { .. }
        | StepKind::Escalate { .. }
        | StepKind::IfIgnored(_)
        | StepKind::Task { .. }
        | StepKind::Wait(_)
        | StepKind::RunWebhook(_)
        | StepKind::RunFlow { .. }
        | StepKind::Call(_)
        | StepKind::Verify { .. }
        | StepKind::AllOf(_)
        | StepKind::Snooze(_)
        | StepKind::Damaged => Needs::Nothing,
    }
}
