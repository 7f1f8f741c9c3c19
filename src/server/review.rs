//! The page behind the link of a review. Looking decides nothing, whoever looks; the button
//! does.

use crate::actions::{LinkKey, Purpose, Recorder};
use crate::engine::step::Event;
use crate::engine::{Decision, Engine, EngineError, Question, Run, Verdict, stored};
use crate::server::answer::Refusal;
use crate::server::http::{House, Peer, body, noted};
use crate::server::page::{self, Tone};
use crate::session::config::Config;
use crate::store::Store;
use crate::time::clock::Clock;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::net::IpAddr;

/// The name that these requests go by; what else stands in their paths is a secret.
const ROUTE: &str = "/review/…";

/// What the page or the form comes to.
enum Found {
    /// Nothing: the link is none of ours, or is good for nothing any more.
    Wrong,
    /// The form is none of ours.
    Foreign,
    /// The form says something twice.
    Twice,
    /// The form says neither keep nor remove.
    Unclear,
    /// The question as it stands now, for whom, and the token of the form.
    Open(Box<Question>, String, String),
    /// It was taken in.
    Taken(Box<Question>, String),
    /// It was refused, for that is over.
    Late(Box<Question>, String),
}

/// GET and HEAD: what is asked.
pub(super) async fn look(
    State(house): State<House>,
    Extension(Peer(from)): Extension<Peer>,
    Path(code): Path<String>,
) -> Response {
    let found = house.desk.ask(move |store, config| {
        let Some((key, run, email)) = whose((store, config), &code)? else {
            return Ok(Found::Wrong);
        };
        let question = question((store, config), &run, &email)?;
        let form = key.token(Purpose::Form, &run.key, &email);
        Ok(question.map_or(Found::Wrong, |it| Found::Open(Box::new(it), email, form)))
    });
    answer(&house, from, found.await)
}

/// POST: somebody decides.
pub(super) async fn decide(
    State(house): State<House>,
    Extension(Peer(from)): Extension<Peer>,
    Path(code): Path<String>,
    headers: HeaderMap,
    sent: Body,
) -> Response {
    if !from_our_page(&headers, house.server.url.as_deref()) {
        return answer(&house, from, Ok(Found::Foreign));
    }
    let form = match body(sent).await {
        Ok(form) => form,
        Err(refusal) => return answer(&house, from, Err(refusal)),
    };
    let text = String::from_utf8_lossy(&form).into_owned();
    if ["answer", "form"].iter().any(|name| fields(&text, name).count() > 1) {
        return answer(&house, from, Ok(Found::Twice));
    }
    let Some(token) = field(&text, "form").map(str::to_owned) else {
        return answer(&house, from, Ok(Found::Foreign));
    };
    let verdict = match field(&text, "answer") {
        Some("keep") => Some(Verdict::Keep),
        Some("remove") => Some(Verdict::Remove),
        _ => None,
    };
    let found = house.desk.ask(move |store, config| {
        let Some((key, run, email)) = whose((store, config), &code)? else {
            return Ok(Found::Wrong);
        };
        if !key.made(&token, Purpose::Form, (&run.key, &email)) {
            return Ok(Found::Foreign);
        }
        let Some(verdict) = verdict else { return Ok(Found::Unclear) };
        let decision = Decision {
            by: email.clone(),
            actor: None,
            verdict,
            comment: None,
        };
        let settings = config.settings();
        let mut hands = Recorder::default();
        let mut engine = Engine::new(store, &mut hands, &settings)?;
        let told = engine.tell(run.id.0, Event::Decided(decision), Clock::Wall.now());
        let taken = match told {
            Ok(_) => true,
            Err(EngineError::Refused(_) | EngineError::NoRun(_)) => false,
            Err(error) => return Err(error.into()),
        };
        let question = question((store, config), &run, &email)?;
        let Some(question) = question.map(Box::new) else { return Ok(Found::Wrong) };
        Ok(match taken {
            true => Found::Taken(question, email),
            false => Found::Late(question, email),
        })
    });
    let found = found.await;
    if matches!(found, Ok(Found::Taken(..))) {
        // What follows, follows now.
        house.bell.ring();
    }
    answer(&house, from, found)
}

/// The style sheet of the page.
pub(super) async fn style() -> Response {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    noted("/review/style.css", None, (kind, page::STYLE).into_response())
}

/// Which run a link is of, and whom it was made for. Where there is none, finding that out
/// takes what it takes to find one.
fn whose(
    (store, config): (&Store, &Config),
    code: &str,
) -> Result<Option<(LinkKey, Run, String)>, Refusal> {
    let Some(reference) = &config.network.links else { return Ok(None) };
    let key = LinkKey::read(reference, &config.network.folder)
        .map_err(|_| Refusal::broken())?;
    let Some((number, token)) = code.split_once('-') else { return Ok(None) };
    let run = match number.parse() {
        Ok(number) => stored(store, number)?,
        Err(_) => None,
    };
    let Some(run) = run else {
        key.made(token, Purpose::Link, ("", ""));
        return Ok(None);
    };
    let made = |email: &&String| key.made(token, Purpose::Link, (&run.key, email));
    let email = run.asked.iter().map(|asked| &asked.email).find(made).cloned();
    Ok(email.map(|email| (key, run, email)))
}

fn question(
    (store, config): (&Store, &Config),
    run: &Run,
    email: &str,
) -> Result<Option<Question>, Refusal> {
    let settings = config.settings();
    let mut hands = Recorder::default();
    let mut engine = Engine::new(store, &mut hands, &settings)?;
    Ok(engine.question(run.id.0, email, Clock::Wall.now())?)
}

/// The page for what was found.
fn answer(house: &House, from: IpAddr, found: Result<Found, Refusal>) -> Response {
    let (status, text) = match found {
        Ok(Found::Open(question, email, form)) => {
            (StatusCode::OK, page::review(&question, &email, Tone::Asking(&form)))
        }
        Ok(Found::Taken(question, email)) => {
            (StatusCode::OK, page::review(&question, &email, Tone::Thanks))
        }
        Ok(Found::Late(question, email)) => {
            (StatusCode::CONFLICT, page::review(&question, &email, Tone::Late))
        }
        Ok(Found::Wrong) if house.wrongs.count(from) => {
            let text = "Too many links from your address were wrong. Wait a minute, and \
                        open the link in the message again.";
            (StatusCode::TOO_MANY_REQUESTS, page::notice("Wait a minute", text))
        }
        Ok(Found::Wrong) => {
            let text = "This link is not valid. Open the one in the message that asked \
                        you; it may have been cut off.";
            (StatusCode::NOT_FOUND, page::notice("No such question", text))
        }
        Ok(Found::Foreign) => {
            let text = "This answer did not come from our page, so nothing was decided. \
                        Open the link in the message, and choose there.";
            (StatusCode::FORBIDDEN, page::notice("Nothing was decided", text))
        }
        Ok(Found::Twice) => {
            let text = "This answer says more than one thing, so nothing was decided. Open \
                        the link in the message, and choose there.";
            (StatusCode::BAD_REQUEST, page::notice("Nothing was decided", text))
        }
        Ok(Found::Unclear) => {
            let text = "This answer is neither of the two, so nothing was decided. Open the \
                        link in the message, and choose there.";
            (StatusCode::UNPROCESSABLE_ENTITY, page::notice("Nothing was decided", text))
        }
        Err(Refusal { status, message, .. }) => {
            let text = format!("Nothing was decided: {message}.");
            (status, page::notice("Not now", &text))
        }
    };
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut answer = (status, kind, text).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    noted(ROUTE, None, answer)
}

/// Whether a form came from a page of ours, as far as the browser says. An old one that says
/// nothing, or only that it must not say, is left to the token in the form.
fn from_our_page(headers: &HeaderMap, url: Option<&str>) -> bool {
    let value = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = value("sec-fetch-site") {
        return site == "same-origin";
    }
    match value("origin") {
        None | Some("null") => true,
        Some(origin) => {
            let ours = url.is_some_and(|url| {
                url.strip_prefix(origin)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            let host = value("host");
            ours || origin.split_once("://").map(|(_, host)| host) == host
        }
    }
}

/// The value of a field of a form. Those we ask for hold nothing that would be written in
/// another way there.
fn field<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    fields(form, name).next()
}

/// All its values.
fn fields<'a>(form: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    form.split('&').filter_map(move |pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then_some(value)
    })
}
