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
mod webhook;

pub use crate::actions::guard::{HostPort, Hosts, NotHostPort};
pub use crate::actions::mail::{Login, NotSender, Security, Sender, Smtp, is_address};
pub use crate::actions::record::{Record, Recorder};
pub use crate::actions::scim::{Reading, Unread};

pub(crate) use crate::actions::link::{LinkKey, Purpose, long_enough, shows};
pub(crate) use crate::actions::listen::{Arrived, Listener, Reply, Signature, Stop};

use crate::actions::webhook::{Post, Webhooks};
use crate::engine::{
    Connector, Delivery, Effect, Hands, Mail, Outcome, Provision, TOKEN,
};
use crate::ir::SecretRef;
use crate::store::Directory;
use crate::time::Timestamp;
use crate::time::clock::Clock;
use std::borrow::Cow;
use std::path::PathBuf;

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
}

impl Network {
    /// Hands that open no connection before there is something to send.
    pub fn new(settings: Settings, clock: Clock) -> Self {
        Self { settings, clock, webhooks: None }
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

    fn deliver_posts(
        &mut self,
        batch: &[(&str, Post<'_>)],
        may_leave: &dyn Fn(&str) -> bool,
        now: Timestamp,
    ) -> Vec<Option<Outcome>> {
        if batch.is_empty() {
            return Vec::new();
        }
        match ready(&mut self.webhooks) {
            Ok(webhooks) => {
                webhooks.deliver(batch, (&self.settings, self.clock), (may_leave, now))
            }
            Err(why) => batch.iter().map(|_| Some(why.clone())).collect(),
        }
    }

    fn provision(
        &mut self,
        batch: &[(&str, &Provision)],
        (may_leave, now): (&dyn Fn(&str) -> bool, Timestamp),
    ) -> Vec<Option<Outcome>> {
        if batch.is_empty() {
            return Vec::new();
        }
        match ready(&mut self.webhooks) {
            Ok(webhooks) => {
                scim::deliver(webhooks, batch, &self.settings, (may_leave, now))
            }
            Err(why) => batch.iter().map(|_| Some(why.clone())).collect(),
        }
    }
}

/// The clients, made at their first use.
fn ready(webhooks: &mut Option<Webhooks>) -> Result<&Webhooks, Outcome> {
    let failed = |why| Outcome::Failed { why, retry_after: None };
    match webhooks.take().map_or_else(Webhooks::new, Ok) {
        Ok(made) => Ok(webhooks.insert(made)),
        Err(why) => Err(failed(why)),
    }
}

impl Hands for Network {
    fn deliver(&mut self, batch: &[Delivery<'_>], now: Timestamp) -> Vec<Outcome> {
        self.deliver_while(batch, &|_| true, now)
            .into_iter()
            .flatten()
            .collect()
    }

    fn ended_at(&self, now: Timestamp) -> Timestamp {
        match self.clock {
            // One that went back is behind it.
            Clock::Wall => self.clock.now().max(now),
            Clock::Fixed(_) => now,
        }
    }

    fn deliver_while(
        &mut self,
        batch: &[Delivery<'_>],
        may_leave: &dyn Fn(&str) -> bool,
        now: Timestamp,
    ) -> Vec<Option<Outcome>> {
        let mut letters = Vec::new();
        let mut posts = Vec::new();
        let mut provisions = Vec::new();
        for delivery in batch {
            match delivery.effect {
                Effect::Mail(mail) => match &mail.chat {
                    Some(chat) => posts.push((delivery.key, Post::Chat(chat, mail))),
                    None => letters.push((delivery.key, self.letter(mail))),
                },
                Effect::Webhook(request) => {
                    posts.push((delivery.key, Post::Webhook(request)));
                }
                Effect::Call(calling) => {
                    posts.push((delivery.key, Post::Call(calling)));
                }
                Effect::Connector(provision) => {
                    provisions.push((delivery.key, provision));
                }
            }
        }
        let mut of_posts = self.deliver_posts(&posts, may_leave, now).into_iter();
        let mut of_provisions = self.provision(&provisions, (may_leave, now)).into_iter();
        let smtp = self.settings.smtp.as_ref();
        let folder = &self.settings.folder;
        let whole = letters
            .iter()
            .filter_map(|(key, it)| Some((*key, &**it.as_ref().ok()?)));
        let whole: Vec<_> = whole.collect();
        let mut of_whole =
            mail::deliver(&whole, (smtp, folder), (may_leave, now)).into_iter();
        let mut of_mails = letters.iter().filter_map(|(_, letter)| match letter {
            Ok(_) => of_whole.next(),
            Err(why) => Some(Some(Outcome::Unready { why: why.clone() })),
        });
        let in_order = batch.iter().filter_map(|delivery| match delivery.effect {
            Effect::Mail(mail) if mail.chat.is_none() => of_mails.next(),
            Effect::Mail(_) | Effect::Webhook(_) | Effect::Call(_) => of_posts.next(),
            Effect::Connector(_) => of_provisions.next(),
        });
        in_order.collect()
    }
}
