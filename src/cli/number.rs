//! Numbers and addresses among the arguments, and what is said of those that are none.

use crate::actions::is_address;
use crate::cli::output::Fail;

/// The number of a run.
pub(crate) fn of_run(text: &str) -> Result<i64, String> {
    number(text)
        .ok_or_else(|| "write the number of a run; `tenure runs` lists them".into())
}

/// The number of an evaluation.
pub(crate) fn of_evaluation(text: &str) -> Result<i64, String> {
    let why = "write the number of an evaluation; `tenure evaluations` lists them";
    number(text).ok_or_else(|| why.into())
}

/// The number of an event.
pub(crate) fn of_event(text: &str) -> Result<i64, String> {
    let why = "write the number of an event; `tenure events` lists them";
    number(text).ok_or_else(|| why.into())
}

/// How many of the latest.
pub(crate) fn of_last(text: &str) -> Result<u32, String> {
    let last = number(text).and_then(|number| u32::try_from(number).ok());
    last.ok_or_else(|| "write how many of the latest, from 1 on".into())
}

/// The number of a review.
pub(crate) fn of_review(text: &str) -> Result<i64, String> {
    let why = "write the number of a review; `tenure review status` lists them";
    number(text).ok_or_else(|| why.into())
}

/// The number of a version.
pub(crate) fn of_version(text: &str) -> Result<u32, String> {
    let version = number(text).and_then(|number| u32::try_from(number).ok());
    let why = "write the number of a version; `tenure show POLICY` lists them";
    version.ok_or_else(|| why.into())
}

/// Numbers are given from 1 on.
fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|number| *number > 0)
}

/// What is said where nobody has an address.
pub(crate) fn nobody(email: &str) -> Fail {
    match is_address(email) {
        true => Fail::no(format!("there is no user `{email}`")).help(
            "write the address that the data has, as in the column `email` of identities",
        ),
        false => Fail::usage(format!("`{email}` is no e-mail address"))
            .help("write it as `zoe@acme.example`"),
    }
}
