//! Answers that are a no: one shape of JSON for all of them.

use crate::engine::EngineError;
use crate::store::StoreError;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why somebody does not get what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// For programs; it stays what it is.
    pub(super) code: &'static str,
    /// For people.
    pub(super) message: String,
    /// What the standard of lists of people calls it, where one was asked for.
    pub(super) scim: Option<&'static str>,
}

impl Refusal {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code, message: message.into(), scim: None }
    }

    /// A list of people that cannot be asked for like that.
    pub(super) fn scim(
        code: &'static str,
        kind: &'static str,
        message: impl Into<String>,
    ) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, code, message);
        Self { scim: Some(kind), ..refusal }
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is nothing here")
    }

    pub(super) fn busy() -> Self {
        let message = "the store is busy; try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }

    /// It can be read, and is not what can be taken in.
    pub(super) fn unfit(why: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit", why)
    }

    /// Something went wrong that should not be able to: it is no use to ask the same again.
    pub(super) fn fault() -> Self {
        let message = "the server has a fault; its log says where";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", message)
    }

    /// What is wrong is told to whoever runs the server, not to whoever asks.
    pub(super) fn broken() -> Self {
        let message = "the store cannot be used now";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::busy(),
            _ => Self::broken(),
        }
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Refused(why) => Self::unfit(why),
            error @ (EngineError::NoRun(_)
            | EngineError::NoEvaluation(_)
            | EngineError::NoReview(_)) => Self::unfit(error.to_string()),
            EngineError::Taken(_) => {
                Self::new(StatusCode::CONFLICT, "conflict", error.to_string())
            }
            EngineError::Record(_) | EngineError::Disagreement { .. } => Self::broken(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, code, message, scim } = self;
        let error = json!({ "code": code, "message": message });
        let document = match scim {
            Some(kind) => json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": status.as_str(),
                "scimType": kind,
                "detail": message,
                "error": error,
            }),
            None => json!({ "error": error }),
        };
        let mut answer = json(status, &document);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        answer
    }
}

/// A document.
pub(super) fn json(status: StatusCode, document: &Value) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, Body::from(format!("{document}\n"))).into_response()
}
