//! Schedules.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::Cx;
use crate::syntax::build::literal::missing_unit;
use crate::syntax::grammar::Rule;
use crate::syntax::mistakes::unexpected;
use crate::syntax::reword::{self, WEEKDAYS};
use crate::text::{Span, nearest};
use crate::time::schedule::Schedule;
use crate::time::{FixedOffset, Timestamp};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Weekday};
use chrono_tz::Tz;
use pest::iterators::Pair;

/// How schedules are written.
pub(in crate::syntax) const SCHEDULES: &str = "write `every day at 12:00`, `every hour`, \
     `every 15min`, `every monday, thursday at 09:00` or `every month on 1 at 09:00`";

impl Cx<'_> {
    pub(super) fn every(&mut self, pair: Pair<'_, Rule>) -> Option<Schedule> {
        let every = pair.into_inner().nth(1)?;
        let kind = every.as_rule();
        let (mut days, mut day) = (Vec::new(), None);
        let noon = NaiveTime::from_hms_opt(12, 0, 0)?;
        let (mut at, mut zone) = (noon, None);
        for inner in every.into_inner() {
            match inner.as_rule() {
                Rule::at_time => (at, zone) = self.at_time(inner, noon)?,
                Rule::weekday => days.push(weekday(inner.as_str())?),
                Rule::month_day => {
                    if day.is_some() {
                        self.second_day(&inner);
                        return None;
                    }
                    day = Some(self.month_day(&inner)?);
                }
                Rule::kw_hour => {
                    return Some(Schedule::Every(crate::time::Duration::HOUR));
                }
                Rule::kw_minute => {
                    return Some(Schedule::Every(crate::time::Duration(60)));
                }
                Rule::length => return self.every_length(inner),
                _ => {}
            }
        }
        Some(match kind {
            Rule::every_month => Schedule::Monthly { day: day?, at, zone },
            Rule::every_week => Schedule::Weekly { days, at, zone },
            _ => Schedule::Daily { at, zone },
        })
    }

    /// `once at 2026-12-01T09:00 in ZONE`: a local time, unless it ends with `Z`.
    pub(super) fn once(&mut self, pair: Pair<'_, Rule>) -> Option<Schedule> {
        let (mut at, mut zone, mut zoned) = (None, None, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::instant => at = Some(self.once_at(&inner)?),
                Rule::date => {
                    self.day_only(&inner);
                    return None;
                }
                Rule::zone => {
                    zoned = Some(self.span(&inner));
                    zone = Some(self.zone(&inner)?);
                }
                _ => {}
            }
        }
        let (at, utc) = at?;
        if let Some(place) = zoned.filter(|_| utc) {
            let message = "the time zone is given twice";
            self.report(
                Diagnostic::error(Code::BadTime, place, message)
                    .label("`Z` before it says UTC already")
                    .help("take the `Z` or the zone out"),
            );
            return None;
        }
        Some(Schedule::Once { at, zone: if utc { Some(Tz::UTC) } else { zone } })
    }

    /// The local time of `once at`, and whether it is one in UTC.
    fn once_at(&mut self, pair: &Pair<'_, Rule>) -> Option<(NaiveDateTime, bool)> {
        let span = self.span(pair);
        let written = pair.as_str().to_ascii_uppercase();
        let (local, utc) = match written.strip_suffix('Z') {
            Some(local) => (local, true),
            None => (written.as_str(), false),
        };
        let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
        let parsed = forms
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(local, form).ok())
            .filter(|at| !is_leap(at.time()));
        if let Some(at) = parsed {
            return Some((at, utc));
        }
        let offset = DateTime::parse_from_str(&written, "%Y-%m-%dT%H:%M%:z").ok();
        let offset = offset.map(|at| Timestamp(at.timestamp()));
        let finding = match offset.or_else(|| Timestamp::parse(&written)) {
            // Only what ends with an offset is an instant and none of the forms above.
            Some(instant) if !utc => {
                let right = instant.to_string();
                let message = format!("`{written}` names an offset, not a zone");
                Diagnostic::error(Code::BadTime, span, message)
                    .label("no place keeps one offset for good")
                    .help(format!("write `{right}`, or a local time and `in ZONE`"))
                    .maybe(span, right)
            }
            _ => {
                let message = format!("`{written}` is no date and time");
                Diagnostic::error(Code::BadDate, span, message)
                    .label("this day or time does not exist")
                    .help("write one such as `2026-12-01T09:00`")
            }
        };
        self.report(finding);
        None
    }

    fn day_only(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        let written = pair.as_str();
        if NaiveDate::parse_from_str(written, "%Y-%m-%d").is_err() {
            let message = format!("`{written}` is no date");
            self.report(
                Diagnostic::error(Code::BadDate, span, message)
                    .label("this day does not exist")
                    .help("write one such as `2026-12-01T09:00`"),
            );
            return;
        }
        let right = format!("{written}T12:00");
        let message = format!("`once at {written}` needs a time of day");
        self.report(
            Diagnostic::error(Code::BadTime, span, message)
                .label("the whole day")
                .help(format!("write `{right}`, for example"))
                .maybe(span, right),
        );
    }

    fn second_day(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        self.report(
            Diagnostic::error(Code::Syntax, span, "`every month` falls on one day")
                .label("the second one")
                .help("make two policies, or write days of the week"),
        );
    }

    /// The day behind `every month on`.
    fn month_day(&mut self, pair: &Pair<'_, Rule>) -> Option<u32> {
        let span = self.span(pair);
        let written = self.snippet(span);
        let day = written.parse::<u32>().ok();
        if let Some(day) = day.filter(|day| (1..=31).contains(day)) {
            return Some(day);
        }
        if day.is_none()
            && let Some(right) = reword::month_day(written)
        {
            let message = format!("`{written}` is written `{right}` here");
            let label = if right == "31" {
                "31 is the last day of every month"
            } else {
                "a day of the month is a number"
            };
            self.report(
                Diagnostic::error(Code::Syntax, span, message)
                    .label(label)
                    .help(format!("write `every month on {right}`"))
                    .fix(span, right),
            );
            return None;
        }
        let message = format!("no month has a day `{written}`");
        let finding = Diagnostic::error(Code::BadNumber, span, message)
            .label("from 1 to 31")
            .help("31 is the last day of every month");
        let right = match day {
            Some(0) => Some("1".to_owned()),
            Some(_) => Some("31".to_owned()),
            None => None,
        };
        self.report(match right {
            Some(right) => finding
                .help(format!("write `every month on {right}`"))
                .maybe(span, right),
            None => finding,
        });
        None
    }

    fn every_length(&mut self, pair: Pair<'_, Rule>) -> Option<Schedule> {
        let span = self.span(&pair);
        let written = self.snippet(span);
        if written.starts_with('"') {
            let message = format!("`{written}` is no schedule");
            let finding = Diagnostic::error(Code::Syntax, span, message).label("a text");
            self.report(match reword::cron(written) {
                Some(right) => {
                    finding.help(format!("write `every {right}`")).maybe(span, right)
                }
                None => finding.help(SCHEDULES),
            });
            return None;
        }
        if written.chars().all(char::is_alphabetic) {
            let words = WEEKDAYS.into_iter().chain(["day", "hour", "minute", "month"]);
            let other = reword::schedule(&[written]).map(|found| found.right);
            let near = nearest(written, words).into_iter().next();
            let message = format!("`{written}` is no schedule");
            let mut finding =
                Diagnostic::error(Code::Syntax, span, message).label("not known");
            finding = match other.or(near.map(str::to_owned)) {
                Some(right) => {
                    finding.help(format!("write `every {right}`")).maybe(span, right)
                }
                None => finding.help(SCHEDULES),
            };
            self.report(finding);
            return None;
        }
        if written.parse::<u64>().is_ok() {
            self.report(missing_unit(span, written));
            return None;
        }
        let length = self.length(pair)?;
        if length.value.0 < 60 {
            let message = format!("`{written}` is shorter than a minute");
            self.report(
                Diagnostic::error(Code::BadNumber, span, message)
                    .label("a minute at least")
                    .help("write `every 1min`")
                    .maybe(span, "1min"),
            );
            return None;
        }
        Some(Schedule::Every(length.value))
    }

    fn at_time(
        &mut self,
        pair: Pair<'_, Rule>,
        noon: NaiveTime,
    ) -> Option<(NaiveTime, Option<Tz>)> {
        let (mut at, mut zone) = (noon, None);
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::time_of_day => {
                    let text = inner.as_str();
                    let time = NaiveTime::parse_from_str(text, "%H:%M")
                        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"));
                    let Some(time) = time.ok().filter(|time| !is_leap(*time)) else {
                        let span = self.span(&inner);
                        let message = format!("`{text}` is no time of day");
                        self.report(
                            Diagnostic::error(Code::BadTime, span, message)
                                .label("from `00:00` to `23:59`"),
                        );
                        return None;
                    };
                    at = time;
                }
                Rule::zone => zone = Some(self.zone(&inner)?),
                Rule::bare_zone => zone = Some(self.bare_zone(&inner)?),
                _ => {}
            }
        }
        Some((at, zone))
    }

    fn zone(&mut self, pair: &Pair<'_, Rule>) -> Option<Tz> {
        let span = self.span(pair);
        let written = self.snippet(span);
        if let Some(zone) = known_zone(written) {
            self.fixed_offset(zone, pair);
            return Some(zone);
        }
        let inner = written.trim_matches('"');
        if let Some(zone) = known_zone(inner) {
            let right = zone.name();
            self.report(
                Diagnostic::error(Code::Syntax, span, "a zone stands without quotes")
                    .label("in quotes")
                    .help(format!("write `{right}`"))
                    .fix(span, right),
            );
            return None;
        }
        let message = format!("no time zone named `{inner}`");
        let mut finding = Diagnostic::error(Code::UnknownZone, span, message)
            .label("not in the list of zones")
            .help("zones are written `Europe/Paris`, `America/New_York` or `UTC`");
        if let Some(right) = meant_zone(inner) {
            finding = finding.help(format!("write `{right}`")).maybe(span, right);
        }
        self.report(finding);
        None
    }

    /// `at 09:00 UTC`: the zone, and no `in` before it.
    fn bare_zone(&mut self, pair: &Pair<'_, Rule>) -> Option<Tz> {
        let span = self.span(pair);
        let written = self.snippet(span);
        let here = Span { end: span.start, ..span };
        let message = format!("`in` is missing before `{written}`");
        let finding = Diagnostic::error(Code::Syntax, span, message);
        self.report(match (known_zone(written), meant_zone(written)) {
            (Some(_), _) => finding
                .label("a time zone")
                .help(format!("write `in {written}`"))
                .fix(here, "in "),
            (None, Some(right)) => finding
                .label("a time zone")
                .help(format!("write `in {right}`"))
                .maybe(span, format!("in {right}")),
            _ => unexpected(written, span).help(SCHEDULES),
        });
        None
    }
}

fn known_zone(written: &str) -> Option<Tz> {
    let mut known = chrono_tz::TZ_VARIANTS.iter();
    known.find(|zone| zone.name().eq_ignore_ascii_case(written)).copied()
}

/// The zone that an abbreviation, a city or a misspelled name means.
fn meant_zone(written: &str) -> Option<&'static str> {
    let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let short = match written.to_ascii_uppercase().as_str() {
        "PST" | "PDT" | "PT" | "PACIFIC" => Some("America/Los_Angeles"),
        "MDT" | "MT" | "MOUNTAIN" => Some("America/Denver"),
        "CDT" | "CST" | "CT" | "CENTRAL" => Some("America/Chicago"),
        "EDT" | "ET" | "EASTERN" => Some("America/New_York"),
        "BST" => Some("Europe/London"),
        "CEST" => Some("CET"),
        "EEST" => Some("EET"),
        "JST" => Some("Asia/Tokyo"),
        "SGT" => Some("Asia/Singapore"),
        "AEST" | "AEDT" => Some("Australia/Sydney"),
        "Z" => Some("UTC"),
        _ => None,
    };
    let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    let place = written.replace(' ', "_");
    short
        .or_else(|| names().find(|name| city(name).eq_ignore_ascii_case(&place)))
        .or_else(|| {
            // Abbreviations are near to others that lie elsewhere.
            let long = place.chars().count() > 4;
            long.then(|| nearest(&place, names()).into_iter().next()).flatten()
        })
}

impl Cx<'_> {
    /// A zone that keeps one offset all the year.
    fn fixed_offset(&mut self, zone: Tz, pair: &Pair<'_, Rule>) {
        let Some(fixed) = FixedOffset::of(zone) else { return };
        let message = format!("`{}` is a fixed offset, and no place", zone.name());
        let span = self.span(pair);
        let finding = Diagnostic::warning(Code::FixedOffset, span, message)
            .label(fixed.words)
            .help(fixed.help);
        self.report(match fixed.place {
            Some(place) => finding.maybe(span, place),
            None => finding,
        });
    }
}

/// Whether a time is a leap second, in which no schedule falls.
fn is_leap(time: NaiveTime) -> bool {
    time.nanosecond() >= 1_000_000_000
}

fn weekday(word: &str) -> Option<Weekday> {
    word.parse().ok()
}
