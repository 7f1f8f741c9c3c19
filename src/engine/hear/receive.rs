//! An event is received: understood, written into the store, and put on record, all in one
//! transaction. Those who listen hear of it at the next tick.

use crate::catalog::{BUILT_IN, Catalog};
use crate::engine::errors::EngineError;
use crate::engine::hear::gate::Answer;
use crate::engine::hear::message::{EventMessage, text_of};
use crate::engine::tick::Engine;
use crate::facts::{Facts, SubjectId, readings};
use crate::ir::{Attribute, Field, GroupId, Level, ValueKind};
use crate::store::{EventRow, Raising, is_email};
use crate::text::{fold, nearest};
use crate::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// What became of an event that was received.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of its own in the answer"
)]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Received {
    /// Its number on record.
    pub number: i64,
    /// The sender's name for it.
    pub id: String,
    /// Whether it was received before, so that nothing follows from it now.
    pub repeated: bool,
    /// Whether a later event about the same was known already, so that it starts nothing.
    pub late: bool,
    /// Whether it says what was told already, so that it starts nothing.
    #[serde(skip_serializing_if = "is_not")]
    pub known: bool,
    /// Whether it is one that only counts for who listens to it, and nobody does.
    #[serde(skip_serializing_if = "is_not")]
    pub unheard: bool,
    /// What whoever sent it should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What the gates say, where it asks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_not(it: &bool) -> bool {
    !it
}

/// What an event says of its subject's attributes.
pub(super) type Values = Vec<(Field, Option<String>)>;

const STATUSES: [&str; 5] = ["staged", "active", "suspended", "disabled", "deleted"];

/// Columns of the data that have another name in the language.
const COLUMNS: [(&str, &str); 3] = [
    ("manager_email", "manager"),
    ("lifecycle_state", "lifecycle"),
    ("lifecycle_changed_at", "lifecycle.changed_at"),
];

impl Engine<'_> {
    /// Takes an event in. It is on record when this returns, and what follows from it is done
    /// at the next tick. The same event again has no effect. `by` is who tells of it.
    pub fn receive(
        &mut self,
        (message, by): (&EventMessage, Option<&str>),
        now: Timestamp,
    ) -> Result<Received, EngineError> {
        let store = self.store;
        store.atomically(|| {
            self.library.refresh(store, now)?;
            self.receive_one((message, by), (&store.catalog()?, now))
        })
    }

    /// Takes events in, in their order and together: they cost the disk what one does. One that
    /// is refused keeps none of the others out; where the store fails, none is in.
    pub fn receive_all(
        &mut self,
        messages: &[(EventMessage, String)],
        now: Timestamp,
    ) -> Result<Vec<Result<Received, EngineError>>, EngineError> {
        let store = self.store;
        store.atomically(|| {
            self.library.refresh(store, now)?;
            let catalog = store.catalog()?;
            let mut all = Vec::with_capacity(messages.len());
            for (message, by) in messages {
                let told = (message, Some(by.as_str()));
                match store.partly(|| self.receive_one(told, (&catalog, now))) {
                    Err(error @ EngineError::Store(_)) => return Err(error),
                    one => all.push(one),
                }
            }
            Ok(all)
        })
    }

    /// Takes one in, in the caller's transaction.
    fn receive_one(
        &mut self,
        (message, by): (&EventMessage, Option<&str>),
        (catalog, now): (&Catalog, Timestamp),
    ) -> Result<Received, EngineError> {
        message.sound().map_err(EngineError::Refused)?;
        let body = serde_json::to_string(message)?;
        let store = self.store;
        if let Some((known, answer)) = store.event_named(&message.id)? {
            if known.body.as_deref() != Some(&body) {
                return Err(EngineError::Taken(message.id.clone()));
            }
            return Ok(Received {
                number: known.id,
                id: message.id.clone(),
                repeated: true,
                late: known.late,
                known: known.known,
                unheard: false,
                warnings: Vec::new(),
                answer: answer.map(|it| serde_json::from_str(&it)).transpose()?,
            });
        }
        self.take_in((message, by), body, (catalog, now))
    }

    fn take_in(
        &mut self,
        (message, by): (&EventMessage, Option<&str>),
        body: String,
        (catalog, now): (&Catalog, Timestamp),
    ) -> Result<Received, EngineError> {
        let store = self.store;
        let asks = message.event == "before user created";
        let mut event = EventRow {
            key: Some(message.id.clone()),
            body: Some(body),
            kind: message.event.clone(),
            origin: message.by.clone(),
            // What lies ahead would keep what comes next from counting.
            at: Some(message.at.map_or(now, |at| at.min(now))),
            told_by: by.map(str::to_owned),
            ..EventRow::default()
        };
        let makes = asks || message.event == "user created";
        if makes && message.subject.contains('@') && !is_email(&message.subject) {
            let subject = message.subject.escape_debug();
            let why = format!("`{subject}` is no e-mail address");
            return Err(EngineError::Refused(why));
        }
        let mut values = self.values(message, catalog)?;
        if !asks {
            self.about(message, catalog, (&mut event, &mut values))?;
        }
        let at = event.at.unwrap_or(now);
        values = self.latest(message, values, (&mut event, (at, now)))?;
        let number = store.record_event(&event, now)?;
        let unheard = self.unheard(message)?;
        let received = Received {
            number,
            id: message.id.clone(),
            repeated: false,
            late: event.late,
            known: event.known,
            unheard: unheard.is_some(),
            warnings: self.doubts((message, &values), unheard, now)?,
            answer: None,
        };
        if asks {
            let answer = self.ask_gates(message, &values, now)?;
            store.note_answer(number, &serde_json::to_string(&answer)?)?;
            return Ok(Received { answer: Some(answer), ..received });
        }
        store.raising(&Raising {
            at,
            origin: message.by.as_deref(),
            batch: Some(number),
            run: None,
            depth: 0,
        })?;
        self.write(&event, &values, at)?;
        store.end_raising()?;
        Ok(received)
    }

    /// Whom it is about, and what of them.
    fn about(
        &self,
        message: &EventMessage,
        catalog: &Catalog,
        (event, values): (&mut EventRow, &mut Values),
    ) -> Result<(), EngineError> {
        let refused = |why: String| Err(EngineError::Refused(why));
        let kind = message.event.as_str();
        let found = match kind {
            // The event itself says that they are new: nothing else need.
            "user created" if is_email(&message.subject) => {
                event.known = self.store.is_user(&message.subject)?;
                Some(SubjectId::User(self.store.make_user_unheard(&message.subject)?))
            }
            _ => self.store.find_subject(&message.subject)?,
        };
        let Some(subject) = found else {
            return refused(not_there(&message.subject));
        };
        match subject {
            SubjectId::User(user) => event.identity = Some(user),
            SubjectId::Account(account) => event.account = Some(account),
            SubjectId::Grant(grant) => event.grant = Some(grant),
        }
        let access = matches!(kind, "access rejected" | "access expired");
        let free = matches!(kind, "event" | "request");
        match subject {
            SubjectId::User(_) if access => {
                return refused(format!("`{kind}` is about an account or a grant"));
            }
            SubjectId::Account(_) | SubjectId::Grant(_)
                if !access && !free && kind != "attribute changed" =>
            {
                return refused(format!(
                    "`{kind}` is about a user, and `{}` is none",
                    message.subject
                ));
            }
            SubjectId::User(_) | SubjectId::Account(_) | SubjectId::Grant(_) => {}
        }
        match kind {
            "event" => event.about.clone_from(&message.name),
            "request" => event.about.clone_from(&message.path),
            "user suspended" => {
                values.push((Field::Status, Some("suspended".to_owned())));
            }
            "attribute changed" => {
                let facts = self.store.facts(subject)?;
                changed(message, (catalog, facts.as_ref()), (event, values))?;
            }
            "group joined" | "group left" => event.group = Some(group(message, catalog)?),
            _ => {}
        }
        Ok(())
    }

    /// What the `user` of a message says, checked.
    fn values(
        &self,
        message: &EventMessage,
        catalog: &Catalog,
    ) -> Result<Values, EngineError> {
        let nothing = Map::new();
        let mut values = Vec::new();
        for (name, value) in message.user.as_ref().unwrap_or(&nothing) {
            let (field, kind) = user_attribute(name, catalog)?;
            let text = text_of(value)
                .map_err(|why| EngineError::Refused(format!("`{name}`: {why}")))?;
            if field == Field::Email {
                let same = text.as_deref().map(fold) == Some(fold(&message.subject));
                if !same {
                    return Err(EngineError::Refused(
                        "`email` of `user` is another one than `subject`".to_owned(),
                    ));
                }
                continue;
            }
            values.push((field, fitting(name, (kind, text), catalog)?));
        }
        Ok(values)
    }

    fn write(
        &self,
        event: &EventRow,
        values: &Values,
        at: Timestamp,
    ) -> Result<(), EngineError> {
        let store = self.store;
        if event.late {
            return Ok(());
        }
        match (event.kind.as_str(), event.identity, event.account) {
            ("group joined", Some(user), _) => {
                store.join_group(user, GroupId(event.group.unwrap_or(0)), at)?;
            }
            ("group left", Some(user), _) => {
                store.leave_group(user, GroupId(event.group.unwrap_or(0)))?;
            }
            (_, Some(user), _) => {
                for (field, value) in values {
                    store.set_profile(user, (field, value.as_deref()), at)?;
                }
            }
            (_, _, Some(account)) => {
                for (field, value) in values {
                    match (field, value) {
                        (Field::Status, Some(status)) => {
                            store.set_account_status(account, &fold(status))?;
                        }
                        _ => store.set_account_expiry(account, value.as_deref())?,
                    }
                }
            }
            (_, None, None) => {}
        }
        Ok(())
    }
}

/// What has changed, from what to what.
fn changed(
    message: &EventMessage,
    (catalog, facts): (&Catalog, Option<&Facts>),
    (event, values): (&mut EventRow, &mut Values),
) -> Result<(), EngineError> {
    let name = message.attribute.clone().unwrap_or_default();
    let text = |value: &Option<Value>| match value {
        Some(value) => text_of(value)
            .map_err(|why| EngineError::Refused(format!("`old` and `new`: {why}"))),
        None => Ok(None),
    };
    let level = match event.identity {
        Some(_) => Level::User,
        None => Level::Account,
    };
    let (field, kind) = match (event.identity, event.account) {
        (Some(_), _) => user_attribute(name.trim_start_matches("user."), catalog)?,
        (_, Some(_)) => match name.trim_start_matches("account.") {
            "status" => (Field::Status, ValueKind::Status),
            "expires_at" => (Field::ExpiresAt, ValueKind::Instant),
            _ => {
                return Err(EngineError::Refused(format!(
                    "`{name}` of an account is not told by events; `status` and \
                     `expires_at` are"
                )));
            }
        },
        _ => {
            return Err(EngineError::Refused(
                "attributes of a grant are not told by events".to_owned(),
            ));
        }
    };
    if field == Field::Email {
        return Err(EngineError::Refused(
            "an address is what a user is known by; it comes with an import".to_owned(),
        ));
    }
    let new = fitting(&name, (kind, text(&message.new)?), catalog)?;
    event.about = Some(fold(field.name()));
    event.was = match &message.old {
        Some(_) => text(&message.old)?,
        // What is on record is what it was, as far as anyone knows.
        None => facts.and_then(|it| {
            it.value(&Attribute { level, field: field.clone(), kind })
                .map(|value| value.to_string())
        }),
    };
    event.becomes.clone_from(&new);
    values.push((field, new));
    Ok(())
}

fn group(message: &EventMessage, catalog: &Catalog) -> Result<i64, EngineError> {
    let name = message.group.as_deref().unwrap_or_default();
    let from = message.source.as_deref().map(fold);
    let named = catalog.groups.iter().filter(|group| fold(&group.name) == fold(name));
    let found: Vec<_> = named
        .filter(|group| from.as_ref().is_none_or(|from| fold(&group.source) == *from))
        .collect();
    match found.as_slice() {
        [group] => Ok(group.id.0),
        [] => {
            let names = catalog.groups.iter().map(|group| group.name.as_str());
            Err(unknown("group", name, names))
        }
        several => {
            let sources: Vec<_> = several.iter().map(|it| it.source.as_str()).collect();
            Err(EngineError::Refused(format!(
                "there is more than one group `{name}`; say in `source` which is meant: {}",
                sources.join(", ")
            )))
        }
    }
}

fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> EngineError {
    let near = nearest(name, known);
    let help = near.first().map(|near| format!("; did you mean `{near}`?"));
    let help = help.unwrap_or_default();
    EngineError::Refused(format!("the store knows no {what} `{name}`{help}"))
}

/// The attribute of users of that name, by the name of the language or of the data's column.
fn user_attribute(
    written: &str,
    catalog: &Catalog,
) -> Result<(Field, ValueKind), EngineError> {
    let column = COLUMNS.iter().find(|(column, _)| *column == written);
    let name = fold(column.map_or(written, |(_, name)| name));
    let built_in = BUILT_IN
        .iter()
        .find(|(level, field, _)| *level == Level::User && fold(field.name()) == name);
    if let Some((_, field, kind)) = built_in {
        return match field {
            Field::IdentityState | Field::LastSeen | Field::LifecycleChangedAt => {
                Err(EngineError::Refused(format!(
                    "`{written}` follows from other data and is not told"
                )))
            }
            field => Ok((field.clone(), *kind)),
        };
    }
    let mut custom = catalog.custom.iter().filter(|it| it.level == Level::User);
    let found = custom.clone().find(|it| fold(&it.name) == name);
    if let Some(found) = found {
        let field = Field::Custom { id: found.id, name: found.name.clone() };
        return Ok((field, ValueKind::Text));
    }
    let built_in = BUILT_IN.iter().filter(|(level, ..)| *level == Level::User);
    let names = built_in.map(|(_, field, _)| field.name());
    Err(unknown(
        "attribute",
        written,
        names.chain(custom.by_ref().map(|it| it.name.as_str())),
    ))
}

/// A value that fits its attribute.
fn fitting(
    name: &str,
    (kind, text): (ValueKind, Option<String>),
    catalog: &Catalog,
) -> Result<Option<String>, EngineError> {
    let Some(text) = text else { return Ok(None) };
    match kind {
        ValueKind::Status if !STATUSES.contains(&fold(&text).as_str()) => {
            Err(EngineError::Refused(format!(
                "`{name}` is one of {}, not `{text}`",
                STATUSES.join(", ")
            )))
        }
        ValueKind::Lifecycle
            if !catalog.lifecycle.iter().any(|state| fold(state) == fold(&text)) =>
        {
            let states = catalog.lifecycle.iter().map(String::as_str);
            Err(unknown("lifecycle state", &text, states))
        }
        ValueKind::Instant if readings(&text).0.is_none() => Err(EngineError::Refused(
            format!("`{name}` is an instant such as 2026-11-20T12:00:00Z, not `{text}`"),
        )),
        ValueKind::User if !is_email(&text) => {
            Err(EngineError::Refused(format!("`{name}` is an address, not `{text}`")))
        }
        ValueKind::Status => Ok(Some(fold(&text))),
        _ => Ok(Some(text)),
    }
}

/// What is said of a subject that is not there.
fn not_there(subject: &str) -> String {
    if subject.contains(['@', '/']) {
        return format!("the store knows no `{}`", subject.escape_debug());
    }
    let subject = subject.escape_debug();
    format!(
        "`{subject}` is no e-mail address; the subject of an event is one, or `app/name`, or \
         `app/name/permission`"
    )
}
