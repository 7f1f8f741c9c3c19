//! Comments and ends of lines as other languages write them.
//!
//! They are refused once each, and what is parsed has blanks or the right sign in their
//! place, at the same offsets.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::scan::{Token, next};
use crate::syntax::words::{CLAUSES, ITEMS, STEP_WORDS};
use crate::text::{FileId, Span};

/// The text without such signs, and a finding for each; `None` where there are none.
pub(super) fn mend(file: FileId, text: &str) -> Option<(String, Vec<Diagnostic>)> {
    let suspect = ["//", "--", "/*", "<!--", ";", ". ", ".\n", ".\r"];
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
            Token::Other if apart && rest.starts_with("/*") => {
                Some(self.block(at, rest, "*/"))
            }
            Token::Other if rest.starts_with("<!--") => Some(self.block(at, rest, "-->")),
            Token::Other if word == ";" && opens_line(before) => {
                Some(self.comment(at, rest.len() - rest.trim_start_matches(';').len()))
            }
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
    fn block(&mut self, at: usize, rest: &str, close: &str) -> usize {
        let closed = rest.find(close).map(|length| length + close.len());
        let end = at + closed.unwrap_or(rest.len());
        let written = self.text.get(at..end).unwrap_or_default();
        let span = Span::new(self.file, at, end);
        let behind = self.text.get(end..).unwrap_or_default();
        let line = behind.split('\n').next().unwrap_or_default();
        let open = if close == "*/" { 2 } else { 4 };
        let finding = comment(Span::new(self.file, at, at + open));
        self.findings.push(match closed {
            Some(_) if !line.trim().is_empty() => finding
                .help("take it out, or move it to the end of the line, behind a `#`")
                .maybe(span, ""),
            Some(_) if close == "*/" => finding
                .help("write `#` before each line of it")
                .fix(span, hashed(written)),
            Some(_) | None => finding.help("write `#` before each line of it"),
        });
        self.replace(at, end, &blank(written));
        end
    }

    fn semicolon(&mut self, at: usize, item: &str) -> usize {
        let span = Span::new(self.file, at, at + 1);
        let rest = self.text.get(at + 1..).unwrap_or_default();
        let gap = comments(rest);
        let next = rest.get(gap..).unwrap_or_default();
        let between = rest.get(..gap).unwrap_or_default();
        let column_one = between.ends_with('\n');
        let word = next.split(|letter: char| !letter.is_alphanumeric()).next();
        let word = word.unwrap_or_default();
        let steps = matches!(item, "policy" | "when") && !column_one;
        let outcome = next.starts_with("if kept") || next.starts_with("if failed");
        // Behind a blank it may begin a comment, however much that looks like a clause.
        let before = self.text.get(..at).unwrap_or_default();
        let sure = between.contains('\n')
            || next.is_empty()
            || !before.ends_with(char::is_whitespace);
        // All steps behind such a clause would go to it.
        let sure = sure && !(outcome && goes_on(next));
        let finding =
            Diagnostic::error(Code::ForeignOperator, span, "`;` is no sign here")
                .label("of another language");
        let (finding, sign) = if steps && STEP_WORDS.contains(&word) && !outcome {
            let comment = if sure { "" } else { ", or `#` before a comment" };
            let finding = finding.help(format!("write `,` between steps{comment}"));
            (edit(finding, span, ",", sure), ",")
        } else if outcome && !sure {
            let word = if next.starts_with("if kept") { "if kept" } else { "if failed" };
            let help = format!(
                "put `{word} …` behind the last step, with no sign before it; or take the \
                 `;` out if all that follows belongs to it"
            );
            (finding.help(help).maybe(span, ""), " ")
        } else if between.contains('\n')
            || next.is_empty()
            || CLAUSES.contains(&word)
            || outcome
        {
            (edit(finding.help("take it out"), span, "", sure), " ")
        } else {
            (
                finding
                    .help("write `,`, take it out, or write `#` before a comment")
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

fn comment(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ForeignOperator, span, "a comment begins with `#`")
        .label("of another language")
}

fn edit(finding: Diagnostic, span: Span, with: &str, sure: bool) -> Diagnostic {
    if sure { finding.fix(span, with) } else { finding.maybe(span, with) }
}

/// Whether a sign opens its line.
fn opens_line(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim_start_matches('\u{feff}').trim().is_empty()
}

/// How many bytes of blanks and comments, in any language, a text begins with.
fn comments(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let before = text.get(..at).unwrap_or_default();
        let line = before.contains('\n') && opens_line(before);
        let comment = ["#", "//", "--"].iter().any(|sign| rest.starts_with(sign))
            || (line && rest.starts_with(';'));
        if !comment {
            return at;
        }
        at += rest.find('\n').unwrap_or(rest.len());
    }
}

/// Whether more steps may follow before the next clause, which opens a line.
fn goes_on(text: &str) -> bool {
    let (mut at, mut opens) = (0, false);
    while let Some((token, length)) = next(text, at) {
        let word = text.get(at..at + length).unwrap_or_default();
        match token {
            Token::Newline => opens = true,
            Token::Blank => {}
            Token::Word
                if opens && (CLAUSES.contains(&word) || ITEMS.contains(&word)) =>
            {
                return false;
            }
            Token::Other if matches!(word, "," | ";") => {
                let rest = text.get(at + length..).unwrap_or_default();
                let rest = rest.get(comments(rest)..).unwrap_or_default();
                let word = rest.split(|letter: char| !letter.is_alphanumeric()).next();
                return word.is_some_and(|word| {
                    !rest.is_empty() && !CLAUSES.contains(&word) && !ITEMS.contains(&word)
                });
            }
            _ => opens = false,
        }
        at += length;
    }
    false
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
