//! Questions whose answer would have to be believed of a stale source, as SQL: true only by the
//! word of others, and false never.

use crate::facts::Stale;
use crate::ir::{Activity, GroupRef, Orders, Signs, SubjectKind, Test, TestKind};
use crate::query::column::user_key;
use crate::query::doubt::{Origin, one_is_enough, origin};
use crate::query::links::{Link, permission_ids};
use crate::query::lower::Lower;
use crate::query::signs::{each, first};
use crate::query::sql::{Bind, Cost, Expr, Params};
use crate::query::want::Want;
use crate::text::fold;
use std::fmt::Write as _;

/// Whether a question would have to believe a stale source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Never.
    Never,
    /// This one, of whomever it is asked.
    Always(i64),
    /// The one whose number SQL reads so, for each row; NULL where there is none.
    Row(String),
}

/// Whether a question about what is held may have to believe a stale source.
pub(crate) fn doubtful(test: &TestKind, stale: Option<&Stale>) -> bool {
    stale.is_some_and(|stale| match test {
        TestKind::InGroup { groups, .. } => {
            groups.iter().any(|group| stale.groups.contains_key(&group.id))
        }
        TestKind::HasPermission { .. }
        | TestKind::HasSession
        | TestKind::HasAccount { .. } => true,
        _ => false,
    })
}

impl Lower<'_> {
    /// Whether the answer to a test is what is wanted.
    pub(crate) fn test(&mut self, test: &Test, want: Want) -> Expr {
        let (known, doubted) = match self.doubt(&test.kind) {
            Doubt::Never => return self.recorded(test, want),
            Doubt::Always(_) => (Expr::No, Expr::Yes),
            Doubt::Row(source) => (
                Expr::Leaf(format!("{source} IS NULL"), Cost::Computed),
                Expr::Leaf(format!("{source} IS NOT NULL"), Cost::Computed),
            ),
        };
        let enough = match want {
            Want::True | Want::NotTrue if one_is_enough(&test.kind, self.kind) => {
                self.believed(&test.kind)
            }
            _ => None,
        };
        if let Some(link) = enough {
            return self.held(test, &link, want);
        }
        let recorded = self.recorded(test, want);
        match want {
            Want::True | Want::False => Expr::all([recorded, known]),
            Want::NotTrue | Want::NotFalse => Expr::any([recorded, doubted]),
        }
    }

    /// The stale source that a question would have to believe.
    pub(crate) fn doubt(&mut self, test: &TestKind) -> Doubt {
        let Some(stale) = self.stale else { return Doubt::Never };
        let found = |source: Option<&i64>| source.map(|source| Doubt::Always(*source));
        match test {
            TestKind::Reaches { .. } if self.at.since.is_none() => Doubt::Never,
            TestKind::HasRole { .. } => Doubt::Never,
            TestKind::InGroup { groups, .. } => {
                let mut groups = groups.iter();
                found(groups.find_map(|group| stale.groups.get(&group.id)))
                    .unwrap_or(Doubt::Never)
            }
            TestKind::HasAccount { apps } => {
                let whole = found(apps.iter().find_map(|app| stale.apps.get(app)));
                whole.unwrap_or_else(|| {
                    let ids: Vec<_> =
                        apps.iter().map(|app| Bind::Integer(app.0)).collect();
                    let apps = self.params.one_of(&ids);
                    Doubt::Row(self.of_accounts(stale, &format!("b.app_id {apps}")))
                })
            }
            TestKind::HasPermission { permissions, .. } => {
                let ids = permission_ids(permissions);
                let app = ids.iter().find_map(|id| stale.permissions.get(id));
                match self.kind {
                    SubjectKind::User if app.is_some() => {
                        found(app).unwrap_or(Doubt::Never)
                    }
                    _ => {
                        let ids = ids.into_iter().map(|id| Bind::Integer(id.0));
                        Doubt::Row(self.of_permissions(stale, &ids.collect::<Vec<_>>()))
                    }
                }
            }
            TestKind::HasSession => Doubt::Row(self.of_holder(stale)),
            TestKind::NeverActive => self.of_origin(
                stale,
                match self.kind {
                    SubjectKind::Account | SubjectKind::Grant => Origin::Seen,
                    SubjectKind::User => Origin::UserSeen,
                },
            ),
            _ => match test.attribute() {
                Some(attribute) => self.of_origin(stale, origin(attribute, self.kind)),
                None => Doubt::Never,
            },
        }
    }

    fn of_origin(&mut self, stale: &Stale, origin: Origin) -> Doubt {
        let activity = self.activity;
        let seen = Seen { stale, orders: activity };
        Doubt::Row(match origin {
            Origin::Nobody => return Doubt::Never,
            Origin::Account => of_account(stale, "a", &mut self.params),
            Origin::Grant => {
                let account = of_account(stale, "a", &mut self.params);
                let among = among(stale, &mut self.params);
                format!(
                    "CASE WHEN g.source_id IS NULL THEN {account} \
                     WHEN g.source_id {among} THEN g.source_id END"
                )
            }
            Origin::Login => seen.of(Signs::Logins, "a", &mut self.params),
            Origin::Activity => seen.of(Signs::Activity, "a", &mut self.params),
            Origin::Seen => seen.last("a", &mut self.params),
            Origin::UserSeen => {
                let last = seen.last("s", &mut self.params);
                let user = user_key(self.kind);
                format!(
                    "(SELECT min({last}) FROM account s \
                     WHERE s.identity_id = nullif({user}, 0) AND s.gone = 0)"
                )
            }
        })
    }

    /// The stale source of an account of the user, or owner.
    fn of_accounts(&mut self, stale: &Stale, filter: &str) -> String {
        let account = of_account(stale, "b", &mut self.params);
        let user = user_key(self.kind);
        format!(
            "(SELECT min({account}) FROM account b \
             WHERE b.identity_id = nullif({user}, 0) AND b.gone = 0 AND {filter})"
        )
    }

    /// The stale source of the account, or of any of the user's.
    fn of_holder(&mut self, stale: &Stale) -> String {
        match self.kind {
            SubjectKind::Account | SubjectKind::Grant => {
                of_account(stale, "a", &mut self.params)
            }
            SubjectKind::User => self.of_accounts(stale, "1"),
        }
    }

    fn of_permissions(&mut self, stale: &Stale, ids: &[Bind]) -> String {
        let holder = self.of_holder(stale);
        let (ids, among) = (self.params.one_of(ids), among(stale, &mut self.params));
        let (from, whose) = match self.kind {
            SubjectKind::Account | SubjectKind::Grant => {
                ("access_grant h", "h.account_id = a.id")
            }
            SubjectKind::User => (
                "account b JOIN access_grant h ON h.account_id = b.id",
                "b.identity_id = i.id AND b.gone = 0",
            ),
        };
        format!(
            "ifnull({holder}, (SELECT min(h.source_id) FROM {from} \
             WHERE {whose} AND h.permission_id {ids} AND h.source_id {among}))"
        )
    }

    /// The rows that a test asks for, as far as they are believed.
    fn believed(&mut self, test: &TestKind) -> Option<Link> {
        let stale = self.stale?;
        if let TestKind::InGroup { groups, held } = test {
            let believed = |group: &&GroupRef| !stale.groups.contains_key(&group.id);
            let groups: Vec<_> = groups.iter().filter(believed).cloned().collect();
            return Some(self.around().in_group(&groups, *held));
        }
        let mut link = self.link(test)?;
        let of_row = match test {
            TestKind::HasPermission { .. } => {
                let account = of_account(stale, "z", &mut self.params);
                let among = among(stale, &mut self.params);
                format!(
                    "CASE WHEN h.source_id IS NULL THEN (SELECT {account} \
                     FROM account z WHERE z.id = h.account_id) \
                     WHEN h.source_id {among} THEN h.source_id END"
                )
            }
            _ => of_account(stale, "b", &mut self.params),
        };
        _ = write!(link.filter, " AND {of_row} IS NULL");
        Some(link)
    }
}

/// The stale sources, as the right side of a comparison.
fn among(stale: &Stale, params: &mut Params) -> String {
    let ids: Vec<_> = stale.sources.keys().map(|id| Bind::Integer(*id)).collect();
    params.one_of(&ids)
}

/// The stale source of an account: its own, else that of its app.
fn of_account(stale: &Stale, account: &str, params: &mut Params) -> String {
    let among = among(stale, params);
    let mut apps = String::new();
    for (app, source) in &stale.apps {
        let (app, source) = (params.id(app.0), params.id(*source));
        _ = write!(apps, " WHEN {app} THEN {source}");
    }
    let of_app = match apps.as_str() {
        "" => "NULL".to_owned(),
        apps => format!("CASE {account}.app_id{apps} END"),
    };
    format!(
        "CASE WHEN {account}.source_id IS NULL THEN {of_app} \
         WHEN {account}.source_id {among} THEN {account}.source_id END"
    )
}

/// Of which stale source signs of life would have to be believed.
struct Seen<'a> {
    stale: &'a Stale,
    orders: Option<&'a Orders>,
}

impl Seen<'_> {
    fn last(&self, account: &str, params: &mut Params) -> String {
        let login = self.of(Signs::Logins, account, params);
        let activity = self.of(Signs::Activity, account, params);
        format!("ifnull({login}, {activity})")
    }

    fn of(&self, signs: Signs, account: &str, params: &mut Params) -> String {
        let unordered = |params: &mut Params| self.unordered(signs, account, params);
        let ordered = |activity: &Activity, params: &mut Params| {
            self.ordered(activity, signs, account, params)
        };
        match self.orders {
            None => unordered(params),
            Some(orders) => {
                let otherwise = unordered(params);
                each(orders, (account, &otherwise), ordered, params)
            }
        }
    }

    /// The first stale one that is asked before any other has an answer.
    fn ordered(
        &self,
        activity: &Activity,
        signs: Signs,
        account: &str,
        params: &mut Params,
    ) -> String {
        let stale = |(place, source): (usize, &String)| {
            Some((place, self.stale.called(&fold(source))?))
        };
        let found = activity.sources.iter().enumerate().find_map(stale);
        let Some((place, source)) =
            found.filter(|_| activity.only.is_none_or(|only| only == signs))
        else {
            return "NULL".to_owned();
        };
        let source = params.id(source);
        if place == 0 {
            return source;
        }
        let mut before = activity.clone();
        before.sources.truncate(place);
        let answer = first(&before, signs, account, params);
        format!("CASE WHEN {answer} IS NULL THEN {source} END")
    }

    /// The same where the app's own sources are asked first, then identity providers, then
    /// whoever else has said anything of the account.
    fn unordered(&self, signs: Signs, account: &str, params: &mut Params) -> String {
        let among = among(self.stale, params);
        let decider = match signs {
            Signs::Logins => "last_login_source",
            Signs::Activity => "last_activity_source",
        };
        let own = |source: &str| {
            format!(
                "{source}.kind = 'integration' AND {source}.app_id = {account}.app_id"
            )
        };
        let place = |source: &str| {
            format!(
                "CASE WHEN {} THEN 0 WHEN {source}.kind = 'idp' THEN 1 ELSE 2 END \
                 || {source}.name_key",
                own(source)
            )
        };
        let (own, place, last) = (own("q"), place("q"), place("d"));
        format!(
            "(SELECT q.id FROM source q WHERE q.id {among} \
             AND (q.kind = 'idp' OR {own} OR q.id = {account}.{decider} \
             OR EXISTS (SELECT 1 FROM activity v \
             WHERE v.account_id = {account}.id AND v.source_id = q.id)) \
             AND ({account}.{decider} IS NULL OR {place} <= (SELECT {last} \
             FROM source d WHERE d.id = {account}.{decider})) \
             ORDER BY {place} LIMIT 1)"
        )
    }
}
