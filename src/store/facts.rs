//! Everything on record about one subject.

use crate::facts::{
    Account, App, Custom, Facts, Grant, Permission, Person, Seen, Subject, SubjectId,
};
use crate::ir::{AppId, AttributeId, GroupId, IdentityState, PermissionId, RoleId};
use crate::store::select::count;
use crate::store::{Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;
use rusqlite::{OptionalExtension as _, Row, ToSql};
use std::collections::{BTreeMap, BTreeSet};

/// How many members of a group are ever asked or told.
const MEMBERS: i64 = 1000;

const PERSON: &str = "SELECT i.id, i.email, i.username, i.given_name, i.family_name, \
     i.status, i.department, i.title, i.manager_email, l.name, i.lifecycle_changed_at, \
     i.identity_state, i.created_at, i.password_changed_at, i.password_expires_at, i.locale, \
     i.gone \
     FROM identity i LEFT JOIN lifecycle_state l ON l.id = i.lifecycle_id";

const ACCOUNT: &str = "SELECT a.identity_id, a.username, a.status, a.created_at, \
     a.expires_at, a.last_login, sl.name, a.last_activity, sa.name, \
     p.id, p.name, p.label, p.instance_id, p.owner_email, a.gone \
     FROM account a JOIN app p ON p.id = a.app_id \
     LEFT JOIN source sl ON sl.id = a.last_login_source \
     LEFT JOIN source sa ON sa.id = a.last_activity_source \
     WHERE a.id = ?1 AND a.gone <= ?2";

const GRANT: &str = "SELECT p.id, p.label, p.value, p.type, p.source, g.granted_at, \
     g.requested_by, g.request_comment, g.expires_at FROM access_grant g \
     JOIN permission p ON p.id = g.permission_id";

/// What somebody took from a subject, and wants to see as it lies there still.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// The account.
    pub account: bool,
    /// The user, or the account's owner.
    pub user: bool,
    /// The grant: the account that held it, and what it was.
    pub grant: Option<(i64, Permission)>,
    /// The user's place among those who are not gone for long.
    pub place: bool,
}

/// The name of a source, and the connector that it names.
type Source = (String, Option<String>);

impl Store {
    /// What is known of a subject; `None` when it is gone.
    pub fn facts(&self, subject: SubjectId) -> Result<Option<Facts>, StoreError> {
        self.facts_by(subject, None)
    }

    pub(super) fn known(
        &self,
        subject: SubjectId,
        taken: &Taken,
    ) -> Result<Option<Facts>, StoreError> {
        // One transaction: all of it is of one moment.
        let _moment = if self.connection.is_autocommit() {
            Some(self.connection.unchecked_transaction()?)
        } else {
            None
        };
        match subject {
            SubjectId::Account(id) => self.account_facts(id, taken),
            SubjectId::User(id) => self.user_facts(id, taken),
            SubjectId::Grant(id) => self.grant_facts(id, taken),
        }
    }

    /// The subject that is printed so: `salesforce/zoe`, `zoe@acme.example`,
    /// `salesforce/zoe/Sales Cloud`. Accounts and users are found as well when they are gone;
    /// of a grant that was taken nothing is left.
    pub fn find_subject(&self, printed: &str) -> Result<Option<SubjectId>, StoreError> {
        // Neither an app nor an account's name is kept from having a slash in it.
        for (slash, _) in printed.match_indices('/') {
            let (app, username) = printed.split_at(slash);
            let username = username.trim_start_matches('/');
            let id = self.one(
                "SELECT a.id FROM app p JOIN account a ON a.app_id = p.id \
                 WHERE p.name_key = ?1 AND a.username_key = ?2",
                [fold(app), fold(username)],
                |row| row.get(0),
            )?;
            if let Some(id) = id {
                return Ok(Some(SubjectId::Account(id)));
            }
        }
        let user = "SELECT id FROM identity WHERE email_key = ?1";
        let id = self.one(user, [fold(printed)], |row| row.get(0))?;
        if let Some(id) = id {
            return Ok(Some(SubjectId::User(id)));
        }
        self.find_grant(printed)
    }

    /// The grant of an account and a permission, which goes by its label or by what the app
    /// calls it, in quotes or not.
    fn find_grant(&self, printed: &str) -> Result<Option<SubjectId>, StoreError> {
        for (slash, _) in printed.match_indices('/') {
            let (app, rest) = printed.split_at(slash);
            let rest = rest.trim_start_matches('/');
            for (slash, _) in rest.match_indices('/') {
                let (username, permission) = rest.split_at(slash);
                let permission = permission.trim_start_matches('/').trim_matches('"');
                // What the app calls it is unique.
                let id = self.one(
                    "SELECT g.id FROM app p JOIN account a ON a.app_id = p.id \
                     JOIN access_grant g ON g.account_id = a.id \
                     JOIN permission m ON m.id = g.permission_id \
                     WHERE p.name_key = ?1 AND a.username_key = ?2 \
                     AND (m.value_key = ?3 OR m.label_key = ?3) \
                     ORDER BY m.value_key <> ?3, g.id LIMIT 1",
                    [fold(app), fold(username), fold(permission)],
                    |row| row.get(0),
                )?;
                if let Some(id) = id {
                    return Ok(Some(SubjectId::Grant(id)));
                }
            }
        }
        Ok(None)
    }

    /// The user of that address; `None` when they are gone or were never there.
    pub fn person(&self, email: &str) -> Result<Option<Person>, StoreError> {
        let sql = person_by(" WHERE i.email_key = ?1 AND i.gone = 0");
        self.person_where(&sql, fold(email))
    }

    /// Whether a user of that address was there once and is gone.
    pub fn has_left(&self, email: &str) -> Result<bool, StoreError> {
        let sql = "SELECT gone FROM identity WHERE email_key = ?1";
        Ok(self.one(sql, [fold(email)], |row| row.get(0))?.unwrap_or(false))
    }

    /// Whether the user of that address is away: gone, or inactive.
    pub(crate) fn is_away(&self, email: &str) -> Result<bool, StoreError> {
        let sql =
            "SELECT gone <> 0 OR identity_state <> 0 FROM identity WHERE email_key = ?1";
        Ok(self.one(sql, [fold(email)], |row| row.get(0))?.unwrap_or(false))
    }

    /// The members of a group, by address; no more than 1,000.
    pub fn members(&self, group: GroupId) -> Result<Vec<Person>, StoreError> {
        let ids: Vec<i64> = self.many(
            "SELECT i.id FROM membership m JOIN identity i ON i.id = m.identity_id \
             WHERE m.group_id = ?1 AND i.gone = 0 ORDER BY i.email_key LIMIT ?2",
            [group.0, MEMBERS],
            |row| row.get(0),
        )?;
        let mut members = Vec::with_capacity(ids.len());
        for id in ids {
            members.extend(self.person_by_id(id, false)?);
        }
        Ok(members)
    }

    /// The source of a group, and the connector that it names.
    pub(crate) fn source_of_group(&self, group: GroupId) -> Result<Source, StoreError> {
        let sql = "SELECT s.name, s.connector FROM grp g JOIN source s ON s.id = g.source_id \
                   WHERE g.id = ?1";
        let found = self.one(sql, [group.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.unwrap_or_default())
    }

    /// The source of that name, and the connector that it names.
    pub(crate) fn source_called(
        &self,
        name: &str,
    ) -> Result<(String, Option<String>), StoreError> {
        let sql = "SELECT name, connector FROM source WHERE name_key = ?1";
        let found = self.one(sql, [fold(name)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.unwrap_or_else(|| (name.to_owned(), None)))
    }

    /// All sources, each with the connector that it names.
    pub(crate) fn sources(&self) -> Result<Vec<Source>, StoreError> {
        let sql = "SELECT name, connector FROM source ORDER BY id";
        self.many(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The source of an account, else that of its app; and the connector that it names.
    pub(crate) fn source_of_account(&self, account: i64) -> Result<Source, StoreError> {
        let sql = "SELECT s.name, s.connector FROM account a JOIN source s \
                   ON s.id = a.source_id OR a.source_id IS NULL AND s.app_id = a.app_id \
                   WHERE a.id = ?1 ORDER BY s.kind <> 'integration', s.id LIMIT 1";
        let found = self.one(sql, [account], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.unwrap_or_default())
    }

    /// The source of each group, and the connector that it names.
    pub(crate) fn sources_of_groups(&self) -> Result<Vec<(GroupId, Source)>, StoreError> {
        let sql = "SELECT g.id, s.name, s.connector FROM grp g \
                   JOIN source s ON s.id = g.source_id WHERE g.gone = 0";
        self.many(sql, [], |row| Ok((GroupId(row.get(0)?), (row.get(1)?, row.get(2)?))))
    }

    /// The sources of all accounts of an app, each once.
    pub(crate) fn sources_of_accounts(
        &self,
        app: AppId,
    ) -> Result<Vec<Source>, StoreError> {
        let sql = "SELECT DISTINCT coalesce(s.name, ''), s.connector FROM account a \
                   LEFT JOIN source s ON s.id = coalesce(a.source_id, \
                   (SELECT o.id FROM source o WHERE o.app_id = a.app_id \
                    ORDER BY o.kind <> 'integration', o.id LIMIT 1)) \
                   WHERE a.app_id = ?1 AND a.gone = 0";
        self.many(sql, [app.0], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// The app of a permission, and what that app calls it.
    pub(crate) fn app_of_permission(
        &self,
        permission: PermissionId,
    ) -> Result<Option<(AppId, String)>, StoreError> {
        let sql = "SELECT app_id, value FROM permission WHERE id = ?1";
        self.one(sql, [permission.0], |row| Ok((AppId(row.get(0)?), row.get(1)?)))
    }

    /// What is known of each account of a user.
    pub(crate) fn accounts_of(&self, user: i64) -> Result<Vec<Facts>, StoreError> {
        let sql =
            "SELECT id FROM account WHERE identity_id = ?1 AND gone = 0 ORDER BY id";
        let accounts: Vec<i64> = self.many(sql, [user], |row| row.get(0))?;
        let known = accounts.into_iter().map(|id| self.facts(SubjectId::Account(id)));
        known.filter_map(Result::transpose).collect()
    }

    fn account_facts(&self, id: i64, taken: &Taken) -> Result<Option<Facts>, StoreError> {
        let found = self.one(ACCOUNT, (id, taken.account), |row| {
            let account = Account {
                id,
                username: row.get(1)?,
                status: row.get(2)?,
                created_at: instant(row, 3)?,
                expires_at: instant(row, 4)?,
                last_login: seen(row, 5)?,
                last_activity: seen(row, 7)?,
                custom: Vec::new(),
                gone: row.get(14)?,
            };
            let app = App {
                id: AppId(row.get(9)?),
                name: row.get(10)?,
                label: row.get(11)?,
                instance_id: row.get(12)?,
            };
            let owner: i64 = row.get(0)?;
            Ok((owner, account, app, row.get::<_, Option<String>>(13)?))
        })?;
        let Some((owner, mut account, app, app_owner)) = found else { return Ok(None) };
        account.custom = self.custom(
            "SELECT c.attribute_id, t.name, c.value, c.at, c.number FROM attribute t \
             CROSS JOIN account_attribute c ON c.attribute_id = t.id AND c.account_id = ?1 \
             WHERE t.level = 'account'",
            id,
        )?;
        let user = match owner {
            0 => None,
            owner => self.person_by_id(owner, taken.user)?,
        };
        let name = format!("{}/{}", app.name, account.username);
        let mut facts =
            self.of_user(Subject { id: SubjectId::Account(id), name }, user)?;
        facts.app_owner = match app_owner {
            Some(email) => self.person(&email)?,
            None => None,
        };
        facts.permissions =
            self.many(&format!("{GRANT} WHERE g.account_id = ?1"), [id], permission)?;
        let sessions = "SELECT count(*) FROM session WHERE account_id = ?1";
        facts.sessions = self.one(sessions, [id], |row| count(row, 0))?.unwrap_or(0);
        facts.account = Some(account);
        facts.app = Some(app);
        Ok(Some(facts))
    }

    fn grant_facts(&self, id: i64, taken: &Taken) -> Result<Option<Facts>, StoreError> {
        let sql = "SELECT account_id FROM access_grant WHERE id = ?1";
        let grant = format!("{GRANT} WHERE g.id = ?1");
        let held = match (&taken.grant, self.one(sql, [id], |row| row.get(0))?) {
            // What is listed again is there as it is listed now.
            (_, Some(account)) => {
                self.one(&grant, [id], permission)?.map(|held| (account, held))
            }
            (taken, None) => taken.clone(),
        };
        let Some((account, permission)) = held else { return Ok(None) };
        let Some(mut facts) = self.account_facts(account, taken)? else {
            return Ok(None);
        };
        // Two permissions of an app can be called alike; then what the app calls it tells
        // them apart.
        let label = fold(&permission.label);
        let alike = |held: &&Permission| {
            held.id != permission.id
                && (fold(&held.label) == label || fold(&held.value) == label)
        };
        let name = match facts.permissions.iter().find(alike) {
            Some(_) => &permission.value,
            None => &permission.label,
        };
        let name = format!("{}/{name}", facts.subject.name);
        facts.subject = Subject { id: SubjectId::Grant(id), name };
        facts.grant = Some(Grant { id, permission });
        Ok(Some(facts))
    }

    fn user_facts(&self, id: i64, taken: &Taken) -> Result<Option<Facts>, StoreError> {
        let Some(user) = self.person_by_id(id, taken.user)? else { return Ok(None) };
        let subject = Subject { id: SubjectId::User(id), name: user.email.clone() };
        let mut facts = self.of_user(subject, Some(user))?;
        facts.permissions = self.many(
            &format!(
                "{GRANT} JOIN account a ON a.id = g.account_id \
                 WHERE a.identity_id = ?1 AND a.gone = 0"
            ),
            [id],
            permission,
        )?;
        let sessions = "SELECT count(*) FROM account a JOIN session s ON s.account_id = a.id \
                        WHERE a.identity_id = ?1 AND a.gone = 0";
        facts.sessions = self.one(sessions, [id], |row| count(row, 0))?.unwrap_or(0);
        Ok(Some(facts))
    }

    /// What is known of the user, or of an account's owner.
    fn of_user(
        &self,
        subject: Subject,
        user: Option<Person>,
    ) -> Result<Facts, StoreError> {
        let mut facts = Facts {
            subject,
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
        };
        let Some(user) = user else { return Ok(facts) };
        if let Some(manager) = &user.manager {
            facts.manager = self.person(manager)?;
        }
        let groups = self.many(
            "SELECT group_id, joined_at, direct FROM membership WHERE identity_id = ?1",
            [user.id],
            |row| Ok((GroupId(row.get(0)?), instant(row, 1)?, row.get::<_, bool>(2)?)),
        )?;
        for (group, joined_at, direct) in groups {
            facts.groups.insert(group, joined_at);
            if !direct {
                facts.derived.insert(group);
            }
        }
        // Everyone holds a default role, whether or not a row says so.
        let roles = self.many(
            "SELECT id, NULL FROM role WHERE is_default = 1 \
             UNION ALL SELECT role_id, granted_at FROM role_member WHERE identity_id = ?1",
            [user.id],
            |row| Ok((RoleId(row.get(0)?), instant(row, 1)?)),
        )?;
        facts.roles = roles.into_iter().collect();
        let accounts = self.many(
            "SELECT app_id, last_seen FROM account WHERE identity_id = ?1 AND gone = 0",
            [user.id],
            |row| Ok((AppId(row.get(0)?), instant(row, 1)?)),
        )?;
        facts.apps = accounts.iter().map(|(app, _)| *app).collect();
        facts.user_last_seen = accounts.iter().filter_map(|(_, seen)| *seen).max();
        facts.user = Some(user);
        Ok(facts)
    }

    fn person_by_id(&self, id: i64, gone: bool) -> Result<Option<Person>, StoreError> {
        let sql = match gone {
            false => person_by(" WHERE i.id = ?1 AND i.gone = 0"),
            true => person_by(" WHERE i.id = ?1"),
        };
        self.person_where(&sql, id)
    }

    fn person_where(
        &self,
        sql: &str,
        key: impl ToSql,
    ) -> Result<Option<Person>, StoreError> {
        let Some(mut person) = self.one(sql, [key], person)? else { return Ok(None) };
        person.custom = self.custom(
            "SELECT c.attribute_id, t.name, c.value, c.at, c.number FROM attribute t \
             CROSS JOIN identity_attribute c ON c.attribute_id = t.id AND c.identity_id = ?1 \
             WHERE t.level = 'user'",
            person.id,
        )?;
        Ok(Some(person))
    }

    fn custom(&self, sql: &str, id: i64) -> Result<Vec<Custom>, StoreError> {
        self.many(sql, [id], |row| {
            Ok(Custom {
                id: AttributeId(row.get(0)?),
                name: row.get(1)?,
                text: row.get(2)?,
                at: instant(row, 3)?,
                number: row.get(4)?,
            })
        })
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params, read).optional()?)
    }

    pub(super) fn many<T>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map(params, read)?.collect::<Result<_, _>>()?)
    }
}

fn person_by(filter: &str) -> String {
    format!("{PERSON}{filter}")
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: row.get(0)?,
        email: row.get(1)?,
        username: row.get(2)?,
        given_name: row.get(3)?,
        family_name: row.get(4)?,
        status: row.get(5)?,
        department: row.get(6)?,
        title: row.get(7)?,
        manager: row.get(8)?,
        lifecycle: row.get(9)?,
        lifecycle_changed_at: instant(row, 10)?,
        identity_state: IdentityState::from_number(row.get(11)?),
        created_at: instant(row, 12)?,
        password_changed_at: instant(row, 13)?,
        password_expires_at: instant(row, 14)?,
        locale: row.get(15)?,
        custom: Vec::new(),
        gone: row.get(16)?,
    })
}

fn permission(row: &Row<'_>) -> rusqlite::Result<Permission> {
    Ok(Permission {
        id: PermissionId(row.get(0)?),
        label: row.get(1)?,
        value: row.get(2)?,
        kind: row.get(3)?,
        source: row.get(4)?,
        granted_at: instant(row, 5)?,
        requested_by: row.get(6)?,
        request_comment: row.get(7)?,
        expires_at: instant(row, 8)?,
    })
}

/// An instant and, in the column behind it, the name of who reported it.
pub(super) fn seen(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Seen>> {
    let source: Option<String> = row.get(column + 1)?;
    let at = instant(row, column)?;
    Ok(at.map(|at| Seen { at, source: source.unwrap_or_default() }))
}

pub(super) fn instant(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
}
