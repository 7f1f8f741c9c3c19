//! Who is meant: from the words of a policy to people who can be asked.

use crate::engine::commit::read;
use crate::engine::errors::EngineError;
use crate::engine::library::add_person;
use crate::engine::run::{Asked, State};
use crate::engine::{Links, Shield};
use crate::facts::{Facts, Person};
use crate::ir::{
    GroupId, IdentityState, Level, Never, Policy, RoleId, StepKind, Value, Who,
};
use crate::store::{RunRow, Store};
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Why nobody is told who is to be told as the admin.
const NO_ADMIN: &str = "the configuration names no admin";

/// The people a policy names beside those its subject brings: loaded before a step, so that
/// the step itself looks nothing up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cast {
    /// By folded address.
    pub people: BTreeMap<String, Person>,
    /// The folded addresses of those who were known once and have left.
    pub left: BTreeSet<String>,
    /// The members of the groups that are asked or told.
    pub groups: BTreeMap<GroupId, Vec<Person>>,
    /// The admin's address.
    pub admin: Option<String>,
    /// The identity state that each lifecycle state stands for, by folded name, where the
    /// policy sets one.
    pub lifecycle: BTreeMap<String, IdentityState>,
    /// What no policy may take.
    pub shield: Rc<Shield>,
    /// What never happens.
    pub nevers: Rc<[Never]>,
    /// The privileged roles that the user alone holds, with their names.
    pub alone: BTreeMap<RoleId, String>,
    /// The accounts of the user, where the policy ends sessions in apps that say how, or that
    /// are connected.
    pub accounts: Rc<[Facts]>,
    /// Which connected systems the groups and the account belong to.
    pub links: Rc<Links>,
}

/// The outcome of looking for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Who can be asked, each once, in the order of the policy.
    pub(crate) people: Vec<Person>,
    /// Who cannot, as the policy names them, and why.
    pub(crate) passed_over: Vec<(String, String)>,
}

/// Every `WHO` that a policy names.
pub(crate) fn named(policy: &Policy) -> Vec<&Who> {
    let steps = policy.every_step().flat_map(|step| match &step.kind {
        StepKind::Ask { who, .. }
        | StepKind::Notify { who, .. }
        | StepKind::Task { who, .. } => who.as_slice(),
        _ => &[],
    });
    let report = policy.report.iter().flat_map(|report| &report.who);
    policy.reviewers.iter().chain(steps).chain(report).collect()
}

/// The people behind a list of `WHO`. An empty list is the default of `escalate`: the
/// policy's reviewers, else the manager, else the app's owner, else the admin.
pub(crate) fn find(who: &[Who], policy: &Policy, facts: &Facts, cast: &Cast) -> Found {
    let mut found = Found::default();
    if !who.is_empty() {
        for who in who {
            found.add(who, policy, facts, cast);
        }
    } else if !policy.reviewers.is_empty() {
        found.add(&Who::Reviewers, policy, facts, cast);
    } else {
        for who in [Who::Manager, Who::AppOwner, Who::Admin] {
            if found.people.is_empty() {
                found.add(&who, policy, facts, cast);
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.people.retain(|person| seen.insert(fold(&person.email)));
    found
}

/// Why the admin of the configuration hears of nothing, if that is so.
pub(crate) fn admin_away(
    store: &Store,
    admin: Option<&str>,
) -> Result<Option<String>, EngineError> {
    let mut cast = Cast::default();
    if let Some(admin) = admin {
        add_person(store, &mut cast, admin)?;
    }
    let mut found = Found::default();
    found.address("admin", (admin, &cast), NO_ADMIN);
    Ok(found.passed_over.pop().map(|(_, why)| why))
}

/// Whether nobody whom the run is asking, or whose task it waits for, is there any more.
pub(crate) fn deserted(store: &Store, row: &RunRow) -> Result<bool, EngineError> {
    let run = read(row)?;
    let asked: Vec<&Asked> = match &run.state {
        State::Reviewing { step, .. } => {
            run.asked.iter().filter(|asked| asked.step == *step).collect()
        }
        State::Tasked { people, .. } => people.iter().collect(),
        _ => return Ok(false),
    };
    for asked in asked {
        if !store.is_away(&asked.email)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Found {
    fn add(&mut self, who: &Who, policy: &Policy, facts: &Facts, cast: &Cast) {
        match who {
            Who::Owner => {
                self.person("owner", facts.user.clone(), "the account has no owner");
            }
            Who::Manager => {
                self.person("manager", facts.manager.clone(), "no manager is on record");
            }
            Who::AppOwner => {
                self.person(
                    "app owner",
                    facts.app_owner.clone(),
                    "no app owner is on record",
                );
            }
            Who::Reviewers => {
                for reviewer in &policy.reviewers {
                    // The checker refuses `reviewers reviewers`.
                    if *reviewer != Who::Reviewers {
                        self.add(reviewer, policy, facts, cast);
                    }
                }
            }
            Who::Admin => {
                self.address("admin", (cast.admin.as_deref(), cast), NO_ADMIN);
            }
            Who::Email(email) => self.address(email, (Some(email), cast), ""),
            Who::Group(group) => {
                let members = cast.groups.get(&group.id).cloned().unwrap_or_default();
                if members.is_empty() {
                    self.person(
                        &format!("group {}", group.name),
                        None,
                        "it has no members",
                    );
                }
                for member in members {
                    let email = member.email.clone();
                    self.person(&email, Some(member), "");
                }
            }
            Who::Attribute(attribute) => {
                let name = match attribute.level {
                    Level::Account => format!("account.{}", attribute.field.name()),
                    Level::User => attribute.field.name().to_owned(),
                    Level::Grant => format!("grant.{}", attribute.field.name()),
                };
                let email = match facts.value(attribute) {
                    Some(Value::Text(email)) => Some(email),
                    _ => None,
                };
                self.address(&name, (email.as_deref(), cast), "it is not on record");
            }
        }
    }

    /// An address that nobody was ever known by is taken as it is; one whose person has left
    /// is nobody's any more, and silence there would decide.
    fn address(
        &mut self,
        who: &str,
        (email, cast): (Option<&str>, &Cast),
        missing: &str,
    ) {
        match email {
            Some(email) if cast.left.contains(&fold(email)) => {
                self.passed_over.push((who.to_owned(), format!("{email} has left")));
            }
            _ => self.person(who, email.map(|email| cast.by_email(email)), missing),
        }
    }

    fn person(&mut self, who: &str, person: Option<Person>, missing: &str) {
        let Some(person) = person else {
            self.passed_over.push((who.to_owned(), missing.to_owned()));
            return;
        };
        if person.can_be_asked() {
            self.people.push(person);
            return;
        }
        let why = if person.identity_state == IdentityState::Active {
            format!("`{}` is no address", person.email)
        } else {
            format!("{} is {}", person.email, person.identity_state.name())
        };
        self.passed_over.push((who.to_owned(), why));
    }
}

impl Cast {
    /// The person with that address; one that the store does not know is taken to be there.
    pub(crate) fn by_email(&self, email: &str) -> Person {
        let known = self.people.get(&fold(email)).cloned();
        known.unwrap_or_else(|| Person { email: email.to_owned(), ..Person::default() })
    }
}
