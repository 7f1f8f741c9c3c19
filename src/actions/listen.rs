//! A receiver of webhooks for trying policies: it tells what arrives, and answers as it was
//! told to.
//!
//! It listens on this machine only, and does nothing with what it receives.

use crate::actions::secret;
use crate::actions::sign::Keys;
use crate::ir::SecretRef;
use crate::time::Timestamp;
use crate::time::clock::Clock;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::{self, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How old, or how far ahead, a signature may be, as Standard Webhooks advises.
const TOLERANCE: i64 = 5 * 60;

/// The longest body, in bytes.
const LONGEST_BODY: usize = 2 * 1024 * 1024;

/// How long a slow answer takes: longer than anybody waits for it.
const SLOW: Duration = Duration::from_secs(20);

/// What a payload must hold.
const FIELDS: [&str; 6] = [
    "application",
    "permissions",
    "user",
    "target_user",
    "request_comment",
    "custom_fields",
];

/// How webhooks are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// 200, and `SUCCESS`.
    Success,
    /// 200, and `FAILURE`.
    Failure,
    /// 204.
    NoContent,
    /// 200, and something else.
    Malformed,
    /// 503.
    Unavailable,
    /// 204, when nobody waits for it any more.
    Slow,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// There is no secret to check it with.
    NotChecked,
    /// There is none.
    Missing,
    /// It was made with another secret, or of something else.
    Wrong,
    /// It is right, and the instant it was made at is not the present one.
    OldOrAhead,
    /// It is right.
    Valid,
}

/// A webhook that arrived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arrived {
    /// The first is 1.
    pub(crate) number: u64,
    /// The path and the query.
    pub(crate) path: String,
    /// The headers, in the order sent.
    pub(crate) headers: Vec<(String, String)>,
    /// What its signature is worth.
    pub(crate) signature: Signature,
    /// The body: JSON, or a text where it is none.
    pub(crate) body: Value,
    /// The fields that a payload must have and this one has not.
    pub(crate) missing: Vec<&'static str>,
    /// The status that it is answered with.
    pub(crate) status: u16,
    /// What it is told, if anything.
    pub(crate) said: Option<String>,
}

/// What comes in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    /// A webhook.
    Webhook(Arrived),
    /// What is none.
    Refused {
        /// Its method.
        method: String,
        /// Its path and its query.
        path: String,
        /// The status that it is answered with.
        status: u16,
        /// Why.
        why: &'static str,
    },
}

/// A receiver that listens already, and answers once it is let.
#[derive(Debug)]
pub(crate) struct Listener {
    runtime: Runtime,
    socket: TcpListener,
    stop: Stop,
    address: SocketAddr,
    reply: Reply,
    keys: Option<Keys>,
    clock: Clock,
}

/// What all answers share.
struct Desk {
    reply: Reply,
    keys: Option<Keys>,
    clock: Clock,
    count: AtomicU64,
    heard: UnboundedSender<Heard>,
}

impl Listener {
    /// Listens on a port of this machine; 0 stands for any that is free.
    pub(crate) fn bind(port: u16, reply: Reply, clock: Clock) -> io::Result<Self> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        // Whoever knows the address may end us: from here on, that ends us in good order.
        let stop = runtime.block_on(async { Stop::new() })?;
        let keys = None;
        Ok(Self { runtime, socket, stop, address, reply, keys, clock })
    }

    /// Checks signatures with that secret, and refuses what has no right one.
    pub(crate) fn secret(
        mut self,
        reference: &SecretRef,
        folder: &Path,
    ) -> Result<Self, String> {
        let secret =
            secret::reveal(reference, folder).map_err(|error| error.to_string())?;
        let keys = Keys::parse(&secret).map_err(|error| format!("the secret {error}"))?;
        self.keys = Some(keys);
        Ok(self)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until somebody interrupts or ends the process, or `tell`, which is given what
    /// arrives, fails. Gives how many arrived.
    pub(crate) fn serve<E: From<io::Error>>(
        self,
        mut tell: impl FnMut(&Heard) -> Result<(), E>,
    ) -> Result<u64, E> {
        let Self { runtime, socket, stop, reply, keys, clock, .. } = self;
        let (heard, mut arrivals) = unbounded_channel();
        let count = AtomicU64::new(0);
        let desk = Arc::new(Desk { reply, keys, clock, count, heard });
        let served = runtime.block_on(async {
            let socket = tokio::net::TcpListener::from_std(socket)?;
            let router = Router::new().fallback(receive).with_state(Arc::clone(&desk));
            tokio::select! {
                served = axum::serve(socket, router) => served.map_err(E::from),
                told = pass_on(&mut arrivals, &mut tell) => told,
                () = stop.wanted() => Ok(()),
            }
        });
        // A slow answer keeps nobody waiting.
        runtime.shutdown_background();
        // What was counted is told, too.
        while let (Ok(()), Ok(heard)) = (&served, arrivals.try_recv()) {
            tell(&heard)?;
        }
        served.map(|()| desk.count.load(Ordering::Relaxed))
    }
}

async fn pass_on<E>(
    arrivals: &mut UnboundedReceiver<Heard>,
    mut tell: impl FnMut(&Heard) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(heard) = arrivals.recv().await {
        tell(&heard)?;
    }
    Ok(())
}

async fn receive(
    State(desk): State<Arc<Desk>>,
    (method, uri): (Method, Uri),
    headers: HeaderMap,
    body: Body,
) -> Response {
    let refused = |status: StatusCode, why| {
        let path = uri.to_string();
        let (method, status) = (method.to_string(), status.as_u16());
        // Where nobody listens any more, the end has come.
        desk.heard.send(Heard::Refused { method, path, status, why }).ok();
    };
    if method != Method::POST {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        refused(status, "a webhook is a POST");
        return (status, [(header::ALLOW, "POST")]).into_response();
    }
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        refused(status, "its body is longer than 2 MiB, or broken off");
        return status.into_response();
    };
    let signature = signature(&headers, &body, desk.keys.as_ref(), desk.clock.now());
    let text = String::from_utf8_lossy(&body);
    let payload =
        serde_json::from_slice(&body).unwrap_or_else(|_| Value::from(text.into_owned()));
    let (status, said) = match signature {
        Signature::Missing | Signature::Wrong => (StatusCode::UNAUTHORIZED, None),
        _ => answer(desk.reply, &payload),
    };
    let text = |value: &axum::http::HeaderValue| {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    };
    let arrived = Arrived {
        number: desk.count.fetch_add(1, Ordering::Relaxed) + 1,
        path: uri.to_string(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        signature,
        missing: FIELDS
            .into_iter()
            .filter(|field| payload.get(field).is_none())
            .collect(),
        body: payload,
        status: status.as_u16(),
        said: said.clone(),
    };
    desk.heard.send(Heard::Webhook(arrived)).ok();
    if desk.reply == Reply::Slow {
        tokio::time::sleep(SLOW).await;
    }
    match said {
        Some(said) => {
            (status, [(header::CONTENT_TYPE, "application/json")], said).into_response()
        }
        None => status.into_response(),
    }
}

/// The status and the body that a payload is answered with.
fn answer(reply: Reply, payload: &Value) -> (StatusCode, Option<String>) {
    let at = |place: &str| payload.pointer(place).and_then(Value::as_str);
    let whom = at("/custom_fields/username").unwrap_or("somebody");
    let app = at("/application/user_friendly_label").unwrap_or("some app");
    let said = |response: &str, what: &str| {
        let msg = format!("{what}: {whom} in {app}");
        Some(json!({ "response": response, "msg": msg }).to_string())
    };
    match reply {
        Reply::Success => (StatusCode::OK, said("SUCCESS", "taken")),
        Reply::Failure => (StatusCode::OK, said("FAILURE", "not taken")),
        Reply::Malformed => {
            (StatusCode::OK, Some(json!({ "status": "fine" }).to_string()))
        }
        Reply::NoContent | Reply::Slow => (StatusCode::NO_CONTENT, None),
        Reply::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, None),
    }
}

/// What the signature of a request is worth.
fn signature(
    headers: &HeaderMap,
    body: &[u8],
    keys: Option<&Keys>,
    now: Timestamp,
) -> Signature {
    let Some(keys) = keys else { return Signature::NotChecked };
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(at), Some(signature)) =
        (value("webhook-id"), value("webhook-timestamp"), value("webhook-signature"))
    else {
        return Signature::Missing;
    };
    match at.parse::<i64>() {
        Ok(at) if keys.verify(id, at, body, signature) => {
            if Timestamp(at).since(now).0.abs() > TOLERANCE {
                Signature::OldOrAhead
            } else {
                Signature::Valid
            }
        }
        _ => Signature::Wrong,
    }
}

/// What ends it: an interrupt from the keyboard, or a plain request to end.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(crate) async fn wanted(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What ends it: an interrupt from the keyboard.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Stop;

#[cfg(not(unix))]
impl Stop {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn wanted(self) {
        // Where it can't be heard, the process ends as it is.
        tokio::signal::ctrl_c().await.ok();
    }
}
