//! Versions of a policy: drafts and what was active before, pilots and what is only observed,
//! through the doors that people use.

use crate::peers::Peer;
use crate::site::{NOON, Site, after};
use serde_json::json;
use tenure::engine::Run;
use tenure::store::{Mode, Standing, Store};
use tenure::time::Timestamp;

const LINE: &str = "policy line\n  for accounts in app Salesforce\n  when inactive > 90d\n  \
                    then ask owner for 7d, disable account\n";

/// Does nothing to anybody, and needs no mail server.
fn quiet(name: &str, scope: &str, days: u32) -> String {
    format!(
        "policy {name}\n  {scope}\n  when inactive > {days}d\n  \
         then wait 1d, disable account\n"
    )
}

/// Publishes a text that need not be the first of its policy.
fn publish(site: &Site, text: &str) -> String {
    site.write("some.tenure", text);
    site.ok(&["publish", "some.tenure", "--now", NOON]).out
}

#[test]
fn drafts_take_the_place_of_drafts_and_what_was_active_stays() {
    let site = Site::acme();
    let text = |days| quiet("line", "for accounts in app Salesforce", days);
    assert_eq!(publish(&site, &text(90)), "line version 1 is a draft\n");
    assert_eq!(publish(&site, &text(90)), "line version 1 is unchanged\n");
    let replaced = "line version 2 is a draft, in place of version 1\n";
    assert_eq!(publish(&site, &text(91)), replaced);
    assert_eq!(site.ok(&["policies"]).out, "line  version 2 is a draft\n");
    site.ok(&["activate", "line", "--now", NOON]);
    publish(&site, &text(92));
    let said = "line  version 2 is active; version 3 is a draft\n";
    assert_eq!(site.ok(&["policies"]).out, said);
    let dropped = "line version 2 is unchanged; the draft 3 is dropped\n";
    assert_eq!(publish(&site, &text(91)), dropped);
    publish(&site, &text(92));
    site.ok(&["activate", "line", "--now", NOON]);
    assert_eq!(site.ok(&["show", "line", "--version", "2"]).out, text(91));
    let found = site.json(&["show", "line"]);
    assert_eq!((&found["version"], &found["active"]), (&json!(4), &json!(4)));
    assert_eq!(found["text"], text(92));
    assert_eq!(
        found["versions"],
        json!([
            { "version": 2, "standing": "published", "published_at": NOON,
              "activated_at": NOON, "pinned": 0 },
            { "version": 4, "standing": "active", "published_at": NOON,
              "activated_at": NOON, "pinned": 0 },
        ])
    );
    // Back to the version before.
    let said = site.json(&["activate", "line", "--version", "2", "--now", NOON]);
    assert_eq!((&said["version"], &said["observe"]), (&json!(2), &json!(false)));
    let said = "line  version 2 is active; version 4 was active before\n";
    assert_eq!(site.ok(&["policies"]).out, said);
    let refused = site.no(1, &["show", "line", "--version", "3"]);
    let words =
        "error: policy `line` has no version 3\n  help: there are versions 2, 4\n";
    assert_eq!(refused, words);
    assert_eq!(site.no(1, &["activate", "line", "--version", "3"]), words);
}

/// rows: M26
#[test]
fn what_is_needed_is_not_deleted() {
    let site = Site::acme();
    let text = |days| quiet("line", "for accounts in app Salesforce", days);
    publish(&site, &text(90));
    site.ok(&["activate", "line", "--at-once", "--now", NOON]);
    let active = "error: version 1 of policy `line` cannot be deleted: it is active\n  \
                  help: activate another version, or deactivate the policy, first\n";
    assert_eq!(site.no(1, &["delete", "line", "--version", "1"]), active);
    site.ok(&["deactivate", "line"]);
    let open = "error: version 1 of policy `line` cannot be deleted: 3 runs go on under it\n  \
                help: it can be when they have ended: tenure runs\n";
    assert_eq!(site.no(1, &["delete", "line", "--version", "1"]), open);
    site.tick(&after("1d"));
    assert_eq!(
        site.json(&["delete", "line", "--version", "1"]),
        json!({ "schema": "tenure.deleted/1", "policy": "line", "version": 1 })
    );
    assert_eq!(site.ok(&["policies"]).out, "line  all versions were deleted\n");
    let gone = site.no(1, &["activate", "line"]);
    assert!(gone.contains("every version of policy `line` was deleted"), "{gone}");
    // What became of its runs is still known, and its number is not given again.
    assert!(site.ok(&["show", "1"]).out.contains("under policy line version 1"));
    assert_eq!(publish(&site, &text(91)), "line version 2 is a draft\n");
    let unknown = site.no(1, &["delete", "lime", "--version", "1"]);
    assert!(unknown.contains("did you mean `line`?"), "{unknown}");
}

/// rows: M27
#[test]
fn the_eleventh_version_is_refused_and_nothing_of_the_call_is_kept() {
    let site = Site::acme();
    let text = |days| quiet("line", "for accounts in app Salesforce", days);
    for days in 90..100 {
        publish(&site, &text(days));
        site.ok(&["activate", "line", "--now", NOON]);
    }
    let before = site.dump();
    site.write("a.tenure", &quiet("another", "", 90));
    site.write("b.tenure", &text(100));
    let refused = site.no(1, &["publish", "a.tenure", "b.tenure"]);
    assert!(
        refused.contains(
            "error: policy `line` has 10 versions, and no more are kept\n  \
             help: delete one of versions 1, 2, 3, 4, 5, 6, 7, 8, 9: \
             tenure delete NAME --version N\n"
        ),
        "{refused}"
    );
    assert_eq!(site.dump(), before);
    site.ok(&["delete", "line", "--version", "4"]);
    site.ok(&["publish", "a.tenure", "b.tenure"]);
}

#[test]
fn the_policies_of_one_app_are_listed() {
    let site = Site::acme();
    publish(&site, &quiet("sales", "for accounts in app Salesforce", 90));
    publish(&site, &quiet("code", "for accounts in app GitHub", 90));
    publish(&site, &quiet("both", "for accounts", 90));
    let names = |app: &str| -> Vec<String> {
        let found = site.json(&["policies", "--app", app]);
        let rows = found["policies"].as_array().unwrap().iter();
        rows.map(|row| row["policy"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("Salesforce"), ["both", "sales"]);
    assert_eq!(names("github"), ["both", "code"]);
    let refused = site.no(1, &["policies", "--app", "Salesforse"]);
    assert_eq!(
        refused,
        "error: there is no app `Salesforse`\n  help: did you mean `salesforce`?\n"
    );
}

#[test]
fn observing_needs_no_mail_server_and_nothing_leaves() {
    let mail = Peer::mail(&[]);
    let site = Site::acme();
    // Activated in earnest it is refused: it writes to people.
    site.write("tenure.toml", "");
    publish(&site, LINE);
    let refused = site.no(1, &["activate", "line", "--now", NOON]);
    assert!(refused.contains("writes to people"), "{refused}");
    let observe = ["activate", "line", "--observe", "--at-once", "--now", NOON];
    let said = site.call(&observe);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("line version 1 is active, only observed\n"), "{said:?}");
    assert!(said.out.contains("policy line, only observed: opened 3 runs"), "{said:?}");
    // That there is one by now changes nothing.
    site.configure(Some(mail.port), &[]);
    for day in 1..=8 {
        let report = site.tick(&after(&format!("{day}d")));
        assert_eq!(report["delivered"], 0);
        assert_eq!(report["evaluations"][0]["observed"], true);
    }
    assert!(mail.events("message").is_empty());
    let dump = site.dump();
    assert!(!dump.contains("outbox "), "{dump}");
    let zoe = "account salesforce/zoe owner=\"zoe@acme.example\" status=\"active\"";
    assert!(dump.contains(zoe), "{dump}");
    let runs = site.json(&["runs", "--all"]);
    assert_eq!(runs["runs"][0]["state"], "removed");
    assert_eq!(runs["runs"][0]["observed"], true);
    let table = site.ok(&["runs", "--all"]).out;
    assert!(table.contains("removed (observed)"), "{table}");
    let shown = site.ok(&["show", "1"]).out;
    assert!(shown.contains("only observed: nobody is asked, and nothing is done"));
    let listed = site.ok(&["policies"]).out;
    assert_eq!(listed, "line  version 1 is active, only observed\n");
    let planned = site.call(&["plan", "--active", "--now", &after("8d")]);
    assert!(planned.err.contains("policy line is only observed"), "{planned:?}");
    // In earnest everyone is asked whom the observed runs had taken for done.
    site.ok(&["activate", "line", "--at-once", "--now", &after("9d")]);
    assert!(mail.events("message").len() >= 3);
}

#[test]
fn a_pilot_narrows_plans_explanations_and_evaluations() {
    let site = Site::acme();
    publish(
        &site,
        "define sales as department = \"Sales\"\n\npolicy line\n  \
         for accounts in app Salesforce\n  when inactive > 90d and not sales\n  \
         then wait 1d, disable account\n",
    );
    let bad = site.no(1, &["activate", "line", "--only", "departmnt = \"Board\""]);
    assert!(bad.contains("no attribute named `departmnt`"), "{bad}");
    assert!(bad.contains("--only:1:1"), "{bad}");
    assert!(bad.contains("the condition of `--only` cannot be used"), "{bad}");
    site.no(1, &["activate", "line", "--only", "until password_expires_at reaches 7d"]);
    site.no(1, &["activate", "line", "--only", " "]);
    let only = "department = \"Board\" or sales";
    let activated = site.json(&["activate", "line", "--only", only, "--now", NOON]);
    assert_eq!(activated["only"], only);
    let plan = site.json(&["plan", "--active", "--now", NOON]);
    let policy = &plan["policies"][0];
    assert_eq!(policy["only"], only);
    let opens = policy["opens"].as_array().unwrap();
    let subjects: Vec<_> = opens.iter().map(|it| it["subject"].clone()).collect();
    assert_eq!(subjects, ["salesforce/ceo"]);
    let outside = json!({ "because": "outside the pilot", "count": 1 });
    let left_out = policy["out_of_scope"].as_array().unwrap();
    assert!(left_out.contains(&outside), "{policy}");
    let listed = site.ok(&["policies"]).out;
    assert_eq!(listed, format!("line  version 1 is active, for a pilot: {only}\n"));
    let why = site
        .ok(&["explain", "line", "salesforce/pat", "--now", &after("30d")])
        .out;
    assert!(why.contains("department = \"Board\""), "{why}");
    let report = site.tick(&after("1d"));
    assert_eq!(report["evaluations"][0]["opened"], 1);
    let shown = site.ok(&["show", "1"]).out;
    assert!(shown.contains(&format!("in the pilot: {only}\n")), "{shown}");
    // Simulating others on this store, what is at work keeps to its pilot.
    site.write("other.tenure", &quiet("other", "for accounts in app GitHub", 300));
    let later = after("2d");
    let foretold = site.json(&["simulate", "other.tenure", "--now", &later]);
    let runs = foretold["runs"].as_array().unwrap().iter();
    let of_line = runs.filter(|run| run["policy"] == "line").count();
    assert_eq!(of_line, 1);
}

#[test]
fn what_is_observed_is_no_part_of_what_will_come() {
    let site = Site::acme();
    publish(&site, LINE);
    site.ok(&["activate", "line", "--observe", "--at-once", "--now", NOON]);
    site.write("other.tenure", &quiet("other", "for accounts in app GitHub", 100));
    let foretold = site.json(&["simulate", "other.tenure", "--now", NOON]);
    for kind in ["events", "runs"] {
        let lines = foretold[kind].as_array().unwrap();
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|line| line["policy"] == "other"), "{kind}: {lines:?}");
    }
    // Simulated itself, it is simulated in earnest.
    site.write("line.tenure", LINE);
    let foretold = site.json(&["simulate", "line.tenure", "--at-once", "--now", NOON]);
    let asked = foretold["events"].as_array().unwrap().iter();
    assert_eq!(asked.filter(|line| line["event"] == "asked").count(), 3);
}

#[test]
fn activated_in_earnest_everything_that_was_observed_ends_or_nothing_does() {
    let site = Site::acme();
    publish(&site, &quiet("line", "for accounts in app Salesforce", 90));
    site.ok(&["activate", "line", "--observe", "--at-once", "--now", NOON]);
    let later = after("1h");
    let activate = ["activate", "line", "--now", &later];
    let before = site.dump();
    assert!(before.contains("state=\"waiting\""), "{before}");
    let whole = site.copy();
    whole.ok(&activate);
    let done = whole.dump();
    assert!(!done.contains("state=\"waiting\""), "{done}");
    let mut unfinished = 0;
    for write in (1..60).step_by(4) {
        let copy = site.copy();
        let inject = format!("inject=pwrite64,fsync,fdatasync:signal=KILL:when={write}");
        let options = ["-o", "/dev/null", "-e", &inject];
        copy.traced(&options, &activate).output().unwrap();
        let dump = copy.dump();
        assert!(dump == before || dump == done, "{write}: {dump}");
        unfinished += usize::from(dump == before);
        copy.ok(&activate);
        let ended = copy.dump().matches("state=\"cancelled\"").count();
        assert_eq!(ended, done.matches("state=\"cancelled\"").count(), "{write}");
    }
    assert!(unfinished > 0);
}

#[test]
fn a_store_from_before_there_were_pilots_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenure.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    for script in [
        include_str!("../../src/store/migrations/0001_store.sql"),
        include_str!("../../src/store/migrations/0001_indexes.sql"),
        include_str!("../../src/store/migrations/0001_counts.sql"),
        "INSERT INTO meta VALUES ('store', 'old');
         INSERT INTO policy(id, name, name_key, active_version, scheduled_from)
         VALUES (1, 'line', 'line', 1, 0);
         INSERT INTO policy_version(policy_id, version, text, published_at, activated_at)
         VALUES (1, 1, 'one', 0, 0), (1, 2, 'two', 0, NULL);",
    ] {
        old.execute_batch(script).unwrap();
    }
    let body = json!({
        "id": 1, "policy": "line", "version": 1,
        "subject": { "id": { "account": 1 }, "name": "salesforce/zoe" },
        "key": "msg_1", "opened_at": NOON, "state": { "state": "at", "step": 0 },
        "asked": [], "decision": null, "changed": [], "took": false, "effects": 0,
        "answer": null, "unheard": [], "owner": 1, "settled": false,
        "heard_until": null, "beyond": false,
    });
    old.execute(
        "INSERT INTO run VALUES (1, 1, 1, 0, 1, 'salesforce/zoe', 'removing', 0, NULL, 9, 9, ?1)",
        [body.to_string()],
    )
    .unwrap();
    old.pragma_update(None, "application_id", 0x5465_6e72).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);

    let store = Store::open_existing(&path).unwrap();
    let row = store.policy("line").unwrap().unwrap();
    assert_eq!((row.active, row.newest, row.mode.clone()), (Some(1), 2, Mode::default()));
    let standings: Vec<_> =
        store.versions(&row).unwrap().iter().map(|it| it.standing).collect();
    assert_eq!(standings, [Standing::Active, Standing::Draft]);
    let run = store.run(1).unwrap().unwrap();
    assert!(!run.observed && run.only.is_none());
    let run: Run = serde_json::from_str(&run.body).unwrap();
    assert!(!run.observed && run.only.is_none());
    let made = store.publish("line", "three", Timestamp(0)).unwrap();
    assert_eq!((made.version, made.replaced), (3, Some(2)));
}
