//! Templates that every project has: a template of the same name takes their place.

use crate::ir::Template;

/// Name, subject and text of each.
pub(super) const TEMPLATES: &[(&str, &str, &str)] = &[
    (
        "password-about-to-expire",
        "Your password is about to expire",
        "Hello {{ user.given_name }},\n\nyour password expires on \
         {{ user.password_expires_at | date }}. Please choose a new one before.",
    ),
    (
        "password-expired",
        "Your password has expired",
        "Hello {{ user.given_name }},\n\nyour password expired on \
         {{ user.password_expires_at | date }}. Please choose a new one.",
    ),
    (
        "password-changed",
        "Your password was changed",
        "Hello {{ user.given_name }},\n\nyour password was changed on \
         {{ user.password_changed_at | date }}. If that was not you, tell your administrator.",
    ),
];

/// The template of that name, in any case.
pub(super) fn template(folded: &str) -> Option<Template> {
    let (name, subject, body) =
        TEMPLATES.iter().find(|(name, _, _)| *name == folded).copied()?;
    Some(Template {
        name: name.to_owned(),
        subject: subject.to_owned(),
        body: body.to_owned(),
    })
}
