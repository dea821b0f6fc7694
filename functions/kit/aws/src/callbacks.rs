//! [`Callbacks`] on Step Functions.

use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::SdkError;
use aws_sdk_sfn::operation::send_task_success::SendTaskSuccessError;
use baton_domain::ports::{Callbacks, Told, WorkflowError};
use serde_json::Value;

use crate::Connection;
use crate::workflows::described;

/// Completes tasks that wait for a token.
#[derive(Debug, Clone)]
pub struct StepFunctionsCallbacks {
    client: Client,
}

impl StepFunctionsCallbacks {
    /// Callbacks to the executions of this account.
    pub fn new(connection: &Connection) -> Self {
        Self {
            client: connection.sfn(),
        }
    }
}

#[async_trait]
impl Callbacks for StepFunctionsCallbacks {
    async fn succeed(&self, token: &str, output: &Value) -> Result<Told, WorkflowError> {
        let send = self.client.send_task_success().task_token(token);
        match send.output(output.to_string()).send().await {
            Ok(_) => Ok(Told::Yes),
            Err(error) if is_over(&error) => Ok(Told::NobodyWaits),
            Err(error) if is_no_token(&error) => {
                tracing::error!(error = %described(&error), "a task's token is none");
                Ok(Told::NobodyWaits)
            }
            Err(error) => Err(WorkflowError::Unavailable(described(&error))),
        }
    }
}

/// `TaskTimedOut` means that the task ran out of time or was completed before.
fn is_over(error: &SdkError<SendTaskSuccessError>) -> bool {
    let error = error.as_service_error();
    error.is_some_and(|error| error.is_task_timed_out() || error.is_task_does_not_exist())
}

/// It never was a token, or its account is another: nobody will ever wait for it, and to try again
/// would be to try for ever.
fn is_no_token(error: &SdkError<SendTaskSuccessError>) -> bool {
    let error = error.as_service_error();
    error.is_some_and(SendTaskSuccessError::is_invalid_token)
}
