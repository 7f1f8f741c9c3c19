//! Whom a policy looks at: `for accounts in app A`, and what is meant by other forms of it.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::{ClauseKind, NameRef};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::Span;
use pest::iterators::Pair;

impl Cx<'_> {
    pub(super) fn for_clause(&mut self, pair: Pair<'_, Rule>) -> ClauseKind {
        let (mut all, mut subjects) = (None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_for => {}
                Rule::foreign_all => all = Some(self.span(&inner)),
                _ => subjects = Some(inner),
            }
        }
        let Some(subjects) = subjects else { return ClauseKind::Damaged };
        if matches!(subjects.as_rule(), Rule::kw_users | Rule::kw_user) {
            self.plural_subject(all, self.span(&subjects));
            return ClauseKind::Users;
        }
        let Some(first) = subjects.clone().into_inner().next() else {
            return ClauseKind::Damaged;
        };
        self.plural_subject(all, self.span(&first));
        let apps = self.in_apps(subjects);
        match first.as_rule() {
            Rule::kw_grants | Rule::kw_grant => ClauseKind::Grants(apps),
            _ => ClauseKind::Accounts(apps),
        }
    }

    /// `for user`, `for all users`, `for each user`.
    fn plural_subject(&mut self, all: Option<Span>, word: Span) {
        let place = all.map_or(word, |all| all.to(word));
        let written = self.snippet(place);
        let right = format!("{}s", self.snippet(word).trim_end_matches('s'));
        if written == right {
            return;
        }
        let words = written.split_whitespace().collect::<Vec<_>>().join(" ");
        let message = format!("`for {words}` is written `for {right}`");
        self.report(
            Diagnostic::error(Code::Syntax, place, message)
                .label("all of them are meant")
                .help(format!("write `{right}`"))
                .fix(place, right),
        );
    }

    /// The apps behind `accounts` or `grants`; none where they are not written rightly.
    fn in_apps(&mut self, pair: Pair<'_, Rule>) -> Vec<NameRef> {
        let (mut said, mut names) = (false, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_app | Rule::kw_apps => said = true,
                Rule::app_names => names = Some(inner),
                _ => {}
            }
        }
        let Some(names) = names else { return Vec::new() };
        let place = self.span(&names);
        let (mut apps, mut texts) = (Vec::<NameRef>::new(), Vec::<String>::new());
        let (mut joint, mut number, mut open) = (None, None, false);
        for inner in names.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::open => open = true,
                Rule::name_ref => {
                    texts.push(self.snippet(span).to_owned());
                    apps.push(self.name_ref(inner));
                }
                Rule::app_joint => joint = joint.or(Some(span)),
                Rule::amount => {
                    let start = apps.last().map_or(span, |app| app.name.span);
                    number = number.or(Some((start.to(span), span)));
                    if let Some(text) = texts.last_mut() {
                        *text = format!("\"{text} {}\"", inner.as_str());
                    }
                }
                _ => {}
            }
        }
        let right = if open || apps.len() < 2 {
            texts.join(", ")
        } else {
            format!("({})", texts.join(", "))
        };
        let finding = if !said {
            let right = if open { self.snippet(place).to_owned() } else { right };
            let written = self.snippet(place);
            let message = format!("nothing says that `{written}` is an app");
            Diagnostic::error(Code::Syntax, place, message)
                .label("no `app` before it")
                .help(format!("write `in app {right}`"))
                .maybe(place, format!("app {right}"))
        } else if let Some((whole, number)) = number {
            let written = self.snippet(whole);
            let message = format!("`{}` is not expected here", self.snippet(number));
            Diagnostic::error(Code::UnquotedName, number, message)
                .label("a name does not go on with a number")
                .help(format!("write `\"{written}\"`"))
                .maybe(place, right)
        } else if let Some(joint) = joint {
            Diagnostic::error(Code::Syntax, joint, "several apps stand in parentheses")
                .label("one more app behind it")
                .help(format!("write `{right}`"))
                .fix(place, right)
        } else {
            return apps;
        };
        self.report(finding);
        Vec::new()
    }
}
