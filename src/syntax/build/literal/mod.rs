//! Texts, numbers, lengths of time and dates.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::ast::Value;
use crate::syntax::build::Cx;
use crate::syntax::grammar::Rule;
use crate::text::{Span, Spanned};
use crate::time::{Duration, Length, Timestamp};
use pest::iterators::Pair;

/// What a number with letters glued to it turns out to be.
#[derive(Debug, PartialEq)]
pub(super) enum Amount {
    Number(f64),
    Length(Duration),
    /// The unit is `m`.
    Ambiguous,
    /// The unit is months or years, which vary in length.
    Varying,
    /// The unit is `bd`, and there is no other.
    BusinessDays(u32),
    /// The unit is `bd`, beside another or with less than nothing.
    BusinessSum,
    /// A unit stands twice, or behind a smaller one.
    Disordered(Duration),
    /// Fractions of a unit.
    Fraction,
    /// Far beyond anything that is ever due.
    TooLarge,
    /// The unit is a word: this is how it is written.
    Spelled(String),
    /// No unit at all that is known.
    Unknown,
}

/// About three thousand years; sums of instants and lengths stay far from overflowing.
const LONGEST: i64 = 100_000_000_000;

pub(super) fn amount(text: &str) -> Amount {
    if let Ok(number) = text.parse::<f64>()
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-'))
    {
        return Amount::Number(number);
    }
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut seconds = 0_i64;
    let (mut last, mut falls) = (i64::MAX, true);
    while !rest.is_empty() {
        let digits = rest.find(|byte: char| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        if behind.starts_with('.') {
            return Amount::Fraction;
        }
        let letters = behind
            .find(|byte: char| byte.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        let unit = match unit {
            "s" => 1,
            "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            "m" => return Amount::Ambiguous,
            "bd" => return business_days(text),
            "mo" | "y" => return Amount::Varying,
            word => return spelled(text, word),
        };
        let Ok(number) = number.parse::<i64>() else { return Amount::TooLarge };
        seconds = seconds.saturating_add(number.saturating_mul(unit));
        falls &= unit < last;
        last = unit;
        rest = behind;
    }
    if seconds > LONGEST {
        Amount::TooLarge
    } else if !falls {
        Amount::Disordered(Duration(sign * seconds))
    } else {
        Amount::Length(Duration(sign * seconds))
    }
}

/// `5bd`, which is not summed with others.
fn business_days(text: &str) -> Amount {
    let Some(number) = text.strip_suffix("bd") else { return Amount::BusinessSum };
    match number.parse::<u32>() {
        Ok(days) if i64::from(days) <= LONGEST / 86_400 => Amount::BusinessDays(days),
        Ok(_) => Amount::TooLarge,
        Err(_) if number.bytes().all(|byte| byte.is_ascii_digit()) => Amount::TooLarge,
        Err(_) => Amount::BusinessSum,
    }
}

fn spelled(text: &str, unit: &str) -> Amount {
    match unit.to_ascii_lowercase().as_str() {
        "month" | "months" | "year" | "years" | "yr" | "yrs" | "mon" => Amount::Varying,
        "m" => Amount::Ambiguous,
        other => match short_unit(other) {
            Some(short) => Amount::Spelled(text.replacen(unit, short, 1)),
            None => Amount::Unknown,
        },
    }
}

/// How the language writes a unit that was spelled out.
fn short_unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "d" | "day" | "days" => "d",
        "h" | "hour" | "hours" | "hr" | "hrs" => "h",
        "min" | "mins" | "minute" | "minutes" => "min",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "w" | "week" | "weeks" | "wk" | "wks" => "w",
        _ => return None,
    })
}

impl Cx<'_> {
    /// A length of time that is not negative.
    pub(super) fn length(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<Duration>> {
        let length = self.signed_length(pair)?;
        self.not_negative(length)
    }

    fn not_negative(&mut self, length: Spanned<Duration>) -> Option<Spanned<Duration>> {
        if length.value.0 < 0 {
            let message = "a length of time cannot be negative here";
            self.report(
                Diagnostic::error(Code::BadNumber, length.span, message)
                    .label("less than nothing")
                    .help("negative lengths fit `since` and `until` only"),
            );
            return None;
        }
        Some(length)
    }

    /// A length of time; where another thing stands, the finding about it is made.
    pub(super) fn signed_length(
        &mut self,
        pair: Pair<'_, Rule>,
    ) -> Option<Spanned<Duration>> {
        let length = self.any_length(pair)?;
        let span = length.span;
        match length.value {
            Length::Time(time) => Some(Spanned::new(time, span)),
            Length::BusinessDays(days) => {
                self.only_elapsed(span, days);
                None
            }
        }
    }

    /// The length of a step, which may be one of business days.
    pub(super) fn step_length(
        &mut self,
        pair: Pair<'_, Rule>,
    ) -> Option<Spanned<Length>> {
        let length = self.any_length(pair)?;
        match length.value {
            Length::Time(time) => {
                let time = self.not_negative(Spanned::new(time, length.span))?;
                Some(Spanned::new(Length::Time(time.value), time.span))
            }
            Length::BusinessDays(_) => Some(length),
        }
    }

    /// Business days stand where a length is compared with elapsed time.
    fn only_elapsed(&mut self, span: Span, days: u32) {
        let written = self.snippet(span);
        let message =
            format!("`{written}` counts business days, and elapsed time is due");
        // Five business days are a week.
        let right = format!("{}d", u64::from(days).saturating_mul(7).div_ceil(5));
        self.report(
            Diagnostic::error(Code::BusinessDays, span, message)
                .label("only steps count business days")
                .help(format!("write days of 24 hours, such as `{right}`"))
                .maybe(span, right),
        );
    }

    fn any_length(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<Length>> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let first = inner.next()?;
        if first.as_rule() != Rule::amount {
            let written = self.snippet(span);
            let mut finding = Diagnostic::error(
                Code::ExpectedDuration,
                span,
                format!("`{written}` is not a length of time"),
            )
            .label("a length of time is due here")
            .help("write one such as `7d`, `12h` or `30min`");
            if matches!(first.as_rule(), Rule::date | Rule::instant) {
                finding = finding.help(
                    "compare an instant with a date directly, without `since` or `until`; \
                     a length of time is written `7d`",
                );
            }
            self.report(finding);
            return None;
        }
        if let Some(unit) = inner.next() {
            self.spaced_unit(span, first.as_str(), unit.as_str());
            return None;
        }
        match amount(first.as_str()) {
            Amount::Length(length) => Some(Spanned::new(Length::Time(length), span)),
            Amount::BusinessDays(days) => {
                Some(Spanned::new(Length::BusinessDays(days), span))
            }
            Amount::Number(_) => {
                self.report(missing_unit(span, first.as_str()));
                None
            }
            other => {
                self.report_amount(&other, span, first.as_str());
                None
            }
        }
    }

    /// `90 days`: right in English, and written together here.
    fn spaced_unit(&mut self, span: Span, number: &str, unit: &str) {
        let business = unit.starts_with("business") || unit.starts_with("working");
        let unit = if business { "bd" } else { unit };
        let together = format!("{number}{unit}");
        match amount(&together) {
            Amount::Length(_) | Amount::BusinessDays(_) => {
                self.report_spelled(span, &together);
            }
            Amount::Spelled(short) => self.report_spelled(span, &short),
            other => self.report_amount(&other, span, &together),
        }
    }

    fn report_spelled(&mut self, span: Span, short: &str) {
        let written = self.snippet(span);
        let message = format!("`{written}` is written `{short}`");
        self.report(
            Diagnostic::error(Code::ExpectedDuration, span, message)
                .label("number and unit stand together")
                .help(format!("write `{short}`"))
                .fix(span, short),
        );
    }

    fn report_amount(&mut self, amount: &Amount, span: Span, written: &str) {
        let number: String = written
            .chars()
            .take_while(|letter| !letter.is_ascii_alphabetic())
            .collect();
        let finding = match amount {
            Amount::Ambiguous => {
                let message = format!("`{written}` could be minutes or months");
                let finding = Diagnostic::error(Code::AmbiguousUnit, span, message)
                    .label("`m` has two meanings")
                    .maybe(span, format!("{number}min"));
                match days(&number, written) {
                    Some(days) => finding
                        .help(format!(
                            "write `{number}min` for minutes; months vary in length, so \
                             write days, such as `{days}d`"
                        ))
                        .maybe(span, format!("{days}d")),
                    None => finding.help(format!("write `{number}min` for minutes")),
                }
            }
            Amount::Varying => {
                let message = format!("`{written}` varies in length");
                let mut finding = Diagnostic::error(Code::AmbiguousUnit, span, message)
                    .label("months and years have no fixed length")
                    .help("write days, such as `30d` or `365d`");
                if let Some(days) = days(&number, written) {
                    finding = finding
                        .help(format!("write days, such as `{days}d`"))
                        .maybe(span, format!("{days}d"));
                }
                finding
            }
            Amount::BusinessDays(days) => return self.only_elapsed(span, *days),
            Amount::BusinessSum => {
                let message = format!("`{written}` is no number of business days");
                Diagnostic::error(Code::BusinessDays, span, message)
                    .label("business days stand alone")
                    .help("write them alone, such as `5bd`, or write clock time alone")
            }
            Amount::Disordered(sum) => {
                let message = format!("the units of `{written}` do not descend");
                Diagnostic::error(Code::UnitOrder, span, message)
                    .label("each unit once, the largest first")
                    .help(format!("the sum is `{sum}`"))
                    .maybe(span, sum.to_string())
            }
            Amount::Fraction => {
                let message = format!("`{written}` has a fraction");
                Diagnostic::error(Code::BadNumber, span, message)
                    .label("lengths of time are whole numbers")
                    .help("write a smaller unit, or a sum such as `1d12h`")
            }
            Amount::TooLarge => {
                let message = format!("`{written}` is longer than any policy can wait");
                Diagnostic::error(Code::BadNumber, span, message).label("too long")
            }
            Amount::Spelled(short) => {
                let short = short.clone();
                return self.report_spelled(span, &short);
            }
            Amount::Unknown | Amount::Number(_) | Amount::Length(_) => {
                let message = format!("`{written}` is not a length of time");
                Diagnostic::error(Code::ExpectedDuration, span, message)
                    .label("no such unit")
                    .help("the units are `s`, `min`, `h`, `d` and `w`, as in `90d`")
            }
        };
        self.report(finding);
    }

    /// The right side of a comparison.
    pub(super) fn value(&mut self, pair: Pair<'_, Rule>) -> Option<Spanned<Value>> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let first = inner.next()?;
        let written = first.as_str();
        let value = match first.as_rule() {
            Rule::email => Value::Email(written.to_owned()),
            Rule::instant | Rule::date => Value::Instant(self.instant(span)?),
            Rule::foreign_date => {
                self.foreign_date(span);
                return None;
            }
            Rule::percent => Value::Percent(written.trim_end_matches('%').parse().ok()?),
            Rule::amount => match amount(written) {
                Amount::Number(number) => match inner.next() {
                    None => Value::Number(number),
                    Some(unit) => {
                        self.spaced_unit(span, written, unit.as_str());
                        return None;
                    }
                },
                Amount::Length(length) => Value::Duration(length),
                other => {
                    self.report_amount(&other, span, written);
                    return None;
                }
            },
            Rule::text_line | Rule::text_block | Rule::foreign_text => {
                Value::Text(self.text(&first).value)
            }
            _ if written.starts_with('"') => Value::Text(self.text(&first).value),
            _ => Value::Words(
                self.snippet(span).split_whitespace().collect::<Vec<_>>().join(" "),
            ),
        };
        Some(Spanned::new(value, span))
    }

    fn instant(&mut self, span: Span) -> Option<Timestamp> {
        let written = self.snippet(span);
        let upper = written.to_ascii_uppercase();
        // No leap second is ever on record.
        let parsed = Timestamp::parse(&upper).filter(|_| !upper.contains(":60"));
        // The letters behind the day: `T12:00:00Z`, `T12:00:00+05:00`.
        let time = upper.split_once('T').map(|(_, time)| time);
        if parsed.is_some() && time.is_some_and(|time| !time.contains(['Z', '+', '-'])) {
            let message = format!("`{written}` does not say in which zone");
            self.report(
                Diagnostic::error(Code::BadDate, span, message)
                    .label("noon in Paris is not noon in New York")
                    .help(format!(
                        "write `{upper}Z` for UTC, or the zone's distance, as in `{upper}+02:00`"
                    ))
                    .maybe(span, format!("{upper}Z")),
            );
            return None;
        }
        if parsed.is_none() {
            let message = format!("`{written}` is no date");
            self.report(
                Diagnostic::error(Code::BadDate, span, message)
                    .label("this day or time does not exist")
                    .help(
                        "dates are written `2026-11-20`, instants `2026-11-20T12:00:00Z`",
                    ),
            );
        }
        parsed
    }

    /// A whole number within bounds.
    pub(super) fn whole(&mut self, pair: &Pair<'_, Rule>, most: u64) -> Option<u64> {
        let number = pair.as_str().parse::<u64>().ok().filter(|number| *number <= most);
        if number.is_none() {
            let span = self.span(pair);
            let message =
                format!("`{}` is not a whole number up to {most}", pair.as_str());
            self.report(
                Diagnostic::error(Code::BadNumber, span, message)
                    .label("a whole number is due here"),
            );
        }
        number
    }

    /// What a quoted text says.
    pub(in crate::syntax) fn text(&mut self, pair: &Pair<'_, Rule>) -> Spanned<String> {
        let span = self.span(pair);
        let written = pair.as_str();
        let value = match pair.as_rule() {
            Rule::foreign_text => {
                let inner = written.chars().skip(1).collect::<String>();
                let inner = inner.chars().rev().skip(1).collect::<Vec<_>>();
                let inner: String = inner.into_iter().rev().collect();
                let right =
                    format!("\"{}\"", inner.replace('\\', "\\\\").replace('"', "\\\""));
                let message = "text stands in straight double quotes";
                self.report(
                    Diagnostic::error(Code::ForeignOperator, span, message)
                        .label("other quotes")
                        .help(format!("write `{right}`"))
                        .fix(span, right),
                );
                inner
            }
            Rule::text_block => {
                dedent(written.trim_start_matches("\"\"\"").trim_end_matches("\"\"\""))
            }
            _ => self.unescape(written, span),
        };
        Spanned::new(value, span)
    }

    fn unescape(&mut self, written: &str, span: Span) -> String {
        let (text, bad) = escapes(written);
        for (at, width) in bad {
            let start = span.start as usize + at;
            let place = Span::new(self.file, start, start + width);
            let message = format!("`{}` is no escape", self.snippet(place));
            self.report(
                Diagnostic::error(Code::BadText, place, message)
                    .label("unknown escape")
                    .help(r#"the escapes are `\"`, `\\`, `\n`, `\t` and `\u{1F600}`; a backslash itself is `\\`"#)
                    .maybe(place, format!("\\{}", self.snippet(place))),
            );
        }
        text
    }
}

/// What a text of one line says, and where in it what is no escape stands, and how long that is.
pub(in crate::syntax) fn escapes(written: &str) -> (String, Vec<(usize, usize)>) {
    let inner = written.strip_prefix('"').unwrap_or(written);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut bad = Vec::new();
    let mut out = String::with_capacity(inner.len());
    let mut letters = inner.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some((_, quoted @ ('"' | '\\'))) => out.push(quoted),
            Some((_, 'n')) => out.push('\n'),
            Some((_, 't')) => out.push('\t'),
            Some((after, 'u'))
                if let Some((letter, length)) =
                    code_point(inner.get(after + 1..).unwrap_or_default()) =>
            {
                out.push(letter);
                letters = skip(letters, length);
            }
            other => {
                bad.push((1 + at, 1 + other.map_or(0, |(_, letter)| letter.len_utf8())));
            }
        }
    }
    (out, bad)
}

/// `u{1F600}` behind the `u`: the letter, and how many letters it was written with.
pub(super) fn code_point(text: &str) -> Option<(char, usize)> {
    let digits = text.strip_prefix('{')?.split('}').next()?;
    let closed = text.get(digits.len() + 1..)?.starts_with('}');
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| closed)?;
    Some((char::from_u32(number)?, digits.len() + 2))
}

fn skip<I: Iterator>(mut letters: I, count: usize) -> I {
    for _ in 0..count {
        letters.next();
    }
    letters
}

/// Takes away the first line break, the blanks before the closing quotes, and the
/// indentation that all lines share.
pub(super) fn dedent(inner: &str) -> String {
    let normal = inner.replace("\r\n", "\n");
    let mut text = normal.as_str();
    // The line of the opening quotes counts only if it holds anything.
    if let Some((first, rest)) = text.split_once('\n')
        && first.trim().is_empty()
    {
        text = rest;
    }
    if let Some((rest, last)) = text.rsplit_once('\n')
        && last.trim().is_empty()
    {
        text = rest;
    }
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let common = filled.map(indent).min().unwrap_or(0);
    let lines = text.split('\n').map(|line| match line.get(common..) {
        Some(rest) if !line.trim().is_empty() => rest,
        _ => line.trim(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Says that a number needs a unit.
pub(super) fn missing_unit(span: Span, number: &str) -> Diagnostic {
    Diagnostic::error(Code::MissingUnit, span, "a length of time needs a unit")
        .label("a number without a unit")
        .help(format!(
            "write `{number}d` for days; other units are `h`, `min`, `s` and `w`"
        ))
        .maybe(span, format!("{number}d"))
}

/// Days in place of months and years, to begin with.
fn days(number: &str, written: &str) -> Option<i64> {
    let unit = written.trim_start_matches(number);
    let each = if unit.starts_with('y') { 365 } else { 30 };
    number.parse::<i64>().ok()?.checked_mul(each)
}
