//! `find`: subjects, by a condition of the language or by a SCIM filter.

use crate::check;
use crate::cli::output::{Fail, Output};
use crate::cli::process::note_pending;
use crate::diagnose::{Diagnostic, Severity};
use crate::facts::SubjectId;
use crate::ir::{Condition, Scope, SubjectKind};
use crate::query::{Ask, Moment, Selection};
use crate::scim_filter;
use crate::session::scope::prefix;
use crate::session::{Access, Place, Workspace, subjects};
use crate::store::Pending;
use crate::syntax;
use crate::text::Sources;
use clap::Args;
use serde_json::json;
use std::process::ExitCode;

/// Find subjects by a condition, or users by a SCIM filter.
///
/// `tenure find 'users where department = "Sales"'`, `accounts in app Salesforce where …`,
/// `grants where …`. Everybody is looked at, whatever their identity state.
#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Whom, and the condition.
    #[arg(value_name = "SUBJECTS where CONDITION", required_unless_present = "filter")]
    question: Option<String>,
    /// A SCIM filter over users: 'identityState eq "ACTIVE"'.
    #[arg(long, value_name = "FILTER", conflicts_with = "question")]
    filter: Option<String>,
}

/// What was asked.
struct Asked {
    scope: Scope,
    condition: Condition,
}

/// One that was found.
struct Found {
    name: String,
    user: Option<String>,
    state: Option<&'static str>,
    pending: Option<Pending>,
}

impl Find {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "find")?;
        let asked = match (&self.question, &self.filter) {
            (Some(question), _) => by_condition(question, &workspace, out)?,
            (None, filter) => {
                by_filter(filter.as_deref().unwrap_or_default(), &workspace)?
            }
        };
        let stale = workspace.store.stale();
        let selection = Selection {
            scope: &asked.scope,
            when: &asked.condition,
            except: None,
            blocked: None,
            at: Moment::at(workspace.now),
            activity: None,
            stale: stale.as_deref(),
        };
        let store = &workspace.store;
        let pending = store.mapping_is_pending()?;
        let mut all = Vec::new();
        for number in store.subjects(&selection, Ask::Matched)? {
            let id = SubjectId::new(asked.scope.kind, number);
            let Some(facts) = store.facts(id)? else { continue };
            let user = facts.user.as_ref();
            all.push(Found {
                pending: match user.filter(|_| pending) {
                    Some(user) => store.pending_state(user.id)?,
                    None => None,
                },
                user: user.map(|user| user.email.clone()),
                state: user.map(|user| user.identity_state.name()),
                name: facts.subject.name,
            });
        }
        let undecided: Vec<_> = store.undecided(&selection)?;
        note_pending(&workspace, out)?;
        if out.json {
            let list: Vec<_> = all.iter().map(Found::document).collect();
            let undecided: Vec<_> = undecided
                .iter()
                .map(|it| json!({ "because": it.because, "count": it.count }))
                .collect();
            out.document(&json!({
                "schema": "tenure.find/1", "found": list, "undecided": undecided,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for found in &all {
            out.line(found.line(asked.scope.kind))?;
        }
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let mut words = format!("{} found", subjects(count, asked.scope.kind));
        let reasons: Vec<_> = undecided
            .iter()
            .map(|reason| format!("{} {}", reason.because, reason.count))
            .collect();
        if !reasons.is_empty() {
            words += &format!("; undecided: {}", reasons.join(", "));
        }
        out.note(words)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Found {
    /// `zoe@acme.example  active`, `salesforce/zoe  zoe@acme.example  active`.
    fn line(&self, kind: SubjectKind) -> String {
        let mut words = self.state.unwrap_or("no owner").to_owned();
        if let Some(pending) = &self.pending {
            words += &format!(" (pending: {})", pending.after.name());
        }
        match (kind, &self.user) {
            (SubjectKind::Account | SubjectKind::Grant, Some(owner)) => {
                format!("{:<28} {owner:<28} {words}", self.name)
            }
            _ => format!("{:<28} {words}", self.name),
        }
    }

    fn document(&self) -> serde_json::Value {
        json!({
            "subject": self.name,
            "user": self.user,
            "identity_state": self.state,
            "pending": self.pending.as_ref().map(|pending| pending.after.name()),
        })
    }
}

/// Reads a condition of the language, and the words before it that say whom it is about.
fn by_condition(
    text: &str,
    workspace: &Workspace,
    out: &mut Output,
) -> Result<Asked, Fail> {
    let catalog = workspace.catalog()?;
    let mut sources = Sources::default();
    let file = sources.add("<question>", text);
    let refused = |findings: &[Diagnostic], sources: &Sources, out: &mut Output| {
        out.findings(findings, sources, out.look());
        Fail::usage("the question cannot be answered")
    };
    let prefix = match prefix(file, text, &catalog) {
        Ok(Some(prefix)) => prefix,
        Ok(None) => {
            return Err(Fail::usage("whom the condition is about is not said").help(
                "write `users where …`, `accounts in app NAME where …`, or `grants where …`",
            ));
        }
        Err(finding) => return Err(refused(&[*finding], &sources, out)),
    };
    // Blanks stand for the words that are read, so that findings point into the text.
    let (head, rest) = text.split_at_checked(prefix.end).unwrap_or(("", text));
    let mut blanked = Sources::default();
    let file = blanked.add("<question>", " ".repeat(head.len()) + rest);
    let (tree, mut findings) = syntax::parse_condition(&blanked, file);
    let mut checked = None;
    if let Some(tree) = tree {
        let (condition, more) =
            check::lasting_condition(&blanked, &tree, &[], prefix.kind, &catalog);
        findings.extend(more);
        checked = condition;
    }
    match checked {
        Some(condition) if findings.iter().all(|it| it.severity != Severity::Error) => {
            out.findings(&findings, &sources, out.look());
            let scope = Scope {
                kind: prefix.kind,
                apps: prefix.apps,
                long_term: true,
            };
            Ok(Asked { scope, condition })
        }
        _ => Err(refused(&findings, &sources, out)),
    }
}

/// Reads a SCIM filter.
fn by_filter(text: &str, workspace: &Workspace) -> Result<Asked, Fail> {
    let catalog = workspace.catalog()?;
    let filter = scim_filter::parse(text).and_then(|filter| filter.condition(&catalog));
    match filter {
        Ok(condition) => Ok(Asked { scope: scim_filter::long_term(), condition }),
        Err(error) => {
            let fail = Fail::usage(format!(
                "the filter cannot be used: column {}: {}",
                error.at + 1,
                error.message
            ));
            Err(match error.help {
                Some(help) => fail.help(help),
                None => fail,
            })
        }
    }
}
