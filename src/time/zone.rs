//! Zones that are no places: they keep one offset all the year.

use chrono_tz::Tz;

/// What is to be known of a zone that keeps one offset, though its name may be meant for a place
/// whose clocks change: `EST` in the summer of New York too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedOffset {
    /// The offset, in words.
    pub words: &'static str,
    /// What to write instead.
    pub help: &'static str,
    /// The place that is meant, where that is likely.
    pub place: Option<&'static str>,
}

impl FixedOffset {
    /// Of a zone, where it is such a one.
    pub fn of(zone: Tz) -> Option<Self> {
        let name = zone.name();
        let hours = name.strip_prefix("Etc/GMT").and_then(|it| it.parse::<i32>().ok());
        let (words, help, place) = match (name, hours) {
            ("EST", _) => (
                "5 hours behind UTC, in summer too",
                "write `America/New_York`, which has summer time",
                Some("America/New_York"),
            ),
            ("MST", _) => (
                "7 hours behind UTC, in summer too",
                "write `America/Denver`, which has summer time, or `America/Phoenix`, which \
                 has none",
                Some("America/Denver"),
            ),
            (_, Some(hours)) if hours > 0 => (
                "behind UTC",
                "the sign is the other way round than in `UTC+5`; write a place such as \
                 `America/New_York`",
                None,
            ),
            (_, Some(hours)) if hours < 0 => (
                "ahead of UTC",
                "the sign is the other way round than in `UTC+5`; write a place such as \
                 `Europe/Paris`",
                None,
            ),
            _ => return None,
        };
        Some(Self { words, help, place })
    }
}
