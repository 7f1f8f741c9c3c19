//! What stands between `{{` and `}}`.

use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Level, SubjectKind};
use crate::text::{Span, nearest};

/// What messages can show, by context. Attributes that came with the data are added to
/// `user` and `account`.
pub const VARIABLES: &[(&str, &[&str])] = &[
    (
        "user",
        &[
            "email",
            "username",
            "given_name",
            "family_name",
            "name",
            "status",
            "department",
            "title",
            "manager",
            "lifecycle",
            "lifecycle_changed_at",
            "identity_state",
            "created_at",
            "password_changed_at",
            "password_expires_at",
            "locale",
            "last_seen",
        ],
    ),
    (
        "account",
        &[
            "username",
            "status",
            "created_at",
            "expires_at",
            "owner",
            "last_login",
            "last_activity",
            "last_seen",
        ],
    ),
    ("app", &["name", "label", "instance_id", "owner"]),
    ("grant", &["permission", "granted_at", "expires_at"]),
    ("permission", &["label", "type", "source"]),
    ("policy", &["name", "title"]),
    ("run", &["id", "subject", "opened_at", "closes_at", "state", "why"]),
    ("webhook", &["msg"]),
    ("review", &["link"]),
];

/// What the words of a report can show: it is about many.
const OF_REPORT: &[(&str, &[&str])] = &[
    (
        "report",
        &[
            "to",
            "at",
            "in_scope",
            "matched",
            "opened",
            "done",
            "failed",
            "undecided",
            "already_so",
            "subjects",
            "changes",
            "troubles",
        ],
    ),
    ("policy", &["name", "title"]),
];

/// What can be done to a value before it is shown.
const FILTERS: &[&str] = &[
    "capitalize",
    "date",
    "datetime",
    "default",
    "lower",
    "title",
    "tojson",
    "trim",
    "upper",
    "urlencode",
];

/// What a text shows that not every policy's subjects have: where first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    /// Something of an account or its app.
    account: Option<Span>,
    /// Something of a grant or its permission.
    grant: Option<Span>,
    /// The link of a review.
    pub(super) link: Option<Span>,
}

/// What a policy's subjects lack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lack {
    /// Which policy it is.
    pub(super) policy: &'static str,
    /// What is not there.
    label: &'static str,
    /// What could be shown instead.
    pub(super) instead: &'static str,
}

impl Shown {
    fn of(root: &str, place: Span) -> Self {
        match root {
            "account" | "app" => Self { account: Some(place), ..Self::default() },
            "grant" | "permission" => Self { grant: Some(place), ..Self::default() },
            "review" => Self { link: Some(place), ..Self::default() },
            _ => Self::default(),
        }
    }

    /// The first of both.
    fn or(self, other: Self) -> Self {
        Self {
            account: self.account.or(other.account),
            grant: self.grant.or(other.grant),
            link: self.link.or(other.link),
        }
    }

    /// What of it subjects of a kind do not have, if there is such a thing.
    pub(super) fn unfit(self, kind: SubjectKind) -> Option<(Span, Lack)> {
        let lack = |policy, label, instead| Lack { policy, label, instead };
        match kind {
            SubjectKind::Grant => None,
            SubjectKind::Account => {
                let instead = "something of `account`, `app` or `user`";
                let lack = lack("a policy for accounts", "only a grant has it", instead);
                Some((self.grant?, lack))
            }
            SubjectKind::User => {
                let instead = "something of `user`";
                let lack = lack("a policy for users", "there is no account", instead);
                Some((self.account.or(self.grant)?, lack))
            }
        }
    }
}

impl Cx<'_> {
    /// Whether a text in quotes shows only what there is; findings point into the text.
    pub(super) fn variables(&mut self, span: Span, about: About<'_>) -> bool {
        let text = self.snippet(span);
        let mut good = true;
        let mut at = 0;
        while let Some((sign, start)) = opening(text, at) {
            let place = |from: usize, to: usize| {
                let first = span.start as usize;
                Span::new(span.file, first + from, first + to)
            };
            if sign != "{{" {
                let message = format!("a message cannot hold `{sign}`");
                self.report(
                    Diagnostic::error(Code::BadText, place(start, start + 2), message)
                        .label("the beginning of a statement or a comment")
                        .help(
                            "messages show values, `{{ user.email }}`, and nothing else",
                        ),
                );
                return false;
            }
            let rest = text.get(start + 2..).unwrap_or_default();
            let Some(length) = rest.find("}}") else {
                self.report(
                    Diagnostic::error(
                        Code::BadText,
                        place(start, start + 2),
                        "a `{{` is never closed",
                    )
                    .label("opened here")
                    .help("write `}}` behind the name"),
                );
                return false;
            };
            let inner = rest.get(..length).unwrap_or_default();
            good &= self.expression(inner, place(start + 2, start + 2 + length), about);
            at = start + 2 + length + 2;
        }
        good
    }

    /// A name, and filters behind `|`.
    fn expression(&mut self, text: &str, base: Span, about: About<'_>) -> bool {
        let mut good = true;
        let all = parts(text);
        let first = all.first().map_or("", |(part, _)| *part);
        for (position, (part, at)) in all.iter().copied().enumerate() {
            let start = base.start as usize + at;
            let place = Span::new(base.file, start, start + part.len());
            let name = part.split('(').next().unwrap_or_default().trim();
            good &= position == 0 || self.unchanged(first, name, place);
            good &= match (position, part.split_once('(')) {
                (0, None) if is_path(part) => self.variable(part, place, about),
                (0, _) => self.no_name(part, place),
                (_, None) if part == "default" => self.no_default(place),
                (_, None) => self.filter(part, place),
                (_, Some((name, given))) if name.trim() == "default" => {
                    is_text(given) || self.no_default(place)
                }
                (_, Some((name, _))) => {
                    self.filter(name.trim(), place) && self.nothing_given(name, place)
                }
            };
        }
        good
    }

    fn no_name(&mut self, part: &str, place: Span) -> bool {
        let message = match part {
            "" => "nothing stands between `{{` and `}}`".to_owned(),
            part => format!("`{part}` is no name of something to show"),
        };
        self.report(
            Diagnostic::error(Code::UnknownVariable, place, message)
                .label("a name is due here")
                .help(
                    "write a name such as `user.email`, and filters behind it: \
                     `{{ user.department | default('none') }}`",
                ),
        );
        false
    }

    fn no_default(&mut self, place: Span) -> bool {
        self.report(
            Diagnostic::error(
                Code::BadText,
                place,
                "`default` says what to show instead",
            )
            .label("a text is due in its parentheses")
            .help("write `default('none')`, for example"),
        );
        false
    }

    fn nothing_given(&mut self, name: &str, place: Span) -> bool {
        let name = name.trim();
        let message = format!("`{name}` takes nothing");
        self.report(
            Diagnostic::error(Code::BadText, place, message)
                .label("no parentheses here")
                .help(format!("write `{name}`"))
                .maybe(place, name),
        );
        false
    }

    fn filter(&mut self, name: &str, place: Span) -> bool {
        if FILTERS.contains(&name) {
            return true;
        }
        let message = format!("no filter named `{name}`");
        let mut finding =
            Diagnostic::error(Code::UnknownVariable, place, message).label("not known");
        finding = match nearest(name, FILTERS.iter().copied()).first() {
            Some(near) => finding.help(format!("write `{near}`")).maybe(place, *near),
            None => finding.help(format!("the filters are {}", FILTERS.join(", "))),
        };
        self.report(finding);
        false
    }

    fn variable(&mut self, path: &str, place: Span, about: About<'_>) -> bool {
        if self.given.iter().any(|name| name == path) {
            return true;
        }
        let mut parts = path.split('.');
        let root = parts.next().unwrap_or_default();
        let Some((_, names)) = self.roots().iter().find(|(known, _)| *known == root)
        else {
            self.unknown_root(path, root, place);
            return false;
        };
        let shown = Shown::of(root, place);
        self.shown = self.shown.or(shown);
        if let Some((_, lack)) = shown.unfit(about.kind) {
            let message = format!("`{path}` means nothing in {}", lack.policy);
            self.report(
                Diagnostic::error(Code::UnknownVariable, place, message)
                    .label(lack.label)
                    .help(format!("show {}", lack.instead)),
            );
            return false;
        }
        let level = match root {
            "user" => Some(Level::User),
            "account" => Some(Level::Account),
            _ => None,
        };
        let custom = self.catalog.custom.iter().filter(|it| level == Some(it.level));
        let declared = self.nowhere().filter(|it| level == Some(it.level));
        let custom: Vec<&str> = custom
            .map(|custom| custom.name.as_str())
            .chain(declared.map(|declared| declared.field.name()))
            .collect();
        let known = || names.iter().copied().chain(custom.iter().copied());
        let rest = parts.collect::<Vec<_>>().join(".");
        if rest.is_empty() {
            let message = format!("`{root}` alone cannot be shown");
            self.report(
                Diagnostic::error(Code::UnknownVariable, place, message)
                    .label("which part of it")
                    .help(format!(
                        "write `{root}.{}`, for example",
                        names.first().unwrap_or(&"")
                    )),
            );
            return false;
        }
        if root == "review" && known().any(|name| name == rest) {
            return self.linked(path, place);
        }
        if known().any(|name| name == rest) || self.catalog.assume && level.is_some() {
            return true;
        }
        let message = format!("`{root}` has no `{rest}`");
        let mut finding = Diagnostic::error(Code::UnknownVariable, place, message)
            .label("not known here");
        finding = if let Some(near) = nearest(&rest, known()).first() {
            let right = format!("{root}.{near}");
            finding.help(format!("write `{right}`")).maybe(place, right)
        } else {
            let list: Vec<String> = known().map(|name| format!("`{name}`")).collect();
            finding.help(format!("it has {}", list.join(", ")))
        };
        self.report(finding);
        false
    }

    /// What the text that is being read can show.
    fn roots(&self) -> &'static [(&'static str, &'static [&'static str])] {
        if self.of_report { OF_REPORT } else { VARIABLES }
    }

    fn unknown_root(&mut self, path: &str, root: &str, place: Span) {
        if self.of_report && VARIABLES.iter().any(|(known, _)| *known == root) {
            let message = format!("`{path}` means nothing in a report");
            self.report(
                Diagnostic::error(Code::UnknownVariable, place, message)
                    .label("a report is about many")
                    .help("show something of `report`, such as `{{ report.subjects }}`"),
            );
            return;
        }
        let roots = self.roots().iter().map(|(root, _)| *root);
        let mut finding = Diagnostic::error(
            Code::UnknownVariable,
            place,
            format!("`{path}` cannot be shown"),
        )
        .label("not known here");
        let owners: Vec<String> = self
            .roots()
            .iter()
            .filter(|(_, names)| names.contains(&path))
            .map(|(known, _)| format!("{known}.{path}"))
            .collect();
        let given = nearest(path, self.given.iter().map(String::as_str));
        if let Some(near) = given.first() {
            finding = finding.help(format!("write `{near}`")).maybe(place, *near);
        } else if let Some(owner) = owners.first() {
            finding =
                finding.help(format!("write `{owner}`")).maybe(place, owner.as_str());
        } else if let Some(near) = nearest(root, roots.clone()).first() {
            let rest = path.strip_prefix(root).unwrap_or_default();
            let right = format!("{near}{rest}");
            finding = finding.help(format!("write `{right}`")).maybe(place, right);
        } else {
            let list: Vec<String> = roots.map(|root| format!("`{root}.…`")).collect();
            finding = finding.help(format!("messages can show {}", list.join(", ")));
        }
        self.report(finding);
    }
}

/// The next sign of the template language from a place on, and where it stands.
fn opening(text: &str, from: usize) -> Option<(&'static str, usize)> {
    let rest = text.get(from..)?;
    let found = ["{{", "{%", "{#"].map(|sign| Some((sign, from + rest.find(sign)?)));
    found.into_iter().flatten().min_by_key(|(_, at)| *at)
}

/// What stands between the `|`s outside of quotes, without the blanks around it, each with
/// its place.
fn parts(text: &str) -> Vec<(&str, usize)> {
    let mut ends = Vec::new();
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            None if letter == '|' => ends.push(at),
            None => {}
        }
    }
    ends.push(text.len());
    let mut start = 0;
    let mut parts = Vec::with_capacity(ends.len());
    for end in ends {
        let part = text.get(start..end).unwrap_or_default();
        let blanks = part.len() - part.trim_start().len();
        parts.push((part.trim(), start + blanks));
        start = end + 1;
    }
    parts
}

/// `user.email`: words between dots.
fn is_path(text: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
            && word.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    text.split('.').all(word)
}

/// `'none')`: one text in quotes of one kind, and the end.
fn is_text(given: &str) -> bool {
    let Some(inner) = given.trim().strip_suffix(')') else { return false };
    let inner = inner.trim().replace("\\\"", "\"");
    ["'", "\""].iter().any(|quote| {
        let within = inner.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        within.is_some_and(|within| !within.contains(quote) && !within.contains('\\'))
    })
}
