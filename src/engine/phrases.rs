//! The phrases that the built-in words are made of: true whatever a policy looks at, and whyever
//! it asks.

use crate::engine::compose::label;
use crate::engine::run::{Run, State};
use crate::engine::step::{Scene, taking};
use crate::facts::{Facts, Person};
use crate::ir::{Ignored, Level, StepKind, SubjectKind};
use crate::text::{counted, fold};
use crate::time::{Duration, Length};

/// Each with the name that the built-in words call it by.
pub(crate) fn words(
    run: &Run,
    scene: &Scene<'_>,
    to: &Person,
) -> Vec<(&'static str, String)> {
    let what = what(run, scene.facts);
    let decider = run.decision.as_ref().map(|decision| decision.by.clone());
    let decider = decider.unwrap_or_else(|| "somebody".to_owned());
    let by = scene.cast.admin.as_deref().unwrap_or("your administrator");
    let answer = format!(
        "To answer, tell {by} \"keep\" or \"remove\" for run {}. One answer is enough, \
         whoever of those asked gives it.",
        run.id
    );
    let confirm = format!("When it is done, tell {by} \"done\" for run {}.", run.id);
    let Said { question, asked, stays, keeps } = said(&what, scene.facts, to);
    let (reason, notice) = reason(&what, run, scene);
    vec![
        ("confirm", confirm),
        ("name", to.display_name()),
        ("what", what),
        ("question", question),
        ("asked", asked),
        ("stays", stays),
        ("keeps", keeps),
        ("reason", reason),
        ("notice", notice),
        ("decider", decider),
        ("answer", answer),
        ("silence", silence(run, scene)),
    ]
}

/// Which access, or whose.
fn what(run: &Run, facts: &Facts) -> String {
    let what = match (&facts.app, &facts.account, &facts.user) {
        (Some(app), Some(account), _) => format!("{} ({})", label(app), account.username),
        (Some(app), None, _) => label(app).to_owned(),
        (None, _, Some(person)) => person.display_name(),
        (None, _, None) => run.subject.name.clone(),
    };
    match &facts.grant {
        Some(grant) => format!("{} in {what}", grant.permission.label),
        None => what,
    }
}

/// What is said of the access and of whose it is.
struct Said {
    /// The question, to the one who is asked.
    question: String,
    /// What others than the owner are asked.
    asked: String,
    /// That it stays, in short.
    stays: String,
    /// The same, with whose it is.
    keeps: String,
}

fn said(what: &str, facts: &Facts, to: &Person) -> Said {
    let of_user = facts.subject.id.kind() == SubjectKind::User;
    let stays = format!("{what} stays");
    let Some(owner) = &facts.user else {
        return Said {
            question: format!("Is {what}, which nobody owns, still needed?"),
            asked: "You are asked whether it is still needed. ".to_owned(),
            keeps: format!("{what}, which nobody owns, stays"),
            stays,
        };
    };
    let whose = owner.display_name();
    let own = fold(&owner.email) == fold(&to.email);
    let (question, asked) = match (of_user, own) {
        (true, true) => ("Do you still need your access?".to_owned(), String::new()),
        (true, false) => (
            format!("Should {whose} keep their access?"),
            format!("You are asked whether {whose} should keep their access. "),
        ),
        (false, true) => (format!("Do you still need {what}?"), String::new()),
        (false, false) => (
            format!("Does {whose} still need {what}?"),
            format!("You are asked whether {whose} still needs it. "),
        ),
    };
    let (stays, keeps) = match of_user {
        true => (format!("{whose} keeps their access"), "their access".to_owned()),
        false => (stays, what.to_owned()),
    };
    let keeps = format!("{whose} keeps {keeps}");
    Said { question, asked, stays, keeps }
}

/// When the access ends, where that is what the policy is about.
fn end(what: &str, run: &Run, scene: &Scene<'_>) -> Option<String> {
    let facts = scene.facts;
    // An access review looks at everybody's.
    let of = scene.policy.about_end().filter(|_| run.acts_at.is_none())?;
    let (what, at) = match (of, &facts.grant, &facts.account, &facts.app) {
        (Level::Grant, Some(grant), ..) => {
            (what.to_owned(), grant.permission.expires_at?)
        }
        (Level::Account, _, Some(account), Some(app)) => {
            (format!("{} ({})", label(app), account.username), account.expires_at?)
        }
        _ => return None,
    };
    let ends = if at > scene.now { "ends" } else { "was to end" };
    Some(format!("{what} {ends} on {}.", at.date_in(scene.zone)))
}

/// Why anybody hears of it, and what a notice says behind that: first when the access ends,
/// where that is why. When an account was last used is said where it is known.
fn reason(what: &str, run: &Run, scene: &Scene<'_>) -> (String, String) {
    let policy = scene.policy.title.as_deref().unwrap_or(&scene.policy.name);
    let notice = "This is for your information";
    let end = end(what, run, scene);
    let first = end.as_ref().map(|end| format!("{end} ")).unwrap_or_default();
    if let (Some(seen), Some(app), Some(account)) =
        (scene.facts.last_seen(), &scene.facts.app, &scene.facts.account)
    {
        let day = seen.at.date_in(scene.zone);
        return (
            format!(
                "{first}{} ({}) was last used on {day}.",
                label(app),
                account.username
            ),
            format!("{notice}; the policy \"{policy}\" is at work."),
        );
    }
    let reason = match run.acts_at {
        _ if let Some(end) = end => {
            return (end, format!("{notice}; the policy \"{policy}\" is at work."));
        }
        // An access review looks at everybody's.
        Some(_) => format!("{what} is part of {policy}."),
        None => format!("{what} fell under the policy \"{policy}\"."),
    };
    (reason, format!("{notice}."))
}

/// What follows if nobody answers the question that the run is about to ask.
pub(crate) fn silence(run: &Run, scene: &Scene<'_>) -> String {
    let policy = scene.policy;
    let (State::At { step } | State::Reviewing { step, .. }) = run.state else {
        return String::new();
    };
    let window = match run.steps(policy).get(step).map(|step| &step.kind) {
        Some(StepKind::Ask { window, .. }) => *window,
        _ => return String::new(),
    };
    let length = match window {
        Length::Time(Duration(86_400)) => "a day".to_owned(),
        Length::Time(Duration(seconds)) if seconds % 86_400 == 0 => {
            format!("{} days", seconds / 86_400)
        }
        Length::Time(length) => length.to_string(),
        Length::BusinessDays(days) => {
            counted(days as usize, "business day", "business days")
        }
    };
    let behind = policy.steps.get(policy.review_len..).unwrap_or_default();
    let takes = behind.iter().any(|step| step.kind.takes());
    let follows = match policy.if_ignored {
        _ if step + 1 < policy.review_len => "more people are asked",
        Ignored::Remove if takes => "the access is taken away",
        Ignored::Remove if !behind.is_empty() => "the next steps of the policy follow",
        Ignored::Keep | Ignored::Remove => "the access stays",
    };
    let until = match run.state {
        State::Reviewing { closes_at: Some(at), .. } => Some(at),
        _ => scene.review_ends,
    };
    match until {
        Some(at) => {
            format!(
                "If nobody answers by {}, {follows}.",
                at.to_the_minute_in(scene.zone)
            )
        }
        None => format!("If nobody answers within {length}, {follows}."),
    }
}

/// What follows if somebody decides that the access is not needed any more: the steps that take
/// something away, as they are written, but for what only programs understand.
pub(crate) fn removal(scene: &Scene<'_>) -> String {
    let policy = scene.policy;
    let behind = policy.steps.get(policy.review_len..).unwrap_or_default();
    let steps: Vec<&str> = taking(behind)
        .map(|step| match step.kind {
            StepKind::Call(_) => "tell another system",
            _ => step.text.as_str(),
        })
        .collect();
    match steps.is_empty() {
        true => String::new(),
        false => {
            format!("If it is no longer needed, this follows: {}.", steps.join(", "))
        }
    }
}
