//! One SCIM server: its requests, and what it answers.

use crate::actions::Settings;
use crate::actions::answer;
use crate::actions::guard::{self, Target};
use crate::actions::reason::reason;
use crate::actions::webhook::{Webhooks, bearer};
use crate::engine::Outcome;
use crate::ir::SecretRef;
use crate::text::NotJson;
use crate::time::Timestamp;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MATCH,
    LOCATION, RETRY_AFTER,
};
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::Value;

/// How much of an answer is read: a group may have many members.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

const SCIM: HeaderValue = HeaderValue::from_static("application/scim+json");

/// A change that can't be made.
pub(super) struct Stop {
    pub(super) outcome: Outcome,
    /// Whether that is because nobody answers.
    pub(super) away: bool,
}

impl From<Outcome> for Stop {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, away: false }
    }
}

/// A connector's server.
pub(super) struct Server {
    client: Client,
    url: Url,
    token: Option<HeaderValue>,
    now: Timestamp,
}

/// What it answered.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    wait: Option<crate::time::Duration>,
    pub(super) etag: Option<HeaderValue>,
    pub(super) body: Value,
    /// What it says of it, without the token that it was sent.
    detail: Option<String>,
    /// Whether there is no body.
    empty: bool,
    /// What stands there instead of JSON.
    pub(super) odd: Option<String>,
    /// Where it sends us on to, without what may be a secret.
    pub(super) location: Option<String>,
}

impl Server {
    pub(super) fn of(
        webhooks: &Webhooks,
        (url, token): (&str, Option<&SecretRef>),
        (settings, now): (&Settings, Timestamp),
    ) -> Result<Self, Outcome> {
        let Target { url, trusted, .. } = guard::check(url, &settings.hosts)
            .map_err(|refusal| failed(refusal.to_string()))?;
        let token = token.map(|token| bearer(token, settings)).transpose()?;
        Ok(Self {
            client: webhooks.client(trusted).clone(),
            url,
            token,
            now,
        })
    }

    pub(super) async fn ask(
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
            outcome: Outcome::silent(format!(
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
                let why = "gave an answer longer than 8 MiB, and that is the most";
                return Err(failed(why.to_owned()).into());
            }
            body.extend_from_slice(&chunk);
        }
        let read = serde_json::from_slice(&body);
        let odd = read.as_ref().err().map(|error| odd(&body, error));
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|value| value.to_str().ok());
        let location = location.and_then(|to| response.url().join(to).ok());
        let empty = body.trim_ascii().is_empty();
        let body = read.unwrap_or(Value::Null);
        Ok(Reply {
            status: response.status(),
            wait,
            etag,
            detail: body.get("detail").and_then(Value::as_str).map(|it| self.tame(it)),
            empty,
            body,
            odd,
            location: location.map(bare),
        })
    }

    /// A system's own words.
    fn tame(&self, text: &str) -> String {
        let token = self.token.as_ref().and_then(|token| token.to_str().ok());
        let token = token.and_then(|token| token.strip_prefix("Bearer "));
        answer::words(&answer::without(text, token.unwrap_or_default()))
    }

    /// Whether requests carry a token.
    pub(super) fn shows_token(&self) -> bool {
        self.token.is_some()
    }

    /// The address that is asked at.
    pub(super) fn place(&self, path: &[&str]) -> String {
        let mut url = self.url.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        bare(url)
    }
}

/// An address without what may be a secret.
fn bare(mut url: Url) -> String {
    url.set_query(None);
    url.set_fragment(None);
    // What has no host has no user either.
    url.set_username("").ok();
    url.set_password(None).ok();
    answer::words(url.as_str())
}

/// What an answer is that is no JSON.
fn odd(body: &[u8], error: &serde_json::Error) -> String {
    let text = String::from_utf8_lossy(body);
    let start: String = text.trim_start().chars().take(15).collect();
    match start.to_lowercase() {
        start if start.is_empty() => "nothing".to_owned(),
        start if start.starts_with("<!doctype html") || start.starts_with("<html") => {
            "a web page".to_owned()
        }
        start if start.starts_with('<') => "XML".to_owned(),
        _ => format!("what is no JSON ({})", NotJson::new(&text, error)),
    }
}

impl Reply {
    /// What a change came to.
    pub(super) fn outcome(&self) -> Outcome {
        if self.status == StatusCode::PRECONDITION_FAILED {
            return failed("it was changed there meanwhile".to_owned());
        }
        let detail = self.detail();
        // Whoever wants us to sign in first has done nothing.
        let odd = self.odd.as_ref().filter(|_| !self.empty);
        match (answer::of_status(self.status, self.wait), odd) {
            (None, Some(odd)) => {
                failed(format!("the receiver answered {} with {odd}", self.status))
            }
            (None, None) => Outcome::Delivered { message: None },
            (Some(outcome), _) => with_detail(outcome, &detail),
        }
    }

    /// After how long it may be asked again, where it says that it was asked too much.
    pub(super) fn asks_to_wait(&self) -> Option<std::time::Duration> {
        let busy = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE]
            .contains(&self.status);
        let wait = self.wait.filter(|_| busy)?;
        u64::try_from(wait.0).ok().map(std::time::Duration::from_secs)
    }

    /// What can't be read is never taken for anything.
    pub(super) fn unreadable(&self) -> Outcome {
        let (status, detail) = (self.status, self.detail());
        let why = format!("can't be read: the receiver answered {status}{detail}");
        Outcome::Failed { why, retry_after: self.wait, answered: true }
    }

    /// What the system says of it itself.
    pub(super) fn detail(&self) -> String {
        let detail = self.detail.as_ref();
        detail.map(|it| format!(": {it}")).unwrap_or_default()
    }
}

fn with_detail(outcome: Outcome, detail: &str) -> Outcome {
    match outcome {
        Outcome::Refused { why } => refused(format!("{why}{detail}")),
        Outcome::Failed { why, retry_after, answered } => Outcome::Failed {
            why: format!("{why}{detail}"),
            retry_after,
            answered,
        },
        other => other,
    }
}

pub(super) fn failed(why: String) -> Outcome {
    Outcome::unsettled(why)
}

pub(super) fn refused(why: String) -> Outcome {
    Outcome::Refused { why }
}
