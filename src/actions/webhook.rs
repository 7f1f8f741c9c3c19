//! Webhooks, calls and chats: one request per attempt, many at a time, few per receiver.

use crate::actions::Settings;
use crate::actions::answer::{self, Body};
use crate::actions::chat;
use crate::actions::guard::{self, HostPort, PublicOnly, Refusal, Target};
use crate::actions::reason::reason;
use crate::actions::secret;
use crate::actions::sign::Keys;
use crate::actions::under_way;
use crate::engine::{Calling, Chat, Mail, Outcome, Request};
use crate::ir::{SecretRef, Webhook};
use crate::time::Timestamp;
use crate::time::clock::Clock;
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::{Client, ClientBuilder, Method, redirect};
use secrecy::ExposeSecret as _;
use std::error::Error;
use std::sync::Once;
use std::time::Duration;

/// The longest that an attempt takes, whatever the webhook's own limit.
const LONGEST: Duration = Duration::from_secs(15);

/// The longest that connecting takes, names and TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Post<'a> {
    /// A webhook of a policy: its answer has a verdict.
    Webhook(&'a Request),
    /// A message in a chat: its status alone counts.
    Chat(&'a Chat, &'a Mail),
    /// A call of a policy: its status alone counts, and the policy may accept more of them.
    Call(&'a Calling),
}

/// Sends webhooks, and messages in chats.
#[derive(Debug)]
pub(crate) struct Webhooks {
    /// Reaches public addresses only.
    public: Client,
    /// Reaches whatever its names resolve to.
    trusted: Client,
}

/// An attempt that is ready to be made.
pub(super) struct Call {
    client: Client,
    endpoint: HostPort,
    request: reqwest::Request,
    stamp: Option<Stamp>,
    limit: Duration,
    verdict: Verdict,
    /// The instant that waits count from.
    now: Timestamp,
}

/// What of an answer counts.
enum Verdict {
    /// The body says how it went.
    Said,
    /// The status does; these count as success besides 2xx.
    Status(Vec<u16>),
}

/// What an attempt is signed with, at its own instant: a receiver takes no signature that is
/// some minutes old, and a batch may take longer than that.
struct Stamp {
    clock: Clock,
    key: String,
    body: String,
    keys: Option<Keys>,
}

impl Webhooks {
    /// Starts without opening any connection.
    pub(crate) fn new() -> Result<Self, String> {
        // Somebody may have installed one before; any will do.
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            rustls::crypto::ring::default_provider().install_default().ok();
        });
        let client = || {
            Client::builder()
                .user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT)
                .pool_max_idle_per_host(under_way::AT_ONCE_EACH)
                .redirect(redirect::Policy::none())
                // The environment's proxy would connect in our stead, past the guard.
                .no_proxy()
        };
        let build = |builder: ClientBuilder| {
            builder
                .build()
                .map_err(|error| format!("TLS can't be set up: {}", reason(&error)))
        };
        Ok(Self {
            public: build(client().dns_resolver(PublicOnly))?,
            trusted: build(client())?,
        })
    }

    /// The one that reaches whatever its names resolve to, or public addresses only.
    pub(crate) fn client(&self, trusted: bool) -> &Client {
        if trusted { &self.trusted } else { &self.public }
    }

    /// Makes ready what is to be sent, or says why it can't be.
    pub(super) fn call(
        &self,
        (key, post): (&str, Post<'_>),
        (settings, clock): (&Settings, Clock),
        now: Timestamp,
    ) -> Result<Call, Outcome> {
        match post {
            Post::Webhook(request) => self.prepare(key, request, (settings, clock), now),
            Post::Chat(chat, mail) => {
                self.prepare_chat((key, chat, mail), (settings, clock), now)
            }
            Post::Call(calling) => self.prepare_call((key, calling), settings, now),
        }
    }

    /// Builds the request that writes into a chat. What hinders it is the configuration's and
    /// can be mended, so it is tried again; and none of it may show the URL.
    fn prepare_chat(
        &self,
        (key, chat, mail): (&str, &Chat, &Mail),
        (settings, clock): (&Settings, Clock),
        now: Timestamp,
    ) -> Result<Call, Outcome> {
        let request = chat::request(chat, mail, &settings.folder).map_err(unready)?;
        if let Err(refusal) = guard::check(&request.url, &settings.hosts) {
            let why = match refusal {
                Refusal::NotPublic { .. }
                | Refusal::ResolvesInside { .. }
                | Refusal::Plain { .. } => refusal.to_string(),
                Refusal::NoUrl { .. } | Refusal::Scheme { .. } | Refusal::UserInfo => {
                    "its URL is not one of `https:`".to_owned()
                }
            };
            return Err(Outcome::unsettled(format!("chat `{}`: {why}", chat.name)));
        }
        let call = self.prepare(key, &request, (settings, clock), now)?;
        Ok(Call { verdict: Verdict::Status(Vec::new()), ..call })
    }

    /// Builds the request, or says why it can't be sent.
    fn prepare(
        &self,
        key: &str,
        request: &Request,
        (settings, clock): (&Settings, Clock),
        now: Timestamp,
    ) -> Result<Call, Outcome> {
        let Target { url, endpoint, trusted } =
            guard::check(&request.url, &settings.hosts)
                .map_err(|refusal| refused(refusal.to_string()))?;
        let client = if trusted { &self.trusted } else { &self.public };
        let mut headers = own_headers(&request.headers)?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let id = HeaderValue::from_str(key)
            .map_err(|_| refused("`webhook-id` can't be sent as a header".to_owned()))?;
        headers.insert("webhook-id", id);
        let keys = match &request.secret {
            Some(reference) => Some(keys(&request.webhook, reference, settings)?),
            None => None,
        };
        let built = client.post(url).headers(headers).body(request.body.clone()).build();
        let own = Duration::from_secs(u64::try_from(request.timeout.0).unwrap_or(0));
        Ok(Call {
            client: client.clone(),
            endpoint,
            request: built.map_err(|error| refused(reason(&error.without_url())))?,
            stamp: Some(Stamp {
                clock,
                key: key.to_owned(),
                body: request.body.clone(),
                keys,
            }),
            limit: own.clamp(Duration::from_secs(1), LONGEST),
            verdict: Verdict::Said,
            now,
        })
    }

    /// Builds the request of a call, or says why it can't be sent.
    fn prepare_call(
        &self,
        (key, calling): (&str, &Calling),
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Call, Outcome> {
        let Target { url, endpoint, trusted } =
            guard::check(&calling.url, &settings.hosts)
                .map_err(|refusal| refused(refusal.to_string()))?;
        let client = if trusted { &self.trusted } else { &self.public };
        let mut headers = own_headers(&calling.headers)?;
        let id = HeaderValue::from_str(key)
            .map_err(|_| refused("the key can't be sent as a header".to_owned()))?;
        headers.insert("idempotency-key", id);
        if let Some(reference) = &calling.bearer {
            headers.insert(AUTHORIZATION, bearer(reference, settings)?);
        }
        let method = Method::from_bytes(calling.method.as_bytes())
            .map_err(|_| refused(format!("`{}` is no method", calling.method)))?;
        let mut request = client.request(method, url);
        if let Some(body) = &calling.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request = request.body(body.clone());
        }
        let built = request.headers(headers).build();
        let own = Duration::from_secs(u64::try_from(calling.timeout.0).unwrap_or(0));
        Ok(Call {
            client: client.clone(),
            endpoint,
            request: built.map_err(|error| refused(reason(&error.without_url())))?,
            stamp: None,
            limit: own.clamp(Duration::from_secs(1), LONGEST),
            verdict: Verdict::Status(calling.accept.clone()),
            now,
        })
    }
}

impl Stamp {
    /// Puts the present instant on a request, and signs it.
    fn put(&self, request: &mut reqwest::Request) -> Result<(), Outcome> {
        let at = self.clock.now().0;
        let mut standard = vec![("webhook-timestamp", at.to_string())];
        if let Some(keys) = &self.keys {
            standard.push(("webhook-signature", keys.sign(&self.key, at, &self.body)));
        }
        for (name, value) in standard {
            let value = HeaderValue::from_str(&value)
                .map_err(|_| refused(format!("`{name}` can't be sent as a header")))?;
            request.headers_mut().insert(name, value);
        }
        Ok(())
    }
}

/// The header that holds a token.
pub(crate) fn bearer(
    reference: &SecretRef,
    settings: &Settings,
) -> Result<HeaderValue, Outcome> {
    let token = secret::reveal(reference, &settings.folder)
        .map_err(|error| unready(format!("there is no token: {error}")))?;
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
        .map_err(|_| {
        let place = match reference {
            SecretRef::Env(name) => format!("the environment variable `{name}`"),
            SecretRef::File(path) => format!("the secret file `{path}`"),
        };
        unready(format!(
            "{place} holds signs that no header can have, such as a \
                 line break"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The keys behind a webhook's secret.
fn keys(name: &str, secret: &SecretRef, settings: &Settings) -> Result<Keys, Outcome> {
    let secret = secret::reveal(secret, &settings.folder)
        .map_err(|error| unready(format!("webhook `{name}` has no secret: {error}")))?;
    Keys::parse(&secret)
        .map_err(|error| unready(format!("the secret of webhook `{name}` {error}")))
}

/// The policy's own headers.
fn own_headers(written: &[(String, String)]) -> Result<HeaderMap, Outcome> {
    let mut headers = HeaderMap::new();
    for (name, value) in written {
        let wrong =
            |why: &str| refused(format!("the header `{}` {why}", answer::words(name)));
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| wrong("has a name that no header can have"))?;
        let reserved = Webhook::reserves(parsed.as_str());
        if reserved {
            return Err(wrong("can't be set by a webhook"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| wrong("has a value that no header can have"))?;
        headers.append(parsed, value);
    }
    Ok(headers)
}

/// One attempt, within its limit.
pub(super) async fn attempt(call: Call) -> Outcome {
    let Call {
        client,
        endpoint,
        mut request,
        stamp,
        limit,
        verdict,
        now,
    } = call;
    if let Some(stamp) = stamp
        && let Err(outcome) = stamp.put(&mut request)
    {
        return outcome;
    }
    let exchange = exchange(&client, (request, verdict), now);
    match tokio::time::timeout(limit, exchange).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(error)) => explain(&endpoint, &error),
        Err(_) => failed(format!("`{endpoint}` gave no answer within {limit:?}")),
    }
}

/// Sends the request, and reads as much of the answer as is needed.
async fn exchange(
    client: &Client,
    (request, verdict): (reqwest::Request, Verdict),
    now: Timestamp,
) -> Result<Outcome, reqwest::Error> {
    let mut response =
        client.execute(request).await.map_err(reqwest::Error::without_url)?;
    let status = response.status();
    let wait = response.headers().get(RETRY_AFTER);
    let wait = wait.and_then(|value| value.to_str().ok());
    let wait = wait.and_then(|value| answer::retry_after(value, now));
    if let Verdict::Status(accepted) = &verdict
        && accepted.contains(&status.as_u16())
    {
        let message = Some(format!("the receiver answered {status}"));
        return Ok(Outcome::Delivered { message });
    }
    if let Some(outcome) = answer::of_status(status, wait) {
        return Ok(outcome);
    }
    if let Verdict::Status(_) = verdict {
        return Ok(Outcome::Delivered { message: None });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > answer::LONGEST {
            return Ok(answer::of_body(status, &Body::TooLong));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(answer::of_body(status, &Body::Whole(body)))
}

/// Why no answer came.
fn explain(endpoint: &HostPort, error: &reqwest::Error) -> Outcome {
    let mut cause: &(dyn Error + 'static) = error;
    loop {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return refused(refusal.to_string());
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            None => break,
        }
    }
    failed(match (error.is_connect(), error.is_timeout()) {
        (true, true) => format!("`{endpoint}` can't be reached within {CONNECT:?}"),
        (true, false) => format!("`{endpoint}` can't be reached: {}", reason(error)),
        (false, _) => format!("`{endpoint}` broke off: {}", reason(error)),
    })
}

fn failed(why: String) -> Outcome {
    Outcome::silent(why)
}

/// The configuration lacks something; the receiver is not asked.
fn unready(why: String) -> Outcome {
    Outcome::Unready { why }
}

fn refused(why: String) -> Outcome {
    Outcome::Refused { why }
}
