//! Parts of a condition that exclude, repeat or cover one another.

use crate::check::advice::Advice;
use crate::check::advice::claim::Claim;
use crate::diagnose::{Code, Diagnostic};
use crate::ir::{ArmKind, Condition, ConditionKind, Level, Policy};

/// In longer rows nothing is compared: pairs are many then, and nobody wrote them by hand.
const LONGEST: usize = 200;

/// A part of a row, with what it claims.
struct Part<'a> {
    condition: &'a Condition,
    claim: Option<Claim>,
}

impl Advice<'_> {
    /// Looks at the parts of every condition of a policy.
    pub(super) fn parts(&mut self, policy: &Policy) {
        let life = Self::life(policy.scope.kind);
        let mut roots: Vec<&Condition> = Vec::new();
        for arm in &policy.arms {
            if let ArmKind::When(when) = &arm.kind {
                roots.push(when);
            }
        }
        if let Some(gate) = &policy.gate {
            roots.extend(gate.requirements.iter().map(|it| &it.condition));
        }
        for root in roots.iter().copied().chain(&policy.except) {
            self.row(root, life);
        }
        if let Some(except) = &policy.except {
            for root in roots {
                self.excepted(root, except, life);
            }
        }
    }

    /// Looks at the rows of `and` and `or` in a condition.
    pub(super) fn row(&mut self, condition: &Condition, life: Level) {
        match &condition.kind {
            ConditionKind::And(_) => {
                let parts = parts(condition, life);
                self.all_of(condition, &parts, life);
                for part in parts {
                    self.row(part.condition, life);
                }
            }
            ConditionKind::Or(_) => {
                let parts = parts(condition, life);
                self.any_of(&parts);
                for part in parts {
                    self.row(part.condition, life);
                }
            }
            ConditionKind::Not(inner) => self.row(inner, life),
            ConditionKind::Test(_) => {}
        }
    }

    fn all_of(&mut self, row: &Condition, parts: &[Part<'_>], life: Level) {
        if let Some(pair) = first_pair(parts, Claim::excludes) {
            let rest: Vec<&Condition> = parts
                .iter()
                .map(|part| part.condition)
                .filter(|part| {
                    !std::ptr::eq(*part, pair.0) && !std::ptr::eq(*part, pair.1)
                })
                .collect();
            self.never(pair, &rest, life);
            return;
        }
        for (at, part) in parts.iter().enumerate() {
            let Some(claim) = &part.claim else { continue };
            // Of two that say the same, the later one is too many.
            let stronger = parts.iter().enumerate().find(|(other, stronger)| {
                *other != at
                    && stronger.claim.as_ref().is_some_and(|stronger| {
                        stronger.implies(claim)
                            && (*other < at || !claim.implies(stronger))
                    })
            });
            if let Some((_, stronger)) = stronger {
                self.idle(row, part.condition, stronger.condition, "already says so");
            }
        }
    }

    /// Two parts of one row that exclude each other.
    fn never(
        &mut self,
        (first, second): (&Condition, &Condition),
        rest: &[&Condition],
        life: Level,
    ) {
        let (one, other) = (self.words(first), self.words(second));
        let message =
            format!("this is never true: `{one}` and `{other}` exclude each other");
        let finding = Diagnostic::warning(Code::NeverTrue, second.span, message);
        if first.span == second.span {
            let name = self.sources.snippet(first.span);
            self.report(
                finding
                    .label("says both")
                    .help(format!("take one of the two out of what `{name}` stands for")),
            );
            return;
        }
        let mut finding = finding
            .label("excludes the one before")
            .and(first.span, "the one before");
        let pair = format!("{one} or {other}");
        let both = Claim::of(first, life).zip(Claim::of(second, life));
        let either = if both.is_some_and(|(one, other)| one.covers_with(&other)) {
            String::new()
        } else if rest.is_empty() {
            finding = finding.maybe(first.span.to(second.span), pair.clone());
            format!(", or write `{pair}` if either is enough")
        } else {
            format!(", or write `({pair})` if either is enough")
        };
        let rest = match rest {
            [] => String::new(),
            [only] if only.span.range().len() <= 80 => {
                format!("; `{}` is not part of the problem", self.words(only))
            }
            _ => "; the rest is not part of the problem".to_owned(),
        };
        self.report(finding.help(format!("take one of them out{either}{rest}")));
    }

    fn any_of(&mut self, parts: &[Part<'_>]) {
        let pair = first_pair(parts, Claim::covers_with);
        if let Some((first, second)) = pair {
            let (one, other) = (self.words(first), self.words(second));
            let message = format!("`{one}` or `{other}` is true of everyone");
            let mut finding = Diagnostic::warning(Code::AlwaysTrue, second.span, message)
                .label("true whenever the other is not");
            if first.span != second.span {
                finding = finding.and(first.span, "the other");
            }
            self.report(
                finding.help(
                    "write `and` between them, or take both out: they exclude nobody",
                ),
            );
            return;
        }
        for (at, part) in parts.iter().enumerate() {
            let Some(claim) = &part.claim else { continue };
            let wider = parts.iter().enumerate().find(|(other, wider)| {
                *other != at
                    && wider.claim.as_ref().is_some_and(|wider| {
                        claim.implies(wider) && (*other < at || !wider.implies(claim))
                    })
            });
            if let Some((_, wider)) = wider {
                self.idle(part.condition, part.condition, wider.condition, "includes it");
            }
        }
    }

    /// A part that changes nothing. `row` is what it may be taken out of, if that is an
    /// `and`.
    fn idle(&mut self, row: &Condition, part: &Condition, other: &Condition, why: &str) {
        let (words, others) = (self.words(part), self.words(other));
        let message = if words == others {
            format!("`{words}` stands twice")
        } else {
            format!("`{words}` changes nothing: `{others}` {why}")
        };
        let mut finding = Diagnostic::warning(Code::ChangesNothing, part.span, message)
            .label("one too many");
        if part.span != other.span {
            finding = finding.and(other.span, why);
        }
        finding =
            finding.help(format!("take `{words}` out, or `{others}` if it is wrong"));
        if words == others {
            finding = finding.help("take one of them out");
        }
        if let ConditionKind::And(siblings) = &row.kind
            && let Some(at) = siblings.iter().position(|it| std::ptr::eq(it, part))
        {
            let neighbour = match at.checked_sub(1) {
                Some(before) => siblings.get(before),
                None => siblings.get(1),
            };
            if let Some(neighbour) = neighbour.filter(|it| it.span != part.span) {
                let mut cut = part.span;
                if neighbour.span.start < part.span.start {
                    cut.start = neighbour.span.end;
                } else {
                    cut.end = neighbour.span.start;
                }
                finding = finding.maybe(cut, "");
            }
        }
        self.report(finding);
    }

    /// Looks at what an exception makes of a condition.
    fn excepted(&mut self, when: &Condition, except: &Condition, life: Level) {
        let exceptions = match &except.kind {
            ConditionKind::Or(_) => parts(except, life),
            _ => vec![Part { condition: except, claim: Claim::of(except, life) }],
        };
        let whens = match &when.kind {
            ConditionKind::And(_) => parts(when, life),
            _ => vec![Part { condition: when, claim: Claim::of(when, life) }],
        };
        for exception in &exceptions {
            let Some(claim) = &exception.claim else { continue };
            let (part, span) = (exception.condition, exception.condition.span);
            let mut claims = whens
                .iter()
                .filter_map(|when| Some((when.condition, when.claim.as_ref()?)));
            let met = claims.find_map(|(when, known)| {
                (known.implies(claim))
                    .then_some((when, true))
                    .or_else(|| known.excludes(claim).then_some((when, false)))
            });
            let Some((when, all)) = met else { continue };
            let (words, others) = (self.words(part), self.words(when));
            self.report(if all {
                let message = format!(
                    "this is never true: the exception leaves out everyone with `{others}`"
                );
                Diagnostic::warning(Code::NeverTrue, span, message)
                    .label("leaves out everyone that the condition asks for")
                    .and(when.span, "asked for here")
                    .help("take one of the two out")
            } else {
                let message =
                    format!("the exception `{words}` leaves nobody out");
                Diagnostic::warning(Code::ChangesNothing, span, message)
                    .label("nobody with this is left")
                    .and(when.span, "these are out already")
                    .help("take one of the two out")
            });
        }
    }
}

/// The parts of a row, rows of the same joint within it included.
fn parts(row: &Condition, life: Level) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut open = vec![row];
    while let Some(condition) = open.pop() {
        match (&row.kind, &condition.kind) {
            (ConditionKind::And(_), ConditionKind::And(parts))
            | (ConditionKind::Or(_), ConditionKind::Or(parts)) => {
                open.extend(parts.iter().rev());
            }
            _ => found.push(condition),
        }
    }
    let few = found.len() <= LONGEST;
    let part = |condition| Part {
        condition,
        claim: if few { Claim::of(condition, life) } else { None },
    };
    found.into_iter().map(part).collect()
}

fn first_pair<'a>(
    parts: &[Part<'a>],
    holds: impl Fn(&Claim, &Claim) -> bool,
) -> Option<(&'a Condition, &'a Condition)> {
    parts.iter().enumerate().find_map(|(at, second)| {
        let claim = second.claim.as_ref()?;
        let first = parts.iter().take(at).find(|first| {
            first.claim.as_ref().is_some_and(|first| holds(first, claim))
        })?;
        Some((first.condition, second.condition))
    })
}
