//! What other systems tell of, and ask for: taken in once, on record before the answer.

use crate::actions::Recorder;
use crate::engine::{Engine, EventMessage, Received};
use crate::server::answer::{Refusal, json};
use crate::server::caller::caller;
use crate::server::http::{House, Peer, body, noted};
use crate::text::NotJson;
use crate::time::clock::Clock;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::de::IgnoredAny;
use serde_json::json as value;

/// The sender's name for a request, where its document has none.
const KEY: &str = "idempotency-key";

/// No name is longer.
const LONGEST_KEY: usize = 255;

/// POST: something happened, or is about to.
pub(super) async fn tell(
    State(house): State<House>,
    Extension(Peer(from)): Extension<Peer>,
    headers: HeaderMap,
    sent: Body,
) -> Response {
    const ROUTE: &str = "/v1/events";
    let by = match caller(&house, &headers, from).await {
        Ok(by) => by,
        Err(refusal) => return noted(ROUTE, None, refusal.into_response()),
    };
    let received = async {
        let text = document(&headers, sent).await?;
        let message = EventMessage::parse(&text).map_err(Refusal::unfit)?;
        house.desk.take_in(message, teller(&by)).await
    };
    let received = received.await;
    noted(ROUTE, Some(by), answer(received))
}

/// POST: somebody asks for what listens to a path.
pub(super) async fn ask(
    State(house): State<House>,
    Extension(Peer(from)): Extension<Peer>,
    Path(path): Path<String>,
    headers: HeaderMap,
    sent: Body,
) -> Response {
    const ROUTE: &str = "/v1/requests/…";
    let by = match caller(&house, &headers, from).await {
        Ok(by) => by,
        Err(refusal) => return noted(ROUTE, None, refusal.into_response()),
    };
    let received = async {
        let id = key(&headers)?;
        let text = document(&headers, sent).await?;
        let message = EventMessage::parse_request(&path, id.as_deref(), &text)
            .map_err(Refusal::unfit)?;
        request(&house, message, teller(&by)).await
    };
    let received = received.await;
    noted(ROUTE, Some(by), answer(received))
}

/// Has a request taken in. What follows from it follows now, whether whoever sent it waits for
/// the answer or not.
async fn request(
    house: &House,
    message: EventMessage,
    by: String,
) -> Result<Received, Refusal> {
    let bell = house.bell.clone();
    let taken = house.desk.ask(move |store, config| {
        let settings = config.settings();
        let mut hands = Recorder::default();
        let mut engine = Engine::new(store, &mut hands, &settings)?;
        let Some(received) = engine.request((&message, &by), Clock::Wall.now())? else {
            let path = message.path.unwrap_or_default();
            let why = format!("no active policy listens to `request \"{path}\"`");
            return Err(Refusal::new(StatusCode::NOT_FOUND, "not-found", why));
        };
        bell.ring();
        Ok(received)
    });
    taken.await
}

/// Who told, on record: nobody at the shell is called so.
fn teller(token: &str) -> String {
    format!("token {token}")
}

/// The answer of a gate, or that the rest will follow.
fn answer(received: Result<Received, Refusal>) -> Response {
    let received = match received {
        Ok(received) => received,
        Err(refusal) => return refusal.into_response(),
    };
    let status = match received.answer {
        Some(_) => StatusCode::OK,
        None => StatusCode::ACCEPTED,
    };
    json(status, &value!({ "schema": "tenure.received/1", "event": received }))
}

/// The JSON that was sent.
async fn document(headers: &HeaderMap, sent: Body) -> Result<String, Refusal> {
    let of = |name| headers.get(name).map(|it| it.to_str().unwrap_or("?").trim());
    let kind = of(header::CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_lowercase();
    let is_json = kind == "application/json"
        || (kind.starts_with("application/") && kind.ends_with("+json"));
    if !is_json || of(header::CONTENT_ENCODING).is_some_and(|it| it != "identity") {
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "send JSON as it is: `Content-Type: application/json`",
        ));
    }
    let bytes = body(sent).await?;
    let wrong = |why: String| Refusal::new(StatusCode::BAD_REQUEST, "bad-request", why);
    let text = String::from_utf8(bytes.to_vec())
        .map_err(|_| wrong("the body is no JSON: it is not UTF-8".to_owned()))?;
    serde_json::from_str::<IgnoredAny>(&text).map_err(|error| {
        wrong(format!("the body is no JSON: {}", NotJson::new(&text, &error)))
    })?;
    Ok(text)
}

/// The name in the head, bare or in quotes.
fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut shown = headers.get_all(KEY).iter();
    let Some(first) = shown.next() else { return Ok(None) };
    let text = first.to_str().unwrap_or_default().trim();
    let bare = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let bare = bare.unwrap_or(text);
    if bare.is_empty() || bare.len() > LONGEST_KEY || shown.next().is_some() {
        let why = format!(
            "`Idempotency-Key` is one name of at most {LONGEST_KEY} letters, digits and \
             signs"
        );
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "bad-request", why));
    }
    Ok(Some(bare.to_owned()))
}
