//! A plan as people read it.

use crate::engine::{Count, LimitState, Survey};
use crate::facts::SubjectId;
use crate::foresight::{Moment, Opening, PlannedPolicy};
use crate::text::{self, counted};
use crate::time::{Duration, Timestamp};

/// What an evaluation of the policy would find and open, and what would become of the runs
/// that the plan follows. Without a line break at its end.
pub fn report(policy: &PlannedPolicy, now: Timestamp) -> String {
    let survey = &policy.survey;
    if policy.waits() {
        let what = if policy.gate { "asked at" } else { "opens on" };
        return format!("policy {}: {what} {}", policy.policy, policy.on.join(", "));
    }
    let opens = counted(survey.opens.len(), "run", "runs");
    let mut lines = vec![headline(&policy.policy, (&opens, &survey.found), survey.limit)];
    let planned = usize::try_from(survey.limit.planned).unwrap_or(usize::MAX);
    if planned > 0 {
        let (one, more) = ("run that this plan opens", "runs that this plan opens");
        lines.push(format!("  counted behind {} before", counted(planned, one, more)));
    }
    lines.extend(for_events(&policy.events));
    if let Some(only) = &policy.only {
        lines.push(format!("  only for: {only}"));
    }
    if policy.by_app {
        lines
            .push("  made of what the `app` item says of access that expires".to_owned());
    }
    if !policy.on.is_empty() {
        let also = if policy.by_events { "" } else { "also " };
        lines.push(format!("  opens {also}on {}", policy.on.join(", ")));
    }
    findings(survey, &mut lines);
    for opening in &policy.opens {
        lines.push(String::new());
        run(opening, now, &mut lines);
    }
    text::lines(&lines)
}

/// Which events an evaluation is for, where it is for some.
fn for_events(events: &[i64]) -> Option<String> {
    match events {
        [] => None,
        [one] => Some(format!("  for event {one}")),
        [first, .., last] => {
            let many = events.len();
            Some(format!("  for {many} events together, {first} to {last}"))
        }
    }
}

/// What an evaluation finds in its scope, line by line.
pub fn findings(survey: &Survey, lines: &mut Vec<String>) {
    lines.push(format!(
        "  in scope {}: {} match, {} excepted, {} do not, {} undecided",
        survey.in_scope,
        survey.matched,
        survey.excepted,
        sum(&survey.not_matched),
        sum(&survey.undecided),
    ));
    let lists = [
        ("do not match for", &survey.not_matched),
        ("undecided for", &survey.undecided),
        ("out of scope for", &survey.out_of_scope),
    ];
    for (title, counts) in lists {
        if !counts.is_empty() {
            lines.push(format!("  {title}: {}", reasons(counts)));
        }
    }
    if survey.busy > 0 {
        lines.push(format!("  {} match and have a run, or rest after one", survey.busy));
    }
    if !survey.waiting.is_empty() {
        lines.push(format!("  events wait for {}", reasons(&survey.waiting)));
    }
    if !survey.outranked.is_empty() {
        let others = reasons(&survey.outranked);
        lines.push(format!("  left to policies with a better rank: {others}"));
    }
    if !survey.taken.is_empty() {
        let others = reasons(&survey.taken);
        lines.push(format!("  left to policies that take what expires: {others}"));
    }
    if !survey.over.is_empty() {
        lines.push(format!("  over since: {}", reasons(&survey.over)));
    }
    if survey.already_so > 0 {
        lines
            .push(format!("  {} match and have nothing left to take", survey.already_so));
    }
}

/// Why an evaluation opens no run, in short.
pub fn why_none(survey: &Survey) -> String {
    let mut parts = Vec::new();
    if !survey.taken.is_empty() {
        let others = most(&survey.taken);
        parts.push(format!("left to policies that take what expires: {others}"));
    } else if survey.in_scope == 0 {
        parts.push(match survey.out_of_scope.as_slice() {
            [] => "nobody is in its scope".to_owned(),
            out => format!("out of scope for {}", most(out)),
        });
    }
    if !survey.over.is_empty() {
        parts.push(format!("over since: {}", most(&survey.over)));
    }
    if !survey.not_matched.is_empty() {
        parts.push(format!("do not match for {}", most(&survey.not_matched)));
    }
    if survey.excepted > 0 {
        parts.push(format!("{} excepted", survey.excepted));
    }
    if survey.busy > 0 {
        let verbs = if survey.busy == 1 { ("has", "rests") } else { ("have", "rest") };
        parts
            .push(format!("{} {} a run, or {} after one", survey.busy, verbs.0, verbs.1));
    }
    if !survey.outranked.is_empty() {
        let others = most(&survey.outranked);
        parts.push(format!("left to policies with a better rank: {others}"));
    }
    if survey.already_so > 0 {
        let verb = if survey.already_so == 1 { "has" } else { "have" };
        parts.push(format!("{} {verb} nothing left to take", survey.already_so));
    }
    if !survey.undecided.is_empty() {
        parts.push(format!("undecided for {}", most(&survey.undecided)));
    }
    if !survey.waiting.is_empty() {
        parts.push(format!("events wait for {}", most(&survey.waiting)));
    }
    parts.join("; ")
}

/// So many reasons are named in short.
const NAMED: usize = 3;

/// The most frequent reasons.
fn most(counts: &[Count]) -> String {
    let mut counts = counts.to_vec();
    counts.sort_by_key(|it| std::cmp::Reverse(it.count));
    let more = counts.len() > NAMED;
    counts.truncate(NAMED);
    reasons(&counts) + if more { ", …" } else { "" }
}

/// `day 7`, `day 8 06:00`: on which day, counted from that of the first instant; without the time
/// where that is the same.
pub fn day(from: Timestamp, at: Timestamp) -> String {
    let day = Duration::DAY.0;
    let days = at.0.div_euclid(day) - from.0.div_euclid(day);
    if at.since(from).0 % day == 0 {
        format!("day {days}")
    } else {
        format!("day {days} {}", at.to_utc().format("%H:%M"))
    }
}

fn headline(
    policy: &str,
    (opens, listed): (&str, &[SubjectId]),
    limit: LimitState,
) -> String {
    let of = if limit.of_store { " for the whole store" } else { "" };
    let by = if limit.of_store { " by the limit of the whole store" } else { "" };
    match (limit.held, limit.allowed) {
        (true, Some(allowed)) => format!(
            "policy {policy}: HELD. It would open {opens}, and may open {} more{by}: nothing \
             would happen",
            allowed.saturating_sub(limit.opened),
        ),
        _ if !listed.is_empty() => {
            format!("policy {policy}: would report on {}", listed.len())
        }
        (_, Some(allowed)) => {
            format!("policy {policy}: would open {opens} (limit {allowed} a day{of})")
        }
        (_, None) => format!("policy {policy}: would open {opens}"),
    }
}

fn run(opening: &Opening, now: Timestamp, lines: &mut Vec<String>) {
    let user = opening.user.as_deref().unwrap_or("no owner");
    lines.push(if opening.user.as_deref() == Some(&opening.subject) {
        format!("  {}", opening.subject)
    } else {
        format!("  {} ({user})", opening.subject)
    });
    for because in &opening.because {
        let source = because.source.as_ref().map(|source| format!(", {source}"));
        let source = source.unwrap_or_default();
        lines.push(format!(
            "    because  {}  [{}{source}]",
            because.condition, because.value
        ));
    }
    for moment in &opening.timeline {
        lines.push(format!("    {:<8} {}", day(now, moment.at), said(moment)));
    }
}

fn said(moment: &Moment) -> String {
    let mut words = moment.what.clone();
    if !moment.who.is_empty() {
        words = format!("{words} {}", moment.who.join(", "));
    }
    match &moment.note {
        Some(note) => format!("{words}: {note}"),
        None => words,
    }
}

fn reasons(counts: &[Count]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .map(|count| format!("{} ({})", count.because, count.count))
        .collect();
    parts.join(", ")
}

fn sum(counts: &[Count]) -> u64 {
    counts.iter().map(|count| count.count).sum()
}
