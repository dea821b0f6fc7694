//! [`Callbacks`] to executions of this process.

use async_trait::async_trait;
use baton_domain::ports::{Callbacks, Told, WorkflowError};
use serde_json::Value;

use crate::executions::{ExecutionError, Executions};

#[async_trait]
impl Callbacks for Executions {
    async fn succeed(&self, token: &str, output: &Value) -> Result<Told, WorkflowError> {
        match self.send_task_success(token, output.clone()).await {
            Ok(()) => Ok(Told::Yes),
            Err(ExecutionError::TaskTimedOut) => Ok(Told::NobodyWaits),
            Err(error) => Err(WorkflowError::Unavailable(error.to_string())),
        }
    }
}
