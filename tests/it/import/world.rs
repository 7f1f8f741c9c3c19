//! What the small company is, once it is in the store.

use crate::import::{acme, edit, filled, import, lines};
use crate::site::{NOON, Site};
use std::fs;
use tenure::store::{Counts, Store};

/// rows: L15 L22 L23
#[test]
fn the_small_company_is_what_its_files_say() {
    let store = filled(acme().path());
    let account = |name: &str| {
        let line = lines(&store, &format!("account {name} ")).pop().unwrap();
        line.split_once(" created_at=")
            .unwrap()
            .1
            .split_once(' ')
            .map_or("", |(_, seen)| seen)
            .to_owned()
    };
    assert_eq!(
        account("github/lroux"),
        "last_login=2026-02-10T00:00:00Z last_login_source=\"github\" last_seen=2026-02-10T00:00:00Z",
        "the app's own source comes before the identity provider"
    );
    assert_eq!(
        account("salesforce/olga"),
        "last_login=2026-05-01T08:00:00Z last_login_source=\"okta\" last_seen=2026-05-01T08:00:00Z"
    );
    assert!(account("salesforce/zoe").ends_with("last_seen=2026-07-20T10:00:00Z"));
    let accounts = lines(&store, "account ");
    let accounts = accounts.iter().filter(|line| !line.starts_with("account attribute"));
    assert_eq!(accounts.filter(|line| !line.contains("last_seen")).count(), 5);
    let orphan = lines(&store, "account salesforce/svc-sync ").pop().unwrap();
    assert!(!orphan.contains("owner="));
}

#[test]
fn the_catalog_knows_the_names() {
    let store = filled(acme().path());
    let catalog = store.catalog().unwrap();
    let apps: Vec<_> = catalog
        .apps
        .iter()
        .map(|app| (app.name.as_str(), app.label.as_str(), app.accounts))
        .collect();
    assert_eq!(
        apps,
        [
            ("github", "GitHub", 3),
            ("google", "Google Workspace", 2),
            ("office365", "Office 365", 2),
            ("salesforce", "Salesforce", 7)
        ]
    );
    let everyone: Vec<_> = catalog
        .groups
        .iter()
        .filter(|group| group.name == "Everyone")
        .map(|group| (group.source.as_str(), group.members))
        .collect();
    assert_eq!(everyone, [("google", 1), ("okta", 0)]);
    let cloud = catalog
        .permissions
        .iter()
        .find(|permission| permission.value == "sales_cloud");
    assert_eq!(
        cloud.map(|cloud| (cloud.label.as_str(), cloud.holders)),
        Some(("Sales Cloud", 5))
    );
    assert_eq!(catalog.custom.len(), 3);
    assert_eq!(catalog.lifecycle.len(), 6);
    assert_eq!(catalog.sources, ["github", "google", "okta", "salesforce"]);
    assert!(!catalog.assume);
    let counts = Counts {
        identities: 11,
        accounts: 14,
        apps: 4,
        groups: 7,
        memberships: 8,
        roles: 2,
        permissions: 3,
        grants: 7,
    };
    assert_eq!(store.counts().unwrap(), counts);
}

#[test]
fn what_programs_put_around_text_makes_no_difference() {
    let plain = filled(acme().path()).dump().unwrap();
    let folder = acme();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
    }
    assert_eq!(filled(folder.path()).dump().unwrap(), plain);
}

#[test]
fn bytes_that_are_not_utf8_are_found() {
    let folder = acme();
    fs::write(folder.path().join("roles.csv"), b"role\nAuditor\nCRM \xff User\n")
        .unwrap();
    let error = import(&mut Store::in_memory().unwrap(), folder.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing was imported:\nroles.csv:3:5: this is not UTF-8\n  save the file as UTF-8"
    );
}

#[test]
fn a_folder_that_is_none_says_so() {
    let mut store = Store::in_memory().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let message = |error: tenure::store::StoreError| {
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "FOLDER")
    };
    let empty = message(import(&mut store, folder.path()).unwrap_err());
    assert!(
        empty.starts_with("`FOLDER` cannot be used: it has none of the files apps.csv, ")
    );
    let absent = message(import(&mut store, &folder.path().join("x")).unwrap_err());
    assert_eq!(absent, "`FOLDER/x` cannot be used: it does not exist");
    fs::write(folder.path().join("apps.csv"), "app\n").unwrap();
    let file = message(import(&mut store, &folder.path().join("apps.csv")).unwrap_err());
    assert_eq!(file, "`FOLDER/apps.csv` cannot be used: it is not a folder");
    fs::write(folder.path().join("apps.jsonl"), "").unwrap();
    let both = message(import(&mut store, folder.path()).unwrap_err());
    assert_eq!(
        both,
        "`FOLDER` cannot be used: it has both apps.csv and apps.jsonl: keep one of them"
    );
}

/// rows: L09 L10
#[test]
fn permissions_of_one_label_are_told_apart_by_their_source() {
    let site = Site::empty();
    let folder = acme();
    edit(
        folder.path(),
        "permissions.csv",
        "salesforce,service_cloud",
        "salesforce,reports_i,Reports,LICENCE,INTEGRATION\n\
         salesforce,reports_m,Reports,ENTITLEMENT,MANUAL\nsalesforce,service_cloud",
    );
    edit(
        folder.path(),
        "grants.csv",
        "github,dlevi",
        "salesforce,zoe,reports_i,,\nsalesforce,yan,reports_m,,\ngithub,dlevi",
    );
    let kinds = lines(&filled(folder.path()), "permission salesforce/reports");
    assert!(
        kinds[0].contains("LICENCE") && kinds[1].contains("ENTITLEMENT"),
        "{kinds:?}"
    );
    let data = folder.path().display().to_string();
    for (from, whom) in [
        ("", vec!["salesforce/yan", "salesforce/zoe"]),
        ("from MANUAL", vec!["salesforce/yan"]),
        ("from INTEGRATION", vec!["salesforce/zoe"]),
    ] {
        let policy = format!(
            "policy p for accounts in app Salesforce when has permission Reports {from} \
             then notify owner"
        );
        site.write("p.tenure", &policy);
        let plan = site.json(&["plan", "p.tenure", "--data", &data, "--now", NOON]);
        let opens = plan["policies"][0]["opens"].as_array().unwrap().iter();
        let mut opens: Vec<_> =
            opens.map(|it| it["subject"].as_str().unwrap().to_owned()).collect();
        opens.sort();
        assert_eq!(opens, whom, "{from}");
    }
}
