//! Tests that stand beside policies.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Answer, RunState};
use crate::syntax::ast::{
    Expect, Fact, FactKind, Given, GivenKind, Happening, NameRef, Outcome, Test,
};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned, fold, nearest};
use pest::iterators::Pair;

impl Cx<'_> {
    pub(super) fn test_item(&mut self, pair: Pair<'_, Rule>) -> Test {
        let mut test = Test {
            title: None,
            keyword: self.span(&pair),
            policy: None,
            given: Vec::new(),
            expects: Vec::new(),
        };
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_test => test.keyword = self.span(&inner),
                Rule::test_policy => {
                    let keyword = self.keyword(&inner);
                    let name =
                        inner.into_inner().find(|it| it.as_rule() == Rule::line_ref);
                    let name = name.map(|name| self.name_ref(name));
                    if test.policy.is_some() {
                        self.twice(keyword);
                    } else {
                        test.policy = name;
                    }
                }
                Rule::test_given => test.given.extend(self.given(inner)),
                Rule::expect => test.expects.extend(self.expect(inner)),
                Rule::bad_part => self.bad_test_part(&inner, &test),
                _ => test.title = Some(self.text(&inner)),
            }
        }
        test
    }

    fn given(&mut self, pair: Pair<'_, Rule>) -> Option<Given> {
        let span = self.span(&pair);
        let (mut kind, mut facts, mut comma) = (None, Vec::new(), true);
        let mut previous = span;
        for inner in pair.into_inner() {
            let part = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_given => continue,
                Rule::comma => {
                    comma = true;
                    continue;
                }
                Rule::fact => {
                    let bad = inner
                        .clone()
                        .into_inner()
                        .any(|it| it.as_rule() == Rule::bad_fact);
                    if !comma && !bad {
                        self.fact_without_comma(previous, part);
                    }
                    let kind = self.fact(inner);
                    facts.push(Fact { kind, span: part });
                }
                _ => kind = self.given_kind(inner),
            }
            comma = false;
            previous = part;
        }
        Some(Given { kind: kind?, facts, span })
    }

    fn fact_without_comma(&mut self, previous: Span, fact: Span) {
        let behind = Span::new(self.file, previous.end as usize, previous.end as usize);
        let first = self.first_token(fact);
        let message = "two facts need a comma between them";
        self.report(
            Diagnostic::error(Code::MissingComma, first, message)
                .label("the next fact begins here")
                .help(format!("write `,` behind `{}`", self.last_line(previous)))
                .fix(behind, ","),
        );
    }

    fn last_line(&self, span: Span) -> &str {
        self.snippet(span).lines().next_back().unwrap_or_default().trim()
    }

    fn given_kind(&mut self, pair: Pair<'_, Rule>) -> Option<GivenKind> {
        let kind = pair.as_rule();
        let (mut name, mut app, mut permission) = (None, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::subject_name => name = self.subject_name(inner),
                Rule::in_app => app = self.inner_ref(inner),
                Rule::grant_ref => permission = Some(self.name_ref(inner)),
                _ => {}
            }
        }
        Some(match kind {
            Rule::given_account => GivenKind::Account { name: name?, app: app? },
            Rule::given_user => GivenKind::User(name?),
            _ => GivenKind::Grant { permission: permission?, account: name?, app: app? },
        })
    }

    fn subject_name(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<String>> {
        let inner = pair.into_inner().next()?;
        if inner.as_rule() == Rule::email {
            return Some(Spanned::new(inner.as_str().to_owned(), self.span(&inner)));
        }
        Some(self.name(&inner))
    }

    /// The name somewhere in a pair.
    fn inner_ref(&mut self, pair: Pair<'_, Rule>) -> Option<NameRef> {
        let is_ref = |inner: &Pair<'_, Rule>| {
            matches!(inner.as_rule(), Rule::line_ref | Rule::fact_ref)
        };
        let name = pair.into_inner().find(is_ref)?;
        Some(self.name_ref(name))
    }

    fn fact(&mut self, pair: Pair<'_, Rule>) -> FactKind {
        let Some(inner) = pair.into_inner().next() else { return FactKind::Damaged };
        if inner.as_rule() == Rule::bad_fact {
            let span = self.span(&inner);
            self.bad_fact(span);
            return FactKind::Damaged;
        }
        self.good_fact(inner).unwrap_or(FactKind::Damaged)
    }

    fn good_fact(&mut self, pair: Pair<'_, Rule>) -> Option<FactKind> {
        let kind = pair.as_rule();
        let equals =
            pair.clone().into_inner().find(|it| it.as_rule() == Rule::fact_equals);
        if let Some(equals) = equals {
            self.equals_in_fact(&equals);
        }
        match kind {
            Rule::fact_owner => {
                let mut inner = pair.into_inner();
                let name = inner.find(|it| it.as_rule() == Rule::subject_name)?;
                Some(FactKind::Owner(self.subject_name(name)?))
            }
            Rule::fact_permission => Some(FactKind::Permission(self.inner_ref(pair)?)),
            Rule::fact_group => Some(FactKind::Group(self.inner_ref(pair)?)),
            Rule::fact_role => Some(FactKind::Role(self.inner_ref(pair)?)),
            _ => {
                let (mut attribute, mut length, mut value) = (None, None, None);
                for inner in pair.into_inner() {
                    match inner.as_rule() {
                        Rule::item_path => attribute = self.path(inner),
                        Rule::length => length = self.length(inner),
                        Rule::fact_value => value = self.value(inner),
                        _ => {}
                    }
                }
                let attribute = attribute?;
                if kind == Rule::fact_ago {
                    return Some(FactKind::Ago { attribute, length: length? });
                }
                Some(FactKind::Is { attribute, value: value? })
            }
        }
    }

    fn equals_in_fact(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        let written = self.snippet(span);
        let message = format!("a fact stands without `{written}`");
        // The blank before it goes too.
        let start = span.start as usize;
        let blank = self.text.get(..start).is_some_and(|before| before.ends_with(' '));
        let place = Span::new(self.file, start - usize::from(blank), span.end as usize);
        let after = self.text.get(span.end as usize..);
        let glued = !after.is_some_and(|after| after.starts_with(char::is_whitespace));
        self.report(
            Diagnostic::error(Code::ForeignOperator, span, message)
                .label("not needed")
                .help(
                    "write the value right behind the name, as in `department \"Sales\"`",
                )
                .fix(place, if glued { " " } else { "" }),
        );
    }

    fn expect(&mut self, pair: Pair<'_, Rule>) -> Option<Expect> {
        let span = self.span(&pair);
        let (mut after, mut happening, mut negated) = (None, None, false);
        let mut outcome = None;
        for inner in pair.into_inner() {
            let part = self.span(&inner);
            match inner.as_rule() {
                Rule::length => after = Some(self.length(inner)?),
                Rule::happening => {
                    happening = self.happening(inner).map(|it| Spanned::new(it, part));
                }
                Rule::kw_no => negated = true,
                Rule::outcome => outcome = Some(self.expected(inner)),
                _ => {}
            }
        }
        Some(Expect { after, happening, negated, outcome: outcome?, span })
    }

    fn happening(&mut self, pair: Pair<'_, Rule>) -> Option<Happening> {
        let mut who = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_account => return Some(Happening::LogsIn),
                Rule::who => who = self.who(inner),
                Rule::kw_keep => {
                    return Some(Happening::Decides { who: who?, answer: Answer::Keep });
                }
                Rule::kw_remove => {
                    return Some(Happening::Decides {
                        who: who?,
                        answer: Answer::Remove,
                    });
                }
                _ => {}
            }
        }
        None
    }

    fn expected(&mut self, pair: Pair<'_, Rule>) -> Outcome {
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_match => return Outcome::Match,
                Rule::who => {
                    return self.who(inner).map_or(Outcome::Damaged, Outcome::Asked);
                }
                Rule::line_ref => return Outcome::Ran(self.name_ref(inner)),
                Rule::outcome_state => return self.run_state(span),
                _ => {}
            }
        }
        Outcome::Damaged
    }

    fn run_state(&mut self, span: Span) -> Outcome {
        let words = self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let folded = fold(&words);
        if let Some(state) = RunState::ALL.iter().find(|state| state.name() == folded) {
            return Outcome::Run(Spanned::new(*state, span));
        }
        let meant = match folded.as_str() {
            "asking" | "asked" | "in review" | "review" | "open" => Some("reviewing"),
            "paused" | "pending" | "wait" => Some("waiting"),
            "finished" | "completed" | "complete" | "succeeded" => Some("done"),
            "canceled" | "stopped" | "aborted" => Some("cancelled"),
            "revoked" | "gone" | "deprovisioned" => Some("removed"),
            "retained" | "keep" => Some("kept"),
            "error" | "broken" => Some("failed"),
            "blocked" | "stuck" => Some("held"),
            folded => nearest(folded, RunState::ALL.iter().map(|state| state.name()))
                .into_iter()
                .next(),
        };
        let message = format!("a run is never `{words}`");
        let mut finding = Diagnostic::error(Code::UnknownValue, span, message)
            .label("not a state of runs");
        finding = if let Some(meant) = meant {
            finding.help(format!("write `{meant}`")).maybe(span, meant)
        } else {
            let all = RunState::ALL.iter().map(|state| format!("`{}`", state.name()));
            finding.help(format!("the states are {}", all.collect::<Vec<_>>().join(", ")))
        };
        self.report(finding);
        Outcome::Damaged
    }
}
