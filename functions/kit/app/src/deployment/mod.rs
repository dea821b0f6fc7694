//! The platform function `email-pilot`: what a campaign reads from EmailPilot, and every mail that it
//! brings there.
//!
//! - `collect`: the brand and what it sent before.
//! - `plan`: who gets what and when, as the artifact `deployment-plan`.
//! - `create`, `test`, `schedule`, `cancel`: one mail each.

mod collect;
mod mails;
mod plan;

use std::sync::Arc;

use baton_domain::email_pilot::{EmailPilot, PartnerError};
use serde_json::Value;

use crate::function::Operation;
use crate::{App, FunctionError};

impl App {
    /// Does one operation of the function.
    ///
    /// # Errors
    /// One of [`FunctionError::CODES`] or of [`PartnerError::CODES`].
    pub async fn email_pilot(&self, payload: Value) -> Result<Value, FunctionError> {
        let operation = Operation::of(payload)?;
        match operation.op.as_str() {
            "collect" => self.collect(&operation.fields()?).await,
            "plan" => self.plan_deployment(&operation.fields()?).await,
            "create" => self.create_mail(&operation.fields()?).await,
            "test" => self.test_mail(&operation.fields()?).await,
            "schedule" => self.schedule_mail(&operation.fields()?).await,
            "cancel" => self.cancel_mail(&operation.fields()?).await,
            _ => {
                Err(operation.unknown("`collect`, `plan`, `create`, `test`, `schedule`, `cancel`"))
            }
        }
    }

    pub(crate) fn wired_email_pilot(&self) -> Result<Arc<dyn EmailPilot>, FunctionError> {
        self.email_pilot.clone().ok_or_else(|| {
            let message = "no EmailPilot is configured: set EMAILPILOT_BASE_URL";
            FunctionError::new(PartnerError::UNAVAILABLE, message)
        })
    }
}

impl From<PartnerError> for FunctionError {
    fn from(error: PartnerError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

#[cfg(test)]
mod tests;
