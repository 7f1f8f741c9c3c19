//! Rows as JSON Lines: one object per line, its fields named like the columns.

use crate::store::import::record::{CellSpan, Record};
use crate::text::NotJson;
use serde_json::{Map, Value};

/// Fills the cells of a row from its line, and adds to `names` those that are new.
///
/// The error is the byte at which the trouble is, and what it is.
pub(super) fn fill(
    record: &mut Record,
    names: &mut Vec<String>,
) -> Result<(), (usize, String)> {
    let object = match serde_json::from_str::<Value>(record.text.trim_end()) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err((0, "the line is not an object".to_owned())),
        Err(error) => {
            // The place is said with the finding.
            let NotJson { at, why, .. } = NotJson::new(&record.text, &error);
            return Err((at, format!("the line is not JSON: {why}")));
        }
    };
    record.cells.clear();
    record.scratch.clear();
    for name in object.keys() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    for name in names.iter() {
        add_cell(record, &object, name)?;
    }
    Ok(())
}

/// Where the value of a field begins in its line.
pub(super) fn value_of(line: &str, name: &str) -> usize {
    let quoted = Value::from(name).to_string();
    let Some(at) = line.find(&quoted) else { return 0 };
    let behind = at + quoted.len();
    let rest = line.get(behind..).unwrap_or_default();
    behind
        + rest
            .find(|character| !matches!(character, ':' | ' ' | '\t'))
            .unwrap_or(0)
}

fn add_cell(
    record: &mut Record,
    object: &Map<String, Value>,
    name: &str,
) -> Result<(), (usize, String)> {
    let start = record.scratch.len();
    match object.get(name) {
        None | Some(Value::Null) => (),
        Some(Value::String(text)) => record.scratch.push_str(text),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => {
            record.scratch.push_str(&value.to_string());
        }
        Some(Value::Array(_) | Value::Object(_)) => {
            let at = value_of(&record.text, name);
            return Err((at, format!("the field `{name}` holds more than one value")));
        }
    }
    let end = record.scratch.len();
    record
        .cells
        .push(CellSpan { begins: 0, start, end, in_scratch: true });
    Ok(())
}
