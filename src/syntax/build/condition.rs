//! Conditions.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::{Direction, Op, TextTest};
use crate::syntax::ast::{
    Condition, ConditionKind, Held, NameRef, Path, TestKind, Value,
};
use crate::syntax::build::Cx;
use crate::syntax::build::foreign::{is_foreign, operator};
use crate::syntax::grammar::Rule;
use crate::syntax::scan::{DEEPEST, too_deep};
use crate::text::{Span, Spanned};
use crate::time::Duration;
use pest::iterators::Pair;

/// How two conditions are joined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

fn join(pair: Pair<'_, Rule>) -> Join {
    match pair.into_inner().next().map(|inner| inner.as_rule()) {
        Some(Rule::kw_or | Rule::foreign_or) => Join::Or,
        _ => Join::And,
    }
}

impl Cx<'_> {
    /// A chain of conditions.
    pub(in crate::syntax) fn condition(&mut self, pair: Pair<'_, Rule>) -> Condition {
        let span = self.span(&pair);
        let (mut terms, mut joins) = (Vec::new(), Vec::new());
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::join => {
                    let place = self.span(&inner);
                    joins.push(Spanned::new(join(inner), place));
                }
                _ => terms.push(self.term(inner)),
            }
        }
        if terms.len() == 1
            && let Some(term) = terms.pop()
        {
            return term;
        }
        self.foreign_joins(&mut terms, &mut joins);
        if terms.len() == 1
            && let Some(term) = terms.pop()
        {
            return Condition { span, ..term };
        }
        let first = joins.first().map_or(Join::And, |join| join.value);
        if let Some(other) = joins.iter().find(|join| join.value != first) {
            self.mixed(span, &terms, &joins, other.span);
        }
        let kind = match first {
            Join::And => ConditionKind::And(terms),
            Join::Or => ConditionKind::Or(terms),
        };
        Condition { kind, span }
    }

    /// Refuses the signs of other languages between terms; those between values make one
    /// term of several.
    fn foreign_joins(
        &mut self,
        terms: &mut Vec<Condition>,
        joins: &mut Vec<Spanned<Join>>,
    ) {
        let signs: Vec<Span> = joins.iter().map(|join| join.span).collect();
        let (mut counts, mut at) = (Vec::new(), 0);
        while let Some(rest) = terms.get(at..).filter(|rest| !rest.is_empty()) {
            let count = self.joined_values(rest, signs.get(at..).unwrap_or_default());
            counts.push(count.max(1));
            at += count.max(1);
            let Some(join) = joins.get(at - 1).copied() else { break };
            match (join.value, self.snippet(join.span)) {
                (Join::And, sign) if !sign.starts_with("and") => {
                    self.foreign(join.span, "and");
                }
                (Join::Or, sign) if !sign.starts_with("or") => {
                    self.foreign(join.span, "or");
                }
                (Join::And | Join::Or, _) => {}
            }
        }
        if counts.len() == terms.len() {
            return;
        }
        let mut before = std::mem::take(terms).into_iter();
        let mut between = std::mem::take(joins).into_iter();
        for count in counts {
            let Some(first) = before.next() else { break };
            terms.push(match before.by_ref().take(count - 1).last() {
                Some(last) => Condition {
                    kind: ConditionKind::Damaged,
                    span: first.span.to(last.span),
                },
                None => first,
            });
            joins.extend(between.nth(count - 1));
        }
    }

    /// Both readings of a chain of `and` and `or`, each with its parentheses.
    fn mixed(
        &mut self,
        span: Span,
        terms: &[Condition],
        joins: &[Spanned<Join>],
        other: Span,
    ) {
        let reading = |inner: Join| {
            let mut groups: Vec<Vec<&str>> = Vec::new();
            for (at, term) in terms.iter().enumerate() {
                let text = self.snippet(term.span);
                let joined = at.checked_sub(1).and_then(|at| joins.get(at));
                match groups.last_mut() {
                    Some(group) if joined.is_some_and(|join| join.value == inner) => {
                        group.push(text);
                    }
                    _ => groups.push(vec![text]),
                }
            }
            let (inner, outer) = match inner {
                Join::And => (" and ", " or "),
                Join::Or => (" or ", " and "),
            };
            let groups = groups.iter().map(|group| match group.as_slice() {
                [only] => (*only).to_owned(),
                group => format!("({})", group.join(inner)),
            });
            groups.collect::<Vec<_>>().join(outer)
        };
        let (ands, ors) = (reading(Join::And), reading(Join::Or));
        let first = joins.first().map_or(other, |join| join.span);
        let mut finding =
            Diagnostic::error(Code::MixedAndOr, other, "`and` and `or` are mixed")
                .label("another joint than before")
                .and(first, "the first joint");
        finding = if ands.len() > 160 || ands.contains('\n') {
            finding.help("put parentheses around what belongs together")
        } else {
            finding.help(format!("put parentheses: `{ands}` or `{ors}`"))
        };
        self.report(finding.maybe(span, ands).maybe(span, ors));
    }

    fn term(&mut self, pair: Pair<'_, Rule>) -> Condition {
        let span = self.span(&pair);
        let mut nots = Vec::new();
        let mut condition = Condition { kind: ConditionKind::Damaged, span };
        for inner in pair.into_inner() {
            let place = self.span(&inner);
            match inner.as_rule() {
                Rule::stray_subject => self.stray_subject(place),
                Rule::negation => {
                    let first = inner.into_inner().next();
                    if first.is_some_and(|first| first.as_rule() == Rule::foreign_not) {
                        self.foreign(place, "not");
                    }
                    nots.push(place);
                }
                Rule::group => {
                    let depth = nots.len() + 1;
                    self.depth += depth;
                    if self.depth > DEEPEST {
                        self.report(too_deep(place));
                    } else {
                        condition = self.group(inner, place);
                    }
                    self.depth -= depth;
                }
                Rule::test => condition = self.test(inner),
                _ => self.bad_condition(place),
            }
        }
        if let Some(place) = nots.get(DEEPEST - self.depth.min(DEEPEST)) {
            self.report(too_deep(*place));
            return Condition { kind: ConditionKind::Damaged, span };
        }
        for place in nots.into_iter().rev() {
            let span = place.to(condition.span);
            condition = Condition {
                kind: ConditionKind::Not(Box::new(condition)),
                span,
            };
        }
        condition
    }

    /// What stands in parentheses; `unless` in them is an exception of its own.
    fn group(&mut self, pair: Pair<'_, Rule>, span: Span) -> Condition {
        let (mut parts, mut except) = (Vec::new(), None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::condition => parts.push(self.condition(inner)),
                Rule::inner_except => except = Some(self.span(&inner)),
                _ => {}
            }
        }
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else {
            return Condition { kind: ConditionKind::Damaged, span };
        };
        match (except, parts.next()) {
            (Some(keyword), Some(second)) => {
                self.inner_except(keyword, &first, &second);
                Condition { kind: ConditionKind::Damaged, span }
            }
            _ => Condition { kind: first.kind, span },
        }
    }

    fn test(&mut self, pair: Pair<'_, Rule>) -> Condition {
        let span = self.span(&pair);
        let damaged = Condition { kind: ConditionKind::Damaged, span };
        let Some(inner) = pair.into_inner().next() else { return damaged };
        let (test, negated) = match inner.as_rule() {
            Rule::foreign_call => {
                self.foreign_call(inner);
                return damaged;
            }
            Rule::attribute_test => match self.attribute_test(inner) {
                Some(test) => test,
                None => return damaged,
            },
            _ => match self.plain_test(inner) {
                Some(test) => (test, false),
                None => return damaged,
            },
        };
        let condition = Condition { kind: ConditionKind::Test(Box::new(test)), span };
        if negated {
            return Condition {
                kind: ConditionKind::Not(Box::new(condition)),
                span,
            };
        }
        condition
    }

    fn plain_test(&mut self, pair: Pair<'_, Rule>) -> Option<TestKind> {
        Some(match pair.as_rule() {
            Rule::never_active => TestKind::NeverActive,
            Rule::has_session => {
                self.plural(&pair, Rule::kw_sessions, "session");
                TestKind::HasSession
            }
            Rule::has_account => TestKind::HasAccount(self.names(pair)),
            Rule::in_group => {
                self.plural(&pair, Rule::kw_groups, "group");
                let (names, held) = self.membership(pair)?;
                TestKind::InGroup(names, held)
            }
            Rule::has_permission => {
                self.plural(&pair, Rule::kw_permissions, "permission");
                let (names, held) = self.membership(pair)?;
                TestKind::HasPermission(names, held)
            }
            Rule::has_role => {
                self.plural(&pair, Rule::kw_roles, "role");
                let (names, held) = self.membership(pair)?;
                TestKind::HasRole(names, held)
            }
            Rule::inactive => self.inactive(pair)?,
            Rule::elapsed => self.elapsed(pair)?,
            _ => return None,
        })
    }

    fn membership(
        &mut self,
        pair: Pair<'_, Rule>,
    ) -> Option<(Vec<NameRef>, Option<Held>)> {
        let held = pair.clone().into_inner().find(|inner| inner.as_rule() == Rule::held);
        let names = self.names(pair);
        let Some(held) = held else { return Some((names, None)) };
        let (op, length) = self.comparison_with_length(held)?;
        Some((names, Some(Held { op, length: length.value })))
    }

    fn inactive(&mut self, pair: Pair<'_, Rule>) -> Option<TestKind> {
        let span = self.span(&pair);
        let rest = pair.clone().into_inner().nth(1);
        let (op, length) = match rest.as_ref().map(Pair::as_rule) {
            None => return Some(TestKind::Inactive(None)),
            Some(Rule::held) => {
                // `inactive for > 90d` says too much, `inactive for 90d` too little.
                let held = rest?;
                let span = self.span(&held);
                let inside = held.clone().into_inner();
                let compared = inside.clone().find(|it| it.as_rule() == Rule::comparison);
                let length = inside.last()?;
                let length = self.length(length)?;
                let op = compared.map_or(Op::Ge, |compared| operator(&compared));
                let right = format!("{} {}", op.symbol(), self.snippet(length.span));
                let message = "`inactive` is compared with a length of time";
                self.report(
                    Diagnostic::error(Code::MissingOperator, span, message)
                        .label("`for` does not belong here")
                        .help(format!("write `inactive {right}`"))
                        .maybe(span, right),
                );
                return None;
            }
            Some(Rule::between) => {
                self.between(rest?, "inactive", span);
                return None;
            }
            Some(Rule::within) => {
                self.inactive_within(rest?, span);
                return None;
            }
            Some(_) => self.comparison_with_length(pair)?,
        };
        Some(TestKind::Inactive(Some((op, length))))
    }

    /// The operator and the length of a pair that has both.
    fn comparison_with_length(
        &mut self,
        pair: Pair<'_, Rule>,
    ) -> Option<(Op, Spanned<Duration>)> {
        let (mut op, mut length, mut found) = (None, None, false);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::comparison => {
                    found = true;
                    op = Some(self.comparison(&inner));
                }
                Rule::length => length = self.length(inner),
                _ => {}
            }
        }
        let length = length?;
        if !found {
            let start = length.span.start as usize;
            let message = "a length of time needs an operator before it";
            let written = self.snippet(length.span);
            self.report(
                Diagnostic::error(Code::MissingOperator, length.span, message)
                    .label("longer or shorter than this")
                    .help(format!("write `>= {written}`, for example"))
                    .maybe(Span::new(self.file, start, start), ">= "),
            );
        }
        Some((op?.value, length))
    }

    fn elapsed(&mut self, pair: Pair<'_, Rule>) -> Option<TestKind> {
        let span = self.span(&pair);
        let (mut direction, mut attribute) = (Direction::Since, None);
        let (mut op, mut length) = (None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_until => direction = Direction::Until,
                Rule::attribute => attribute = self.path(inner),
                Rule::comparison => op = Some(self.comparison(&inner)),
                Rule::length => length = self.signed_length(inner),
                Rule::between => {
                    let start = Span { end: self.span(&inner).start, ..span };
                    self.between(inner, self.snippet(start).trim_end(), span);
                    return None;
                }
                Rule::reaches => {
                    let distances = self.distances(inner)?;
                    let attribute = attribute?;
                    return Some(TestKind::Reaches { direction, attribute, distances });
                }
                _ => {}
            }
        }
        let length = length?.value;
        Some(TestKind::Elapsed {
            direction,
            attribute: attribute?,
            op: op?.value,
            length,
        })
    }

    /// What `reaches` is about, each distance once.
    fn distances(&mut self, pair: Pair<'_, Rule>) -> Option<Vec<Spanned<Duration>>> {
        let (mut distances, mut broken) = (Vec::<Spanned<Duration>>::new(), false);
        let lengths = pair.into_inner().filter(|inner| inner.as_rule() == Rule::length);
        for length in lengths {
            let Some(distance) = self.signed_length(length) else {
                broken = true;
                continue;
            };
            match distances.iter().find(|known| known.value == distance.value) {
                Some(first) => {
                    self.said_before(distance.span, first.span);
                    broken = true;
                }
                None => distances.push(distance),
            }
        }
        (!broken).then_some(distances)
    }

    /// A part of a list that says what another part said already; it stands behind a comma.
    pub(super) fn said_before(&mut self, span: Span, first: Span) {
        let written = self.snippet(span);
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let start = before.rfind(',').unwrap_or(span.start as usize);
        let cut = Span::new(self.file, start, span.end as usize);
        let message = format!("`{written}` stands twice in one list");
        self.report(
            Diagnostic::error(Code::DuplicateValue, span, message)
                .label("says nothing new")
                .and(first, "the first")
                .help("take it out")
                .fix(cut, ""),
        );
    }

    /// `reaches` behind an attribute alone: time until it, or since.
    fn undirected(&mut self, span: Span) {
        let here = Span { end: span.start, ..span };
        self.report(
            Diagnostic::error(
                Code::Syntax,
                span,
                "`reaches` measures a distance in time",
            )
            .label("until this, or since this")
            .help("write `until` or `since` before the attribute")
            .maybe(here, "until ")
            .maybe(here, "since "),
        );
    }

    /// A test of an attribute, and whether a `not` stands inside of it.
    fn attribute_test(&mut self, pair: Pair<'_, Rule>) -> Option<(TestKind, bool)> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let attribute = self.path(inner.next()?)?;
        let Some(test) = inner.next() else {
            return Some((TestKind::Name(attribute), false));
        };
        match test.as_rule() {
            Rule::known => Some((self.known(test, attribute)?, false)),
            Rule::one_of => self.one_of(test, attribute),
            Rule::text_test => self.text_test(test, attribute),
            Rule::reaches => {
                self.undirected(span);
                None
            }
            Rule::foreign_known => {
                self.foreign_known(&test, &attribute, span);
                None
            }
            Rule::between => {
                self.between(test, self.snippet(attribute.span), span);
                None
            }
            Rule::within => {
                self.within(test, &attribute, span);
                None
            }
            Rule::foreign_text_test => {
                self.foreign_text_test(&test, inner.next()?);
                None
            }
            _ if is_foreign(&test) => {
                let value = self.value(inner.next()?)?;
                self.foreign_comparison(&test, attribute, value, span)
            }
            _ => {
                let op = self.comparison(&test);
                let value = self.value(inner.next()?)?;
                Some((TestKind::Compare { attribute, op, value }, false))
            }
        }
    }

    fn known(&mut self, pair: Pair<'_, Rule>, attribute: Path) -> Option<TestKind> {
        let span = self.span(&pair);
        let mut known = true;
        let mut negated = false;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_unknown => known = false,
                Rule::kw_not => negated = true,
                _ => {}
            }
        }
        if negated {
            let right = if known { "is unknown" } else { "is known" };
            let written = self.snippet(span);
            let message = format!("`{written}` is written `{right}`");
            self.report(
                Diagnostic::error(Code::ForeignOperator, span, message)
                    .label("says the same in more words")
                    .help(format!("write `{right}`"))
                    .fix(span, right),
            );
            return None;
        }
        Some(TestKind::Known { attribute, known })
    }

    fn one_of(
        &mut self,
        pair: Pair<'_, Rule>,
        attribute: Path,
    ) -> Option<(TestKind, bool)> {
        let (mut values, mut negated, mut broken) = (Vec::new(), false, false);
        for inner in pair.into_inner() {
            let place = self.span(&inner);
            match inner.as_rule() {
                Rule::kw_is => {
                    let behind = self.text.get(place.end as usize..).unwrap_or_default();
                    let blanks = behind.len() - behind.trim_start().len();
                    let gap = place.end as usize + blanks;
                    let fixed = Span::new(self.file, place.start as usize, gap);
                    self.report(
                        Diagnostic::error(
                            Code::ForeignOperator,
                            place,
                            "`is` is too much",
                        )
                        .label("take it out")
                        .help("write `in (…)` or `not in (…)`")
                        .fix(fixed, ""),
                    );
                }
                Rule::kw_not => negated = true,
                Rule::foreign_in => negated = self.foreign_in(place),
                Rule::loose_list => {
                    let listed = self.loose_list(inner, &attribute);
                    broken |= listed.is_none();
                    values.extend(listed.unwrap_or_default());
                }
                Rule::value => match self.value(inner) {
                    Some(value) => values.push(value),
                    None => broken = true,
                },
                _ => {}
            }
        }
        (!broken).then_some((TestKind::OneOf { attribute, values }, negated))
    }

    fn text_test(
        &mut self,
        pair: Pair<'_, Rule>,
        attribute: Path,
    ) -> Option<(TestKind, bool)> {
        let (mut negated, mut matches) = (false, false);
        let (mut test, mut words) = (TextTest::Contains, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::kw_not => negated = true,
                Rule::kw_starts => test = TextTest::StartsWith,
                Rule::kw_ends => test = TextTest::EndsWith,
                Rule::kw_matches => matches = true,
                Rule::value => words = self.value(inner),
                _ => {}
            }
        }
        let words: Spanned<Value> = words?;
        let test = if matches {
            TestKind::Matches { attribute, pattern: words }
        } else {
            TestKind::Text { attribute, test, words }
        };
        Some((test, negated))
    }

    /// An attribute in its parts.
    pub(super) fn path(&mut self, pair: Pair<'_, Rule>) -> Option<Path> {
        let span = self.span(&pair);
        let inner = pair.into_inner().next()?;
        let written = inner.as_str();
        if inner.as_rule() == Rule::state_path {
            let level = written.split_once('.').map(|(level, _)| level.to_owned());
            let parts = level.into_iter().chain(["identity state".to_owned()]).collect();
            return Some(Path { parts, span });
        }
        // Dots part the path, but not those inside quotes.
        let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
        for letter in written.chars() {
            match letter {
                '"' => quoted = !quoted,
                '.' if !quoted => parts.push(std::mem::take(&mut part)),
                letter => part.push(letter),
            }
        }
        parts.push(part);
        Some(Path { parts, span })
    }
}
