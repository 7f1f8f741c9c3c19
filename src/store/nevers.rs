//! What never happens, as it was published.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::params;

/// What publishing invariants led to, by their words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedNevers {
    /// At work now, and not before.
    pub added: Vec<String>,
    /// At work before, and now.
    pub kept: Vec<String>,
    /// At work before, and not now.
    pub removed: Vec<String>,
}

impl Store {
    /// The words and the texts of what never happens.
    pub fn nevers(&self) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT words, text FROM never ORDER BY words";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts invariants, as their words and texts, to work. Where they are `all` there are,
    /// others end.
    pub fn publish_nevers(
        &self,
        nevers: &[(String, String)],
        all: bool,
        now: Timestamp,
    ) -> Result<PublishedNevers, StoreError> {
        self.atomically(|| {
            let mut made = PublishedNevers::default();
            let before = self.nevers()?;
            for (words, text) in nevers {
                let known = before.iter().find(|(known, _)| known == words);
                match known {
                    Some(_) => made.kept.push(words.clone()),
                    None => made.added.push(words.clone()),
                }
                if known.is_none_or(|(_, known)| known != text) {
                    self.connection.execute(
                        "INSERT INTO never(words, text, published_at) VALUES (?1, ?2, ?3)
                         ON CONFLICT(words) DO UPDATE SET text = excluded.text,
                           published_at = excluded.published_at",
                        params![words, text, now.0],
                    )?;
                }
            }
            for (words, _) in before {
                if all && !nevers.iter().any(|(known, _)| *known == words) {
                    let sql = "DELETE FROM never WHERE words = ?";
                    self.connection.execute(sql, [&words])?;
                    made.removed.push(words);
                }
            }
            Ok(made)
        })
    }
}
