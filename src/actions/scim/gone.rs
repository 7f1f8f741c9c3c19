//! Members of groups that no list has: gone from the system, or kept from us.
//!
//! A server need not take whom it deletes out of the groups. But a list that leaves out whom it
//! should show looks the same, so each is asked for by the id, and only who is not there counts
//! as gone.

use crate::actions::scim::read::{Unread, get};
use crate::actions::scim::server::Server;
use crate::store::{DirectoryGroup, DirectoryUser};
use std::collections::{HashMap, HashSet};

/// Notes of each group which of its members the system does not have any more.
pub(super) async fn find_gone(
    server: &Server,
    name: &str,
    (users, groups): (&[DirectoryUser], &mut [DirectoryGroup]),
) -> Result<(), Unread> {
    let ids = groups.iter().map(|group| group.id.clone());
    let listed: HashSet<String> =
        users.iter().map(|user| user.id.clone()).chain(ids).collect();
    let mut known: HashMap<String, Option<&str>> = HashMap::new();
    for group in groups {
        let (there, missing) = std::mem::take(&mut group.members)
            .into_iter()
            .partition(|id| listed.contains(id));
        group.members = there;
        for id in missing {
            let found = match known.get(&id) {
                Some(found) => *found,
                None => kept_from_us(server, name, &id).await?,
            };
            known.insert(id.clone(), found);
            if let Some(what) = found {
                let why = format!(
                    "group `{}` has the member `{id}`, who is there, and the list of {what} \
                     leaves it out",
                    group.name
                );
                return Err(Unread::new(why).help(
                    "give the token the right to read all users and groups; where they \
                     changed while they were read, try again",
                ));
            }
            group.gone.push(id);
        }
    }
    Ok(())
}

/// Which list should have had whoever has this id; nothing where nobody has.
async fn kept_from_us(
    server: &Server,
    name: &str,
    id: &str,
) -> Result<Option<&'static str>, Unread> {
    for what in ["Users", "Groups"] {
        if get(server, name, (&[what, id], &[])).await?.is_some() {
            return Ok(Some(what));
        }
    }
    Ok(None)
}
