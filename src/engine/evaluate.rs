//! Evaluations: whom a policy would open runs for, and the runs that it opens.

use crate::engine::arms::{asks_for_edges, conditions, narrowed};
use crate::engine::commit::{new_run, of_whom, opened_for, read};
use crate::engine::demand::{Named, followed_by};
use crate::engine::errors::EngineError;
use crate::engine::hear::{Reached, survey_among};
use crate::engine::library::Loaded;
use crate::engine::moment::{Footing, moment};
use crate::engine::people::deserted;
use crate::engine::pilot::Pin;
use crate::engine::rank::Senior;
use crate::engine::report;
use crate::engine::rivals::siblings;
use crate::engine::run::Run;
use crate::engine::step::{Event, UNTIL_UNMATCHED};
use crate::engine::survey::{Count, Reason, Survey, matching, survey};
use crate::engine::tick::{Engine, Evaluated};
use crate::facts::SubjectId;
use crate::ir::{Condition, Policy};
use crate::query::{Moment, Truth, verdict};
use crate::store::{EvaluationRow, HeldEvaluation, PolicyRow, Store};
use crate::time::{Duration, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What an evaluation comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause<'a> {
    /// Its time came.
    Schedule,
    /// Somebody asked for it.
    Activation,
    /// It is that of an access review.
    Review,
    /// Somebody asked for all policies.
    Demand,
    /// Somebody asked for some people.
    Users(&'a [Named]),
    /// Something happened.
    Event {
        /// Whom it reaches, and why.
        reached: &'a Reached,
        /// The events that the policy listens to.
        heard: &'a [i64],
        /// What it leaves to other policies, of access that expires.
        taken: &'a [Count],
        /// The last event of the batch.
        end: i64,
    },
    /// Somebody lets through what was held.
    Release {
        /// What was held.
        held: &'a HeldEvaluation,
        /// For whom, where it was for events.
        reached: Option<&'a Reached>,
        /// Who.
        by: &'a str,
        /// Why.
        reason: &'a str,
    },
}

/// A schedule followed up to an instant so far ahead was followed by a wrong clock.
const CLOCK_AHEAD: Duration = Duration(25 * 3_600);

impl Engine<'_> {
    pub(super) fn schedules(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let mut moved = false;
        for row in self.store.policies()? {
            let (Some(pin), Some(from)) = (Pin::active(&row), row.scheduled_from) else {
                continue;
            };
            if self.store.is_paused(row.id)? {
                continue;
            }
            let Some(loaded) = self.loaded(&pin)? else {
                if let Some(why) = self.report.blocked.get(&row.name) {
                    self.miss((&row, &pin), why, now)?;
                }
                continue;
            };
            if from > now.after(CLOCK_AHEAD) {
                // Nothing fires twice, so nothing fires; but nobody should have to guess why.
                self.warn(format!(
                    "policy {} was last evaluated at {from}, which lies ahead: where that \
                     clock was wrong, activate the policy again",
                    row.name
                ));
            }
            let next = loaded
                .policy
                .schedule
                .as_ref()
                .and_then(|it| it.next_after(from, self.settings.zone));
            // However many times were missed, they are caught up once.
            if next.is_some_and(|next| next <= now) {
                match self.evaluate(&row, Cause::Schedule, now) {
                    Ok(()) => moved = true,
                    // One policy's trouble stops no other.
                    Err(
                        error @ (EngineError::Disagreement { .. }
                        | EngineError::Refused(_)),
                    ) => {
                        let why = error.to_string();
                        self.miss((&row, &pin), &why, now)?;
                        self.report.blocked.insert(row.name.clone(), why);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(moved)
    }

    pub(super) fn evaluate(
        &mut self,
        row: &PolicyRow,
        cause: Cause<'_>,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let Some(pin) = Pin::active(row) else {
            return Err(EngineError::Refused(format!(
                "policy `{}` is not active",
                row.name
            )));
        };
        let version = pin.version;
        let Some(whole) = self.loaded(&pin)? else { return Ok(()) };
        self.too_old.look(
            self.store,
            (&whole.policy, &whole.cast.nevers),
            (self.settings, now),
        )?;
        let loaded = followed_by(Rc::clone(&whole), cause);
        let rivals = self.rivals(&loaded.policy)?;
        let store = self.store;
        let evaluated = store.atomically(|| {
            // Whoever deactivates a policy is obeyed at once.
            let still = store.policy(&row.name)?;
            if still
                .is_none_or(|it| (it.active, it.mode) != (row.active, row.mode.clone()))
            {
                return Ok(None);
            }
            if self.pause_forbids((row.id, &row.name), cause)? {
                return Ok(None);
            }
            let told_to = store.told_to(row.id)?;
            let footing = Footing::Active { id: row.id, version };
            let rivals: Vec<Senior<'_>> = rivals
                .iter()
                .map(|(loaded, footing)| Senior {
                    policy: &loaded.policy,
                    footing: *footing,
                })
                .collect();
            let asked = (&*loaded, rivals.as_slice());
            let reached = cause.reached();
            let mut survey = self.look(&pin, asked, (footing, cause), now)?;
            self.weigh((row.id, &whole.policy), cause, &mut survey, now)?;
            let opens = if survey.limit.held { &[][..] } else { survey.opens.as_slice() };
            let reasons = self.reasons((&loaded.policy, cause), opens, survey.at)?;
            let of_all = reached.is_none().then_some((row.id, version));
            let report = report::note(store, (of_all, &loaded), &survey)?;
            let first = store.next_run_id()?;
            let opened = self.open((row, cause), &loaded, reasons, survey.at)?;
            let evaluation = store.record_evaluation(&EvaluationRow {
                id: 0,
                policy_id: row.id,
                version,
                at: now,
                cause: cause.name().to_owned(),
                opened,
                held: survey.limit.held,
                observed: row.mode.observe,
                takes: loaded.policy.takes(),
                report: serde_json::to_string(&survey)?,
                held_id: None,
            })?;
            store.opened_by(evaluation, (row.id, first))?;
            self.settle((row, cause), (evaluation, version), (&survey, now))?;
            if let Some(found) = report {
                let body = found.body(opened)?;
                store.owe_report((evaluation, row.id), (&body, told_to))?;
            }
            answered(store, (row.id, cause), (evaluation, now))?;
            Ok::<_, EngineError>(Some(Evaluated {
                policy: row.name.clone(),
                evaluation,
                cause: cause.name(),
                opened,
                observed: row.mode.observe,
                survey,
            }))
        })?;
        self.report.evaluations.extend(evaluated);
        Ok(())
    }

    /// What it finds: among those whom events reach, else among all in scope, whose open runs
    /// are looked at first.
    fn look(
        &mut self,
        pin: &Pin<'_>,
        (loaded, rivals): (&Loaded, &[Senior<'_>]),
        (footing, cause): (Footing, Cause<'_>),
        now: Timestamp,
    ) -> Result<Survey, EngineError> {
        let asked = (&*loaded.policy, rivals);
        let when = (self.settings, now);
        if let Some(reached) = cause.reached() {
            let found = survey_among(self.store, asked, footing, reached, when)?;
            let taken = match cause {
                Cause::Event { taken, .. } => taken.to_vec(),
                _ => Vec::new(),
            };
            return Ok(Survey { taken, ..found });
        }
        self.recheck(pin, loaded, now)?;
        survey(self.store, asked, footing, when)
    }

    /// Opens a run for each of those for whom there is a reason, and says how many these were.
    fn open(
        &mut self,
        (row, cause): (&PolicyRow, Cause<'_>),
        loaded: &Loaded,
        reasons: Vec<(SubjectId, Reason)>,
        at: Moment,
    ) -> Result<u64, EngineError> {
        let store = self.store;
        let version = row.active.unwrap_or_default();
        let acts_at = store.verdicts_act_at(row.id)?;
        let reached = cause.reached();
        let last_event = store.last_event()?;
        let mut opened = 0;
        for (subject, reason) in reasons {
            // A run before it may have taken the subject: two permissions of one account.
            let activity = loaded.policy.activity.as_ref();
            let Some(facts) = store.facts_by(subject, activity)? else { continue };
            let id = (self.store_id.as_str(), store.next_run_id()?);
            let run = new_run(id, (&row.name, version), of_whom(&facts), at.now);
            let heard = reached.and_then(|them| them.get(&subject)).cloned();
            let run = opened_for(run, &reason, (&loaded.policy, at)).opened_as(&row.mode);
            let rejected_with = match &heard {
                Some(heard) => store.rejected_with(subject, heard.last)?,
                None => None,
            };
            let run = Run {
                rejected_with,
                released: matches!(cause, Cause::Release { .. }),
                acts_at,
                on_demand: matches!(cause, Cause::Users(_)),
                edge: run.edge || heard.is_some(),
                after_event: heard.as_ref().map_or(last_event, |heard| heard.last),
                heard,
                ..run
            };
            let event = Event::Opened { because: reason.because };
            let beside = siblings(store, row.id, &run)?;
            self.apply((&run, &beside), event, (row.id, loaded, &facts), at.now)?;
            opened += 1;
        }
        Ok(opened)
    }

    /// Runs whose condition ceased to hold end; subjects that rest until they were once seen
    /// not to match are let go when they are.
    pub(super) fn recheck(
        &mut self,
        pin: &Pin<'_>,
        loaded: &Loaded,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        let (policy_id, version) = (pin.id, pin.version);
        let open = store.open_runs_of(policy_id)?;
        let policy = &*loaded.policy;
        let kind = policy.scope.kind;
        let several = policy.arms.len() > 1;
        let resting =
            store.resting_until_unmatched((policy_id, kind), UNTIL_UNMATCHED)?;
        if open.is_empty() && resting.is_empty() {
            return Ok(());
        }
        let footing = Footing::Active { id: policy_id, version };
        // No edge is looked for here: what one opened is not undone by its having passed, and
        // who did what one was for is let go.
        let at = Moment {
            since: Some(now),
            ..moment(store, policy, footing, (self.settings.zone, now))?
        };
        let matching: BTreeSet<i64> = matching(store, policy, at)?.into_iter().collect();
        let edges = conditions(&policy.arms).into_iter().any(asks_for_edges);
        for row in open {
            // A run under an older version or of another pilot, and one of some of several
            // arms, has a condition of its own; an edge that opened one stays true for it.
            let pinned = (row.version, row.only.as_deref()) == (version, pin.only);
            let own = several || edges || !pinned;
            if own
                || !matching.contains(&row.subject.id.number())
                || deserted(store, &row)?
            {
                self.advance(&row, Event::Evaluated, now)?;
            }
        }
        for (run, subject) in resting {
            if !several && matching.contains(&subject.number()) {
                continue;
            }
            // Only who is known not to match is let go: nothing is taken twice on a guess.
            if self.ceased(run, (policy, version), (subject, at))? {
                store.unblock(run)?;
            }
        }
        Ok(())
    }

    /// Whether none of what opened a run that has ended holds any more.
    fn ceased(
        &self,
        run: i64,
        (policy, version): (&Policy, u32),
        (subject, at): (SubjectId, Moment),
    ) -> Result<bool, EngineError> {
        let policy = match self.store.run(run)? {
            Some(row) if policy.arms.len() > 1 && row.version == version => {
                narrowed(policy, &read(&row)?.chosen)
            }
            _ => Cow::Borrowed(policy),
        };
        let mut opened_by = conditions(&policy.arms);
        if opened_by.is_empty() {
            opened_by.push(policy.own_when());
        }
        let Some(facts) = self.store.facts_by(subject, policy.activity.as_ref())? else {
            return Ok(true);
        };
        let except = policy.except.as_ref();
        let ceased = |when: &&Condition| verdict(when, except, &facts, at);
        Ok(opened_by.iter().map(ceased).all(|truth| truth == Truth::False))
    }
}

impl<'a> Cause<'a> {
    /// Whom it is about, where that is not everyone in scope.
    pub(super) fn reached(self) -> Option<&'a Reached> {
        match self {
            Self::Event { reached, .. } => Some(reached),
            Self::Release { reached, .. } => reached,
            Self::Schedule
            | Self::Activation
            | Self::Review
            | Self::Demand
            | Self::Users(_) => None,
        }
    }

    /// The events that it comes from, where there are any; of those that were held it is known
    /// already who heard them.
    fn heard(self) -> Option<&'a [i64]> {
        match self {
            Self::Event { heard, .. } => Some(heard),
            Self::Release { reached: Some(_), .. } => Some(&[]),
            _ => None,
        }
    }

    /// The word for it on record.
    fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Review => "review",
            Self::Activation => "activation",
            Self::Demand => "demand",
            Self::Users(_) => "users",
            Self::Event { .. } => "event",
            Self::Release { reached: Some(_), .. } => "event release",
            Self::Release { .. } => "release",
        }
    }
}

/// What an evaluation was for needs no other one.
fn answered(
    store: &Store,
    (policy_id, cause): (i64, Cause<'_>),
    (evaluation, now): (i64, Timestamp),
) -> Result<(), EngineError> {
    if let Some(heard) = cause.heard() {
        store.note_heard(evaluation, heard)?;
    }
    match cause {
        Cause::Event { end, .. } => store.set_heard_to(policy_id, end)?,
        // Everybody else still waits for the schedule.
        Cause::Users(_) | Cause::Release { reached: Some(_), .. } => {}
        _ => store.set_scheduled_from(policy_id, now)?,
    }
    Ok(())
}
