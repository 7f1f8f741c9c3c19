//! What other systems are asked for, so that a step is done: the requests, one by one.

use crate::engine::call::{calling, name, origin};
use crate::engine::compose::label;
use crate::engine::run::Run;
use crate::engine::step::Scene;
use crate::engine::{Effect, Provision, Request, payload};
use crate::facts::{Facts, SubjectId};
use crate::ir::{App, By, Call, Given, PermissionRef, Policy, Step, StepKind, Webhook};
use std::borrow::Cow;

/// One request, about one account or user.
pub(crate) struct Errand<'a> {
    by: Means<'a>,
    /// What is known of whom it is about.
    facts: Cow<'a, Facts>,
}

/// What is sent.
enum Means<'a> {
    Connector(Provision),
    Webhook(&'a Webhook),
    Call(&'a Call, &'a [(String, Given)]),
}

/// The requests that a step is made of, in order; none where it is done in the store alone.
pub(crate) fn errands<'a>(
    kind: &'a StepKind,
    scene: &Scene<'a>,
) -> Result<Vec<Errand<'a>>, String> {
    let facts = Cow::Borrowed(scene.facts);
    let mut found = Vec::new();
    match kind {
        StepKind::RunWebhook(webhook) => {
            found.push(Errand { by: Means::Webhook(webhook), facts });
        }
        StepKind::Call(call) => found.push(Errand { by: Means::Call(call, &[]), facts }),
        StepKind::RunFlow { flow, with } => {
            let calls = flow.calls.iter().map(|call| Means::Call(call, with));
            found.extend(calls.map(|by| Errand { by, facts: facts.clone() }));
        }
        StepKind::EndSessions if matches!(scene.facts.subject.id, SubjectId::User(_)) => {
            for account in &*scene.cast.accounts {
                let by = way(&scene.policy.apps, kind, account)?;
                add(by, Cow::Owned(account.clone()), &mut found);
            }
        }
        StepKind::RevokePermission(names) => {
            let named = |id| names.iter().any(|name| name.ids.contains(id));
            for held in scene.facts.permissions.iter().filter(|held| named(&held.id)) {
                let one = Facts {
                    permissions: vec![held.clone()],
                    ..scene.facts.clone()
                };
                let app = app(&scene.policy.apps, scene.facts);
                let by = app.and_then(|app| app.takes(held.id).or_else(|| app.way(kind)));
                add(by, Cow::Owned(one), &mut found);
            }
            revoked(names, scene, &mut found);
        }
        StepKind::AddToGroup(_) | StepKind::RemoveFromGroup(_) => {
            provisioned(kind, scene, &mut found);
        }
        kind if kind.in_store() => {
            let way = way(&scene.policy.apps, kind, scene.facts);
            add(way.clone().unwrap_or_default(), facts, &mut found);
            if found.is_empty() {
                provisioned(kind, scene, &mut found);
            }
            if found.is_empty() {
                way?;
                if let Some((name, lack)) = scene.cast.links.lack(kind, scene.facts) {
                    return Err(format!("`{name}` cannot do it: {}", lack.why));
                }
                // Nobody who activated it has said that others follow the store.
                if let (true, Some(grant)) = (scene.policy.by_app, &scene.facts.grant) {
                    let what = &grant.permission.label;
                    return Err(format!("nothing says how `{what}` is taken"));
                }
            }
        }
        _ => {}
    }
    Ok(found)
}

/// What connected systems are asked for.
fn provisioned<'a>(kind: &StepKind, scene: &Scene<'a>, found: &mut Vec<Errand<'a>>) {
    let asked = scene.cast.links.provisions(kind, scene.facts);
    found.extend(asked.into_iter().map(|it| Errand {
        by: Means::Connector(it),
        facts: Cow::Borrowed(scene.facts),
    }));
}

/// What a connected system is asked for, of the permissions whose app says nothing of them.
fn revoked<'a>(names: &[PermissionRef], scene: &Scene<'a>, found: &mut Vec<Errand<'a>>) {
    let app = app(&scene.policy.apps, scene.facts);
    let kind = StepKind::RevokePermission(Vec::new());
    let says =
        |id| app.is_some_and(|it| it.takes(id).or_else(|| it.way(&kind)).is_some());
    let ids = names.iter().flat_map(|name| &name.ids).filter(|id| !says(**id));
    let asked = ids.flat_map(|id| scene.cast.links.taken(*id, scene.facts));
    found.extend(asked.map(|it| Errand {
        by: Means::Connector(it),
        facts: Cow::Borrowed(scene.facts),
    }));
}

fn add<'a>(by: Option<&'a By>, facts: Cow<'a, Facts>, found: &mut Vec<Errand<'a>>) {
    match by {
        None => {}
        Some(By::Webhook(webhook)) => {
            found.push(Errand { by: Means::Webhook(webhook), facts });
        }
        Some(By::Flow(flow)) => {
            let calls = flow.calls.iter().map(|call| Means::Call(call, &[]));
            found.extend(calls.map(|by| Errand { by, facts: facts.clone() }));
        }
    }
}

/// By what a step is done in the account's app, where its item says so.
fn way<'a>(
    apps: &'a [App],
    kind: &StepKind,
    facts: &Facts,
) -> Result<Option<&'a By>, String> {
    let Some(app) = app(apps, facts) else { return Ok(None) };
    let (StepKind::RemoveAccess, Some(grant)) = (kind, &facts.grant) else {
        return Ok(app.way_of_account(kind));
    };
    let revoke = StepKind::RevokePermission(Vec::new());
    let by = app.takes(grant.permission.id).or_else(|| app.way(&revoke));
    match (by, &app.deprovision) {
        (None, Some(_)) => Err(format!(
            "nothing says how `{}` is taken alone, and the app's own way takes all",
            grant.permission.label
        )),
        (by, _) => Ok(by),
    }
}

fn app<'a>(apps: &'a [App], facts: &Facts) -> Option<&'a App> {
    let app = facts.app.as_ref()?;
    apps.iter().find(|known| known.id == app.id)
}

/// Whether sessions are ended by asking an app of the subject's, whatever the store knows of
/// them.
pub(crate) fn ends_sessions(policy: &Policy, facts: &Facts) -> bool {
    let of = |app: &App| match facts.subject.id {
        SubjectId::User(_) => facts.apps.contains(&app.id),
        SubjectId::Account(_) | SubjectId::Grant(_) => {
            facts.app.as_ref().is_some_and(|it| it.id == app.id)
        }
    };
    let ends = |app: &&App| app.way(&StepKind::EndSessions).is_some();
    policy.apps.iter().filter(ends).any(of)
}

/// The steps that a step comes down to in the apps that say how it is done there.
pub(crate) fn comes_down_to(kind: &StepKind, scene: &Scene<'_>) -> Vec<StepKind> {
    let mut found = Vec::new();
    if !kind.in_store() {
        return found;
    }
    let apps = &scene.policy.apps;
    let mut add = |by: Option<&By>| match by {
        None => {}
        Some(By::Webhook(webhook)) => found.push(StepKind::RunWebhook(webhook.clone())),
        Some(By::Flow(flow)) => {
            found.push(StepKind::RunFlow { flow: flow.clone(), with: Vec::new() });
        }
    };
    match (kind, scene.facts.subject.id) {
        (StepKind::EndSessions, SubjectId::User(_)) => {
            let accounts = scene.cast.accounts.iter();
            accounts.for_each(|account| add(way(apps, kind, account).ok().flatten()));
        }
        (StepKind::RevokePermission(names), _) => {
            let Some(app) = app(apps, scene.facts) else { return found };
            for id in names.iter().flat_map(|name| &name.ids) {
                add(app.takes(*id).or_else(|| app.way(kind)));
            }
        }
        _ => add(way(apps, kind, scene.facts).ok().flatten()),
    }
    found
}

/// A step as plans and trails quote it: with what it is done by, and with the apps that say
/// nothing of it where others do, or where they are connected and would have to be told.
pub(crate) fn told(step: &Step, scene: &Scene<'_>) -> String {
    let mut ways: Vec<String> = Vec::new();
    for way in comes_down_to(&step.kind, scene) {
        let way = match way {
            StepKind::RunWebhook(webhook) => format!("webhook {}", webhook.name),
            StepKind::RunFlow { flow, .. } => format!("flow {}", flow.name),
            _ => continue,
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let left = left_out(&step.kind, scene, !ways.is_empty());
    if !ways.is_empty() {
        return format!("{} by {}{left}", step.text, ways.join(", "));
    }
    for asked in scene.cast.links.provisions(&step.kind, scene.facts) {
        if !ways.contains(&asked.connector) {
            ways.push(asked.connector);
        }
    }
    match ways.is_empty() {
        true => format!("{}{left}", step.text),
        false => format!("{} in {}", step.text, ways.join(", ")),
    }
}

/// The apps of a user that say nothing of a step which others say how to do, or which all that
/// are connected would have to be told of.
fn left_out(kind: &StepKind, scene: &Scene<'_>, others: bool) -> String {
    let apps = &scene.policy.apps;
    let silent = |it: &&Facts| !matches!(way(apps, kind, it), Ok(Some(_)));
    let silent = scene.cast.accounts.iter().filter(silent);
    let silent = silent.filter_map(|it| it.app.as_ref());
    let ends = *kind == StepKind::EndSessions;
    let concerned = silent.filter(|app| others || ends && scene.cast.links.reach(app.id));
    let mut left: Vec<&str> = concerned.map(label).collect();
    left.dedup();
    match left.is_empty() {
        true => String::new(),
        false => format!("; {} says nothing of it", left.join(", ")),
    }
}

/// A request that a policy may send.
pub(crate) enum Sent<'a> {
    Webhook(&'a Webhook),
    Call(&'a Call),
}

impl Sent<'_> {
    /// What people call it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Webhook(webhook) => format!("webhook `{}`", webhook.name),
            Self::Call(call) => format!("`{}`", name(call)),
        }
    }
}

/// All requests that a policy may send, by its steps and in the ways of its apps.
pub(crate) fn requests(policy: &Policy) -> Vec<Sent<'_>> {
    let mut found = Vec::new();
    for step in policy.every_step() {
        match &step.kind {
            StepKind::RunWebhook(webhook) => found.push(Sent::Webhook(webhook)),
            StepKind::RunFlow { flow, .. } => {
                found.extend(flow.calls.iter().map(Sent::Call));
            }
            StepKind::Call(call) => found.push(Sent::Call(call)),
            _ => {}
        }
    }
    for by in policy.ways() {
        match by {
            By::Webhook(webhook) => found.push(Sent::Webhook(webhook)),
            By::Flow(flow) => found.extend(flow.calls.iter().map(Sent::Call)),
        }
    }
    found
}

/// Everything that a policy may send requests to: what people call it, and an address there.
pub fn receivers(policy: &Policy) -> Vec<(String, String)> {
    let address = |sent: &Sent<'_>| match sent {
        Sent::Webhook(webhook) => webhook.url.clone(),
        Sent::Call(call) => origin(call),
    };
    let requests = requests(policy).into_iter();
    requests.map(|sent| (sent.name(), address(&sent))).collect()
}

impl Errand<'_> {
    /// The request itself.
    pub(crate) fn effect(&self, run: &Run, scene: &Scene<'_>) -> Result<Effect, String> {
        let about = Scene { facts: &self.facts, ..*scene };
        match &self.by {
            Means::Connector(provision) => Ok(Effect::Connector(provision.clone())),
            Means::Call(call, with) => {
                Ok(Effect::Call(calling((call, with), (run, &about))?))
            }
            Means::Webhook(webhook) => {
                let own = run.decision.as_ref().and_then(|it| it.comment.as_deref());
                let decided = own.or(run.rejected_with.as_deref());
                let body = payload::body(decided, &self.facts, scene.cast)
                    .ok_or("a webhook needs an account")?;
                Ok(Effect::Webhook(Request {
                    webhook: webhook.name.clone(),
                    url: webhook.url.clone(),
                    headers: webhook.headers.clone(),
                    body,
                    secret: webhook.secret.clone(),
                    timeout: webhook.timeout,
                    retry: webhook.retry,
                }))
            }
        }
    }
}
