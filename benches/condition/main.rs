//! One condition over large stores, compiled and written by hand, side by side:
//! `cargo bench --bench condition [-- --quick] [-- --accounts 1000000]`.
//!
//! Both run in this process, on one store, in turns; medians are printed with their ratio.
//! The statements by hand are the best that were found for this schema: several forms are
//! tried, and the fastest counts.

#![expect(clippy::print_stdout, reason = "a program: it has someone to speak to")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failure is a finding"
)]
#![expect(clippy::cast_precision_loss, reason = "the numbers are small")]

mod cases;
mod fill;
mod grants;

use crate::cases::{Case, cases};
use std::time::{Duration, Instant};
use tenure::facts::SubjectId;
use tenure::query::{Ask, Shape, Statement, evaluate, subjects, undecided_patterns};
use tenure::store::Store;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let only = after("--accounts").and_then(|text| text.replace('_', "").parse().ok());
    let sizes: Vec<u64> = match only {
        Some(accounts) => vec![accounts],
        None if quick => vec![10_000],
        None => vec![10_000, 100_000, 1_000_000],
    };
    let filter = after("--case").cloned().unwrap_or_default();
    let verbose = arguments.iter().any(|argument| argument == "--sql");
    for accounts in sizes {
        let path = fill::store(accounts);
        let store = Store::open_existing(&path).unwrap();
        println!("\n{accounts} accounts");
        println!(
            "{:<34} {:>7} {:>9} {:>9} {:>6}  by hand (ms)",
            "condition", "found", "ours ms", "best ms", "ratio"
        );
        let rounds = if accounts > 200_000 { 11 } else { 51 };
        for case in cases().iter().filter(|case| case.name.contains(&filter)) {
            measure(&store, case, rounds, verbose);
        }
        if filter.is_empty() {
            points(&store, &cases()[0]);
        }
    }
}

/// A case, ours and each form by hand in turns.
fn measure(store: &Store, case: &Case, rounds: usize, verbose: bool) {
    let selection = case.selection();
    let sizes = store.sizes(&selection).unwrap();
    if verbose {
        let shape = Shape::choose(&selection, Ask::Matched, &sizes);
        let statement = subjects(&selection, Ask::Matched, shape, &sizes);
        println!("{shape:?}\n{statement}\n{}", plan(store, &statement));
        for shape in Shape::all(&selection, Ask::Matched) {
            let statement = subjects(&selection, Ask::Matched, shape, &sizes);
            let (time, _) = timed(|| store.select_ids(&statement).unwrap());
            println!("{:>9.2} ms in {shape:?}", ms(time));
        }
    }
    let forms: Vec<Statement> = case.forms();
    if verbose {
        for form in &forms {
            println!("by hand\n{}", plan(store, form));
        }
    }
    let found = store.subjects(&selection, Ask::Matched).unwrap();
    // Ours is the last. Whoever runs after a neighbour finds its pages: nobody always does.
    let mut times = vec![Vec::new(); forms.len() + 1];
    let mut order: Vec<usize> = (0..times.len()).collect();
    let mut dice = fill::Dice(7);
    for _ in 0..=rounds {
        for last in (1..order.len()).rev() {
            order.swap(last, usize::try_from(dice.below(last as u64 + 1)).unwrap());
        }
        for &which in &order {
            let (time, ids) = timed(|| match forms.get(which) {
                Some(form) => store.select_ids(form).unwrap(),
                None => store.subjects(&selection, Ask::Matched).unwrap(),
            });
            times[which].push(time);
            assert_eq!(ids, found, "{}: the forms differ", case.name);
        }
    }
    let ours = times.pop().unwrap_or_default();
    let theirs = times;
    let ours = median(&ours);
    let theirs: Vec<f64> = theirs.iter().map(|times| median(times)).collect();
    let best = theirs.iter().copied().fold(f64::INFINITY, f64::min);
    let each: Vec<String> = theirs.iter().map(|time| format!("{time:.2}")).collect();
    println!(
        "{:<34} {:>7} {ours:>9.2} {best:>9.2} {:>6.2}  {}",
        case.name,
        found.len(),
        ours / best,
        each.join(" / ")
    );
}

/// How `SQLite` goes about a statement.
fn plan(store: &Store, statement: &Statement) -> String {
    let path = store.path().unwrap();
    let connection = rusqlite::Connection::open(path).unwrap();
    let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let mut plan = connection.prepare(&sql).unwrap();
    let lines = plan.raw_query().mapped(|row| row.get::<_, String>(3));
    lines.map(|line| line.unwrap() + "\n").collect()
}

/// What else a plan asks, and one subject at a time.
fn points(store: &Store, case: &Case) {
    let selection = case.selection();
    let sizes = store.sizes(&selection).unwrap();
    let (time, _) = timed(|| store.sizes(&selection).unwrap());
    println!("{:<34} {:>17.2}", "statistics", ms(time));
    let (time, found) = timed(|| store.subjects(&selection, Ask::Undecided).unwrap());
    println!("{:<34} {:>7} {:>9.2}", "undecided", found.len(), ms(time));
    let shape = Shape::choose(&selection, Ask::Undecided, &sizes);
    let patterns = undecided_patterns(&selection, shape, &sizes);
    let (time, found) = timed(|| store.take_undecided(&selection, &patterns).unwrap());
    println!("{:<34} {:>17.2}  {found:?}", "undecided, by reason", ms(time));
    let (time, found) = timed(|| store.census(&selection).unwrap());
    println!("{:<34} {:>17.2}  {found:?}", "census", ms(time));
    let (time, found) = timed(|| store.out_of_scope(selection.scope).unwrap());
    println!("{:<34} {:>17.2}  {found:?}", "out of scope", ms(time));
    let ids: Vec<i64> = (1..=2_000).map(|step| step * 5).collect();
    for round in ["one subject, cold", "one subject, warm"] {
        let (time, ()) = timed(|| {
            for id in &ids {
                let facts = store.facts(SubjectId::Account(*id)).unwrap();
                if let Some(facts) = facts {
                    evaluate(selection.when, &facts, selection.at);
                }
            }
        });
        println!("{round:<34} {:>14.1} us", ms(time) * 1000.0 / ids.len() as f64);
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}

/// The middle one, in milliseconds; the first round warms up.
fn median(times: &[Duration]) -> f64 {
    let mut times = times[1..].to_vec();
    times.sort_unstable();
    ms(times[times.len() / 2])
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
