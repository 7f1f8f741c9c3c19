//! What a run took or gave is put back, as far as there is a way back.
//!
//! A change is undone only where everything is still as the run left it: what somebody else has
//! made of it since stays. What was off before the run stays off, for each thing becomes what it
//! was before. The limits count nothing of it; what is protected and what never happens hold.

use crate::engine::change::text;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::reversal::Rails;
use crate::engine::run::Run;
use crate::engine::trail::Entry;
use crate::engine::{Change, Links, Settings};
use crate::facts::SubjectId;
use crate::store::{Called, RunRow, Store, StoreError};
use crate::text::{counted, fold};
use crate::time::{Duration, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// One run.
    Run(i64),
    /// All runs that an evaluation opened.
    Evaluation(i64),
}

/// A run that is undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The run.
    pub run: i64,
    /// Its policy.
    pub policy: String,
    /// Whose access it is about.
    pub subject: String,
    /// What it had done, the last first, and what became of each.
    pub steps: Vec<UndoneStep>,
    /// Why nothing of it is left to undo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
}

/// One thing that a run had done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoneStep {
    /// What.
    pub what: String,
    /// Why it is not undone; nothing where it is.
    pub why_not: Option<String>,
}

/// Undoes what runs have done, all in one transaction, and puts it on record. A preview says
/// the same, and changes nothing.
pub fn undo(
    store: &Store,
    (what, preview): (Undo, bool),
    (by, settings): (&str, &Settings),
    now: Timestamp,
) -> Result<Vec<Undone>, EngineError> {
    let rails = Rails::new(store, settings)?;
    let links = Links::of(&settings.connectors);
    let who = (by, settings.snooze);
    let mut done = Vec::new();
    let all = store.atomically(|| {
        let mut runs = runs(store, what)?;
        // What was done last is undone first.
        runs.reverse();
        for (row, run) in runs {
            if let Some(left_out) = left_out(&run) {
                let (policy, subject) = (run.policy, run.subject.name);
                let left_out = Some(left_out);
                done.push(Undone {
                    run: row.id,
                    policy,
                    subject,
                    steps: Vec::new(),
                    left_out,
                });
                continue;
            }
            let undoes = (by, Some((row.policy_id, row.id)));
            done.push(store.done_by(undoes, now, || {
                undo_run((store, &rails), (&row, run), who, (&links, now))
            })?);
        }
        if preview { Err(Stop::Preview) } else { Ok(()) }
    });
    match all {
        Ok(()) | Err(Stop::Preview) => Ok(done),
        Err(Stop::Error(error)) => Err(error),
    }
}

/// Why a transaction is not kept.
enum Stop {
    Preview,
    Error(EngineError),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Error(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

/// The runs to undo, which must be over.
fn runs(store: &Store, what: Undo) -> Result<Vec<(RunRow, Run)>, EngineError> {
    let refused = |why: String| Err(EngineError::Refused(why));
    let rows = match what {
        Undo::Run(id) => match store.run(id)? {
            Some(row) => vec![row],
            None => return Err(EngineError::NoRun(id)),
        },
        Undo::Evaluation(id) => store.runs_opened_by(id)?,
    };
    if let (Undo::Evaluation(id), true) = (what, rows.is_empty()) {
        let row = store.evaluation(id)?.ok_or(EngineError::NoEvaluation(id))?;
        let held = match row.held_id.filter(|_| row.held) {
            Some(held) => store.held_evaluation(held)?,
            None => None,
        };
        return refused(match held {
            Some(held) => format!(
                "evaluation {id} opened no run: it was held, and {}",
                match held.state.as_str() {
                    "held" => "is still",
                    state => state,
                }
            ),
            None => format!("evaluation {id} opened no run"),
        });
    }
    let mut runs = Vec::with_capacity(rows.len());
    for row in rows {
        let run = read(&row)?;
        runs.push((row, run));
    }
    let open: Vec<String> = runs
        .iter()
        .filter(|(_, run)| run.state.is_open() && !run.observed)
        .map(|(row, _)| row.id.to_string())
        .collect();
    if !open.is_empty() {
        let (are, them, they) = match open.len() {
            1 => ("is", "it", "it takes"),
            _ => ("are", "them", "they take"),
        };
        return refused(format!(
            "nothing was undone: run {} {are} still open; `tenure cancel` {them} first, so \
             that {they} nothing more",
            open.join(", run "),
        ));
    }
    Ok(runs)
}

/// Why there is nothing to undo of a run that is over.
fn left_out(run: &Run) -> Option<String> {
    match run.undone {
        _ if run.observed => Some("it was only observed: nothing was done".to_owned()),
        Some(at) if !run.may_be_undone() => {
            Some(format!("it was undone already, at {at}"))
        }
        _ => None,
    }
}

impl Run {
    /// That it was undone, behind the word for how it ended.
    pub fn given_back(&self) -> &'static str {
        match (self.undone, self.may_be_undone()) {
            (None, _) => "",
            (Some(_), false) => " (undone)",
            (Some(_), true) => " (undone in part)",
        }
    }

    /// Whether there is a way back from anything that it has changed and that was not undone,
    /// though something may be in that way.
    fn may_be_undone(&self) -> bool {
        self.changed.iter().enumerate().any(|(index, change)| {
            let later = self.changed.get(index..).unwrap_or_default();
            has_way_back(change)
                && later.iter().all(|after| !undoes_for_good(after, change))
        })
    }
}

/// Whether what it changed can be put back at all.
fn has_way_back(change: &Change) -> bool {
    !matches!(
        change,
        Change::DeleteAccount { .. }
            | Change::DeleteUser { .. }
            | Change::ExpirePassword { .. }
            | Change::EndSessions { .. }
    )
}

fn undo_run(
    (store, rails): (&Store, &Rails),
    (row, mut run): (&RunRow, Run),
    (by, snooze): (&str, Duration),
    (links, now): (&Links, Timestamp),
) -> Result<Undone, EngineError> {
    let later = later(store, row)?;
    let mut steps = Vec::new();
    let mut stay: Vec<Change> = Vec::new();
    let mut elsewhere = Vec::new();
    let first = run.undone.is_none();
    let mut any = false;
    for change in run.changed.iter().rev() {
        let why_not = match later.get(&target(change)) {
            Some(why) => Some(why.clone()),
            None => match links.of_change(store, change)? {
                // The store would say what is not so there.
                Some(name) => {
                    let why = format!(
                        "it lives in `{name}`: put it back there, then import it"
                    );
                    elsewhere.push(name);
                    Some(why)
                }
                None => match rails.refuse(store, (run.subject.id, change), now)? {
                    Some(why) => Some(why),
                    None if stay.iter().any(|after| undoes_for_good(after, change)) => {
                        Some("the run itself has deleted it since".to_owned())
                    }
                    None => reversed(store, change, now)?,
                },
            },
        };
        if why_not.is_some() {
            stay.push(change.clone());
        } else {
            run.undone = Some(now);
            any = true;
        }
        // What has no way back was named the first time.
        if first || has_way_back(change) {
            steps.push(UndoneStep { what: told(store, change)?, why_not });
        }
    }
    stay.reverse();
    run.changed = stay;
    let trail = store.trail(row.id)?;
    let trail = trail.iter().map(|(_, event)| serde_json::from_str(event));
    let trail: Vec<Entry> = trail.collect::<Result<_, _>>()?;
    if first {
        steps.extend(beyond(&trail, &elsewhere));
    }
    // Whoever puts it back wants it to stay, and the policy may match again.
    let blocks_until = match any {
        true if row.blocks_until <= now => now.after(snooze),
        _ => row.blocks_until,
    };
    if any {
        store.look_out_no_more(row.id)?;
    }
    let body = serde_json::to_string(&run)?;
    store.save_run(&RunRow { blocks_until, body, ..row.clone() })?;
    let undoing = |step: &UndoneStep| Entry::Undone {
        by: by.to_owned(),
        what: step.what.clone(),
        why_not: step.why_not.clone(),
    };
    for entry in steps.iter().map(undoing) {
        // What was tried before and stays is on record.
        if !trail.contains(&entry) {
            store.append_trail(row.id, now, &serde_json::to_string(&entry)?)?;
        }
    }
    let (policy, subject) = (run.policy, run.subject.name);
    Ok(Undone {
        run: row.id,
        policy,
        subject,
        steps,
        left_out: None,
    })
}

/// Whether what a run did later has left nothing of what it did before.
fn undoes_for_good(after: &Change, before: &Change) -> bool {
    match (after, before) {
        (
            Change::DeleteAccount { account: gone, .. },
            Change::Disable { account, .. }
            | Change::Revoke { account, .. }
            | Change::Unassign { account },
        ) => gone == account,
        (
            Change::DeleteUser { user: gone, .. },
            Change::UserStatus { user, .. }
            | Change::SetLifecycle { user, .. }
            | Change::Set { user, .. }
            | Change::Join { user, .. }
            | Change::Leave { user, .. }
            | Change::GiveRole { user, .. }
            | Change::TakeRole { user, .. },
        ) => gone == user,
        _ => false,
    }
}

/// What other runs have changed since, and what is to be said of it: what they changed is undone
/// before.
fn later(store: &Store, row: &RunRow) -> Result<BTreeMap<String, String>, EngineError> {
    let mut later = BTreeMap::new();
    let ended = row.ended_at.unwrap_or(row.opened_at);
    for other in store.runs_that_changed(ended)? {
        let same_time = other.ended_at == Some(ended) && other.id < row.id;
        if other.id == row.id || same_time {
            continue;
        }
        let run = read(&other)?;
        for change in &run.changed {
            let since = format!("run {} has changed it since", other.id);
            let why = match (has_way_back(change), run.state.is_open()) {
                (true, false) => format!("{since}: `tenure undo {}` first", other.id),
                (true, true) => {
                    let id = other.id;
                    format!("{since}: `tenure cancel {id}` and `tenure undo {id}` first")
                }
                (false, _) => since,
            };
            later.insert(target(change), why);
        }
    }
    Ok(later)
}

/// Of what a change is: two of the same are in each other's way.
fn target(change: &Change) -> String {
    match change {
        Change::Join { user, group } | Change::Leave { user, group, .. } => {
            format!("membership {user} {}", group.0)
        }
        Change::GiveRole { user, role } | Change::TakeRole { user, role, .. } => {
            format!("role {user} {}", role.0)
        }
        Change::Disable { account, .. }
        | Change::DeleteAccount { account, .. }
        | Change::Unassign { account } => format!("account {account}"),
        Change::Revoke { account, permission, .. } => {
            format!("permission {account} {}", permission.id.0)
        }
        Change::UserStatus { user, .. } | Change::DeleteUser { user, .. } => {
            format!("user {user}")
        }
        Change::ExpirePassword { user, .. } => format!("password {user}"),
        Change::EndSessions { of, .. } => format!("sessions {of:?}"),
        Change::SetLifecycle { user, .. } => format!("lifecycle {user}"),
        Change::Set { user, field, .. } => format!("attribute {user} {field:?}"),
    }
}

/// Puts back what a change changed; why that was not possible, where it was not.
fn reversed(
    store: &Store,
    change: &Change,
    now: Timestamp,
) -> Result<Option<String>, EngineError> {
    let no_way = |why: &str| Ok(Some(why.to_owned()));
    let done = match change {
        Change::Join { user, group } => store.unjoin(*user, *group)?,
        Change::Leave { user, group, joined_at } => {
            store.rejoin((*user, *group), *joined_at)?
        }
        Change::GiveRole { user, role } => store.ungive(*user, *role)?,
        Change::TakeRole { user, role, granted_at } => {
            store.regive((*user, *role), *granted_at)?
        }
        Change::Disable { account, before } => {
            store.restore_account_status(*account, ("disabled", before.as_deref()))?
        }
        Change::Unassign { account } => store.reassign(*account)?,
        Change::Revoke { account, grant, permission } => {
            if permission.expires_at.is_some_and(|at| at <= now) {
                return no_way("it would have expired since");
            }
            store.regrant((*account, *grant), permission, now)?
        }
        Change::UserStatus { user, status, before } => {
            store.restore_user_status(*user, (status, before.as_deref()))?
        }
        Change::SetLifecycle { user, state, before, changed_at, .. } => {
            let states = (state.as_str(), before.0.as_deref());
            store.restore_lifecycle(*user, states, *changed_at)?
        }
        Change::Set { user, field, value, before } => {
            let facts = store.facts(SubjectId::User(*user))?;
            let user_now = facts.and_then(|facts| facts.user);
            let is = user_now.and_then(|user| text(&user, field));
            let still = is.is_some_and(|is| fold(&is) == fold(value));
            match before {
                _ if !still => {}
                Some(before) => store.set_attribute(*user, field, before)?,
                None => store.clear_attribute(*user, field)?,
            }
            still
        }
        Change::DeleteAccount { .. } | Change::DeleteUser { .. } => {
            return no_way("what is deleted does not come back");
        }
        Change::ExpirePassword { .. } => return no_way("nobody knows the old password"),
        Change::EndSessions { .. } => return no_way("people sign in again themselves"),
    };
    if done {
        return Ok(None);
    }
    no_way("somebody has changed it since")
}

/// What a change did, for people.
fn told(store: &Store, change: &Change) -> Result<String, EngineError> {
    let user = |id: i64| store.called(Called::User(id));
    let account = |id: i64| store.called(Called::Account(id));
    Ok(match change {
        Change::Join { user: id, group } => {
            format!(
                "{} joined group `{}`",
                user(*id)?,
                store.called(Called::Group(group.0))?
            )
        }
        Change::Leave { user: id, group, .. } => {
            format!(
                "{} left group `{}`",
                user(*id)?,
                store.called(Called::Group(group.0))?
            )
        }
        Change::GiveRole { user: id, role } => {
            format!("{} got role `{}`", user(*id)?, store.called(Called::Role(role.0))?)
        }
        Change::TakeRole { user: id, role, .. } => {
            format!("{} lost role `{}`", user(*id)?, store.called(Called::Role(role.0))?)
        }
        Change::Disable { account: id, .. } => {
            format!("{} became disabled", account(*id)?)
        }
        Change::DeleteAccount { account: id, .. } => {
            format!("{} was deleted", account(*id)?)
        }
        Change::Unassign { account: id } => {
            format!("{} was taken from its app", account(*id)?)
        }
        Change::Revoke { account: id, permission, .. } => {
            format!("{} lost permission `{}`", account(*id)?, permission.label)
        }
        Change::UserStatus { user: id, status, .. } => {
            format!("{} became {status}", user(*id)?)
        }
        Change::DeleteUser { user: id, .. } => format!("{} was deleted", user(*id)?),
        Change::ExpirePassword { user: id, .. } => {
            format!("the password of {} expired", user(*id)?)
        }
        Change::EndSessions { of, before } => {
            let ended =
                counted(usize::try_from(*before).unwrap_or(0), "session", "sessions");
            let of = match of {
                SubjectId::User(id) => user(*id)?,
                of => account(of.number())?,
            };
            format!("{ended} of {of} ended")
        }
        Change::SetLifecycle { user: id, state, .. } => {
            format!("the lifecycle of {} became {state}", user(*id)?)
        }
        Change::Set { user: id, field, value, .. } => {
            format!("{} of {} became {value}", field.name(), user(*id)?)
        }
    })
}

/// What a run has done beyond the store: nothing of it can be called back from here. What it
/// did in connected systems is named once: `elsewhere` is where its changes live.
fn beyond(trail: &[Entry], elsewhere: &[&str]) -> Vec<UndoneStep> {
    let mut begun: Vec<&str> = Vec::new();
    let mut steps = Vec::new();
    let mut messages = 0;
    for entry in trail {
        match entry {
            Entry::StepStarted { step } => begun.push(step),
            Entry::StepDone { step, .. } if begun.contains(&step.as_str()) => {
                let why = "another system did it, and has to put it back itself";
                steps.push(UndoneStep {
                    what: step.clone(),
                    why_not: Some(why.to_owned()),
                });
            }
            Entry::Delivered { .. } => messages += 1,
            _ => {}
        }
    }
    for name in elsewhere {
        let place = format!(" in {name}");
        let is = |step: &UndoneStep| step.what.ends_with(&place);
        let changes = elsewhere.iter().filter(|other| *other == name).count();
        if steps.iter().filter(|step| is(step)).count() == changes {
            steps.retain(|step| !is(step));
        }
    }
    steps.reverse();
    if messages > 0 {
        steps.push(UndoneStep {
            what: format!("{} arrived", counted(messages, "message", "messages")),
            why_not: Some("what was said was said".to_owned()),
        });
    }
    steps
}
