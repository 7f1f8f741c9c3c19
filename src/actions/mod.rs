//! The hands: what was decided and committed is carried out here.
//!
//! `Network` sends webhooks, mails and messages in chats; `Recorder` only writes down; `Listener`
//! is the other end, for trying policies. None decides anything: how an attempt ended goes back to the engine, and when to try again is its
//! business.
//!
//! INVARIANT: every attempt at one effect carries the same key and the same body.

mod answer;
mod chat;
mod guard;
mod link;
mod listen;
mod mail;
mod reason;
mod record;
mod scim;
mod secret;
mod sign;
mod under_way;
mod webhook;

pub use crate::actions::guard::{HostPort, Hosts, NotHostPort};
pub use crate::actions::mail::{Login, NotSender, Security, Sender, Smtp, is_address};
pub use crate::actions::record::{Record, Recorder};
pub use crate::actions::scim::{Reading, Unread};

pub(crate) use crate::actions::link::{LinkKey, Purpose, long_enough, shows};
pub(crate) use crate::actions::listen::{
    Arrived, Heard, Listener, Reply, Signature, Stop,
};

use crate::actions::under_way::{Done, Lane, UnderWay};
use crate::actions::webhook::{Post, Webhooks};
use crate::engine::{
    Connector, Delivery, Effect, Ended, Hands, Mail, Outcome, Provision, TOKEN,
};
use crate::ir::SecretRef;
use crate::store::Directory;
use crate::time::Timestamp;
use crate::time::clock::Clock;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// How long one waits for an attempt to end before one looks what else there is to do.
const MOMENT: Duration = Duration::from_secs(1);

/// What the network needs to know of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Where the relative paths of secret files start.
    pub folder: PathBuf,
    /// Hosts that requests may reach beside public ones.
    pub hosts: Hosts,
    /// The mail server.
    pub smtp: Option<Smtp>,
    /// What the links to reviews are signed with.
    pub links: Option<SecretRef>,
}

/// Carries effects out.
///
/// It blocks, and must not be used inside an asynchronous runtime: it has one of its own.
#[derive(Debug)]
pub struct Network {
    settings: Settings,
    /// What says when an attempt is made.
    clock: Clock,
    /// Made at the first webhook, for it reads the machine's certificates.
    webhooks: Option<Webhooks>,
    under_way: UnderWay,
}

impl Network {
    /// Hands that open no connection before there is something to send.
    pub fn new(settings: Settings, clock: Clock) -> Self {
        Self {
            settings,
            clock,
            webhooks: None,
            under_way: UnderWay::default(),
        }
    }

    /// Why a webhook's requests would be refused, as far as its URL tells.
    pub fn refuses(settings: &Settings, url: &str) -> Option<String> {
        guard::check(url, &settings.hosts)
            .err()
            .map(|refusal| refusal.to_string())
    }

    /// Whether requests can be sent to that URL at all, whoever lets them.
    pub fn is_place(url: &str) -> bool {
        guard::is_place(url)
    }

    /// A message as it is sent: the token comes into its link. Without the secret it may have
    /// one later.
    fn letter<'m>(&self, mail: &'m Mail) -> Result<Cow<'m, Mail>, String> {
        let Some(run) = &mail.link else { return Ok(Cow::Borrowed(mail)) };
        let Some(reference) = &self.settings.links else {
            return Err("`[server]` has no `secret` to sign its link with".to_owned());
        };
        let key = LinkKey::read(reference, &self.settings.folder)?;
        let token = key.token(Purpose::Link, run, &mail.to);
        let body = mail.body.replace(TOKEN, &token);
        Ok(Cow::Owned(Mail { body, ..mail.clone() }))
    }

    /// Everything that a connected system lists, or why it cannot be read; `progress` hears how
    /// far that has come.
    pub fn read_directory(
        &mut self,
        connector: &Connector,
        now: Timestamp,
        progress: &mut dyn FnMut(Reading),
    ) -> Result<Directory, Unread> {
        match ready(&mut self.webhooks) {
            Ok(webhooks) => {
                scim::read_all(webhooks, connector, (&self.settings, now), progress)
            }
            Err(outcome) => Err(Unread::of(&outcome)),
        }
    }

    /// Why a secret can't be had, where it can't.
    pub fn lacks(settings: &Settings, reference: &SecretRef) -> Option<String> {
        let found = secret::reveal(reference, &settings.folder);
        found.err().map(|why| why.to_string())
    }

    /// What attempts at an effect share with others.
    fn lane(&self, effect: &Effect) -> Lane {
        let receiver = |url: &str| match guard::check(url, &self.settings.hosts) {
            Ok(target) => Lane::Receiver(target.endpoint.to_string()),
            // It is refused before it is under way.
            Err(_) => Lane::Receiver(url.to_owned()),
        };
        match effect {
            Effect::Mail(mail) => match &mail.chat {
                Some(chat) => Lane::Chat(chat.name.clone()),
                None => Lane::Mail,
            },
            Effect::Webhook(request) => receiver(&request.url),
            Effect::Call(calling) => receiver(&calling.url),
            Effect::Connector(Provision { connector, url, .. }) => {
                Lane::Connector(connector.clone(), url.clone())
            }
        }
    }

    /// Begins an attempt; an error says how it ended at once.
    fn try_to_begin(
        &mut self,
        (id, lane): (i64, Lane),
        delivery: Delivery<'_>,
        now: Timestamp,
    ) -> Result<(), Outcome> {
        if let Some(gone) = self.under_way.gone(&lane) {
            return Err(gone.clone());
        }
        let post = match delivery.effect {
            Effect::Mail(mail) => match &mail.chat {
                Some(chat) => Post::Chat(chat, mail),
                None => return self.begin_mail(id, (delivery.key, mail), now),
            },
            Effect::Webhook(request) => Post::Webhook(request),
            Effect::Call(calling) => Post::Call(calling),
            Effect::Connector(provision) => {
                let webhooks = ready(&mut self.webhooks)?;
                let with = (&self.settings, now);
                let attempt =
                    scim::attempt(webhooks, provision.clone(), delivery.attempts, with)?;
                return self.under_way.begin((id, lane), self.clock, attempt);
            }
        };
        let with = (&self.settings, self.clock);
        let call = ready(&mut self.webhooks)?.call((delivery.key, post), with, now)?;
        let attempt = async { Done::from(webhook::attempt(call).await) };
        self.under_way.begin((id, lane), self.clock, attempt)
    }

    fn begin_mail(
        &mut self,
        id: i64,
        (key, mail): (&str, &Mail),
        now: Timestamp,
    ) -> Result<(), Outcome> {
        let letter = self.letter(mail).map_err(|why| Outcome::Unready { why })?;
        let Some(smtp) = self.settings.smtp.clone() else {
            let why = "no mail server is configured (`[smtp]` in tenure.toml)".to_owned();
            return Err(Outcome::unsettled(why));
        };
        let message = mail::compose(key, &letter, &smtp.from, now);
        let message = message.map_err(|why| Outcome::Refused { why })?;
        let folder = self.settings.folder.clone();
        let connection = self.under_way.connection.take();
        let attempt = move || mail::attempt(&message, (&smtp, &folder), connection);
        self.under_way.begin_blocking((id, Lane::Mail), self.clock, attempt)
    }
}

/// The clients, made at their first use.
fn ready(webhooks: &mut Option<Webhooks>) -> Result<&Webhooks, Outcome> {
    let failed = |why| Outcome::silent(why);
    match webhooks.take().map_or_else(Webhooks::new, Ok) {
        Ok(made) => Ok(webhooks.insert(made)),
        Err(why) => Err(failed(why)),
    }
}

impl Hands for Network {
    fn deliver(&mut self, batch: &[Delivery<'_>], now: Timestamp) -> Vec<Outcome> {
        let mut outcomes: BTreeMap<i64, Outcome> = BTreeMap::new();
        let mut waiting: Vec<_> = (0..).zip(batch).collect();
        loop {
            waiting.retain(|(id, delivery)| {
                if !self.is_free(delivery.effect) {
                    return true;
                }
                outcomes.extend(self.begin(*id, **delivery, now).map(|it| (*id, it)));
                false
            });
            if waiting.is_empty() && self.under_way.is_empty() {
                break;
            }
            let ended = self.under_way.ended(self.clock, MOMENT);
            outcomes.extend(ended.into_iter().map(|it| (it.id, it.outcome)));
        }
        self.rest();
        outcomes.into_values().collect()
    }

    fn stands_still(&self) -> bool {
        self.clock != Clock::Wall
    }

    fn is_free(&self, effect: &Effect) -> bool {
        self.under_way.is_free(&self.lane(effect))
    }

    fn begin(
        &mut self,
        id: i64,
        delivery: Delivery<'_>,
        now: Timestamp,
    ) -> Option<Outcome> {
        let lane = self.lane(delivery.effect);
        self.try_to_begin((id, lane), delivery, now).err()
    }

    fn ended(&mut self, now: Timestamp) -> (Timestamp, Vec<Ended>) {
        let ended = self.under_way.ended(self.clock, MOMENT);
        let now = match self.clock {
            // One that went back is behind it.
            Clock::Wall => self.clock.now().max(now),
            Clock::Fixed(_) => now,
        };
        (now, ended)
    }

    fn rest(&mut self) {
        self.under_way.rest();
    }
}
