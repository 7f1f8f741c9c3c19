//! `check --counts`: how many each policy reaches, and how many two that undo each other.

use crate::site::Site;
use serde_json::Value;

const RIVALS: &str = "\
policy sellers
  for users
  when department = \"Sales\"
  then add to group \"Salesforce Users\"

policy dormant
  for users
  when inactive > 90d
  except in group Execs
  then ask manager, remove from group \"Salesforce Users\"
";

#[test]
fn each_policy_is_counted_and_those_whom_two_fight_over() {
    let site = Site::acme();
    site.write("a.tenure", RIVALS);
    let said = site.call(&["check", "a.tenure", "--counts"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let lines: Vec<&str> = said.err.lines().collect();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("sellers reaches 3 of 10 users now;")),
        "{}",
        said.err
    );
    let dormant = "dormant reaches 4 of 10 users now; 2 are undecided and never reached: 2 without `last_seen`";
    assert!(said.err.contains(dormant), "{}", said.err);
    let words: Vec<&str> = said.out.split_whitespace().collect();
    let words = words.join(" ");
    assert!(words.contains("both reach 2 of 10 users now"), "{}", said.out);

    let said = site.call(&["check", "a.tenure", "--counts", "--json"]);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(document["counts"][0]["matched"], 3);
    let without = site.call(&["check", "a.tenure", "--json"]);
    let document: Value = serde_json::from_str(&without.out).unwrap();
    assert_eq!(document["counts"], Value::Null);
}
