//! What the checker makes of a policy.

use tenure::catalog::{App, Catalog, CustomAttribute, Group, Permission};
use tenure::ir::{
    AppId, AttributeId, ConditionKind, Direction, Field, GroupId, Ignored, Level, Limit,
    Message, Op, PermissionId, Policy, StepKind, SubjectKind, TestKind, Value, Who,
};
use tenure::text::Sources;
use tenure::time::schedule::Schedule;
use tenure::time::{Duration, Timestamp};
use tenure::{check, syntax};

fn catalog() -> Catalog {
    let app = |id, name: &str| App {
        id: AppId(id),
        name: name.into(),
        label: name.to_uppercase(),
        accounts: 1,
        seen: true,
    };
    let permission = |id, app, value: &str, label: &str| Permission {
        id: PermissionId(id),
        app: AppId(app),
        value: value.into(),
        label: label.into(),
        source: None,
        holders: 1,
    };
    let group = |id, name: &str| Group {
        id: GroupId(id),
        name: name.into(),
        source: "okta".into(),
        members: 1,
        app: None,
        privileged: false,
    };
    Catalog {
        apps: vec![app(1, "crm"), app(2, "git")],
        groups: vec![group(7, "Execs"), group(8, "Sales Team")],
        permissions: vec![
            permission(1, 1, "admin", "Administrator"),
            permission(2, 2, "admin", "Owner"),
            permission(3, 2, "write", "Admin"),
        ],
        custom: vec![CustomAttribute {
            id: AttributeId(5),
            level: Level::User,
            name: "Cost Center".into(),
        }],
        lifecycle: vec!["Terminated".into()],
        ..Catalog::default()
    }
}

/// The only policy of a text without a mistake.
fn policy(text: &str) -> Policy {
    let mut sources = Sources::default();
    let text = format!("webhook revoke\n  url \"https://x.example\"\n{text}");
    let id = sources.add("policies/the-line.tenure", text);
    let (file, mut findings) = syntax::parse(&sources, id);
    let (mut program, more) = check::check(&sources, &[file], &catalog());
    findings.extend(more);
    assert_eq!(findings, []);
    assert_eq!(program.policies.len(), 1);
    program.policies.remove(0)
}

fn when(condition: &str) -> Policy {
    policy(&format!("when {condition} then notify owner"))
}

/// The window of each question that a policy asks.
fn windows(steps: &str) -> Vec<i64> {
    let asks = policy(&format!("when inactive then {steps}")).steps.into_iter();
    let window = |step: StepKind| match step {
        StepKind::Ask { window, .. } => Some(window.time().unwrap().0 / 86_400),
        _ => None,
    };
    asks.filter_map(|step| window(step.kind)).collect()
}

#[test]
fn the_line() {
    let policy = policy(
        "when inactive > 90d and not in group Execs then notify owner, escalate after 7d, \
         run webhook revoke",
    );
    assert_eq!(policy.name, "the-line");
    assert_eq!(policy.scope.kind, SubjectKind::Account);
    assert_eq!(policy.scope.apps, []);
    assert!(!policy.scope.long_term);
    assert_eq!(policy.schedule, Some(Schedule::default()));
    assert_eq!(policy.limit, Limit::Default);
    assert_eq!(policy.rest, Some(Duration::days(90)));
    assert_eq!((policy.review_len, policy.if_ignored), (2, Ignored::Remove));
    let [idle, execs] = policy.when.conjuncts() else { panic!("{:?}", policy.when) };
    let ConditionKind::Test(idle) = &idle.kind else { panic!("{idle:?}") };
    assert_eq!(idle.text, "inactive > 90d");
    let TestKind::Elapsed { instant, direction, op, length } = &idle.kind else {
        panic!("{idle:?}")
    };
    assert_eq!((instant.level, &instant.field), (Level::Account, &Field::LastSeen));
    assert_eq!(
        (*direction, *op, *length),
        (Direction::Since, Op::Gt, Duration::days(90))
    );
    let ConditionKind::Not(execs) = &execs.kind else { panic!("{execs:?}") };
    let ConditionKind::Test(execs) = &execs.kind else { panic!("{execs:?}") };
    assert_eq!(execs.text, "in group Execs");
    let asks: Vec<(&[Who], bool, i64)> = policy
        .steps
        .iter()
        .filter_map(|step| match &step.kind {
            StepKind::Ask {
                who, message: Message::BuiltIn, window, escalation, ..
            } => Some((who.as_slice(), *escalation, window.time().unwrap().0)),
            _ => None,
        })
        .collect();
    let week = 7 * 86_400;
    assert_eq!(asks, [(&[Who::Owner][..], false, week), (&[][..], true, week)]);
    let StepKind::RunWebhook(webhook) = &policy.steps[2].kind else { panic!() };
    assert_eq!(webhook.url, "https://x.example");
}

#[test]
fn windows_of_reviews() {
    assert_eq!(windows("ask owner"), [7]);
    assert_eq!(windows("ask owner for 3d"), [3]);
    assert_eq!(windows("ask owner, escalate after 2d"), [2, 2]);
    assert_eq!(windows("notify owner, escalate after 2d for 5d"), [2, 5]);
    assert_eq!(
        windows("ask owner, escalate after 2d, escalate to admin after 9d"),
        [2, 9, 9]
    );
    assert_eq!(windows("notify owner, ask manager, escalate after 1d"), [1, 1]);
    assert_eq!(windows("ask owner for 1d, ask manager for 2d, if ignored keep"), [1, 2]);
}

#[test]
fn the_review_ends_with_its_last_question() {
    let review = |steps: &str| {
        let policy = policy(&format!("when inactive then {steps}"));
        (policy.review_len, policy.if_ignored, policy.steps.len())
    };
    assert_eq!(review("notify owner"), (0, Ignored::Remove, 1));
    assert_eq!(review("wait 1d, ask owner, disable account"), (2, Ignored::Remove, 3));
    assert_eq!(
        review("ask owner, if ignored keep, disable account"),
        (1, Ignored::Keep, 2)
    );
    assert_eq!(
        review("ask owner, notify admin, if ignored keep, wait 1d"),
        (2, Ignored::Keep, 3)
    );
}

#[test]
fn rest_and_lifecycle_come_from_the_condition() {
    assert_eq!(when("inactive").rest, Some(Duration::days(90)));
    assert_eq!(when("never active or inactive > 30d").rest, Some(Duration::days(30)));
    assert_eq!(when("never active").rest, None);
    assert!(when("inactive and lifecycle = terminated").scope.long_term);
    assert!(when("since lifecycle.changed_at > 9d").scope.long_term);
    assert!(when("not (user.identity state = inactive long-term)").scope.long_term);
    assert!(
        policy("when inactive except lifecycle is known then notify owner")
            .scope
            .long_term
    );
}

#[test]
fn permissions_are_those_of_the_policys_apps() {
    let ids = |text: &str| {
        let policy = policy(text);
        let tests = policy.when.tests();
        let TestKind::HasPermission { permissions, .. } = &tests[0].kind else {
            panic!()
        };
        (permissions[0].name.clone(), permissions[0].ids.clone())
    };
    let (one, two, three) = (PermissionId(1), PermissionId(2), PermissionId(3));
    let all = "when has permission ADMIN then notify owner";
    assert_eq!(ids(all), ("Admin".into(), vec![one, two, three]));
    let crm =
        "policy p for accounts in app CRM when has permission admin then notify owner";
    assert_eq!(ids(crm), ("Administrator".into(), vec![one]));
    let git = "policy p for accounts in apps (git, crm) when has permission owner then notify owner";
    assert_eq!(ids(git), ("Owner".into(), vec![two]));
}

#[test]
fn right_sides_have_the_type_of_the_left() {
    let value = |condition: &str| match &when(condition).when.tests()[0].kind {
        TestKind::Compare { value, .. } => value.clone(),
        other => panic!("{other:?}"),
    };
    let text = |text: &str| Value::Text(text.into());
    assert_eq!(value("department = \"Legal\""), text("Legal"));
    assert_eq!(value("user.status = SUSPENDED"), text("suspended"));
    assert_eq!(value("user.status = \"suspended\""), text("suspended"));
    assert_eq!(value("lifecycle != terminated"), text("Terminated"));
    assert_eq!(
        value("identity state = inactive  short-term"),
        text("inactive short-term")
    );
    assert_eq!(value("manager = ana@acme.example"), text("ana@acme.example"));
    let midnight = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
    assert_eq!(value("last_login < 2026-11-20"), Value::Instant(midnight));
    let tests = when("\"cost center\" is known");
    let TestKind::Known { attribute, .. } = &tests.when.tests()[0].kind else { panic!() };
    let field = Field::Custom { id: AttributeId(5), name: "Cost Center".into() };
    assert_eq!((attribute.level, &attribute.field), (Level::User, &field));
}

#[test]
fn words_are_quoted_as_they_were_written() {
    let policy = policy(
        "define chief as in  group Execs # the board\n\
         when email not\n  ends with \"@a  b\" and (chief or department not in (\"A\" , \"B\"))\n\
         then remove from group   \"Sales Team\"",
    );
    let tests = policy.when.tests();
    let words: Vec<&str> = tests.iter().map(|test| test.text.as_str()).collect();
    let ends = "email ends with \"@a  b\"";
    assert_eq!(words, [ends, "in group Execs", "department in (\"A\", \"B\")"]);
    assert_eq!(policy.steps[0].text, "remove from group \"Sales Team\"");
}

/// rows: M43 M46 M47
#[test]
fn schedules() {
    let schedule = |every: &str| {
        policy(&format!("policy p every {every} when inactive then notify owner"))
            .schedule
            .unwrap()
    };
    assert_eq!(schedule("15min"), Schedule::Every(Duration(900)));
    assert_eq!(schedule("hour"), Schedule::Every(Duration(3_600)));
    assert_eq!(schedule("day"), Schedule::default());
    assert_eq!(schedule("day at 12:00"), Schedule::default());
    let Schedule::Weekly { days, at, zone } =
        schedule("monday, thursday at 09:00 in asia/tokyo")
    else {
        panic!()
    };
    assert_eq!(days, [chrono::Weekday::Mon, chrono::Weekday::Thu]);
    assert_eq!(
        (at.to_string().as_str(), zone),
        ("09:00:00", Some(chrono_tz::Asia::Tokyo))
    );
    let Schedule::Monthly { day: 31, .. } = schedule("month on 31 at 09:00") else {
        panic!()
    };
}

#[test]
fn limits() {
    let limit = |limit: &str| {
        policy(&format!("policy p limit {limit} when inactive then notify owner")).limit
    };
    assert_eq!(limit("50"), Limit::Count(50));
    assert_eq!(limit("2.5%"), Limit::Percent(2.5));
    let (count, share) = (Box::new(Limit::Count(50)), Box::new(Limit::Percent(5.0)));
    assert_eq!(
        limit("the larger of 50 and 5%"),
        Limit::Larger(count.clone(), share.clone())
    );
    assert_eq!(limit("the smaller of 50 and 5%"), Limit::Smaller(count, share));
    assert_eq!(limit("none \"few\""), Limit::None { reason: "few".into() });
}
