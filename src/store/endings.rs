//! The policies that are made of what `app` items say, for access that expires.

use crate::facts::SubjectId;
use crate::ir::{AppId, PermissionId, SubjectKind};
use crate::store::{Store, StoreError};
use rusqlite::params;
use std::collections::BTreeSet;

/// A policy that was made of an `app` item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The policy.
    pub(crate) policy: i64,
    /// Of which app.
    pub(crate) app: AppId,
    /// Of accounts or grants: the number of the kind.
    pub(crate) kind: i64,
    /// The policy, and its version, in whose text the item stands.
    pub(crate) source: (i64, u32),
    /// Whether it is meant to be at work.
    pub(crate) at_work: bool,
}

impl Store {
    /// All that were ever made.
    pub(crate) fn endings(&self) -> Result<Vec<Ending>, StoreError> {
        let sql = "SELECT policy_id, app_id, kind, source_id, source_version, at_work
                   FROM ending ORDER BY app_id, kind";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Ending {
                policy: row.get(0)?,
                app: AppId(row.get(1)?),
                kind: row.get(2)?,
                source: (row.get(3)?, row.get(4)?),
                at_work: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a policy is one of them.
    pub(crate) fn is_ending(&self, policy: i64) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM ending WHERE policy_id = ?1)";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([policy], |row| row.get(0))?)
    }

    /// Puts one on record, in place of what was known of the same app and kind.
    pub(crate) fn set_ending(&self, ending: &Ending) -> Result<(), StoreError> {
        let sql = "INSERT INTO ending(policy_id, app_id, kind, source_id, source_version,
                       at_work) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT(app_id, kind) DO UPDATE SET policy_id = excluded.policy_id,
                       source_id = excluded.source_id,
                       source_version = excluded.source_version, at_work = excluded.at_work";
        self.connection.prepare_cached(sql)?.execute(params![
            ending.policy,
            ending.app.0,
            ending.kind,
            ending.source.0,
            ending.source.1,
            ending.at_work,
        ])?;
        Ok(())
    }

    /// Whether a policy has opened a run for a subject since an event became known.
    pub(crate) fn opened_behind(
        &self,
        (policy, subject): (i64, SubjectId),
        event: i64,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM run WHERE policy_id = ?1
                     AND subject_kind = ?2 AND subject_id = ?3 AND opened_at >=
                       (SELECT received_at FROM event WHERE id = ?4))";
        let mut statement = self.connection.prepare_cached(sql)?;
        let of = params![policy, subject.kind().number(), subject.number(), event];
        Ok(statement.query_row(of, |row| row.get(0))?)
    }

    /// The permissions of which a grant is to expire, or has and was not told of.
    pub(crate) fn expiring_permissions(
        &self,
    ) -> Result<BTreeSet<PermissionId>, StoreError> {
        let sql = "SELECT DISTINCT g.permission_id FROM access_grant g
                   JOIN account a ON a.id = g.account_id AND a.gone = 0
                   WHERE g.expires_at IS NOT NULL AND g.expiry_told IS NOT g.expires_at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok(PermissionId(row.get(0)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether anything of an app is to expire, or has and was not told of.
    pub(crate) fn has_expiring(
        &self,
        kind: SubjectKind,
        app: AppId,
    ) -> Result<bool, StoreError> {
        let sql = match kind {
            SubjectKind::Account => {
                "SELECT EXISTS (SELECT 1 FROM account WHERE app_id = ?1 AND gone = 0
                   AND expires_at IS NOT NULL AND expiry_told IS NOT expires_at)"
            }
            SubjectKind::Grant => {
                "SELECT EXISTS (SELECT 1 FROM access_grant g
                   JOIN account a ON a.id = g.account_id
                   WHERE g.expires_at IS NOT NULL AND g.expiry_told IS NOT g.expires_at
                     AND a.app_id = ?1 AND a.gone = 0)"
            }
            SubjectKind::User => return Ok(false),
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([app.0], |row| row.get(0))?)
    }
}
