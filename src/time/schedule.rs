//! When a policy is evaluated.

use crate::time::{Duration, Timestamp};
use chrono::{
    DateTime, Datelike as _, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime,
    TimeDelta, TimeZone as _, Weekday,
};
use chrono_tz::Tz;

/// A rule that gives instants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// `every 15min`, `every hour`: at the multiples of the length since the epoch.
    Every(Duration),
    /// `every day at 12:00 in ZONE`.
    Daily {
        /// The local time.
        at: NaiveTime,
        /// Where it is local; the configuration's zone where none is written.
        zone: Option<Tz>,
    },
    /// `every monday, thursday at 09:00 in ZONE`.
    Weekly {
        /// The days.
        days: Vec<Weekday>,
        /// The local time.
        at: NaiveTime,
        /// Where it is local.
        zone: Option<Tz>,
    },
    /// `every month on 31 at 09:00 in ZONE`: a day that a month lacks means its last day.
    Monthly {
        /// The day, 1 to 31.
        day: u32,
        /// The local time.
        at: NaiveTime,
        /// Where it is local.
        zone: Option<Tz>,
    },
    /// `once at 2026-12-01T09:00 in ZONE`, and never again.
    Once {
        /// The local time.
        at: NaiveDateTime,
        /// Where it is local.
        zone: Option<Tz>,
    },
}

impl Default for Schedule {
    /// Every day at 12:00.
    fn default() -> Self {
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
        Self::Daily { at: noon, zone: None }
    }
}

impl Schedule {
    /// The first instant after `now`; `zone` holds where the schedule names none.
    pub fn next_after(&self, now: Timestamp, zone: Tz) -> Option<Timestamp> {
        if let Self::Every(length) = self {
            let length = length.0.max(1);
            return Some(Timestamp(
                (now.0.div_euclid(length) + 1).saturating_mul(length),
            ));
        }
        let zone = self.zone().unwrap_or(zone);
        if let Self::Once { at, .. } = self {
            return resolve(zone, *at).filter(|instant| *instant > now);
        }
        let today = now.to_utc().with_timezone(&zone).date_naive();
        // One day back: a time that a clock change skipped can fall on the day after. A
        // year and two months ahead covers every rule.
        let first = today.checked_sub_days(Days::new(1))?;
        first
            .iter_days()
            .take(430)
            .filter(|day| self.falls_on(*day))
            .filter_map(|day| resolve(zone, day.and_time(self.at())))
            .find(|instant| *instant > now)
    }

    fn zone(&self) -> Option<Tz> {
        match self {
            Self::Every(_) => None,
            Self::Daily { zone, .. }
            | Self::Weekly { zone, .. }
            | Self::Monthly { zone, .. }
            | Self::Once { zone, .. } => *zone,
        }
    }

    fn at(&self) -> NaiveTime {
        match self {
            Self::Every(_) => NaiveTime::default(),
            Self::Daily { at, .. }
            | Self::Weekly { at, .. }
            | Self::Monthly { at, .. } => *at,
            Self::Once { at, .. } => at.time(),
        }
    }

    fn falls_on(&self, date: NaiveDate) -> bool {
        match self {
            Self::Every(_) | Self::Daily { .. } => true,
            Self::Weekly { days, .. } => days.contains(&date.weekday()),
            Self::Monthly { day, .. } => {
                let next = date.succ_opt();
                let last_day = next.is_none_or(|next| next.month() != date.month());
                date.day() == *day || (last_day && date.day() < *day)
            }
            Self::Once { at, .. } => at.date() == date,
        }
    }
}

/// The instant of a local time: the first of two where clocks go back, the next existing
/// one where they skip it.
pub(super) fn resolve(zone: Tz, local: NaiveDateTime) -> Option<Timestamp> {
    let instant = |time: DateTime<Tz>| Timestamp(time.timestamp());
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => Some(instant(time)),
        LocalResult::Ambiguous(first, _) => Some(instant(first)),
        // A skipped time runs when the gap ends. Gaps are up to a day (a date line moved);
        // the zones' rules know whole minutes.
        LocalResult::None => (1..=24 * 60 + 1).find_map(|minutes| {
            let later = local.checked_add_signed(TimeDelta::minutes(minutes))?;
            zone.from_local_datetime(&later).earliest().map(instant)
        }),
    }
}
