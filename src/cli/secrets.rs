//! Secrets that policies need, and that are not there: said before anything waits for them.

use crate::actions::Network;
use crate::cli::output::{Fail, Output};
use crate::engine;
use crate::ir::Policy;
use crate::session::Workspace;

/// Says which secrets of these policies are not there. It is no reason to refuse one: whoever
/// runs them may have an environment of their own.
pub(crate) fn note_missing<'a>(
    policies: impl IntoIterator<Item = &'a Policy>,
    workspace: &Workspace,
    out: &mut Output,
) -> Result<(), Fail> {
    let catalog = workspace.catalog()?;
    let systems = workspace.systems(&catalog.apps)?;
    let mut said = Vec::new();
    for policy in policies {
        let mut needed = engine::secrets(policy);
        let used = systems.used(policy, &catalog.looked_at(&policy.scope));
        let connectors = workspace.config.connectors.iter();
        for it in connectors.filter(|it| used.contains(&*it.name)) {
            let name = format!("connector `{}`", it.name);
            needed.extend(it.token.clone().map(|token| (name, token)));
        }
        for (whose, secret) in needed {
            let Some(why) = Network::lacks(&workspace.config.network, &secret) else {
                continue;
            };
            let line = format!(
                "warning: {whose} lacks its secret: {why}; what needs it waits until it is \
                 there"
            );
            if !said.contains(&line) {
                out.note(&line)?;
                said.push(line);
            }
        }
    }
    Ok(())
}
