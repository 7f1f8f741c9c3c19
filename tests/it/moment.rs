//! What the last evaluation and the activation change, and grants as subjects.

use rusqlite::Connection;
use std::path::Path;
use tenure::explain::{Question, explain, prose};
use tenure::facts::{Facts, SubjectId};
use tenure::ir::{
    Attribute, Condition, ConditionKind, Direction, Field, GroupRef, Held, Level, Op,
    Scope, SubjectKind, TestKind, Value, ValueKind,
};
use tenure::query::{
    Ask, Moment, Selection, Truth, blame, evaluate, proof, reached, verdict,
};
use tenure::store::{ImportOptions, Store};
use tenure::text::{Span, Spanned};
use tenure::time::{Duration, Timestamp};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-20T12:00:00Z")
}

fn acme() -> Store {
    let mut store = Store::in_memory().unwrap();
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
    store.import(&world, &ImportOptions::at(now()), &mut |_| {}).unwrap();
    store
}

fn facts(store: &Store, printed: &str) -> Facts {
    let id = store.find_subject(printed).unwrap().unwrap();
    store.facts(id).unwrap().unwrap()
}

fn attribute(level: Level, field: Field, kind: ValueKind) -> Attribute {
    Attribute { level, field, kind }
}

fn test(kind: TestKind, words: &str) -> Condition {
    Condition::test(kind, Spanned::new(words.to_owned(), Span::default()))
}

fn since_seen(op: Op, days: i64) -> Condition {
    let kind = TestKind::Elapsed {
        instant: attribute(Level::Account, Field::LastSeen, ValueKind::Instant),
        direction: Direction::Since,
        op,
        length: Duration::days(days),
    };
    test(kind, "inactive")
}

fn reaches(field: Field, direction: Direction, days: &[i64]) -> Condition {
    let level = if field == Field::ExpiresAt { Level::Grant } else { Level::Account };
    let kind = TestKind::Reaches {
        instant: attribute(level, field, ValueKind::Instant),
        direction,
        distances: days.iter().copied().map(Duration::days).collect(),
    };
    test(kind, "reaches")
}

fn called(op: Op, name: &str) -> Condition {
    let kind = TestKind::Compare {
        attribute: attribute(Level::Grant, Field::Permission, ValueKind::Permission),
        op,
        value: Value::Text(name.to_owned()),
    };
    test(kind, "permission")
}

fn join(kind: fn(Vec<Condition>) -> ConditionKind, parts: Vec<Condition>) -> Condition {
    Condition { kind: kind(parts), span: Span::default() }
}

fn the_test(condition: &Condition) -> &tenure::ir::Test {
    condition.tests().into_iter().next().unwrap()
}

fn grants() -> Scope {
    Scope {
        kind: SubjectKind::Grant,
        apps: vec![],
        long_term: false,
    }
}

fn matched(store: &Store, scope: &Scope, when: &Condition, at: Moment) -> Vec<String> {
    let selection = Selection {
        scope,
        when,
        except: None,
        blocked: None,
        at,
        activity: None,
        stale: None,
    };
    let ids = store.subjects(&selection, Ask::Matched).unwrap();
    let name = |id| {
        let id = SubjectId::new(scope.kind, id);
        store.facts(id).unwrap().unwrap().subject.name
    };
    ids.into_iter().map(name).collect()
}

/// Expires 2026-11-19T00:00:00Z.
const PAT: &str = "salesforce/pat/Service Cloud";

#[test]
fn an_edge_is_crossed_once() {
    let store = acme();
    let pat = facts(&store, PAT);
    let edge = reaches(Field::ExpiresAt, Direction::Until, &[30, 7, 0]);
    // The distance is crossed at the very instant: not before it, and not again after it.
    let cases = [
        ("2026-11-10T00:00:00Z", "2026-11-11T23:59:59Z", None),
        ("2026-11-10T00:00:00Z", "2026-11-12T00:00:00Z", Some(7)),
        ("2026-11-11T23:59:59Z", "2026-11-12T00:00:00Z", Some(7)),
        ("2026-11-12T00:00:00Z", "2026-11-13T00:00:00Z", None),
        ("2026-11-12T00:00:00Z", "2026-11-12T00:00:00Z", None),
        ("2026-11-12T00:00:00Z", "2026-11-11T00:00:00Z", None),
        ("2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", Some(0)),
        // All three at once: the nearest counts.
        ("2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z", Some(0)),
        ("2026-01-01T00:00:00Z", "2026-11-15T00:00:00Z", Some(7)),
    ];
    for (since, now, distance) in cases {
        let moment = Moment::at(at(now)).since(at(since));
        let found = reached(the_test(&edge), &pat, moment);
        assert_eq!(found, distance.map(Duration::days), "{since} to {now}");
        assert_eq!(evaluate(&edge, &pat, moment), distance.is_some().into());
        let listed = matched(&store, &grants(), &edge, moment);
        assert_eq!(listed.contains(&PAT.to_owned()), distance.is_some());
    }
    // Nothing was crossed in no time, and in a re-check it counts as true, of everyone.
    assert_eq!(evaluate(&edge, &pat, now()), Truth::False);
    let zoe = facts(&store, "salesforce/zoe/Sales Cloud");
    assert_eq!(evaluate(&edge, &zoe, now()), Truth::Unknown);
    assert_eq!(blame(&edge, None, &zoe, now()), ["expires_at"]);
    let again = Moment::at(now()).again();
    assert_eq!(evaluate(&edge, &pat, again), Truth::True);
    assert_eq!(evaluate(&edge, &zoe, again), Truth::True);
    assert_eq!(reached(the_test(&edge), &pat, again), None);
    assert_eq!(matched(&store, &grants(), &edge, again).len(), 6);
}

#[test]
fn time_since_has_edges_too() {
    let store = acme();
    let pat = facts(&store, "salesforce/pat");
    // Last seen exactly 90 days ago.
    let edge = reaches(Field::LastSeen, Direction::Since, &[30, 90]);
    let day = Moment::at(now()).since(now().before(Duration::DAY));
    assert_eq!(reached(the_test(&edge), &pat, day), Some(Duration::days(90)));
    let later = Moment::at(now().after(Duration(1))).since(now());
    assert_eq!(reached(the_test(&edge), &pat, later), None);
    let long = Moment::at(now()).since(now().before(Duration::days(80)));
    assert_eq!(reached(the_test(&edge), &pat, long), Some(Duration::days(90)));
}

#[test]
fn lengths_count_from_the_activation() {
    let store = acme();
    // Last seen 123 days ago.
    let zoe = facts(&store, "salesforce/zoe");
    let activated =
        |days| Moment::at(now()).counted_from(now().before(Duration::days(days)));
    let inactive = since_seen(Op::Gt, 90);
    assert_eq!(evaluate(&inactive, &zoe, now()), Truth::True);
    assert_eq!(evaluate(&inactive, &zoe, activated(5)), Truth::False);
    assert_eq!(evaluate(&inactive, &zoe, activated(90)), Truth::False);
    assert_eq!(evaluate(&inactive, &zoe, activated(91)), Truth::True);
    assert_eq!(evaluate(&inactive, &zoe, activated(200)), Truth::True);
    // What is missing stays missing, and what lies ahead is as far as it was.
    let orphan = facts(&store, "salesforce/svc-sync");
    assert_eq!(evaluate(&inactive, &orphan, activated(5)), Truth::Unknown);
    let pat = facts(&store, PAT);
    let until = test(
        TestKind::Elapsed {
            instant: attribute(Level::Grant, Field::ExpiresAt, ValueKind::Instant),
            direction: Direction::Until,
            op: Op::Le,
            length: Duration::days(0),
        },
        "until expires_at <= 0d",
    );
    assert_eq!(evaluate(&until, &pat, activated(0)), Truth::True);
    // An edge is reached when the counted length reaches it.
    let edge = reaches(Field::LastSeen, Direction::Since, &[90]);
    let moment = activated(90).since(now().before(Duration::DAY));
    assert_eq!(reached(the_test(&edge), &zoe, moment), Some(Duration::days(90)));
    let moment = activated(89).since(now().before(Duration::DAY));
    assert_eq!(reached(the_test(&edge), &zoe, moment), None);
    // Explanations say from when they count.
    let said = proof(&inactive, &zoe, activated(5));
    let saw = said.tests()[0].1.value.clone();
    assert_eq!(saw.as_deref(), Some("5d since the activation"));
}

#[test]
fn memberships_count_from_the_activation() {
    let store = acme();
    let catalog = store.catalog().unwrap();
    let group = catalog.groups.iter().find(|group| group.name == "Execs").unwrap();
    let groups = vec![GroupRef { id: group.id, name: group.name.clone() }];
    let held = Some(Held { op: Op::Gt, length: Duration::days(30) });
    let when = test(TestKind::InGroup { groups, held }, "in group Execs for > 30d");
    let accounts = Scope {
        kind: SubjectKind::Account,
        apps: vec![],
        long_term: false,
    };
    let before = matched(&store, &accounts, &when, now().into());
    assert!(!before.is_empty());
    let recent = Moment::at(now()).counted_from(now().before(Duration::days(30)));
    assert!(matched(&store, &accounts, &when, recent).is_empty());
}

#[test]
fn a_grant_is_a_subject() {
    let store = acme();
    for printed in [
        "salesforce/zoe/Sales Cloud",
        "SALESFORCE/Zoe/sales cloud",
        "salesforce/zoe/\"Sales Cloud\"",
        "salesforce/zoe/sales_cloud",
    ] {
        let found = facts(&store, printed);
        assert_eq!(found.subject.name, "salesforce/zoe/Sales Cloud");
        let grant = found.grant.as_ref().unwrap();
        assert_eq!(found.subject.id, SubjectId::Grant(grant.id));
        assert_eq!(grant.permission.granted_at, Some(at("2022-05-03")));
        assert_eq!(found.account.as_ref().unwrap().username, "zoe");
        assert_eq!(found.user.as_ref().unwrap().email, "zoe@acme.example");
    }
    assert_eq!(store.find_subject("salesforce/zoe/Service Cloud").unwrap(), None);
    assert_eq!(store.facts(SubjectId::Grant(999)).unwrap(), None);
    // Its permission goes by both names, in whichever case.
    let zoe = facts(&store, "salesforce/zoe/Sales Cloud");
    for name in ["Sales Cloud", "SALES_CLOUD"] {
        assert_eq!(evaluate(&called(Op::Eq, name), &zoe, now()), Truth::True);
        assert_eq!(evaluate(&called(Op::Ne, name), &zoe, now()), Truth::False);
        let listed = matched(&store, &grants(), &called(Op::Eq, name), now().into());
        assert_eq!(listed.len(), 4, "{listed:?}");
    }
    let listed = matched(&store, &grants(), &called(Op::Ne, "sales_cloud"), now().into());
    assert_eq!(listed, [PAT, "github/dlevi/Organisation Owner"]);
    let ned = facts(&store, "salesforce/ned/Sales Cloud").subject.id;
    assert_eq!(store.outside(&grants(), ned).unwrap(), Some("inactive long-term"));
}

#[test]
fn an_explanation_of_a_grant() {
    let store = acme();
    let when = join(
        ConditionKind::And,
        vec![
            called(Op::Eq, "Service Cloud"),
            reaches(Field::ExpiresAt, Direction::Until, &[7, 0]),
        ],
    );
    let scope = grants();
    let question = Question {
        policy: None,
        scope: &scope,
        when: &when,
        except: None,
        activity: None,
    };
    let moment = Moment::at(now()).since(now().before(Duration::days(3)));
    assert_eq!(
        prose(&explain(&question, &facts(&store, PAT), moment)),
        "salesforce/pat/Service Cloud (pat@acme.example) matches the condition\n\n\
         \x20 yes      permission  Service Cloud\n\
         \x20 yes      reaches     -1d, 0s reached, expires_at 2026-11-19T00:00:00Z"
    );
    let before = at("2026-11-10T12:00:00Z");
    let said = prose(&explain(&question, &facts(&store, PAT), before));
    assert!(
        said.ends_with("will match at 2026-11-12T00:00:00Z, if nothing else changes")
    );
}

#[test]
fn permissions_called_alike_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(Store::open(&path).unwrap());
    let db = Connection::open(&path).unwrap();
    db.execute_batch(
        "INSERT INTO app(id, name, name_key) VALUES (1,'One','one');
         INSERT INTO account(id, app_id, identity_id, username, username_key)
           VALUES (1,1,0,'a/b','a/b');
         INSERT INTO permission(id, app_id, value, value_key, label, label_key)
           VALUES (1,1,'p1','p1','P','p'), (2,1,'p2','p2','p','p'), (3,1,'q','q','Q/R','q/r');
         INSERT INTO access_grant(id, permission_id, account_id) VALUES (1,1,1),(2,2,1),(3,3,1);",
    )
    .unwrap();
    drop(db);
    let store = Store::open_existing(&path).unwrap();
    let names = [(1, "One/a/b/p1"), (2, "One/a/b/p2"), (3, "One/a/b/Q/R")];
    for (id, name) in names {
        let found = store.facts(SubjectId::Grant(id)).unwrap().unwrap();
        assert_eq!(found.subject.name, name);
        assert_eq!(store.find_subject(name).unwrap(), Some(SubjectId::Grant(id)));
    }
    assert_eq!(store.find_subject("one/a/b").unwrap(), Some(SubjectId::Account(1)));
}

#[test]
fn nothing_to_ask_is_true_of_everyone() {
    let store = acme();
    let always = join(ConditionKind::And, vec![]);
    let never = join(ConditionKind::Or, vec![]);
    let zoe = facts(&store, "salesforce/zoe");
    assert_eq!(evaluate(&always, &zoe, now()), Truth::True);
    assert_eq!(evaluate(&never, &zoe, now()), Truth::False);
    assert_eq!(verdict(&always, Some(&never), &zoe, now()), Truth::True);
    for kind in [SubjectKind::Account, SubjectKind::User, SubjectKind::Grant] {
        let scope = Scope { kind, apps: vec![], long_term: true };
        let all = store.scope_count(&scope).unwrap();
        let found = matched(&store, &scope, &always, now().into());
        assert_eq!(found.len() as u64, all);
        assert!(matched(&store, &scope, &never, now().into()).is_empty());
        let selection = Selection {
            scope: &scope,
            when: &never,
            except: None,
            blocked: None,
            at: now().into(),
            activity: None,
            stale: None,
        };
        let census = store.census(&selection).unwrap();
        assert_eq!((census.not, census.matched), (vec![all], 0));
    }
    let accounts = Scope {
        kind: SubjectKind::Account,
        apps: vec![],
        long_term: false,
    };
    for (when, word) in [(&always, "yes      always"), (&never, "no       never")] {
        let question = Question {
            policy: None,
            scope: &accounts,
            when,
            except: None,
            activity: None,
        };
        let said = prose(&explain(&question, &zoe, now()));
        assert!(said.contains(word), "{said}");
    }
}
