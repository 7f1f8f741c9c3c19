//! Where outgoing requests may go: to public addresses, and to those the configuration names.
//!
//! A policy's author writes the address, and the request starts inside the house. So the
//! host is looked at twice: as it is written ([`check`]), and as it resolves at the moment
//! of connecting ([`PublicOnly`]); between the two nothing can change.
//!
//! INVARIANT: a request that [`check`] calls untrusted is sent with [`PublicOnly`] as the
//! resolver, and no redirect is followed.

#[cfg(test)]
mod tests;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// A host and a port, in the one spelling that URLs are brought to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// A name in lower case, or an address; an IPv6 address stands in brackets.
    host: String,
    port: u16,
}

/// The hosts that outgoing requests may reach beside public ones.
pub type Hosts = BTreeSet<HostPort>;

/// What is not a host and a port.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not `HOST:PORT`")]
pub struct NotHostPort(String);

/// An address that a request may be sent to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) endpoint: HostPort,
    /// The configuration names it, so it may resolve to anything.
    pub(crate) trusted: bool,
}

/// Why a request may not be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the url can't be read: {why}")]
    NoUrl { why: String },
    #[error("`{scheme}:` is neither `https:` nor `http:`")]
    Scheme { scheme: String },
    #[error("the url holds a user name or a password, and a secret does not stand there")]
    UserInfo,
    #[error(
        "`{host}` is not a public address; only `[hosts] allow = [\"{endpoint}\"]` in \
         tenure.toml lets requests go there"
    )]
    NotPublic { host: String, endpoint: HostPort },
    #[error(
        "`{name}` resolves to {address}, which is not a public address; only `[hosts] allow` \
         with `{name}` and its port in tenure.toml lets requests go there"
    )]
    ResolvesInside { name: String, address: IpAddr },
    #[error(
        "`http:` is for hosts that the configuration names; `{endpoint}` needs `https:`, or \
         `[hosts] allow = [\"{endpoint}\"]` in tenure.toml"
    )]
    Plain { endpoint: HostPort },
}

impl FromStr for HostPort {
    type Err = NotHostPort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotHostPort(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
        // `http:` brings numbers like `0x7f.1` to addresses, and names to lower case.
        let url = Url::parse(&format!("http://{host}/")).map_err(|_| wrong())?;
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let signs: &[char] = if bracketed { &['/', '@'] } else { &[':', '/', '@', '*'] };
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && !host.contains(signs);
        match url.host_str() {
            Some(host) if bare => Ok(Self { host: host.to_owned(), port }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host, self.port)
    }
}

/// Whether a text is a URL with a host, as it stands there. `https:///scim` has none, though
/// the reader of URLs takes what follows for it.
pub(crate) fn is_place(url: &str) -> bool {
    let behind = url.split_once("://").map_or("", |(_, behind)| behind);
    !behind.starts_with(['/', '\\'])
        && Url::parse(url).is_ok_and(|url| url.host_str().is_some())
}

/// Whether a request may be sent to that URL, as far as its text tells.
pub(crate) fn check(url: &str, hosts: &Hosts) -> Result<Target, Refusal> {
    let url =
        Url::parse(url).map_err(|error| Refusal::NoUrl { why: error.to_string() })?;
    let plain = match url.scheme() {
        "https" => false,
        "http" => true,
        scheme => return Err(Refusal::Scheme { scheme: scheme.to_owned() }),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::UserInfo);
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(Refusal::NoUrl { why: "it has no host".to_owned() });
    };
    let host = host.to_owned();
    let endpoint = HostPort { host: host.clone(), port };
    let trusted = hosts.contains(&endpoint);
    match address(&host) {
        Some(address) if !trusted && !is_public(address) => {
            Err(Refusal::NotPublic { host, endpoint })
        }
        _ if plain && !trusted => Err(Refusal::Plain { endpoint }),
        _ => Ok(Target { url, endpoint, trusted }),
    }
}

/// The address that a URL's host is, if it is no name.
fn address(host: &str) -> Option<IpAddr> {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    inside.unwrap_or(host).parse().ok()
}

/// Resolves names to public addresses only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the connector's to fill in.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public = public_only(name.as_str(), found)?;
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// The public ones of the addresses that a name resolved to.
fn public_only(
    name: &str,
    found: impl IntoIterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, Refusal> {
    let (public, inside): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|found| is_public(found.ip()));
    match inside.first() {
        Some(inside) if public.is_empty() => {
            Err(Refusal::ResolvesInside { name: name.to_owned(), address: inside.ip() })
        }
        _ => Ok(public),
    }
}

/// Stretches of IPv4 that are not public: the first address and how many of its bits count.
const INSIDE_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),            // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // shared by carriers, metadata of one cloud
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // the platform of one cloud
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, metadata of most clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocols
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // examples
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // relays to IPv6
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // examples
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // examples
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, broadcast
];

/// The part of IPv6 that is given out; all else is local, multicast, mapped or reserved.
const GIVEN_OUT_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Stretches of it that are not public all the same.
const INSIDE_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocols, tunnels to IPv4
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // examples
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // tunnels to IPv4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // examples
];

/// IPv4 behind a translator: what counts is the address in the last 32 bits.
const TRANSLATED: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// Whether an address lies on the public internet.
fn is_public(address: IpAddr) -> bool {
    let in_v6 = |address: Ipv6Addr, (start, bits): (Ipv6Addr, u32)| {
        (address.to_bits() ^ start.to_bits()).leading_zeros() >= bits
    };
    match address {
        IpAddr::V4(address) => !INSIDE_V4.iter().any(|(start, bits)| {
            (address.to_bits() ^ start.to_bits()).leading_zeros() >= *bits
        }),
        IpAddr::V6(address) if in_v6(address, TRANSLATED) => {
            let [.., a, b, c, d] = address.octets();
            is_public(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
        }
        IpAddr::V6(address) => {
            in_v6(address, GIVEN_OUT_V6)
                && !INSIDE_V6.iter().any(|stretch| in_v6(address, *stretch))
        }
    }
}
