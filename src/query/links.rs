//! What subjects hold: memberships, roles, permissions, sessions, accounts.

use crate::ir::{
    AppId, Direction, GroupRef, Held, PermissionId, PermissionRef, RoleRef, SubjectKind,
    TestKind,
};
use crate::query::column::user_key;
use crate::query::sql::{Bind, Params};
use crate::query::{Moment, Statistics};

/// Rows that link subjects to what they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The tables.
    pub(crate) from: &'static str,
    /// The column that says who holds it. Never NULL.
    pub(crate) owner: &'static str,
    /// What that is compared with.
    pub(crate) key: &'static str,
    /// Which rows are meant.
    pub(crate) filter: String,
    /// `for > 90d`: a row must have held so long; `None` where that isn't asked.
    pub(crate) since: Option<Since>,
    /// Whether the key is that of an owner, whom an orphan lacks.
    pub(crate) of_owner: bool,
    /// How many rows there are, roughly.
    pub(crate) rows: u64,
}

/// What `for > 90d` asks of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Since {
    /// It is long enough.
    pub(crate) enough: String,
    /// Or it may be: since when is not on record.
    pub(crate) maybe: String,
}

impl Link {
    /// The rows' condition; with `maybe` also of those whose age is not on record.
    pub(crate) fn rows(&self, maybe: bool) -> String {
        match &self.since {
            None => self.filter.clone(),
            Some(since) => {
                let since = if maybe { &since.maybe } else { &since.enough };
                if self.filter.is_empty() {
                    since.clone()
                } else {
                    format!("{} AND {since}", self.filter)
                }
            }
        }
    }
}

/// What is around a link: the subject, the time, the sizes, the parameters.
pub(crate) struct Around<'a> {
    pub(crate) kind: SubjectKind,
    pub(crate) at: Moment,
    pub(crate) sizes: &'a Statistics,
    pub(crate) params: &'a mut Params,
}

/// The link that a test asks for; `None` for tests that ask for none.
pub(crate) fn link(test: &TestKind, cx: &mut Around<'_>) -> Option<Link> {
    Some(match test {
        TestKind::InGroup { groups, held } => cx.in_group(groups, *held),
        TestKind::HasRole { roles, held } => cx.has_role(roles, *held),
        TestKind::HasPermission { permissions, held } => {
            cx.has_permission(permissions, *held)
        }
        TestKind::HasSession => cx.has_session(),
        TestKind::HasAccount { apps } => cx.has_account(apps),
        TestKind::Elapsed { .. }
        | TestKind::Reaches { .. }
        | TestKind::NeverActive
        | TestKind::Known { .. }
        | TestKind::Compare { .. }
        | TestKind::Text { .. }
        | TestKind::Matches { .. }
        | TestKind::OneOf { .. } => return None,
    })
}

/// All permissions that a list of names stands for.
pub(crate) fn permission_ids(permissions: &[PermissionRef]) -> Vec<PermissionId> {
    let mut ids: Vec<_> = permissions
        .iter()
        .flat_map(|wanted| wanted.ids.iter().copied())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

impl Around<'_> {
    pub(crate) fn in_group(&mut self, groups: &[GroupRef], held: Option<Held>) -> Link {
        let ids: Vec<_> = groups.iter().map(|group| Bind::Integer(group.id.0)).collect();
        Link {
            from: "membership m",
            owner: "m.identity_id",
            key: user_key(self.kind),
            filter: format!("m.group_id {}", self.params.one_of(&ids)),
            since: self.since("m.joined_at", held),
            of_owner: self.kind != SubjectKind::User,
            rows: self.sizes.members(groups.iter().map(|group| &group.id)),
        }
    }

    fn has_role(&mut self, roles: &[RoleRef], held: Option<Held>) -> Link {
        Link {
            from: "role_member r",
            owner: "r.identity_id",
            key: user_key(self.kind),
            filter: format!("r.role_id {}", self.roles(roles)),
            since: self.since("r.granted_at", held),
            of_owner: self.kind != SubjectKind::User,
            rows: self.sizes.users / 10,
        }
    }

    /// The numbers of roles, as the right side of a comparison.
    pub(crate) fn roles(&mut self, roles: &[RoleRef]) -> String {
        let ids: Vec<_> = roles.iter().map(|role| Bind::Integer(role.id.0)).collect();
        self.params.one_of(&ids)
    }

    fn has_permission(
        &mut self,
        permissions: &[PermissionRef],
        held: Option<Held>,
    ) -> Link {
        let ids = permission_ids(permissions);
        let rows = self.sizes.holders(&ids);
        let ids: Vec<_> = ids.into_iter().map(|id| Bind::Integer(id.0)).collect();
        let filter = format!("h.permission_id {}", self.params.one_of(&ids));
        let since = self.since("h.granted_at", held);
        match self.kind {
            SubjectKind::Account | SubjectKind::Grant => Link {
                from: "access_grant h",
                owner: "h.account_id",
                key: "a.id",
                filter,
                since,
                of_owner: false,
                rows,
            },
            SubjectKind::User => Link {
                from: "access_grant h JOIN account b ON b.id = h.account_id",
                owner: "b.identity_id",
                key: "i.id",
                filter: format!("b.gone = 0 AND {filter}"),
                since,
                of_owner: false,
                rows,
            },
        }
    }

    fn has_session(&self) -> Link {
        let rows = self.sizes.accounts / 10;
        match self.kind {
            SubjectKind::Account | SubjectKind::Grant => Link {
                from: "session s",
                owner: "s.account_id",
                key: "a.id",
                filter: String::new(),
                since: None,
                of_owner: false,
                rows,
            },
            SubjectKind::User => Link {
                from: "session s JOIN account b ON b.id = s.account_id",
                owner: "b.identity_id",
                key: "i.id",
                filter: "b.gone = 0".to_owned(),
                since: None,
                of_owner: false,
                rows,
            },
        }
    }

    fn has_account(&mut self, apps: &[AppId]) -> Link {
        let ids: Vec<_> = apps.iter().map(|app| Bind::Integer(app.0)).collect();
        Link {
            from: "account b",
            owner: "b.identity_id",
            key: user_key(self.kind),
            // Orphans share a key, but hold nothing in common.
            filter: format!(
                "b.identity_id <> 0 AND b.gone = 0 AND b.app_id {}",
                self.params.one_of(&ids)
            ),
            since: None,
            of_owner: self.kind != SubjectKind::User,
            rows: self.sizes.in_apps(apps),
        }
    }

    fn since(&mut self, column: &str, held: Option<Held>) -> Option<Since> {
        let held = held?;
        let (op, cutoff) = self.at.cutoff(Direction::Since, held.op, held.length);
        let cutoff = self.params.bind(Bind::Instant(cutoff));
        let enough = format!("{column} {} {cutoff}", op.symbol());
        Some(Since {
            maybe: format!("({enough} OR {column} IS NULL)"),
            enough,
        })
    }
}
