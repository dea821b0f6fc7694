//! A type's JSON Schema, and whether an answer follows it.
//!
//! What derived schemas are made of is checked here, in place of a crate for all of JSON Schema,
//! which is larger than the rest of an agent (ARCHITECTURE.md, decisions). A schema that says
//! anything else is refused before a model is asked, so that nothing is believed checked that is not.

mod check;
mod choices;
mod keywords;
mod portable;

use schemars::{JsonSchema, schema_for};
use serde_json::Value;

pub(crate) use portable::{is_recursive, portable, with_all_required};

/// The schema of a type, known to be one that can be checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checked(Value);

impl Checked {
    /// The schema of `T`.
    ///
    /// # Errors
    /// When `T` is not a struct, or its schema has a keyword that is not checked here.
    pub(crate) fn of<T: JsonSchema>() -> Result<Self, String> {
        Self::new(schema_for!(T).to_value())
    }

    pub(crate) fn new(schema: Value) -> Result<Self, String> {
        if schema["type"] != "object" {
            return Err("an answer's type must be a struct".to_owned());
        }
        keywords::refuse_unknown(&schema)?;
        Ok(Self(schema))
    }

    pub(crate) fn json(&self) -> &Value {
        &self.0
    }

    /// Whether `value` follows the schema.
    ///
    /// # Errors
    /// The first thing that is wrong, as `path: what`.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        check::follows(&self.0, value).map_err(|fault| fault.to_string())
    }
}

#[cfg(test)]
mod tests;
