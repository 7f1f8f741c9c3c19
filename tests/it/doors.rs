//! The doors: what each command takes, what it says, and the code it ends with.

use crate::site::{NOON, Said, Site, acme, after, said};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::Path;

/// The line, with a webhook that is never called here.
const THE_LINE: &str = "webhook revoke\n  url \"https://hooks.acme.example/revoke\"\n  \
     secret env REVOKE_SECRET\n\nwhen inactive > 90d and not in group Execs \
     then notify owner, escalate after 7d, run webhook revoke\n";

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_plan_says_what_the_line_would_open_and_whom_it_leaves_out() {
    let site = Site::acme();
    site.write("reclaim.tenure", THE_LINE);
    let store = fs::read(site.path("tenure.db")).unwrap();
    let plan = site.json(&["plan", "reclaim.tenure", "--now", NOON]);
    assert_eq!(keys(&plan), ["schema", "now", "policies", "blocked"]);
    assert_eq!((&plan["schema"], &plan["now"]), (&json!("tenure.plan/1"), &json!(NOON)));
    let policy = &plan["policies"][0];
    assert_eq!(
        keys(policy),
        [
            "policy",
            "in_scope",
            "matched",
            "busy",
            "already_so",
            "excepted",
            "not_matched",
            "undecided",
            "out_of_scope",
            "limit",
            "opens"
        ]
    );
    let numbers = ["policy", "in_scope", "matched", "busy", "already_so", "excepted"];
    assert_eq!(
        json!(numbers.map(|key| &policy[key])),
        json!(["reclaim", 13, 3, 0, 0, 0])
    );
    assert_eq!(
        policy["not_matched"],
        json!([
            { "because": "inactive > 90d", "count": 4 },
            { "because": "not in group Execs", "count": 1 },
        ])
    );
    assert_eq!(policy["undecided"], json!([{ "because": "last_seen", "count": 5 }]));
    assert_eq!(
        policy["out_of_scope"],
        json!([{ "because": "inactive long-term", "count": 1 }])
    );
    assert_eq!(policy["limit"], json!({ "allowed": 5, "opened": 0, "held": false }));
    let opens = policy["opens"].as_array().unwrap();
    let mut subjects: Vec<_> =
        opens.iter().map(|it| it["subject"].as_str().unwrap()).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["github/lroux", "salesforce/olga", "salesforce/zoe"]);
    let zoe = opens.iter().find(|it| it["subject"] == "salesforce/zoe").unwrap();
    assert_eq!(
        zoe,
        &json!({
            "subject": "salesforce/zoe",
            "user": "zoe@acme.example",
            "because": [
                { "condition": "inactive > 90d", "value": "123d", "source": "salesforce" },
                { "condition": "not in group Execs", "value": "no member", "source": null },
            ],
            "timeline": [
                { "at": NOON, "what": "ask", "who": ["zoe@acme.example"] },
                { "at": after("7d"), "what": "ask", "who": ["olga@acme.example"] },
                { "at": after("14d"), "what": "run webhook revoke" },
                { "at": after("14d"), "what": "removed" },
            ],
        })
    );

    // A folder of data gives the same answer, and neither changes anything.
    let data = ["plan", "reclaim.tenure", "--now", NOON, "--data", &acme()];
    assert_eq!(site.json(&data), plan);
    site.json(&["simulate", "reclaim.tenure", "--now", NOON]);
    site.ok(&["check", "reclaim.tenure"]);
    site.ok(&["show", "salesforce/zoe"]);
    assert_eq!(fs::read(site.path("tenure.db")).unwrap(), store);
    let folder: Vec<_> = fs::read_dir(acme()).unwrap().collect();
    assert!(
        folder
            .iter()
            .all(|file| file.as_ref().unwrap().path().extension().unwrap() == "csv")
    );
}

#[test]
fn a_store_that_cannot_be_used_ends_with_three() {
    let site = Site::empty();
    site.write("reclaim.tenure", THE_LINE);
    let missing = "error: there is no store at `tenure.db`\n  help: make one with \
                   `tenure import FOLDER`, or name another with `--store`";
    for command in [
        &["run"][..],
        &["runs"],
        &["policies"],
        &["plan", "reclaim.tenure"],
        &["show", "1"],
        &["publish", "reclaim.tenure"],
        &["activate", "reclaim"],
        &["cancel", "1"],
        &["simulate", "reclaim.tenure"],
        &["check", "reclaim.tenure"],
    ] {
        let said = site.no(3, command);
        assert!(said.starts_with(missing), "{command:?}: {said}");
    }
    assert!(!site.path("tenure.db").exists());
    let said = site.no(3, &["check", "reclaim.tenure"]);
    assert!(said.ends_with(", or check without names: --no-store\n"), "{said}");
    site.ok(&["check", "reclaim.tenure", "--no-store"]);

    site.write("notes.txt", "these are notes, more of them than a header has\n");
    for (path, what) in [(".", "a folder"), ("notes.txt", "a file of another kind")] {
        for command in ["run", "runs"] {
            let said = site.no(3, &[command, "--store", path]);
            let wanted = format!(
                "error: `{path}` is not a store: it is {what}\n  \
                 help: name another file with `--store`\n"
            );
            assert_eq!(said, wanted);
        }
    }
    assert_eq!(
        site.no(3, &["import", &acme(), "--store", "notes.txt"]),
        "error: `notes.txt` is not a store: it is a file of another kind\n  \
         help: name another file with `--store`\n"
    );
}

#[test]
fn wrong_usage_ends_with_two() {
    let site = Site::acme();
    site.write("reclaim.tenure", THE_LINE);
    for (arguments, wanted) in [
        (&["run", "--fast"][..], "unexpected argument '--fast' found"),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
        (&[], "Usage: tenure"),
        (&["run", "--now", "yesterday"], "write an instant: 2026-11-20T12:00:00Z"),
        (&["run", "--now", "2026-02-30"], "write an instant"),
        (&["simulate", "reclaim.tenure", "--for", "3 months"], "write a length of time"),
        (&["simulate", "reclaim.tenure", "--for", "0d"], "longer than nothing"),
        (&["plan"], "PATH"),
        (
            &["plan", "nowhere.tenure"],
            "`nowhere.tenure` cannot be read: it does not exist",
        ),
        (
            &["plan", "reclaim.tenure", "--data", "x", "--store", "y"],
            "cannot be used with",
        ),
        (&["plan", "reclaim.tenure", "--data", "nowhere"], "`nowhere` cannot be used"),
        (&["import", "nowhere", "--store", "new.db"], "`nowhere` cannot be used"),
        (&["import", "reclaim.tenure", "--store", "new.db"], "it is not a folder"),
        (&["run", "--config", "nowhere.toml"], "`nowhere.toml` can't be read"),
        (
            &["check", "reclaim.tenure", "--color", "sometimes"],
            "invalid value 'sometimes'",
        ),
    ] {
        let said = site.no(2, arguments);
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
    assert!(!site.path("new.db").exists());

    // Where the policies lie, the configuration may say.
    site.write("tenure.toml", "[policies]\npaths = [\"reclaim.tenure\"]\n");
    for command in ["check", "plan", "simulate", "publish"] {
        site.ok(&[command, "--now", NOON]);
    }
    site.configure(None, &[]);

    // Data in memory is for looking: whatever would be kept needs a store.
    for command in [
        &["run"][..],
        &["publish", "reclaim.tenure"],
        &["activate", "reclaim"],
        &["deactivate", "reclaim"],
        &["retry", "1"],
        &["import", &acme()],
        &["decide", "1", "keep", "--as", "zoe@acme.example"],
        &["cancel", "1"],
    ] {
        let said = site.no(2, &[command, &["--data", &acme()]].concat());
        let wanted = format!(
            "error: {} needs a store that stays; `--data` is for looking only\n  \
             help: import the folder into a store first: tenure import FOLDER\n",
            command[0]
        );
        assert_eq!(said, wanted);
    }

    site.write("tenure.toml", "admn = \"it@acme.example\"\n[smtp]\nhost = \"x\"\n");
    let said = site.no(2, &["run"]);
    assert!(said.contains("tenure.toml:1:1: unknown key `admn`"), "{said}");
    assert!(said.contains("`[smtp]` lacks `from`"), "{said}");
}

#[test]
fn help_and_version_are_fine() {
    let site = Site::empty();
    for arguments in
        [&["--help"][..], &["run", "--help"], &["--version"], &["plan", "-h"]]
    {
        let said = site.ok(arguments);
        assert!(!said.out.is_empty() && said.err.is_empty(), "{said:?}");
    }
}

#[test]
fn policies_with_errors_are_not_published_and_nothing_unknown_is_activated() {
    let site = Site::acme();
    site.configure(Some(25), &[]);
    site.write("reclaim.tenure", THE_LINE);
    site.write("wrong.tenure", "policy wrong\n  when inactive > 90\n  then wait 3d\n");
    let before = site.dump();
    for (command, how) in [("publish", "-q"), ("plan", "-q"), ("simulate", "--quiet")]
        .into_iter()
        .flat_map(|(command, quiet)| [(command, None), (command, Some(quiet))])
    {
        let mut arguments = vec![command, "reclaim.tenure", "wrong.tenure"];
        arguments.extend(how);
        let said = site.no(1, &arguments);
        assert!(said.contains("wrong.tenure:2"), "{said}");
        assert!(said.ends_with("error: 1 error; nothing was done\n"), "{said}");
    }
    assert_eq!(site.dump(), before);
    assert_eq!(
        site.no(1, &["activate", "reclaim"]),
        "error: no policy `reclaim` was published\n  help: publish it first: tenure publish PATH\n"
    );

    site.ok(&["publish", "reclaim.tenure"]);
    let again = site.json(&["publish", "reclaim.tenure"]);
    assert_eq!(
        again,
        json!({
            "schema": "tenure.published/1",
            "policies": [
                { "policy": "reclaim", "version": 1, "unchanged": true, "replaced": null },
            ],
            "never": { "added": [], "kept": [], "removed": [] },
        })
    );
    for command in ["activate", "deactivate"] {
        assert_eq!(
            site.no(1, &[command, "reclam"]),
            "error: no policy `reclam` was published\n  help: did you mean `reclaim`?\n"
        );
    }
    let said = site.no(1, &["activate", "reclaim", "--version", "7"]);
    let unknown =
        "error: policy `reclaim` has no version 7\n  help: there is version 1\n";
    assert_eq!(said, unknown);
    let said = site.no(1, &["show", "reclaim", "--version", "7"]);
    assert_eq!(said, unknown);
    assert!(
        site.no(1, &["show", "nobody@acme.example"])
            .contains("nothing is known as")
    );
    assert!(site.no(1, &["show", "7"]).contains("there is no run 7"));
    assert_eq!(site.ok(&["show", "RECLAIM"]).out, THE_LINE);
    site.ok(&["activate", "Reclaim", "--now", NOON]);
    let listed = site.json(&["policies"]);
    let row = &listed["policies"][0];
    assert_eq!(
        (&row["policy"], &row["newest"], &row["active"]),
        (&json!("reclaim"), &json!(1), &json!(1))
    );

    // What cannot be done is refused before it begins.
    site.configure(None, &[]);
    let said = site.no(1, &["activate", "reclaim"]);
    assert!(said.contains("no mail server is configured"), "{said}");
    let chat = "[notify]\ndefault = \"ops\"\n[notify.chat]\nops = \"env:OPS\"\n";
    site.write("tenure.toml", chat);
    site.ok(&["activate", "reclaim", "--now", NOON]);
    site.write("tenure.toml", "");
    site.publish(
        "leave",
        "policy leave\n  when inactive > 90d\n  then disable account\n",
    );
    let said = site.no(1, &["activate", "leave"]);
    assert!(said.contains("authority = \"store\" under [store]"), "{said}");
    site.publish(
        "inside",
        "webhook near\n  url \"http://127.0.0.1:9/x\"\n\n\
         policy inside\n  when inactive > 90d\n  then run webhook near\n",
    );
    let said = site.no(1, &["activate", "inside"]);
    assert!(said.contains("webhook `near` could not be sent"), "{said}");
    assert!(said.contains("[hosts] allow"), "{said}");
}

#[test]
fn an_evaluation_beyond_its_limit_opens_nothing_and_ends_with_one() {
    let site = Site::acme();
    let text = "policy few\n  when inactive > 90d\n  limit 2\n  then disable account\n";
    site.activate("few", text);
    let due = after("1d");
    let planned = site.call(&["plan", "--active", "--now", &due]);
    assert_eq!(planned.code, Some(1), "{planned:?}");
    assert!(
        planned.out.starts_with("policy few: HELD. It would open 5 runs"),
        "{planned:?}"
    );
    let foretold = site.call(&["simulate", "few.tenure", "--for", "2d", "--now", NOON]);
    assert_eq!(foretold.code, Some(1), "{foretold:?}");

    let said = site.call(&["run", "--now", &due]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.out.starts_with(
            "policy few: HELD: would open 5 runs, 0 were opened in 24 hours and 2 are allowed"
        ),
        "{said:?}"
    );
    assert_eq!(site.states(), []);
    // It is on record, and the next one is at its time.
    let found = site.store().evaluations(None, u32::MAX).unwrap();
    assert_eq!(
        found.iter().map(|it| (it.opened, it.held)).collect::<Vec<_>>(),
        [(0, true)]
    );
    let said = site.call(&["run", "--now", &due]);
    assert_eq!((said.code, said.out.contains("few")), (Some(0), false));
    let said = site.call(&["evaluations", "few"]);
    assert!(said.out.contains("schedule") && said.out.contains("none, held"), "{said:?}");
    let said = site.call(&["evaluations", "1"]);
    assert!(
        said.out.contains("opened none, held (limit 2 a day)\n  in scope"),
        "{said:?}"
    );
    let said = site.call(&["evaluations", "2"]);
    assert_eq!((said.code, said.err.contains("no evaluation 2")), (Some(1), true));
}

#[test]
fn runs_and_evaluations_are_found_by_whom_and_what_they_are_about() {
    let site = Site::acme();
    site.activate("idle", "policy idle\n  for accounts in app Salesforce\n  when inactive > 90d\n  then wait 7d, disable account\n");
    site.tick(&after("1d"));
    let all = site.json(&["runs"]);
    let zoe = site.json(&["runs", "--person", "ZOE@acme.example"]);
    assert_eq!(zoe["runs"].as_array().unwrap().len(), 1);
    assert_eq!(zoe["runs"][0]["subject"], "salesforce/zoe");
    assert!(all["runs"].as_array().unwrap().contains(&zoe["runs"][0]));
    let said = site.call(&["runs", "--person", "nobody@acme.example"]);
    assert_eq!((said.code, said.err.contains("there is no user")), (Some(1), true));
    let said = site.call(&["runs", "--person", "it@acme.example"]);
    assert!(said.err.contains("no run is open about it@acme.example"), "{said:?}");
    let found = site.json(&["evaluations"]);
    assert_eq!(found["evaluations"][0]["cause"], "schedule");
    let one = site.json(&["evaluations", "1"]);
    assert_eq!(
        one["runs"].as_array().unwrap().len(),
        all["runs"].as_array().unwrap().len()
    );
    assert_eq!(one["found"]["matched"], one["opened"]);
}

#[test]
fn check_writes_every_finding_as_json() {
    let site = Site::acme();
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/reject");
    let mut files = 0;
    for entry in fs::read_dir(&cases).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let path = path.display().to_string();
        let said = site.call(&["check", &path, "--format", "json"]);
        assert_eq!((said.code, said.err.as_str()), (Some(1), ""), "{path}");
        let found: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(keys(&found), ["schema", "diagnostics", "errors", "warnings"]);
        assert_eq!(found["schema"], "tenure.check/1");
        let findings = found["diagnostics"].as_array().unwrap();
        let errors = findings.iter().filter(|finding| finding["severity"] == "error");
        let errors: Vec<_> = errors.collect();
        assert_eq!(found["errors"], errors.len());
        assert_eq!(found["warnings"], findings.len() - errors.len());
        let shown = |place: &Value| format!("{}:{}", place["line"], place["column"]);
        for line in text.lines().filter_map(|line| line.strip_prefix("# expect: ")) {
            let (code, rest) = line.split_once(' ').unwrap();
            let start = rest.split('-').next().unwrap();
            assert!(
                errors.iter().any(|finding| {
                    finding["code"] == code && shown(&finding["start"]) == start
                }),
                "{path}: {line}\n{found:#}"
            );
        }
        for finding in errors {
            assert_eq!(
                keys(finding),
                [
                    "code", "severity", "message", "label", "help", "file", "start",
                    "end", "others", "fixes"
                ]
            );
            assert_eq!(finding["file"], path.as_str());
        }
        files += 1;
    }
    assert!(files >= 18, "only {files}");
    // The general flag says the same.
    let path = cases.join("02-no-unit.tenure").display().to_string();
    let (one, other) = (["check", &path, "--json"], ["check", &path, "--format", "json"]);
    assert_eq!(site.call(&one), site.call(&other));
}

#[test]
fn colours_are_there_when_asked_for() {
    let site = Site::acme();
    site.write("wrong.tenure", "policy wrong\n  when inactive > 90\n  then wait 3d\n");
    let coloured = |arguments: &[&str], no_color: Option<&str>| {
        let mut command = site.command(&[&["check", "wrong.tenure"], arguments].concat());
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let said = said(command.output().unwrap());
        assert_eq!(said.code, Some(1));
        said.out.contains('\x1b')
    };
    assert!(!coloured(&[], None), "the output is no terminal");
    assert!(!coloured(&[], Some("1")));
    assert!(!coloured(&["--color", "never"], None));
    assert!(coloured(&["--color", "always"], None));
    assert!(coloured(&["--color", "always"], Some("1")), "the flag was meant");
    assert!(!coloured(&["--color", "always", "--json"], None));
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let site = Site::acme();
    site.write("reclaim.tenure", THE_LINE);
    let gone = || std::io::pipe().unwrap().1;
    for arguments in [
        &["simulate", "reclaim.tenure", "--json", "--now", NOON][..],
        &["simulate", "reclaim.tenure", "--now", NOON],
        &["plan", "reclaim.tenure", "--now", NOON],
        &["check", "reclaim.tenure", "--json"],
        &["show", "salesforce/zoe"],
        &["--help"],
    ] {
        let mut command = site.command(arguments);
        let said = said(command.stdout(gone()).output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{arguments:?}");
    }

    // Nobody reads what is said beside the result, and all is done all the same.
    site.write(
        "leave.tenure",
        "policy leave\n  when inactive > 90d\n  then disable account\n",
    );
    site.ok(&["publish", "leave.tenure"]);
    let mut command = site.command(&["activate", "leave", "--at-once", "--now", NOON]);
    assert_eq!(command.stderr(gone()).output().unwrap().status.code(), Some(0));
    assert_eq!(site.states().len(), 4);
}

#[test]
fn output_that_cannot_be_written_is_told() {
    let site = Site::acme();
    let mut command = site.command(&["show", "salesforce/zoe"]);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let Said { code, err, .. } = said(command.stdout(full).output().unwrap());
    assert_eq!(code, Some(1));
    assert!(err.starts_with("error: the output cannot be written: "), "{err}");
}

#[test]
fn an_import_is_told_file_by_file() {
    let site = Site::empty();
    let report = site.json(&["import", &acme(), "--now", NOON]);
    assert_eq!(
        keys(&report),
        ["schema", "files", "notes", "brought_back", "took_back", "moved"]
    );
    let accounts = report["files"].as_array().unwrap().iter();
    let accounts = accounts.clone().find(|file| file["file"] == "accounts.csv").unwrap();
    assert_eq!((&accounts["rows"], &accounts["added"]), (&json!(14), &json!(14)));
    // Again: nothing new.
    let said = site.ok(&["import", &acme(), "--now", &after("1d"), "--quiet"]);
    assert!(said.err.is_empty() && said.out.is_empty(), "{said:?}");
    let said = site.ok(&["import", &acme(), "--now", &after("2d")]);
    assert!(said.out.contains("0 new, 0 changed, 0 gone"), "{said:?}");

    // A row that is bad keeps everything out.
    let before = site.dump();
    fs::create_dir(site.path("bad")).unwrap();
    site.write("bad/apps.csv", "app,label\nsalesforce,Sales\n,Nothing\n");
    let said = site.no(1, &["import", "bad"]);
    assert!(said.contains("apps.csv:3:1: `app` is empty"), "{said}");
    assert_eq!(site.dump(), before);
}

#[test]
fn nothing_but_a_policy_has_versions() {
    let site = Site::acme();
    let said = site.no(2, &["show", "1", "--version", "2"]);
    assert_eq!(said, "error: `--version` is one of a policy, and `1` is a run\n");
    let said = site.no(2, &["show", "salesforce/zoe", "--version", "2"]);
    assert!(said.contains("and `salesforce/zoe` is none"), "{said}");
}
