//! An explanation as people read it.

use crate::explain::{Evidence, Explanation, Fact, FactKind, Verdict};
use crate::query::{Truth, source_of};
use crate::text;

/// The explanation in lines: how it comes out, each part with what it saw, what will be.
/// Without a line break at its end.
pub fn prose(explanation: &Explanation) -> String {
    let mut lines = vec![headline(explanation), String::new()];
    let mut rows = Vec::new();
    top(&explanation.when, &mut rows);
    let whens = rows.len();
    if let Some(except) = &explanation.except {
        top(except, &mut rows);
    }
    let width = rows.iter().map(|row| row.words.chars().count()).max().unwrap_or(0);
    for (at, row) in rows.iter().enumerate() {
        if at == whens {
            lines.push("  except".to_owned());
        }
        let line = format!("  {:<8} {:<width$}  {}", row.mark, row.words, row.saw);
        lines.push(line.trim_end().to_owned());
    }
    let tail = tail(explanation);
    if !tail.is_empty() {
        lines.push(String::new());
        lines.extend(tail);
    }
    text::lines(&lines)
}

fn headline(explanation: &Explanation) -> String {
    let Explanation { subject, user, verdict, missing, .. } = explanation;
    let subject = match user {
        Some(user) if user == subject => subject.clone(),
        Some(user) => format!("{subject} ({user})"),
        None => format!("{subject} (no owner)"),
    };
    let what = match &explanation.policy {
        Some(policy) => format!("policy {policy}"),
        None => "the condition".to_owned(),
    };
    if let Some(because) = explanation.out_of_scope {
        return format!("{subject} is out of scope of {what}: {because}");
    }
    match verdict {
        Verdict::Match => match (&explanation.left_to, explanation.only_on.as_slice()) {
            (Some(better), _) => format!(
                "{subject} matches {what}, and is left to policy {better}, whose rank is \
                 better"
            ),
            (None, []) => format!("{subject} matches {what}"),
            (None, on) => format!(
                "{subject} matches {what}, which opens a run only on {}",
                on.join(", ")
            ),
        },
        Verdict::NoMatch => format!("{subject} does not match {what}"),
        Verdict::Excepted => format!("{subject} is excepted from {what}"),
        Verdict::Undecided => {
            let missing = missing.iter().map(|name| absent(name)).collect::<Vec<_>>();
            format!("{subject} is left undecided by {what}: {}", missing.join(", "))
        }
    }
}

fn tail(explanation: &Explanation) -> Vec<String> {
    let mut lines = explanation.pending.clone();
    if explanation.out_of_scope.is_some() {
        return lines;
    }
    lines.extend(explanation.stale.iter().map(|aged| format!("not known: {aged}")));
    match (explanation.turns, explanation.verdict) {
        (Some(turn), Verdict::Match) => {
            lines.push(format!("stops matching at {}, if nothing else changes", turn.at));
        }
        (Some(turn), _) => {
            lines.push(format!("will match at {}, if nothing else changes", turn.at));
        }
        (None, Verdict::Match) => {}
        (None, _) => lines.push("time alone will not change that".to_owned()),
    }
    lines
}

struct Row {
    mark: &'static str,
    words: String,
    saw: String,
}

/// The parts of a whole conjunction stand side by side, without a line of its own.
fn top(fact: &Fact, rows: &mut Vec<Row>) {
    match &fact.kind {
        FactKind::All(parts) if !parts.is_empty() => {
            for part in parts {
                add(part, 0, rows);
            }
        }
        FactKind::All(_) | FactKind::Any(_) | FactKind::Not(_) | FactKind::Test(_) => {
            add(fact, 0, rows);
        }
    }
}

fn add(fact: &Fact, depth: usize, rows: &mut Vec<Row>) {
    let mut row = |words: &str, saw: String| {
        let words = format!("{}{words}", "  ".repeat(depth));
        rows.push(Row { mark: mark(fact.truth), words, saw });
    };
    let (words, parts) = match &fact.kind {
        FactKind::All(parts) if parts.is_empty() => return row("always", String::new()),
        FactKind::Any(parts) if parts.is_empty() => return row("never", String::new()),
        FactKind::Test(evidence) => return row(&evidence.condition, saw(evidence)),
        FactKind::All(parts) => ("all of", parts.as_slice()),
        FactKind::Any(parts) => ("any of", parts.as_slice()),
        FactKind::Not(inner) => match &inner.kind {
            FactKind::Test(evidence) => {
                return row(&format!("not {}", evidence.condition), saw(evidence));
            }
            FactKind::All(parts) => ("not all of", parts.as_slice()),
            FactKind::Any(parts) => ("none of", parts.as_slice()),
            FactKind::Not(_) => ("not", std::slice::from_ref(inner.as_ref())),
        },
    };
    row(words, String::new());
    for part in parts {
        add(part, depth + 1, rows);
    }
}

fn mark(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "yes",
        Truth::False => "no",
        Truth::Unknown => "unknown",
    }
}

fn saw(evidence: &Evidence) -> String {
    let mut parts = Vec::new();
    match (&evidence.value, &evidence.missing) {
        (Some(value), _) => parts.push(value.clone()),
        (None, None) => parts.push("nothing on record".to_owned()),
        (None, Some(_)) => {}
    }
    if let Some(at) = evidence.at.map(|at| at.to_string())
        && evidence.value.as_ref() != Some(&at)
    {
        parts.push(match &evidence.of {
            Some(of) => format!("{of} {at}"),
            None => at,
        });
    }
    parts.extend(evidence.source.as_ref().map(|source| format!("from {source}")));
    parts.extend(evidence.missing.as_ref().map(|name| absent(name)));
    parts.join(", ")
}

fn absent(name: &str) -> String {
    match (name, source_of(name)) {
        ("owner", _) => "there is no owner".to_owned(),
        (_, Some(source)) => format!("{source} is too old"),
        (_, None) => format!("{name} is not on record"),
    }
}
