//! What a single question claims of its subject, and how two such claims stand to each
//! other. Needs no prover: both claims are about one thing.

use crate::ir::{
    Attribute, Condition, ConditionKind, Direction, Field, Level, Op, Test, TestKind,
    Value, ValueKind,
};
use crate::text::fold;
use std::collections::BTreeSet;
use std::ops::Bound;

/// What a question says when it is true.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Claim {
    about: Topic,
    says: Says,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq)]
enum Topic {
    Attribute(Level, Field),
    Groups,
    Roles,
    Permissions,
    Accounts,
    /// A question that is compared with itself only.
    Itself(Box<TestKind>),
}

/// What is said of it.
#[derive(Clone, Debug, PartialEq)]
enum Says {
    /// The time since it lies there.
    Age(Extent),
    /// Its value lies there.
    Value(Extent),
    /// Its value is one of these.
    Among(BTreeSet<String>),
    /// Its value is known, and none of these.
    NotAmong(BTreeSet<String>),
    Known,
    Missing,
    /// It holds one of these, of which a subject may hold several.
    Holds(BTreeSet<String>),
    /// It holds none of these.
    Lacks(BTreeSet<String>),
    Yes,
    No,
}

/// A stretch of numbers, or all numbers but one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Extent {
    Between(Bound<f64>, Bound<f64>),
    But(f64),
}

impl Claim {
    /// What a question, or the denial of one, claims; nothing where it is more than that.
    /// Signs of life are looked for at that level.
    pub(super) fn of(condition: &Condition, life: Level) -> Option<Self> {
        match &condition.kind {
            ConditionKind::Test(test) => Some(Self::of_test(test, life)),
            ConditionKind::Not(inner) => Some(Self::of(inner, life)?.denied()),
            ConditionKind::And(_) | ConditionKind::Or(_) => None,
        }
    }

    fn of_test(test: &Test, life: Level) -> Self {
        let of = |attribute: &Attribute, says| Self {
            about: Topic::Attribute(attribute.level, attribute.field.clone()),
            says,
        };
        let itself = || Self {
            about: Topic::Itself(Box::new(test.kind.clone())),
            says: Says::Yes,
        };
        match &test.kind {
            TestKind::Elapsed { instant, direction, op, length } => {
                let length = number(length.0);
                let extent = match direction {
                    Direction::Since => Extent::of(*op, length),
                    Direction::Until => Extent::of(turned(*op), -length),
                };
                of(instant, Says::Age(extent))
            }
            TestKind::Known { attribute, known } => {
                of(attribute, if *known { Says::Known } else { Says::Missing })
            }
            TestKind::Compare { attribute, op, value } => match value {
                Value::Number(value) => {
                    of(attribute, Says::Value(Extent::of(*op, *value)))
                }
                Value::Instant(at) => {
                    of(attribute, Says::Value(Extent::of(*op, number(at.0))))
                }
                // A permission goes by two names.
                _ if attribute.kind == ValueKind::Permission => itself(),
                Value::Text(_) | Value::Bool(_) => match op {
                    Op::Eq => of(attribute, Says::Among([word(value)].into())),
                    Op::Ne => of(attribute, Says::NotAmong([word(value)].into())),
                    Op::Lt | Op::Le | Op::Gt | Op::Ge => itself(),
                },
            },
            TestKind::OneOf { attribute, values } => {
                let text =
                    |value: &Value| matches!(value, Value::Text(_) | Value::Bool(_));
                if attribute.kind == ValueKind::Permission || !values.iter().all(text) {
                    return itself();
                }
                of(attribute, Says::Among(values.iter().map(word).collect()))
            }
            TestKind::NeverActive => Self {
                about: Topic::Attribute(life, Field::LastSeen),
                says: Says::Missing,
            },
            TestKind::InGroup { held: None, .. }
            | TestKind::HasRole { held: None, .. }
            | TestKind::HasPermission { held: None, .. }
            | TestKind::HasAccount { .. } => Self::of_holding(&test.kind),
            TestKind::Reaches { .. }
            | TestKind::InGroup { .. }
            | TestKind::HasPermission { .. }
            | TestKind::HasRole { .. }
            | TestKind::HasSession
            | TestKind::Text { .. }
            | TestKind::Matches { .. } => itself(),
        }
    }

    /// What a question claims about what a subject holds.
    fn of_holding(kind: &TestKind) -> Self {
        let (about, names): (_, BTreeSet<String>) = match kind {
            TestKind::InGroup { groups, .. } => {
                let names = groups.iter().map(|group| held(group.id.0, &group.name));
                (Topic::Groups, names.collect())
            }
            TestKind::HasRole { roles, .. } => {
                let names = roles.iter().map(|role| held(role.id.0, &role.name));
                (Topic::Roles, names.collect())
            }
            TestKind::HasPermission { permissions, .. } => {
                let names = permissions
                    .iter()
                    .flat_map(|named| named.ids.iter().map(|id| held(id.0, &named.name)));
                (Topic::Permissions, names.collect())
            }
            // Without a store all apps have one number, and no name here.
            TestKind::HasAccount { apps } if apps.iter().all(|app| app.0 != 0) => {
                (Topic::Accounts, apps.iter().map(|app| held(app.0, "")).collect())
            }
            _ => (Topic::Itself(Box::new(kind.clone())), BTreeSet::new()),
        };
        Self { about, says: Says::Holds(names) }
    }

    /// What is true of every subject about whom the claim is false.
    fn denied(self) -> Self {
        let says = match self.says {
            Says::Age(extent) => extent.denied().map(Says::Age),
            Says::Value(extent) => extent.denied().map(Says::Value),
            Says::Among(words) => Some(Says::NotAmong(words)),
            Says::NotAmong(words) => Some(Says::Among(words)),
            Says::Known => Some(Says::Missing),
            Says::Missing => Some(Says::Known),
            Says::Holds(names) => Some(Says::Lacks(names)),
            Says::Lacks(names) => Some(Says::Holds(names)),
            Says::Yes => Some(Says::No),
            Says::No => Some(Says::Yes),
        };
        // Of a stretch with two ends nothing simple is left.
        Self {
            about: self.about,
            says: says.unwrap_or(Says::Known),
        }
    }

    /// Whether the claim is about the user, whatever the subject is.
    pub(super) fn is_of_user(&self) -> bool {
        match &self.about {
            Topic::Attribute(level, _) => *level == Level::User,
            Topic::Groups | Topic::Roles => true,
            Topic::Permissions | Topic::Accounts | Topic::Itself(_) => false,
        }
    }

    /// Whether no subject can fulfil both.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        self.about == other.about && self.says.excludes(&other.says)
    }

    /// Whether every subject that fulfils this one fulfils the other.
    pub(super) fn implies(&self, other: &Self) -> bool {
        self.about == other.about && self.says.implies(&other.says)
    }

    /// Whether every subject about whom both are known fulfils one of them.
    pub(super) fn covers_with(&self, other: &Self) -> bool {
        let open = |says: &Says| matches!(says, Says::Known | Says::Missing);
        open(&self.says) == open(&other.says)
            && self.clone().denied().excludes(&other.clone().denied())
    }
}

impl Says {
    fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Age(one), Self::Age(other))
            | (Self::Value(one), Self::Value(other)) => one.excludes(*other),
            (Self::Among(one), Self::Among(other)) => one.is_disjoint(other),
            (Self::Among(words), Self::NotAmong(without))
            | (Self::NotAmong(without), Self::Among(words)) => words.is_subset(without),
            (Self::Missing, other) | (other, Self::Missing) => {
                !matches!(other, Self::Missing)
            }
            (Self::Holds(some), Self::Lacks(none))
            | (Self::Lacks(none), Self::Holds(some)) => some.is_subset(none),
            (Self::Yes, Self::No) | (Self::No, Self::Yes) => true,
            _ => false,
        }
    }

    fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Age(one), Self::Age(other))
            | (Self::Value(one), Self::Value(other)) => one.within(*other),
            (Self::Among(words), Self::NotAmong(without)) => words.is_disjoint(without),
            (Self::NotAmong(one), Self::NotAmong(other))
            | (Self::Lacks(one), Self::Lacks(other)) => other.is_subset(one),
            (Self::Among(one), Self::Among(other))
            | (Self::Holds(one), Self::Holds(other)) => one.is_subset(other),
            // What follows from being known is left alone: `… and x is known` says on
            // purpose that the others are not meant.
            (one, other) => one == other,
        }
    }
}

impl Extent {
    fn of(op: Op, value: f64) -> Self {
        use Bound::{Excluded, Included, Unbounded};
        match op {
            Op::Eq => Self::Between(Included(value), Included(value)),
            Op::Ne => Self::But(value),
            Op::Lt => Self::Between(Unbounded, Excluded(value)),
            Op::Le => Self::Between(Unbounded, Included(value)),
            Op::Gt => Self::Between(Excluded(value), Unbounded),
            Op::Ge => Self::Between(Included(value), Unbounded),
        }
    }

    fn denied(self) -> Option<Self> {
        use Bound::{Excluded, Included, Unbounded};
        match self {
            Self::But(value) => Some(Self::of(Op::Eq, value)),
            Self::Between(Unbounded, Excluded(high)) => Some(Self::of(Op::Ge, high)),
            Self::Between(Unbounded, Included(high)) => Some(Self::of(Op::Gt, high)),
            Self::Between(Excluded(low), Unbounded) => Some(Self::of(Op::Le, low)),
            Self::Between(Included(low), Unbounded) => Some(Self::of(Op::Lt, low)),
            Self::Between(Included(low), Included(high)) if same(low, high) => {
                Some(Self::But(low))
            }
            Self::Between(..) => None,
        }
    }

    fn excludes(self, other: Self) -> bool {
        match (self, other) {
            (Self::But(_), Self::But(_)) => false,
            (Self::But(value), point) | (point, Self::But(value)) => point.is_only(value),
            (Self::Between(low, high), Self::Between(others_low, others_high)) => {
                behind(low, others_high) || behind(others_low, high)
            }
        }
    }

    fn within(self, other: Self) -> bool {
        match (self, other) {
            (Self::But(one), Self::But(other)) => same(one, other),
            (Self::But(_), Self::Between(..)) => false,
            (between, Self::But(value)) => between.excludes(Self::of(Op::Eq, value)),
            (Self::Between(low, high), Self::Between(others_low, others_high)) => {
                from(others_low, low) && to(high, others_high)
            }
        }
    }

    fn is_only(self, value: f64) -> bool {
        matches!(self, Self::Between(Bound::Included(low), Bound::Included(high))
            if same(low, value) && same(high, value))
    }
}

/// Whether a beginning lies behind an end, so that nothing is between them.
fn behind(low: Bound<f64>, high: Bound<f64>) -> bool {
    use Bound::{Excluded, Included, Unbounded};
    match (low, high) {
        (Unbounded, _) | (_, Unbounded) => false,
        (Included(low), Included(high)) => low > high,
        (Included(low) | Excluded(low), Included(high) | Excluded(high)) => low >= high,
    }
}

/// Whether what begins at the second begins no earlier than at the first.
fn from(first: Bound<f64>, second: Bound<f64>) -> bool {
    use Bound::{Excluded, Included, Unbounded};
    match (first, second) {
        (Unbounded, _) => true,
        (_, Unbounded) => false,
        (Excluded(first), Included(second)) => second > first,
        (Included(first) | Excluded(first), Included(second) | Excluded(second)) => {
            second >= first
        }
    }
}

/// Whether what ends at the first ends no later than at the second.
fn to(first: Bound<f64>, second: Bound<f64>) -> bool {
    let turned = |bound: Bound<f64>| bound.map(|value| -value);
    from(turned(second), turned(first))
}

/// The operator with its sides swapped.
fn turned(op: Op) -> Op {
    match op {
        Op::Eq | Op::Ne => op,
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
    }
}

fn same(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "lengths and instants in seconds are far below 2^52"
)]
fn number(seconds: i64) -> f64 {
    seconds as f64
}

fn word(value: &Value) -> String {
    fold(&value.to_string())
}

/// A thing that is held. Without a store all numbers are one, and the name tells it apart.
fn held(id: i64, name: &str) -> String {
    format!("{id} {}", fold(name))
}
