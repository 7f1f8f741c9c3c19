//! Identity states: whom each part of the product reaches, the commands around them, and SCIM
//! filters asked of a store.

use crate::site::{NOON, Site, after};
use serde_json::Value;
use std::fs;
use tenure::scim_filter;

/// Zoe and Yan are active, Pat is inactive short-term, Ned long-term.
const REACH: &str = r#"policy reach
  for users
  every day at 12:00
  when title in ("Account Executive", "Counsel")
  then set locale = "de"
"#;

const PEOPLE: [&str; 3] = ["zoe@acme.example", "pat@acme.example", "ned@acme.example"];

/// Which of the three are among those that a document names under a key.
fn of_three(names: &[String]) -> [bool; 3] {
    PEOPLE.map(|person| names.iter().any(|name| name == person))
}

fn field(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[key].as_str().unwrap().to_owned()).collect()
}

fn reached(site: &Site) -> [bool; 3] {
    let names: Vec<_> = site.states().into_iter().map(|(name, _)| name).collect();
    of_three(&names)
}

fn import(site: &Site, file: &str, text: &str) {
    let folder = site.path("more");
    fs::create_dir_all(&folder).unwrap();
    for old in fs::read_dir(&folder).unwrap() {
        fs::remove_file(old.unwrap().path()).unwrap();
    }
    fs::write(folder.join(file), text).unwrap();
    site.ok(&["import", "more", "--partial", "--accept-large", "--now", NOON]);
}

fn state(site: &Site, person: &str) -> String {
    let shown = site.json(&["show", person]);
    let state = shown["known"]["identity state"].as_str().unwrap();
    match shown["pending"]["identity state"].as_str() {
        Some(pending) => format!("{state} (pending: {pending})"),
        None => state.to_owned(),
    }
}

/// The table of the engine's reference, row by row.
///
/// rows: S15 S16 S17 S18 S19 S20 S21
#[test]
fn each_part_reaches_whom_it_should() {
    let site = Site::acme();
    site.activate("reach", REACH);
    // Pickers: a manager's team. That reviews ask nobody else is a story.
    let mut team = field(&site.json(&["team", "olga@acme.example"])["team"], "user");
    team.extend(field(&site.json(&["team", "ceo@acme.example"])["team"], "user"));
    assert_eq!(of_three(&team), [true, false, false], "team");
    let all = site.json(&["team", "olga@acme.example", "--all"]);
    assert_eq!(of_three(&field(&all["team"], "user")), [true, false, true]);

    let scheduled = site.copy();
    scheduled.tick(&after("1d"));
    assert_eq!(reached(&scheduled), [true, true, false], "schedule");

    let policies = site.copy();
    policies.ok(&["process", "--policies", "--now", NOON]);
    assert_eq!(reached(&policies), [true, true, false], "process --policies");

    let users = site.copy();
    let named = [&["process", "--now", NOON, "--user"][..], &PEOPLE].concat();
    let planned = users.json(&[&named[..], &["--plan"]].concat());
    assert_eq!(of_three(&field(&planned["policies"][0]["opens"], "subject")), [true; 3]);
    assert_eq!(reached(&users), [false; 3], "a plan opens nothing");
    users.ok(&named);
    assert_eq!(reached(&users), [true; 3], "process --user");

    let lifecycle = site.copy();
    let turned = "state,identity_state\nactive,inactive short-term\n\
                  leave,inactive long-term\ndeleted,\n";
    import(&lifecycle, "lifecycle_states.csv", turned);
    let planned = lifecycle.call(&["process", "--lifecycle", "--plan", "--json"]);
    let planned: Value = serde_json::from_str(&planned.out).unwrap();
    assert_eq!(
        of_three(&field(&planned["changes"], "user")),
        [true; 3],
        "process --lifecycle"
    );

    // An import that touches them.
    let rows = "email,title,lifecycle_state\nzoe@acme.example,CEO,deleted\n\
                pat@acme.example,CEO,active\nned@acme.example,CEO,active\n";
    import(&site, "identities.csv", rows);
    let states = PEOPLE.map(|person| state(&site, person));
    assert_eq!(states, ["inactive long-term", "active", "active"], "import");
}

/// A change of the mapping is pending until everybody is processed, and keeps to the limit.
///
/// rows: S04 S06 S07 S08 S09 S11 S12 S13
#[test]
fn a_new_mapping_is_pending_until_it_is_processed() {
    let site = Site::acme();
    let turned = "state,identity_state,enabled\nactive,inactive short-term,true\n\
                  leave,,true\nterminated,inactive long-term,false\ndeleted,active,true\n";
    import(&site, "lifecycle_states.csv", turned);
    assert_eq!(state(&site, "zoe@acme.example"), "active (pending: inactive short-term)");
    assert_eq!(state(&site, "pat@acme.example"), "inactive short-term (pending: active)");
    assert_eq!(state(&site, "new@acme.example"), "active");
    let shown = site.ok(&["show", "salesforce/zoe"]).out;
    assert!(shown.contains("active (pending: inactive short-term)"), "{shown}");
    let shown = site.ok(&["find", "users where email = \"zoe@acme.example\""]);
    assert!(shown.out.contains("active (pending: inactive short-term)"), "{shown:?}");
    assert!(shown.err.contains("pending until tenure process --lifecycle"));
    let warned = site.tick(&after("1d"))["warnings"].to_string();
    assert!(warned.contains("tenure process --lifecycle"), "{warned}");

    // Ten of eleven: more than the five that a small company may change in a day.
    let before = site.dump();
    let held = site.call(&["process", "--lifecycle"]);
    assert_eq!(held.code, Some(1), "{held:?}");
    assert!(held.out.contains("HELD: 10 identity states would change"), "{held:?}");
    assert_eq!(site.dump(), before);
    let reason = ["process", "--lifecycle", "--reason", "a new mapping"];
    assert!(site.ok(&reason).out.ends_with("10 identity states changed\n"));
    assert_eq!(state(&site, "zoe@acme.example"), "inactive short-term");
    assert_eq!(state(&site, "pat@acme.example"), "active");
    assert!(site.dump().contains("cause=\"process\""));
    assert!(site.dump().contains("reason=\"a new mapping\""));
    let shown = site.ok(&["show", "zoe@acme.example"]);
    assert!(!shown.err.contains("pending"), "{shown:?}");
    assert_eq!(site.ok(&["process", "--lifecycle"]).out, "no identity state changed\n");
}

/// An account that changes brings its owner what was pending; so many at once are held.
///
/// rows: S21 S31
#[test]
fn an_import_computes_whom_it_touches() {
    let site = Site::acme();
    import(&site, "lifecycle_states.csv", "state,identity_state\ndeleted,\nleave,\n");
    import(
        &site,
        "accounts.csv",
        "app,username,email,status\nsalesforce,ned,ned@acme.example,disabled\n",
    );
    assert_eq!(state(&site, "ned@acme.example"), "active");
    assert_eq!(state(&site, "pat@acme.example"), "inactive short-term (pending: active)");
}

/// rows: S34 S35
#[test]
fn no_more_than_250_are_processed_by_name() {
    let site = Site::acme();
    let mut rows = "email\n".to_owned();
    let names: Vec<String> = (0..251).map(|n| format!("p{n}@acme.example")).collect();
    for name in &names {
        rows += name;
        rows.push('\n');
    }
    import(&site, "identities.csv", &rows);
    let mut call = vec!["process", "--user"];
    call.extend(names.iter().map(String::as_str));
    let said = site.no(2, &call);
    assert!(said.contains("no more than 250 users"), "{said}");
    call.pop();
    site.ok(&call);
    let said = site.no(1, &["process", "--user", "nobody@acme.example"]);
    assert!(said.contains("there is no user `nobody@acme.example`"), "{said}");
}

/// rows: S14 S29 S30
#[test]
fn filters_find_whom_they_mean() {
    let site = Site::acme();
    let store = site.store();
    let catalog = store.catalog().unwrap();
    let now = tenure::time::Timestamp::parse(NOON).unwrap();
    let count = |text: &str| {
        let filter = scim_filter::parse(text).unwrap_or_else(|it| panic!("{text}: {it}"));
        let condition =
            filter.condition(&catalog).unwrap_or_else(|it| panic!("{text}: {it}"));
        let found = scim_filter::users(&store, &condition, now).unwrap();
        // What is said of one subject agrees.
        let users = store.counts().unwrap().identities;
        let alone = (1..=i64::try_from(users).unwrap()).filter(|id| {
            let subject = tenure::facts::SubjectId::User(*id);
            let facts = store.facts(subject).unwrap().unwrap();
            let at = tenure::query::Moment::at(now);
            tenure::query::evaluate(&condition, &facts, at) == tenure::query::Truth::True
        });
        assert_eq!(alone.collect::<Vec<_>>(), found, "{text}");
        found.len()
    };
    for (filter, expected) in [
        (r#"identityState eq "ACTIVE""#, 8),
        (r#"identityState eq "INACTIVE_SHORT_TERM""#, 2),
        (r#"identityState eq "inactive_long_term""#, 1),
        (r#"identityState ne "ACTIVE""#, 3),
        ("identityState pr", 11),
        (r#"userName eq "ZOE""#, 1),
        (r#"emails.value ew "@acme.example""#, 11),
        (r#"emails[value sw "z"]"#, 1),
        (r#"name.familyName co "neil""#, 1),
        (r#"department eq "Sales""#, 4),
        (r#"department ne "Sales""#, 7),
        (r#"not (department eq "Sales")"#, 7),
        ("department pr", 10),
        ("department eq null", 1),
        (r#"title co "executive" and not (active eq true)"#, 1),
        ("active eq false", 2),
        (r#"status eq "suspended" or lifecycleState eq "leave""#, 2),
        (r#"meta.created lt "2020-01-01T00:00:00Z""#, 2),
        (r#"meta.created ge "2026-11-16""#, 1),
        (r#"manager.value eq "olga@acme.example""#, 4),
        ("cost_center eq 200", 5),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "IT""#,
            1,
        ),
    ] {
        assert_eq!(count(filter), expected, "{filter}");
    }
    for (filter, expected) in [
        (r#"identityState eq "INACTIVE""#, "\"INACTIVE\" is no identity state"),
        (
            r#"departmnt eq "Sales""#,
            "users have no attribute `departmnt`; did you mean `department`?",
        ),
        (r#"department gt "S""#, "`department` has no order"),
        ("meta.created gt 5", "5 is no instant"),
        (r#"status eq "actve""#, "did you mean \"active\"?"),
        (r#"active co "x""#, "`active` is true or false"),
    ] {
        let error = scim_filter::parse(filter).unwrap().condition(&catalog).unwrap_err();
        assert!(error.to_string().contains(expected), "{filter}: {error}");
    }
    let found =
        site.json(&["find", "--filter", r#"identityState eq "INACTIVE_LONG_TERM""#]);
    assert_eq!(field(&found["found"], "subject"), ["ned@acme.example"]);
    let said = site.no(2, &["find", "--filter", "identityState eq ACTIVE"]);
    assert!(said.contains("column 18: a value behind `eq` is expected"), "{said}");
}

/// rows: S29
#[test]
fn conditions_find_subjects_of_each_kind() {
    let site = Site::acme();
    let found = |question: &str| {
        let found = site.json(&["find", question, "--now", NOON]);
        field(&found["found"], "subject")
    };
    assert_eq!(
        found("users where identity state = inactive long-term"),
        ["ned@acme.example"]
    );
    assert_eq!(found("users where department = \"Legal\""), ["pat@acme.example"]);
    let idle = found("accounts in app Salesforce where inactive > 365d");
    assert_eq!(idle, ["salesforce/ned"], "whatever the owner's identity state");
    let said = site.no(2, &["find", "users where departmnt = \"Legal\""]);
    assert!(said.contains("department"), "{said}");
    let said = site.no(2, &["find", "department = \"Legal\""]);
    assert!(said.contains("users where"), "{said}");
    site.no(2, &["find"]);
}

/// The `lifecycle` item that counts is the one that was put to work last, whatever the clock
/// says: in the same instant, by a policy that is older, or after the clock went back.
#[test]
fn the_item_that_came_last_counts_in_the_same_instant_too() {
    let item = |name: &str, means: &str| {
        format!(
            "lifecycle\n  active is {means}\n\npolicy {name}\n  for users\n  \
             every day at 12:00\n  when lifecycle = deleted\n  then set title = \"-\"\n"
        )
    };
    let site = Site::acme();
    site.activate("first", &item("first", "active"));
    site.activate("second", &item("second", "active"));
    site.write("first.tenure", &item("first", "inactive short-term"));
    site.ok(&["publish", "first.tenure", "--now", NOON]);
    site.ok(&["activate", "first", "--now", NOON]);
    let zoe = "zoe@acme.example";
    assert_eq!(state(&site, zoe), "active (pending: inactive short-term)");
    site.ok(&["activate", "second", "--now", "2026-11-20T11:00:00Z"]);
    assert_eq!(state(&site, zoe), "active");
}
