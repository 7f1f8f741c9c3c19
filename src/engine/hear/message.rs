//! An event as another system tells of it: one JSON document.

use crate::engine::hear::fields::{object, strange, twice, unfit};
use crate::ir::Origin;
use crate::text::nearest;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An event as another system tells of it, in the form `tenure.event/1`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventMessage {
    /// The form of the document, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The sender's name for it: what comes twice under one name counts once.
    pub id: String,
    /// What happened: one of [`KINDS`].
    pub event: String,
    /// Whom it is about, as subjects are printed: an address, `app/name`, or
    /// `app/name/permission`.
    pub subject: String,
    /// How it came about: `signup`, `self`, `admin`, `jit`, `api`, `import`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it happened; when it is received where that is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The attribute that has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What it is now.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// The group that was joined or left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Where that group is from, where two are called so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The name of an event of the sender's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The path of a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What is known of the user now, by the names of the columns of `identities.csv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Map<String, Value>>,
    /// Whatever else the sender says; it is kept on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// What can be told of, and which of the fields say more of it.
pub const KINDS: &[(&str, &[&str])] = &[
    ("user created", &["user"]),
    ("user updated", &["user"]),
    ("mfa updated", &[]),
    ("user suspended", &[]),
    ("attribute changed", &["attribute", "old", "new"]),
    ("group joined", &["group", "source"]),
    ("group left", &["group", "source"]),
    ("access rejected", &[]),
    ("access expired", &[]),
    ("event", &["name"]),
    ("request", &["path"]),
    ("before user created", &["user"]),
];

const SCHEMA: &str = "tenure.event/1";

/// `null` is said, which is not the same as nothing.
fn said<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(source).map(Some)
}

impl EventMessage {
    /// Reads a document, and says what is wrong with it for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = object(text).and_then(|fields| match unfit(&fields) {
            Some(why) => Err(why),
            // From the text, for there no field stands twice.
            None => serde_json::from_str::<Self>(text).map_err(|error| twice(&error)),
        });
        let message =
            read.map_err(|why| format!("it is no event of the form {SCHEMA}: {why}"))?;
        message.sound()?;
        Ok(message)
    }

    /// Reads the document of a request for a path, and says what is wrong with it for people.
    /// `id` is the sender's name for it, where that is not said in the document.
    pub fn parse_request(
        path: &str,
        id: Option<&str>,
        text: &str,
    ) -> Result<Self, String> {
        let mut fields =
            object(text).map_err(|why| format!("it is no request: {why}"))?;
        if let Some(why) = strange(&fields) {
            return Err(why);
        }
        if let Some(id) = id {
            let said = fields.entry("id").or_insert_with(|| id.into());
            if said != id {
                return Err(format!("its `id` is another one than `{id}`"));
            }
        }
        if !fields.contains_key("id") {
            return Err("it has no `id`, and no `Idempotency-Key` in its head, so that \
                        it could not be told from others"
                .to_owned());
        }
        fields.insert("event".to_owned(), "request".into());
        fields.insert("path".to_owned(), path.trim_matches('/').into());
        if let Some(why) = unfit(&fields) {
            return Err(why);
        }
        let message: Self =
            serde_json::from_value(fields.into()).map_err(|error| error.to_string())?;
        message.sound()?;
        Ok(message)
    }

    /// Whether it says what an event of its kind must say, and nothing that it cannot.
    pub fn sound(&self) -> Result<(), String> {
        if let Some(schema) = self.schema.as_ref().filter(|schema| *schema != SCHEMA) {
            return Err(format!("`{schema}` is not known here; this is {SCHEMA}"));
        }
        if self.id.trim().is_empty() {
            return Err("it has no `id`, so that it could not be told from others".into());
        }
        let kinds = KINDS.iter().map(|(kind, _)| *kind);
        let Some((kind, fields)) = KINDS.iter().find(|(kind, _)| *kind == self.event)
        else {
            let near = nearest(&self.event, kinds.clone());
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it is one of: {}", kinds.collect::<Vec<_>>().join(", ")),
            };
            return Err(format!("`{}` is no event; {help}", self.event));
        };
        for (field, there) in self.fields() {
            let needed =
                fields.contains(&field) && !["user", "old", "source"].contains(&field);
            if there && !fields.contains(&field) {
                return Err(format!("`{field}` says nothing of `{kind}`"));
            }
            if needed && !there {
                return Err(format!("`{kind}` needs `{field}`"));
            }
        }
        self.origin().map(drop)
    }

    /// How it came about.
    pub(crate) fn origin(&self) -> Result<Option<Origin>, String> {
        let Some(by) = &self.by else { return Ok(None) };
        let takes =
            ["user created", "user updated", "mfa updated", "before user created"];
        if !takes.contains(&self.event.as_str()) {
            return Err(format!("`by` says nothing of `{}`", self.event));
        }
        let found = Origin::ALL.iter().find(|origin| origin.name() == by);
        found.copied().map(Some).ok_or_else(|| {
            let all: Vec<_> = Origin::ALL.iter().map(|origin| origin.name()).collect();
            format!("`by` is one of {}, not `{by}`", all.join(", "))
        })
    }

    fn fields(&self) -> [(&'static str, bool); 8] {
        [
            ("attribute", self.attribute.is_some()),
            ("old", self.old.is_some()),
            ("new", self.new.is_some()),
            ("group", self.group.is_some()),
            ("source", self.source.is_some()),
            ("name", self.name.is_some()),
            ("path", self.path.is_some()),
            ("user", self.user.is_some()),
        ]
    }
}

/// A value as the data would write it; `None` for `null`.
pub(crate) fn text_of(value: &Value) -> Result<Option<String>, String> {
    Ok(match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => {
            return Err("a value is a text, a number, true, false or null".to_owned());
        }
    })
}
