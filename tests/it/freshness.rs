//! Data of a source that is older than it may be: unknown in every question, and said so.

use crate::site::{NOON, Site};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tenure::facts::SubjectId;
use tenure::session::Project;
use tenure::store::{ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::{Duration, Timestamp};

/// Five days later, in which nothing was imported.
const LATER: &str = "2026-11-25T12:00:00Z";

const LINE: &str = "when inactive > 90d and not in group Execs then notify admin\n";

/// A store that knows the company, and a policy; what Okta says may be two days old.
fn site() -> Site {
    let site = Site::acme();
    let file = site.path("tenure.toml");
    let config = fs::read_to_string(&file).unwrap();
    site.write("tenure.toml", &format!("{config}[freshness]\nokta = \"2d\"\n"));
    site.write("reclaim.tenure", LINE);
    site
}

/// rows: L13
#[test]
fn a_plan_counts_whom_stale_data_leaves_undecided() {
    let site = site();
    let opens = |now: &str| {
        let plan = site.json(&["plan", "reclaim.tenure", "--now", now]);
        let policy = plan["policies"][0].clone();
        (policy["matched"].clone(), policy["undecided"].clone())
    };
    let fresh = json!([{ "because": "last_seen", "count": 5 }]);
    assert_eq!(opens(NOON), (json!(3), fresh));
    // Nobody is known to be no executive.
    let (matched, undecided) = opens(LATER);
    assert_eq!(matched, json!(0));
    let because: Vec<_> = undecided
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["because"].clone())
        .collect();
    assert_eq!(because, [json!("stale okta")]);
    for command in ["plan", "check"] {
        let said = site.call(&[command, "reclaim.tenure", "--now", LATER]);
        assert!(said.err.contains("policy reclaim relies on `okta`"), "{said:?}");
    }
}

/// rows: L13
#[test]
fn a_source_that_several_policies_rely_on_is_named_once() {
    let site = site();
    let mut text = String::new();
    for name in ["one", "two", "three", "four", "five", "six", "seven"] {
        text += &format!(
            "policy {name}\n  when not in group Execs\n  report to admin\n  then notify admin\n\n"
        );
    }
    site.write("many.tenure", &text);
    let line = "warning: policies one, two, three, four, five and 2 more rely on `okta`, whose \
                data is of 2026-11-20T12:00:00Z, more than 2d ago and so unknown: import it again";
    for command in ["plan", "check"] {
        for json in ["--json", "--color=never"] {
            let said = site.call(&[command, "many.tenure", json, "--now", LATER]);
            let lines: Vec<_> =
                said.err.lines().filter(|line| line.contains("`okta`")).collect();
            assert_eq!(lines, [line], "{said:?}");
        }
    }
}

/// Memberships alone are news of the directory, and what another app says is not.
#[test]
fn an_import_of_memberships_makes_a_directory_fresh() {
    let site = site();
    let world = Path::new("tests/worlds/acme");
    for (file, matched) in [("roles.csv", 0), ("memberships.csv", 4)] {
        let folder = site.path(&format!("only-{file}"));
        fs::create_dir(&folder).unwrap();
        fs::copy(world.join(file), folder.join(file)).unwrap();
        site.ok(&["import", &folder.to_string_lossy(), "--now", LATER]);
        let plan = site.json(&["plan", "reclaim.tenure", "--now", LATER]);
        assert_eq!(plan["policies"][0]["matched"], matched, "{file}");
    }
}

/// rows: L13
#[test]
fn an_explanation_says_how_old_the_data_is() {
    let site = site();
    let said = site.ok(&[
        "explain",
        "reclaim",
        "salesforce/zoe",
        "--now",
        LATER,
        "reclaim.tenure",
    ]);
    assert_eq!(
        said.out,
        "\
salesforce/zoe (zoe@acme.example) is left undecided by policy reclaim: okta is too old

  yes      inactive > 90d      128d, last_seen 2026-07-20T10:00:00Z, from salesforce
  unknown  not in group Execs  no member, okta is too old

not known: okta is 5d old, and may be 2d
time alone will not change that
"
    );
    let found = site.ok(&["find", "users where in group Execs", "--now", LATER]);
    assert_eq!(found.out, "");
    assert!(found.err.contains("stale okta"), "{found:?}");
    let found = site.ok(&["find", "users where in group Execs", "--now", NOON]);
    assert!(found.out.contains("ceo@acme.example"), "{found:?}");
}

/// A simulation moves the clock and brings no imports: what is fresh now stays fresh in it.
///
/// rows: L13
#[test]
fn a_simulation_believes_what_is_believed_now() {
    let site = site();
    let events = |now: &str| {
        let days = ["simulate", "--for", "30d", "reclaim.tenure", "--now", now];
        let simulation = site.json(&days);
        simulation["events"].as_array().unwrap().len()
    };
    let fresh = events(NOON);
    assert!(fresh > 6, "{fresh}");
    assert_eq!(events(LATER), 0);
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", config.split("[freshness]").next().unwrap());
    assert_eq!(events(NOON), fresh);
}

/// What one question says of a subject, when Salesforce's and Okta's data are too old.
fn asked(question: &str) -> &'static str {
    let mut store = Store::in_memory().unwrap();
    let noon = Timestamp::parse(NOON).unwrap();
    let world = Path::new("tests/worlds/acme");
    store.import(world, &ImportOptions::at(noon), &mut |_| {}).unwrap();
    let (scope, question) = question.split_once(": ").unwrap();
    let (kind, subject) = scope.split_once(' ').unwrap();
    let text =
        format!("policy p\n  for {kind}\n  when {question}\n  then notify admin\n");
    let mut sources = Sources::default();
    sources.add("p.tenure", &text);
    let project = Project::check(sources, &store.catalog().unwrap());
    assert_eq!(project.errors(), 0, "{text}: {:?}", project.findings);
    let policy = &project.program.policies[0];
    let limits = BTreeMap::from([("salesforce".to_owned(), Duration::days(2))]);
    let now = noon.after(Duration::days(5));
    store.doubt(&limits, now).unwrap();
    let id: SubjectId = store.find_subject(subject).unwrap().unwrap();
    let facts = store.facts_by(id, policy.activity.as_ref()).unwrap().unwrap();
    match tenure::query::evaluate(&policy.when, &facts, now) {
        tenure::query::Truth::True => "yes",
        tenure::query::Truth::False => "no",
        tenure::query::Truth::Unknown => "unknown",
    }
}

/// rows: L13
#[test]
fn what_belongs_to_a_source_is_unknown_and_nothing_else_is() {
    for (question, answer) in [
        // The account is Salesforce's, and what is said of it; what it is called it is.
        ("accounts salesforce/zoe: account.status = active", "unknown"),
        ("accounts salesforce/zoe: not account.status = active", "unknown"),
        ("accounts salesforce/zoe: seat is known", "unknown"),
        ("accounts salesforce/zoe: account.created_at < 2025-01-01", "unknown"),
        ("accounts salesforce/zoe: account.username = \"zoe\"", "yes"),
        ("accounts github/max: account.status = active", "yes"),
        // Signs of life: the app's own source is asked first.
        ("accounts salesforce/zoe: inactive > 90d", "unknown"),
        ("accounts salesforce/svc-sync: never active", "unknown"),
        ("accounts salesforce/yan: not never active", "unknown"),
        ("accounts github/max: inactive > 1d", "yes"),
        ("users zoe@acme.example: never active", "unknown"),
        ("users max@acme.example: never active", "no"),
        // What is held there.
        ("accounts salesforce/zoe: has permission \"Sales Cloud\"", "unknown"),
        ("accounts salesforce/yan: not has permission \"Service Cloud\"", "unknown"),
        ("users max@acme.example: has account in app Salesforce", "unknown"),
        ("users max@acme.example: has account in app GitHub", "yes"),
        (
            "users zoe@acme.example: has account in apps (Salesforce, \"Office 365\")",
            "yes",
        ),
        // The directory is another source, and users are nobody's.
        ("accounts salesforce/zoe: in group Engineering", "no"),
        ("users zoe@acme.example: department is known or title is known", "yes"),
    ] {
        assert_eq!(asked(question), answer, "{question}");
    }
}
