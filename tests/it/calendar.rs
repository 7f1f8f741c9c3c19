//! Business days: against counting day by day, and what holds of them however they are counted.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Tz;
use proptest::prelude::*;
use tenure::time::calendar::Calendar;
use tenure::time::{Duration, Length, Timestamp};

const ZONES: [Tz; 5] = [
    Tz::UTC,
    Tz::Europe__Oslo,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Apia,
];

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn days(count: u32) -> Length {
    Length::BusinessDays(count)
}

fn day(calendar: &Calendar, at: Timestamp) -> NaiveDate {
    local(calendar, at).date_naive()
}

fn local(calendar: &Calendar, at: Timestamp) -> DateTime<Tz> {
    at.to_utc().with_timezone(&calendar.zone)
}

/// The day reached by going on one day at a time.
fn counted(calendar: &Calendar, from: Timestamp, count: u32) -> NaiveDate {
    let mut day = day(calendar, from);
    while !calendar.works(day) {
        day = day.succ_opt().unwrap();
    }
    for _ in 0..count {
        day = day.succ_opt().unwrap();
        while !calendar.works(day) {
            day = day.succ_opt().unwrap();
        }
    }
    day
}

fn calendars() -> impl Strategy<Value = Calendar> {
    let week: Vec<u8> = (0..7).collect();
    (
        prop::sample::select(&ZONES[..]),
        prop::sample::subsequence(week, 0..=6),
        prop::collection::btree_set(0..400_u64, 0..60),
    )
        .prop_map(|(zone, weekend, holidays)| {
            let first = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
            Calendar {
                zone,
                weekend: weekend
                    .iter()
                    .map(|it| Weekday::try_from(*it).unwrap())
                    .collect(),
                holidays: holidays
                    .iter()
                    .map(|it| first.checked_add_days(Days::new(*it)).unwrap())
                    .collect(),
            }
        })
}

/// Instants of fourteen months around the holidays.
fn instants() -> impl Strategy<Value = Timestamp> {
    let first = at("2026-05-15T00:00:00Z").0;
    (0..425_i64 * 86_400).prop_map(move |seconds| Timestamp(first + seconds))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_is_counting_day_by_day(
        calendar in calendars(), from in instants(), count in 0..400_u32,
    ) {
        let reached = calendar.after(from, days(count));
        prop_assert_eq!(day(&calendar, reached), counted(&calendar, from, count));
        // At the same time of day, but for what a clock change skips, and for days off.
        let began = if calendar.works(day(&calendar, from)) {
            local(&calendar, from).time()
        } else {
            NaiveTime::MIN
        };
        let ended = local(&calendar, reached).time();
        let later = ended.signed_duration_since(began).num_minutes();
        prop_assert!((0..=60).contains(&later), "{began} {ended}");
    }

    #[test]
    fn one_length_behind_another_is_their_sum(
        calendar in calendars(), from in instants(), one in 0..60_u32, other in 0..60_u32,
    ) {
        let both = calendar.after(calendar.after(from, days(one)), days(other));
        let sum = calendar.after(from, days(one + other));
        prop_assert_eq!(day(&calendar, both), day(&calendar, sum));
        // Only a time that a clock change skipped on the way is another one.
        prop_assert!(both.since(sum).0.abs() <= 3_600);
    }

    #[test]
    fn what_lies_before_leads_back(
        calendar in calendars(), until in instants(), count in 0..300_u32,
    ) {
        let from = calendar.before(until, days(count));
        prop_assert!(calendar.works(day(&calendar, from)));
        let reached = calendar.after(from, days(count));
        prop_assert_eq!(day(&calendar, reached), counted(&calendar, until, 0));
        let (zero, hour) = (calendar.after(until, days(0)), 3_600);
        prop_assert!(reached.since(zero).0.abs() <= hour, "{reached} {zero}");
        prop_assert!(count == 0 || from < until);
    }

    #[test]
    fn later_never_ends_earlier(
        calendar in calendars(), from in instants(), wait in 0..90_000_i64, count in 0..60_u32,
    ) {
        let one = calendar.after(from, days(count));
        let other = calendar.after(from.after(Duration(wait)), days(count));
        // Within the hour that a clock change repeats, times of day stand in another order.
        prop_assert!(one.since(other).0 <= 3_600, "{one} {other}");
        prop_assert!(calendar.after(from, days(count + 1)) > one);
        prop_assert!(count == 0 || one.since(from).0 > 3_600);
    }
}

#[test]
fn what_people_would_say() {
    let mut calendar = Calendar { zone: Tz::Europe__Oslo, ..Calendar::default() };
    let after = |calendar: &Calendar, from: &str, count| {
        local(calendar, calendar.after(at(from), days(count)))
            .format("%a %F %R")
            .to_string()
    };
    // From Friday to Monday, at the same time of day.
    assert_eq!(after(&calendar, "2026-11-20T14:00:00Z", 1), "Mon 2026-11-23 15:00");
    assert_eq!(after(&calendar, "2026-11-20T14:00:00Z", 5), "Fri 2026-11-27 15:00");
    // What begins on a day off has until the end of the next working day.
    assert_eq!(after(&calendar, "2026-11-21T14:00:00Z", 1), "Tue 2026-11-24 00:00");
    // It is Saturday there already.
    assert_eq!(after(&calendar, "2026-11-20T23:30:00Z", 1), "Tue 2026-11-24 00:00");
    // The clock goes back in between, and people don't care.
    assert_eq!(after(&calendar, "2026-10-23T07:00:00Z", 1), "Mon 2026-10-26 09:00");
    let christmas = ["2026-12-24", "2026-12-25", "2027-01-01"];
    calendar.holidays = christmas.iter().map(|day| day.parse().unwrap()).collect();
    assert_eq!(after(&calendar, "2026-12-23T09:00:00Z", 1), "Mon 2026-12-28 10:00");
    assert_eq!(after(&calendar, "2026-12-23T09:00:00Z", 5), "Mon 2027-01-04 10:00");
    // Work on every day of the week, on one alone, and to the end of all years.
    calendar.weekend = Vec::new();
    assert_eq!(after(&calendar, "2026-12-23T09:00:00Z", 1), "Sat 2026-12-26 10:00");
    calendar.weekend = vec![
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Sat,
        Weekday::Sun,
    ];
    assert_eq!(after(&calendar, "2026-11-20T09:00:00Z", 3), "Fri 2026-12-11 10:00");
    assert_eq!(calendar.after(at("2026-11-20"), days(u32::MAX)), Timestamp(i64::MAX));
    assert_eq!(calendar.before(at("2026-11-20"), days(u32::MAX)), Timestamp(i64::MIN));
    let year = calendar.after(at("2026-11-20"), days(1_000));
    assert_eq!(day(&calendar, year).year(), 2046);
}
