//! The texts that are at work: from a version in the store to a checked policy.

use crate::catalog::Catalog;
use crate::check;
use crate::diagnose::Severity;
use crate::engine::errors::EngineError;
use crate::engine::never::{Nevers, nevers};
use crate::engine::people::{self, Cast};
use crate::engine::pilot::{Pin, narrowed};
use crate::engine::references;
use crate::engine::run::Asked;
use crate::engine::{Links, Settings, Shield};
use crate::facts::{Facts, SubjectId};
use crate::ir::{Field, Never, Policy, StepKind, Value, Who};
use crate::store::{Store, StoreError};
use crate::syntax;
use crate::syntax::ast::{ItemKind, Policy as Written};
use crate::text::{Sources, fold};
use crate::time::Timestamp;
use crate::time::schedule::Schedule;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A policy ready to be followed, and the people it names.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) policy: Rc<Policy>,
    pub(crate) cast: Cast,
}

/// The policies that were needed so far. Texts are checked against the names that the store
/// holds now: a policy whose names are gone is blocked, and so is one whose names mean
/// something else than when it was activated.
#[derive(Debug)]
pub(crate) struct Library {
    catalog: Catalog,
    settings: Settings,
    shield: Rc<Shield>,
    nevers: Nevers,
    /// What the texts say; it stays while the names do.
    parsed: BTreeMap<Key, Result<Rc<Policy>, String>>,
    /// With the people of this tick.
    loaded: BTreeMap<Key, Rc<Loaded>>,
}

/// The policy's number, the version, and the pilot that narrows it.
type Key = (i64, u32, Option<String>);

impl Library {
    pub(crate) fn new(store: &Store, settings: &Settings) -> Result<Self, StoreError> {
        let catalog = store.catalog()?;
        Ok(Self {
            shield: Rc::new(Shield::new(store, &settings.protected)?),
            nevers: nevers(store, &catalog, settings)?,
            catalog,
            settings: settings.clone(),
            parsed: BTreeMap::new(),
            loaded: BTreeMap::new(),
        })
    }

    /// Forgets what may have changed since the last tick, and what was believed then.
    pub(crate) fn refresh(
        &mut self,
        store: &Store,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        store.doubt(&self.settings.freshness, now)?;
        self.renew(store)
    }

    /// The same within a transaction that goes on with what it believes.
    pub(crate) fn renew(&mut self, store: &Store) -> Result<(), StoreError> {
        let catalog = store.catalog()?;
        if !catalog.same_names(&self.catalog) {
            self.parsed.clear();
        }
        self.catalog = catalog;
        self.loaded.clear();
        self.shield = Rc::new(Shield::new(store, &self.settings.protected)?);
        self.nevers = nevers(store, &self.catalog, &self.settings)?;
        Ok(())
    }

    /// The names that the store holds now.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// What somebody should look at in the configuration.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.shield.warnings()
    }

    /// What is pinned, or why it cannot be followed.
    pub(crate) fn get(
        &mut self,
        store: &Store,
        pin: &Pin<'_>,
    ) -> Result<Result<Rc<Loaded>, String>, StoreError> {
        let key = (pin.id, pin.version, pin.only.map(str::to_owned));
        if let Some(known) = self.loaded.get(&key) {
            return Ok(Ok(Rc::clone(known)));
        }
        let parsed = match self.parsed.get(&key) {
            Some(parsed) => parsed.clone(),
            None => {
                let parsed = read(store, pin, &self.catalog)?.map(Rc::new);
                self.parsed.insert(key.clone(), parsed.clone());
                parsed
            }
        };
        let policy = match parsed {
            Ok(policy) => policy,
            Err(why) => return Ok(Err(why)),
        };
        let version = (pin.id, pin.version);
        if let Some(why) = references::changed(store, version, (&policy, &self.catalog))?
        {
            return Ok(Err(why));
        }
        let nevers = match &self.nevers {
            Ok(nevers) => Rc::clone(nevers),
            // Nobody knows any more what must not be done.
            Err(why) if policy.takes() => return Ok(Err(why.clone())),
            Err(_) => Rc::default(),
        };
        let admin = self.settings.admin.as_deref();
        let mut cast = cast(store, &policy, (admin, &self.shield, nevers))?;
        cast.links = Links::new(store, &self.settings.connectors, &policy)?;
        let loaded = Rc::new(Loaded { policy, cast });
        self.loaded.insert(key, Rc::clone(&loaded));
        Ok(Ok(loaded))
    }
}

/// The policy that is pinned.
pub(crate) fn read(
    store: &Store,
    pin: &Pin<'_>,
    catalog: &Catalog,
) -> Result<Result<Policy, String>, StoreError> {
    let text = store.policy_text(pin.id, pin.version)?.unwrap_or_default();
    let mut policy = parse(pin.name, &text, catalog);
    if let Ok(policy) = &mut policy {
        policy.by_app = store.is_ending(pin.id)?;
    }
    Ok(match pin.only {
        Some(only) => policy.and_then(|it| narrowed(it, &text, only, catalog)),
        None => policy,
    })
}

/// Reads the one policy of a published text; the error says why it cannot be followed.
pub fn parse(name: &str, text: &str, catalog: &Catalog) -> Result<Policy, String> {
    let mut sources = Sources::default();
    let file = sources.add(format!("{name}.tenure"), text);
    let (tree, mut findings) = syntax::parse(&sources, file);
    let (program, more) = check::check(&sources, &[tree], catalog);
    findings.extend(more);
    if let Some(error) = findings.iter().find(|found| found.severity == Severity::Error) {
        return Err(error.message.clone());
    }
    let key = fold(name);
    let policy = program.policies.into_iter().find(|policy| fold(&policy.name) == key);
    policy.ok_or_else(|| format!("the published text holds no policy `{name}`"))
}

/// The schedule of the one policy of a published text, also where that cannot be followed.
pub(crate) fn schedule_of(name: &str, text: &str) -> Option<Schedule> {
    let mut sources = Sources::default();
    let file = sources.add(format!("{name}.tenure"), text);
    let (tree, _) = syntax::parse(&sources, file);
    let key = fold(name);
    let mut policies = tree.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Policy(policy) => Some(policy),
        _ => None,
    });
    let is = |it: &&Written| it.name.as_ref().is_some_and(|it| fold(&it.value) == key);
    policies.find(is)?.schedule()
}

/// The people that a policy names, whatever its subject.
fn cast(
    store: &Store,
    policy: &Policy,
    (admin, shield, nevers): (Option<&str>, &Rc<Shield>, Rc<[Never]>),
) -> Result<Cast, StoreError> {
    let mut cast = Cast {
        admin: admin.map(str::to_owned),
        shield: Rc::clone(shield),
        nevers,
        ..Cast::default()
    };
    if let Some(admin) = admin {
        add_person(store, &mut cast, admin)?;
    }
    for step in policy.every_step() {
        match &step.kind {
            StepKind::Set { attribute, .. } if attribute.field == Field::Lifecycle => {
                cast.lifecycle = store.lifecycle_states()?;
            }
            StepKind::Set { attribute, value: Value::Text(email) }
                if attribute.field == Field::Manager =>
            {
                add_person(store, &mut cast, email)?;
            }
            _ => {}
        }
    }
    for who in people::named(policy) {
        match who {
            Who::Email(email) => add_person(store, &mut cast, email)?,
            Who::Group(group) => {
                cast.groups.insert(group.id, store.members(group.id)?);
            }
            Who::Owner
            | Who::Manager
            | Who::AppOwner
            | Who::Reviewers
            | Who::Admin
            | Who::Attribute(_) => {}
        }
    }
    Ok(cast)
}

/// The people of one policy, for as many subjects as there are.
#[derive(Debug)]
pub struct Casting<'a> {
    policy: &'a Policy,
    cast: Cast,
}

impl<'a> Casting<'a> {
    /// Looks up the people that the policy names, whatever its subject.
    pub fn new(
        store: &Store,
        policy: &'a Policy,
        settings: &Settings,
    ) -> Result<Self, EngineError> {
        let shield = Rc::new(Shield::new(store, &settings.protected)?);
        let nevers = match nevers(store, &store.catalog()?, settings)? {
            Ok(nevers) => nevers,
            // Nobody knows any more what must not be done.
            Err(why) if policy.takes() => return Err(EngineError::Refused(why)),
            Err(_) => Rc::default(),
        };
        let admin = settings.admin.as_deref();
        let mut cast = cast(store, policy, (admin, &shield, nevers))?;
        cast.links = Links::new(store, &settings.connectors, policy)?;
        Ok(Self { policy, cast })
    }

    /// The people for one subject.
    pub fn of(&self, store: &Store, facts: &Facts) -> Result<Cast, StoreError> {
        cast_for(store, (self.policy, &self.cast), facts, &[])
    }
}

/// The people that a policy names by way of this subject, and those who were asked, added to
/// the others.
pub(crate) fn cast_for(
    store: &Store,
    (policy, cast): (&Policy, &Cast),
    facts: &Facts,
    asked: &[Asked],
) -> Result<Cast, StoreError> {
    let mut cast = cast.clone();
    if let (true, Some(user)) = (policy.takes(), &facts.user) {
        cast.alone = store.alone_in_roles(user.id)?;
    }
    cast.links = cast.links.with_account(store, facts)?;
    if let SubjectId::User(user) = facts.subject.id
        && !(policy.apps.is_empty() && cast.links.is_empty())
        && policy.every_step().any(|step| step.kind == StepKind::EndSessions)
    {
        cast.accounts = store.accounts_of(user)?.into();
        cast.links = cast.links.with_apps(store, &cast.accounts)?;
    }
    for who in people::named(policy) {
        if let Who::Attribute(attribute) = who
            && let Some(Value::Text(email)) = facts.value(attribute)
        {
            add_person(store, &mut cast, &email)?;
        }
    }
    for email in facts
        .concerned()
        .iter()
        .filter_map(|held| held.requested_by.as_deref())
    {
        add_person(store, &mut cast, email)?;
    }
    for asked in asked {
        add_person(store, &mut cast, &asked.email)?;
    }
    Ok(cast)
}

pub(crate) fn add_person(
    store: &Store,
    cast: &mut Cast,
    email: &str,
) -> Result<(), StoreError> {
    if let Some(person) = store.person(email)? {
        cast.people.insert(fold(email), person);
    } else if store.has_left(email)? {
        cast.left.insert(fold(email));
    }
    Ok(())
}
