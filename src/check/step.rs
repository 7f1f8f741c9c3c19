//! Steps, and the people in them.

use crate::check::name::Kind;
use crate::check::words::folded;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    Ignored, Message, Step, StepKind, SubjectKind, Template, ValueKind, Webhook, Who,
};
use crate::syntax::ast::{self, NameRef};
use crate::text::{Span, Spanned, fold, nearest};
use crate::time::{Duration, Length};
use std::sync::Arc;

/// How long people have to answer where nothing is said.
const WINDOW: Length = Length::Time(Duration::days(7));
const PEOPLE: [&str; 4] = ["owner", "manager", "reviewers", "admin"];

/// The steps of a policy.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) all: Vec<Step>,
    /// How many of them, from the first, are the review.
    pub(super) length: usize,
    pub(super) if_ignored: Ignored,
}

impl Cx<'_> {
    pub(super) fn steps(
        &mut self,
        steps: &[ast::Step],
        about: About<'_>,
    ) -> Option<Steps> {
        let mut checked = Steps {
            all: Vec::new(),
            length: 0,
            if_ignored: Ignored::Remove,
        };
        let mut ignored: Option<Span> = None;
        let mut last = None;
        let (mut asked, mut broken) = (false, false);
        for (at, step) in steps.iter().enumerate() {
            let next = steps.get(at + 1).and_then(escalation);
            let previous = at.checked_sub(1).and_then(|at| steps.get(at));
            let kind = match &step.kind {
                ast::StepKind::Ask { who, message, window, .. } => {
                    asked = true;
                    let window = self.window(window.as_ref().map(|it| it.value), next);
                    self.ask(who, message.as_ref(), window, about)
                }
                ast::StepKind::Notify { who, message } if next.is_some() => {
                    asked = true;
                    let window = self.window(None, next);
                    self.ask(who, message.as_ref(), window, about)
                }
                ast::StepKind::Notify { who, message } => {
                    let who = self.people(who, about);
                    let message = self.message(message.as_ref(), about);
                    who.zip(message)
                        .map(|(who, message)| StepKind::Notify { who, message })
                }
                ast::StepKind::Escalate { who, after, window } => {
                    self.escalate(step, previous);
                    let window = (window.map(|window| window.value), after.value);
                    self.escalated(who, window, next, about)
                }
                ast::StepKind::IfIgnored(outcome) => {
                    self.if_ignored(step.span, asked, broken, ignored);
                    if asked && ignored.is_none() {
                        checked.if_ignored = *outcome;
                        checked.length = checked.all.len();
                        last = Some(step);
                    }
                    ignored = ignored.or(Some(step.span));
                    continue;
                }
                ast::StepKind::Wait(length) => Some(StepKind::Wait(length.value)),
                ast::StepKind::RunWebhook(name) => {
                    self.webhook_named(name).map(StepKind::RunWebhook)
                }
                ast::StepKind::AddToGroup(names) => {
                    self.groups(names).map(StepKind::AddToGroup)
                }
                ast::StepKind::RemoveFromGroup(names) => {
                    self.groups(names).map(StepKind::RemoveFromGroup)
                }
                ast::StepKind::DisableAccount => {
                    self.needs_account(step, about).map(|()| StepKind::DisableAccount)
                }
                _ => None,
            };
            let Some(kind) = kind else {
                broken = true;
                continue;
            };
            let review = matches!(kind, StepKind::Ask { .. });
            let text = folded(self.snippet(step.span));
            checked
                .all
                .push(Step { kind, or_skip: step.or_skip, text, span: step.span });
            if review {
                checked.length = checked.all.len();
                last = Some(step);
            }
        }
        // Where nobody is asked there is no review; what is wrong then has been said.
        if let Some(last) = last.filter(|_| asked) {
            let review = checked.all.get(..checked.length).unwrap_or_default();
            self.inside_review(review, last);
        }
        (!broken).then_some(checked)
    }

    fn ask(
        &mut self,
        who: &[ast::Who],
        message: Option<&ast::Message>,
        window: Length,
        about: About<'_>,
    ) -> Option<StepKind> {
        let who = self.people(who, about);
        let message = self.message(message, about);
        Some(StepKind::Ask {
            who: who?,
            message: message?,
            window,
            remind: Vec::new(),
            escalation: false,
        })
    }

    /// The step of an escalation: whom it asks, with its `for` and its `after`.
    fn escalated(
        &mut self,
        who: &[ast::Who],
        (window, after): (Option<Length>, Length),
        next: Option<(Span, Spanned<Length>)>,
        about: About<'_>,
    ) -> Option<StepKind> {
        // Their own window: what they say, what the next escalation says, or the same time
        // that those before had.
        let said = window.or(next.is_none().then_some(after));
        let window = self.window_of_escalation(window, said, next);
        let who = self.people(who, about);
        who.map(|who| StepKind::Ask {
            who,
            message: Message::BuiltIn,
            window,
            remind: Vec::new(),
            escalation: true,
        })
    }

    /// The window of an `ask`: its own `for`, or what the escalation behind it says.
    fn window(
        &mut self,
        own: Option<Length>,
        next: Option<(Span, Spanned<Length>)>,
    ) -> Length {
        self.window_of_escalation(own, own, next)
    }

    fn window_of_escalation(
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

    fn escalate(&mut self, step: &ast::Step, previous: Option<&ast::Step>) {
        match previous.map(|previous| &previous.kind) {
            Some(
                ast::StepKind::Ask { .. }
                | ast::StepKind::Notify { .. }
                | ast::StepKind::Escalate { .. }
                | ast::StepKind::Damaged,
            ) => {}
            _ => self.report(
                Diagnostic::error(
                    Code::NothingToEscalate,
                    step.span,
                    "there is nothing to escalate",
                )
                .label("nobody is asked right before it")
                .help("write `ask owner,` or `notify owner,` before it"),
            ),
        }
    }

    fn if_ignored(&mut self, span: Span, asked: bool, broken: bool, first: Option<Span>) {
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

    fn needs_account(&mut self, step: &ast::Step, about: About<'_>) -> Option<()> {
        if about.kind == SubjectKind::Account {
            return Some(());
        }
        let written = folded(self.snippet(step.span));
        let message = format!("`{written}` needs an account");
        self.report(
            Diagnostic::error(Code::UnsupportedStep, step.span, message)
                .label("the policy looks at users")
                .help("write `for accounts`, or a step about users"),
        );
        None
    }

    pub(super) fn people(
        &mut self,
        who: &[ast::Who],
        about: About<'_>,
    ) -> Option<Vec<Who>> {
        let people: Vec<Option<Who>> =
            who.iter().map(|who| self.who(who, about)).collect();
        people.into_iter().collect()
    }

    /// A person of a policy.
    pub(super) fn who(&mut self, who: &ast::Who, about: About<'_>) -> Option<Who> {
        match &who.kind {
            ast::WhoKind::Email(email) => Some(Who::Email(email.clone())),
            ast::WhoKind::Group(name) => self.group(name).map(Who::Group),
            ast::WhoKind::AppOwner if about.kind == SubjectKind::User => {
                let message = "users have no `app owner`";
                self.report(
                    Diagnostic::error(Code::UnsupportedPerson, who.span, message)
                        .label("the policy looks at users")
                        .help("write `manager`, `admin` or an e-mail address"),
                );
                None
            }
            ast::WhoKind::AppOwner => Some(Who::AppOwner),
            ast::WhoKind::Word(path) => match path.parts.as_slice() {
                [word] if word == "owner" => Some(Who::Owner),
                [word] if word == "manager" => Some(Who::Manager),
                [word] if word == "reviewers" => Some(Who::Reviewers),
                [word] if word == "admin" => Some(Who::Admin),
                _ => self.who_by_attribute(path, about),
            },
        }
    }

    fn who_by_attribute(&mut self, path: &ast::Path, about: About<'_>) -> Option<Who> {
        let written = self.snippet(path.span);
        let exists = self.has_attribute(path);
        if !exists && !self.catalog.assume {
            let message = format!("nobody is called `{written}`");
            let mut finding = Diagnostic::error(Code::UnknownPerson, path.span, message)
                .label("neither a person nor an attribute");
            finding = match nearest(written, PEOPLE).first() {
                Some(near) => {
                    finding.help(format!("write `{near}`")).maybe(path.span, *near)
                }
                None => finding.help(
                    "people are `owner`, `manager`, `app owner`, `reviewers`, `admin`, \
                     an e-mail address or `group …`",
                ),
            };
            self.report(finding);
            return None;
        }
        let mut found = self.attribute(path, about)?;
        if found.assumed {
            found.attribute.kind = ValueKind::User;
        }
        if found.attribute.kind != ValueKind::User {
            let kind = crate::check::value::describe(found.attribute.kind);
            let message = format!("`{written}` is {kind}, and a person is due");
            let name = found.attribute.field.name();
            let custom = matches!(found.attribute.field, crate::ir::Field::Custom { .. });
            self.report(
                Diagnostic::error(Code::TypeMismatch, path.span, message)
                    .label(kind)
                    .help(if custom {
                        format!(
                            "declare it with `attribute {} user`, if it holds addresses",
                            crate::check::quoted(name)
                        )
                    } else {
                        "write `owner`, `manager`, `app owner`, `admin` or an e-mail address"
                            .to_owned()
                    }),
            );
            return None;
        }
        Some(Who::Attribute(found.attribute))
    }

    fn message(
        &mut self,
        message: Option<&ast::Message>,
        about: About<'_>,
    ) -> Option<Message> {
        match message {
            None => Some(Message::BuiltIn),
            Some(ast::Message::Text(text)) => {
                let good = self.variables(text.span, about);
                good.then(|| Message::Text(text.value.clone()))
            }
            Some(ast::Message::Template(name)) => {
                let template = self.template_named(name)?;
                self.fits_users(name, about)?;
                self.fits_all_but_grants(name, about)?;
                Some(Message::Template(template))
            }
        }
    }

    pub(super) fn webhook_named(&mut self, name: &NameRef) -> Option<Arc<Webhook>> {
        self.one_name(name, Kind::Webhook)?;
        let known = self.webhooks.get(&fold(&name.name.value));
        let Some((_, webhook)) = known else {
            self.unknown(&name.name, Kind::Webhook);
            return None;
        };
        webhook.clone()
    }

    fn template_named(&mut self, name: &NameRef) -> Option<Arc<Template>> {
        self.one_name(name, Kind::Template)?;
        let known = self.templates.get(&fold(&name.name.value));
        let Some((_, template)) = known else {
            self.unknown(&name.name, Kind::Template);
            return None;
        };
        template.clone()
    }

    /// Whether a template shows only what a policy's subjects have.
    fn fits_users(&mut self, name: &NameRef, about: About<'_>) -> Option<()> {
        let shown = self.of_accounts.get(&fold(&name.name.value)).copied();
        let Some(shown) = shown.filter(|_| about.kind == SubjectKind::User) else {
            return Some(());
        };
        let path = self.snippet(shown);
        let message = format!("`{path}` means nothing in a policy for users");
        self.report(
            Diagnostic::error(Code::UnknownVariable, name.name.span, message)
                .label("this template shows it")
                .and(shown, "shown here")
                .help("use a template that shows `user`, not `account` or `app`"),
        );
        None
    }
}

/// The time after which a step escalates, if it does, and where it stands.
fn escalation(step: &ast::Step) -> Option<(Span, Spanned<Length>)> {
    match &step.kind {
        ast::StepKind::Escalate { after, .. } => Some((step.span, *after)),
        _ => None,
    }
}
