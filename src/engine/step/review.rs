//! Reviews: who is asked, and what follows when nobody decides.

use crate::engine::compose::{self, Occasion};
use crate::engine::people;
use crate::engine::run::{Asked, State};
use crate::engine::step::{Applies, Next, Part, Rival, Scene, Then};
use crate::engine::trail::Entry;
use crate::engine::{Effect, Mail};
use crate::facts::Person;
use crate::ir::{Ignored, Message, Step, StepKind, Who};
use crate::text::fold;
use crate::time::Timestamp;

impl Next<'_> {
    pub(super) fn ask(
        &mut self,
        index: usize,
        who: &[Who],
        (message, escalation): (&Message, bool),
    ) -> Then {
        let scene = self.scene;
        if scene.review_ends.is_some_and(|ends| ends <= scene.now) {
            self.closed_unasked();
            return Then::Stop;
        }
        let found = people::find(who, scene.policy, scene.facts, scene.cast);
        let first = |rival: &&Rival| {
            let asked = |person: &Person| rival.asked.contains(&fold(&person.email));
            rival.takes || found.people.iter().any(asked)
        };
        if let Some(Rival { run: behind, takes, .. }) = scene.rivals.iter().find(first) {
            self.trail.push(Entry::InLine { behind: *behind, takes: *takes });
            self.run.state = State::InLine { step: index, behind: *behind };
            return Then::Stop;
        }
        for (who, why) in found.passed_over {
            self.trail.push(Entry::PassedOver { who, why });
        }
        let occasion = if escalation { Occasion::Escalation } else { Occasion::Review };
        let mut notices = Vec::new();
        for person in &found.people {
            let mail = match compose::mail(occasion, message, person, (&self.run, scene))
            {
                Ok(mail) => mail,
                Err(why) => {
                    self.fail(index, why);
                    return Then::Stop;
                }
            };
            let (who, name) = (person.email.clone(), person.display_name());
            match self.run.asked.iter_mut().find(|asked| asked.email == who) {
                Some(asked) => asked.step = index,
                None => {
                    let (email, name) = (who.clone(), name.clone());
                    self.run.asked.push(Asked { email, name, step: index, heard: None });
                }
            }
            self.trail
                .push(Entry::Asked { who, name, step: self.step_text(index) });
            notices.push(self.emit(Effect::Mail(mail)));
        }
        if notices.is_empty() {
            // A stage with nobody left goes to the next at once.
            return Then::GoOn;
        }
        self.run.unheard.extend(notices.iter().cloned());
        self.run.state = State::Reviewing {
            step: index,
            asked_at: scene.now,
            closes_at: None,
            notices,
            reminders: Vec::new(),
            put_off: 0,
        };
        Then::Stop
    }

    /// The run that asked before may have ended, and what it was about with it.
    pub(super) fn next_in_line(&mut self, step: usize, behind: i64) {
        if let Applies::No(why) = self.still_applies(Part::Whole) {
            return self.ceases(why);
        }
        self.go(step);
        if self.run.state == (State::InLine { step, behind }) {
            // That is known already.
            self.trail.pop();
        }
    }

    /// Asks again whom this stage asked; where several reminders are due at once, one goes
    /// out.
    pub(super) fn remind(&mut self, index: usize) {
        let scene = self.scene;
        if let State::Reviewing { reminders, .. } = &mut self.run.state {
            reminders.retain(|at| *at > scene.now);
        }
        let step = scene.policy.steps.get(index).map(|step| &step.kind);
        let Some(StepKind::Ask { message, reminder, .. }) = step else { return };
        let (occasion, message) = match reminder {
            Message::BuiltIn => (Occasion::Reminder, message),
            Message::Text(_) | Message::Template(_) => (Occasion::Review, reminder),
        };
        let asked = self.run.asked.clone();
        for asked in asked.into_iter().filter(|asked| asked.step == index) {
            if let Some(why) = scene.lost(&asked.email) {
                self.trail.push(Entry::PassedOver { who: asked.email, why });
                continue;
            }
            let person = scene.person(&asked.email);
            match compose::mail(occasion, message, &person, (&self.run, scene)) {
                Ok(mail) => {
                    let Asked { email: who, name, .. } = asked;
                    let step = self.step_text(index);
                    self.trail.push(Entry::Reminded { who, name, step });
                    // Its words may be those of a question; its way is its own.
                    let mail = Mail { occasion: Occasion::Reminder, ..mail };
                    let key = self.emit(Effect::Mail(mail));
                    self.run.reminding.push(key);
                }
                Err(why) => return self.fail(index, why),
            }
        }
    }

    /// The window of a stage closed undecided.
    pub(super) fn ignored(&mut self, step: usize) {
        self.trail.push(Entry::Ignored { step: self.step_text(step) });
        self.go(step + 1);
    }

    /// Nobody of a stage got a notice.
    pub(super) fn undelivered(&mut self, step: usize, why: &str) {
        let text = self.step_text(step);
        self.trail
            .push(Entry::StepSkipped { step: text, why: why.to_owned() });
        self.go(step + 1);
    }

    /// Whether nobody whom this stage asked can be asked any more; then the next one begins
    /// at once, and where nobody is left at all the run is held.
    pub(super) fn deserted(&mut self) -> bool {
        let State::Reviewing { step, .. } = self.run.state else { return false };
        let of_this_stage = self.run.asked.iter().filter(|asked| asked.step == step);
        let lost: Option<Vec<Entry>> = of_this_stage
            .map(|asked| {
                let (who, why) = (asked.email.clone(), self.scene.lost(&asked.email)?);
                Some(Entry::PassedOver { who, why })
            })
            .collect();
        let Some(lost) = lost.filter(|lost| !lost.is_empty()) else { return false };
        // What follows the last stage is not hastened, but where there is no silence to wait for.
        let asks = |step: &Step| matches!(step.kind, StepKind::Ask { .. });
        let later = self.scene.policy.steps.get(step + 1..).unwrap_or_default();
        if !later.iter().any(asks) && self.heard_until().is_some() {
            return false;
        }
        self.trail.extend(lost);
        self.undelivered(step, "nobody who was asked is left");
        true
    }

    /// Where a review begins again, what was heard before is no silence.
    pub(super) fn ask_anew(&mut self, step: usize) {
        let step = self.run.steps(self.scene.policy).get(step);
        if step.is_some_and(|step| matches!(step.kind, StepKind::Ask { .. })) {
            self.run.heard_until = None;
            self.run.asked.iter_mut().for_each(|asked| asked.heard = None);
        }
    }

    /// Until when those whom a question reached, and who are still there, have time to answer.
    fn heard_until(&self) -> Option<Timestamp> {
        let asked = &self.run.asked;
        // A run of an earlier version knows of all of them together only.
        if asked.iter().all(|asked| asked.heard.is_none()) {
            return self.run.heard_until;
        }
        let there = asked.iter().filter(|asked| self.scene.lost(&asked.email).is_none());
        there.filter_map(|asked| asked.heard).max()
    }

    /// All stages are over and nobody decided. Silence decides only where a question
    /// arrived, and when whoever it reached had the time to answer.
    pub(super) fn unanswered(&mut self) {
        let Scene { policy, now, .. } = *self.scene;
        let asks = |step: &Step| matches!(step.kind, StepKind::Ask { .. });
        match self.heard_until() {
            None => {
                let first = policy.steps.iter().position(asks).unwrap_or(0);
                let why = if self.run.asked.is_empty() {
                    "nobody can be asked"
                } else if self.run.heard_until.is_some() {
                    "nobody who was asked is left"
                } else {
                    "no notice could be delivered"
                };
                self.hold(first, why.to_owned());
            }
            Some(until) if until > now => {
                let step = policy.review_len.saturating_sub(1);
                self.run.state = State::Reviewing {
                    step,
                    asked_at: now,
                    closes_at: Some(until),
                    notices: Vec::new(),
                    reminders: Vec::new(),
                    put_off: 0,
                };
            }
            Some(_) => {
                self.run.settled = true;
                match policy.if_ignored {
                    Ignored::Keep => self.end(State::Ended, None),
                    Ignored::Remove => self.go(policy.review_len),
                }
            }
        }
    }
}
