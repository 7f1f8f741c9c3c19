//! Connectors that speak SCIM 2.0: what is so there is read right before it is changed.
//!
//! INVARIANT: only what was read in this attempt counts as already so. What cannot be read is
//! a failure that may pass.

use crate::actions::Settings;
use crate::actions::answer;
use crate::actions::guard::{self, Target};
use crate::actions::webhook::{Webhooks, bearer, reason};
use crate::engine::{Outcome, Provision, Provisioning};
use crate::text::fold;
use crate::time::Timestamp;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue,
};
use reqwest::header::{IF_MATCH, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::runtime;
use tokio::task::JoinSet;

/// The longest that one change takes, its reads included.
const LONGEST: Duration = Duration::from_secs(30);

/// How much of an answer is read: a group may have many members.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// How many pages of a list are asked for, and how many lines there are in each.
const PAGES: usize = 100;
const PAGE: usize = 100;

const SCIM: HeaderValue = HeaderValue::from_static("application/scim+json");
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Attempts each change and says how it ended, in the same order. Those of one connector go
/// one after the other; where it can't be reached the rest is not tried.
pub(crate) fn deliver(
    webhooks: &Webhooks,
    batch: &[&Provision],
    (settings, now): (&Settings, Timestamp),
) -> Vec<Outcome> {
    let broke_off = failed("the attempt broke off".to_owned());
    let mut outcomes = vec![broke_off; batch.len()];
    let mut lists: BTreeMap<&str, Vec<(usize, Provision)>> = BTreeMap::new();
    for (index, provision) in batch.iter().enumerate() {
        let list = lists.entry(provision.url.as_str()).or_default();
        list.push((index, (*provision).clone()));
    }
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let why = format!("nothing can be sent: {error}");
            return batch.iter().map(|_| failed(why.clone())).collect();
        }
    };
    let found = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        let mut found = Vec::new();
        for list in lists.into_values() {
            let server = list
                .first()
                .map(|(_, one)| Server::of(webhooks, one, (settings, now)));
            match server {
                Some(Ok(server)) => {
                    tasks.spawn(async move { all(&server, list).await });
                }
                Some(Err(outcome)) => {
                    found.extend(list.iter().map(|(at, _)| (*at, outcome.clone())));
                }
                None => {}
            }
        }
        while let Some(done) = tasks.join_next().await {
            found.extend(done.unwrap_or_default());
        }
        found
    });
    for (index, outcome) in found {
        if let Some(place) = outcomes.get_mut(index) {
            *place = outcome;
        }
    }
    runtime.shutdown_background();
    outcomes
}

async fn all(server: &Server, list: Vec<(usize, Provision)>) -> Vec<(usize, Outcome)> {
    let mut outcomes = Vec::with_capacity(list.len());
    let mut gone: Option<Outcome> = None;
    for (index, provision) in list {
        let outcome = match &gone {
            Some(outcome) => outcome.clone(),
            None => match tokio::time::timeout(LONGEST, server.make(&provision)).await {
                Ok(outcome) => outcome.unwrap_or_else(|Stop { outcome, away }| {
                    gone = away.then(|| outcome.clone());
                    outcome
                }),
                Err(_) => {
                    let outcome = failed(format!("no answer within {LONGEST:?}"));
                    gone = Some(outcome.clone());
                    outcome
                }
            },
        };
        outcomes.push((index, outcome));
    }
    outcomes
}

/// A change that can't be made, and whether that is because nobody answers.
struct Stop {
    outcome: Outcome,
    away: bool,
}

impl From<Outcome> for Stop {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, away: false }
    }
}

/// A connector's server.
struct Server {
    client: Client,
    url: Url,
    token: Option<HeaderValue>,
    now: Timestamp,
}

/// What it answered.
struct Reply {
    status: StatusCode,
    wait: Option<crate::time::Duration>,
    etag: Option<HeaderValue>,
    body: Value,
}

impl Server {
    fn of(
        webhooks: &Webhooks,
        provision: &Provision,
        (settings, now): (&Settings, Timestamp),
    ) -> Result<Self, Outcome> {
        let Target { url, trusted, .. } =
            guard::check(&provision.url, &settings.hosts)
                .map_err(|refusal| failed(refusal.to_string()))?;
        let token = provision.token.as_ref();
        let token = token.map(|token| bearer(token, settings)).transpose()?;
        Ok(Self {
            client: webhooks.client(trusted).clone(),
            url,
            token,
            now,
        })
    }

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
                self.patch("Users", &user, &operation).await
            }
            Provisioning::Delete => {
                let Some(user) = self.user(provision).await? else {
                    return Ok(already("not there any more"));
                };
                let version = version(&user, None);
                let path = ["Users", id(&user)?];
                let reply = self.ask(Method::DELETE, (&path, &[]), None, version).await?;
                match reply.status {
                    StatusCode::NOT_FOUND => Ok(already("not there any more")),
                    _ => Ok(reply.outcome()),
                }
            }
        }
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
            _ => return Err(failed("the group can't be read".to_owned()).into()),
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
        self.patch("Groups", &group, &operation).await
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

    async fn patch(
        &self,
        kind: &str,
        resource: &Value,
        operation: &Value,
    ) -> Result<Outcome, Stop> {
        let body = json!({ "schemas": [PATCH], "Operations": [operation] });
        let path = [kind, id(resource)?];
        let version = version(resource, None);
        let reply = self.ask(Method::PATCH, (&path, &[]), Some(&body), version).await?;
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
                return Err(failed(format!("the list of {kind} can't be read")).into());
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

    async fn ask(
        &self,
        method: Method,
        (path, query): (&[&str], &[(&str, &str)]),
        body: Option<&Value>,
        version: Option<HeaderValue>,
    ) -> Result<Reply, Stop> {
        let mut url = self.url.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, SCIM);
        headers.extend(self.token.clone().map(|token| (AUTHORIZATION, token)));
        headers.extend(version.map(|version| (IF_MATCH, version)));
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            headers.insert(CONTENT_TYPE, SCIM);
            request = request.body(body.to_string());
        }
        let away = |error: reqwest::Error| Stop {
            outcome: failed(format!(
                "can't be reached: {}",
                reason(&error.without_url())
            )),
            away: true,
        };
        let mut response = request.headers(headers).send().await.map_err(away)?;
        let wait = response.headers().get(RETRY_AFTER);
        let wait = wait.and_then(|value| value.to_str().ok());
        let wait = wait.and_then(|value| answer::retry_after(value, self.now));
        let etag = response.headers().get(ETAG).cloned();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(away)? {
            if body.len() + chunk.len() > LONGEST_BODY {
                return Err(failed("the answer is longer than 8 MiB".to_owned()).into());
            }
            body.extend_from_slice(&chunk);
        }
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Ok(Reply { status: response.status(), wait, etag, body })
    }
}

impl Reply {
    /// What a change came to.
    fn outcome(&self) -> Outcome {
        if self.status == StatusCode::PRECONDITION_FAILED {
            return failed("it was changed there meanwhile".to_owned());
        }
        let detail = self.detail();
        match answer::of_status(self.status, self.wait) {
            None => Outcome::Delivered { message: None },
            Some(Outcome::Refused { why }) => refused(format!("{why}{detail}")),
            Some(Outcome::Failed { why, retry_after }) => {
                Outcome::Failed { why: format!("{why}{detail}"), retry_after }
            }
            Some(other) => other,
        }
    }

    /// What can't be read is never taken for anything.
    fn unreadable(&self) -> Outcome {
        let (status, detail) = (self.status, self.detail());
        let why = format!("can't be read: the receiver answered {status}{detail}");
        Outcome::Failed { why, retry_after: self.wait }
    }

    fn detail(&self) -> String {
        let detail = self.body.get("detail").and_then(Value::as_str);
        detail
            .map(|it| format!(": {}", answer::words(it)))
            .unwrap_or_default()
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

fn failed(why: String) -> Outcome {
    Outcome::Failed { why, retry_after: None }
}

fn refused(why: String) -> Outcome {
    Outcome::Refused { why }
}
