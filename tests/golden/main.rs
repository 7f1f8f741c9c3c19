//! Cases that are files: each file under `tests/cases/<suite>` is a test, its answer lies
//! beside it. `BLESS=1` writes the answers that were seen; an answer without its question
//! fails.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot read its files has failed"
)]

mod coverage;
mod language;
mod layout;
#[path = "../rows/mod.rs"]
mod rows;
mod session;
mod story;
mod world;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use tenure::diagnose::{Code, Example, Page};
use tenure::text::Sources;

/// A folder of cases, and what is done with each.
struct Suite {
    name: &'static str,
    /// How questions end.
    question: &'static str,
    /// How answers end; suites without answers check the question against itself.
    answer: Option<&'static str>,
    /// Gives the answer, or says what is wrong.
    run: fn(&Path, &str) -> Result<String, String>,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "accept",
        question: "tenure",
        answer: None,
        run: language::accept,
    },
    Suite {
        name: "reject",
        question: "tenure",
        answer: None,
        run: language::reject,
    },
    Suite {
        name: "check",
        question: "tenure",
        answer: Some("out"),
        run: language::check,
    },
    Suite {
        name: "format",
        question: "tenure",
        answer: Some("out"),
        run: layout::run,
    },
    Suite {
        name: "run",
        question: "story",
        answer: Some("log"),
        run: |path, text| {
            let text = with_examples(text);
            let policies = text.split("\n---\n").next().unwrap_or(&text);
            language::suggestions_work(path, policies)?;
            Ok(story::play(&text))
        },
    },
    Suite {
        name: "repl",
        question: "session",
        answer: Some("out"),
        run: session::run,
    },
];

/// The cases that gave their answers, with their text.
static PASSED: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Folders of cases that `tests/it` plays.
const ELSEWHERE: &[&str] = &["import", "pages", "repl"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let cases = root().join("tests/cases");
    let mut trials = vec![Trial::test("every_folder_is_a_suite", {
        let cases = cases.clone();
        move || folders_are_suites(&cases)
    })];
    for code in Code::ALL.iter().copied() {
        trials.push(Trial::test(format!("errors::{code}"), move || page(code)));
    }
    for path in files(&root().join("examples")) {
        if path.extension().is_some_and(|extension| extension == "tenure") {
            let stem = path.file_stem().unwrap().to_string_lossy().replace('-', "_");
            let stories = cases.join("run");
            let run = move || example(&path, &stories);
            trials.push(Trial::test(format!("examples::{stem}"), run));
        }
    }
    for suite in SUITES {
        for path in files(&cases.join(suite.name)) {
            let stem = path.file_stem().unwrap().to_string_lossy().replace('-', "_");
            let extension = path.extension().map(|it| it.to_string_lossy().into_owned());
            let name = format!("{}::{stem}", suite.name);
            if extension.as_deref() == Some(suite.question) {
                let label = name.clone();
                trials.push(Trial::test(name, move || {
                    let question = std::fs::read_to_string(&path).unwrap();
                    case(suite, &path, &question)?;
                    PASSED.lock().unwrap().push((label, question));
                    Ok(())
                }));
            } else if extension.as_deref() == suite.answer {
                if !path.with_extension(suite.question).exists() {
                    trials.push(Trial::test(format!("{name}_is_stale"), move || {
                        stale(&path)
                    }));
                }
            } else {
                let message = format!("{} belongs to nothing", path.display());
                trials.push(Trial::test(name, move || Err(message.into())));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if arguments.list || conclusion.num_filtered_out > 0 || conclusion.has_failed() {
        return conclusion.exit_code();
    }
    match coverage::settle(std::mem::take(&mut PASSED.lock().unwrap()), blesses()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// The suggestions for the wrong example of a code's page.
fn page(code: Code) -> Result<(), Failed> {
    if let Some(Page { wrong: Example::File(text), .. }) = code.page() {
        language::suggestions_work(Path::new(code.as_str()), text)?;
    }
    Ok(())
}

fn case(suite: &Suite, path: &Path, question: &str) -> Result<(), Failed> {
    let seen = (suite.run)(path, question)?;
    let Some(answer) = suite.answer else { return Ok(()) };
    let answer = path.with_extension(answer);
    let known = std::fs::read_to_string(&answer).unwrap_or_default();
    if known == seen {
        return Ok(());
    }
    if blesses() {
        std::fs::write(&answer, seen).unwrap();
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(&known, &seen);
    let diff = diff.unified_diff().header("as blessed", "as seen").to_string();
    Err(format!("{}\n{diff}\nBLESS=1 takes what was seen", answer.display()).into())
}

/// A story with the files that it uses in their places.
fn with_examples(text: &str) -> String {
    let mut whole = String::new();
    for line in text.lines() {
        match line.strip_prefix("use ") {
            Some(path) => whole += &std::fs::read_to_string(root().join(path)).unwrap(),
            None => {
                whole += line;
                whole.push('\n');
            }
        }
    }
    whole
}

/// The policies that admins start from have no mistakes and no warnings, have the one layout,
/// and a story plays each.
fn example(path: &Path, stories: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    if layout::run(path, &text)? != text {
        return Err(format!("`tenure fmt {name}` changes it").into());
    }
    let mut sources = Sources::default();
    sources.add(name.clone(), text);
    let findings = world::check(sources).findings;
    if !findings.is_empty() {
        return Err(format!("{name}: {findings:#?}").into());
    }
    let line = format!("use {name}");
    let plays = |story: PathBuf| {
        std::fs::read_to_string(story).unwrap().lines().any(|it| it == line)
    };
    if !files(stories).into_iter().any(plays) {
        return Err(format!("no story says `{line}`").into());
    }
    Ok(())
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn stale(path: &Path) -> Result<(), Failed> {
    if blesses() {
        std::fs::remove_file(path).unwrap();
        return Ok(());
    }
    Err(format!("{} has no question", path.display()).into())
}

#[expect(clippy::disallowed_methods, reason = "the runner's own door to the environment")]
fn blesses() -> bool {
    std::env::var("BLESS").is_ok_and(|value| value == "1")
}

fn folders_are_suites(cases: &Path) -> Result<(), Failed> {
    for folder in std::fs::read_dir(cases).unwrap() {
        let folder = folder.unwrap().file_name();
        let known = SUITES.iter().any(|suite| folder == suite.name);
        if !known && !ELSEWHERE.iter().any(|name| folder == *name) {
            return Err(format!("{} is in no table", folder.display()).into());
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
