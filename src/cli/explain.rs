//! `explain`: why a policy matches a subject, or does not.

use crate::cli::check::sound_project;
use crate::cli::output::{Fail, Output};
use crate::engine;
use crate::explain::{Inquiry, Question, inquire, prose};
use crate::facts::SubjectId;
use crate::ir::Policy;
use crate::session::{Access, Place, Workspace};
use crate::text::{fold, nearest};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Show why a policy matches an account or user, why not, and when it will.
///
/// Each part of the condition stands with its truth, the actual value, where that came from
/// and how old it is.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The policy: of the store, or of the files.
    #[arg(value_name = "POLICY")]
    policy: String,
    /// The account as `app/username`, or the user's address.
    #[arg(value_name = "SUBJECT")]
    subject: String,
    /// Files, or folders with `.tenure` files, that hold the policy, instead of the store.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl Explain {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "explain")?;
        let policy = if self.paths.is_empty() {
            self.of_store(&workspace)?
        } else {
            self.of_files(&workspace, out)?
        };
        let question = Question::from(&policy);
        let found = inquire(&workspace.store, &question, &self.subject, workspace.now)?;
        let subject = &self.subject;
        match found {
            Inquiry::Explained(explanation) if out.json => out.document(&explanation)?,
            Inquiry::Explained(explanation) => out.line(prose(&explanation))?,
            Inquiry::Unknown => {
                return Err(Fail::no(format!("nothing is known as `{subject}`"))
                    .help("name an account as app/username, a user by address"));
            }
            Inquiry::Gone => {
                return Err(Fail::no(format!(
                    "`{subject}` is gone: the last import did not list it"
                )));
            }
            Inquiry::OtherKind(SubjectId::User(_)) => {
                return Err(Fail::no(format!(
                    "policy `{}` is about accounts, and `{subject}` is a user",
                    policy.name
                ))
                .help("name an account of theirs as app/username"));
            }
            Inquiry::OtherKind(SubjectId::Account(_)) => {
                return Err(Fail::no(format!(
                    "policy `{}` is about users, and `{subject}` is an account",
                    policy.name
                ))
                .help("name its owner by address"));
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The active version of the store's policy, else its newest.
    fn of_store(&self, workspace: &Workspace) -> Result<Policy, Fail> {
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
        let version = row.active.unwrap_or(row.newest);
        let text = store.policy_text(row.id, version)?.unwrap_or_default();
        engine::parse(&row.name, &text, &workspace.catalog()?).map_err(|why| {
            Fail::no(format!("policy `{}` cannot be followed: {why}", row.name))
        })
    }

    fn of_files(&self, workspace: &Workspace, out: &mut Output) -> Result<Policy, Fail> {
        let project = sound_project(&self.paths, workspace, out)?;
        let key = fold(&self.policy);
        let mut policies = project.program.policies;
        let found = policies.iter().position(|policy| fold(&policy.name) == key);
        found.map(|at| policies.swap_remove(at)).ok_or_else(|| {
            let known = policies.iter().map(|policy| policy.name.as_str());
            let fail = Fail::no(format!("these files hold no policy `{}`", self.policy));
            match nearest(&self.policy, known).first() {
                Some(near) => fail.help(format!("write `{near}`")),
                None => fail,
            }
        })
    }
}
