//! Workflows on the engine, in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use baton_domain::ports::{Clock, WorkflowError, Workflows};
use baton_domain::run::{Run, Workflow};
use baton_engine::{Machine, Outcome, RunOptions, TaskExecutor, WorkflowKind};
use serde_json::Value;

use crate::executions::{ExecutionError, Executions, Start};
use crate::{definition, kind};

/// Runs workflows on the engine. A definition is parsed when it is first run, and once.
///
/// Standard workflows are kept and resumed; Express ones are in memory and run at most once,
/// as on AWS.
pub struct EmbeddedWorkflows {
    executor: Arc<dyn TaskExecutor>,
    executions: Executions,
    clock: Arc<dyn Clock>,
    machines: Mutex<HashMap<Workflow, Arc<Machine>>>,
}

impl EmbeddedWorkflows {
    /// Workflows whose tasks `executor` does.
    pub fn new(
        executor: Arc<dyn TaskExecutor>,
        executions: Executions,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            executor,
            executions,
            clock,
            machines: Mutex::default(),
        }
    }

    fn machine(&self, workflow: Workflow) -> Result<Arc<Machine>, WorkflowError> {
        let mut machines = self.machines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(machine) = machines.get(&workflow) {
            return Ok(Arc::clone(machine));
        }
        let machine = Machine::parse(&definition(workflow)).map_err(|problems| {
            let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
            WorkflowError::Failed {
                error: "States.Runtime".to_owned(),
                cause: format!("{} is not sound: {}", workflow.name(), problems.join("; ")),
            }
        })?;
        let machine = Arc::new(machine);
        machines.insert(workflow, Arc::clone(&machine));
        Ok(machine)
    }

    fn options(&self, run: &Run) -> RunOptions {
        let mut options = RunOptions::new(&run.execution_name(), Arc::clone(&self.executor));
        run.workflow
            .name()
            .clone_into(&mut options.info.machine_name);
        options.info.kind = WorkflowKind::Express;
        // The lower half is enough: the seed only spreads retries and random functions.
        options.info.seed = self.clock.entropy() as u64;
        options
    }
}

impl EmbeddedWorkflows {
    /// Starts a Standard execution, or finds it at work.
    async fn begin(&self, run: &Run) -> Result<(), ExecutionError> {
        let start = Start {
            machine: run.workflow.name().to_owned(),
            definition: definition(run.workflow),
            name: run.execution_name(),
            input: run.input.clone(),
        };
        self.executions.start(start).await
    }

    /// The same, and waits for its end.
    async fn execute(&self, run: &Run) -> Result<Outcome, ExecutionError> {
        self.begin(run).await?;
        self.executions.wait(&run.execution_name()).await
    }
}

fn unavailable(error: &ExecutionError) -> WorkflowError {
    WorkflowError::Unavailable(error.to_string())
}

#[async_trait]
impl Workflows for EmbeddedWorkflows {
    async fn run(&self, run: &Run) -> Result<Value, WorkflowError> {
        let outcome = match kind(run.workflow) {
            WorkflowKind::Express => {
                let machine = self.machine(run.workflow)?;
                let options = self.options(run);
                let finished = baton_engine::run(machine, run.input.clone(), options).await;
                finished.outcome
            }
            WorkflowKind::Standard => {
                let ended = self.execute(run).await;
                ended.map_err(|error| unavailable(&error))?
            }
        };
        match outcome {
            Outcome::Succeeded { output } => Ok(output),
            Outcome::Failed { error, cause } => Err(WorkflowError::Failed {
                error: error.unwrap_or_default(),
                cause: cause.unwrap_or_default(),
            }),
            Outcome::TimedOut => Err(WorkflowError::TimedOut),
            Outcome::Aborted { .. } => Err(WorkflowError::Unavailable(
                "the execution was aborted".to_owned(),
            )),
        }
    }

    async fn start(&self, run: &Run) -> Result<(), WorkflowError> {
        match self.begin(run).await {
            // It was started before, and is over.
            Ok(()) | Err(ExecutionError::AlreadyExists(_)) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn stop(&self, run: &Run, cause: &str) -> Result<(), WorkflowError> {
        let (error, cause) = (Some("Cancelled".to_owned()), Some(cause.to_owned()));
        let name = run.execution_name();
        match self.executions.stop(&name, error, cause).await {
            Ok(()) | Err(ExecutionError::DoesNotExist(_)) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }
}
