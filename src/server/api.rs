//! What programs ask for, with a token: JSON in, JSON out.

use crate::actions::shows;
use crate::ir::IdentityState;
use crate::server::answer::{Refusal, json};
use crate::server::http::{House, Peer, noted};
use crate::session::config::Config;
use crate::store::Listed;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json as value};
use std::net::IpAddr;

/// So many people stand on a page, where nobody says how many; and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1_000;

/// GET: the people of the store.
pub(super) async fn identities(
    State(house): State<House>,
    Extension(Peer(from)): Extension<Peer>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    const ROUTE: &str = "/v1/identities";
    let by = match caller(&house, &headers, from).await {
        Ok(by) => by,
        Err(refusal) => return noted(ROUTE, None, refusal.into_response()),
    };
    let (first, count) = match page(query.as_deref().unwrap_or_default()) {
        Ok(page) => page,
        Err(refusal) => return noted(ROUTE, Some(by), refusal.into_response()),
    };
    let found = house
        .desk
        .ask(move |store, _| Ok(store.identities((first - 1, count))?));
    let answer = match found.await {
        Ok((total, people)) => json(
            StatusCode::OK,
            &value!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": total,
                "startIndex": first,
                "itemsPerPage": people.len(),
                "Resources": people.iter().map(resource).collect::<Vec<_>>(),
            }),
        ),
        Err(refusal) => refusal.into_response(),
    };
    noted(ROUTE, Some(by), answer)
}

/// Who shows a token of the configuration, by the name of that. The tokens are looked up on
/// the desk's thread: they may lie in files.
async fn caller(
    house: &House,
    headers: &HeaderMap,
    from: IpAddr,
) -> Result<String, Refusal> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let shown = shown.and_then(|it| {
        let (scheme, token) = it.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let found = match shown {
        Some(shown) => house.desk.ask(move |_, config| Ok(named(&shown, config))).await?,
        None => None,
    };
    if let Some(name) = found {
        return Ok(name);
    }
    if house.wrongs.count(from) {
        let message = "too many wrong tokens from this address; wait a minute";
        return Err(Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            message,
        ));
    }
    let message = "show a token: `Authorization: Bearer TOKEN`";
    Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", message))
}

/// The name of a token. All are compared, so that it takes as long for each.
fn named(shown: &str, config: &Config) -> Option<String> {
    let folder = &config.network.folder;
    let tokens = config.server.tokens.iter();
    let right = tokens.filter(|(_, reference)| shows(shown, reference, folder));
    let mut right: Vec<&String> = right.map(|(name, _)| name).collect();
    right.pop().cloned()
}

/// Which people a query asks for: the first one's place, from 1, and how many.
fn page(query: &str) -> Result<(u32, u32), Refusal> {
    let wrong =
        |message: String| Refusal::new(StatusCode::BAD_REQUEST, "bad-request", message);
    let (mut first, mut count) = (1, PAGE);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
        let number = || {
            text.parse::<u32>()
                .map_err(|_| wrong(format!("`{name}` is not a whole number")))
        };
        match name {
            "startIndex" => first = number()?.max(1),
            "count" => count = number()?.min(LARGEST_PAGE),
            _ => {
                let known = "known are `startIndex` and `count`";
                return Err(wrong(format!(
                    "there is no parameter of that name; {known}"
                )));
            }
        }
    }
    Ok((first, count))
}

fn resource(person: &Listed) -> Value {
    let Listed { id, email, given_name, family_name, identity_state } = person;
    value!({
        "id": id.to_string(),
        "userName": email,
        "name": { "givenName": given_name, "familyName": family_name },
        "identityState": match identity_state {
            IdentityState::Active => "ACTIVE",
            IdentityState::ShortTerm => "INACTIVE_SHORT_TERM",
            IdentityState::LongTerm => "INACTIVE_LONG_TERM",
        },
    })
}
