//! `policies`: what is at work, and what could be.

use crate::catalog::{App, Catalog};
use crate::cli::activate::as_said;
use crate::cli::output::{Fail, Output};
use crate::cli::pause;
use crate::cli::plan::{show_help, show_stranded};
use crate::engine::{self, Pause, Stranded, at_work, parse};
use crate::ir::{AppId, Policy, SubjectKind};
use crate::session::{Access, Place, Workspace};
use crate::store::{Campaign, PolicyRow, Standing, Store};
use crate::text::{fold, nearest};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::process::ExitCode;

/// List the policies of the store.
#[derive(Debug, Args)]
pub(crate) struct Policies {
    /// Only those that look at accounts of this app.
    #[arg(long, value_name = "APP")]
    app: Option<String>,
}

impl Policies {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "policies")?;
        let mut policies = workspace.store.policies()?;
        if let Some(app) = &self.app {
            let catalog = workspace.catalog()?;
            let app = app_named(app, &catalog)?;
            let mut of_app = Vec::new();
            for row in policies {
                if looks_at(&row, app, (&workspace.store, &catalog), out)? {
                    of_app.push(row);
                }
            }
            policies = of_app;
        }
        let store = &workspace.store;
        let mut blocked = at_work(store, &workspace.settings())?.blocked;
        blocked.retain(|name, _| policies.iter().any(|row| row.name == *name));
        let stranded = beside(&policies, &blocked, &workspace)?;
        let pauses = engine::pauses(store)?;
        let reviews = store.campaigns()?;
        let made: Vec<i64> = store.endings()?.iter().map(|it| it.policy).collect();
        if out.json {
            let mut list = Vec::new();
            for row in &policies {
                let review = reviews.iter().find(|review| review.policy_id == row.id);
                list.push(json!({
                    "policy": row.name,
                    "newest": row.newest,
                    "active": row.active,
                    "observe": row.mode.observe,
                    "only": row.mode.only,
                    "blocked": blocked.get(&row.name),
                    "stranded": stranded.iter().filter(|it| it.policy == row.name).collect::<Vec<_>>(),
                    "review": review.map(|review| review.id),
                    "by_app": made.contains(&row.id),
                    "paused": pauses.iter().filter(|it| it.is_of(&row.name)).collect::<Vec<_>>(),
                    "versions": store.versions(row)?,
                }));
            }
            let nevers = store.nevers()?.into_iter().map(|(words, _)| words);
            let nevers: Vec<String> = nevers.collect();
            out.document(&json!({
                "schema": "tenure.policies/1", "policies": list, "never": nevers,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        for pause in pauses.iter().filter(|pause| pause.policy.is_none()) {
            out.line(pause::line(pause))?;
        }
        for (words, _) in store.nevers()? {
            out.line(format!("`{words}` is at work"))?;
        }
        if policies.is_empty() {
            out.note(match &self.app {
                Some(app) => format!("no policy looks at accounts of {app}"),
                None => "no policy was published yet: tenure publish PATH".to_owned(),
            })?;
        }
        for row in policies {
            let own = |pause: &&Pause| pause.policy.as_ref() == Some(&row.name);
            let told = |pause: &Pause| format!("; paused {}", pause.told());
            let paused = pauses.iter().find(own).map(told).unwrap_or_default();
            if let Some(review) = reviews.iter().find(|it| it.policy_id == row.id) {
                // What was asked is over; the review itself tells of it.
                if review.closed_at.is_none() {
                    out.line(format!("{}  {}{paused}", row.name, open(review)))?;
                }
                continue;
            }
            let made =
                if made.contains(&row.id) { ", made of the `app` item" } else { "" };
            let told = |why: &String| format!("; it cannot be followed: {why}");
            let why = blocked.get(&row.name).map(told).unwrap_or_default();
            let standing = standing(&row, store)?;
            out.line(format!("{}  {standing}{why}{made}{paused}", row.name))?;
        }
        show_help(&blocked, out)?;
        show_stranded(&stranded, out)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What open runs follow and cannot: what is at work itself is said to be blocked.
fn beside(
    policies: &[PolicyRow],
    blocked: &BTreeMap<String, String>,
    workspace: &Workspace,
) -> Result<Vec<Stranded>, Fail> {
    let mut stranded = engine::stranded(&workspace.store, &workspace.settings())?;
    stranded.retain(|it| {
        let row = policies.iter().find(|row| row.name == it.policy);
        row.is_some_and(|row| {
            row.active != Some(it.version) || !blocked.contains_key(&row.name)
        })
    });
    Ok(stranded)
}

/// Where an access review stands.
fn open(review: &Campaign) -> String {
    let app = &review.app;
    let of = match &review.permission {
        Some(permission) => format!("{app}/{permission}"),
        None => app.clone(),
    };
    let Campaign { id, ends_at, .. } = review;
    format!("of {of}, open until {ends_at}: tenure review status {id}")
}

/// What is at work of a policy, and what could be.
fn standing(row: &PolicyRow, store: &Store) -> Result<String, Fail> {
    let mut words = Vec::new();
    let mut before = Vec::new();
    for known in store.versions(row)? {
        let version = known.version;
        match known.standing {
            Standing::Active => words
                .insert(0, format!("version {version} is active{}", as_said(&row.mode))),
            Standing::Draft => words.push(format!("version {version} is a draft")),
            Standing::Published => before.push(version.to_string()),
        }
    }
    match before.as_slice() {
        [] => {}
        [one] => words.push(format!("version {one} was active before")),
        several => {
            words.push(format!("versions {} were active before", several.join(", ")));
        }
    }
    if words.is_empty() {
        words.push("all versions were deleted".to_owned());
    }
    Ok(words.join("; "))
}

fn app_named(name: &str, catalog: &Catalog) -> Result<AppId, Fail> {
    let key = fold(name);
    let is = |app: &&App| fold(&app.name) == key || fold(&app.label) == key;
    if let Some(app) = catalog.apps.iter().find(is) {
        return Ok(app.id);
    }
    let known = catalog.apps.iter().map(|app| app.name.as_str());
    let fail = Fail::no(format!("there is no app `{name}`"));
    Err(match nearest(name, known).first() {
        Some(near) => fail.help(format!("did you mean `{near}`?")),
        None => fail,
    })
}

/// Whether the active version of a policy, else its newest, looks at accounts of an app.
fn looks_at(
    row: &PolicyRow,
    app: AppId,
    (store, catalog): (&Store, &Catalog),
    out: &mut Output,
) -> Result<bool, Fail> {
    let version = row.active.unwrap_or(row.newest);
    let Some(text) = store.policy_text(row.id, version)? else { return Ok(false) };
    match parse(&row.name, &text, catalog) {
        Ok(Policy { scope, .. }) => Ok(scope.kind != SubjectKind::User
            && (scope.apps.is_empty() || scope.apps.contains(&app))),
        Err(why) => {
            out.note(format!("policy {} cannot be followed: {why}", row.name))?;
            Ok(false)
        }
    }
}
