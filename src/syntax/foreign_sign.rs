//! Comments and ends of lines as other languages write them.
//!
//! They are refused once each, and what is parsed has blanks or the right sign in their
//! place, at the same offsets.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::scan::{Token, next};
use crate::syntax::words::{CLAUSES, STEP_WORDS};
use crate::text::{FileId, Span};

/// The text without such signs, and a finding for each; `None` where there are none.
pub(super) fn mend(file: FileId, text: &str) -> Option<(String, Vec<Diagnostic>)> {
    let suspect = ["//", "--", "/*", ";", ". ", ".\n", ".\r"];
    if !suspect.iter().any(|sign| text.contains(sign)) && !text.ends_with('.') {
        return None;
    }
    let mut mend = Mend {
        file,
        text,
        out: String::new(),
        done: 0,
        findings: Vec::new(),
    };
    let (mut at, mut column_one, mut item) = (0, true, "");
    while let Some((token, length)) = next(text, at) {
        let word = text.get(at..at + length).unwrap_or_default();
        if column_one && token == Token::Word {
            item = word;
        }
        let end = mend.sign(at, token, word, item).unwrap_or(at + length);
        column_one = text.get(..end).is_some_and(|before| before.ends_with('\n'));
        at = end;
    }
    if mend.findings.is_empty() {
        return None;
    }
    mend.out.push_str(text.get(mend.done..).unwrap_or_default());
    Some((mend.out, mend.findings))
}

struct Mend<'a> {
    file: FileId,
    text: &'a str,
    out: String,
    /// How much of the text is in `out`.
    done: usize,
    findings: Vec<Diagnostic>,
}

impl Mend<'_> {
    /// The end of a sign that begins here, if one does.
    fn sign(&mut self, at: usize, token: Token, word: &str, item: &str) -> Option<usize> {
        let before = self.text.get(..at)?;
        let rest = self.text.get(at..)?;
        let apart = before.is_empty() || before.ends_with(apart);
        match token {
            Token::Word if apart && word.starts_with("--") => {
                let length = rest.len() - rest.trim_start_matches('-').len();
                Some(self.comment(at, length))
            }
            Token::Other if apart && rest.starts_with("//") => {
                let length = rest.len() - rest.trim_start_matches('/').len();
                Some(self.comment(at, length))
            }
            Token::Other if apart && rest.starts_with("/*") => Some(self.block(at, rest)),
            Token::Other if word == ";" => Some(self.semicolon(at, item)),
            Token::Other if word == "." => {
                let ends = before
                    .ends_with(|it: char| it.is_alphanumeric() || "\")%".contains(it));
                let last = rest.get(1..)?.starts_with(char::is_whitespace) || rest == ".";
                (ends && last).then(|| self.full_stop(at))
            }
            _ => None,
        }
    }

    /// A comment up to the end of its line.
    fn comment(&mut self, at: usize, length: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let end = at + rest.find('\n').unwrap_or(rest.len());
        let span = Span::new(self.file, at, at + length);
        self.findings.push(comment(span).help("write `#`").fix(span, "#"));
        self.replace(at, end, &blank(self.text.get(at..end).unwrap_or_default()));
        end
    }

    /// A comment between two signs.
    fn block(&mut self, at: usize, rest: &str) -> usize {
        let closed = rest.find("*/").map(|length| length + 2);
        let end = at + closed.unwrap_or(rest.len());
        let written = self.text.get(at..end).unwrap_or_default();
        let span = Span::new(self.file, at, end);
        let behind = self.text.get(end..).unwrap_or_default();
        let line = behind.split('\n').next().unwrap_or_default();
        let finding = comment(Span::new(self.file, at, at + 2))
            .help("write `#` before each line of it");
        self.findings.push(match closed {
            Some(_) if line.trim().is_empty() => finding.fix(span, hashed(written)),
            Some(_) => finding.maybe(span, ""),
            None => finding,
        });
        self.replace(at, end, &blank(written));
        end
    }

    fn semicolon(&mut self, at: usize, item: &str) -> usize {
        let span = Span::new(self.file, at, at + 1);
        let rest = self.text.get(at + 1..).unwrap_or_default();
        let mut gap = rest.len() - rest.trim_start().len();
        while rest.get(gap..).is_some_and(|rest| rest.starts_with('#')) {
            let comment = rest.get(gap..).unwrap_or_default();
            gap += comment.find('\n').unwrap_or(comment.len());
            let behind = rest.get(gap..).unwrap_or_default();
            gap += behind.len() - behind.trim_start().len();
        }
        let next = rest.get(gap..).unwrap_or_default();
        let column_one = rest.get(..gap).is_some_and(|gap| gap.ends_with('\n'));
        let word = next.split(|letter: char| !letter.is_alphanumeric()).next();
        let word = word.unwrap_or_default();
        let steps = matches!(item, "policy" | "when") && !column_one;
        let outcome = next.starts_with("if kept") || next.starts_with("if failed");
        let line = rest.split(['\n', '#']).next().unwrap_or_default();
        let finding =
            Diagnostic::error(Code::ForeignOperator, span, "`;` is no sign here")
                .label("of another language");
        let (finding, sign) = if steps && STEP_WORDS.contains(&word) && !outcome {
            (finding.help("write `,` between steps").fix(span, ","), ",")
        } else if outcome && several_steps(next) {
            let help = "put it behind the last step, with no sign before it; or take the `;` \
                 out if all that follows belongs to it";
            (finding.help(help).maybe(span, ""), " ")
        } else if line.trim().is_empty() || CLAUSES.contains(&word) || outcome {
            (finding.help("take it out").fix(span, ""), " ")
        } else {
            (
                finding
                    .help("write `,`, or take it out")
                    .maybe(span, ",")
                    .maybe(span, ""),
                ",",
            )
        };
        self.findings.push(finding);
        self.replace(at, at + 1, sign);
        at + 1
    }

    fn full_stop(&mut self, at: usize) -> usize {
        let span = Span::new(self.file, at, at + 1);
        self.findings.push(
            Diagnostic::error(
                Code::ForeignOperator,
                span,
                "nothing ends with a `.` here",
            )
            .label("says nothing")
            .help("take it out")
            .fix(span, ""),
        );
        self.replace(at, at + 1, " ");
        at + 1
    }

    fn replace(&mut self, start: usize, end: usize, with: &str) {
        self.out.push_str(self.text.get(self.done..start).unwrap_or_default());
        self.out.push_str(with);
        self.done = end;
    }
}

/// Whether more than one step may stand behind `if kept` or `if failed`.
fn several_steps(clause: &str) -> bool {
    let (mut at, mut depth, mut words) = (0, 0_u32, 0);
    while let Some((token, length)) = next(clause, at) {
        let word = clause.get(at..at + length).unwrap_or_default();
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Word if clause.get(..at).is_some_and(|it| it.ends_with('\n')) => break,
            Token::Word if words > 1 && CLAUSES.contains(&word) => break,
            Token::Word => words += 1,
            _ if depth == 0 && [",", ";"].contains(&word) => return true,
            _ => {}
        }
        at += length;
    }
    false
}

fn comment(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ForeignOperator, span, "a comment begins with `#`")
        .label("of another language")
}

/// Whether a comment may begin behind a letter: `https://` is none.
fn apart(letter: char) -> bool {
    letter.is_whitespace() || ",;()".contains(letter)
}

/// As many blanks as a text has bytes, its lines kept.
fn blank(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect()
}

/// `/* … */` with `#` before each line.
fn hashed(block: &str) -> String {
    let inner = block.trim_start_matches('/').trim_end_matches('/');
    let lines: Vec<&str> = inner
        .lines()
        .map(|line| line.trim().trim_matches('*').trim())
        .collect();
    let lines: Vec<String> = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| !line.is_empty() || (*at > 0 && at + 1 < lines.len()))
        .map(|(_, line)| format!("# {line}").trim_end().to_owned())
        .collect();
    if lines.is_empty() { "#".to_owned() } else { lines.join("\n") }
}
