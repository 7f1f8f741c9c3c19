//! The templates that are there without being declared. A template item of the same name
//! goes before.

use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{SubjectKind, Template};
use crate::syntax::ast::NameRef;
use crate::text::fold;
use std::sync::Arc;

/// One of them.
pub(super) struct BuiltIn {
    name: &'static str,
    subject: &'static str,
    body: &'static str,
    /// Whether it shows an account or its app, which a policy for users does not have.
    of_account: bool,
}

const ALL: &[BuiltIn] = &[
    BuiltIn {
        name: "review-request",
        subject: "Is {{ account.username }} in {{ app.label }} still needed?",
        body: "{{ account.username }} in {{ app.label }} is under review by the policy \
               {{ policy.name }}.\nPlease say whether the access is still needed.",
        of_account: true,
    },
    BuiltIn {
        name: "reminder",
        subject: "Still open: {{ account.username }} in {{ app.label }}",
        body: "The question about {{ account.username }} in {{ app.label }} is still open.\n\
               Please say whether the access is still needed.",
        of_account: true,
    },
    BuiltIn {
        name: "escalation",
        subject: "Nobody answered for {{ account.username }} in {{ app.label }}",
        body: "Those asked before did not answer for {{ account.username }} in \
               {{ app.label }}.\nPlease say whether the access is still needed.",
        of_account: true,
    },
    BuiltIn {
        name: "removal-under-way",
        subject: "Access to {{ app.label }} is being removed",
        body: "The access of {{ account.username }} to {{ app.label }} is being removed \
               by the policy {{ policy.name }}.",
        of_account: true,
    },
    BuiltIn {
        name: "removal-done",
        subject: "Access to {{ app.label }} was removed",
        body: "The access of {{ account.username }} to {{ app.label }} was removed by the \
               policy {{ policy.name }}.",
        of_account: true,
    },
    BuiltIn {
        name: "kept",
        subject: "Access to {{ app.label }} stays",
        body: "{{ account.username }} keeps the access to {{ app.label }}.",
        of_account: true,
    },
    BuiltIn {
        name: "password-about-to-expire",
        subject: "Your password is about to expire",
        body: "The password of {{ user.email }} expires on \
               {{ user.password_expires_at | date }}.\nPlease choose a new one before then.",
        of_account: false,
    },
    BuiltIn {
        name: "password-expired",
        subject: "Your password has expired",
        body: "The password of {{ user.email }} expired on \
               {{ user.password_expires_at | date }}.\nPlease choose a new one.",
        of_account: false,
    },
    BuiltIn {
        name: "password-changed",
        subject: "Your password was changed",
        body: "The password of {{ user.email }} was changed on \
               {{ user.password_changed_at | date }}.\nIf that was not you, tell your \
               administrators.",
        of_account: false,
    },
];

/// What a `notify` without words of its own says.
pub(super) const NOTICE: &str = "notice";

/// What the admin is told of a run that failed or is held.
pub(super) const RUN_FAILED: &str = "run-failed";

/// The words of reports, by what the policy that they are of looks for and does.
const REPORTS: [&str; 5] = [
    "report",
    "dormant-users-report",
    "dormant-users-disabled-report",
    "dormant-users-deleted-report",
    "passwords-about-to-expire-report",
];

/// Whether that is the name of the words of a report.
pub(super) fn is_of_report(name: &str) -> bool {
    REPORTS.contains(&fold(name).as_str())
}

/// The names of all of them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|template| template.name)
}

/// Whether a template of that name takes the place of words that are there without being
/// declared. Those of a notice and of a run that failed hang on what they are about, so there
/// is no text of them that `with` could name.
pub(crate) fn is_built_in(name: &str) -> bool {
    find(name).is_some()
        || [NOTICE, RUN_FAILED].contains(&fold(name).as_str())
        || is_of_report(name)
}

/// The built-in template of that name.
pub(super) fn find(name: &str) -> Option<&'static BuiltIn> {
    let key = fold(name);
    ALL.iter().find(|template| template.name == key)
}

impl Cx<'_> {
    /// The words of reports that are declared.
    pub(super) fn report_words(&self) -> Vec<Arc<Template>> {
        let declared = REPORTS.iter().filter_map(|name| self.templates.get(*name));
        declared.filter_map(|(_, template)| template.clone()).collect()
    }

    /// A built-in template for a policy's subjects, where it fits them.
    pub(super) fn built_in(
        &mut self,
        found: &BuiltIn,
        name: &NameRef,
        about: About<'_>,
    ) -> Option<Arc<Template>> {
        if found.of_account && about.kind == SubjectKind::User {
            let message = format!("`{}` is about an account", found.name);
            self.report(
                Diagnostic::error(Code::UnknownVariable, name.name.span, message)
                    .label("the policy looks at users")
                    .help("declare a template of your own that shows `user` only"),
            );
            return None;
        }
        Some(Arc::new(Template {
            name: found.name.to_owned(),
            subject: found.subject.to_owned(),
            body: found.body.to_owned(),
        }))
    }
}
