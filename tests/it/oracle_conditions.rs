//! Random conditions over the names of the oracle's stores.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use crate::dice::Dice;
use crate::oracle_world::{AGES, ORIGIN, STATUSES, TEXTS};
use regex::Regex;
use tenure::catalog::BUILT_IN;
use tenure::ir::{
    AppId, Attribute, AttributeId, Condition, ConditionKind, Direction, Field, GroupId,
    GroupRef, Held, Level, Op, Pattern, PermissionId, PermissionRef, RoleId, RoleRef,
    SubjectKind, TestKind, TextTest, Value, ValueKind,
};
use tenure::query::Moment;
use tenure::text::{Span, Spanned};
use tenure::time::{Duration, Timestamp};

const OPS: [Op; 6] = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];

/// A condition no deeper than `depth`.
pub(crate) fn condition(dice: &mut Dice, kind: SubjectKind, depth: u64) -> Condition {
    let deeper = |dice: &mut Dice| {
        // None at all, seldom.
        let count = if dice.chance(6) { 0 } else { 2 + dice.below(2) };
        (0..count).map(|_| condition(dice, kind, depth - 1)).collect()
    };
    let made = match dice.below(if depth == 0 { 1 } else { 5 }) {
        0 | 4 => return test(dice, kind),
        1 | 2 => ConditionKind::And(deeper(dice)),
        _ if dice.chance(50) => {
            ConditionKind::Not(Box::new(condition(dice, kind, depth - 1)))
        }
        _ => ConditionKind::Or(deeper(dice)),
    };
    Condition { kind: made, span: Span::default() }
}

/// Now or near it; evaluated just then, some time before, or not at all; with an activation
/// or without.
pub(crate) fn moment(dice: &mut Dice) -> Moment {
    let now = Timestamp(ORIGIN.0 + dice.pick(&[0, 0, 0, 1, -1, 86_400]));
    let ages = [0, 1, 86_400, 30 * 86_400, 30 * 86_400 + 1, 200 * 86_400, -86_400];
    let at = Moment::at(now);
    let at = match dice.below(8) {
        0 => at,
        1 => at.again(),
        _ => at.since(Timestamp(ORIGIN.0 - dice.pick(&ages))),
    };
    if dice.chance(40) {
        return at.counted_from(Timestamp(ORIGIN.0 - dice.pick(&AGES)));
    }
    at
}

fn test(dice: &mut Dice, kind: SubjectKind) -> Condition {
    let made = match dice.below(18) {
        16 => reaches(dice, kind),
        17 if kind == SubjectKind::Grant => permission(dice),
        0 | 1 | 17 => elapsed(dice, Some(Field::LastSeen), kind),
        2 | 3 => elapsed(dice, None, kind),
        4 => TestKind::NeverActive,
        5 => {
            let attribute = attribute(dice, kind, |_| true);
            TestKind::Known { attribute, known: dice.chance(50) }
        }
        6 | 7 => TestKind::InGroup { groups: groups(dice), held: held(dice) },
        8 | 9 => {
            TestKind::HasPermission { permissions: permissions(dice), held: held(dice) }
        }
        10 => TestKind::HasRole { roles: roles(dice), held: held(dice) },
        11 if dice.chance(50) => TestKind::HasSession,
        11 => TestKind::HasAccount {
            apps: dice.pick(&[vec![AppId(1)], vec![AppId(2), AppId(3)]]),
        },
        12 | 13 => compare(dice, kind),
        14 => text(dice, kind),
        _ => {
            let attribute = attribute(dice, kind, |_| true);
            let count = dice.pick(&[0, 1, 2, 3, 12]);
            let values = (0..count).map(|_| value(dice, &attribute)).collect();
            TestKind::OneOf { attribute, values }
        }
    };
    let words = format!("{made:?}");
    Condition::test(made, Spanned::new(words, Span::default()))
}

fn elapsed(dice: &mut Dice, field: Option<Field>, kind: SubjectKind) -> TestKind {
    let level = match kind {
        SubjectKind::Account | SubjectKind::Grant => Level::Account,
        SubjectKind::User => Level::User,
    };
    let instant = match field {
        Some(field) => Attribute { level, field, kind: ValueKind::Instant },
        None => attribute(dice, kind, |kind| kind == ValueKind::Instant),
    };
    TestKind::Elapsed {
        instant,
        direction: dice.pick(&[Direction::Since, Direction::Since, Direction::Until]),
        op: dice.pick(&OPS),
        length: Duration(dice.pick(&AGES)),
    }
}

fn reaches(dice: &mut Dice, kind: SubjectKind) -> TestKind {
    let count = dice.pick(&[0, 1, 1, 1, 2, 3, 4]);
    TestKind::Reaches {
        instant: attribute(dice, kind, |kind| kind == ValueKind::Instant),
        direction: dice.pick(&[Direction::Since, Direction::Until]),
        distances: (0..count).map(|_| Duration(dice.pick(&AGES))).collect(),
    }
}

/// What a grant's permission is called.
fn permission(dice: &mut Dice) -> TestKind {
    let attribute = Attribute {
        level: Level::Grant,
        field: Field::Permission,
        kind: ValueKind::Permission,
    };
    let names = ["P", "pp", "Q", "qq", "R", "nowhere"];
    match dice.below(4) {
        0 => {
            let values = (0..2).map(|_| Value::Text(dice.pick(&names).to_owned()));
            TestKind::OneOf { values: values.collect(), attribute }
        }
        _ => TestKind::Compare {
            attribute,
            op: dice.pick(&[Op::Eq, Op::Eq, Op::Ne]),
            value: Value::Text(dice.pick(&names).to_owned()),
        },
    }
}

fn compare(dice: &mut Dice, kind: SubjectKind) -> TestKind {
    let attribute = attribute(dice, kind, |_| true);
    let ordered = matches!(attribute.kind, ValueKind::Instant | ValueKind::Number);
    let op = dice.pick(if ordered { &OPS } else { &[Op::Eq, Op::Ne] });
    let value = value(dice, &attribute);
    TestKind::Compare { attribute, op, value }
}

fn text(dice: &mut Dice, kind: SubjectKind) -> TestKind {
    let attribute = attribute(dice, kind, |kind| {
        !matches!(kind, ValueKind::Instant | ValueKind::Number | ValueKind::Bool)
    });
    if dice.chance(30) {
        let pattern = dice.pick(&["^[LS]", "(?i)legal", "é|SE$", "^$", "a.b"]);
        return TestKind::Matches {
            attribute,
            pattern: Pattern(Regex::new(pattern).unwrap()),
        };
    }
    TestKind::Text {
        attribute,
        test: dice.pick(&[TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains]),
        words: dice
            .pick(&[
                "leg",
                "AL",
                "ss",
                "ß",
                "",
                "É",
                "\0",
                "acme.EXAMPLE",
                "user1",
                "p",
                "Q",
            ])
            .to_owned(),
    }
}

fn attribute(
    dice: &mut Dice,
    kind: SubjectKind,
    fits: impl Fn(ValueKind) -> bool,
) -> Attribute {
    let custom = [
        (Level::User, 1, "center", ValueKind::Text),
        (Level::User, 2, "hired", ValueKind::Instant),
        (Level::User, 3, "score", ValueKind::Number),
        (Level::User, 4, "external", ValueKind::Bool),
        (Level::User, 8, "sponsor", ValueKind::User),
        (Level::Account, 5, "badge", ValueKind::Text),
        (Level::Account, 6, "ends", ValueKind::Instant),
        (Level::Account, 7, "seats", ValueKind::Number),
        (Level::Account, 9, "shared", ValueKind::Bool),
        (Level::Account, 99, "nowhere", ValueKind::Text),
        (Level::User, 0, "declared", ValueKind::Instant),
    ];
    // Whatever the data holds, any type can be declared for it.
    let declared = [
        ValueKind::Text,
        ValueKind::Instant,
        ValueKind::Number,
        ValueKind::Bool,
        ValueKind::User,
    ];
    let custom = custom.map(|(level, id, name, kind)| {
        let kind = if dice.chance(30) { dice.pick(&declared) } else { kind };
        let field = Field::Custom { id: AttributeId(id), name: name.to_owned() };
        Attribute { level, field, kind }
    });
    let of_grant = [
        (Level::Grant, Field::Permission, ValueKind::Permission),
        (Level::Grant, Field::GrantedAt, ValueKind::Instant),
        (Level::Grant, Field::ExpiresAt, ValueKind::Instant),
    ];
    // Of which a policy for grants asks more often than of the many others.
    let often = if kind == SubjectKind::Grant { 4 } else { 0 };
    let of_grant = std::iter::repeat_n(of_grant, often).flatten();
    let of_grant = of_grant.map(|(level, field, kind)| Attribute { level, field, kind });
    let built_in = BUILT_IN.iter().map(|(level, field, kind)| Attribute {
        level: *level,
        field: field.clone(),
        kind: *kind,
    });
    let all: Vec<Attribute> = built_in
        .chain(of_grant)
        .chain(custom)
        .filter(|attribute| fits(attribute.kind))
        .filter(|attribute| match attribute.level {
            Level::User => true,
            Level::Account => kind != SubjectKind::User,
            Level::Grant => kind == SubjectKind::Grant,
        })
        .collect();
    dice.pick(&all)
}

fn value(dice: &mut Dice, attribute: &Attribute) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    match attribute.kind {
        ValueKind::Bool => Value::Bool(dice.chance(50)),
        ValueKind::Number => Value::Number(dice.pick(&[0.0, 1.0, 2.5, 1000.0, -1.5])),
        ValueKind::Instant => Value::Instant(Timestamp(ORIGIN.0 - dice.pick(&AGES))),
        ValueKind::User => {
            text(dice.pick(&["user1@acme.example", "USER3@ACME.EXAMPLE", "nobody"]))
        }
        ValueKind::Status => text(dice.pick(&STATUSES)),
        ValueKind::Lifecycle => text(dice.pick(&["active", "LEAVE", "none"])),
        ValueKind::IdentityState => text(dice.pick(&[
            "active",
            "Inactive Short-Term",
            "inactive long-term",
            "none",
        ])),
        ValueKind::Permission => text(dice.pick(&["p", "PP", "Q", "qq", "R", "nobody"])),
        ValueKind::Text => match attribute.field {
            Field::Email => {
                text(dice.pick(&["user1@ACME.example", "user9@acme.example"]))
            }
            Field::Username if attribute.level == Level::Account => {
                text(dice.pick(&["name1", "NAME2"]))
            }
            _ => text(dice.pick(&TEXTS)),
        },
    }
}

fn groups(dice: &mut Dice) -> Vec<GroupRef> {
    let group = |id| GroupRef { id: GroupId(id), name: format!("G{id}") };
    let ids: Vec<i64> =
        dice.pick(&[vec![1], vec![2], vec![3, 4], (1..=12).collect(), vec![]]);
    ids.into_iter().map(group).collect()
}

fn roles(dice: &mut Dice) -> Vec<RoleRef> {
    let role = |id| RoleRef { id: RoleId(id), name: format!("R{id}") };
    let ids: Vec<i64> = dice.pick(&[vec![1], vec![2, 1], vec![3], vec![3, 1]]);
    ids.into_iter().map(role).collect()
}

fn permissions(dice: &mut Dice) -> Vec<PermissionRef> {
    let named = |name: &str, ids: &[i64]| PermissionRef {
        ids: ids.iter().copied().map(PermissionId).collect(),
        name: name.to_owned(),
    };
    let (p, q, r) = (named("P", &[1, 2]), named("Q", &[3]), named("R", &[5]));
    let everything = named("E", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    dice.pick(&[
        vec![p.clone()],
        vec![q.clone()],
        vec![r.clone()],
        vec![p, q, r],
        vec![everything],
    ])
}

fn held(dice: &mut Dice) -> Option<Held> {
    dice.chance(40).then(|| Held {
        op: dice.pick(&OPS),
        length: Duration(dice.pick(&AGES)),
    })
}
