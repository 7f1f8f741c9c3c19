//! The people of the store, for programs.

use crate::scim_filter::{self, FilterError, scim_name};
use crate::server::answer::{Refusal, json};
use crate::server::caller::caller;
use crate::server::http::{House, Peer, noted};
use crate::store::{Listed, Store};
use crate::time::clock::Clock;
use axum::extract::{Extension, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json as value};
use std::collections::BTreeSet;

/// So many people stand on a page, where nobody says how many; and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1_000;

/// GET: the people of the store.
pub(super) async fn list(
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
    let found = async {
        let asked = Asked::read(query.as_deref().unwrap_or_default())?;
        let first = asked.first;
        let found = house.desk.ask(move |store, _| asked.find(store)).await?;
        Ok((first, found))
    };
    let answer = match found.await {
        Ok((first, (total, people))) => json(
            StatusCode::OK,
            &value!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
                "totalResults": total,
                "startIndex": first,
                "itemsPerPage": people.len(),
                "Resources": people.iter().map(resource).collect::<Vec<_>>(),
            }),
        ),
        Err(refusal) => Refusal::into_response(refusal),
    };
    noted(ROUTE, Some(by), answer)
}

/// Which people are asked for.
struct Asked {
    filter: Option<String>,
    /// The first one's place, from 1.
    first: u32,
    count: u32,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Refusal> {
        let mut asked = Self { filter: None, first: 1, count: PAGE };
        let mut known = BTreeSet::new();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            let number = || number(&name, &text);
            match name.as_ref() {
                "filter" => asked.filter = Some(text.to_string()),
                "startIndex" => asked.first = number()?.max(1),
                "count" => asked.count = number()?.min(LARGEST_PAGE),
                _ => {
                    let known = "known are `filter`, `startIndex` and `count`";
                    let why = format!("there is no parameter of that name; {known}");
                    return Err(Refusal::scim("bad-request", "invalidValue", why));
                }
            }
            if !known.insert(name.to_string()) {
                let why = format!("`{name}` is there twice");
                return Err(Refusal::scim("bad-request", "invalidValue", why));
            }
        }
        Ok(asked)
    }

    /// How many there are, and those of the page.
    fn find(&self, store: &Store) -> Result<(u64, Vec<Listed>), Refusal> {
        let page = (self.first - 1, self.count);
        let Some(filter) = &self.filter else { return Ok(store.identities(page)?) };
        let catalog = store.catalog()?;
        let condition = scim_filter::parse(filter)
            .and_then(|filter| filter.condition(&catalog))
            .map_err(|error| unusable(&error, filter))?;
        let found = scim_filter::users(store, &condition, Clock::Wall.now())?;
        let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
        Ok((total, store.identities_among(&found, page)?))
    }
}

/// A whole number; below nothing is nothing, as the standard has it.
fn number(name: &str, text: &str) -> Result<u32, Refusal> {
    let number: i64 = text.parse().map_err(|_| {
        let why = format!("`{name}` is not a whole number");
        Refusal::scim("bad-request", "invalidValue", why)
    })?;
    Ok(u32::try_from(number.max(0)).unwrap_or(u32::MAX))
}

/// What is wrong with a filter, and at which letter of it.
fn unusable(error: &FilterError, filter: &str) -> Refusal {
    let before = filter.get(..error.at).unwrap_or(filter);
    let place = before.chars().count() + 1;
    let mut why = format!("the filter, letter {place}: {}", error.message);
    if let Some(help) = &error.help {
        why += &format!("; {help}");
    }
    Refusal::scim("invalid-filter", "invalidFilter", why)
}

fn resource(person: &Listed) -> Value {
    let Listed {
        id,
        email,
        username,
        given_name,
        family_name,
        identity_state,
    } = person;
    value!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": id.to_string(),
        "userName": username.as_ref().unwrap_or(email),
        "name": { "givenName": given_name, "familyName": family_name },
        "emails": [{ "value": email, "primary": true }],
        "identityState": scim_name(*identity_state),
    })
}
