//! The way back from one change: who stands in it, and whether it was gone already.

use crate::engine::change::text;
use crate::engine::errors::EngineError;
use crate::engine::run::Run;
use crate::engine::undo::{has_way_back, target};
use crate::engine::{Change, commit};
use crate::facts::{Person, SubjectId};
use crate::store::{Called, Store, StoreError, Thing};
use crate::text::fold;
use crate::time::Timestamp;

/// What came of putting a change back.
pub(super) enum Back {
    /// It is undone.
    Done,
    /// Somebody else has put it back.
    Already,
    /// It stays: why.
    Not(String),
}

impl Back {
    pub(super) fn not(why: &str) -> Self {
        Self::Not(why.to_owned())
    }
}

/// The run that has changed the same since, where one has, and what is to be done about that;
/// `made` is the number that the change has on record.
pub(super) fn changed_since(
    store: &Store,
    (run, change, made): (&Run, &Change, i64),
) -> Result<Option<String>, EngineError> {
    let target = target(change);
    let ends = ends(run, change);
    let mut about: Vec<&str> = vec![&target];
    about.extend(ends.iter().map(|(about, _)| about.as_str()));
    let Some((id, about)) = store.made_since((run.id.0, made), &about)? else {
        return Ok(None);
    };
    if let Some((_, gone)) = ends.iter().find(|(end, _)| *end == about) {
        return Ok(Some(format!("run {id} has deleted {} since", store.called(*gone)?)));
    }
    let since = format!("run {id} has changed it since");
    let Some(other) = store.run(id)? else { return Ok(Some(since)) };
    Ok(Some(match commit::read(&other)?.state.is_open() {
        false => format!("{since}: `tenure undo {id}` first"),
        true => format!("{since}: `tenure cancel {id}` and `tenure undo {id}` first"),
    }))
}

/// The deletions that leave nothing of a change, and what they delete.
fn ends(run: &Run, change: &Change) -> Vec<(String, Called)> {
    let user = |id: i64| (end_of_user(id), Called::User(id));
    let mut ends = Vec::new();
    if let Some(account) = change.account() {
        ends.push((end_of_account(account), Called::Account(account)));
        ends.extend(run.owner.map(user));
    }
    ends.extend(change.user().map(user));
    ends
}

pub(super) fn end_of_account(account: i64) -> String {
    format!("end of account {account}")
}

pub(super) fn end_of_user(user: i64) -> String {
    format!("end of user {user}")
}

/// Why what a change is about is not there as it was, where it is not.
pub(super) fn missing(
    store: &Store,
    (run, change): (&Run, &Change),
) -> Result<Option<String>, EngineError> {
    if let Some(account) = change.account() {
        let now = store.thing(Thing::Account(account))?;
        // Only what takes it out of the app leads back into it.
        let gone = now.gone && !matches!(change, Change::Unassign { .. });
        if gone || now.since.is_some_and(|since| since > run.opened_at) {
            let of = (SubjectId::Account(account), "it");
            return lost(store, (run, of), now.since.filter(|_| !gone)).map(Some);
        }
        if let Some(why) = another_owner(store, run, account)? {
            return Ok(Some(why));
        }
    }
    if let Some(user) = change.user() {
        let now = store.thing(Thing::User(user))?;
        if now.gone || now.since.is_some_and(|since| since > run.opened_at) {
            let name = store.called(Called::User(user))?;
            let of = (SubjectId::User(user), name.as_str());
            return lost(store, (run, of), now.since.filter(|_| !now.gone)).map(Some);
        }
    }
    let (thing, words) = match change {
        Change::Join { group, .. } | Change::Leave { group, .. } => {
            let name = store.called(Called::Group(group.0))?;
            (Thing::Group(group.0), format!("group `{name}` is gone"))
        }
        Change::GiveRole { role, .. } | Change::TakeRole { role, .. } => {
            let name = store.called(Called::Role(role.0))?;
            (Thing::Role(role.0), format!("role `{name}` is gone"))
        }
        Change::Revoke { permission, .. } => {
            let words = format!("permission `{}` is gone", permission.label);
            (Thing::Permission(permission.id.0), words)
        }
        _ => return Ok(None),
    };
    Ok(store.thing(thing)?.gone.then_some(words))
}

/// Who or what took an account or a user; or since when it is another one.
fn lost(
    store: &Store,
    (run, (subject, name)): (&Run, (SubjectId, &str)),
    anew: Option<Timestamp>,
) -> Result<String, EngineError> {
    if let Some(since) = anew {
        return Ok(format!("{name} was made anew at {since}"));
    }
    Ok(match store.gone_by(subject)? {
        Some((id, _)) if id == run.id.0 => "the run itself has taken it since".to_owned(),
        Some((id, _)) => format!("run {id} has taken {name} since"),
        None => format!("{name} is gone: an import did not list it any more"),
    })
}

/// Whose an account is now, where it is not whose it was, or they are gone.
fn another_owner(
    store: &Store,
    run: &Run,
    account: i64,
) -> Result<Option<String>, EngineError> {
    let now = Some(store.owner_of(account)?).filter(|owner| *owner > 0);
    let name = |user: i64| store.called(Called::User(user));
    Ok(match now {
        None if run.owner.is_some() => Some("it belongs to nobody now".to_owned()),
        Some(owner) if run.owner != Some(owner) => {
            Some(format!("it belongs to {} now", name(owner)?))
        }
        Some(owner) if store.thing(Thing::User(owner))?.gone => {
            let of = (SubjectId::User(owner), name(owner)?);
            Some(lost(store, (run, (of.0, &of.1)), None)?)
        }
        _ => None,
    })
}

/// Puts back what a change changed, which is about what is there still.
pub(super) fn put_back(
    store: &Store,
    change: &Change,
    now: Timestamp,
) -> Result<Back, EngineError> {
    let no_way = |why: &str| Ok(Back::not(why));
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
    Ok(match done {
        true => Back::Done,
        false if is_as_before(store, change)? => Back::Already,
        false => Back::not("somebody has changed it since"),
    })
}

/// Whether what could not be put back is as it was before.
fn is_as_before(store: &Store, change: &Change) -> Result<bool, StoreError> {
    let same = |is: Option<&str>, was: Option<&str>| is.map(fold) == was.map(fold);
    let user = |id: i64| {
        let facts = store.facts(SubjectId::User(id))?;
        Ok::<_, StoreError>(facts.and_then(|facts| facts.user))
    };
    let holds = |found: Option<Person>, check: &dyn Fn(&Person) -> bool| {
        found.is_some_and(|found| check(&found))
    };
    Ok(match change {
        Change::Disable { account, before } => {
            let is = store.thing(Thing::Account(*account))?.status;
            same(is.as_deref(), before.as_deref())
        }
        Change::UserStatus { user: id, before, .. } => {
            holds(user(*id)?, &|it| same(it.status.as_deref(), before.as_deref()))
        }
        Change::SetLifecycle { user: id, before, .. } => {
            holds(user(*id)?, &|it| same(it.lifecycle.as_deref(), before.0.as_deref()))
        }
        Change::Set { user: id, field, before, .. } => {
            holds(user(*id)?, &|it| same(text(it, field).as_deref(), before.as_deref()))
        }
        // They are held or not, and there is no third way.
        _ => has_way_back(change),
    })
}
