//! A review as the page behind its link shows it.

use crate::engine::arms::followed;
use crate::engine::commit::read;
use crate::engine::compose;
use crate::engine::errors::EngineError;
use crate::engine::library::cast_for;
use crate::engine::pilot::Pin;
use crate::engine::run::{Decision, Run, State, Track};
use crate::engine::step::Scene;
use crate::engine::tick::Engine;
use crate::engine::trail::Entry;
use crate::store::Store;
use crate::text::fold;
use crate::time::Timestamp;
use chrono_tz::Tz;

/// What somebody was asked, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The run.
    pub run: i64,
    /// The policy that asks, as it calls itself.
    pub policy: String,
    /// Whose access it is: the one who is asked.
    pub own: bool,
    /// Whose access it is.
    pub whose: String,
    /// Which access.
    pub what: String,
    /// Why it is asked.
    pub reason: String,
    /// What follows if nobody answers.
    pub silence: String,
    /// Whether it can be answered now.
    pub open: bool,
    /// Who decided what, and when.
    pub decided: Option<(Decision, Timestamp)>,
    /// The word for where the run stands.
    pub state: &'static str,
    /// The zone in which times are shown.
    pub zone: Tz,
}

/// The run of that number.
pub fn stored(store: &Store, id: i64) -> Result<Option<Run>, EngineError> {
    store.run(id)?.map(|row| read(&row)).transpose()
}

impl Run {
    /// Whether those who were asked may decide now.
    pub fn takes_decisions(&self) -> bool {
        self.track == Track::Then
            && match self.state {
                State::Reviewing { .. } => true,
                // It is about to begin a step where it is paused.
                State::Waiting { .. }
                | State::Tasked { .. }
                | State::InLine { .. }
                | State::At { .. } => !self.settled && !self.asked.is_empty(),
                _ => false,
            }
    }
}

impl Engine<'_> {
    /// The question that a run asks, or has asked, somebody with that address. Where its
    /// policy cannot be followed, or its subject is gone, only what the run knows.
    pub fn question(
        &mut self,
        run_id: i64,
        email: &str,
        now: Timestamp,
    ) -> Result<Option<Question>, EngineError> {
        let store = self.store;
        let Some(row) = store.run(run_id)? else { return Ok(None) };
        let run = read(&row)?;
        let mut question = Question {
            run: run_id,
            policy: run.policy.clone(),
            own: false,
            whose: run.subject.name.clone(),
            what: run.subject.name.clone(),
            reason: String::new(),
            silence: String::new(),
            open: run.takes_decisions(),
            decided: decided(store, &run)?,
            state: run.standing(),
            zone: self.settings.zone,
        };
        let Ok(loaded) = self.library.get(store, &Pin::of_run(&row, &run))? else {
            return Ok(Some(question));
        };
        let policy = &*followed(&loaded.policy, &run);
        if let Some(title) = &policy.title {
            question.policy.clone_from(title);
        }
        let activity = policy.activity.as_ref();
        let Some(facts) = store.facts_by(row.subject.id, activity)? else {
            return Ok(Some(question));
        };
        let cast = cast_for(store, (policy, &loaded.cast), &facts, &run.asked)?;
        let scene = Scene {
            policy,
            facts: &facts,
            cast: &cast,
            outside: None,
            room_at: None,
            rivals: &[],
            siblings: &[],
            back_at: self.back_at,
            calendar: &self.settings.calendar,
            zone: self.settings.zone,
            paused: false,
            links: None,
            now,
        };
        let asked = cast.by_email(email);
        let owner = facts.user.as_ref();
        question.own = owner.is_some_and(|owner| fold(&owner.email) == fold(email));
        for (name, text) in compose::words(&run, &scene, &asked) {
            match name {
                "whose" => question.whose = text,
                "what" => question.what = text,
                "reason" => question.reason = text,
                "silence" => question.silence = text,
                _ => {}
            }
        }
        Ok(Some(question))
    }
}

/// The decision of a run, and when it was made.
fn decided(
    store: &Store,
    run: &Run,
) -> Result<Option<(Decision, Timestamp)>, EngineError> {
    let Some(decision) = &run.decision else { return Ok(None) };
    let mut at = run.opened_at;
    for (when, entry) in store.trail(run.id.0)? {
        if let Entry::Decided(_) = serde_json::from_str(&entry)? {
            at = when;
        }
    }
    Ok(Some((decision.clone(), at)))
}
