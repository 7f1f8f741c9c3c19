//! `explain`: why a policy matches a subject, or does not; and what a finding means.

use crate::cli::check::sound_project;
use crate::cli::output::{Fail, Output};
use crate::diagnose::{Code, nearest_codes};
use crate::engine::{self, EngineError, Footing, MEND};
use crate::explain::{Inquiry, Question, Verdict, inquire, prose};
use crate::facts::SubjectId;
use crate::ir::{Policy, SubjectKind};
use crate::session::{Access, Place, Workspace};
use crate::store::PolicyRow;
use crate::text::{fold, nearest};
use clap::Args;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::process::ExitCode;

/// Show why a policy matches an account or user, why not, and when it will; or what an
/// error or warning means.
///
/// Of a policy, each part of the condition stands with its truth, the actual value, where
/// that came from and how old it is. Of an error or warning, its page with examples.
#[derive(Debug, Args)]
#[command(
    override_usage = "tenure explain [OPTIONS] <POLICY> <SUBJECT> [PATH]...\n       \
                            tenure explain [OPTIONS] <CODE>"
)]
pub(crate) struct Explain {
    /// The policy: of the store, or of the files. Alone: the code of an error or warning.
    #[arg(value_name = "POLICY | CODE")]
    policy: String,
    /// The account as `app/username`, the user's address, or the grant as
    /// `app/username/permission`.
    #[arg(value_name = "SUBJECT")]
    subject: Option<String>,
    /// Files, or folders with `.tenure` files, that hold the policy, instead of the store.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl Explain {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let Some(subject) = &self.subject else { return code(&self.policy, out) };
        let workspace = place.open(Access::Read, "explain")?;
        let (policy, footing, beside) = if self.paths.is_empty() {
            let (policy, footing) = self.of_store(&workspace)?;
            (policy, footing, Vec::new())
        } else {
            let (policy, beside) = self.of_files(&workspace, out)?;
            let footing = fresh(&workspace, &policy)?;
            (policy, footing, beside)
        };
        let question = Question::from(&policy);
        let when = (workspace.config.zone, workspace.now);
        let moment = engine::moment(&workspace.store, &policy, footing, when)?;
        let found = inquire(&workspace.store, &question, subject, moment)?;
        let found = match found {
            Inquiry::Explained(mut explanation) => {
                if policy.waits_for_events() {
                    let on = policy.events.iter().map(engine::event_words);
                    explanation.only_on = on.collect();
                }
                let seniors = seniors(&workspace, &policy, beside)?;
                explanation.left_to = left_to(&workspace, (&policy, &seniors), subject)?;
                if let Some(id) = workspace.store.find_subject(subject)?
                    && engine::nothing_left(&workspace.store, &policy, id, moment)?
                {
                    let so = "it has nothing left to take, so no run opens".to_owned();
                    explanation.pending.push(so);
                }
                Inquiry::Explained(explanation)
            }
            other => other,
        };
        match found {
            Inquiry::Explained(explanation) if out.json => out.document(&explanation)?,
            Inquiry::Explained(explanation) => out.text(prose(&explanation))?,
            Inquiry::Unknown => {
                return Err(Fail::no(format!("nothing is known as `{subject}`"))
                    .help("name an account as app/username, a user by address"));
            }
            Inquiry::Gone(how) => {
                return Err(Fail::no(format!("`{subject}` is gone: {how}")));
            }
            Inquiry::OtherKind(found) => {
                return Err(other_kind(&policy, subject, found));
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The active version of the store's policy, else its newest.
    fn of_store(&self, workspace: &Workspace) -> Result<(Policy, Footing), Fail> {
        let store = &workspace.store;
        let Some(row) = store.policy(&self.policy)? else {
            let known = store.policies()?;
            let near = nearest(&self.policy, known.iter().map(|row| row.name.as_str()));
            let fail = Fail::no(format!("the store holds no policy `{}`", self.policy));
            return Err(match near.first() {
                Some(near) => fail.help(format!("write `{near}`")),
                None => fail.help(
                    "tenure policies lists them; one that is not published is looked for in \
                     the files named behind the subject",
                ),
            });
        };
        let catalog = workspace.catalog()?;
        let settings = workspace.settings();
        let policy = match engine::active_policy(store, &row, (&catalog, &settings)) {
            Err(EngineError::Refused(why)) => return Err(Fail::no(why).help(MEND)),
            Err(error) => return Err(error.into()),
            Ok(Some(active)) => Ok(active),
            Ok(None) => {
                let text = store.policy_text(row.id, row.newest)?.unwrap_or_default();
                engine::parse(&row.name, &text, &catalog)
            }
        };
        let policy = policy.map_err(|why| {
            Fail::no(format!("policy `{}` cannot be followed: {why}", row.name))
                .help(MEND)
        })?;
        let footing = match row.active {
            Some(version) => Footing::Active { id: row.id, version },
            None => Footing::Fresh(Some(row.id)),
        };
        Ok((policy, footing))
    }

    /// The policy of the files, and the others that they hold.
    fn of_files(
        &self,
        workspace: &Workspace,
        out: &mut Output,
    ) -> Result<(Policy, Vec<Policy>), Fail> {
        let project = sound_project(&self.paths, workspace, out)?;
        let key = fold(&self.policy);
        let mut policies = project.program.policies;
        let found = policies.iter().position(|policy| fold(&policy.name) == key);
        if let Some(at) = found {
            return Ok((policies.remove(at), policies));
        }
        let known = policies.iter().map(|policy| policy.name.as_str());
        let fail = Fail::no(format!("these files hold no policy `{}`", self.policy));
        Err(match nearest(&self.policy, known).first() {
            Some(near) => fail.help(format!("write `{near}`")),
            None => fail,
        })
    }
}

/// As what a policy of a file is asked.
fn fresh(workspace: &Workspace, policy: &Policy) -> Result<Footing, Fail> {
    let known = workspace.store.policy(&policy.name)?;
    Ok(Footing::Fresh(known.map(|row| row.id)))
}

/// The policies of a better rank: of the files, and of those at work that are in none of them.
fn seniors(
    workspace: &Workspace,
    policy: &Policy,
    beside: Vec<Policy>,
) -> Result<Vec<(Policy, Footing)>, Fail> {
    let store = &workspace.store;
    if policy.rank.is_none() {
        return Ok(Vec::new());
    }
    let mut others = engine::at_work(store, &workspace.settings())?.policies;
    others.retain(|other| !beside.iter().any(|it| fold(&it.name) == fold(&other.name)));
    let mut seniors = Vec::new();
    for better in beside {
        let footing = fresh(workspace, &better)?;
        seniors.push((better, footing));
    }
    for better in others {
        // One that is only observed holds nobody back.
        let known = store.policy(&better.name)?.filter(|row| !row.mode.observe);
        if let Some(PolicyRow { id, active: Some(version), .. }) = known {
            seniors.push((better, Footing::Active { id, version }));
        }
    }
    seniors.retain(|(better, _)| engine::outranks(better, policy));
    Ok(seniors)
}

/// The policy of a better rank that holds for a subject, or has an open run for it; for one that
/// takes access away, also one of which that is not known.
fn left_to(
    workspace: &Workspace,
    (policy, seniors): (&Policy, &[(Policy, Footing)]),
    subject: &str,
) -> Result<Option<String>, Fail> {
    let store = &workspace.store;
    let Some(id) = store.find_subject(subject)? else { return Ok(None) };
    let when = (workspace.config.zone, workspace.now);
    let open = store.runs_of(id)?;
    for (better, footing) in seniors {
        let at = engine::moment(store, better, *footing, when)?;
        let busy = open
            .iter()
            .any(|it| footing.id() == Some(it.policy_id) && it.ended_at.is_none());
        let Inquiry::Explained(found) =
            inquire(store, &Question::from(better), subject, at)?
        else {
            continue;
        };
        let holds = match found.verdict {
            Verdict::Match => true,
            Verdict::Undecided => policy.takes(),
            Verdict::NoMatch | Verdict::Excepted => false,
        };
        if busy || (holds && found.out_of_scope.is_none()) {
            return Ok(Some(better.name.clone()));
        }
    }
    Ok(None)
}

fn other_kind(policy: &Policy, subject: &str, found: SubjectId) -> Fail {
    let (about, help) = match policy.scope.kind {
        SubjectKind::Account => ("accounts", "name an account of theirs as app/username"),
        SubjectKind::User => ("users", "name its owner by address"),
        SubjectKind::Grant => ("grants", "name a grant as app/username/permission"),
    };
    let what = match found {
        SubjectId::Account(_) => "an account",
        SubjectId::User(_) => "a user",
        SubjectId::Grant(_) => "a grant",
    };
    let name = &policy.name;
    Fail::no(format!("policy `{name}` is about {about}, and `{subject}` is {what}"))
        .help(help)
}

/// Shows the page of a code.
fn code(name: &str, out: &mut Output) -> Result<ExitCode, Fail> {
    let Some(code) = Code::named(name) else {
        let near: Vec<String> =
            nearest_codes(name).iter().map(|near| format!("`{near}`")).collect();
        let fail = Fail::no(format!("no error or warning is called `{name}`"));
        return Err(fail.help(if near.is_empty() {
            "for a policy, name its subject too: tenure explain POLICY SUBJECT".to_owned()
        } else {
            format!("write {}", near.join(" or "))
        }));
    };
    if out.json {
        let mut document = Map::new();
        document.insert("schema".to_owned(), Value::from("tenure.code/1"));
        document.extend(code.document());
        out.document(&document)?;
    } else {
        out.text(code.prose())?;
    }
    Ok(ExitCode::SUCCESS)
}
