//! The versions of a policy: drafts, the active one, and those that were active before.

use crate::store::{PolicyRow, Store, StoreError};
use crate::time::Timestamp;
use rusqlite::params;
use serde::Serialize;

/// So many versions of a policy are kept.
pub const MOST_VERSIONS: usize = 10;

/// A version of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionRow {
    /// Its number; none is given twice.
    pub version: u32,
    /// Where it stands.
    pub standing: Standing,
    /// When it was published.
    pub published_at: Timestamp,
    /// When it was last activated.
    pub activated_at: Option<Timestamp>,
    /// How many runs are pinned to it: open, or with something that is still to leave.
    pub pinned: u64,
}

/// Where a version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It was never active; a newer draft takes its place.
    Draft,
    /// It is at work.
    Active,
    /// It was active before, and can be activated again.
    Published,
}

/// How a version is put to work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Its evaluations and runs are on record; nobody is asked and nothing is done.
    pub observe: bool,
    /// The condition of a pilot, as written: only those for whom it is true are looked at.
    pub only: Option<String>,
}

/// What publishing a text led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The version that holds the text.
    pub version: u32,
    /// Whether that version was there before.
    pub unchanged: bool,
    /// The draft whose place it takes.
    pub replaced: Option<u32>,
}

/// An ended run is pinned too while something of it is still to leave.
const PINNED: &str =
    "FROM run WHERE policy_id = ?1 AND version = ?2 AND (ended_at IS NULL
    OR EXISTS (SELECT 1 FROM outbox WHERE run_id = run.id AND next_at IS NOT NULL))";

impl Store {
    /// Stores a policy's text as a draft, in place of an earlier draft, unless the newest of
    /// the other versions is that text. To be called in a transaction.
    pub fn publish(
        &self,
        name: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Published, StoreError> {
        let Some(policy) = self.policy(name)? else {
            let id = self.new_policy(name)?;
            let version = self.new_version(id, text, now)?;
            return Ok(Published { version, unchanged: false, replaced: None });
        };
        let is_text = |version: u32| -> Result<bool, StoreError> {
            Ok(self.policy_text(policy.id, version)?.as_deref() == Some(text))
        };
        if policy.newest > 0 && is_text(policy.newest)? {
            let version = policy.newest;
            return Ok(Published { version, unchanged: true, replaced: None });
        }
        let (drafts, kept): (Vec<_>, Vec<_>) = self
            .versions(&policy)?
            .into_iter()
            .partition(|row| row.standing == Standing::Draft);
        let before = match kept.last() {
            Some(last) if is_text(last.version)? => Some(last.version),
            _ => None,
        };
        if before.is_none() && kept.len() >= MOST_VERSIONS {
            let deletable = kept.iter().filter(|row| row.why_kept().is_none());
            return Err(StoreError::TooManyVersions {
                policy: policy.name,
                deletable: deletable.map(|row| row.version).collect(),
            });
        }
        for draft in &drafts {
            self.drop_version(policy.id, draft.version)?;
        }
        let replaced = drafts.last().map(|row| row.version);
        let (version, unchanged) = match before {
            Some(version) => (version, true),
            None => (self.new_version(policy.id, text, now)?, false),
        };
        Ok(Published { version, unchanged, replaced })
    }

    /// The versions of a policy, the oldest first.
    pub fn versions(&self, policy: &PolicyRow) -> Result<Vec<VersionRow>, StoreError> {
        let sql = "SELECT version, published_at, activated_at FROM policy_version
                   WHERE policy_id = ?1 ORDER BY version";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([policy.id], |row| {
            let version = row.get(0)?;
            let activated_at = row.get::<_, Option<i64>>(2)?.map(Timestamp);
            Ok(VersionRow {
                version,
                standing: match activated_at {
                    _ if policy.active == Some(version) => Standing::Active,
                    Some(_) => Standing::Published,
                    None => Standing::Draft,
                },
                published_at: Timestamp(row.get(1)?),
                activated_at,
                pinned: 0,
            })
        })?;
        let mut versions = rows.collect::<Result<Vec<_>, _>>()?;
        let sql = format!("SELECT count(*) {PINNED}");
        let mut pinned = self.connection.prepare_cached(&sql)?;
        for row in &mut versions {
            let count: i64 =
                pinned.query_row(params![policy.id, row.version], |row| row.get(0))?;
            row.pinned = count.unsigned_abs();
        }
        Ok(versions)
    }

    /// The versions of a policy that its open runs were opened under.
    pub(crate) fn versions_of_open_runs(
        &self,
        policy: i64,
    ) -> Result<Vec<u32>, StoreError> {
        let sql = "SELECT DISTINCT version FROM run WHERE policy_id = ?1
                   AND ended_at IS NULL ORDER BY version";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([policy], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The versions of a policy, with their pilots, that its open runs were opened under.
    pub(crate) fn pins_of_open_runs(
        &self,
        policy: i64,
    ) -> Result<Vec<(u32, Option<String>)>, StoreError> {
        let sql = "SELECT DISTINCT version, only_where FROM run WHERE policy_id = ?1
                   AND ended_at IS NULL ORDER BY version, only_where";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([policy], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The open runs of a version and its pilot, the oldest first.
    pub(crate) fn open_runs_under(
        &self,
        (policy, version): (i64, u32),
        only: Option<&str>,
    ) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT id FROM run WHERE policy_id = ?1 AND version = ?2
                   AND only_where IS ?3 AND ended_at IS NULL ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![policy, version, only], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Deletes a version that nothing needs any more. To be called in a transaction.
    pub fn delete_version(
        &self,
        policy: &PolicyRow,
        version: u32,
    ) -> Result<(), StoreError> {
        let versions = self.versions(policy)?;
        let Some(row) = versions.iter().find(|row| row.version == version) else {
            return Err(StoreError::NoVersion {
                policy: policy.name.clone(),
                version,
                known: versions.iter().map(|row| row.version).collect(),
            });
        };
        if let Some(why) = row.why_kept() {
            return Err(StoreError::VersionKept {
                policy: policy.name.clone(),
                version,
                why,
                active: row.standing == Standing::Active,
            });
        }
        self.drop_version(policy.id, version)
    }

    fn new_policy(&self, name: &str) -> Result<i64, StoreError> {
        let sql = "INSERT INTO policy(name, name_key) VALUES (?1, ?2) RETURNING id";
        let key = crate::text::fold(name);
        Ok(self.connection.query_row(sql, params![name, key], |row| row.get(0))?)
    }

    fn new_version(
        &self,
        id: i64,
        text: &str,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let sql = "UPDATE policy SET last_version = last_version + 1 WHERE id = ?1
                   RETURNING last_version";
        let version = self.connection.query_row(sql, [id], |row| row.get(0))?;
        self.connection.execute(
            "INSERT INTO policy_version(policy_id, version, text, published_at)
             VALUES (?1, ?2, ?3, ?4)",
            params![id, version, text, now.0],
        )?;
        Ok(version)
    }

    fn drop_version(&self, id: i64, version: u32) -> Result<(), StoreError> {
        for table in ["policy_version", "pilot"] {
            let sql =
                format!("DELETE FROM {table} WHERE policy_id = ?1 AND version = ?2");
            self.connection.execute(&sql, params![id, version])?;
        }
        Ok(())
    }
}

impl VersionRow {
    /// Why it cannot be deleted, if it cannot.
    pub fn why_kept(&self) -> Option<String> {
        match (self.standing, self.pinned) {
            (Standing::Active, _) => Some("it is active".to_owned()),
            (_, 0) => None,
            (_, 1) => Some("1 run goes on under it".to_owned()),
            (_, runs) => Some(format!("{runs} runs go on under it")),
        }
    }
}

impl Standing {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Published => "published",
        }
    }
}
