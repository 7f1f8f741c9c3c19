//! A review as the page behind its link shows it.

use crate::engine::advance::review_ends;
use crate::engine::arms::followed;
use crate::engine::commit::read;
use crate::engine::compose;
use crate::engine::errors::EngineError;
use crate::engine::library::cast_for;
use crate::engine::phrases::{removal, silence};
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
    /// The question, as the subject of the mail asks it.
    pub title: String,
    /// What the mail says of it: the words of the policy, or why it is asked.
    pub words: String,
    /// What is taken if the answer is no.
    pub removal: String,
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
                // It is about to begin a step where it is paused. Where it stopped in its review
                // whoever was asked may still settle it, for it goes on with what follows that.
                State::Held { .. }
                | State::Failed { .. }
                | State::Waiting { .. }
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
            title: format!("About {}", run.subject.name),
            words: String::new(),
            removal: String::new(),
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
            review_ends: review_ends(store, (row.policy_id, &run))?,
            now,
        };
        let person = cast.by_email(email);
        let key = fold(email);
        let asked = run.asked.iter().find(|asked| fold(&asked.email) == key);
        let step = asked.map_or(0, |asked| asked.step);
        (question.title, question.words) = compose::shown(step, &person, (&run, &scene));
        question.silence = silence(&run, &scene);
        question.removal = removal(&scene);
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
