//! Why: from the command line, and when time alone will change an answer.

use crate::dice::{Dice, number};
use crate::oracle_conditions::{condition, moment};
use crate::oracle_world::World;
use std::path::Path;
use std::process::{Command, Output};
use tenure::explain::{Question, Verdict, explain};
use tenure::ir::{Scope, SubjectKind};
use tenure::query::Moment;
use tenure::store::Store;
use tenure::time::{Duration, Timestamp};

const WORLD: &str = "tests/worlds/acme";
const LINE: &str = "tests/cases/accept/01-the-line.tenure";

fn tenure(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.arg("explain").args(arguments);
    command.args(["--now", "2026-11-20T12:00:00Z"]);
    command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap()
}

#[test]
fn a_policy_of_a_file_is_explained() {
    let output = tenure(&["01-the-line", "salesforce/pat", LINE, "--data", WORLD]);
    assert!(output.status.success());
    let expected = "\
salesforce/pat (pat@acme.example) does not match policy 01-the-line

  no       inactive > 90d      90d, last_seen 2026-08-22T12:00:00Z, from salesforce
  yes      not in group Execs  no member

will match at 2026-11-20T12:00:01Z, if nothing else changes
";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}

#[test]
fn programs_get_one_document() {
    let output =
        tenure(&["01-the-line", "salesforce/ned", LINE, "--data", WORLD, "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "tenure.explanation/1");
    assert_eq!(document["now"], "2026-11-20T12:00:00Z");
    assert_eq!(document["verdict"], "match");
    assert_eq!(document["out_of_scope"], "inactive long-term");
    assert_eq!(document["when"]["truth"], "true");
    let inactive = &document["when"]["all"][0];
    assert_eq!(inactive["test"]["condition"], "inactive > 90d");
    assert_eq!(inactive["test"]["value"], "684d");
    assert_eq!(inactive["test"]["at"], "2025-01-05T12:00:00Z");
    assert_eq!(inactive["test"]["source"], "salesforce");
    assert_eq!(document["when"]["all"][1]["not"]["truth"], "false");
}

#[test]
fn what_is_not_there_is_said() {
    let cases: &[(&[&str], &str)] = &[
        (&["01-the-lime", "salesforce/pat", LINE], "write `01-the-line`"),
        (&["01-the-line", "salesforce/nobody", LINE], "nothing is known as"),
        (&["01-the-line", "pat@acme.example", LINE], "is about accounts"),
        (&["reclaim", "salesforce/pat"], "the store holds no policy `reclaim`"),
    ];
    for (arguments, said) in cases {
        let output = tenure(&[*arguments, &["--data", WORLD]].concat());
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(errors.contains(said), "{arguments:?}: {errors}");
    }
}

/// Over random stores and conditions: until the instant that is foretold the subject goes on
/// matching, or not matching, and then no longer; where none is foretold, for ever.
#[test]
fn time_turns_answers_when_it_is_said_to() {
    let folder = tempfile::tempdir().unwrap();
    let (mut turned, mut stayed) = (0, 0);
    for seed in 1..=number("ORACLE_STORES").unwrap_or(5) {
        let mut dice = Dice::new(seed);
        let world = World::new(&mut dice);
        let path = folder.path().join(format!("{seed}.db"));
        drop(Store::open(&path).unwrap());
        world.write(&path);
        let store = Store::open_existing(&path).unwrap();
        for _ in 0..40 {
            let kind =
                dice.pick(&[SubjectKind::Account, SubjectKind::User, SubjectKind::Grant]);
            let scope = Scope { kind, apps: vec![], long_term: true };
            let when = condition(&mut dice, kind, 4);
            let except = dice.chance(50).then(|| condition(&mut dice, kind, 2));
            let except = except.as_ref();
            let question = Question {
                policy: None,
                scope: &scope,
                when: &when,
                except,
                activity: None,
            };
            let moment = moment(&mut dice);
            for id in world.subjects().filter(|id| id.kind() == kind) {
                let Some(facts) = store.facts(id).unwrap() else { continue };
                let matches = |at: Timestamp| {
                    let at = Moment { now: at, ..moment };
                    explain(&question, &facts, at).verdict == Verdict::Match
                };
                let now = moment.now;
                let turn = explain(&question, &facts, moment).turns;
                let end = turn.map_or(now.after(Duration::days(2000)), |turn| turn.at);
                for _ in 0..8 {
                    let ahead = dice.below(end.since(now).0.unsigned_abs());
                    let at = now.after(Duration(i64::try_from(ahead).unwrap()));
                    assert_eq!(
                        matches(at),
                        matches(now),
                        "{seed}: {at} of {question:#?}"
                    );
                }
                if let Some(turn) = turn {
                    let last = turn.at.before(Duration(1));
                    assert_eq!(matches(last), matches(now), "{seed}: {question:#?}");
                    assert_ne!(matches(turn.at), matches(now), "{seed}: {question:#?}");
                    assert_eq!(turn.to == Verdict::Match, matches(turn.at));
                    turned += 1;
                } else {
                    stayed += 1;
                }
            }
        }
    }
    println!("{turned} turned, {stayed} stayed");
    assert!(turned > 100 && stayed > 100);
}
