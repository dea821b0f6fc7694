//! What was fitted before, read from a file and kept in one: the JSON that `PUT /models/{result}`
//! takes.

use std::path::Path;

use baton_lifetime::{Parameters, basis};
use lead_scoring::Model;
use serde_json::Value;

use crate::failure::Failure;
use crate::play::read;
use crate::whole;

/// What was fitted.
#[derive(Clone)]
pub(super) enum Fitted {
    /// To customers: orders, spend or contracts.
    Customers(Parameters),
    /// To leads.
    Leads(Box<Model>),
}

impl Fitted {
    /// Reads and checks a file.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let wrong = |message: String| {
            let message = format!("--fitted: {}: {message}", path.display());
            Failure::wrong(&message)
        };
        let text = read(path)?;
        let found: Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        if found.get("features").is_some() {
            let model: Model = serde_json::from_value(found).map_err(|e| wrong(e.to_string()))?;
            model.validate().map_err(|e| wrong(e.to_string()))?;
            return Ok(Self::Leads(Box::new(model)));
        }
        let parameters: Parameters =
            serde_json::from_value(found).map_err(|e| wrong(e.to_string()))?;
        basis::check_parameters(Some(&parameters)).map_err(|e| wrong(e.to_string()))?;
        Ok(Self::Customers(parameters))
    }

    /// Keeps it in a file, as a whole.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = match self {
            Self::Customers(parameters) => serde_json::to_string_pretty(parameters),
            Self::Leads(model) => serde_json::to_string_pretty(model),
        };
        let text = text.map_err(|error| Failure::failed(&error))?;
        whole::write(path, &format!("{text}\n"))
    }

    /// What it was fitted to, for messages.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Customers(parameters) if parameters.sbg.is_some() => "contracts",
            Self::Customers(_) => "orders",
            Self::Leads(_) => "leads",
        }
    }
}
