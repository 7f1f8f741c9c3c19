//! Laying out changes nothing but the layout: random texts, and every file in the tree.
//!
//! `FORMAT_TEXTS=5000` tries more; a failure names the seed, and `FORMAT_SEED` repeats it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail them")]

use crate::dice::{Dice, number};
use crate::format_text::{Layout, Words, Written, bare, item, plain};
use regex::Regex;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use tenure::catalog::Catalog;
use tenure::diagnose::{Diagnostic, Look, Severity, to_human};
use tenure::format::format;
use tenure::syntax::ast::{ClauseKind, File, ItemKind};
use tenure::text::Sources;
use tenure::{check, syntax};

/// A parsed text.
struct Parsed {
    sources: Sources,
    file: File,
    findings: Vec<Diagnostic>,
}

impl Parsed {
    fn new(text: &str) -> Self {
        let mut sources = Sources::default();
        let id = sources.add("file", text);
        let (file, findings) = syntax::parse(&sources, id);
        Self { sources, file, findings }
    }

    fn is_sound(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity == Severity::Warning)
    }

    fn format(&self) -> String {
        format(&self.sources, &self.file)
    }

    /// The tree without places, and without the order of what may change it.
    fn tree(&self) -> Vec<String> {
        let items = self.file.items.iter().flat_map(|item| match &item.kind {
            ItemKind::Policy(policy) => {
                let (arms, mut rest): (Vec<_>, Vec<_>) =
                    policy.clauses.iter().partition(|clause| {
                        matches!(
                            clause.kind,
                            ClauseKind::When(_)
                                | ClauseKind::Then(_)
                                | ClauseKind::Always
                                | ClauseKind::Otherwise
                        )
                    });
                rest.sort_by_key(|clause| placeless(&format!("{clause:?}")));
                let head = placeless(&format!("{:?} {:?}", policy.name, policy.title));
                [head]
                    .into_iter()
                    .chain(
                        arms.into_iter()
                            .chain(rest)
                            .map(|part| placeless(&format!("{part:?}"))),
                    )
                    .collect::<Vec<_>>()
            }
            _ => vec![placeless(&format!("{item:?}"))],
        });
        let edition = placeless(&format!("{:?}", self.file.edition));
        items.chain([edition]).collect()
    }

    /// The typed form without places and quotes, and what was found on the way.
    fn typed(&self) -> (String, Vec<String>) {
        let catalog = Catalog { assume: true, ..Catalog::default() };
        let file = std::slice::from_ref(&self.file);
        let (program, findings) = check::check(&self.sources, file, &catalog);
        let mut codes: Vec<String> =
            findings.iter().map(|found| found.code.to_string()).collect();
        codes.sort();
        (placeless(&format!("{program:?}")), codes)
    }
}

static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"Span \{ file: FileId\(\d+\), start: \d+, end: \d+ \}",
        r#"|text: "(?:[^"\\]|\\.)*""#
    ))
    .unwrap()
});

fn placeless(text: &str) -> String {
    PLACE.replace_all(text, "_").into_owned()
}

/// The marks of the comments, in their order.
fn comments(text: &str) -> Vec<&str> {
    static MARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"#c\d+;").unwrap());
    MARK.find_iter(text).map(|found| found.as_str()).collect()
}

/// Holds a text to everything that its layout must keep.
fn holds(name: &str, text: &str, ordered: bool) {
    let before = Parsed::new(text);
    let once = before.format();
    let after = Parsed::new(&once);
    assert!(
        after.is_sound(),
        "{name}: {}\n{text}\n---\n{once}",
        to_human(&after.findings, &after.sources, Look::PLAIN)
    );
    let twice = after.format();
    assert!(
        once == twice,
        "{name}: not the same twice\n{text}\n---\n{once}\n---\n{twice}"
    );
    for (before, after) in before.tree().iter().zip(after.tree()) {
        assert!(
            *before == after,
            "{name}: the tree\n{before}\n{after}\n{text}\n---\n{once}"
        );
    }
    assert_eq!(before.tree().len(), after.tree().len(), "{name}\n{text}\n---\n{once}");
    let (typed, retyped) = (before.typed(), after.typed());
    assert!(
        typed == retyped,
        "{name}: the typed form\n{typed:?}\n{retyped:?}\n{text}\n---\n{once}"
    );
    let (mut old, mut new) = (comments(text), comments(&once));
    if !ordered {
        old.sort_unstable();
        new.sort_unstable();
    }
    assert_eq!(old, new, "{name}: the comments\n{text}\n---\n{once}");
    for (at, line) in once.lines().enumerate() {
        assert!(
            line.trim_end() == line || once.contains("\"\"\""),
            "{name}:{at} ends in blanks"
        );
    }
    assert!(!once.contains('\r') && !once.contains("\n\n\n") && !once.starts_with('\n'));
    assert!(
        once.is_empty() || once.ends_with('\n') && !once.ends_with("\n\n"),
        "{name}\n{once}"
    );
}

/// A text of random items that can be read.
fn written(dice: &mut Dice, dropped: &mut Vec<String>) -> Written {
    let mut layout = Layout::new(dice);
    let mut text = String::new();
    let mut ordered = true;
    layout.between(dice, &mut text);
    if dice.chance(30) {
        layout.item(dice, &["edition".to_owned(), "1".to_owned()], &mut text);
    }
    let mut add = |dice: &mut Dice, words: &Words, text: &mut String| {
        let parsed = Parsed::new(&plain(&words.join(" ")));
        if parsed.is_sound() {
            layout.item(dice, words, text);
        } else {
            dropped.push(to_human(&parsed.findings, &parsed.sources, Look::PLAIN));
        }
    };
    // Behind a policy with a name it could be meant as another arm.
    if dice.chance(30) {
        let (words, in_order) = bare(dice);
        ordered &= in_order;
        add(dice, &words, &mut text);
    }
    for number in 0..dice.below(6) {
        let (words, in_order) = item(dice, number);
        ordered &= in_order;
        add(dice, &words, &mut text);
    }
    if dice.chance(20) {
        text = text.replace('\n', "\r\n");
    }
    if dice.chance(10) {
        text.insert(0, '\u{feff}');
    }
    Written { text, ordered }
}

#[test]
fn random_texts_keep_their_meaning_and_their_comments() {
    let first = number("FORMAT_SEED").unwrap_or(1);
    let count = number("FORMAT_TEXTS").unwrap_or(120);
    let (mut dropped, mut bytes) = (Vec::new(), 0);
    for seed in first..first + count {
        let mut dice = Dice::new(seed);
        let Written { text, ordered } = written(&mut dice, &mut dropped);
        bytes += text.len();
        holds(&format!("FORMAT_SEED={seed}"), &text, ordered);
    }
    for example in dropped.iter().take(5) {
        println!("{example}");
    }
    println!("{count} texts, {bytes} bytes, {} items dropped", dropped.len());
    assert!(
        dropped.len() as u64 <= count / 20,
        "the generator writes what cannot be read"
    );
}

#[test]
fn every_file_that_can_be_read_keeps_its_meaning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![root.join("tests"), root.join("examples"), root.join("docs")];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "tenure") {
            let text = std::fs::read_to_string(&path).unwrap();
            if Parsed::new(&text).is_sound() {
                holds(&path.display().to_string(), &text, false);
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "the walk found too little to mean anything");
}

#[test]
fn the_command_writes_only_what_changes_and_links_stay_links() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let tidy = "when inactive then notify owner\n";
    std::fs::write(at("tidy.tenure"), tidy).unwrap();
    std::fs::write(at("loose.tenure"), "when   inactive\n then notify owner").unwrap();
    std::fs::write(at("broken.tenure"), "when   inactive then nothing at all").unwrap();
    std::fs::create_dir(at("links")).unwrap();
    std::fs::write(at("elsewhere"), "define  a as inactive # why").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(at("elsewhere"), at("links").join("a.tenure")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
        let done = command.arg("fmt").args(arguments).current_dir(folder.path());
        let done = done.output().unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        (done.status.code().unwrap(), said, String::from_utf8(done.stderr).unwrap())
    };
    let read = |name: &str| std::fs::read_to_string(at(name)).unwrap();
    let (code, said, _) = run(&["--check", "loose.tenure", "tidy.tenure"]);
    assert_eq!(code, 1);
    assert_eq!(
        said,
        "loose.tenure:1\n  - when   inactive\n  + when inactive then notify owner\n"
    );
    let (code, said, noted) = run(&["."]);
    assert_eq!(code, 1, "one file has errors");
    assert!(said.contains("broken.tenure") && !said.contains("tidy.tenure"), "{said}");
    assert!(noted.contains("changed, 1 as they should be; 1 error"), "{noted}");
    assert_eq!(read("loose.tenure"), tidy);
    assert_eq!(read("broken.tenure"), "when   inactive then nothing at all");
    #[cfg(unix)]
    {
        assert_eq!(read("elsewhere"), "define a as inactive  # why\n");
        assert!(at("links").join("a.tenure").is_symlink());
    }
    let (code, said, _) = run(&["--check", "loose.tenure", "tidy.tenure", "links"]);
    assert_eq!((code, said.as_str()), (0, ""));
    let (code, ..) = run(&["-", "loose.tenure"]);
    assert_eq!(code, 2);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tenure"))
        .args(["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"when inactive\r\nthen notify owner").unwrap();
    drop(input);
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success());
    assert_eq!(done.stdout, b"when inactive then notify owner\n");
}
