//! What a run took or gave is put back, as far as there is a way back.
//!
//! A change is undone only where everything is still as the run left it: what somebody else has
//! made of it since stays. What was off before the run stays off, for each thing becomes what it
//! was before. The limits count nothing of it; what is protected and what never happens hold.

mod back;
mod words;

use crate::engine::advance::rest_after;
use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::library::Library;
use crate::engine::pilot::Pin;
use crate::engine::reversal::Rails;
use crate::engine::run::{Run, State};
use crate::engine::trail::Entry;
use crate::engine::undo::back::{
    Back, changed_since, end_of_account, end_of_user, missing, put_back,
};
use crate::engine::undo::words::{beyond, told};
use crate::engine::{Change, Links, Settings};
use crate::facts::SubjectId;
use crate::ir::SubjectKind;
use crate::store::{RunRow, Store};
use crate::time::Timestamp;
use serde::Serialize;

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
    /// Until when no run of its policy opens for the subject, where anything was undone: as
    /// after a decision to keep.
    pub rests_until: Option<Timestamp>,
    /// What takes it again all the same; to be filled in by whoever looks ahead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Again>,
    /// Why nothing of it is left to undo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// Whom and what it was given back to.
    #[serde(skip)]
    pub touched: Vec<SubjectId>,
}

/// A policy that opens a run at its next evaluation for what was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Again {
    /// For whom or what.
    pub subject: String,
    /// The policy.
    pub policy: String,
    /// Why.
    pub why: String,
}

/// One thing that a run had done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoneStep {
    /// What.
    pub what: String,
    /// Why it is not undone; nothing where it is.
    pub why_not: Option<String>,
}

/// Undoes what runs have done, all in one transaction, and puts it on record.
pub fn undo(
    store: &Store,
    what: Undo,
    (by, settings): (&str, &Settings),
    now: Timestamp,
) -> Result<Vec<Undone>, EngineError> {
    let mut bench = Bench {
        store,
        rails: Rails::new(store, settings)?,
        links: Links::of(&settings.connectors),
        library: Library::new(store, settings)?,
        settings,
        by,
        now,
    };
    store.atomically(|| {
        let mut works = Vec::new();
        let mut order = Vec::new();
        for (row, run) in runs(store, what)? {
            let made = made(store, &run)?;
            let left_out = left_out(&run);
            if left_out.is_none() {
                let changes = made.iter().enumerate();
                order.extend(changes.map(|(index, made)| (*made, works.len(), index)));
            }
            works.push(Work::new(row, run, made, left_out));
        }
        // What was done last is undone first, whichever run did it.
        order.sort_unstable_by(|one, other| other.cmp(one));
        for turn in order.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            let Some(work) = turn.first().and_then(|(_, at, _)| works.get_mut(*at))
            else {
                continue;
            };
            let undoes = (by, Some((work.row.policy_id, work.row.id)));
            store.done_by(undoes, now, || {
                turn.iter()
                    .try_for_each(|(_, _, index)| bench.take_back(work, *index))
            })?;
        }
        works.into_iter().rev().map(|work| bench.finish(work)).collect()
    })
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
        match (self.undone, self.undone_in_part()) {
            (None, _) => "",
            (Some(_), false) => " (undone)",
            (Some(_), true) => " (undone in part)",
        }
    }

    /// Whether something of what it took or gave was undone, and something was not. Sessions
    /// and passwords are made anew by those whose they were.
    pub fn undone_in_part(&self) -> bool {
        let anew = |change: &Change| {
            matches!(change, Change::EndSessions { .. } | Change::ExpirePassword { .. })
        };
        self.undone.is_some() && !self.changed.iter().all(anew)
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

/// A run that is being undone.
struct Work {
    row: RunRow,
    run: Run,
    /// The number that each change has on record.
    made: Vec<i64>,
    left_out: Option<String>,
    steps: Vec<UndoneStep>,
    /// The systems in which some of it lives.
    elsewhere: Vec<String>,
    /// What was given back, and what stays; the last first.
    back: Vec<Change>,
    stay: Vec<(Change, Stays)>,
}

/// Why a change is not undone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stays {
    /// Something is in the way.
    Kept,
    /// Somebody else has put it back.
    Already,
}

impl Work {
    fn new(row: RunRow, run: Run, made: Vec<i64>, left_out: Option<String>) -> Self {
        Self {
            row,
            run,
            made,
            left_out,
            steps: Vec::new(),
            elsewhere: Vec::new(),
            back: Vec::new(),
            stay: Vec::new(),
        }
    }
}

/// What undoing needs.
struct Bench<'a> {
    store: &'a Store,
    rails: Rails,
    links: Links,
    library: Library,
    settings: &'a Settings,
    by: &'a str,
    now: Timestamp,
}

impl Bench<'_> {
    /// Puts one change of a run back, where nothing is in the way.
    fn take_back(&self, work: &mut Work, index: usize) -> Result<(), EngineError> {
        let store = self.store;
        let Some(change) = work.run.changed.get(index).cloned() else { return Ok(()) };
        let made = work.made.get(index).copied().unwrap_or_default();
        let what = told(store, &change)?;
        let why_not = match self.way(work, &change, made)? {
            Back::Done => {
                store.unmade(made)?;
                let gone = serde_json::to_string(&change)?;
                store.look_out_no_more(work.row.id, &gone)?;
                work.back.push(change);
                work.steps.push(UndoneStep { what, why_not: None });
                return Ok(());
            }
            // The run did the same again later, and that is undone.
            Back::Already if back_with(&work.back, &change) => {
                work.stay.push((change, Stays::Already));
                return Ok(());
            }
            Back::Already => {
                work.stay.push((change.clone(), Stays::Already));
                "somebody has put it back already".to_owned()
            }
            Back::Not(why) => {
                work.stay.push((change.clone(), Stays::Kept));
                why
            }
        };
        // What has no way back was named the first time.
        if work.run.undone.is_none() || has_way_back(&change) {
            work.steps.push(UndoneStep { what, why_not: Some(why_not) });
        }
        Ok(())
    }

    fn way(
        &self,
        work: &mut Work,
        change: &Change,
        made: i64,
    ) -> Result<Back, EngineError> {
        let (store, run) = (self.store, &work.run);
        let returns = has_way_back(change);
        if returns && let Some(why) = changed_since(store, (run, change, made))? {
            return Ok(Back::Not(why));
        }
        // The store would say what is not so there.
        if let Some(name) = self.links.of_change(store, change)? {
            work.elsewhere.push(name.to_owned());
            let why = format!("it lives in `{name}`: put it back there, then import it");
            return Ok(Back::Not(why));
        }
        if returns {
            if work.stay.iter().any(|(after, _)| undoes_for_good(after, change)) {
                return Ok(Back::not("the run itself has deleted it since"));
            }
            if let Some(why) = missing(store, (run, change))? {
                return Ok(Back::Not(why));
            }
        }
        let subject = run.subject.id;
        if let Some(why) = self.rails.refuse(store, (subject, change), self.now)? {
            return Ok(Back::Not(why));
        }
        let done = put_back(store, change, self.now)?;
        if let (Back::Done, Change::Unassign { account }) = (&done, change) {
            // What went wrong for want of the account is not done.
            store.expire_again(*account, run.opened_at, self.now)?;
        }
        Ok(done)
    }

    /// Puts on record what became of a run.
    fn finish(&mut self, work: Work) -> Result<Undone, EngineError> {
        let (store, now) = (self.store, self.now);
        let Work {
            row,
            mut run,
            left_out,
            mut steps,
            elsewhere,
            back,
            stay,
            ..
        } = work;
        let mut undone = Undone {
            run: row.id,
            policy: run.policy.clone(),
            subject: run.subject.name.clone(),
            steps: Vec::new(),
            rests_until: None,
            again: Vec::new(),
            left_out,
            touched: Vec::new(),
        };
        if undone.left_out.is_some() {
            return Ok(undone);
        }
        let first = run.undone.is_none();
        let trail = store.trail(row.id)?;
        let trail = trail.iter().map(|(_, event)| serde_json::from_str(event));
        let trail: Vec<Entry> = trail.collect::<Result<_, _>>()?;
        if first {
            steps.extend(beyond(&trail, &elsewhere));
        }
        let mut row = row;
        if !back.is_empty() {
            // Whoever puts it back wants it to stay, and the policy may match again.
            let loaded = self.library.get(store, &Pin::of_run(&row, &run))?;
            let policy = loaded.as_ref().ok().map(|it| &*it.policy);
            let until = rest_after(policy, &State::Kept, (self.settings, now));
            row.blocks_until = until;
            undone.rests_until = Some(until);
            undone.touched = touched(store, (&run, &back))?;
            run.undone = Some(now);
        }
        // What somebody else has put back is done with too.
        let given = run.undone.is_some();
        let stay = stay.into_iter().rev();
        let stay = stay.filter(|(_, why)| *why == Stays::Kept || !given);
        run.changed = stay.map(|(change, _)| change).collect();
        row.body = serde_json::to_string(&run)?;
        store.save_run(&row)?;
        let undoing = |step: &UndoneStep| Entry::Undone {
            by: self.by.to_owned(),
            what: step.what.clone(),
            why_not: step.why_not.clone(),
        };
        for entry in steps.iter().map(undoing) {
            // What was tried before and stays is on record.
            if !trail.contains(&entry) {
                store.append_trail(row.id, now, &serde_json::to_string(&entry)?)?;
            }
        }
        undone.steps = steps;
        Ok(undone)
    }
}

/// Whether something of what is back is about the same as a change.
fn back_with(back: &[Change], change: &Change) -> bool {
    let same = target(change);
    back.iter().any(|other| target(other) == same)
}

/// The numbers that the changes of a run have on record, in their order; 0 where there is none.
fn made(store: &Store, run: &Run) -> Result<Vec<i64>, EngineError> {
    let mut on_record = store.made_by(run.id.0)?;
    let mut made = vec![0; run.changed.len()];
    for (change, made) in run.changed.iter().zip(&mut made).rev() {
        let about = target(change);
        if let Some(at) = on_record.iter().rposition(|(_, other)| *other == about) {
            (*made, _) = on_record.remove(at);
        }
    }
    Ok(made)
}

/// Whom and what that which is back is about, their accounts and what these hold.
fn touched(
    store: &Store,
    (run, back): (&Run, &[Change]),
) -> Result<Vec<SubjectId>, EngineError> {
    let mut touched = vec![run.subject.id];
    for change in back {
        let subjects = [
            change.account().map(SubjectId::Account),
            change.user().map(SubjectId::User),
        ];
        for subject in subjects.into_iter().flatten() {
            touched.push(subject);
            if let SubjectId::User(_) = subject {
                touched.extend(store.reached(subject, SubjectKind::Account)?);
            }
            touched.extend(store.reached(subject, SubjectKind::Grant)?);
        }
    }
    touched.sort_unstable();
    touched.dedup();
    Ok(touched)
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

/// Of what a change is: two of the same are in each other's way.
pub(super) fn target(change: &Change) -> String {
    match change {
        Change::Join { user, group } | Change::Leave { user, group, .. } => {
            format!("membership {user} {}", group.0)
        }
        Change::GiveRole { user, role } | Change::TakeRole { user, role, .. } => {
            format!("role {user} {}", role.0)
        }
        Change::Disable { account, .. } | Change::Unassign { account } => {
            format!("account {account}")
        }
        Change::DeleteAccount { account, .. } => end_of_account(*account),
        Change::Revoke { account, permission, .. } => {
            format!("permission {account} {}", permission.id.0)
        }
        Change::UserStatus { user, .. } => format!("user {user}"),
        Change::DeleteUser { user, .. } => end_of_user(*user),
        Change::ExpirePassword { user, .. } => format!("password {user}"),
        Change::EndSessions { of, .. } => format!("sessions {of:?}"),
        Change::SetLifecycle { user, .. } => format!("lifecycle {user}"),
        Change::Set { user, field, .. } => format!("attribute {user} {field:?}"),
    }
}
