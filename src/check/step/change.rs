//! Steps that change accounts and users.

use crate::check::attribute::split;
use crate::check::name::quoted;
use crate::check::words::folded;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Field, Level, RoleRef, StepKind, SubjectKind};
use crate::syntax::ast::{self, NameRef};
use crate::text::{Span, Spanned, fold};

impl Cx<'_> {
    /// A step that needs an account, or a grant of one.
    pub(super) fn on_account(
        &mut self,
        step: &ast::Step,
        kind: StepKind,
        about: About<'_>,
    ) -> Option<StepKind> {
        if about.kind != SubjectKind::User {
            return Some(kind);
        }
        let written = folded(self.snippet(step.span));
        let written = written.strip_suffix(" or skip").unwrap_or(&written);
        let start = step.span.start as usize;
        let place = Span::new(step.span.file, start, start + written.len());
        let message = format!("`{written}` needs an account");
        let finding = Diagnostic::error(Code::UnsupportedStep, step.span, message)
            .label("the policy looks at users");
        let fits = match kind {
            StepKind::DisableAccount => Some("disable user"),
            StepKind::DeleteAccount => Some("delete user"),
            _ => None,
        };
        if matches!(kind, StepKind::RunWebhook(_)) {
            self.report(finding.help(
                "look at accounts with `for accounts`: a webhook tells of one account, and \
                 each gets its own; `run flow` and `call` fit users",
            ));
            return None;
        }
        let whole = self.snippet(place) == written;
        self.report(match fits {
            Some(fits) if whole => finding
                .help(format!("write `{fits}`, or look at accounts with `for accounts`"))
                .maybe(place, fits),
            Some(fits) => finding
                .help(format!("write `{fits}`, or look at accounts with `for accounts`")),
            None => finding.help(
                "look at accounts with `for accounts`; what fits users is `disable user`, \
                 `suspend user`, `delete user`, `unassign role`, `remove from group` and \
                 `end sessions`",
            ),
        });
        None
    }

    /// The only role of a step.
    pub(super) fn one_role(
        &mut self,
        step: &ast::Step,
        names: &[NameRef],
    ) -> Option<RoleRef> {
        let assigns = matches!(step.kind, ast::StepKind::AssignRole(_));
        let (head, verb) = if assigns {
            ("assign role", "assigned")
        } else {
            ("unassign role", "taken away")
        };
        let roles = self.roles(names)?;
        if let Some(second) = names.get(1) {
            let steps: Vec<String> = names
                .iter()
                .map(|name| {
                    let name = self.snippet(name.name.span);
                    if step.or_skip {
                        format!("{head} {name} or skip")
                    } else {
                        format!("{head} {name}")
                    }
                })
                .collect();
            let steps = steps.join(", ");
            let message =
                format!("one step is for one role, and this names {}", names.len());
            self.report(
                Diagnostic::error(Code::TwoRoles, second.name.span, message)
                    .label("one more role")
                    .help(format!("write `{steps}`"))
                    .fix(step.span, steps),
            );
            return None;
        }
        let role = roles.into_iter().next()?;
        let default = self.catalog.roles.iter().any(|it| it.id == role.id && it.default);
        if default && let Some(name) = names.first() {
            let message = format!("`{}` is a role that everybody holds", role.name);
            self.report(
                Diagnostic::error(Code::DefaultRole, name.name.span, message)
                    .label(format!("a default role cannot be {verb}"))
                    .help("take the step out, or name another role"),
            );
            return None;
        }
        Some(role)
    }

    /// `set ATTRIBUTE = VALUE`, on the user.
    pub(in crate::check) fn set(
        &mut self,
        path: &ast::Path,
        value: &Spanned<ast::Value>,
        about: About<'_>,
    ) -> Option<StepKind> {
        let (level, name) = split(path);
        let all = self.candidates(&name);
        let fits = |known: Level| level.is_none_or(|level| level == known);
        let of_user = all.iter().any(|it| it.level == Level::User && fits(it.level));
        if !of_user && all.iter().any(|it| fits(it.level)) {
            let written = self.snippet(path.span);
            let message = format!("`{written}` is no attribute of a user");
            self.report(
                Diagnostic::error(Code::ReadOnlyAttribute, path.span, message)
                    .label("only attributes of users can be set")
                    .help("an account is changed with steps such as `disable account`, in its app"),
            );
            return None;
        }
        let about = About { kind: SubjectKind::User, ..about };
        let mut found = self.attribute(path, about)?;
        self.can_be_set(&found.attribute.field, path, value)?;
        let value = self.value(&mut found, value)?;
        Some(StepKind::Set { attribute: found.attribute, value })
    }

    /// Refuses attributes that follow from something else.
    fn can_be_set(
        &mut self,
        field: &Field,
        path: &ast::Path,
        value: &Spanned<ast::Value>,
    ) -> Option<()> {
        let (why, help) = match field {
            Field::IdentityState => (
                "it follows from the lifecycle state",
                "write `set lifecycle …`: each lifecycle state says which identity state it means",
            ),
            Field::LifecycleChangedAt => {
                ("it follows from the lifecycle state", "write `set lifecycle …`")
            }
            Field::Email => (
                "it says who somebody is",
                "change the address where people come from, and import them again",
            ),
            Field::Status => return self.status_step(path, value),
            Field::LastSeen | Field::LastLogin | Field::LastActivity => {
                ("it follows from what people do", "activity comes with an import")
            }
            Field::CreatedAt | Field::PasswordChangedAt | Field::GrantedAt => {
                ("it says what has happened", "an import brings it")
            }
            Field::PasswordExpiresAt => (
                "it follows from the rules for passwords",
                "write `require password change` to make somebody choose a new one",
            ),
            Field::Owner | Field::ExpiresAt | Field::Permission => {
                ("it is not the user's", "only attributes of users can be set")
            }
            Field::Username
            | Field::GivenName
            | Field::FamilyName
            | Field::Department
            | Field::Title
            | Field::Manager
            | Field::Lifecycle
            | Field::Locale
            | Field::Custom { .. } => return Some(()),
        };
        self.read_only(path, why, help);
        None
    }

    fn read_only(&mut self, path: &ast::Path, why: &str, help: &str) {
        let written = self.snippet(path.span);
        let message = format!("`{written}` cannot be set");
        self.report(
            Diagnostic::error(Code::ReadOnlyAttribute, path.span, message)
                .label(why)
                .help(help),
        );
    }

    /// A status changes with a step of its own.
    fn status_step(
        &mut self,
        path: &ast::Path,
        value: &Spanned<ast::Value>,
    ) -> Option<()> {
        let step = match &value.value {
            ast::Value::Words(word) | ast::Value::Text(word) => match fold(word).as_str()
            {
                "suspended" => Some("suspend user"),
                "disabled" => Some("disable user"),
                "deleted" => Some("delete user"),
                _ => None,
            },
            _ => None,
        };
        let help = match step {
            Some(step) => format!("write `{step}`"),
            None => "the steps are `suspend user`, `disable user` and `delete user`"
                .to_owned(),
        };
        self.read_only(path, "a status changes with a step of its own", &help);
        None
    }

    /// Names, one after the other.
    pub(super) fn listed(names: &[String]) -> String {
        let names: Vec<String> =
            names.iter().map(|name| format!("`{}`", quoted(name))).collect();
        match names.as_slice() {
            [] => "nothing".to_owned(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}
