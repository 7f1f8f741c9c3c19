//! Which sources are not believed because their data is too old, and what of a subject's facts
//! is theirs.

use crate::facts::{Aged, Doubts, Facts, Rank, SeenDoubts, Stale, SubjectId};
use crate::ir::{Activity, AppId, GroupId, Orders, PermissionId, Signs};
use crate::store::facts::instant;
use crate::store::{Store, StoreError};
use crate::text::fold;
use crate::time::{Duration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whose data is not believed.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubted {
    stale: Option<Arc<Stale>>,
    /// Whether it stays so, whatever time it becomes.
    fixed: bool,
}

/// An account, as far as its sources go.
struct Sourced {
    id: i64,
    app: AppId,
    source: Option<i64>,
    login: Option<i64>,
    activity: Option<i64>,
}

impl Store {
    /// From now on what is older than these limits, by the folded names of sources, is
    /// unknown. A store that was told nothing believes everything.
    pub fn doubt(
        &self,
        limits: &BTreeMap<String, Duration>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.doubted.borrow().fixed {
            return Ok(());
        }
        let stale = if limits.is_empty() { None } else { self.find_stale(limits, now)? };
        self.doubted.borrow_mut().stale = stale;
        Ok(())
    }

    /// What is believed now stays so, and what is not neither, whatever time it becomes: in a
    /// simulation the imports are missing that would have come in between.
    pub fn keep_doubts(&self) {
        let mut doubted = self.doubted.borrow_mut();
        doubted.fixed = true;
        if let Some(stale) = &mut doubted.stale {
            Arc::make_mut(stale).for_good = true;
        }
    }

    /// What is not believed; `None` where everything is.
    pub fn stale(&self) -> Option<Arc<Stale>> {
        self.doubted.borrow().stale.clone()
    }

    fn find_stale(
        &self,
        limits: &BTreeMap<String, Duration>,
        now: Timestamp,
    ) -> Result<Option<Arc<Stale>>, StoreError> {
        let mut stale = Stale::default();
        let sources = self.many(
            "SELECT id, name, name_key, kind, app_id, ifnull(as_of, imported_at) FROM source",
            [],
            |row| {
                let app: Option<i64> = row.get(4)?;
                let kind: String = row.get(3)?;
                let rank = Rank {
                    own_of: app.filter(|_| kind == "integration").map(AppId),
                    provider: kind == "idp",
                    key: row.get(2)?,
                };
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, rank, instant(row, 5)?))
            },
        )?;
        for (id, name, rank, as_of) in sources {
            if let (Some(limit), Some(as_of)) = (limits.get(&rank.key), as_of) {
                let (age, limit) = (now.since(as_of), *limit);
                if age > limit {
                    stale.sources.insert(id, Aged { name, age, limit });
                }
            }
            stale.ranks.insert(id, rank);
        }
        if stale.sources.is_empty() {
            return Ok(None);
        }
        let groups = self.many("SELECT id, source_id FROM grp", [], |row| {
            Ok((GroupId(row.get(0)?), row.get::<_, i64>(1)?))
        })?;
        let known = |source: &i64| stale.sources.contains_key(source);
        let groups = groups.into_iter().filter(|(_, source)| known(source)).collect();
        let apps = self.many(
            "SELECT p.id, (SELECT s.id FROM source s WHERE s.app_id = p.id \
             ORDER BY s.kind <> 'integration', s.id LIMIT 1) FROM app p",
            [],
            |row| Ok((AppId(row.get(0)?), row.get::<_, Option<i64>>(1)?)),
        )?;
        let apps: BTreeMap<AppId, i64> = apps
            .into_iter()
            .filter_map(|(app, source)| Some((app, source.filter(known)?)))
            .collect();
        let permissions = self.many("SELECT id, app_id FROM permission", [], |row| {
            Ok((PermissionId(row.get(0)?), AppId(row.get(1)?)))
        })?;
        let of_apps = |(id, app): (PermissionId, AppId)| Some((id, *apps.get(&app)?));
        stale.permissions = permissions.into_iter().filter_map(of_apps).collect();
        (stale.groups, stale.apps) = (groups, apps);
        Ok(Some(Arc::new(stale)))
    }

    /// Notes of what in these facts is not believed.
    pub(super) fn mark_stale(
        &self,
        facts: &mut Facts,
        orders: Option<&Orders>,
    ) -> Result<(), StoreError> {
        let Some(stale) = self.stale() else { return Ok(()) };
        let mut doubts = Doubts { stale, ..Doubts::default() };
        let own = self.own_account(facts)?;
        let users = self.accounts_of_user(facts)?;
        if let Some(own) = &own {
            doubts.account = doubts.stale.of_account(own.source, own.app);
        }
        self.doubt_accounts((facts, &users), &mut doubts)?;
        self.doubt_permissions(facts, &mut doubts)?;
        if let SubjectId::Grant(grant) = facts.subject.id {
            let sql = "SELECT source_id FROM access_grant WHERE id = ?1";
            let source: Option<i64> = self.one(sql, [grant], |row| row.get(0))?.flatten();
            doubts.grant = match source {
                Some(source) => {
                    doubts.stale.sources.contains_key(&source).then_some(source)
                }
                None => doubts.account,
            };
        }
        let accounts = (own.as_ref(), users.as_slice());
        let by_apps = |app| orders.and_then(|orders| orders.of_app(app));
        let of_apps = self.seen_doubts(&doubts.stale, accounts, by_apps)?;
        doubts.seen = of_apps;
        if let Some(orders) = orders.filter(|orders| orders.own.is_some()) {
            doubts.seen =
                self.seen_doubts(&doubts.stale, accounts, |app| orders.of(app))?;
            doubts.seen_by_apps = Some(of_apps);
        }
        facts.doubts = Some(Box::new(doubts));
        Ok(())
    }

    fn own_account(&self, facts: &Facts) -> Result<Option<Sourced>, StoreError> {
        let Some(account) = &facts.account else { return Ok(None) };
        let found = self.sourced("id = ?1", account.id)?;
        Ok(found.into_iter().next())
    }

    fn accounts_of_user(&self, facts: &Facts) -> Result<Vec<Sourced>, StoreError> {
        match &facts.user {
            Some(user) => self.sourced("identity_id = ?1 AND gone = 0", user.id),
            None => Ok(Vec::new()),
        }
    }

    fn sourced(&self, filter: &str, id: i64) -> Result<Vec<Sourced>, StoreError> {
        let sql = format!(
            "SELECT id, app_id, source_id, last_login_source, last_activity_source \
             FROM account WHERE {filter}"
        );
        self.many(&sql, [id], |row| {
            Ok(Sourced {
                id: row.get(0)?,
                app: AppId(row.get(1)?),
                source: row.get(2)?,
                login: row.get(3)?,
                activity: row.get(4)?,
            })
        })
    }

    /// What the user holds in apps, and the sessions there.
    fn doubt_accounts(
        &self,
        (facts, users): (&Facts, &[Sourced]),
        doubts: &mut Doubts,
    ) -> Result<(), StoreError> {
        let mut others = BTreeSet::new();
        for account in users {
            let Some(source) = doubts.stale.of_account(account.source, account.app)
            else {
                others.insert(account.app);
                continue;
            };
            doubts.accounts = least(doubts.accounts, Some(source));
            let of_app = doubts.apps.entry(account.app).or_insert(source);
            *of_app = source.min(*of_app);
            if let SubjectId::User(_) = facts.subject.id {
                let sql = "SELECT count(*) FROM session WHERE account_id = ?1";
                let sessions: i64 =
                    self.one(sql, [account.id], |row| row.get(0))?.unwrap_or(0);
                doubts.sessions += sessions.unsigned_abs();
            }
        }
        let apps = doubts.apps.keys().filter(|app| !others.contains(app));
        doubts.only_apps = apps.copied().collect();
        Ok(())
    }

    /// What the account, or all accounts of the user, hold.
    fn doubt_permissions(
        &self,
        facts: &Facts,
        doubts: &mut Doubts,
    ) -> Result<(), StoreError> {
        let (filter, id) = match (&facts.account, &facts.user) {
            (Some(account), _) => ("a.id = ?1", account.id),
            (None, Some(user)) => ("a.identity_id = ?1 AND a.gone = 0", user.id),
            (None, None) => return Ok(()),
        };
        let sql = format!(
            "SELECT g.permission_id, g.granted_at, g.source_id, a.source_id, a.app_id \
             FROM account a JOIN access_grant g ON g.account_id = a.id WHERE {filter}"
        );
        let grants = self.many(&sql, [id], |row| {
            let held = (PermissionId(row.get(0)?), instant(row, 1)?);
            let of_account: (Option<i64>, AppId) = (row.get(3)?, AppId(row.get(4)?));
            Ok((held, row.get::<_, Option<i64>>(2)?, of_account))
        })?;
        let mut others = BTreeSet::new();
        for (held, source, (of_account, app)) in grants {
            match doubts.stale.of_account(source.or(of_account), app) {
                Some(source) => {
                    let known = doubts.permissions.entry(held.0).or_insert(source);
                    *known = source.min(*known);
                    doubts.only_permissions.insert(held);
                }
                None => {
                    others.insert(held);
                }
            }
        }
        doubts.only_permissions.retain(|held| !others.contains(held));
        Ok(())
    }

    /// What of the signs of life is not believed, by the orders of the accounts' apps.
    fn seen_doubts<'a>(
        &self,
        stale: &Stale,
        (own, users): (Option<&Sourced>, &[Sourced]),
        order: impl Fn(AppId) -> Option<&'a Activity>,
    ) -> Result<SeenDoubts, StoreError> {
        let of = |account: &Sourced, signs| match order(account.app) {
            Some(order) => self.asked_of_stale(stale, account.id, (order, signs)),
            None => self.believed_of_stale(stale, account, signs),
        };
        let mut doubts = SeenDoubts::default();
        if let Some(own) = own {
            doubts.login = of(own, Signs::Logins)?;
            doubts.activity = of(own, Signs::Activity)?;
        }
        for account in users {
            let login = of(account, Signs::Logins)?;
            let last =
                login.map_or_else(|| of(account, Signs::Activity), |it| Ok(Some(it)))?;
            doubts.user = least(doubts.user, last);
        }
        Ok(doubts)
    }

    /// The first stale source that an order asks before any other has an answer.
    fn asked_of_stale(
        &self,
        stale: &Stale,
        account: i64,
        (order, signs): (&Activity, Signs),
    ) -> Result<Option<i64>, StoreError> {
        if order.only.is_some_and(|only| only != signs) {
            return Ok(None);
        }
        for source in &order.sources {
            if let Some(id) = stale.called(&fold(source)) {
                return Ok(Some(id));
            }
            if self.sign_of(account, source, signs)?.is_some() {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// The same without an order of one's own: the app's own sources are asked first, then
    /// identity providers, then whoever else has said anything of the account.
    fn believed_of_stale(
        &self,
        stale: &Stale,
        account: &Sourced,
        signs: Signs,
    ) -> Result<Option<i64>, StoreError> {
        let decider = match signs {
            Signs::Logins => account.login,
            Signs::Activity => account.activity,
        };
        let sql = "SELECT source_id FROM activity WHERE account_id = ?1";
        let reporters: Vec<i64> = self.many(sql, [account.id], |row| row.get(0))?;
        let place = |source: i64| stale.place(source, account.app);
        let asked = |source: &&i64| {
            decider == Some(**source)
                || reporters.contains(source)
                || place(**source).is_some_and(|(class, _)| class < 2)
        };
        let until = |source: &&i64| match decider {
            None => true,
            Some(decider) => place(decider).is_some_and(|it| place(**source) <= Some(it)),
        };
        let mut found: Vec<i64> =
            stale.sources.keys().filter(asked).filter(until).copied().collect();
        found.sort_by_key(|source| place(*source));
        Ok(found.first().copied())
    }
}

fn least(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
