//! Conditions over grants, and the same written by hand. Parameters as in `cases`.

use crate::cases::{APP, Case, all, department, group, inactive, not, now, test};
use tenure::ir::{
    AppId, Attribute, Condition, Direction, Field, Level, Op, Scope, SubjectKind,
    TestKind, Value, ValueKind,
};
use tenure::time::Duration;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "grants, one permission, full",
            scope: grants(vec![]),
            when: all(vec![inactive(), granted(), not(group()), department()]),
            at: now(),
            blocked: Some(1),
            forms: FULL,
        },
        Case {
            name: "grants, one permission, one app",
            scope: grants(vec![AppId(APP)]),
            when: all(vec![inactive(), granted()]),
            at: now(),
            blocked: Some(1),
            forms: FULL_APP,
        },
        Case {
            name: "grants, inactive, all apps",
            scope: grants(vec![]),
            when: inactive(),
            at: now(),
            blocked: None,
            forms: SIMPLE,
        },
        Case {
            name: "grants, inactive, one app",
            scope: grants(vec![AppId(APP)]),
            when: inactive(),
            at: now(),
            blocked: None,
            forms: SIMPLE_APP,
        },
        Case {
            name: "grants, expiry, all apps",
            scope: grants(vec![]),
            when: all(vec![expires(), not(group())]),
            at: now(),
            blocked: Some(1),
            forms: EXPIRY,
        },
    ]
}

const FULL: &[&str] = &[
    "SELECT g.id FROM access_grant g INDEXED BY grant_holder
       CROSS JOIN account a ON a.id = g.account_id
     WHERE g.permission_id IN (SELECT id FROM permission WHERE label_key = 'permission 3')
       AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND g.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 2 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT g.id FROM account a INDEXED BY account_seen
       CROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id
     WHERE +g.permission_id IN (SELECT id FROM permission WHERE label_key = 'permission 3')
       AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE department_key = ?4 OR department_key IS NULL)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND g.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 2 AND blocks_until > ?5 AND blocks_until > 0)",
    "SELECT g.id FROM access_grant g NOT INDEXED
       CROSS JOIN account a ON a.id = g.account_id
     WHERE +g.permission_id IN (SELECT id FROM permission WHERE label_key = 'permission 3')
       AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (
         SELECT identity_id FROM membership WHERE group_id = ?2
         UNION ALL SELECT id FROM identity WHERE department_key = ?4
         UNION ALL SELECT id FROM identity WHERE department_key IS NULL
         UNION ALL SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)
       AND g.id NOT IN (SELECT subject_id FROM run WHERE policy_id = ?7
         AND subject_kind = 2 AND blocks_until > ?5 AND blocks_until > 0)",
];

const FULL_APP: &[&str] = &[
    "SELECT g.id FROM account a INDEXED BY account_app_seen
       CROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0
       AND +g.permission_id IN (SELECT id FROM permission WHERE label_key = 'permission 3')
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT g.id FROM account a INDEXED BY account_app_seen
       LEFT JOIN identity i ON i.id = +a.identity_id
       CROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0
       AND i.gone IS NOT 1 AND i.identity_state IS NOT 2
       AND +g.permission_id IN (SELECT id FROM permission WHERE label_key = 'permission 3')",
    "SELECT g.id FROM permission p
       CROSS JOIN access_grant g ON g.permission_id = p.id
       CROSS JOIN account a ON a.id = g.account_id
     WHERE p.label_key = 'permission 3' AND +a.app_id = ?6 AND a.last_seen < ?1
       AND a.gone = 0 AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT g.id FROM permission p
       CROSS JOIN account a INDEXED BY account_app_seen
       CROSS JOIN access_grant g ON g.permission_id = p.id AND g.account_id = a.id
     WHERE p.app_id = ?6 AND p.label_key = 'permission 3'
       AND a.app_id = ?6 AND a.last_seen < ?1
       AND a.gone = 0 AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
];

const SIMPLE: &[&str] = &[
    "SELECT g.id FROM account a INDEXED BY account_seen
       CROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT g.id FROM access_grant g NOT INDEXED
       CROSS JOIN account a ON a.id = g.account_id
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT g.id FROM account a NOT INDEXED
       CROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id
     WHERE a.last_seen < ?1 AND a.gone = 0 AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT g.id FROM access_grant g
     WHERE g.account_id IN (SELECT id FROM account WHERE last_seen < ?1 AND gone = 0
         AND identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2))",
];

const SIMPLE_APP: &[&str] = &[
    "SELECT g.id FROM account a INDEXED BY account_app_seen
       CROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0 AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT g.id FROM account a INDEXED BY account_app_seen
       LEFT JOIN identity i ON i.id = +a.identity_id
       CROSS JOIN access_grant g INDEXED BY grant_account ON g.account_id = a.id
     WHERE a.app_id = ?6 AND a.last_seen < ?1 AND a.gone = 0
       AND i.gone IS NOT 1 AND i.identity_state IS NOT 2",
];

const EXPIRY: &[&str] = &[
    "SELECT g.id FROM access_grant g NOT INDEXED
       CROSS JOIN account a ON a.id = g.account_id
       CROSS JOIN identity i ON i.id = a.identity_id
     WHERE g.expires_at <= ?5 + 1209600 AND a.gone = 0
       AND i.gone = 0 AND i.identity_state <> 2
       AND NOT EXISTS
         (SELECT 1 FROM membership m WHERE m.group_id = ?2 AND m.identity_id = a.identity_id)",
    "SELECT g.id FROM access_grant g NOT INDEXED
       CROSS JOIN account a ON a.id = g.account_id
     WHERE g.expires_at <= ?5 + 1209600 AND a.gone = 0 AND a.identity_id <> 0
       AND a.identity_id NOT IN (SELECT identity_id FROM membership WHERE group_id = ?2)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
    "SELECT g.id FROM access_grant g NOT INDEXED
       CROSS JOIN account a ON a.id = g.account_id
     WHERE g.expires_at <= ?5 + 1209600 AND a.gone = 0 AND a.identity_id <> 0
       AND NOT EXISTS
         (SELECT 1 FROM membership m WHERE m.group_id = ?2 AND m.identity_id = a.identity_id)
       AND a.identity_id NOT IN
         (SELECT id FROM identity WHERE gone = 1 OR identity_state = 2)",
];

fn grants(apps: Vec<AppId>) -> Scope {
    Scope { kind: SubjectKind::Grant, apps, long_term: false }
}

fn granted() -> Condition {
    let (level, field) = (Level::Grant, Field::Permission);
    test(TestKind::Compare {
        attribute: Attribute { level, field, kind: ValueKind::Permission },
        op: Op::Eq,
        value: Value::Text("Permission 3".to_owned()),
    })
}

fn expires() -> Condition {
    let (level, field) = (Level::Grant, Field::ExpiresAt);
    test(TestKind::Elapsed {
        instant: Attribute { level, field, kind: ValueKind::Instant },
        direction: Direction::Until,
        op: Op::Le,
        length: Duration::days(14),
    })
}
