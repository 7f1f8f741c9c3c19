//! The HTTP side: `[server]`.

use crate::ir::SecretRef;
use crate::session::config::people::{is_here, secret};
use crate::session::config::table::{Table, Wrong};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

/// The HTTP side of `tenure serve`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it listens.
    pub listen: SocketAddr,
    /// By which address people reach it, without a slash at the end; without one, messages
    /// hold no links.
    pub url: Option<String>,
    /// Whether all requests come by a proxy of ours, which says for whom.
    pub proxy: bool,
    /// What programs show to be let in, by the names that they go by.
    pub tokens: BTreeMap<String, SecretRef>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 7080).into(),
            url: None,
            proxy: false,
            tokens: BTreeMap::new(),
        }
    }
}

/// The section, and where the secret lies that links are signed with.
pub(crate) fn server(table: &mut Table<'_, '_>) -> (Server, Option<SecretRef>) {
    let default = Server::default();
    let listen = table.text("listen", listen).unwrap_or(default.listen);
    let url = table.text("url", url);
    let key = table.text("secret", |text| secret("secret", text));
    let proxy = table.flag("proxy").unwrap_or_default();
    if table.has("url") && !table.has("secret") {
        let help = "links are signed with it: `env:NAME` or `file:PATH`; `openssl rand \
                    -base64 32` makes one";
        table.missing("secret", help);
    }
    if table.has("secret") && !table.has("url") {
        table.missing("url", "links begin with it: `https://tenure.acme.example`");
    }
    let tokens = table
        .table("tokens", |table| {
            table.entries(|name, text| Ok((name.to_owned(), secret(name, text)?)))
        })
        .unwrap_or_default();
    let tokens = tokens.into_iter().collect();
    let key = key.filter(|_| url.is_some());
    (Server { listen, url, proxy, tokens }, key)
}

fn listen(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().map_err(|_| {
        Wrong::new(format!("`{text}` is not an address with a port"))
            .help("write it as `127.0.0.1:7080`")
    })
}

/// The address that links begin with. Whoever has a link can decide with it, so it does not
/// travel in the clear.
fn url(text: &str) -> Result<String, Wrong> {
    let wrong = |message: String| {
        Wrong::new(message).help("write it as `https://tenure.acme.example`")
    };
    let text = text.trim().trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let odd = |sign: char| {
        sign.is_whitespace() || sign.is_control() || "?#@<>\"'\\{}".contains(sign)
    };
    if host.is_empty() || rest.contains(odd) {
        return Err(wrong(format!("`{text}` is not a web address")));
    }
    match scheme {
        "https" => Ok(text.to_owned()),
        "http" if is_here(host) => Ok(text.to_owned()),
        "http" => Err(wrong("links would travel in the clear".to_owned())),
        _ => Err(wrong(format!("`{text}` is not a web address"))),
    }
}
