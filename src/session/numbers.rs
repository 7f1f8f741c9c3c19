//! How many a policy reaches now: beside what can be read in two ways, and when asked for.

use crate::catalog::Catalog;
use crate::diagnose::{Code, Diagnostic, Fix};
use crate::facts::Stale;
use crate::ir::{Condition, ConditionKind, Policy, SubjectKind, TestKind};
use crate::query::{Census, Moment, Selection, Undecided};
use crate::session::Project;
use crate::store::{Store, StoreError};
use crate::syntax::ast;
use crate::text::{Sources, Span, counted};
use crate::time::Timestamp;

/// Readings are counted for so many findings; nobody reads more numbers.
const MOST_FINDINGS: usize = 10;

/// A policy's name with how many it reaches, or why that is not counted.
pub type Counted = (String, Result<Reach, &'static str>);

/// How many a policy reaches now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// What it looks at.
    pub kind: SubjectKind,
    /// What became of everyone in scope.
    pub census: Census,
    /// Why nothing can be said of the undecided.
    pub undecided: Vec<Undecided>,
}

impl Reach {
    /// `3 of 13 accounts`.
    pub fn share(&self) -> String {
        let Census { matched, blocked, .. } = self.census;
        format!(
            "{} of {}",
            matched + blocked,
            subjects(self.census.in_scope(), self.kind)
        )
    }
}

impl Project {
    /// How many each policy reaches now; why not, for those that reach nobody on their own
    /// or cannot be followed yet.
    pub fn reach(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Vec<Counted>, StoreError> {
        let mut found = Vec::new();
        for policy in &self.program.policies {
            let counted = match reach(store, policy, now)? {
                _ if policy.gate.is_some() => Err("is asked before something happens"),
                _ if policy.schedule.is_none() => Err("waits for events"),
                Some(reach) => Ok(reach),
                None => Err("cannot be counted yet"),
            };
            found.push((policy.name.clone(), counted));
        }
        Ok(found)
    }

    /// Says with each finding about two readings how many each of them would reach.
    pub fn count_readings(
        &mut self,
        store: &Store,
        catalog: &Catalog,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let two = |finding: &Diagnostic| {
            matches!(finding.code, Code::MixedAndOr | Code::AmbiguousUnit)
                && finding.fixes.len() > 1
        };
        let places: Vec<usize> = (0..)
            .zip(&self.findings)
            .filter(|(_, finding)| two(finding))
            .map(|(at, _)| at)
            .take(MOST_FINDINGS)
            .collect();
        for at in places {
            let Some(finding) = self.findings.get(at) else { continue };
            let Some(mut help) = finding.help.clone() else { continue };
            let fixes = finding.fixes.clone();
            for fix in &fixes {
                let Some(policy) = self.with(fix, catalog) else { break };
                let Some(found) = reach(store, &policy, now)? else { break };
                let mut words = format!("reaches {} now", found.share());
                if let Some((group, members)) = guarded(store, &policy, now)? {
                    words += &format!(", {members} of them in {group}");
                }
                let reading = format!("`{}`", fix.replacement);
                if help.contains(&reading) {
                    help = help.replacen(&reading, &format!("{reading} ({words})"), 1);
                } else {
                    let place =
                        if fixes.first() == Some(fix) { "first" } else { "second" };
                    help += &format!("; the {place} suggestion {words}");
                }
            }
            if let Some(finding) = self.findings.get_mut(at) {
                finding.help = Some(help);
            }
        }
        Ok(())
    }

    /// Says with each two policies that undo each other how many both reach.
    pub fn count_rivals(
        &mut self,
        store: &Store,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rivals = |found: &&mut Diagnostic| found.code == Code::PoliciesUndoEachOther;
        for finding in self.findings.iter_mut().filter(rivals) {
            let around = |span: Span| {
                let mut policies = self.program.policies.iter();
                policies.find(|it| it.steps.iter().any(|step| holds(step.span, span)))
            };
            let first = finding.others.first().and_then(|other| around(other.span));
            let Some((one, other)) = first.zip(around(finding.span)) else { continue };
            let Some(both) = both(one, other) else { continue };
            if let (Some(found), Some(help)) = (reach(store, &both, now)?, &finding.help)
            {
                finding.help = Some(format!("{help}; both reach {} now", found.share()));
            }
        }
        Ok(())
    }

    /// The policy around a suggestion, with it applied; nothing where it has other errors.
    fn with(&self, fix: &Fix, catalog: &Catalog) -> Option<Policy> {
        let items = self.files.iter().flat_map(|file| &file.items);
        let head = items.into_iter().find_map(|item| match &item.kind {
            ast::ItemKind::Policy(policy) if holds(item.span, fix.span) => {
                Some(policy.head)
            }
            _ => None,
        })?;
        let mut sources = Sources::default();
        for (id, source) in self.sources.iter() {
            let mut text = source.text.clone();
            if id == fix.span.file {
                text.replace_range(fix.span.range(), &fix.replacement);
            }
            sources.add(source.name.clone(), text);
        }
        let program = Self::check(sources, catalog).program;
        // What stands before the edit has stayed where it was.
        program.policies.into_iter().find(|policy| {
            policy.span.start == head.start && policy.span.file == head.file
        })
    }
}

/// A policy that reaches those whom both reach, where both look at the same.
fn both(one: &Policy, other: &Policy) -> Option<Policy> {
    if one.scope != other.scope || !can_be_counted(one) || !can_be_counted(other) {
        return None;
    }
    let span = one.span;
    let whens = vec![one.when.clone(), other.when.clone()];
    let excepts: Vec<Condition> =
        one.except.iter().chain(&other.except).cloned().collect();
    let except = (!excepts.is_empty())
        .then_some(Condition { kind: ConditionKind::Or(excepts), span });
    let when = Condition { kind: ConditionKind::And(whens), span };
    Some(Policy { when, except, ..one.clone() })
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

fn reach(
    store: &Store,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<Reach>, StoreError> {
    if !can_be_counted(policy) {
        return Ok(None);
    }
    let stale = store.stale();
    let selection = selection(policy, &policy.when, (now, stale.as_deref()));
    Ok(Some(Reach {
        kind: policy.scope.kind,
        census: store.census(&selection)?,
        undecided: store.undecided(&selection)?,
    }))
}

/// How many of those whom a policy reaches are in a group that its condition speaks of, the
/// first that it means to leave out.
fn guarded(
    store: &Store,
    policy: &Policy,
    now: Timestamp,
) -> Result<Option<(String, u64)>, StoreError> {
    let Some((test, names)) = left_out(&policy.when) else { return Ok(None) };
    let both = ConditionKind::And(vec![policy.when.clone(), test.clone()]);
    let both = Condition { kind: both, span: policy.when.span };
    let stale = store.stale();
    let census = store.census(&selection(policy, &both, (now, stale.as_deref())))?;
    Ok(Some((names, census.matched + census.blocked)))
}

fn left_out(condition: &Condition) -> Option<(&Condition, String)> {
    match &condition.kind {
        ConditionKind::And(parts) | ConditionKind::Or(parts) => {
            parts.iter().find_map(left_out)
        }
        ConditionKind::Not(inner) => match &inner.kind {
            ConditionKind::Test(test) => match &test.kind {
                TestKind::InGroup { groups, .. } => {
                    let names: Vec<String> =
                        groups.iter().map(|group| format!("`{}`", group.name)).collect();
                    Some((inner, names.join(" or ")))
                }
                _ => None,
            },
            _ => left_out(inner),
        },
        ConditionKind::Test(_) => None,
    }
}

fn selection<'a>(
    policy: &'a Policy,
    when: &'a Condition,
    (now, stale): (Timestamp, Option<&'a Stale>),
) -> Selection<'a> {
    let Policy { scope, except, .. } = policy;
    Selection {
        scope,
        when,
        except: except.as_ref(),
        blocked: None,
        at: Moment::at(now),
        activity: policy.activity.as_ref(),
        stale,
    }
}

/// Whether the engine knows whom a policy selects, whatever it does not know of its steps.
fn can_be_counted(policy: &Policy) -> bool {
    let conditions = [Some(&policy.when), policy.except.as_ref()];
    let mut tests = conditions.into_iter().flatten().flat_map(Condition::tests);
    policy.gate.is_none()
        && policy.count_from_activation.is_none()
        && !tests.any(|test| matches!(test.kind, TestKind::Reaches { .. }))
}

/// `13 accounts`.
pub fn subjects(number: u64, kind: SubjectKind) -> String {
    let (one, many) = match kind {
        SubjectKind::Account => ("account", "accounts"),
        SubjectKind::User => ("user", "users"),
        SubjectKind::Grant => ("grant", "grants"),
    };
    counted(usize::try_from(number).unwrap_or(usize::MAX), one, many)
}
