//! Small random stores, written straight into the tables.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail them"
)]

use crate::dice::Dice;
use rusqlite::{Connection, params};
use std::path::Path;
use tenure::facts::SubjectId;
use tenure::ir::{Scope, SubjectKind};
use tenure::text::fold;
use tenure::time::Timestamp;

/// The instant that the stores' other instants are near: 2026-11-20T12:00:00Z.
pub(crate) const ORIGIN: Timestamp = Timestamp(1_795_176_000);

/// Texts that are equal in more ways than one, or look so.
pub(crate) const TEXTS: [&str; 10] =
    ["Legal", "LEGAL", "legal affairs", "Straße", "STRASSE", "é", "É", "", "%", "a\0b"];

/// What instants are before the origin, in seconds; some on the boundaries of lengths.
pub(crate) const AGES: [i64; 12] = [
    0,
    1,
    -1,
    86_400,
    30 * 86_400,
    30 * 86_400 - 1,
    30 * 86_400 + 1,
    90 * 86_400,
    90 * 86_400 + 1,
    90 * 86_400 - 1,
    -14 * 86_400,
    900 * 86_400,
];

/// The names of statuses.
pub(crate) const STATUSES: [&str; 4] = ["active", "suspended", "disabled", "Staged"];

/// One store.
#[derive(Debug)]
pub(crate) struct World {
    /// From number 1: gone, identity state.
    users: Vec<(bool, i64)>,
    /// From number 1: gone, app, owner.
    accounts: Vec<(bool, i64, i64)>,
    /// From number 1: permission, account.
    grants: Vec<(i64, i64)>,
    /// Policy, kind, number, until when.
    blocks: Vec<(i64, i64, i64, i64)>,
    seed: u64,
}

impl World {
    /// A random one.
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let users: Vec<_> = (0..8 + dice.below(12))
            .map(|_| (dice.chance(15), dice.pick(&[0, 0, 0, 1, 2])))
            .collect();
        let owners = users.len() as u64;
        let accounts: Vec<_> = (0..20 + dice.below(30))
            .map(|_| {
                let owner = if dice.chance(20) { 0 } else { 1 + dice.below(owners) };
                (dice.chance(10), dice.pick(&[1, 2, 3]), i64::try_from(owner).unwrap())
            })
            .collect();
        let mut grants = Vec::new();
        for account in 1..=i64::try_from(accounts.len()).unwrap() {
            let held = (1..=5).filter(|_| dice.chance(25));
            grants.extend(held.map(|permission| (permission, account)));
        }
        let blocks = (0..16)
            .map(|_| {
                let number = i64::try_from(1 + dice.below(20)).unwrap();
                let until =
                    ORIGIN.0 + dice.pick(&[0, 1, -1, 86_400, i64::MAX / 2, -ORIGIN.0]);
                (dice.pick(&[7, 7, 8]), dice.pick(&[0, 1, 2, 2]), number, until)
            })
            .collect();
        Self {
            users,
            accounts,
            grants,
            blocks,
            seed: dice.below(u64::MAX),
        }
    }

    /// All of them, the gone ones left out.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = SubjectId> {
        let accounts = (1..).zip(&self.accounts).filter(|(_, (gone, ..))| !gone);
        let users = (1..).zip(&self.users).filter(|(_, (gone, _))| !gone);
        let accounts = accounts.map(|(id, _)| SubjectId::Account(id));
        let gone = |account: i64| self.accounts[usize::try_from(account).unwrap() - 1].0;
        let grants = (1..)
            .zip(&self.grants)
            .filter(move |(_, (_, account))| !gone(*account));
        let grants = grants.map(|(id, _)| SubjectId::Grant(id));
        accounts.chain(grants).chain(users.map(|(id, _)| SubjectId::User(id)))
    }

    /// Whether a scope reaches a subject that is not gone.
    pub(crate) fn in_scope(&self, id: SubjectId, scope: &Scope) -> bool {
        let at = |number: i64| usize::try_from(number).unwrap() - 1;
        let user = |number: i64| {
            let (gone, state) = self.users[at(number)];
            !gone && (scope.long_term || state != 2)
        };
        let account = |number: i64| {
            let (gone, app, owner) = self.accounts[at(number)];
            let app = scope.apps.is_empty() || scope.apps.iter().any(|it| it.0 == app);
            !gone && app && (owner == 0 || user(owner))
        };
        match (id, scope.kind) {
            (SubjectId::Account(number), SubjectKind::Account) => account(number),
            (SubjectId::Grant(number), SubjectKind::Grant) => {
                account(self.grants[at(number)].1)
            }
            (SubjectId::User(number), SubjectKind::User) => user(number),
            _ => false,
        }
    }

    /// Whether a run of policy 7 blocks another for the subject.
    pub(crate) fn blocked(&self, id: SubjectId, now: Timestamp) -> bool {
        let key = (7, id.kind().number(), id.number());
        self.blocks.iter().any(|(policy, kind, number, until)| {
            (*policy, *kind, *number) == key && *until > now.0
        })
    }

    /// Writes it into an empty store.
    pub(crate) fn write(&self, path: &Path) {
        let mut connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        let db = connection.transaction().unwrap();
        let dice = &mut Dice::new(self.seed);
        let day = |dice: &mut Dice| dice.maybe(&AGES).map(|age| ORIGIN.0 - age);
        let text = |dice: &mut Dice| dice.maybe(&TEXTS);
        lists(&db);
        for (id, (gone, state)) in (1i64..).zip(&self.users) {
            let email = format!("User{id}@Acme.example");
            let (department, title) = (text(dice), text(dice));
            let manager =
                dice.maybe(&["user1@acme.example", "USER2@acme.example", "nobody"]);
            db.prepare_cached(
                "INSERT INTO identity VALUES
                 (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            )
            .unwrap()
            .execute(params![
                id,
                email,
                fold(&email),
                text(dice),
                text(dice),
                text(dice),
                dice.maybe(&STATUSES),
                department,
                department.map(fold),
                title,
                title.map(fold),
                manager,
                manager.map(fold),
                dice.maybe(&[1, 2, 3]),
                day(dice),
                state,
                day(dice),
                day(dice),
                day(dice),
                text(dice),
                gone,
            ])
            .unwrap();
            for group in 1i64..=4 {
                if dice.chance(30) {
                    let row = params![group, id, day(dice), dice.chance(50)];
                    db.execute("INSERT INTO membership VALUES (?,?,?,?)", row).unwrap();
                }
            }
            for role in 1i64..=3 {
                if dice.chance(30) {
                    let row = params![role, id, day(dice)];
                    db.execute("INSERT INTO role_member VALUES (?,?,?)", row).unwrap();
                }
            }
            custom(&db, dice, "identity_attribute", &[1, 2, 3, 4, 8], id);
        }
        for (id, (gone, app, owner)) in (1i64..).zip(&self.accounts) {
            account(&db, dice, id, (*gone, *app, *owner));
        }
        for (id, (permission, account)) in (1i64..).zip(&self.grants) {
            let from = dice.maybe(&[1, 2, 3]);
            let row = params![id, permission, account, day(dice), day(dice), from];
            db.execute(
                "INSERT INTO access_grant(id, permission_id, account_id, granted_at, expires_at,
                     source_id)
                 VALUES (?,?,?,?,?,?)",
                row,
            )
            .unwrap();
        }
        for (policy, kind, number, until) in &self.blocks {
            db.execute(
                "INSERT INTO run(policy_id, version, subject_kind, subject_id, subject_name,
                     state, opened_at, blocks_until, body)
                 VALUES (?, 1, ?, ?, '', '', 0, ?, '')",
                params![policy, kind, number, until],
            )
            .unwrap();
        }
        db.execute_batch("ANALYZE").unwrap();
        db.commit().unwrap();
    }
}

fn account(
    db: &Connection,
    dice: &mut Dice,
    id: i64,
    (gone, app, owner): (bool, i64, i64),
) {
    let day = |dice: &mut Dice| dice.maybe(&AGES).map(|age| ORIGIN.0 - age);
    let (login, activity) = (day(dice), day(dice));
    let name = format!("Name{id}");
    db.prepare_cached("INSERT INTO account VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULL)")
        .unwrap()
        .execute(params![
            id,
            app,
            owner,
            name,
            fold(&name),
            dice.maybe(&STATUSES),
            day(dice),
            day(dice),
            dice.maybe(&[1, 2, 3, 4]),
            login,
            login.map(|_| dice.pick(&[1, 2, 3, 4])),
            activity,
            activity.map(|_| dice.pick(&[1, 2, 3, 5])),
            login.max(activity),
            gone,
        ])
        .unwrap();
    for source in [1, 2, 3] {
        if dice.chance(if source < 3 { 60 } else { 20 }) {
            let (login, activity) = (day(dice), day(dice));
            db.prepare_cached("INSERT INTO activity VALUES (?,?,?,?)")
                .unwrap()
                .execute(params![id, source, login, activity])
                .unwrap();
        }
    }
    if dice.chance(15) {
        let session = "INSERT INTO session(account_id, name) VALUES (?, 's')";
        db.execute(session, [id]).unwrap();
    }
    custom(db, dice, "account_attribute", &[5, 6, 7, 9], id);
}

fn lists(db: &Connection) {
    db.execute_batch(
        "INSERT INTO app(id, name, name_key) VALUES (1,'One','one'),(2,'Two','two'),(3,'Three','three');
         INSERT INTO source(id, name, name_key, kind, app_id)
           VALUES (1,'one','one','integration',1),(2,'okta','okta','idp',NULL),
                  (3,'HR','hr','hr',NULL),(4,'Aloha','aloha','integration',3),
                  (5,'Zeta','zeta','integration',1);
         UPDATE source SET as_of = 1794000000 WHERE id < 5;
         UPDATE source SET imported_at = 1794000000 WHERE id = 5;
         INSERT INTO lifecycle_state(id, name, name_key, identity_state)
           VALUES (1,'Active','active',0),(2,'Leave','leave',1),(3,'Deleted','deleted',2);
         INSERT INTO grp(id, name, name_key, source_id)
           VALUES (1,'A','a',2),(2,'B','b',3),(3,'C','c',2),(4,'D','d',1);
         INSERT INTO role(id, name, name_key, is_default)
           VALUES (1,'R','r',0),(2,'S','s',0),(3,'Everyone','everyone',1);
         INSERT INTO permission(id, app_id, value, value_key, label, label_key)
           VALUES (1,1,'Pp','pp','P','p'),(2,2,'pp','pp','P','p'),(3,1,'P','p','Q','q'),
                  (4,3,'qq','qq','Q','q'),(5,2,'r','r','R','r');
         INSERT INTO attribute(id, level, name, name_key)
           VALUES (1,'user','center','center'),(2,'user','hired','hired'),
                  (3,'user','score','score'),(4,'user','external','external'),
                  (5,'account','badge','badge'),(6,'account','ends','ends'),
                  (7,'account','seats','seats'),(8,'user','sponsor','sponsor'),
                  (9,'account','shared','shared');",
    )
    .unwrap();
}

fn custom(db: &Connection, dice: &mut Dice, table: &str, ids: &[i64], subject: i64) {
    for id in ids {
        let value = match id {
            2 | 6 if dice.chance(80) => {
                dice.maybe(&AGES).map(|age| Timestamp(ORIGIN.0 - age).to_string())
            }
            2 | 6 => dice.maybe(&["soon", "2026-02-30", "2026-11-20"]).map(str::to_owned),
            3 | 7 => {
                dice.maybe(&["1", "2.5", "-0", "0", "1e3", "many"]).map(str::to_owned)
            }
            4 | 9 => dice
                .maybe(&["TRUE", "false", "False", "perhaps", "1"])
                .map(str::to_owned),
            8 => dice
                .maybe(&["user1@acme.example", "USER2@acme.example", "nobody"])
                .map(str::to_owned),
            _ => dice.maybe(&TEXTS).map(str::to_owned),
        };
        let Some(value) = value else { continue };
        let at = Timestamp::parse(&value).map(|at| at.0);
        let number: Option<f64> = value.parse().ok();
        db.execute(
            &format!("INSERT INTO {table} VALUES (?,?,?,?,?,?)"),
            params![id, subject, value, fold(&value), at, number],
        )
        .unwrap();
    }
}
