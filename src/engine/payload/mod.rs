//! The exact bytes of a webhook's body, as the documentation fixes them.

#[cfg(test)]
mod tests;

use crate::engine::compose::label;
use crate::engine::people::Cast;
use crate::facts::{Account, App, Facts, Permission, Person};
use serde::Serialize;
use serde_json::{Map, Value};

/// A body: these fields, in this order, and no others.
#[derive(Serialize)]
struct Body<'a> {
    application: Application<'a>,
    permissions: Vec<Held<'a>>,
    user: Whom<'a>,
    target_user: Whom<'a>,
    request_comment: &'a str,
    custom_fields: Map<String, Value>,
}

#[derive(Serialize)]
struct Application<'a> {
    app_id: &'a str,
    instance_id: &'a str,
    user_friendly_label: &'a str,
}

#[derive(Serialize)]
struct Held<'a> {
    label: &'a str,
    value: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    source: &'a str,
}

/// A person; without one, the fields are there and empty.
#[derive(Default, Serialize)]
struct Whom<'a> {
    email: &'a str,
    given_name: &'a str,
    family_name: &'a str,
}

/// The body of a deprovisioning webhook; none where there is no account to be taken.
///
/// `decided` are the decider's words. `user` asked for the access, or owns it; `target_user`
/// is whose access goes.
pub(crate) fn body(decided: Option<&str>, facts: &Facts, cast: &Cast) -> Option<String> {
    let (app, account) = (facts.app.as_ref()?, facts.account.as_ref()?);
    let goes = facts.concerned();
    let requester = agreed(goes, |held| held.requested_by.as_deref());
    let requester = requester.map(|email| cast.by_email(email));
    let owner = facts.user.as_ref();
    let comment = agreed(goes, |held| held.request_comment.as_deref());
    let body = Body {
        application: application(app),
        permissions: goes.iter().map(Held::of).collect(),
        user: Whom::of(requester.as_ref().or(owner)),
        target_user: Whom::of(owner),
        request_comment: comment.or(decided).unwrap_or_default(),
        custom_fields: custom_fields(account),
    };
    // A struct of texts has no way to fail to serialise.
    serde_json::to_string(&body).ok()
}

/// What is said of the permissions, where those of which it is said agree: which of two
/// people asked for an account, or with whose words, nobody can tell.
fn agreed<'a>(
    goes: &'a [Permission],
    said: impl Fn(&'a Permission) -> Option<&'a str>,
) -> Option<&'a str> {
    let mut all = goes.iter().filter_map(|held| said(held).filter(|it| !it.is_empty()));
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn application(app: &App) -> Application<'_> {
    Application {
        app_id: &app.name,
        instance_id: app.instance_id.as_deref().unwrap_or_default(),
        user_friendly_label: label(app),
    }
}

/// The account's own fields, its name among them; a column that is named as ours is not it.
fn custom_fields(account: &Account) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("username".to_owned(), account.username.clone().into());
    for field in &account.custom {
        fields
            .entry(field.name.clone())
            .or_insert_with(|| field.text.clone().into());
    }
    fields
}

impl<'a> Held<'a> {
    fn of(held: &'a Permission) -> Self {
        Self {
            label: &held.label,
            value: &held.value,
            kind: held.kind.as_deref().unwrap_or_default(),
            source: held.source.as_deref().unwrap_or_default(),
        }
    }
}

impl<'a> Whom<'a> {
    fn of(person: Option<&'a Person>) -> Self {
        let Some(person) = person else { return Self::default() };
        Self {
            email: &person.email,
            given_name: person.given_name.as_deref().unwrap_or_default(),
            family_name: person.family_name.as_deref().unwrap_or_default(),
        }
    }
}
