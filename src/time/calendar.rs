//! The days on which people work, and lengths of time counted in them.
//!
//! A business day ends at the time of day at which it began, on the next working day. A time on
//! a day off counts as the beginning of the next working day: what begins on a Saturday has
//! until the end of Monday.

use crate::time::schedule::resolve;
use crate::time::{Length, Timestamp};
use chrono::{
    DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday,
};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Which days people work on, and where a day begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Where days begin and end.
    pub zone: Tz,
    /// The days of every week on which nobody works; one day of the week at least is not
    /// among them.
    pub weekend: Vec<Weekday>,
    /// Other days on which nobody works.
    pub holidays: BTreeSet<NaiveDate>,
}

impl Default for Calendar {
    /// Monday to Friday in UTC, without holidays.
    fn default() -> Self {
        Self {
            zone: Tz::UTC,
            weekend: vec![Weekday::Sat, Weekday::Sun],
            holidays: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// The instant that lies a length of time behind another.
    pub fn after(&self, from: Timestamp, length: Length) -> Timestamp {
        match length {
            Length::Time(length) => from.after(length),
            Length::BusinessDays(days) => {
                self.moved(from, i64::from(days)).unwrap_or(Timestamp(i64::MAX))
            }
        }
    }

    /// The instant from which a length of time leads to another.
    pub fn before(&self, until: Timestamp, length: Length) -> Timestamp {
        match length {
            Length::Time(length) => until.before(length),
            Length::BusinessDays(days) => {
                self.moved(until, -i64::from(days)).unwrap_or(Timestamp(i64::MIN))
            }
        }
    }

    /// The instant that another becomes where nobody could work from one instant to a later
    /// one: a working day counts 24 hours, wherever in it the two lie, and a day off none.
    pub fn stood_still(
        &self,
        at: Timestamp,
        (from, to): (Timestamp, Timestamp),
    ) -> Timestamp {
        self.put_behind(at, (from, to))
            .unwrap_or_else(|| at.after(to.since(from)))
    }

    fn put_behind(
        &self,
        at: Timestamp,
        (from, to): (Timestamp, Timestamp),
    ) -> Option<Timestamp> {
        let (from, to, at) = (self.worked(from)?, self.worked(to)?, self.worked(at)?);
        let mut days = 0;
        let mut day = from.date();
        while day < to.date() {
            day = day.succ_opt()?;
            days += i64::from(self.works(day));
        }
        let time = at.time().signed_duration_since(NaiveTime::MIN)
            + to.time().signed_duration_since(from.time());
        let whole = time.num_seconds().div_euclid(86_400);
        let seconds = time.num_seconds().rem_euclid(86_400);
        let time = NaiveTime::from_num_seconds_from_midnight_opt(
            u32::try_from(seconds).ok()?,
            0,
        )?;
        let day = self.working_day(at.date(), days + whole)?;
        resolve(self.zone, NaiveDateTime::new(day, time))
    }

    /// An instant by the clocks on the wall; one on a day off is the beginning of the next
    /// working day.
    fn worked(&self, at: Timestamp) -> Option<NaiveDateTime> {
        let local = self.local(at)?;
        let (mut day, mut time) = (local.date(), local.time());
        while !self.works(day) {
            day = day.succ_opt()?;
            time = NaiveTime::MIN;
        }
        Some(NaiveDateTime::new(day, time))
    }

    /// Whether people work on that day.
    pub fn works(&self, day: NaiveDate) -> bool {
        !self.weekend.contains(&day.weekday()) && !self.holidays.contains(&day)
    }

    /// So many working days on; nothing where the calendar of all years ends.
    fn moved(&self, from: Timestamp, days: i64) -> Option<Timestamp> {
        let from = self.worked(from)?;
        let day = self.working_day(from.date(), days)?;
        resolve(self.zone, NaiveDateTime::new(day, from.time()))
    }

    /// The working day so many working days behind or, with less than nothing, before one.
    fn working_day(&self, from: NaiveDate, days: i64) -> Option<NaiveDate> {
        let in_a_week = 7 - i64::try_from(self.days_off().len()).ok()?;
        if in_a_week <= 0 {
            return None;
        }
        let back = days < 0;
        let mut left = days.abs();
        let mut day = from;
        while left > 0 {
            // Whole weeks at once; those of their days that are holidays are still to come.
            let weeks = left / in_a_week;
            let next = if weeks > 0 { weeks.checked_mul(7)? } else { 1 };
            let next = Days::new(u64::try_from(next).ok()?);
            let moved = match back {
                true => day.checked_sub_days(next)?,
                false => day.checked_add_days(next)?,
            };
            left -= if weeks > 0 {
                weeks * in_a_week - self.holidays_between(day, moved)
            } else {
                i64::from(self.works(moved))
            };
            day = moved;
        }
        Some(day)
    }

    /// How many days behind the one, up to the other, are off for no other reason.
    fn holidays_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let counts = |day: &&NaiveDate| !self.weekend.contains(&day.weekday());
        let days = if from < to {
            (std::ops::Bound::Excluded(from), std::ops::Bound::Included(to))
        } else {
            (std::ops::Bound::Included(to), std::ops::Bound::Excluded(from))
        };
        let count = self.holidays.range(days).filter(counts).count();
        i64::try_from(count).unwrap_or(i64::MAX)
    }

    fn days_off(&self) -> BTreeSet<u32> {
        self.weekend.iter().map(Weekday::num_days_from_monday).collect()
    }

    fn local(&self, at: Timestamp) -> Option<NaiveDateTime> {
        let utc = DateTime::from_timestamp(at.0, 0)?;
        Some(utc.with_timezone(&self.zone).naive_local())
    }
}
