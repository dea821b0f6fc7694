//! Tasks that are about executions: starting one from another, completing a task by its token.

use std::sync::Arc;

use async_trait::async_trait;
use baton_domain::run::Workflow;
use baton_engine::{JournalError, Outcome, Task, TaskError, TaskExecutor};
use serde_json::{Value, json};

use super::{ExecutionError, Executions, Start, Summary};
use crate::definition;

/// Does what concerns executions itself, and leaves other tasks to the executor behind it.
pub(super) struct Nested {
    pub(super) executions: Executions,
    /// The execution whose tasks these are.
    pub(super) name: String,
    pub(super) rest: Arc<dyn TaskExecutor>,
}

#[async_trait]
impl TaskExecutor for Nested {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let resource = task.resource.strip_prefix("arn:aws:states:::");
        let arguments = Arc::clone(&task.arguments);
        match resource.unwrap_or_default() {
            "states:startExecution" => self.start(&task).await.map(|(_, answer)| answer),
            "states:startExecution.sync" => self.run(&task, false).await,
            "states:startExecution.sync:2" => self.run(&task, true).await,
            "aws-sdk:sfn:sendTaskSuccess" => self.succeed(&arguments).await,
            "aws-sdk:sfn:sendTaskFailure" => self.fail(&arguments).await,
            "aws-sdk:sfn:sendTaskHeartbeat" => {
                let token = text(&arguments, "TaskToken")?;
                let sent = self.executions.send_task_heartbeat(token).await;
                sent.map(|()| json!({})).map_err(|error| sfn(&error))
            }
            _ => self.rest.execute(task).await,
        }
    }
}

impl Nested {
    /// Starts an execution. Its name comes from the task, so that a task that is done again
    /// after a crash finds the execution that it started.
    async fn start(&self, task: &Task) -> Result<(String, Value), TaskError> {
        let arn = text(&task.arguments, "StateMachineArn")?;
        let machine = arn.rsplit(':').next().unwrap_or_default();
        let known = Workflow::ALL
            .into_iter()
            .find(|workflow| workflow.name() == machine);
        let missing = || {
            let cause = format!("State Machine Does Not Exist: '{arn}'");
            TaskError::new("StepFunctions.StateMachineDoesNotExistException", cause)
        };
        let workflow = known.ok_or_else(missing)?;
        let own = format!("{}-task-{}", self.name, task.id.0);
        let given = task.arguments["Name"].as_str();
        let name = given.unwrap_or(&own).to_owned();
        let start = Start {
            machine: machine.to_owned(),
            definition: definition(workflow),
            name: name.clone(),
            input: task
                .arguments
                .get("Input")
                .cloned()
                .unwrap_or_else(|| json!({})),
        };
        let started = match given {
            Some(_) => self.executions.start(start).await,
            None => self.executions.begin(start).await,
        };
        match started {
            Err(ExecutionError::AlreadyExists(taken)) if taken == own => {}
            started => started.map_err(|error| step_functions(&error))?,
        }
        let summary = self.executions.describe(&name).await;
        let summary = summary.map_err(|error| step_functions(&error))?;
        let answer = json!({"ExecutionArn": arn_of(&summary), "StartDate": summary.started});
        Ok((name, answer))
    }

    /// Starts an execution and waits for its end; its output is JSON or its text.
    async fn run(&self, task: &Task, as_json: bool) -> Result<Value, TaskError> {
        let (name, _) = self.start(task).await?;
        let ended = self.executions.wait(&name).await;
        let outcome = ended.map_err(|error| step_functions(&error))?;
        let summary = self.executions.describe(&name).await;
        let summary = summary.map_err(|error| step_functions(&error))?;
        let answer = described(&summary, &outcome, &task.arguments["Input"], as_json);
        match outcome {
            Outcome::Succeeded { .. } => Ok(answer),
            _ => Err(TaskError::new("States.TaskFailed", answer.to_string())),
        }
    }

    async fn succeed(&self, arguments: &Value) -> Result<Value, TaskError> {
        let token = text(arguments, "TaskToken")?;
        // The API takes text; JSONata may hand over what the text would say.
        let output = match &arguments["Output"] {
            Value::String(text) => serde_json::from_str(text)
                .map_err(|error| TaskError::new("Sfn.InvalidOutputException", error.to_string()))?,
            output => output.clone(),
        };
        let sent = self.executions.send_task_success(token, output).await;
        sent.map(|()| json!({})).map_err(|error| sfn(&error))
    }

    async fn fail(&self, arguments: &Value) -> Result<Value, TaskError> {
        let token = text(arguments, "TaskToken")?;
        let part = |name: &str| arguments[name].as_str().unwrap_or_default().to_owned();
        let error = TaskError::new(part("Error"), part("Cause"));
        let sent = self.executions.send_task_failure(token, error).await;
        sent.map(|()| json!({})).map_err(|error| sfn(&error))
    }
}

fn described(summary: &Summary, outcome: &Outcome, input: &Value, as_json: bool) -> Value {
    let shown = |value: &Value| {
        if as_json {
            value.clone()
        } else {
            value.to_string().into()
        }
    };
    json!({
        "ExecutionArn": arn_of(summary),
        "Name": summary.name,
        "StateMachineArn": format!("arn:aws:states:local:000000000000:stateMachine:{}", summary.machine),
        "Status": summary.status.name(),
        "StartDate": summary.started,
        "StopDate": summary.stopped,
        "Input": shown(input),
        "Output": outcome.output().map(shown),
        "Error": outcome.error(),
        "Cause": outcome.cause(),
    })
}

fn arn_of(summary: &Summary) -> String {
    let Summary { machine, name, .. } = summary;
    format!("arn:aws:states:local:000000000000:execution:{machine}:{name}")
}

fn text<'a>(arguments: &'a Value, name: &str) -> Result<&'a str, TaskError> {
    let missing = || TaskError::new("States.Runtime", format!("the argument {name} is missing"));
    arguments[name].as_str().ok_or_else(missing)
}

fn step_functions(error: &ExecutionError) -> TaskError {
    TaskError::new(
        format!("StepFunctions.{}", exception(error)),
        error.to_string(),
    )
}

fn sfn(error: &ExecutionError) -> TaskError {
    TaskError::new(format!("Sfn.{}", exception(error)), error.to_string())
}

fn exception(error: &ExecutionError) -> &'static str {
    match error {
        ExecutionError::DoesNotExist(_) => "ExecutionDoesNotExistException",
        ExecutionError::AlreadyExists(_) => "ExecutionAlreadyExistsException",
        ExecutionError::InvalidName(..) => "InvalidNameException",
        ExecutionError::InvalidDefinition(_) => "InvalidDefinitionException",
        ExecutionError::TaskTimedOut => "TaskTimedOutException",
        ExecutionError::NotRedrivable(..) => "ExecutionNotRedrivableException",
        ExecutionError::NeverEntered(..) => "ValidationException",
        ExecutionError::Journal(JournalError::Unavailable(_) | JournalError::Conflict(_)) => {
            "SfnException"
        }
    }
}
