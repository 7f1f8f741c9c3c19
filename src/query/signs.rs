//! Signs of life by the sources that a policy or the apps name, instead of those that are
//! believed of themselves.

use crate::ir::{Activity, Attribute, Field, Level, Orders, Signs, SubjectKind};
use crate::query::column::user_key;
use crate::query::sql::{Bind, Params};
use crate::text::fold;
use std::fmt::Write as _;

/// Earlier than every instant.
const NEVER: &str = "-9223372036854775807";

/// What SQL reads where an attribute is a sign of life, by these sources. `None` for any
/// other, which does not depend on them.
pub(crate) fn sign(
    orders: &Orders,
    attribute: &Attribute,
    kind: SubjectKind,
    params: &mut Params,
) -> Option<String> {
    match (attribute.level, &attribute.field, kind) {
        (Level::User, Field::LastSeen, _) => {
            Some(of_user(orders, user_key(kind), params))
        }
        (Level::Account, _, SubjectKind::User) => None,
        (Level::Account, Field::LastSeen, _) => Some(last_seen(orders, "a", params)),
        (Level::Account, Field::LastLogin, _) => {
            let sign = |activity: &Activity, params: &mut Params| {
                first(activity, Signs::Logins, "a", params)
            };
            Some(each(orders, ("a", "a.last_login"), sign, params))
        }
        (Level::Account, Field::LastActivity, _) => {
            let sign = |activity: &Activity, params: &mut Params| {
                first(activity, Signs::Activity, "a", params)
            };
            Some(each(orders, ("a", "a.last_activity"), sign, params))
        }
        _ => None,
    }
}

/// The last sign of life of the subject: of an account, or of all accounts of a user.
pub(crate) fn of_subject(
    orders: &Orders,
    kind: SubjectKind,
    params: &mut Params,
) -> String {
    match kind {
        SubjectKind::Account | SubjectKind::Grant => last_seen(orders, "a", params),
        SubjectKind::User => of_user(orders, user_key(kind), params),
    }
}

fn of_user(orders: &Orders, user: &str, params: &mut Params) -> String {
    let seen = last_seen(orders, "s", params);
    // An orphan's key is that of all other orphans too.
    format!(
        "(SELECT max({seen}) FROM account s \
         WHERE s.identity_id = nullif({user}, 0) AND s.gone = 0)"
    )
}

fn last_seen(orders: &Orders, account: &str, params: &mut Params) -> String {
    let sign = |activity: &Activity, params: &mut Params| {
        let login = first(activity, Signs::Logins, account, params);
        let other = first(activity, Signs::Activity, account, params);
        format!(
            "nullif(max(ifnull({login}, {NEVER}), ifnull({other}, {NEVER})), {NEVER})"
        )
    };
    each(orders, (account, &format!("{account}.last_seen")), sign, params)
}

/// What an order says of each account: the policy's of all, else each app's of its own;
/// otherwise it is what follows without one.
pub(crate) fn each(
    orders: &Orders,
    (account, otherwise): (&str, &str),
    sign: impl Fn(&Activity, &mut Params) -> String,
    params: &mut Params,
) -> String {
    if let Some(own) = &orders.own {
        return sign(own, params);
    }
    if orders.apps.is_empty() {
        return otherwise.to_owned();
    }
    let mut cases = String::new();
    for (app, activity) in &orders.apps {
        let app = params.bind(Bind::Integer(app.0));
        let sign = sign(activity, params);
        _ = write!(cases, " WHEN {app} THEN {sign}");
    }
    format!("CASE {account}.app_id{cases} ELSE {otherwise} END")
}

/// What the first source says that says anything.
pub(crate) fn first(
    activity: &Activity,
    signs: Signs,
    account: &str,
    params: &mut Params,
) -> String {
    if activity.only.is_some_and(|only| only != signs) {
        return "NULL".to_owned();
    }
    let column = match signs {
        Signs::Logins => "last_login_at",
        Signs::Activity => "last_activity_at",
    };
    let mut names = Vec::new();
    let mut places = String::new();
    for (place, source) in activity.sources.iter().enumerate() {
        let name = Bind::Text(fold(source));
        let bound = params.bind(name.clone());
        _ = write!(places, " WHEN {bound} THEN {place}");
        names.push(name);
    }
    let among = params.one_of(&names);
    format!(
        "(SELECT v.{column} FROM activity v JOIN source q ON q.id = v.source_id \
         WHERE v.account_id = {account}.id AND v.{column} IS NOT NULL \
         AND q.name_key {among} ORDER BY CASE q.name_key{places} END LIMIT 1)"
    )
}
