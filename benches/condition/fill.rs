//! Stores to measure on, made once and kept under `target`.

use rusqlite::{Connection, Transaction, params};
use std::path::PathBuf;
use tenure::store::Store;
use tenure::text::fold;

/// The instant at which the stores are looked at: 2026-11-20T12:00:00Z.
pub(crate) const NOW: i64 = 1_795_176_000;

/// Changes with what is below, so that old stores are not taken for new ones.
const EDITION: u32 = 6;

const APPS: u64 = 50;
const GROUPS: u64 = 2_000;
const PERMISSIONS_PER_APP: u64 = 20;

/// A store with so many accounts.
///
/// Accounts lie in no order of their owners, apps and groups follow Zipf, a fifth of the
/// accounts was not seen for 90 days, permission 1 is held by 15% of them, and something is
/// missing everywhere.
pub(crate) fn store(accounts: u64) -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = target.join(format!("condition-{EDITION}-{accounts}.db"));
    if path.exists() {
        return path;
    }
    std::fs::create_dir_all(&target).unwrap();
    let draft = path.with_extension("new");
    if draft.exists() {
        std::fs::remove_file(&draft).unwrap();
    }
    drop(Store::open(&draft).unwrap());
    let mut db = Connection::open(&draft).unwrap();
    db.pragma_update(None, "journal_mode", "OFF").unwrap();
    db.pragma_update(None, "synchronous", "OFF").unwrap();
    let made = indexes(&db);
    for (kind, name, _) in &made {
        db.execute_batch(&format!("DROP {kind} {name}")).unwrap();
    }
    let tx = db.transaction().unwrap();
    fill(&tx, accounts);
    tx.commit().unwrap();
    db.execute_batch(include_str!("../../src/store/import/count.sql"))
        .unwrap();
    for (_, _, sql) in &made {
        db.execute_batch(sql).unwrap();
    }
    db.execute_batch("ANALYZE").unwrap();
    drop(db);
    std::fs::rename(&draft, &path).unwrap();
    path
}

/// Indexes and counters, and how to make them again: they are dearer kept than made.
fn indexes(db: &Connection) -> Vec<(String, String, String)> {
    let sql = "SELECT type, name, sql FROM sqlite_schema
               WHERE type IN ('index', 'trigger') AND sql IS NOT NULL";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

fn fill(db: &Transaction<'_>, accounts: u64) {
    let mut dice = Dice(1);
    let identities = accounts / 5;
    let mut dates = Dice(2);
    let days = |dates: &mut Dice, most: u64| dates.below(most).cast_signed() * 86_400;
    apps(db);
    people(db, &mut dice, identities);
    memberships(db, &mut dice, accounts * 12 / 10, identities);
    let mut account = db
        .prepare(
            "INSERT INTO account(id, app_id, identity_id, username, username_key, status,
                 created_at, last_login, last_login_source, last_activity, last_activity_source,
                 last_seen, gone)
             VALUES (?1,?2,?3,?4,?4,?5,?6,?7,1,?8,1,?9,?10)",
        )
        .unwrap();
    let mut grant = db
        .prepare(
            "INSERT INTO access_grant(permission_id, account_id, granted_at, expires_at)
             VALUES (?1, ?2, ?3, ?4)",
        )
        .unwrap();
    let mut run = db
        .prepare(
            "INSERT INTO run(policy_id, version, subject_kind, subject_id, subject_name, state,
                 opened_at, blocks_until, body)
             VALUES (1, 1, 0, ?1, '', 'reviewing', 0, 9000000000000, '{}')",
        )
        .unwrap();
    for id in 1..=accounts {
        let app = 1 + dice.zipf(APPS);
        let owner = if dice.below(50) == 0 { 0 } else { 1 + dice.below(identities) };
        let age = age(&mut dice);
        let seen = (dice.below(25) > 0).then(|| NOW - age);
        let login = seen.filter(|_| dice.below(10) > 0);
        let activity = seen.filter(|_| login.is_none() || dice.below(2) == 0);
        let name = format!("user{owner}-{id}");
        let status = if dice.below(50) == 0 { "suspended" } else { "active" };
        account
            .execute(params![
                id.cast_signed(),
                app.cast_signed(),
                owner.cast_signed(),
                name,
                status,
                NOW - 400 * 86_400,
                login,
                activity,
                seen,
                dice.below(100) == 0,
            ])
            .unwrap();
        let mut given = Vec::new();
        let mut give = |permission: u64| {
            if given.contains(&permission) {
                return;
            }
            given.push(permission);
            grant
                .execute(params![
                    permission.cast_signed(),
                    id.cast_signed(),
                    NOW - days(&mut dates, 400),
                    (dates.below(20) == 0).then(|| NOW + days(&mut dates, 200))
                ])
                .unwrap();
        };
        if dice.below(100) < 15 {
            give(1);
        }
        for _ in 0..=dice.below(4) {
            let permission = dice.below(PERMISSIONS_PER_APP);
            give(1 + (app - 1) * PERMISSIONS_PER_APP + permission);
        }
        if dice.below(50) == 0 {
            run.execute([id.cast_signed()]).unwrap();
        }
    }
}

fn apps(db: &Transaction<'_>) {
    for app in 1..=APPS {
        let name = format!("app{app}");
        db.execute(
            "INSERT INTO app(id, name, name_key) VALUES (?1, ?2, ?2)",
            params![app.cast_signed(), name],
        )
        .unwrap();
        for permission in 0..PERMISSIONS_PER_APP {
            let id = 1 + (app - 1) * PERMISSIONS_PER_APP + permission;
            let name = format!("permission {permission}");
            db.execute(
                "INSERT INTO permission(id, app_id, value, value_key, label, label_key)
                 VALUES (?1, ?2, ?3, ?3, ?3, ?3)",
                params![id.cast_signed(), app.cast_signed(), name],
            )
            .unwrap();
        }
    }
}

fn people(db: &Transaction<'_>, dice: &mut Dice, identities: u64) {
    let mut person = db
        .prepare(
            "INSERT INTO identity(id, email, email_key, username, given_name, family_name, status,
                 department, department_key, title, title_key, manager_email, manager_key,
                 identity_state, created_at, password_changed_at, locale, gone)
             VALUES (?1, ?2, ?2, ?2, 'Ida', 'Tran', 'active', ?3, ?4, ?5, ?5, ?6, ?6, ?7, ?8,
                 ?8, 'en', ?9)",
        )
        .unwrap();
    for id in 1..=identities {
        let department = match dice.below(100) {
            0..4 => None,
            _ => Some(format!("Department {}", dice.below(20))),
        };
        let state = match dice.below(100) {
            0..92 => 0,
            92..97 => 1,
            _ => 2,
        };
        person
            .execute(params![
                id.cast_signed(),
                format!("user{id}@acme.example"),
                department,
                department.as_deref().map(fold),
                format!("grade {}", dice.below(40)),
                format!("user{}@acme.example", 1 + id / 8),
                state,
                NOW - 500 * 86_400,
                dice.below(50) == 0,
            ])
            .unwrap();
    }
}

fn memberships(db: &Transaction<'_>, dice: &mut Dice, count: u64, identities: u64) {
    let mut member = db
        .prepare(
            "INSERT OR IGNORE INTO membership(group_id, identity_id, joined_at, direct)
             VALUES (?1, ?2, ?3, 1)",
        )
        .unwrap();
    let mut all: Vec<(u64, u64)> = (0..count)
        .map(|_| (1 + dice.zipf(GROUPS), 1 + dice.below(identities)))
        .collect();
    all.sort_unstable();
    for (group, identity) in all {
        let joined = NOW - 300 * 86_400;
        member
            .execute(params![group.cast_signed(), identity.cast_signed(), joined])
            .unwrap();
    }
}

/// How long ago: exponential, so that a fifth is older than 90 days.
fn age(dice: &mut Dice) -> i64 {
    let drawn = -(1.0 - dice.unit()).ln() * 56.0 * 86_400.0;
    #[expect(clippy::cast_possible_truncation, reason = "at most 30 years")]
    let age = drawn as i64;
    age
}

/// Random numbers that are the same each time (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end
    }

    fn unit(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Low numbers more often: the n-th about n times less than the first.
    fn zipf(&mut self, end: u64) -> u64 {
        let drawn = (self.unit() * ((end + 1) as f64).ln()).exp() - 1.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "below the end"
        )]
        let drawn = drawn as u64;
        drawn.min(end - 1)
    }
}
