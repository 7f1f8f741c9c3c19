//! Who is in a group through other groups, and since when.

use crate::store::import::links::Link;
use std::collections::BTreeMap;
use std::ops::Range;

/// When something began: not before the first, and not after the second of these. What is on
/// record began then; what is not, at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Began(i64, i64);

impl Began {
    /// What was always so.
    const ALWAYS: Self = Self(i64::MIN, i64::MIN);

    fn of(link: &Link) -> Self {
        link.first().map_or(Self(i64::MIN, i64::MAX), |at| Self(at, at))
    }

    /// Both of these: since the later one.
    fn and(self, other: Self) -> Self {
        Self(self.0.max(other.0), self.1.max(other.1))
    }

    /// One of these: since the earlier one.
    fn or(self, other: Self) -> Self {
        Self(self.0.min(other.0), self.1.min(other.1))
    }

    /// The instant, where there is but one that it can be.
    fn exactly(self) -> Option<i64> {
        (self.0 == self.1).then_some(self.0)
    }
}

/// Adds to the sorted direct members those who are in a group through other groups: since the
/// latest date of the links of one way, and the earliest of all ways. A missing date leaves that
/// open only where it could make a difference.
pub(super) fn expand(members: &mut Vec<Link>, nested: &[Link]) {
    let mut reached = Vec::new();
    let mut outer: Vec<u32> = nested.iter().map(|link| link.left).collect();
    outer.dedup();
    for group in outer {
        let mut through = Vec::new();
        for (inner, way) in inside(group, nested) {
            let inner = members.get(of(members, inner)).unwrap_or_default();
            through.extend(
                inner.iter().map(|member| (member.right, way.and(Began::of(member)))),
            );
        }
        through.sort_unstable_by_key(|(identity, _)| *identity);
        through.dedup_by(|(identity, way), (first, best)| {
            let same = identity == first;
            if same {
                *best = best.or(*way);
            }
            same
        });
        let ends = |identity: u32| (group, identity);
        through.retain(|(identity, _)| {
            members.binary_search_by_key(&ends(*identity), Link::ends).is_err()
        });
        reached.extend(through.into_iter().map(|(identity, began)| {
            Link::new(group, identity, 0).with(began.exactly(), Some(0))
        }));
    }
    members.extend(reached);
    members.sort_unstable_by_key(Link::ends);
}

/// The groups within a group, and since when they are in it.
fn inside(group: u32, nested: &[Link]) -> BTreeMap<u32, Began> {
    let mut inside = BTreeMap::from([(group, Began::ALWAYS)]);
    let mut open = vec![group];
    while let Some(next) = open.pop() {
        let Some(way) = inside.get(&next).copied() else { continue };
        for link in nested.get(of(nested, next)).unwrap_or_default() {
            let way = way.and(Began::of(link));
            let known = inside.get(&link.right).copied();
            let best = known.map_or(way, |known| known.or(way));
            // Dates only become earlier, so this ends, also where groups are in each other.
            if known != Some(best) {
                inside.insert(link.right, best);
                open.push(link.right);
            }
        }
    }
    inside.remove(&group);
    inside
}

fn of(links: &[Link], group: u32) -> Range<usize> {
    let start = links.partition_point(|link| link.left < group);
    let end = links.partition_point(|link| link.left <= group);
    start..end
}
