//! The findings for other tools: SARIF, by its own schema and a validator of others, and the
//! commands of workflows.

use crate::peers::python;
use crate::site::{Site, acme};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use tenure::diagnose::{Code, Diagnostic, Example, Severity, to_github, to_sarif};
use tenure::session::Project;
use tenure::store::{ImportOptions, Store};
use tenure::text::{FileId, Sources, Span};
use tenure::time::Timestamp;

/// Three errors and a warning, behind letters of two, three and four bytes.
const POLICIES: &str = "\
policy é when title = \"€😀\" && inactive > 90 then notify owner
policy b when in group Exces then notify owner # allow unusd-allow: why not
policy b when inactive then notify owner
";

/// What the schema of SARIF 2.1.0, as OASIS publishes it, says against a log.
fn objections(log: &Value) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python())
        .arg(root.join("tests/peers/validate.py"))
        .arg(root.join("tests/schemas/sarif-2.1.0.json"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(log.to_string().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

/// The log of some files, of a program that stands in `/work`.
fn log(files: &[(&str, &str)]) -> Value {
    let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let mut store = Store::in_memory().unwrap();
    store
        .import(Path::new(&acme()), &ImportOptions::at(now), &mut |_| {})
        .unwrap();
    let mut sources = Sources::default();
    for (name, text) in files {
        sources.add(*name, *text);
    }
    let project = Project::check(sources, &store.catalog().unwrap());
    to_sarif(&project.findings, &project.sources, Path::new("/work"))
}

fn results(log: &Value) -> &[Value] {
    log["runs"][0]["results"].as_array().unwrap()
}

#[test]
fn the_program_writes_a_valid_log() {
    let site = Site::acme();
    site.write("two words.tenure", POLICIES);
    let call = ["check", "two words.tenure", "--format", "sarif"];
    let said = site.call(&call);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(said.err, "4 errors, 1 warning\n");
    let log: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(objections(&log), "");
    assert_eq!(log["runs"][0]["columnKind"], "unicodeCodePoints");
    let uri = "/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(results(&log)[0].pointer(uri).unwrap(), "two%20words.tenure");
    let levels: Vec<_> = results(&log).iter().map(|it| it["level"].as_str()).collect();
    let error = Some("error");
    assert_eq!(levels, [error, error, error, Some("warning"), error]);

    site.write("fine.tenure", "when inactive then notify owner\n");
    let said = site.ok(&["check", "fine.tenure", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(objections(&log), "");
    assert!(results(&log).is_empty());
}

#[test]
fn every_code_makes_a_valid_log() {
    let pages: Vec<(String, &str)> = Code::ALL
        .iter()
        .filter_map(|code| match code.page()?.wrong {
            Example::File(text) => Some((format!("{code}.tenure"), text)),
            Example::Words(_) => None,
        })
        .collect();
    let files: Vec<(&str, &str)> =
        pages.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let log = log(&files);
    assert_eq!(objections(&log), "");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results(&log) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert!(rules.len() > 60, "{}", rules.len());
}

#[test]
fn columns_count_characters_and_ends_are_not_included() {
    let log = log(&[("a.tenure", POLICIES)]);
    let region = &results(&log)[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(results(&log)[0]["ruleId"], "foreign-operator");
    let expected = serde_json::json!({
        "startLine": 1, "startColumn": 28, "endLine": 1, "endColumn": 30,
    });
    assert_eq!(*region, expected);
    let replacement =
        &results(&log)[0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["deletedRegion"], expected);
    assert_eq!(replacement["insertedContent"]["text"], "and");
    assert_eq!(results(&log)[0]["fixes"][0]["properties"]["certain"], true);
    let twice = results(&log)
        .iter()
        .find(|result| result["ruleId"] == "duplicate-name")
        .unwrap();
    let related = &twice["relatedLocations"][0];
    assert_eq!(related["message"]["text"], "the first");
    assert_eq!(related["physicalLocation"]["region"]["startLine"], 2);
}

#[test]
fn a_mark_of_the_encoding_is_no_column() {
    let marked = log(&[("a.tenure", "\u{feff}when inactive > 90 then notify owner\n")]);
    let plain = log(&[("a.tenure", "when inactive > 90 then notify owner\n")]);
    let places = |log: &Value| results(log)[0]["locations"].clone();
    assert_eq!(places(&marked), places(&plain));
}

#[test]
fn files_are_named_as_seen_from_the_base() {
    let name = |name: &str| {
        let log = log(&[(name, "when inactive > 90 then notify owner\n")]);
        assert_eq!(objections(&log), "");
        let place = &results(&log)[0]["locations"][0]["physicalLocation"];
        place["artifactLocation"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!(name("./policies//a.tenure"), "policies/a.tenure");
    assert_eq!(name("/work/policies/a.tenure"), "policies/a.tenure");
    assert_eq!(name("/srv/a b.tenure"), "file:///srv/a%20b.tenure");
    assert_eq!(name("../x/a.tenure"), "../x/a.tenure");
    assert_eq!(name("50%/Ärger:#1?.tenure"), "50%25/%C3%84rger%3A%231%3F.tenure");
}

#[test]
fn a_fingerprint_outlives_other_lines() {
    let fingerprints = |text: &str| {
        let log = log(&[("a.tenure", text)]);
        let mut found: Vec<String> = results(&log)
            .iter()
            .map(|result| {
                let id = result["ruleId"].as_str().unwrap();
                let print = result["partialFingerprints"]["tenureLine/v1"].as_str();
                format!("{id} {}", print.unwrap())
            })
            .collect();
        found.sort();
        found
    };
    let twice = "policy a\n  when inactive > 90\n  then notify owner\n\
                 policy b\n  when inactive > 90\n  then notify owner\n";
    let plain = fingerprints(twice);
    assert_eq!(plain.len(), 2);
    assert_ne!(plain[0], plain[1]);
    assert_eq!(fingerprints(&format!("# one\n#two\n\n{twice}")), plain);
    let above = "policy c\n  when department = \"HR\"\n  then notify owner\n\n";
    assert_eq!(fingerprints(&format!("{above}{twice}")), plain);
    assert_eq!(
        fingerprints(&twice.replace("  when", "\t  When  ").replace("When", "when")),
        plain
    );
    assert_ne!(fingerprints(&twice.replace("90", "91")), plain);
    // What is mended takes its own away, and of two alike that of the last.
    let one = twice.replacen("90", "90d", 1);
    assert_eq!(fingerprints(&one).len(), 1);
    assert!(plain.contains(&fingerprints(&one)[0]));
}

#[test]
fn workflows_get_commands() {
    let site = Site::acme();
    site.write("a,b:c%.tenure", POLICIES);
    let said = site.call(&["check", "a,b:c%.tenure", "--format", "github"]);
    assert_eq!(said.code, Some(1));
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(
        lines[0],
        "::error file=a%2Cb%3Ac%25.tenure,line=1,endLine=1,col=28,endColumn=30,\
         title=foreign-operator::`&&` is no operator here%0Ahelp: write `and`"
    );
    assert!(lines[3].starts_with("::warning file="), "{}", lines[3]);
    assert_eq!(lines.len(), 5);
}

#[test]
fn a_command_over_several_lines_names_no_columns() {
    let mut sources = Sources::default();
    let file = sources.add("/work/a.tenure", "ab\ncd\n");
    let mut finding =
        Diagnostic::error(Code::Syntax, Span::new(file, 1, 5), "100%\r\nwrong");
    finding.severity = Severity::Warning;
    assert_eq!(
        to_github(&[finding], &sources, Path::new("/work")),
        "::warning file=a.tenure,line=1,endLine=2,title=syntax::100%25%0D%0Awrong\n"
    );
    let nowhere = Diagnostic::error(Code::Syntax, Span::new(FileId(7), 0, 0), "x");
    assert_eq!(to_github(&[nowhere], &sources, Path::new("/work")), "");
}
