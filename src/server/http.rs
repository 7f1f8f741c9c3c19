//! Connections, and what holds for every request: limits of time and size, the headers of
//! every answer, and one line on each for whoever runs the server.

use crate::server::answer::{Refusal, json};
use crate::server::desk::Desk;
use crate::server::events;
use crate::server::identities;
use crate::server::page;
use crate::server::rate::Wrongs;
use crate::server::review;
use crate::server::ticker::Bell;
use crate::server::{Access, Said};
use crate::session::config::Server;
use crate::time::clock::Clock;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json as value;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

/// How long the head of a request may take, and its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest body, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// The longest head, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// So many connections are open at once; more wait.
const CONNECTIONS: usize = 512;

/// What every answer carries: it is kept nowhere, tells nobody where it was shown, and runs
/// nothing.
const HEADERS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
];

/// What all answers share.
#[derive(Clone)]
pub(super) struct House(Arc<Inside>);

pub(super) struct Inside {
    pub(super) desk: Desk,
    pub(super) bell: Bell,
    pub(super) server: Server,
    /// Who showed wrong tokens.
    pub(super) wrongs: Wrongs,
    says: UnboundedSender<Said>,
}

/// From where a request comes.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// What an answer says of itself for the line about it.
#[derive(Clone)]
pub(super) struct Note {
    pub(super) route: &'static str,
    pub(super) by: Option<String>,
}

impl House {
    pub(super) fn new(
        (desk, bell): (Desk, Bell),
        server: Server,
        says: UnboundedSender<Said>,
    ) -> Self {
        let wrongs = Wrongs::default();
        Self(Arc::new(Inside { desk, bell, server, wrongs, says }))
    }

    fn router(self) -> Router {
        Router::new()
            .route("/health", get(health))
            .route("/review/style.css", get(review::style))
            .route("/review/{code}", get(review::look).post(review::decide))
            .route("/v1/events", post(events::tell))
            .route("/v1/requests/{*path}", post(events::ask))
            .route("/v1/identities", get(identities::list))
            .method_not_allowed_fallback(another_method)
            .fallback(nothing)
            .layer(middleware::from_fn_with_state(self.clone(), around))
            .with_state(self)
    }
}

impl std::ops::Deref for House {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        &self.0
    }
}

/// Answers until it is told to leave, and then until those who have asked are answered.
pub(super) async fn answer(
    mut socket: TcpListener,
    house: House,
    mut leave: watch::Receiver<bool>,
) {
    let router = house.router();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let place = Arc::clone(&room).acquire_owned().await;
            // It waits a little where the system has no more files, and goes on.
            (place, serve::Listener::accept(&mut socket).await)
        };
        let (place, (stream, from)) = tokio::select! {
            next = next => next,
            _ = leave.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        let (router, leave) = (router.clone(), leave.clone());
        connections.spawn(async move {
            converse((stream, from), router, leave).await;
            drop(place);
        });
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

/// One connection, from its first request to its last.
async fn converse(
    (stream, from): (TcpStream, SocketAddr),
    router: Router,
    mut leave: watch::Receiver<bool>,
) {
    let service = TowerToHyperService::new(router.layer(Extension(Peer(from.ip()))));
    let mut connection = Box::pin(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(TokioIo::new(stream), service),
    );
    // Whatever is wrong with a connection is wrong at its other end.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = leave.wait_for(|leave| *leave) => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await.ok();
}

/// What is done around every request.
async fn around(
    State(house): State<House>,
    Extension(Peer(peer)): Extension<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let (began, at) = (Instant::now(), Clock::Wall.now());
    let peer = match house.server.proxy {
        true => forwarded(request.headers()).unwrap_or(peer),
        false => peer,
    };
    request.extensions_mut().insert(Peer(peer));
    // It may be any word that somebody made up.
    let method = request.method().as_str().chars().take(16).collect();
    let mut answer = next.run(request).await;
    let Note { route, by } = answer
        .extensions_mut()
        .remove()
        .unwrap_or(Note { route: "-", by: None });
    for (name, value) in HEADERS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, from) = (answer.status().as_u16(), peer.to_string());
    let access = Access { at, method, route, status, took, from, by };
    // Where nobody listens any more, the end has come.
    house.says.send(Said::Answered(access)).ok();
    answer
}

/// For whom the proxy speaks: it adds the last address itself.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// The body of a request, in time and of a size that anything we ask for has.
pub(super) async fn body(body: Body) -> Result<Bytes, Refusal> {
    match timeout(PATIENCE, to_bytes(body, LONGEST_BODY)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            let message = "the body is longer than 64 KiB, or broken off";
            Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message))
        }
        Err(_) => {
            let message = "the body took longer than 10 seconds";
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "too-slow", message))
        }
    }
}

/// An answer with what the line about it says.
pub(super) fn noted(
    route: &'static str,
    by: Option<String>,
    answer: Response,
) -> Response {
    let mut answer = answer;
    answer.extensions_mut().insert(Note { route, by });
    answer
}

/// Whoever came by a browser is told where to look.
async fn nothing(headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|it| it.to_str().ok());
    if !accept.is_some_and(|accept| accept.contains("text/html")) {
        return Refusal::not_found().into_response();
    }
    let text = "Questions about access are answered by the link in the message that asked you. \
                Open that one; it may have been cut off.";
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let page = page::front("There is nothing here", text);
    (StatusCode::NOT_FOUND, kind, page).into_response()
}

async fn another_method() -> Response {
    let message = "it is not asked for by this method";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message)
        .into_response()
}

/// Whether the ticker does its work.
async fn health(State(house): State<House>) -> Response {
    let health = house.bell.health();
    let (status, word) = match (health.troubled, health.ticked_at) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "failing"),
        (false, None) => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        (false, Some(_)) => (StatusCode::OK, "ok"),
    };
    let everything = health.pauses.iter().find(|pause| pause.policy.is_none());
    let document = value!({
        "schema": "tenure.health/1",
        "status": word,
        "ticked_at": health.ticked_at,
        "next_due": health.next_due,
        "working_since": health.working_since,
        "paused": {
            "everything": everything.is_some(),
            "since": everything.map(|pause| pause.since),
            "policies": health.pauses.len() - usize::from(everything.is_some()),
        },
    });
    let mut answer = json(status, &document);
    if status != StatusCode::OK {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    noted("/health", None, answer)
}
