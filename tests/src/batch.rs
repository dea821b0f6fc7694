//! A batch played on the engine in virtual time: the real agents, platform functions and Express
//! workflows over a store with the sample in it.

use std::sync::Arc;

use baton_app::{App, ExecutionEnd, LoggedNotices, Ports, StartBatch};
use baton_domain::log::LogEntry;
use baton_domain::run::{Run, RunState, Workflow};
use baton_embedded::{Agents, Integrations, Platform};
use baton_engine::bench::{Plan, Scene};
use baton_engine::{Finished, Outcome, TaskExecutor};
use serde_json::{Value, json};

use crate::people::{Desk, Starts, StoppedClock, tenant};
use crate::workflow::{World, plan};

/// A world with one queued batch in it.
pub struct BatchWorld {
    /// The use cases.
    pub app: Arc<App>,
    /// The run of the batch.
    pub run: Run,
    executor: Arc<dyn TaskExecutor>,
}

impl BatchWorld {
    /// A world in which these are asked of the sample shop.
    pub async fn of(request_type: &str, requests: Value) -> Self {
        let world = World::of(Workflow::Batch).await;
        let items = Arc::clone(&world.items);
        let starts = Arc::new(Starts::default());
        let app = Arc::new(App::new(Ports {
            items: Arc::clone(&items) as _,
            workflows: Arc::clone(&starts) as _,
            clock: Arc::<StoppedClock>::default() as _,
            callbacks: Arc::<Desk>::default() as _,
            notices: Arc::new(LoggedNotices),
        }));
        let platform = Platform::default();
        platform.is(&app);
        let integrations = Integrations::new(Agents::all(), items, Arc::clone(&world.alerts) as _);
        let wanted = json!({"type": request_type, "requests": requests});
        let wanted: StartBatch = serde_json::from_value(wanted).expect("a batch");
        let requests = wanted.checked().expect("sound requests");
        let started = app.start_batch(&tenant(), &requests, None).await;
        started.expect("a batch starts");
        Self {
            app,
            run: starts.last().expect("its workflow was started"),
            executor: Arc::new(integrations.with_platform(platform)),
        }
    }

    /// The workflow with the run's input.
    pub fn plan(&self) -> Plan {
        plan(Workflow::Batch, self.run.input.clone())
    }

    /// Writes down how the batch ended, as who watches executions does.
    pub async fn ended(&self, finished: &Finished) -> RunState {
        let (end, error, cause) = match &finished.outcome {
            Outcome::Succeeded { output } => (ExecutionEnd::with_output(output), None, None),
            Outcome::Failed { error, cause } => {
                (ExecutionEnd::Failed, error.as_deref(), cause.as_deref())
            }
            Outcome::TimedOut => (ExecutionEnd::TimedOut, None, None),
            Outcome::Aborted { .. } => (ExecutionEnd::Aborted, None, None),
        };
        let (tenant, name) = (tenant(), self.run.execution_name());
        let ended = self.app.end_of_execution(&tenant, &name, end, error, cause);
        let state = ended.await.expect("the end can be written");
        assert!(state.status.is_over(), "{:?}", state.status);
        state
    }

    /// Every answer that was kept, in the order of the requests.
    pub async fn answers(&self, state: &RunState) -> Vec<Value> {
        let (tenant, mut answers) = (tenant(), Vec::new());
        for name in state.artifacts.keys() {
            let loaded = self.app.load_artifact(&tenant, state.run_id, name, None);
            let (_, mut content) = loaded.await.expect("it is kept");
            let kept = content["answers"].take();
            answers.extend(kept.as_array().cloned().expect("a list"));
        }
        answers.sort_by_key(|answer| answer["index"].as_u64());
        answers
    }

    /// The log, newest first.
    pub async fn log(&self) -> Vec<LogEntry> {
        let page = self.app.list_log(&tenant(), None, None, 100).await;
        page.expect("the log can be read").entries
    }
}

impl Scene for BatchWorld {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        Arc::clone(&self.executor)
    }
}
