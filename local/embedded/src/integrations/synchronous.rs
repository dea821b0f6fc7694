//! Express executions that a task starts and waits for, as `StartSyncExecution` answers of them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use baton_domain::Timestamp;
use baton_domain::run::Workflow;
use baton_engine::{Machine, Outcome, RunOptions, TaskError, TaskExecutor, WorkflowKind};
use serde_json::{Value, json};

use crate::{definition, kind};

/// The checked machines, which are the same for everybody.
static MACHINES: LazyLock<Mutex<HashMap<Workflow, Arc<Machine>>>> = LazyLock::new(Mutex::default);

/// Runs an Express workflow to its end. That it fails is in the answer, and no failure of the task.
pub(super) async fn start(
    executor: Arc<dyn TaskExecutor>,
    arguments: &Value,
) -> Result<Value, TaskError> {
    let arn = super::text(arguments, "StateMachineArn")?;
    let named = arn.rsplit(':').next().unwrap_or_default();
    let known = Workflow::ALL
        .into_iter()
        .find(|known| known.name() == named);
    let workflow = known.ok_or_else(|| {
        let cause = format!("State Machine Does Not Exist: '{arn}'");
        TaskError::new("Sfn.StateMachineDoesNotExistException", cause)
    })?;
    if kind(workflow) != WorkflowKind::Express {
        let cause = format!("{named} is not an Express workflow");
        let name = "Sfn.StateMachineTypeNotSupportedException";
        return Err(TaskError::new(name, cause));
    }
    let text = arguments["Input"].as_str().unwrap_or("{}");
    let input: Value = serde_json::from_str(text)
        .map_err(|error| TaskError::new("Sfn.InvalidExecutionInputException", error.to_string()))?;
    // Names of Express executions need not differ.
    let name = arguments["Name"].as_str().unwrap_or("synchronous");
    let mut options = RunOptions::new(name, executor);
    workflow.name().clone_into(&mut options.info.machine_name);
    options.info.kind = WorkflowKind::Express;
    let started = Timestamp::now();
    let finished = baton_engine::run(machine(workflow)?, input, options).await;
    Ok(described(workflow, name, started, &finished.outcome))
}

fn machine(workflow: Workflow) -> Result<Arc<Machine>, TaskError> {
    let mut machines = MACHINES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(machine) = machines.get(&workflow) {
        return Ok(Arc::clone(machine));
    }
    let machine = Machine::parse(&definition(workflow)).map_err(|problems| {
        let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        TaskError::new("Sfn.SfnException", problems.join("; "))
    })?;
    let machine = Arc::new(machine);
    machines.insert(workflow, Arc::clone(&machine));
    Ok(machine)
}

fn described(workflow: Workflow, name: &str, started: Timestamp, outcome: &Outcome) -> Value {
    let (machine, account) = (workflow.name(), "arn:aws:states:local:000000000000");
    let mut answer = json!({
        "ExecutionArn": format!("{account}:express:{machine}:{name}"),
        "Name": name,
        "StateMachineArn": format!("{account}:stateMachine:{machine}"),
        "StartDate": started,
        "StopDate": Timestamp::now(),
        "Status": match outcome {
            Outcome::Succeeded { .. } => "SUCCEEDED",
            Outcome::Failed { .. } | Outcome::Aborted { .. } => "FAILED",
            Outcome::TimedOut => "TIMED_OUT",
        },
    });
    if let Some(output) = outcome.output() {
        answer["Output"] = output.to_string().into();
    }
    // What is not there is left out, as AWS does.
    for (field, text) in [("Error", outcome.error()), ("Cause", outcome.cause())] {
        if let Some(text) = text {
            answer[field] = text.into();
        }
    }
    answer
}
