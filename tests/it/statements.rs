//! Statements stay within what `SQLite` takes, and hold no value that anyone wrote.

use tenure::ir::{
    Attribute, Condition, ConditionKind, Field, Level, Op, Scope, SubjectKind, TestKind,
    Value, ValueKind,
};
use tenure::query::{
    Ask, Selection, Shape, Statistics, census_in, subjects, undecided_patterns,
};
use tenure::store::Store;
use tenure::text::{Span, Spanned};
use tenure::time::Timestamp;

static EVERY: Scope = Scope {
    kind: SubjectKind::Account,
    apps: vec![],
    long_term: false,
};

fn is(field: Field, level: Level, op: Op, value: &str) -> Condition {
    let attribute = Attribute { level, field, kind: ValueKind::Text };
    let value = Value::Text(value.to_owned());
    let kind = TestKind::Compare { attribute, op, value };
    Condition::test(kind, Spanned::new(String::new(), Span::default()))
}

fn join(kind: fn(Vec<Condition>) -> ConditionKind, parts: Vec<Condition>) -> Condition {
    Condition { kind: kind(parts), span: Span::default() }
}

fn selection(when: &Condition) -> Selection<'_> {
    Selection {
        scope: &EVERY,
        when,
        except: None,
        blocked: Some(1),
        at: Timestamp(0).into(),
        activity: None,
        stale: None,
    }
}

/// Every statement about a condition, in every shape.
fn all(when: &Condition, mut each: impl FnMut(&tenure::query::Statement)) {
    let (selection, sizes) = (selection(when), Statistics::default());
    for ask in [Ask::Matched, Ask::Undecided] {
        for shape in Shape::all(&selection, ask) {
            each(&subjects(&selection, ask, shape, &sizes));
            each(&undecided_patterns(&selection, shape, &sizes));
            each(&census_in(&selection, shape, &sizes));
        }
    }
}

#[test]
fn ten_thousand_terms_in_a_row() {
    let store = Store::in_memory().unwrap();
    let row = |kind, terms| {
        let is = |number| {
            let value = format!("value {number}");
            is(Field::Department, Level::User, Op::Ne, &value)
        };
        join(kind, (0..terms).map(is).collect())
    };
    for kind in [ConditionKind::And, ConditionKind::Or] {
        let when = row(kind, 10_000);
        let found = store.subjects(&selection(&when), Ask::Matched).unwrap();
        assert!(found.is_empty());
        let when = row(kind, 1_500);
        let (selection, sizes) = (selection(&when), Statistics::default());
        assert_eq!(store.census(&selection).unwrap().in_scope(), 0);
        assert!(store.undecided(&selection).unwrap().is_empty());
        for shape in Shape::all(&selection, Ask::Matched) {
            let statement = subjects(&selection, Ask::Matched, shape, &sizes);
            assert!(store.select_ids(&statement).unwrap().is_empty());
        }
    }
}

#[test]
fn values_are_parameters() {
    let hostile = "x' OR 1=1; DROP TABLE account; --";
    let parts = [
        (Field::Department, Level::User),
        (Field::Owner, Level::Account),
        (Field::Username, Level::Account),
    ]
    .map(|(field, level)| is(field, level, Op::Eq, hostile));
    let when = join(ConditionKind::Or, parts.into());
    let store = Store::in_memory().unwrap();
    all(&when, |statement| {
        assert!(!statement.sql.to_lowercase().contains("drop table"), "{statement}");
        assert!(statement.to_string().contains("drop table account"), "{statement}");
    });
    assert!(store.subjects(&selection(&when), Ask::Matched).unwrap().is_empty());
}

#[test]
fn a_statement_prints_with_its_parameters() {
    let when = is(Field::Username, Level::Account, Op::Eq, "Zoe");
    let (selection, sizes) = (selection(&when), Statistics::default());
    let shape = Shape::choose(&selection, Ask::Matched, &sizes);
    let printed = subjects(&selection, Ask::Matched, shape, &sizes).to_string();
    assert!(printed.starts_with("SELECT a.id\nFROM account a"), "{printed}");
    assert!(printed.contains("a.username_key = ?1"), "{printed}");
    assert!(printed.contains("\n-- ?1 = 'zoe'"), "{printed}");
}
