//! Clauses of a policy.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Signs;
use crate::syntax::ast::{Activity, Clause, ClauseKind, Limit, Who};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::Spanned;
use pest::iterators::Pair;

impl Cx<'_> {
    pub(super) fn clauses<'p>(
        &mut self,
        pairs: impl Iterator<Item = Pair<'p, Rule>>,
    ) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        let (mut first, mut stepped): (Option<Pair<'p, Rule>>, bool) = (None, false);
        let mut asked = false;
        for pair in pairs {
            let kind = pair.as_rule();
            let clause = match (&first, kind) {
                (Some(first), Rule::when_clause) => self.second_when(first, &pair),
                (_, Rule::then_clause) if stepped => self.arrow(&pair),
                (_, Rule::except_clause) => self.except_when(&pair, asked),
                _ => None,
            };
            let clause = clause.unwrap_or_else(|| self.clause(pair.clone()));
            match kind {
                Rule::when_clause => {
                    (first, stepped, asked) = (Some(pair), false, true);
                }
                Rule::then_clause => (first, stepped) = (None, true),
                Rule::always_clause | Rule::otherwise_clause => stepped = false,
                _ => {}
            }
            clauses.push(clause);
        }
        clauses
    }

    fn clause(&mut self, pair: Pair<'_, Rule>) -> Clause {
        let whole = self.span(&pair);
        let first = pair.clone().into_inner().next();
        let mut keyword = first.map_or(whole, |first| self.span(&first));
        let kind = match pair.as_rule() {
            Rule::for_clause => self.for_clause(pair),
            Rule::every_clause => match self.every(pair) {
                Some(schedule) => ClauseKind::Every(schedule),
                None => ClauseKind::Damaged,
            },
            Rule::when_clause => {
                self.foreign_keyword(keyword, "when");
                match pair.into_inner().nth(1) {
                    Some(condition) => ClauseKind::When(self.condition(condition)),
                    None => ClauseKind::Damaged,
                }
            }
            Rule::except_clause => {
                self.foreign_keyword(keyword, "except");
                match pair.into_inner().find(|it| it.as_rule() == Rule::condition) {
                    Some(condition) => ClauseKind::Except(self.condition(condition)),
                    None => ClauseKind::Damaged,
                }
            }
            Rule::reviewers_clause => ClauseKind::Reviewers(self.everybody(pair)),
            Rule::limit_clause => match self.limit(pair) {
                Some(limit) => ClauseKind::Limit(limit),
                None => ClauseKind::Damaged,
            },
            Rule::then_clause => {
                self.foreign_keyword(keyword, "then");
                ClauseKind::Then(self.steps(pair, keyword))
            }
            Rule::on_clause
            | Rule::before_clause
            | Rule::cancel_clause
            | Rule::restart_clause => self.event_clause(pair),
            Rule::once_clause => match self.once(pair) {
                Some(schedule) => ClauseKind::Every(schedule),
                None => ClauseKind::Damaged,
            },
            Rule::require_clause => self.require(pair),
            Rule::always_clause => ClauseKind::Always,
            Rule::otherwise_clause => {
                self.foreign_keyword(keyword, "otherwise");
                ClauseKind::Otherwise
            }
            Rule::activity_clause => ClauseKind::Activity(self.activity(pair)),
            Rule::count_clause => ClauseKind::CountFromActivation,
            Rule::rank_clause => self.rank(pair).unwrap_or(ClauseKind::Damaged),
            Rule::report_clause => self.report_to(pair),
            Rule::outcome_clause => {
                let second = pair.clone().into_inner().nth(1);
                let kept =
                    second.as_ref().is_some_and(|it| it.as_rule() == Rule::kw_kept);
                keyword = second.map_or(keyword, |second| keyword.to(self.span(&second)));
                let steps = self.outcome(pair, keyword);
                if kept { ClauseKind::IfKept(steps) } else { ClauseKind::IfFailed(steps) }
            }
            _ => {
                self.bad_clause(whole);
                ClauseKind::Damaged
            }
        };
        Clause { kind, keyword, span: whole }
    }

    fn for_clause(&mut self, pair: Pair<'_, Rule>) -> ClauseKind {
        let Some(subjects) = pair.into_inner().nth(1) else { return ClauseKind::Damaged };
        if subjects.as_rule() == Rule::kw_users {
            return ClauseKind::Users;
        }
        let grants = subjects.clone().into_inner().next();
        let grants = grants.is_some_and(|first| first.as_rule() == Rule::kw_grants);
        let apps = self.names(subjects);
        if grants { ClauseKind::Grants(apps) } else { ClauseKind::Accounts(apps) }
    }

    fn require(&mut self, pair: Pair<'_, Rule>) -> ClauseKind {
        let (mut condition, mut message) = (None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_require => {}
                Rule::required => condition = Some(self.condition(inner)),
                _ => message = Some(self.text(&inner)),
            }
        }
        match condition {
            Some(condition) => ClauseKind::Require { condition, message },
            None => ClauseKind::Damaged,
        }
    }

    /// The people behind a keyword.
    fn everybody(&mut self, pair: Pair<'_, Rule>) -> Vec<Who> {
        let who = pair.into_inner().filter(|inner| inner.as_rule() == Rule::who);
        who.filter_map(|who| self.who(who)).collect()
    }

    fn report_to(&mut self, pair: Pair<'_, Rule>) -> ClauseKind {
        let including = pair
            .clone()
            .into_inner()
            .find(|inner| inner.as_rule() == Rule::including);
        let including_disabled = including.map(|including| self.span(&including));
        ClauseKind::Report { who: self.everybody(pair), including_disabled }
    }

    fn rank(&mut self, pair: Pair<'_, Rule>) -> Option<ClauseKind> {
        let (mut rank, mut set) = (None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::amount => rank = Some(inner),
                Rule::rank_set => {
                    set = inner.into_inner().next().map(|name| self.name(&name));
                }
                _ => {}
            }
        }
        let rank = rank?;
        let span = self.span(&rank);
        let number = self.whole(&rank, u64::from(u32::MAX))?;
        if number == 0 {
            self.report(
                Diagnostic::error(Code::BadNumber, span, "ranks count from 1")
                    .label("1 is the best")
                    .help("write `rank 1`")
                    .maybe(span, "1"),
            );
            return None;
        }
        let rank = Spanned::new(u32::try_from(number).ok()?, span);
        Some(ClauseKind::Rank { rank, set: set? })
    }

    /// Which sources say when an account was last used.
    pub(super) fn activity(&mut self, pair: Pair<'_, Rule>) -> Activity {
        let (mut sources, mut only) = (Vec::<Spanned<String>>::new(), None);
        for inner in pair.into_inner() {
            let span = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_activity | Rule::kw_from | Rule::open | Rule::comma => {}
                Rule::close => {}
                Rule::signs => {
                    let logins = inner.as_str().trim_end() == "logins";
                    let signs = if logins { Signs::Logins } else { Signs::Activity };
                    only = Some(Spanned::new(signs, span));
                }
                Rule::kw_only => {
                    only = only.map(|it: Spanned<Signs>| {
                        Spanned::new(it.value, it.span.to(span))
                    });
                }
                _ => {
                    sources.push(self.name(&inner));
                }
            }
        }
        Activity { sources, only }
    }

    fn limit(&mut self, pair: Pair<'_, Rule>) -> Option<Limit> {
        let limit = pair.into_inner().nth(1)?;
        match limit.as_rule() {
            Rule::limit_none => {
                let span = self.span(&limit);
                let Some(reason) = limit.into_inner().nth(1) else {
                    let message = "`limit none` needs a reason";
                    self.report(
                        Diagnostic::error(Code::MissingClause, span, message)
                            .label("why is there no limit")
                            .help("write it behind: `limit none \"the reason\"`"),
                    );
                    return None;
                };
                Some(Limit::None(self.text(&reason).value))
            }
            Rule::limit_pair => {
                let larger = limit
                    .clone()
                    .into_inner()
                    .any(|inner| inner.as_rule() == Rule::kw_larger);
                let sizes = limit
                    .into_inner()
                    .filter(|inner| inner.as_rule() == Rule::limit_size);
                let sizes: Vec<Option<Limit>> =
                    sizes.map(|size| self.limit_size(size)).collect();
                let mut sizes = sizes.into_iter().map(|size| size.map(Box::new));
                let (one, other) = (sizes.next()??, sizes.next()??);
                let pair = if larger { Limit::Larger } else { Limit::Smaller };
                Some(pair(one, other))
            }
            _ => self.limit_size(limit),
        }
    }

    fn limit_size(&mut self, pair: Pair<'_, Rule>) -> Option<Limit> {
        let size = pair.into_inner().next()?;
        let span = self.span(&size);
        let written = size.as_str();
        if written.trim_start_matches('0').trim_start_matches('.').is_empty()
            || matches!(written, "0%" | "0.0%")
        {
            let message = format!("a limit of `{written}` opens no run at all");
            self.report(
                Diagnostic::error(Code::BadNumber, span, message)
                    .label("1 at least")
                    .help("a policy that is to rest is deactivated instead"),
            );
            return None;
        }
        if written.starts_with('-') {
            let message = format!("a limit of `{written}` is less than nothing");
            self.report(
                Diagnostic::error(Code::BadNumber, span, message)
                    .label("1 at least")
                    .help("write how many runs it may open in 24 hours"),
            );
            return None;
        }
        if size.as_rule() == Rule::amount {
            return self.whole(&size, u64::from(u32::MAX)).map(Limit::Count);
        }
        let share: f64 = written.trim_end_matches('%').parse().ok()?;
        if share > 100.0 {
            let message = format!("`{written}` is more than everybody");
            self.report(
                Diagnostic::error(Code::BadNumber, span, message).label("at most `100%`"),
            );
            return None;
        }
        Some(Limit::Percent(share))
    }
}
