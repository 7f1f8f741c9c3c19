//! What a code means at length: its page under `docs/errors`, taken apart.
//!
//! A page is Markdown of the plainest kind, so that it reads well in a terminal too:
//!
//! ````text
//! # unknown-group: no group of that name
//!
//! Why it matters and what to do, in paragraphs and lists.
//!
//! ## Wrong
//!
//! ```tenure
//! when in group Exces then notify owner
//! ```
//!
//! ## Right
//!
//! ```tenure
//! when in group Execs then notify owner
//! ```
//! ````
//!
//! Where no policy file can show it, the heading is `## Wrong, in words`.

use crate::diagnose::pages::PAGES;
use crate::diagnose::{Code, Weight};
use serde_json::{Map, Value, json};

/// What a code means at length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The first line, without its `# `.
    pub heading: &'static str,
    /// Why it matters and what to do.
    pub explanation: &'static str,
    /// What has the mistake.
    pub wrong: Example,
    /// The same without it.
    pub right: Example,
}

/// An example of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Example {
    /// A whole policy file.
    File(&'static str),
    /// A description, where a policy file cannot show it.
    Words(&'static str),
}

impl Code {
    /// What it means at length, for a terminal.
    pub fn prose(self) -> String {
        let mut out = format!("{self}: {}\n", self.title());
        out.push_str(match self.weight() {
            Weight::Error => "an error\n",
            Weight::Warning => "a warning; it may be allowed or denied\n",
        });
        let Some(page) = self.page() else { return out };
        out.push('\n');
        out.push_str(page.explanation);
        for (name, example) in [("Wrong", page.wrong), ("Right", page.right)] {
            match example {
                Example::Words(words) => out.push_str(&format!("\n\n{name}: {words}")),
                Example::File(text) => {
                    out.push_str(&format!("\n\n{name}:\n"));
                    for line in text.lines() {
                        out.push_str(format!("\n    {line}").trim_end_matches(' '));
                    }
                }
            }
        }
        out
    }

    /// What it means at length, for programs.
    pub fn document(self) -> Map<String, Value> {
        let page = self.page();
        let example = |example: Example| match example {
            Example::File(text) => json!({ "file": text }),
            Example::Words(text) => json!({ "words": text }),
        };
        let severity = match self.weight() {
            Weight::Error => "error",
            Weight::Warning => "warning",
        };
        let entries = [
            ("code", json!(self.as_str())),
            ("severity", json!(severity)),
            ("allowable", json!(self.weight() == Weight::Warning)),
            ("title", json!(self.title())),
            ("explanation", json!(page.map(|page| page.explanation))),
            ("wrong", json!(page.map(|page| example(page.wrong)))),
            ("right", json!(page.map(|page| example(page.right)))),
        ];
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }
}

impl Page {
    /// The page of a code, if there is one that can be read.
    pub(super) fn of(code: &str) -> Option<Self> {
        let (_, text) = PAGES.iter().find(|(name, _)| *name == code)?;
        Self::parse(text)
    }

    /// Takes a page apart; `None` where it lacks a part.
    fn parse(text: &'static str) -> Option<Self> {
        let (head, rest) = text.split_once("\n## Wrong")?;
        let (wrong, right) = rest.split_once("\n## Right")?;
        let (heading, explanation) = head.strip_prefix("# ")?.split_once('\n')?;
        Some(Self {
            heading,
            explanation: explanation.trim(),
            wrong: Example::parse(wrong)?,
            right: Example::parse(right)?,
        })
    }
}

impl Example {
    /// What follows `## Wrong` or `## Right`.
    fn parse(section: &'static str) -> Option<Self> {
        if let Some(words) = section.strip_prefix(", in words\n") {
            return Some(Self::Words(words.trim()));
        }
        let block = section.trim().strip_prefix("```tenure\n")?;
        let file = block.strip_suffix("```")?;
        (!file.contains("\n```")).then_some(Self::File(file))
    }

    /// The text, whichever it is.
    pub fn text(self) -> &'static str {
        match self {
            Self::File(text) | Self::Words(text) => text,
        }
    }
}
