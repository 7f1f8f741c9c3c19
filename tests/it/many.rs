//! What concerns very many runs at once is told in as few lines as a person reads.

use crate::site::{NOON, Site};
use std::fmt::Write as _;

const POLICY: &str = "\
policy crowd
  for users
  when department = \"Crowd\"
  limit none \"a test\"
  cancel on title changed
  then wait 30d, notify owner
";

/// So many people with that title.
fn people(site: &Site, title: &str) {
    let mut rows = String::from("email,username,status,department,title\n");
    for n in 10..70 {
        let _ = writeln!(rows, "p{n}@acme.example,p{n},active,Crowd,{title}");
    }
    std::fs::create_dir_all(site.path("crowd")).unwrap();
    site.write("crowd/identities.csv", &rows);
    site.ok(&["import", "crowd", "--partial", "--accept-large", "--now", NOON]);
}

#[test]
fn runs_that_one_import_ends_are_counted_after_the_first_ones() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    people(&site, "Clerk");
    site.activate("crowd", POLICY);
    site.ok(&["process", "--policies", "--now", NOON]);
    people(&site, "Guest");
    let plan = ["plan", "--active", "--now", NOON];
    let named = |text: &str, what: &str| {
        text.lines()
            .filter(|line| line.starts_with("run ") && line.contains(what))
            .count()
    };
    let planned = site.call(&plan).out;
    assert_eq!(named(&planned, "would be called off"), 25, "{planned}");
    assert!(
        planned.contains("\n35 more runs would be called off or begin anew\n"),
        "{planned}"
    );
    let planned = site.call(&[&plan[..], &["--all"]].concat()).out;
    assert_eq!(named(&planned, "would be called off"), 60, "{planned}");
    let ran = site.ok(&["run", "--now", NOON]).out;
    assert_eq!(named(&ran, "is called off"), 20, "{ran}");
    assert!(ran.contains("\n40 more runs are called off or begin anew\n"), "{ran}");
}
