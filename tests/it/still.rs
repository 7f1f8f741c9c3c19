//! What runs took away, as later imports show it; and what declared groups look like in a plan.

use crate::scim::puppet;
use crate::site::{NOON, Said, Site, after};
use std::fs;

const SEATS: &str = "policy seats\n  for accounts in app Salesforce\n  \
    when inactive > 90d and user.email = \"zoe@acme.example\"\n  then unassign from app\n";

/// Imports the company's accounts as they were on the first day, as of an instant.
fn import(site: &Site, as_of: &str, (length, options): (&str, &[&str])) -> Said {
    let folder = site.path("later");
    fs::create_dir_all(&folder).unwrap();
    fs::copy("tests/worlds/acme/accounts.csv", folder.join("accounts.csv")).unwrap();
    let sources =
        format!("source,kind,app,as_of\nsalesforce,integration,salesforce,{as_of}\n");
    fs::write(folder.join("sources.csv"), sources).unwrap();
    let now = after(length);
    let call = [&["import", "later", "--now", &now], options].concat();
    site.ok(&call)
}

/// rows: M63
#[test]
fn only_newer_and_whole_data_shows_what_was_taken() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.publish("seats", SEATS);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let zoe = |state: &str| vec![("salesforce/zoe".to_owned(), state.to_owned())];
    assert_eq!(site.states(), zoe("removed"));
    let (noon, later) = (NOON, after("90min"));
    let said = import(&site, noon, ("1h", &[]));
    // What says nothing of the taking brings it back all the same, and that is said.
    let back = "1 row brings back what run 1 took: the data is older than that, or partial, and \
                nothing takes it again by itself";
    assert!(said.err.contains(back), "{said:?}");
    site.tick(&after("1h"));
    assert_eq!(site.states(), zoe("removed"));
    import(&site, &later, ("2h", &["--partial"]));
    site.tick(&after("2h"));
    assert_eq!(site.states(), zoe("removed"));
    let said = import(&site, &later, ("3h", &[]));
    assert!(!said.err.contains("back"), "{said:?}");
    let report = site.tick(&after("3h"));
    assert_eq!(site.states(), zoe("failed"));
    let why = "still there: the import of 2026-11-20T15:00:00Z shows it";
    assert_eq!(report["stopped"][0]["why"], why);
    let shown = site.ok(&["show", "1"]).out;
    assert!(shown.contains(&format!("FAILED: unassign from app: {why}")), "{shown}");
    // The facts as they were then, whatever becomes of them.
    for known in
        ["account.status         active", "department             Sales", "last_login"]
    {
        assert!(shown.contains(&format!("\n    {known}")), "{shown}");
    }
    let sql = "UPDATE identity SET department = 'Legal'";
    rusqlite::Connection::open(site.path("tenure.db"))
        .unwrap()
        .execute(sql, [])
        .unwrap();
    assert_eq!(site.ok(&["show", "1"]).out, shown);
    site.ok(&["retry", "1", "--now", &after("4h")]);
    site.tick(&after("4h"));
    assert_eq!(site.states(), zoe("removed"));
}

/// What a connected system lists says nothing of what was taken elsewhere.
#[test]
fn the_data_of_one_system_says_nothing_of_another() {
    let site = Site::acme();
    site.configure(Some(1), &[]);
    site.publish("seats", SEATS);
    site.ok(&["activate", "seats", "--at-once", "--now", NOON]);
    let nobody = |_: &str| {
        let list = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
        format!(
            "200 OK\n{{\"schemas\": [\"{list}\"], \"totalResults\": 0, \"Resources\": []}}"
        )
    };
    let (address, _) = puppet(Some(nobody));
    site.configure(Some(1), std::slice::from_ref(&address));
    let connector =
        format!("[connectors.google]\nkind = \"scim\"\nurl = \"http://{address}/v2\"\n");
    let known = fs::read_to_string(site.path("tenure.toml")).unwrap();
    site.write("tenure.toml", &(known + &connector));
    site.ok(&["import", "scim", "google", "--accept-large", "--now", &after("1h")]);
    import(&site, &after("90min"), ("2h", &[]));
    site.tick(&after("2h"));
    assert_eq!(site.states(), [("salesforce/zoe".to_owned(), "failed".to_owned())]);
}

/// rows: M16
#[test]
fn a_plan_says_which_groups_would_be_made() {
    let site = Site::acme();
    let text = "group \"Night Shift\" in okta\n\npolicy night\n  for accounts in app Salesforce\n  \
                when inactive > 90d\n  limit none \"a test\"\n  then add to group \"Night Shift\"\n";
    site.write("night.tenure", text);
    let plan = site.ok(&["plan", "night.tenure"]).out;
    assert!(plan.contains("make group"), "{plan}");
    assert!(plan.contains("Night Shift in okta"), "{plan}");
    // And nothing was made.
    assert!(!site.dump().contains("Night Shift"));
}

/// Who is gone and new at once, with an account of theirs, may be one and the same.
#[test]
fn who_may_only_have_another_address_is_named() {
    let site = Site::acme();
    let folder = site.path("later");
    fs::create_dir_all(&folder).unwrap();
    let import = |from: &str, to: &str, at: &str| {
        for file in ["identities.csv", "accounts.csv"] {
            let text = fs::read_to_string(format!("tests/worlds/acme/{file}")).unwrap();
            fs::write(folder.join(file), text.replace(from, to)).unwrap();
        }
        let call = ["import", "later", "--now", &after(at)];
        site.ok(&call).err
    };
    let said = import("zoe@acme.example", "zoe.q@acme.example", "1h");
    let note = "zoe.q@acme.example may be zoe@acme.example with another address: \
                `salesforce/zoe` was the one's and is the other's";
    assert!(said.contains(note), "{said}");
    // Who has the account next has been there.
    let said = import("salesforce,zoe,zoe@", "salesforce,zoe,olga@", "2h");
    assert!(!said.contains("another address"), "{said}");
}

/// An old export knows nothing of what runs have given since, and takes it: that is said, once.
#[test]
fn what_runs_gave_and_older_data_does_not_list_is_said() {
    let site = Site::acme();
    let gives = |name: &str, groups: &str, length: &str| {
        let text = format!(
            "policy {name}\n  for users\n  every day at 12:00\n  \
             when user.email in (\"max@acme.example\", \"lea@acme.example\")\n  \
             limit none \"a test\"\n  then add to group {groups}\n"
        );
        site.publish(name, &text);
        site.ok(&["activate", name, "--at-once", "--now", &after(length)]);
    };
    gives("seats", "(\"Salesforce Users\", Contractors)", "0d");
    let import = |as_of: &str, length: &str, options: &[&str]| {
        let folder = site.path("old");
        fs::create_dir_all(&folder).unwrap();
        for file in ["groups.csv", "memberships.csv"] {
            fs::copy(format!("tests/worlds/acme/{file}"), folder.join(file)).unwrap();
        }
        let sources = format!("source,kind,app,as_of\nokta,idp,,{as_of}\n");
        fs::write(folder.join("sources.csv"), sources).unwrap();
        let now = after(length);
        let call = [&["import", "old", "--now", &now], options].concat();
        site.ok(&call).err
    };
    let said = import(NOON, "1h", &["--partial"]);
    assert!(!said.contains("gave"), "{said}");
    let said = import(NOON, "1h", &[]);
    let gone = "4 memberships that runs 1, 2 gave are gone: the data is older than that and does \
                not list them, and nothing gives them again by itself";
    assert!(said.contains(gone), "{said}");
    let said = import(NOON, "2h", &[]);
    assert!(!said.contains("gave"), "{said}");
    // What was undone is nobody's gift, and newer data may well know better.
    gives("more", "Contractors", "3h");
    site.ok(&["undo", "3", "--now", &after("3h")]);
    let said = import(NOON, "4h", &[]);
    assert!(said.contains("1 membership that run 4 gave is gone: "), "{said}");
    gives("last", "Contractors", "5h");
    let said = import(&after("6h"), "7h", &[]);
    assert!(!said.contains("gave"), "{said}");
}
