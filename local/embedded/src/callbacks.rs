//! [`Callbacks`] to executions of this process.

use async_trait::async_trait;
use baton_domain::approval::ApprovalOutcome;
use baton_domain::ports::{Callbacks, Told, WorkflowError};

use crate::executions::{ExecutionError, Executions};

#[async_trait]
impl Callbacks for Executions {
    async fn succeed(&self, token: &str, outcome: &ApprovalOutcome) -> Result<Told, WorkflowError> {
        let output = serde_json::to_value(outcome)
            .map_err(|error| WorkflowError::Unavailable(error.to_string()))?;
        match self.send_task_success(token, output).await {
            Ok(()) => Ok(Told::Yes),
            Err(ExecutionError::TaskTimedOut) => Ok(Told::NobodyWaits),
            Err(error) => Err(WorkflowError::Unavailable(error.to_string())),
        }
    }
}
