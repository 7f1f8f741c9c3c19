//! The findings as people and programs read them.

use crate::diagnose::Diagnostic;
use crate::text::Sources;

/// placeholder
pub fn to_human(_: &[Diagnostic], _: &Sources) -> String {
    String::new()
}

/// placeholder
pub fn to_json(_: &[Diagnostic], _: &Sources) -> serde_json::Value {
    serde_json::Value::Null
}
