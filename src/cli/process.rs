//! `process`: identity states computed anew, and policies evaluated on demand.

use crate::actions::Network;
use crate::cli::held::reason;
use crate::cli::number;
use crate::cli::output::{Fail, Output};
use crate::cli::plan::{PlanArgs, note_inactive, show_blocked};
use crate::cli::run::{lock, report};
use crate::engine::{
    AtWork, Engine, MOST_USERS, Named, PENDING, Processed, Settings, at_work,
    event_words, for_users, pending_lifecycle, process_lifecycle, process_states,
    weigh_users,
};
use crate::foresight::{Ahead, plan};
use crate::ir::Policy;
use crate::session::{Access, Place, Workspace, actor};
use crate::store::Pending;
use crate::text::counted;
use clap::{ArgGroup, Args};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Compute identity states anew, or evaluate policies on demand.
///
/// `--lifecycle` computes everybody's identity state by what lifecycle states mean now.
/// `--policies` evaluates every active policy that has a schedule; as a schedule does it passes
/// by those who are inactive long-term. `--user` does both for the people it names, whatever
/// their identity state. Where more identity states would change than the limit allows nothing
/// is done, unless `--reason` says why it may be.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["lifecycle", "policies", "user"])))]
pub(crate) struct Process {
    /// Everybody's identity state.
    #[arg(long)]
    lifecycle: bool,
    /// All active policies.
    #[arg(long)]
    policies: bool,
    /// These people's identity states, and all active policies for them: 250 at most.
    #[arg(long, value_name = "EMAIL", num_args = 1..)]
    user: Vec<String>,
    /// Only show what would change, and what would be opened.
    #[arg(long)]
    plan: bool,
    /// Why more identity states may change than the limit allows.
    #[arg(long, value_name = "TEXT", value_parser = reason, conflicts_with = "policies")]
    reason: Option<String>,
}

impl Process {
    pub(crate) fn run(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        if self.policies {
            return policies(self.plan, place, out);
        }
        if self.user.is_empty() {
            return self.states(place, out);
        }
        if self.plan { self.plan_users(place, out) } else { self.users(place, out) }
    }

    /// `--lifecycle`.
    fn states(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        if self.plan {
            let workspace = place.open(Access::Read, "process")?;
            let settings = workspace.settings();
            let found = pending_lifecycle(&workspace.store, &settings, workspace.now)?;
            return show_states(&found, true, out);
        }
        let workspace = place.open(Access::Write, "process")?;
        let _held = lock(place, &workspace)?;
        let settings = workspace.settings();
        let who = actor();
        let by = (who.as_str(), self.reason.as_deref());
        let done = process_lifecycle(&workspace.store, &settings, by, workspace.now)?;
        show_states(&done, false, out)
    }

    /// `--user`.
    fn users(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Write, "process")?;
        let users = named(&self.user, &workspace)?;
        let _held = lock(place, &workspace)?;
        let settings = workspace.settings();
        let mut network = Network::new(workspace.config.network.clone(), place.clock);
        let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
        engine.look_back(workspace.now)?;
        let who = actor();
        let by = (who.as_str(), self.reason.as_deref());
        let (states, found) = engine.process_users(&users, by, workspace.now)?;
        if out.json {
            let mut document = states_document(&states, false);
            document.insert("report".to_owned(), value(&found)?);
            out.document(&document)?;
            let no = states.held || found.is_no();
            return Ok(ExitCode::from(u8::from(no)));
        }
        let code = show_states(&states, false, out)?;
        if states.held {
            return Ok(code);
        }
        note_listeners(&workspace, &settings, out)?;
        report(&found, out)
    }

    /// `--user --plan`: in a copy of the store.
    fn plan_users(self, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
        let workspace = place.open(Access::Read, "process")?;
        let users = named(&self.user, &workspace)?;
        let store = workspace.store.copy_to_memory()?;
        let settings = workspace.settings();
        let by = ("a plan", self.reason.as_deref());
        let states = process_states(&store, &users, (&settings, by), workspace.now)?;
        // Nothing would be done at all.
        if states.held {
            return show_states(&states, true, out);
        }
        let AtWork { mut policies, blocked } = at_work(&store, &settings)?;
        policies.retain(is_on_demand);
        let whole = policies.clone();
        for policy in &mut policies {
            for_users(policy, &users);
        }
        let when = (workspace.now, usize::MAX);
        let mut plan = plan(&store, (&policies, true), &settings, when)?;
        plan.blocked.extend(blocked);
        let mut held = !plan.blocked.is_empty();
        let mut ahead = Ahead::default();
        for planned in &mut plan.policies {
            let mut known = whole.iter().filter(|it| it.name == planned.policy);
            if let (Some(policy), Some(row)) =
                (known.next(), store.policy(&planned.policy)?)
            {
                let (survey, when) = (&mut planned.survey, (&settings, workspace.now));
                weigh_users(&store, (policy, row.id), survey, when)?;
                ahead.weigh(&store, (policy, Some(row.id)), (survey, false), when)?;
                ahead.note(policy, &planned.survey, row.mode.observe);
            }
            held |= planned.survey.limit.held;
        }
        let code = ExitCode::from(u8::from(held));
        if out.json {
            let mut document = states_document(&states, true);
            document.insert("policies".to_owned(), value(&plan.policies)?);
            document.insert("blocked".to_owned(), value(&plan.blocked)?);
            out.document(&document)?;
            return Ok(code);
        }
        show_states(&states, true, out)?;
        for policy in &plan.policies {
            out.line("")?;
            out.text(crate::foresight::report(policy, plan.now))?;
        }
        if !plan.blocked.is_empty() {
            out.line("")?;
        }
        show_blocked(&plan.blocked, out)?;
        Ok(code)
    }
}

/// `--policies`.
fn policies(planned: bool, place: &Place, out: &mut Output) -> Result<ExitCode, Fail> {
    if planned {
        return PlanArgs::of_active().run(place, out);
    }
    let workspace = place.open(Access::Write, "process")?;
    let _held = lock(place, &workspace)?;
    let settings = workspace.settings();
    let mut network = Network::new(workspace.config.network.clone(), place.clock);
    let mut engine = Engine::new(&workspace.store, &mut network, &settings)?;
    engine.look_back(workspace.now)?;
    let done = engine.evaluate_all(workspace.now)?;
    note_listeners(&workspace, &settings, out)?;
    report(&done, out)
}

/// Says that no active policy can be evaluated on demand, where that is so, and what those there
/// are listen to.
fn note_listeners(
    workspace: &Workspace,
    settings: &Settings,
    out: &mut Output,
) -> Result<(), Fail> {
    let AtWork { policies, blocked } = at_work(&workspace.store, settings)?;
    if policies.iter().any(is_on_demand) || !blocked.is_empty() {
        return Ok(());
    }
    if policies.is_empty() {
        return note_inactive(&workspace.store.policies()?, out);
    }
    out.note("no active policy has a schedule: none can be evaluated on demand")?;
    for policy in &policies {
        let name = &policy.name;
        let on: Vec<String> = policy.events.iter().map(event_words).collect();
        out.note(match &policy.gate {
            Some(gate) => {
                format!("  policy {name} is asked before {}", event_words(&gate.event))
            }
            None => format!("  policy {name} opens on {}", on.join(", ")),
        })?;
    }
    Ok(())
}

/// Whether a policy is evaluated when somebody asks for it.
fn is_on_demand(policy: &Policy) -> bool {
    policy.schedule.is_some() && policy.gate.is_none()
}

/// The users of these addresses, each once.
fn named(emails: &[String], workspace: &Workspace) -> Result<Vec<Named>, Fail> {
    let mut users: Vec<Named> = Vec::new();
    for email in emails {
        let Some(person) = workspace.store.person(email)? else {
            return Err(number::nobody(email));
        };
        if users.iter().all(|(id, _)| *id != person.id) {
            users.push((person.id, person.email));
        }
    }
    if users.len() > MOST_USERS {
        let many = users.len();
        return Err(Fail::usage(format!(
            "no more than {MOST_USERS} users are processed at once, and these are {many}"
        ))
        .help("process them in several calls, or all: --lifecycle, --policies"));
    }
    Ok(users)
}

/// Shows whose identity state changed, or would change. That it is held is a no.
fn show_states(
    found: &Processed,
    plan: bool,
    out: &mut Output,
) -> Result<ExitCode, Fail> {
    let Processed { changes, changed, allowed, held } = found;
    let code = ExitCode::from(u8::from(*held));
    if out.json {
        out.document(&states_document(found, plan))?;
        return Ok(code);
    }
    for change in changes {
        out.line(line(change))?;
    }
    let count = counted(changes.len(), "identity state", "identity states");
    if *held {
        let but = if plan { "would be" } else { "is" };
        out.line(format!(
            "HELD: {count} would change, {changed} were changed in 24 hours and {allowed} are \
             allowed; it {but} done only with --reason"
        ))?;
    } else {
        let verb = if plan { "would change" } else { "changed" };
        let count = if changes.is_empty() { "no identity state" } else { &count };
        out.line(format!("{count} {verb}"))?;
    }
    Ok(code)
}

fn states_document(found: &Processed, plan: bool) -> Map<String, Value> {
    let Processed { changes, changed, allowed, held } = found;
    Map::from_iter([
        ("schema".to_owned(), "tenure.process/1".into()),
        ("plan".to_owned(), plan.into()),
        ("changes".to_owned(), changes.iter().map(document).collect()),
        (
            "limit".to_owned(),
            json!({ "allowed": allowed, "changed": changed, "held": held }),
        ),
    ])
}

fn value(part: &impl Serialize) -> Result<Value, Fail> {
    serde_json::to_value(part).map_err(|error| Fail::no(error.to_string()))
}

/// `ned@acme.example  active → inactive long-term (deleted)`.
fn line(change: &Pending) -> String {
    let Pending { email, lifecycle, before, after, .. } = change;
    let state = lifecycle.as_deref().unwrap_or("no lifecycle state");
    format!("{email:<28} {} → {} ({state})", before.name(), after.name())
}

fn document(change: &Pending) -> Value {
    json!({
        "user": change.email,
        "lifecycle": change.lifecycle,
        "before": change.before.name(),
        "after": change.after.name(),
    })
}

/// Says beside a result that identity states are pending, where they are.
pub(crate) fn note_pending(workspace: &Workspace, out: &mut Output) -> Result<(), Fail> {
    if workspace.store.mapping_is_pending()? {
        out.note(PENDING)?;
    }
    Ok(())
}
