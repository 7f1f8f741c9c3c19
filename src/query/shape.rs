//! Where a statement starts, and which sets it builds: the difference between 95 and 570
//! milliseconds over a million accounts.
//!
//! A statement that starts from a small list in the order of the table, and asks the rest of
//! sets that are built once, grows with the data. One that looks into an index for each
//! subject falls out of the cache. So the start is chosen here, by size, and pinned.

use crate::ir::{
    Attribute, Condition, ConditionKind, Field, Level, Op, Scope, SubjectKind, Test,
    TestKind,
};
use crate::query::links::permission_ids;
use crate::query::select::{Ask, Selection, granted, musts};
use crate::query::stale::doubtful;
use crate::query::want::Want;
use crate::query::{Moment, Statistics};
use std::fmt;

/// The shape of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub(crate) driver: Driver,
    /// How large a set may be that a subject must be in, to be built once. Larger ones are
    /// looked into.
    pub(crate) links: u64,
    /// How large a set may be that a subject must not be in.
    pub(crate) sets: u64,
    /// How large, where all of its index stays at hand: then a look into that is cheap.
    pub(crate) near: u64,
}

/// Where a statement starts. The numbers are positions among its musts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// At the whole table, in its order.
    Table,
    /// At the whole table of accounts, in its order, going on to their grants.
    Accounts,
    /// At the app's accounts, or those last seen in some range, by an index.
    Index,
    /// At the holders of a permission.
    Holders(usize),
    /// At the members of a group.
    Members(usize),
    /// At the users of one value, going on to their accounts.
    Owners(usize),
    /// At the grants of the permissions of one name.
    Granted(usize),
}

/// The index of so many rows of a set stays at hand.
const FEW: u64 = 5_000;

/// The index of so many grants stays at hand, in whatever order it is asked.
const AT_HAND: u64 = 1_000_000;

/// The seconds over which instants are taken to lie evenly.
const YEAR: i64 = 365 * 86_400;

/// How many rows of a set are built in the time of one look into an index.
const SET_ROWS: u64 = 4;

/// Prices in hundredths of a microsecond, from `benches/condition` over a million accounts.
mod price {
    /// Reading on in an index that covers what is asked.
    pub(super) const INDEX: u64 = 15;
    /// Reading on in the table.
    pub(super) const TABLE: u64 = 15;
    /// Finding a row by its number, in order.
    pub(super) const NEXT: u64 = 35;
    /// Finding a user's accounts, each.
    pub(super) const ACCOUNTS: u64 = 30;
    /// Finding an account's grants.
    pub(super) const GRANTS: u64 = 40;
    /// The same of accounts in no order, where the index is larger than what stays at hand.
    pub(super) const FAR_GRANTS: u64 = 100;
    /// Finding a row by its number, in no order.
    pub(super) const ROW: u64 = 40;
    /// Putting a row into a set.
    pub(super) const BUILD: u64 = 25;
    /// A look into a set.
    pub(super) const SET: u64 = 15;
    /// A look into an index.
    pub(super) const POINT: u64 = 100;
    /// A look into the few pages of a small set's index.
    pub(super) const NEAR: u64 = 30;
}

impl Shape {
    /// The shape that is likely the fastest.
    pub fn choose(selection: &Selection<'_>, ask: Ask, sizes: &Statistics) -> Self {
        let musts = musts(selection, ask);
        let seen = match selection.activity {
            None => narrowest(&musts, selection.at, last_seen),
            Some(_) => 1,
        };
        let of_grants = selection.scope.kind == SubjectKind::Grant;
        let mut best: Option<(u64, Self)> = None;
        for driver in drivers(selection, ask) {
            let rows = rows(driver, selection, &musts, sizes);
            let mut cost = rows.saturating_mul(match driver {
                Driver::Table | Driver::Accounts => price::TABLE,
                Driver::Index => price::INDEX,
                Driver::Holders(_) | Driver::Granted(_) => price::NEXT,
                Driver::Members(_) | Driver::Owners(_) => price::ACCOUNTS,
            });
            let mut left = if driver == Driver::Index { rows } else { rows / seen };
            // What is asked of an account or its owner is asked before going on to grants.
            let mut looking = left;
            if of_grants {
                let (dearer, grants) =
                    grants(driver, (rows, left), selection, &musts, sizes);
                cost = cost.saturating_add(dearer);
                left = grants;
                if driver.at_grants() {
                    looking = left;
                }
            }
            let before = looking;
            for (position, (condition, want)) in musts.iter().enumerate() {
                if driver.position() == Some(position) {
                    continue;
                }
                let link = passing(condition, *want, selection, sizes);
                cost += left.saturating_mul(price::SET);
                if let Some(link) = link {
                    let points = left.saturating_mul(price::POINT);
                    cost += (link.built * price::BUILD).min(points);
                    left = link.of(left);
                    if !link.granted || driver.at_grants() {
                        looking = link.of(looking);
                    }
                }
            }
            if best.is_none_or(|(least, _)| cost < least) {
                let links = before.saturating_mul(SET_ROWS);
                // A set is looked into before a link is, by all; an index only by who is left.
                let looks = before.saturating_mul(price::SET);
                let pays = |point: u64| {
                    looking.saturating_mul(point).saturating_sub(looks) / price::BUILD
                };
                let (sets, near) = (pays(price::POINT), pays(price::NEAR));
                best = Some((cost, Self { driver, links, sets, near }));
            }
        }
        best.map_or(Self::points(Driver::Table), |(_, shape)| shape)
    }

    /// The shape of a statement that looks at everyone in scope.
    pub(crate) fn everyone(selection: &Selection<'_>, sizes: &Statistics) -> Self {
        let sets = subjects(selection, sizes).saturating_mul(SET_ROWS);
        Self {
            driver: Self::of_everyone(selection.scope),
            links: sets,
            sets,
            near: sets,
        }
    }

    /// Where it starts.
    pub(crate) fn of_everyone(scope: &Scope) -> Driver {
        match scope.kind {
            SubjectKind::Account | SubjectKind::Grant if !scope.apps.is_empty() => {
                Driver::Index
            }
            SubjectKind::Account | SubjectKind::User | SubjectKind::Grant => {
                Driver::Table
            }
        }
    }

    /// Whether a set of so many rows, that a subject must not be in, is built.
    pub(crate) fn builds(self, rows: u64) -> bool {
        rows < if rows <= FEW { self.near } else { self.sets }
    }

    /// Everything is looked into for each subject.
    pub(crate) fn points(driver: Driver) -> Self {
        Self { driver, links: 0, sets: 0, near: 0 }
    }

    /// Every set is built.
    pub(crate) fn sets(driver: Driver) -> Self {
        Self {
            driver,
            links: u64::MAX,
            sets: u64::MAX,
            near: u64::MAX,
        }
    }

    /// Every shape that the statement can have: they all say the same, which a test checks.
    pub fn all(selection: &Selection<'_>, ask: Ask) -> Vec<Self> {
        let drivers = drivers(selection, ask).into_iter();
        drivers
            .flat_map(|driver| [Self::points(driver), Self::sets(driver)])
            .collect()
    }
}

impl fmt::Display for Shape {
    /// `starts at the whole table; builds sets of up to 52 rows`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let driver = match self.driver {
            Driver::Table => "the whole table",
            Driver::Accounts => "the whole table of accounts",
            Driver::Index => "an index of the table",
            Driver::Holders(_) => "the holders of the permission",
            Driver::Members(_) => "the members of the group",
            Driver::Owners(_) => "the users of one value",
            Driver::Granted(_) => "the grants of the permission",
        };
        write!(out, "starts at {driver}")?;
        match (self.links, self.sets) {
            (0, 0) => out.write_str("; builds no sets"),
            (links, sets) => write!(
                out,
                "; builds sets of up to {links} rows to be in, and of {sets} not to be in"
            ),
        }
    }
}

impl Driver {
    /// The must that it answers.
    fn position(self) -> Option<usize> {
        match self {
            Self::Table | Self::Accounts | Self::Index | Self::Owners(_) => None,
            Self::Holders(position)
            | Self::Members(position)
            | Self::Granted(position) => Some(position),
        }
    }

    /// Whether a statement about grants goes from them to their accounts.
    pub(crate) fn at_grants(self) -> bool {
        matches!(self, Self::Table | Self::Granted(_))
    }
}

/// How many of how many pass a test of what is held, and how many rows a set of them has.
struct Passing {
    built: u64,
    held: u64,
    all: u64,
    /// It is asked of the grant itself.
    granted: bool,
}

impl Passing {
    /// How many of so many pass.
    fn of(&self, left: u64) -> u64 {
        left.saturating_mul(self.held.min(self.all)) / self.all.max(1)
    }
}

/// `None` for other conditions.
fn passing(
    condition: &Condition,
    want: Want,
    selection: &Selection<'_>,
    sizes: &Statistics,
) -> Option<Passing> {
    if !want.of_all() {
        return None;
    }
    let (held, all) = match &test(condition)?.kind {
        TestKind::HasPermission { permissions, .. } => {
            let all = match selection.scope.kind {
                SubjectKind::Account | SubjectKind::Grant => sizes.accounts,
                SubjectKind::User => sizes.users,
            };
            (sizes.holders(&permission_ids(permissions)), all)
        }
        TestKind::InGroup { groups, .. } => {
            (sizes.members(groups.iter().map(|group| &group.id)), sizes.users)
        }
        kind => {
            let held = sizes.granted(&granted(kind)?);
            return Some(Passing { built: 0, held, all: sizes.grants, granted: true });
        }
    };
    Some(Passing { built: held, held, all, granted: false })
}

/// All places where the statement can start.
fn drivers(selection: &Selection<'_>, ask: Ask) -> Vec<Driver> {
    let kind = selection.scope.kind;
    let mut found = vec![Driver::Table];
    let musts = musts(selection, ask);
    let ranged =
        |(condition, want): &(&Condition, Want)| ranges(condition, *want, selection.at);
    let seen = selection.activity.is_none() && musts.iter().any(ranged);
    if kind == SubjectKind::Grant {
        found.push(Driver::Accounts);
    }
    if kind == SubjectKind::User || seen || !selection.scope.apps.is_empty() {
        found.push(Driver::Index);
    }
    for (position, (condition, want)) in musts.iter().enumerate() {
        let Some(test) = test(condition) else { continue };
        let doubted = doubtful(&test.kind, selection.stale);
        match (&test.kind, want, kind) {
            // Of whom nothing is on record, nothing is known.
            (_, Want::NotFalse, _) if doubted => {}
            (
                TestKind::HasPermission { .. },
                Want::True | Want::NotFalse,
                SubjectKind::Account | SubjectKind::Grant,
            ) => found.push(Driver::Holders(position)),
            // An orphan is not known to be no member.
            (TestKind::InGroup { .. }, Want::True, _)
            | (TestKind::InGroup { .. }, Want::NotFalse, SubjectKind::User) => {
                found.push(Driver::Members(position));
            }
            (
                TestKind::Compare { attribute, op: Op::Eq, .. },
                Want::True,
                SubjectKind::Account | SubjectKind::Grant,
            ) if indexed(&attribute.field)
                && owners_level(attribute.level, &attribute.field) =>
            {
                found.push(Driver::Owners(position));
            }
            (kind, Want::True | Want::NotFalse, SubjectKind::Grant)
                if granted(kind).is_some() =>
            {
                found.push(Driver::Granted(position));
            }
            _ => {}
        }
    }
    found
}

fn owners_level(level: Level, field: &Field) -> bool {
    level == Level::User || *field == Field::Owner
}

fn indexed(field: &Field) -> bool {
    matches!(field, Field::Email | Field::Owner | Field::Department | Field::Manager)
}

/// Roughly how many rows a statement goes through from there.
fn rows(
    driver: Driver,
    selection: &Selection<'_>,
    musts: &[(&Condition, Want)],
    sizes: &Statistics,
) -> u64 {
    let kind = selection.scope.kind;
    let per_user = sizes.accounts / sizes.users.max(1) + 1;
    let at =
        |position: usize| musts.get(position).and_then(|(condition, _)| test(condition));
    match driver {
        Driver::Table => match kind {
            SubjectKind::Account => sizes.accounts,
            SubjectKind::User => sizes.users,
            SubjectKind::Grant => sizes.grants,
        },
        Driver::Accounts => sizes.accounts,
        Driver::Granted(position) => at(position)
            .and_then(|test| granted(&test.kind))
            .map_or(sizes.grants, |names| sizes.granted(&names)),
        Driver::Index => {
            let rows = match kind {
                SubjectKind::User => sizes.users,
                SubjectKind::Account | SubjectKind::Grant => {
                    sizes.in_apps(&selection.scope.apps)
                }
            };
            match selection.activity {
                None => rows / narrowest(musts, selection.at, last_seen),
                Some(_) => rows,
            }
        }
        Driver::Holders(position) => match at(position).map(|test| &test.kind) {
            Some(TestKind::HasPermission { permissions, .. }) => {
                sizes.holders(&permission_ids(permissions))
            }
            _ => sizes.accounts,
        },
        Driver::Members(position) => match at(position).map(|test| &test.kind) {
            Some(TestKind::InGroup { groups, .. }) => {
                let members = sizes.members(groups.iter().map(|group| &group.id));
                if kind == SubjectKind::User { members } else { members * per_user }
            }
            _ => sizes.accounts,
        },
        Driver::Owners(position) => match at(position).map(|test| &test.kind) {
            Some(TestKind::Compare { attribute, .. }) => match attribute.field {
                Field::Department => sizes.department * per_user,
                Field::Manager => 10 * per_user,
                _ => per_user,
            },
            _ => sizes.accounts,
        },
    }
}

fn subjects(selection: &Selection<'_>, sizes: &Statistics) -> u64 {
    match selection.scope.kind {
        SubjectKind::Account => sizes.in_apps(&selection.scope.apps),
        SubjectKind::User => sizes.users,
        SubjectKind::Grant => sizes
            .in_apps(&selection.scope.apps)
            .saturating_mul(sizes.per_account()),
    }
}

/// What a statement about grants costs on top, from so many rows and accounts that are left;
/// and how many grants it comes to.
fn grants(
    driver: Driver,
    (rows, left): (u64, u64),
    selection: &Selection<'_>,
    musts: &[(&Condition, Want)],
    sizes: &Statistics,
) -> (u64, u64) {
    let dated = narrowest(musts, selection.at, dates);
    if driver == Driver::Table {
        // Only grants that are left need their account.
        return (rows / dated * price::NEXT, left / dated);
    }
    let tests = selection.when.tests().into_iter();
    let tests = tests.chain(selection.except.map_or(Vec::new(), Condition::tests));
    // No index has what else is asked of a grant.
    let row = if tests.filter_map(|test| test.kind.attribute()).any(dates) {
        price::ROW
    } else {
        0
    };
    if let Driver::Granted(_) = driver {
        return (rows.saturating_mul(row), left / dated);
    }
    // From the accounts that are left to the grants of each.
    let grants = left.saturating_mul(sizes.per_account());
    let in_order = matches!(driver, Driver::Accounts | Driver::Holders(_));
    let each = if in_order || sizes.grants <= AT_HAND {
        price::GRANTS
    } else {
        price::FAR_GRANTS
    };
    let cost = left.saturating_mul(each) + grants.saturating_mul(row);
    (cost, grants / dated)
}

fn dates(attribute: &Attribute) -> bool {
    attribute.level == Level::Grant && attribute.field != Field::Permission
}

fn last_seen(attribute: &Attribute) -> bool {
    attribute.level == Level::Account && attribute.field == Field::LastSeen
}

/// One of how many passes the narrowest bound on such an instant.
fn narrowest(
    musts: &[(&Condition, Want)],
    at: Moment,
    of: fn(&Attribute) -> bool,
) -> u64 {
    let bounds = musts
        .iter()
        .filter_map(|(condition, want)| narrows(condition, *want, at, of));
    bounds.max().unwrap_or(1)
}

/// Whether a condition bounds when an account was last seen, so that the index by that is
/// read in one piece.
fn ranges(condition: &Condition, want: Want, at: Moment) -> bool {
    narrows(condition, want, at, last_seen).is_some()
}

fn narrows(
    condition: &Condition,
    want: Want,
    at: Moment,
    of: fn(&Attribute) -> bool,
) -> Option<u64> {
    let test = test(condition)?;
    if !test.kind.attribute().is_some_and(of) {
        return None;
    }
    match &test.kind {
        TestKind::Elapsed { op, .. } | TestKind::Compare { op, .. } => {
            let bounded = matches!(want, Want::True | Want::False);
            (bounded && !matches!(op, Op::Eq | Op::Ne)).then_some(4)
        }
        // In a re-check it bounds nothing.
        TestKind::Reaches { direction, distances, .. }
            if want == Want::True && at.since.is_some() =>
        {
            let crossed = distances
                .iter()
                .filter_map(|distance| at.crossed(*direction, *distance));
            let seconds = crossed
                .map(|(first, last)| last.0.saturating_sub(first.0).max(0))
                .fold(0, i64::saturating_add);
            Some((YEAR / seconds.max(1)).max(1).unsigned_abs())
        }
        _ => None,
    }
}

fn test(condition: &Condition) -> Option<&Test> {
    match &condition.kind {
        ConditionKind::Test(test) => Some(test),
        ConditionKind::And(_) | ConditionKind::Or(_) | ConditionKind::Not(_) => None,
    }
}
