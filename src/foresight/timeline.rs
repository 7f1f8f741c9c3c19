//! What a run would do, step by step, if nobody answered: the engine's own transitions, with
//! a clock that jumps from one wake-up to the next.

use crate::engine::followed;
use crate::engine::step::{Event, Rival, Scene, step};
use crate::engine::{Cast, Entry, Outcome, Run, State};
use crate::facts::Facts;
use crate::foresight::words::first;
use crate::ir::Policy;
use crate::text::fold;
use crate::time::Timestamp;
use crate::time::calendar::Calendar;
use serde::Serialize;

/// One thing that would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What: `ask`, `notify`, `wait`, a step's own words, or the state in which it ends.
    pub what: String,
    /// To whom: the addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<String>,
    /// Anything more that people want to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// No run makes more transitions than this without an answer from outside; a policy's steps
/// are far fewer.
const MOST: usize = 10_000;

/// What it is called that somebody is asked.
const ASK: &str = "ask";

/// What is known where a run is followed.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// Of its subject.
    pub(super) facts: &'a Facts,
    /// Of the people that its policy names.
    pub(super) cast: &'a Cast,
    /// Of the runs that ask about the same.
    pub(super) rivals: &'a [Rival],
}

/// Follows a run from its opening to its end, or to where a person must look. Notices arrive
/// at once, other systems succeed, nobody decides, and the facts stay as they are but for
/// what the run itself changes.
pub(super) fn timeline(
    run: Run,
    (policy, calendar): (&Policy, &Calendar),
    Known { facts, cast, rivals }: Known<'_>,
    called: &dyn Fn(i64) -> String,
) -> Vec<Moment> {
    let policy = &*followed(policy, &run);
    let mut run = run;
    let mut facts = facts.clone();
    let mut now = run.opened_at;
    let mut moments = Vec::new();
    let mut events = vec![Event::Opened { because: Vec::new() }];
    for _ in 0..MOST {
        let event = if events.is_empty() { Event::Due } else { events.remove(0) };
        let outside = None;
        let scene = Scene {
            policy,
            facts: &facts,
            cast,
            outside,
            room_at: None,
            paused: false,
            rivals,
            siblings: &[],
            back_at: None,
            calendar,
            // Nobody reads what is written here.
            zone: calendar.zone,
            links: None,
            review_ends: None,
            now,
        };
        // Nothing that is done here can be refused: nobody decides.
        let Ok(next) = step(&run, event, &scene) else { break };
        run = next.run;
        next.trail
            .iter()
            .for_each(|entry| add(&mut moments, now, entry, called));
        for change in &next.changes {
            change.foretell(&mut facts, (cast, now));
        }
        for (key, effect) in next.effects {
            let outcome = Outcome::Delivered { message: None };
            events.push(Event::Answered { key, effect, outcome });
        }
        // How long the other one asks, nobody knows.
        if matches!(run.state, State::InLine { .. }) {
            break;
        }
        if events.is_empty() {
            match next.wake_at {
                Some(at) => now = now.max(at),
                None => break,
            }
        }
    }
    moments
}

/// Whom a run asks as soon as it opens, as folded addresses.
pub(super) fn asks_at_once(
    run: Run,
    under: (&Policy, &Calendar),
    known: Known<'_>,
) -> Vec<String> {
    let opened_at = run.opened_at;
    let moments = timeline(run, under, known, &|run| run.to_string());
    let first = moments.iter().take_while(|it| it.at == opened_at);
    let asks = first.filter(|it| it.what == ASK);
    asks.flat_map(|it| it.who.iter().map(|who| fold(who))).collect()
}

/// Adds what people want to see of a line of the trail.
fn add(
    moments: &mut Vec<Moment>,
    at: Timestamp,
    entry: &Entry,
    called: &dyn Fn(i64) -> String,
) {
    let moment = |what: &str, who: Vec<String>, note: Option<String>| Moment {
        at,
        what: what.to_owned(),
        who,
        note,
    };
    let new = match entry {
        Entry::Asked { who, .. } => moment(ASK, vec![who.clone()], None),
        Entry::InLine { behind, takes } => {
            let note = format!("for {}, {}", called(*behind), first(*takes));
            moment("wait", vec![], Some(note))
        }
        Entry::Reminded { who, .. } => moment("remind", vec![who.clone()], None),
        Entry::Assigned { who, .. } => moment("task", vec![who.clone()], None),
        Entry::NotDoneYet { .. } => moment("task not done yet", vec![], None),
        Entry::Told { who, .. } => moment("notify", vec![who.clone()], None),
        Entry::PassedOver { who, why } => {
            moment("passed over", vec![who.clone()], Some(why.clone()))
        }
        Entry::Waiting { until } => {
            moment("wait", vec![], Some(format!("until {until}")))
        }
        Entry::Awaiting { why } => moment("wait", vec![], Some(why.clone())),
        Entry::StepStarted { step } | Entry::StepDone { step, message: None } => {
            moment(step, vec![], None)
        }
        Entry::GroupMade(made) => {
            let what = format!("{} in {}", made.group, made.source);
            moment("make group", vec![], Some(what))
        }
        Entry::StepSkipped { step, why } => {
            moment(step, vec![], Some(format!("skipped: {why}")))
        }
        Entry::StepFailed { step, why } => {
            moment(step, vec![], Some(format!("failed: {why}")))
        }
        Entry::FailureSkipped { step, why } => {
            moment(step, vec![], Some(format!("failed, and goes on: {why}")))
        }
        Entry::Held { why } => moment("held", vec![], Some(why.clone())),
        Entry::Ended { state, why } => moment(state, vec![], why.clone()),
        Entry::Opened { .. }
        | Entry::Delivered { .. }
        | Entry::NotDelivered { .. }
        | Entry::AttemptFailed { .. }
        | Entry::HeldBack { .. }
        | Entry::Ignored { .. }
        | Entry::PutOff { .. }
        | Entry::StoodStill { .. }
        | Entry::Undone { .. }
        | Entry::Decided(_)
        | Entry::Completed(_)
        | Entry::StepDone { .. }
        | Entry::Known(_)
        | Entry::Retried { .. }
        | Entry::Restarted { .. } => return,
    };
    match moments.last_mut() {
        // Several people asked or told at once stand in one line; a webhook's start and its
        // success are one moment here.
        Some(last)
            if last.at == new.at && last.what == new.what && last.note == new.note =>
        {
            last.who.extend(new.who);
        }
        _ => moments.push(new),
    }
}
