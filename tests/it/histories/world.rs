//! What random histories play in: a policy, what is known of one account, and what becomes of
//! that while runs are open.

use crate::dice::Dice;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use tenure::catalog::Catalog;
use tenure::engine::{Cast, EVERYBODY};
use tenure::facts::{Facts, Person, SubjectId};
use tenure::ir::{GroupId, IdentityState, Policy};
use tenure::session::Project;
use tenure::store::{ImportOptions, Store};
use tenure::text::{Sources, fold};
use tenure::time::{Duration, Timestamp};

/// The company, as runs know it.
pub(crate) struct Company {
    catalog: Catalog,
    cast: Cast,
    accounts: Vec<Facts>,
    groups: Vec<GroupId>,
    policies: RefCell<BTreeMap<u64, Rc<Policy>>>,
    reviews: RefCell<BTreeMap<u64, Rc<Policy>>>,
}

/// Something that others do to what is known.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    Seen(Timestamp),
    Member(GroupId, bool),
    Department(Option<&'static str>),
    Status(Option<&'static str>),
    Sessions(u64),
    State(IdentityState),
    Owner(usize),
    NoManager,
    /// When the access ends by itself.
    Expires(Option<Timestamp>),
}

pub(crate) fn noon() -> Timestamp {
    Timestamp::parse("2026-11-20T12:00:00Z").unwrap()
}

impl Company {
    pub(crate) fn new() -> Self {
        let mut store = Store::in_memory().unwrap();
        let world = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worlds/acme");
        store.import(&world, &ImportOptions::at(noon()), &mut |_| {}).unwrap();
        let catalog = store.catalog().unwrap();
        let facts = |name: &str| {
            let id = store.find_subject(name).unwrap().unwrap();
            store.facts(id).unwrap().unwrap()
        };
        let accounts: Vec<Facts> = ["zoe", "olga", "ceo", "pat"]
            .map(|name| facts(&format!("salesforce/{name}")))
            .into();
        let mut cast = Cast {
            admin: Some("it@acme.example".to_owned()),
            ..Cast::default()
        };
        for number in 1.. {
            let Some(known) = store.facts(SubjectId::User(number)).unwrap() else {
                break;
            };
            let user = known.user.unwrap();
            cast.people.insert(fold(&user.email), user);
        }
        assert!(cast.people.len() > 8, "{}", cast.people.len());
        let group = |name: &str| {
            catalog.groups.iter().find(|group| group.name == name).unwrap().id
        };
        let olga = cast.people["olga@acme.example"].clone();
        cast.groups.insert(group("Leadership"), vec![olga]);
        for (name, state) in
            [("active", IdentityState::Active), ("leave", IdentityState::ShortTerm)]
        {
            cast.lifecycle.insert(name.to_owned(), state);
        }
        let groups = ["Execs", "Salesforce Users", "Contractors"].map(group).into();
        let (policies, reviews) = (RefCell::default(), RefCell::default());
        Self { catalog, cast, accounts, groups, policies, reviews }
    }

    pub(crate) fn cast(&self) -> Cast {
        self.cast.clone()
    }

    pub(crate) fn account(&self, dice: &mut Dice) -> Facts {
        dice.pick(&self.accounts)
    }

    /// One of many policies; reading them takes longer than following them.
    pub(crate) fn policy(&self, number: u64) -> Rc<Policy> {
        let mut known = self.policies.borrow_mut();
        let read = || Rc::new(self.read(&policy(&mut Dice::new(number))));
        Rc::clone(known.entry(number).or_insert_with(read))
    }

    /// The policy of one of some access reviews.
    pub(crate) fn review(&self, number: u64) -> Rc<Policy> {
        let mut known = self.reviews.borrow_mut();
        let read = || Rc::new(self.read(&review(&mut Dice::new(number))));
        Rc::clone(known.entry(number).or_insert_with(read))
    }

    fn read(&self, text: &str) -> Policy {
        let mut sources = Sources::default();
        sources.add("random.tenure", text);
        let mut project = Project::check(sources, &self.catalog);
        assert_eq!(project.errors(), 0, "{text}\n{:#?}", project.findings);
        project.program.policies.remove(0)
    }

    pub(crate) fn mutation(&self, dice: &mut Dice, now: Timestamp) -> Mutation {
        match dice.below(17) {
            14..=16 => {
                let days = i64::try_from(dice.below(20)).unwrap() - 12;
                let ends = now.after(Duration::days(days));
                Mutation::Expires(dice.pick(&[Some(ends), Some(ends), None]))
            }
            0..=1 => {
                let days = i64::try_from(dice.below(200)).unwrap();
                Mutation::Seen(now.before(Duration::days(days)))
            }
            2..=4 => Mutation::Member(dice.pick(&self.groups), dice.chance(50)),
            5..=6 => {
                Mutation::Department(dice.pick(&[Some("Sales"), Some("Legal"), None]))
            }
            7 => Mutation::Status(dice.pick(&[Some("active"), Some("suspended"), None])),
            8 => Mutation::Sessions(dice.below(3)),
            9..=11 => Mutation::State(dice.pick(&[
                IdentityState::Active,
                IdentityState::Active,
                IdentityState::ShortTerm,
                IdentityState::LongTerm,
            ])),
            12 => Mutation::Owner(usize::try_from(dice.below(4)).unwrap()),
            _ => Mutation::NoManager,
        }
    }

    /// Makes it so.
    pub(crate) fn apply(&self, mutation: &Mutation, facts: &mut Facts) {
        match mutation {
            Mutation::Seen(at) => {
                let account = facts.account.as_mut().unwrap();
                if let Some(seen) = &mut account.last_login {
                    seen.at = *at;
                }
                account.last_activity = None;
                facts.user_last_seen = Some(*at);
            }
            Mutation::Member(group, true) => {
                facts.groups.insert(*group, None);
            }
            Mutation::Member(group, false) => {
                facts.groups.remove(group);
            }
            Mutation::Department(name) => {
                facts.user.as_mut().unwrap().department = name.map(str::to_owned);
            }
            Mutation::Status(status) => {
                facts.account.as_mut().unwrap().status = status.map(str::to_owned);
            }
            Mutation::Sessions(count) => facts.sessions = *count,
            Mutation::State(state) => {
                facts.user.as_mut().unwrap().identity_state = *state;
            }
            Mutation::Owner(other) => {
                let Facts { user, manager, groups, .. } = self.accounts[*other].clone();
                (facts.user, facts.manager, facts.groups) = (user, manager, groups);
            }
            Mutation::NoManager => facts.manager = None,
            Mutation::Expires(at) => facts.account.as_mut().unwrap().expires_at = *at,
        }
    }

    /// Whether two see alike what it would change. What a run has changed itself and somebody
    /// else changes too is told apart by nobody.
    pub(crate) fn alike(mutation: &Mutation, left: &Facts, right: &Facts) -> bool {
        let status = |facts: &Facts| facts.account.as_ref().unwrap().status.clone();
        match mutation {
            Mutation::Member(..) => left.groups == right.groups,
            Mutation::Status(_) => status(left) == status(right),
            Mutation::Sessions(_) => left.sessions == right.sessions,
            Mutation::Owner(_) => left == right,
            Mutation::Seen(_)
            | Mutation::Department(_)
            | Mutation::State(_)
            | Mutation::NoManager
            | Mutation::Expires(_) => true,
        }
    }

    pub(crate) fn person<'a>(&'a self, email: &str) -> Option<&'a Person> {
        self.cast.people.get(&fold(email))
    }
}

/// What an access review asks, and does.
fn review(dice: &mut Dice) -> String {
    let days = dice.between(1, 12);
    let change = change(dice);
    let steps = dice.pick(&[
        "run webhook revoke".to_owned(),
        "unassign from app".to_owned(),
        format!("wait 2d, {change}, run webhook revoke or skip"),
        format!("{change}, revoke permission \"Sales Cloud\""),
    ]);
    format!(
        "webhook revoke\n  url \"https://hooks.acme.example/revoke\"\n  retry 2\n\
         policy review\n  for accounts in app Salesforce\n  when {EVERYBODY}\n  \
         reviewers it@acme.example, group Leadership\n  limit none \"each is decided\"\n  \
         then ask reviewers for {days}d, if ignored keep, {steps}\n"
    )
}

/// A random policy over accounts.
fn policy(dice: &mut Dice) -> String {
    let mut text =
        "webhook revoke\n  url \"https://hooks.acme.example/revoke\"\n  retry 2\n\
                    policy random\n  for accounts in app Salesforce\n"
            .to_owned();
    let when = dice.pick(&[
        "inactive > 90d",
        "inactive > 60d and department = \"Sales\"",
        "inactive > 30d and not in group Contractors",
        "account.status = active or in group \"Salesforce Users\"",
        "has permission \"Sales Cloud\" and not has session",
        "not in group Execs",
    ]);
    writeln!(text, "  when {when}").unwrap();
    let except = dice.pick(&[
        "",
        "  except in group Execs\n",
        "  except department = \"Legal\" or in group Execs\n",
    ]);
    text += except;
    text += dice.pick(&["", "  reviewers it@acme.example, group Leadership\n"]);
    writeln!(text, "  then {}", steps(dice)).unwrap();
    if text.contains(" ask ") || text.contains("escalate") {
        text += dice.pick(&[
            "",
            "  if kept notify owner, wait 2d, add to group Contractors\n",
            "  if kept snooze 20d\n",
        ]);
    }
    text += dice.pick(&[
        "",
        "  if failed notify manager, wait 1d, notify admin\n",
        "  if failed task admin \"Look\" for 1d, run webhook revoke or skip\n",
        "  if failed all of (run webhook revoke, disable account), notify admin\n",
    ]);
    text
}

fn steps(dice: &mut Dice) -> String {
    let mut steps: Vec<String> = Vec::new();
    if dice.chance(75) {
        let who =
            dice.pick(&["owner", "manager", "(owner, app owner)", "group Leadership"]);
        let remind = dice.pick(&["", " remind (2d, 6h)", " remind 1bd"]);
        if dice.chance(50) {
            steps.push(format!(
                "ask {who} for {}{remind}",
                dice.pick(&["3d", "5bd", "7d"])
            ));
        } else {
            steps.push(format!("notify {who}{remind}").replace(remind, ""));
            steps.push("escalate after 3d".to_owned());
        }
        match dice.below(5) {
            0 => steps.push("escalate to admin after 5d for 2d".to_owned()),
            1 => steps.push("wait 2d, ask manager for 2d".to_owned()),
            2 => steps.push("task app owner \"Call them\" for 2d, ask admin".to_owned()),
            _ => {}
        }
        // An `escalate` says how long what stands before it waits.
        if steps.len() > 1 && steps[1].starts_with("escalate to") {
            steps[0] = dice
                .pick(&["ask owner", "ask (owner, manager) remind (2d, 6h)"])
                .into();
        }
        if dice.chance(40) {
            steps.push(dice.pick(&["if ignored keep", "if ignored remove"]).into());
        }
    }
    for _ in 0..dice.between(1, 5) {
        let step = match dice.below(12) {
            0 => "run webhook revoke".to_owned(),
            1 => "run webhook revoke or skip".to_owned(),
            2 => format!("wait {}", dice.pick(&["6h", "2d", "2bd"])),
            3 => "notify (owner, manager)".to_owned(),
            4 => "task manager \"Move the files\" for 3d".to_owned(),
            5 => "verify department = \"Sales\" or skip".to_owned(),
            6 => "verify not in group Execs \"an executive\"".to_owned(),
            7 => format!(
                "all of (run webhook revoke, {}, notify admin, {})",
                change(dice),
                change(dice)
            ),
            _ => change(dice).to_owned(),
        };
        steps.push(step);
    }
    steps.join(", ")
}

fn change(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "remove from group (\"Salesforce Users\", Contractors)",
        "add to group Contractors",
        "disable account",
        "end sessions",
        "revoke permission \"Sales Cloud\"",
        "assign role \"CRM User\"",
        "unassign role \"CRM User\"",
        "suspend user",
        "set department = \"Sales\"",
        "unassign from app",
    ])
}
