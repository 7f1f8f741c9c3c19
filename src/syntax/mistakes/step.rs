//! What somebody meant who wrote what no step takes.

use crate::diagnose::{Code, Diagnostic};
use crate::ir::Method;
use crate::syntax::build::Cx;
use crate::syntax::grammar::{Grammar, Rule};
use crate::syntax::mistakes::arm::{ELSE_IF, ELSE_IFS};
use crate::syntax::mistakes::{Reached, unexpected};
use crate::syntax::words::{CONDITIONS, MEANT_STEPS, STEP_WORDS, STEPS, unglue};
use crate::text::{Span, nearest};
use pest::Parser as _;

/// What may stand behind the address of a call.
const PARTS: [&str; 6] = ["with", "header", "json", "accept", "timeout", "retry"];
/// Words that English has and steps do not.
const ARTICLES: [&str; 4] = ["the", "their", "a", "all"];

impl Cx<'_> {
    /// A stretch in which no step could be read.
    pub(in crate::syntax) fn bad_step(&mut self, span: Span) {
        let words = self.first_words(span);
        let Some(first) = words.first().copied() else { return };
        let word = self.snippet(first);
        if let Some(finding) = self
            .if_ignored(&words, span)
            .or_else(|| self.other_words(&words, span))
            .or_else(|| self.run_what(&words, span))
            .or_else(|| self.without_articles(&words, span))
            .or_else(|| self.without_call(first, span))
            .or_else(|| self.misspelled(&words, span))
        {
            return self.report(finding);
        }
        if !STEP_WORDS.contains(&word) {
            if self.clause_meant(first, span) {
                return;
            }
            return self.unknown_step(first);
        }
        if word == "call" {
            return self.bad_call(span);
        }
        match self.reach(Rule::step_prefix, span) {
            Reached::End(at) if self.step_behind(at, span) => {}
            Reached::End(at) if self.reminder(at, span) => {}
            Reached::End(at) if self.clause_behind(at, span, Rule::step_prefix) => {}
            Reached::End(at) => {
                let left = self.token_at(at, span.end as usize);
                let before = self
                    .snippet(Span::new(self.file, span.start as usize, at))
                    .trim_end();
                let help = match (word, self.snippet(left)) {
                    ("ask" | "notify" | "task", "and") => {
                        "several people stand in parentheses: `notify (owner, manager)`"
                    }
                    ("escalate", _) => {
                        "write `escalate after 7d`, or `escalate to WHO after 7d`"
                    }
                    ("notify", "for" | "remind") => "only `ask` waits for an answer",
                    ("task", "remind") => "only `ask` has reminders",
                    ("unassign", _) if before == "unassign from app" => {
                        "`unassign from app` means the app of the account that the run is about"
                    }
                    (_, "or" | "and" | "if" | "when" | "unless") => {
                        "steps have no conditions of their own: write one more policy"
                    }
                    (_, word) if ELSE_IFS.contains(&word) => ELSE_IF,
                    (_, word) if CONDITIONS.contains(&word) => {
                        "a condition stands behind `when`, before `then`"
                    }
                    ("disable" | "delete" | "suspend" | "remove", _) => {
                        "the step is about whom the run is about, and names nobody"
                    }
                    _ => "a step ends with `,`, or with the policy",
                };
                self.left(left, before, help);
            }
            Reached::Stop(at, _) if word == "set" => {
                self.due(
                    at,
                    span,
                    &["an attribute with its new value, as in `set title = \"CEO\"`"],
                );
            }
            Reached::Stop(at, due) => {
                let place = self.token_at(at, span.end as usize);
                match self.quoted_person(place, span) {
                    Some(finding) => self.report(finding),
                    None => self.due(at, span, &due),
                }
            }
        }
    }

    /// `ask owner reminder (3d)`, `ask owner remind 3d before`.
    fn reminder(&mut self, at: usize, span: Span) -> bool {
        let left = self.token_at(at, span.end as usize);
        let word = self.snippet(left);
        if word == "before" {
            let end = self.end_before(left.start, span.start);
            let between = Span { start: end, end: left.start, ..left };
            let gone = if self.snippet(between).contains('#') {
                left
            } else {
                Span { start: end, ..left }
            };
            if !self.is_step(span, gone, "") {
                return false;
            }
            self.report(
                Diagnostic::error(Code::Syntax, left, "`before` is too much")
                    .label("take it out")
                    .help("`remind 3d` is that long before the answer is due")
                    .fix(gone, ""),
            );
            return true;
        }
        let meant = ["reminder", "reminders", "reminding", "remember"].contains(&word)
            || nearest(word, ["remind"]).contains(&"remind");
        if !meant || !self.is_step(span, left, "remind") {
            return false;
        }
        let message = format!("`{word}` is written `remind`");
        self.report(
            Diagnostic::error(Code::Syntax, left, message)
                .label("a length of time follows")
                .help("write `remind`")
                .fix(left, "remind"),
        );
        true
    }

    /// `notify "ana@acme.example"`, `notify "Hello"`.
    fn quoted_person(&self, place: Span, span: Span) -> Option<Diagnostic> {
        let written = self.snippet(place);
        let inner = written.strip_prefix('"')?.strip_suffix('"')?;
        let person = inner.contains('@')
            || ["owner", "manager", "app owner", "admin", "reviewers"].contains(&inner)
            || inner.starts_with("group ");
        if person && self.is_step(span, place, inner) {
            let message = "people stand without quotes";
            return Some(
                Diagnostic::error(Code::Syntax, place, message)
                    .label("in quotes")
                    .help(format!("write `{inner}`"))
                    .fix(place, inner),
            );
        }
        let here = self.here(place.start);
        if !self.is_step(span, here, "owner ") {
            return None;
        }
        let step = self.snippet(Span { end: place.start, ..span }).trim_end();
        let message = format!("`{step}` needs to know whom");
        Some(
            Diagnostic::error(Code::Syntax, place, message)
                .label("nobody before it")
                .help(format!("write `{step} owner {written}`, for example"))
                .maybe(here, "owner "),
        )
    }

    /// The first four words of a stretch.
    fn first_words(&self, span: Span) -> Vec<Span> {
        let (mut words, mut at) = (Vec::new(), span.start as usize);
        while words.len() < 4 {
            let word = self.token_at(at, span.end as usize);
            if word.start >= word.end {
                break;
            }
            at = word.end as usize;
            words.push(word);
        }
        words
    }

    /// Whether a stretch is a whole step once a part of it is replaced.
    fn is_step(&self, span: Span, part: Span, right: &str) -> bool {
        let file = self.file;
        let before = self.snippet(Span { file, start: span.start, end: part.start });
        let behind = self.snippet(Span { file, start: part.end, end: span.end });
        Grammar::parse(Rule::step_whole, &format!("{before}{right}{behind}")).is_ok()
    }

    pub(super) fn here(&self, at: u32) -> Span {
        Span { file: self.file, start: at, end: at }
    }

    /// `if ignored` with anything but `keep` or `remove` alone behind it.
    fn if_ignored(&self, words: &[Span], span: Span) -> Option<Diagnostic> {
        let [first, second, rest @ ..] = words else { return None };
        if self.snippet(*first) != "if" {
            return None;
        }
        if self.snippet(*second) != "ignored" {
            let written = self.snippet(*second);
            let message = format!("no step begins with `if {written}`");
            return Some(
                Diagnostic::error(Code::UnknownStep, first.to(*second), message)
                    .label("steps have no conditions of their own")
                    .help("write `if ignored keep` or `if ignored remove`; `if kept` and `if failed` stand behind all steps"),
            );
        }
        let third = *rest.first()?;
        let answer = self.snippet(third);
        if !["keep", "remove"].contains(&answer) {
            let message = "`if ignored` needs `keep` or `remove`";
            let finding = Diagnostic::error(Code::Syntax, third, message)
                .label("neither of them")
                .help("write `if ignored remove,` and then the steps that follow");
            let behind = Span { start: third.start, ..span };
            let here = self.here(third.start);
            return Some(if self.is_step(behind, here, "") {
                finding.maybe(here, "remove, ")
            } else {
                finding
            });
        }
        let left = *rest.get(1)?;
        if self.snippet(left) == "or" {
            return None;
        }
        let written = self.snippet(Span { end: third.end, ..span });
        let message = format!("nothing else stands in `{written}`");
        let finding = Diagnostic::error(Code::Syntax, left, message)
            .label("a step of its own")
            .help(format!("write `{written},` and then the steps that follow"));
        let behind = Span { start: left.start, ..span };
        let here = self.here(third.end);
        Some(
            if answer == "remove"
                && self.is_step(behind, self.here(left.start), "remove ")
            {
                let rest = self.snippet(behind);
                finding
                    .help(format!("write `{written}, remove {rest}`"))
                    .maybe(here, ", remove")
            } else if self.is_step(behind, self.here(left.start), "") {
                finding.fix(here, ",")
            } else {
                finding
            },
        )
    }

    /// A step in the words of other systems.
    fn other_words(&self, words: &[Span], span: Span) -> Option<Diagnostic> {
        let found = MEANT_STEPS.iter().filter_map(|(phrase, right)| {
            let count = phrase.split(' ').count();
            let found = words.get(..count)?;
            let same = phrase
                .split(' ')
                .zip(found)
                .all(|(word, found)| self.snippet(*found).eq_ignore_ascii_case(word));
            let place = found.first()?.to(*found.last()?);
            same.then_some((place, *right))
        });
        // `remove user from group` is more than `remove user`.
        let (place, right) = found.max_by_key(|(place, _)| place.end)?;
        let written = self.folded_words(place);
        // One word tells, unless steps begin with it.
        let first = *words.first()?;
        let begins = STEP_WORDS.contains(&self.snippet(first));
        let shown = if begins { place } else { first };
        let message = format!("no step begins with `{}`", self.folded_words(shown));
        let finding = Diagnostic::error(Code::UnknownStep, shown, message)
            .label("not a step")
            .help(format!("write `{right}`"));
        if self.is_step(span, place, right) {
            return Some(if written == "remind" {
                finding
                    .help("write `notify`; the reminders of a question stand in it: `ask owner remind (3d, 1d)`")
                    .maybe(place, right)
            } else if certain(&written, right) {
                finding.fix(place, right)
            } else {
                finding.maybe(place, right)
            });
        }
        // `kill it`: what stands behind it has no place in the step.
        if self.is_step(span, span, right)
            && words.iter().skip(1).all(|word| {
                ["it", "account", "access", "the"].contains(&self.snippet(*word))
            })
        {
            return Some(finding.maybe(span, right));
        }
        // A word that begins a step, too, may have been meant as that.
        if begins && !written.contains(' ') {
            return None;
        }
        Some(finding.help(format!("`{right}` is the step for that")))
    }

    /// `disable the account`.
    fn without_articles(&self, words: &[Span], span: Span) -> Option<Diagnostic> {
        let article = words
            .iter()
            .position(|word| ARTICLES.contains(&self.snippet(*word)))?;
        let (place, next) = (*words.get(article)?, words.get(article + 1)?);
        let gone = Span { end: next.start, ..place };
        if article == 0 || !self.is_step(span, gone, "") {
            return None;
        }
        let word = self.snippet(place);
        let message = format!("`{word}` is too much");
        Some(
            Diagnostic::error(Code::Syntax, place, message)
                .label("take it out")
                .help(format!(
                    "write `{}{}`",
                    self.snippet(Span { end: place.start, ..span }),
                    self.snippet(Span { start: next.start, ..span })
                ))
                .fix(gone, ""),
        )
    }

    /// `POST "https://…"`.
    fn without_call(&self, first: Span, span: Span) -> Option<Diagnostic> {
        let word = self.snippet(first);
        let method = Method::ALL.iter().any(|method| method.name() == word);
        let here = self.here(first.start);
        if !method || !self.is_step(span, here, "call ") {
            return None;
        }
        let message = format!("no step begins with `{word}`");
        Some(
            Diagnostic::error(Code::UnknownStep, first, message)
                .label("the method of a call")
                .help(format!("write `call {word}`"))
                .fix(here, "call "),
        )
    }

    /// A step with a letter too many, too few or in the wrong place.
    fn misspelled(&self, words: &[Span], span: Span) -> Option<Diagnostic> {
        for count in (1..=words.len().min(3)).rev() {
            let found = words.get(..count)?;
            let place = found.first()?.to(*found.last()?);
            let written = self.folded_words(place);
            let steps =
                STEPS.iter().copied().filter(|step| step.split(' ').count() == count);
            let right = nearest(&written, steps)
                .into_iter()
                .find(|right| *right != written && self.is_step(span, place, right));
            let Some(step) = right else { continue };
            let wrong = found.iter().zip(step.split(' '));
            let wrong: Vec<(Span, &str)> = wrong
                .map(|(span, right)| (*span, right))
                .filter(|(span, right)| self.snippet(*span) != *right)
                .collect();
            // Each word must be near to the right one, not only all of them together.
            let near = |(span, right): &(Span, &'static str)| {
                !nearest(self.snippet(*span), [*right]).is_empty()
            };
            if !wrong.iter().all(near) {
                continue;
            }
            // What is wrong is one word, mostly.
            let (place, right) = match wrong.as_slice() {
                [(span, right)] => (*span, *right),
                _ => (place, step),
            };
            let written = self.folded_words(place);
            let message = if place.start == span.start {
                format!("no step begins with `{written}`")
            } else {
                format!("`{written}` is not expected here")
            };
            return Some(
                Diagnostic::error(Code::UnknownStep, place, message)
                    .label("not a step")
                    .help(format!("write `{step}`"))
                    .maybe(place, right),
            );
        }
        None
    }

    /// `run revoke`: a webhook, or a flow.
    fn run_what(&self, words: &[Span], span: Span) -> Option<Diagnostic> {
        let [first, second, ..] = words else { return None };
        let here = self.here(second.start);
        let said = ["webhook", "flow"].contains(&self.snippet(*second));
        if said || self.snippet(*first) != "run" || !self.is_step(span, here, "webhook ")
        {
            return None;
        }
        let name = self.snippet(*second);
        let message = format!("`run {name}` could be a webhook or a flow");
        Some(
            Diagnostic::error(Code::Syntax, *second, message)
                .label("which of the two")
                .help(format!("write `run webhook {name}` or `run flow {name}`"))
                .maybe(here, "webhook ")
                .maybe(here, "flow "),
        )
    }

    fn unknown_step(&mut self, place: Span) {
        let word = self.snippet(place);
        let message = format!("no step begins with `{word}`");
        let mut finding =
            Diagnostic::error(Code::UnknownStep, place, message).label("not a step");
        let people = ["owner", "manager", "admin", "app", "reviewers"];
        let heads = STEPS.iter().filter_map(|step| step.split(' ').next());
        let near = nearest(word, heads).into_iter().next();
        finding = if people.contains(&word) {
            finding.help("several people stand in parentheses: `notify (owner, manager)`")
        } else if let Some(near) = near {
            finding.help(format!("write `{near}`")).maybe(place, near)
        } else if let Some(apart) = unglue(word) {
            finding.help(format!("write `{apart}`")).maybe(place, apart)
        } else {
            let steps = STEPS.iter().map(|step| format!("`{step}`")).collect::<Vec<_>>();
            finding.help(format!("the steps are {}", steps.join(", ")))
        };
        self.report(finding);
    }

    /// A call that could not be read, of a step or of a flow.
    pub(in crate::syntax) fn bad_call(&mut self, span: Span) {
        let words = self.first_words(span);
        let Some(first) = words.first().copied() else { return };
        let word = self.snippet(first);
        if word != "call" {
            if let Some(finding) = self.without_call(first, span) {
                return self.report(finding);
            }
            let message = "a flow is made of calls";
            let mut finding = Diagnostic::error(Code::Syntax, first, message)
                .label("not a call")
                .help("write `call POST \"https://…\"`, with commas between the calls");
            if let Some(near) = nearest(word, ["call"]).into_iter().next() {
                finding = finding.help(format!("write `{near}`")).maybe(first, near);
            }
            return self.report(finding);
        }
        if let Some(address) =
            words.get(1).filter(|next| self.snippet(**next).starts_with('"'))
        {
            let here = self.here(address.start);
            let message = "a call needs a method";
            return self.report(
                Diagnostic::error(Code::Syntax, *address, message)
                    .label("no method before it")
                    .help("write `call POST` or `call GET`, for example")
                    .maybe(here, "POST ")
                    .maybe(here, "GET "),
            );
        }
        match self.reach(Rule::call_prefix, span) {
            Reached::End(at) => {
                let left = self.token_at(at, span.end as usize);
                self.left_in_step(left);
            }
            Reached::Stop(at, _) if words.len() > 1 => {
                self.due(at, span, &["an address such as `\"https://…\"`"]);
            }
            Reached::Stop(at, due) => self.due(at, span, &due),
        }
    }

    /// What stands behind the address of a call and is no part of one.
    fn left_in_step(&mut self, place: Span) {
        let word = self.snippet(place);
        let help = match word {
            "with" => "write `with bearer env NAME`",
            "header" => "write `header \"X-Team\" = \"identity\"`",
            "json" => "write `json \"\"\"{ … }\"\"\"`",
            "accept" => "write `accept (404)`",
            "timeout" => "write `timeout 10s`",
            "retry" => "write `retry 3`",
            _ => {
                let mut finding = unexpected(word, place);
                finding = match nearest(word, PARTS).into_iter().next() {
                    Some(near) => {
                        finding.help(format!("write `{near}`")).maybe(place, near)
                    }
                    None => finding.help(
                        "a call goes on with `with bearer`, `header`, `json`, `accept`, \
                         `timeout` or `retry`",
                    ),
                };
                return self.report(finding);
            }
        };
        let message = format!("`{word}` is not finished");
        self.report(
            Diagnostic::error(Code::Syntax, place, message)
                .label("what follows does not fit")
                .help(help),
        );
    }

    fn folded_words(&self, span: Span) -> String {
        self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Whether other words for a step can mean nothing else.
fn certain(written: &str, right: &str) -> bool {
    let loose =
        ["nuke", "kill", "lock", "block", "close", "suspend", "take", "leave", "join"];
    let first = written.split(' ').next().unwrap_or_default();
    match right {
        "disable account" | "disable user" => first == "deactivate",
        "set" | "verify" | "ask" | "task" => false,
        "delete account" | "delete user" | "remove access" => false,
        _ => !loose.contains(&first) || right == "end sessions",
    }
}
