//! What happens to a run, and where it goes from there.

use crate::engine::run::{Decision, Run, State, Track, Verdict};
use crate::engine::shield::refused;
use crate::engine::step::{Applies, Next, Part, Scene, UNDELIVERED};
use crate::engine::trail::Entry;
use crate::engine::{Effect, Outcome};
use crate::ir::{Policy, StepKind};
use crate::text::fold;
use crate::time::{Duration, Length, Timestamp};

impl Next<'_> {
    pub(super) fn due(&mut self) {
        let now = self.scene.now;
        match self.run.state.clone() {
            // The decision was taken in while nobody could tell what follows from it.
            State::At { step }
                if self.run.settled
                    && self.run.track == Track::Then
                    && step < self.scene.policy.review_len =>
            {
                self.decided_to_remove();
            }
            State::At { step } => self.go(step),
            // No instant says that: the review does, when all have listened.
            State::Waiting { step, until } if until <= now && self.run.is_rejected() => {
                self.looks_at_policies_again(step);
            }
            State::Waiting { step, until } if until <= now => self.go(step + 1),
            State::Reviewing { .. } if self.deserted() || self.put_off() => {}
            State::Held { step, .. } if self.run.room_at.is_some_and(|at| at <= now) => {
                self.go(step);
            }
            State::Held { step, .. } if self.looks_again() => self.go(step),
            State::Reviewing { step, closes_at: Some(closes_at), .. }
                if closes_at <= now =>
            {
                self.ignored(step);
            }
            State::Reviewing { step, asked_at, closes_at: None, .. }
                if self.scene.waits_since(asked_at).after(UNDELIVERED) <= now =>
            {
                self.undelivered(step, "no notice was delivered within 24 hours");
            }
            State::Reviewing { step, reminders, .. }
                if reminders.first().is_some_and(|first| *first <= now) =>
            {
                self.remind(step);
            }
            State::Tasked { step, .. } => self.task_due(step),
            State::InLine { step, behind } => self.next_in_line(step, behind),
            State::Reviewing { .. }
            | State::Waiting { .. }
            | State::Removing { .. }
            | State::Failed { .. }
            | State::Held { .. }
            | State::Kept
            | State::Removed
            | State::Done
            | State::Ended
            | State::NoLongerApplies { .. }
            | State::Cancelled => {}
        }
    }

    /// Time may have passed since the step was decided: what takes access away leaves only
    /// if it still should.
    pub(super) fn attempting(&mut self, key: &str) {
        let State::Removing { step, effect } = self.run.state.clone() else { return };
        // What follows a decision to keep follows whatever the condition says.
        if effect != key || self.run.track == Track::Kept {
            return;
        }
        let applies = self.still_applies(Part::ArmOf(step));
        if applies == Applies::Yes {
            let taken = self.run.step(self.scene.policy, step);
            let refused = taken.and_then(|it| refused(it, self.scene, &self.run.changed));
            if let Some(why) = refused {
                self.no_longer_tried(step, effect);
                self.is_refused(step, why);
            }
            return;
        }
        self.no_longer_tried(step, effect);
        match applies {
            Applies::Yes => {}
            Applies::Unsure(lack) => drop(self.hold_unknown(step, lack)),
            Applies::No(_) if self.another_arm_holds() => {
                self.passed(step);
                self.due();
            }
            Applies::No(why) => self.ceases(why),
        }
    }

    pub(super) fn no_longer_tried(&mut self, step: usize, effect: String) {
        self.withdrawn.push(effect);
        let step = self.step_text(step);
        let why = "no longer tried; whether an attempt had arrived is not known";
        self.trail.push(Entry::StepSkipped { step, why: why.to_owned() });
    }

    /// An unknown condition changes nothing here: nothing is being taken. It holds the run
    /// where a step would take access away.
    /// A run that waits for another system's answer goes on with that first.
    pub(super) fn evaluated(&mut self) {
        let removing = matches!(self.run.state, State::Removing { .. });
        if !self.run.state.is_open() || removing || self.run.track == Track::Kept {
            return;
        }
        // Its turn may have come, and what it was about may be over: both are looked at anew.
        if let State::InLine { step, behind } = self.run.state {
            return self.next_in_line(step, behind);
        }
        if let Applies::No(why) = self.still_applies(Part::Whole) {
            self.ceases(why);
        } else if !self.deserted() {
            self.task_deserted();
        }
    }

    pub(super) fn answered(&mut self, key: &str, effect: &Effect, outcome: Outcome) {
        match effect {
            Effect::Mail(mail) => self.mail_answered(key, &mail.addressee(), outcome),
            Effect::Webhook(_) | Effect::Call(_) | Effect::Connector(_) => {
                self.others_answered(key, effect, outcome);
            }
        }
    }

    pub(super) fn mail_answered(&mut self, key: &str, to: &str, outcome: Outcome) {
        let delivered = match outcome {
            Outcome::Delivered { .. } | Outcome::AlreadySo { .. } => {
                self.trail.push(Entry::Delivered { who: to.to_owned() });
                true
            }
            Outcome::Refused { why }
            | Outcome::Failed { why, .. }
            | Outcome::Unready { why } => {
                self.trail.push(Entry::NotDelivered { who: to.to_owned(), why });
                false
            }
        };
        let asks = self.run.unheard.iter().any(|notice| notice == key);
        self.run.unheard.retain(|notice| notice != key);
        self.run.reminding.retain(|reminder| reminder != key);
        if self.run.tasking.iter().any(|message| message == key) {
            return self.task_heard(key, delivered);
        }
        let State::Reviewing { step, asked_at, closes_at, notices, reminders, .. } =
            &mut self.run.state
        else {
            return;
        };
        let step = *step;
        let (window, remind) = window(self.scene.policy, step);
        let now = self.scene.now;
        let in_full = || self.scene.calendar.after(now, window);
        let closes = self.scene.review_ends.unwrap_or_else(in_full);
        let before = notices.len();
        notices.retain(|notice| notice != key);
        let of_this_stage = notices.len() < before;
        // The window counts from the first notice that arrived. Whom an earlier stage's
        // question reaches late has as long.
        if delivered && asks {
            self.run.heard_until = self.run.heard_until.max(Some(closes));
            let who = fold(to);
            for asked in &mut self.run.asked {
                if fold(&asked.email) == who {
                    asked.heard = asked.heard.max(Some(closes));
                }
            }
        }
        if delivered && of_this_stage && closes_at.is_none() {
            *asked_at = now;
            *closes_at = Some(closes);
            *reminders = reminders_of(remind, closes, self.scene);
        } else if of_this_stage && closes_at.is_none() && notices.is_empty() {
            self.undelivered(step, "no notice could be delivered");
        }
    }

    pub(super) fn decided(&mut self, decision: Decision) -> Result<(), String> {
        self.trail.push(accept(&mut self.run, decision)?);
        match self.run.track {
            Track::Kept => self.go(0),
            Track::Then | Track::Failed => self.decided_to_remove(),
        }
        Ok(())
    }

    pub(super) fn cancelled(&mut self, why: String) -> Result<(), String> {
        if !self.run.state.is_open() {
            return Err(ended(&self.run));
        }
        if let State::Removing { step, effect } = self.run.state.clone() {
            self.no_longer_tried(step, effect);
        }
        let why = self.run.leaves(why);
        self.end(State::Cancelled, Some(why));
        Ok(())
    }

    pub(super) fn retried(&mut self, by: String) -> Result<(), String> {
        // While `if failed` is followed somebody may have mended what was broken.
        if let (Some(failure), true) = (&self.run.failure, self.run.state.is_open())
            && !matches!(self.run.state, State::Held { .. })
        {
            let step = failure.step;
            self.run.begun = false;
            if let State::Removing { step, effect } = self.run.state.clone() {
                self.no_longer_tried(step, effect);
            }
            self.after_failure();
            self.again();
            self.trail.push(Entry::Retried { by });
            self.go(step);
            return Ok(());
        }
        match self.run.state.clone() {
            State::Failed { step, .. } | State::Held { step, .. } => {
                self.trail.push(Entry::Retried { by });
                self.again();
                self.ask_anew(step);
                self.run.begun = false;
                self.go(step);
                Ok(())
            }
            state if state.is_open() => Err(format!(
                "run {} is {}; only a failed or held run is retried",
                self.run.id,
                self.run.standing()
            )),
            _ => Err(ended(&self.run)),
        }
    }
}

/// How long people have to answer a question, and how long before its end they are reminded.
pub(super) fn window(policy: &Policy, step: usize) -> (Length, &[Length]) {
    match policy.steps.get(step).map(|step| &step.kind) {
        Some(StepKind::Ask { window, remind, .. }) => (*window, remind),
        _ => (Length::Time(Duration(0)), &[]),
    }
}

/// When those are reminded whose window closes then, the earliest first.
pub(super) fn reminders_of(
    remind: &[Length],
    closes: Timestamp,
    scene: &Scene<'_>,
) -> Vec<Timestamp> {
    let before = |length: &Length| scene.calendar.before(closes, *length);
    let mut at: Vec<_> = remind.iter().map(before).filter(|at| *at > scene.now).collect();
    at.sort_unstable();
    at
}

/// Takes in what somebody decided, and that it settles the review. What follows from it is for
/// the policy to say.
pub(crate) fn accept(run: &mut Run, decision: Decision) -> Result<Entry, String> {
    if !run.takes_decisions() {
        return Err(match &run.decision {
            Some(Decision { by, verdict, .. }) => {
                format!("run {} was decided already: {verdict}, by {by}", run.id)
            }
            None if run.state.is_open() => {
                format!("run {} is not asking anybody now", run.id)
            }
            None => ended(run),
        });
    }
    let by = fold(&decision.by);
    let known = run.asked.iter().find(|asked| fold(&asked.email) == by);
    let Some(by) = known.map(|asked| asked.email.clone()) else {
        let asked: Vec<&str> =
            run.asked.iter().map(|asked| asked.email.as_str()).collect();
        return Err(format!(
            "{} was not asked about run {}; asked were {}",
            decision.by,
            run.id,
            asked.join(", ")
        ));
    };
    let decision = Decision { by, ..decision };
    run.settled = true;
    if decision.verdict == Verdict::Keep {
        run.track = Track::Kept;
    }
    run.decision = Some(decision.clone());
    Ok(Entry::Decided(decision))
}

/// Why nothing can be said to a run that has ended.
pub(crate) fn ended(run: &Run) -> String {
    format!("run {} is over: {}", run.id, run.state.name())
}
