//! When things are: instants and lengths of time in whole seconds, and the clock.
//!
//! INVARIANT: nothing but [`clock`] asks what time it is.

pub mod calendar;
pub mod clock;
pub mod schedule;
mod zone;

pub use crate::time::zone::FixedOffset;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// An instant: seconds since 1970-01-01T00:00:00Z. Documents write it as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// A length of time in seconds; a day is always 24 hours.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
)]
#[serde(transparent)]
pub struct Duration(pub i64);

/// How long something may take: by the clock, or in days on which people work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// By the clock.
    Time(Duration),
    /// `5bd`: so many working days of the configured calendar.
    BusinessDays(u32),
}

impl Length {
    /// The length by the clock; `None` for business days, which need a calendar.
    pub fn time(self) -> Option<Duration> {
        match self {
            Self::Time(length) => Some(length),
            Self::BusinessDays(_) => None,
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(length) => write!(out, "{length}"),
            Self::BusinessDays(days) => write!(out, "{days}bd"),
        }
    }
}

impl Timestamp {
    /// Reads an RFC 3339 instant (`2026-11-20T12:00:00Z`), a local form without seconds or
    /// zone taken as UTC (`2026-11-20T12:00`), or a bare date, which is its midnight UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(instant.timestamp()));
        }
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Some(Self(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp()));
        }
        ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())
            .map(|local| Self(local.and_utc().timestamp()))
    }

    /// This instant in chrono's terms; the epoch where it lies outside chrono's years.
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }

    /// The instant `length` later; the far end of time instead of an overflow.
    #[must_use]
    pub fn after(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// The instant `length` earlier; the far end of time instead of an overflow.
    #[must_use]
    pub fn before(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(length.0))
    }

    /// For people who need no seconds: `2026-03-02 08:00 UTC`.
    pub fn to_the_minute(self) -> String {
        self.to_utc().format("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// The same in a zone, which it names: `2026-03-02 09:00 Europe/Oslo`.
    pub fn to_the_minute_in(self, zone: Tz) -> String {
        let local = self.to_utc().with_timezone(&zone);
        format!("{} {}", local.format("%Y-%m-%d %H:%M"), zone.name())
    }

    /// The date in a zone. Midnight UTC is how a bare date is kept, so it stays that date.
    pub fn date_in(self, zone: Tz) -> String {
        let utc = self.to_utc();
        let date = match self.0.rem_euclid(Duration::DAY.0) {
            0 => utc.date_naive(),
            _ => utc.with_timezone(&zone).date_naive(),
        };
        date.format("%Y-%m-%d").to_string()
    }

    /// The time that has passed since `earlier`; negative when that lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}

/// As people write it, in documents and in records alike.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What lies outside the years of the calendar is still a number.
        match DateTime::from_timestamp(self.0, 0) {
            Some(_) => serializer.collect_str(self),
            None => serializer.serialize_i64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Text(String),
        }

        match Written::deserialize(deserializer)? {
            Written::Number(seconds) => Ok(Self(seconds)),
            Written::Text(text) => Self::parse(&text).ok_or_else(|| {
                serde::de::Error::custom(format!("`{text}` is not an instant"))
            }),
        }
    }
}

impl Duration {
    /// One day, 24 hours.
    pub const DAY: Self = Self(86_400);
    /// One hour.
    pub const HOUR: Self = Self(3_600);

    /// Reads what the language writes: `90d`, `1d12h`, `30min`, `2w`; units in descending
    /// order, each once.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        let mut total = 0_i64;
        let mut last = i64::MAX;
        while !rest.is_empty() {
            let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let (number, behind) = rest.split_at_checked(digits)?;
            let end = behind
                .find(|letter: char| letter.is_ascii_digit())
                .unwrap_or(behind.len());
            let (unit, behind) = behind.split_at_checked(end)?;
            let seconds = match unit {
                "w" => 604_800,
                "d" => 86_400,
                "h" => 3_600,
                "min" => 60,
                "s" => 1,
                _ => return None,
            };
            if seconds >= last {
                return None;
            }
            last = seconds;
            total =
                total.checked_add(number.parse::<i64>().ok()?.checked_mul(seconds)?)?;
            rest = behind;
        }
        (last != i64::MAX).then_some(Self(total))
    }

    /// That many days of 24 hours.
    pub const fn days(count: i64) -> Self {
        Self(count.saturating_mul(86_400))
    }
}

impl fmt::Display for Duration {
    /// As the language writes it: `90d`, `1d12h`, `30min`, `0s`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.unsigned_abs();
        if self.0 < 0 {
            out.write_str("-")?;
        }
        if rest == 0 {
            return out.write_str("0s");
        }
        for (seconds, unit) in [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")] {
            if rest >= seconds {
                write!(out, "{}{unit}", rest / seconds)?;
                rest %= seconds;
            }
        }
        Ok(())
    }
}
