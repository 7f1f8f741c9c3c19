//! Importing again: what stays, what goes, what comes back.

use crate::import::{acme, edit, filled, import, lines, now};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tenure::store::{ImportOptions, Store, StoreError};
use tenure::time::Duration;

fn import_large(store: &mut Store, folder: &Path) {
    let options = ImportOptions { accept_large: true, ..ImportOptions::at(now()) };
    store.import(folder, &options, &mut |_| ()).unwrap();
}

fn user(store: &Store, email: &str) -> String {
    lines(store, &format!("user {email} ")).pop().unwrap_or_default()
}

#[test]
fn the_same_again_changes_nothing() {
    let folder = acme();
    let mut store = filled(folder.path());
    let before = store.dump().unwrap();
    let report = import(&mut store, folder.path()).unwrap();
    assert_eq!(report.changes(), 0, "{report:#?}");
    assert_eq!(report.files.len(), 11);
    assert_eq!(store.dump().unwrap(), before);
}

#[test]
fn what_is_no_longer_listed_is_gone_and_can_come_back() {
    let folder = acme();
    let mut store = filled(folder.path());
    let before = store.dump().unwrap();
    let all = |file: &str| fs::read_to_string(folder.path().join(file)).unwrap();
    let kept: Vec<(&str, String)> =
        ["accounts.csv", "activity.csv", "grants.csv", "memberships.csv"]
            .map(|file| (file, all(file)))
            .into();
    edit(
        folder.path(),
        "accounts.csv",
        "salesforce,zoe,zoe@acme.example,active,2022-05-03,A1\n",
        "",
    );
    edit(
        folder.path(),
        "activity.csv",
        "salesforce,zoe,salesforce,2026-07-01T09:00:00Z,2026-07-20T10:00:00Z\n",
        "",
    );
    edit(folder.path(), "grants.csv", "salesforce,zoe,sales_cloud,2022-05-03,\n", "");
    edit(
        folder.path(),
        "memberships.csv",
        "\"Salesforce Users\",okta,zoe@acme.example,2022-05-03\n",
        "",
    );
    let report = import(&mut store, folder.path()).unwrap();
    let gone =
        |file: &str| report.files.iter().find(|one| one.file == file).unwrap().gone;
    assert_eq!(
        ["accounts.csv", "activity.csv", "grants.csv", "memberships.csv"].map(gone),
        [1; 4]
    );
    assert_eq!(report.changes(), 4);
    assert!(lines(&store, "account salesforce/zoe ")[0].ends_with(" gone=1"));
    assert!(lines(&store, "app salesforce ")[0].ends_with(" accounts=6"));
    assert!(lines(&store, "grant salesforce/zoe").is_empty());
    assert!(lines(&store, "group Salesforce Users")[0].ends_with(" members=2"));
    assert_eq!(store.catalog().unwrap().apps[3].accounts, 6);
    assert_eq!(import(&mut store, folder.path()).unwrap().changes(), 0);
    for (file, text) in kept {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let report = import(&mut store, folder.path()).unwrap();
    assert_eq!(report.files.iter().map(|file| file.returned).sum::<u64>(), 2);
    assert_eq!(super::without_events(&store.dump().unwrap()), before);
}

#[test]
fn what_refers_to_someone_gone_is_refused() {
    let folder = acme();
    let mut store = filled(folder.path());
    let ned = "ned@acme.example,ned,Ned,Abara,disabled,Sales,Account Executive,olga@acme.example,\
               deleted,2019-04-01,2025-01-01,2025-04-01,200,2019-04-01\n";
    edit(folder.path(), "identities.csv", ned, "");
    let error = import(&mut store, folder.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nothing was imported:\n\
         accounts.csv:7:16: there is no user `ned@acme.example`\n  list it in identities.csv\n\
         memberships.csv:6:25: there is no user `ned@acme.example`\n  list it in identities.csv"
    );
    assert!(!user(&store, "ned@acme.example").contains("gone"));
}

#[test]
fn a_partial_import_takes_nothing_away() {
    let folder = acme();
    let mut store = filled(folder.path());
    let some = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| fs::write(some.path().join(file), text).unwrap();
    write(
        "identities.csv",
        "email,department\nZoe@acme.example,Legal\nkim@acme.example,Legal\n",
    );
    write(
        "memberships.csv",
        "group,source,email,member_group\nExecs,okta,kim@acme.example,\nContractors,okta,,Execs\n",
    );
    write(
        "activity.csv",
        "app,username,source,last_login_at\nsalesforce,zoe,okta,2026-11-01\n",
    );
    let options = ImportOptions { partial: true, ..ImportOptions::at(now()) };
    let report = store.import(some.path(), &options, &mut |_| ()).unwrap();
    assert_eq!(report.files.iter().map(|file| file.gone).sum::<u64>(), 0);
    assert_eq!(store.counts().unwrap().identities, 12);
    let zoe = user(&store, "Zoe@acme.example");
    assert_eq!(
        zoe, "user Zoe@acme.example department=\"Legal\"",
        "absent columns are unknown"
    );
    let contractors = lines(&store, "membership Contractors");
    assert_eq!(contractors.len(), 2, "those kept count for groups in groups");
    assert_eq!(lines(&store, "activity ").len(), 12);
    assert_eq!(store.import(some.path(), &options, &mut |_| ()).unwrap().changes(), 0);
}

#[test]
fn files_that_are_absent_change_nothing() {
    let folder = acme();
    let mut store = filled(folder.path());
    let before = store.dump().unwrap();
    let some = tempfile::tempdir().unwrap();
    for file in ["roles.csv", "memberships.csv", "grants.csv"] {
        fs::copy(folder.path().join(file), some.path().join(file)).unwrap();
    }
    assert_eq!(import(&mut store, some.path()).unwrap().changes(), 0);
    assert_eq!(store.dump().unwrap(), before);
}

#[test]
fn when_the_lifecycle_changed_is_kept_from_the_second_import_on() {
    let folder = acme();
    let mut store = filled(folder.path());
    assert!(!user(&store, "pat@acme.example").contains("lifecycle_changed_at"));
    let later = |store: &mut Store, days| {
        let options = ImportOptions::at(now().after(Duration::days(days)));
        store.import(folder.path(), &options, &mut |_| ()).unwrap();
        user(store, "pat@acme.example")
    };
    edit(folder.path(), "identities.csv", ",leave,", ",terminated,");
    assert!(later(&mut store, 1).contains("lifecycle_changed_at=2026-11-21T12:00:00Z"));
    assert!(later(&mut store, 2).contains("lifecycle_changed_at=2026-11-21T12:00:00Z"));
    edit(
        folder.path(),
        "identities.csv",
        "lifecycle_state,created_at",
        "lifecycle_state,lifecycle_changed_at",
    );
    assert!(later(&mut store, 3).contains("lifecycle_changed_at=2021-01-11T00:00:00Z"));
}

/// rows: S01 S06 S09 S11 S03
#[test]
fn a_new_meaning_of_a_state_reaches_those_in_it() {
    let folder = acme();
    let mut store = filled(folder.path());
    let states = tempfile::tempdir().unwrap();
    let text = "state,identity_state,enabled\nleave,inactive long-term,true\ndeleted,inactive long-term,false\n";
    fs::write(states.path().join("lifecycle_states.csv"), text).unwrap();
    import(&mut store, states.path()).unwrap();
    let before = " state=1 ";
    assert!(user(&store, "pat@acme.example").contains(before), "pending");
    assert!(store.mapping_is_pending().unwrap());
    let settings = tenure::engine::Settings::default();
    let done = tenure::engine::process_lifecycle(&store, &settings, ("ida", None), now());
    assert_eq!(done.unwrap().changes.len(), 3);
    assert!(!store.mapping_is_pending().unwrap());
    assert!(user(&store, "pat@acme.example").contains(" state=2 "));
    assert!(!user(&store, "ned@acme.example").contains(" state="), "not enabled: active");
    assert!(!user(&store, "lea@acme.example").contains(" state="), "not listed: active");
}

#[test]
fn a_declared_source_is_believed_as_it_is_declared() {
    let folder = acme();
    let mut store = filled(folder.path());
    let declared = tempfile::tempdir().unwrap();
    // Okta becomes the app's own, and comes first by name no more than `github` does.
    fs::write(
        declared.path().join("sources.csv"),
        "source,kind,app\ngithub,manual,\nokta,integration,github\n",
    )
    .unwrap();
    let report = import(&mut store, declared.path()).unwrap();
    assert_eq!(report.changes(), 2);
    let lroux = || lines(&store, "account github/lroux ").pop().unwrap();
    assert!(
        lroux().contains("last_login=2026-09-30T00:00:00Z last_login_source=\"okta\"")
    );
    fs::write(declared.path().join("sources.csv"), "source\n").unwrap();
    import(&mut store, declared.path()).unwrap();
    let lroux = lines(&store, "account github/lroux ").pop().unwrap();
    assert!(lroux.contains("last_login_source=\"github\""), "undeclared again: {lroux}");
}

fn crowd(people: std::ops::Range<u32>, status: impl Fn(u32) -> &'static str) -> String {
    people.fold("email,status,lifecycle_state\n".to_owned(), |mut text, person| {
        writeln!(text, "p{person}@acme.example,{},active", status(person)).unwrap();
        text
    })
}

#[test]
fn an_import_that_takes_much_away_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let write =
        |text: String| fs::write(folder.path().join("identities.csv"), text).unwrap();
    write(crowd(0..100, |_| "active"));
    let mut store = filled(folder.path());
    let before = store.dump().unwrap();

    write(crowd(11..100, |_| "active"));
    let error = import(&mut store, folder.path()).unwrap_err();
    let StoreError::ImportHeld(held) = &error else { panic!("{error}") };
    assert_eq!(
        (held.files[0].before, held.files[0].gone, held.files[0].changed),
        (100, 11, 0)
    );
    assert_eq!(held.files[0].rows[10].subject, "p10@acme.example");
    assert!(
        error
            .to_string()
            .contains("identities.csv: of 100 rows, 11 would be gone")
    );
    assert_eq!(store.dump().unwrap(), before, "something was kept");

    write(crowd(6..100, |person| if person < 11 { "disabled" } else { "active" }));
    let error = import(&mut store, folder.path()).unwrap_err().to_string();
    assert!(error.contains("6 would be gone and 5 change"), "{error}");
    assert!(error.contains("p7@acme.example: status active → disabled"), "{error}");

    write(crowd(10..100, |_| "active"));
    import(&mut store, folder.path()).expect("a tenth is not more than a tenth");
    write(crowd(10..81, |_| "active"));
    import_large(&mut store, folder.path());
    write(crowd(10..72, |_| "active"));
    import(&mut store, folder.path()).expect("fewer than ten are never much");
    write(crowd(0..0, |_| "active"));
    assert!(
        import(&mut store, folder.path()).is_err(),
        "an empty feed is the usual accident"
    );
}

#[test]
fn a_change_of_lifecycle_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("identities.csv");
    fs::write(&path, crowd(0..20, |_| "active")).unwrap();
    let mut store = filled(folder.path());
    fs::write(&path, crowd(0..20, |_| "active").replace(",active\n", ",left\n")).unwrap();
    let error = import(&mut store, folder.path()).unwrap_err().to_string();
    assert!(error.contains("0 would be gone and 20 change"), "{error}");
    assert!(error.contains("p0@acme.example: lifecycle active → left"), "{error}");
}

/// rows: S01 S02 S04 S06 S07 S08 S09 S14 S21 S26 S27
#[test]
fn everybody_has_the_identity_state_of_their_lifecycle() {
    let folder = tempfile::tempdir().unwrap();
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "identities.csv",
        "email,lifecycle_state,department\n\
         a@x.example,at-work,\nb@x.example,on-leave,\nc@x.example,gone,Sales\n\
         d@x.example,,\ne@x.example,unmapped,\nf@x.example,off,\ng@x.example,leave-here,\n",
    );
    let states = "state,identity_state,enabled\nat-work,active,true\n\
                  on-leave,inactive short-term,true\ngone,inactive long-term,true\n\
                  unmapped,,true\noff,inactive long-term,false\nleave-here,active,true\n";
    write("lifecycle_states.csv", states);
    let mut store = filled(folder.path());
    let state = |store: &Store, who: &str| {
        let line = user(store, &format!("{who}@x.example"));
        let word = line.split(' ').find_map(|word| word.strip_prefix("state="));
        word.map_or(0, |word| word.parse::<u8>().unwrap())
    };
    let all =
        |store: &Store| ["a", "b", "c", "d", "e", "f", "g"].map(|it| state(store, it));
    assert_eq!(all(&store), [0, 1, 2, 0, 0, 0, 0]);

    // Nobody needs the short-term state, and who has another one waits until all are processed;
    // what an import says reaches who has left for long.
    write("lifecycle_states.csv", &states.replace("short-term", "long-term"));
    edit(folder.path(), "identities.csv", "gone,Sales", "gone,Legal");
    import(&mut store, folder.path()).unwrap();
    assert_eq!(all(&store), [0, 1, 2, 0, 0, 0, 0]);
    assert_eq!(all(&filled(folder.path())), [0, 2, 2, 0, 0, 0, 0]);
    assert!(user(&store, "c@x.example").contains("department=\"Legal\""));
    edit(folder.path(), "identities.csv", "gone,Legal", "at-work,Legal");
    import(&mut store, folder.path()).unwrap();
    assert_eq!(all(&store), [0, 1, 0, 0, 0, 0, 0]);

    write("lifecycle_states.csv", &states.replace("inactive long-term", "dormant"));
    let error = import(&mut store, folder.path()).unwrap_err().to_string();
    assert!(error.contains("`dormant`"), "{error}");
}
