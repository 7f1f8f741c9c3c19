//! Tasks: somebody is given something to do, and the run waits until it is done.

use crate::engine::Effect;
use crate::engine::compose::{self, Occasion};
use crate::engine::people;
use crate::engine::run::{Asked, Completion, State};
use crate::engine::step::happened::ended;
use crate::engine::step::{Next, Then, UNDELIVERED};
use crate::engine::trail::Entry;
use crate::ir::{Message, StepKind, Who};
use crate::text::fold;

impl Next<'_> {
    pub(super) fn task(&mut self, index: usize, who: &[Who], message: &Message) -> Then {
        let scene = self.scene;
        let found = people::find(who, scene.policy, scene.facts, scene.cast);
        for (who, why) in found.passed_over {
            self.trail.push(Entry::PassedOver { who, why });
        }
        let mut people = Vec::new();
        for person in &found.people {
            let mail = match compose::mail(
                Occasion::Task,
                message,
                person,
                (&self.run, scene),
            ) {
                Ok(mail) => mail,
                Err(why) => {
                    self.fail(index, why);
                    return Then::Stop;
                }
            };
            let (who, name) = (person.email.clone(), person.display_name());
            let step = self.step_text(index);
            people.push(Asked {
                email: who.clone(),
                name: name.clone(),
                step: index,
                heard: None,
            });
            self.trail.push(Entry::Assigned { who, name, step });
            let key = self.emit(Effect::Mail(mail));
            self.run.tasking.push(key);
        }
        if people.is_empty() {
            self.fail(index, "nobody can be given the task".to_owned());
            return Then::Stop;
        }
        self.run.state = State::Tasked {
            step: index,
            asked_at: scene.now,
            closes_at: None,
            delivered: false,
            people,
        };
        Then::Stop
    }

    /// A message about the task arrived, or never will.
    pub(super) fn task_heard(&mut self, key: &str, arrived: bool) {
        self.run.tasking.retain(|message| message != key);
        let last = self.run.tasking.is_empty();
        let State::Tasked { step, delivered: before, .. } = self.run.state else {
            return;
        };
        if arrived && !before {
            let scene = self.scene;
            let task = self.run.step(scene.policy, step).map(|step| &step.kind);
            let window = match task {
                Some(StepKind::Task { window, .. }) => *window,
                _ => None,
            };
            if let State::Tasked { closes_at, delivered, .. } = &mut self.run.state {
                *delivered = true;
                *closes_at = window.map(|window| scene.calendar.after(scene.now, window));
            }
        } else if !arrived && !before && last {
            self.fail(step, "nobody could be told of the task".to_owned());
        }
    }

    pub(super) fn task_due(&mut self, index: usize) {
        let now = self.scene.now;
        let State::Tasked { asked_at, closes_at, delivered, people, .. } =
            &mut self.run.state
        else {
            return;
        };
        if !*delivered {
            if self.scene.waits_since(*asked_at).after(UNDELIVERED) <= now {
                self.fail(index, "nobody could be told of the task".to_owned());
            }
            return;
        }
        if closes_at.is_none_or(|closes_at| closes_at > now) {
            return;
        }
        // The admin hears of it once, and the run goes on waiting.
        *closes_at = None;
        let names: Vec<String> = people.iter().map(|it| it.email.clone()).collect();
        let step = self.step_text(index);
        self.trail.push(Entry::NotDoneYet { step: step.clone() });
        for person in self.admin() {
            let task = (step.as_str(), names.as_slice());
            let words = compose::not_done_yet(&person, task, (&self.run, self.scene));
            let (who, name) = (person.email.clone(), person.display_name());
            self.trail.push(Entry::Told { who, name, step: step.clone() });
            self.emit(Effect::Mail(words));
        }
    }

    /// Those whose task it is say that it is done, or the admin does.
    pub(super) fn completed(&mut self, completion: Completion) -> Result<(), String> {
        let State::Tasked { step, people, .. } = &self.run.state else {
            return Err(if self.run.state.is_open() {
                format!("run {} waits for no task now", self.run.id)
            } else {
                ended(&self.run)
            });
        };
        let step = *step;
        let by = fold(&completion.by);
        let admin = self.admin();
        let admin = admin.iter().any(|person| fold(&person.email) == by);
        if !admin && !people.iter().any(|asked| fold(&asked.email) == by) {
            let theirs: Vec<&str> = people.iter().map(|it| it.email.as_str()).collect();
            return Err(format!(
                "the task of run {} is not {}'s; it is {}'s",
                self.run.id,
                completion.by,
                theirs.join(", ")
            ));
        }
        self.trail.push(Entry::Completed(completion));
        self.go(step + 1);
        Ok(())
    }
}
