//! Everything that a SCIM server lists: its users and groups, page by page.
//!
//! INVARIANT: what is handed on is whole. A list that ends too early, or changes while it is
//! read, is none: what it left out would be taken for gone.

use crate::actions::Settings;
use crate::actions::scim::gone::find_gone;
use crate::actions::scim::server::{Reply, Server, Stop};
use crate::actions::webhook::Webhooks;
use crate::engine::{Connector, Outcome};
use crate::store::{Directory, DirectoryGroup, DirectoryPermission, DirectoryUser};
use crate::text::fold;
use crate::time::Timestamp;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;
use tokio::runtime;

/// The longest that one page may take, and all of them.
const LONGEST_PAGE: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_mins(30);

/// How long, and how often, one page is waited for where the server says that it was asked too
/// much.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
const WAITS: usize = 10;

/// How many are asked for at a time, and how many there may be in all.
const PAGE: usize = 100;
const MOST: u64 = 1_000_000;

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// How far the reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// `Users` or `Groups`.
    pub what: &'static str,
    /// How many are read.
    pub read: usize,
    /// How many there are to read.
    pub of: u64,
}

/// Why a connected system could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What happened; holds no secret.
    pub why: String,
    /// What to do.
    pub help: Option<String>,
}

impl Unread {
    pub(in crate::actions) fn of(outcome: &Outcome) -> Self {
        let why = match outcome {
            Outcome::Failed { why, .. }
            | Outcome::Unready { why }
            | Outcome::Refused { why }
            | Outcome::AlreadySo { why } => why.clone(),
            Outcome::Delivered { .. } => "it said nothing".to_owned(),
        };
        Self { why, help: None }
    }

    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads everything that a connected system lists.
pub(crate) fn read_all(
    webhooks: &Webhooks,
    connector: &Connector,
    settings: (&Settings, Timestamp),
    progress: &mut dyn FnMut(Reading),
) -> Result<Directory, Unread> {
    let at = (connector.url.as_str(), connector.token.as_ref());
    let server = Server::of(webhooks, at, settings).map_err(|outcome| {
        let unread = Unread::of(&outcome);
        match outcome {
            Outcome::Unready { .. } => unread.help(format!(
                "set it where this is called; `token` under [connectors.{}] names it",
                connector.name
            )),
            _ => unread.help(format!(
                "or write another `url` under [connectors.{}]",
                connector.name
            )),
        }
    })?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Unread::new(format!("nothing can be asked: {error}")))?;
    let name = &connector.name;
    let read = runtime.block_on(async {
        let reading = read(&server, name, progress);
        match tokio::time::timeout(LONGEST, reading).await {
            Ok(read) => read,
            Err(_) => Err(Unread::new(format!("it took longer than {LONGEST:?}"))),
        }
    });
    runtime.shutdown_background();
    let (users, groups) = read?;
    let (connector, authority) = (name.clone(), connector.users);
    Ok(Directory {
        connector,
        authority,
        orphans: false,
        users,
        groups,
    })
}

type Listed = (Vec<DirectoryUser>, Option<Vec<DirectoryGroup>>);

async fn read(
    server: &Server,
    name: &str,
    progress: &mut dyn FnMut(Reading),
) -> Result<Listed, Unread> {
    let Some(found) = list(server, (name, "Users"), progress).await? else {
        let place = server.place(&["Users"]);
        let why = format!("{place} is not there: the receiver answered 404 Not Found");
        let help =
            format!("look at `url` under [connectors.{name}]: `/Users` follows it");
        return Err(Unread::new(why).help(help));
    };
    let users = found.iter().map(user).collect::<Result<Vec<_>, _>>()?;
    let Some(found) = list(server, (name, "Groups"), progress).await? else {
        return Ok((users, None));
    };
    let mut groups = Vec::with_capacity(found.len());
    for listed in found {
        // Not every system lists the members with the groups, and none may be said by silence.
        let whole = match listed.get("members") {
            Some(_) => listed,
            None => one(server, name, &text(&listed, "id").unwrap_or_default()).await?,
        };
        groups.push(group(&whole)?);
    }
    find_gone(server, name, (&users, &mut groups)).await?;
    Ok((users, Some(groups)))
}

/// All resources of a kind; nothing where the system does not know the kind.
async fn list(
    server: &Server,
    (name, what): (&str, &'static str),
    progress: &mut dyn FnMut(Reading),
) -> Result<Option<Vec<Value>>, Unread> {
    let mut found: Vec<Value> = Vec::new();
    let mut ids = HashSet::new();
    let mut promised = None;
    loop {
        let (start, count) = ((found.len() + 1).to_string(), PAGE.to_string());
        let query = [("startIndex", start.as_str()), ("count", count.as_str())];
        let Some(mut body) = get(server, name, (&[what], &query)).await? else {
            return Ok(None);
        };
        let page = || format!("the list of {what} from {start} on");
        if !is_list(&body) {
            let why = format!("{}, {}, is no SCIM list", page(), server.place(&[what]));
            let help = "write where the SCIM service is as `url` under";
            return Err(Unread::new(why).help(format!("{help} [connectors.{name}]")));
        }
        let total = body.get("totalResults").and_then(Value::as_u64);
        let total = total
            .ok_or_else(|| Unread::new(format!("{} has no `totalResults`", page())))?;
        if total > MOST {
            let help = "see what the system counts there";
            return Err(Unread::new(format!(
                "{what} promises {total}; {MOST} are the most"
            ))
            .help(help));
        }
        // People come while a long list is read, but not as many as it had.
        let first = *promised.get_or_insert(total);
        if total / 2 > first.max(1_000) {
            let why = format!("{what} promised {first} at first, and {total} by now");
            return Err(Unread::new(why).help("see what the system counts there"));
        }
        let resources = match body.get_mut("Resources").map(Value::take) {
            Some(Value::Array(resources)) => resources,
            None | Some(Value::Null) => Vec::new(),
            Some(_) => {
                return Err(Unread::new(format!("`Resources` of {} is no list", page())));
            }
        };
        let last = resources.is_empty();
        for resource in resources {
            let id = text(&resource, "id").ok_or_else(|| {
                Unread::new(format!("{} has a resource without an `id`", page()))
            })?;
            if !ids.insert(id.clone()) {
                return Err(Unread::new(format!("{what} lists the id `{id}` twice"))
                    .help("where it changed while it was read, try again"));
            }
            found.push(resource);
        }
        progress(Reading { what, read: found.len(), of: total });
        let read = u64::try_from(found.len()).unwrap_or(u64::MAX);
        if read > MOST {
            return Err(Unread::new(format!("{what} lists more than {MOST}")));
        }
        if read == total {
            return Ok(Some(found));
        }
        if last || read > total {
            let why = format!("{what} promises {total} and lists {read}");
            return Err(
                Unread::new(why).help("where it changed while it was read, try again")
            );
        }
    }
}

/// One group with its members.
async fn one(server: &Server, name: &str, id: &str) -> Result<Value, Unread> {
    let found = get(server, name, (&["Groups", id], &[])).await?;
    found.ok_or_else(|| {
        Unread::new(format!("group `{id}` is not there any more"))
            .help("where it changed while it was read, try again")
    })
}

/// What is at a place; nothing where there is no such place.
pub(super) async fn get(
    server: &Server,
    name: &str,
    at: (&[&str], &[(&str, &str)]),
) -> Result<Option<Value>, Unread> {
    let place = server.place(at.0);
    let mut waits = 0;
    let reply = loop {
        let reply = page(server, name, at).await?;
        match reply.asks_to_wait().filter(|wait| *wait <= LONGEST_WAIT) {
            Some(wait) if waits < WAITS => {
                waits += 1;
                tokio::time::sleep(wait).await;
            }
            _ => break reply,
        }
    };
    if reply.status == StatusCode::NOT_FOUND {
        return Ok(None);
    }
    if !reply.status.is_success() {
        return Err(unfriendly(server, &reply, (name, &place)));
    }
    match reply.odd {
        None => Ok(Some(reply.body)),
        Some(odd) => Err(Unread::new(format!("{place} answers with {odd}")).help(
            format!("write where the SCIM service is as `url` under [connectors.{name}]"),
        )),
    }
}

/// One answer, whatever it says.
async fn page(
    server: &Server,
    name: &str,
    at: (&[&str], &[(&str, &str)]),
) -> Result<Reply, Unread> {
    let place = server.place(at.0);
    let asked = server.ask(Method::GET, at, None, None);
    match tokio::time::timeout(LONGEST_PAGE, asked).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(Stop { outcome, away })) => {
            let Unread { why, .. } = Unread::of(&outcome);
            let unread = Unread::new(format!("{place} {why}"));
            Err(match away {
                true => unread.help(format!(
                    "see that it runs, and look at `url` under [connectors.{name}]"
                )),
                false => unread,
            })
        }
        Err(_) => {
            Err(Unread::new(format!("{place} gave no answer within {LONGEST_PAGE:?}")))
        }
    }
}

/// What an answer means that is neither a list nor that there is none.
fn unfriendly(server: &Server, reply: &Reply, (name, place): (&str, &str)) -> Unread {
    let (status, detail) = (reply.status, reply.detail());
    let answered = format!("the receiver answered {status}{detail}");
    let token = match server.shows_token() {
        true => format!(
            "see that the token is good; `token` under [connectors.{name}] says where it lies"
        ),
        false => format!(
            "write where the token lies: `token = \"env:NAME\"` under [connectors.{name}]"
        ),
    };
    match status {
        StatusCode::UNAUTHORIZED => {
            Unread::new(format!("{place} does not let us in: {answered}")).help(token)
        }
        StatusCode::FORBIDDEN => {
            let help = "give the token the right to read users and groups there";
            let help = if server.shows_token() { help } else { token.as_str() };
            Unread::new(format!("{place} does not let us in: {answered}")).help(help)
        }
        status if status.is_redirection() => {
            let to = match &reply.location {
                Some(to) => format!(" and sends us on to {to}"),
                None => String::new(),
            };
            let why =
                format!("{place} answered {status}{to}; redirects are not followed");
            let help = "write the address that answers itself as `url` under";
            Unread::new(why).help(format!("{help} [connectors.{name}]"))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            let when = match reply.asks_to_wait() {
                Some(wait) => {
                    let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
                    format!("in {}", crate::time::Duration(seconds))
                }
                None => "later".to_owned(),
            };
            Unread::new(format!("{place}: {answered}")).help(format!("try again {when}"))
        }
        _ => Unread::new(format!("{place}: {answered}"))
            .help(format!("look at `url` under [connectors.{name}]")),
    }
}

fn is_list(body: &Value) -> bool {
    let schemas = body.get("schemas").and_then(Value::as_array);
    let is = |it: &Value| it.as_str().is_some_and(|it| fold(it) == fold(LIST));
    schemas.is_some_and(|schemas| schemas.iter().any(is))
}

/// A text on one line: what stands in it is shown to people.
fn text(of: &Value, name: &str) -> Option<String> {
    let text = of.get(name)?.as_str()?.replace(char::is_control, " ");
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn objects<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    let all = of.get(name).and_then(Value::as_array);
    all.map(Vec::as_slice).unwrap_or_default()
}

fn user(found: &Value) -> Result<DirectoryUser, Unread> {
    let id = text(found, "id").unwrap_or_default();
    let username = text(found, "userName")
        .ok_or_else(|| Unread::new(format!("user `{id}` has no `userName`")))?;
    let active = match found.get("active") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(active)) => Some(*active),
        Some(other) => {
            let why = format!(
                "`active` of user `{username}` is neither true nor false: {other}"
            );
            return Err(Unread::new(why));
        }
    };
    let mut emails: Vec<&Value> = objects(found, "emails").iter().collect();
    emails.sort_by_key(|it| it.get("primary") != Some(&Value::Bool(true)));
    let emails = emails.into_iter().filter_map(|it| text(it, "value"));
    let name = found.get("name").unwrap_or(&Value::Null);
    let company = found.get(ENTERPRISE).unwrap_or(&Value::Null);
    let created = found.get("meta").and_then(|meta| text(meta, "created"));
    let mut permissions = Vec::new();
    for (list, kind) in [("entitlements", "ENTITLEMENT"), ("roles", "ROLE")] {
        for held in objects(found, list) {
            let value = text(held, "value").or_else(|| Some(held.as_str()?.to_owned()));
            let label = text(held, "display");
            let permission =
                value.map(|value| DirectoryPermission { value, label, kind });
            permissions.extend(permission);
        }
    }
    Ok(DirectoryUser {
        id,
        username,
        external_id: text(found, "externalId"),
        emails: emails.collect(),
        active,
        given_name: text(name, "givenName"),
        family_name: text(name, "familyName"),
        title: text(found, "title"),
        department: text(company, "department"),
        manager: company.get("manager").and_then(|it| text(it, "value")),
        locale: text(found, "locale"),
        created_at: created.and_then(|at| Timestamp::parse(&at)),
        permissions,
    })
}

fn group(found: &Value) -> Result<DirectoryGroup, Unread> {
    let id = text(found, "id").unwrap_or_default();
    let name = text(found, "displayName")
        .ok_or_else(|| Unread::new(format!("group `{id}` has no `displayName`")))?;
    let members = objects(found, "members").iter().map(|member| {
        text(member, "value").ok_or_else(|| {
            Unread::new(format!("a member of group `{name}` has no `value`"))
        })
    });
    let members = members.collect::<Result<_, _>>()?;
    Ok(DirectoryGroup { id, name, members, gone: Vec::new() })
}
