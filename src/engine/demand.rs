//! Evaluations that somebody asks for: of all policies that have a schedule, or of them for
//! some people.
//!
//! Whoever is named is looked at whatever their identity state; a schedule passes by those who
//! are inactive long-term.

use crate::engine::errors::EngineError;
use crate::engine::evaluate::Cause;
use crate::engine::held::{listed_runs, unmoved};
use crate::engine::library::Loaded;
use crate::engine::limit::limit;
use crate::engine::pilot::Pin;
use crate::engine::states::{Asker, Processed, process_states};
use crate::engine::survey::{OUTSIDE_THE_PILOT, Survey};
use crate::engine::tick::{Engine, Settings, TickReport};
use crate::ir::{
    Attribute, Condition, ConditionKind, Field, Level, Policy, SubjectKind, Test,
    TestKind, Value, ValueKind,
};
use crate::store::{PolicyRow, Store};
use crate::text::counted;
use crate::time::Timestamp;
use std::rc::Rc;

/// So many people are processed at once.
pub const MOST_USERS: usize = 250;

/// Somebody who is to be processed: their number, and their address as the store has it.
pub type Named = (i64, String);

impl Engine<'_> {
    /// Evaluates every active policy that has a schedule, whenever that is due.
    pub fn evaluate_all(&mut self, now: Timestamp) -> Result<TickReport, EngineError> {
        self.library.refresh(self.store, now)?;
        self.demand(Cause::Demand, now)?;
        self.work(now)
    }

    /// Computes the identity states of some users, and evaluates every active policy that has
    /// a schedule for them alone. Where the limit on identity states would be passed nothing
    /// is done at all.
    pub fn process_users(
        &mut self,
        users: &[Named],
        by: Asker<'_>,
        now: Timestamp,
    ) -> Result<(Processed, TickReport), EngineError> {
        if users.len() > MOST_USERS {
            return Err(EngineError::Refused(format!(
                "{} are too many: no more than {MOST_USERS} users are processed at once",
                users.len()
            )));
        }
        let store = self.store;
        let processed = store
            .atomically(|| process_states(store, users, (self.settings, by), now))?;
        if processed.held {
            return Ok((processed, TickReport::default()));
        }
        self.library.refresh(store, now)?;
        self.demand(Cause::Users(users), now)?;
        Ok((processed, self.work(now)?))
    }

    fn demand(&mut self, cause: Cause<'_>, now: Timestamp) -> Result<(), EngineError> {
        let store = self.store;
        for row in store.policies()? {
            if row.active.is_none() || !self.has_schedule(&row)? {
                continue;
            }
            if store.is_paused(row.id)? {
                self.report.left_out.push(row.name.clone());
                continue;
            }
            match self.evaluate(&row, cause, now) {
                Ok(()) => {}
                // One policy's trouble stops no other.
                Err(
                    error @ (EngineError::Disagreement { .. } | EngineError::Refused(_)),
                ) => {
                    self.report.blocked.insert(row.name.clone(), error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Policies that wait for events, and gates, are asked when something happens.
    fn has_schedule(&mut self, row: &PolicyRow) -> Result<bool, EngineError> {
        let Some(pin) = Pin::active(row) else { return Ok(false) };
        let loaded = self.loaded(&pin)?;
        Ok(loaded
            .is_some_and(|it| it.policy.schedule.is_some() && it.policy.gate.is_none()))
    }

    /// What the limit says to somebody. A list that is released is let through if it is still
    /// the same. An evaluation for some users goes by the limit of the whole policy; it opens
    /// all or nothing, and there is nothing to release: it can be asked for again.
    pub(super) fn weigh(
        &self,
        (id, policy): (i64, &Policy),
        cause: Cause<'_>,
        survey: &mut Survey,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        match cause {
            Cause::Schedule | Cause::Activation | Cause::Demand | Cause::Event { .. } => {
                return Ok(());
            }
            Cause::Release { held, reached, .. } => {
                // Whom events reached is on the list; who matches no more is left out.
                if reached.is_none() {
                    unmoved(store, held, &survey.opens)?;
                }
                survey.limit.held = false;
                return Ok(());
            }
            // A question takes nothing away: what follows from the answers is limited.
            Cause::Review => {
                survey.limit.held = false;
                return Ok(());
            }
            Cause::Users(_) => {}
        }
        weigh_users(store, (policy, id), survey, (self.settings, now))
    }

    /// Tells the admin that the limit refused an evaluation for some users: once a day of the
    /// same runs. There is nothing to release.
    pub(super) fn refuse_users(
        &self,
        (row, users): (&PolicyRow, &[Named]),
        survey: &Survey,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let (subjects, what) = (listed_runs(self.store, survey)?, listed(users));
        let policy = &row.name;
        let runs = counted(survey.opens.len(), "run", "runs");
        let body = format!(
            "policy \"{policy}\" was to be evaluated for {what} alone. It would open {runs}, and \
             {}. None was opened, and nothing is kept to be released.\n\n\
             Ask again when the limit leaves room: tenure process --user EMAIL ...\n\n\
             A run would be opened for:\n{subjects}",
            survey.limit.words(),
        );
        let letter = (format!("{policy} was refused by its limit: {runs}"), body);
        let about = format!("users/{policy}");
        self.tell_now_and_then((&about, &subjects), letter, now).map(drop)
    }
}

/// What the limit of the whole policy says to an evaluation of it for some users. Whom it was not
/// asked about is not counted.
pub(crate) fn weigh_users(
    store: &Store,
    (policy, id): (&Policy, i64),
    survey: &mut Survey,
    (settings, now): (&Settings, Timestamp),
) -> Result<(), EngineError> {
    let opens = u64::try_from(survey.opens.len()).unwrap_or(u64::MAX);
    survey.limit = limit(store, (policy, Some(id)), (None, opens), (settings, now))?;
    survey.out_of_scope.retain(|count| count.because != OUTSIDE_THE_PILOT);
    Ok(())
}

/// The same policy for some people only, whatever their identity state.
pub fn for_users(policy: &mut Policy, users: &[Named]) {
    let span = policy.when.span;
    let text = listed(users);
    let test = |kind| Condition {
        kind: ConditionKind::Test(Test { kind, text: text.clone() }),
        span,
    };
    let values = users.iter().map(|(_, email)| Value::Text(email.clone())).collect();
    let email = Attribute {
        level: Level::User,
        field: Field::Email,
        kind: ValueKind::Text,
    };
    let mut condition = test(TestKind::OneOf { attribute: email, values });
    if policy.scope.kind != SubjectKind::User {
        // An account that nobody owns is none of theirs, and not undecided.
        let owner = Attribute {
            level: Level::Account,
            field: Field::Owner,
            kind: ValueKind::User,
        };
        let owned = test(TestKind::Known { attribute: owner, known: true });
        let kind = ConditionKind::And(vec![owned, condition]);
        condition = Condition { kind, span };
    }
    policy.narrow(condition, text);
    policy.scope.long_term = true;
}

/// So many people are named one by one.
const NAMED: usize = 3;

fn listed(users: &[Named]) -> String {
    let names = users.iter().take(NAMED).map(|(_, email)| email.as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    match users.len().saturating_sub(NAMED) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

/// What is followed in an evaluation: for some users, the policy narrowed to them.
pub(super) fn followed_by(loaded: Rc<Loaded>, cause: Cause<'_>) -> Rc<Loaded> {
    let Cause::Users(users) = cause else { return loaded };
    let mut policy = Policy::clone(&loaded.policy);
    for_users(&mut policy, users);
    Rc::new(Loaded { policy: Rc::new(policy), cast: loaded.cast.clone() })
}
