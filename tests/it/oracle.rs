//! The interpreter and the statements say the same: over random stores with data missing
//! everywhere, random conditions, instants that hit the boundaries exactly, and every shape
//! that a statement can have.
//!
//! `ORACLE_STORES=500` runs more; a failure names the seed, and `ORACLE_SEED` repeats it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail them"
)]

use crate::dice::{Dice, number};
use crate::oracle_conditions::{condition, moment};
use crate::oracle_world::World;
use std::collections::BTreeMap;
use tenure::facts::{Facts, SubjectId};
use tenure::ir::{Activity, AppId, Condition, Orders, Scope, Signs, SubjectKind};
use tenure::query::{
    Ask, Census, Moment, Selection, Shape, Statistics, Truth, blame, census_in, evaluate,
    proof, subjects, undecided_patterns, verdict,
};
use tenure::store::Store;
use tenure::text::Span;
use tenure::time::Duration;

const CONDITIONS: u64 = 80;

/// How many of a statement's shapes each condition is tried in.
const SHAPES: u64 = 2;

/// rows: M11 M12 M13 M32 L14 L20
#[test]
fn statements_and_interpreter_agree() {
    let folder = tempfile::tempdir().unwrap();
    let blank = folder.path().join("blank.db");
    drop(Store::open(&blank).unwrap());
    let first = number("ORACLE_SEED").unwrap_or(1);
    let stores = number("ORACLE_STORES").unwrap_or(25);
    let mut seen = BTreeMap::<Truth, u64>::new();
    for seed in first..first + stores {
        let path = folder.path().join("store.db");
        std::fs::copy(&blank, &path).unwrap();
        let mut dice = Dice::new(seed);
        let world = World::new(&mut dice);
        world.write(&path);
        let store = Store::open_existing(&path).unwrap().copy_to_memory().unwrap();
        let facts = world.subjects().map(|id| (id, store.facts(id).unwrap())).collect();
        for _ in 0..CONDITIONS {
            Case::random(&mut dice, seed).check(&store, &world, &facts, &mut seen);
        }
    }
    println!("{} cases, subjects by verdict: {seen:?}", stores * CONDITIONS);
    // A generator that makes only true conditions proves nothing.
    assert!(seen.len() == 3 && seen.values().all(|count| *count > 30 * stores));
}

fn activity(dice: &mut Dice) -> Activity {
    let sources = match dice.below(4) {
        0 => vec!["okta"],
        1 => vec!["One"],
        2 => vec!["okta", "one"],
        _ => vec!["one", "Okta"],
    };
    Activity {
        sources: sources.into_iter().map(str::to_owned).collect(),
        only: dice.maybe(&[Signs::Logins, Signs::Activity]),
        span: Span::default(),
    }
}

/// A policy's own order, those of apps, or both.
fn orders(dice: &mut Dice) -> Orders {
    let apps = [1, 2, 3].into_iter().filter(|_| dice.chance(50)).collect::<Vec<_>>();
    let apps = apps.into_iter().map(|app| (AppId(app), activity(dice))).collect();
    Orders { own: dice.chance(30).then(|| activity(dice)), apps }
}

#[expect(dead_code, reason = "the seed is for whoever reads the failure")]
#[derive(Debug)]
struct Case {
    seed: u64,
    number: u64,
    scope: Scope,
    when: Condition,
    except: Option<Condition>,
    blocked: Option<i64>,
    at: Moment,
    activity: Option<Orders>,
    /// Sources whose data is too old.
    stale: Vec<&'static str>,
}

impl Case {
    fn random(dice: &mut Dice, seed: u64) -> Self {
        let kind = dice.pick(&[
            SubjectKind::Account,
            SubjectKind::Account,
            SubjectKind::User,
            SubjectKind::Grant,
            SubjectKind::Grant,
        ]);
        let apps = match (kind, dice.below(3)) {
            (SubjectKind::User, _) | (_, 0) => vec![],
            (_, 1) => vec![AppId(1)],
            _ => vec![AppId(1), AppId(3)],
        };
        Self {
            seed,
            number: dice.below(u64::MAX),
            when: condition(dice, kind, 4),
            except: dice.chance(50).then(|| condition(dice, kind, 2)),
            scope: Scope { kind, apps, long_term: dice.chance(30) },
            blocked: dice.chance(50).then_some(7),
            at: moment(dice),
            activity: dice.chance(25).then(|| orders(dice)),
            stale: match dice.chance(40) {
                true => {
                    let all = ["one", "okta", "hr", "aloha", "zeta", "nobody"];
                    all.into_iter().filter(|_| dice.chance(30)).collect()
                }
                false => Vec::new(),
            },
        }
    }

    fn check(
        &self,
        store: &Store,
        world: &World,
        facts: &BTreeMap<SubjectId, Option<Facts>>,
        seen: &mut BTreeMap<Truth, u64>,
    ) {
        let limits = self.stale.iter().map(|it| ((*it).to_owned(), Duration::days(2)));
        store.doubt(&limits.collect(), self.at.now).unwrap();
        let stale = store.stale();
        let selection = Selection {
            scope: &self.scope,
            when: &self.when,
            except: self.except.as_ref(),
            blocked: self.blocked,
            at: self.at,
            activity: self.activity.as_ref(),
            stale: stale.as_deref(),
        };
        let others = (self.activity.is_some() || stale.is_some()).then(|| {
            let by = |id| store.facts_by(id, self.activity.as_ref()).unwrap();
            world.subjects().map(|id| (id, by(id))).collect::<BTreeMap<_, _>>()
        });
        let facts = others.as_ref().unwrap_or(facts);
        let mut matched = Vec::new();
        let mut undecided = Vec::new();
        let mut reasons = BTreeMap::<String, u64>::new();
        let mut census = Census {
            not: vec![0; self.when.conjuncts().len()],
            ..Census::default()
        };
        for (id, facts) in facts {
            if id.kind() != self.scope.kind || !world.in_scope(*id, &self.scope) {
                continue;
            }
            let facts = facts.as_ref().unwrap();
            let blocked = self.blocked.is_some() && world.blocked(*id, self.at.now);
            let truth = verdict(&self.when, self.except.as_ref(), facts, self.at);
            *seen.entry(truth).or_default() += 1;
            self.explain(facts, truth, &mut reasons);
            match truth {
                Truth::True if !blocked => matched.push(id.number()),
                Truth::Unknown => undecided.push(id.number()),
                Truth::True | Truth::False => {}
            }
            *self.bucket(&mut census, facts, blocked) += 1;
        }
        let sizes = store.sizes(&selection).unwrap();
        for (ask, expected) in [(Ask::Matched, &matched), (Ask::Undecided, &undecided)] {
            let mut shapes = self.some(Shape::all(&selection, ask), SHAPES);
            shapes.push(Shape::choose(&selection, ask, &sizes));
            shapes.push(Shape::choose(&selection, ask, &Statistics::default()));
            for shape in shapes {
                let statement = subjects(&selection, ask, shape, &sizes);
                let found = store.select_ids(&statement);
                let found = found.unwrap_or_else(|error| {
                    panic!("{error}\n{ask:?} {shape:?}\n{self:#?}\n{statement}")
                });
                assert_eq!(
                    &found, expected,
                    "{ask:?} {shape:?}: statement, interpreter\n{self:#?}\n{statement}"
                );
            }
        }
        for shape in self.some(Shape::all(&selection, Ask::Undecided), 1) {
            let statement = undecided_patterns(&selection, shape, &sizes);
            let found = store.take_undecided(&selection, &statement).unwrap();
            let found: BTreeMap<_, _> = found
                .into_iter()
                .map(|reason| (reason.because, reason.count))
                .collect();
            assert_eq!(found, reasons, "{shape:?}\n{self:#?}\n{statement}");
            let statement = census_in(&selection, shape, &sizes);
            let found = store.take_census(&selection, &statement).unwrap();
            assert_eq!(found, census, "{shape:?}\n{self:#?}\n{statement}");
        }
        let all = census.in_scope();
        assert_eq!(store.scope_count(&self.scope).unwrap(), all, "{self:#?}");
        for most in [all / 2, all, all + 1, 10_000] {
            let found = store.scope_count_to(&self.scope, most).unwrap();
            assert_eq!(found, all.min(most), "{self:#?}");
        }
    }

    /// So many of the shapes; others for another case.
    fn some(&self, mut shapes: Vec<Shape>, count: u64) -> Vec<Shape> {
        let mut dice = Dice::new(self.number);
        while shapes.len() as u64 > count {
            let out = dice.below(shapes.len() as u64);
            shapes.swap_remove(usize::try_from(out).unwrap());
        }
        shapes
    }

    /// The proof says what the interpreter does, and whatever is unknown has a name.
    fn explain(&self, facts: &Facts, truth: Truth, reasons: &mut BTreeMap<String, u64>) {
        let proof = proof(&self.when, facts, self.at);
        assert_eq!(proof.truth, evaluate(&self.when, facts, self.at));
        for (truth, evidence) in proof.tests() {
            assert_eq!(truth == Truth::Unknown, evidence.missing.is_some());
        }
        let names = blame(&self.when, self.except.as_ref(), facts, self.at);
        assert_eq!(names.is_empty(), truth != Truth::Unknown, "{names:?} {self:#?}");
        if let Some(first) = names.into_iter().next() {
            *reasons.entry(first).or_default() += 1;
        }
    }

    fn bucket<'a>(
        &self,
        census: &'a mut Census,
        facts: &Facts,
        blocked: bool,
    ) -> &'a mut u64 {
        let truth = |condition: &Condition| evaluate(condition, facts, self.at);
        let conjuncts = self.when.conjuncts().iter();
        if let Some(first) = conjuncts.map(truth).position(|truth| truth == Truth::False)
        {
            return &mut census.not[first];
        }
        let excepted = self.except.as_ref().map_or(Truth::False, truth);
        match (excepted, truth(&self.when)) {
            (Truth::True, _) => &mut census.excepted,
            (Truth::False, Truth::True) if blocked => &mut census.blocked,
            (Truth::False, Truth::True) => &mut census.matched,
            _ => &mut census.undecided,
        }
    }
}
