//! Connectors that speak SCIM 2.0: what is so there is read right before it is changed.
//!
//! INVARIANT: only what was read in this attempt counts as already so. What cannot be read is
//! a failure that may pass.

mod gone;
mod read;
mod server;

pub use crate::actions::scim::read::{Reading, Unread};

pub(crate) use crate::actions::scim::read::read_all;

use crate::actions::Settings;
use crate::actions::scim::server::{Server, Stop, failed, refused};
use crate::actions::under_way::Done;
use crate::actions::webhook::Webhooks;
use crate::engine::{Outcome, Provision, Provisioning};
use crate::text::fold;
use crate::time::Timestamp;
use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// The longest that one change takes, its reads included.
const LONGEST: Duration = Duration::from_secs(30);

/// How many pages of a list are asked for, and how many lines there are in each.
const PAGES: usize = 100;
const PAGE: usize = 100;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The lists in which SCIM keeps what users may do.
const PERMISSIONS: [&str; 2] = ["entitlements", "roles"];

/// Whether a resource is shown as it is to become; nothing where it does not say.
type Shows<'a> = dyn Fn(&Value) -> Option<bool> + Sync + 'a;

/// Makes one change, within its limit; an error says why it can't be tried. What is so already
/// after earlier attempts may be the work of one of them, whose answer said nothing of it.
pub(super) fn attempt(
    webhooks: &Webhooks,
    provision: Provision,
    before: u32,
    (settings, now): (&Settings, Timestamp),
) -> Result<impl Future<Output = Done> + Send + use<>, Outcome> {
    let at = (provision.url.as_str(), provision.token.as_ref());
    let server = Server::of(webhooks, at, (settings, now))?;
    Ok(async move {
        let (outcome, away) = match timeout(LONGEST, server.make(&provision)).await {
            Ok(Ok(Outcome::AlreadySo { why })) if before > 0 => {
                let message = format!("{why}; an earlier attempt may have done it");
                (Outcome::Delivered { message: Some(message) }, false)
            }
            Ok(Ok(outcome)) => (outcome, false),
            Ok(Err(Stop { outcome, away })) => (outcome, away),
            Err(_) => (Outcome::silent(format!("no answer within {LONGEST:?}")), true),
        };
        Done { outcome, away, connection: None }
    })
}

impl Server {
    /// Makes one change, or finds it made.
    async fn make(&self, provision: &Provision) -> Result<Outcome, Stop> {
        match &provision.what {
            Provisioning::Join { group, make } => {
                self.member(provision, (group, true), *make).await
            }
            Provisioning::Leave { group } => {
                self.member(provision, (group, false), false).await
            }
            Provisioning::Deactivate => {
                let Some(user) = self.user(provision).await? else {
                    return Ok(no_user(provision));
                };
                if user.get("active") == Some(&Value::Bool(false)) {
                    return Ok(already("already inactive there"));
                }
                let operation =
                    json!({"op": "replace", "path": "active", "value": false});
                let done = |user: &Value| user.get("active")?.as_bool().map(|is| !is);
                self.patch("Users", &user, (&[operation], &done, None)).await
            }
            Provisioning::Delete => {
                let Some(user) = self.user(provision).await? else {
                    return Ok(already("not there any more"));
                };
                let version = version(&user, None);
                let path = ["Users", id(&user)?];
                let reply = self.ask(Method::DELETE, (&path, &[]), None, version).await?;
                // A system that deletes nobody, or a wrong route, answers the same.
                let gone = reply.status == StatusCode::NOT_FOUND
                    && self.user(provision).await?.is_none();
                Ok(if gone { already("not there any more") } else { reply.outcome() })
            }
            Provisioning::Revoke { permission } => {
                self.revoke(provision, permission).await
            }
            Provisioning::Write { path, value } => {
                let Some(user) = self.user(provision).await? else {
                    return Ok(no_user(provision));
                };
                let is = |user: &Value| at(user, path).map(str::to_owned);
                if is(&user).as_ref() == Some(value) {
                    return Ok(already("already so there"));
                }
                let operation = json!({"op": "replace", "path": path, "value": value});
                let done = |user: &Value| Some(fold(&is(user)?) == fold(value));
                // Who is read without it has it not.
                self.patch("Users", &user, (&[operation], &done, Some(false))).await
            }
        }
    }

    /// Takes an entitlement or a role of that name from a user.
    async fn revoke(
        &self,
        provision: &Provision,
        permission: &str,
    ) -> Result<Outcome, Stop> {
        let Some(user) = self.user(provision).await? else {
            return Ok(no_user(provision));
        };
        let mut operations = Vec::new();
        for list in PERMISSIONS {
            for held in held(&user, list, permission) {
                let held = Value::String(held.to_owned());
                let path = format!("{list}[value eq {held}]");
                operations.push(json!({ "op": "remove", "path": path }));
            }
        }
        if operations.is_empty() {
            // What a system does not list may be there all the same, unless it knows of it.
            return Ok(match self.lists_permissions().await? {
                true => already("not held there"),
                false => refused(
                    "its users have neither entitlements nor roles, so nobody can say \
                     whether it is held"
                        .to_owned(),
                ),
            });
        }
        let done = |user: &Value| {
            let mut lists = PERMISSIONS.iter();
            Some(lists.all(|list| held(user, list, permission).next().is_none()))
        };
        self.patch("Users", &user, (&operations, &done, None)).await
    }

    /// Whether users have entitlements or roles, as the system itself says.
    async fn lists_permissions(&self) -> Result<bool, Stop> {
        let user = "urn:ietf:params:scim:schemas:core:2.0:User";
        let reply = self.ask(Method::GET, (&["Schemas", user], &[]), None, None).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        if !reply.status.is_success() {
            return Err(reply.unreadable().into());
        }
        let attributes = reply.body.get("attributes").and_then(Value::as_array);
        let Some(attributes) = attributes else {
            return Err(failed("the schema of users can't be read".to_owned()).into());
        };
        let name = |it: &Value| it.get("name").and_then(Value::as_str).map(fold);
        let known = |it: &Value| {
            name(it).is_some_and(|name| PERMISSIONS.contains(&name.as_str()))
        };
        Ok(attributes.iter().any(known))
    }

    /// Makes a user a member of a group, or none.
    async fn member(
        &self,
        provision: &Provision,
        (group, joins): (&str, bool),
        make: bool,
    ) -> Result<Outcome, Stop> {
        let Some(known) = self.one("Groups", &[("displayName", group)]).await? else {
            return match make {
                true => self.made(provision, group).await,
                false => Ok(refused(format!("there is no group `{group}`"))),
            };
        };
        let Some(user) = self.user(provision).await? else {
            return Ok(no_user(provision));
        };
        let user = id(&user)?;
        let reply = self
            .ask(Method::GET, (&["Groups", id(&known)?], &[]), None, None)
            .await?;
        if !reply.status.is_success() {
            return Err(reply.unreadable().into());
        }
        let group = Value::Object(match reply.body {
            Value::Object(group) => group,
            _ => {
                let odd =
                    reply.odd.map(|odd| format!(": it is {odd}")).unwrap_or_default();
                return Err(failed(format!("the group can't be read{odd}")).into());
            }
        });
        let members = group.get("members").and_then(Value::as_array);
        let is =
            |member: &Value| member.get("value").and_then(Value::as_str) == Some(user);
        let member = members.is_some_and(|members| members.iter().any(is));
        let operation = match (joins, member) {
            (true, true) => return Ok(already("already a member there")),
            (false, false) => return Ok(already("not a member there")),
            (true, false) => {
                json!({"op": "add", "path": "members", "value": [{"value": user}]})
            }
            (false, true) => {
                let user = Value::String(user.to_owned());
                json!({"op": "remove", "path": format!("members[value eq {user}]")})
            }
        };
        let group = with_version(group, reply.etag);
        // Many systems leave the members out.
        let done = |group: &Value| {
            let members = group.get("members")?.as_array()?;
            Some(members.iter().any(is) == joins)
        };
        self.patch("Groups", &group, (&[operation], &done, None)).await
    }

    /// Makes a group with its first member.
    async fn made(&self, provision: &Provision, group: &str) -> Result<Outcome, Stop> {
        let Some(user) = self.user(provision).await? else {
            return Ok(no_user(provision));
        };
        let body = json!({
            "schemas": [GROUP],
            "displayName": group,
            "members": [{ "value": id(&user)? }],
        });
        let reply = self.ask(Method::POST, (&["Groups"], &[]), Some(&body), None).await?;
        Ok(match reply.outcome() {
            Outcome::Delivered { .. } => {
                Outcome::Delivered { message: Some(format!("made the group `{group}`")) }
            }
            // Somebody else was faster: the next attempt finds it.
            _ if reply.status == StatusCode::CONFLICT => {
                failed("it was made there meanwhile".to_owned())
            }
            other => other,
        })
    }

    /// Changes a resource. An answer that shows it as it was is no success, whatever its status.
    /// One that leaves out what was changed says nothing: then it is read, and `unsaid` is what it
    /// means where that says nothing either.
    async fn patch(
        &self,
        kind: &str,
        resource: &Value,
        (operations, done, unsaid): (&[Value], &Shows<'_>, Option<bool>),
    ) -> Result<Outcome, Stop> {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        let path = [kind, id(resource)?];
        let version = version(resource, None);
        let reply = self.ask(Method::PATCH, (&path, &[]), Some(&body), version).await?;
        let shown = reply.status.is_success() && reply.body.get("id").is_some();
        let mut so = done(&reply.body);
        if shown && so.is_none() {
            let again = self.ask(Method::GET, (&path, &[]), None, None).await?;
            if !again.status.is_success() || again.body.get("id").is_none() {
                return Err(again.unreadable().into());
            }
            so = done(&again.body).or(unsaid);
        }
        if shown && so == Some(false) {
            let status = reply.status;
            let why = format!("the receiver answered {status}, and has not changed it");
            return Ok(refused(why));
        }
        Ok(reply.outcome())
    }

    /// The user by the account's name, else by the address.
    async fn user(&self, provision: &Provision) -> Result<Option<Value>, Stop> {
        let Provision { username, email, .. } = provision;
        let mut names = vec![("userName", username.as_str()), ("externalId", username)];
        if let Some(email) = email {
            names.extend([("userName", email.as_str()), ("emails.value", email)]);
        }
        names.dedup();
        names.retain(|(_, value)| !value.is_empty());
        self.one("Users", &names).await
    }

    /// The only resource that the first of these names fits which fits any.
    async fn one(
        &self,
        kind: &str,
        names: &[(&str, &str)],
    ) -> Result<Option<Value>, Stop> {
        for (attribute, value) in names {
            let mut found = self.named(kind, (attribute, value)).await?;
            match (found.pop(), found.is_empty()) {
                (None, _) => {}
                (Some(only), true) => return Ok(Some(only)),
                (Some(_), false) => {
                    let why = format!("several {kind} there are called `{value}`");
                    return Err(refused(why).into());
                }
            }
        }
        Ok(None)
    }

    /// Everything of a kind that an attribute fits, over all pages.
    async fn named(
        &self,
        kind: &str,
        (attribute, value): (&str, &str),
    ) -> Result<Vec<Value>, Stop> {
        let filter = format!("{attribute} eq {}", Value::String(value.to_owned()));
        let count = PAGE.to_string();
        let mut found = Vec::new();
        let mut start = 1;
        for _ in 0..PAGES {
            let first = start.to_string();
            let query = [
                ("filter", filter.as_str()),
                ("startIndex", first.as_str()),
                ("count", count.as_str()),
                ("excludedAttributes", "members"),
            ];
            let reply = self.ask(Method::GET, (&[kind], &query), None, None).await?;
            if !reply.status.is_success() {
                return Err(reply.unreadable().into());
            }
            let body = reply.body;
            let Some(total) = body.get("totalResults").and_then(Value::as_u64) else {
                let odd =
                    reply.odd.map(|odd| format!(": it is {odd}")).unwrap_or_default();
                return Err(
                    failed(format!("the list of {kind} can't be read{odd}")).into()
                );
            };
            let page = body.get("Resources").and_then(Value::as_array);
            let page = page.map(Vec::as_slice).unwrap_or_default();
            // Some servers do not filter.
            let fitting = page.iter().filter(|it| fits(it, (attribute, value)));
            found.extend(fitting.cloned());
            start += page.len();
            if page.is_empty() || u64::try_from(start).unwrap_or(u64::MAX) > total {
                return Ok(found);
            }
        }
        Err(failed(format!("the list of {kind} has no end")).into())
    }
}

/// Whether a resource has that value of an attribute.
fn fits(resource: &Value, (attribute, value): (&str, &str)) -> bool {
    let is = |found: Option<&Value>| {
        found
            .and_then(Value::as_str)
            .is_some_and(|found| fold(found) == fold(value))
    };
    match attribute.split_once('.') {
        None => is(resource.get(attribute)),
        Some((list, part)) => {
            let list = resource.get(list).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|one| is(one.get(part))))
        }
    }
}

fn id(resource: &Value) -> Result<&str, Stop> {
    let id = resource.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    id.ok_or_else(|| failed("a resource there has no id".to_owned()).into())
}

/// The version of a resource, where it has one.
fn version(resource: &Value, etag: Option<HeaderValue>) -> Option<HeaderValue> {
    etag.or_else(|| {
        let version = resource.get("meta")?.get("version")?.as_str()?;
        HeaderValue::from_str(version).ok()
    })
}

/// A resource with the version that the header gave.
fn with_version(mut resource: Value, etag: Option<HeaderValue>) -> Value {
    let version = etag.and_then(|etag| etag.to_str().ok().map(str::to_owned));
    if let (Some(version), Some(fields)) = (version, resource.as_object_mut()) {
        fields.insert("meta".to_owned(), json!({ "version": version }));
    }
    resource
}

fn no_user(provision: &Provision) -> Outcome {
    refused(format!("there is no user `{}`", provision.username))
}

fn already(why: &str) -> Outcome {
    Outcome::AlreadySo { why: why.to_owned() }
}

/// The permissions of that name in a list of a user's, as the system spells them.
fn held<'a>(
    user: &'a Value,
    list: &str,
    permission: &str,
) -> impl Iterator<Item = &'a str> {
    let key = fold(permission);
    let all = user.get(list).and_then(Value::as_array).map(Vec::as_slice);
    let values = all
        .unwrap_or_default()
        .iter()
        .filter_map(|one| one.get("value")?.as_str());
    values.filter(move |value| fold(value) == key)
}

/// The text at a place in a resource: behind the name of an extension, and by points.
fn at<'a>(resource: &'a Value, path: &str) -> Option<&'a str> {
    let (resource, path) = match path.rsplit_once(':') {
        Some((extension, path)) => (resource.get(extension)?, path),
        None => (resource, path),
    };
    path.split('.')
        .try_fold(resource, |value, part| value.get(part))?
        .as_str()
}
