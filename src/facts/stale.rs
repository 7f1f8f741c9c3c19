//! What is not believed any more: the data of sources that are older than they may be.

use crate::ir::{AppId, GroupId, PermissionId};
use crate::time::{Duration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The sources whose data is too old at one moment, by their numbers, and what is theirs as a
/// whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stale {
    /// They themselves.
    pub sources: BTreeMap<i64, Aged>,
    /// Their groups.
    pub groups: BTreeMap<GroupId, i64>,
    /// Apps whose accounts are theirs where an account does not say otherwise.
    pub apps: BTreeMap<AppId, i64>,
    /// The permissions of these apps.
    pub permissions: BTreeMap<PermissionId, i64>,
    /// Whether no newer data will come: in a simulation.
    pub for_good: bool,
    /// How all sources stand in the order in which signs of life are asked for.
    pub(crate) ranks: BTreeMap<i64, Rank>,
}

/// How old the data of a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aged {
    /// The name of the source.
    pub name: String,
    /// How old it is.
    pub age: Duration,
    /// How old it may be.
    pub limit: Duration,
}

/// Where a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    /// The app whose own it is.
    pub(crate) own_of: Option<AppId>,
    /// Whether it is an identity provider.
    pub(crate) provider: bool,
    /// Its name, folded.
    pub(crate) key: String,
}

/// What of a subject's facts is of stale sources; each by the number of one that is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doubts {
    /// All that is stale.
    pub stale: Arc<Stale>,
    /// The account.
    pub account: Option<i64>,
    /// The grant, where it is the subject.
    pub grant: Option<i64>,
    /// The signs of life.
    pub seen: SeenDoubts,
    /// Those that the apps know of, where a policy names other sources.
    pub seen_by_apps: Option<SeenDoubts>,
    /// An account of the user.
    pub accounts: Option<i64>,
    /// Apps in which the user holds an account that is.
    pub apps: BTreeMap<AppId, i64>,
    /// Those of them in which the user holds no other.
    pub only_apps: BTreeSet<AppId>,
    /// How many of the user's sessions are on such accounts.
    pub sessions: u64,
    /// Permissions that are held by the word of such a source.
    pub permissions: BTreeMap<PermissionId, i64>,
    /// Those of them, with since when, that are held by no other's.
    pub only_permissions: BTreeSet<(PermissionId, Option<Timestamp>)>,
}

/// What of the signs of life is of stale sources, or would first have been asked of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeenDoubts {
    /// The account's last login.
    pub login: Option<i64>,
    /// The account's last other sign of life.
    pub activity: Option<i64>,
    /// The latest over all accounts of the user.
    pub user: Option<i64>,
}

impl fmt::Display for Aged {
    /// `okta is 5d old, and may be 2d`, by whole days where these tell the two apart.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, age, limit } = self;
        let days = Duration(age.0 - age.0.rem_euclid(Duration::DAY.0));
        let age = if days > *limit { days } else { *age };
        write!(out, "{name} is {age} old, and may be {limit}")
    }
}

impl SeenDoubts {
    /// The later of login and activity.
    pub fn last_seen(self) -> Option<i64> {
        self.login.or(self.activity)
    }
}

impl Stale {
    /// The name of a source that is.
    pub(crate) fn name(&self, source: i64) -> &str {
        self.sources.get(&source).map_or("", |aged| aged.name.as_str())
    }

    /// The source of that folded name, if it is.
    pub(crate) fn called(&self, key: &str) -> Option<i64> {
        let mut sources = self.sources.keys();
        sources
            .find(|id| self.ranks.get(id).is_some_and(|rank| rank.key == key))
            .copied()
    }

    /// The source of an account, if it is.
    pub(crate) fn of_account(&self, source: Option<i64>, app: AppId) -> Option<i64> {
        match source {
            Some(source) => self.sources.contains_key(&source).then_some(source),
            None => self.apps.get(&app).copied(),
        }
    }

    /// Where a source stands in the order in which those of an app are asked.
    pub(crate) fn place(&self, source: i64, app: AppId) -> Option<(u8, &str)> {
        let rank = self.ranks.get(&source)?;
        let class = match rank {
            Rank { own_of: Some(own), .. } if *own == app => 0,
            Rank { provider: true, .. } => 1,
            _ => 2,
        };
        Some((class, &rank.key))
    }
}
