//! When a subject was last used, by the sources that a policy or the apps name.

use crate::facts::{Account, Facts, Seen, Sightings, SubjectId};
use crate::ir::{Activity, AppId, Orders, Signs};
use crate::store::facts::{Taken, instant, seen};
use crate::store::{Store, StoreError};
use crate::text::fold;
use crate::time::Timestamp;

impl Store {
    /// What is known of a subject, with the signs of life of the sources that a policy or the
    /// apps name.
    pub fn facts_by(
        &self,
        subject: SubjectId,
        orders: Option<&Orders>,
    ) -> Result<Option<Facts>, StoreError> {
        self.facts_beside(subject, (orders, &Taken::default()))
    }

    /// The same, whatever of it was taken.
    pub fn facts_beside(
        &self,
        subject: SubjectId,
        (orders, taken): (Option<&Orders>, &Taken),
    ) -> Result<Option<Facts>, StoreError> {
        let Some(mut facts) = self.known(subject, taken)? else { return Ok(None) };
        self.mark_stale(&mut facts, orders)?;
        let Some(orders) = orders else { return Ok(Some(facts)) };
        let by_apps = self.sightings(&facts, |app| orders.of_app(app))?;
        if orders.own.is_none() {
            apply(&mut facts, by_apps);
            return Ok(Some(facts));
        }
        let own = self.sightings(&facts, |app| orders.of(app))?;
        apply(&mut facts, own);
        facts.seen_by_apps = Some(by_apps);
        Ok(Some(facts))
    }

    /// What the orders say that accounts have, each by its app.
    fn sightings<'a>(
        &self,
        facts: &Facts,
        order: impl Fn(AppId) -> Option<&'a Activity>,
    ) -> Result<Sightings, StoreError> {
        let mut sightings = Sightings {
            last_login: None,
            last_activity: None,
            user_last_seen: None,
        };
        if let (Some(account), Some(app)) = (&facts.account, &facts.app) {
            let Account { last_login, last_activity, .. } = account;
            (sightings.last_login, sightings.last_activity) = match order(app.id) {
                None => (last_login.clone(), last_activity.clone()),
                Some(order) => (
                    self.sign(account.id, order, Signs::Logins)?,
                    self.sign(account.id, order, Signs::Activity)?,
                ),
            };
        }
        let Some(user) = &facts.user else { return Ok(sightings) };
        let accounts: Vec<(i64, AppId, Option<Timestamp>)> = self.many(
            "SELECT id, app_id, last_seen FROM account \
             WHERE identity_id = ?1 AND gone = 0",
            [user.id],
            |row| Ok((row.get(0)?, AppId(row.get(1)?), instant(row, 2)?)),
        )?;
        for (account, app, last) in accounts {
            let Some(order) = order(app) else {
                sightings.user_last_seen = sightings.user_last_seen.max(last);
                continue;
            };
            for signs in [Signs::Logins, Signs::Activity] {
                let seen = self.sign(account, order, signs)?.map(|seen| seen.at);
                sightings.user_last_seen = sightings.user_last_seen.max(seen);
            }
        }
        Ok(sightings)
    }

    /// What the first source says of an account that says anything.
    fn sign(
        &self,
        account: i64,
        activity: &Activity,
        signs: Signs,
    ) -> Result<Option<Seen>, StoreError> {
        if activity.only.is_some_and(|only| only != signs) {
            return Ok(None);
        }
        for source in &activity.sources {
            if let Some(found) = self.sign_of(account, source, signs)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What one source says of an account.
    pub(super) fn sign_of(
        &self,
        account: i64,
        source: &str,
        signs: Signs,
    ) -> Result<Option<Seen>, StoreError> {
        let sql = match signs {
            Signs::Logins => {
                "SELECT v.last_login_at, q.name FROM activity v \
                 JOIN source q ON q.id = v.source_id \
                 WHERE v.account_id = ?1 AND q.name_key = ?2"
            }
            Signs::Activity => {
                "SELECT v.last_activity_at, q.name FROM activity v \
                 JOIN source q ON q.id = v.source_id \
                 WHERE v.account_id = ?1 AND q.name_key = ?2"
            }
        };
        Ok(self.one(sql, (account, fold(source)), |row| seen(row, 0))?.flatten())
    }
}

fn apply(facts: &mut Facts, sightings: Sightings) {
    if let Some(account) = &mut facts.account {
        account.last_login = sightings.last_login;
        account.last_activity = sightings.last_activity;
    }
    facts.user_last_seen = sightings.user_last_seen;
}
