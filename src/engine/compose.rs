//! The exact words of messages.

use crate::engine::filters::{ZONE, environment};
use crate::engine::phrases::words;
use crate::engine::run::{Run, State};
use crate::engine::step::Scene;
use crate::engine::{Mail, TOKEN};
use crate::facts::{App, Custom, Facts, Grant, Person, Seen};
use crate::ir::{Message, Policy, StepKind, Template};
use crate::text;
use crate::time::Timestamp;
use chrono_tz::Tz;
use minijinja::Environment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Why a message is sent; it decides the built-in words, and may decide the channel.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// A run failed or is held, and waits for the admin.
    Trouble,
    /// Somebody is asked first.
    Review,
    /// Somebody is asked because nobody answered.
    Escalation,
    /// Somebody is asked again, in the words of the question.
    Reminder,
    /// Somebody is told.
    #[default]
    Notice,
    /// Somebody is given something to do.
    Task,
    /// Somebody is told that the access stays.
    Kept,
    /// Somebody is told what an evaluation found and did.
    Report,
    /// The admin is told that an evaluation, a policy or its runs are held up.
    Held,
}

const REVIEW: (&str, &str) = (
    "{{ question }}",
    "Hello {{ name }},\n\n\
     {{ reason }}\n\
     {{ asked }}{{ silence }}\n\n{{ answer }}\n",
);

const NOTICE: (&str, &str) = (
    "About {{ what }}",
    "Hello {{ name }},\n\n\
     {{ reason }}\n\
     {{ notice }}\n",
);

const TASK: (&str, &str) = ("To do: {{ what }}", "{{ reason }}\n\n{{ confirm }}\n");

const KEPT: (&str, &str) = (
    "{{ stays }}",
    "Hello {{ name }},\n\n\
     {{ decider }} decided that {{ keeps }}.\n",
);

/// A message to one person, rendered.
pub(crate) fn mail(
    occasion: Occasion,
    message: &Message,
    to: &Person,
    (run, scene): (&Run, &Scene<'_>),
) -> Result<Mail, String> {
    let built_in = match occasion {
        Occasion::Review | Occasion::Escalation | Occasion::Reminder => REVIEW,
        Occasion::Notice | Occasion::Trouble | Occasion::Report | Occasion::Held => {
            NOTICE
        }
        Occasion::Task => TASK,
        Occasion::Kept => KEPT,
    };
    let behind = match occasion {
        Occasion::Review | Occasion::Escalation | Occasion::Reminder => {
            "\n\n{{ silence }} {{ answer }}\n"
        }
        Occasion::Task => "\n\n{{ confirm }}\n",
        Occasion::Notice
        | Occasion::Kept
        | Occasion::Trouble
        | Occasion::Report
        | Occasion::Held => "",
    };
    let (subject, body) = match message {
        Message::BuiltIn => (built_in.0.to_owned(), built_in.1.to_owned()),
        Message::Text(text) if behind.is_empty() => {
            (built_in.0.to_owned(), format!("{text}\n"))
        }
        Message::Text(text) => (built_in.0.to_owned(), format!("{text}{behind}")),
        Message::Template(template) => {
            (template.subject.clone(), format!("{}{behind}", template.body))
        }
    };
    let subject = match occasion {
        Occasion::Reminder => format!("Reminder: {subject}"),
        Occasion::Review
        | Occasion::Escalation
        | Occasion::Notice
        | Occasion::Task
        | Occasion::Kept
        | Occasion::Trouble
        | Occasion::Report
        | Occasion::Held => subject,
    };
    let mut values = told(run, scene);
    values.extend(phrases(run, scene, to));
    let mail = written(occasion, to, (&subject, &body), &values)?;
    match (occasion, scene.links) {
        (Occasion::Review | Occasion::Escalation | Occasion::Reminder, Some(address)) => {
            values.values_mut().for_each(without_token);
            let link = format!("{address}/review/{}-{TOKEN}", run.id);
            values.insert("review".to_owned(), json!({ "link": link }));
            values.insert("answer".to_owned(), "".into());
            let shown = render(&body, &values)?.contains(TOKEN);
            values.insert("answer".to_owned(), with_link(&link, shown).into());
            let unlinked = Some(mail.body);
            let body = render(&body, &values)?;
            Ok(Mail {
                body,
                unlinked,
                link: Some(run.key.clone()),
                ..mail
            })
        }
        _ => Ok(mail),
    }
}

/// The question of that step as the page behind its link shows it, in the words of the mail: its
/// subject, and what it says of the access. Words of a policy's own that can't be rendered any
/// more, now that the review is over, give way to the built-in ones.
pub(crate) fn shown(
    step: usize,
    to: &Person,
    (run, scene): (&Run, &Scene<'_>),
) -> (String, String) {
    let mut values = told(run, scene);
    values.extend(phrases(run, scene, to));
    values.insert("review".to_owned(), json!({ "link": "this page" }));
    values.insert("answer".to_owned(), "".into());
    let (subject, reason) = (REVIEW.0, "{{ reason }}");
    let own = match scene.policy.steps.get(step).map(|step| &step.kind) {
        Some(StepKind::Ask { message: Message::Text(text), .. }) => {
            Some((subject, text.as_str()))
        }
        Some(StepKind::Ask { message: Message::Template(words), .. }) => {
            Some((words.subject.as_str(), words.body.as_str()))
        }
        _ => None,
    };
    let filled = |(subject, body): (&str, &str)| {
        Ok::<_, String>((one_line(&render(subject, &values)?), render(body, &values)?))
    };
    let own = own.and_then(|words| filled(words).ok());
    own.unwrap_or_else(|| filled((subject, reason)).unwrap_or_default())
}

/// How to answer by the link, which the words of a policy's own may have shown already.
fn with_link(link: &str, shown: bool) -> String {
    let once = "One answer is enough, whoever of those asked gives it.";
    match shown {
        true => format!("The link is yours alone. {once}"),
        false => format!(
            "To answer, open this link and choose:\n{link}\nIt is yours alone. {once}"
        ),
    }
}

/// Takes the sign out of a value that stands for a token.
fn without_token(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|sign| sign != TOKEN),
        Value::Object(values) => values.values_mut().for_each(without_token),
        Value::Array(values) => values.iter_mut().for_each(without_token),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A message with its values filled in.
fn written(
    occasion: Occasion,
    to: &Person,
    (subject, body): (&str, &str),
    values: &Map<String, Value>,
) -> Result<Mail, String> {
    Ok(Mail {
        occasion,
        to: to.email.clone(),
        to_name: to.display_name(),
        subject: one_line(&render(subject, values)?),
        body: render(body, values)?,
        ..Mail::default()
    })
}

/// The message that tells the admin of a run that failed or is held. Words of the policy's
/// own that can't be rendered give way to the built-in ones: somebody must hear of it.
pub(crate) fn trouble(
    to: &Person,
    (what, why): (&str, &str),
    (run, scene): (&Run, &Scene<'_>),
) -> Mail {
    if let Message::Template(template) = &scene.policy.trouble {
        let mut values = told(run, scene);
        if let Some(Value::Object(run)) = values.get_mut("run") {
            run.insert("state".to_owned(), what.trim_start_matches("is ").into());
            run.insert("why".to_owned(), tamed(why).into());
        }
        let words = (template.subject.as_str(), template.body.as_str());
        if let Ok(mail) = written(Occasion::Trouble, to, words, &values) {
            return mail;
        }
    }
    let policy = &scene.policy.name;
    Mail {
        occasion: Occasion::Trouble,
        to: to.email.clone(),
        to_name: to.display_name(),
        subject: one_line(&format!("Run {} {what}: {}", run.id, run.subject)),
        body: format!(
            "Run {0} of policy \"{policy}\" for {1} {what} and waits for you.\n\n\
             {2}\n\n\
             Look: tenure show {0}\n\
             Go on from there: tenure retry {0}\n\
             Leave it: tenure cancel {0}\n",
            run.id,
            tamed(&run.subject.name),
            tamed(why)
        ),
        ..Mail::default()
    }
}

/// The message that tells the admin of a task that was not done in its time.
pub(crate) fn not_done_yet(
    to: &Person,
    (step, people): (&str, &[String]),
    (run, scene): (&Run, &Scene<'_>),
) -> Mail {
    let policy = &scene.policy.name;
    let given = people.join(", ");
    Mail {
        occasion: Occasion::Trouble,
        to: to.email.clone(),
        to_name: to.display_name(),
        subject: one_line(&format!("Run {} waits for a task: {}", run.id, run.subject)),
        body: format!(
            "Run {0} of policy \"{policy}\" for {1} goes on waiting for a task that was given to \
             {given}:\n\n\
             {step}\n\n\
             Say that it is done: tenure decide {0} done --as {2}\n\
             Leave it: tenure cancel {0}\n",
            run.id,
            tamed(&run.subject.name),
            to.email
        ),
        ..Mail::default()
    }
}

pub(super) fn label(app: &App) -> &str {
    app.label.as_deref().unwrap_or(&app.name)
}

/// What `{{ … }}` can name.
pub(super) fn variables(run: &Run, scene: &Scene<'_>) -> Map<String, Value> {
    let facts = scene.facts;
    let app = facts.app.as_ref().map(|app| {
        json!({
            "name": app.name,
            "label": label(app),
            "instance_id": app.instance_id.as_deref().unwrap_or_default(),
            "owner": facts.app_owner.as_ref().map(|owner| owner.email.as_str()).unwrap_or_default(),
        })
    });
    let policy = json!({
        "name": scene.policy.name,
        "title": scene.policy.title.as_deref().unwrap_or_default(),
        "label": scene.policy.title.as_deref().unwrap_or(&scene.policy.name),
    });
    let mut run_itself = json!({
        "id": run.id,
        "subject": run.subject.name,
        "opened_at": run.opened_at.to_string(),
        "closes_at": instant(closes_at(run, scene)),
    });
    // While what follows a failure is done.
    if let (Some(failure), Value::Object(values)) = (&run.failure, &mut run_itself) {
        values.insert("state".to_owned(), "failed".into());
        values.insert("why".to_owned(), failure.why.as_str().into());
    }
    let values = [
        ("user", user_variables(facts).into()),
        ("account", account_variables(facts).into()),
        ("app", app.unwrap_or_else(|| json!({}))),
        ("grant", grant_variables(facts).into()),
        ("permission", permission_variables(facts).into()),
        ("policy", policy),
        ("run", run_itself),
        // Whoever is asked by mail gets one.
        ("review", json!({ "link": "" })),
        ("webhook", json!({ "msg": run.answer.as_deref().unwrap_or_default() })),
        (ZONE, scene.zone.name().into()),
    ];
    values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn user_variables(facts: &Facts) -> Map<String, Value> {
    let Some(person) = &facts.user else { return Map::new() };
    let text = |text: &Option<String>| Value::from(text.clone().unwrap_or_default());
    let built_in = [
        ("email", person.email.clone().into()),
        ("name", person.display_name().into()),
        ("username", text(&person.username)),
        ("given_name", text(&person.given_name)),
        ("family_name", text(&person.family_name)),
        ("status", text(&person.status)),
        ("department", text(&person.department)),
        ("title", text(&person.title)),
        ("manager", text(&person.manager)),
        ("lifecycle", text(&person.lifecycle)),
        ("lifecycle_changed_at", instant(person.lifecycle_changed_at)),
        ("identity_state", person.identity_state.name().into()),
        ("locale", text(&person.locale)),
        ("last_seen", instant(facts.user_last_seen)),
        ("created_at", instant(person.created_at)),
        ("password_changed_at", instant(person.password_changed_at)),
        ("password_expires_at", instant(person.password_expires_at)),
    ];
    with_custom(&person.custom, built_in)
}

fn account_variables(facts: &Facts) -> Map<String, Value> {
    let Some(account) = &facts.account else { return Map::new() };
    let seen = |seen: Option<&Seen>| instant(seen.map(|seen| seen.at));
    let owner = facts.user.as_ref().map(|owner| owner.email.clone());
    let built_in = [
        ("owner", owner.unwrap_or_default().into()),
        ("username", account.username.clone().into()),
        ("status", account.status.clone().unwrap_or_default().into()),
        ("created_at", instant(account.created_at)),
        ("expires_at", instant(account.expires_at)),
        ("last_login", seen(account.last_login.as_ref())),
        ("last_activity", seen(account.last_activity.as_ref())),
        ("last_seen", seen(facts.last_seen())),
    ];
    with_custom(&account.custom, built_in)
}

fn grant_variables(facts: &Facts) -> Map<String, Value> {
    let Some(grant) = &facts.grant else { return Map::new() };
    let values = [
        ("permission", grant.permission.label.clone().into()),
        ("granted_at", instant(grant.permission.granted_at)),
        ("expires_at", instant(grant.permission.expires_at)),
    ];
    with_custom(&[], values)
}

fn permission_variables(facts: &Facts) -> Map<String, Value> {
    let Some(Grant { permission, .. }) = &facts.grant else { return Map::new() };
    let text = |text: &Option<String>| Value::from(text.clone().unwrap_or_default());
    let values = [
        ("label", permission.label.clone().into()),
        ("type", text(&permission.kind)),
        ("source", text(&permission.source)),
    ];
    with_custom(&[], values)
}

/// Columns of the data and our own; where both have a name, ours is meant.
fn with_custom(
    custom: &[Custom],
    built_in: impl IntoIterator<Item = (&'static str, Value)>,
) -> Map<String, Value> {
    let custom = custom
        .iter()
        .map(|field| (field.name.clone(), field.text.clone().into()));
    let built_in = built_in.into_iter().map(|(name, value)| (name.to_owned(), value));
    custom.chain(built_in).collect()
}

/// When the window closes: the one that a message opens, if it arrives at once, or the one
/// that is open.
fn closes_at(run: &Run, scene: &Scene<'_>) -> Option<Timestamp> {
    let step = match run.state {
        State::At { step } => step,
        State::Reviewing { closes_at, .. } => return closes_at,
        _ => return None,
    };
    match run.steps(scene.policy).get(step)?.kind {
        StepKind::Ask { .. } if scene.review_ends.is_some() => scene.review_ends,
        StepKind::Ask { window, .. } => Some(scene.calendar.after(scene.now, window)),
        _ => None,
    }
}

/// What a gate says to somebody who is not there yet. Words that cannot be filled in are said
/// as they are written.
pub(crate) fn of_nobody_yet(
    text: &str,
    (policy, zone): (&Policy, Tz),
    facts: &Facts,
) -> String {
    let label = policy.title.as_deref().unwrap_or(&policy.name);
    let values = [
        ("user", Value::from(user_variables(facts))),
        ("policy", json!({ "name": policy.name, "label": label })),
        (ZONE, zone.name().into()),
    ];
    let values = values.into_iter().map(|(name, value)| (name.to_owned(), value));
    render(text, &values.collect()).unwrap_or_else(|_| text.to_owned())
}

fn instant(at: Option<Timestamp>) -> Value {
    at.map(|at| at.to_string()).unwrap_or_default().into()
}

/// A report in the words of a template; nothing where it cannot be written so.
pub(crate) fn report(
    template: &Template,
    values: &Map<String, Value>,
) -> Option<(String, String)> {
    let subject = render(&template.subject, values).ok()?;
    Some((one_line(&subject), render(&template.body, values).ok()?))
}

fn render(template: &str, values: &Map<String, Value>) -> Result<String, String> {
    thread_local! {
        static ENVIRONMENT: Environment<'static> = environment();
    }
    let values = minijinja::Value::from(minijinja::value::Serde(values));
    let rendered =
        ENVIRONMENT.with(|environment| environment.render_str(template, values));
    rendered.map_err(|error| {
        let detail = error.detail().map(str::to_owned);
        format!(
            "the message cannot be written: {}",
            detail.unwrap_or_else(|| error.to_string())
        )
    })
}

/// What stands between `{{` and `}}`; nothing where it is missing.
pub(super) fn value(expression: &str, values: &Map<String, Value>) -> Option<Value> {
    thread_local! {
        static ENVIRONMENT: Environment<'static> = environment();
    }
    let values = minijinja::Value::from(minijinja::value::Serde(values));
    let found = ENVIRONMENT.with(|environment| {
        environment.compile_expression(expression).ok()?.eval(values).ok()
    })?;
    match found.is_undefined() || found.is_none() {
        true => None,
        false => serde_json::to_value(&found).ok(),
    }
}

/// Control characters become spaces: a subject is one line.
fn one_line(text: &str) -> String {
    let spaced = text.replace(|letter: char| letter.is_control(), " ");
    text::one_line(&spaced.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}

/// What `{{ … }}` can name in what people read. Nothing on record passes for words of the mail
/// itself: each value is one line.
fn told(run: &Run, scene: &Scene<'_>) -> Map<String, Value> {
    let mut values = variables(run, scene);
    values.values_mut().for_each(tame);
    values
}

/// The same of what the built-in words are made of.
fn phrases(
    run: &Run,
    scene: &Scene<'_>,
    to: &Person,
) -> impl Iterator<Item = (String, Value)> {
    let words = words(run, scene, to).into_iter();
    words.map(|(name, text)| (name.to_owned(), tamed(&text).into()))
}

fn tamed(text: &str) -> Cow<'_, str> {
    text::one_line(text)
}

fn tame(value: &mut Value) {
    match value {
        Value::String(text) => *text = tamed(text).into_owned(),
        Value::Object(values) => values.values_mut().for_each(tame),
        Value::Array(values) => values.iter_mut().for_each(tame),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
