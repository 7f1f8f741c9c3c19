//! A simulation foretells the real run: the same ledger and the same bytes, on random worlds
//! and policies. The simulation jumps from instant to instant in memory; the real store lies
//! in a file, is opened anew now and then, and its clock walks in half days.

use crate::dice::{Dice, number};
use crate::foretold_review::{Review, strikes_next};
use crate::foretold_start::{Start, activate};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tenure::actions::Recorder;
use tenure::engine::{
    Channel, Channels, Chat, Connector, Engine, Occasion, Protected, Settings,
};
use tenure::foresight::{Line, ledger, simulate};
use tenure::ir::SecretRef;
use tenure::session::Project;
use tenure::store::{EvaluationRow, ImportOptions, Store};
use tenure::text::Sources;
use tenure::time::{Duration, Timestamp};

#[test]
fn a_simulation_foretells_the_real_run() {
    let worlds = number("FORETOLD_WORLDS").unwrap_or(200);
    let mut runs = 0;
    let mut kinds = std::collections::BTreeMap::new();
    for seed in 0..worlds {
        let lines = compare(seed);
        runs += lines.len();
        for line in lines {
            *kinds.entry(line).or_insert(0) += 1;
        }
    }
    // A comparison of nothing with nothing proves nothing.
    assert!(
        runs > usize::try_from(10 * worlds).unwrap(),
        "only {runs} lines in {worlds} worlds: {kinds:?}"
    );
    for needed in [
        "asked",
        "told",
        "step-done",
        "step-done grant",
        "step-started",
        "step-skipped",
        "ignored",
        "reminded",
        "in-line",
        "passed-over",
        "ended",
        "step-failed",
        "done as an app says",
        "failure-skipped",
        "restarted",
        "ended cancelled",
        "opened by event",
        "left to a policy",
        "first evaluated by schedule",
        "went on as it was",
        "heard as it stood",
        "review awaiting",
        "review step-done",
        "review ignored",
    ] {
        assert!(kinds.contains_key(needed), "no world had a line `{needed}`: {kinds:?}");
    }
}

/// Compares the two ledgers of one world, and gives the kinds of the lines.
fn compare(seed: u64) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let folder = in_memory_folder();
    let from = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
    let length = Duration::days(30);
    write_world(&mut dice, folder.path(), from);
    let mut text = policies(&mut dice);
    let review = Review::of(seed, &APPS, &mut text);

    let path = folder.path().join("real.db");
    let mut store = Store::open(&path).unwrap();
    let options = ImportOptions::at(Start::earliest(from));
    store.import(folder.path(), &options, &mut |_| {}).unwrap();
    let mut sources = Sources::default();
    sources.add("random.tenure", &text);
    let project = Project::check(sources, &store.catalog().unwrap());
    assert_eq!(project.errors(), 0, "seed {seed}\n{text}\n{:#?}", project.findings);
    let texts = project.texts();
    let settings = Settings {
        admin: Some("admin@acme.example".to_owned()),
        channels: channels(),
        protected: Protected {
            users: vec!["p3@acme.example".to_owned()],
            ..Protected::default()
        },
        connectors: connectors(seed),
        ..Settings::default()
    };

    let mut start = Start::of(seed);
    let at_work = start.puts_to_work((&store, &settings), &texts, from);
    if let Some(review) = review {
        review.start((&store, &settings), &text, from);
    }
    start.tells_of((&store, &settings), from);
    let before = store.ledger(0).unwrap().last().map_or(0, |line| line.0);

    let copy = store.copy_to_memory().unwrap();
    let asked = (&*texts, start.at_once);
    let foretold =
        simulate(&copy, asked, &settings, (from, length), &mut |_| {}).unwrap();

    let mut hands = Recorder::default();
    let new = || texts.iter().filter(|(name, _)| !at_work.contains(name));
    for (name, text) in new() {
        activate((&store, &settings), (name, text), from);
    }
    for (name, _) in new().filter(|_| start.at_once) {
        let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
        engine.evaluate_now(name, from).unwrap();
    }
    let mut now = from;
    while now <= from.after(length) {
        // Whatever the engine knows must lie in the file.
        drop(store);
        store = Store::open_existing(&path).unwrap();
        let mut engine = Engine::new(&store, &mut hands, &settings).unwrap();
        loop {
            engine.tick(now).unwrap();
            now = strikes_next(&store, (from, now));
            if now > from.after(length) || dice.chance(20) {
                break;
            }
        }
    }
    let mut happened = ledger(&store, before, from).unwrap();
    happened.retain(|line| !line.observed);

    for (line, (left, right)) in foretold.events.iter().zip(&happened).enumerate() {
        assert_eq!(left, right, "seed {seed}, line {line}\n{text}");
    }
    assert_eq!(foretold.events.len(), happened.len(), "seed {seed}\n{text}");
    let evaluations = store.evaluations(None, u32::MAX).unwrap();
    let mut kinds: Vec<String> = happened.iter().map(kind).collect();
    let by_event = |it: &&EvaluationRow| it.cause == "event" && it.opened > 0;
    let by_event = evaluations.iter().filter(by_event);
    kinds.extend(by_event.map(|_| "opened by event".to_owned()));
    kinds.extend(start.kinds(&store, (&at_work, &foretold), from));
    kinds
}

/// What kind of line it is.
fn kind(line: &Line) -> String {
    let entry = serde_json::to_value(&line.entry).unwrap();
    if line.policy.starts_with("expired ") && entry["event"] == "step-done" {
        return "done as an app says".to_owned();
    }
    let why = entry["why"].as_str().unwrap_or_default();
    if line.policy == "access review 1" && why.ends_with("takes it away") {
        return "left to a policy".to_owned();
    }
    if line.policy == "access review 1" {
        return format!("review {}", entry["event"].as_str().unwrap());
    }
    let of = if line.subject.matches('/').count() == 2 { " grant" } else { "" };
    let cancelled = entry["state"] == "cancelled";
    let state = if cancelled { " cancelled" } else { "" };
    format!("{}{of}{state}", entry["event"].as_str().unwrap())
}

/// In some worlds groups, and the accounts of an app, live in other systems.
fn connectors(seed: u64) -> Vec<Connector> {
    let named = [("okta", 2), (APPS[0], 3)];
    let connected = named.into_iter().filter(|(_, share)| seed.is_multiple_of(*share));
    let connector = |(name, _): (&str, u64)| Connector {
        name: name.to_owned(),
        url: format!("https://{name}.example/scim"),
        token: None,
        users: false,
    };
    connected.map(connector).collect()
}

/// Some messages go into a chat.
fn channels() -> Channels {
    let chat = Channel::Chat(Chat {
        name: "ops".to_owned(),
        url: SecretRef::Env("OPS".to_owned()),
    });
    Channels {
        occasions: [(Occasion::Escalation, chat.clone())].into(),
        people: [("p1@acme.example".to_owned(), chat)].into(),
        ..Channels::default()
    }
}

/// A folder in memory where the system has such: what a disk loses is for other tests.
fn in_memory_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// Whom a policy looks at.
#[derive(Clone, Copy, PartialEq)]
enum Whom {
    Users,
    Accounts,
    Grants,
}

const GROUPS: [&str; 3] = ["Execs", "Staff", "Night Shift"];
const APPS: [&str; 2] = ["crm", "code"];
const ROLES: [&str; 2] = ["Auditor", "Seller"];
const STATES: [&str; 3] = ["active", "leave", "gone"];

fn write_world(dice: &mut Dice, folder: &Path, now: Timestamp) {
    let people: Vec<String> = (0..dice.between(2, 9))
        .map(|number| format!("p{number}@acme.example"))
        .collect();
    let mut identities =
        "email,given_name,status,department,manager_email,lifecycle_state\n".to_owned();
    for email in &people {
        let department = dice.pick(&["Sales", "Legal", ""]);
        let manager = dice.maybe(&people).unwrap_or_default();
        let state = dice.pick(&["active", "active", "active", "leave", "gone", ""]);
        writeln!(identities, "{email},P,active,{department},{manager},{state}").unwrap();
    }
    let mut apps = "app,label,owner_email\n".to_owned();
    let mut accounts = "app,username,email,status,seat,expires_at\n".to_owned();
    let mut activity = "app,username,source,last_login_at,last_activity_at\n".to_owned();
    for app in APPS {
        let owner = dice.maybe(&people).unwrap_or_default();
        writeln!(apps, "{app},{app},{owner}").unwrap();
        for (number, email) in people.iter().enumerate() {
            if dice.chance(30) {
                continue;
            }
            let owner = if dice.chance(10) { "" } else { email };
            let status = dice.pick(&["active", "active", "disabled", ""]);
            let days = i64::try_from(dice.between(0, 60)).unwrap() - 20;
            let expires = now.after(Duration::days(days));
            writeln!(accounts, "{app},u{number},{owner},{status},S{number},{expires}")
                .unwrap();
            let mut seen = |percent| {
                let days = i64::try_from(dice.between(0, 130)).unwrap();
                let at = now.before(Duration::days(days));
                if dice.chance(percent) { at.to_string() } else { String::new() }
            };
            let (login, active) = (seen(70), seen(50));
            writeln!(activity, "{app},u{number},{app},{login},{active}").unwrap();
            let (login, active) = (seen(50), seen(30));
            writeln!(activity, "{app},u{number},okta,{login},{active}").unwrap();
        }
    }
    write_holdings(dice, (folder, now), &people, &accounts);
    let mut groups = "group,source,kind\n".to_owned();
    let mut memberships = "group,source,email,joined_at\n".to_owned();
    for group in GROUPS {
        writeln!(groups, "{group},okta,idp").unwrap();
        for email in &people {
            if dice.chance(35) {
                writeln!(memberships, "{group},okta,{email},2024-01-01").unwrap();
            }
        }
    }
    let states = "state,identity_state,enabled\nactive,active,true\n\
                  leave,inactive short-term,true\ngone,inactive long-term,true\n";
    for (name, text) in [
        ("identities", identities.as_str()),
        ("apps", &apps),
        ("accounts", &accounts),
        ("activity", &activity),
        ("groups", &groups),
        ("memberships", &memberships),
        ("lifecycle_states", states),
    ] {
        fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
}

/// What the accounts and people hold besides groups.
fn write_holdings(
    dice: &mut Dice,
    (folder, now): (&Path, Timestamp),
    people: &[String],
    accounts: &str,
) {
    let mut grants = "app,username,permission,granted_at,expires_at\n".to_owned();
    let mut sessions = "app,username,id\n".to_owned();
    for account in accounts.lines().skip(1) {
        let name: Vec<&str> = account.splitn(3, ',').take(2).collect();
        let name = name.join(",");
        for permission in ["read", "write"] {
            if dice.chance(40) {
                let days = i64::try_from(dice.between(0, 60)).unwrap() - 20;
                let expires = now.after(Duration::days(days));
                let expires = dice.maybe(&[expires.to_string()]).unwrap_or_default();
                writeln!(grants, "{name},{permission},2024-01-01,{expires}").unwrap();
            }
        }
        if dice.chance(40) {
            writeln!(sessions, "{name},phone").unwrap();
        }
    }
    let mut permissions = "app,permission,label\n".to_owned();
    for app in APPS {
        writeln!(permissions, "{app},read,Read\n{app},write,Write").unwrap();
    }
    let mut roles = "role,privileged\n".to_owned();
    let mut role_members = "role,email\n".to_owned();
    for role in ROLES {
        writeln!(roles, "{role},{}", dice.chance(50)).unwrap();
        for email in people {
            if dice.chance(30) {
                writeln!(role_members, "{role},{email}").unwrap();
            }
        }
    }
    for (name, text) in [
        ("permissions", &permissions),
        ("grants", &grants),
        ("sessions", &sessions),
        ("roles", &roles),
        ("role_members", &role_members),
    ] {
        fs::write(folder.join(format!("{name}.csv")), text).unwrap();
    }
}

/// How things are done, and known, in some of the apps.
fn apps(dice: &mut Dice, text: &mut String) {
    for app in APPS {
        let ways = [
            "end sessions with flow end-it",
            "deprovision with webhook revoke",
            "disable account with flow end-it",
            "permission Read deprovision with webhook revoke",
            "deprovision permissions with flow end-it",
            "require password change with flow end-it",
            "activity from okta",
        ];
        let said: Vec<&str> = ways.into_iter().filter(|_| dice.chance(25)).collect();
        if !said.is_empty() {
            writeln!(text, "\napp {app}\n  {}", said.join("\n  ")).unwrap();
        }
    }
}

fn policies(dice: &mut Dice) -> String {
    let mut text = "webhook revoke\n  url \"https://hooks.acme.example/revoke\"\n\n\
                    template gone\n  subject \"Gone: {{ app.label }}\"\n  \
                    body \"Bye {{ user.email }}, {{ webhook.msg }}\"\n\n\
                    flow end-it\n  call POST \"https://x.example/{{ user.email }}\",\n  \
                    call DELETE \"https://y.example/{{ user.email }}\" accept (404)\n\n\
                    flow close with seat\n  call PUT \"https://x.example/{{ seat }}\" \
                    json \"{}\",\n  call GET \"https://z.example/\"\n"
        .to_owned();
    apps(dice, &mut text);
    for number in 0..dice.between(1, 4) {
        write!(text, "\npolicy p{number}\n").unwrap();
        let whom = match dice.between(0, 10) {
            0..=2 => Whom::Users,
            3..=5 => Whom::Grants,
            _ => Whom::Accounts,
        };
        match whom {
            Whom::Users => writeln!(text, "  for users").unwrap(),
            Whom::Grants => writeln!(text, "  for grants").unwrap(),
            Whom::Accounts if dice.chance(40) => {
                writeln!(text, "  for accounts in app {}", dice.pick(&APPS)).unwrap();
            }
            Whom::Accounts => {}
        }
        if dice.chance(20) {
            let sources = dice.pick(&["okta", "okta logins only"]);
            writeln!(text, "  activity from {sources}").unwrap();
        }
        let mut every =
            dice.pick(&["every 12h", "every day at 00:00", "every day at 12:00", ""]);
        // Access that ends then is not ended by what its app says.
        let ends = whom != Whom::Users && dice.chance(20);
        if ends {
            every = "on access expired";
        }
        writeln!(text, "  {every}").unwrap();
        listen(dice, (whom, !every.starts_with("on ")), &mut text);
        if dice.chance(20) {
            writeln!(text, "  count from activation").unwrap();
        }
        if dice.chance(20) {
            writeln!(text, "  report to (admin, manager)").unwrap();
        }
        if dice.chance(40) {
            writeln!(text, "  limit none \"a test\"").unwrap();
            arms(dice, whom, &mut text);
            continue;
        }
        let edge = match (dice.chance(20) && !ends, whom) {
            (false, _) | (_, Whom::Users) => "",
            (true, Whom::Accounts) => {
                " and until account.expires_at reaches (14d, 13d, 7d, 36h, 0d)"
            }
            (true, Whom::Grants) => {
                " and until expires_at reaches (14d, 13d, 7d, 36h, 0d)"
            }
        };
        writeln!(text, "  when ({}){edge}", condition(dice, whom)).unwrap();
        if dice.chance(40) {
            writeln!(text, "  except {}", condition(dice, whom)).unwrap();
        }
        if dice.chance(40) {
            writeln!(text, "  reviewers p0@acme.example, out@other.example").unwrap();
        }
        let limit = dice.pick(&["limit none \"a test\"", "limit 3", ""]);
        writeln!(text, "  {limit}").unwrap();
        writeln!(text, "  then {}", steps(dice, whom).join(", ")).unwrap();
        if dice.chance(40) {
            let waits = format!(", wait 1d, {}", takes(whom));
            let last = dice.pick(&["", &waits, ", task owner \"x\" for 1d"]);
            writeln!(text, "  if failed notify manager{last}").unwrap();
        }
    }
    text
}

/// What starts its runs besides, ends them, and begins them anew.
fn listen(dice: &mut Dice, (whom, opens): (Whom, bool), text: &mut String) {
    for (listens, percent) in [("on", 40), ("cancel on", 25), ("restart on", 40)] {
        if dice.chance(percent) && (opens || listens != "on") {
            writeln!(text, "  {listens} {}", events(dice, whom)).unwrap();
        }
    }
}

/// What policies do to each other's subjects, and what comes with time.
fn events(dice: &mut Dice, whom: Whom) -> String {
    let one = |dice: &mut Dice| match dice.between(0, 11) {
        0..=1 => format!("department changed to {:?}", dice.pick(&["Sales", "Legal"])),
        2 => "lifecycle changed".to_owned(),
        3 => format!("group left {:?}", dice.pick(&GROUPS)),
        4 => "group joined \"Night Shift\"".to_owned(),
        5 => "user suspended".to_owned(),
        6..=7 => "user updated".to_owned(),
        8 => "user.status changed to disabled".to_owned(),
        _ if whom == Whom::Users => "manager changed".to_owned(),
        9 => "access expired".to_owned(),
        _ if whom == Whom::Accounts => "account.status changed".to_owned(),
        _ => "access expired".to_owned(),
    };
    let (first, second) = (one(dice), one(dice));
    match first == second || dice.chance(70) {
        true => first,
        false => format!("({first}, {second})"),
    }
}

/// Several arms, of which one may ask. What takes something away stands behind it; and what one
/// changes another may ask for.
fn arms(dice: &mut Dice, whom: Whom, text: &mut String) {
    let main = steps(dice, whom);
    let asks = main
        .iter()
        .any(|step| step.contains("ask") || step.contains("escalate"));
    let place = dice.between(0, 3);
    for arm in 0..dice.between(place + 1, 5) {
        let mut steps = main.clone();
        if arm != place {
            let told =
                ["notify manager \"{{ user.email }}\"", "notify admin, notify owner"];
            steps = vec![dice.pick(&told).to_owned()];
            if dice.chance(60) && (arm > place || !asks) {
                steps.push(change(dice, whom));
            }
        }
        let steps = steps.join(", ");
        writeln!(text, "  when {} then {steps}", condition(dice, whom)).unwrap();
    }
    if dice.chance(40) {
        writeln!(text, "  always then notify admin \"always\"").unwrap();
    }
    if dice.chance(40) {
        let then = takes(whom);
        writeln!(text, "  otherwise then {then}, notify admin \"otherwise\"").unwrap();
    }
}

/// A webhook tells of one account.
fn takes(whom: Whom) -> &'static str {
    match whom {
        Whom::Users => "end sessions",
        Whom::Accounts | Whom::Grants => "run webhook revoke",
    }
}

fn condition(dice: &mut Dice, whom: Whom) -> String {
    let join = dice.pick(&[" and ", " or "]);
    (0..dice.between(1, 3))
        .map(|_| one(dice, whom))
        .collect::<Vec<_>>()
        .join(join)
}

fn one(dice: &mut Dice, whom: Whom) -> String {
    match dice.between(0, 12) {
        0..=1 if whom == Whom::Grants => "permission = \"Read\"".to_owned(),
        2 if whom == Whom::Grants => "until expires_at <= 5d".to_owned(),
        0..=2 => format!("inactive > {}d", dice.between(20, 120)),
        3 => format!("in group \"{}\"", dice.pick(&GROUPS)),
        4 => format!("not in group \"{}\"", dice.pick(&GROUPS)),
        5 => "department = \"Sales\"".to_owned(),
        6 => "has session".to_owned(),
        7 => format!("has role {}", dice.pick(&ROLES)),
        8 => "not has permission Read".to_owned(),
        9 => format!("lifecycle != {}", dice.pick(&STATES)),
        10 => "user.status != disabled".to_owned(),
        _ if whom == Whom::Users => "user.status = active".to_owned(),
        _ => "account.status != disabled".to_owned(),
    }
}

fn steps(dice: &mut Dice, whom: Whom) -> Vec<String> {
    let users = whom == Whom::Users;
    let mut steps = Vec::new();
    if dice.chance(70) {
        let all = ["owner", "manager", "(owner, p1@acme.example)", "app owner"];
        let who = dice.pick(if users { &all[..3] } else { &all });
        let verb = dice.pick(&["ask", "notify"]);
        if verb == "ask" && dice.chance(50) {
            let remind = dice.pick(&["", " remind (2d, 12h)", " remind 36h"]);
            steps.push(format!("ask {who} for 3d{remind}"));
        } else {
            steps.push(format!("{verb} {who}"));
            steps.push(
                dice.pick(&["escalate after 36h", "escalate after 3bd"]).to_owned(),
            );
            if dice.chance(30) {
                steps.push("escalate to admin after 2d for 12h".to_owned());
            }
        }
        if dice.chance(40) {
            steps.push(dice.pick(&["if ignored keep", "if ignored remove"]).to_owned());
        }
    }
    for _ in 0..dice.between(1, 5) {
        let step = match dice.between(0, 22) {
            0 => format!("wait {}", dice.pick(&["12h", "1d", "5d", "2bd"])),
            1 => takes(whom).to_owned(),
            2 => "notify manager \"{{ user.email }} is {{ user.status }}\"".to_owned(),
            3 if users => "notify owner".to_owned(),
            3 => "notify owner with gone".to_owned(),
            4 if whom == Whom::Grants => {
                "notify admin \"{{ permission.label }} of {{ account.username }}\""
                    .to_owned()
            }
            5..=6 => {
                format!("verify {}{}", one(dice, whom), dice.pick(&["", " or skip"]))
            }
            7..=8 => format!(
                "all of ({}, {}{}, notify owner, {})",
                change(dice, whom),
                takes(whom),
                dice.pick(&["", " or skip"]),
                change(dice, whom),
            ),
            _ => change(dice, whom),
        };
        steps.push(step);
    }
    // Behind a deletion nobody can be told what only the deleted could know.
    if dice.chance(20) {
        steps.push(if users { "delete user" } else { "delete account" }.to_owned());
        steps.push("wait 12h".to_owned());
        steps.push("notify manager \"{{ user.email }} is {{ user.status }}\"".to_owned());
    }
    steps
}

/// A step that changes the store.
fn change(dice: &mut Dice, whom: Whom) -> String {
    let last = if whom == Whom::Users { 13 } else { 17 };
    match dice.between(0, last) {
        0 => format!("remove from group \"{}\"", dice.pick(&GROUPS)),
        1 => "add to group (\"Night Shift\", Staff)".to_owned(),
        2 => "end sessions".to_owned(),
        3 => format!("assign role {}", dice.pick(&ROLES)),
        4 => format!("unassign role {}", dice.pick(&ROLES)),
        5 => format!("set lifecycle {}", dice.pick(&STATES)),
        6 => format!("set department = {:?}", dice.pick(&["Sales", "Legal"])),
        7 => "set manager = p0@acme.example".to_owned(),
        8 => "require password change".to_owned(),
        9 => "suspend user".to_owned(),
        10 => "disable user".to_owned(),
        11 => "call POST \"https://x.example/{{ user.email }}\" retry 1".to_owned(),
        12 => "run flow close with seat = user.email".to_owned(),
        13 => "disable account".to_owned(),
        14 => "revoke permission (Read, Write)".to_owned(),
        15 => "unassign from app".to_owned(),
        _ => "remove access".to_owned(),
    }
}
