//! Events with every name known and every value typed.

use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Attribute, Event, EventKind, Field, Level, Origin, SubjectKind};
use crate::syntax::ast;
use crate::text::{Span, Spanned};

impl Cx<'_> {
    /// The events of a clause; `None` when one of them cannot happen as it is written.
    pub(super) fn events(
        &mut self,
        events: Option<&[ast::Event]>,
        about: About<'_>,
    ) -> Option<Vec<Event>> {
        let (mut checked, mut broken) = (Vec::<Event>::new(), false);
        for event in events.unwrap_or_default() {
            let Some(kind) = self.event(event, about) else {
                broken = true;
                continue;
            };
            if let Some(first) = checked.iter().find(|known| known.kind == kind) {
                self.event_twice(event.span, first.span);
            }
            checked.push(Event { kind, span: event.span });
        }
        (!broken).then_some(checked)
    }

    pub(super) fn event(
        &mut self,
        event: &ast::Event,
        about: About<'_>,
    ) -> Option<EventKind> {
        Some(match &event.kind {
            ast::EventKind::UserCreated(origins) => {
                EventKind::UserCreated(plain(origins))
            }
            ast::EventKind::UserUpdated(origins) => {
                EventKind::UserUpdated(plain(origins))
            }
            ast::EventKind::MfaUpdated(origins) => EventKind::MfaUpdated(plain(origins)),
            ast::EventKind::UserSuspended => EventKind::UserSuspended,
            ast::EventKind::Changed { attribute, from, to } => {
                return self.changed(attribute, (from, to), about);
            }
            ast::EventKind::Joined(groups) => EventKind::Joined(self.groups(groups)?),
            ast::EventKind::Left(groups) => EventKind::Left(self.groups(groups)?),
            ast::EventKind::AccessRejected => {
                self.about_access(event.span, about)?;
                EventKind::AccessRejected
            }
            ast::EventKind::AccessExpired => {
                self.about_access(event.span, about)?;
                EventKind::AccessExpired
            }
            ast::EventKind::Named(name) => EventKind::Named(name.value.clone()),
            ast::EventKind::Request(path) => EventKind::Request(path.value.clone()),
            ast::EventKind::Damaged => return None,
        })
    }

    fn changed(
        &mut self,
        path: &ast::Path,
        (from, to): (&[Spanned<ast::Value>], &[Spanned<ast::Value>]),
        about: About<'_>,
    ) -> Option<EventKind> {
        let mut found = self.attribute(path, about)?;
        let plain = from.is_empty() && to.is_empty();
        let told = self.told(&found.attribute, (path, plain));
        // All are checked even when the first is wrong: each mistake counts.
        let from: Vec<_> =
            from.iter().map(|value| self.value(&mut found, value)).collect();
        let to: Vec<_> = to.iter().map(|value| self.value(&mut found, value)).collect();
        told?;
        Some(EventKind::Changed {
            attribute: found.attribute,
            from: from.into_iter().collect::<Option<Vec<_>>>()?,
            to: to.into_iter().collect::<Option<Vec<_>>>()?,
        })
    }

    /// Whether anybody tells when the attribute changes; `plain` is where no value is named.
    fn told(
        &mut self,
        attribute: &Attribute,
        (path, plain): (&ast::Path, bool),
    ) -> Option<()> {
        let Some((label, help)) = untold(attribute) else { return Some(()) };
        let written = self.snippet(path.span);
        let message = format!("nobody tells when `{written}` changes");
        let found = Diagnostic::error(Code::UntoldChange, path.span, message)
            .label(label)
            .help(help);
        let lifecycle = attribute.field == Field::LifecycleChangedAt && plain;
        self.report(match lifecycle {
            true => found.fix(path.span, "lifecycle"),
            false => found,
        });
        None
    }

    /// What happens to accounts and grants reaches no policy for users.
    fn about_access(&mut self, span: Span, about: About<'_>) -> Option<()> {
        if about.kind != SubjectKind::User {
            return Some(());
        }
        let written = self.snippet(span);
        let message = format!("`{written}` happens to accounts and grants");
        self.report(
            Diagnostic::error(Code::UnsupportedEvent, span, message)
                .label("the policy looks at users")
                .help("write `for accounts` or `for grants`"),
        );
        None
    }

    fn event_twice(&mut self, span: Span, first: Span) {
        let written = self.snippet(span);
        let message = format!("`{written}` stands twice in one list");
        self.report(
            Diagnostic::error(Code::DuplicateValue, span, message)
                .label("says nothing new")
                .and(first, "the first")
                .help("take one of them out"),
        );
    }
}

/// Why nobody tells when an attribute changes, and what to write instead.
fn untold(attribute: &Attribute) -> Option<(&'static str, &'static str)> {
    match (attribute.level, &attribute.field) {
        (_, Field::LastSeen | Field::LastLogin | Field::LastActivity) => Some((
            "a sign of life, which changes all the time",
            "a schedule finds who went quiet: write `every day` and `when inactive > 90d`",
        )),
        (Level::User, Field::Email) => Some((
            "who somebody is: another address is another user",
            "write `user created`",
        )),
        (Level::User, Field::CreatedAt) => {
            Some(("is so from the beginning", "write `user created`"))
        }
        (Level::User, Field::LifecycleChangedAt) => Some((
            "follows from the lifecycle",
            "the lifecycle is told of: write `lifecycle changed`",
        )),
        (Level::Account, Field::Username) => Some((
            "which account it is: another name is another account",
            "the app may tell of it: write `event \"NAME\"`, with the name of its event",
        )),
        (Level::Account | Level::Grant, Field::CreatedAt) => Some((
            "is so from the beginning",
            "ask how long ago it was: `every day` and `when since created_at > 30d`",
        )),
        (Level::Grant, Field::Permission) => Some((
            "which grant it is: another permission is another grant",
            "the app may tell of it: write `event \"NAME\"`, with the name of its event",
        )),
        (Level::Grant, Field::GrantedAt) => Some((
            "is so from the beginning",
            "ask how long ago it was: `every day` and `when since granted_at > 30d`",
        )),
        (Level::User | Level::Account | Level::Grant, _) => None,
    }
}

fn plain(origins: &[Spanned<Origin>]) -> Vec<Origin> {
    origins.iter().map(|origin| origin.value).collect()
}

/// Whether events are about somebody's lifecycle, so that they happen to people who are
/// long gone, too.
pub(super) fn about_lifecycle(events: &[Event]) -> bool {
    events.iter().any(|event| match &event.kind {
        EventKind::Changed { attribute, .. } => matches!(
            attribute.field,
            Field::Lifecycle | Field::LifecycleChangedAt | Field::IdentityState
        ),
        EventKind::UserCreated(_)
        | EventKind::UserUpdated(_)
        | EventKind::MfaUpdated(_)
        | EventKind::UserSuspended
        | EventKind::Joined(_)
        | EventKind::Left(_)
        | EventKind::AccessRejected
        | EventKind::AccessExpired
        | EventKind::Named(_)
        | EventKind::Request(_) => false,
    })
}
