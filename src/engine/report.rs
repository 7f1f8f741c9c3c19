//! `report to`: what an evaluation found and did, to whom the policy says.
//!
//! What was found is noted with the evaluation. The report is written when nothing is due any
//! more, so that it tells what followed at once, and before that what happened since the last.

use crate::engine::change::taken;
use crate::engine::commit::{read, stable_key};
use crate::engine::compose;
use crate::engine::errors::EngineError;
use crate::engine::filters::ZONE;
use crate::engine::held::is_known;
use crate::engine::library::{Loaded, cast_for};
use crate::engine::people::{self, Cast};
use crate::engine::pilot::Pin;
use crate::engine::survey::{Survey, reason};
use crate::engine::tick::Engine;
use crate::engine::trail::Entry;
use crate::engine::{Effect, Mail, Occasion};
use crate::facts::{Facts, Person, Subject, SubjectId};
use crate::ir::{
    Condition, ConditionKind, Field, Policy, Report, StepKind, SubjectKind, TestKind, Who,
};
use crate::store::{DueReport, LedgerLine, Store};
use crate::text::{fold, one_line};
use crate::time::Timestamp;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// So many subjects stand in one list of a report.
const LISTED: usize = 500;

/// What an evaluation found, for its report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    at: Timestamp,
    in_scope: u64,
    matched: u64,
    opened: u64,
    held: bool,
    /// Whether it is held with the same list as the time before.
    #[serde(default)]
    still_held: bool,
    undecided: Vec<(String, u64)>,
    already_so: u64,
    /// Whether these and those that are undecided are as many as the last time.
    #[serde(default)]
    again: bool,
    /// How many that match are left out, as they are disabled.
    disabled: u64,
    listed: Vec<Listed>,
}

impl Found {
    /// It as it is kept, once it is known how many runs were opened.
    pub(crate) fn body(self, opened: u64) -> Result<String, EngineError> {
        Ok(serde_json::to_string(&Self { opened, ..self })?)
    }
}

/// One subject of the list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listed {
    subject: String,
    line: String,
    /// To whom it is told, of those who are told of their own alone.
    to: Vec<Reader>,
}

/// Somebody who is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Reader {
    email: String,
    name: String,
}

impl Reader {
    fn of(person: &Person) -> Self {
        Self {
            email: person.email.clone(),
            name: one_line(&person.display_name()).into_owned(),
        }
    }
}

/// Notes what an evaluation found (of the policy of that number and version, where it is one of
/// all in scope), where somebody is to be told and there is something to tell.
pub(crate) fn note(
    store: &Store,
    (of_all, loaded): (Option<(i64, u32)>, &Loaded),
    survey: &Survey,
) -> Result<Option<Found>, EngineError> {
    let policy = &*loaded.policy;
    let Some(report) = &policy.report else { return Ok(None) };
    let own = of_own(policy);
    let mut found = Found {
        at: survey.at.now,
        in_scope: survey.in_scope,
        matched: survey.matched,
        opened: 0,
        held: survey.limit.held,
        still_held: match of_all {
            Some(policy) if survey.limit.held => is_known(store, policy, survey)?,
            _ => false,
        },
        undecided: survey
            .undecided
            .iter()
            .map(|it| (it.because.clone(), it.count))
            .collect(),
        already_so: survey.already_so,
        again: of_all.map_or(Ok(false), |(id, _)| again(store, id, survey))?,
        disabled: 0,
        listed: Vec::new(),
    };
    for subject in survey.opens.iter().chain(&survey.found) {
        let activity = policy.activity.as_ref();
        let Some(facts) = store.facts_by(*subject, activity)? else { continue };
        if !report.including_disabled && is_disabled(&facts) {
            found.disabled += 1;
            continue;
        }
        let mut to = Vec::new();
        if !own.is_empty() {
            let cast = cast_for(store, (policy, &loaded.cast), &facts, &[])?;
            let people = people::find(&own, policy, &facts, &cast).people;
            to.extend(people.iter().map(Reader::of));
        }
        let because = reason(policy, &facts, survey.at)?.because.into_iter();
        let because: Vec<String> = because
            .map(|because| format!("{} [{}]", because.condition, because.value))
            .collect();
        let user = facts.user.as_ref().map(|user| user.email.clone());
        let user = user.filter(|email| *email != facts.subject.name);
        let user = user.map(|email| format!(" ({email})")).unwrap_or_default();
        let name = facts.subject.name;
        let line = format!("{name}{user}: {}", because.join(", "));
        let line = line.trim_end_matches(": ").to_owned();
        found.listed.push(Listed { subject: name, line, to });
    }
    Ok(Some(found))
}

/// Whether the evaluation of the policy before this one left as many undecided, for the same
/// reasons, and found as many already so. To be asked before this one is on record.
fn again(store: &Store, policy: i64, survey: &Survey) -> Result<bool, EngineError> {
    let Some(before) = store.last_found(policy)? else { return Ok(false) };
    let before: Survey = serde_json::from_str(&before)?;
    Ok((before.undecided == survey.undecided) && before.already_so == survey.already_so)
}

/// Whether each subject has its own, so that they are told of theirs alone.
fn is_own(who: &Who, policy: &Policy) -> bool {
    match who {
        Who::Owner | Who::Manager | Who::AppOwner | Who::Attribute(_) => true,
        Who::Reviewers => policy.reviewers.iter().any(|who| is_own(who, policy)),
        Who::Admin | Who::Email(_) | Who::Group(_) => false,
    }
}

/// Those of the report's readers who are told of their own subjects alone.
fn of_own(policy: &Policy) -> Vec<Who> {
    let who = policy.report.iter().flat_map(|report| &report.who);
    who.filter(|who| is_own(who, policy)).cloned().collect()
}

fn is_disabled(facts: &Facts) -> bool {
    let status = match facts.subject.id {
        SubjectId::User(_) => facts.user.as_ref().and_then(|user| user.status.as_deref()),
        SubjectId::Account(_) | SubjectId::Grant(_) => {
            facts.account.as_ref().and_then(|account| account.status.as_deref())
        }
    };
    matches!(status, Some("disabled" | "deleted"))
}

impl Engine<'_> {
    /// Writes the reports that are due.
    pub(super) fn reports(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let store = self.store;
        let mut moved = false;
        for due in store.due_reports()? {
            let rows = store.policies()?;
            let Some(row) = rows.into_iter().find(|row| row.id == due.policy_id) else {
                continue;
            };
            if store.is_paused(row.id)? {
                continue;
            }
            let only = row.mode.only.as_deref();
            let pin = Pin {
                id: row.id,
                name: &row.name,
                version: due.version,
                only,
            };
            let Some(loaded) = self.loaded(&pin)? else { continue };
            moved = true;
            store.atomically(|| {
                let (lines, last) = store.ledger_of(row.id, due.from)?;
                let since = Since::read(&lines)?;
                let concerned = concerned(store, &loaded, &since)?;
                let written =
                    written(&loaded, &due, (since, concerned), self.settings.zone)?;
                for (number, mail) in (1..).zip(written) {
                    let about = format!("report/{}/{}/{}", row.id, due.evaluation, now);
                    let key = format!("{}_{number}", stable_key(&self.store_id, &about));
                    let mut effect = Effect::Mail(mail);
                    self.settings.channels.route(&mut effect);
                    let effect = serde_json::to_string(&effect)?;
                    store.enqueue_of((&key, row.id), &effect, now)?;
                }
                Ok::<_, EngineError>(store.report_written(due.evaluation, last)?)
            })?;
        }
        Ok(moved)
    }
}

/// What happened to the runs of a policy since its last report.
#[derive(Default)]
struct Since {
    done: Vec<Line>,
    failed: Vec<Line>,
}

/// What happened to one run.
struct Line {
    run: i64,
    subject: String,
    words: String,
}

impl Since {
    /// A run that failed stands there once, whatever its trail says of that.
    fn read(lines: &[LedgerLine]) -> Result<Self, EngineError> {
        let mut since = Self::default();
        let mut troubles: Vec<(i64, &str, Vec<String>)> = Vec::new();
        for (run, subject, event) in lines {
            let trouble = match serde_json::from_str(event)? {
                Entry::Ended { state, .. } if state == "removed" || state == "done" => {
                    since.done.push(Line {
                        run: *run,
                        subject: subject.clone(),
                        words: format!("{subject}: {state}"),
                    });
                    continue;
                }
                Entry::StepFailed { step, why } => format!("`{step}` failed: {why}"),
                Entry::Held { why } => format!("held: {why}"),
                _ => continue,
            };
            match troubles.iter_mut().find(|(of, ..)| of == run) {
                Some((_, _, whats)) => {
                    // What an `all of` failed of is told with it.
                    whats.retain(|what| !trouble.contains(what.as_str()));
                    whats.push(trouble);
                }
                None => troubles.push((*run, subject, vec![trouble])),
            }
        }
        let failed = troubles.into_iter().map(|(run, subject, whats)| Line {
            run,
            subject: subject.to_owned(),
            words: format!("{subject}: {}", whats.join("; ")),
        });
        since.failed.extend(failed);
        Ok(since)
    }
}

/// Who is told of their own subjects alone, with those to which something happened, as they are
/// known now; of one that is gone whoever its owner leads to.
fn concerned(
    store: &Store,
    Loaded { policy, cast }: &Loaded,
    since: &Since,
) -> Result<Vec<(Reader, String)>, EngineError> {
    let own = of_own(policy);
    let mut found = Vec::new();
    if own.is_empty() {
        return Ok(found);
    }
    for Line { run, subject, .. } in since.done.iter().chain(&since.failed) {
        let Some(row) = store.run(*run)? else { continue };
        let activity = policy.activity.as_ref();
        let run = read(&row)?;
        let orders = (activity, &taken(&run.changed));
        let facts = match (store.facts_beside(row.subject.id, orders)?, run.owner) {
            (None, Some(owner)) => {
                store.facts(SubjectId::new(SubjectKind::User, owner))?
            }
            (facts, _) => facts,
        };
        let Some(facts) = facts else { continue };
        let cast = cast_for(store, (policy, cast), &facts, &[])?;
        let people = people::find(&own, policy, &facts, &cast).people;
        let readers = people.iter().map(|person| (Reader::of(person), subject.clone()));
        found.extend(readers);
    }
    Ok(found)
}

/// The mails of one report: to those who are told of everything, and to those who are told of
/// their own subjects. None where there is nothing to tell.
fn written(
    loaded: &Loaded,
    due: &DueReport,
    (since, concerned): (Since, Vec<(Reader, String)>),
    zone: Tz,
) -> Result<Vec<Mail>, EngineError> {
    let Loaded { policy, cast } = loaded;
    let found: Found = serde_json::from_str(&due.body)?;
    let Some(report) = &policy.report else { return Ok(Vec::new()) };
    if !is_news(policy, &found, &since) {
        return Ok(Vec::new());
    }
    let everything = of_all(report, policy, cast);
    let mut mails: Vec<Mail> = everything
        .iter()
        .map(|to| mail(to, policy, (&found, &since, zone), None))
        .collect();
    let mut own = BTreeMap::<&Reader, BTreeSet<&str>>::new();
    for listed in &found.listed {
        for to in &listed.to {
            own.entry(to).or_default().insert(&listed.subject);
        }
    }
    for (to, subject) in &concerned {
        own.entry(to).or_default().insert(subject);
    }
    for (to, subjects) in own {
        // Who is told of everything is told of their own.
        if everything.iter().all(|other| fold(&other.email) != fold(&to.email)) {
            mails.push(mail(to, policy, (&found, &since, zone), Some(&subjects)));
        }
    }
    Ok(mails)
}

/// Whether there is something to tell: somebody was found, something was done or failed, or
/// more or fewer than before are undecided or already so. Whoever has an open run, rests, or stands on
/// a list that is held still, was told of before.
fn is_news(policy: &Policy, found: &Found, since: &Since) -> bool {
    let lists = policy.steps.is_empty() && found.matched > 0;
    let others = found.already_so > 0 || !found.undecided.is_empty();
    found.opened > 0
        || (found.held && !found.still_held)
        || lists
        || !since.done.is_empty()
        || !since.failed.is_empty()
        || (others && !found.again)
}

/// Who is told of everything.
fn of_all(report: &Report, policy: &Policy, cast: &Cast) -> Vec<Reader> {
    let who: Vec<Who> = report
        .who
        .iter()
        .filter(|who| !is_own(who, policy))
        .cloned()
        .collect();
    if who.is_empty() {
        return Vec::new();
    }
    let people = people::find(&who, policy, &nobody(), cast).people;
    people.iter().map(Reader::of).collect()
}

/// Facts about nobody: who is told of everything is found without a subject.
fn nobody() -> Facts {
    Facts {
        subject: Subject {
            id: SubjectId::new(SubjectKind::User, 0),
            name: String::new(),
        },
        grant: None,
        account: None,
        user: None,
        manager: None,
        app: None,
        app_owner: None,
        groups: BTreeMap::new(),
        derived: BTreeSet::new(),
        roles: BTreeMap::new(),
        permissions: Vec::new(),
        sessions: 0,
        apps: BTreeSet::new(),
        user_last_seen: None,
        seen_by_apps: None,
        doubts: None,
    }
}

fn mail(
    to: &Reader,
    policy: &Policy,
    (found, since, zone): (&Found, &Since, Tz),
    only: Option<&BTreeSet<&str>>,
) -> Mail {
    let name = policy.title.as_deref().unwrap_or(&policy.name);
    let wanted = |subject: &str| only.is_none_or(|only| only.contains(subject));
    let listed: Vec<&str> = found
        .listed
        .iter()
        .filter(|listed| wanted(&listed.subject))
        .map(|listed| listed.line.as_str())
        .collect();
    let of = |lines: &[Line]| -> Vec<String> {
        let kept = lines.iter().filter(|line| wanted(&line.subject));
        kept.map(|it| it.words.clone()).collect()
    };
    let (done, failed) = (of(&since.done), of(&since.failed));
    let mut body = format!(
        "Hello {},\n\npolicy \"{name}\" was evaluated at {}.\n",
        to.name,
        found.at.to_the_minute_in(zone)
    );
    if only.is_none() {
        body.push_str(&counts(found, (done.len(), failed.len())));
    }
    let title = match () {
        () if found.held => "The limit is passed. Nothing was opened for:",
        () if policy.steps.is_empty() => "These match:",
        () => "A run was opened for:",
    };
    list(&mut body, title, &listed);
    list(&mut body, "Done since the last report:", &done);
    list(&mut body, "Failed or held since the last report:", &failed);
    let number = listed.len();
    let subject = match () {
        () if found.held => format!("Report on {name}: HELD, would open {number}"),
        () if policy.steps.is_empty() => format!("Report on {name}: {number} match"),
        () => format!("Report on {name}: {}", headline(found, number, (&done, &failed))),
    };
    let words = policy.report.iter().flat_map(|report| &report.words);
    let mut words = words.filter(|words| fold(&words.name) == kind(policy));
    let own = words.next().and_then(|words| {
        let values = json!({
            (ZONE): zone.name(),
            "policy": { "name": policy.name, "title": policy.title.as_deref().unwrap_or_default() },
            "report": {
                "to": to.name, "at": found.at.to_string(), "in_scope": found.in_scope,
                "matched": number, "opened": found.opened, "done": done.len(),
                "failed": failed.len(), "undecided": undecided(found),
                "already_so": found.already_so, "subjects": lines(&listed),
                "changes": lines(&done), "troubles": lines(&failed),
            },
        });
        compose::report(words, values.as_object()?)
    });
    let (subject, body) = own.unwrap_or((subject, body));
    Mail {
        occasion: Occasion::Report,
        to: to.email.clone(),
        to_name: to.name.clone(),
        subject,
        body,
        ..Mail::default()
    }
}

/// What a report is most of all about.
fn headline(found: &Found, new: usize, (done, failed): (&[String], &[String])) -> String {
    let undecided = undecided(found);
    match () {
        () if new + done.len() > 0 => format!("{new} new, {} done", done.len()),
        () if !failed.is_empty() => format!("{} failed or held", failed.len()),
        () if found.opened > 0 => format!("{} new", found.opened),
        () if undecided > 0 => format!("{undecided} undecided"),
        () => format!("{} already so", found.already_so),
    }
}

/// Which of the kinds of reports a policy sends: by what it looks for, and what it does.
fn kind(policy: &Policy) -> &'static str {
    let seen = |field: &Field| {
        matches!(field, Field::LastSeen | Field::LastLogin | Field::LastActivity)
    };
    let any = |wanted: &dyn Fn(&StepKind) -> bool| {
        policy.every_step().any(|step| wanted(&step.kind))
    };
    let deletes =
        |kind: &StepKind| matches!(kind, StepKind::DeleteAccount | StepKind::DeleteUser);
    let disables = |kind: &StepKind| {
        matches!(
            kind,
            StepKind::DisableAccount | StepKind::DisableUser | StepKind::SuspendUser
        )
    };
    match () {
        () if asks_for(&policy.when, &|field| *field == Field::PasswordExpiresAt) => {
            "passwords-about-to-expire-report"
        }
        () if !asks_for(&policy.when, &seen) => "report",
        () if any(&deletes) => "dormant-users-deleted-report",
        () if any(&disables) => "dormant-users-disabled-report",
        () => "dormant-users-report",
    }
}

/// Whether a condition asks how long ago, or how far ahead, such an instant is.
fn asks_for(condition: &Condition, wanted: &dyn Fn(&Field) -> bool) -> bool {
    match &condition.kind {
        ConditionKind::And(parts) | ConditionKind::Or(parts) => {
            parts.iter().any(|part| asks_for(part, wanted))
        }
        ConditionKind::Not(inner) => asks_for(inner, wanted),
        ConditionKind::Test(test) => match &test.kind {
            TestKind::Elapsed { instant, .. } | TestKind::Reaches { instant, .. } => {
                wanted(&instant.field)
            }
            TestKind::NeverActive => wanted(&Field::LastSeen),
            _ => false,
        },
    }
}

fn undecided(found: &Found) -> u64 {
    found.undecided.iter().map(|(_, count)| count).sum()
}

fn counts(found: &Found, (done, failed): (usize, usize)) -> String {
    let undecided = undecided(found);
    let missing: Vec<String> = found
        .undecided
        .iter()
        .map(|(because, count)| format!("{because} ({count})"))
        .collect();
    let mut text = format!(
        "\nin scope    {}\nmatched     {}\nopened      {}\ndone        {done}\n\
         failed      {failed}\nundecided   {undecided}",
        found.in_scope, found.matched, found.opened
    );
    if !missing.is_empty() {
        _ = write!(text, " for the want of {}", missing.join(", "));
    }
    _ = writeln!(text, "\nalready so  {}", found.already_so);
    if found.disabled > 0 {
        _ = writeln!(text, "not listed  {} that are disabled", found.disabled);
    }
    text
}

fn list(body: &mut String, title: &str, lines: &[impl AsRef<str>]) {
    if lines.is_empty() {
        return;
    }
    _ = writeln!(body, "\n{title}\n{}", self::lines(lines));
}

/// The lines of a list that are shown.
fn lines(lines: &[impl AsRef<str>]) -> String {
    let mut shown: Vec<String> = lines
        .iter()
        .take(LISTED)
        .map(|line| format!("  {}", one_line(line.as_ref())))
        .collect();
    let more = lines.len().checked_sub(LISTED).filter(|more| *more > 0);
    shown.extend(more.map(|more| format!("  and {more} more")));
    shown.join("\n")
}
