//! The conditions, and the same written by hand.

use crate::fill::NOW;
use crate::grants;
use tenure::ir::{
    AppId, Attribute, Condition, ConditionKind, Direction, Field, GroupId, GroupRef,
    Level, Op, PermissionId, PermissionRef, Scope, SubjectKind, TestKind, Value,
    ValueKind,
};
use tenure::query::{Bind, Moment, Selection, Statement};
use tenure::text::{Span, Spanned};
use tenure::time::{Duration, Timestamp};

/// The app of 7% of the accounts, and a group of 3% of the people.
pub(crate) const APP: i64 = 4;
const GROUP: i64 = 10;

/// One condition, and statements that select the same.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) scope: Scope,
    pub(crate) when: Condition,
    pub(crate) at: Moment,
    pub(crate) blocked: Option<i64>,
    pub(crate) forms: &'static [&'static str],
}

impl Case {
    pub(crate) fn selection(&self) -> Selection<'_> {
        Selection {
            scope: &self.scope,
            when: &self.when,
            except: None,
            blocked: self.blocked,
            at: self.at,
            activity: None,
            stale: None,
        }
    }

    /// Parameters: 1 cut-off, 2 group, 3 permission, 4 department, 5 now, 6 app, 7 policy.
    pub(crate) fn forms(&self) -> Vec<Statement> {
        let params = vec![
            Bind::Integer(NOW - 90 * 86_400),
            Bind::Integer(GROUP),
            Bind::Integer(1),
            Bind::Text("department 3".to_owned()),
            Bind::Integer(NOW),
            Bind::Integer(APP),
            Bind::Integer(1),
        ];
        let each = self.forms.iter();
        each.map(|sql| Statement { sql: (*sql).to_owned(), params: params.clone() })
            .collect()
    }
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "full, all apps",
            scope: accounts(vec![]),
            when: all(vec![inactive(), permission(&[1]), not(group()), department()]),
            at: now(),
            blocked: Some(1),
            forms: FULL,
        },
        Case {
            name: "full, one app",
            scope: accounts(vec![AppId(APP)]),
            when: all(vec![inactive(), permission(&[1]), not(group()), department()]),
            at: now(),
            blocked: Some(1),
            forms: FULL_APP,
        },
        Case {
            name: "simple, all apps",
            scope: accounts(vec![]),
            when: inactive(),
            at: now(),
            blocked: None,
            forms: SIMPLE,
        },
        Case {
            name: "simple, one app",
            scope: accounts(vec![AppId(APP)]),
            when: inactive(),
            at: now(),
            blocked: None,
            forms: SIMPLE_APP,
        },
        Case {
            name: "no permission, all apps",
            scope: accounts(vec![]),
            when: all(vec![inactive(), not(group()), department()]),
            at: now(),
            blocked: Some(1),
            forms: NO_PERMISSION,
        },
        Case {
            name: "permission of every app",
            scope: accounts(vec![]),
            when: all(vec![
                inactive(),
                permission(&(0..50).map(|app| 4 + 20 * app).collect::<Vec<_>>()),
                not(group()),
                department(),
            ]),
            at: now(),
            blocked: Some(1),
            forms: LABEL,
        },
        Case {
            name: "in group, all apps",
            scope: accounts(vec![]),
            when: all(vec![inactive(), group()]),
            at: now(),
            blocked: Some(1),
            forms: MEMBERS,
        },
        Case {
            name: "users, inactive, not in group",
            scope: Scope {
                kind: SubjectKind::User,
                apps: vec![],
                long_term: false,
            },
            when: all(vec![user_inactive(), not(group()), department()]),
            at: now(),
            blocked: Some(1),
            forms: USERS,
        },
    ]
    .into_iter()
    .chain([edge()])
    .chain(grants::cases())
    .collect()
}

fn edge() -> Case {
    Case {
        name: "reaches, all apps",
        scope: accounts(vec![]),
        when: all(vec![test(reaches()), not(group())]),
        at: now().since(Timestamp(NOW - 86_400)),
        blocked: Some(1),
        forms: REACHES,
    }
}

pub(crate) fn now() -> Moment {
    Moment::at(Timestamp(NOW))
}

const REACHES: &[&str] = &[
    "SELECT a.id FROM account a INDEXED BY account_seen
     WHERE a.last_seen > ?1 - 86400 AND a.last_seen <= ?1 AND a.gone = 0
       AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM account a INDEXED BY account_seen
       CROSS JOIN identity i ON i.id = a.identity_id
     WHERE a.last_seen > ?1 - 86400 AND a.last_seen <= ?1 AND a.gone = 0
       AND i.gone = 0 AND i.identity_state <> 2
       AND NOT EXISTS
         (SELECT 1 FROM membership m WHERE m.group_id = ?2 AND m.identity_id = a.identity_id)
       AND NOT EXISTS (SELECT 1 FROM run r WHERE r.policy_id = ?7 AND r.subject_kind = 0
         AND r.subject_id = a.id AND r.blocks_until > ?5 AND r.blocks_until > 0)",
];

const FULL: &[&str] = &[
    "SELECT a.id FROM access_grant p CROSS JOIN account a ON a.id = p.account_id
     WHERE p.permission_id = ?3 AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM access_grant p CROSS JOIN account a ON a.id = p.account_id
     WHERE p.permission_id = ?3 AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (
         SELECT identity_id FROM membership WHERE group_id = ?2
         UNION ALL SELECT id FROM identity WHERE department_key = ?4
         UNION ALL SELECT id FROM identity WHERE department_key IS NULL
         UNION ALL SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM access_grant p CROSS JOIN account a ON a.id = p.account_id
       CROSS JOIN identity i ON i.id = a.identity_id
     WHERE p.permission_id = ?3 AND a.last_seen < ?1 AND a.gone = 0
       AND i.department_key <> ?4 AND i.gone = 0 AND i.identity_state <> 2
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM account a INDEXED BY account_seen
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND +a.id IN (SELECT account_id FROM access_grant WHERE permission_id = ?3)
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
];

const FULL_APP: &[&str] = &[
    "SELECT a.id FROM account a INDEXED BY account_app_seen
       CROSS JOIN identity i ON i.id = a.identity_id
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0
       AND +EXISTS
         (SELECT 1 FROM access_grant p WHERE p.permission_id = ?3 AND p.account_id = a.id)
       AND NOT EXISTS
         (SELECT 1 FROM membership m WHERE m.group_id = ?2 AND m.identity_id = a.identity_id)
       AND i.department_key <> ?4 AND i.gone = 0 AND i.identity_state <> 2
       AND NOT EXISTS (SELECT 1 FROM run r WHERE r.policy_id = ?7 AND r.subject_kind = 0
         AND r.subject_id = a.id AND r.blocks_until > ?5 AND r.blocks_until > 0)",
    "SELECT a.id FROM account a INDEXED BY account_app_seen
       CROSS JOIN access_grant p ON p.permission_id = ?3 AND p.account_id = a.id
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0
       AND NOT EXISTS
         (SELECT 1 FROM membership m WHERE m.group_id = ?2 AND m.identity_id = a.identity_id)
       AND EXISTS (SELECT 1 FROM identity i WHERE i.id = a.identity_id
         AND i.department_key <> ?4 AND i.gone = 0 AND i.identity_state <> 2)
       AND NOT EXISTS (SELECT 1 FROM run r WHERE r.policy_id = ?7 AND r.subject_kind = 0
         AND r.subject_id = a.id AND r.blocks_until > ?5 AND r.blocks_until > 0)",
    "SELECT a.id FROM account a INDEXED BY account_app_seen
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND EXISTS
         (SELECT 1 FROM access_grant p WHERE p.permission_id = ?3 AND p.account_id = a.id)
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM (SELECT id, identity_id FROM account INDEXED BY account_app_seen
         WHERE app_id = ?6 AND last_seen < ?1 AND gone = 0 ORDER BY id) a
       CROSS JOIN access_grant p ON p.permission_id = ?3 AND p.account_id = a.id
     WHERE NOT EXISTS
         (SELECT 1 FROM membership m WHERE m.group_id = ?2 AND m.identity_id = a.identity_id)
       AND EXISTS (SELECT 1 FROM identity i WHERE i.id = a.identity_id
         AND i.department_key <> ?4 AND i.gone = 0 AND i.identity_state <> 2)
       AND NOT EXISTS (SELECT 1 FROM run r WHERE r.policy_id = ?7 AND r.subject_kind = 0
         AND r.subject_id = a.id AND r.blocks_until > ?5 AND r.blocks_until > 0)",
    "SELECT a.id FROM access_grant p CROSS JOIN account a ON a.id = p.account_id
     WHERE p.permission_id = ?3 AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND +a.app_id = ?6
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
];

const SIMPLE: &[&str] = &[
    "SELECT id FROM account WHERE last_seen < ?1 AND gone = 0 AND identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT a.id FROM account a LEFT JOIN identity i ON i.id = +a.identity_id
     WHERE a.last_seen < ?1 AND a.gone = 0 AND i.gone IS NOT 1 AND i.identity_state IS NOT 2",
];

const SIMPLE_APP: &[&str] = &[
    "SELECT id FROM account WHERE app_id = ?6 AND last_seen < ?1 AND gone = 0
       AND identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT a.id FROM account a LEFT JOIN identity i ON i.id = +a.identity_id
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0
       AND i.gone IS NOT 1 AND i.identity_state IS NOT 2",
];

const NO_PERMISSION: &[&str] = &[
    "SELECT a.id FROM account a INDEXED BY account_seen
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM account a INDEXED BY account_seen
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (
         SELECT identity_id FROM membership WHERE group_id = ?2
         UNION ALL SELECT id FROM identity WHERE department_key = ?4
         UNION ALL SELECT id FROM identity WHERE department_key IS NULL
         UNION ALL SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
];

const LABEL: &[&str] = &[
    "SELECT a.id FROM account a INDEXED BY account_seen
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)
       AND +a.id IN (SELECT account_id FROM access_grant WHERE permission_id IN
         (SELECT id FROM permission WHERE label_key = 'permission 3'))",
    "SELECT a.id FROM
       (SELECT DISTINCT account_id FROM access_grant WHERE permission_id IN
         (SELECT id FROM permission WHERE label_key = 'permission 3') ORDER BY 1) p
       CROSS JOIN account a ON a.id = p.account_id
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM account a
     WHERE a.id IN (SELECT account_id FROM access_grant WHERE permission_id IN
         (SELECT id FROM permission WHERE label_key = 'permission 3'))
       AND +a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
];

const MEMBERS: &[&str] = &[
    "SELECT a.id FROM membership m CROSS JOIN account a ON a.identity_id = m.identity_id
     WHERE m.group_id = ?2 AND a.gone = 0 AND a.last_seen < ?1
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT a.id FROM account a INDEXED BY account_seen
     WHERE a.last_seen < ?1 AND a.gone = 0
       AND +a.identity_id IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND a.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 0 AND blocks_until > ?5 AND blocks_until > 0)",
];

const USERS: &[&str] = &[
    "SELECT i.id FROM identity i
     WHERE i.gone = 0 AND i.identity_state <> 2 AND i.department_key <> ?4
       AND i.id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND (SELECT max(last_seen) FROM account s WHERE s.identity_id = i.id AND s.gone = 0) < ?1
       AND i.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 1 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT i.id FROM (SELECT identity_id FROM account WHERE gone = 0 AND identity_id <> 0
         GROUP BY identity_id HAVING max(last_seen) < ?1) s
       CROSS JOIN identity i ON i.id = s.identity_id
     WHERE i.gone = 0 AND i.identity_state <> 2 AND i.department_key <> ?4
       AND i.id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND i.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 1 AND blocks_until > ?5 AND blocks_until > 0)",
];

fn accounts(apps: Vec<AppId>) -> Scope {
    Scope { kind: SubjectKind::Account, apps, long_term: false }
}

pub(crate) fn all(parts: Vec<Condition>) -> Condition {
    Condition {
        kind: ConditionKind::And(parts),
        span: Span::default(),
    }
}

pub(crate) fn not(inner: Condition) -> Condition {
    Condition {
        kind: ConditionKind::Not(Box::new(inner)),
        span: Span::default(),
    }
}

pub(crate) fn test(kind: TestKind) -> Condition {
    Condition::test(kind, Spanned::new(String::new(), Span::default()))
}

pub(crate) fn inactive() -> Condition {
    seen(Level::Account)
}

fn user_inactive() -> Condition {
    seen(Level::User)
}

fn seen(level: Level) -> Condition {
    test(TestKind::Elapsed {
        instant: Attribute {
            level,
            field: Field::LastSeen,
            kind: ValueKind::Instant,
        },
        direction: Direction::Since,
        op: Op::Gt,
        length: Duration::days(90),
    })
}

fn reaches() -> TestKind {
    let (level, field) = (Level::Account, Field::LastSeen);
    TestKind::Reaches {
        instant: Attribute { level, field, kind: ValueKind::Instant },
        direction: Direction::Since,
        distances: vec![Duration::days(90)],
    }
}

fn permission(ids: &[i64]) -> Condition {
    let ids = ids.iter().copied().map(PermissionId).collect();
    let permissions = vec![PermissionRef { ids, name: "P".to_owned() }];
    test(TestKind::HasPermission { permissions, held: None })
}

pub(crate) fn group() -> Condition {
    let groups = vec![GroupRef { id: GroupId(GROUP), name: "G".to_owned() }];
    test(TestKind::InGroup { groups, held: None })
}

pub(crate) fn department() -> Condition {
    let (level, field) = (Level::User, Field::Department);
    test(TestKind::Compare {
        attribute: Attribute { level, field, kind: ValueKind::Text },
        op: Op::Ne,
        value: Value::Text("Department 3".to_owned()),
    })
}
