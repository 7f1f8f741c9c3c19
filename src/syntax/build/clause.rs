//! Clauses of a policy.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::{Clause, ClauseKind, Limit};
use crate::syntax::build::Cx;
use crate::syntax::build::literal::missing_unit;
use crate::syntax::grammar::Rule;
use crate::text::{Span, nearest};
use crate::time::schedule::Schedule;
use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;
use pest::iterators::Pair;

/// How schedules are written.
pub(in crate::syntax) const SCHEDULES: &str = "write `every day at 12:00`, `every hour`, \
     `every 15min`, `every monday, thursday at 09:00` or `every month on 1 at 09:00`";

impl Cx<'_> {
    pub(super) fn clauses<'p>(
        &mut self,
        pairs: impl Iterator<Item = Pair<'p, Rule>>,
    ) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        let mut asked = false;
        for pair in pairs {
            let clause = self.second_where(&pair, asked);
            let clause = clause.unwrap_or_else(|| self.clause(pair));
            asked |= matches!(clause.kind, ClauseKind::When(_));
            clauses.push(clause);
        }
        clauses
    }

    /// `where` behind a condition goes on with it, as `and` does here.
    fn second_where(&mut self, pair: &Pair<'_, Rule>, asked: bool) -> Option<Clause> {
        let keyword = pair.clone().into_inner().next()?;
        if !asked || keyword.as_rule() != Rule::foreign_when {
            return None;
        }
        let keyword = self.span(&keyword);
        self.foreign_keyword(keyword, "and");
        Some(Clause {
            kind: ClauseKind::Damaged,
            keyword,
            span: self.span(pair),
        })
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
            Rule::reviewers_clause => {
                let who = pair.into_inner().filter(|inner| inner.as_rule() == Rule::who);
                ClauseKind::Reviewers(who.filter_map(|who| self.who(who)).collect())
            }
            Rule::limit_clause => match self.limit(pair) {
                Some(limit) => ClauseKind::Limit(limit),
                None => ClauseKind::Damaged,
            },
            Rule::then_clause => {
                self.foreign_keyword(keyword, "then");
                ClauseKind::Then(self.steps(pair, keyword))
            }
            Rule::outcome_clause => {
                let second = pair.clone().into_inner().nth(1);
                let kept =
                    second.as_ref().is_some_and(|it| it.as_rule() == Rule::kw_kept);
                keyword = second.map_or(keyword, |second| keyword.to(self.span(&second)));
                let steps = self.outcome(pair, keyword);
                if kept { ClauseKind::IfKept(steps) } else { ClauseKind::IfFailed(steps) }
            }
            Rule::later_clause => {
                let span = self.later_clause(pair);
                let words = self.snippet(span).split_whitespace().collect::<Vec<_>>();
                self.not_yet(span, &words.join(" "));
                ClauseKind::Damaged
            }
            _ => {
                self.bad_clause(whole);
                ClauseKind::Damaged
            }
        };
        Clause { kind, keyword, span: whole }
    }

    /// `unless`, `where` and the like are understood, and refused.
    fn foreign_keyword(&mut self, keyword: Span, right: &str) {
        let written = self.snippet(keyword);
        if written == right {
            return;
        }
        let message = format!("`{written}` is written `{right}`");
        self.report(
            Diagnostic::error(Code::UnknownClause, keyword, message)
                .label("a word of another language")
                .help(format!("write `{right}`"))
                .fix(keyword, right),
        );
    }

    /// The words of a clause that say what it is, such as `cancel on`.
    fn later_clause(&mut self, pair: Pair<'_, Rule>) -> Span {
        let mut span = self.span(&pair);
        span.end = span.start;
        let mut with_rest = true;
        for inner in pair.into_inner() {
            with_rest &= !matches!(
                inner.as_rule(),
                Rule::kw_always | Rule::kw_otherwise | Rule::kw_report | Rule::kw_require
            );
            if inner.as_rule() == Rule::later_rest {
                if !with_rest {
                    // `report` is `report to`, wherever it goes.
                    let rest = self.span(&inner);
                    if self.snippet(rest).starts_with("to ") {
                        span = span.to(Span { end: rest.start + 2, ..rest });
                    }
                    continue;
                }
                // `on` and `before` say little alone: the next words belong to them.
                let rest = self.span(&inner);
                let line = self.snippet(rest).split(['\n', '"', '(']).next();
                let line = line.unwrap_or_default().trim_end();
                span = span.to(Span::new(
                    self.file,
                    rest.start as usize,
                    rest.start as usize + line.len(),
                ));
            } else {
                span = span.to(self.span(&inner));
            }
        }
        span
    }

    fn for_clause(&mut self, pair: Pair<'_, Rule>) -> ClauseKind {
        let span = self.span(&pair);
        let Some(subjects) = pair.into_inner().nth(1) else { return ClauseKind::Damaged };
        match subjects.as_rule() {
            Rule::in_apps => ClauseKind::Accounts(self.names(subjects)),
            Rule::kw_users => ClauseKind::Users,
            _ => {
                let end = self.span(&subjects).end as usize;
                let span = Span::new(self.file, span.start as usize, end);
                self.not_yet(span, "for grants");
                ClauseKind::Damaged
            }
        }
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
                            .help("write `limit none \"the reason\"`"),
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
        if size.as_rule() == Rule::amount {
            return self.whole(&size, u64::from(u32::MAX)).map(Limit::Count);
        }
        let share: f64 = size.as_str().trim_end_matches('%').parse().ok()?;
        if share > 100.0 {
            let span = self.span(&size);
            let message = format!("`{}` is more than everybody", size.as_str());
            self.report(
                Diagnostic::error(Code::BadNumber, span, message).label("at most `100%`"),
            );
            return None;
        }
        Some(Limit::Percent(share))
    }

    fn every(&mut self, pair: Pair<'_, Rule>) -> Option<Schedule> {
        let every = pair.into_inner().nth(1)?;
        let kind = every.as_rule();
        let (mut days, mut day) = (Vec::new(), None);
        let noon = NaiveTime::from_hms_opt(12, 0, 0)?;
        let (mut at, mut zone) = (noon, None);
        for inner in every.into_inner() {
            match inner.as_rule() {
                Rule::at_time => (at, zone) = self.at_time(inner, noon)?,
                Rule::weekday => days.push(weekday(inner.as_str())?),
                Rule::amount => {
                    let number = self.whole(&inner, 31)?;
                    if number == 0 {
                        let span = self.span(&inner);
                        let message = "months have no day 0";
                        self.report(
                            Diagnostic::error(Code::BadNumber, span, message)
                                .label("from 1 to 31"),
                        );
                        return None;
                    }
                    day = u32::try_from(number).ok();
                }
                Rule::kw_hour => {
                    return Some(Schedule::Every(crate::time::Duration::HOUR));
                }
                Rule::kw_minute => {
                    return Some(Schedule::Every(crate::time::Duration(60)));
                }
                Rule::length => return self.every_length(inner),
                _ => {}
            }
        }
        Some(match kind {
            Rule::every_month => Schedule::Monthly { day: day?, at, zone },
            Rule::every_week => Schedule::Weekly { days, at, zone },
            _ => Schedule::Daily { at, zone },
        })
    }

    fn every_length(&mut self, pair: Pair<'_, Rule>) -> Option<Schedule> {
        let span = self.span(&pair);
        let written = self.snippet(span);
        let days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let near =
            nearest(written, days.into_iter().chain(["day", "hour", "minute", "month"]));
        if written.chars().all(char::is_alphabetic) {
            let message = format!("`{written}` is no schedule");
            let mut finding =
                Diagnostic::error(Code::Syntax, span, message).label("not known");
            finding = match near.first() {
                Some(near) => finding.help(format!("write `{near}`")).maybe(span, *near),
                None => finding.help(SCHEDULES),
            };
            self.report(finding);
            return None;
        }
        if written.parse::<u64>().is_ok() {
            self.report(missing_unit(span, written));
            return None;
        }
        let length = self.length(pair)?;
        if length.value.0 < 60 {
            let message = format!("`{written}` is shorter than a minute");
            self.report(
                Diagnostic::error(Code::BadNumber, span, message)
                    .label("a minute at least")
                    .help("write `every 1min`"),
            );
            return None;
        }
        Some(Schedule::Every(length.value))
    }

    fn at_time(
        &mut self,
        pair: Pair<'_, Rule>,
        noon: NaiveTime,
    ) -> Option<(NaiveTime, Option<Tz>)> {
        let (mut at, mut zone) = (noon, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::time_of_day => {
                    let text = inner.as_str();
                    let time = NaiveTime::parse_from_str(text, "%H:%M")
                        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
                    let Ok(time) = time else {
                        let span = self.span(&inner);
                        let message = format!("`{text}` is no time of day");
                        self.report(
                            Diagnostic::error(Code::BadTime, span, message)
                                .label("from `00:00` to `23:59`"),
                        );
                        return None;
                    };
                    at = time;
                }
                Rule::zone => zone = Some(self.zone(&inner)?),
                _ => {}
            }
        }
        Some((at, zone))
    }

    fn zone(&mut self, pair: &Pair<'_, Rule>) -> Option<Tz> {
        let written = pair.as_str();
        let known = || chrono_tz::TZ_VARIANTS.iter();
        if let Some(zone) = known().find(|zone| zone.name().eq_ignore_ascii_case(written))
        {
            return Some(*zone);
        }
        let span = self.span(pair);
        let message = format!("no time zone named `{written}`");
        let mut finding = Diagnostic::error(Code::UnknownZone, span, message)
            .label("not in the list of zones")
            .help("zones are written `Europe/Paris`, `America/New_York` or `UTC`");
        let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
        let near = nearest(written, known().map(|zone| zone.name())).into_iter().next();
        let near = near.or_else(|| {
            let mut zones = known().map(|zone| zone.name());
            zones.find(|name| city(name).eq_ignore_ascii_case(written))
        });
        if let Some(near) = near {
            finding = finding.help(format!("write `{near}`")).maybe(span, near);
        }
        self.report(finding);
        None
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    word.parse().ok()
}
