//! What is on record about a subject, line by line.

use crate::catalog::Catalog;
use crate::facts::{Facts, Grant, Seen};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// One thing that is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// What.
    pub name: String,
    /// Its value: a text, or a list of texts.
    pub value: Value,
}

/// Everything that is on record about a subject; what is not has no line.
pub fn known(facts: &Facts, catalog: &Catalog) -> Vec<Known> {
    let mut lines = Lines::default();
    grant(facts, &mut lines);
    account(facts, &mut lines);
    user(facts, &mut lines);
    let labels = facts.permissions.iter().map(|held| held.label.clone());
    lines.list("permissions", labels.collect());
    let mut groups = Vec::new();
    for group in catalog
        .groups
        .iter()
        .filter(|group| facts.groups.contains_key(&group.id))
    {
        groups.push(group.name.clone());
    }
    lines.list("groups", groups);
    let mut roles = Vec::new();
    for role in catalog.roles.iter().filter(|role| facts.roles.contains_key(&role.id)) {
        roles.push(role.name.clone());
    }
    lines.list("roles", roles);
    if facts.sessions > 0 {
        lines.text("sessions", facts.sessions);
    }
    lines.0
}

fn grant(facts: &Facts, lines: &mut Lines) {
    let Some(Grant { permission, .. }) = &facts.grant else { return };
    lines.text("permission", format!("{} ({})", permission.label, permission.value));
    lines.maybe("grant.granted_at", permission.granted_at);
    lines.maybe("grant.expires_at", permission.expires_at);
    lines.maybe("requested by", permission.requested_by.as_ref());
}

fn account(facts: &Facts, lines: &mut Lines) {
    let Some(account) = &facts.account else { return };
    let seen = |seen: &Seen| format!("{} ({})", seen.at, seen.source);
    if let Some(app) = &facts.app {
        lines.text("app", app.label.as_ref().unwrap_or(&app.name));
    }
    lines.maybe("account.status", account.status.as_ref());
    lines.maybe("account.created_at", account.created_at);
    lines.maybe("account.expires_at", account.expires_at);
    lines.maybe("last_login", account.last_login.as_ref().map(seen));
    lines.maybe("last_activity", account.last_activity.as_ref().map(seen));
    for field in &account.custom {
        lines.text(&format!("account.{}", field.name), &field.text);
    }
}

fn user(facts: &Facts, lines: &mut Lines) {
    let word = if facts.account.is_some() { "owner" } else { "user" };
    let Some(user) = &facts.user else {
        lines.text(word, "none");
        return;
    };
    lines.text(word, format!("{} ({})", user.email, user.display_name()));
    lines.maybe("user.status", user.status.as_ref());
    lines.maybe("department", user.department.as_ref());
    lines.maybe("title", user.title.as_ref());
    lines.maybe("manager", user.manager.as_ref());
    lines.maybe("lifecycle", user.lifecycle.as_ref());
    lines.maybe("lifecycle.changed_at", user.lifecycle_changed_at);
    lines.text("identity state", user.identity_state.name());
    lines.maybe("user.created_at", user.created_at);
    lines.maybe("password_changed_at", user.password_changed_at);
    lines.maybe("password_expires_at", user.password_expires_at);
    lines.maybe("locale", user.locale.as_ref());
    let seen: Option<Timestamp> = facts.user_last_seen;
    lines.maybe("user.last_seen", seen);
    for field in &user.custom {
        lines.text(&format!("user.{}", field.name), &field.text);
    }
}

#[derive(Default)]
struct Lines(Vec<Known>);

impl Lines {
    fn text(&mut self, name: &str, value: impl fmt::Display) {
        self.0.push(Known {
            name: name.to_owned(),
            value: Value::String(value.to_string()),
        });
    }

    fn maybe(&mut self, name: &str, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn list(&mut self, name: &str, values: Vec<String>) {
        if !values.is_empty() {
            self.0.push(Known { name: name.to_owned(), value: values.into() });
        }
    }
}

impl fmt::Display for Known {
    /// As one line of two columns.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match &self.value {
            Value::String(text) => text.clone(),
            Value::Array(texts) => {
                texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        write!(out, "{:<22} {text}", self.name)
    }
}
