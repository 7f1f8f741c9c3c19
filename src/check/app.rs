//! What the files say of apps.

use crate::check::name::Kind;
use crate::check::words::folded;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    Activity, App, AppId, By, Flow, PermissionId, Step, StepKind, SubjectKind,
};
use crate::syntax::ast::{self, NameRef};
use crate::text::{Span, fold};
use std::collections::HashMap;
use std::sync::Arc;

impl Cx<'_> {
    /// An app; `None` when something about it is wrong.
    pub(super) fn app_item(&mut self, app: &ast::App, damaged: bool) -> Option<App> {
        let id = self.app(&app.name);
        let span = app.name.name.span;
        if let Some(id) = id.filter(|_| !self.catalog.assume) {
            if let Some(first) = self.apps.get(&id) {
                let first = *first;
                self.app_twice(span, first);
                return None;
            }
            self.apps.insert(id, span);
        }
        if app.fields.is_empty() && !damaged {
            let message = format!("nothing is said of the app `{}`", app.name.name.value);
            self.report(
                Diagnostic::error(Code::MissingClause, span, message)
                    .label("no line behind it")
                    .help("write `deprovision with webhook NAME`, for example"),
            );
            return None;
        }
        let before = self.made;
        let mut said = Said::default();
        for field in &app.fields {
            self.app_field(field, id, &mut said);
        }
        self.permissions_twice(&said);
        if damaged || self.made > before {
            return None;
        }
        Some(App {
            id: id?,
            activity: said.activity.map(|(_, activity)| activity),
            deprovision: said.deprovision.map(|(_, by)| by),
            permissions: said.permissions,
            other_permissions: said.others.map(|(_, by)| by),
            steps: said.steps,
            span,
        })
    }

    fn app_twice(&mut self, span: Span, first: Span) {
        let place = self.place(first, span);
        let message = format!("the app `{}` stands twice", self.snippet(span));
        self.report(
            Diagnostic::error(Code::DuplicateName, span, message)
                .label(format!("the first stands at {place}"))
                .and(first, "the first")
                .help("write all that is said of it into one of them"),
        );
    }

    fn app_field(&mut self, field: &ast::AppField, id: Option<AppId>, said: &mut Said) {
        let keyword = self.first_word(field.span);
        match &field.kind {
            ast::AppFieldKind::Activity(activity) => {
                if let Some((first, _)) = &said.activity {
                    return self.field_twice(keyword, *first);
                }
                if let Some(activity) = self.activity(activity, field.span) {
                    said.activity = Some((keyword, activity));
                }
            }
            ast::AppFieldKind::Deprovision(by) => {
                if let Some((first, _)) = &said.deprovision {
                    return self.field_twice(keyword, *first);
                }
                if let Some(by) = self.by(by, SubjectKind::Account) {
                    said.deprovision = Some((keyword, by));
                }
            }
            ast::AppFieldKind::Permissions(by) => {
                let text = self.snippet(field.span);
                let start = field.span.start as usize;
                let span = match text.find(" with") {
                    Some(end) => Span::new(field.span.file, start, start + end),
                    None => keyword,
                };
                if let Some((first, _)) = &said.others {
                    return self.field_twice(span, *first);
                }
                if let Some(by) = self.by(by, SubjectKind::Grant) {
                    said.others = Some((span, by));
                }
            }
            ast::AppFieldKind::Permission { permission: name, by } => {
                let apps: Vec<AppId> =
                    id.into_iter().filter(|_| !self.catalog.assume).collect();
                let about = About { kind: SubjectKind::Account, apps: &apps };
                // Of an app that is not known, no permission is known either.
                let permission = id.and_then(|_| self.permission(name, about));
                let by = self.by(by, SubjectKind::Grant);
                let span = keyword.to(name.name.span);
                let Some(permission) = permission else { return };
                for id in permission.ids.iter().filter(|id| id.0 != 0) {
                    if let Some(first) = said.spans.insert(*id, span) {
                        return self.field_twice(span, first);
                    }
                }
                said.permissions.extend(by.map(|by| (permission, by)));
            }
            ast::AppFieldKind::Step { step, by } => {
                let Some(kind) = app_step(&step.kind) else { return };
                let first = said.steps.iter().find(|(known, _)| known.kind == kind);
                if let Some((first, _)) = first {
                    return self.field_twice(step.span, first.span);
                }
                let by = self.by(by, SubjectKind::Account);
                let text = folded(self.snippet(step.span));
                let step = Step { kind, or_skip: false, text, span: step.span };
                said.steps.extend(by.map(|by| (step, by)));
            }
        }
    }

    /// Refuses two lines for the permissions that have none: one of them would say nothing.
    fn permissions_twice(&mut self, said: &Said) {
        let revoke = StepKind::RevokePermission(Vec::new());
        let step = said.steps.iter().find(|(step, _)| step.kind == revoke);
        let (Some((others, _)), Some((step, _))) = (&said.others, step) else { return };
        let message = "`deprovision permissions` and `revoke permission` say the same";
        self.report(
            Diagnostic::error(Code::DuplicateClause, step.span, message)
                .label("how permissions without a line are taken")
                .and(*others, "says it already")
                .help("keep one of them"),
        );
    }

    /// The sources of an `activity from`.
    pub(super) fn activity(
        &mut self,
        activity: &ast::Activity,
        span: Span,
    ) -> Option<Activity> {
        let mut sources: Vec<String> = Vec::new();
        let mut good = true;
        for source in &activity.sources {
            let Some(known) = self.source(source) else {
                good = false;
                continue;
            };
            sources.push(known.to_owned());
        }
        let only = activity.only.as_ref().map(|only| only.value);
        good.then_some(Activity { sources, only, span })
    }

    fn by(&mut self, by: &ast::By, kind: SubjectKind) -> Option<By> {
        match by {
            ast::By::Flow(name) => self.flow_of_app(name, kind).map(By::Flow),
            ast::By::Webhook(name) => self.webhook_named(name).map(By::Webhook),
        }
    }

    pub(super) fn flow_named(&mut self, name: &NameRef) -> Option<Arc<Flow>> {
        self.one_name(name, Kind::Flow)?;
        let Some((_, flow)) = self.flows.get(&fold(&name.name.value)) else {
            self.unknown(&name.name, Kind::Flow);
            return None;
        };
        flow.clone()
    }

    fn first_word(&self, span: Span) -> Span {
        let text = self.snippet(span);
        let length = text.find(char::is_whitespace).unwrap_or(text.len());
        let start = span.start as usize;
        Span::new(span.file, start, start + length)
    }

    fn field_twice(&mut self, span: Span, first: Span) {
        let message = format!("`{}` stands twice", folded(self.snippet(span)));
        self.report(
            Diagnostic::error(Code::DuplicateClause, span, message)
                .label("the second one")
                .and(first, "the first")
                .help("keep one of them"),
        );
    }
}

/// What has been said of an app so far.
#[derive(Default)]
struct Said {
    activity: Option<(Span, Activity)>,
    deprovision: Option<(Span, By)>,
    permissions: Vec<(crate::ir::PermissionRef, By)>,
    others: Option<(Span, By)>,
    spans: HashMap<PermissionId, Span>,
    steps: Vec<(Step, By)>,
}

/// The steps that an app can have its own way for; the grammar lets no other through.
fn app_step(step: &ast::StepKind) -> Option<StepKind> {
    match step {
        ast::StepKind::EndSessions => Some(StepKind::EndSessions),
        ast::StepKind::DisableAccount => Some(StepKind::DisableAccount),
        ast::StepKind::DeleteAccount => Some(StepKind::DeleteAccount),
        ast::StepKind::UnassignFromApp => Some(StepKind::UnassignFromApp),
        ast::StepKind::RevokePermission(_) => {
            Some(StepKind::RevokePermission(Vec::new()))
        }
        ast::StepKind::RequirePasswordChange => Some(StepKind::RequirePasswordChange),
        ast::StepKind::Ask { .. }
        | ast::StepKind::Notify { .. }
        | ast::StepKind::Escalate { .. }
        | ast::StepKind::IfIgnored(_)
        | ast::StepKind::Task { .. }
        | ast::StepKind::Wait(_)
        | ast::StepKind::RunWebhook(_)
        | ast::StepKind::RunFlow { .. }
        | ast::StepKind::Call(_)
        | ast::StepKind::RemoveAccess
        | ast::StepKind::DisableUser
        | ast::StepKind::SuspendUser
        | ast::StepKind::DeleteUser
        | ast::StepKind::AddToGroup(_)
        | ast::StepKind::RemoveFromGroup(_)
        | ast::StepKind::AssignRole(_)
        | ast::StepKind::UnassignRole(_)
        | ast::StepKind::Set { .. }
        | ast::StepKind::Verify { .. }
        | ast::StepKind::AllOf(_)
        | ast::StepKind::Snooze(_)
        | ast::StepKind::Damaged => None,
    }
}
