//! Programs show a token, and are known by its name.

use crate::actions::shows;
use crate::server::answer::Refusal;
use crate::server::http::House;
use crate::session::config::Config;
use axum::http::{HeaderMap, StatusCode, header};
use std::net::IpAddr;

/// Who shows a token of the configuration, by the name of that. The tokens are looked up on
/// the desk's thread: they may lie in files.
pub(super) async fn caller(
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
        Some(shown) => house.desk.look_up(move |config| named(&shown, config)).await?,
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
