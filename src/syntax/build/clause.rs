//! Clauses of a policy.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Signs;
use crate::syntax::ast::{Activity, Clause, ClauseKind, Limit, Step, StepKind, Who};
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned};
use pest::iterators::Pair;

impl Cx<'_> {
    pub(super) fn clauses<'p>(
        &mut self,
        pairs: impl Iterator<Item = Pair<'p, Rule>>,
    ) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        let (mut first, mut asked): (Option<Pair<'p, Rule>>, bool) = (None, false);
        let mut pairs = pairs.peekable();
        while let Some(pair) = pairs.next() {
            if is_then(&pair) {
                let mut more = Vec::new();
                while let Some(next) = pairs.next_if(is_then) {
                    more.push(next);
                }
                if !more.is_empty() {
                    clauses.push(self.several_thens(pair, more));
                    first = None;
                    continue;
                }
            }
            if pair.as_rule() == Rule::otherwise_clause
                && let Some(place) = self.else_if(self.keyword(&pair), self.text.len())
            {
                self.no_else_if(place);
                clauses.push(damaged(self.keyword(&pair), place));
                continue;
            }
            if pairs.peek().is_some_and(|next| next.as_rule() == Rule::when_clause)
                && self.where_before_when(&pair, pairs.peek())
            {
                let place = self.span(&pair);
                clauses.push(damaged(self.keyword(&pair), place));
                continue;
            }
            let clause = match first.as_ref() {
                Some(first) => self.second_where(first, &pair),
                None => None,
            };
            let clause = clause.or_else(|| self.except_when(&pair, asked));
            let clause = clause.unwrap_or_else(|| self.clause(pair.clone()));
            match clause.kind {
                ClauseKind::When(_) => (first, asked) = (Some(pair), true),
                ClauseKind::Then(_) => first = None,
                _ => {}
            }
            clauses.push(clause);
        }
        clauses
    }

    /// `then … then …`, `=> … -> …`: the steps of one `then`, with commas between them.
    fn several_thens(
        &mut self,
        first: Pair<'_, Rule>,
        more: Vec<Pair<'_, Rule>>,
    ) -> Clause {
        let whole = self.span(&first);
        let keyword = self.keyword(&first);
        let (mut kept, mut thens) = (keyword, Vec::new());
        let mut steps: Vec<Step> = Vec::new();
        let (mut broken, mut hidden) = (false, false);
        for pair in std::iter::once(first).chain(more) {
            let word = self.keyword(&pair);
            let made = self.made;
            if let Some(broken) = steps.last().filter(|_| broken) {
                // What could not be read may have been what this `then` belongs to.
                hidden = true;
                let asks = self.snippet(broken.span).starts_with("if");
                let known = self.findings.len();
                steps.extend(self.steps(pair, word));
                if asks {
                    self.findings.truncate(known);
                }
                // One of several behind it is no better.
                continue;
            }
            let empty = pair.clone().into_inner().all(|it| it.as_rule() != Rule::step);
            if thens.is_empty() && steps.is_empty() {
                // One of several in a row is the one that counts.
                kept = word;
            } else {
                thens.push(word);
            }
            if !empty {
                steps.extend(self.steps(pair, word));
                broken = self.made > made && steps.last().is_some_and(is_damaged);
            }
        }
        if kept == keyword {
            self.foreign_keyword(keyword, "then");
        } else {
            let between = Span { end: kept.start, ..keyword };
            // A comment between them stays.
            let commented = self.snippet(between).contains('#');
            let gone = match self.snippet(kept) {
                "then" if commented => keyword,
                "then" => between,
                _ => kept,
            };
            let message = "`then` stands twice";
            self.report(
                Diagnostic::error(Code::DuplicateClause, kept, message)
                    .label("the second one")
                    .help("keep one of them")
                    .fix(gone, ""),
            );
        }
        if let (Some(one), Some(last)) = (thens.first(), thens.last()) {
            let (mut right, mut at, mut start) = (String::new(), keyword.end, None);
            for then in &thens {
                let (place, comma) = self.comma_for(*then, at);
                let between = Span { start: at, end: place.start, ..place };
                if start.is_some() {
                    right.push_str(self.snippet(between));
                }
                right.push_str(&comma);
                start = start.or(Some(place.start));
                at = place.end;
            }
            let place = Span { start: start.unwrap_or(one.start), ..*last };
            let written = self.snippet(*one);
            let message = "steps stand behind one `then`, with commas between them";
            self.report(
                Diagnostic::error(Code::DuplicateClause, *one, message)
                    .label(format!("`{written}` between two steps"))
                    .and(keyword, "the first")
                    .help("write `,` instead")
                    .fix(place, right),
            );
        }
        if hidden {
            return damaged(keyword, whole);
        }
        Clause {
            kind: ClauseKind::Then(steps),
            keyword,
            span: whole,
        }
    }

    /// `for users where … when …`: the first condition belongs to the second.
    fn where_before_when(
        &mut self,
        pair: &Pair<'_, Rule>,
        next: Option<&Pair<'_, Rule>>,
    ) -> bool {
        let Some(next) = next else { return false };
        let (keyword, when) = (self.keyword(pair), self.keyword(next));
        let foreign = |word: Span| self.snippet(word) != "when";
        if pair.as_rule() != Rule::when_clause || !foreign(keyword) || foreign(when) {
            return false;
        }
        let conditions = [pair, next].map(|pair| pair.clone().into_inner().nth(1));
        let [Some(first), Some(second)] = conditions else { return false };
        let before = self.made;
        self.condition(first.clone());
        if self.made > before {
            return true;
        }
        let alone = |condition: &Pair<'_, Rule>| {
            let written = self.snippet(self.span(condition));
            let parts = condition.clone().into_inner();
            let mut joins = parts.filter(|part| part.as_rule() == Rule::join);
            if joins.all(|join| join.as_str().trim_end() == "and") {
                written.to_owned()
            } else {
                format!("({written})")
            }
        };
        let between = Span {
            start: self.span(&first).end,
            end: when.start,
            ..when
        };
        let between = self.snippet(between);
        let right = format!("when {}{between}and {}", alone(&first), alone(&second));
        let place = keyword.to(self.span(&second));
        let word = self.snippet(keyword);
        let message = format!("`{word}` and `when` say one condition, behind one `when`");
        self.report(
            Diagnostic::error(Code::UnknownClause, keyword, message)
                .label("a word of another language")
                .and(when, "the other half")
                .help("join both with `and`")
                .fix(place, right),
        );
        true
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
                match pair.into_inner().nth(1) {
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
                let comma = self.loose_comma.take();
                let steps = self.outcome(pair, keyword);
                if comma.is_some_and(|comma| {
                    self.comma_before_outcome(comma, keyword, &steps)
                }) {
                    ClauseKind::Damaged
                } else if kept {
                    ClauseKind::IfKept(steps)
                } else {
                    ClauseKind::IfFailed(steps)
                }
            }
            _ => {
                self.bad_clause(whole);
                ClauseKind::Damaged
            }
        };
        Clause { kind, keyword, span: whole }
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
                let reason = self.text(&reason);
                if reason.value.trim().is_empty() {
                    let message = "`limit none` needs a reason";
                    self.report(
                        Diagnostic::error(Code::BlankText, reason.span, message)
                            .label("says nothing")
                            .help("write why there is no limit"),
                    );
                    return None;
                }
                Some(Limit::None(reason.value))
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
        let share = written.trim_end_matches('%').parse::<f64>();
        // Also `000`, and `-0.00%`.
        if share.as_ref().is_ok_and(|share| *share == 0.0) {
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
        let share = share.ok()?;
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

fn is_then(pair: &Pair<'_, Rule>) -> bool {
    pair.as_rule() == Rule::then_clause
}

fn is_damaged(step: &Step) -> bool {
    matches!(step.kind, StepKind::Damaged)
}

fn damaged(keyword: Span, span: Span) -> Clause {
    Clause { kind: ClauseKind::Damaged, keyword, span }
}
