//! The colours of editors (`docs/editors`), in the reader of grammars that Visual Studio Code
//! itself uses.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a keyword may be, where it is no name.
const KEYWORD: &[&str] =
    &["keyword", "variable.language", "constant.language", "storage"];

/// What a keyword may be where it stands for a name or an attribute.
const NAMED: &[&str] = &["entity.name", "variable.other.attribute", "constant.other"];

/// Words that mean another language to people; the language has them only to say so.
const FOREIGN: &[&str] = &["equals", "do"];

/// A line, and the scopes of each of its letters.
struct Line {
    text: String,
    letters: Vec<Vec<String>>,
}

impl Line {
    /// Whether a letter, counted from 0, has a scope that begins with these words.
    fn has(&self, at: usize, scope: &str) -> bool {
        self.letters[at].iter().any(|known| begins(known, scope))
    }

    /// The words outside texts and comments, each with its first letter.
    fn words(&self) -> Vec<(usize, String)> {
        let mut words: Vec<(usize, String)> = Vec::new();
        let mut open = false;
        for (at, letter) in self.text.chars().enumerate() {
            let word = letter.is_alphanumeric() || letter == '_' || letter == '-';
            let inside = ["string", "comment", "invalid"]
                .iter()
                .any(|scope| self.has(at, scope));
            match words.last_mut() {
                Some((_, last)) if word && open => last.push(letter),
                _ if word && !inside => words.push((at, letter.to_string())),
                _ => {}
            }
            open = word && !inside;
        }
        words
    }
}

fn begins(scope: &str, with: &str) -> bool {
    scope
        .strip_prefix(with)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn extension() -> PathBuf {
    root().join("docs/editors/tenure")
}

/// Each text as its lines, coloured.
fn coloured(texts: &[String]) -> Vec<Vec<Line>> {
    let node = std::env::var_os("TENURE_NODE")
        .map_or_else(|| root().join(".venv/bin/node"), PathBuf::from);
    assert!(
        node.exists(),
        "the colours are read by Node: run .ci/setup, or set TENURE_NODE to one"
    );
    let mut reader = Command::new(node)
        .arg(root().join("tests/peers/textmate/tokens.js"))
        .arg(extension().join("tenure.tmLanguage.json"))
        .env("NODE_PATH", root().join(".venv/textmate/node_modules"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = reader.stdin.take().unwrap();
    input.write_all(json!(texts).to_string().as_bytes()).unwrap();
    drop(input);
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Vec<Vec<Value>> = serde_json::from_slice(&output.stdout).unwrap();
    let file = |(text, answer): (&String, Vec<Value>)| {
        text.lines()
            .zip(answer)
            .map(|(line, pieces)| Line {
                text: line.into(),
                letters: letters(line, &pieces),
            })
            .collect()
    };
    texts.iter().zip(answer).map(file).collect()
}

/// The scopes of each letter; the reader counts in units of UTF-16.
fn letters(line: &str, pieces: &Value) -> Vec<Vec<String>> {
    let scopes = |unit: usize| -> Vec<String> {
        let holds = |piece: &&Value| {
            let edge = |which: usize| piece[which].as_u64().unwrap();
            (edge(0)..edge(1)).contains(&(unit as u64))
        };
        let piece = pieces.as_array().unwrap().iter().find(holds).unwrap();
        serde_json::from_value(piece[2].clone()).unwrap()
    };
    let mut unit = 0;
    let mut letters = Vec::new();
    for letter in line.chars() {
        letters.push(scopes(unit));
        unit += letter.len_utf16();
    }
    letters
}

/// The policies that are good, by path.
fn good() -> Vec<(String, String)> {
    let folders = ["tests/cases/accept", "examples"];
    let mut open: Vec<PathBuf> =
        folders.iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "tenure") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(found.len() >= 8, "the walk found too little to mean anything");
    found.sort();
    found
}

/// The keywords of the grammar that the program itself reads by.
fn keywords() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for entry in fs::read_dir(root().join("grammar")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for rule in text.split("\nkw_").skip(1) {
            // As far as the end of the line: `kw_x = @{ "x" ~ !name_char }`.
            let rule = rule.lines().next().unwrap();
            words.extend(rule.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
    words.retain(|word| !FOREIGN.contains(&word.as_str()));
    assert!(words.len() > 90, "the grammar is written otherwise than this test thinks");
    words
}

/// Whether each letter lies in a text, and in a comment, by a second, simple count.
fn inside(text: &str) -> Vec<(bool, bool)> {
    let letters: Vec<char> = text.chars().collect();
    let quotes = |at: usize| letters[at..].starts_with(&['"', '"', '"']);
    let mut found = vec![(false, false); letters.len()];
    let mut at = 0;
    while at < letters.len() {
        let start = at;
        at += 1;
        match letters[start] {
            '#' => {
                while at < letters.len() && letters[at] != '\n' {
                    at += 1;
                }
                found[start..at].fill((false, true));
            }
            '"' if quotes(start) => {
                at += 2;
                while !quotes(at) {
                    at += 1;
                }
                at += 3;
                found[start..at].fill((true, false));
            }
            '"' => {
                while letters[at] != '"' {
                    at += if letters[at] == '\\' { 2 } else { 1 };
                }
                at += 1;
                found[start..at].fill((true, false));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn good_policies_have_their_colours() {
    let (names, texts): (Vec<String>, Vec<String>) = good().into_iter().unzip();
    let keywords = keywords();
    let clauses = ["when", "then", "except", "every", "limit", "for", "on", "report"];
    let mut wrong = Vec::new();
    for ((name, text), lines) in names.iter().zip(&texts).zip(coloured(&texts)) {
        let inside = inside(text);
        let mut letter = 0;
        for (number, line) in (1..).zip(&lines) {
            let mut complain = |at: usize, what: &str| {
                let scopes = line.letters[at].join(" ");
                wrong.push(format!("{name}:{number}:{}: {what}: {scopes}", at + 1));
            };
            for at in 0..line.letters.len() {
                let (text, comment) = inside[letter];
                letter += 1;
                if line.has(at, "invalid") {
                    complain(at, "called a mistake");
                }
                if line.has(at, "string") != text || line.has(at, "comment") != comment {
                    complain(at, &format!("text: {text}, comment: {comment}"));
                }
            }
            letter += 1;
            for (at, word) in line.words() {
                let is = |scopes: &[&str]| scopes.iter().any(|scope| line.has(at, scope));
                if keywords.contains(&word) && !is(KEYWORD) && !is(NAMED) {
                    complain(at, &format!("`{word}` is a keyword"));
                }
                let first = line.text.trim_start().starts_with(&word);
                if at == 0 && !is(&["keyword.declaration", "keyword.control"]) {
                    complain(at, &format!("`{word}` begins an item"));
                }
                if at > 0
                    && first
                    && clauses.contains(&word.as_str())
                    && !line.has(at, "keyword.control.clause")
                {
                    complain(at, &format!("`{word}` begins a clause"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_have_the_scopes_that_are_written_under_them() {
    let text = fs::read_to_string(root().join("tests/it/editors/scopes.tenure")).unwrap();
    let lines = coloured(&[text]).remove(0);
    let mut wrong = Vec::new();
    let (mut asked, mut last) = (0, None);
    for (number, line) in lines.iter().enumerate() {
        let marks = line.text.strip_prefix('#').map(str::trim_start);
        let Some((marks, scope)) = marks.and_then(|marks| marks.split_once(' ')) else {
            last = Some((number, line));
            continue;
        };
        let letters = match marks {
            "<-" => 0..1,
            _ if marks.chars().all(|mark| mark == '^') => {
                let start = line.text.find('^').unwrap();
                start..start + marks.len()
            }
            // A comment like any other.
            _ => continue,
        };
        let Some((number, line)) = last else { continue };
        let scope = scope.trim();
        let (scope, wanted) =
            scope.strip_prefix('-').map_or((scope, true), |scope| (scope, false));
        asked += 1;
        for at in letters {
            // Marks may run over the blanks between two words.
            if line.text.chars().nth(at) == Some(' ') {
                continue;
            }
            if at >= line.letters.len() || line.has(at, scope) != wanted {
                let place = format!("{}:{}", number + 1, at + 1);
                let scopes =
                    line.letters.get(at).map_or("nothing".into(), |all| all.join(" "));
                wrong.push(format!("{place}: not so: {marks} {scope}: {scopes}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 100, "too few marks were read: {asked}");
}

#[test]
fn every_keyword_of_the_grammar_has_a_colour() {
    let words: Vec<String> = keywords().into_iter().collect();
    // Alone in an indented line, a word stands for no name.
    let texts: Vec<String> = words.iter().map(|word| format!("  {word}")).collect();
    let missing: Vec<&String> = words
        .iter()
        .zip(coloured(&texts))
        .filter(|(_, lines)| {
            let last = lines[0].letters.len() - 1;
            !KEYWORD
                .iter()
                .any(|scope| lines[0].has(2, scope) && lines[0].has(last, scope))
        })
        .map(|(word, _)| word)
        .collect();
    assert!(
        missing.is_empty(),
        "docs/editors/tenure/tenure.tmLanguage.json lacks these keywords: {missing:?}"
    );
}

#[test]
fn every_name_beside_a_keyword_is_a_name() {
    let words: Vec<String> = keywords().into_iter().collect();
    let texts: Vec<String> = words
        .iter()
        .flat_map(|word| {
            [
                format!("  x{word}"),
                format!("  {word}x"),
                format!("  {word}_x"),
                format!("  x-{word}"),
            ]
        })
        .filter(|text| !words.contains(&text.trim().to_owned()))
        .collect();
    for (text, lines) in texts.iter().zip(coloured(&texts)) {
        let keyword =
            (2..text.len()).any(|at| KEYWORD.iter().any(|scope| lines[0].has(at, scope)));
        let more = ["apps", "groups"].contains(&text.trim());
        assert!(!keyword || more, "{text}");
    }
}

#[test]
fn the_extension_holds_together() {
    let read = |name: &str| -> Value {
        let text = fs::read_to_string(extension().join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let package = read("package.json");
    let (language, grammar) =
        (&package["contributes"]["languages"][0], &package["contributes"]["grammars"][0]);
    assert_eq!(language["id"], grammar["language"]);
    assert_eq!(language["extensions"], json!([".tenure"]));
    assert_eq!(read("tenure.tmLanguage.json")["scopeName"], grammar["scopeName"]);
    let configuration = read(language["configuration"].as_str().unwrap());
    assert_eq!(configuration["comments"]["lineComment"], "#");
    let word = configuration["wordPattern"]["pattern"].as_str().unwrap();
    assert!(
        regex::Regex::new(word)
            .unwrap()
            .find("night-shift_2 x")
            .unwrap()
            .end()
            == 13
    );
}
