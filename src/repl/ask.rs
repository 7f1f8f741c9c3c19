//! A condition over everyone: whom it matches, and what became of the others.

use crate::check::{self, asks_for_lifecycle};
use crate::diagnose::{Severity, to_human};
use crate::engine::EngineError;
use crate::facts::{Facts, Stale, SubjectId};
use crate::ir::{Condition, Scope, SubjectKind};
use crate::query::{Ask, Moment, Selection, Shape, blame, proof, subjects};
use crate::repl::desk::{Asked, Desk, INPUT};
use crate::session::scope;

use crate::store::StoreError;
use crate::syntax;
use crate::text::{FileId, Sources, one_line};
use crate::time::Duration;
use comfy_table::{Table, presets};

/// So many subjects are shown one by one.
const SHOWN: usize = 20;

/// With so many different questions, the values of each have a column.
const COLUMNS: usize = 5;

/// Answers a condition that was typed.
pub(super) fn condition(desk: &mut Desk, text: &str) -> Result<String, EngineError> {
    let (scope, condition, mut said) = match read(desk, text) {
        Ok(found) => found,
        Err(findings) => return Ok(findings),
    };
    let (found, shown) = answer(desk, &scope, &condition)?;
    said.push_str(&found);
    desk.shown = shown;
    desk.last = Some(Asked::Condition(scope, condition));
    Ok(said)
}

/// Whom the last question leaves undecided, and for want of what.
pub(super) fn undecided(desk: &mut Desk) -> Result<String, EngineError> {
    let Some(asked) = &desk.last else { return Ok(NOTHING_ASKED.to_owned()) };
    let stale = desk.workspace.store.stale();
    let selection = asked.selection(desk, stale.as_deref());
    let ids = ids(desk, &selection, Ask::Undecided)?;
    let owned = selection.scope.kind != SubjectKind::User;
    let mut head = vec![kind_word(selection.scope.kind), "owner", "not on record"];
    if !owned {
        head.remove(1);
    }
    let mut table = table(&head);
    let mut shown = Vec::new();
    for id in ids.iter().take(SHOWN) {
        let Some(facts) = desk.workspace.store.facts(*id)? else { continue };
        let missing = blame(selection.when, selection.except, &facts, selection.at);
        let name = facts.subject.name.clone();
        let mut row = vec![name.clone()];
        row.extend(owned.then(|| owner(&facts)));
        row.push(missing.join(", "));
        table.add_row(row.iter().map(|cell| one_line(cell)));
        shown.push(name);
    }
    let said = if ids.is_empty() {
        "nobody is left undecided".to_owned()
    } else {
        format!("{}\n{} undecided", rows(&mut table, ids.len()), ids.len())
    };
    desk.shown = shown;
    Ok(said)
}

/// The statement that a condition becomes, how it starts, and what `SQLite` makes of it.
/// All but the statement stands in comments, so that the whole can be pasted.
pub(super) fn sql(desk: &Desk, text: &str) -> Result<String, EngineError> {
    let (scope, condition, said) = match read(desk, text) {
        Ok(found) => found,
        Err(findings) => return Ok(findings),
    };
    let store = &desk.workspace.store;
    let asked = Asked::Condition(scope, condition);
    let stale = desk.workspace.store.stale();
    let selection = asked.selection(desk, stale.as_deref());
    let sizes = store.sizes(&selection)?;
    let shape = Shape::choose(&selection, Ask::Matched, &sizes);
    let statement = subjects(&selection, Ask::Matched, shape, &sizes);
    let plan = store.query_plan(&statement)?;
    let mut lines = vec![format!("{said}{statement}"), format!("-- {shape}")];
    lines.extend(plan.iter().map(|step| format!("-- {step}")));
    Ok(lines.join("\n"))
}

pub(super) const NOTHING_ASKED: &str =
    "error: nothing was asked yet; type a condition or a policy first";

/// Reads and checks a condition; the error is the findings, as they are shown. With it come
/// warnings, ready to stand before the answer.
fn read(desk: &Desk, text: &str) -> Result<(Scope, Condition, String), String> {
    let shown = desk.sources(text, &[]);
    let file = FileId(0);
    let human =
        |findings: &[_]| to_human(findings, &shown, desk.look).trim_end().to_owned();
    let prefix =
        scope::prefix(file, text, &desk.catalog).map_err(|finding| human(&[*finding]))?;
    let (kind, apps, start) = match prefix {
        Some(prefix) => (prefix.kind, prefix.apps, prefix.end),
        None => (desk.kind, Vec::new(), 0),
    };
    // What the parser reads has blanks for the words on whom it is about, so that every
    // finding still points into the text as it was typed.
    let sources = desk.sources(&blanked(text, start), &[]);
    let (tree, mut findings) = syntax::parse_condition(&sources, file);
    let mut checked = None;
    if let Some(tree) = tree {
        let others: Vec<_> =
            files(&sources).map(|id| syntax::parse(&sources, id).0).collect();
        let (condition, more) =
            check::condition(&sources, &tree, &others, kind, &desk.catalog);
        findings.extend(more);
        checked = condition;
    }
    let broken = findings.iter().any(|found| found.severity == Severity::Error);
    match checked {
        Some(condition) if !broken => {
            let long_term = asks_for_lifecycle(&condition);
            let warnings = human(&findings);
            let gap = if warnings.is_empty() { "" } else { "\n\n" };
            Ok((Scope { kind, apps, long_term }, condition, warnings + gap))
        }
        _ => Err(human(&findings)),
    }
}

/// All files but what was typed.
fn files(sources: &Sources) -> impl Iterator<Item = FileId> {
    let others = sources
        .iter()
        .filter(|(_, file)| file.name != INPUT || !file.text.is_empty());
    others.map(|(id, _)| id).skip(1)
}

fn blanked(text: &str, end: usize) -> String {
    let (head, rest) = text.split_at_checked(end).unwrap_or(("", text));
    let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    head.bytes().map(blank).collect::<String>() + rest
}

/// The table of those who match, the counts of all, and the names in the table.
fn answer(
    desk: &Desk,
    scope: &Scope,
    condition: &Condition,
) -> Result<(String, Vec<String>), EngineError> {
    let store = &desk.workspace.store;
    let stale = store.stale();
    let selection = Selection {
        scope,
        when: condition,
        except: None,
        blocked: None,
        at: since_a_day(desk),
        activity: None,
        stale: stale.as_deref(),
    };
    let ids = ids(desk, &selection, Ask::Matched)?;
    let questions = questions(condition);
    let mut head = vec![kind_word(scope.kind)];
    if scope.kind != SubjectKind::User {
        head.push("owner");
    }
    head.extend(&questions);
    let mut table = table(&head);
    let mut shown = Vec::new();
    for id in ids.iter().take(SHOWN) {
        let Some(facts) = store.facts(*id)? else { continue };
        let mut row = vec![facts.subject.name.clone()];
        row.extend((scope.kind != SubjectKind::User).then(|| owner(&facts)));
        row.extend(values(condition, &questions, &facts, &selection));
        table.add_row(row.iter().map(|cell| one_line(cell)));
        shown.push(facts.subject.name);
    }
    let counts = counts(desk, &selection)?;
    let said = if ids.is_empty() {
        counts
    } else {
        format!("{}\n{counts}", rows(&mut table, ids.len()))
    };
    Ok((said, shown))
}

fn ids(
    desk: &Desk,
    selection: &Selection<'_>,
    ask: Ask,
) -> Result<Vec<SubjectId>, StoreError> {
    let numbers = desk.workspace.store.subjects(selection, ask)?.into_iter();
    let kind = selection.scope.kind;
    Ok(numbers.map(|number| SubjectId::new(kind, number)).collect())
}

/// The different questions of a condition, where they are few.
fn questions(condition: &Condition) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for test in condition.tests() {
        if !found.contains(&test.text.as_str()) {
            found.push(&test.text);
        }
    }
    if found.len() > COLUMNS { Vec::new() } else { found }
}

/// What each question saw of a subject.
fn values(
    condition: &Condition,
    questions: &[&str],
    facts: &Facts,
    selection: &Selection<'_>,
) -> Vec<String> {
    let proof = proof(condition, facts, selection.at);
    let tests = proof.tests();
    let value = |question: &&str| {
        let mut answers = tests.iter().map(|(_, evidence)| evidence);
        let evidence = answers.find(|evidence| evidence.condition == **question)?;
        let value = evidence.value.clone()?;
        Some(match &evidence.source {
            Some(source) => format!("{value} ({source})"),
            None => value,
        })
    };
    let values = questions.iter().map(value);
    values
        .map(|value| value.unwrap_or_else(|| "nothing on record".to_owned()))
        .collect()
}

/// `3 match, 5 undecided (last_seen 5), 5 do not; 1 out of scope (inactive long-term)`.
fn counts(desk: &Desk, selection: &Selection<'_>) -> Result<String, StoreError> {
    let store = &desk.workspace.store;
    let census = store.census(selection)?;
    let mut parts = vec![format!("{} match", census.matched)];
    if census.undecided > 0 {
        let undecided = store.undecided(selection)?;
        let reasons: Vec<String> = undecided
            .iter()
            .map(|reason| format!("{} {}", reason.because, reason.count))
            .collect();
        parts.push(format!("{} undecided ({})", census.undecided, reasons.join(", ")));
    }
    parts.push(format!("{} do not", census.not.iter().sum::<u64>()));
    let out: Vec<String> = store
        .out_of_scope(selection.scope)?
        .iter()
        .map(|out| format!("{} out of scope ({})", out.count, out.because))
        .collect();
    let mut line = parts.join(", ");
    if !out.is_empty() {
        line = format!("{line}; {}", out.join(", "));
    }
    Ok(line)
}

impl Asked {
    /// What is asked, of whom, at this time.
    pub(super) fn selection<'a>(
        &'a self,
        desk: &Desk,
        stale: Option<&'a Stale>,
    ) -> Selection<'a> {
        let (scope, when, except, activity) = match self {
            Self::Condition(scope, when) => (scope, when, None, None),
            Self::Policy(policy) => {
                let crate::ir::Policy { scope, when, except, activity, .. } = &**policy;
                (scope, when, except.as_ref(), activity.as_ref())
            }
        };
        Selection {
            scope,
            when,
            except,
            blocked: None,
            at: since_a_day(desk),
            activity,
            stale,
        }
    }
}

/// Now, as a policy sees it that is evaluated every day.
pub(super) fn since_a_day(desk: &Desk) -> Moment {
    let now = desk.now();
    Moment::at(now).since(now.before(Duration::DAY))
}

fn owner(facts: &Facts) -> String {
    facts
        .user
        .as_ref()
        .map_or_else(|| "none".to_owned(), |user| user.email.clone())
}

fn kind_word(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Account => "account",
        SubjectKind::User => "user",
        SubjectKind::Grant => "grant",
    }
}

/// A table without lines.
pub(super) fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(head);
    table
}

/// The rows of a table, and how many there are more.
fn rows(table: &mut Table, all: usize) -> String {
    let text = aligned(table);
    match all.saturating_sub(SHOWN) {
        0 => text,
        more => format!("{text}\n… and {more} more"),
    }
}

/// A table as text, its first column at the edge.
pub(super) fn aligned(table: &mut Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 3));
    }
    table.trim_fmt()
}
