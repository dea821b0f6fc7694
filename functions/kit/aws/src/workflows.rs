//! [`Workflows`] on Step Functions: Express executions, answered when they end, and Standard ones,
//! started and stopped.

use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_sfn::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sfn::error::{BoxError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_sdk_sfn::operation::start_sync_execution::{
    StartSyncExecutionError, StartSyncExecutionOutput,
};
use aws_sdk_sfn::operation::stop_execution::StopExecutionError;
use aws_sdk_sfn::types::SyncExecutionStatus;
use baton_domain::ports::{WorkflowError, Workflows};
use baton_domain::run::Run;
use serde_json::Value;

use crate::config::MachineArns;
use crate::{Config, Connection};

/// The state machines of one stack.
#[derive(Debug, Clone)]
pub struct StepFunctionsWorkflows {
    client: Client,
    machines: MachineArns,
}

impl StepFunctionsWorkflows {
    /// The state machines that `config` names.
    pub fn new(connection: &Connection, config: &Config) -> Self {
        Self {
            client: connection.sfn(),
            machines: config.machines.clone(),
        }
    }
}

#[async_trait]
impl Workflows for StepFunctionsWorkflows {
    async fn run(&self, run: &Run) -> Result<Value, WorkflowError> {
        let start = self.client.start_sync_execution();
        let execution = start
            .state_machine_arn(self.machines.of(run.workflow)?)
            .name(run.execution_name())
            .input(run.input.to_string())
            .customize()
            .interceptor(NoPrefixOnPlainHttp)
            .send()
            .await
            .map_err(|error| unavailable(&error))?;
        ended(execution)
    }

    async fn start(&self, run: &Run) -> Result<(), WorkflowError> {
        let start = self.client.start_execution();
        let started = start
            .state_machine_arn(self.machines.of(run.workflow)?)
            .name(run.execution_name())
            .input(run.input.to_string())
            .send()
            .await;
        match started {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(StartExecutionError::is_execution_already_exists) =>
            {
                Ok(())
            }
            Err(error) => Err(WorkflowError::Unavailable(described(&error))),
        }
    }

    async fn stop(&self, run: &Run, cause: &str) -> Result<(), WorkflowError> {
        let machine = self.machines.of(run.workflow)?;
        let execution = machine.replace(":stateMachine:", ":execution:");
        let stop = self.client.stop_execution().error("Cancelled").cause(cause);
        let name = run.execution_name();
        match stop
            .execution_arn(format!("{execution}:{name}"))
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(StopExecutionError::is_execution_does_not_exist) =>
            {
                Ok(())
            }
            Err(error) => Err(WorkflowError::Unavailable(described(&error))),
        }
    }
}

fn ended(execution: StartSyncExecutionOutput) -> Result<Value, WorkflowError> {
    match execution.status {
        SyncExecutionStatus::Succeeded => {
            let output = execution.output.unwrap_or_default();
            serde_json::from_str(&output).map_err(|error| {
                WorkflowError::Unavailable(format!("its output is not JSON: {error}"))
            })
        }
        SyncExecutionStatus::TimedOut => Err(WorkflowError::TimedOut),
        _ => Err(WorkflowError::Failed {
            error: execution.error.unwrap_or_default(),
            cause: execution.cause.unwrap_or_default(),
        }),
    }
}

/// A call that ran out of time is the workflow's own lateness; anything else says nothing of it.
fn unavailable(error: &SdkError<StartSyncExecutionError>) -> WorkflowError {
    if matches!(error, SdkError::TimeoutError(_)) {
        return WorkflowError::TimedOut;
    }
    WorkflowError::Unavailable(described(error))
}

/// The service's code and message, or what stood in the way of asking it.
pub(crate) fn described<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.code() {
        Some(code) => format!("{code}: {}", error.message().unwrap_or("no message")),
        None => DisplayErrorContext(error).to_string(),
    }
}

/// The SDK puts `sync-` before the host of this operation. AWS has such a host; an emulator on
/// this machine has not, and is told by its scheme.
#[derive(Debug)]
struct NoPrefixOnPlainHttp;

impl Intercept for NoPrefixOnPlainHttp {
    fn name(&self) -> &'static str {
        "NoPrefixOnPlainHttp"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(rest) = request.uri().strip_prefix("http://sync-") {
            let uri = format!("http://{rest}");
            request.set_uri(uri)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sfn::primitives::DateTime;
    use serde_json::json;

    use super::*;

    fn execution(status: SyncExecutionStatus, output: Option<&str>) -> StartSyncExecutionOutput {
        StartSyncExecutionOutput::builder()
            .execution_arn("arn")
            .start_date(DateTime::from_secs(0))
            .stop_date(DateTime::from_secs(0))
            .status(status)
            .set_output(output.map(str::to_owned))
            .error("NoOffer")
            .cause("nothing fits")
            .build()
            .unwrap()
    }

    #[test]
    fn success_is_its_output() {
        let succeeded = execution(SyncExecutionStatus::Succeeded, Some(r#"{"a":1}"#));
        assert_eq!(ended(succeeded), Ok(json!({"a": 1})));
    }

    #[test]
    fn failure_keeps_its_name_and_cause() {
        let failed = WorkflowError::Failed {
            error: "NoOffer".into(),
            cause: "nothing fits".into(),
        };
        assert_eq!(
            ended(execution(SyncExecutionStatus::Failed, None)),
            Err(failed)
        );
        assert_eq!(
            ended(execution(SyncExecutionStatus::TimedOut, None)),
            Err(WorkflowError::TimedOut)
        );
    }

    #[test]
    fn an_output_that_is_not_json_says_so() {
        let odd = execution(SyncExecutionStatus::Succeeded, Some("{"));
        assert!(matches!(ended(odd), Err(WorkflowError::Unavailable(_))));
    }
}
