//! What the cells of a row may hold, and what is said when they do not.

use crate::ir::IdentityState;
use crate::store::import::sheet::{Column, Sheet};
use crate::text::nearest;
use crate::time::Timestamp;
use chrono::{NaiveDate, NaiveTime};
use std::ops::Range;

const STATUSES: [&str; 5] = ["staged", "active", "suspended", "disabled", "deleted"];

impl Sheet<'_> {
    /// What a cell holds that must be filled in.
    pub(super) fn need(&self, column: Column) -> Option<&str> {
        let some = self.some(column);
        if some.is_none() {
            self.lose_row();
            self.wrong(
                column,
                format!("`{}` is empty", column.name),
                "each row must have it",
            );
        }
        some
    }

    /// An instant, in seconds.
    pub(super) fn instant(&self, column: Column) -> Option<i64> {
        let text = self.some(column)?;
        let instant = instant(text);
        if instant.is_none() {
            self.wrong(
                column,
                format!("`{text}` is not an instant"),
                "write `2026-11-20` or `2026-11-20T12:00:00Z`",
            );
        }
        instant.map(|instant| instant.0)
    }

    /// An e-mail address.
    pub(super) fn email(&self, column: Column) -> Option<&str> {
        let text = self.some(column)?;
        if is_email(text) {
            return Some(text);
        }
        let found = format!("`{text}` is not an e-mail address");
        self.wrong(column, found, "write one such as `zoe@acme.example`");
        None
    }

    /// True or false; `default` where the cell is empty.
    pub(super) fn flag(&self, column: Column, default: bool) -> bool {
        match self.text(column) {
            "" => default,
            text if ["true", "yes", "1"]
                .iter()
                .any(|yes| text.eq_ignore_ascii_case(yes)) =>
            {
                true
            }
            text if ["false", "no", "0"]
                .iter()
                .any(|no| text.eq_ignore_ascii_case(no)) =>
            {
                false
            }
            text => {
                let found = format!("`{text}` is neither true nor false");
                self.wrong(column, found, "write `true` or `false`");
                default
            }
        }
    }

    /// A status.
    pub(super) fn status(&self, column: Column) -> Option<&'static str> {
        self.one_of(column, "a status", &STATUSES)
    }

    /// What a lifecycle state is mapped to.
    pub(super) fn identity_state(&self, column: Column) -> Option<i64> {
        let states =
            [IdentityState::Active, IdentityState::ShortTerm, IdentityState::LongTerm];
        let names = states.map(IdentityState::name);
        let name = self.one_of(column, "an identity state", &names)?;
        IdentityState::parse(name).map(IdentityState::number)
    }

    /// One of a few words.
    pub(super) fn one_of(
        &self,
        column: Column,
        kind: &str,
        words: &[&'static str],
    ) -> Option<&'static str> {
        let text = self.some(column)?;
        let found = words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied();
        if found.is_none() {
            let quoted: Vec<String> =
                words.iter().map(|word| format!("`{word}`")).collect();
            let help = match nearest(text, words.iter().copied()).as_slice() {
                [one] => format!("did you mean `{one}`"),
                _ => format!("write one of {}", quoted.join(", ")),
            };
            self.wrong(column, format!("`{text}` is not {kind}"), help);
        }
        found
    }
}

/// Whether a text is the address of a person, as imports and events take them in.
pub(crate) fn is_email(text: &str) -> bool {
    let plain = |part: &str| {
        // Most addresses are ASCII; bytes are looked at faster than characters.
        let odd = |byte: u8| byte <= b' ' || byte == 0x7f || b"@,;<>\"()".contains(&byte);
        let spaced = |part: &str| {
            part.contains(|one: char| one.is_whitespace() || one.is_control())
        };
        !part.is_empty() && !part.bytes().any(odd) && (part.is_ascii() || !spaced(part))
    };
    text.len() <= 320
        && text
            .split_once('@')
            .is_some_and(|(name, host)| plain(name) && plain(host))
}

/// An instant; bare dates, which are most of them, without trying every form.
fn instant(text: &str) -> Option<Timestamp> {
    let number = |range: Range<usize>| {
        let digits = text.as_bytes().get(range)?;
        digits.iter().try_fold(0u32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let date = || {
        let year = i32::try_from(number(0..4)?).ok()?;
        NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)
    };
    match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => {
            Some(Timestamp(date()?.and_time(NaiveTime::MIN).and_utc().timestamp()))
        }
        _ => Timestamp::parse(text),
    }
}
