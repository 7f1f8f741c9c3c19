//! What a connected system has listed, as the rows of an import.

mod scope;

pub(super) use crate::store::import::directory::scope::Scope;

use crate::store::StoreError;
use crate::store::import::cells::is_email;
use crate::store::import::directory::scope::Home;
use crate::store::import::folder::Table;
use crate::text::{counted, fold};
use crate::time::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// So many mistakes are shown.
const SHOWN: usize = 20;

/// So many ids are shown of a group.
const IDS: usize = 3;

/// Everything that a connected system has listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// What the configuration calls the system.
    pub connector: String,
    /// Whether it has the word on who the users are.
    pub authority: bool,
    /// Whether accounts may be there whose address nobody in the store has.
    pub orphans: bool,
    /// Its users.
    pub users: Vec<DirectoryUser>,
    /// Its groups; nothing where it knows none.
    pub groups: Option<Vec<DirectoryGroup>>,
}

/// A user of a connected system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryUser {
    /// The system's own name for the user, which never changes.
    pub id: String,
    /// The name that the user signs in with.
    pub username: String,
    /// What whoever made the user calls them.
    pub external_id: Option<String>,
    /// Their addresses, the primary one first.
    pub emails: Vec<String>,
    /// Whether they can sign in.
    pub active: Option<bool>,
    /// The first name.
    pub given_name: Option<String>,
    /// The last name.
    pub family_name: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The `id` of the manager.
    pub manager: Option<String>,
    /// The language.
    pub locale: Option<String>,
    /// When they were made.
    pub created_at: Option<Timestamp>,
    /// Their entitlements and roles.
    pub permissions: Vec<DirectoryPermission>,
}

/// An entitlement, or a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryPermission {
    /// What the system calls it.
    pub value: String,
    /// What people call it.
    pub label: Option<String>,
    /// `ENTITLEMENT` or `ROLE`.
    pub kind: &'static str,
}

/// A group of a connected system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryGroup {
    /// The system's own name for the group.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The `id` of each user and group in it.
    pub members: Vec<String>,
    /// The `id` of each other member whom the system does not have any more.
    pub gone: Vec<String>,
}

/// What there is to import.
pub(super) struct Listed {
    pub(super) rows: Vec<(Table, String)>,
    pub(super) scope: Scope,
    /// What of it has no place in the store.
    pub(super) notes: Vec<String>,
}

/// An account that the store has.
struct Known {
    username: String,
    owner: Option<String>,
    status: Option<String>,
}

/// What the rows are made from.
struct Cx<'d> {
    directory: &'d Directory,
    home: Home,
    /// The status of those who are there, by folded address.
    people: HashMap<String, Option<String>>,
    /// By folded name.
    accounts: HashMap<String, Known>,
    mistakes: Vec<String>,
    /// By `id`: the address of each user who is a person of the store.
    addresses: HashMap<&'d str, String>,
}

impl Directory {
    /// The rows of an import, or why there can be none.
    pub(super) fn rows(&self, connection: &Connection) -> Result<Listed, StoreError> {
        let home = Home::find(connection, &self.connector, self.authority)?;
        let scope = Scope {
            source: fold(&home.source),
            app: home.app.as_deref().map(fold),
            users: self.authority,
        };
        let mut cx = Cx {
            directory: self,
            people: people(connection)?,
            accounts: accounts(connection, scope.app.as_deref())?,
            home,
            mistakes: Vec::new(),
            addresses: HashMap::new(),
        };
        let mut notes = Vec::new();
        cx.find_people(&mut notes);
        let mut rows = Vec::new();
        if self.authority {
            rows.push((Table::Identities, cx.identities()));
        }
        if let Some(app) = cx.home.app.clone() {
            if cx.home.new {
                rows.push((Table::Apps, line(&json!({ "app": app }))));
            }
            cx.accounts_of(&app, connection, &mut rows)?;
        } else if self.users.iter().any(|user| !user.permissions.is_empty()) {
            let source = &cx.home.source;
            notes.push(format!(
                "entitlements and roles were left out: `{source}` has no app whose they are"
            ));
        }
        if let Some(groups) = &self.groups {
            cx.groups(groups, connection, &mut rows, &mut notes)?;
        }
        cx.complain()?;
        Ok(Listed { rows, scope, notes })
    }
}

impl Cx<'_> {
    /// Finds who each user is in the store.
    fn find_people(&mut self, notes: &mut Vec<String>) {
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        let (mut nowhere, mut strangers) = (0, 0);
        for user in &self.directory.users {
            let name = user.username.as_str();
            if let Some(other) = names.insert(fold(name), &user.id) {
                let id = &user.id;
                let both = format!(
                    "two users are called `{name}`: their ids are `{other}` and `{id}`"
                );
                self.mistakes.push(both);
            }
            if self.directory.authority {
                let Some(address) = user.addresses().next() else {
                    nowhere += 1;
                    continue;
                };
                if let Some(other) = taken.insert(fold(address), name) {
                    self.mistakes.push(format!(
                        "`{other}` and `{name}` have the same address `{address}`"
                    ));
                }
                if !is_email(address) {
                    self.mistakes.push(format!(
                        "`{name}` has the address `{address}`, which is no e-mail address"
                    ));
                }
                self.addresses.insert(&user.id, address.to_owned());
                continue;
            }
            let known = user.addresses().find(|it| self.people.contains_key(&fold(it)));
            if let Some(address) = known {
                self.addresses.insert(&user.id, address.to_owned());
            } else if let Some(address) = user.addresses().next() {
                strangers += 1;
                if !self.directory.orphans {
                    // What to do is the same for all of them.
                    let help = if strangers == 1 { STRANGERS } else { "" };
                    self.mistakes.push(format!(
                        "nobody in the store has the address of `{name}`: `{address}`{help}"
                    ));
                }
            } else if let Some(owner) = self.known(user).and_then(|it| it.owner.clone()) {
                self.addresses.insert(&user.id, owner);
            }
        }
        if nowhere > 0 {
            let users = counted(nowhere, "user has", "users have");
            notes.push(format!("{users} no address, and cannot be people of the store"));
        }
        if strangers > 0 && self.directory.orphans {
            let accounts =
                counted(strangers, "account is an orphan", "accounts are orphans");
            notes.push(format!("{accounts}: nobody in the store has their address"));
        }
    }

    /// The account that the store has of a user: of the name, else of the other name by which
    /// steps find it too.
    fn known(&self, user: &DirectoryUser) -> Option<&Known> {
        let other = || self.accounts.get(&fold(user.external_id.as_deref()?));
        self.accounts.get(&fold(&user.username)).or_else(other)
    }

    fn identities(&self) -> String {
        let mut text = String::new();
        for user in &self.directory.users {
            let Some(address) = self.addresses.get(user.id.as_str()) else { continue };
            let manager = user.manager.as_deref();
            let before = self.people.get(&fold(address)).and_then(Option::as_ref);
            text += &line(&json!({
                "email": address,
                "username": user.username,
                "given_name": user.given_name,
                "family_name": user.family_name,
                "status": status(user.active, before.map(String::as_str)),
                "department": user.department,
                "title": user.title,
                "manager_email": manager.and_then(|id| self.addresses.get(id)),
                "created_at": user.created_at.map(|at| at.to_string()),
                "locale": user.locale,
            }));
        }
        text
    }

    /// Accounts of the app, its permissions, and who holds them.
    fn accounts_of(
        &self,
        app: &str,
        connection: &Connection,
        rows: &mut Vec<(Table, String)>,
    ) -> Result<(), StoreError> {
        let (mut accounts, mut grants) = (String::new(), String::new());
        let mut permissions: BTreeMap<String, &DirectoryPermission> = BTreeMap::new();
        let source = &self.home.source;
        for user in &self.directory.users {
            let known = self.known(user);
            let username = known.map_or(&user.username, |it| &it.username);
            let before = known.and_then(|it| it.status.as_deref());
            let status = status(user.active, before);
            accounts += &line(&json!({
                "app": app,
                "username": username,
                "email": self.addresses.get(user.id.as_str()),
                "status": status,
                "created_at": user.created_at.map(|at| at.to_string()),
                "source": source,
            }));
            let mut held = BTreeSet::new();
            for permission in &user.permissions {
                let key = fold(&permission.value);
                if held.insert(key.clone()) {
                    permissions.entry(key).or_insert(permission);
                    grants += &line(&json!({
                        "app": app,
                        "username": username,
                        "permission": permission.value,
                        "source": source,
                    }));
                }
            }
        }
        let before = labels(connection, app)?;
        let listed = permissions.into_iter().map(|(key, permission)| {
            let (label, kind, from, privileged) =
                before.get(&key).cloned().unwrap_or_default();
            let value = &permission.value;
            line(&json!({
                "app": app,
                "permission": value,
                "label": permission.label.clone().or(label).as_ref().unwrap_or(value),
                "type": kind.as_deref().unwrap_or(permission.kind),
                "source": from.as_deref().unwrap_or("INTEGRATION"),
                "privileged": privileged,
            }))
        });
        rows.push((Table::Permissions, listed.collect()));
        rows.push((Table::Accounts, accounts));
        rows.push((Table::Grants, grants));
        Ok(())
    }

    /// Groups, and who is in them.
    fn groups(
        &mut self,
        groups: &[DirectoryGroup],
        connection: &Connection,
        rows: &mut Vec<(Table, String)>,
        notes: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        let source = self.home.source.clone();
        let privileged = privileged(connection, &source)?;
        let users: BTreeSet<&str> =
            self.directory.users.iter().map(|user| user.id.as_str()).collect();
        let names: HashMap<&str, &str> = groups
            .iter()
            .map(|group| (group.id.as_str(), group.name.as_str()))
            .collect();
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        let (mut listed, mut members) = (String::new(), String::new());
        let mut left_out = BTreeSet::new();
        for group in groups {
            let (name, id) = (&group.name, &group.id);
            if let Some(other) = seen.insert(fold(name), id) {
                let both = format!(
                    "two groups are called `{name}`: their ids are `{other}` and `{id}`"
                );
                self.mistakes.push(both);
            }
            listed += &line(&json!({
                "group": name,
                "source": source,
                "privileged": privileged.contains(&fold(name)),
            }));
            let inside: BTreeSet<&str> =
                group.members.iter().map(String::as_str).collect();
            for member in inside {
                let (email, inner) =
                    (self.addresses.get(member), names.get(member).copied());
                if email.is_none() && inner.is_none() {
                    if users.contains(member) {
                        left_out.insert(member);
                    } else {
                        self.mistakes.push(format!(
                            "group `{name}` has a member that is neither among the users nor \
                             the groups: `{member}`"
                        ));
                    }
                    continue;
                }
                members += &line(&json!({
                    "group": name, "source": source, "email": email,
                    "member_group": if email.is_some() { None } else { inner },
                }));
            }
        }
        notes.extend(gone(groups));
        if !left_out.is_empty() {
            let users =
                counted(left_out.len(), "member of a group is", "members of groups are");
            notes.push(format!("{users} nobody whom the store knows, and left out"));
        }
        rows.push((Table::Groups, listed));
        rows.push((Table::Memberships, members));
        Ok(())
    }

    fn complain(&self) -> Result<(), StoreError> {
        if self.mistakes.is_empty() {
            return Ok(());
        }
        let mut why = "nothing was imported:".to_owned();
        for mistake in self.mistakes.iter().take(SHOWN) {
            write!(why, "\n{mistake}").ok();
        }
        if self.mistakes.len() > SHOWN {
            write!(why, "\nand {} more", self.mistakes.len() - SHOWN).ok();
        }
        Err(StoreError::Directory(why))
    }
}

impl DirectoryUser {
    /// The addresses that may be theirs in the store.
    fn addresses(&self) -> impl Iterator<Item = &str> {
        let name = Some(self.username.as_str());
        let name = name.filter(|name| self.emails.is_empty() && name.contains('@'));
        self.emails.iter().map(String::as_str).chain(name)
    }
}

/// What is said of members whom the system does not have any more.
fn gone(groups: &[DirectoryGroup]) -> Vec<String> {
    let groups: Vec<_> = groups.iter().filter(|group| !group.gone.is_empty()).collect();
    let mut notes: Vec<String> = groups
        .iter()
        .take(SHOWN)
        .map(|DirectoryGroup { name, gone, .. }| {
            let ids: Vec<String> = gone.iter().take(IDS).map(|id| format!("`{id}`")).collect();
            let more = match gone.len().saturating_sub(IDS) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let members = counted(gone.len(), "member", "members");
            let ids = ids.join(", ");
            format!(
                "group `{name}` has {members} that the system itself does not have any more, left \
                 out: {ids}{more}"
            )
        })
        .collect();
    if groups.len() > SHOWN {
        let more = counted(groups.len() - SHOWN, "more group has", "more groups have");
        notes.push(format!("{more} such members"));
    }
    notes
}

/// SCIM knows that somebody cannot sign in, and not why.
fn status(active: Option<bool>, before: Option<&str>) -> Option<&str> {
    match (active?, before) {
        (true, _) => Some("active"),
        (false, Some(before @ ("staged" | "suspended"))) => Some(before),
        (false, _) => Some("disabled"),
    }
}

fn line(row: &Value) -> String {
    format!("{row}\n")
}

fn people(
    connection: &Connection,
) -> Result<HashMap<String, Option<String>>, StoreError> {
    let sql = "SELECT email_key, status FROM identity WHERE gone = 0";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The accounts of an app.
fn accounts(
    connection: &Connection,
    app: Option<&str>,
) -> Result<HashMap<String, Known>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT a.username_key, a.username, i.email, a.status FROM account a
         JOIN app p ON p.id = a.app_id
         LEFT JOIN identity i ON i.id = a.identity_id AND i.gone = 0 WHERE p.name_key = ?1",
    )?;
    let rows = statement.query_map([app], |row| {
        let known = Known {
            username: row.get(1)?,
            owner: row.get(2)?,
            status: row.get(3)?,
        };
        Ok((row.get(0)?, known))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Label, type, source and weight of a permission, as the store has them.
type Label = (Option<String>, Option<String>, Option<String>, bool);

fn labels(
    connection: &Connection,
    app: &str,
) -> Result<HashMap<String, Label>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT q.value_key, q.label, q.type, q.source, q.privileged FROM permission q
         JOIN app p ON p.id = q.app_id WHERE p.name_key = ?1",
    )?;
    let rows = statement.query_map([fold(app)], |row| {
        let label = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        Ok((row.get(0)?, label))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The folded names of the groups of a source that weigh much.
fn privileged(
    connection: &Connection,
    source: &str,
) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT g.name_key FROM grp g JOIN source s ON s.id = g.source_id
         WHERE s.name_key = ?1 AND g.privileged = 1",
    )?;
    let rows = statement.query_map([fold(source)], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What to do about accounts of people who are not there.
const STRANGERS: &str = "\n  import the people first, with --orphans take such accounts for \
                         orphans, or write `users = true` where the system has the word on \
                         people";
