//! The second look at clauses, schedules and events.
//!
//! As in [`mistakes`](crate::syntax::mistakes), each damaged stretch gives one finding.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::{Cx, SCHEDULES};
use crate::syntax::grammar::Rule;
use crate::syntax::mistakes::{Reached, unexpected};
use crate::syntax::reword::{self, Reword};
use crate::syntax::words::STEP_WORDS;
use crate::text::{Span, fold};

/// How events are written.
const EVENTS: &str = "the events are `user created`, `user updated`, `user suspended`, \
     `mfa updated`, `ATTRIBUTE changed`, `group joined G`, `group left G`, `access rejected`, \
     `access expired`, `event \"…\"` and `request \"…\"`";

/// How a change of a user comes about.
const ORIGINS: &str = "write one of `signup`, `self`, `admin`, `jit`, `api` and `import` behind it, \
     or several in parentheses";

impl Cx<'_> {
    /// A clause in other words, or a right keyword with something wrong behind it; false
    /// when it is neither.
    pub(super) fn misread_clause(&mut self, span: Span, keyword: Span) -> bool {
        let words = self.words_of(span);
        let word = self.snippet(keyword);
        if let Some(place) = self.else_if(keyword, span.end as usize) {
            self.no_else_if(place);
            return true;
        }
        match word {
            "always" | "otherwise" => self.without_then(span, keyword),
            "including" => self.report(
                Diagnostic::error(
                    Code::MisplacedClause,
                    keyword,
                    "`including disabled` belongs to a report",
                )
                .label("no `report to` before it")
                .help("write `report to admin including disabled`, for example"),
            ),
            "for" | "limit" | "reviewers" | "every" | "once" | "on" | "before"
            | "require" | "activity" | "count" | "rank" | "report" | "cancel"
            | "restart" => {
                return self.reworded_clause(span, keyword, &words);
            }
            _ => {
                let texts: Vec<&str> = words.iter().map(|it| self.snippet(*it)).collect();
                let Some(found) = reword::clause(&texts) else {
                    return self.foreign_field(&texts, keyword);
                };
                self.reword(Code::UnknownClause, &words, &found);
            }
        }
        true
    }

    /// What other systems say with a clause, and this one elsewhere.
    fn foreign_field(&mut self, words: &[&str], keyword: Span) -> bool {
        let word = self.snippet(keyword);
        let help = match fold(word).as_str() {
            "schedule" | "cron" => SCHEDULES,
            "description" | "title" | "summary" => {
                "a description stands behind the name: `policy NAME \"…\"`"
            }
            "enabled" | "enable" | "disabled" | "state" | "status" | "active" => {
                "no file says whether a policy is at work: `tenure activate` and \
                 `tenure deactivate` do"
            }
            _ => return false,
        };
        if words.len() < 2 {
            return false;
        }
        let message = format!("no clause begins with `{word}`");
        self.report(
            Diagnostic::error(Code::UnknownClause, keyword, message)
                .label("not a clause")
                .help(help),
        );
        true
    }

    /// A clause whose keyword is right, in other words behind it.
    fn reworded_clause(&mut self, span: Span, keyword: Span, words: &[Span]) -> bool {
        let behind = words.get(1..).unwrap_or_default();
        let texts: Vec<&str> = behind.iter().map(|it| self.snippet(*it)).collect();
        let whole: Vec<&str> = words.iter().map(|it| self.snippet(*it)).collect();
        let word = self.snippet(keyword);
        if word == "limit"
            && let Some(finding) = self.limit_period(behind)
        {
            self.report(finding);
            return true;
        }
        let found = match word {
            "every" => reword::schedule(&texts),
            "limit" => reword::limit(&texts),
            "activity" => reword::signs(&texts),
            _ => None,
        };
        if let Some(found) = found {
            self.reword(Code::Syntax, behind, &found);
            return true;
        }
        if matches!(word, "cancel" | "restart" | "count" | "report" | "on" | "for")
            && let Some(found) = reword::clause(&whole)
        {
            self.reword(Code::UnknownClause, words, &found);
            return true;
        }
        if word == "once"
            && let Some(finding) = self.once_on(words)
        {
            self.report(finding);
            return true;
        }
        let due = match word {
            "cancel" | "restart" if texts.first() != Some(&"on") => "on",
            "report" if texts.first() != Some(&"to") => "to",
            "activity" | "count" if texts.first() != Some(&"from") => "from",
            "once" if texts.first() != Some(&"at") => "at",
            _ => return self.unfinished(span, keyword),
        };
        if texts.is_empty() {
            return self.unfinished(span, keyword);
        }
        let end = keyword.end as usize;
        let message = format!("`{word}` is followed by `{due}`");
        self.report(
            Diagnostic::error(Code::Syntax, keyword, message)
                .label(format!("no `{due}` behind it"))
                .help(format!("write `{word} {due}`"))
                .maybe(Span::new(self.file, end, end), format!(" {due}")),
        );
        true
    }

    /// `limit 10 per day`, `limit 5% a week`.
    fn limit_period(&self, words: &[Span]) -> Option<Diagnostic> {
        let [number, rest @ ..] = words else { return None };
        let folded: Vec<String> = rest.iter().map(|it| fold(self.snippet(*it))).collect();
        let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
        let day = match folded.as_slice() {
            ["daily"] | ["per" | "a" | "each", "day" | "24h"] => true,
            ["per" | "each" | "in", "24", "hours"] | ["in", "24h"] => true,
            ["hourly" | "weekly" | "monthly" | "yearly"] => false,
            [
                "per" | "a" | "an" | "each",
                "minute" | "hour" | "week" | "month" | "quarter" | "year",
            ] => false,
            _ => return None,
        };
        let counted = self.snippet(*number);
        if !counted.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let place = rest.first()?.to(*rest.last()?);
        let written = self.snippet(place);
        let finding =
            Diagnostic::error(Code::Syntax, place, "a limit counts the last 24 hours");
        Some(if day {
            finding
                .label("goes without saying")
                .help(format!("write `limit {counted}`"))
                .fix(Span { start: number.end, ..place }, "")
        } else {
            finding
                .label(format!("`{written}` cannot be counted"))
                .help("write how many runs may begin in 24 hours, with nothing behind it")
        })
    }

    /// `once on 2026-12-01`, `once at 01.12.2026 09:00`.
    fn once_on(&self, words: &[Span]) -> Option<Diagnostic> {
        let said = words
            .get(1)
            .filter(|word| ["on", "at"].contains(&self.snippet(**word)));
        let at = 1 + usize::from(said.is_some());
        let first = *words.get(at)?;
        // The parts of a date may be cut into words.
        let rest = self.text.get(first.start as usize..)?;
        let length = rest.find(|letter: char| letter.is_whitespace() || letter == ',');
        let date = rest.get(..length.unwrap_or(rest.len()))?;
        let end = first.start as usize + date.len();
        let time = words.iter().find(|word| word.start as usize >= end);
        let time = time.filter(|word| self.snippet(**word).contains(':'));
        let clock = time.map_or("12:00", |word| self.snippet(*word));
        let until = time.map_or(end, |word| word.end as usize);
        let start = said.copied().unwrap_or(first).start as usize;
        let place = Span::new(self.file, start, until);
        if date.contains('T') {
            let on = *said.filter(|word| self.snippet(**word) == "on")?;
            return Some(
                Diagnostic::error(Code::Syntax, on, "`once on` is written `once at`")
                    .label("a date and time follow")
                    .help("write `at`")
                    .fix(on, "at"),
            );
        }
        let dates = reword::dates(date);
        let dates: Vec<String> =
            dates.iter().map(|day| format!("{day}T{clock}")).collect();
        if dates.is_empty() {
            return None;
        }
        let written = self.snippet(place);
        let help = dates.iter().map(|date| format!("`once at {date}`"));
        let help = help.collect::<Vec<_>>().join(" or ");
        let message = format!("`once {written}` is no date and time");
        let finding = Diagnostic::error(Code::BadDate, place, message)
            .label("not in this form")
            .help(format!("write {help}"));
        let fixed = |finding: Diagnostic, date: &String| {
            finding.maybe(place, format!("at {date}"))
        };
        Some(dates.iter().fold(finding, fixed))
    }

    /// A clause whose keyword is right, and which ends too early or too late.
    fn unfinished(&mut self, span: Span, keyword: Span) -> bool {
        let help = match self.snippet(keyword) {
            "for" if self.snippet(span).contains(" in group") => {
                "who is meant stands behind `when`: write `when in group NAME`"
            }
            "for" if self.snippet(span).contains("users") => {
                "users belong to no app: write `for accounts in app NAME`, or `for users` and \
                 `has account in app NAME`"
            }
            "for" => {
                "write `for accounts`, `for accounts in app NAME`, `for users`, `for grants` or \
                 `for grants in app NAME`"
            }
            "every" => SCHEDULES,
            "limit" => {
                "write `limit 50`, `limit 5%`, `limit the larger of 50 and 5%` or \
                 `limit none \"reason\"`"
            }
            "once" => {
                "write `once at 2026-12-01T09:00`, with `in ZONE` behind it if need be"
            }
            "on" | "cancel" | "restart" => EVENTS,
            "before" => "write `before user created`",
            "require" => "write `require CONDITION \"message\"`",
            "activity" => {
                "write `activity from salesforce, okta`, with `logins only` behind it \
                 if need be"
            }
            "count" => "write `count from activation`",
            "rank" => "write `rank 1 in some-set`",
            "report" => {
                "write `report to admin`, with `including disabled` behind it if need be"
            }
            _ => "write `reviewers ana@acme.example, group Leadership`, for example",
        };
        self.broken_clause(span, keyword, help);
        true
    }

    /// `always notify owner`.
    fn without_then(&mut self, span: Span, keyword: Span) {
        let word = self.snippet(keyword);
        let place = self.token_at(keyword.end as usize, span.end as usize);
        let next = self.snippet(place);
        if STEP_WORDS.contains(&next) {
            let here = Span { end: place.start, ..place };
            let message = format!("`{word}` is followed by `then`");
            self.report(
                Diagnostic::error(Code::Syntax, place, message)
                    .label("a step, and no `then` before it")
                    .help(format!("write `{word} then {next} …`"))
                    .fix(here, "then "),
            );
            return;
        }
        self.report(
            unexpected(next, place)
                .label(format!("does not fit behind `{word}`"))
                .help(format!("write `{word} then notify owner`, for example")),
        );
    }

    /// A stretch in which no event could be read.
    pub(super) fn bad_event(&mut self, span: Span) {
        let words = self.words_of(span);
        let texts: Vec<&str> = words.iter().map(|word| self.snippet(*word)).collect();
        if let Some(found) = reword::event(&texts) {
            self.reword(Code::UnknownEvent, &words, &found);
            return;
        }
        // The first two words say what happens; behind them something may be missing.
        let second = words.get(1).map_or(span.end, |word| word.end);
        match self.reach(Rule::event_prefix, span) {
            Reached::Stop(at, mut due) if at >= second as usize => {
                let last = texts.last().copied();
                match (last, texts.len()) {
                    (Some("event" | "request"), _) => due.retain(|due| *due == "a text"),
                    (Some("by"), _) => return self.open_event(span, ORIGINS),
                    (Some("user" | "mfa" | "access" | "group"), _) | (_, 2..) => {}
                    _ => return self.no_event(span),
                }
                self.due(at, span, &due);
            }
            Reached::End(at) => {
                let place = self.token_at(at, span.end as usize);
                let last = self.snippet(place);
                if last == "by" && place.end == span.end {
                    return self.open_event(span, ORIGINS);
                }
                if matches!(last, "from" | "to") && place.end == span.end {
                    let help = "write a value behind it, as in `department changed to \"Legal\"`";
                    return self.open_event(span, help);
                }
                let before = self
                    .snippet(Span::new(self.file, span.start as usize, at))
                    .trim_end();
                let help = "behind an event stands another clause; several events stand in \
                     parentheses, with commas between them";
                self.left(place, before, help);
            }
            Reached::Stop(..) => {
                let place = match (words.first(), words.get(1)) {
                    (Some(first), Some(second)) => first.to(*second),
                    _ => span,
                };
                self.no_event(place);
            }
        }
    }

    fn no_event(&mut self, place: Span) {
        let written = self.snippet(place);
        let message = format!("nothing happens that is called `{written}`");
        self.report(
            Diagnostic::error(Code::UnknownEvent, place, message)
                .label("not an event")
                .help(EVENTS),
        );
    }

    /// An event that lacks its last word.
    fn open_event(&mut self, span: Span, help: &str) {
        let written = self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let message = format!("`{written}` is not finished");
        self.report(
            Diagnostic::error(Code::Syntax, span, message)
                .label("something is missing behind it")
                .help(help),
        );
    }

    /// Says how other words are written.
    pub(super) fn reword(&mut self, code: Code, words: &[Span], found: &Reword) {
        let last = found.first + found.count.saturating_sub(1);
        let (Some(first), Some(last)) = (words.get(found.first), words.get(last)) else {
            return;
        };
        let span = first.to(*last);
        let written = self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let right = found.right.as_str();
        if right.is_empty() {
            // The blank behind it goes too.
            let next = words.get(found.first + found.count);
            let cut = next.map_or(span, |next| Span { end: next.start, ..span });
            self.report(
                Diagnostic::error(code, span, format!("`{written}` is too much here"))
                    .label("says nothing here")
                    .help("take it out")
                    .maybe(cut, ""),
            );
            return;
        }
        let message = format!("`{written}` is written `{right}`");
        // A comma stands close to the word before it.
        let before = found.first.checked_sub(1).and_then(|before| words.get(before));
        let cut = match before {
            Some(before) if right == "," => Span { start: before.end, ..span },
            _ => span,
        };
        self.report(
            Diagnostic::error(code, span, message)
                .label("other words")
                .help(format!("write `{right}`"))
                .maybe(cut, right),
        );
    }

    /// The words of a stretch, up to the first text or bracket that follows them.
    pub(super) fn words_of(&self, span: Span) -> Vec<Span> {
        let mut words = Vec::new();
        let mut at = span.start as usize;
        while words.len() < 12 {
            let mut word = self.token_at(at, span.end as usize);
            // Times, and whatever is glued to a word but for a comma, belong to it.
            let rest = self.text.get(word.end as usize..span.end as usize);
            let rest = rest.unwrap_or_default();
            if rest.starts_with([':', '%', '\'']) {
                let more = rest.find(|letter: char| {
                    !letter.is_alphanumeric() && !":%'".contains(letter)
                });
                let more = more.unwrap_or(rest.len());
                word =
                    Span::new(self.file, word.start as usize, word.end as usize + more);
            }
            if word.start == word.end {
                break;
            }
            words.push(word);
            at = word.end as usize;
        }
        words
    }
}
