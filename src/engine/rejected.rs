//! What an access review rejects: it is told of, and whoever takes that event takes the access.
//!
//! INVARIANT: policies hear of a rejection before the review acts on it, so that they find the
//! access still there, and what one of them takes the review takes no second time. Where one
//! that may take it cannot listen yet, the review waits for it.

use crate::engine::at_work::MEND;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::hear::whoever;
use crate::engine::library::Loaded;
use crate::engine::moment::{Footing, moment};
use crate::engine::pilot::Pin;
use crate::engine::run::Run;
use crate::engine::step::Event;
use crate::engine::tick::Engine;
use crate::facts::SubjectId;
use crate::ir::EventKind;
use crate::query::{Moment, Truth, evaluate, verdict};
use crate::store::{Campaign, EventRow, RunRow};
use crate::syntax::names_in;
use crate::text::counted;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// So many runs are named in a mail.
const SHOWN: usize = 20;

impl Engine<'_> {
    /// Tells of all that was decided to go in an access review, once each, and then lets it go,
    /// unless it is paused; whether any went.
    pub(super) fn act_on_verdicts(
        &mut self,
        policy_id: i64,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let store = self.store;
        let any = store.atomically(|| {
            let mut untold = Vec::new();
            let mut any = false;
            // Nobody pauses it meanwhile.
            if store.is_paused(policy_id)? {
                return Ok(false);
            }
            for row in store.open_runs_of(policy_id)? {
                let run = read(&row)?;
                if !run.is_rejected() {
                    continue;
                }
                any = true;
                if run.rejection.is_none() {
                    untold.push((row, run));
                }
            }
            let told: Vec<_> =
                untold.iter().map(|(row, _)| (row.subject.id, row.id)).collect();
            let event = store.tell_rejections(policy_id, &told, now)?;
            for (row, run) in untold {
                let run = Run { rejection: Some(event), ..run };
                let body = serde_json::to_string(&run)?;
                store.save_run(&RunRow { body, ..row })?;
            }
            Ok::<_, EngineError>(any)
        })?;
        if !any {
            return Ok(false);
        }
        self.events(now)?;
        store.atomically(|| {
            let mut moved = false;
            let mut waits = BTreeMap::<String, Waits>::new();
            for row in store.open_runs_of(policy_id)? {
                let run = read(&row)?;
                if !run.is_rejected() {
                    continue;
                }
                let event = match self.taken_by(&run)? {
                    Some(policy) => Event::LeftTo { policy },
                    None => match self.may_be_taken_by((policy_id, &run), now)? {
                        Some(Keeper { why, ways }) => {
                            let awaited = run.awaits.as_ref().filter(|it| it.why == why);
                            let waits = waits.entry(why.clone()).or_default();
                            waits.ways.clone_from(&ways);
                            waits.runs.push(run.id.0);
                            waits.begin |= awaited.is_none();
                            let since = awaited.and_then(|it| it.since).unwrap_or(now);
                            waits.since =
                                Some(waits.since.map_or(since, |first| first.min(since)));
                            // It is not yet to look again.
                            if awaited.is_some_and(|it| it.at > now) {
                                continue;
                            }
                            Event::MayBeLeft { why, ways }
                        }
                        None => Event::Closed,
                    },
                };
                self.advance(&row, event, now)?;
                // One whose policy is blocked goes when it can be followed again.
                let after = store.run(row.id)?.map(|row| read(&row)).transpose()?;
                moved |= !after.as_ref().is_some_and(Run::is_rejected);
            }
            for (why, waits) in waits {
                self.review_waits(policy_id, (&why, &waits), now)?;
            }
            Ok::<_, EngineError>(moved)
        })
    }

    /// The policy that takes away what was rejected, because it was.
    fn taken_by(&mut self, run: &Run) -> Result<Option<String>, EngineError> {
        let Some(event) = run.rejection else { return Ok(None) };
        for row in self.store.runs_opened_by_event(run.subject.id, event)? {
            let other = read(&row)?;
            if self.takes_rejected(&Pin::of_run(&row, &other))? {
                return Ok(Some(other.policy));
            }
        }
        Ok(None)
    }

    /// The review that takes, or has taken, what it rejected, as no policy could listen to that
    /// which would have.
    pub(super) fn taken_by_review(
        &self,
        about: SubjectId,
        rejected: &EventRow,
    ) -> Result<Option<String>, EngineError> {
        for row in self.store.runs_of(about)? {
            let run = read(&row)?;
            let its = Some(row.policy_id) == rejected.policy && run.rejection.is_some();
            if its && run.acts_at.is_none() && (run.state.is_open() || run.took) {
                return Ok(Some(run.policy));
            }
        }
        Ok(None)
    }

    /// The policy that may yet take away what was rejected, and what keeps it: it is paused or
    /// blocked and has not listened, or its evaluation is held by a limit.
    fn may_be_taken_by(
        &mut self,
        (review, run): (i64, &Run),
        now: Timestamp,
    ) -> Result<Option<Keeper>, EngineError> {
        let (store, subject) = (self.store, run.subject.id);
        let Some(event) = run.rejection else { return Ok(None) };
        let behind = store.behind(event)?;
        for row in store.policies()? {
            // One that is only observed takes nothing.
            let Some(pin) =
                Pin::active(&row).filter(|pin| pin.id != review && !row.mode.observe)
            else {
                continue;
            };
            let name = &row.name;
            let unheard =
                behind.iter().any(|it| it.policy == row.id && it.heard_to < event);
            if !unheard {
                if let Some(held) = store.last_held(row.id, true)?
                    && (held.state.as_str(), held.version) == ("held", pin.version)
                    // Whatever put it there, the list is settled for this as well.
                    && store.held_for_whom(held.evaluation, subject)?.is_some()
                    && self.takes_rejected(&pin)?
                {
                    let number = held.evaluation;
                    let why = format!(
                        "evaluation {number} of policy {name} is held, and may take it away"
                    );
                    let settle = format!(
                        "tenure release {number} --reason TEXT, or tenure discard {number} \
                         --reason TEXT"
                    );
                    return Ok(Some(Keeper::of(name, why, ("Settle it", &settle))));
                }
                let waiting = store.awaiting_subject(row.id, subject)?;
                if let Some((_, waits)) = waiting.into_iter().find(|it| it.0 == event)
                    && self.takes_rejected(&pin)?
                {
                    let why =
                        format!("policy {name} waits for {waits}, and may take it away");
                    return Ok(Some(Keeper::of(
                        name,
                        why,
                        ("Import it", "tenure import"),
                    )));
                }
                continue;
            }
            let may_take = match self.loaded(&pin)? {
                Some(loaded) => {
                    self.may_take((row.id, &loaded, pin.version), subject, now)?
                }
                None => self.takes_rejected(&pin)?,
            };
            if may_take {
                let resume = format!("tenure resume {}", word(name));
                let (kept, way) = match store.is_paused(row.id)? {
                    true if store.pause_of(Some(row.id))?.is_none() => {
                        ("is paused", ("Let it go on", "tenure resume"))
                    }
                    true => ("is paused", ("Let it go on", resume.as_str())),
                    false => ("cannot be followed now", ("Mend it", MEND)),
                };
                let why = format!("policy {name} {kept}, and may take it away");
                return Ok(Some(Keeper::of(name, why, way)));
            }
        }
        Ok(None)
    }

    /// Whether a policy listens to rejections and takes something; one that cannot be followed
    /// now may do so.
    fn takes_rejected(&mut self, pin: &Pin<'_>) -> Result<bool, EngineError> {
        let Some(loaded) = self.loaded(pin)? else {
            let text = self.store.policy_text(pin.id, pin.version)?.unwrap_or_default();
            return Ok(names_in(&text).contains("rejected"));
        };
        let mut events = loaded.policy.events.iter();
        Ok(loaded.policy.takes()
            && events.any(|event| event.kind == EventKind::AccessRejected))
    }

    /// Whether a policy listens to rejections, takes something, and may do so to a subject.
    fn may_take(
        &self,
        (id, loaded, version): (i64, &Loaded, u32),
        subject: SubjectId,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let (store, policy) = (self.store, &*loaded.policy);
        let mut events = policy.events.iter();
        if !policy.takes()
            || subject.kind() != policy.scope.kind
            || !events.any(|event| event.kind == EventKind::AccessRejected)
            || store.outside(&whoever(&policy.scope), subject)?.is_some()
            || store.is_blocked(id, subject, now)?
        {
            return Ok(false);
        }
        let Some(facts) = store.facts_by(subject, policy.activity.as_ref())? else {
            return Ok(false);
        };
        let footing = Footing::Active { id, version };
        let at = moment(store, policy, footing, (self.settings.zone, now))?;
        let at = Moment { since: Some(now), ..at };
        let pilot = policy.pilot.as_ref();
        let inside =
            pilot.is_none_or(|it| evaluate(&it.condition, &facts, at) == Truth::True);
        let truth = verdict(&policy.when, policy.except.as_ref(), &facts, at);
        Ok(inside && truth != Truth::False)
    }
}

/// A policy that may yet take away what was rejected.
struct Keeper {
    /// Which one, and what keeps it.
    why: String,
    /// What to do about it.
    ways: Vec<String>,
}

impl Keeper {
    fn of(policy: &str, why: String, (what, command): (&str, &str)) -> Self {
        let ways = vec![
            format!("{what}: {command}"),
            format!("Let the review take it itself: tenure deactivate {}", word(policy)),
            "Leave the access: tenure cancel RUN".to_owned(),
        ];
        Self { why, ways }
    }
}

/// What waits for one such policy.
#[derive(Default)]
struct Waits {
    ways: Vec<String>,
    runs: Vec<i64>,
    since: Option<Timestamp>,
    /// Whether one of them has just begun to wait.
    begin: bool,
}

impl Engine<'_> {
    /// Says that a review waits for another policy: each time when something is done, and to the
    /// admin when it begins, at most once a day.
    fn review_waits(
        &mut self,
        policy_id: i64,
        (why, waits): (&str, &Waits),
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let campaigns = self.store.campaigns()?;
        let Some(review) = campaigns.iter().find(|it| it.policy_id == policy_id) else {
            return Ok(());
        };
        let Campaign { id, app, .. } = review;
        let runs = counted(waits.runs.len(), "run waits", "runs wait");
        self.warn(format!("review {id}: {runs}, as {why}"));
        // Where everything is paused nothing leaves, and whoever did that knows.
        if !waits.begin || self.store.is_paused(policy_id)? {
            return Ok(());
        }
        let since = waits.since.unwrap_or(now).to_the_minute_in(self.settings.zone);
        let shown = waits.runs.iter().take(SHOWN).map(|run| format!("run {run}"));
        let mut shown: Vec<String> = shown.collect();
        let more = waits.runs.len().saturating_sub(SHOWN);
        shown.extend((more > 0).then(|| format!("{more} more")));
        let body = format!(
            "what was decided to go in access review {id} of {app} is not taken away yet: {why}. \
             Since {since} {runs} for it: {}. So that nothing is taken twice, the review waits \
             until that is settled, however long it takes.\n\n\
             Look: tenure review status {id}\n{}\n",
            shown.join(", "),
            waits.ways.join("\n")
        );
        let subject = format!("Review {id} of {app} waits for another policy");
        let about = format!("review/{id}/{why}");
        self.tell_now_and_then((&about, ""), (subject, body), now)?;
        Ok(())
    }
}

/// A name as one word of a command.
pub(super) fn word(name: &str) -> String {
    match name.contains(char::is_whitespace) {
        true => format!("\"{name}\""),
        false => name.to_owned(),
    }
}
