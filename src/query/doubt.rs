//! Whether what a question asks is believed, one subject at a time: the data of a source that
//! is too old is unknown, whatever it says.

use crate::facts::{Doubts, Facts, SubjectId};
use crate::ir::{Attribute, Field, Level, SubjectKind, TestKind};
use crate::query::Moment;
use crate::query::links::permission_ids;
use std::fmt;

/// What an attribute's value is taken from, as far as sources go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// No source is on record for it.
    Nobody,
    /// The account.
    Account,
    /// The grant.
    Grant,
    /// The account's last login.
    Login,
    /// The account's last other sign of life.
    Activity,
    /// The later of these two.
    Seen,
    /// The latest over all accounts of the user.
    UserSeen,
}

/// What an attribute of such a subject is taken from. What a subject is called is what it is:
/// nothing else could be said of it.
pub(crate) fn origin(attribute: &Attribute, kind: SubjectKind) -> Origin {
    match (attribute.level, &attribute.field, kind) {
        (Level::User, Field::LastSeen, _) => Origin::UserSeen,
        (Level::User, ..) | (Level::Account, _, SubjectKind::User) => Origin::Nobody,
        (Level::Account, Field::LastSeen, _) => Origin::Seen,
        (Level::Account, Field::LastLogin, _) => Origin::Login,
        (Level::Account, Field::LastActivity, _) => Origin::Activity,
        (Level::Account, Field::Username, _) => Origin::Nobody,
        (Level::Account, ..) => Origin::Account,
        (Level::Grant, Field::Permission, _) => Origin::Nobody,
        (Level::Grant, _, SubjectKind::Grant) => Origin::Grant,
        (Level::Grant, ..) => Origin::Nobody,
    }
}

/// Whether one that is held by a believed word is enough for a question to be true, whatever
/// others would say.
pub(crate) fn one_is_enough(test: &TestKind, kind: SubjectKind) -> bool {
    match test {
        TestKind::InGroup { .. }
        | TestKind::HasPermission { .. }
        | TestKind::HasAccount { .. } => true,
        TestKind::HasSession => kind == SubjectKind::User,
        _ => false,
    }
}

/// The stale source that a question would have to believe; `None` where there is none, and in
/// a re-check of an edge, which is not asked.
pub(crate) fn doubt(test: &TestKind, facts: &Facts, at: Moment) -> Option<i64> {
    let doubts = facts.doubts.as_deref()?;
    let kind = facts.subject.id.kind();
    match test {
        TestKind::Reaches { .. } if at.since.is_none() => None,
        TestKind::InGroup { groups, .. } => {
            let mut groups = groups.iter();
            groups.find_map(|group| doubts.stale.groups.get(&group.id)).copied()
        }
        TestKind::HasAccount { apps } => {
            let whole = apps.iter().find_map(|app| doubts.stale.apps.get(app));
            let held = || apps.iter().filter_map(|app| doubts.apps.get(app)).min();
            whole.or_else(held).copied()
        }
        TestKind::HasPermission { permissions, .. } => {
            let ids = permission_ids(permissions);
            let held = || ids.iter().filter_map(|id| doubts.permissions.get(id)).min();
            let whole = match kind {
                SubjectKind::Account | SubjectKind::Grant => doubts.account,
                SubjectKind::User => {
                    let app = ids.iter().find_map(|id| doubts.stale.permissions.get(id));
                    app.copied().or(doubts.accounts)
                }
            };
            whole.or_else(|| held().copied())
        }
        TestKind::HasSession => match kind {
            SubjectKind::Account | SubjectKind::Grant => doubts.account,
            SubjectKind::User => doubts.accounts,
        },
        TestKind::NeverActive => match kind {
            SubjectKind::Account | SubjectKind::Grant => doubts.seen.last_seen(),
            SubjectKind::User => doubts.seen.user,
        },
        TestKind::HasRole { .. } => None,
        _ => of_origin(origin(test.attribute()?, kind), doubts),
    }
}

fn of_origin(origin: Origin, doubts: &Doubts) -> Option<i64> {
    match origin {
        Origin::Nobody => None,
        Origin::Account => doubts.account,
        Origin::Grant => doubts.grant,
        Origin::Login => doubts.seen.login,
        Origin::Activity => doubts.seen.activity,
        Origin::Seen => doubts.seen.last_seen(),
        Origin::UserSeen => doubts.seen.user,
    }
}

/// How many sessions are there by a believed word.
pub(crate) fn sessions(facts: &Facts) -> u64 {
    match (&facts.doubts, facts.subject.id) {
        (Some(doubts), SubjectId::User(_)) => {
            facts.sessions.saturating_sub(doubts.sessions)
        }
        _ => facts.sessions,
    }
}

/// The name of the stale source that a question would have to believe.
pub(crate) fn doubted<'a>(
    test: &TestKind,
    facts: &'a Facts,
    at: Moment,
) -> Option<&'a str> {
    let source = doubt(test, facts, at)?;
    Some(facts.doubts.as_ref()?.stale.name(source))
}

/// What is missing where a source is stale, in the words of a count.
pub(crate) fn stale(source: &str) -> String {
    format!("{STALE}{source}")
}

const STALE: &str = "stale ";

/// The source because of which something is missing, where one is stale.
pub fn source_of(missing: &str) -> Option<&str> {
    missing.strip_prefix(STALE)
}

/// How old the sources are because of which something is missing: `okta is 5d old, and may be
/// 2d`.
pub fn aged(missing: &[String], facts: &Facts) -> Vec<String> {
    let Some(doubts) = &facts.doubts else { return Vec::new() };
    let named = missing.iter().filter_map(|name| source_of(name));
    let aged = named.filter_map(|source| {
        doubts.stale.sources.values().find(|aged| aged.name == source)
    });
    aged.map(ToString::to_string).collect()
}

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotKnown {
    /// In words: `last_seen is not known; okta is 5d old, and may be 2d`.
    pub why: String,
    /// Whether newer data may say it: some of what there is is too old.
    pub too_old: bool,
}

impl fmt::Display for NotKnown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.why)
    }
}

/// Why nothing can be said, by what is missing.
pub fn not_known(missing: &[String], facts: &Facts) -> NotKnown {
    let plain = missing.iter().filter(|name| source_of(name).is_none());
    let plain: Vec<&str> = plain.map(String::as_str).collect();
    let mut each = Vec::new();
    if !plain.is_empty() {
        each.push(format!("{} is not known", plain.join(", ")));
    }
    let aged = aged(missing, facts);
    let too_old = !aged.is_empty();
    each.extend(aged);
    NotKnown { why: each.join("; "), too_old }
}
