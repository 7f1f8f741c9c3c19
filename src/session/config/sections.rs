//! What each key of the file means.

use crate::actions::{self, HostPort, Settings};
use crate::diagnose::{Code, Level, Weight, nearest_codes};
use crate::engine::Protected;
use crate::ir::Limit;
use crate::session::config::people;
use crate::session::config::server;
use crate::session::config::table::{Table, Wrong, listed};
use crate::session::config::{Authority, Config};
use crate::text::{fold, nearest};
use crate::time::Duration;
use crate::time::calendar::Calendar;
use chrono::{NaiveDate, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::path::Path;

/// The only edition of the language there is.
pub(crate) const EDITION: u32 = 1;

/// The whole file. It is worth nothing once a finding was reported.
pub(crate) fn project(root: &mut Table<'_, '_>, folder: &Path) -> Config {
    let default = Config::default();
    let store = root.table("store", |table| {
        let path = table.text("path", |text| not_empty("path", text));
        (path, table.text("authority", authority))
    });
    let (store, authority) = store.unwrap_or_default();
    let path = |text: String| folder.join(text);
    let policies = root.table("policies", |table| {
        let paths = table.texts("paths", |text| not_empty("paths", text).map(path));
        let levels = table.table("levels", |table| table.entries(level));
        (paths, levels.unwrap_or_default().into_iter().collect())
    });
    let (policies, levels) = policies.unwrap_or_default();
    let smtp = root.table("smtp", people::smtp).flatten();
    let by_mail = root.has("smtp");
    let here = root.text("zone", zone).unwrap_or(default.zone);
    let (server, links) = root.table("server", server::server).unwrap_or_default();
    let config = Config {
        zone: here,
        admin: root.text("admin", address),
        edition: root.number("edition", edition).unwrap_or(default.edition),
        snooze: root.text("snooze", |text| duration("snooze", text)),
        store: folder.join(store.map_or(default.store, Into::into)),
        authority: authority.unwrap_or_default(),
        policies,
        levels,
        limit: root
            .table("limits", |table| table.number_or_text("store", count, percent))
            .flatten(),
        channels: root
            .table("notify", |table| people::notify(table, by_mail))
            .unwrap_or_default(),
        connectors: root.table("connectors", people::connectors).unwrap_or_default(),
        freshness: root
            .table("freshness", |table| table.entries(fresh))
            .unwrap_or_default()
            .into_iter()
            .collect(),
        protected: root.table("protected", protected).unwrap_or_default(),
        calendar: root
            .table("calendar", |table| calendar(table, here))
            .unwrap_or(Calendar { zone: here, ..Calendar::default() }),
        server,
        network: Settings {
            folder: folder.to_owned(),
            hosts: root
                .table("hosts", |table| table.texts("allow", host))
                .unwrap_or_default()
                .into_iter()
                .collect(),
            smtp,
            links,
        },
    };
    for name in ["people", "approval"] {
        root.later(name);
    }
    root.finish();
    config
}

/// How old the data of a source may be.
fn fresh(source: &str, text: &str) -> Result<(String, Duration), Wrong> {
    Ok((fold(source), duration(source, text)?))
}

fn protected(table: &mut Table<'_, '_>) -> Protected {
    Protected {
        users: table.texts("users", address),
        accounts: table.texts("accounts", |text| match text.split_once('/') {
            Some((app, name)) if !app.is_empty() && !name.is_empty() => {
                Ok(text.to_owned())
            }
            _ => Err(Wrong::new(format!("`{text}` is not an account"))
                .help("write the app and the name in it: `aws/root`")),
        }),
        groups: table.texts("groups", |text| not_empty("groups", text)),
    }
}

fn calendar(table: &mut Table<'_, '_>, here: Tz) -> Calendar {
    let zone = table.text("zone", zone).unwrap_or(here);
    let holidays = table.texts("holidays", holiday).into_iter().collect();
    let mut weekend = table.texts("weekend", weekday);
    weekend.sort_by_key(Weekday::num_days_from_monday);
    weekend.dedup();
    if weekend.len() == 7 {
        let wrong = Wrong::new("nobody works on any day of the week");
        table.misfit("weekend", wrong.help("leave a day out on which people work"));
    }
    if !table.has("weekend") {
        weekend = Calendar::default().weekend;
    }
    Calendar { zone, weekend, holidays }
}

fn holiday(text: &str) -> Result<NaiveDate, Wrong> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| {
        Wrong::new(format!("`{text}` is not a date")).help("write it as `2026-12-25`")
    })
}

fn weekday(text: &str) -> Result<Weekday, Wrong> {
    let names = [
        ("monday", Weekday::Mon),
        ("tuesday", Weekday::Tue),
        ("wednesday", Weekday::Wed),
        ("thursday", Weekday::Thu),
        ("friday", Weekday::Fri),
        ("saturday", Weekday::Sat),
        ("sunday", Weekday::Sun),
    ];
    let key = fold(text.trim());
    if let Some((_, day)) = names.iter().find(|(name, _)| *name == key) {
        return Ok(*day);
    }
    let wrong = Wrong::new(format!("`{text}` is not a day of the week"));
    Err(match nearest(&key, names.iter().map(|(name, _)| *name)).first() {
        Some(name) => wrong.help(format!("is `{name}` meant?")),
        None => wrong.help("write it in full: `saturday`"),
    })
}

pub(crate) fn not_empty(key: &str, text: &str) -> Result<String, Wrong> {
    match text.trim() {
        "" => Err(Wrong::new(format!("`{key}` is empty"))),
        text => Ok(text.to_owned()),
    }
}

fn zone(text: &str) -> Result<Tz, Wrong> {
    text.parse().map_err(|_| {
        let wrong = Wrong::new(format!("`{text}` is not a time zone"));
        match nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())).first() {
            Some(name) => wrong.help(format!("is `{name}` meant?")),
            None => wrong.help("write an IANA name such as `Europe/Oslo`"),
        }
    })
}

fn address(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if actions::is_address(text) {
        return Ok(text.to_owned());
    }
    Err(Wrong::new(format!("`{text}` is not an e-mail address")))
}

fn edition(number: u64) -> Result<u32, Wrong> {
    if number == u64::from(EDITION) {
        return Ok(EDITION);
    }
    Err(Wrong::new(format!("there is no edition {number}"))
        .help(format!("write {EDITION}")))
}

fn authority(text: &str) -> Result<Authority, Wrong> {
    match text {
        "store" => Ok(Authority::Store),
        _ => Err(Wrong::new(format!("`{text}` is no authority"))
            .help("write `store`, or leave the key out")),
    }
}

/// What becomes of the warnings of a code.
fn level(name: &str, text: &str) -> Result<(Code, Level), Wrong> {
    let Some(code) = Code::named(name) else {
        let wrong = Wrong::new(format!("there is no warning `{name}`"));
        return Err(match nearest_codes(name).first() {
            Some(near) => wrong.help(format!("is `{near}` meant?")),
            None => wrong.help("write the code that stands above the warning"),
        });
    };
    let known = ["allow", "deny", "warn"];
    let level = match text {
        "allow" => Level::Allow,
        "deny" => Level::Deny,
        "warn" => Level::Warn,
        _ => {
            return Err(Wrong::new(format!("`{text}` is no level"))
                .help(format!("known are {}", listed(&known))));
        }
    };
    match (code.weight(), level) {
        (Weight::Error, Level::Allow | Level::Warn) => {
            Err(Wrong::new(format!("`{code}` is an error, and stays one"))
                .help("only warnings have levels"))
        }
        (Weight::Error | Weight::Warning, _) => Ok((code, level)),
    }
}

fn host(text: &str) -> Result<HostPort, Wrong> {
    text.parse().map_err(|error| {
        let example = "write a name or an address with its port: `erp.internal:443`";
        Wrong::new(format!("{error}")).help(example)
    })
}

/// What is said of a limit that lets nothing through.
fn nothing(text: impl std::fmt::Display) -> Wrong {
    let help = "write how many runs may be opened in 24 hours, `50` or `\"5%\"`; to stop \
                everything at once there is `tenure pause`";
    Wrong::new(format!("`{text}` is no limit: all that is found would be held"))
        .help(help)
}

fn count(number: u64) -> Result<Limit, Wrong> {
    if number == 0 { Err(nothing(number)) } else { Ok(Limit::Count(number)) }
}

fn percent(text: &str) -> Result<Limit, Wrong> {
    let share = text
        .strip_suffix('%')
        .and_then(|share| share.trim().parse::<f64>().ok());
    match share {
        Some(0.0) => Err(nothing(text)),
        Some(share) if (0.0..=100.0).contains(&share) => Ok(Limit::Percent(share)),
        _ => Err(Wrong::new(format!("`{text}` is no limit"))
            .help("write a number of runs, `50`, or a share of the subjects, `\"5%\"`")),
    }
}

/// A length of time as policies write it: `90d`, `1d12h`.
fn duration(key: &str, text: &str) -> Result<Duration, Wrong> {
    let wrong = || {
        Wrong::new(format!("`{key}` is not a length of time: `{text}`"))
            .help("write a number with `w`, `d`, `h`, `min` or `s`: `90d`, `1d12h`")
    };
    let mut rest = text.trim();
    let mut total = 0_i64;
    while !rest.is_empty() {
        let digits =
            rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let end = tail
            .find(|letter: char| letter.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let seconds = match unit {
            "w" => 7 * 86_400,
            "d" => 86_400,
            "h" => 3_600,
            "min" => 60,
            "s" => 1,
            _ => return Err(wrong()),
        };
        let number: i64 = number.parse().map_err(|_| wrong())?;
        total = number
            .checked_mul(seconds)
            .and_then(|part| total.checked_add(part))
            .ok_or_else(wrong)?;
        rest = tail;
    }
    if total == 0 { Err(wrong()) } else { Ok(Duration(total)) }
}
