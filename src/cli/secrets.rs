//! Secrets that policies need, and that are not there: said before anything waits for them.

use crate::actions::{Network, Smtp};
use crate::cli::activate::occasions;
use crate::cli::output::{Fail, Output};
use crate::cli::zones::note_zones;
use crate::engine::{self, Channel, Channels, Occasion};
use crate::ir::{Policy, SecretRef};
use crate::session::Workspace;
use crate::session::config::Config;

/// Says which secrets of these policies are not there, and which zones of the configuration are
/// no places. It is no reason to refuse one: whoever
/// runs them may have an environment of their own.
pub(crate) fn note_missing<'a>(
    policies: impl IntoIterator<Item = &'a Policy>,
    workspace: &Workspace,
    out: &mut Output,
) -> Result<(), Fail> {
    note_zones(&workspace.config, out)?;
    let catalog = workspace.catalog()?;
    let systems = workspace.systems(&catalog.apps)?;
    let mut said = Vec::new();
    for policy in policies {
        let of_requests = engine::secrets(policy).into_iter();
        let mut needed: Vec<(String, SecretRef)> = of_requests
            .map(|(name, secret)| (format!("{name} lacks its secret"), secret))
            .collect();
        let used = systems.used(policy, &catalog.looked_at(&policy.scope));
        let connectors = workspace.config.connectors.iter();
        for it in connectors.filter(|it| used.contains(&*it.name)) {
            let lacks = format!("connector `{}` lacks its secret", it.name);
            needed.extend(it.token.clone().map(|token| (lacks, token)));
        }
        needed.extend(of_messages(policy, &workspace.config));
        for (lacks, secret) in needed {
            let Some(why) = Network::lacks(&workspace.config.network, &secret) else {
                continue;
            };
            let line =
                format!("warning: {lacks}: {why}; what needs it waits until it is there");
            if !said.contains(&line) {
                out.note(&line)?;
                said.push(line);
            }
        }
    }
    Ok(())
}

/// What the messages of a policy need: to the people whom it asks and tells, and to the admin.
fn of_messages(policy: &Policy, config: &Config) -> Vec<(String, SecretRef)> {
    let Config { channels, network, admin, .. } = config;
    let occasions = occasions(policy);
    let mut ways = ways(&occasions, channels);
    if let Some(admin) = admin {
        let troubles = [Occasion::Trouble, Occasion::Held];
        ways.extend(troubles.map(|occasion| channels.of(occasion, admin)));
    }
    let mut needed = Vec::new();
    for way in &ways {
        match way {
            Channel::Chat(chat) => {
                let lacks = format!("chat `{}` lacks its URL", chat.name);
                needed.push((lacks, chat.url.clone()));
            }
            Channel::Mail => {
                let login = network.smtp.iter().filter_map(|Smtp { login, .. }| {
                    Some(login.as_ref()?.password.clone())
                });
                let lacks = "the mail server lacks its password".to_owned();
                needed.extend(login.map(|password| (lacks.clone(), password)));
            }
        }
    }
    let linked = [Occasion::Review, Occasion::Reminder, Occasion::Escalation];
    if ways.contains(&&Channel::Mail) && occasions.iter().any(|it| linked.contains(it)) {
        let lacks = "the links of reviews lack their secret".to_owned();
        needed.extend(network.links.clone().map(|secret| (lacks, secret)));
    }
    needed
}

/// The ways that messages of these kinds may take: whom they reach is known when they are sent.
fn ways<'a>(occasions: &[Occasion], channels: &'a Channels) -> Vec<&'a Channel> {
    if occasions.is_empty() {
        return Vec::new();
    }
    let usual = occasions.iter().map(|occasion| channels.usual(*occasion));
    usual.chain(channels.people.values()).collect()
}
