//! The whole store as text that stays the same: names instead of numbers, in a fixed order.

use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use rusqlite::types::ValueRef;
use std::fmt::Write as _;

/// What is shown of each table: its name, and a query whose first column names the row.
/// Columns that end in `_at`, and the few named below, are instants.
const TABLES: &[(&str, &str)] = &[
    (
        "app",
        "SELECT name, label, instance_id, owner_email, accounts, gone_at
         FROM app ORDER BY name_key",
    ),
    (
        "source",
        "SELECT source.name, kind, app.name AS app, connector, as_of, imported_at,
           nullif(declared, 0) AS declared
         FROM source LEFT JOIN app ON app.id = app_id ORDER BY source.name_key",
    ),
    (
        "lifecycle",
        "SELECT name, identity_state AS state, enabled FROM lifecycle_state ORDER BY name_key",
    ),
    (
        "user",
        "SELECT email, username, given_name, family_name, status, department, title,
           manager_email AS manager, lifecycle_state.name AS lifecycle, lifecycle_changed_at,
           nullif(identity.identity_state, 0) AS state, created_at, password_changed_at,
           password_expires_at, locale, nullif(gone, 0) AS gone
         FROM identity LEFT JOIN lifecycle_state ON lifecycle_state.id = lifecycle_id
         ORDER BY email_key",
    ),
    (
        "identity state",
        "SELECT email, at, before, after, cause, by, reason
         FROM identity_change JOIN identity ON identity.id = identity_id
         ORDER BY identity_change.id",
    ),
    (
        "user attribute",
        "SELECT email || ' ' || name, value, at, number
         FROM identity_attribute JOIN attribute ON attribute.id = attribute_id
         JOIN identity ON identity.id = identity_id ORDER BY email_key, name_key",
    ),
    (
        "account",
        "SELECT app.name || '/' || account.username, email AS owner, account.status,
           account.created_at, expires_at, source.name AS source, last_login,
           login.name AS last_login_source, last_activity,
           activity.name AS last_activity_source, last_seen, nullif(account.gone, 0) AS gone
         FROM account JOIN app ON app.id = account.app_id
         LEFT JOIN identity ON identity.id = identity_id
         LEFT JOIN source ON source.id = source_id
         LEFT JOIN source AS login ON login.id = last_login_source
         LEFT JOIN source AS activity ON activity.id = last_activity_source
         ORDER BY app.name_key, username_key",
    ),
    (
        "account attribute",
        "SELECT app.name || '/' || username || ' ' || attribute.name, value, at, number
         FROM account_attribute JOIN attribute ON attribute.id = attribute_id
         JOIN account ON account.id = account_id JOIN app ON app.id = app_id
         ORDER BY app.name_key, username_key, attribute.name_key",
    ),
    (
        "activity",
        "SELECT app.name || '/' || username || ' ' || source.name, last_login_at,
           last_activity_at
         FROM activity JOIN account ON account.id = account_id JOIN app ON app.id = account.app_id
         JOIN source ON source.id = activity.source_id
         ORDER BY app.name_key, username_key, source.name_key",
    ),
    (
        "session",
        "SELECT app.name || '/' || username || ' ' || session.name, started_at
         FROM session JOIN account ON account.id = account_id JOIN app ON app.id = app_id
         ORDER BY app.name_key, username_key, session.name",
    ),
    (
        "group",
        "SELECT grp.name || ' in ' || source.name, grp.kind, app.name AS app,
           nullif(privileged, 0) AS privileged, members, nullif(gone, 0) AS gone
         FROM grp JOIN source ON source.id = source_id LEFT JOIN app ON app.id = grp.app_id
         ORDER BY grp.name_key, source.name_key",
    ),
    (
        "group in group",
        "SELECT member.name || ' in ' || grp.name || ' in ' || source.name, joined_at
         FROM nesting JOIN grp ON grp.id = group_id JOIN grp AS member ON member.id = member_group_id
         JOIN source ON source.id = grp.source_id
         ORDER BY grp.name_key, source.name_key, member.name_key",
    ),
    (
        "membership",
        "SELECT grp.name || ' in ' || source.name || ' ' || email, joined_at, direct
         FROM membership JOIN grp ON grp.id = group_id JOIN source ON source.id = source_id
         JOIN identity ON identity.id = identity_id
         ORDER BY grp.name_key, source.name_key, email_key",
    ),
    (
        "role",
        "SELECT name, nullif(is_default, 0) AS is_default, nullif(privileged, 0) AS privileged,
           members, nullif(gone, 0) AS gone
         FROM role ORDER BY name_key",
    ),
    (
        "role member",
        "SELECT name || ' ' || email, granted_at
         FROM role_member JOIN role ON role.id = role_id
         JOIN identity ON identity.id = identity_id ORDER BY name_key, email_key",
    ),
    (
        "permission",
        "SELECT app.name || '/' || value, permission.label, type, source, price,
           nullif(privileged, 0) AS privileged, holders, nullif(gone, 0) AS gone
         FROM permission JOIN app ON app.id = app_id ORDER BY app.name_key, value_key",
    ),
    (
        "grant",
        "SELECT app.name || '/' || username || '/' || value, source.name AS source, granted_at,
           access_grant.expires_at, requested_by, request_comment
         FROM access_grant JOIN permission ON permission.id = permission_id
         JOIN account ON account.id = account_id JOIN app ON app.id = account.app_id
         LEFT JOIN source ON source.id = access_grant.source_id
         ORDER BY app.name_key, username_key, value_key",
    ),
    (
        "policy",
        "SELECT policy.name, active_version, scheduled_from AS scheduled_at,
           nullif(observe, 0) AS observe, only_where,
           nullif(heard_to, 0) AS heard,
           -- Where nothing is open and nothing is at work, how far nobody listened means nothing.
           iif(active_version IS NOT NULL OR EXISTS (SELECT 1 FROM run
             WHERE policy_id = policy.id AND ended_at IS NULL),
             nullif(heeded_to, 0), NULL) AS heeded
         FROM policy ORDER BY name_key",
    ),
    (
        "policy version",
        "SELECT policy.name || ' ' || version, published_at, activated_at, text
         FROM policy_version JOIN policy ON policy.id = policy_id ORDER BY name_key, version",
    ),
    ("never", "SELECT words, published_at, text FROM never ORDER BY words"),
    (
        "run",
        "SELECT policy.name || ' ' || version || ' ' || subject_name, state, opened_at,
           ended_at, blocks_until, wake_at, nullif(observed, 0) AS observed, run.only_where, body
         FROM run JOIN policy ON policy.id = policy_id
         ORDER BY name_key, version, subject_name, run.id",
    ),
    (
        "trail",
        "SELECT policy.name || ' ' || subject_name, at, event
         FROM trail JOIN run ON run.id = run_id JOIN policy ON policy.id = policy_id
         ORDER BY name_key, subject_name, trail.id",
    ),
    (
        "outbox",
        "SELECT key, effect, attempts, next_at, created_at, done_at, outcome
         FROM outbox ORDER BY key",
    ),
    (
        "event",
        "SELECT event.id || ' ' || event.kind, key, email AS user,
           app.name || '/' || account.username AS account, grant_id AS grant, about, was,
           becomes, grp.name AS in_group, origin, batch, run_id AS run, nullif(depth, 0) AS depth,
           event.at, received_at, nullif(late, 0) AS late, told_by, body, answer
         FROM event LEFT JOIN identity ON identity.id = event.identity_id
         LEFT JOIN account ON account.id = event.account_id
         LEFT JOIN app ON app.id = account.app_id LEFT JOIN grp ON grp.id = group_id ORDER BY event.id",
    ),
    (
        "consequence",
        "SELECT event_id || ' ' || what, policy.name || ' ' || subject_name AS run
         FROM consequence LEFT JOIN run ON run.id = run_id
         LEFT JOIN policy ON policy.id = run.policy_id WHERE what <> 'heard'
         ORDER BY event_id, run_id, what",
    ),
    (
        "gone by",
        "SELECT kind || ' ' || CASE kind WHEN 'user' THEN email
             ELSE app.name || '/' || account.username END,
           policy.name || ' ' || subject_name AS run, at
         FROM gone_by LEFT JOIN identity ON kind = 'user' AND identity.id = subject
         LEFT JOIN account ON kind = 'account' AND account.id = subject
         LEFT JOIN app ON app.id = account.app_id
         LEFT JOIN run ON run.id = run_id LEFT JOIN policy ON policy.id = run.policy_id
         ORDER BY 1",
    ),
    ("endpoint", "SELECT * FROM endpoint ORDER BY name, own"),
];

const INSTANTS: [&str; 8] = [
    "as_of",
    "at",
    "last_login",
    "last_activity",
    "last_seen",
    "blocks_until",
    "paused_until",
    "wake_at",
];

impl Store {
    /// The whole store as text: a line for each row, `table name column=value …`. What is
    /// not known is left out.
    pub fn dump(&self) -> Result<String, StoreError> {
        let mut out = String::new();
        for (table, query) in TABLES {
            let mut statement = self.connection.prepare(query)?;
            let names: Vec<String> =
                statement.column_names().map(str::to_owned).collect();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                out.push_str(table);
                for (index, name) in names.iter().enumerate() {
                    let value = row.get_ref(index)?;
                    if index > 0 && value != ValueRef::Null {
                        write!(out, " {name}=").unwrap_or_default();
                    } else if index == 0 {
                        out.push(' ');
                    }
                    write_value(&mut out, name, index > 0, value);
                }
                out.push('\n');
            }
        }
        Ok(out)
    }
}

fn write_value(out: &mut String, column: &str, quoted: bool, value: ValueRef<'_>) {
    let instant = column.ends_with("_at") || INSTANTS.contains(&column);
    let written = match value {
        ValueRef::Null => Ok(()),
        ValueRef::Integer(i64::MAX) if instant => write!(out, "never"),
        ValueRef::Integer(number) if instant => write!(out, "{}", Timestamp(number)),
        ValueRef::Integer(number) => write!(out, "{number}"),
        ValueRef::Real(number) => write!(out, "{number}"),
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            let text = String::from_utf8_lossy(text);
            if quoted { write!(out, "{text:?}") } else { write!(out, "{text}") }
        }
    };
    // Writing to a String does not fail.
    written.unwrap_or_default();
}
