//! Schedules.

use crate::diagnose::{Code, Diagnostic};
use crate::syntax::build::Cx;
use crate::syntax::build::literal::missing_unit;
use crate::syntax::grammar::Rule;
use crate::syntax::reword::{self, WEEKDAYS};
use crate::text::nearest;
use crate::time::Timestamp;
use crate::time::schedule::Schedule;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
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
                Rule::foreign_date => {
                    self.foreign_date(self.span(&inner));
                    return None;
                }
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
            .find_map(|form| NaiveDateTime::parse_from_str(local, form).ok());
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
        let message = format!("no month has a day `{written}`");
        let finding = Diagnostic::error(Code::BadNumber, span, message)
            .label("from 1 to 31")
            .help("31 is the last day of every month");
        let right = match day {
            Some(0) => Some("1".to_owned()),
            Some(_) => Some("31".to_owned()),
            None => reword::month_day(written),
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
                    let Ok(time) = time else {
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
                _ => {}
            }
        }
        Some((at, zone))
    }

    fn zone(&mut self, pair: &Pair<'_, Rule>) -> Option<Tz> {
        let written = pair.as_str();
        let known = || chrono_tz::TZ_VARIANTS.iter();
        if let Some(zone) = known().find(|zone| zone.name().eq_ignore_ascii_case(written))
        {
            return Some(*zone);
        }
        let span = self.span(pair);
        let message = format!("no time zone named `{written}`");
        let mut finding = Diagnostic::error(Code::UnknownZone, span, message)
            .label("not in the list of zones")
            .help("zones are written `Europe/Paris`, `America/New_York` or `UTC`");
        let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
        let near = nearest(written, known().map(|zone| zone.name())).into_iter().next();
        let near = near.or_else(|| {
            let mut zones = known().map(|zone| zone.name());
            zones.find(|name| city(name).eq_ignore_ascii_case(written))
        });
        if let Some(near) = near {
            finding = finding.help(format!("write `{near}`")).maybe(span, near);
        }
        self.report(finding);
        None
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    word.parse().ok()
}
