//! What statements may ask that `SQLite` does not know.

use crate::store::StoreError;
use crate::text::fold;
use regex::Regex;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};

/// Teaches a connection the functions that statements use. Each is NULL where the text is.
pub(crate) fn register(connection: &Connection) -> Result<(), StoreError> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("fold", 1, flags, |context| {
        Ok(text(context)?.map(fold))
    })?;
    connection.create_scalar_function("ends_with", 2, flags, |context| {
        let words: String = context.get(1)?;
        Ok(text(context)?.map(|text| text.ends_with(&words)))
    })?;
    connection.create_scalar_function("matches", 2, flags, |context| {
        // The pattern is a parameter, so it is compiled once for each statement.
        let pattern = context.get_or_create_aux(1, |pattern| {
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Regex::new(
                pattern.as_str()?,
            )?)
        })?;
        Ok(text(context)?.map(|text| pattern.is_match(text)))
    })?;
    Ok(())
}

fn text<'a>(context: &'a Context<'_>) -> rusqlite::Result<Option<&'a str>> {
    Ok(context.get_raw(0).as_str_or_null()?)
}
