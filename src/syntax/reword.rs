//! Other words for clauses, schedules, limits and events, and how the language says them.

use crate::text::{fold, nearest};
use chrono::NaiveDate;

/// The days of the week, as the language writes them.
pub(super) const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The events whose words are always the same.
const EVENTS: [&str; 10] = [
    "user created",
    "user updated",
    "user suspended",
    "mfa updated",
    "group joined",
    "group left",
    "access rejected",
    "access expired",
    "event",
    "request",
];

/// A stretch of words, from which word up to which, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reword {
    /// The first word, counted from 0.
    pub(super) first: usize,
    /// How many words.
    pub(super) count: usize,
    /// What to write for them; empty to take them out.
    pub(super) right: String,
}

#[expect(clippy::unnecessary_wraps, reason = "every caller gives an answer or none")]
fn reword(first: usize, count: usize, right: impl Into<String>) -> Option<Reword> {
    Some(Reword { first, count, right: right.into() })
}

/// The words that begin a clause in the words of other languages, or of plain English.
pub(super) fn clause(words: &[&str]) -> Option<Reword> {
    let words: Vec<String> = words.iter().take(3).map(|word| fold(word)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (count, right) = match words.as_slice() {
        [
            "exclude" | "excluding" | "exempt" | "exempting" | "excepting" | "except",
            "for" | "if" | "when" | "where",
            ..,
        ] => (2, "except"),
        [
            "exclude" | "excluding" | "exempt" | "exempting" | "excepting" | "besides",
            ..,
        ] => (1, "except"),
        ["but", "not", ..] | ["apart" | "aside", "from", ..] => (2, "except"),
        ["daily", ..] => (1, "every day"),
        ["hourly", ..] => (1, "every hour"),
        ["nightly", ..] => (1, "every day at 00:00"),
        ["weekly", "on", ..] => (2, "every"),
        ["monthly", "on", ..] => (2, "every month on"),
        ["weekly", ..] => (1, "every monday"),
        ["monthly", ..] => (1, "every month on 1"),
        ["run" | "schedule" | "check" | "scheduled", "every" | "each", ..] => {
            (2, "every")
        }
        ["run" | "schedule" | "scheduled", "daily", ..] => (2, "every day"),
        ["run" | "schedule" | "scheduled", "once", ..] => (2, "once"),
        ["on", day, ..] if weekday(day).is_some() => (1, "every"),
        ["schedule" | "cron" | "every", text, ..] if text.starts_with('"') => {
            return reword(0, 2, format!("every {}", cron(text)?));
        }
        ["each" | "schedule", ..] => (1, "every"),
        ["reviewed" | "approved", "by", ..] => (2, "reviewers"),
        ["reviewer" | "approver" | "approvers", ..] => (1, "reviewers"),
        ["else" | "default" | "otherwise", "do", ..] => (2, "otherwise then"),
        ["else", ..] => (1, "otherwise"),
        ["in" | "for", "app" | "apps", ..] => (1, "for accounts in"),
        ["in", "any", "case"] => (3, "always"),
        [
            "trigger" | "triggered" | "start" | "started" | "starts",
            "on" | "by" | "when",
            ..,
        ] => (2, "on"),
        ["trigger" | "upon", ..] => (1, "on"),
        ["after", "user" | "group", ..] => (1, "on"),
        ["stop" | "abort" | "end", "on" | "when" | "if", ..]
        | ["cancel", "when" | "if" | "where", ..] => (2, "cancel on"),
        ["reset" | "begin", "on" | "when" | "if", ..]
        | ["restart", "when" | "if" | "where", ..] => (2, "restart on"),
        ["priority" | "ranked", ..] => (1, "rank"),
        ["at", "most", ..] | ["up" | "limited", "to", ..] => (2, "limit"),
        ["max" | "maximum" | "cap" | "limits", ..] => (1, "limit"),
        ["applies", "to", ..] => (2, "for"),
        ["scope" | "target" | "targets", ..] => (1, "for"),
        ["send", "report", "to"] | ["send", "a", "report"] => (3, "report to"),
        ["reports" | "reporting", "to", ..] => (2, "report to"),
        ["counting" | "counted" | "count", "from" | "since", "activation"] => {
            (3, "count from activation")
        }
        ["if", ..] => (1, "when"),
        _ => return None,
    };
    reword(0, count, right)
}

/// Words behind `every`.
pub(super) fn schedule(words: &[&str]) -> Option<Reword> {
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
    if let Some(found) = day_of_month(&folded).or_else(|| cron_words(words)) {
        return Some(found);
    }
    let (count, right) = match folded.as_slice() {
        ["other" | "second" | "two", "day" | "days", ..] => (2, "2d"),
        ["other" | "second" | "two", "week" | "weeks", ..] => (2, "2w"),
        ["working" | "business", "day", ..] => {
            (2, "monday, tuesday, wednesday, thursday, friday")
        }
        ["weekday" | "weekdays" | "workday", ..] => {
            (1, "monday, tuesday, wednesday, thursday, friday")
        }
        ["weekend" | "weekends", ..] => (1, "saturday, sunday"),
        ["week", "on", ..] => (2, ""),
        ["week" | "weeks", ..] => (1, "monday"),
        ["night" | "midnight", ..] => (1, "day at 00:00"),
        ["morning", ..] => (1, "day at 09:00"),
        ["noon" | "midday", ..] => (1, "day at 12:00"),
        ["evening", ..] => (1, "day at 18:00"),
        ["days", ..] => (1, "day"),
        ["hours", ..] => (1, "hour"),
        ["quarter", ..] => (1, "month on 1"),
        ["first" | "1st", "of", "the", "month", ..] => (4, "month on 1"),
        ["first" | "1st", "of", "month", ..] => (3, "month on 1"),
        ["last", "day", "of", "the", "month", ..] => (5, "month on 31"),
        ["month" | "months", "at" | "in", ..] | ["month" | "months"] => (1, "month on 1"),
        _ => return capital(words).or_else(|| words_of_time(&folded)),
    };
    reword(0, count, right)
}

/// `25th of the month`.
fn day_of_month(folded: &[&str]) -> Option<Reword> {
    let [first, "of", rest @ ..] = folded else { return None };
    let day = month_day(first)?;
    let each = matches!(rest.first(), Some(&("the" | "each" | "every" | "a")));
    let month = rest.get(usize::from(each)).copied();
    let found = matches!(month, Some("month" | "months"));
    let count = 3 + usize::from(each);
    if found { reword(0, count, format!("month on {day}")) } else { None }
}

/// A day of the week that begins with a capital.
fn capital(words: &[&str]) -> Option<Reword> {
    let at = words.iter().position(|word| {
        let folded = fold(word);
        folded != **word && WEEKDAYS.contains(&folded.as_str())
    })?;
    reword(at, 1, fold(words.get(at)?))
}

/// A schedule of cron, in quotes.
fn cron_words(words: &[&str]) -> Option<Reword> {
    reword(0, 1, cron(words.first()?)?)
}

/// What `"0 9 * * 1"` means, without `every`.
pub(super) fn cron(text: &str) -> Option<String> {
    let fields: Vec<&str> = text
        .strip_prefix('"')?
        .strip_suffix('"')?
        .split_whitespace()
        .collect();
    let [minute, hour, day, "*", weekday] = fields.as_slice() else { return None };
    let clock = || {
        let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
        (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
    };
    match (*minute, *hour, *day, *weekday) {
        ("0", "*", "*", "*") => Some("hour".to_owned()),
        (minute, "*", "*", "*") => {
            let each = minute.strip_prefix("*/")?.parse::<u32>().ok()?;
            Some(format!("{each}min"))
        }
        (_, _, "*", "*") => Some(format!("day at {}", clock()?)),
        (_, _, day, "*") => {
            let day = day.parse::<u32>().ok().filter(|day| (1..=31).contains(day))?;
            Some(format!("month on {day} at {}", clock()?))
        }
        (_, _, "*", days) => Some(format!("{} at {}", cron_days(days)?, clock()?)),
        _ => None,
    }
}

/// `1-5`, `1,3` and `MON`: days of the week, Sunday being 0 and 7.
fn cron_days(text: &str) -> Option<String> {
    let day = |word: &str| match word.parse::<usize>() {
        Ok(number) if number < 8 => Some((number + 6) % 7),
        Ok(_) => None,
        Err(_) => {
            let name = weekday(&fold(word))?;
            WEEKDAYS.iter().position(|day| *day == name)
        }
    };
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        days.extend((first..=last).filter_map(|at| WEEKDAYS.get(at).copied()));
    }
    (!days.is_empty()).then(|| days.join(", "))
}

/// The first word of a schedule that is a day or a time in other words.
fn words_of_time(words: &[&str]) -> Option<Reword> {
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| words.get(before)).copied();
        let behind = words.get(at + 1).copied();
        if !WEEKDAYS.contains(word)
            && let Some(day) = weekday(word)
        {
            return reword(at, 1, day);
        }
        if matches!(before, None | Some("," | "and"))
            && let Some(near) = misspelled(word, before.is_none())
        {
            return reword(at, 1, near);
        }
        match *word {
            "and" | "&" | "or" if behind.and_then(weekday).is_some() => {
                return reword(at, 1, ",");
            }
            "on" if before != Some("month") && behind.and_then(weekday).is_some() => {
                return reword(at, 1, "");
            }
            "noon" | "midday" => return reword(at, 1, "12:00"),
            "midnight" => return reword(at, 1, "00:00"),
            "around" | "by" | "@" => return reword(at, 1, "at"),
            _ => {}
        }
        if let Some(clock) = clock(word, behind, before == Some("at")) {
            let pm = matches!(behind, Some("am" | "pm" | "o'clock"));
            let right = if matches!(before, Some("at" | "," | "and")) {
                clock
            } else {
                format!("at {clock}")
            };
            return reword(at, if pm { 2 } else { 1 }, right);
        }
    }
    None
}

/// A day or an hour with a letter too many, too few or in the wrong place.
fn misspelled(word: &str, first: bool) -> Option<&'static str> {
    const OTHERS: [&str; 4] = ["day", "hour", "minute", "month"];
    if word.chars().count() < 3 || WEEKDAYS.contains(&word) || OTHERS.contains(&word) {
        return None;
    }
    let others = if first { OTHERS.as_slice() } else { &[] };
    let known = WEEKDAYS.iter().chain(others).copied();
    nearest(word, known).into_iter().next()
}

/// A day of the week that is cut short, or several of them.
fn weekday(word: &str) -> Option<&'static str> {
    let bare = word.strip_suffix('s').unwrap_or(word);
    let short = |day: &&&str| bare.chars().count() >= 3 && day.starts_with(bare);
    WEEKDAYS
        .iter()
        .find(|day| **day == word)
        .or_else(|| WEEKDAYS.iter().find(short))
        .copied()
}

/// `the 1st`, `last day`: the number alone.
pub(super) fn month_day(written: &str) -> Option<String> {
    let written = fold(written);
    let words: Vec<&str> = written.split_whitespace().collect();
    let word = words.iter().find(|word| !matches!(**word, "the" | "day"))?;
    match *word {
        "first" => return Some("1".to_owned()),
        "last" | "end" => return Some("31".to_owned()),
        _ => {}
    }
    let ends = ["st", "nd", "rd", "th", "."];
    let number = ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    let number = number.parse::<u32>().ok().filter(|number| (1..=31).contains(number));
    number.map(|number| number.to_string())
}

/// The days that a date in other forms may name, as the language writes them: several where
/// day and month, or two digits of a year, could change places.
pub(super) fn dates(written: &str) -> Vec<String> {
    let parts: Vec<&str> = written.split(['.', '/', '-']).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let ([first, second, third], [first_part, _, third_part]) =
        (numbers.as_slice(), parts.as_slice())
    else {
        return Vec::new();
    };
    let (day_first, month_first) = ((*third, *second, *first), (*third, *first, *second));
    let year_first = (*first, *second, *third);
    let readings = match (first_part.len(), third_part.len()) {
        (4, _) => vec![year_first],
        (_, 2) => vec![day_first, month_first, year_first],
        _ if written.contains('.') => vec![day_first, month_first],
        _ => vec![month_first, day_first],
    };
    let mut dates: Vec<String> = Vec::new();
    for (year, month, day) in readings {
        let year = if year < 100 { year + 2000 } else { year };
        let date = i32::try_from(year)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
            .map(|date| date.to_string());
        dates.extend(date.filter(|date| !dates.contains(date)));
    }
    dates
}

/// Words behind `activity from`.
pub(super) fn signs(words: &[&str]) -> Option<Reword> {
    let only = words.iter().position(|word| *word == "only")?;
    match words.get(only + 1).map(|word| fold(word)).as_deref() {
        Some("logins" | "login") => reword(only, 2, "logins only"),
        _ => None,
    }
}

/// A time of day that is not written as one, or that lacks its `at`.
fn clock(word: &str, behind: Option<&str>, at: bool) -> Option<String> {
    let (number, afternoon) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(number), _) => (number, Some(false)),
        (_, Some(number)) => (number, Some(true)),
        _ => match behind {
            Some("am") => (word, Some(false)),
            Some("pm") => (word, Some(true)),
            _ => (word, None),
        },
    };
    let (hour, minute) = match number.split_once([':', '.', 'h']) {
        Some((hour, minute)) => (hour, minute),
        None if afternoon.is_some() || at => (number, "00"),
        None => return None,
    };
    let hour: u32 = hour.parse().ok()?;
    let minute: u32 = minute.parse().ok()?;
    let hour = match afternoon {
        Some(true) if hour < 12 => hour + 12,
        Some(false) if hour == 12 => 0,
        _ => hour,
    };
    let right = format!("{hour:02}:{minute:02}");
    // What is right already needs no other words.
    let fits =
        hour < 24 && minute < 60 && !(at && number == right && afternoon.is_none());
    fits.then_some(right)
}

/// Words behind `limit`.
pub(super) fn limit(words: &[&str]) -> Option<Reword> {
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
    match folded.as_slice() {
        ["larger" | "smaller", ..] => {
            return reword(0, 1, format!("the {}", folded.first()?));
        }
        ["unlimited" | "off" | "no" | "infinite", ..] => {
            return reword(0, 1, "none \"the reason\"");
        }
        ["to" | "is" | "of" | "=", ..] => return reword(0, 1, ""),
        _ => {}
    }
    for (at, word) in folded.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| folded.get(before)).copied();
        let (count, right) = match *word {
            "bigger" | "greater" | "greatest" | "largest" | "maximum" | "max"
            | "higher" => {
                (1, if before == Some("the") { "larger" } else { "the larger of" })
            }
            "lower" | "lesser" | "least" | "smallest" | "minimum" | "min" | "fewer" => {
                (1, if before == Some("the") { "smaller" } else { "the smaller of" })
            }
            "or" | "," if at > 3 => (1, "and"),
            "percent" | "per" => {
                let number = before?;
                let count = if *word == "per" { 3 } else { 2 };
                return reword(at - 1, count, format!("{number}%"));
            }
            "accounts" | "users" | "grants" | "runs" | "people" | "subjects" => (1, ""),
            _ => continue,
        };
        return reword(at, count, right);
    }
    None
}

/// The words of an event in other words.
pub(super) fn event(words: &[&str]) -> Option<Reword> {
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let folded: Vec<&str> = folded.iter().map(String::as_str).collect();
    let skipped = usize::from(matches!(folded.first(), Some(&("a" | "an" | "the"))));
    let rest = folded.get(skipped..).unwrap_or_default();
    let (count, right) = known_event(rest)
        .or_else(|| changed(rest, words.get(skipped..).unwrap_or_default()))?;
    reword(0, count + skipped, right)
}

fn known_event(words: &[&str]) -> Option<(usize, String)> {
    let user = |word: &str| {
        Some(match word {
            "create" | "creates" | "creation" | "added" | "new" | "joined" | "joins"
            | "registered" | "registers" | "imported" | "exists" | "onboarded"
            | "hired" => "user created",
            "signup" | "sign-up" => "user created by signup",
            "update" | "updates" | "modified" | "edited" | "change" | "changes" => {
                "user updated"
            }
            "suspend" | "suspends" | "suspension" => "user suspended",
            "disabled" | "disable" | "deactivated" => "user.status changed to disabled",
            "deleted" | "delete" | "removed" => "user.status changed to deleted",
            _ => return None,
        })
    };
    let (count, right) = match words {
        ["user", "added" | "joined", "to", "group", ..] => (4, "group joined"),
        ["user", "added" | "joined", "to", _, ..] => (3, "group joined"),
        ["user", "removed", "from", "group", ..] => (4, "group left"),
        ["user", "removed", "from", _, ..] => (3, "group left"),
        ["user", "joined" | "joins" | "enters", "group", ..] => (3, "group joined"),
        ["user", "left" | "leaves", "group", ..] => (3, "group left"),
        ["user", "joined" | "joins" | "enters", _, ..] => (2, "group joined"),
        ["user", "left" | "leaves", _, ..] => (2, "group left"),
        ["user", "is" | "was" | "gets" | "has", "been", word, ..] => (4, done(word)?),
        ["user", "is" | "was" | "gets" | "has", word, ..] => (3, done(word)?),
        ["user", "signs" | "signed" | "sign", "up", ..] => (3, "user created by signup"),
        ["new" | "created", "user" | "users", ..] => (2, "user created"),
        ["updated", "user" | "users", ..] => (2, "user updated"),
        ["suspended", "user" | "users", ..] => (2, "user suspended"),
        ["users", "created" | "updated" | "suspended", ..] => (1, "user"),
        ["signup" | "sign-up", ..] => (1, "user created by signup"),
        [
            "mfa",
            "update" | "change" | "changes" | "reset" | "enrolled" | "removed",
            ..,
        ] => (2, "mfa updated"),
        ["group", "join" | "joins" | "added" | "add" | "entered", ..] => {
            (2, "group joined")
        }
        ["join" | "joined" | "joins" | "joining" | "enter" | "entering", "group", ..] => {
            (2, "group joined")
        }
        ["added", "to", "group", ..] => (3, "group joined"),
        ["group", "leave" | "leaves" | "removed" | "remove", ..] => (2, "group left"),
        ["leave" | "leaves" | "leaving" | "left", "group", ..] => (2, "group left"),
        ["removed", "from", "group", ..] => (3, "group left"),
        [
            "access" | "review",
            "reject" | "rejects" | "denied" | "refused" | "rejected",
            ..,
        ]
        | ["rejected", "access" | "review", ..] => (2, "access rejected"),
        ["rejected"] => (1, "access rejected"),
        ["access", "expire" | "expires" | "expiry" | "ended" | "ends", ..]
        | ["grant" | "account" | "permission", "expired" | "expires", ..]
        | ["expired", "access", ..] => (2, "access expired"),
        ["expired" | "expiry"] => (1, "access expired"),
        ["user", word, ..] if user(word).is_some() => (2, user(word)?),
        _ => {
            let two = format!("{} {}", words.first()?, words.get(1)?);
            if EVENTS.contains(&two.as_str()) {
                return None;
            }
            (2, nearest(&two, EVENTS).into_iter().next()?)
        }
    };
    Some((count, right.to_owned()))
}

/// What was done to a user.
fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "created" | "added" | "new" => "user created",
        "updated" | "changed" | "modified" => "user updated",
        "suspended" => "user suspended",
        "disabled" => "user.status changed to disabled",
        "deleted" | "removed" => "user.status changed to deleted",
        _ => return None,
    })
}

/// An attribute that changes, in other words.
fn changed(folded: &[&str], words: &[&str]) -> Option<(usize, String)> {
    let word = |at: usize| words.get(at).copied();
    match folded {
        ["event" | "request", name, ..] if !name.starts_with('"') => {
            Some((2, format!("{} \"{}\"", folded.first()?, word(1)?)))
        }
        ["change" | "changes", "of" | "to" | "in", _, ..] => {
            Some((3, format!("{} changed", word(2)?)))
        }
        ["change" | "changes" | "changed", _, ..] => {
            Some((2, format!("{} changed", word(1)?)))
        }
        [_, "is" | "was" | "has", "changed", ..] => {
            Some((3, format!("{} changed", word(0)?)))
        }
        [_, "change" | "changes" | "changing" | "modified" | "updated", ..] => {
            Some((2, format!("{} changed", word(0)?)))
        }
        [_, "becomes" | "became" | "is" | "=" | "set", ..] => {
            Some((2, format!("{} changed to", word(0)?)))
        }
        _ => None,
    }
}
