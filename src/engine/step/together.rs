//! `all of`: each of its steps is tried, whatever becomes of the others.

use crate::engine::run::{State, Together};
use crate::engine::step::{Next, Then};
use crate::ir::{Step, StepKind};

impl Next<'_> {
    /// Goes on with an `all of`, from its first step or from where it was.
    pub(super) fn all_of(&mut self, index: usize, steps: &[Step]) -> Then {
        if self.run.together.is_none() {
            let todo = (0..steps.len()).collect();
            self.run.together = Some(Together { todo, failed: Vec::new() });
        }
        while let Some(step) = self.inner().and_then(|inner| steps.get(inner)) {
            if self.perform(index, step) == Then::Stop {
                // A step that changed the store has been done with that.
                if self.run.state == (State::At { step: index + 1 }) {
                    self.passed(index);
                }
                return Then::Stop;
            }
            self.passed(index);
        }
        let failed = self.run.together.clone().unwrap_or_default().failed;
        if failed.is_empty() {
            self.run.together = None;
            return Then::GoOn;
        }
        let whys = failed.iter().filter_map(|(inner, why)| {
            Some(format!("`{}` failed: {why}", steps.get(*inner)?.text))
        });
        let why = whys.collect::<Vec<_>>().join("; ");
        self.fail(index, why);
        Then::Stop
    }

    /// What failed of an `all of` is tried again, and nothing else.
    pub(super) fn again(&mut self) {
        if let Some(together) = self.run.together.as_mut().filter(|it| it.todo.is_empty())
        {
            let failed = std::mem::take(&mut together.failed);
            together.todo = failed.into_iter().map(|(inner, _)| inner).collect();
        }
    }

    /// A step is done: the next one is about to begin.
    pub(super) fn passed(&mut self, index: usize) {
        self.run.awaits = None;
        let inside = self.inside(index);
        if let (true, Some(together)) = (inside, &mut self.run.together) {
            together.todo.remove(0);
        }
        let step = if inside { index } else { index + 1 };
        self.run.state = State::At { step };
    }

    /// A step in the parentheses failed: the others are tried.
    pub(super) fn inner_failed(&mut self, index: usize, why: String) {
        let inner = self.inner();
        self.passed(index);
        if let (Some(inner), Some(together)) = (inner, &mut self.run.together) {
            together.failed.push((inner, why));
        }
    }

    /// Whether a step in the parentheses of that one is at work.
    pub(super) fn inside(&self, index: usize) -> bool {
        let step = self.run.steps(self.scene.policy).get(index);
        step.is_some_and(|step| matches!(step.kind, StepKind::AllOf(_)))
            && self.inner().is_some()
    }

    /// The index in the parentheses of the step that is at work there, where it has any.
    pub(super) fn inner_of(&self, index: usize) -> Option<usize> {
        if self.inside(index) { self.inner() } else { None }
    }

    fn inner(&self) -> Option<usize> {
        self.run.together.as_ref()?.todo.first().copied()
    }
}
