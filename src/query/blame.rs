//! What is missing where a condition is unknown.

use crate::facts::Facts;
use crate::ir::{Attribute, Condition, ConditionKind, Level, Test, TestKind};
use crate::query::doubt::{doubted, stale};
use crate::query::{Moment, Selection, Truth, interpret};

/// The attributes that leave a policy undecided about a subject, in the order written; the
/// first decides under which name the subject is counted. Empty when it is decided.
pub fn blame(
    when: &Condition,
    except: Option<&Condition>,
    facts: &Facts,
    at: impl Into<Moment>,
) -> Vec<String> {
    let at = at.into();
    let tests = when
        .tests()
        .into_iter()
        .chain(except.map_or(vec![], Condition::tests));
    let answers = tests.map(|test| {
        let stale = doubted(&test.kind, facts, at);
        (interpret::answer(test, facts, at), stale.map(str::to_owned))
    });
    blame_answers(when, except, answers, facts.user.is_none())
}

/// The attribute to blame for a group of undecided subjects, from the text that
/// [`undecided_patterns`](crate::query::undecided_patterns) gives for it.
pub fn blame_pattern(selection: &Selection<'_>, pattern: &str) -> String {
    let orphan = pattern.starts_with('o');
    let mut letters = pattern.chars().skip(1);
    let answers = std::iter::from_fn(|| {
        Some(match letters.next()? {
            '1' => (Truth::True, None),
            '0' => (Truth::False, None),
            's' => {
                let source: String =
                    letters.by_ref().take_while(|letter| *letter != ';').collect();
                let stale = selection.stale.zip(source.parse().ok());
                let name = stale.map(|(stale, source)| stale.name(source).to_owned());
                (Truth::Unknown, name)
            }
            _ => (Truth::Unknown, None),
        })
    });
    let names = blame_answers(selection.when, selection.except, answers, orphan);
    names.into_iter().next().unwrap_or_default()
}

/// What a question answers, and the stale source that it would have to believe.
type Answer = (Truth, Option<String>);

/// What is to blame, from the answers to each test, in the order written.
pub(crate) fn blame_answers(
    when: &Condition,
    except: Option<&Condition>,
    answers: impl Iterator<Item = Answer>,
    orphan: bool,
) -> Vec<String> {
    let mut cx = Cx { answers, orphan };
    let (fires, mut names) = cx.condition(when);
    let (excepted, more) = match except {
        Some(except) => cx.condition(except),
        None => (Truth::False, Vec::new()),
    };
    if fires.and(!excepted) != Truth::Unknown {
        return Vec::new();
    }
    add(&mut names, more);
    names
}

/// The name under which an unknown test is reported, that of a stale source among them. Of an
/// orphan it is the owner that is missing.
pub(crate) fn missing(test: &Test, orphan: bool, source: Option<&str>) -> String {
    match (unrecorded(test, orphan), source) {
        (name, Some(source)) if !(orphan && name == "owner") => stale(source),
        (name, _) => name.to_owned(),
    }
}

/// What is not on record where a test is unknown.
fn unrecorded(test: &Test, orphan: bool) -> &str {
    let of_attribute =
        |attribute: &'_ Attribute| orphan && attribute.level == Level::User;
    match &test.kind {
        TestKind::Elapsed { instant: attribute, .. }
        | TestKind::Reaches { instant: attribute, .. }
        | TestKind::Known { attribute, .. }
        | TestKind::Compare { attribute, .. }
        | TestKind::Text { attribute, .. }
        | TestKind::Matches { attribute, .. }
        | TestKind::OneOf { attribute, .. } => {
            if of_attribute(attribute) {
                "owner"
            } else {
                attribute.field.name()
            }
        }
        TestKind::InGroup { .. } | TestKind::HasRole { .. } if orphan => "owner",
        TestKind::HasAccount { .. } => "owner",
        TestKind::InGroup { .. } => "joined_at",
        TestKind::HasRole { .. } | TestKind::HasPermission { .. } => "granted_at",
        TestKind::NeverActive => "last_seen",
        TestKind::HasSession => "sessions",
    }
}

struct Cx<Answers> {
    answers: Answers,
    orphan: bool,
}

impl<Answers: Iterator<Item = Answer>> Cx<Answers> {
    /// The truth of a condition, and the names to blame where it is unknown. Every test
    /// takes its answer, so that those behind it find theirs.
    fn condition(&mut self, condition: &Condition) -> (Truth, Vec<String>) {
        let (truth, names) = match &condition.kind {
            ConditionKind::And(parts) => self.parts(parts, Truth::True, Truth::and),
            ConditionKind::Or(parts) => self.parts(parts, Truth::False, Truth::or),
            ConditionKind::Not(inner) => {
                let (truth, names) = self.condition(inner);
                (!truth, names)
            }
            ConditionKind::Test(test) => {
                let (truth, source) =
                    self.answers.next().unwrap_or((Truth::Unknown, None));
                (truth, vec![missing(test, self.orphan, source.as_deref())])
            }
        };
        let names = if truth == Truth::Unknown { names } else { Vec::new() };
        (truth, names)
    }

    fn parts(
        &mut self,
        parts: &[Condition],
        start: Truth,
        join: fn(Truth, Truth) -> Truth,
    ) -> (Truth, Vec<String>) {
        let mut names = Vec::new();
        let mut truth = start;
        for part in parts {
            let (part_truth, more) = self.condition(part);
            truth = join(truth, part_truth);
            add(&mut names, more);
        }
        (truth, names)
    }
}

fn add(names: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}
