//! What is shown ahead of time: access that expires, policies that wait for events, and how far
//! ahead anybody looks.

use crate::site::{NOON, Site, acme};
use serde_json::{Value, json};
use tenure::foresight::day;
use tenure::time::Timestamp;

const CARRIES: &str = "\
webhook close-seat
  url \"https://hooks.acme.example/close-seat\"

app Salesforce
  deprovision with webhook close-seat
  deprovision permissions with webhook close-seat

policy carries
  for accounts in app Salesforce
  when inactive > 9000d and not in group Leadership
  then disable account
";

const MINE: &str = "
policy mine
  for grants in app Salesforce
  on access expired
  then revoke permission \"Service Cloud\"
";

/// Whose access a simulation takes on its first day, by policy.
fn simulated(site: &Site, file: &str) -> Vec<(String, String)> {
    let said = site.json(&["simulate", file, "--at-once", "--for", "12h", "--now", NOON]);
    let opened = said["events"].as_array().unwrap().iter();
    let opened = opened.filter(|line| line.to_string().contains("\"opened\""));
    opened
        .map(|line| (word(line, "policy"), word(line, "subject")))
        .collect()
}

/// The same of a plan.
fn planned(plan: &Value) -> Vec<(String, String)> {
    let policies = plan["policies"].as_array().unwrap().iter();
    let pairs = policies.flat_map(|policy| {
        let opens = policy["opens"].as_array().unwrap().iter();
        opens.map(|opening| (word(policy, "policy"), word(opening, "subject")))
    });
    pairs.collect()
}

fn word(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

#[test]
fn a_plan_of_files_shows_what_their_apps_say_of_access_that_expired() {
    let site = Site::acme();
    site.write("carries.tenure", CARRIES);
    let before = site.dump();
    let plan = ["plan", "carries.tenure", "--now", NOON];
    let said = site.ok(&plan);
    let (_, shown) = said.out.split_once("\n\n").unwrap();
    assert_eq!(
        shown,
        "\
policy expired permissions of salesforce: would open 1 run (limit 5 a day)
  for event 1
  made of what the `app` item says of access that expires
  opens on access expired
  in scope 1: 1 match, 0 excepted, 0 do not, 0 undecided

  salesforce/pat/Service Cloud (pat@acme.example)
    because  access expired  [event 1]
    because  until expires_at <= 0d  [-1d]
    day 0    remove access by webhook close-seat
    day 0    removed

"
    );
    assert_eq!(planned(&site.json(&plan)), simulated(&site, "carries.tenure"));
    let data = site.json(&["plan", "carries.tenure", "--data", &acme(), "--now", NOON]);
    assert_eq!(planned(&data).len(), 1);
    assert_eq!(site.dump(), before);

    // At work it is the same, before anything has run and after.
    site.activate("carries", CARRIES);
    let active = ["plan", "--active", "--now", NOON];
    assert_eq!(planned(&site.json(&active)), planned(&site.json(&plan)));
    site.tick(NOON);
    assert_eq!(planned(&site.json(&active)), []);
    assert_eq!(planned(&site.json(&plan)), []);
}

#[test]
fn what_a_policy_takes_of_what_expired_is_in_its_own_plan() {
    let site = Site::acme();
    site.write("both.tenure", &format!("{CARRIES}{MINE}"));
    let plan = site.json(&["plan", "both.tenure", "--now", NOON]);
    let mine = ("mine".to_owned(), "salesforce/pat/Service Cloud".to_owned());
    assert_eq!(planned(&plan), [mine]);
    assert_eq!(planned(&plan), simulated(&site, "both.tenure"));
    // Before it expires nothing is to be seen.
    let early = ["plan", "both.tenure", "--now", "2026-11-18T12:00:00Z"];
    assert_eq!(planned(&site.json(&early)), []);
}

#[test]
fn a_simulation_says_of_policies_that_nothing_happened_for_them() {
    let site = Site::acme();
    let text = "policy told\n  for users\n  on user suspended\n  then set locale = \"de\"\n\
                policy ours\n  before user created\n  require email ends with \"@a.example\" \"no\"\n";
    site.write("told.tenure", text);
    let said = site.ok(&["simulate", "told.tenure", "--now", NOON]);
    assert_eq!(
        said.err,
        "policy told opens on user suspended, and none of that happened\n\
         policy ours is asked before user created, and nobody asks here\n  \
         help: see what an event would open: tenure plan --event FILE\n"
    );
    // What it raises itself happens.
    site.write("mine.tenure", &format!("{CARRIES}{MINE}"));
    let said = site.ok(&["simulate", "mine.tenure", "--now", NOON]);
    assert!(!said.err.contains("plan --event"), "{said:?}");
}

#[test]
fn nobody_simulates_more_than_ten_years() {
    let site = Site::acme();
    for long in ["3661d", "99999d", "900000000w"] {
        let said = site.call(&["simulate", "none.tenure", "--for", long]);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(
            said.err.contains("no longer than 3660d, which is ten years"),
            "{said:?}"
        );
    }
}

/// Six in the morning after noon is the next day.
#[test]
fn days_are_those_of_the_calendar() {
    let noon = Timestamp::parse(NOON).unwrap();
    let label = |at: &str| day(noon, Timestamp::parse(at).unwrap());
    assert_eq!(label(NOON), "day 0");
    assert_eq!(label("2026-11-20T12:00:05Z"), "day 0 12:00");
    assert_eq!(label("2026-11-20T23:59:00Z"), "day 0 23:59");
    assert_eq!(label("2026-11-21T06:00:00Z"), "day 1 06:00");
    assert_eq!(label("2026-11-21T12:00:00Z"), "day 1");
    assert_eq!(label("2026-11-28T00:00:00Z"), "day 8 00:00");
}

const LATE: &str = "\
policy late
  for accounts in app Salesforce
  once at 2026-11-30T09:00
  when inactive > 80d
  limit none \"a test\"
  then disable account
";

/// When something first happens, and what is said of how the policies begin.
fn begins(simulation: &Value) -> (Option<String>, Value) {
    let first = simulation["events"].get(0).map(|line| word(line, "at"));
    (first, simulation["policies"].clone())
}

#[test]
fn a_simulation_evaluates_when_activation_would() {
    let site = Site::acme();
    site.write("late.tenure", LATE);
    let due = "2026-11-30T09:00:00Z";
    let of = |activated: bool, at: &str| json!([{ "policy": "late", "activated": activated, "first_evaluation": at }]);
    let calls = ["simulate", "late.tenure", "--for", "20d", "--now", NOON];
    assert_eq!(begins(&site.json(&calls)), (Some(due.to_owned()), of(true, due)));
    let at_once = [&calls[..], &["--at-once"]].concat();
    assert_eq!(begins(&site.json(&at_once)), (Some(NOON.to_owned()), of(true, NOON)));
    let said = site.ok(&["simulate", "late.tenure", "--for", "5d", "--now", NOON]);
    let line = format!("\nwould be activated, first evaluated at {due}: late\n\n");
    assert!(said.out.contains(&line), "{said:?}");
    assert!(said.err.contains("late is not evaluated until then\n"), "{said:?}");
    assert!(said.err.contains("tenure simulate --at-once\n"), "{said:?}");

    // What is active stays as it is, also where it was evaluated already.
    site.activate("late", LATE);
    assert_eq!(begins(&site.json(&at_once)), (Some(due.to_owned()), of(false, due)));
    let said = site.ok(&calls).out;
    let line = format!("\nactive as it is, first evaluated at {due}: late\n\n");
    assert!(said.contains(&line), "{said:?}");
    // With another text it is activated anew.
    site.write("late.tenure", &LATE.replace("80d", "81d"));
    assert_eq!(begins(&site.json(&at_once)), (Some(NOON.to_owned()), of(true, NOON)));
}

#[test]
fn a_simulation_hears_first_what_has_happened() {
    let told = |to: &str| {
        format!(
            "policy told\n  for users\n  on user suspended\n  then set locale = \"{to}\"\n"
        )
    };
    let site = Site::acme();
    site.activate("told", &told("de"));
    let event =
        json!({ "id": "a", "event": "user suspended", "subject": "zoe@acme.example" });
    site.write("event.json", &event.to_string());
    site.ok(&["event", "event.json", "--now", NOON]);
    // With another text, as it stands still.
    for to in ["de", "fr"] {
        site.write("told.tenure", &told(to));
        let said = site.json(&["simulate", "told.tenure", "--now", NOON]);
        assert_eq!(said["runs"][0]["subject"], "zoe@acme.example", "{said}");
        assert!(said["events"].to_string().contains("set locale = \\\"de\\\""), "{said}");
        let start = json!({
            "policy": "told", "activated": to == "fr", "first_evaluation": null,
            "waits_for_events": true,
        });
        assert_eq!(said["policies"], json!([start]));
    }
}
