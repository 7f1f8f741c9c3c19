//! How people are reached: `[smtp]` and `[notify]`.

use crate::actions::{self, Login, Network, Security, Sender, Smtp};
use crate::engine::{Channel, Channels, Chat, Connector, Occasion};
use crate::ir::SecretRef;
use crate::session::config::sections::not_empty;
use crate::session::config::table::{Table, Wrong, listed};
use crate::text::{fold, nearest};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The name of the channel that needs no declaration.
const MAIL: &str = "mail";

/// The mail server.
pub(crate) fn smtp(table: &mut Table<'_, '_>) -> Option<Smtp> {
    let host = table.text("host", |text| not_empty("host", text));
    let from = table.text("from", sender);
    let security = table.text("security", security).unwrap_or(Security::StartTls);
    let port = table.number("port", |number| match u16::try_from(number) {
        Ok(port @ 1..) => Ok(port),
        _ => Err(Wrong::new(format!("`{number}` is not a port")).help("1 to 65535")),
    });
    let user = table.text("user", |text| not_empty("user", text));
    let password = table.text("password", |text| secret("password", text));
    let insecure = table.flag("insecure").unwrap_or(false);
    if !table.has("host") {
        table.missing("host", "write the name of the mail server");
    }
    if !table.has("from") {
        table.missing(
            "from",
            "write whom messages are from: `from = \"tenure@acme.example\"`",
        );
    }
    let in_the_clear = security == Security::None && !host.as_deref().is_none_or(is_here);
    match (table.has("user"), table.has("password")) {
        (true, false) => {
            table.missing("password", "a `user` needs one: `env:NAME` or `file:PATH`");
        }
        (false, true) => table.missing("user", "a `password` needs one"),
        (true, true) if in_the_clear => {
            let wrong = Wrong::new("the password would travel in the clear");
            table.misfit("password", wrong.help("set `security` to `starttls` or `tls`"));
        }
        (false, false) if in_the_clear && !insecure => {
            let wrong = Wrong::new("messages would travel in the clear");
            let help = "set `security` to `starttls` or `tls`; where all on the way may \
                        read them, add `insecure = true`";
            table.misfit("security", wrong.help(help));
        }
        (true, true) | (false, false) => {}
    }
    Some(Smtp {
        host: host?,
        port: port.unwrap_or(match security {
            Security::None => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        }),
        security,
        login: user.zip(password).map(|(user, password)| Login { user, password }),
        from: from?,
    })
}

/// Whether a host is this machine, so that nobody listens in between.
pub(crate) fn is_here(host: &str) -> bool {
    let address = host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    address || host.eq_ignore_ascii_case("localhost")
}

fn sender(text: &str) -> Result<Sender, Wrong> {
    text.parse().map_err(|error| Wrong::new(format!("{error}")))
}

fn security(text: &str) -> Result<Security, Wrong> {
    let known = ["none", "starttls", "tls"];
    match text {
        "none" => Ok(Security::None),
        "starttls" => Ok(Security::StartTls),
        "tls" => Ok(Security::Tls),
        _ => Err(Wrong::new(format!("`{text}` is no way to protect a connection"))
            .help(format!("known are {}", listed(&known)))),
    }
}

/// A reference to a secret. What is none may be the secret itself, so it is not repeated.
pub(crate) fn secret(key: &str, text: &str) -> Result<SecretRef, Wrong> {
    let wrong = |message: String| {
        Wrong::new(message).help("write `env:NAME` or `file:PATH`, and the secret there")
    };
    match text.split_once(':') {
        Some(("env" | "file", "")) => {
            Err(wrong(format!("`{key}` names no variable and no file")))
        }
        Some(("env", name)) => Ok(SecretRef::Env(name.to_owned())),
        Some(("file", path)) => Ok(SecretRef::File(path.to_owned())),
        _ => Err(wrong(format!("`{key}` holds a secret itself"))),
    }
}

/// The connected systems.
pub(crate) fn connectors(table: &mut Table<'_, '_>) -> Vec<Connector> {
    let authority = Cell::new(false);
    table.tables(|name, table| {
        let connector = connector(name, table)?;
        if connector.users && authority.replace(true) {
            let wrong = Wrong::new("another connector has the word on users already");
            table.misfit("users", wrong.help("leave `users = true` at one of them"));
        }
        Some(connector)
    })
}

fn connector(name: &str, table: &mut Table<'_, '_>) -> Option<Connector> {
    let kind = table.text("kind", |text| match text {
        "scim" => Ok(()),
        _ => Err(Wrong::new(format!("`{text}` is no kind of connector"))
            .help("known is `scim`")),
    });
    let url = table.text("url", |text| {
        let text = not_empty("url", text)?;
        match text.starts_with("https://") || text.starts_with("http://") {
            true if !text.contains(['?', '#', '@']) && Network::is_place(&text) => {
                Ok(text)
            }
            _ => Err(Wrong::new(format!("`{text}` is no address of a connector"))
                .help("write it as `https://acme.example/scim/v2`")),
        }
    });
    let token = table.text("token", |text| secret("token", text));
    let users = table.flag("users").unwrap_or(false);
    for (key, help) in [
        ("kind", "write `kind = \"scim\"`"),
        ("url", "write where it is: `url = \"https://acme.example/scim/v2\"`"),
    ] {
        if !table.has(key) {
            table.missing(key, help);
        }
    }
    kind?;
    Some(Connector { name: name.to_owned(), url: url?, token, users })
}

/// Which message goes which way; `by_mail` says whether there is a mail server.
pub(crate) fn notify(table: &mut Table<'_, '_>, by_mail: bool) -> Channels {
    let chats: BTreeMap<String, Chat> = table
        .table("chat", |table| table.entries(chat))
        .unwrap_or_default()
        .into_iter()
        .collect();
    let channel = |text: &str| channel(text, &chats, by_mail);
    let default = table.text("default", channel).unwrap_or_default();
    let occasions = Occasion::ALL
        .into_iter()
        .filter_map(|occasion| Some((occasion, table.text(occasion.name(), channel)?)));
    let occasions = occasions.collect();
    let people = table.table("people", |table| {
        table.entries(|email, text| match actions::is_address(email) {
            true => Ok((fold(email), channel(text)?)),
            false => Err(Wrong::new(format!("`{email}` is not an e-mail address"))),
        })
    });
    let people = people.unwrap_or_default().into_iter().collect();
    Channels { default, occasions, people }
}

fn chat(name: &str, text: &str) -> Result<(String, Chat), Wrong> {
    if name == MAIL {
        return Err(Wrong::new("`mail` is there already, and is no chat")
            .help("give the chat another name"));
    }
    let (name, url) = (name.to_owned(), secret(name, text)?);
    Ok((name.clone(), Chat { name, url }))
}

fn channel(
    text: &str,
    chats: &BTreeMap<String, Chat>,
    by_mail: bool,
) -> Result<Channel, Wrong> {
    if let Some(chat) = chats.get(text) {
        return Ok(Channel::Chat(chat.clone()));
    }
    if text == MAIL {
        return match by_mail {
            true => Ok(Channel::Mail),
            false => Err(Wrong::new("there is no mail server")
                .help("name one under `[smtp]`, or write the name of a chat")),
        };
    }
    let known: Vec<&str> = chats.keys().map(String::as_str).chain([MAIL]).collect();
    let wrong = Wrong::new(format!("there is no channel `{text}`"));
    Err(match nearest(text, known.iter().copied()).first() {
        Some(name) => wrong.help(format!("is `{name}` meant?")),
        None => wrong.help(format!(
            "known are {}; a chat is declared under `[notify.chat]`: `{} = \"env:NAME\"`",
            listed(&known),
            if text.contains(['"', ' ', '.', ':', '/']) { "ops" } else { text },
        )),
    })
}
