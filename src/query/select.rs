//! A policy's selection as statements: whom it matches, and about whom it is undecided.

use crate::facts::Stale;
use crate::ir::{
    AppId, Condition, ConditionKind, Field, GroupId, Level, Op, Orders, PermissionId,
    Scope, SubjectKind, TestKind, Value,
};
use crate::query::links::{Link, permission_ids};
use crate::query::lower::{Lower, PERMISSION};
use crate::query::shape::{Driver, Shape};
use crate::query::sql::{Bind, Cost, Expr, Sets};
use crate::query::stale::{Doubt, doubtful};
use crate::query::statement::Statement;
use crate::query::want::Want;
use crate::query::{Moment, Statistics};
use crate::text::fold;
use std::collections::BTreeSet;

/// Whom a policy selects.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// The subjects it looks at.
    pub scope: &'a Scope,
    /// What must be true.
    pub when: &'a Condition,
    /// What must be false.
    pub except: Option<&'a Condition>,
    /// Leaves out of the matches whoever has a run of this policy that still blocks another.
    pub blocked: Option<i64>,
    /// When it is asked.
    pub at: Moment,
    /// Which sources say when an account was last used, where the policy or an app says so.
    pub activity: Option<&'a Orders>,
    /// Whose data is not believed, where anyone's is not.
    pub stale: Option<&'a Stale>,
}

/// Apps, groups and permissions that a selection names, each once.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) apps: BTreeSet<AppId>,
    pub(crate) groups: BTreeSet<GroupId>,
    pub(crate) permissions: BTreeSet<PermissionId>,
    /// What permissions are called, folded.
    pub(crate) granted: BTreeSet<String>,
}

impl Selection<'_> {
    /// What it names.
    pub(crate) fn named(&self) -> Named {
        let mut named = Named::default();
        named.apps.extend(&self.scope.apps);
        let excepted = self.except.map_or(Vec::new(), Condition::tests);
        for test in self.when.tests().into_iter().chain(excepted) {
            match &test.kind {
                TestKind::InGroup { groups, .. } => {
                    named.groups.extend(groups.iter().map(|group| group.id));
                }
                TestKind::HasPermission { permissions, .. } => {
                    named.permissions.extend(permission_ids(permissions));
                }
                TestKind::HasAccount { apps } => named.apps.extend(apps),
                kind => named.granted.extend(granted(kind).unwrap_or_default()),
            }
        }
        named
    }
}

/// The names that a test compares a grant's permission with, folded; `None` for other tests.
pub(crate) fn granted(test: &TestKind) -> Option<Vec<String>> {
    let (attribute, values) = match test {
        TestKind::Compare { attribute, op: Op::Eq, value } => {
            (attribute, std::slice::from_ref(value))
        }
        TestKind::OneOf { attribute, values } => (attribute, values.as_slice()),
        _ => return None,
    };
    if (attribute.level, &attribute.field) != (Level::Grant, &Field::Permission) {
        return None;
    }
    let names = values.iter().filter_map(|value| match value {
        Value::Text(name) => Some(fold(name)),
        Value::Bool(_) | Value::Number(_) | Value::Instant(_) => None,
    });
    Some(names.collect())
}

/// What is asked about a selection's subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Those in scope for whom `when` is true and `except` is false, and nothing blocks.
    Matched,
    /// Those in scope for whom that is unknown.
    Undecided,
}

/// The statement that gives the numbers of those who are asked for, in no order.
pub fn subjects(
    selection: &Selection<'_>,
    ask: Ask,
    shape: Shape,
    sizes: &Statistics,
) -> Statement {
    let id = id_column(selection.scope.kind);
    let Assembled { from, condition, lower, .. } = assemble(selection, ask, shape, sizes);
    Statement::select(id, &from, condition, lower.params)
}

/// The statement that groups the undecided by what each test answers: for each group a
/// text, and how many. The text begins with `o` for orphans and `u` for others, followed by
/// `1`, `0`, `-` (unknown) or `s7;` (unknown because source 7 is stale) for each test of `when`
/// and then `except` in the order written.
pub fn undecided_patterns(
    selection: &Selection<'_>,
    shape: Shape,
    sizes: &Statistics,
) -> Statement {
    let Assembled { mut from, condition, mut lower } =
        assemble(selection, Ask::Undecided, shape, sizes);
    let joined = lower.joined;
    // Few are left when these are asked.
    lower.shape = Shape::points(shape.driver);
    let kind = selection.scope.kind;
    let mut each = vec![match kind {
        SubjectKind::Account | SubjectKind::Grant => {
            "CASE a.identity_id WHEN 0 THEN 'o' ELSE 'u' END".to_owned()
        }
        SubjectKind::User => "'u'".to_owned(),
    }];
    let excepted = selection.except.map_or(Vec::new(), Condition::tests);
    for test in selection.when.tests().into_iter().chain(excepted) {
        let (yes, no) = (lower.test(test, Want::True), lower.test(test, Want::False));
        let (yes, no) = (yes.text(), no.text());
        let unknown = match lower.doubt(&test.kind) {
            Doubt::Never => "'-'".to_owned(),
            Doubt::Always(source) => format!("'s{source};'"),
            Doubt::Row(source) => format!("ifnull('s' || {source} || ';', '-')"),
        };
        each.push(format!(
            "CASE WHEN {yes} THEN '1' WHEN {no} THEN '0' ELSE {unknown} END"
        ));
    }
    if lower.joined && !joined {
        from.push_str(join_owner(shape.driver));
    }
    let pattern = concatenated(&each);
    let what = format!("{pattern} AS pattern, count(*)");
    let mut statement = Statement::select(&what, &from, condition, lower.params);
    statement.sql.push_str("\nGROUP BY pattern");
    statement
}

/// The conditions that every subject asked for must meet, each with what it must be.
pub(crate) fn musts<'c>(
    selection: &Selection<'c>,
    ask: Ask,
) -> Vec<(&'c Condition, Want)> {
    let (when, except) = match ask {
        Ask::Matched => (Want::True, Want::False),
        Ask::Undecided => (Want::NotFalse, Want::NotTrue),
    };
    let mut found = Vec::new();
    flatten(selection.when, when, &mut found);
    if let Some(condition) = selection.except {
        flatten(condition, except, &mut found);
    }
    found
}

fn flatten<'c>(
    condition: &'c Condition,
    want: Want,
    found: &mut Vec<(&'c Condition, Want)>,
) {
    match &condition.kind {
        ConditionKind::And(parts) if want.of_all() => {
            for part in parts {
                flatten(part, want, found);
            }
        }
        ConditionKind::Or(parts) if !want.of_all() => {
            for part in parts {
                flatten(part, want, found);
            }
        }
        ConditionKind::Not(inner) => flatten(inner, !want, found),
        ConditionKind::And(_) | ConditionKind::Or(_) | ConditionKind::Test(_) => {
            found.push((condition, want));
        }
    }
}

/// The parts of a statement.
struct Assembled<'a> {
    from: String,
    condition: Expr,
    lower: Lower<'a>,
}

fn assemble<'a>(
    selection: &Selection<'a>,
    ask: Ask,
    shape: Shape,
    sizes: &'a Statistics,
) -> Assembled<'a> {
    let kind = selection.scope.kind;
    let mut lower = Lower::of(selection, shape, sizes);
    let musts = musts(selection, ask);
    let Start { mut from, term, driven } =
        start(&mut lower, &musts, selection.scope, shape.driver);
    let mut terms = vec![term];
    terms.extend(in_scope(&mut lower, selection.scope, shape.driver));
    for (position, (condition, want)) in musts.iter().enumerate() {
        if Some(position) != driven {
            terms.push(lower.condition(condition, *want));
        }
    }
    match ask {
        Ask::Matched => terms.push(not_blocked(&mut lower, selection)),
        Ask::Undecided => {
            let fires = lower.condition(selection.when, Want::NotTrue);
            let excepted = selection
                .except
                .map_or(Expr::No, |condition| lower.condition(condition, Want::NotFalse));
            terms.push(Expr::any([fires, excepted]));
        }
    }
    if lower.joined {
        from.push_str(join_owner(shape.driver));
    }
    from.push_str(join_grants(kind, shape.driver));
    Assembled { from, condition: Expr::all(terms), lower }
}

/// Where a statement starts.
struct Start {
    from: String,
    /// The term that goes with it.
    term: Expr,
    /// Which of the musts those answer.
    driven: Option<usize>,
}

fn start(
    lower: &mut Lower<'_>,
    musts: &[(&Condition, Want)],
    scope: &Scope,
    driver: Driver,
) -> Start {
    let (table, by_id, by_user) = match lower.kind {
        SubjectKind::Account | SubjectKind::Grant => {
            ("account a", "a.id", "a.identity_id")
        }
        SubjectKind::User => ("identity i", "i.id", "i.id"),
    };
    let at = |from: &str| Start {
        from: from.to_owned(),
        term: Expr::Yes,
        driven: None,
    };
    let must = |position: usize| {
        let (condition, want) = musts.get(position)?;
        let ConditionKind::Test(test) = &condition.kind else { return None };
        Some((test, *want))
    };
    match driver {
        Driver::Table if lower.kind == SubjectKind::Grant => at(GRANTS),
        Driver::Table | Driver::Accounts => at(&format!("{table} NOT INDEXED")),
        Driver::Index => at(by_index(scope)),
        Driver::Owners(_) => {
            at("identity i\nCROSS JOIN account a ON a.identity_id = i.id")
        }
        Driver::Holders(position) | Driver::Members(position) => {
            let held = must(position)
                .and_then(|(test, want)| Some((lower.link(&test.kind)?, want)));
            let Some((link, want)) = held else { return at(table) };
            let key = if matches!(driver, Driver::Holders(_)) { by_id } else { by_user };
            let (from, term) = start_at(&link, want, table, key);
            // What it starts at would have to be believed.
            let doubted =
                must(position).is_some_and(|(test, _)| doubtful(&test.kind, lower.stale));
            Start {
                from,
                term,
                driven: Some(position).filter(|_| !doubted),
            }
        }
        Driver::Granted(position) => {
            let passing = must(position).and_then(|(test, _)| match &test.kind {
                TestKind::Compare { attribute, .. }
                | TestKind::OneOf { attribute, .. } => lower.permissions(test, attribute),
                _ => None,
            });
            let Some((passing, _)) = passing else { return at(GRANTS) };
            let term = format!("{PERMISSION} IN ({passing})");
            Start {
                from: GRANTS.replace("NOT INDEXED", "INDEXED BY grant_holder"),
                term: Expr::Leaf(term, Cost::Column),
                driven: Some(position),
            }
        }
    }
}

/// All grants, each with its account.
const GRANTS: &str =
    "access_grant g NOT INDEXED\nCROSS JOIN account a ON a.id = g.account_id";

/// The table of subjects, or that of the accounts of grants, by the index that fits.
fn by_index(scope: &Scope) -> &'static str {
    match scope.kind {
        SubjectKind::User => "identity i",
        _ if !scope.apps.is_empty() => "account a INDEXED BY account_app_seen",
        SubjectKind::Account | SubjectKind::Grant => "account a INDEXED BY account_seen",
    }
}

/// Everyone who could be in scope.
pub(crate) fn everyone(scope: &Scope, driver: Driver) -> &'static str {
    match (scope.kind, driver) {
        (SubjectKind::Account | SubjectKind::Grant, Driver::Index) => by_index(scope),
        (SubjectKind::Account, _) => "account a",
        (SubjectKind::User, _) => "identity i",
        (SubjectKind::Grant, _) => GRANTS,
    }
}

/// Starts at those who hold something.
fn start_at(link: &Link, want: Want, table: &str, key: &str) -> (String, Expr) {
    let Link { from, owner, .. } = link;
    let filter = link.rows(want == Want::NotFalse);
    if link.filter.contains(" IN ") {
        // Several may hold of one subject: each is to be found once, and in order.
        let index = if key == "a.identity_id" {
            "INDEXED BY account_identity"
        } else {
            "NOT INDEXED"
        };
        let term = format!("{key} IN (SELECT {owner} FROM {from} WHERE {filter})");
        return (format!("{table} {index}"), Expr::Leaf(term, Cost::Column));
    }
    let from = format!("{from}\nCROSS JOIN {table} ON {key} = {owner}");
    (from, Expr::Leaf(filter, Cost::Column))
}

/// Joins an account's owner. The plus keeps the planner from turning the join around.
pub(crate) fn join_owner(driver: Driver) -> &'static str {
    match driver {
        Driver::Owners(_) => "",
        Driver::Table
        | Driver::Accounts
        | Driver::Index
        | Driver::Holders(_)
        | Driver::Members(_)
        | Driver::Granted(_) => "\nLEFT JOIN identity i ON i.id = +a.identity_id",
    }
}

/// Joins the grants of the accounts, where it is them that are looked for and the statement
/// does not start at them. Behind the owner: one owner is looked up for all grants.
pub(crate) fn join_grants(kind: SubjectKind, driver: Driver) -> &'static str {
    if kind != SubjectKind::Grant || driver.at_grants() {
        return "";
    }
    "\nCROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id"
}

/// The conditions of a scope.
pub(crate) fn in_scope(
    lower: &mut Lower<'_>,
    scope: &Scope,
    driver: Driver,
) -> Vec<Expr> {
    let leaf = |text: &str, cost| Expr::Leaf(text.to_owned(), cost);
    if scope.kind == SubjectKind::User {
        let mut terms = vec![leaf("i.gone = 0", Cost::Column)];
        if !scope.long_term {
            terms.push(leaf("i.identity_state <> 2", Cost::Column));
        }
        return terms;
    }
    let mut terms = vec![leaf("a.gone = 0", Cost::Column)];
    if !scope.apps.is_empty() {
        let apps: Vec<_> = scope.apps.iter().map(|app| Bind::Integer(app.0)).collect();
        let apps = lower.params.one_of(&apps);
        let plus = if driver == Driver::Index { "" } else { "+" };
        terms.push(Expr::Leaf(format!("{plus}a.app_id {apps}"), Cost::Column));
    }
    let gone = "SELECT o.id FROM identity o WHERE o.gone = 1";
    let out = if scope.long_term { "" } else { " OR o.identity_state = 2" };
    if let Driver::Owners(_) = driver {
        terms.push(leaf("i.gone = 0", Cost::Column));
        if !scope.long_term {
            terms.push(leaf("i.identity_state <> 2", Cost::Column));
        }
    } else if lower.shape.builds(lower.sizes.users / 10) {
        let each = vec![format!("{gone}{out}")];
        terms.push(Expr::Outside(Sets { key: "a.identity_id", each }));
    } else {
        lower.joined = true;
        terms.push(leaf("i.gone IS NOT 1", Cost::Owner));
        if !scope.long_term {
            terms.push(leaf("i.identity_state IS NOT 2", Cost::Owner));
        }
    }
    terms
}

/// Nobody who has a run that still blocks another.
pub(crate) fn not_blocked(lower: &mut Lower<'_>, selection: &Selection<'_>) -> Expr {
    let Some(policy) = selection.blocked else { return Expr::Yes };
    let kind = selection.scope.kind;
    let id = id_column(kind);
    let policy = lower.params.id(policy);
    let number = lower.params.id(kind.number());
    let now = lower.params.bind(Bind::Instant(selection.at.now));
    // The index holds only rows that ever blocked, and the planner must be told so.
    let rows = format!(
        "FROM run x WHERE x.policy_id = {policy} AND x.subject_kind = {number} \
         AND x.blocks_until > {now} AND x.blocks_until > 0"
    );
    // How many runs there are is not on record; few subjects have one.
    let subjects = match kind {
        SubjectKind::Account | SubjectKind::User => lower.sizes.accounts,
        SubjectKind::Grant => lower.sizes.grants,
    };
    if lower.shape.builds(subjects / 50) {
        let each = vec![format!("SELECT x.subject_id {rows}")];
        Expr::Outside(Sets { key: id, each })
    } else {
        let term = format!("NOT EXISTS (SELECT 1 {rows} AND x.subject_id = {id})");
        Expr::Leaf(term, Cost::Point)
    }
}

pub(crate) fn id_column(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Account => "a.id",
        SubjectKind::User => "i.id",
        SubjectKind::Grant => "g.id",
    }
}

/// Texts one behind the other, in a tree that is as flat as it is high.
fn concatenated(each: &[String]) -> String {
    match each {
        [] => "''".to_owned(),
        [one] => one.clone(),
        _ => {
            let (left, right) = each.split_at(each.len() / 2);
            format!("({} || {})", concatenated(left), concatenated(right))
        }
    }
}
