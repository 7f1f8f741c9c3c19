//! Tests that stand beside policies: names, types, and whether they can mean anything.

use crate::check::attribute::split;
use crate::check::name::Kind;
use crate::check::value::describe;
use crate::check::{About, Cx};
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{
    AppId, Expect, Field, Happening, Level, Outcome, Policy, SubjectKind, TestCase,
    TestFact, TestSubject, TestSubjectKind, ValueKind,
};
use crate::syntax::ast::{self, Item};
use crate::text::{Span, Spanned, fold};
use crate::time::Duration;

/// What a fact says, apart from its value: none but these may stand more than once.
#[derive(PartialEq)]
enum Topic {
    Owner,
    Attribute(Level, String),
}

impl Cx<'_> {
    /// A test; `None` when something about it is wrong.
    pub(super) fn test_item(
        &mut self,
        test: &ast::Test,
        policies: &[Policy],
        item: &Item,
    ) -> Option<TestCase> {
        let before = self.made;
        if !item.damaged {
            self.parts_of_test(test);
        }
        let name = test.policy.as_ref().and_then(|name| self.policy_named(name));
        let policy = policies.iter().find(|policy| Some(&policy.name) == name.as_ref());
        let given: Vec<Option<TestSubject>> =
            test.given.iter().map(|given| self.given(given)).collect();
        if let Some(policy) = policy {
            self.fits_policy(test, policy);
        }
        let kind = policy.map(|policy| policy.scope.kind);
        let expects = self.expects(&test.expects, kind);
        if item.damaged || self.made > before {
            return None;
        }
        Some(TestCase {
            title: test.title.as_ref()?.value.clone(),
            policy: name?,
            span: test.title.as_ref()?.span,
            given: given.into_iter().collect::<Option<_>>()?,
            expects: expects?,
        })
    }

    /// Says what a test lacks.
    fn parts_of_test(&mut self, test: &ast::Test) {
        let head = test.title.as_ref().map_or(test.keyword, |title| title.span);
        let missing = if test.title.is_none() {
            ("words that say what it shows", "write `test \"an idle seller is asked\"`")
        } else if test.policy.is_none() {
            ("a `policy`", "write `policy NAME`, the one that it is about")
        } else if test.given.is_empty() {
            ("a `given`", "write `given account zoe in app Salesforce`, for example")
        } else if test.expects.is_empty() {
            ("an `expect`", "write `expect match`, for example")
        } else {
            return;
        };
        let (what, help) = missing;
        let label = what
            .split('`')
            .nth(1)
            .map_or("no title".to_owned(), |word| format!("no `{word}`"));
        self.report(
            Diagnostic::error(Code::MissingClause, head, format!("a test needs {what}"))
                .label(label)
                .help(help),
        );
    }

    /// The name of a policy of the files, in its own spelling.
    fn policy_named(&mut self, name: &ast::NameRef) -> Option<String> {
        self.one_name(name, Kind::Policy)?;
        let Some(head) = self.policies.get(&fold(&name.name.value)) else {
            self.unknown(&name.name, Kind::Policy);
            return None;
        };
        let written = self.snippet(*head);
        // A bare `when` has the name of its file.
        let own = written.trim_matches('"');
        let own =
            if fold(own) == fold(&name.name.value) { own } else { &name.name.value };
        Some(own.to_owned())
    }

    /// Some subject of a test is one that its policy looks at.
    fn fits_policy(&mut self, test: &ast::Test, policy: &Policy) {
        let kind = |given: &ast::Given| match given.kind {
            ast::GivenKind::Account { .. } => SubjectKind::Account,
            ast::GivenKind::User(_) => SubjectKind::User,
            ast::GivenKind::Grant { .. } => SubjectKind::Grant,
        };
        let due = policy.scope.kind;
        let Some(first) = test.given.first() else { return };
        if test.given.iter().any(|given| kind(given) == due) {
            return;
        }
        let (looks_at, write) = match due {
            SubjectKind::Account => ("accounts", "given account NAME in app A"),
            SubjectKind::User => ("users", "given user EMAIL"),
            SubjectKind::Grant => ("grants", "given grant P of account NAME in app A"),
        };
        let found = match kind(first) {
            SubjectKind::Account => "an account",
            SubjectKind::User => "a user",
            SubjectKind::Grant => "a grant",
        };
        let head = self.subject_span(first);
        let message = format!("the policy `{}` looks at {looks_at}", policy.name);
        self.report(
            Diagnostic::error(Code::UnfitSubject, head, message)
                .label(format!("{found} is none of its subjects"))
                .and(policy.span, "this policy")
                .help(format!("write `{write}`")),
        );
    }

    /// Where the subject of a `given` stands, without its facts.
    fn subject_span(&self, given: &ast::Given) -> Span {
        let end = match &given.kind {
            ast::GivenKind::Account { app, .. } | ast::GivenKind::Grant { app, .. } => {
                app.name.span
            }
            ast::GivenKind::User(name) => name.span,
        };
        let keyword = "given".len();
        let behind = self.snippet(given.span).get(keyword..).unwrap_or_default();
        let blanks = behind.len() - behind.trim_start().len();
        let start = given.span.start as usize + keyword + blanks;
        Span::new(given.span.file, start, end.end as usize)
    }

    fn given(&mut self, given: &ast::Given) -> Option<TestSubject> {
        let (kind, subject, apps) = self.subject(&given.kind);
        let about = About { kind: subject, apps: &apps };
        let owned = given.facts.iter().any(|fact| {
            matches!(fact.kind, ast::FactKind::Owner(_) | ast::FactKind::Damaged)
        });
        let mut facts = Vec::new();
        let mut said: Vec<(Topic, Span)> = Vec::new();
        let mut good = kind.is_some();
        for fact in &given.facts {
            let Some(checked) = self.fact(fact, about, owned) else {
                good = false;
                continue;
            };
            let once = match &checked {
                TestFact::Owner(_) => Some(Topic::Owner),
                TestFact::Is(attribute, _) | TestFact::Ago(attribute, _) => {
                    Some(Topic::Attribute(attribute.level, fold(attribute.field.name())))
                }
                TestFact::Permission(_) | TestFact::Group(_) | TestFact::Role(_) => None,
            };
            if let Some(once) = once {
                if let Some((_, first)) = said.iter().find(|(known, _)| *known == once) {
                    let first = *first;
                    self.fact_twice(fact.span, first);
                    good = false;
                    continue;
                }
                said.push((once, fact.span));
            }
            facts.push(checked);
        }
        let kind = kind.filter(|_| good)?;
        Some(TestSubject { kind, facts, span: given.span })
    }

    fn subject(
        &mut self,
        kind: &ast::GivenKind,
    ) -> (Option<TestSubjectKind>, SubjectKind, Vec<AppId>) {
        match kind {
            ast::GivenKind::Account { name, app } => {
                let app = self.app(app);
                let name = name.value.clone();
                let kind = app.map(|app| TestSubjectKind::Account { name, app });
                (kind, SubjectKind::Account, self.known_app(app))
            }
            ast::GivenKind::User(name) => {
                let good = name.value.contains('@');
                if !good {
                    let message = format!("`{}` is no e-mail address", name.value);
                    self.report(
                        Diagnostic::error(Code::TypeMismatch, name.span, message)
                            .label("users are named by their address")
                            .help(format!(
                                "write `{}@acme.example`, for example",
                                fold(&name.value)
                            )),
                    );
                }
                let kind = good.then(|| TestSubjectKind::User(name.value.clone()));
                (kind, SubjectKind::User, Vec::new())
            }
            ast::GivenKind::Grant { permission, account, app } => {
                let app = self.app(app);
                let apps = self.known_app(app);
                let about = About { kind: SubjectKind::Account, apps: &apps };
                let permission = app.and_then(|_| self.permission(permission, about));
                let kind = permission.zip(app).map(|(permission, app)| {
                    let account = account.value.clone();
                    TestSubjectKind::Grant { permission, account, app }
                });
                (kind, SubjectKind::Grant, apps)
            }
        }
    }

    fn known_app(&self, app: Option<AppId>) -> Vec<AppId> {
        app.into_iter().filter(|_| !self.catalog.assume).collect()
    }

    fn fact(
        &mut self,
        fact: &ast::Fact,
        about: About<'_>,
        owned: bool,
    ) -> Option<TestFact> {
        match &fact.kind {
            ast::FactKind::Owner(owner) => {
                if about.kind == SubjectKind::User {
                    self.unfit(
                        fact.span,
                        "a user has no owner",
                        "accounts and grants have one",
                    );
                    return None;
                }
                self.address(owner)?;
                Some(TestFact::Owner(owner.value.clone()))
            }
            ast::FactKind::Permission(name) => {
                if about.kind == SubjectKind::User {
                    self.unfit(
                        fact.span,
                        "a user holds no permission",
                        "accounts hold them: write `given account NAME in app A, permission P`",
                    );
                    return None;
                }
                Some(TestFact::Permission(self.permission(name, about)?))
            }
            ast::FactKind::Group(name) => {
                let group = self.group(name)?;
                self.has_owner(fact.span, about, owned)?;
                Some(TestFact::Group(group))
            }
            ast::FactKind::Role(name) => {
                let role = self.role(name)?;
                self.has_owner(fact.span, about, owned)?;
                Some(TestFact::Role(role))
            }
            ast::FactKind::Is { attribute, value } => {
                let mut found = self.fact_attribute(attribute, about)?;
                let instant = found.attribute.kind == ValueKind::Instant || found.assumed;
                if instant && matches!(value.value, ast::Value::Duration(_)) {
                    self.without_ago(attribute, value);
                    return None;
                }
                let value = self.value(&mut found, value)?;
                if found.attribute.level == Level::User {
                    self.has_owner(fact.span, about, owned)?;
                }
                Some(TestFact::Is(found.attribute, value))
            }
            ast::FactKind::Ago { attribute, length } => {
                let mut found = self.fact_attribute(attribute, about)?;
                if found.assumed {
                    found.attribute.kind = ValueKind::Instant;
                }
                if found.attribute.kind != ValueKind::Instant {
                    let kind = describe(found.attribute.kind);
                    let message =
                        format!("`{}` is {kind}, and an instant is due", found.written);
                    self.report(
                        Diagnostic::error(Code::TypeMismatch, attribute.span, message)
                            .label(kind)
                            .help(
                                "`ago` fits instants, such as `last_activity 120d ago`",
                            ),
                    );
                    return None;
                }
                if found.attribute.level == Level::User {
                    self.has_owner(fact.span, about, owned)?;
                }
                Some(TestFact::Ago(found.attribute, length.value))
            }
            ast::FactKind::Damaged => None,
        }
    }

    fn address(&mut self, name: &Spanned<String>) -> Option<()> {
        if name.value.contains('@') {
            return Some(());
        }
        let message = format!("`{}` is no e-mail address", name.value);
        self.report(
            Diagnostic::error(Code::TypeMismatch, name.span, message)
                .label("people are named by their address")
                .help("write one such as `zoe@acme.example`"),
        );
        None
    }

    /// The attribute of a fact: one that data can say.
    fn fact_attribute(
        &mut self,
        path: &ast::Path,
        about: About<'_>,
    ) -> Option<crate::check::attribute::Found> {
        let (_, name) = split(path);
        if fold(&name) == "inactive" && !self.has_attribute(path) {
            self.unfit(
                path.span,
                "`inactive` follows from logins and activity",
                "write `last_activity 120d ago` or `last_login 120d ago`",
            );
            return None;
        }
        if fold(&name) == Field::LastSeen.name() {
            self.unfit(
                path.span,
                "`last_seen` follows from logins and activity",
                "write `last_activity 120d ago` or `last_login 120d ago`",
            );
            return None;
        }
        self.attribute(path, about)
    }

    /// Facts about people need somebody whom they are about.
    fn has_owner(&mut self, span: Span, about: About<'_>, owned: bool) -> Option<()> {
        if owned || about.kind == SubjectKind::User {
            return Some(());
        }
        self.report(
            Diagnostic::error(Code::UnfitFact, span, "this account has no owner")
                .label("a fact about its owner")
                .help("write `owner EMAIL` too: without one the account is an orphan"),
        );
        None
    }

    fn unfit(&mut self, span: Span, message: &str, help: &str) {
        self.report(
            Diagnostic::error(Code::UnfitFact, span, message)
                .label("cannot be given")
                .help(help),
        );
    }

    fn without_ago(&mut self, attribute: &ast::Path, value: &Spanned<ast::Value>) {
        let written = self.snippet(value.span);
        let name = self.snippet(attribute.span);
        let message = format!("`{name}` is an instant, `{written}` is a length of time");
        let end = value.span.end as usize;
        self.report(
            Diagnostic::error(Code::TypeMismatch, value.span, message)
                .label("how long before the test begins")
                .help(format!("write `{name} {written} ago`"))
                .maybe(Span::new(value.span.file, end, end), " ago"),
        );
    }

    fn fact_twice(&mut self, span: Span, first: Span) {
        let words = self.snippet(span).split_whitespace().next().unwrap_or_default();
        self.report(
            Diagnostic::error(
                Code::DuplicateClause,
                span,
                format!("`{words}` is given twice"),
            )
            .label("the second one")
            .and(first, "the first")
            .help("keep one of them"),
        );
    }

    fn expects(
        &mut self,
        expects: &[ast::Expect],
        kind: Option<SubjectKind>,
    ) -> Option<Vec<Expect>> {
        let about = About {
            kind: kind.unwrap_or(SubjectKind::Account),
            apps: &[],
        };
        let mut reached: Option<Spanned<Duration>> = None;
        let mut checked = Vec::new();
        for expect in expects {
            if let (Some(after), Some(reached)) = (expect.after, reached)
                && after.value < reached.value
            {
                self.back_in_time(after, reached);
            }
            reached = expect.after.or(reached);
            let after = reached.map_or(Duration(0), |reached| reached.value);
            let happening =
                expect.happening.as_ref().map(|it| self.happening(it, about, kind));
            let outcome = self.outcome(&expect.outcome, about);
            checked.push((|| {
                Some(Expect {
                    after,
                    happening: happening.map_or(Some(None), |it| it.map(Some))?,
                    negated: expect.negated,
                    outcome: outcome?,
                    span: expect.span,
                })
            })());
        }
        checked.into_iter().collect()
    }

    fn back_in_time(&mut self, after: Spanned<Duration>, reached: Spanned<Duration>) {
        let written = self.snippet(after.span);
        let before = self.snippet(reached.span);
        let message =
            format!("deadlines out of order: `{written}` stands behind `{before}`");
        self.report(
            Diagnostic::error(Code::OutOfOrder, after.span, message)
                .label("a test does not go back in time")
                .and(reached.span, "the test has come this far")
                .help("`after` counts from the beginning of the test: write the earlier one first"),
        );
    }

    fn happening(
        &mut self,
        happening: &Spanned<ast::Happening>,
        about: About<'_>,
        kind: Option<SubjectKind>,
    ) -> Option<Happening> {
        match &happening.value {
            ast::Happening::Decides { who, answer } => {
                let who = self.who(who, about)?;
                Some(Happening::Decides { who, answer: *answer })
            }
            ast::Happening::LogsIn if kind == Some(SubjectKind::User) => {
                let message = "no account is given that could log in";
                self.report(
                    Diagnostic::error(Code::UnfitSubject, happening.span, message)
                        .label("the policy looks at users")
                        .help("write `when WHO decides keep`, or test a policy for accounts"),
                );
                None
            }
            ast::Happening::LogsIn => Some(Happening::LogsIn),
        }
    }

    fn outcome(&mut self, outcome: &ast::Outcome, about: About<'_>) -> Option<Outcome> {
        match outcome {
            ast::Outcome::Match => Some(Outcome::Match),
            ast::Outcome::Asked(who) => Some(Outcome::Asked(self.who(who, about)?)),
            ast::Outcome::Ran(name) => {
                self.one_name(name, Kind::Webhook)?;
                let written = &name.name;
                if !self.webhooks.contains_key(&fold(&written.value)) {
                    self.unknown(written, Kind::Webhook);
                    return None;
                }
                Some(Outcome::Ran(written.value.clone()))
            }
            ast::Outcome::Run(state) => Some(Outcome::Run(state.value)),
            ast::Outcome::Damaged => None,
        }
    }
}
