//! Tasks: somebody is given something to do, and the run waits until it is done.

use crate::engine::Effect;
use crate::engine::compose::{self, Occasion};
use crate::engine::people;
use crate::engine::run::{Asked, Completion, Run, State};
use crate::engine::step::happened::ended;
use crate::engine::step::{Next, Scene, Then, UNDELIVERED};
use crate::engine::trail::Entry;
use crate::facts::Person;
use crate::ir::{Message, StepKind, Who};
use crate::text::fold;

impl Next<'_> {
    pub(super) fn task(&mut self, index: usize, who: &[Who], message: &Message) -> Then {
        let scene = self.scene;
        let found = people::find(who, scene.policy, scene.facts, scene.cast);
        for (who, why) in found.passed_over {
            self.trail.push(Entry::PassedOver { who, why });
        }
        if found.people.is_empty() {
            self.fail(index, "nobody can be given the task".to_owned());
            return Then::Stop;
        }
        self.give(index, (&found.people, message), Vec::new());
        Then::Stop
    }

    /// Gives it to these people, beside those who had it before.
    fn give(
        &mut self,
        index: usize,
        (new, message): (&[Person], &Message),
        mut people: Vec<Asked>,
    ) {
        let scene = self.scene;
        for person in new {
            let about = (&self.run, scene);
            let mail = match compose::mail(Occasion::Task, message, person, about) {
                Ok(mail) => mail,
                Err(why) => return self.fail(index, why),
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
        self.run.state = State::Tasked {
            step: index,
            asked_at: scene.now,
            closes_at: None,
            delivered: false,
            people,
        };
    }

    /// Once nobody whose task it is is there any more, it falls to those whom its step names
    /// now, else to the admin; without anybody the step has failed. Says whether that was so.
    pub(super) fn task_deserted(&mut self) -> bool {
        let State::Tasked { step: index, people, .. } = self.run.state.clone() else {
            return false;
        };
        let lost: Option<Vec<Entry>> = people
            .iter()
            .map(|asked| {
                let (who, why) = (asked.email.clone(), self.scene.lost(&asked.email)?);
                Some(Entry::PassedOver { who, why })
            })
            .collect();
        let Some(lost) = lost else { return false };
        let Scene { policy, facts, cast, .. } = *self.scene;
        let task = self.run.step(policy, index).map(|step| &step.kind);
        let Some(StepKind::Task { who, message, .. }) = task else { return false };
        self.trail.extend(lost);
        let there = |mut people: Vec<Person>| {
            people.retain(|person| self.scene.lost(&person.email).is_none());
            people
        };
        let mut heirs = there(people::find(who, policy, facts, cast).people);
        if heirs.is_empty() {
            heirs = there(self.admin());
        }
        match heirs.is_empty() {
            true => self.fail(index, "nobody whose task it is is left".to_owned()),
            false => self.give(index, (&heirs, message), people),
        }
        true
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
        // They are looked after each day, for nothing else would tell that they have left.
        if self.task_deserted() {
            return;
        }
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
        let admin = admin.iter().map(|person| &person.email);
        let mut known = people.iter().map(|asked| &asked.email).chain(admin);
        let Some(by) = known.find(|email| fold(email) == by).cloned() else {
            let theirs: Vec<&str> = people.iter().map(|it| it.email.as_str()).collect();
            return Err(format!(
                "the task of run {} is not {}'s; it is {}'s",
                self.run.id,
                completion.by,
                theirs.join(", ")
            ));
        };
        self.trail.push(Entry::Completed(Completion { by, ..completion }));
        self.go(step + 1);
        Ok(())
    }
}

impl Run {
    /// Those whose decision, or whose task, it may be waiting for. Once a review is over, nobody
    /// who was asked matters any more.
    pub(crate) fn awaited(&self) -> Vec<Asked> {
        let mut awaited = if self.settled { Vec::new() } else { self.asked.clone() };
        if let State::Tasked { people, .. } = &self.state {
            awaited.extend(people.iter().cloned());
        }
        awaited
    }
}
