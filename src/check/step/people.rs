//! The people in steps, and the words that they read.

use crate::check::link::is_question;
use crate::check::name::{Kind, quoted};
use crate::check::template;
use crate::check::variable::Shown;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Message, SubjectKind, Template, ValueKind, Who};
use crate::syntax::ast::{self, NameRef};
use crate::text::{Span, Spanned, fold, nearest};
use std::sync::Arc;

const PEOPLE: [&str; 5] = ["owner", "manager", "app owner", "reviewers", "admin"];

impl Cx<'_> {
    pub(in crate::check) fn people(
        &mut self,
        who: &[ast::Who],
        about: About<'_>,
    ) -> Option<Vec<Who>> {
        let people: Vec<Option<Who>> =
            who.iter().map(|who| self.who(who, about)).collect();
        people.into_iter().collect()
    }

    /// A person of a policy.
    pub(in crate::check) fn who(
        &mut self,
        who: &ast::Who,
        about: About<'_>,
    ) -> Option<Who> {
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
            let words = fold(written).replace(['-', '_', '.'], " ");
            let near = nearest(&words, PEOPLE).into_iter().next();
            let group = self.spelled(written, Kind::Group);
            finding = match near.map(str::to_owned).or(group) {
                Some(near) if PEOPLE.contains(&near.as_str()) => {
                    finding.help(format!("write `{near}`")).maybe(path.span, near)
                }
                Some(group) => {
                    let right = format!("group {}", quoted(&group));
                    finding
                        .label("the name of a group")
                        .help(format!("write `{right}`"))
                        .maybe(path.span, right)
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
                            quoted(name)
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

    /// What a step says. One without words of its own takes the template that was declared
    /// under its occasion's name, where there is one.
    pub(super) fn message(
        &mut self,
        message: Option<&ast::Message>,
        occasion: Option<(&str, Span)>,
        about: About<'_>,
    ) -> Option<Message> {
        match message {
            None => {
                let Some((name, step)) = occasion else { return Some(Message::BuiltIn) };
                self.own_words(name, step, about)
            }
            Some(ast::Message::Text(text)) => {
                let good = self.own_text(text, occasion, about);
                good.then(|| Message::Text(text.value.clone()))
            }
            // The name of what is said anyway.
            Some(ast::Message::Template(name))
                if occasion.is_some_and(|(usual, _)| usual == fold(&name.name.value))
                    && !self.templates.contains_key(&fold(&name.name.value)) =>
            {
                self.one_name(name, Kind::Template)?;
                Some(Message::BuiltIn)
            }
            Some(ast::Message::Template(name)) => {
                let template = self.template_named(name, about)?;
                self.template_fits(
                    &fold(&name.name.value),
                    (name.name.span, "template"),
                    (is_question(occasion), about),
                )?;
                Some(Message::Template(template))
            }
        }
    }

    /// What is said on an occasion: the template that was declared under its name, where
    /// there is one.
    pub(in crate::check) fn own_words(
        &mut self,
        occasion: &str,
        used: Span,
        about: About<'_>,
    ) -> Option<Message> {
        let Some((_, template)) = self.templates.get(occasion) else {
            return Some(Message::BuiltIn);
        };
        let template = template.clone()?;
        let what = format!("template `{occasion}`");
        let asks = is_question(Some((occasion, used)));
        self.template_fits(occasion, (used, &what), (asks, about))?;
        Some(Message::Template(template))
    }

    fn template_fits(
        &mut self,
        key: &str,
        (place, what): (Span, &str),
        (asks, about): (bool, About<'_>),
    ) -> Option<()> {
        let shown = self.shown_by_templates.get(key).copied().unwrap_or_default();
        self.asks((place, what), shown, asks)?;
        self.fits(place, what, shown, about)
    }

    fn template_named(
        &mut self,
        name: &NameRef,
        about: About<'_>,
    ) -> Option<Arc<Template>> {
        self.one_name(name, Kind::Template)?;
        if template::is_of_report(&name.name.value) {
            let message = format!("`{}` is said by reports alone", name.name.value);
            self.report(
                Diagnostic::error(Code::WrongKind, name.name.span, message)
                    .label("about many, and this is about one")
                    .help("write a template with another name"),
            );
            return None;
        }
        let known = self.templates.get(&fold(&name.name.value));
        let Some((_, template)) = known else {
            if let Some(found) = template::find(&name.name.value) {
                return self.built_in(found, name, about);
            }
            let written = &name.name.value;
            if self.snippet(name.name.span).starts_with('"')
                && self.near(written, Kind::Template).is_empty()
            {
                self.text_behind_with(&name.name);
            } else {
                self.unknown(&name.name, Kind::Template);
            }
            return None;
        };
        template.clone()
    }

    /// `with "Hello"`: a text stands there without `with`.
    fn text_behind_with(&mut self, name: &Spanned<String>) {
        let span = name.span;
        let message = format!("no template named `{}`", name.value);
        let finding = Diagnostic::error(Code::UnknownTemplate, span, message)
            .label("not in these files");
        let written = self.snippet(span);
        let text = self.sources.get(span.file).map_or("", |file| file.text.as_str());
        let before = text.get(..span.start as usize).unwrap_or_default().trim_end();
        let finding =
            finding.help(format!("a text stands without `with`: write `{written}`"));
        let Some(start) = before.strip_suffix("with").map(str::len) else {
            return self.report(finding);
        };
        let with = Span::new(span.file, start, span.start as usize);
        // No template is called so; one word could be the name of one yet to be written.
        self.report(if name.value.trim().contains(' ') {
            finding.fix(with, "")
        } else {
            finding.maybe(with, "")
        });
    }

    /// Whether what a template or a flow shows is what a policy's subjects have.
    pub(in crate::check) fn fits(
        &mut self,
        used: Span,
        what: &str,
        shown: Shown,
        about: About<'_>,
    ) -> Option<()> {
        let Some((place, lack)) = shown.unfit(about.kind) else { return Some(()) };
        let path = self.snippet(place);
        let message = format!("`{path}` means nothing in {}", lack.policy);
        self.report(
            Diagnostic::error(Code::UnknownVariable, used, message)
                .label(format!("this {what} shows it"))
                .and(place, "shown here")
                .help(format!("use a {what} that shows {}", lack.instead)),
        );
        None
    }
}
