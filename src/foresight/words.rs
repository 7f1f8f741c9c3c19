//! The lines of a trail, as people read them.

use crate::engine::{Entry, Stood};
use crate::time::Timestamp;

/// Why another run comes first.
pub(super) fn first(takes: bool) -> &'static str {
    match takes {
        true => "which is to take it away",
        false => "which asks first about the same account",
    }
}

/// A line of a trail, as people read it.
pub fn words(entry: &Entry) -> String {
    let person = |who: &str, name: &str| {
        if who == name { who.to_owned() } else { format!("{who} ({name})") }
    };
    let with = |words: String, why: Option<&String>| match why {
        Some(why) => format!("{words}: {why}"),
        None => words,
    };
    match entry {
        Entry::Opened { because } if because.is_empty() => "opened".to_owned(),
        Entry::Opened { because } => {
            let reasons: Vec<String> = because
                .iter()
                .map(|because| format!("{} [{}]", because.condition, because.value))
                .collect();
            format!("opened because {}", reasons.join(", "))
        }
        Entry::Asked { who, name, .. } => format!("asked {}", person(who, name)),
        Entry::InLine { behind, takes } => {
            format!("waits for run {behind}, {}", first(*takes))
        }
        Entry::PutOff { until } => {
            format!("nothing ran for a while; the window stays open until {until}")
        }
        Entry::Undone { by, what, why_not: None } => format!("undone by {by}: {what}"),
        Entry::Undone { what, why_not: Some(why), .. } => {
            format!("not undone: {what}: {why}")
        }
        Entry::StoodStill { since, pauses } => {
            format!("goes on; {}", stood_still(*since, pauses))
        }
        Entry::Reminded { who, name, .. } => format!("reminded {}", person(who, name)),
        Entry::Assigned { who, name, .. } => {
            format!("gave a task to {}", person(who, name))
        }
        Entry::NotDoneYet { step } => format!("not done yet: {step}"),
        Entry::Completed(done) => {
            let by = entered(&done.by, done.actor.as_ref());
            with(format!("{by} has done it"), done.comment.as_ref())
        }
        Entry::Told { who, name, .. } => format!("told {}", person(who, name)),
        Entry::PassedOver { who, why } => format!("passed over {who}: {why}"),
        Entry::Delivered { who } => format!("delivered to {who}"),
        Entry::NotDelivered { who, why } => format!("not delivered to {who}: {why}"),
        Entry::AttemptFailed { what, why, again_at } => {
            format!("{what} failed: {why}; tried again at {again_at}")
        }
        Entry::HeldBack { what, why } => {
            format!("what goes to {what} waits, and is not tried: {why}")
        }
        Entry::Ignored { step } => format!("nobody decided ({step})"),
        Entry::Decided(decision) => {
            let by = entered(&decision.by, decision.actor.as_ref());
            with(format!("{by} decided: {}", decision.verdict), decision.comment.as_ref())
        }
        Entry::Waiting { until } => format!("waiting until {until}"),
        Entry::Awaiting { why } => format!("waiting: {why}"),
        Entry::StepStarted { step } => step.clone(),
        Entry::StepDone { step, message } => {
            with(format!("done: {step}"), message.as_ref())
        }
        Entry::GroupMade(made) => {
            format!("made: group {} in {}", made.group, made.source)
        }
        // What that was is no words of one line.
        Entry::Known(_) => "what was known then:".to_owned(),
        Entry::StepSkipped { step, why } => format!("skipped: {step}: {why}"),
        Entry::StepFailed { step, why } => format!("FAILED: {step}: {why}"),
        Entry::FailureSkipped { step, why } => {
            format!("failed, and goes on: {step}: {why}")
        }
        Entry::Held { why } => format!("HELD: {why}"),
        Entry::Retried { by } => format!("set going again by {by}"),
        Entry::Restarted { why } => format!("begins anew: {why}"),
        Entry::Ended { state, why } => with(state.clone(), why.as_ref()),
    }
}

/// What kept a run from going on. Where that was one pause, whose it was needs no words.
fn stood_still(since: Timestamp, pauses: &[Stood]) -> String {
    let of = |pause: &Stood| {
        let Stood { everything, since, until, by, why } = pause;
        let what = if *everything { "everything" } else { "its policy" };
        format!("{what} was paused from {since} to {until} by {by}: {why}")
    };
    match pauses {
        [Stood { by, why, .. }] => format!("it was paused since {since} by {by}: {why}"),
        [] => format!("it was paused since {since}"),
        several => several.iter().map(of).collect::<Vec<_>>().join("; "),
    }
}

/// Who said something, and who entered it.
fn entered(by: &str, actor: Option<&String>) -> String {
    match actor {
        Some(actor) => format!("{by} (entered by {actor})"),
        None => by.to_owned(),
    }
}
