//! What is at work, also where a part of it cannot be followed: plans and lists show the rest.

use crate::site::{NOON, Site};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const HEADS: &str = "\
policy heads
  for users
  when in group Execs and inactive > 1d
  then set locale = \"de\"
";

const IDLE: &str = "\
policy idle
  for accounts in app Salesforce
  when inactive > 90d and not in group Leadership
  then disable account
";

/// Two policies at work, of which one names a group that the data no longer has.
fn blocked() -> Site {
    let site = Site::acme();
    site.activate("heads", HEADS);
    site.activate("idle", IDLE);
    drop_execs(&site);
    site
}

/// Imports the company without its group of executives.
fn drop_execs(site: &Site) {
    fs::create_dir_all(site.path("fewer")).unwrap();
    let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
    for file in ["groups.csv", "memberships.csv"] {
        let text = fs::read_to_string(world.join(file)).unwrap();
        let kept = text.lines().filter(|line| !line.starts_with("Execs"));
        let kept: Vec<&str> = kept.collect();
        site.write(&format!("fewer/{file}"), &(kept.join("\n") + "\n"));
    }
    site.ok(&["import", "fewer", "--accept-large", "--now", NOON]);
}

const WHY: &str = "policy heads cannot be followed: no group named `Execs`\n";
const HELP: &str = "  help: bring back what it names, or mend the file: tenure publish FILE, \
                    then tenure activate NAME\n";

#[test]
fn plans_show_the_others_where_one_cannot_be_followed() {
    let site = blocked();
    let before = site.dump();
    for asked in [&["plan", "--active"][..], &["process", "--policies", "--plan"]] {
        let said = site.call(&[asked, &["--now", NOON]].concat());
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.out.starts_with("policy idle: would open 2 runs"), "{said:?}");
        assert!(said.out.ends_with(WHY), "{said:?}");
        assert_eq!(said.err, HELP);
    }
    let said = site.call(&["plan", "--active", "--json", "--now", NOON]);
    assert_eq!(said.code, Some(1));
    let plan: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(plan["policies"][0]["policy"], "idle");
    assert_eq!(plan["blocked"], json!({ "heads": "no group named `Execs`" }));

    let user = ["process", "--user", "zoe@acme.example", "--plan", "--now", NOON];
    let said = site.call(&user);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("policy idle: would open 1 run"), "{said:?}");
    assert!(said.out.ends_with(WHY), "{said:?}");
    assert_eq!(site.dump(), before);

    // It was the truth.
    let said = site.call(&["process", "--policies", "--now", NOON]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.starts_with("policy idle: opened 2 runs"), "{said:?}");
    assert!(said.out.contains(WHY), "{said:?}");
    assert_eq!(said.err.lines().next(), Some(HELP.trim_end()));
}

#[test]
fn lists_and_explanations_say_that_a_policy_cannot_be_followed() {
    let site = blocked();
    let said = site.ok(&["policies"]);
    assert_eq!(
        said.out,
        "heads  version 1 is active; it cannot be followed: no group named `Execs`\n\
         idle  version 1 is active\n"
    );
    assert_eq!(said.err, HELP);
    let list = site.json(&["policies"]);
    assert_eq!(list["policies"][0]["blocked"], "no group named `Execs`");
    assert_eq!(list["policies"][1]["blocked"], Value::Null);
    let said = site.ok(&["show", "heads"]);
    assert!(
        said.err
            .starts_with("it cannot be followed: no group named `Execs`\n")
    );
    let said = site.no(1, &["explain", "heads", "zoe@acme.example"]);
    assert_eq!(said, format!("error: {}{HELP}", WHY.replace("heads", "`heads`")));

    // What the help says helps.
    site.write("heads.tenure", &HEADS.replace("Execs", "Engineering"));
    site.ok(&["publish", "heads.tenure", "--now", NOON]);
    site.ok(&["activate", "heads", "--now", NOON]);
    assert_eq!(site.ok(&["policies"]).err, "");
    site.ok(&["plan", "--active", "--now", NOON]);
}

#[test]
fn a_name_that_means_another_group_by_now_is_told_before_anything_runs() {
    let site = blocked();
    site.write(
        "fewer/groups.csv",
        &(fs::read_to_string(site.path("fewer/groups.csv")).unwrap()
            + "Execs,google,email,,\n"),
    );
    site.ok(&["import", "fewer", "--accept-large", "--now", NOON]);
    let why = "`Execs` now means another group; publish and activate it again";
    let said = site.call(&["plan", "--active", "--now", NOON]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out
            .ends_with(&format!("policy heads cannot be followed: {why}\n"))
    );
    assert!(site.ok(&["policies"]).out.contains(why));
    assert!(site.call(&["run", "--now", NOON]).out.contains(why));
}

#[test]
fn a_better_ranked_policy_that_cannot_be_followed_holds_the_plan_of_the_others_back() {
    let site = Site::acme();
    let ranked = |text: &str, rank: u32| format!("{text}  rank {rank} in leavers\n");
    site.activate("heads", &ranked(HEADS, 1));
    let tail = HEADS.replace("heads", "tail").replace("Execs", "Engineering");
    site.activate("tail", &ranked(&tail, 2));
    drop_execs(&site);
    let said = site.call(&["plan", "--active", "--now", NOON]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let why = "policy tail cannot be followed: policy `heads` of the set `leavers` cannot \
               be followed\n";
    assert!(said.out.ends_with(why), "{said:?}");
    let done = site.call(&["process", "--policies", "--now", NOON]);
    assert!(done.out.contains(why), "{done:?}");
}

#[test]
fn a_plan_of_nothing_says_so() {
    let site = Site::acme();
    let said = site.ok(&["plan", "--active"]);
    assert_eq!(said.out, "");
    let none = "no policy is active: tenure publish PATH, then tenure activate NAME\n";
    assert_eq!(said.err, none);
    site.publish("idle", IDLE);
    let said = site.ok(&["process", "--policies", "--plan"]);
    assert!(
        said.err
            .starts_with("no policy is active: tenure policies lists them")
    );
    site.write(
        "told.tenure",
        "policy told\n  for users\n  on user suspended\n  then set locale = \"de\"\n",
    );
    let said = site.ok(&["plan", "told.tenure"]);
    assert_eq!(said.out, "policy told: opens on user suspended\n\n");
    assert!(said.err.ends_with("tenure plan --event FILE\n"), "{said:?}");
}

#[test]
fn an_activation_that_finds_the_store_busy_says_what_stays() {
    let site = Site::acme();
    site.publish("idle", IDLE);
    let before = site.dump();
    let held = tenure::session::hold(&site.path("tenure.db"), "-lock").unwrap();
    let busy = "error: another tenure is acting on this store; ";
    let again = "\n  help: try again when it has finished\n";
    let said = site.no(3, &["activate", "idle", "--now", NOON]);
    assert_eq!(said, format!("{busy}version 1 is published, and not at work{again}"));
    assert_eq!(site.dump(), before);
    drop(held);
    site.ok(&["activate", "idle", "--now", NOON]);
    site.write("idle.tenure", &IDLE.replace("90d", "80d"));
    site.ok(&["publish", "idle.tenure", "--now", NOON]);
    let held = tenure::session::hold(&site.path("tenure.db"), "-lock").unwrap();
    let said = site.no(3, &["activate", "idle", "--at-once", "--now", NOON]);
    let stays = "version 2 is not at work, and version 1 still is";
    assert_eq!(said, format!("{busy}{stays}{again}"));
    drop(held);
}

#[test]
fn a_pilot_of_nothing_is_refused_in_plain_words() {
    let site = Site::acme();
    site.publish("idle", IDLE);
    for only in ["", "  "] {
        let said = site.no(1, &["activate", "idle", "--only", only]);
        assert_eq!(
            said,
            "error: `--only` holds no condition; nothing was done\n  help: write one, such \
             as `department = \"Sales\"`; without `--only` it is for all\n"
        );
    }
    site.ok(&["activate", "idle", "--only", "department = \"Sales\"", "--now", NOON]);
    let said = site.ok(&["plan", "--active", "--now", NOON]);
    assert!(said.out.contains("\n  only for: department = \"Sales\"\n"), "{said:?}");
}

/// What is planned for people is about them alone, and goes by the limit of the whole policy.
#[test]
fn a_plan_for_people_says_for_whom_it_is() {
    let site = Site::acme();
    site.activate("idle", &IDLE.replace("in app Salesforce", ""));
    let user = ["process", "--user", "zoe@acme.example", "olga@acme.example", "--now"];
    let said = site.ok(&[&user[..], &[NOON, "--plan"]].concat());
    let words =
        "\n  only for: zoe@acme.example, olga@acme.example\n  in scope 3: 1 match";
    assert!(said.out.contains(words), "{said:?}");
    for leak in ["pilot", "processed", "undecided for: owner"] {
        assert!(!said.out.contains(leak), "{leak}: {said:?}");
    }
    let before: Value = site.json(&[&user[..], &[NOON, "--plan"]].concat());
    let done = site.json(&[&user[..], &[NOON]].concat());
    let of = |document: &Value, part: &str| {
        ["in_scope", "matched", "undecided", "out_of_scope", "limit"]
            .map(|key| document.pointer(part).unwrap()[key].clone())
    };
    assert_eq!(of(&before, "/policies/0"), of(&done, "/report/evaluations/0"));
}

#[test]
fn a_new_meaning_that_concerns_nobody_leaves_nothing_pending() {
    let site = Site::acme();
    fs::create_dir_all(site.path("more")).unwrap();
    let other = "state,identity_state,enabled\nsabbatical,inactive long-term,true\n";
    site.write("more/lifecycle_states.csv", other);
    let said = site.ok(&["import", "more", "--partial", "--now", NOON]);
    assert!(!said.err.contains("pending"), "{said:?}");
    let said = site.ok(&["process", "--lifecycle", "--plan"]);
    assert_eq!((&*said.out, &*said.err), ("no identity state would change\n", ""));
    assert_eq!(site.ok(&["show", "zoe@acme.example"]).err, "");
    assert_eq!(site.tick(NOON)["warnings"], json!([]));
}

#[test]
fn policies_tell_of_an_open_review_and_of_no_closed_one() {
    let site = Site::acme();
    let config = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write(
        "tenure.toml",
        &(config
            + "[smtp]\nhost = \"127.0.0.1\"\nsecurity = \"none\"\nport = 9\n\
               from = \"Tenure <tenure@acme.example>\"\n"),
    );
    let start = ["review", "start", "--app", "Salesforce", "--reviewers"];
    let who = ["it@acme.example", "--remove", "disable account", "--now", NOON];
    let planned = site.ok(&[&start[..], &who[..], &["--plan"]].concat());
    assert!(planned.out.contains("because  access review  [of Salesforce]"));
    assert!(!planned.out.contains("is known"), "{planned:?}");
    site.call(&[&start[..], &who[..]].concat());
    let trail = site.ok(&["show", "1"]).out;
    assert!(trail.contains("opened because access review [of Salesforce]\n"), "{trail}");
    assert_eq!(
        site.ok(&["policies"]).out,
        "access review 1  of Salesforce, open until 2026-12-04T12:00:00Z: tenure review \
         status 1\n"
    );
    assert_eq!(site.json(&["policies"])["policies"][0]["review"], 1);
    let said = site.no(1, &["activate", "access review 1"]);
    assert!(said.starts_with("error: `access review 1` is an access review"), "{said}");
    site.call(&["review", "close", "1", "--now", NOON]);
    assert_eq!(site.ok(&["policies"]).out, "");
}
