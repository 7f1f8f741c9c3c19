//! What never happens, from `publish` on.

use crate::site::{NOON, Site};
use serde_json::json;

const EXECS: &str = "define safe as in group Execs\n\n\
                     never (disable account,\n       delete account) when safe\n";

const SEATS: &str = "policy seats\n  for accounts in app Salesforce\n  \
                     when inactive > 200d\n  then disable account\n";

#[test]
fn it_is_at_work_once_published_and_until_the_whole_project_leaves_it_out() {
    let site = Site::acme();
    site.configure(None, &[]);
    let words = "never (disable account, delete account) when safe";
    site.write("execs.tenure", EXECS);
    site.write("seats.tenure", SEATS);
    let said = site.ok(&["publish", "execs.tenure"]);
    assert_eq!(said.out, format!("`{words}` is at work from now on\n"));
    // A file beside it leaves it alone.
    let said = site.ok(&["publish", "seats.tenure"]);
    assert_eq!(said.out, "seats version 1 is published\n");
    assert_eq!(site.json(&["policies"])["never"], json!([words]));

    // Also a plan and a simulation of files that are not published heed it.
    let failed = "failed: `never (disable account, delete account) when in group Execs`";
    for call in
        [["plan", "seats.tenure", "--now", NOON], ["plan", "--active", "--now", NOON]]
    {
        let plan = site.json(&call);
        for policy in plan["policies"].as_array().unwrap() {
            let opens = policy["opens"].as_array().unwrap();
            let ceo = opens.iter().find(|open| open["subject"] == "salesforce/ceo");
            assert_eq!(ceo.unwrap()["timeline"][0]["note"], failed);
        }
    }
    let said = site.ok(&["simulate", "seats.tenure", "--now", NOON]);
    assert!(said.out.contains("FAILED: disable account: `never"), "{}", said.out);

    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let state = |state: &str| ("salesforce/ceo".to_owned(), state.to_owned());
    assert!(site.states().contains(&state("failed")), "{:?}", site.states());

    // The whole project no longer says so.
    site.write(
        "tenure.toml",
        "policies.paths = [\"seats.tenure\"]\n[store]\nauthority = \"store\"\n",
    );
    let said = site.ok(&["publish"]);
    assert_eq!(
        said.out,
        format!("seats version 1 is unchanged\n`{words}` is no longer at work\n")
    );
    site.ok(&["retry", "2", "--now", NOON]);
    site.tick(NOON);
    assert!(site.states().contains(&state("removed")), "{:?}", site.states());
}

#[test]
fn a_plan_heeds_what_its_own_files_say() {
    let site = Site::acme();
    site.write("both.tenure", &format!("{EXECS}\n{SEATS}"));
    let plan = site.json(&["plan", "both.tenure", "--now", NOON]);
    let opens = plan["policies"][0]["opens"].as_array().unwrap();
    let ceo = opens.iter().find(|open| open["subject"] == "salesforce/ceo").unwrap();
    let note = ceo["timeline"][0]["note"].as_str().unwrap();
    assert!(note.starts_with("failed: `never"), "{note}");
    let said = site.ok(&["simulate", "both.tenure", "--now", NOON]);
    assert!(said.out.contains("FAILED: disable account: `never"), "{}", said.out);
    assert_eq!(site.json(&["policies"])["never"], json!([]));
}
