//! The people that policy files mention: there are too many in a store to list them all.

use crate::catalog::{Person, Standing};
use crate::ir::IdentityState;
use crate::store::{Store, StoreError};
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet};

/// For so many addresses that nobody has, similar ones are looked for.
const MOST_UNKNOWN: usize = 50;
/// So many people are looked at for each beginning of an address.
const MOST_ALIKE: i64 = 100;

/// Somebody of a manager's team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The store's number.
    pub id: i64,
    /// The address.
    pub email: String,
    /// Given and family name; empty where neither is known.
    pub name: String,
    /// The title.
    pub title: Option<String>,
    /// The identity state on record.
    pub state: IdentityState,
}

impl Store {
    /// Of these addresses, the people who have them; and for each that nobody has, those who
    /// have one that begins alike.
    pub fn people<'a>(
        &self,
        addresses: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Person>, StoreError> {
        let keys: BTreeSet<String> = addresses.into_iter().map(fold).collect();
        let mut found = BTreeMap::new();
        let mut unknown = 0;
        for key in &keys {
            if self.look_up(&mut found, (key, key), 1)? > 0 || unknown == MOST_UNKNOWN {
                continue;
            }
            unknown += 1;
            for start in beginnings(key) {
                // No address holds a sign behind this one.
                let end = format!("{start}\u{10ffff}");
                self.look_up(&mut found, (&start, &end), MOST_ALIKE)?;
            }
        }
        Ok(found.into_values().collect())
    }

    /// Whom a person manages, by address: those who are active, or all.
    pub fn team(&self, email: &str, all: bool) -> Result<Vec<Member>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, email, given_name, family_name, title, identity_state FROM identity
             WHERE manager_key = ?1 AND gone = 0 AND (?2 OR identity_state = 0)
             ORDER BY email_key",
        )?;
        let rows = statement.query_map((fold(email), all), |row| {
            let names: [Option<String>; 2] = [row.get(2)?, row.get(3)?];
            Ok(Member {
                id: row.get(0)?,
                email: row.get(1)?,
                name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
                title: row.get(4)?,
                state: IdentityState::from_number(row.get(5)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Adds the people with addresses between the two, and says how many there are.
    fn look_up(
        &self,
        found: &mut BTreeMap<String, Person>,
        (first, last): (&str, &str),
        most: i64,
    ) -> Result<usize, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT email_key, email, gone, identity_state FROM identity
             WHERE email_key BETWEEN ? AND ? ORDER BY email_key LIMIT ?",
        )?;
        let rows = statement.query_map((first, last, most), |row| {
            let standing = match IdentityState::from_number(row.get(3)?) {
                _ if row.get(2)? => Standing::Gone,
                IdentityState::Active => Standing::Active,
                state => Standing::Inactive(state),
            };
            Ok((row.get::<_, String>(0)?, Person { email: row.get(1)?, standing }))
        })?;
        let mut count = 0;
        for row in rows {
            let (key, person) = row?;
            found.insert(key, person);
            count += 1;
        }
        Ok(count)
    }
}

/// The name before the `@`, with any host behind it; then ever shorter beginnings of it.
fn beginnings(key: &str) -> Vec<String> {
    let Some((name, _)) = key.split_once('@') else { return Vec::new() };
    let letters: Vec<char> = name.chars().collect();
    let shorter = (1..letters.len()).rev().take(10);
    let shorter =
        shorter.filter_map(|length| Some(letters.get(..length)?.iter().collect()));
    [format!("{name}@")].into_iter().chain(shorter).collect()
}
